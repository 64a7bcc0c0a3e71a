// SPDX-License-Identifier: MIT
//
// Sliding windows whose results depend on nothing but what lies in the window: not on where the
// history that was read begins, not on how many windows there are, to the last bit.
//
// Sums are made afresh for every window, oldest term first: nothing is ever taken out of a sum, so
// nothing drifts. That is `period` additions a window; eight windows are added up side by side, so
// that they do not wait for one another. Extremes have no rounding, so the block method (van Herk
// 1992; Gil and Werman 1993) may share work between windows: every window of `period` values that
// ends in pivot .. pivot + period - 1 contains the pivot, so it is the end of what lies before the
// pivot joined with the start of what begins there, and both parts grow by one value at a time.
#pragma once

#include <algorithm>
#include <array>
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

/// Calls emit(end, sum) for the window [first, end] of `period` rows, of every `end` from
/// period - 1 to rows - 1 in ascending order; the sum is that of term(first, i) for i from 0 to
/// period - 1. Terms of up to eight windows are read before the first of them is emitted.
/// REQUIRES: period >= 1.
template <class Term, class Emit>
void sum_windows(std::size_t rows, std::size_t period, Term term, Emit emit) {
  const auto add_up = [&]<std::size_t kWindows>(std::size_t first,
                                                std::array<double, kWindows> sums) {
    for (std::size_t i = 0; i < period; ++i) {
      for (std::size_t w = 0; w < kWindows; ++w) sums[w] += term(first + w, i);
    }
    for (std::size_t w = 0; w < kWindows; ++w) emit(first + w + period - 1, sums[w]);
  };
  constexpr std::size_t kTogether = 8;
  const std::size_t windows = rows < period ? 0 : rows - period + 1;
  std::size_t first = 0;
  for (; first + kTogether <= windows; first += kTogether) {
    add_up(first, std::array<double, kTogether>{});
  }
  for (; first < windows; ++first) add_up(first, std::array<double, 1>{});
}

/// Calls emit(end, extreme) for the same windows. extreme(a, b) is one of the two, whichever order
/// they are compared in; value(row) gives the values. `scratch` has `rows` places; the place `end`
/// is free when emit is called for it. REQUIRES: period >= 1.
template <class Value, class Extreme, class Emit>
void extreme_windows(std::size_t rows, std::size_t period, std::span<double> scratch, Value value,
                     Extreme extreme, Emit emit) {
  for (std::size_t pivot = period - 1; pivot < rows; pivot += period) {
    const std::size_t ends = std::min(period, rows - pivot);
    double before = 0;
    for (std::size_t i = period - 1; i-- > 0;) {  // scratch[pivot + i]: what window i has before it
      const double v = value(pivot + 1 + i - period);
      before = i + 2 == period ? v : extreme(before, v);
      if (i < ends) scratch[pivot + i] = before;
    }
    double since = 0;
    for (std::size_t i = 0; i < ends; ++i) {
      const double v = value(pivot + i);
      since = i == 0 ? v : extreme(since, v);
      emit(pivot + i, i + 1 < period ? extreme(scratch[pivot + i], since) : since);
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
