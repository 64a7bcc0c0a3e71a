// SPDX-License-Identifier: MIT
//
// Sliding windows in O(1) a value, without the subtraction that makes running sums drift.
//
// The block method (van Herk 1992; Gil and Werman 1993): every window of `period` values that ends
// in pivot .. pivot + period - 1 contains the pivot, so it is the end of what lies before the pivot
// joined with the start of what begins there. Both parts grow by one value at a time. Nothing is
// ever taken out of a sum, so an error made at row 10 is gone at row 10 + 2 x period, and a window
// of equal values folds to exactly that.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

namespace bourse::technical {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

/// Marks the first `rows` values (at most all) as not defined yet.
inline void leave_undefined(std::span<double> out, std::size_t rows) noexcept {
  std::fill_n(out.begin(), std::min(rows, out.size()), kUndefined);
}

/// Calls emit(end, pivot, fold) for the window [end - period + 1, end] of every `end` from
/// period - 1 to rows - 1, in ascending order. value(row, pivot) gives the values, combine(a, b)
/// joins two folds; the pivot is a row inside of the window. `scratch` has `rows` places; the place
/// `end` is free when emit is called for it. REQUIRES: period >= 1.
template <class Value, class Combine, class Emit>
void fold_windows(std::size_t rows, std::size_t period, std::span<double> scratch, Value value,
                  Combine combine, Emit emit) {
  for (std::size_t pivot = period - 1; pivot < rows; pivot += period) {
    const std::size_t ends = std::min(period, rows - pivot);
    double before = 0;
    for (std::size_t i = period - 1; i-- > 0;) {  // scratch[pivot + i]: what window i has before it
      const double v = value(pivot + 1 + i - period, pivot);
      before = i + 2 == period ? v : combine(before, v);
      if (i < ends) scratch[pivot + i] = before;
    }
    double since = 0;
    for (std::size_t i = 0; i < ends; ++i) {
      const double v = value(pivot + i, pivot);
      since = i == 0 ? v : combine(since, v);
      emit(pivot + i, pivot, i + 1 < period ? combine(scratch[pivot + i], since) : since);
    }
  }
}

/// Arithmetic mean; sums the distances from the first value, so that equal values have that mean
/// exactly. REQUIRES: not empty.
inline double mean(std::span<const double> values) noexcept {
  double sum = 0;
  for (const double v : values) sum += v - values.front();
  return values.front() + sum / static_cast<double>(values.size());
}

}  // namespace bourse::technical
