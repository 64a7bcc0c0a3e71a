// SPDX-License-Identifier: MIT
//
// What correlations mean for someone who holds all of the markets.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/returns.hpp"

namespace bourse::correlation {

/// Over the pairs that have a correlation, never over the diagonal. NaN: cannot be said.
struct PairSummary {
  double average, maximum, minimum;
  double deviation;  ///< of a sample; NaN below two pairs
};
PairSummary summarise(std::span<const Pair> pairs);

/// Largest eigenvalue / number of markets, of those that have correlations: the share of all
/// (standardised) variance that one common movement explains. NaN below two such markets.
double first_component_share(const Matrix& matrix);

/// Of equal weights held at every step, per step and not annualised.
struct Holding {
  double volatility;             ///< deviation of the mean of all returns
  double diversification_ratio;  ///< mean of the deviations / volatility; NaN when that is 0
};
/// REQUIRES: at least one market and two returns.
Holding equal_weights(const Rows& returns);

/// By the average correlation; empty when that is NaN.
struct Regime {
  std::string_view correlation_regime;       ///< highly_correlated > 0.8, moderately_ > 0.5
  std::string_view diversification_quality;  ///< poor > 0.8, moderate > 0.5, good
  std::string_view systemic_risk;            ///< high > 0.7, moderate > 0.4, low
};
Regime regime_of(double average_correlation) noexcept;

}  // namespace bourse::correlation
