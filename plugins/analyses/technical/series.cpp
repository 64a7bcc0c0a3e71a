// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/series.hpp"

#include <algorithm>
#include <cmath>

#include "plugins/analyses/technical/atr.hpp"
#include "plugins/analyses/technical/bollinger.hpp"
#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/rsi.hpp"
#include "plugins/analyses/technical/volume.hpp"

namespace bourse::technical {
namespace {

constexpr std::size_t kWarmUpLeast = 250;

/// Rows that an average with this weight needs after its seed to forget it.
std::size_t rows_to_forget(double weight) {
  return static_cast<std::size_t>(std::ceil(std::log(kSeedLeft) / std::log1p(-weight)));
}
std::size_t exponential_rows(std::size_t period) {
  return period - 1 + rows_to_forget(exponential_weight(period));
}
std::size_t wilder_rows(std::size_t period) {
  return period + rows_to_forget(1.0 / static_cast<double>(period));
}

void fill_rsi(const Candles& candles, const Settings& settings, Series& out) {
  if (settings.rsi_method == RsiMethod::kWilder) {
    rsi_wilder(candles.closes, settings.rsi_period, out[Column::kRsi]);
  } else {
    std::vector<double> scratch(out.rows());
    rsi_cutler(candles.closes, settings.rsi_period, out[Column::kRsi], scratch);
  }
}

}  // namespace

std::size_t warm_up_rows(const Settings& settings) {
  const std::size_t rsi = settings.rsi_method == RsiMethod::kWilder
                              ? wilder_rows(settings.rsi_period)
                              : settings.rsi_period;
  const auto& s = settings.stochastic;
  return std::max({kWarmUpLeast, settings.sma_slow - 1, settings.bollinger_period - 1, rsi,
                   exponential_rows(settings.macd.slow) + exponential_rows(settings.macd.signal),
                   wilder_rows(settings.atr_period), s.range + s.smoothing + s.signal - 3});
}

const char* name_of(Column column) noexcept {
  static constexpr std::array<const char*, kColumns> kNames = {"sma_fast",
                                                               "sma_slow",
                                                               "ema_fast",
                                                               "ema_slow",
                                                               "rsi",
                                                               "macd",
                                                               "macd_signal",
                                                               "macd_histogram",
                                                               "bollinger_upper",
                                                               "bollinger_middle",
                                                               "bollinger_lower",
                                                               "bollinger_percent_b",
                                                               "bollinger_bandwidth",
                                                               "atr",
                                                               "stochastic_k",
                                                               "stochastic_d",
                                                               "obv",
                                                               "vwap"};
  return kNames[static_cast<std::size_t>(column)];
}

Series compute(const Candles& candles, const Settings& settings) {
  const auto closes = candles.closes;
  Series out(closes.size());
  simple_moving_average(closes, settings.sma_fast, out[Column::kSmaFast]);
  simple_moving_average(closes, settings.sma_slow, out[Column::kSmaSlow]);
  exponential_moving_average(closes, settings.macd.fast, out[Column::kEmaFast]);
  exponential_moving_average(closes, settings.macd.slow, out[Column::kEmaSlow]);
  fill_rsi(candles, settings, out);
  macd(closes, settings.macd,
       {.macd = out[Column::kMacd],
        .signal = out[Column::kMacdSignal],
        .histogram = out[Column::kMacdHistogram]});
  bollinger_bands(closes, settings.bollinger_period, settings.bollinger_deviations,
                  {.upper = out[Column::kBollingerUpper],
                   .middle = out[Column::kBollingerMiddle],
                   .lower = out[Column::kBollingerLower],
                   .percent_b = out[Column::kBollingerPercentB],
                   .bandwidth = out[Column::kBollingerBandwidth]});
  average_true_range(candles.highs, candles.lows, closes, settings.atr_period, out[Column::kAtr]);
  stochastic(candles.highs, candles.lows, closes, settings.stochastic,
             {.k = out[Column::kStochasticK], .d = out[Column::kStochasticD]});
  on_balance_volume(closes, candles.volumes, out[Column::kObv]);
  volume_weighted_price(candles.open_times, candles.highs, candles.lows, closes, candles.volumes,
                        out[Column::kVwap]);
  return out;
}

}  // namespace bourse::technical
