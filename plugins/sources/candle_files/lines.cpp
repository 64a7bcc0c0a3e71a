// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/lines.hpp"

#include <cstring>
#include <utility>

namespace bourse::candle_files {
namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kChunk = std::size_t{1} << 20;

bool is_name_start(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

Lines::Lines(const SourceFile& file) : bytes_(Bytes::open(file.path, file.limits)) {
  buffer_.resize(kChunk + kLineMax);
}

std::optional<Line> Lines::next() {
  bool too_long = false;
  while (true) {
    const char* const begin = buffer_.data() + begin_;
    if (const void* end = std::memchr(begin, '\n', end_ - begin_)) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(end) - begin);
      begin_ += length + 1;
      return line(begin, length, too_long);
    }
    if (end_ - begin_ > kLineMax) {  // its end may be gigabytes away: nothing of it is kept
      too_long = true;
      begin_ = end_;
    }
    if (!fill()) break;
  }
  if (begin_ == end_ && !too_long) return std::nullopt;
  const std::size_t first = std::exchange(begin_, end_);
  return line(buffer_.data() + first, end_ - first, too_long);
}

Line Lines::line(const char* begin, std::size_t length, bool too_long) {
  ++number_;
  if (too_long || length > kLineMax) return {{}, true};
  std::string_view text(begin, length);
  if (text.ends_with('\r')) text.remove_suffix(1);
  // Where files were joined, a byte order mark stands in the middle.
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return {text, false};
}

bool Lines::fill() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  const std::size_t got = bytes_->read(buffer_.data() + end_, kChunk);
  end_ += got;
  return got > 0;
}

std::size_t split(std::string_view line, std::span<std::string_view> columns) noexcept {
  for (std::size_t n = 0;; ++n) {
    const std::size_t comma = line.find(',');
    if (n < columns.size()) columns[n] = line.substr(0, comma);
    if (comma == std::string_view::npos) return n + 1;
    line.remove_prefix(comma + 1);
  }
}

bool is_header(std::string_view line, std::size_t wanted) noexcept {
  for (std::size_t columns = 1; !line.empty() && is_name_start(line.front()); ++columns) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) return columns + 1 >= wanted;
    line.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace bourse::candle_files
