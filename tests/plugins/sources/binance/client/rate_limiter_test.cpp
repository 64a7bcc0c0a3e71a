// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/rate_limiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "plugins/sources/binance/client/block_file.hpp"
#include "tests/plugins/sources/binance/client/fakes.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

using testing::HasSubstr;
using Ticket = RateLimiter::Ticket;

const Limit kWeightLimit{LimitKind::kRequestWeight, 60'000, 6000};
const Limit kRawLimit{LimitKind::kRawRequests, 300'000, 300'000};

class RateLimiterTest : public testing::Test {
 protected:
  RateLimiterTest() { make({}); }

  void make(RateLimiterOptions options, std::unique_ptr<BlockFile> file = nullptr) {
    limiter = std::make_unique<RateLimiter>(clock, server, std::move(file), options);
  }
  /// The exchange's clock is known, 20 ms there and back.
  void sync(nanoseconds ahead = nanoseconds(0)) {
    const ServerClock::Sample sample{clock->now() - milliseconds(20), clock->now(),
                                     Time{clock->wall().ns + ahead.count() - 10 * kNsPerMs}};
    server->adopt({&sample, 1});
  }
  [[nodiscard]] Call call(nanoseconds time = seconds(0)) const {
    return {.deadline = clock->now() + time};
  }
  /// Takes room and is done at once.
  void use(int weight) {
    const auto ticket = limiter->acquire(weight, call());
    ASSERT_TRUE(ticket.ok()) << ticket.error().text();
    limiter->finish(*ticket, {});
  }
  [[nodiscard]] std::int64_t used() const { return limiter->state().windows[0].used; }
  void finish_with(const Ticket& ticket, std::int64_t weight) {
    const UsedWeight stated{60'000, weight};
    limiter->finish(ticket, {&stated, 1});
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<ServerClock> server = std::make_shared<ServerClock>(clock);
  std::unique_ptr<RateLimiter> limiter;
};

TEST_F(RateLimiterTest, AssumesHalfTheDocumentedLimitsUntilItKnows) {
  const RateState state = limiter->state();
  EXPECT_TRUE(state.assumed);
  ASSERT_EQ(state.windows.size(), 2u);
  EXPECT_EQ(state.windows[0].limit, (Limit{LimitKind::kRequestWeight, 60'000, 3000}));
  EXPECT_EQ(state.windows[0].budget, 2700);
}

TEST_F(RateLimiterTest, TakesTheExchangesWordForItsLimits) {
  use(100);
  const Limit limits[] = {{LimitKind::kOrders, 10'000, 50},
                          {LimitKind::kRequestWeight, 60'000, 1200},
                          {LimitKind::kOther, 0, 7}};
  limiter->learn(limits);
  const RateState state = limiter->state();
  EXPECT_FALSE(state.assumed);
  ASSERT_EQ(state.windows.size(), 1u);
  EXPECT_EQ(state.windows[0].budget, 1080);
  EXPECT_EQ(state.windows[0].used, 100);  // is not forgotten
  limiter->learn({});
  EXPECT_EQ(limiter->state().windows.size(), 1u);
}

TEST_F(RateLimiterTest, WaitsForTheNextWindowOfTheExchangesClock) {
  sync(seconds(7));  // it is 47 s into its minute there
  limiter->learn({&kWeightLimit, 1});
  use(5300);
  const auto ticket = limiter->acquire(200, call(seconds(20)));
  ASSERT_TRUE(ticket.ok());
  // 13 s to the border, and what the clock may be wrong by: 10 + 1 ms and the drift.
  EXPECT_GE(clock->slept, seconds(13) + milliseconds(11));
  EXPECT_LE(clock->slept, seconds(13) + milliseconds(13));
  EXPECT_EQ(limiter->state().waits, 1);
  EXPECT_EQ(used(), 200);
}

TEST_F(RateLimiterTest, FailsAtOnceWhenTheWaitExceedsTheDeadline) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  use(5300);
  const auto ticket = limiter->acquire(200, call(seconds(10)));  // 20 s to the border
  ASSERT_FALSE(ticket.ok());
  EXPECT_EQ(ticket.error().kind, ErrorKind::kRateLimit);
  EXPECT_TRUE(ticket.error().deadline);
  EXPECT_NEAR(static_cast<double>(ticket.error().retry_after->count()), 20'000, 30);
  EXPECT_EQ(clock->slept, nanoseconds(0));
  EXPECT_EQ(limiter->state().refusals, 1);
  use(100);  // smaller ones still fit
}

TEST_F(RateLimiterTest, RefusesWhatNeverFits) {
  limiter->learn({&kWeightLimit, 1});
  EXPECT_THAT(limiter->acquire(5401, call(std::chrono::hours(1))).error().text(),
              HasSubstr("does not fit"));
  EXPECT_EQ(clock->slept, nanoseconds(0));
}

TEST_F(RateLimiterTest, HonoursEveryWindow) {
  sync();
  const Limit limits[] = {kWeightLimit, {LimitKind::kRawRequests, 300'000, 10}};
  limiter->learn(limits);
  for (int i = 0; i < 9; ++i) use(1);
  EXPECT_FALSE(limiter->acquire(1, call(seconds(60))).ok());
  EXPECT_TRUE(limiter->acquire(1, call(seconds(301))).ok());
}

TEST_F(RateLimiterTest, CountsBothWindowsNearTheBorder) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  clock->advance(seconds(20) - milliseconds(5));  // 5 ms before the border, unsure by 11
  use(5000);
  clock->advance(milliseconds(10));
  EXPECT_EQ(used(), 5000);
  EXPECT_FALSE(limiter->acquire(500, call(seconds(10))).ok());
}

TEST_F(RateLimiterTest, CountsWhatIsUnderWayInTheNextWindowToo) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  const auto slow = limiter->acquire(5000, call());
  clock->advance(seconds(21));
  EXPECT_FALSE(limiter->acquire(500, call(seconds(10))).ok());
  limiter->finish(*slow, {});
  clock->advance(seconds(60));
  use(5400);
}

// This machine is ten minutes ahead, which nobody knows before the exchange is asked.
TEST_F(RateLimiterTest, WhatWasSentBeforeAWindowIsNotCountedInIt) {
  limiter->learn({&kWeightLimit, 1});
  use(1);
  sync(-std::chrono::minutes(10));
  for (int minute = 0; minute < 10; ++minute) {
    use(500);
    clock->advance(seconds(60));
  }
  use(5400);
  EXPECT_EQ(used(), 5400);
}

TEST_F(RateLimiterTest, TakesTheHigherFigureOfTheExchange) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  finish_with(*limiter->acquire(10, call()), 4000);  // others use this address as well
  EXPECT_EQ(used(), 4000);
  finish_with(*limiter->acquire(10, call()), 50);
  EXPECT_EQ(used(), 4010);
}

TEST_F(RateLimiterTest, FiguresWithoutSenseLetNothingThrough) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  const auto ticket = limiter->acquire(10, call());
  limiter->finish(*ticket,
                  used_weights(answer(200, "", {{"x-mbx-used-weight-1m", "9223372036854775807"}})));
  EXPECT_EQ(used(), kUsedWeightMax);
  EXPECT_FALSE(limiter->acquire(10, call(seconds(10))).ok());
  EXPECT_TRUE(limiter->acquire(10, call(seconds(30))).ok());  // it is another minute then
  make({.reserve = 0});
  const Limit none{LimitKind::kRequestWeight, 60'000, std::numeric_limits<std::int64_t>::max()};
  limiter->learn({&none, 1});
  use(250);
}

TEST_F(RateLimiterTest, DoesNotTakeTheOldWindowsFigureForTheNewOne) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  use(5000);
  const auto across = limiter->acquire(10, call());
  clock->advance(seconds(21));
  finish_with(*across, 5010);  // counted before the border
  EXPECT_EQ(used(), 10);
  clock->advance(seconds(59));
  const auto other = limiter->acquire(10, call());
  clock->advance(seconds(2));
  finish_with(*other, 3);  // cannot be of the window before, which had more
  EXPECT_LE(used(), 20);
}

TEST_F(RateLimiterTest, SendsNothingWhileTheExchangeAsksForSilence) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  Error error = classify(answer(429, "", {{"retry-after", "35"}}), server->estimate().now);
  limiter->block(error);
  EXPECT_EQ(limiter->state().blocked, ErrorKind::kRateLimit);
  const auto refused = limiter->acquire(1, call(seconds(34)));
  EXPECT_EQ(refused.error().kind, ErrorKind::kRateLimit);
  EXPECT_EQ(clock->slept, nanoseconds(0));
  EXPECT_TRUE(limiter->acquire(1, call(seconds(36))).ok());
  EXPECT_GE(clock->slept, seconds(35));
  EXPECT_EQ(limiter->state().blocked, std::nullopt);
}

TEST_F(RateLimiterTest, WaitsForTheWindowWhenA429SaysNothing) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  limiter->block(classify(answer(429, ""), server->estimate().now));
  ASSERT_TRUE(limiter->acquire(1, call(seconds(30))).ok());
  EXPECT_GE(clock->slept, seconds(20));
  EXPECT_LE(clock->slept, seconds(21));
}

TEST_F(RateLimiterTest, AddsTheRestOfASecondThatRetryAfterRoundedAway) {
  sync();
  clock->advance(milliseconds(300));  // 19.7 s to the border, stated as 19
  limiter->learn({&kWeightLimit, 1});
  clock->slept = {};
  limiter->block(classify(answer(429, "", {{"retry-after", "19"}}), server->estimate().now));
  ASSERT_TRUE(limiter->acquire(1, call(seconds(30))).ok());
  EXPECT_GE(clock->slept, milliseconds(19'700));
  EXPECT_LE(clock->slept, milliseconds(19'800));
}

TEST_F(RateLimiterTest, FailsAtOnceWhenBannedAndSaysUntilWhen) {
  sync();
  limiter->block(classify(answer(418, "", {{"retry-after", "120"}}), server->estimate().now));
  const auto refused = limiter->acquire(1, call(std::chrono::hours(1)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind, ErrorKind::kBanned);
  EXPECT_EQ(refused.error().reach, Reach::kNotSent);
  EXPECT_EQ(to_ms(*refused.error().until), kStartMs + 120'000);
  EXPECT_THAT(refused.error().text(), HasSubstr("2025-07-20T08:28:40Z"));
  EXPECT_EQ(clock->slept, nanoseconds(0));
  clock->advance(seconds(121));
  use(1);
}

TEST_F(RateLimiterTest, ABanOutlivesTheRateLimitsOfRequestsSentBefore) {
  sync();
  const Time now = server->estimate().now;
  limiter->block(classify(answer(429, "", {{"retry-after", "300"}}), now));
  limiter->block(classify(answer(418, "", {{"retry-after", "120"}}), now));
  EXPECT_EQ(limiter->state().blocked, ErrorKind::kBanned);
  limiter->block(classify(answer(429, "", {{"retry-after", "1"}}), now));
  limiter->block(classify(answer(418, "", {{"retry-after", "60"}}), now));
  EXPECT_EQ(limiter->state().blocked, ErrorKind::kBanned);
  EXPECT_EQ(to_ms(limiter->state().blocked_until), kStartMs + 120'000);
}

TEST_F(RateLimiterTest, OfTwoBlocksTheLongerHoldsAlsoInTheFile) {
  const Scratch scratch;
  const auto file = [&] { return std::make_unique<BlockFile>(scratch.path("block"), "h"); };
  sync();
  const Time now = server->estimate().now;
  const Error ban = classify(answer(418, "", {{"retry-after", "259200"}}), now);  // three days
  const Error firewall = classify(answer(403, "<html>"), now);                    // five minutes
  for (const bool ban_first : {true, false}) {
    make({}, file());
    limiter->block(ban_first ? ban : firewall);
    limiter->block(ban_first ? firewall : ban);
    EXPECT_EQ(limiter->state().blocked, ErrorKind::kBanned);
    EXPECT_EQ(to_ms(limiter->state().blocked_until), kStartMs + 259'200'000);
    const auto saved = file()->load(now);
    ASSERT_TRUE(saved.has_value());
    EXPECT_EQ(saved->kind, ErrorKind::kBanned);
    std::filesystem::remove(scratch.path("block"));
  }
}

TEST_F(RateLimiterTest, RemembersABanAcrossARestart) {
  const Scratch scratch;
  const auto restart = [&] {
    make({}, std::make_unique<BlockFile>(scratch.path("block"), "api.binance.com"));
  };
  restart();
  limiter->block(classify(answer(418, "", {{"retry-after", "120"}}), server->estimate().now));
  restart();
  EXPECT_EQ(limiter->acquire(1, call(seconds(5))).error().kind, ErrorKind::kBanned);
  clock->advance(seconds(121));
  restart();
  EXPECT_TRUE(limiter->acquire(1, call()).ok());
}

TEST_F(RateLimiterTest, TellsOnceThatABanCannotBeSavedAndTriesAgain) {
  const Scratch scratch;
  const std::string folder = scratch.path("later"), path = folder + "/block";
  sync();
  make({}, std::make_unique<BlockFile>(path, "h"));
  EXPECT_FALSE(limiter->take_unsaved());
  const Time now = server->estimate().now;
  limiter->block(classify(answer(418, "", {{"retry-after", "600"}}), now));
  EXPECT_EQ(limiter->state().unsaved, std::errc::no_such_file_or_directory);
  const auto told = limiter->take_unsaved();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->file, path);
  EXPECT_EQ(told->why, std::errc::no_such_file_or_directory);
  EXPECT_EQ(told->kind, ErrorKind::kBanned);
  EXPECT_EQ(to_ms(told->until), to_ms(now) + 600'000);
  EXPECT_FALSE(limiter->take_unsaved()) << "told twice";
  Error longer = classify(answer(418, "", {{"retry-after", "600"}}), now);
  longer.until = Time{longer.until->ns + 1};  // of a request that was under way as well
  limiter->block(longer);
  EXPECT_FALSE(limiter->take_unsaved()) << "it is the same one";

  std::filesystem::create_directory(folder);
  clock->advance(seconds(29));
  EXPECT_FALSE(limiter->acquire(1, call(seconds(5))).ok());
  EXPECT_TRUE(limiter->state().unsaved) << "at most every half minute";
  clock->advance(seconds(1));
  EXPECT_FALSE(limiter->acquire(1, call(seconds(5))).ok());
  EXPECT_FALSE(limiter->state().unsaved);
  const auto saved = BlockFile(path, "h").load(now);
  ASSERT_TRUE(saved);
  EXPECT_EQ(to_ms(saved->until), to_ms(now) + 600'000);
}

TEST_F(RateLimiterTest, DoesNotRememberARateLimitAcrossARestart) {
  const Scratch scratch;
  make({}, std::make_unique<BlockFile>(scratch.path("block"), "h"));
  limiter->block(classify(answer(429, "", {{"retry-after", "60"}}), server->estimate().now));
  EXPECT_EQ(scratch.read("block"), "");
}

TEST_F(RateLimiterTest, EndsAWaitWhenTheCallerStops) {
  sync();
  limiter->learn({&kWeightLimit, 1});
  use(5400);
  int questions = 0;
  Call stopping = call(seconds(60));
  stopping.stopped = [&] { return ++questions > 3; };
  const auto refused = limiter->acquire(1, stopping);
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().stopped);
  EXPECT_LE(clock->slept, milliseconds(200));
}

// ---- simulations

/// The exchange's side of the limit: fixed windows of its own clock.
class CountingExchange {
 public:
  CountingExchange(FakeClock& clock, nanoseconds ahead) : clock_(clock), ahead_(ahead) {}
  [[nodiscard]] Time now() const { return Time{clock_.wall().ns + ahead_.count()}; }
  /// Returns the weight used in the current window.
  std::int64_t receive(int weight) {
    const std::int64_t window = now().ns / (60'000 * kNsPerMs);
    if (window != window_) used_ = 0;
    window_ = window;
    used_ += weight;
    highest_ = std::max(highest_, used_);
    total_ += weight;
    return used_;
  }
  [[nodiscard]] std::int64_t highest() const { return highest_; }
  [[nodiscard]] std::int64_t total() const { return total_; }

 private:
  FakeClock& clock_;
  nanoseconds ahead_;
  std::int64_t window_ = -1, used_ = 0, highest_ = 0, total_ = 0;
};

struct Load {
  std::uint64_t seed;
  nanoseconds ahead;          ///< the exchange's clock
  std::int64_t foreign_each;  ///< weight that others use per second, at most
};

class FullLoad : public RateLimiterTest, public testing::WithParamInterface<Load> {};

// A day of virtual time with more work than fits: eight requests under way at a time, 5 to 900 ms
// each way, other programs on the same address, the clock set anew every 20 minutes.
TEST_P(FullLoad, OfADayNeverExceedsTheLimitAndUsesMostOfIt) {
  const Load load = GetParam();
  Dice dice(load.seed);
  CountingExchange exchange(*clock, load.ahead);
  limiter->learn({&kWeightLimit, 1});
  const Instant end = clock->now() + std::chrono::hours(24);
  const auto latency = [&] { return milliseconds(dice.between(5, dice.between(5, 900))); };
  int under_way = 0;
  std::int64_t foreign = 0;
  Instant next_sync = clock->now(), next_foreign = clock->now();
  while (clock->now() < end) {
    if (clock->now() >= next_sync) {
      const Instant sent = clock->now();
      clock->advance(latency());
      const Time said = exchange.now();
      clock->advance(latency());
      const ServerClock::Sample sample{sent, clock->now(), said};
      server->adopt({&sample, 1});
      next_sync = clock->now() + std::chrono::minutes(20);
    }
    for (; next_foreign <= clock->now(); next_foreign += seconds(1)) {
      const auto weight = static_cast<int>(dice.between(0, load.foreign_each));
      exchange.receive(weight);
      foreign += weight;
    }
    if (under_way == 8) {
      clock->advance(milliseconds(5));
      continue;
    }
    static constexpr int kWeights[] = {1, 2, 4, 20, 25, 40, 50, 80, 250};
    const int weight = kWeights[dice.between(0, 8)];
    const auto ticket = limiter->acquire(weight, call(seconds(90)));
    ASSERT_TRUE(ticket.ok()) << ticket.error().text();
    ++under_way;
    clock->plan(clock->now() + latency(), [&, taken = *ticket, weight] {
      const std::int64_t used = exchange.receive(weight);
      clock->plan(clock->now() + latency(), [&, taken, used] {
        finish_with(taken, used);
        --under_way;
      });
    });
  }
  EXPECT_LE(exchange.highest(), 6000);
  const double own = static_cast<double>(exchange.total() - foreign);
  const double room = 24 * 60 * 5400.0 - static_cast<double>(foreign);
  EXPECT_GT(own / room, 0.75) << own << " of " << room;
}

INSTANTIATE_TEST_SUITE_P(Days, FullLoad,
                         testing::Values(Load{1, nanoseconds(0), 0}, Load{2, seconds(-31), 0},
                                         Load{3, milliseconds(29'999), 0},
                                         Load{4, milliseconds(517), 10},
                                         Load{5, std::chrono::hours(3), 10}));

// Real threads; the clock is real, but there is room for all of them.
TEST(RateLimiterThreads, CountEveryRequestOnce) {
  const auto clock = real_clock();
  const auto server = std::make_shared<ServerClock>(clock);
  RateLimiter limiter(clock, server, nullptr, {});
  const Limit limits[] = {{LimitKind::kRequestWeight, 86'400'000, 1'000'000}, kRawLimit};
  limiter.learn(limits);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const auto ticket = limiter.acquire(2, within(seconds(5)));
        if (ticket) limiter.finish(*ticket, {});
        static_cast<void>(limiter.state());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(limiter.state().requests, 2000);
  EXPECT_EQ(limiter.state().under_way, 0);
  EXPECT_GE(limiter.state().windows[0].used, 4000);
}

}  // namespace
}  // namespace bourse::binance
