// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/portfolio.hpp"

#include <algorithm>
#include <cmath>

#include "plugins/analyses/correlation/eigenvalue.hpp"

namespace bourse::correlation {

PairSummary summarise(std::span<const Pair> pairs) {
  std::vector<double> values;
  for (const Pair& pair : pairs) {
    if (!std::isnan(pair.correlation)) values.push_back(pair.correlation);
  }
  const double none = std::nan("");
  if (values.empty()) return {none, none, none, none};
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {mean(values), *most, *least, deviation(values)};
}

double first_component_share(const Matrix& matrix) {
  std::vector<std::size_t> usable;
  for (std::size_t m = 0; m < matrix.size(); ++m) {
    if (!std::isnan(matrix(m, m))) usable.push_back(m);
  }
  if (usable.size() < 2) return std::nan("");
  std::vector<double> values;
  values.reserve(usable.size() * usable.size());
  for (const std::size_t row : usable) {
    for (const std::size_t column : usable) values.push_back(matrix(row, column));
  }
  return std::min(1.0, largest_eigenvalue(std::move(values), usable.size()) /
                           static_cast<double>(usable.size()));
}

Holding equal_weights(const Rows& returns) {
  const double weight = 1.0 / static_cast<double>(returns.size());
  std::vector<double> held(returns.columns());
  double deviations = 0.0;
  for (std::size_t m = 0; m < returns.size(); ++m) {
    const auto row = returns[m];
    for (std::size_t i = 0; i < held.size(); ++i) held[i] += weight * row[i];
    deviations += weight * deviation(row);
  }
  const double volatility = deviation(held);
  return {volatility, volatility > 0.0 ? deviations / volatility : std::nan("")};
}

Regime regime_of(double average) noexcept {
  if (std::isnan(average)) return {};
  return {.correlation_regime = average > 0.8   ? "highly_correlated"
                                : average > 0.5 ? "moderately_correlated"
                                                : "diversified",
          .diversification_quality = average > 0.8   ? "poor"
                                     : average > 0.5 ? "moderate"
                                                     : "good",
          .systemic_risk = average > 0.7   ? "high"
                           : average > 0.4 ? "moderate"
                                           : "low"};
}

}  // namespace bourse::correlation
