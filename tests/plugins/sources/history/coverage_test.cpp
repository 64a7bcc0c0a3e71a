// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/coverage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <vector>

#include "tests/plugins/sources/history/store_tools.hpp"

namespace bourse::history {
namespace {

const Interval kOneMinute = interval("1m");

Covered known(Millis from, Millis to, Millis asked, OriginKind kind = OriginKind::kApi) {
  return {{from, to}, State::kKnown, kind, static_cast<OriginId>(kind), asked};
}
Covered empty(Millis from, Millis to, Millis asked) {
  return {{from, to}, State::kEmpty, OriginKind::kApi, 1, asked};
}
std::vector<Covered> facts(const Interval& grid, std::initializer_list<Covered> all) {
  std::vector<Covered> covered;
  for (const Covered& fact : all) covered = with_fact(grid, covered, fact);
  return covered;
}
std::vector<Span> holes(Span asked, const std::vector<Covered>& covered, Millis now) {
  return missing(kOneMinute, asked, covered, now);
}
using Spans = std::vector<Span>;

TEST(Coverage, NothingIsKnownAtFirst) {
  EXPECT_EQ(holes({kNewYear, kNewYear + kHour}, {}, kLater), (Spans{{kNewYear, kNewYear + kHour}}));
}

// T2: two fetches say nothing of what lies between them.
TEST(Coverage, DisjointFetchesLeaveTheMonthBetweenThemUnknown) {
  const Millis february = kNewYear + 31 * kDay, march = february + 29 * kDay,
               april = march + 31 * kDay;
  const auto covered =
      facts(kOneMinute, {known(kNewYear, february, kLater), known(march, april, kLater)});
  EXPECT_EQ(holes({kNewYear + 14 * kDay, march + 14 * kDay}, covered, kLater),
            (Spans{{february, march}}));
}

TEST(Coverage, EdgesAreGapsToo) {
  const auto covered = facts(kOneMinute, {known(kNewYear + kHour, kNewYear + 2 * kHour, kLater)});
  EXPECT_EQ(holes({kNewYear, kNewYear + 3 * kHour}, covered, kLater),
            (Spans{{kNewYear, kNewYear + kHour}, {kNewYear + 2 * kHour, kNewYear + 3 * kHour}}));
}

TEST(Coverage, WhatTouchesAndSaysTheSameIsOnePiece) {
  const auto covered = facts(kOneMinute, {known(kNewYear, kNewYear + kHour, kLater),
                                          known(kNewYear + kHour, kNewYear + kDay, kLater + 5)});
  ASSERT_EQ(covered.size(), 1U);
  EXPECT_EQ(covered[0].span, (Span{kNewYear, kNewYear + kDay}));
  EXPECT_EQ(covered[0].asked_at, kLater + 5);
}

TEST(Coverage, KnownIsNeverTakenAwayByEmptyButEmptyByKnown) {
  const auto kept = facts(kOneMinute, {known(kNewYear, kNewYear + kHour, kLater),
                                       empty(kNewYear - kHour, kNewYear + 2 * kHour, kLater)});
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[1].state, State::kKnown);
  EXPECT_EQ(kept[1].span, (Span{kNewYear, kNewYear + kHour}));
  const auto taken = facts(kOneMinute, {empty(kNewYear, kNewYear + kHour, kLater),
                                        known(kNewYear, kNewYear + kHour, kLater)});
  ASSERT_EQ(taken.size(), 1U);
  EXPECT_EQ(taken[0].state, State::kKnown);
}

// T9's part: whatever the order of import, the piece is the more believed one's.
TEST(Coverage, ADailyFileIsBelievedMoreThanAMonthlyOneAndTheSourceMoreThanBoth) {
  const Covered daily = known(kNewYear, kNewYear + kDay, kLater, OriginKind::kDailyFile);
  const Covered monthly = known(kNewYear, kNewYear + 31 * kDay, kLater, OriginKind::kMonthlyFile);
  const Covered api = known(kNewYear + kHour, kNewYear + 2 * kHour, kLater);
  std::array order{daily, monthly, api};
  std::ranges::sort(order, {}, &Covered::kind);
  do {
    const auto covered = facts(kOneMinute, {order[0], order[1], order[2]});
    ASSERT_EQ(covered.size(), 4U);
    EXPECT_EQ(covered[0].kind, OriginKind::kDailyFile);
    EXPECT_EQ(covered[1].kind, OriginKind::kApi);
    EXPECT_EQ(covered[2].kind, OriginKind::kDailyFile);
    EXPECT_EQ(covered[3].kind, OriginKind::kMonthlyFile);
  } while (std::ranges::next_permutation(order, {}, &Covered::kind).found);
}

// T5: at 12:00:30 the 12:00 candle is not known; asked at 12:01:15 it is, and once more after
// 12:02:10.
TEST(Coverage, TheFormingCandleIsNotKnownAndTheNewestIsAskedOnceMore) {
  const Millis noon = kNewYear + 12 * kHour;
  EXPECT_EQ(closed_until(kOneMinute, noon + 30'000), noon);
  EXPECT_EQ(closed_until(kOneMinute, noon + 75'000), noon + kMinute);
  const auto covered = facts(kOneMinute, {known(noon - kHour, noon + kMinute, noon + 75'000)});
  const Span asked{noon, noon + kMinute};
  EXPECT_EQ(holes(asked, covered, noon + 75'000), Spans{});
  EXPECT_EQ(holes(asked, covered, noon + 129'999), Spans{});
  EXPECT_EQ(holes(asked, covered, noon + 130'000), Spans{asked});
  const auto again = with_fact(kOneMinute, covered, known(noon, noon + kMinute, noon + 130'000));
  EXPECT_EQ(holes(asked, again, kLater), Spans{});
}

TEST(Coverage, EmptyExpiresByTheAgeItHadWhenItWasAsked) {
  const Millis asked_at = kNewYear;
  const auto covered = facts(kOneMinute, {empty(asked_at - 60 * kDay, asked_at, asked_at)});
  const Span all{asked_at - 60 * kDay, asked_at};
  EXPECT_EQ(holes(all, covered, asked_at + kMinute - 1), Spans{});
  EXPECT_EQ(holes(all, covered, asked_at + kMinute), (Spans{{asked_at - kHour, asked_at}}));
  EXPECT_EQ(holes(all, covered, asked_at + kHour), (Spans{{asked_at - kDay, asked_at}}));
  EXPECT_EQ(holes(all, covered, asked_at + kDay), (Spans{{asked_at - 30 * kDay, asked_at}}));
  EXPECT_EQ(holes(all, covered, asked_at + 10'000 * kDay),
            (Spans{{asked_at - 30 * kDay, asked_at}}));
}

// T23: an empty span that was asked "tomorrow" is expired today.
TEST(Coverage, WhatWasEmptyInTheFutureIsAskedAgainWhenTheClockWasSetBack) {
  const Span old{kNewYear - 90 * kDay, kNewYear - 89 * kDay};
  const auto covered = facts(kOneMinute, {empty(old.from, old.to, kNewYear + kDay)});
  EXPECT_EQ(holes(old, covered, kNewYear + kDay), Spans{});
  EXPECT_EQ(holes(old, covered, kNewYear), Spans{old});
}

TEST(Coverage, AQuestionWithinSlotsAsksForWholeOnes) {
  EXPECT_EQ(holes({kNewYear + 30'000, kNewYear + 90'000}, {}, kLater),
            (Spans{{kNewYear, kNewYear + 2 * kMinute}}));
}

TEST(Proof, HolesBetweenRowsAreEmptyAndTheRestOfAShortPageIsNothing) {
  const std::array<Millis, 2> rows{kNewYear + kMinute, kNewYear + 4 * kMinute};
  const Span asked{kNewYear, kNewYear + kHour};
  const auto marks = proof(kOneMinute, asked, rows, false);
  ASSERT_EQ(marks.size(), 4U);
  EXPECT_EQ(marks[0].span, (Span{kNewYear, kNewYear + kMinute}));
  EXPECT_EQ(marks[0].state, State::kEmpty);
  EXPECT_EQ(marks[2].span, (Span{kNewYear + 2 * kMinute, kNewYear + 4 * kMinute}));
  EXPECT_EQ(marks[2].state, State::kEmpty);
  EXPECT_EQ(marks[3].span.to, kNewYear + 5 * kMinute);
  const auto whole = proof(kOneMinute, asked, rows, true);
  ASSERT_EQ(whole.size(), 5U);
  EXPECT_EQ(whole[4].span, (Span{kNewYear + 5 * kMinute, kNewYear + kHour}));
  EXPECT_EQ(whole[4].state, State::kEmpty);
}

TEST(Proof, AnEmptyAnswerToABoundedQuestionIsEmptyAndAnOpenOneIsNothing) {
  const Span asked{kNewYear, kNewYear + kHour};
  ASSERT_EQ(proof(kOneMinute, asked, {}, true).size(), 1U);
  EXPECT_EQ(proof(kOneMinute, asked, {}, true)[0].state, State::kEmpty);
  EXPECT_TRUE(proof(kOneMinute, asked, {}, false).empty());
}

TEST(Proof, AFileProvesItsRowsOnly) {
  const std::array<Millis, 3> rows{kNewYear, kNewYear + kMinute, kNewYear + 9 * kMinute};
  const auto marks = proof_of_rows(kOneMinute, rows);
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks[0].span, (Span{kNewYear, kNewYear + 2 * kMinute}));
  EXPECT_EQ(marks[1].span, (Span{kNewYear + 9 * kMinute, kNewYear + 10 * kMinute}));
}

// T6: BTCUSDT 1h, 2018-02-09 09:28:14.789; the rows before and after are on the grid.
TEST(Proof, ACandleOffTheGridMakesItsSlotKnown) {
  const std::array<Millis, 2> rows{1'518'168'494'789, 1'518'170'400'000};
  const Span nine{1'518'166'800'000, 1'518'170'400'000};
  const auto marks = proof(interval("1h"), {nine.from, nine.to + kHour}, rows, true);
  ASSERT_EQ(marks.size(), 1U);
  EXPECT_EQ(marks[0].span, (Span{nine.from, nine.to + kHour}));
}

// A second implementation: one state for each of 2,000 slots.
class Bitmap {
 public:
  static constexpr std::size_t kSlots = 2000;
  struct Slot {
    std::optional<State> state;
    OriginKind kind = OriginKind::kApi;
    Millis asked_at = 0;
  };
  void put(std::size_t from, std::size_t to, State state, OriginKind kind, Millis asked_at) {
    for (std::size_t i = from; i < to; ++i) {
      Slot& slot = slots[i];
      const bool is_kept =
          slot.state == State::kKnown && (state == State::kEmpty || slot.kind < kind);
      if (!is_kept) slot = {state, kind, asked_at};
    }
  }
  void drop(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) slots[i].state.reset();
  }
  std::array<Slot, kSlots> slots{};
};

TEST(Coverage, AHundredThousandRandomFactsAgreeWithABitmap) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  const auto at = [](std::size_t slot) { return kNewYear + static_cast<Millis>(slot) * kMinute; };
  Bitmap bitmap;
  std::vector<Covered> covered;
  for (int n = 0; n < 100'000; ++n) {
    const std::size_t a = below(Bitmap::kSlots),
                      b = std::min(Bitmap::kSlots, a + 1 + below(below(20) == 0 ? 600 : 20));
    const Millis asked_at = kLater + static_cast<Millis>(below(3));
    if (below(8) == 0) {
      covered = without(covered, {at(a), at(b)});
      bitmap.drop(a, b);
    } else {
      const auto kind = static_cast<OriginKind>(1 + below(3));
      const State state = kind == OriginKind::kApi && below(3) == 0 ? State::kEmpty : State::kKnown;
      covered = with_fact(kOneMinute, covered,
                          {{at(a), at(b)}, state, kind, static_cast<OriginId>(kind), asked_at});
      bitmap.put(a, b, state, kind, asked_at);
    }
    for (std::size_t i = 0; i + 1 < covered.size(); ++i) {
      const Covered &left = covered[i], &right = covered[i + 1];
      ASSERT_LT(left.span.from, left.span.to);
      ASSERT_LE(left.span.to, right.span.from);
      // All of this is settled and old, so pieces that touch and say the same are one. (Not those
      // that without() has cut and nothing has touched since.)
      if (left.span.to == right.span.from) {
        ASSERT_FALSE(left.state == right.state && left.origin == right.origin) << n;
      }
    }
    if (n % 50 != 0) continue;
    for (std::size_t i = 0; i < Bitmap::kSlots; ++i) {
      const Covered* const piece = piece_at(covered, at(i));
      const auto& slot = bitmap.slots[i];
      ASSERT_EQ(piece != nullptr, slot.state.has_value()) << i << " after " << n;
      if (piece == nullptr) continue;
      ASSERT_EQ(piece->state, *slot.state) << i << " after " << n;
      if (piece->state == State::kKnown) {
        ASSERT_EQ(piece->kind, slot.kind) << i << " after " << n;
      }
    }
    std::size_t slot = 0;
    for (const Span& hole : holes({at(0), at(Bitmap::kSlots)}, covered, kLater + 10)) {
      for (; at(slot) < hole.from; ++slot) ASSERT_TRUE(bitmap.slots[slot].state);
      for (; at(slot) < hole.to; ++slot) ASSERT_FALSE(bitmap.slots[slot].state);
    }
    for (; slot < Bitmap::kSlots; ++slot) ASSERT_TRUE(bitmap.slots[slot].state);
  }
}

}  // namespace
}  // namespace bourse::history
