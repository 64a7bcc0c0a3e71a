// SPDX-License-Identifier: MIT
//
// Storms: many threads keep asking a real exchange over real HTTP while it refuses. What counts is
// what arrives there: after a refusal nothing, until it is over.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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
/// What is left of the exchange's minute when a test begins: far more than it takes until it comes
/// to the point, on any machine.
constexpr seconds kMinuteLeft{20};
constexpr seconds kBan{10};
constexpr milliseconds kImpatient{200}, kPatient{60'000};

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
  /// How many calls that kind of error ended so far.
  std::size_t failed(ErrorKind kind) {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::ranges::count_if(
        outcomes_, [&](const Outcome& one) { return one.error && one.error->kind == kind; }));
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

/// A call whose time was up while it was under way: nobody read its answer, so its connection is
/// closed, and another one may take its place.
bool is_lost(const Outcome& one) {
  return one.error && one.error->kind == ErrorKind::kNetwork && one.error->deadline;
}

class Storm : public testing::Test {
 protected:
  Storm() {
    fake_.set_latency(kLatency);
    const auto now = fake_.clock().now();
    const auto minute = microseconds(std::chrono::minutes(1));
    fake_.clock().set_skew(minute - now % minute - kMinuteLeft);
  }

  static fake::ExchangeOptions options() {
    fake::ExchangeOptions options;
    // What is under way side by side when the first refusal comes is no reason for a ban here.
    options.limits.requests_until_ban = 1'000;
    return options;
  }

  std::shared_ptr<Exchange> open() {
    auto exchange = Exchange::open({.site = Site::kData,
                                    .base_url = fake_.url(),
                                    .block_file = scratch_.path("block"),
                                    .connections_max = kConnections});
    EXPECT_TRUE(exchange.ok());
    return *exchange;
  }
  std::shared_ptr<Exchange> open_prepared() {
    auto exchange = open();
    EXPECT_TRUE(Client(exchange).prepare(within(kPatient)).ok());
    return exchange;
  }

  /// Until so many more requests have arrived.
  void wait_for_requests(std::int64_t more) {
    const std::int64_t want = fake_.request_count() + more;
    ASSERT_TRUE(host::test::eventually([&] { return fake_.request_count() >= want; }));
  }

  /// Those that arrived within this time of the exchange's clock, in order.
  std::vector<fake::Record> arrived(microseconds from, microseconds to = microseconds::max()) {
    std::vector<fake::Record> found;
    for (fake::Record& one : fake_.requests()) {
      if (one.time >= from && one.time < to) found.push_back(std::move(one));
    }
    return found;
  }
  /// Waits until the exchange's clock is there, and then for so many requests.
  void wait_until_answered_after(microseconds end, std::size_t answers) {
    ASSERT_TRUE(host::test::eventually([&] { return fake_.clock().now() >= end; }));
    ASSERT_TRUE(host::test::eventually([&] { return arrived(end).size() > answers; }))
        << "it goes on by itself";
  }

  /// After the first refusal came only what was under way on the other connections, and nothing on
  /// one that had been refused. How soon a refusal is read does not matter to either.
  void expect_silence(int status, microseconds end, std::size_t lost) {
    std::set<std::uint16_t> refused;
    std::size_t during = 0;
    for (const fake::Record& one : arrived(microseconds(0), end)) {
      EXPECT_FALSE(refused.contains(one.client_port)) << "request " << one.number;
      if (!one.during_wait && one.status != status) continue;
      EXPECT_EQ(one.status, status) << "request " << one.number;
      refused.insert(one.client_port);
      during += one.during_wait ? 1U : 0U;
    }
    EXPECT_FALSE(refused.empty());
    EXPECT_LE(during, kConnections - 1 + lost);
    EXPECT_EQ(fake_.requests_during_wait(), static_cast<std::int64_t>(during))
        << "not one after the end by the exchange's clock, and too early for it";
  }

  /// Of the first request with this status; it has to come.
  steady_clock::time_point first_refusal(int status) {
    std::optional<steady_clock::time_point> first;
    EXPECT_TRUE(host::test::eventually([&] {
      for (const fake::Record& one : fake_.requests()) {
        if (one.status == status && !first) first = one.real;
      }
      return first.has_value();
    }));
    return first.value_or(steady_clock::now());
  }

  Scratch scratch_;
  fake::Exchange fake_{options()};
};

/// The one in the middle.
milliseconds median(std::vector<milliseconds> times) {
  if (times.empty()) return milliseconds::max();
  std::ranges::sort(times);
  return times[times.size() / 2];
}

milliseconds duration(const Outcome& one) {
  return std::chrono::duration_cast<milliseconds>(one.ended - one.began);
}

TEST_F(Storm, After429NoRequestLeavesUntilTheMinuteIsOver) {
  const auto exchange = open_prepared();
  Crowd crowd(exchange);
  wait_for_requests(50);
  const microseconds used_up = fake_.clock().now();
  const microseconds end = (used_up / std::chrono::minutes(1) + 1) * std::chrono::minutes(1);
  const auto end_real = steady_clock::now() + (end - used_up);
  ASSERT_GT(end - used_up, seconds(2)) << "too slow a machine for this test";
  fake_.use_weight(20'000);  // by somebody else on this address
  const auto first = first_refusal(429);
  const auto middle = first + (end_real - first) / 2;
  std::this_thread::sleep_until(end_real);
  wait_until_answered_after(end, kThreads);
  const std::vector<Outcome> outcomes = crowd.end();

  expect_silence(429, end, static_cast<std::size_t>(std::ranges::count_if(outcomes, is_lost)));
  for (const fake::Record& one : arrived(end)) EXPECT_EQ(one.status, 200);

  std::size_t waited = 0;
  std::vector<milliseconds> turned_away;
  for (const Outcome& one : outcomes) {
    if (one.patient) {
      EXPECT_FALSE(one.error) << one.error->text();
      waited += one.began < middle && middle < one.ended ? 1U : 0U;
    } else if (one.began > first && one.began < end_real - kImpatient * 5 && !is_lost(one)) {
      ASSERT_TRUE(one.error);
      EXPECT_EQ(one.error->kind, ErrorKind::kRateLimit);
      EXPECT_GT(*one.error->retry_after, kImpatient);
      EXPECT_LE(*one.error->retry_after, end - used_up + seconds(2));
      turned_away.push_back(duration(one));
    }
  }
  EXPECT_EQ(waited, kThreads / 2) << "the patient ones, each in the same call all the time";
  EXPECT_GT(turned_away.size(), kThreads);
  EXPECT_LT(median(turned_away), kImpatient / 2) << "at once, not at the deadline";
}

TEST_F(Storm, ABanIsKeptToAcrossARestart) {
  std::vector<milliseconds> turned_away;
  std::size_t lost = 0;
  const auto count = [&](const std::vector<Outcome>& outcomes) {
    for (const Outcome& one : outcomes) {
      lost += is_lost(one) ? 1U : 0U;
      if (!one.error || one.error->kind != ErrorKind::kBanned) continue;
      EXPECT_GT(one.error->until->ns, 0);
      EXPECT_LE(*one.error->retry_after, kBan + seconds(2));
      turned_away.push_back(duration(one));
    }
  };
  auto exchange = open_prepared();
  std::optional<Crowd> crowd(exchange);
  wait_for_requests(50);
  const microseconds end = fake_.clock().now() + kBan;
  fake_.ban(kBan);
  ASSERT_TRUE(host::test::eventually([&] { return crowd->failed(ErrorKind::kBanned) > kThreads; }));
  count(crowd->end());

  // Another process, as it were: it has never heard of the ban but for the file.
  crowd.reset();
  const std::int64_t before = fake_.request_count();
  exchange = open();
  crowd.emplace(exchange);
  ASSERT_TRUE(host::test::eventually([&] { return crowd->failed(ErrorKind::kBanned) > kThreads; }));
  ASSERT_LT(fake_.clock().now(), end) << "too slow a machine for this test";
  wait_until_answered_after(end, kThreads);
  const std::vector<Outcome> outcomes = crowd->end();
  count(outcomes);
  for (const Outcome& one : outcomes) {
    if (one.error && one.error->kind == ErrorKind::kBanned) {
      EXPECT_EQ(one.error->reach, Reach::kNotSent);
    }
  }
  expect_silence(418, end, lost);
  for (const fake::Record& one : arrived(microseconds(0), end)) {
    EXPECT_LE(one.number, before) << "sent by the second one";
  }
  EXPECT_LT(median(turned_away), milliseconds(100)) << "at once, however much time there is";
}

}  // namespace
}  // namespace bourse::binance
