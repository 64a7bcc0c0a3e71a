// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/restarts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <utility>

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

using testing::ElementsAre;
constexpr std::int64_t kHour = 3'600'000'000'000;

std::vector<std::size_t> rows_of(std::span<const Restart> restarts) {
  std::vector<std::size_t> rows;
  for (const Restart& restart : restarts) rows.push_back(restart.row);
  return rows;
}

TEST(Restarts, AreTheFirstRowAndTheFirstOfEveryStretch) {
  std::vector<std::int64_t> times;
  for (std::int64_t hour = -3; hour < 600; ++hour) times.push_back(hour * kHour);
  EXPECT_THAT(rows_of(restart_rows(times, kHour)), ElementsAre(0, 3, 3 + 256, 3 + 512));
  EXPECT_TRUE(restart_rows({}, kHour).empty());
}

TEST(Restarts, WeighAsMuchAsTheLongestStretchThatBeginsThere) {
  std::vector<std::int64_t> times;  // a candle a stretch, and then none for long
  for (std::int64_t stretch = 8; stretch <= 16; ++stretch) times.push_back(stretch * 256 * kHour);
  times.push_back(70 * 256 * kHour);
  std::vector<int> weights;
  for (const Restart& restart : restart_rows(times, kHour)) weights.push_back(restart.weight);
  // 9, 10 = 2 x 5, 11, 12 = 4 x 3, ... 16 = 16 x 1; between 16 and 70 lies 64 = 64 x 1.
  EXPECT_THAT(weights, ElementsAre(0, 1, 2, 1, 3, 1, 2, 1, 5, 7));
}

TEST(Restarts, AreTheSameMomentsWhereverTheHistoryBegins) {
  Walk walk(3000);
  const auto moments = [&](std::size_t first) {
    const auto times = std::span(walk.open_times).subspan(first);
    std::vector<std::pair<std::int64_t, int>> out;
    for (const Restart& restart : restart_rows(times, kHour)) {
      out.emplace_back(times[restart.row], restart.weight);
    }
    return out;
  };
  const auto all = moments(0);
  for (const std::size_t first : {1u, 255u, 256u, 257u, 1000u}) {
    const auto some = moments(first);
    EXPECT_TRUE(std::equal(some.begin() + 1, some.end(),
                           all.end() - static_cast<std::ptrdiff_t>(some.size() - 1)));
  }
}

/// Open times in hours, with gaps of many lengths.
std::vector<std::int64_t> gappy_times() {
  std::vector<std::int64_t> times;
  std::int64_t time = 0;
  for (int row = 0; row < 5000; ++row) {
    time += row % 37 == 0 ? row * kHour : kHour;
    times.push_back(time);
  }
  return times;
}

TEST(Restarts, AreNeverFartherApartThanSaid) {
  const auto rows = rows_of(restart_rows(gappy_times(), kHour));
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LE(rows[i] - rows[i - 1], kRestartRows);
}

TEST(Restarts, OfTimesAtBothEndsOfTheRangeDoNotOverflow) {
  const std::vector<std::int64_t> times = {std::numeric_limits<std::int64_t>::min(), 0,
                                           std::numeric_limits<std::int64_t>::max()};
  EXPECT_THAT(rows_of(restart_rows(times, 28 * 24 * kHour)), ElementsAre(0, 1, 2));
  EXPECT_THAT(rows_of(restart_rows(times, 1)), ElementsAre(0, 1, 2));
}

/// For each row, the run that had the last word; and the rows computed for that.
struct Runs {
  std::vector<std::size_t> of_row;
  std::size_t computed = 0, count = 0;

  Runs(std::span<const Restart> restarts, std::size_t memory, std::size_t rows) : of_row(rows) {
    run_from_restarts(restarts, memory, rows, [&](std::size_t first, std::size_t n) {
      ASSERT_LE(first + n, rows);
      std::fill_n(of_row.begin() + static_cast<std::ptrdiff_t>(first), n, first);
      computed += n;
      ++count;
    });
  }
};

TEST(Restarts, EveryRowIsOfTheLatestRunThatHasForgottenItsStart) {
  // Restarts in rows 0, 300, 556; memory of 12 rows: a run is believed from its thirteenth row on.
  const std::vector<Restart> restarts = {{0, 0}, {300, 2}, {556, 1}};
  const Runs runs(restarts, 12, 700);
  for (std::size_t row = 0; row < 700; ++row) {
    EXPECT_EQ(runs.of_row[row], row < 312 ? 0 : row < 568 ? 300 : 556) << row;
  }
  EXPECT_EQ(runs.count, 3u);
  EXPECT_EQ(runs.computed, 312u + (568 - 300) + (700 - 556));
}

TEST(Restarts, OfManyTheWeightiestNearTheMemoryIsTaken) {
  const auto times = gappy_times();
  const auto restarts = restart_rows(times, kHour);
  constexpr std::size_t kMemory = 40;
  const Runs runs(restarts, kMemory, times.size());
  for (std::size_t row = 0; row < times.size(); ++row) {
    std::size_t expected = 0;
    int weight = 0;
    for (const Restart& r : restarts) {
      const bool near = r.row + kMemory <= row && row < r.row + kMemory + kRestartRows;
      if (!near || r.weight <= weight) continue;
      expected = r.row;
      weight = r.weight;
    }
    ASSERT_EQ(runs.of_row[row], expected) << row;
  }
}

TEST(Restarts, OfSparseHistoriesCostLittleMoreThanThoseOfDenseOnes) {
  constexpr std::size_t kRows = 50'000, kMemory = 4000;
  const auto computed = [&](auto step) {
    std::vector<std::int64_t> times;
    std::int64_t time = 0;
    for (std::size_t row = 0; row < kRows; ++row) times.push_back(time += step(row) * kHour);
    return Runs(restart_rows(times, kHour), kMemory, kRows).computed;
  };
  // A run for every 256 rows is 50,000 / 256 x (4000 + 256) rows.
  const std::size_t dense = computed([](std::size_t) { return 1; });
  EXPECT_LE(dense, 50'000 / 256 * (4000 + 256) + kRows);
  for (const std::int64_t apart : {2, 3, 100, 255, 256, 257, 300, 511, 1000, 4099}) {
    EXPECT_LE(computed([&](std::size_t) { return apart; }), 3 * dense) << apart;
  }
  std::mt19937 random(1);
  EXPECT_LE(computed([&](std::size_t) { return std::int64_t{1} << random() % 12; }), 4 * dense);
}

TEST(Restarts, OfAHistoryShorterThanTheMemoryAreItsFirstRowAlone) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  run_from_restarts(std::vector<Restart>{{0, 0}, {3, 1}, {6, 2}}, 9, 8,
                    [&](std::size_t first, std::size_t count) { runs.emplace_back(first, count); });
  EXPECT_THAT(runs, ElementsAre(std::pair{0u, 8u}));
  run_from_restarts({}, 9, 0, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

}  // namespace
}  // namespace bourse::technical
