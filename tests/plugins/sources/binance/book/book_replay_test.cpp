// SPDX-License-Identifier: MIT
#include "tests/plugins/sources/binance/book/book_replay.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace bourse::binance {
namespace {

Replayed play(const std::string& recording, const ReplayOptions& options = {}) {
  std::istringstream lines(recording);
  return replay_book(lines, options);
}
std::string final_of(const Replayed& result) {
  return result.book->book() == nullptr ? "nothing" : rest_text_of(result.book->book()->levels(99));
}

const std::string kSnapshot =
    R"({"lastUpdateId":100,"bids":[["10.00","1.0"],["9.00","2.0"]],"asks":[["11.00","3.0"]]})"
    "\n";
std::string diff(int first, int last, const std::string& bids, const std::string& symbol = "AB") {
  return R"({"stream":"ab@depth","data":{"e":"depthUpdate","E":)" +
         std::to_string(1'753'000'000'000 + last * 100) + R"(,"s":")" + symbol + R"(","U":)" +
         std::to_string(first) + ",\"u\":" + std::to_string(last) + ",\"b\":" + bids +
         ",\"a\":[]}}\n";
}

TEST(BookReplayTest, ChangesBeforeAndAfterTheSnapshotEndInTheBookByHand) {
  const std::string snapshot = kSnapshot;
  const Replayed result = play(diff(98, 99, R"([["9.00","7"]])") +
                               diff(100, 101, R"([["9.50","5"],["10.00","0.00"]])") + snapshot +
                               diff(102, 103, R"([["9.00","4"]])"));
  EXPECT_EQ(result.book->state(), BookState::kSynced);
  EXPECT_EQ(
      final_of(result),
      R"({"lastUpdateId":103,"bids":[["9.50","5.0"],["9.00","4.0"]],"asks":[["11.00","3.0"]]})");
  EXPECT_FALSE(result.unreadable);
}

TEST(BookReplayTest, ASnapshotBeforeAllElseIsTaken) {
  const Replayed result = play(kSnapshot + diff(101, 101, R"([["10.00","4"]])"));
  EXPECT_EQ(
      final_of(result),
      R"({"lastUpdateId":101,"bids":[["10.00","4.0"],["9.00","2.0"]],"asks":[["11.00","3.0"]]})");
}

TEST(BookReplayTest, AWrappedSnapshotAndBareMessagesAreTheSame) {
  const std::string bare = diff(101, 101, "[]");
  const std::string data = bare.substr(bare.find("{\"e\""), bare.size() - bare.find("{\"e\"") - 2);
  const Replayed result = play(data + "\n{\"stream\":\"ab@snapshot\",\"data\":" +
                               kSnapshot.substr(0, kSnapshot.size() - 1) + "}\n\r\n");
  EXPECT_EQ(result.book->state(), BookState::kSynced);
  EXPECT_EQ(result.book->book()->id(), 101);
}

TEST(BookReplayTest, LaterSnapshotsAreComparedAtTheirUpdate) {
  const std::string later =
      R"({"lastUpdateId":102,"bids":[["10.00","1.0"],["9.00","8.0"]],"asks":[["11.00","3.0"]]})"
      "\n";
  const Replayed equal = play(kSnapshot + diff(101, 101, "[]") + later +
                              diff(102, 102, R"([["9.00","8"]])") + diff(103, 103, "[]"));
  EXPECT_EQ(equal.compared, 1);
  EXPECT_TRUE(equal.differences.empty());
  const Replayed other = play(kSnapshot + later + diff(101, 102, "[]"));
  EXPECT_EQ(other.differences,
            (std::vector<std::string>{
                "at update 102, bid 2: 9.00 x 2.0, but 9.00 x 8.0 in the snapshot"}));
}

TEST(BookReplayTest, AGapTakesTheNextSnapshotThatFits) {
  const std::string later =
      R"({"lastUpdateId":110,"bids":[["8.00","1.0"]],"asks":[["11.00","3.0"]]})"
      "\n";
  const std::string gap = kSnapshot + diff(105, 106, "[]") + diff(107, 112, R"([["7.00","1"]])");
  EXPECT_EQ(play(gap).book->state(), BookState::kStale);
  EXPECT_EQ(
      final_of(play(gap + kSnapshot + later)),
      R"({"lastUpdateId":112,"bids":[["8.00","1.0"],["7.00","1.0"]],"asks":[["11.00","3.0"]]})");
}

TEST(BookReplayTest, ConnectionsEndAndBegin) {
  const Replayed lost = play(kSnapshot + "{\"connection\":\"ended\"}\n" + diff(101, 101, "[]"));
  EXPECT_EQ(lost.book->reason(), BookReason::kNotConnected);
  const Replayed back =
      play(kSnapshot + "{\"connection\":\"ended\"}\n{\"connection\":\"began\"}\n" +
           diff(101, 101, "[]") + kSnapshot);
  EXPECT_EQ(back.book->state(), BookState::kSynced);
  EXPECT_EQ(back.book->counts().joined, 2U);
}

TEST(BookReplayTest, OtherMarketsAndKindsAreLeftOut) {
  const Replayed result = play(diff(100, 101, "[]", "XY") + kSnapshot + diff(102, 102, "[]") +
                                   R"({"stream":"ab@trade","data":{"e":"trade","s":"AB"}})" + "\n" +
                                   R"({"result":null,"id":1})" + "\n" + diff(101, 101, "[]"),
                               {.symbol = "AB"});
  EXPECT_EQ(result.left_out, 3);
  EXPECT_EQ(result.messages, 2);
}

TEST(BookReplayTest, ALineWithoutSenseEndsItAndIsNamed) {
  EXPECT_EQ(play("{}\n[1]\n").unreadable, "line 2: it is no JSON object");
  EXPECT_EQ(play("{\"connection\":\"lost\"}\n").unreadable,
            "line 1: a connection is \"began\" or \"ended\"");
  EXPECT_NE(play(kSnapshot + diff(5, 4, "[]")).unreadable->find("line 2: "), std::string::npos);
}

TEST(BookReplayTest, ASnapshotThatWasCutIsKnownAsFarAsItWentTo) {
  const std::string recording = kSnapshot + diff(101, 101, R"([["5.00","1"]])");
  EXPECT_EQ(play(recording).book->book()->levels(99).bids.size(), 3U);
  EXPECT_EQ(play(recording, {.limit = 2}).book->book()->levels(99).bids.size(), 2U);
  EXPECT_EQ(play(recording, {.limit = 2}).book->book()->all_levels().bids.size(), 3U);
}

}  // namespace
}  // namespace bourse::binance
