// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/series.hpp"

#include "plugins/analyses/technical/history.hpp"
#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

void expect_same(std::span<const double> a, std::span<const double> b, double factor,
                 const char* name) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t row = 0; row < a.size(); ++row) {
    ASSERT_EQ(std::isnan(a[row]), std::isnan(b[row])) << name << ", row " << row;
    if (std::isnan(a[row])) continue;
    ASSERT_EQ(a[row] * factor, b[row]) << name << ", row " << row;
  }
}

TEST(Series, ARowNeverDependsOnLaterRows) {
  const Walk walk(400);
  for (const auto method : {RsiMethod::kWilder, RsiMethod::kCutler}) {
    Settings settings;
    settings.rsi_method = method;
    const Series whole = compute(walk.candles(), settings);
    for (const std::size_t rows : {0u, 1u, 19u, 20u, 21u, 50u, 137u, 399u}) {
      const Series part = compute(walk.candles(rows), settings);
      for (std::size_t c = 0; c < kColumns; ++c) {
        const auto column = static_cast<Column>(c);
        expect_same(part[column], whole[column].first(rows), 1, name_of(column));
      }
    }
  }
}

TEST(Series, PricesTimesAPowerOfTwoMoveEveryColumnExactlyAsItsUnitSays) {
  Walk walk(300), scaled(300);
  for (Doubles* column : {&scaled.highs, &scaled.lows, &scaled.closes}) {
    for (double& v : *column) v *= 0x1p-20;
  }
  for (double& v : scaled.volumes) v *= 8;
  const Series plain = compute(walk.candles(), {}), moved = compute(scaled.candles(), {});
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    double factor = 0x1p-20;  // a price
    if (column == Column::kObv) factor = 8;
    for (const Column ratio : {Column::kRsi, Column::kBollingerPercentB, Column::kStochasticK,
                               Column::kBollingerBandwidth, Column::kStochasticD}) {
      if (column == ratio) factor = 1;
    }
    expect_same(plain[column], moved[column], factor, name_of(column));
  }
}

TEST(Series, TheOrderInsideAWindowDoesNotMatterToItsMean) {
  Walk walk(50);
  Walk shuffled = walk;
  std::shuffle(shuffled.closes.begin(), shuffled.closes.end(), std::mt19937(5));
  // Whole quarters: sums and their squares are exact in any order.
  Settings whole;
  whole.bollinger_period = 50;
  EXPECT_EQ(compute(walk.candles(), whole)[Column::kBollingerMiddle].back(),
            compute(shuffled.candles(), whole)[Column::kBollingerMiddle].back());
}

TEST(Series, TheMiddleBandIsTheAverageOfTheSamePeriod) {
  const Walk walk(300, 9, 0.1);
  const Series series = compute(walk.candles(), {});
  expect_same(series[Column::kSmaFast], series[Column::kBollingerMiddle], 1, "sma_fast");
}

TEST(Series, WarmUpIsWhatDefinesAndConvergesEverything) {
  // By hand, for what is left of a seed to be 1e-9: ln(1e-9) = -20.7233.
  // MACD: 25 + 20.7233 / ln(27 / 25) = 25 + 270, its signal 8 + 20.7233 / ln(10 / 8) = 8 + 93.
  EXPECT_EQ(warm_up_rows({}), 396u);
  Settings quick;
  quick.macd = {2, 3, 2};
  quick.rsi_period = quick.atr_period = 2;
  EXPECT_EQ(warm_up_rows(quick), 250u);
  quick.rsi_period = 100;  // Wilder: 100 + 20.7233 / ln(100 / 99) = 100 + 2062
  EXPECT_EQ(warm_up_rows(quick), 2162u);
  quick.rsi_method = RsiMethod::kCutler;  // no memory beyond its window
  EXPECT_EQ(warm_up_rows(quick), 250u);
  quick.sma_slow = 500;
  EXPECT_EQ(warm_up_rows(quick), 499u);
}

TEST(Series, AfterTheWarmUpWhereTheHistoryBeganNoLongerShows) {
  const Walk walk(1200, 11);
  const std::size_t warm_up = warm_up_rows({});
  const auto from = [&](std::size_t first) {
    return compute({.open_times = std::span(walk.open_times).subspan(first),
                    .highs = std::span(walk.highs).subspan(first),
                    .lows = std::span(walk.lows).subspan(first),
                    .closes = std::span(walk.closes).subspan(first),
                    .volumes = std::span(walk.volumes).subspan(first)},
                   {});
  };
  const Series longer = from(0), shorter = from(1200 - 1 - warm_up);
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    if (column == Column::kObv) continue;  // begins anywhere, by nature
    EXPECT_NEAR(longer[column].back(), shorter[column].back(), 1000 * 1e-9) << name_of(column);
  }
}

}  // namespace
}  // namespace bourse::technical
