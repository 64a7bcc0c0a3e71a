// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/volume.hpp"

#include <cstddef>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {
namespace {

constexpr std::int64_t kDay = 86'400'000'000'000;

constexpr std::int64_t day_of(std::int64_t time) noexcept {
  return time / kDay - (time % kDay < 0 ? 1 : 0);
}

/// Sum with its rounding errors kept apart (Neumaier 1974): the total of an on-balance volume may
/// be far smaller than what was added and taken off on the way.
class ExactSum {
 public:
  void add(double value) noexcept {
    const double sum = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  [[nodiscard]] double total() const noexcept { return sum_ + lost_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

}  // namespace

void on_balance_volume(std::span<const double> closes, std::span<const double> volumes,
                       std::span<double> out) noexcept {
  ExactSum balance;
  for (std::size_t row = 0; row < closes.size(); ++row) {
    if (row == 0 || closes[row] > closes[row - 1]) {
      balance.add(volumes[row]);
    } else if (closes[row] < closes[row - 1]) {
      balance.add(-volumes[row]);
    }
    out[row] = balance.total();
  }
}

std::size_t rows_without_day_start(std::span<const std::int64_t> open_times) noexcept {
  if (open_times.empty() || open_times.front() % kDay == 0) return 0;
  const std::int64_t first_day = day_of(open_times.front());
  std::size_t rows = 1;
  while (rows < open_times.size() && day_of(open_times[rows]) == first_day) ++rows;
  return rows;
}

void volume_weighted_price(std::span<const std::int64_t> open_times, std::span<const double> highs,
                           std::span<const double> lows, std::span<const double> closes,
                           std::span<const double> volumes, std::span<double> out) noexcept {
  const std::size_t unanchored = rows_without_day_start(open_times);
  std::int64_t day = 0;
  double anchor = 0;  // first price of the day: what is weighted are distances from it, small ones
  double weighted = 0, volume = 0;
  for (std::size_t row = 0; row < open_times.size(); ++row) {
    if (row == 0 || day_of(open_times[row]) != day) {
      day = day_of(open_times[row]);
      anchor = weighted = volume = 0;
    }
    const double price = (highs[row] + lows[row] + closes[row]) / 3.0;
    if (price > 0.0) {
      if (anchor == 0.0) anchor = price;
      weighted += (price - anchor) * volumes[row];
      volume += volumes[row];
    }
    out[row] = row >= unanchored && volume > 0.0 ? anchor + weighted / volume : kUndefined;
  }
}

}  // namespace bourse::technical
