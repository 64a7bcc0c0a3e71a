// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/returns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace bourse::correlation {
namespace {

/// Sum of squared distances from the mean, and the largest magnitude of a value.
struct Spread {
  double squares = 0.0;
  double largest = 0.0;
};

Spread spread_of(std::span<const double> values) noexcept {
  Spread spread;
  const double center = mean(values);
  for (const double v : values) {
    spread.squares += (v - center) * (v - center);
    spread.largest = std::max(spread.largest, std::abs(v));
  }
  return spread;
}

/// A return b / a - 1 or ln(b / a) is off by about epsilon from the rounding of b / a alone.
bool is_rounding(const Spread& spread, std::size_t n) noexcept {
  constexpr double kSteps = 8.0;
  const double noise = kSteps * std::numeric_limits<double>::epsilon() * (1.0 + spread.largest);
  return spread.squares <= static_cast<double>(n) * noise * noise;
}

}  // namespace

Rows returns_of(const Joined& joined, ReturnKind kind) {
  Rows out(joined.kept.size(), joined.returns);
  for (std::size_t market = 0; market < out.size(); ++market) {
    const auto closes = joined.closes_of(market);
    const auto returns = out[market];
    std::size_t made = 0;
    for (std::size_t i = 1; i < closes.size(); ++i) {
      if (joined.follows[i] == 0) continue;
      const double ratio = closes[i] / closes[i - 1];
      returns[made++] = kind == ReturnKind::kLog ? std::log(ratio) : ratio - 1.0;
    }
  }
  return out;
}

double mean(std::span<const double> values) noexcept {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation(std::span<const double> values) noexcept {
  if (values.size() < 2) return std::nan("");
  const Spread spread = spread_of(values);
  if (is_rounding(spread, values.size())) return 0.0;
  return std::sqrt(spread.squares / static_cast<double>(values.size() - 1));
}

bool varies(std::span<const double> values) noexcept {
  return values.size() >= 2 && !is_rounding(spread_of(values), values.size());
}

void ranks(std::span<const double> values, std::span<double> out) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [values](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    // Places first+1 .. end.
    const double shared = static_cast<double>(first + 1 + end) / 2.0;
    for (; first < end; ++first) out[order[first]] = shared;
  }
}

double total_return(std::span<const double> closes) noexcept {
  return closes.back() / closes.front() - 1.0;
}

double max_drawdown(std::span<const double> closes) noexcept {
  double high = 0.0, deepest = 0.0;
  for (const double close : closes) {
    high = std::max(high, close);
    deepest = std::max(deepest, 1.0 - close / high);
  }
  return deepest;
}

}  // namespace bourse::correlation
