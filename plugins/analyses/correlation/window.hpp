// SPDX-License-Identifier: MIT
//
// The window that is compared: places of a grid, each of which one candle can fill.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bourse/interval.hpp"
#include "bourse/value.hpp"

namespace bourse::correlation {

struct Window {
  Interval grid;           ///< anchored, where markets have no common grid
  Time from{}, to{};       ///< open times of the first and the last place
  std::size_t places = 0;  ///< 0: it is empty, and from and to mean nothing
  [[nodiscard]] bool holds(std::int64_t time) const noexcept {
    return places != 0 && time >= from.ns && time < grid.next(to).ns;
  }
};

/// Places from the first that starts at or after `start` to the one that holds `last`.
Window window_from(Interval grid, Time start, Time last) noexcept;
/// `places` of them, of which the last holds `last`. REQUIRES: places >= 1.
Window window_of(Interval grid, std::size_t places, Time last) noexcept;

/// Places of the grid from the one that holds `earlier` to the one that holds `later`: 0 within
/// one place, 1 for neighbours. REQUIRES: earlier <= later.
std::int64_t steps_between(Interval grid, Time earlier, Time later) noexcept;

}  // namespace bourse::correlation
