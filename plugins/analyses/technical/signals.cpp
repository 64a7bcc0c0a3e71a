// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/signals.hpp"

#include <cmath>
#include <cstddef>

namespace bourse::technical {
namespace {

using Word = std::optional<std::string_view>;

Word rsi_signal(double rsi) noexcept {
  if (std::isnan(rsi)) return {};
  return rsi > 70.0 ? "overbought" : rsi < 30.0 ? "oversold" : "neutral";
}

Word bollinger_position(double price, double lower, double upper) noexcept {
  if (std::isnan(upper)) return {};
  return price > upper ? "above_upper" : price < lower ? "below_lower" : "within_bands";
}

Word macd_cross(double before, double now) noexcept {
  if (std::isnan(before) || std::isnan(now)) return {};
  return before <= 0.0 && now > 0.0 ? "bullish" : before >= 0.0 && now < 0.0 ? "bearish" : "none";
}

Word trend(double price, double average) noexcept {
  if (std::isnan(average)) return {};
  return price > average ? "upward" : price < average ? "downward" : "flat";
}

}  // namespace

Signals read_signals(std::span<const double> closes, const Series& series) noexcept {
  const std::size_t last = closes.size() - 1;
  const auto at = [&](Column column) { return series[column][last]; };
  const auto histogram = series[Column::kMacdHistogram];
  Signals out;
  out.rsi_signal = rsi_signal(at(Column::kRsi));
  out.bollinger_position =
      bollinger_position(closes[last], at(Column::kBollingerLower), at(Column::kBollingerUpper));
  out.macd_cross = macd_cross(last == 0 ? std::nan("") : histogram[last - 1], histogram[last]);
  out.short_term_trend = trend(closes[last], at(Column::kSmaFast));
  out.long_term_trend = trend(closes[last], at(Column::kSmaSlow));
  if (out.bollinger_position) {
    out.volatility_regime = *out.bollinger_position == "within_bands" ? "normal" : "high";
  }
  return out;
}

}  // namespace bourse::technical
