// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/keeper.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kTime = "/api/v3/time";
constexpr const char* kInfo = "/api/v3/exchangeInfo";
constexpr const char* kLimits =
    R"({"timezone":"UTC","serverTime":1753000000000,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT",)"
    R"("interval":"MINUTE","intervalNum":1,"limit":6000}],"exchangeFilters":[],"symbols":[]})";

KeeperOptions patient() { return {.prepare_after = hours(1)}; }

TEST(Keeper, SendsNothingUntilDataIsWanted) {
  StubExchange stub;
  { Keeper keeper(Client(stub.exchange), patient()); }
  EXPECT_TRUE(stub.transport->sent().empty());
}

TEST(Keeper, KnowsTheExchangesTimeAfterOneQuestion) {
  StubExchange stub;
  stub.clock->wall_error = std::chrono::nanoseconds(hours(48)).count();
  Keeper keeper(Client(stub.exchange), patient());
  keeper.wake();
  const Keeper::Estimate estimate = keeper.time(stub.call());
  EXPECT_EQ(to_ms(estimate.now), kStubStartMs + 3'600'000);
  EXPECT_LE(estimate.error, milliseconds(2));
  EXPECT_EQ(stub.transport->count(kTime), 1u);
}

TEST(Keeper, WhatItStatesIsWhatTheExchangeSaidOrWholeSeconds) {
  StubExchange stub;
  stub.transport->on(kTime, R"({"serverTime":1753003600123})");
  Keeper keeper(Client(stub.exchange), patient());
  keeper.wake();
  EXPECT_EQ(to_ms(keeper.time(stub.call()).stated), 1'753'003'600'123);
  stub.clock->advance(milliseconds(999));
  EXPECT_EQ(to_ms(keeper.time(stub.call()).stated), 1'753'003'600'123);
  stub.clock->advance(milliseconds(1001));
  EXPECT_EQ(to_ms(keeper.time(stub.call()).stated), 1'753'003'602'000);
}

TEST(Keeper, WithoutAnAnswerTheMachinesTimeHasToDo) {
  StubExchange stub;
  stub.transport->on(kTime, [](const std::string&) -> Result<HttpResponse> {
    return answered(403, "<html>no</html>");
  });
  Keeper keeper(Client(stub.exchange), patient());
  keeper.wake();
  const Keeper::Estimate estimate = keeper.time(stub.call());
  EXPECT_EQ(to_ms(estimate.now), stub.server_ms());
  EXPECT_GE(estimate.error, hours(1));
}

TEST(Keeper, WaitsNoLongerThanTheCall) {
  StubExchange stub;
  stub.transport->hold();
  Keeper keeper(Client(stub.exchange), patient());
  keeper.wake();
  stub.transport->wait_for(kTime, 1);
  EXPECT_GE(keeper.time({.deadline = stub.clock->now(), .stopped = {}}).error, hours(1));
  EXPECT_GE(
      keeper.time({.deadline = stub.clock->now() + hours(1), .stopped = [] { return true; }}).error,
      hours(1));
}  // and ends though its question is still held

TEST(Keeper, LearnsTheLimitsAWhileAfterTheFirstQuestion) {
  StubExchange stub;
  stub.transport->on(kInfo, kLimits);
  Keeper keeper(Client(stub.exchange), {.prepare_after = milliseconds(1)});
  EXPECT_TRUE(stub.exchange->rate_state().assumed);
  keeper.wake();
  stub.transport->wait_for(kInfo, 1);
  while (stub.exchange->rate_state().assumed) std::this_thread::yield();
  EXPECT_TRUE(stub.exchange->clock_state().known);
}

}  // namespace
}  // namespace bourse::binance
