// SPDX-License-Identifier: MIT
#include "plugins/analyses/market_statistics/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bourse::market_statistics {
namespace {

struct Spread {
  double average, max, min;
};

/// REQUIRES: not empty.
Spread spread_of(std::span<const Movement> markets, double Movement::*value) {
  Spread out{0, markets.front().*value, markets.front().*value};
  for (const Movement& m : markets) {
    out.average += m.*value;
    out.max = std::max(out.max, m.*value);
    out.min = std::min(out.min, m.*value);
  }
  out.average /= static_cast<double>(markets.size());
  return out;
}

double sample_deviation(std::span<const Movement> markets, double average) {
  double squares = 0;
  for (const Movement& m : markets) {
    squares += (m.change_percent - average) * (m.change_percent - average);
  }
  return std::sqrt(squares / static_cast<double>(markets.size() - 1));
}

template <class Before>
std::vector<std::size_t> ranked(std::span<const double> keys, std::size_t count, Before before) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return before(keys[a], keys[b]); });
  order.resize(std::min(count, order.size()));
  return order;
}

}  // namespace

double volatility_percent(Decimal high, Decimal low) {
  return 100.0 * ((high - low).to_double() / low.to_double());
}

Summary summarize(std::span<const Movement> markets) {
  Summary out;
  if (markets.empty()) return out;
  for (const Movement& m : markets) {
    ++(m.change_percent > 0 ? out.advancers : m.change_percent < 0 ? out.decliners : out.unchanged);
  }
  const Spread change = spread_of(markets, &Movement::change_percent);
  out.average_change = change.average;
  out.max_change = change.max;
  out.min_change = change.min;
  const Spread volatility = spread_of(markets, &Movement::volatility_percent);
  out.average_volatility = volatility.average;
  out.max_volatility = volatility.max;
  out.min_volatility = volatility.min;
  out.breadth = (static_cast<double>(out.advancers) - static_cast<double>(out.decliners)) /
                static_cast<double>(markets.size());
  if (markets.size() >= 2) out.change_deviation = sample_deviation(markets, change.average);
  return out;
}

std::string_view sentiment(double average_change) noexcept {
  if (std::abs(average_change) < 0.05) return "neutral";
  return average_change > 0 ? "bullish" : "bearish";
}

std::string_view regime(double average_volatility) noexcept {
  return average_volatility > 5.0 ? "high_volatility" : "normal_volatility";
}

std::string_view uniformity(double change_deviation) noexcept {
  return change_deviation < 2.0 ? "uniform" : "divergent";
}

std::vector<std::size_t> largest(std::span<const double> keys, std::size_t count) {
  return ranked(keys, count, [](double a, double b) { return a > b; });
}

std::vector<std::size_t> smallest(std::span<const double> keys, std::size_t count) {
  return ranked(keys, count, [](double a, double b) { return a < b; });
}

std::vector<QuoteVolume> sum_by_quote_asset(std::span<const Traded> markets) {
  std::vector<QuoteVolume> sums;
  for (const Traded& m : markets) {
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const QuoteVolume& other) {
      return other.quote_asset == m.quote_asset;
    });
    if (sum == sums.end()) {
      sums.push_back({m.quote_asset, m.quote_volume, 1});
    } else {
      sum->total += m.quote_volume;
      ++sum->symbols;
    }
  }
  return sums;
}

}  // namespace bourse::market_statistics
