// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/series.hpp"

#include "plugins/analyses/technical/moving_average.hpp"
#include "plugins/analyses/technical/rsi.hpp"
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
  // By hand, for what is left of a seed to be 1e-15: ln(1e-15) = -34.5388. MACD by a second
  // computation of its bound, in Python: 510 rows at 12, 26, 9. And 256 rows between restarts.
  EXPECT_EQ(warm_up_rows({}), 510u + 256);
  Settings quick;
  quick.macd = {2, 3, 2};
  quick.rsi_period = quick.atr_period = 2;
  EXPECT_EQ(warm_up_rows(quick), 58u + 256);  // MACD, in Python
  quick.rsi_period = 100;                     // Wilder: 100 + 34.5388 / ln(100 / 99) = 100 + 3437
  EXPECT_EQ(warm_up_rows(quick), 3537u + 256);
  quick.rsi_method = RsiMethod::kCutler;  // no memory beyond its window
  EXPECT_EQ(warm_up_rows(quick), 58u + 256);
  quick.sma_slow = 500;
  EXPECT_EQ(warm_up_rows(quick), 499u);
  quick.macd = {199, 200, 2};  // in Python
  EXPECT_EQ(warm_up_rows(quick), 4834u + 256);
}

TEST(Series, EveryColumnBeginsWithTheCandlesThatItNeeds) {
  const Walk walk(400);
  Settings settings;
  settings.sma_slow = 77;
  settings.stochastic = {30, 5, 7};
  for (const auto method : {RsiMethod::kWilder, RsiMethod::kCutler}) {
    settings.rsi_method = method;
    const Series series = compute(walk.candles(), settings);
    for (std::size_t c = 0; c < kColumns; ++c) {
      const auto column = static_cast<Column>(c);
      const std::size_t first = rows_needed(column, settings) - 1;
      EXPECT_FALSE(std::isnan(series[column][first])) << name_of(column);
      if (first == 0) continue;
      EXPECT_TRUE(std::isnan(series[column][first - 1])) << name_of(column);
    }
  }
}

/// An hour's candles with holes of all kinds, at prices that no double holds exactly.
Walk holed_walk(std::size_t rows, unsigned seed) {
  Walk walk(rows, seed, 0.01);
  std::mt19937 random(seed);
  std::int64_t time = -5000 * 3'600'000'000'000;
  for (std::int64_t& open_time : walk.open_times) {
    const auto hours = static_cast<std::int64_t>(random() % 50 == 0 ? 1 + random() % 300 : 1);
    time += hours * 3'600'000'000'000;
    open_time = time;
  }
  return walk;
}

/// As the plugin reads it: the shown rows, the warm-up, and no candle more.
Series shown_alone(const Walk& walk, const Settings& settings, std::size_t limit) {
  const std::size_t first = walk.closes.size() - limit - warm_up_rows(settings);
  return compute({.open_times = std::span(walk.open_times).subspan(first),
                  .highs = std::span(walk.highs).subspan(first),
                  .lows = std::span(walk.lows).subspan(first),
                  .closes = std::span(walk.closes).subspan(first),
                  .volumes = std::span(walk.volumes).subspan(first)},
                 settings);
}

std::vector<Settings> settings_of_all_sizes() {
  Settings quick, apart, near, lasting, cutler;
  quick.macd = {2, 3, 2};
  quick.sma_fast = quick.rsi_period = quick.atr_period = quick.bollinger_period = 2;
  quick.sma_slow = 3;
  quick.stochastic = {2, 1, 1};
  apart.macd = {5, 35, 5};
  apart.rsi_period = 31;
  apart.stochastic = {61, 9, 4};
  near.macd = {199, 200, 2};
  near.bollinger_period = 333;
  lasting.rsi_period = lasting.atr_period = 100;
  cutler.rsi_method = RsiMethod::kCutler;
  cutler.rsi_period = 100;
  return {{}, quick, apart, near, lasting, cutler};
}

TEST(Series, NoBitOfAValueDependsOnHowManyRowsAreShown) {
  for (const unsigned seed : {3u, 4u}) {
    for (const Settings& settings : settings_of_all_sizes()) {
      const std::size_t most = 700;
      const Walk walk = holed_walk(most + warm_up_rows(settings) + 300, seed);
      const Series whole = compute(walk.candles(), settings);
      for (std::size_t limit = 1; limit <= most; limit += 1 + limit / 9) {
        const Series part = shown_alone(walk, settings, limit);
        for (std::size_t c = 0; c < kColumns; ++c) {
          const auto column = static_cast<Column>(c);
          if (column == Column::kObv) continue;  // its level is that of where it begins
          expect_same(part[column].last(limit), whole[column].last(limit), 1, name_of(column));
          if (testing::Test::HasFailure()) {
            FAIL() << "limit " << limit << ", MACD " << settings.macd.fast;
          }
        }
      }
    }
  }
}

/// Candles so far apart that every row begins a new stretch of the calendar.
Walk sparse_walk(std::size_t rows, std::int64_t hours_apart) {
  Walk walk(rows, 8, 0.01);
  for (std::int64_t& time : walk.open_times) time *= hours_apart;
  return walk;
}

TEST(Series, NoBitOfASparseHistoryDependsOnHowManyRowsAreShown) {
  for (const std::int64_t hours_apart : {100, 256, 300}) {
    const Walk walk = sparse_walk(700 + warm_up_rows({}) + 300, hours_apart);
    const Series whole = compute(walk.candles(), {});
    for (std::size_t limit = 1; limit <= 700; limit += 1 + limit / 9) {
      const Series part = shown_alone(walk, {}, limit);
      for (std::size_t c = 0; c < kColumns; ++c) {
        const auto column = static_cast<Column>(c);
        if (column == Column::kObv) continue;
        expect_same(part[column].last(limit), whole[column].last(limit), 1, name_of(column));
        if (testing::Test::HasFailure()) FAIL() << "limit " << limit << ", " << hours_apart;
      }
    }
  }
}

TEST(Series, PollsBeforeEachColumnAndEachRunAndEndsWhenThatThrows) {
  const std::size_t rows = 20'000;
  for (const std::int64_t hours_apart : {1, 300}) {
    const Walk walk = sparse_walk(rows, hours_apart);
    std::size_t polls = 0;
    (void)compute(walk.candles(), {}, [&] { ++polls; });
    // Five recursive columns, a run for every 256 rows; and at even distances at most three.
    EXPECT_GE(polls, 5 * (rows - 800) / 256) << hours_apart;
    EXPECT_LE(polls, 3 * 5 * (rows / 256 + 1) + 10) << hours_apart;
    struct Gone {};
    std::size_t left = polls / 2;
    const auto end_half_way = [&] {
      if (left-- == 0) throw Gone();
    };
    EXPECT_THROW((void)compute(walk.candles(), {}, end_half_way), Gone);
  }
}

// Near its goal a recursive average stops moving, some bits off, on the side that it came from; and
// an RSI is the ratio of two averages that both vanish. Neither is ever forgotten by computing on.
TEST(Series, NoBitOfAFlatMarketDependsOnWhetherItsLastMovesWereRead) {
  Walk walk(3500, 7, 0.01);
  for (Doubles* column : {&walk.highs, &walk.lows, &walk.closes}) {
    std::fill(column->begin() + 1000, column->end(), 40.1);
  }
  const Series whole = compute(walk.candles(), {});
  const Series part = shown_alone(walk, {}, 100);  // begins long after the last move
  for (std::size_t c = 0; c < kColumns; ++c) {
    const auto column = static_cast<Column>(c);
    if (column == Column::kObv) continue;
    expect_same(part[column].last(100), whole[column].last(100), 1, name_of(column));
  }
  EXPECT_EQ(whole[Column::kRsi].back(), 50.0);
  EXPECT_EQ(whole[Column::kEmaSlow].back(), 40.1);
  EXPECT_EQ(whole[Column::kAtr].back(), 0.0);
}

TEST(Series, TheChangesOfOnBalanceVolumeAreThoseOfTheVolumes) {
  const Walk walk = holed_walk(1500, 5);
  const Series whole = compute(walk.candles(), {}), part = shown_alone(walk, {}, 100);
  for (std::size_t row = 1; row < 100; ++row) {  // whole volumes: exact
    const auto change = [row](std::span<const double> obv) {
      return obv.last(100)[row] - obv.last(100)[row - 1];
    };
    EXPECT_EQ(change(part[Column::kObv]), change(whole[Column::kObv]));
  }
}

// The recursion from the first row, as the textbooks have it: restarts must not be seen.
TEST(Series, RestartsOfRecursiveAveragesDoNotShow) {
  const Walk walk = holed_walk(3000, 6);
  const Series series = compute(walk.candles(), {});
  Doubles plain(3000);
  exponential_moving_average(walk.closes, 26, plain);
  for (std::size_t row = 25; row < 3000; ++row) {
    // The range of closes here is below 100, and a double of some 40 is exact to 7e-15.
    ASSERT_NEAR(series[Column::kEmaSlow][row], plain[row], 2e-13) << row;
  }
  rsi_wilder(walk.closes, 14, plain);
  for (std::size_t row = 14; row < 3000; ++row) {
    ASSERT_NEAR(series[Column::kRsi][row], plain[row], 1e-11) << row;
  }
}

}  // namespace
}  // namespace bourse::technical
