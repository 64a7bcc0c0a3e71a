// SPDX-License-Identifier: MIT
//
// The correlation analysis's pure part. Baseline: the formula pair by pair, means and squares anew
// for every pair.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "plugins/analyses/correlation/join.hpp"
#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/portfolio.hpp"

namespace bourse::correlation {
namespace {

const Interval kGrid = Interval::parse("1d").value();

std::vector<History> histories(std::size_t markets, std::size_t rows) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> move(0.0, 0.02);
  std::vector<History> out(markets);
  std::vector<double> common(rows);
  for (double& c : common) c = move(random);
  for (History& h : out) {
    double close = 100.0;
    for (std::size_t i = 0; i < rows; ++i) {
      close *= std::exp(0.7 * common[i] + 0.5 * move(random));
      h.times.push_back(static_cast<std::int64_t>(i) * 86'400'000'000'000);
      h.closes.push_back(close);
    }
  }
  return out;
}

std::size_t arg(const benchmark::State& state, int i) {
  return static_cast<std::size_t>(state.range(i));
}

void whole(benchmark::State& state, Method method) {
  const auto data = histories(arg(state, 0), arg(state, 1) + 1);
  for (auto _ : state) {
    const Joined joined = join(data, kGrid);
    const Rows returns = returns_of(joined, ReturnKind::kSimple);
    const Matrix matrix = correlate(returns, method);
    const auto pairs = pairs_of(matrix, returns.columns());
    benchmark::DoNotOptimize(summarise(pairs));
    benchmark::DoNotOptimize(first_component_share(matrix));
    benchmark::DoNotOptimize(equal_weights(returns));
  }
}
void pearson(benchmark::State& state) { whole(state, Method::kPearson); }
void spearman(benchmark::State& state) { whole(state, Method::kSpearman); }

void only_join(benchmark::State& state) {
  const auto data = histories(arg(state, 0), arg(state, 1) + 1);
  for (auto _ : state) benchmark::DoNotOptimize(join(data, kGrid));
}

Rows bench_returns(const benchmark::State& state) {
  const auto data = histories(arg(state, 0), arg(state, 1) + 1);
  return returns_of(join(data, kGrid), ReturnKind::kSimple);
}

void only_matrix(benchmark::State& state) {
  const Rows returns = bench_returns(state);
  for (auto _ : state) benchmark::DoNotOptimize(correlate(returns, Method::kPearson));
}

void only_pairs(benchmark::State& state) {
  const Rows returns = bench_returns(state);
  const Matrix matrix = correlate(returns, Method::kPearson);
  for (auto _ : state) benchmark::DoNotOptimize(pairs_of(matrix, returns.columns()));
}

void only_eigenvalue(benchmark::State& state) {
  const Matrix matrix = correlate(bench_returns(state), Method::kPearson);
  for (auto _ : state) benchmark::DoNotOptimize(first_component_share(matrix));
}

void baseline_matrix_pair_by_pair(benchmark::State& state) {
  const Rows returns = bench_returns(state);
  for (auto _ : state) {
    Matrix matrix(returns.size());
    for (std::size_t a = 0; a < returns.size(); ++a) {
      for (std::size_t b = 0; b < returns.size(); ++b) {
        const auto x = returns[a], y = returns[b];
        const double mean_x = mean(x), mean_y = mean(y);
        double xy = 0.0, xx = 0.0, yy = 0.0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          xy += (x[i] - mean_x) * (y[i] - mean_y);
          xx += (x[i] - mean_x) * (x[i] - mean_x);
          yy += (y[i] - mean_y) * (y[i] - mean_y);
        }
        matrix(a, b) = xy / std::sqrt(xx * yy);
      }
    }
    benchmark::DoNotOptimize(matrix);
  }
}

#define BOURSE_SIZES ->Args({8, 30})->Args({50, 365})->Unit(benchmark::kMicrosecond)
BENCHMARK(pearson) BOURSE_SIZES->Args({50, 4998});
BENCHMARK(spearman) BOURSE_SIZES;
BENCHMARK(only_join) BOURSE_SIZES;
BENCHMARK(only_matrix) BOURSE_SIZES;
BENCHMARK(only_pairs) BOURSE_SIZES;
BENCHMARK(only_eigenvalue) BOURSE_SIZES;
BENCHMARK(baseline_matrix_pair_by_pair) BOURSE_SIZES;

}  // namespace
}  // namespace bourse::correlation
