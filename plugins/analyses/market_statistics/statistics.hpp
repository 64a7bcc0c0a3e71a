// SPDX-License-Identifier: MIT
//
// What a number of markets did together in the last 24 hours. Pure functions; percent are percent,
// not fractions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bourse/decimal.hpp"

namespace bourse::market_statistics {

/// One market that was traded.
struct Movement {
  double change_percent;
  double volatility_percent;  ///< volatility_percent() below
};

/// (high - low) / low x 100. The difference is taken in decimals, exactly. REQUIRES: low > 0.
double volatility_percent(Decimal high, Decimal low);

/// Everything is absent where there is no market to tell it of.
struct Summary {
  std::optional<double> average_change, max_change, min_change;
  std::optional<double> average_volatility, max_volatility, min_volatility;
  std::size_t advancers = 0, decliners = 0, unchanged = 0;
  std::optional<double> breadth;           ///< (advancers - decliners) / markets, -1 .. 1
  std::optional<double> change_deviation;  ///< of a sample (divided by n - 1): from two markets on
};
Summary summarize(std::span<const Movement> markets);

/// neutral below 0.05 % either way, else bullish or bearish.
std::string_view sentiment(double average_change) noexcept;
/// high_volatility above 5 %, else normal_volatility.
std::string_view regime(double average_volatility) noexcept;
/// uniform below 2 percentage points, else divergent.
std::string_view uniformity(double change_deviation) noexcept;

/// Indices of the `count` (or all) largest keys, largest first; equal keys keep their order.
std::vector<std::size_t> largest(std::span<const double> keys, std::size_t count);
/// The same of the smallest, smallest first.
std::vector<std::size_t> smallest(std::span<const double> keys, std::size_t count);

struct Traded {
  std::string_view quote_asset;
  Decimal quote_volume;
};
struct QuoteVolume {
  std::string_view quote_asset;
  Decimal total;  ///< exact
  std::size_t symbols = 0;
};
/// One entry an asset, in order of first appearance: volumes of different assets do not add up.
/// Throws DecimalError when a sum needs more than 38 digits.
std::vector<QuoteVolume> sum_by_quote_asset(std::span<const Traded> markets);

}  // namespace bourse::market_statistics
