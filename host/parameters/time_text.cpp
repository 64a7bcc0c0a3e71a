// SPDX-License-Identifier: MIT
#include "host/parameters/time_text.hpp"

#include <charconv>
#include <chrono>

namespace bourse::host {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr int kYearMin = 1678;  // int64 nanoseconds reach from September 1677 to April 2262:
constexpr int kYearMax = 2261;  // the whole years between
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDaySeconds = 86'400;

constexpr std::int64_t first_second(int year) {
  const auto day = sys_days{std::chrono::year{year} / std::chrono::January / 1};
  return day.time_since_epoch().count() * kDaySeconds;
}
constexpr std::int64_t kSecondMin = first_second(kYearMin);
constexpr std::int64_t kSecondMax = first_second(kYearMax + 1) - 1;

// Takes the text apart from left to right; after the first thing that is not as expected, good()
// is false and stays so.
class Scanner {
 public:
  explicit Scanner(std::string_view rest) : rest_(rest) {}

  int digits(std::size_t count) {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const char c = i < rest_.size() ? rest_[i] : '?';
      if (c < '0' || c > '9') return fail();
      number = number * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return number;
  }
  bool accept(std::string_view any_of) {
    if (!good_ || rest_.empty() || any_of.find(rest_[0]) == any_of.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view any_of) {
    if (!accept(any_of)) fail();
  }
  [[nodiscard]] bool next_is_digit() const {
    return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9';
  }
  int fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::int64_t scan_date(Scanner& scan) {
  const int year = scan.digits(4);
  scan.expect("-");
  const int month = scan.digits(2);
  scan.expect("-");
  const int day = scan.digits(2);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) scan.fail();
  return scan.good() ? sys_days{date}.time_since_epoch().count() * kDaySeconds : 0;
}

std::int64_t scan_clock(Scanner& scan) {
  const int hour = scan.digits(2);
  scan.expect(":");
  const int minute = scan.digits(2);
  scan.expect(":");
  const int second = scan.digits(2);
  if (hour > 23 || minute > 59 || second > 59) scan.fail();
  return hour * 3600 + minute * 60 + second;
}

std::int64_t scan_fraction(Scanner& scan) {
  if (!scan.accept(".")) return 0;
  if (!scan.next_is_digit()) scan.fail();
  std::int64_t ns = 0;
  std::int64_t unit = kSecond;
  while (scan.next_is_digit()) {
    unit /= 10;
    if (unit == 0) return scan.fail();
    ns += scan.digits(1) * unit;
  }
  return ns;
}

std::int64_t scan_offset(Scanner& scan) {
  if (scan.accept("Zz")) return 0;
  const bool behind = scan.accept("-");
  if (!behind) scan.expect("+");
  const int hours = scan.digits(2);
  scan.expect(":");
  const int minutes = scan.digits(2);
  if (hours > 23 || minutes > 59) scan.fail();
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return behind ? -seconds : seconds;
}

TimeText in_range(std::int64_t seconds, std::int64_t ns) {
  if (seconds < kSecondMin || seconds > kSecondMax) return {.out_of_range = true};
  return {.ns = seconds * kSecond + ns};
}

TimeText parse_milliseconds(std::string_view text) {
  std::int64_t ms = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, ms);
  if (parsed_end != end || text.empty()) return {};
  if (error == std::errc::result_out_of_range) return {.out_of_range = true};
  if (error != std::errc{}) return {};
  std::int64_t seconds = ms / 1000;
  std::int64_t rest = ms % 1000;
  if (rest < 0) {
    rest += 1000;
    seconds -= 1;
  }
  return in_range(seconds, rest * kMillisecond);
}

/// Of a relative time, in ns; 0: no such unit.
constexpr std::int64_t unit_of(char letter) {
  switch (letter) {
    case 'm':
      return 60 * kSecond;
    case 'h':
      return 3600 * kSecond;
    case 'd':
      return kDaySeconds * kSecond;
    case 'w':
      return 7 * kDaySeconds * kSecond;
    default:
      return 0;
  }
}

bool is_relative(std::string_view text) {
  if (text == "now") return true;
  return text.size() >= 3 && text.front() == '-' && unit_of(text.back()) != 0 &&
         text.substr(1, text.size() - 2).find_first_not_of("0123456789") == text.npos;
}

/// REQUIRES: is_relative(text).
TimeText parse_relative(std::string_view text, std::int64_t now) {
  now = second_of(now);
  if (text == "now") return {.ns = now, .before_now = 0};
  const std::int64_t unit = unit_of(text.back());
  std::int64_t count = 0;
  const auto error = std::from_chars(text.data() + 1, text.data() + text.size() - 1, count).ec;
  std::int64_t back = 0;
  std::int64_t ns = 0;
  if (error != std::errc{} || __builtin_mul_overflow(count, unit, &back) ||
      __builtin_sub_overflow(now, back, &ns) || ns < kSecondMin * kSecond) {
    return {.out_of_range = true};
  }
  return {.ns = ns, .before_now = back};
}

std::string padded(std::int64_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits > text.size() ? digits - text.size() : 0, '0') + text;
}

}  // namespace

TimeText parse_time(std::string_view text, std::optional<std::int64_t> now) {
  if (is_relative(text)) return now ? parse_relative(text, *now) : TimeText{};
  const bool dated = text.size() >= 10 && text[4] == '-' && text[7] == '-';
  if (!dated) return parse_milliseconds(text);
  Scanner scan(text);
  std::int64_t seconds = scan_date(scan);
  std::int64_t ns = 0;
  if (scan.good() && !scan.at_end()) {
    scan.expect("Tt");
    seconds += scan_clock(scan);
    ns = scan_fraction(scan);
    seconds -= scan_offset(scan);
  }
  if (!scan.good() || !scan.at_end()) return {};
  return in_range(seconds, ns);
}

std::int64_t second_of(std::int64_t ns) noexcept {
  const std::int64_t rest = ns % kSecond;
  return ns - (rest < 0 ? rest + kSecond : rest);
}

std::string print_time(std::int64_t ns) {
  // Remainders rather than chrono's subtraction of days: the first day of the range starts before
  // the first nanosecond that 64 bits hold.
  constexpr std::int64_t kDay = kDaySeconds * kSecond;
  std::int64_t day = ns / kDay;
  std::int64_t rest = ns % kDay;
  if (rest < 0) {
    rest += kDay;
    day -= 1;
  }
  const std::chrono::year_month_day date{sys_days{days{day}}};
  const std::int64_t second = rest / kSecond;
  std::string text = padded(static_cast<int>(date.year()), 4) + '-' +
                     padded(static_cast<unsigned>(date.month()), 2) + '-' +
                     padded(static_cast<unsigned>(date.day()), 2) + 'T' + padded(second / 3600, 2) +
                     ':' + padded(second / 60 % 60, 2) + ':' + padded(second % 60, 2);
  if (const std::int64_t fraction = rest % kSecond; fraction != 0) {
    text += '.' + padded(fraction, 9);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + 'Z';
}

}  // namespace bourse::host
