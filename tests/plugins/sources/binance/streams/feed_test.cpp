// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/feed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/sources/binance/streams/feed_world.hpp"

namespace bourse::binance {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

const std::string kTicker = "ethusdt@ticker", kTrade = "ethusdt@trade",
                  kDepth = "ethusdt@depth@100ms";

TEST(Feed, NothingIsDialledForNobody) {
  FeedWorld world;
  world.pass(minutes(10));
  EXPECT_THAT(world.peers, IsEmpty());
  EXPECT_TRUE(world.feed.is_idle());
}

TEST(Feed, WhatIsWantedIsSubscribedOnceAndHeard) {
  FeedWorld world;
  world.feed.want(kTicker, world.now);
  world.feed.want(kTicker, world.now);
  const std::uint64_t one = world.deliver({kTicker});
  EXPECT_EQ(world.peers.at(one).target, "/stream?streams=btcusdt@miniTicker");
  ASSERT_THAT(world.peers.at(one).sent, SizeIs(1));
  EXPECT_EQ(world.peers.at(one).sent[0].second,
            R"({"method":"SUBSCRIBE","params":["ethusdt@ticker"],"id":1})");
  EXPECT_THAT(world.heard_data, ElementsAre("ethusdt@ticker {}"));
  EXPECT_EQ(world.feed.state().live, 1U);
}

TEST(Feed, AMinuteAfterTheLastWentTheConnectionSaysGoodbye) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.speaking = {kTicker};
  world.feed.unwant(kTicker, world.now);
  world.pass(seconds(59));
  EXPECT_FALSE(world.peers.at(one).said_goodbye);
  world.pass(seconds(2));
  EXPECT_TRUE(world.peers.at(one).said_goodbye);
  world.cut(one);
  EXPECT_TRUE(world.feed.is_idle());
  EXPECT_EQ(world.news_of(FeedNews::What::kCut), 0U) << "it was asked for";
}

TEST(Feed, WhoComesBackWithinTheMinuteCostsNoCommand) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.speaking = {kTicker};
  world.feed.unwant(kTicker, world.now);
  world.pass(seconds(30));
  world.feed.want(kTicker, world.now);
  world.pass(seconds(90));
  EXPECT_THAT(world.peers.at(one).sent, SizeIs(1));
}

/// facts 8.7: "the limit is 5 a second, and pongs and our pings count".
TEST(Feed, AThousandStreamsTakeTenCommandsAndNeverMoreThanThreeASecond) {
  FeedWorld world;
  for (int i = 0; i < 1000; ++i) world.feed.want("m" + std::to_string(i) + "@ticker", world.now);
  world.feed.tick(world.now);
  world.open(1);
  world.canaries[1] = seconds(1);
  for (int i = 0; i < 50; ++i) {
    world.pass(milliseconds(200));
    world.agree(1);
  }
  const auto& sent = world.peers.at(1).sent;
  ASSERT_GE(sent.size(), 10U);
  EXPECT_THAT(sent[9].second, HasSubstr("SUBSCRIBE"));
  for (std::size_t i = 3; i < sent.size(); ++i) {
    EXPECT_GE(sent[i].first - sent[i - 3].first, milliseconds(1100));
  }
  EXPECT_THAT(world.peers, SizeIs(1));
}

TEST(Feed, MoreStreamsThanAConnectionHoldsTakeAnother) {
  FeedWorld world({.streams_per_connection = 10});
  for (int i = 0; i < 15; ++i) world.feed.want("m" + std::to_string(i) + "@ticker", world.now);
  world.feed.tick(world.now);
  EXPECT_THAT(world.peers, SizeIs(1));
  world.pass(seconds(2));
  EXPECT_THAT(world.peers, SizeIs(2)) << "one in 1.2 s";
}

TEST(Feed, TooManyStreamsAreRefused) {
  FeedWorld world({.streams_max = 2});
  EXPECT_TRUE(world.feed.want("a@ticker", world.now));
  EXPECT_TRUE(world.feed.want("b@ticker", world.now));
  EXPECT_FALSE(world.feed.want("c@ticker", world.now));
  EXPECT_FALSE(world.feed.want("!ticker@arr", world.now)) << "of no known kind";
}

// ---- cuts

TEST(Feed, ACutIsDoubtedAndTheNextConnectionIsMadeAtOnce) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(seconds(5));
  world.doubts.clear();
  world.cut(one);
  EXPECT_THAT(world.doubts, ElementsAre("ethusdt@ticker cut"));
  EXPECT_EQ(world.feed.state().live, 0U);
  world.pass(milliseconds(200));
  ASSERT_THAT(world.peers, SizeIs(2));
  world.live(2, {kTicker});
  EXPECT_EQ(world.feed.state().live, 1U);
}

/// facts section 9: "server accepts, upgrades, cuts, ten times: delays grow; fewer than 8
/// connections in 60 s".
TEST(Feed, AServerThatAcceptsAndCutsIsAskedMoreAndMoreSeldom) {
  for (const double dice : {0.0, 0.5, 0.999}) {
    FeedWorld world;
    world.dice = dice;
    world.feed.want(kTicker, world.now);
    for (int step = 0; step < 300; ++step) {
      const std::size_t before = world.peers.size();
      world.pass(milliseconds(200));
      if (world.peers.size() > before) {
        world.open(world.peers.rbegin()->first);
        world.cut(world.peers.rbegin()->first);
      }
    }
    EXPECT_LT(world.peers.size(), 8U);
    EXPECT_GE(world.peers.size(), 5U) << "it never gives up";
    auto peer = world.peers.begin();
    Instant::duration last{};
    for (auto next = std::next(peer); next != world.peers.end(); ++peer, ++next) {
      const auto gap = next->second.dialled - peer->second.dialled;
      EXPECT_GE(gap, std::min<Instant::duration>(last, seconds(20)));
      last = gap;
    }
  }
}

TEST(Feed, DataMakesTheNextAttemptImmediateAgain) {
  FeedWorld world;
  world.feed.want(kTicker, world.now);
  world.feed.tick(world.now);
  for (int i = 0; i < 4; ++i) {
    world.cut(world.peers.rbegin()->first);
    while (world.peers.rbegin()->second.is_dropped) world.pass(milliseconds(200));
  }
  const std::uint64_t good = world.peers.rbegin()->first;
  world.live(good, {kTicker});
  world.pass(seconds(3));
  world.cut(good);
  world.pass(milliseconds(400));
  EXPECT_EQ(world.peers.size(), good + 1);
}

TEST(Feed, WhoIsShutOutStaysAwayAndRestHearsOfIt) {
  FeedWorld world;
  world.feed.want(kTicker, world.now);
  world.feed.tick(world.now);
  world.cut(1, {.kind = ErrorKind::kRateLimit,
                .message = "Too many.",
                .http_status = 429,
                .retry_after = seconds(90)});
  EXPECT_THAT(world.blocks, ElementsAre(429));
  world.pass(seconds(89));
  EXPECT_THAT(world.peers, SizeIs(1));
  world.pass(seconds(3));
  EXPECT_THAT(world.peers, SizeIs(2));
}

TEST(Feed, WhatIsNotLiveIsDoubtedAgainAndAgain) {
  FeedWorld world;
  world.feed.want(kTicker, world.now);
  world.pass(seconds(11));
  EXPECT_GE(std::ranges::count(world.doubts, "ethusdt@ticker not_live"), 4)
      << "nobody knows what is missed";
}

// ---- silence

/// facts 8.1: pings answered, no data. Section 9: "ping every 0.3 s, no data: replaced by the data
/// watchdog". Pings do not come here at all.
TEST(Feed, AConnectionWithoutDataIsSuspectThenReplaced) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.canaries.clear();
  world.doubts.clear();
  world.pass(milliseconds(4800));
  EXPECT_THAT(world.doubts, IsEmpty());
  world.pass(milliseconds(400));
  EXPECT_THAT(world.doubts, Contains("ethusdt@ticker silent"));
  EXPECT_FALSE(world.peers.at(one).is_dropped);
  world.pass(milliseconds(5200));
  EXPECT_TRUE(world.peers.at(one).is_dropped);
  EXPECT_THAT(world.peers, SizeIs(2));
}

TEST(Feed, ASilentStreamThatTheExchangeForgotIsSubscribedAgain) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker, kTrade});
  for (int i = 0; i < 52; ++i) {
    world.pass(milliseconds(200));
    world.say(one, kTrade);
  }
  EXPECT_THAT(world.doubts, Contains("ethusdt@ticker silent"));
  EXPECT_THAT(world.peers.at(one).sent.back().second, HasSubstr("LIST_SUBSCRIPTIONS"));
  world.agree(one, {kTrade, world.feed_canary});
  world.pass(milliseconds(1200));
  EXPECT_THAT(world.peers.at(one).sent.back().second,
              HasSubstr(R"("SUBSCRIBE","params":["ethusdt@ticker"])"));
  EXPECT_EQ(world.feed.state().lost, 1);
  EXPECT_THAT(world.peers, SizeIs(1));
}

TEST(Feed, ASilentStreamThatIsListedWhileItsMarketMovesGetsANewConnection) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker, kTrade});
  for (int i = 0; i < 55; ++i) {
    world.pass(milliseconds(200));
    world.say(one, kTrade);
    world.feed.traded("ETHUSDT", world.now);
  }
  world.agree(one, {kTicker, kTrade, world.feed_canary});
  world.pass(milliseconds(400));
  ASSERT_THAT(world.peers, SizeIs(2));
  EXPECT_FALSE(world.peers.at(one).is_dropped) << "until the other one delivers";
  world.live(2, {kTicker, kTrade});
  world.pass(milliseconds(400));
  EXPECT_TRUE(world.peers.at(one).said_goodbye);
  world.say(2, kTicker);
  world.say(2, kTrade);
  EXPECT_EQ(world.feed.state().live, 2U);
}

/// All streams of a market are silent at once, so that none of them witnesses against another.
TEST(Feed, ASilentStreamThatIsListedGetsANewConnectionOnceRestHasSeenItsMarketMove) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(milliseconds(10'200));
  world.agree(one, {kTicker, world.feed_canary});
  world.pass(milliseconds(400));
  EXPECT_THAT(world.peers, SizeIs(1)) << "it may be a quiet market";
  world.feed.moved(kTrade, world.now);
  world.pass(milliseconds(400));
  EXPECT_THAT(world.peers, SizeIs(1)) << "another stream's business";
  world.feed.moved(kTicker, world.now);
  world.pass(milliseconds(400));
  EXPECT_THAT(world.peers, SizeIs(2)) << "without another question";
  EXPECT_EQ(world.news_of(FeedNews::What::kSilent), 1U);
}

TEST(Feed, AQuietMarketIsAskedAboutMoreAndMoreSeldom) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  for (int i = 0; i < 3000; ++i) {
    world.pass(milliseconds(200));
    world.agree(one, {kTicker, world.feed_canary});
  }
  // 10, 20, 40, ... s of silence: within ten minutes at most six questions.
  const auto& sent = world.peers.at(one).sent;
  const auto asked = std::ranges::count_if(
      sent, [](const auto& one_sent) { return one_sent.second.find("LIST") != std::string::npos; });
  EXPECT_GE(asked, 4);
  EXPECT_LE(asked, 6);
  EXPECT_THAT(world.peers, SizeIs(1));
}

TEST(Feed, ACommandThatIsNotAnsweredCostsTheConnection) {
  FeedWorld world;
  world.feed.want(kTicker, world.now);
  world.feed.tick(world.now);
  world.open(1);
  world.canaries[1] = seconds(1);
  world.pass(seconds(9));
  EXPECT_FALSE(world.peers.at(1).is_dropped);
  world.pass(seconds(2));
  EXPECT_TRUE(world.peers.at(1).is_dropped);
}

TEST(Feed, ARefusedBatchIsAskedForOneByOne) {
  FeedWorld world;
  world.feed.want("a@ticker", world.now);
  world.feed.want("b@ticker", world.now);
  world.feed.tick(world.now);
  world.open(1);
  world.canaries[1] = seconds(1);
  world.raw(1, R"({"code":2,"msg":"Invalid request: b","id":1})");
  world.pass(milliseconds(2400));
  std::vector<std::string> sent;
  for (const auto& one : world.peers.at(1).sent) sent.push_back(one.second);
  EXPECT_THAT(sent, Contains(HasSubstr(R"(["a@ticker"])")));
  EXPECT_THAT(sent, Contains(HasSubstr(R"(["b@ticker"])")));
  world.raw(1, R"({"error":{"code":2,"msg":"no such stream"},"id":3})");
  EXPECT_EQ(world.news_of(FeedNews::What::kNotCarried), 1U);
}

// ---- what cannot be read

TEST(Feed, AMessageThatCannotBeReadDoubtsAllOfItsConnection) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker, kTrade});
  world.doubts.clear();
  world.raw(one, R"({"stream":"ethusdt@trade","da)");
  EXPECT_THAT(world.doubts, ElementsAre("ethusdt@ticker odd", "ethusdt@trade odd"));
  EXPECT_EQ(world.feed.state().unreadable, 1);
  world.doubts.clear();
  world.say(one, kTrade, R"({"broken":true})");
  EXPECT_THAT(world.doubts, ElementsAre("ethusdt@trade odd"));
}

// ---- rotation

TEST(Feed, BeforeADayIsOverAnotherConnectionTakesOverWithoutADoubt) {
  FeedWorld world;
  world.dice = 0;  // 23 h
  const std::uint64_t one = world.deliver({kTicker, kDepth});
  const auto keep = [&](milliseconds time) {
    for (const Instant end = world.now + time; world.now < end;) {
      world.pass(seconds(1));
      for (const auto& [number, peer] : world.peers) {
        if (!peer.is_dropped && world.canaries.contains(number)) {
          world.say(number, kTicker);
          world.say(number, kDepth);
        }
      }
    }
  };
  keep(hours(23) - seconds(2));
  EXPECT_THAT(world.peers, SizeIs(1));
  world.doubts.clear();
  keep(seconds(4));
  ASSERT_THAT(world.peers, SizeIs(2));
  world.open(2);
  world.agree(2);
  world.canaries[2] = seconds(1);
  world.say(2, world.feed_canary);
  world.say(2, kTicker);
  world.pass(milliseconds(400));
  EXPECT_FALSE(world.peers.at(one).said_goodbye) << "one stream has not delivered there";
  world.say(2, kDepth);
  world.pass(milliseconds(400));
  EXPECT_TRUE(world.peers.at(one).said_goodbye);
  EXPECT_THAT(world.doubts, IsEmpty());
  EXPECT_EQ(world.feed.state().live, 2U);
  world.cut(one);
  EXPECT_THAT(world.doubts, IsEmpty());
}

TEST(Feed, ServerShutdownRotatesAtOnceAndQuietStreamsNeedNotSpeak) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(seconds(2));
  world.raw(one, R"({"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1753000000123}})");
  ASSERT_THAT(world.peers, SizeIs(2));
  world.open(2);
  world.agree(2);
  world.canaries[2] = seconds(1);
  world.pass(seconds(9));
  EXPECT_FALSE(world.peers.at(one).said_goodbye);
  world.pass(seconds(2));
  EXPECT_TRUE(world.peers.at(one).said_goodbye);
}

/// facts section 9: "24 h cut and own timer in the same second: one new connection".
TEST(Feed, ACutDuringARotationMakesNoThirdConnection) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(seconds(2));
  world.raw(one, R"({"e":"serverShutdown","E":1753000000123})");
  ASSERT_THAT(world.peers, SizeIs(2));
  world.cut(one);
  EXPECT_THAT(world.doubts, Contains("ethusdt@ticker cut"));
  world.live(2, {kTicker});
  world.pass(seconds(8));
  EXPECT_THAT(world.peers, SizeIs(2));
  EXPECT_EQ(world.feed.state().live, 1U);
}

TEST(Feed, ARotationThatFailsLeavesTheOldConnectionAndTriesAgain) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(seconds(2));
  world.doubts.clear();
  world.raw(one, R"({"e":"serverShutdown","E":1753000000123})");
  world.cut(2);
  EXPECT_THAT(world.doubts, IsEmpty());
  world.pass(seconds(3));
  EXPECT_THAT(world.peers, SizeIs(3));
  EXPECT_FALSE(world.peers.at(one).is_dropped);
}

TEST(Feed, DataOfAConnectionThatSaidGoodbyeIsNotHeard) {
  FeedWorld world;
  const std::uint64_t one = world.deliver({kTicker});
  world.pass(seconds(2));
  world.raw(one, R"({"e":"serverShutdown","E":1753000000123})");
  world.live(2, {kTicker});
  world.pass(milliseconds(400));
  world.heard_data.clear();
  world.say(one, kTicker);
  EXPECT_THAT(world.heard_data, IsEmpty());
}

}  // namespace
}  // namespace bourse::binance
