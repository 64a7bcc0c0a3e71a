// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/series.hpp"

#include <algorithm>
#include <cmath>

#include "plugins/analyses/technical/atr.hpp"
#include "plugins/analyses/technical/bollinger.hpp"
#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/restarts.hpp"
#include "plugins/analyses/technical/rsi.hpp"
#include "plugins/analyses/technical/volume.hpp"

namespace bourse::technical {
namespace {

constexpr std::size_t kWarmUpLeast = 250;

/// Rows that an average with this weight needs after its seed to forget it.
std::size_t rows_to_forget(double weight) {
  return static_cast<std::size_t>(std::ceil(std::log(kSeedLeft) / std::log1p(-weight)));
}
/// Rows before the first one that knows nothing of where the average began.
std::size_t memory_of_exponential(std::size_t period) {
  return period - 1 + rows_to_forget(exponential_weight(period));
}
std::size_t memory_of_wilder(std::size_t period) {
  return period + rows_to_forget(1.0 / static_cast<double>(period));
}

/// One computation of every column; knows where recursive averages begin.
class Computation {
 public:
  Computation(const Candles& candles, const Settings& settings, const Poll& poll, Series& out)
      : candles_(candles),
        settings_(settings),
        poll_(poll),
        restarts_(restart_rows(candles.open_times, candles.spacing)),
        out_(out) {}

  void simple(std::size_t period, Column column) {
    poll();
    simple_moving_average(candles_.closes, period, out_[column]);
  }
  void bollinger() {
    poll();
    bollinger_bands(candles_.closes, settings_.bollinger_period, settings_.bollinger_deviations,
                    {.upper = out_[Column::kBollingerUpper],
                     .middle = out_[Column::kBollingerMiddle],
                     .lower = out_[Column::kBollingerLower],
                     .percent_b = out_[Column::kBollingerPercentB],
                     .bandwidth = out_[Column::kBollingerBandwidth]});
  }

  void exponential(std::size_t period, Column column) {
    run(memory_of_exponential(period), [&](std::size_t first, std::size_t rows) {
      exponential_moving_average(closes(first, rows), period, to(column, first, rows));
    });
  }
  void rsi() {
    if (settings_.rsi_method == RsiMethod::kCutler) {
      poll();
      return rsi_cutler(candles_.closes, settings_.rsi_period, out_[Column::kRsi]);
    }
    run(memory_of_wilder(settings_.rsi_period), [&](std::size_t first, std::size_t rows) {
      rsi_wilder(closes(first, rows), settings_.rsi_period, to(Column::kRsi, first, rows));
    });
  }
  void macd() {
    run(macd_rows_to_forget(settings_.macd, kSeedLeft), [&](std::size_t first, std::size_t rows) {
      technical::macd(closes(first, rows), settings_.macd,
                      {.macd = to(Column::kMacd, first, rows),
                       .signal = to(Column::kMacdSignal, first, rows),
                       .histogram = to(Column::kMacdHistogram, first, rows)});
    });
  }
  void atr() {
    run(memory_of_wilder(settings_.atr_period), [&](std::size_t first, std::size_t rows) {
      average_true_range(candles_.highs.subspan(first, rows), candles_.lows.subspan(first, rows),
                         closes(first, rows), settings_.atr_period, to(Column::kAtr, first, rows));
    });
  }
  void stochastic() {
    poll();
    technical::stochastic(candles_.highs, candles_.lows, candles_.closes, settings_.stochastic,
                          {.k = out_[Column::kStochasticK], .d = out_[Column::kStochasticD]});
  }
  void volume() {
    poll();
    on_balance_volume(candles_.closes, candles_.volumes, out_[Column::kObv]);
    volume_weighted_price(candles_.open_times, candles_.highs, candles_.lows, candles_.closes,
                          candles_.volumes, out_[Column::kVwap]);
  }

 private:
  void poll() const {
    if (poll_) poll_();
  }
  template <class Run>
  void run(std::size_t memory, Run run) const {
    run_from_restarts(restarts_, memory, out_.rows(), [&](std::size_t first, std::size_t rows) {
      poll();
      run(first, rows);
    });
  }
  [[nodiscard]] std::span<const double> closes(std::size_t first, std::size_t rows) const {
    return candles_.closes.subspan(first, rows);
  }
  [[nodiscard]] std::span<double> to(Column column, std::size_t first, std::size_t rows) const {
    return out_[column].subspan(first, rows);
  }

  const Candles& candles_;
  const Settings& settings_;
  const Poll& poll_;
  std::vector<Restart> restarts_;
  Series& out_;
};

}  // namespace

std::size_t warm_up_rows(const Settings& settings) {
  const std::size_t rsi =
      settings.rsi_method == RsiMethod::kWilder ? memory_of_wilder(settings.rsi_period) : 0;
  const std::size_t recursive = std::max({rsi, memory_of_exponential(settings.macd.slow),
                                          memory_of_wilder(settings.atr_period),
                                          macd_rows_to_forget(settings.macd, kSeedLeft)});
  const auto& s = settings.stochastic;
  return std::max({kWarmUpLeast, settings.sma_slow - 1, settings.bollinger_period - 1,
                   settings.rsi_period, s.range + s.smoothing + s.signal - 3,
                   recursive + kRestartRows});
}

std::size_t rows_needed(Column column, const Settings& settings) noexcept {
  const auto& s = settings.stochastic;
  switch (column) {
    case Column::kSmaFast:
      return settings.sma_fast;
    case Column::kSmaSlow:
      return settings.sma_slow;
    case Column::kEmaFast:
      return settings.macd.fast;
    case Column::kEmaSlow:
    case Column::kMacd:
      return settings.macd.slow;
    case Column::kMacdSignal:
    case Column::kMacdHistogram:
      return settings.macd.slow + settings.macd.signal - 1;
    case Column::kRsi:
      return settings.rsi_period + 1;
    case Column::kBollingerUpper:
    case Column::kBollingerMiddle:
    case Column::kBollingerLower:
    case Column::kBollingerPercentB:
    case Column::kBollingerBandwidth:
      return settings.bollinger_period;
    case Column::kAtr:
      return settings.atr_period;
    case Column::kStochasticK:
      return s.range + s.smoothing - 1;
    case Column::kStochasticD:
      return s.range + s.smoothing + s.signal - 2;
    case Column::kObv:
    case Column::kVwap:
      return 1;
  }
  return 1;
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

Series compute(const Candles& candles, const Settings& settings, const Poll& poll) {
  Series out(candles.closes.size());
  Computation computation(candles, settings, poll, out);
  computation.simple(settings.sma_fast, Column::kSmaFast);
  computation.simple(settings.sma_slow, Column::kSmaSlow);
  computation.bollinger();
  computation.exponential(settings.macd.fast, Column::kEmaFast);
  computation.exponential(settings.macd.slow, Column::kEmaSlow);
  computation.rsi();
  computation.macd();
  computation.atr();
  computation.stochastic();
  computation.volume();
  return out;
}

}  // namespace bourse::technical
