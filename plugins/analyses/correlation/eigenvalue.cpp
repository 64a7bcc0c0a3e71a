// SPDX-License-Identifier: MIT
//
// Golub and Van Loan, Matrix Computations, 4th edition: 8.3.1 (tridiagonalisation), 8.4.1 (Sturm).
#include "plugins/analyses/correlation/eigenvalue.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

namespace bourse::correlation {
namespace {

struct Tridiagonal {
  std::vector<double> diagonal, beside;  ///< beside[i] couples i and i + 1
};

/// The lower triangle of a square matrix.
class Lower {
 public:
  Lower(std::vector<double>& values, std::size_t size) : values_(values), size_(size) {}
  double& operator()(std::size_t row, std::size_t column) const {
    return values_[std::max(row, column) * size_ + std::min(row, column)];
  }

 private:
  std::vector<double>& values_;
  std::size_t size_;
};

/// Reflects rows and columns first.. so that column first - 1 keeps one value below the diagonal,
/// which it returns. `v` and `w` are scratch.
double reflect(const Lower& a, std::size_t first, std::size_t size, std::span<double> v,
               std::span<double> w) {
  double squares = 0.0;
  for (std::size_t i = first; i < size; ++i) {
    v[i] = a(i, first - 1);
    squares += v[i] * v[i];
  }
  const double tail = squares - v[first] * v[first];
  if (!(tail > 0.0)) return v[first];
  const double length = v[first] > 0.0 ? -std::sqrt(squares) : std::sqrt(squares);
  v[first] -= length;
  const double beta = 2.0 / (tail + v[first] * v[first]);
  double inner = 0.0;
  for (std::size_t i = first; i < size; ++i) {
    double sum = 0.0;
    for (std::size_t j = first; j < size; ++j) sum += a(i, j) * v[j];
    w[i] = beta * sum;
    inner += w[i] * v[i];
  }
  for (std::size_t i = first; i < size; ++i) w[i] -= beta / 2.0 * inner * v[i];
  for (std::size_t i = first; i < size; ++i) {
    for (std::size_t j = first; j <= i; ++j) a(i, j) -= v[i] * w[j] + w[i] * v[j];
  }
  return length;
}

Tridiagonal reduce(std::vector<double>& values, std::size_t size) {
  const Lower a(values, size);
  std::vector<double> v(size), w(size);
  Tridiagonal t;
  for (std::size_t i = 0; i < size; ++i) {
    t.diagonal.push_back(a(i, i));
    if (i + 1 < size) t.beside.push_back(reflect(a, i + 1, size, v, w));
  }
  return t;
}

/// Whether all eigenvalues are below x: then all pivots of T - x are negative.
bool all_below(const Tridiagonal& t, double x) {
  double pivot = t.diagonal[0] - x;
  for (std::size_t i = 1; i < t.diagonal.size(); ++i) {
    if (!(pivot < 0.0)) return false;
    pivot = t.diagonal[i] - x - t.beside[i - 1] * t.beside[i - 1] / pivot;
  }
  return pivot < 0.0;
}

}  // namespace

double largest_eigenvalue(std::vector<double> a, std::size_t size) {
  const Tridiagonal t = reduce(a, size);
  // Gershgorin: no eigenvalue is above `high`, and the largest is not below any diagonal value.
  double low = t.diagonal[0], high = t.diagonal[0];
  for (std::size_t i = 0; i < size; ++i) {
    const double radius =
        (i > 0 ? std::abs(t.beside[i - 1]) : 0.0) + (i + 1 < size ? std::abs(t.beside[i]) : 0.0);
    low = std::max(low, t.diagonal[i]);
    high = std::max(high, t.diagonal[i] + radius);
  }
  // Each step halves the interval; 64 take any to neighbouring doubles or to nothing against
  // |high|.
  for (int step = 0; step < 64; ++step) {
    const double middle = low + (high - low) / 2.0;
    if (middle <= low || middle >= high) break;
    (all_below(t, middle) ? high : low) = middle;
  }
  return low + (high - low) / 2.0;
}

}  // namespace bourse::correlation
