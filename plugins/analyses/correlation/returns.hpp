// SPDX-License-Identifier: MIT
//
// Returns of joined closes, and what they say of one market alone.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "plugins/analyses/correlation/join.hpp"

namespace bourse::correlation {

enum class ReturnKind { kSimple, kLog };

/// A matrix of doubles whose rows are padded with zeros to whole vectors, so that sums over rows
/// need no tail. A market a row.
class Rows {
 public:
  static constexpr std::size_t kLanes = 8;

  Rows(std::size_t rows, std::size_t columns)
      : rows_(rows),
        columns_(columns),
        stride_((columns + kLanes - 1) / kLanes * kLanes),
        values_(rows * stride_) {}
  [[nodiscard]] std::size_t size() const noexcept { return rows_; }
  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  [[nodiscard]] std::span<double> operator[](std::size_t row) noexcept {
    return {values_.data() + row * stride_, columns_};
  }
  [[nodiscard]] std::span<const double> operator[](std::size_t row) const noexcept {
    return {values_.data() + row * stride_, columns_};
  }
  /// With the zeros at its end.
  [[nodiscard]] std::span<const double> padded(std::size_t row) const noexcept {
    return {values_.data() + row * stride_, stride_};
  }

 private:
  std::size_t rows_, columns_, stride_;
  std::vector<double> values_;
};

/// Of every two closes that are neighbours, never over a hole. simple: b / a - 1, log: ln(b / a).
Rows returns_of(const Joined& joined, ReturnKind kind);

double mean(std::span<const double> values) noexcept;
/// Of a sample (n - 1). NaN below two values. 0 for values that do not vary: see varies().
double deviation(std::span<const double> values) noexcept;
/// False when the differences between values are no more than what rounding makes of equal ones,
/// such as the returns of a price that always grows by 1 %.
bool varies(std::span<const double> values) noexcept;

/// The values' ranks from 1, ties share the mean of their places.
void ranks(std::span<const double> values, std::span<double> out);

/// last / first - 1: what somebody has who held all the time, over holes as well. REQUIRES: not
/// empty.
double total_return(std::span<const double> closes) noexcept;
/// Largest fall from an earlier high, as a share of that high: 0..1, so a fall is positive. A hole
/// may hide a deeper one.
double max_drawdown(std::span<const double> closes) noexcept;

}  // namespace bourse::correlation
