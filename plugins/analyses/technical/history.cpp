// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/history.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace bourse::technical {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// Grid places strictly between the candles that hold these times.
std::int64_t places_between(Time earlier, Time later, Interval interval) {
  const Time end = interval.floor(later);
  Time place = interval.next(earlier);
  if (end <= place) return 0;
  if (const auto length = interval.length()) {  // unsigned: times may lie at both ends of the range
    const auto apart = static_cast<std::uint64_t>(end.ns) - static_cast<std::uint64_t>(place.ns);
    return static_cast<std::int64_t>(apart / static_cast<std::uint64_t>(*length));
  }
  std::int64_t months = 0;
  for (; place < end; place = interval.next(place)) ++months;
  return months;
}

std::string plural(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::string rfc3339(Time time) {
  using namespace std::chrono;
  const std::int64_t rest = time.ns % kDay;
  const std::int64_t of_day = rest < 0 ? rest + kDay : rest;
  const year_month_day date{sys_days{days{time.ns / kDay - (rest < 0 ? 1 : 0)}}};
  const std::int64_t second = of_day / kSecond;
  char buffer[48];
  const int length =
      std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), static_cast<int>(second / 3600),
                    static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  std::string text(buffer, static_cast<std::size_t>(length));
  if (const std::int64_t fraction = of_day % kSecond; fraction != 0) {
    std::string digits = std::to_string(fraction + kSecond);
    digits.front() = '.';
    text += digits.substr(0, digits.find_last_not_of('0') + 1);
  }
  return text + "Z";
}

Gaps find_gaps(std::span<const std::int64_t> open_times, Interval interval) {
  Gaps gaps;
  for (std::size_t row = 1; row < open_times.size(); ++row) {
    const Time earlier{open_times[row - 1]};
    const Interval grid = interval.anchored(earlier);
    const std::int64_t missing = places_between(earlier, Time{open_times[row]}, grid);
    if (missing == 0) continue;
    if (gaps.count < kGapsShown) gaps.first.push_back({grid.next(earlier), missing});
    ++gaps.count;
    gaps.missing += missing;
  }
  return gaps;
}

std::string describe(const Gaps& gaps) {
  std::string text = plural(static_cast<std::int64_t>(gaps.count), "gap") + " in the history, " +
                     plural(gaps.missing, "candle") +
                     " missing; indicators go over them from candle to candle. Missing from ";
  for (std::size_t i = 0; i < gaps.first.size(); ++i) {
    if (i != 0) text += ", ";
    text += rfc3339(gaps.first[i].first) + " (" + std::to_string(gaps.first[i].missing) + ")";
  }
  if (gaps.count > gaps.first.size()) text += ", and later";
  return text + ".";
}

std::size_t candles_of_a_day(Interval interval) noexcept {
  const auto length = interval.length();
  if (!length || *length >= kDay) return 1;
  return static_cast<std::size_t>(kDay / *length);
}

std::int64_t least_spacing(Interval interval) noexcept {
  return interval.length().value_or(28 * kDay);
}

std::optional<std::size_t> find_row(std::span<const std::int64_t> open_times, Time time) noexcept {
  const auto found = std::lower_bound(open_times.begin(), open_times.end(), time.ns);
  if (found == open_times.end() || *found != time.ns) return std::nullopt;
  return static_cast<std::size_t>(found - open_times.begin());
}

}  // namespace bourse::technical
