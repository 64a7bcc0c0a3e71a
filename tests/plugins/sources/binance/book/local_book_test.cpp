// SPDX-License-Identifier: MIT
//
// What a local book does with each thing that can happen to its stream and its snapshots. The rules
// are the exchange's procedure, and what went wrong in other clients.
#include "plugins/sources/binance/book/local_book.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/plugins/sources/binance/book/book_tools.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Kind = BookStep::Kind;

const Texts kBids = {{"10.0", "1"}, {"9.0", "2"}}, kAsks = {{"11.0", "3"}, {"12.0", "4"}};

struct LocalBookFixture : testing::Test {
  LocalBookFixture() { make({}); }

  void make(const BookOptions& options) {
    book = std::make_unique<LocalBook>(options, std::make_shared<EvenRandom>());
  }
  void pass(std::chrono::nanoseconds time) { now += time; }
  BookStep step() { return book->step(now); }
  /// Until it has something to do, but at most so long.
  BookStep step_within(std::chrono::nanoseconds time) {
    const Instant end = now + time;
    for (;;) {
      const BookStep next = step();
      if (next.kind != Kind::kWait || next.until > end) return next;
      EXPECT_GT(next.until, now);
      now = next.until;
    }
  }
  std::uint64_t asked() {
    const BookStep next = step();
    EXPECT_EQ(next.kind, Kind::kSnapshot);
    return next.ticket;
  }
  void give(std::int64_t id, const Texts& bids = kBids, const Texts& asks = kAsks) {
    book->snapshot(asked(), snapshot_of(id, bids, asks), now);
  }
  /// A book of connection 1 at `id`.
  void sync(std::int64_t id) {
    book->began(1, now);
    pass(milliseconds(250));
    give(id);
    EXPECT_EQ(book->state(), BookState::kSynced);
  }
  /// A change of the best bid to a quantity that is the number of the update.
  void bid(std::int64_t first, std::int64_t last, LocalBook::Connection connection = 1) {
    book->diff(connection, change(first, last, {{"10.0", std::to_string(last)}}), now);
  }
  [[nodiscard]] std::int64_t id() const { return *book->view(1)->book.last_update_id; }
  [[nodiscard]] std::string best_bid() const {
    return book->view(1)->book.bids.at(0).quantity.text();
  }

  Instant now = at(0);
  std::unique_ptr<LocalBook> book;
};
using LocalBookTest = LocalBookFixture;

// ---- joining

TEST_F(LocalBookTest, IsNothingUntilASnapshotIsJoined) {
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->reason(), BookReason::kNotConnected);
  EXPECT_EQ(step().kind, Kind::kWait);
  EXPECT_EQ(step().until, Instant::max());
  EXPECT_FALSE(book->view(5));
  book->began(1, now);
  EXPECT_EQ(book->reason(), BookReason::kNoSnapshot);
}

TEST_F(LocalBookTest, TheFirstChangeIsAwaitedForAQuarterOfASecond) {
  book->began(1, now);
  EXPECT_EQ(step().kind, Kind::kWait);
  EXPECT_EQ(step().until, now + milliseconds(250));
  pass(milliseconds(40));
  bid(101, 103);
  EXPECT_EQ(step().kind, Kind::kSnapshot);  // at once: what follows is gathered
  EXPECT_EQ(step().kind, Kind::kWait);      // said once
}

TEST_F(LocalBookTest, AQuietMarketIsSyncedByItsSnapshotAlone) {
  book->began(1, now);
  pass(milliseconds(250));
  give(100);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(text_of(*book), "10.0x1 9.0x2 | 11.0x3 12.0x4");
  EXPECT_EQ(id(), 100);
  EXPECT_FALSE(book->view(1)->event_time);
  // The first change decides by the same rule as any other.
  bid(99, 101);
  EXPECT_EQ(id(), 101);
  EXPECT_EQ(book->view(1)->event_time->ns, (1'753'000'000'000 + 101) * 1'000'000);
  bid(103, 103);
  EXPECT_EQ(book->state(), BookState::kStale);
}

TEST_F(LocalBookTest, FollowsTheTableOfAppliesDropsAndGaps) {
  sync(100);
  bid(99, 101);
  EXPECT_EQ(id(), 101);
  bid(102, 102);
  bid(102, 102);
  EXPECT_EQ(id(), 102);
  EXPECT_EQ(book->counts().old, 1U);
  EXPECT_EQ(book->state(), BookState::kSynced);
  bid(104, 105);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kGap);
  EXPECT_EQ(id(), 102);  // what was there shows on, untouched
  EXPECT_EQ(best_bid(), "102");
}

TEST_F(LocalBookTest, ASnapshotBeforeTheChangesIsAskedForAgainAndTheChangesAreKept) {
  book->began(1, now);
  bid(95, 98);
  give(90);
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->reason(), BookReason::kSnapshotOld);
  EXPECT_EQ(book->problem(),
            "the snapshot of update 90 is older than update 94, which the updates follow");
  EXPECT_EQ(step().until, now + milliseconds(250));
  pass(milliseconds(250));
  give(97);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 98);  // [95,98] is applied to 97 by overlap
  EXPECT_EQ(best_bid(), "98");
  EXPECT_EQ(book->counts().snapshots_old, 1U);
}

TEST_F(LocalBookTest, ASnapshotThatEndsWhereTheChangesBeginIsJoined) {
  book->began(1, now);
  bid(95, 98);
  give(94);
  EXPECT_EQ(id(), 98);
}

TEST_F(LocalBookTest, ASnapshotFromTheMiddleOrTheEndOfTheChangesLeavesTheOlderOnesOut) {
  for (const std::int64_t id : {96, 98, 120}) {
    make({});
    book->began(1, now);
    bid(95, 96);
    bid(97, 98);
    give(id);
    EXPECT_EQ(book->state(), BookState::kSynced);
    EXPECT_EQ(this->id(), std::max<std::int64_t>(id, 98));
    EXPECT_EQ(best_bid(), id < 98 ? "98" : "1");
  }
}

/// Two minutes of snapshots out of somebody's cache, while the market goes on.
TEST_F(LocalBookTest, NeverGivesUpAndAsksLessAndLessOften) {
  book->began(1, now);
  std::vector<std::int64_t> pauses;
  for (std::int64_t i = 0; i < 30; ++i) {
    bid(101 + i, 101 + i);
    const Instant before = now;
    BookStep next = step();
    while (next.kind == Kind::kWait) now = next.until, next = step();
    pauses.push_back(std::chrono::duration_cast<milliseconds>(now - before).count());
    book->snapshot(next.ticket, snapshot_of(50, kBids, kAsks), now);
    EXPECT_EQ(book->state(), BookState::kSyncing);
  }
  pauses.resize(8);
  EXPECT_EQ(pauses, (std::vector<std::int64_t>{0, 250, 500, 1000, 2000, 4000, 5000, 5000}));
  pass(seconds(5));
  give(110);
  EXPECT_EQ(id(), 130);
  EXPECT_EQ(best_bid(), "130");
}

TEST_F(LocalBookTest, PausesAreSpreadByChance) {
  struct : Random {
    double unit() override { return value; }
    double value = 0;
  } random;
  LocalBook spread({}, std::shared_ptr<Random>(&random, [](Random*) {}));
  spread.began(1, now);
  spread.diff(1, change(10, 10), now);
  spread.snapshot_failed(spread.step(now).ticket, now);
  EXPECT_EQ(spread.step(now).until, now + milliseconds(200));
  now += milliseconds(200);
  random.value = 0.999999999;
  spread.snapshot_failed(spread.step(now).ticket, now);
  EXPECT_GT(spread.step(now).until, now + milliseconds(599));
  EXPECT_LE(spread.step(now).until, now + milliseconds(600));
}

TEST_F(LocalBookTest, ASnapshotThatFailsIsAskedForAgainNotBeforeItMay) {
  book->began(1, now);
  bid(95, 98);
  book->snapshot_failed(asked(), now, now + seconds(30));
  EXPECT_EQ(book->reason(), BookReason::kSnapshotFailed);
  EXPECT_EQ(step().until, now + seconds(30));
  pass(seconds(30));
  give(97);
  EXPECT_EQ(id(), 98);
}

TEST_F(LocalBookTest, ASenselessSnapshotIsAFailureThatSaysWhy) {
  book->began(1, now);
  pass(milliseconds(250));
  give(100, {{"11.0", "1"}}, {{"11.0", "1"}});
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->reason(), BookReason::kSnapshotFailed);
  EXPECT_EQ(book->problem(), "the snapshot's best bid is not below its best ask");
  EXPECT_EQ(book->counts().snapshots_failed, 1U);
}

TEST_F(LocalBookTest, ASnapshotThatNeverComesIsAskedForAgain) {
  book->began(1, now);
  bid(95, 98);
  const std::uint64_t first = asked();
  EXPECT_EQ(step().until, now + seconds(60));
  pass(seconds(60));
  EXPECT_EQ(step().kind, Kind::kWait);
  pass(milliseconds(250));
  const std::uint64_t second = asked();
  EXPECT_NE(first, second);
  book->snapshot(first, snapshot_of(97, kBids, kAsks), now);  // after all; nobody waits for it
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->counts().snapshots_foreign, 1U);
  book->snapshot(second, snapshot_of(97, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, TooManyChangesAreAllDroppedAndGatheredAnew) {
  make({.changes_max = 10});
  book->began(1, now);
  for (std::int64_t i = 101; i <= 111; ++i) bid(i, i);
  EXPECT_EQ(book->counts().overflows, 1U);
  EXPECT_EQ(book->reason(), BookReason::kOverflow);
  give(105);  // of no use any more
  EXPECT_EQ(book->state(), BookState::kSyncing);
  pass(milliseconds(250));
  give(110);
  EXPECT_EQ(id(), 111);
}

TEST_F(LocalBookTest, TooManyLevelsOfChangesAreTooMany) {
  make({.rows_max = 3});
  book->began(1, now);
  book->diff(1, change(101, 101, kBids), now);
  book->diff(1, change(102, 102, kBids), now);
  EXPECT_EQ(book->counts().overflows, 1U);
  give(101);
  EXPECT_EQ(id(), 102);
}

TEST_F(LocalBookTest, AGapAmongTheChangesThatWaitMakesTheOlderOnesUseless) {
  book->began(1, now);
  bid(95, 98);
  bid(101, 102);
  give(97);
  EXPECT_EQ(book->reason(), BookReason::kSnapshotOld);
  pass(milliseconds(250));
  give(100);
  EXPECT_EQ(id(), 102);
}

/// A number without sense must not make it wait for a snapshot that will never come.
TEST_F(LocalBookTest, AnAbsurdNumberDoesNotStopItForEver) {
  book->began(1, now);
  bid(8'000'000'000'000'000'000, 8'000'000'000'000'000'001);
  for (std::int64_t i = 101; i <= 160; ++i) bid(i, i);
  give(155);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 160);
}

TEST_F(LocalBookTest, AnAbsurdNumberThatWasAppliedIsFoundOut) {
  sync(100);
  bid(101, 8'000'000'000'000'000'000);
  for (std::int64_t i = 102; i <= 1200; ++i) bid(i, i);
  EXPECT_EQ(book->reason(), BookReason::kReset);
  const BookStep next = step_within(seconds(1));
  ASSERT_EQ(next.kind, Kind::kSnapshot);
  book->snapshot(next.ticket, snapshot_of(1150, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 1200);
}

// ---- gaps

TEST_F(LocalBookTest, AfterAGapTheOldBookShowsUntilANewOneIsWhole) {
  sync(100);
  pass(seconds(60));
  bid(101, 101);
  const Instant last_good = now;
  pass(seconds(2));
  bid(105, 106);
  bid(107, 107);
  const std::uint64_t ticket = asked();  // at once, after a minute without trouble
  pass(seconds(1));
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(best_bid(), "101");
  EXPECT_EQ(book->view(1)->confirmed_at, last_good);  // its age counts from there
  book->snapshot(ticket, snapshot_of(104, {{"10.0", "104"}}, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(text_of(*book), "10.0x107 | 11.0x3 12.0x4");  // no level of the old one is left
}

TEST_F(LocalBookTest, GapsInARowAreNotASnapshotEach) {
  sync(100);
  int asked = 0;
  for (std::int64_t i = 1; i <= 100; ++i) {  // ten seconds of nothing but gaps
    bid(100 + 10 * i, 101 + 10 * i);
    const BookStep next = step();
    if (next.kind == Kind::kSnapshot) {
      ++asked;
      book->snapshot(next.ticket, snapshot_of(101 + 10 * i, kBids, kAsks), now);
    }
    pass(milliseconds(100));
  }
  EXPECT_LE(asked, 7);
  EXPECT_GE(asked, 3);
}

TEST_F(LocalBookTest, ASnapshotFromBeforeAGapIsThrownAway) {
  make({.depth = 5});
  sync(100);
  pass(seconds(60));
  const BookStep proof = step();
  ASSERT_EQ(proof.kind, Kind::kSnapshot);
  bid(105, 106);
  book->snapshot(proof.ticket, snapshot_of(100, kBids, kAsks), now);
  EXPECT_EQ(book->counts().snapshots_foreign, 1U);
  EXPECT_EQ(book->state(), BookState::kStale);
}

TEST_F(LocalBookTest, AChangeThatCannotBeReadIsAGap) {
  sync(100);
  book->lost(1, now);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kUnreadable);
  bid(102, 102);
  pass(milliseconds(500));
  give(101);
  EXPECT_EQ(id(), 102);
  book->lost(7, now);  // nobody follows that one
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(book->counts().unreadable, 1U);
}

TEST_F(LocalBookTest, ACrossedBookDoesNotShowAndIsFetchedAnew) {
  sync(100);
  book->diff(1, change(101, 101, {{"11.0", "1"}}), now);
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->reason(), BookReason::kCrossed);
  EXPECT_EQ(book->counts().crossed, 1U);
  EXPECT_FALSE(book->view(5));
  pass(milliseconds(500));
  give(100);  // from before the change that crossed it: it would do so again
  EXPECT_EQ(book->reason(), BookReason::kSnapshotOld);
  pass(seconds(1));
  give(101);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, ABookThatIsCrossedBetweenItsSidesIsNot) {
  sync(100);
  book->diff(1, change(101, 102, {{"11.0", "1"}}, {{"11.0", "0"}}), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(text_of(*book, 1), "11.0x1 | 12.0x4");
}

// ---- connections

TEST_F(LocalBookTest, WhatComesFromAConnectionThatIsNotFollowedIsThrownAway) {
  sync(100);
  bid(101, 101, 2);
  EXPECT_EQ(id(), 100);
  EXPECT_EQ(book->counts().foreign, 1U);
  book->ended(2, now);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, AfterTheEndOfItsConnectionThereIsAlwaysASnapshot) {
  sync(100);
  pass(seconds(60));
  book->ended(1, now);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kNotConnected);
  EXPECT_EQ(step().until, Instant::max());
  bid(101, 101);  // an old socket
  EXPECT_EQ(id(), 100);
  book->began(2, now);
  EXPECT_EQ(book->reason(), BookReason::kNoSnapshot);
  bid(101, 101, 2);  // though nothing was missed
  EXPECT_EQ(book->state(), BookState::kStale);
  give(100);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 101);
}

TEST_F(LocalBookTest, ASnapshotThatWasAskedForBeforeANewConnectionIsThrownAway) {
  book->began(1, now);
  bid(101, 101);
  const std::uint64_t ticket = asked();
  book->ended(1, now);
  book->began(2, now);
  book->snapshot(ticket, snapshot_of(100, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSyncing);
  EXPECT_EQ(book->counts().snapshots_foreign, 1U);
}

TEST_F(LocalBookTest, ANewConnectionTakesOverWithoutASnapshotOnceItReachesTheBook) {
  sync(100);
  bid(101, 101);
  book->began(2, now);
  bid(104, 105, 2);  // the old one has not come so far yet
  EXPECT_EQ(id(), 101);
  bid(102, 103);
  EXPECT_EQ(id(), 105);
  EXPECT_EQ(book->counts().handed_over, 1U);
  bid(104, 104);  // of the old one, which is not followed any more
  EXPECT_EQ(book->counts().foreign, 1U);
  book->ended(1, now);
  bid(106, 107, 2);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 107);
  EXPECT_EQ(book->counts().asked, 1U);
}

TEST_F(LocalBookTest, ANewConnectionThatCutsItsChangesElsewhereTakesOver) {
  sync(100);
  bid(101, 105);
  book->began(2, now);
  bid(103, 107, 2);
  EXPECT_EQ(id(), 107);
  EXPECT_EQ(best_bid(), "107");
}

TEST_F(LocalBookTest, TheOldConnectionEndsInAQuietMarketAndNothingIsMissed) {
  sync(100);
  book->began(2, now);
  book->ended(1, now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  bid(101, 101, 2);
  EXPECT_EQ(id(), 101);
  EXPECT_EQ(book->counts().handed_over, 1U);
}

TEST_F(LocalBookTest, TheOldConnectionEndsBeforeTheNewOneReachesTheBook) {
  sync(100);
  pass(seconds(60));
  book->began(2, now);
  bid(105, 105, 2);
  book->ended(1, now);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kGap);
  give(104);  // its changes were kept
  EXPECT_EQ(id(), 105);
}

TEST_F(LocalBookTest, AGapOfTheOldConnectionIsHealedByTheNewOneAndASnapshot) {
  sync(100);
  pass(seconds(60));
  book->began(2, now);
  bid(105, 106, 2);
  bid(103, 104);  // the old one lost 101 and 102
  EXPECT_EQ(book->state(), BookState::kStale);
  bid(105, 106);  // not followed any more, and not mixed into the other
  EXPECT_EQ(book->counts().foreign, 1U);
  give(104);
  EXPECT_EQ(id(), 106);
}

TEST_F(LocalBookTest, ANewConnectionThatEndsAgainLeavesTheOldOneAlone) {
  sync(100);
  book->began(2, now);
  book->ended(2, now);
  bid(101, 101);
  EXPECT_EQ(id(), 101);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, ABookWithoutChangesDoesNotGoBackInTimeUnlessTheExchangeDoes) {
  sync(100);
  bid(101, 200);
  pass(seconds(60));
  book->ended(1, now);
  book->began(2, now);
  for (int i = 0; i < 3; ++i) {  // out of a cache, it seems
    const BookStep next = step_within(seconds(10));
    ASSERT_EQ(next.kind, Kind::kSnapshot);
    book->snapshot(next.ticket, snapshot_of(7, kBids, kAsks), now);
    EXPECT_EQ(book->state(), BookState::kStale);
    EXPECT_EQ(id(), 200);
  }
  const BookStep next = step_within(seconds(10));
  ASSERT_EQ(next.kind, Kind::kSnapshot);
  book->snapshot(next.ticket, snapshot_of(7, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);  // a testnet that was emptied counts from 1
  EXPECT_EQ(id(), 7);
}

// ---- silence, tickers, proofs

TEST_F(LocalBookTest, AMarketThatMovesWithoutChangesHasADeadStream) {
  sync(100);
  pass(seconds(1));
  book->ticker(top_of(105, "10.0", "1", "11.0", "3"), now);
  pass(seconds(5));
  book->ticker(top_of(106, "10.0", "1", "11.0", "3"), now);
  EXPECT_EQ(step().until, now + seconds(5));  // ten after the first one
  pass(seconds(5));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kSilent);
  EXPECT_EQ(step().kind, Kind::kWait);  // said once
  // Nothing was missed: it goes on.
  bid(101, 106);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(book->counts().silences, 1U);
}

TEST_F(LocalBookTest, ChangesThatComeButDoNotReachTheTickerAreNoSilence) {
  sync(100);
  book->ticker(top_of(1000, "10.0", "1", "11.0", "3"), now);
  for (std::int64_t i = 101; i < 140; ++i) {
    pass(seconds(1));
    bid(i, i);
    EXPECT_EQ(step().kind, Kind::kWait);
  }
  EXPECT_EQ(book->state(), BookState::kSynced);
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
}

TEST_F(LocalBookTest, ANewConnectionAfterSilenceIsJoinedByASnapshot) {
  sync(100);
  pass(seconds(60));
  book->ticker(top_of(105, "10.0", "1", "11.0", "3"), now);
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
  book->began(2, now);
  bid(106, 106, 2);
  give(105);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 106);
}

TEST_F(LocalBookTest, ASilentConnectionThatRevivesNeedsNoSnapshotForTheNextOne) {
  sync(100);
  book->ticker(top_of(105, "10.0", "1", "11.0", "3"), now);
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
  book->began(2, now);
  bid(106, 106, 2);
  bid(101, 103);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(step().kind, Kind::kWait);
  bid(104, 105);
  EXPECT_EQ(id(), 106);
  EXPECT_EQ(book->counts().handed_over, 1U);
}

TEST_F(LocalBookTest, SilenceWhileAnotherConnectionIsComingUpTakesThatOne) {
  sync(100);
  pass(seconds(60));
  book->began(2, now);
  bid(106, 106, 2);
  book->ticker(top_of(106, "10.0", "1", "11.0", "3"), now);
  pass(seconds(10));
  give(105);  // not kResubscribe
  EXPECT_EQ(id(), 106);
}

TEST_F(LocalBookTest, ASnapshotForTheNextConnectionIsNotAskedForTwiceWhenTheSilentOneEnds) {
  sync(100);
  pass(seconds(60));
  book->ticker(top_of(105, "10.0", "1", "11.0", "3"), now);
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
  book->began(2, now);
  bid(106, 106, 2);
  const std::uint64_t ticket = asked();
  book->ended(1, now);
  EXPECT_EQ(step().kind, Kind::kWait);
  book->snapshot(ticket, snapshot_of(105, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(id(), 106);
}

TEST_F(LocalBookTest, ARefreshDoesNotMakeUpForADeadStream) {
  make({.depth = 2});
  book->began(1, now);
  pass(milliseconds(250));
  Texts bids, asks;
  for (int i = 0; i < 100; ++i) {
    bids.emplace_back(std::to_string(1000 - i), "1");
    asks.emplace_back(std::to_string(1001 + i), "1");
  }
  give(100, bids, asks);
  book->set_depth(90);
  book->ticker(top_of(105, "1000", "2", "1001", "1"), now);
  const BookStep refresh = step();
  ASSERT_EQ(refresh.kind, Kind::kSnapshot);
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
  book->snapshot(refresh.ticket, snapshot_of(105, bids, asks), now);
  EXPECT_EQ(book->reason(), BookReason::kSilent);
}

TEST_F(LocalBookTest, AMarketWhereNothingMovesStaysSyncedAndIsProven) {
  sync(100);
  EXPECT_EQ(step().until, now + seconds(60));
  pass(seconds(60));
  const BookStep proof = step();
  ASSERT_EQ(proof.kind, Kind::kSnapshot);
  EXPECT_EQ(proof.limit, 100);
  book->snapshot(proof.ticket, snapshot_of(100, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(book->view(1)->confirmed_at, now);
  EXPECT_EQ(book->counts().joined, 1U);
  EXPECT_EQ(step().until, now + seconds(60));
}

TEST_F(LocalBookTest, AProofThatTheMarketMovedStartsTheClockOfSilence) {
  sync(100);
  pass(seconds(60));
  book->snapshot(asked(), snapshot_of(105, kBids, kAsks), now);
  EXPECT_EQ(book->state(), BookState::kSynced);  // its change may be on its way
  pass(seconds(10));
  EXPECT_EQ(step().kind, Kind::kResubscribe);
}

TEST_F(LocalBookTest, AProofWithOtherLevelsIsAMismatch) {
  sync(100);
  pass(seconds(60));
  book->snapshot(asked(), snapshot_of(100, {{"10.0", "1"}, {"9.0", "7"}}, kAsks), now);
  EXPECT_EQ(book->reason(), BookReason::kMismatch);
  pass(milliseconds(500));
  give(100);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, ProofsFromBeforeTheBookSayThatTheExchangeCountsAnew) {
  sync(100);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(book->state(), BookState::kSynced);
    pass(seconds(60));
    book->snapshot(asked(), snapshot_of(3, kBids, kAsks), now);
  }
  EXPECT_EQ(book->reason(), BookReason::kReset);
}

TEST_F(LocalBookTest, AProofThatFailsIsAskedForLaterAndHarmsNothing) {
  sync(100);
  pass(seconds(60));
  book->snapshot_failed(asked(), now, now + seconds(100));
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(step().until, now + seconds(160));
}

TEST_F(LocalBookTest, ATickerIsComparedOnlyWithTheStateOfItsNumber) {
  sync(100);
  book->ticker(top_of(102, "10.0", "102", "11.0", "3"), now);
  bid(101, 101);
  EXPECT_EQ(book->counts().compared, 0U);  // between them: no word
  bid(102, 102);
  EXPECT_EQ(book->counts().compared, 1U);
  EXPECT_EQ(book->counts().mismatched, 0U);
  bid(103, 104);
  book->ticker(top_of(104, "10.0", "104", "11.0", "3"), now);  // or it comes after
  EXPECT_EQ(book->counts().compared, 2U);
  book->ticker(top_of(103, "1.0", "1", "2.0", "1"), now);  // lower: nothing
  EXPECT_EQ(book->counts().compared, 2U);
  EXPECT_EQ(book->counts().mismatched, 0U);
}

TEST_F(LocalBookTest, ThreeMismatchesAreASnapshot) {
  sync(100);
  for (std::int64_t i = 101; i <= 103; ++i) {
    EXPECT_EQ(book->state(), BookState::kSynced);
    book->ticker(top_of(i, "10.0", "7777", "11.0", "3"), now);
    bid(i, i);
  }
  EXPECT_EQ(book->counts().mismatched, 3U);
  EXPECT_EQ(book->state(), BookState::kStale);
  EXPECT_EQ(book->reason(), BookReason::kMismatch);
  bid(104, 104);
  pass(milliseconds(500));
  give(102);  // older than what was seen already
  EXPECT_EQ(book->reason(), BookReason::kSnapshotOld);
  pass(seconds(1));
  give(103);
  EXPECT_EQ(id(), 104);
}

TEST_F(LocalBookTest, TheLast64TickersAreKept) {
  sync(100);
  for (std::int64_t i = 101; i <= 165; ++i) {
    book->ticker(top_of(i, "10.0", std::to_string(i), "11.0", "3"), now);
  }
  bid(101, 101);
  EXPECT_EQ(book->counts().compared, 0U);  // the 65th of them
  for (std::int64_t i = 102; i <= 165; ++i) bid(i, i);
  EXPECT_EQ(book->counts().compared, 64U);
  EXPECT_EQ(book->counts().mismatched, 0U);
}

// ---- what is known

TEST_F(LocalBookTest, SnapshotsAreTwiceAsDeepAsTheQuestion) {
  for (const auto& [depth, limit] : std::vector<std::pair<int, int>>{
           {1, 100}, {50, 100}, {51, 500}, {100, 500}, {500, 1000}, {501, 5000}, {5000, 5000}}) {
    make({.depth = depth});
    book->began(1, now);
    pass(milliseconds(250));
    EXPECT_EQ(step().limit, limit) << depth;
  }
}

/// Levels a tenth apart, from the best to the worst.
Texts ladder(int best, int count, int step) {
  Texts levels;
  for (int i = 0; i < count; ++i) levels.emplace_back(std::to_string(best + i * step), "1");
  return levels;
}

TEST_F(LocalBookTest, ABookThatRunsOutOfKnownLevelsIsRefreshedWhileItGoesOn) {
  make({.depth = 50});
  book->began(1, now);
  pass(milliseconds(250));
  give(100, ladder(1000, 100, -1), ladder(1001, 100, 1));
  EXPECT_EQ(book->view(50)->bids_known_to->text(), "901");
  std::int64_t id = 100;
  const auto take_best_bid = [&] {
    ++id;
    book->diff(1, change(id, id, {{std::to_string(1000 - (id - 101)), "0"}}), now);
  };
  for (int i = 0; i < 40; ++i) take_best_bid();
  EXPECT_EQ(step().kind, Kind::kWait);  // 60 are left: a fifth more than are asked for
  take_best_bid();
  pass(seconds(2));
  const BookStep refresh = step();
  ASSERT_EQ(refresh.kind, Kind::kSnapshot);
  EXPECT_EQ(book->state(), BookState::kSynced);
  take_best_bid();  // while it is on its way
  EXPECT_EQ(book->view(50)->book.bids[0].price.text(), "958");
  // Of the moment at which it was asked for.
  book->snapshot(refresh.ticket, snapshot_of(141, ladder(959, 100, -1), ladder(1001, 100, 1)), now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_EQ(book->counts().refreshed, 1U);
  EXPECT_EQ(*book->view(50)->book.last_update_id, 142);
  EXPECT_EQ(book->view(50)->book.bids[0].price.text(), "958");
  EXPECT_EQ(book->view(50)->bids_known_to->text(), "860");
  EXPECT_EQ(step().kind, Kind::kWait);
}

TEST_F(LocalBookTest, ARefreshThatIsTooOldIsAskedForAgainWhileTheBookGoesOn) {
  make({.depth = 50});
  book->began(1, now);
  pass(milliseconds(250));
  give(100, ladder(1000, 100, -1), ladder(1001, 100, 1));
  DepthDiff many = change(101, 101);
  for (std::int64_t i = 950; i <= 1000; ++i) many.bids.push_back({i, 0});
  book->diff(1, many, now);
  pass(seconds(2));
  const BookStep refresh = step();
  ASSERT_EQ(refresh.kind, Kind::kSnapshot);
  book->snapshot(refresh.ticket, snapshot_of(100, ladder(1000, 100, -1), ladder(1001, 100, 1)),
                 now);
  EXPECT_EQ(book->state(), BookState::kSynced);
  EXPECT_FALSE(book->view(50)->is_complete);  // and says so
  book->diff(1, change(102, 102, {{"949", "5"}}), now);
  const BookStep again = step_within(seconds(10));
  ASSERT_EQ(again.kind, Kind::kSnapshot);
  book->snapshot(again.ticket, snapshot_of(101, ladder(949, 100, -1), ladder(1001, 100, 1)), now);
  EXPECT_EQ(text_of(*book, 1), "949x5 | 1001x1");
  EXPECT_TRUE(book->view(50)->is_complete);
}

TEST_F(LocalBookTest, AGapDuringARefreshIsAGap) {
  make({.depth = 50});
  book->began(1, now);
  pass(milliseconds(250));
  give(100, ladder(1000, 100, -1), ladder(1001, 100, 1));
  book->set_depth(90);
  const BookStep refresh = step();
  ASSERT_EQ(refresh.kind, Kind::kSnapshot);
  EXPECT_EQ(refresh.limit, 500);
  bid(105, 106);
  book->snapshot(refresh.ticket, snapshot_of(106, kBids, kAsks), now);
  EXPECT_EQ(book->counts().snapshots_foreign, 1U);
  EXPECT_EQ(book->reason(), BookReason::kGap);
}

TEST_F(LocalBookTest, ADeeperQuestionTakesADeeperSnapshotOnlyWhereOneIsNeeded) {
  sync(100);  // of two levels a side, which are all there are
  book->set_depth(5000);
  EXPECT_EQ(step().kind, Kind::kWait);
  EXPECT_TRUE(book->view(5000)->is_complete);
}

/// At the greatest depth a snapshot has nothing to spare: a new one after each level that goes
/// would be all that the exchange allows.
TEST_F(LocalBookTest, TheDeepestBookIsRefreshedOnceAMinute) {
  make({.depth = 5000});
  book->began(1, now);
  pass(milliseconds(250));
  const Texts bids = ladder(10'000, 5000, -1), asks = ladder(10'001, 5000, 1);
  give(100, bids, asks);
  EXPECT_TRUE(book->view(5000)->is_complete);
  int snapshots = 0;
  for (std::int64_t i = 0; i < 600; ++i) {  // a minute
    book->diff(1, change(101 + i, 101 + i, {{std::to_string(10'000 - i), "0"}}), now);
    const BookStep next = step();
    if (next.kind == Kind::kSnapshot) {
      ++snapshots;
      book->snapshot(next.ticket,
                     snapshot_of(101 + i, ladder(static_cast<int>(9'999 - i), 5000, -1), asks),
                     now);
    }
    pass(milliseconds(100));
  }
  EXPECT_LE(snapshots, 1);
  EXPECT_EQ(book->state(), BookState::kSynced);
}

TEST_F(LocalBookTest, TheVersionGrowsWithWhatShows) {
  const auto grew = [this, seen = book->version()]() mutable {
    return std::exchange(seen, book->version()) != book->version();
  };
  auto has_grown = grew;
  sync(100);
  EXPECT_TRUE(has_grown());
  bid(101, 101);
  EXPECT_TRUE(has_grown());
  bid(101, 101);
  book->ticker(top_of(101, "10.0", "101", "11.0", "3"), now);
  step();
  EXPECT_FALSE(has_grown());
  book->ended(1, now);
  EXPECT_TRUE(has_grown());
}

TEST(LocalBookWordsTest, EveryStateAndReasonHasItsWords) {
  EXPECT_EQ(name_of(BookState::kSyncing), "syncing");
  EXPECT_EQ(name_of(BookState::kSynced), "synced");
  EXPECT_EQ(name_of(BookState::kStale), "stale");
  for (int i = 1; i <= static_cast<int>(BookReason::kReset); ++i) {
    EXPECT_FALSE(words_of(static_cast<BookReason>(i)).empty()) << i;
  }
}

}  // namespace
}  // namespace bourse::binance
