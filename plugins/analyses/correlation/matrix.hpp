// SPDX-License-Identifier: MIT
//
// Correlations of every market with every other.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "plugins/analyses/correlation/returns.hpp"

namespace bourse::correlation {

enum class Method { kPearson, kSpearman };

/// Symmetric, 1 on the diagonal. A market whose returns do not vary has NaN throughout, on the
/// diagonal as well: it has no correlation, not one of 0.
class Matrix {
 public:
  explicit Matrix(std::size_t size) : size_(size), values_(size * size) {}
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] double& operator()(std::size_t row, std::size_t column) noexcept {
    return values_[row * size_ + column];
  }
  [[nodiscard]] double operator()(std::size_t row, std::size_t column) const noexcept {
    return values_[row * size_ + column];
  }
  /// Row by row.
  [[nodiscard]] std::span<const double> values() const noexcept { return values_; }

 private:
  std::size_t size_;
  std::vector<double> values_;
};

/// Values are within -1..1. spearman: pearson of the ranks. Polls before each market, twice.
/// REQUIRES: at least 2 columns.
Matrix correlate(const Rows& returns, Method method, const Poll& poll = {});

struct Pair {
  std::size_t first, second;  ///< first < second
  double correlation;         ///< NaN: has none
  double p_value;  ///< chance of so strong a correlation if there were none, by Student's t; NaN
                   ///< without a correlation, and below 3 observations
};

/// Off the diagonal, by descending |correlation|, those without one last; equals in the order of
/// the markets.
std::vector<Pair> pairs_of(const Matrix& matrix, std::size_t observations);

/// high > 0.8, moderate 0.5..0.8, low 0..0.5, negative < 0. REQUIRES: not NaN.
std::string_view class_of(double correlation) noexcept;

}  // namespace bourse::correlation
