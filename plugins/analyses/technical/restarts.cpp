// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/restarts.hpp"

namespace bourse::technical {
namespace {

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

}  // namespace

std::vector<std::size_t> restart_rows(std::span<const std::int64_t> open_times,
                                      std::int64_t spacing) {
  std::vector<std::size_t> rows;
  std::int64_t last = 0;
  for (std::size_t row = 0; row < open_times.size(); ++row) {
    // Two divisions: spacing x kRestartRows may be longer than time itself.
    const std::int64_t stretch =
        floor_div(floor_div(open_times[row], spacing), std::int64_t{kRestartRows});
    if (row == 0 || stretch != last) rows.push_back(row);
    last = stretch;
  }
  return rows;
}

}  // namespace bourse::technical
