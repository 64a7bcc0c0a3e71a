// SPDX-License-Identifier: MIT
//
// Moments as text: what a BOURSE_TYPE_TIME parameter may look like, and its one canonical spelling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::host {

struct TimeText {
  std::optional<std::int64_t> ns = {};  ///< since 1970-01-01 UTC; nothing: not a time
  bool out_of_range = false;            ///< a time, but not within 1678..2261
  /// So many ns before now it was said to be; nothing: it was not said by what time it is.
  std::optional<std::int64_t> before_now = {};
};

/// Reads RFC 3339 ("2024-12-31T23:59:59.123456789Z", "...+02:00"), a date ("2024-12-31", midnight
/// UTC) or whole milliseconds since 1970 ("1735603200000"). Dates must exist; leap seconds and
/// more than nine digits of a second are refused, because 64 bits of nanoseconds cannot hold them.
/// With a `now` (ns since 1970) also what is relative to it: "now", and so many minutes, hours,
/// days of 24 hours or weeks before it ("-90m", "-12h", "-30d", "-2w"); without one these are no
/// times. Now is the last full second: all that is asked within a second is one question.
[[nodiscard]] TimeText parse_time(std::string_view text,
                                  std::optional<std::int64_t> now = std::nullopt);

/// The last full second: what relative times go back from.
[[nodiscard]] std::int64_t second_of(std::int64_t ns) noexcept;

/// "2024-12-31T23:59:59.5Z": UTC, as many digits of a second as needed. Any value.
[[nodiscard]] std::string print_time(std::int64_t ns);

}  // namespace bourse::host
