// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/time_ticks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <string_view>

#include "bourse/detail/wide.hpp"

namespace bourse::charting {
namespace {

using Wide = bourse::detail::Int128;
constexpr std::int64_t kSecond = 1'000'000'000, kMinute = 60 * kSecond, kHour = 60 * kMinute,
                       kDay = 24 * kHour;
constexpr std::int64_t kMondayOffset = 4;  // 1970-01-05, in days

constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// A time taken apart, in UTC.
struct Civil {
  std::int64_t year, month, day, of_day;  ///< month, day from 1; ns of the day
};

Civil civil_of(std::int64_t ns) noexcept {
  const std::int64_t days = floor_divide(ns, kDay);
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<std::int64_t>(static_cast<Wide>(ns) - static_cast<Wide>(days) * kDay)};
}

/// The start of a month; months counted from January of year 0. Empty when int64 cannot hold it.
std::optional<std::int64_t> month_start(std::int64_t months) noexcept {
  const std::chrono::year_month_day date{
      std::chrono::year(static_cast<int>(floor_divide(months, 12))),
      std::chrono::month(static_cast<unsigned>(months - 12 * floor_divide(months, 12) + 1)),
      std::chrono::day(1)};
  const Wide ns = static_cast<Wide>(std::chrono::sys_days(date).time_since_epoch().count()) * kDay;
  if (ns < std::numeric_limits<std::int64_t>::min() ||
      ns > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(ns);
}

std::int64_t length_of(TimeUnit unit) noexcept {
  switch (unit) {
    case TimeUnit::kNanosecond:
      return 1;
    case TimeUnit::kSecond:
      return kSecond;
    case TimeUnit::kMinute:
      return kMinute;
    case TimeUnit::kHour:
      return kHour;
    case TimeUnit::kDay:
      return kDay;
    case TimeUnit::kMonth:
      return 28 * kDay;
    case TimeUnit::kYear:
      return 365 * kDay;
  }
  return 1;
}

std::vector<std::int64_t> even_ticks(std::int64_t first, std::int64_t last, std::int64_t step,
                                     std::int64_t offset, std::size_t count_max) {
  std::vector<std::int64_t> out;
  Wide at = static_cast<Wide>(first) - offset;
  at += (step - at % step) % step;
  for (at += offset; at <= last && out.size() < count_max; at += step) {
    out.push_back(static_cast<std::int64_t>(at));
  }
  return out;
}

std::vector<std::int64_t> month_ticks(std::int64_t first, std::int64_t last, std::int64_t step,
                                      std::size_t count_max) {
  std::vector<std::int64_t> out;
  const Civil from = civil_of(first);
  std::int64_t months = from.year * 12 + from.month - 1;
  months = floor_divide(months, step) * step;
  while (out.size() < count_max) {
    const auto at = month_start(months);
    months += step;
    if (!at) {
      if (months > from.year * 12 + 24 * step) break;  // past the end of what int64 holds
      continue;
    }
    if (*at > last) break;
    if (*at >= first) out.push_back(*at);
  }
  return out;
}

// ---- labels -------------------------------------------------------------------------------------

void append_padded(std::string& out, std::int64_t value, std::size_t digits) {
  const std::string text = std::to_string(value);
  if (text.size() < digits) out.append(digits - text.size(), '0');
  out += text;
}

std::string_view month_name(std::int64_t month) noexcept {
  static constexpr std::array<std::string_view, 12> kNames = {
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return kNames[static_cast<std::size_t>(month - 1)];
}

/// "23:59", "23:59:58", "23:59:58.25": as far as `precision` (ns) asks.
std::string clock_text(std::int64_t of_day, std::int64_t precision) {
  std::string out;
  append_padded(out, of_day / kHour, 2);
  out += ':';
  append_padded(out, of_day / kMinute % 60, 2);
  if (precision >= kMinute) return out;
  out += ':';
  append_padded(out, of_day / kSecond % 60, 2);
  if (precision >= kSecond) return out;
  std::string decimals;
  append_padded(decimals, of_day % kSecond, 9);
  std::size_t digits = 9;
  for (std::int64_t p = precision; digits > 1 && p % 10 == 0; p /= 10) --digits;
  return out + '.' + decimals.substr(0, digits);
}

std::string label_text(const Civil& c, TimeStep step) {
  switch (step.unit) {
    case TimeUnit::kYear:
      return std::to_string(c.year);
    case TimeUnit::kMonth:
      return std::string(month_name(c.month));
    case TimeUnit::kDay:
      return std::to_string(c.day);
    default:
      return clock_text(c.of_day, length_of(step.unit) * step.count);
  }
}

/// What a label belongs to; the year is left out while it stays the same.
std::string context_text(const Civil& c, TimeStep step, const Civil* before) {
  const bool same_year = before != nullptr && before->year == c.year;
  const std::string year = same_year ? "" : " " + std::to_string(c.year);
  switch (step.unit) {
    case TimeUnit::kYear:
      return {};
    case TimeUnit::kMonth:
      return same_year ? "" : std::to_string(c.year);
    case TimeUnit::kDay:
      if (same_year && before->month == c.month) return {};
      return std::string(month_name(c.month)) + year;
    default:
      if (same_year && before->month == c.month && before->day == c.day) return {};
      return std::to_string(c.day) + ' ' + std::string(month_name(c.month)) + year;
  }
}

double widest(const std::vector<TimeLabel>& labels, Font font) {
  double width = 0;
  for (const TimeLabel& label : labels) width = std::max(width, text_width(label.text, font));
  return width;
}

}  // namespace

const std::vector<TimeStep>& time_steps() {
  static const std::vector<TimeStep> steps = [] {
    std::vector<TimeStep> out;
    for (std::int64_t power = 1; power < kSecond; power *= 10) {
      for (const std::int64_t m : {1, 2, 5}) out.push_back({TimeUnit::kNanosecond, m * power});
    }
    for (const auto unit : {TimeUnit::kSecond, TimeUnit::kMinute}) {
      for (const std::int64_t n : {1, 2, 5, 10, 15, 30}) out.push_back({unit, n});
    }
    for (const std::int64_t n : {1, 2, 3, 4, 6, 12}) out.push_back({TimeUnit::kHour, n});
    for (const std::int64_t n : {1, 2, 7, 14}) out.push_back({TimeUnit::kDay, n});
    for (const std::int64_t n : {1, 2, 3, 6}) out.push_back({TimeUnit::kMonth, n});
    for (const std::int64_t n : {1, 2, 5, 10, 20, 50, 100, 200, 500}) {
      out.push_back({TimeUnit::kYear, n});
    }
    return out;
  }();
  return steps;
}

std::vector<std::int64_t> time_ticks(std::int64_t first, std::int64_t last, TimeStep step,
                                     std::size_t count_max) {
  if (first > last || step.count <= 0) return {};
  if (step.unit == TimeUnit::kMonth) return month_ticks(first, last, step.count, count_max);
  if (step.unit == TimeUnit::kYear) return month_ticks(first, last, 12 * step.count, count_max);
  const bool weeks = step.unit == TimeUnit::kDay && step.count % 7 == 0;
  return even_ticks(first, last, length_of(step.unit) * step.count,
                    weeks ? kMondayOffset * kDay : 0, count_max);
}

std::string joined_text(const std::string& text, const std::string& context) {
  if (context.empty()) return text;
  const bool clock = text.find(':') != std::string::npos;
  return clock ? context + ' ' + text : text + ' ' + context;
}

std::string year_of(const std::string& context) {
  const std::size_t space = context.rfind(' ');
  const std::string last = space == std::string::npos ? context : context.substr(space + 1);
  const bool digits = last.find_first_not_of("-0123456789") == std::string::npos;
  return digits && !last.empty() ? ' ' + last : std::string();
}

std::vector<TimeLabel> time_labels(const std::vector<std::int64_t>& ticks, TimeStep step) {
  std::vector<TimeLabel> out;
  out.reserve(ticks.size());
  std::optional<Civil> before;
  for (const std::int64_t at : ticks) {
    const Civil civil = civil_of(at);
    out.push_back(
        {at, label_text(civil, step), context_text(civil, step, before ? &*before : nullptr)});
    before = civil;
  }
  return out;
}

std::vector<TimeLabel> fit_time_labels(std::int64_t first, std::int64_t last, double width,
                                       Font font) {
  // Not of two doubles: near today they are 256 ns apart.
  const auto span =
      static_cast<double>(static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(first));
  const double gap = 1.6 * font.size;
  for (const TimeStep& step : time_steps()) {
    const double step_length =
        static_cast<double>(length_of(step.unit)) * static_cast<double>(step.count);
    const double pixels = span > 0 ? width * step_length / span : width;
    if (pixels < gap + font.size && span > 0) continue;  // no label is narrower than one em
    const auto most = static_cast<std::size_t>(width / font.size) + 2;
    auto labels = time_labels(time_ticks(first, last, step, most), step);
    if (labels.empty()) continue;
    if (labels.size() == 1 || pixels >= widest(labels, font) + gap) return labels;
  }
  return {};
}

std::string format_time(std::int64_t ns) {
  const Civil c = civil_of(ns);
  std::string out = std::to_string(c.year) + '-';
  append_padded(out, c.month, 2);
  out += '-';
  append_padded(out, c.day, 2);
  out += ' ';
  std::int64_t precision = kMinute;
  if (c.of_day % kMinute != 0) precision = kSecond;
  if (c.of_day % kSecond != 0) {
    precision = 1;
    for (std::int64_t rest = c.of_day; rest % 10 == 0; rest /= 10) precision *= 10;
  }
  return out + clock_text(c.of_day, precision) + " UTC";
}

}  // namespace bourse::charting
