// SPDX-License-Identifier: MIT
//
// Technical indicators in candles a second, at the default periods and at ten times those, and the
// whole computation of 1000 shown candles with their warm-up, decimals to doubles included. To
// compare with, in the same run: adding up the input once, and the plain definition of the bands
// (two passes over every window).
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "bourse/report.hpp"
#include "plugins/analyses/technical/atr.hpp"
#include "plugins/analyses/technical/bollinger.hpp"
#include "plugins/analyses/technical/macd.hpp"
#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/rsi.hpp"
#include "plugins/analyses/technical/series.hpp"
#include "plugins/analyses/technical/stochastic.hpp"
#include "plugins/analyses/technical/volume.hpp"

namespace {

using namespace bourse;
using namespace bourse::technical;

const std::size_t kRows = 1000 + warm_up_rows({});

/// A random walk as a source delivers it: coefficients of 8 decimals.
struct Market {
  std::vector<std::int64_t> open_times;
  std::vector<bourse_i128> highs, lows, closes, volumes;
  std::vector<double> high, low, close, volume;

  explicit Market(std::size_t rows = kRows) {
    std::mt19937_64 random(1);
    std::int64_t price = 6'000'000'000'000;  // 60000.00000000
    const auto push = [](std::vector<bourse_i128>& column, std::int64_t coefficient) {
      column.push_back({static_cast<std::uint64_t>(coefficient), 0});
    };
    for (std::size_t row = 0; row < rows; ++row) {
      price += (static_cast<std::int64_t>(random() % 2001) - 1000) * 1'000'000;
      open_times.push_back(static_cast<std::int64_t>(row) * 3'600'000'000'000);
      push(closes, price);
      push(highs, price + static_cast<std::int64_t>(random() % 1000) * 1'000'000);
      push(lows, price - static_cast<std::int64_t>(random() % 1000) * 1'000'000);
      push(volumes, static_cast<std::int64_t>(random() % 100'000'000'000));
    }
    high = doubles(highs);
    low = doubles(lows);
    close = doubles(closes);
    volume = doubles(volumes);
  }
  static std::vector<double> doubles(const std::vector<bourse_i128>& column) {
    return DecimalColumn(column.data(), column.size(), 8, nullptr).to_doubles();
  }
};

const Market& market() {
  static const Market kMarket;
  return kMarket;
}

template <class Compute>
void measure(benchmark::State& state, Compute compute_once) {
  for (auto _ : state) {
    compute_once();
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRows));
}

struct Columns {
  std::vector<double> a = std::vector<double>(kRows), b = a, c = a, d = a, e = a;
};

void BaselineAddUpOneColumn(benchmark::State& state) {
  const Market& m = market();
  double sum = 0;
  measure(state, [&] {
    sum = std::accumulate(m.close.begin(), m.close.end(), 0.0);
    benchmark::DoNotOptimize(sum);
  });
}

void BaselineBandsByDefinition(benchmark::State& state) {
  const Market& m = market();
  Columns out;
  const auto period = static_cast<std::size_t>(state.range(0));
  const auto n = static_cast<double>(period);
  measure(state, [&] {
    for (std::size_t end = period - 1; end < kRows; ++end) {
      double sum = 0, squares = 0;
      for (std::size_t row = end + 1 - period; row <= end; ++row) sum += m.close[row];
      const double mean = sum / n;
      for (std::size_t row = end + 1 - period; row <= end; ++row) {
        squares += (m.close[row] - mean) * (m.close[row] - mean);
      }
      out.a[end] = mean + 2 * std::sqrt(squares / n);
      out.b[end] = mean;
      out.c[end] = mean - 2 * std::sqrt(squares / n);
    }
  });
}

void Bollinger(benchmark::State& state) {
  Columns out;
  measure(state, [&] {
    bollinger_bands(market().close, static_cast<std::size_t>(state.range(0)), 2,
                    {out.a, out.b, out.c, out.d, out.e});
  });
}

void SimpleAverage(benchmark::State& state) {
  Columns out;
  measure(state, [&] {
    simple_moving_average(market().close, static_cast<std::size_t>(state.range(0)), out.a);
  });
}

void ExponentialAverage(benchmark::State& state) {
  Columns out;
  measure(state, [&] { exponential_moving_average(market().close, 26, out.a); });
}

void RsiWilder(benchmark::State& state) {
  Columns out;
  measure(state, [&] { rsi_wilder(market().close, 14, out.a); });
}

void RsiCutler(benchmark::State& state) {
  Columns out;
  measure(state,
          [&] { rsi_cutler(market().close, static_cast<std::size_t>(state.range(0)), out.a); });
}

void Macd(benchmark::State& state) {
  Columns out;
  measure(state, [&] { macd(market().close, {}, {out.a, out.b, out.c}); });
}

void Atr(benchmark::State& state) {
  const Market& m = market();
  Columns out;
  measure(state, [&] { average_true_range(m.high, m.low, m.close, 14, out.a); });
}

void Stochastic(benchmark::State& state) {
  const Market& m = market();
  Columns out;
  const StochasticPeriods periods = {static_cast<std::size_t>(state.range(0)), 3, 3};
  measure(state, [&] { stochastic(m.high, m.low, m.close, periods, {out.a, out.b}); });
}

void ObvAndVwap(benchmark::State& state) {
  const Market& m = market();
  Columns out;
  measure(state, [&] {
    on_balance_volume(m.close, m.volume, out.a);
    volume_weighted_price(m.open_times, m.high, m.low, m.close, m.volume, out.b);
  });
}

/// High, low, close and volume. Volumes of 10^13 coins with 8 decimals (argument 1) have more
/// digits than a double is exact for and take the slow way.
void DecimalsToDoubles(benchmark::State& state) {
  const Market& m = market();
  auto volumes = m.volumes;
  if (state.range(0) == 1) {
    for (bourse_i128& v : volumes) v = {v.lo * 100'000'007, 1};
  }
  measure(state, [&] {
    for (const std::vector<bourse_i128>* column :
         {&m.highs, &m.lows, &m.closes, &std::as_const(volumes)}) {
      benchmark::DoNotOptimize(Market::doubles(*column).data());
    }
  });
}

void WholeOf1000CandlesAndWarmUp(benchmark::State& state) {
  const Market& m = market();
  measure(state, [&] {
    const auto high = Market::doubles(m.highs), low = Market::doubles(m.lows);
    const auto close = Market::doubles(m.closes), volume = Market::doubles(m.volumes);
    const Series series = compute({m.open_times, high, low, close, volume}, {});
    benchmark::DoNotOptimize(series[Column::kVwap].back());
  });
}

BENCHMARK(BaselineAddUpOneColumn);
BENCHMARK(BaselineBandsByDefinition)->Arg(20)->Arg(200);
BENCHMARK(Bollinger)->Arg(20)->Arg(200);
BENCHMARK(SimpleAverage)->Arg(20)->Arg(200);
BENCHMARK(ExponentialAverage);
BENCHMARK(RsiWilder);
BENCHMARK(RsiCutler)->Arg(14)->Arg(140);
BENCHMARK(Macd);
BENCHMARK(Atr);
BENCHMARK(Stochastic)->Arg(14)->Arg(140);
BENCHMARK(ObvAndVwap);
BENCHMARK(DecimalsToDoubles)->Arg(0)->Arg(1);
BENCHMARK(WholeOf1000CandlesAndWarmUp)->Unit(benchmark::kMicrosecond);

}  // namespace
