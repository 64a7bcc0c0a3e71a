// SPDX-License-Identifier: MIT
//
// Reports with charts as the analyses make them, of seeded random walks, and ones at the edge of
// what a report may hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/test_host.hpp"

namespace bourse::test {

struct TechnicalSample {
  std::size_t rows = 200;
  std::int64_t seconds = 3600;  ///< of a candle
  double price = 96'407.99;
  int decimals = 2;
  std::size_t missing = 0;  ///< first rows without averages and bands
  std::string title = "BTCUSDT, 1h: technical analysis";
  std::uint64_t seed = 7;
};

/// Candles with averages and a band, volume, RSI, MACD.
ReportPtr technical_sample(const TechnicalSample& sample);

/// Two bar charts over `symbols` symbols.
ReportPtr statistics_sample(std::size_t symbols);

/// Heat map of `symbols` x `symbols` and bars of the strongest pairs.
ReportPtr correlation_sample(std::size_t symbols);

/// Cumulative depth of both sides, and quantity per level.
ReportPtr depth_sample(std::size_t levels);

/// A line chart over time, and one over plain numbers, of these values.
ReportPtr line_sample(const std::vector<double>& values);

/// A price over ten years on a logarithmic axis, with named levels and guides, above the open
/// interest on a second axis. Some values are 0.
ReportPtr logarithmic_sample();

/// Holdings of five assets over time: areas upon one another.
ReportPtr stacked_sample();

/// Traded value of markets by venue: bars upon one another, upright, and lying by `markets` names.
ReportPtr venues_sample(std::size_t markets);

/// Return against volatility of assets: sizes, colours and labels of points.
ReportPtr points_sample(std::size_t assets);

/// Key figures and a table, no chart.
ReportPtr card_sample();

/// Charts of every kind with seeded hostile data: nulls, NaN, infinities, huge and tiny values,
/// unsorted and repeated x, long and odd names.
ReportPtr hostile_sample(std::uint64_t seed);

/// The same, with all that charts may have besides.
ReportPtr hostile_looks_sample(std::uint64_t seed);

/// Name and report of all that people should look at.
std::vector<std::pair<std::string, ReportPtr>> all_samples();

}  // namespace bourse::test
