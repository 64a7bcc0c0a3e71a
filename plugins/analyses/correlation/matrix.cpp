// SPDX-License-Identifier: MIT
#include "plugins/analyses/correlation/matrix.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "plugins/analyses/correlation/student.hpp"

namespace bourse::correlation {
namespace {

/// Eight sums side by side, so that the compiler may use vectors without reordering one sum.
double dot(std::span<const double> a, std::span<const double> b) noexcept {
  std::array<double, Rows::kLanes> sums{};
  for (std::size_t i = 0; i < a.size(); i += Rows::kLanes) {
    for (std::size_t lane = 0; lane < Rows::kLanes; ++lane) {
      sums[lane] += a[i + lane] * b[i + lane];
    }
  }
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// To mean 0 and length 1: then a correlation is a product of two rows.
void standardise(std::span<double> row) noexcept {
  const double center = mean(row);
  double squares = 0.0;
  for (double& v : row) {
    v -= center;
    squares += v * v;
  }
  const double length = std::sqrt(squares);
  for (double& v : row) v /= length;
}

}  // namespace

Matrix correlate(const Rows& returns, Method method, const Poll& poll) {
  Rows rows(returns.size(), returns.columns());
  std::vector<bool> usable(returns.size());
  for (std::size_t m = 0; m < returns.size(); ++m) {
    if (poll) poll();
    usable[m] = varies(returns[m]);
    if (!usable[m]) continue;
    if (method == Method::kSpearman) {
      ranks(returns[m], rows[m]);
    } else {
      std::copy(returns[m].begin(), returns[m].end(), rows[m].begin());
    }
    standardise(rows[m]);
  }
  Matrix matrix(returns.size());
  for (std::size_t a = 0; a < returns.size(); ++a) {
    if (poll) poll();
    matrix(a, a) = usable[a] ? 1.0 : std::nan("");
    for (std::size_t b = a + 1; b < returns.size(); ++b) {
      const double r = usable[a] && usable[b]
                           ? std::clamp(dot(rows.padded(a), rows.padded(b)), -1.0, 1.0)
                           : std::nan("");
      matrix(a, b) = matrix(b, a) = r;
    }
  }
  return matrix;
}

std::vector<Pair> pairs_of(const Matrix& matrix, std::size_t observations) {
  std::vector<Pair> pairs;
  pairs.reserve(matrix.size() * (matrix.size() - std::min<std::size_t>(1, matrix.size())) / 2);
  for (std::size_t a = 0; a < matrix.size(); ++a) {
    for (std::size_t b = a + 1; b < matrix.size(); ++b) {
      pairs.push_back({a, b, matrix(a, b), two_sided_p_value(matrix(a, b), observations)});
    }
  }
  const auto strength = [](const Pair& p) {  // NaN would break the order
    return std::isnan(p.correlation) ? -1.0 : std::abs(p.correlation);
  };
  std::stable_sort(pairs.begin(), pairs.end(),
                   [&strength](const Pair& a, const Pair& b) { return strength(a) > strength(b); });
  return pairs;
}

std::string_view class_of(double correlation) noexcept {
  if (correlation > 0.8) return "high";
  if (correlation >= 0.5) return "moderate";
  return correlation < 0.0 ? "negative" : "low";
}

}  // namespace bourse::correlation
