// SPDX-License-Identifier: MIT
#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <numeric>

#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

constexpr std::size_t kColumns = 12;
constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kChunk = std::size_t{1} << 20;

/// A file's lines, without their ends. Reads in chunks: a mapped file that shrinks would crash us.
class Lines {
 public:
  Lines(const std::filesystem::path& file, std::uintmax_t bytes_max)
      : file_(file), stream_(file, std::ios::binary), left_(bytes_max) {
    if (!stream_) throw bad_file(file, 0, std::string("cannot be opened: ") + std::strerror(errno));
    buffer_.resize(kChunk + kLineMax);
  }

  /// The next line, valid until the next call; nullopt at the end.
  std::optional<std::string_view> next() {
    while (true) {
      const char* const begin = buffer_.data() + begin_;
      if (const void* end = std::memchr(begin, '\n', end_ - begin_)) {
        const auto length = static_cast<std::size_t>(static_cast<const char*>(end) - begin);
        begin_ += length + 1;
        return line(begin, length);
      }
      if (end_ - begin_ > kLineMax) throw_too_long();
      if (!fill()) break;
    }
    if (begin_ == end_) return std::nullopt;
    const std::size_t first = std::exchange(begin_, end_);
    return line(buffer_.data() + first, end_ - first);
  }
  [[nodiscard]] std::size_t number() const noexcept { return number_; }
  [[noreturn]] void fail(const std::string& reason) const {
    throw bad_file(file_, number_, reason);
  }

 private:
  std::string_view line(const char* begin, std::size_t length) {
    if (length > kLineMax) throw_too_long();
    ++number_;
    std::string_view text(begin, length);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (number_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return text;
  }
  bool fill() {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    stream_.read(buffer_.data() + end_, kChunk);
    const auto got = static_cast<std::size_t>(stream_.gcount());
    if (stream_.bad()) throw bad_file(file_, 0, "cannot be read");
    if (got > left_) throw bad_file(file_, 0, "grew beyond the limit while it was read");
    left_ -= got;
    end_ += got;
    return got > 0;
  }
  [[noreturn]] void throw_too_long() const {
    throw bad_file(file_, number_ + 1, "the line is longer than 4096 bytes");
  }

  std::filesystem::path file_;
  std::ifstream stream_;
  std::uintmax_t left_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0, number_ = 0;
};

struct Row {
  std::int64_t open_time, close_time, trades;
  Decimal open, high, low, close, volume, quote_volume, taker_base_volume, taker_quote_volume;
};

class RowParser {
 public:
  explicit RowParser(const Lines& lines) : lines_(lines) {}

  Row parse(std::string_view line) {
    split(line);
    Row row;
    row.open_time = time(0, "open time");
    row.open = decimal(1, "open");
    row.high = decimal(2, "high");
    row.low = decimal(3, "low");
    row.close = decimal(4, "close");
    row.volume = decimal(5, "volume");
    row.close_time = time(6, "close time");
    row.quote_volume = decimal(7, "quote volume");
    row.trades = count(8, "number of trades");
    row.taker_base_volume = decimal(9, "taker buy volume");
    row.taker_quote_volume = decimal(10, "taker buy quote volume");
    check(row);
    return row;
  }

 private:
  void split(std::string_view line) {
    std::size_t n = 0;
    for (;; ++n) {
      const std::size_t comma = line.find(',');
      if (n < kColumns) columns_[n] = line.substr(0, comma);
      if (comma == std::string_view::npos) break;
      line.remove_prefix(comma + 1);
    }
    if (n + 1 != kColumns) {
      lines_.fail(
          "has " + std::to_string(n + 1) +
          " columns; a candle has 12 (open time, open, high, low, close, volume, close time, "
          "quote volume, trades, taker buy volume, taker buy quote volume, unused)");
    }
  }
  [[noreturn]] void refuse(std::size_t column, const char* name, const std::string& wanted) const {
    lines_.fail(std::string(name) + " (column " + std::to_string(column + 1) + ") is " +
                detail::quoted(columns_[column]) + "; " + wanted);
  }
  [[nodiscard]] std::int64_t count(std::size_t column, const char* name) const {
    const std::string_view text = columns_[column];
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
      refuse(column, name, "expected a whole number");
    }
    return value;
  }
  /// The number of digits tells the unit, as the exchange changed it in 2025.
  [[nodiscard]] std::int64_t time(std::size_t column, const char* name) const {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    const std::size_t digits = columns_[column].size();
    const std::int64_t unit = digits == 13 ? 1'000'000 : digits == 16 ? 1'000 : 0;
    const std::int64_t value = unit == 0 ? -1 : count(column, name);
    if (unit == 0 || value > kMax / unit) {
      refuse(column, name,
             "expected milliseconds (13 digits) or microseconds (16 digits) since 1970");
    }
    return value * unit;
  }
  [[nodiscard]] Decimal decimal(std::size_t column, const char* name) const {
    const auto value = Decimal::parse(columns_[column]);
    if (!value || value->sign() < 0) {
      refuse(column, name, "expected a decimal number that is not negative, of at most 38 digits");
    }
    return *value;
  }
  void check(const Row& r) const {
    if (r.high < r.low || r.high < r.open || r.high < r.close || r.low > r.open ||
        r.low > r.close) {
      lines_.fail("the prices contradict each other: open " + r.open.text() + ", high " +
                  r.high.text() + ", low " + r.low.text() + ", close " + r.close.text() +
                  "; expected low <= open, close <= high");
    }
    if (r.close_time < r.open_time) lines_.fail("the close time is before the open time");
  }

  const Lines& lines_;
  std::array<std::string_view, kColumns> columns_;
};

void append(Series& s, const Row& row) {
  s.open.push(row.open);
  s.high.push(row.high);
  s.low.push(row.low);
  s.close.push(row.close);
  s.volume.push(row.volume);
  s.quote_volume.push(row.quote_volume);
  s.taker_base_volume.push(row.taker_base_volume);
  s.taker_quote_volume.push(row.taker_quote_volume);
  s.open_time.push_back(row.open_time);
  s.close_time.push_back(row.close_time);
  s.trades.push_back(row.trades);
}

bool is_header(std::string_view line) {
  return !line.empty() &&
         ((line[0] >= 'a' && line[0] <= 'z') || (line[0] >= 'A' && line[0] <= 'Z'));
}

bool equal_rows(Series& s, std::size_t a, std::size_t b) {
  if (s.close_time[a] != s.close_time[b] || s.trades[a] != s.trades[b]) return false;
  for (const Decimals* column : s.decimals()) {
    if ((*column)[a] != (*column)[b]) return false;
  }
  return true;
}

void pick(std::vector<std::int64_t>& column, const std::vector<std::size_t>& rows) {
  std::vector<std::int64_t> kept;
  kept.reserve(rows.size());
  for (const std::size_t row : rows) kept.push_back(column[row]);
  column = std::move(kept);
}

}  // namespace

void read_candles(const std::filesystem::path& file, std::uintmax_t bytes_max, Series& series) {
  Lines lines(file, bytes_max);
  RowParser parser(lines);
  bool blank = false;
  while (const auto line = lines.next()) {
    if (line->empty()) {
      blank = true;
      continue;
    }
    if (blank) lines.fail("stands after an empty line; empty lines may only end a file");
    if (lines.number() == 1 && is_header(*line)) continue;
    try {
      append(series, parser.parse(*line));
    } catch (const DecimalError& e) {
      lines.fail(e.what());
    }
  }
}

void tidy(Series& s, std::optional<Time> now) {
  std::vector<std::size_t> order(s.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto earlier = [&](std::size_t a, std::size_t b) {
    return s.open_time[a] < s.open_time[b];
  };
  if (!std::is_sorted(order.begin(), order.end(), earlier)) {
    std::stable_sort(order.begin(), order.end(), earlier);
  }
  std::vector<std::size_t> kept;
  kept.reserve(order.size());
  for (const std::size_t row : order) {
    if (now && s.close_time[row] >= now->ns) continue;
    if (kept.empty() || s.open_time[kept.back()] != s.open_time[row]) {
      kept.push_back(row);
      continue;
    }
    if (!equal_rows(s, kept.back(), row) &&
        (s.conflicts.empty() || s.conflicts.back() != s.open_time[row])) {
      s.conflicts.push_back(s.open_time[row]);
    }
    kept.back() = row;
  }
  if (kept.size() == s.size() && std::is_sorted(kept.begin(), kept.end())) return;
  pick(s.open_time, kept);
  pick(s.close_time, kept);
  pick(s.trades, kept);
  for (Decimals* column : s.decimals()) column->pick(kept);
}

}  // namespace bourse::replay
