// SPDX-License-Identifier: MIT
//
// Indicators of price and volume together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bourse::technical {

/// On-balance volume (Granville): the volume of every candle, added where the close rose, taken
/// off where it fell. Begins with the first candle's volume, as TA-Lib does; where it begins is
/// arbitrary, so only its changes mean something. Defined everywhere. Rules of `out`:
/// moving_average.hpp.
void on_balance_volume(std::span<const double> closes, std::span<const double> volumes,
                       std::span<double> out) noexcept;

/// Rows at the beginning whose day (UTC) began before the first of them: there is nothing to anchor
/// a day's average to. `open_times`: ns since 1970-01-01 UTC, ascending.
std::size_t rows_without_day_start(std::span<const std::int64_t> open_times) noexcept;

/// Volume-weighted average price since the start of each candle's day (UTC): the sum of
/// (high + low + close) / 3 x volume over the sum of volume. A candle whose prices are all 0 has no
/// price that its volume could be traded at: it counts for nothing. Undefined while nothing was
/// traded that day, and in rows_without_day_start. REQUIRES: nothing is negative. Rules of `out`:
/// moving_average.hpp.
void volume_weighted_price(std::span<const std::int64_t> open_times, std::span<const double> highs,
                           std::span<const double> lows, std::span<const double> closes,
                           std::span<const double> volumes, std::span<double> out) noexcept;

}  // namespace bourse::technical
