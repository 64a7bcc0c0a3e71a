// SPDX-License-Identifier: MIT
//
// What a market lacks of the window, and why.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "plugins/analyses/correlation/join.hpp"
#include "plugins/analyses/correlation/window.hpp"

namespace bourse::correlation {

/// Candles, unless it says otherwise.
struct Missing {
  std::int64_t early = 0;           ///< before the history begins
  std::int64_t within = 0;          ///< in gaps: there are candles on both sides
  std::int64_t gaps = 0;            ///< how many
  Time gap_from{}, gap_to{};        ///< open times of the first and last candle of the first gap
  std::int64_t late = 0;            ///< after the newest
  std::int64_t unpriced = 0;        ///< that came without a price
  std::int64_t beside = 0;          ///< that came, but not at a time where the grid has one
  std::optional<Time> first, last;  ///< of those that came in the window
  std::int64_t returns = 0;         ///< returns of the window that the market has not

  [[nodiscard]] std::int64_t candles() const noexcept { return early + within + late + unpriced; }
  /// Of these, what is not because the history begins late.
  [[nodiscard]] std::int64_t returns_in_gaps() const noexcept { return returns - early; }
};

/// `history`: what came, of the window alone. `begins`: nothing is before the first of it; else
/// what is missing there is a gap.
Missing missing_of(const History& history, const Window& window, bool begins);

/// "163 candles in 1 gap, from 2022-09-30T00:00:00Z to 2023-03-11T00:00:00Z, 1 without a price":
/// all but the early ones. Empty when there are none.
std::string describe_gaps(const Missing& missing);

}  // namespace bourse::correlation
