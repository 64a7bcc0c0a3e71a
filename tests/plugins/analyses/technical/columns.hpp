// SPDX-License-Identifier: MIT
//
// What the tests of indicators share.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "plugins/analyses/technical/series.hpp"

namespace bourse::technical {

using Doubles = std::vector<double>;

/// `out` is undefined (NaN) in its first rows and then the `published` values to the decimals that
/// were published.
inline void expect_published(std::span<const double> out, const Doubles& published, int decimals) {
  ASSERT_GE(out.size(), published.size());
  const std::size_t first = out.size() - published.size();
  for (std::size_t row = 0; row < first; ++row) EXPECT_TRUE(std::isnan(out[row])) << "row " << row;
  for (std::size_t i = 0; i < published.size(); ++i) {
    EXPECT_NEAR(out[first + i], published[i], 0.5000001 * std::pow(10, -decimals))
        << "row " << first + i;
  }
}

/// Owns what Candles borrows: a random walk of whole cents, so that sums of them are exact.
struct Walk {
  std::vector<std::int64_t> open_times;
  Doubles highs, lows, closes, volumes;

  explicit Walk(std::size_t rows, unsigned seed = 1, double cent = 0.25) {
    std::mt19937 random(seed);  // its numbers, unlike those of distributions, are the same anywhere
    double close = 4000 * cent;
    for (std::size_t row = 0; row < rows; ++row) {
      close += cent * (static_cast<double>(random() % 41) - 20.0);
      open_times.push_back(static_cast<std::int64_t>(row) * 3'600'000'000'000);
      closes.push_back(close);
      highs.push_back(close + cent * static_cast<double>(random() % 16));
      lows.push_back(close - cent * static_cast<double>(random() % 16));
      volumes.push_back(static_cast<double>(random() % 1000));
    }
  }
  [[nodiscard]] Candles candles(std::size_t rows) const {
    return {.open_times = std::span(open_times).first(rows),
            .highs = std::span(highs).first(rows),
            .lows = std::span(lows).first(rows),
            .closes = std::span(closes).first(rows),
            .volumes = std::span(volumes).first(rows)};
  }
  [[nodiscard]] Candles candles() const { return candles(closes.size()); }
};

}  // namespace bourse::technical
