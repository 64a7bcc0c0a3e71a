// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/rsi.hpp"

#include <algorithm>

#include "plugins/analyses/technical/windows.hpp"

namespace bourse::technical {
namespace {

/// Of the change that ends at row + 1.
double gain_after(std::span<const double> closes, std::size_t row) noexcept {
  return std::max(closes[row + 1] - closes[row], 0.0);
}
double loss_after(std::span<const double> closes, std::size_t row) noexcept {
  return std::max(closes[row] - closes[row + 1], 0.0);
}

}  // namespace

void rsi_wilder(std::span<const double> closes, std::size_t period,
                std::span<double> out) noexcept {
  leave_undefined(out, period);
  if (closes.size() <= period) return;
  const auto n = static_cast<double>(period);
  double gain = 0, loss = 0;
  for (std::size_t row = 0; row < period; ++row) {
    gain += gain_after(closes, row) / n;
    loss += loss_after(closes, row) / n;
  }
  out[period] = relative_strength(gain, loss);
  for (std::size_t row = period; row + 1 < closes.size(); ++row) {
    gain += (gain_after(closes, row) - gain) / n;
    loss += (loss_after(closes, row) - loss) / n;
    out[row + 1] = relative_strength(gain, loss);
  }
}

void rsi_cutler(std::span<const double> closes, std::size_t period,
                std::span<double> out) noexcept {
  leave_undefined(out, period);
  if (closes.size() <= period) return;
  const std::size_t changes = closes.size() - 1;
  const auto gain = [&](std::size_t first, std::size_t i) { return gain_after(closes, first + i); };
  const auto loss = [&](std::size_t first, std::size_t i) { return loss_after(closes, first + i); };
  // Sums that only grow: a window without losses has a loss of exactly zero, whatever was before.
  sum_windows(changes, period, gain, [&](std::size_t end, double sum) { out[end + 1] = sum; });
  sum_windows(changes, period, loss, [&](std::size_t end, double sum) {
    out[end + 1] = relative_strength(out[end + 1], sum);
  });
}

}  // namespace bourse::technical
