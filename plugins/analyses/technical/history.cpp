// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/history.hpp"

#include <algorithm>

#include "bourse/words.hpp"

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

}  // namespace

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
  NamedFew first;
  for (const Gap& gap : gaps.first) {
    first.add(time_text(gap.first) + " (" + std::to_string(gap.missing) + ")");
  }
  return counted(gaps.count, "gap") + " in the history, " +
         counted(static_cast<std::size_t>(gaps.missing), "candle") +
         " missing; indicators go over them from candle to candle. Missing from " + first.text() +
         (gaps.count > gaps.first.size() ? ", and later." : ".");
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
