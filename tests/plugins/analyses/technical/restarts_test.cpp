// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/restarts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "tests/plugins/analyses/technical/columns.hpp"

namespace bourse::technical {
namespace {

using testing::ElementsAre;
constexpr std::int64_t kHour = 3'600'000'000'000;

TEST(Restarts, AreTheFirstRowAndTheFirstOfEveryStretch) {
  std::vector<std::int64_t> times;
  for (std::int64_t hour = -3; hour < 600; ++hour) times.push_back(hour * kHour);
  EXPECT_THAT(restart_rows(times, kHour), ElementsAre(0, 3, 3 + 256, 3 + 512));
  EXPECT_THAT(restart_rows({}, kHour), ElementsAre());
}

TEST(Restarts, AreTheSameMomentsWhereverTheHistoryBegins) {
  Walk walk(3000);
  const auto moments = [&](std::size_t first) {
    const auto times = std::span(walk.open_times).subspan(first);
    std::vector<std::int64_t> out;
    for (const std::size_t row : restart_rows(times, kHour)) out.push_back(times[row]);
    return out;
  };
  const auto all = moments(0);
  for (const std::size_t first : {1u, 255u, 256u, 257u, 1000u}) {
    const auto some = moments(first);
    EXPECT_TRUE(std::equal(some.begin() + 1, some.end(),
                           all.end() - static_cast<std::ptrdiff_t>(some.size() - 1)));
  }
}

TEST(Restarts, AreNeverFartherApartThanSaid) {
  std::vector<std::int64_t> times;  // with gaps of all lengths
  std::int64_t time = 0;
  for (int row = 0; row < 5000; ++row) {
    time += row % 37 == 0 ? row * kHour : kHour;
    times.push_back(time);
  }
  const auto rows = restart_rows(times, kHour);
  for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LE(rows[i] - rows[i - 1], kRestartRows);
}

TEST(Restarts, OfTimesAtBothEndsOfTheRangeDoNotOverflow) {
  const std::vector<std::int64_t> times = {std::numeric_limits<std::int64_t>::min(), 0,
                                           std::numeric_limits<std::int64_t>::max()};
  EXPECT_THAT(restart_rows(times, 28 * 24 * kHour), ElementsAre(0, 1, 2));
  EXPECT_THAT(restart_rows(times, 1), ElementsAre(0, 1, 2));
}

TEST(Restarts, EveryRowIsOfTheLatestRunThatHasForgottenItsStart) {
  // Restarts in rows 0, 10, 20; memory of 12 rows: a run is believed from its thirteenth row on.
  const std::vector<std::size_t> restarts = {0, 10, 20};
  std::vector<int> of_run(40, -1);
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  run_from_restarts(restarts, 12, 40, [&](std::size_t first, std::size_t count) {
    runs.emplace_back(first, count);
    std::fill_n(of_run.begin() + static_cast<std::ptrdiff_t>(first), count,
                static_cast<int>(first));
  });
  for (std::size_t row = 0; row < 40; ++row) {
    EXPECT_EQ(of_run[row], row < 22 ? 0 : row < 32 ? 10 : 20) << row;
  }
  EXPECT_THAT(runs, ElementsAre(std::pair{20u, 20u}, std::pair{10u, 22u}, std::pair{0u, 22u}));
}

TEST(Restarts, OfAHistoryShorterThanTheMemoryAreItsFirstRowAlone) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  run_from_restarts(std::vector<std::size_t>{0, 3, 6}, 9, 8,
                    [&](std::size_t first, std::size_t count) { runs.emplace_back(first, count); });
  EXPECT_THAT(runs, ElementsAre(std::pair{0u, 8u}));
  run_from_restarts({}, 9, 0, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

}  // namespace
}  // namespace bourse::technical
