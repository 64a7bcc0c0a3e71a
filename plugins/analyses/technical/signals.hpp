// SPDX-License-Identifier: MIT
//
// The newest row in words.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

/// Each is nullopt where its indicator is not defined.
struct Signals {
  /// overbought: above 70; oversold: below 30; else neutral
  std::optional<std::string_view> rsi_signal;
  /// above_upper, below_lower, within_bands (the bands themselves included)
  std::optional<std::string_view> bollinger_position;
  /// bullish: the histogram rose above zero in this row; bearish: it fell below; else none
  std::optional<std::string_view> macd_cross;
  /// upward, downward, flat: price above, below, equal to the fast simple average
  std::optional<std::string_view> short_term_trend;
  /// the same, against the slow one
  std::optional<std::string_view> long_term_trend;
  /// high: the price is outside of the bands, whatever their width; else normal. It says that the
  /// newest close is far from the mean, as bands go, not how much the market moves.
  std::optional<std::string_view> volatility_regime;
};

/// REQUIRES: as many closes as the series has rows, at least one.
Signals read_signals(std::span<const double> closes, const Series& series) noexcept;

}  // namespace bourse::technical
