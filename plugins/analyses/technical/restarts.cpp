// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/restarts.hpp"

#include <bit>
#include <iterator>

namespace bourse::technical {
namespace {

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

/// The highest bit in which two numbers of stretches differ, counted from 1: what begins between
/// them is a multiple of 2^(weight - 1).
int weight_between(std::int64_t stretch, std::int64_t next) noexcept {
  return 64 - std::countl_zero(static_cast<std::uint64_t>(stretch ^ next));
}

}  // namespace

std::vector<Restart> restart_rows(std::span<const std::int64_t> open_times, std::int64_t spacing) {
  std::vector<Restart> restarts;
  std::int64_t last = 0;
  for (std::size_t row = 0; row < open_times.size(); ++row) {
    // Two divisions: spacing x kRestartRows may be longer than time itself.
    const std::int64_t stretch =
        floor_div(floor_div(open_times[row], spacing), std::int64_t{kRestartRows});
    if (row == 0) {
      restarts.push_back({0, 0});
    } else if (stretch != last) {
      restarts.push_back({row, weight_between(last, stretch)});
    }
    last = stretch;
  }
  return restarts;
}

Chosen restart_for(std::span<const Restart> restarts, std::size_t row) noexcept {
  const auto after =
      std::upper_bound(restarts.begin(), restarts.end(), row,
                       [](std::size_t of, const Restart& restart) { return of < restart.row; });
  auto best = std::prev(after);  // the first row is always one
  for (auto it = best; it != restarts.begin();) {
    --it;
    if (it->row + kRestartRows <= row) break;
    if (it->weight > best->weight) best = it;
  }
  // Among earlier rows it is the one as long as nothing weightier is among them too.
  std::size_t first = best->row;
  for (auto it = best; it != restarts.begin();) {
    --it;
    if (it->row + kRestartRows <= best->row) break;
    if (it->weight <= best->weight) continue;
    first = it->row + kRestartRows;
    break;
  }
  return {best->row, best->row == 0 ? 0 : first};
}

}  // namespace bourse::technical
