// SPDX-License-Identifier: MIT
//
// Where the ticks of a time axis go: at the starts of seconds, minutes, hours, days, weeks, months
// and years of the calendar, in UTC, from nanoseconds to centuries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plugins/serializers/charting/text.hpp"

namespace bourse::charting {

enum class TimeUnit : std::uint8_t { kNanosecond, kSecond, kMinute, kHour, kDay, kMonth, kYear };

/// `count` units; nanoseconds below a second come in 1-2-5 steps.
struct TimeStep {
  TimeUnit unit = TimeUnit::kSecond;
  std::int64_t count = 1;
  friend constexpr bool operator==(const TimeStep&, const TimeStep&) = default;
};

/// The steps that an axis may have, finest first.
const std::vector<TimeStep>& time_steps();

/// Starts of the step within [first, last], rising, at most `count_max` of them. Days of a step of
/// 7 or 14 are Mondays; months and years count from January and year 0.
std::vector<std::int64_t> time_ticks(std::int64_t first, std::int64_t last, TimeStep step,
                                     std::size_t count_max);

/// Two lines: what changes from tick to tick ("06:00"), and under it what it belongs to
/// ("12 Dec 2024"), said at the first tick and where it changes.
struct TimeLabel {
  std::int64_t at = 0;
  std::string text;
  std::string context;  ///< empty: the one before still holds
};

/// The two lines as one: "12 Nov 2026", "Nov 2026", "12 Nov 2026 06:00".
std::string joined_text(const std::string& text, const std::string& context);

/// The year at the end of a context, with the space before it; empty: it says none.
std::string year_of(const std::string& context);

std::vector<TimeLabel> time_labels(const std::vector<std::int64_t>& ticks, TimeStep step);

/// Labels for an axis `width` logical pixels long: the finest step at which neighbours keep apart.
std::vector<TimeLabel> fit_time_labels(std::int64_t first, std::int64_t last, double width,
                                       Font font);

/// "2024-12-31 23:00 UTC", with seconds and their decimals only if there are any.
std::string format_time(std::int64_t ns);

}  // namespace bourse::charting
