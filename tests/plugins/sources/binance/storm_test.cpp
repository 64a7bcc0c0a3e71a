// SPDX-License-Identifier: MIT
//
// Storms: many threads keep asking a real exchange over real HTTP while it refuses. What counts is
// what arrives there: after a refusal nothing, until it is over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "plugins/sources/binance/client/client.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "tests/exchange/fixture.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

namespace fake = bourse::fake_exchange;

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr std::size_t kThreads = 24, kConnections = 8;
constexpr milliseconds kLatency{10};
/// What was on its way when the first refusal was: sent before its answer can have been read.
constexpr milliseconds kUnderWay = kLatency + milliseconds(40);
constexpr milliseconds kImpatient{200}, kPatient{10'000};

/// The outcome of one call.
struct Outcome {
  steady_clock::time_point began, ended;
  bool patient = false;
  std::optional<Error> error;
};

/// Threads that ask for candles, one call after the other, until told to end. Half of them have
/// little time, the others plenty.
class Crowd {
 public:
  explicit Crowd(std::shared_ptr<Exchange> exchange) {
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this, exchange, i] { ask(exchange, i % 2 == 0); });
    }
  }
  ~Crowd() { end(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  /// Lets every call end. What they came to, in no order.
  std::vector<Outcome> end() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    return std::move(outcomes_);
  }

 private:
  void ask(const std::shared_ptr<Exchange>& exchange, bool patient) {
    Client client(exchange);
    while (!over_) {
      Outcome outcome{.began = steady_clock::now(), .ended = {}, .patient = patient, .error = {}};
      const auto candles =
          client.candles({.symbol = "BTCUSDT", .interval = *Interval::parse("1h"), .limit = 2},
                         within(patient ? kPatient : kImpatient));
      outcome.ended = steady_clock::now();
      if (!candles) outcome.error = candles.error();
      {
        const std::lock_guard lock(mutex_);
        outcomes_.push_back(std::move(outcome));
      }
      std::this_thread::sleep_for(milliseconds(10));  // what a caller does with an answer
    }
  }

  std::atomic<bool> over_ = false;
  std::mutex mutex_;
  std::vector<Outcome> outcomes_;
  std::vector<std::thread> threads_;
};

class Storm : public testing::Test {
 protected:
  Storm() {
    fake_.set_latency(kLatency);
    // The exchange's minute ends in three seconds.
    const auto now = fake_.clock().now();
    const auto minute = microseconds(std::chrono::minutes(1));
    fake_.clock().set_skew(minute - now % minute - seconds(3));
  }

  static fake::ExchangeOptions options() {
    fake::ExchangeOptions options;
    // What is under way side by side when the first refusal comes is no reason for a ban here.
    options.limits.requests_until_ban = kThreads;
    return options;
  }

  std::shared_ptr<Exchange> open() {
    auto exchange = Exchange::open({.site = Site::kData,
                                    .base_url = fake_.url(),
                                    .block_file = scratch_.path("block"),
                                    .connections_max = kConnections});
    EXPECT_TRUE(exchange.ok());
    EXPECT_TRUE(Client(*exchange).prepare(within(kPatient)).ok());
    return *exchange;
  }

  /// Until so many more requests have arrived.
  void wait_for_requests(std::int64_t more) {
    const std::int64_t want = fake_.request_count() + more;
    ASSERT_TRUE(host::test::eventually([&] { return fake_.request_count() >= want; }));
  }

  struct Refused {
    std::size_t count = 0;
    steady_clock::time_point first;
  };
  Refused refused_with(int status) {
    Refused refused;
    for (const fake::Record& one : fake_.requests()) {
      if (one.status == status && refused.count++ == 0) refused.first = one.real;
    }
    return refused;
  }

  /// Requests that arrived in between.
  std::size_t arrived(steady_clock::time_point from, steady_clock::time_point to) {
    std::size_t count = 0;
    for (const fake::Record& one : fake_.requests()) count += one.real > from && one.real < to;
    return count;
  }

  Scratch scratch_;
  fake::Exchange fake_{options()};
};

TEST_F(Storm, After429NoRequestLeavesUntilTheMinuteIsOver) {
  const auto exchange = open();
  Crowd crowd(exchange);
  wait_for_requests(50);
  fake_.use_weight(20'000);  // by somebody else on this address
  ASSERT_TRUE(host::test::eventually([&] { return refused_with(429).count > 0; }));
  const auto state_end = exchange->rate_state().windows.front().ends;
  const auto end = steady_clock::now() + microseconds(state_end.ns / 1'000) - fake_.clock().now();
  std::this_thread::sleep_until(end + milliseconds(500));
  const std::vector<Outcome> outcomes = crowd.end();

  const Refused refused = refused_with(429);
  EXPECT_LE(refused.count, kConnections);
  EXPECT_EQ(refused_with(418).count, 0U);
  EXPECT_EQ(arrived(refused.first + kUnderWay, end - milliseconds(5)), 0U);
  EXPECT_GT(arrived(end, end + milliseconds(500)), kThreads) << "it goes on by itself";

  std::size_t turned_away = 0, waited = 0;
  for (const Outcome& one : outcomes) {
    const bool during = one.began > refused.first + kUnderWay && one.began < end - kImpatient * 2;
    if (one.patient) {
      EXPECT_FALSE(one.error) << one.error->text();
      waited += one.ended - one.began > milliseconds(500) ? 1U : 0U;
    } else if (during) {
      ++turned_away;
      ASSERT_TRUE(one.error);
      EXPECT_EQ(one.error->kind, ErrorKind::kRateLimit);
      EXPECT_GT(*one.error->retry_after, kImpatient);
      EXPECT_LE(*one.error->retry_after, seconds(5));
      EXPECT_LT(one.ended - one.began, kImpatient) << "at once, not at the deadline";
    }
  }
  EXPECT_GT(turned_away, kThreads);
  EXPECT_EQ(waited, kThreads / 2);
}

TEST_F(Storm, ABanIsKeptToAcrossARestart) {
  constexpr seconds kBan{2};
  auto exchange = open();
  std::optional<Crowd> crowd(exchange);
  wait_for_requests(50);
  const auto end = steady_clock::now() + kBan;
  fake_.ban(kBan);
  ASSERT_TRUE(host::test::eventually([&] { return refused_with(418).count > 0; }));
  std::this_thread::sleep_until(end - milliseconds(1'200));
  for (const Outcome& one : crowd->end()) {
    if (!one.error) continue;
    EXPECT_EQ(one.error->kind, ErrorKind::kBanned);
    EXPECT_GT(one.error->until->ns, 0);
    EXPECT_LT(one.ended - one.began, milliseconds(500)) << "at once, however much time there is";
  }
  const Refused refused = refused_with(418);
  EXPECT_LE(refused.count, kConnections);

  // Another process, as it were: it has never heard of the ban but for the file.
  crowd.reset();
  exchange = *Exchange::open({.site = Site::kData,
                              .base_url = fake_.url(),
                              .block_file = scratch_.path("block"),
                              .connections_max = kConnections});
  crowd.emplace(exchange);
  std::this_thread::sleep_until(end + milliseconds(400));
  const std::vector<Outcome> outcomes = crowd->end();
  EXPECT_EQ(arrived(refused.first + kUnderWay, end), 0U);
  std::size_t turned_away = 0, answered = 0;
  for (const Outcome& one : outcomes) {
    answered += one.error ? 0U : 1U;
    if (!one.error || one.began > end)
      continue;  // then the first minute's half of the limits counts
    ++turned_away;
    EXPECT_EQ(one.error->kind, ErrorKind::kBanned);
    EXPECT_EQ(one.error->reach, Reach::kNotSent);
    EXPECT_LE(*one.error->retry_after, seconds(5));
  }
  EXPECT_GT(turned_away, kThreads);
  EXPECT_GT(answered, kThreads) << "it goes on by itself";
  EXPECT_EQ(refused_with(418).count, refused.count);
}

}  // namespace
}  // namespace bourse::binance
