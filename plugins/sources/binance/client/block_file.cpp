// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/block_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <vector>

#include "plugins/sources/binance/client/classify.hpp"
#include "plugins/sources/binance/client/descriptor.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr std::string_view kMark = "bourse-binance-block";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kBytesMax = 512;
constexpr std::array<ErrorKind, 3> kKinds = {ErrorKind::kBanned, ErrorKind::kFirewall,
                                             ErrorKind::kGeoBlock};

/// "" when there is no such file, or it is not a small regular one.
std::string read_small(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  std::string text(kBytesMax + 1, '\0');
  const ssize_t size = ::read(file.get(), text.data(), text.size());
  if (size <= 0 || static_cast<std::size_t>(size) > kBytesMax) return {};
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

/// Of this process, so that two do not write into one.
std::string draft_of(const std::string& path) {
  return path + "." + std::to_string(::getpid()) + ".new";
}

/// False: errno says why.
bool write_all(int fd, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) errno = ENOSPC;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::optional<SavedBlock> BlockFile::load(Time now) const {
  const std::string text = read_small(path_);
  if (text.empty() || text.back() != '\n') return std::nullopt;
  const auto words = words_of(std::string_view(text).substr(0, text.size() - 1));
  if (words.size() != 5 || words[0] != kMark || words[1] != kVersion || words[2] != host_) {
    return std::nullopt;
  }
  std::int64_t ms = 0;
  const char* const end = words[4].data() + words[4].size();
  const auto [read, error] = std::from_chars(words[4].data(), end, ms);
  if (error != std::errc{} || read != end) return std::nullopt;
  const auto ahead_max = std::chrono::duration_cast<std::chrono::milliseconds>(kPauseMax).count();
  if (ms <= to_ms(now) || ms > to_ms(now) + ahead_max) return std::nullopt;
  for (const ErrorKind kind : kKinds) {
    if (words[3] == name_of(kind)) return SavedBlock{.kind = kind, .until = from_ms(ms)};
  }
  return std::nullopt;
}

std::error_code BlockFile::write_draft(const std::string& draft, const SavedBlock& block) const {
  std::string line;
  line.append(kMark).append(" ").append(kVersion).append(" ").append(host_).append(" ");
  line.append(name_of(block.kind)).append(" ").append(std::to_string(to_ms(block.until)));
  line.append("\n");
  static_cast<void>(::unlink(draft.c_str()));  // of a process of that number that was killed
  const Descriptor file(
      ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return last_error();
  if (!write_all(file.get(), line) || ::fsync(file.get()) != 0) return last_error();
  return {};
}

std::error_code BlockFile::save(const SavedBlock& block) const {
  const std::string draft = draft_of(path_);
  std::error_code error = write_draft(draft, block);
  if (!error && std::rename(draft.c_str(), path_.c_str()) != 0) error = last_error();
  if (error) static_cast<void>(::unlink(draft.c_str()));
  return error;
}

std::error_code BlockFile::try_out() const {
  struct stat status {};
  if (::lstat(path_.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
    return std::make_error_code(std::errc::is_a_directory);  // the draft would not take its name
  }
  const std::string draft = draft_of(path_);
  const std::error_code error =
      write_draft(draft, {.kind = ErrorKind::kBanned, .until = from_ms(0)});
  static_cast<void>(::unlink(draft.c_str()));
  return error;
}

}  // namespace bourse::binance
