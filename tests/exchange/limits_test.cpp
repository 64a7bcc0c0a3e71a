// SPDX-License-Identifier: MIT
#include "tests/exchange/limits.hpp"

#include <arpa/inet.h>

#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using Kind = Admission::Kind;

constexpr microseconds kStart = kNoon;

TEST(Window, RunsFromOneFullMinuteToTheNext) {
  Window window(1min);
  EXPECT_EQ(window.add(3, kStart + 59'999'999us), 3);
  EXPECT_EQ(window.count(kStart), 3) << "the same minute";
  EXPECT_EQ(window.end(kStart + 1us), kStart + 1min);
  EXPECT_EQ(window.count(kStart + 1min), 0);
  EXPECT_EQ(window.add(2, kStart + 1min), 2);
}

TEST(Window, NeverCountsBelowZero) {
  Window window(10s);
  window.add(1, kStart);
  EXPECT_EQ(window.add(-5, kStart), 0);
}

TEST(Limits, TheLimitItselfIsAdmittedOneMoreIsNot) {
  Limits limits({.weight_per_minute = 100});
  EXPECT_EQ(limits.admit("a", 100, kStart).kind, Kind::kAdmitted);
  const Admission refused = limits.admit("a", 1, kStart + 12s);
  EXPECT_EQ(refused.kind, Kind::kTooMuchWeight);
  EXPECT_EQ(refused.until, kStart + 1min);
  EXPECT_EQ(limits.used_weight("a", kStart + 12s), 101) << "what is refused is counted";
  EXPECT_EQ(limits.admit("a", 1, kStart + 1min).kind, Kind::kAdmitted);
}

TEST(Limits, AddressesAreCountedApart) {
  Limits limits({.weight_per_minute = 10});
  EXPECT_EQ(limits.admit("a", 11, kStart).kind, Kind::kTooMuchWeight);
  EXPECT_EQ(limits.admit("b", 10, kStart).kind, Kind::kAdmitted);
}

TEST(Limits, RawRequestsHaveAWindowOfFiveMinutes) {
  Limits limits({.raw_per_5_minutes = 2});
  limits.admit("a", 1, kStart);
  limits.admit("a", 1, kStart + 2min);
  const Admission refused = limits.admit("a", 1, kStart + 4min);
  EXPECT_EQ(refused.kind, Kind::kTooManyRequests);
  EXPECT_EQ(refused.until, kStart + 5min);
}

/// Sends until banned; how long the ban is.
microseconds provoke(Limits& limits, microseconds now) {
  for (int i = 0; i < 100; ++i) {
    const Admission refused = limits.admit("a", 50, now);
    if (refused.kind == Kind::kBanned) return refused.until - now;
  }
  return {};
}

TEST(Limits, BansDoubleFromTwoMinutesToThreeDays) {
  Limits limits({.weight_per_minute = 10});
  microseconds now = kStart;
  microseconds expected = 2min;
  for (int i = 0; i < 14; ++i) {
    EXPECT_EQ(provoke(limits, now), expected) << "ban " << i;
    now += expected;
    expected = std::min<microseconds>(expected * 2, 72h);
  }
}

TEST(Limits, TheThirdRequestDuringTheWaitBans) {
  Limits limits({.weight_per_minute = 10});
  EXPECT_EQ(limits.admit("a", 11, kStart).kind, Kind::kTooMuchWeight);
  EXPECT_EQ(limits.admit("a", 1, kStart + 1s).kind, Kind::kTooMuchWeight);
  EXPECT_EQ(limits.admit("a", 1, kStart + 2s).kind, Kind::kTooMuchWeight);
  const Admission banned = limits.admit("a", 1, kStart + 3s);
  EXPECT_EQ(banned.kind, Kind::kBanned);
  EXPECT_EQ(banned.until, kStart + 3s + 2min);
  EXPECT_EQ(limits.admit("a", 1, kStart + 2min).kind, Kind::kBanned);
  EXPECT_EQ(limits.admit("a", 1, kStart + 3s + 2min).kind, Kind::kAdmitted);
}

TEST(Limits, WhoWaitsIsNeverBanned) {
  Limits limits({.weight_per_minute = 10});
  for (int minute = 0; minute < 20; ++minute) {
    const microseconds now = kStart + minute * 1min;
    EXPECT_EQ(limits.admit("a", 10, now).kind, Kind::kAdmitted);
    EXPECT_EQ(limits.admit("a", 1, now + 1s).kind, Kind::kTooMuchWeight);
  }
}

TEST(Limits, WhoGoesOnDuringABanMeetsTheFirewall) {
  Limits limits({.weight_per_minute = 10, .requests_until_firewall = 4});
  ASSERT_EQ(provoke(limits, kStart), 2min);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limits.admit("a", 1, kStart + 1s).kind, Kind::kBanned);
  const Admission blocked = limits.admit("a", 1, kStart + 2s);
  EXPECT_EQ(blocked.kind, Kind::kFirewall);
  EXPECT_EQ(blocked.until, kStart + 2s + 5min);
  EXPECT_EQ(limits.admit("a", 1, kStart + 4min).kind, Kind::kFirewall);
  EXPECT_EQ(limits.admit("a", 1, kStart + 6min).kind, Kind::kAdmitted);
}

TEST(Limits, OrdersOfTenSecondsStandStillOnceTheDayIsFull) {
  Limits limits({.orders_per_day = 5});
  limits.add_orders(5, kStart);
  EXPECT_EQ(limits.orders_10s(kStart), 5);
  limits.add_orders(2, kStart + 1s);
  EXPECT_EQ(limits.orders_1d(kStart + 1s), 7);
  EXPECT_EQ(limits.orders_10s(kStart + 1s), 5);
  EXPECT_EQ(limits.orders_10s(kStart + 10s), 0);
  EXPECT_EQ(limits.orders_1d(kStart + 12h), 0) << "the day ends at midnight UTC";
}

// ---- over the wire

TEST(LimitAnswers, A429SaysHowLongToWaitInTheExchangesWords) {
  Standing s(ExchangeOptions{.limits = {.weight_per_minute = 50}});
  s.exchange.clock().advance(36'400ms);
  s.exchange.use_weight(50);
  const Answer answer = get(s.exchange, "/api/v3/ticker/price?symbol=BTCUSDT");
  EXPECT_EQ(
      told(answer),
      R"(429 {"code":-1003,"msg":"Too much request weight used; current limit is 50 request )"
      R"(weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling )"
      R"(the API."})");
  EXPECT_EQ(answer.header("Retry-After"), "24") << "23.6 seconds, rounded up";
  EXPECT_EQ(answer.header("x-mbx-used-weight-1m"), "52");
  s.exchange.clock().advance(24s);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
}

TEST(LimitAnswers, A418NamesTheBansEnd) {
  Standing s(ExchangeOptions{.limits = {.weight_per_minute = 1}});
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) statuses.push_back(get(s.exchange, "/api/v3/ping").status);
  EXPECT_EQ(statuses, (std::vector<int>{200, 429, 429, 429, 418, 418}));
  s.exchange.clock().advance(30s);
  const Answer answer = get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(told(answer),
            R"(418 {"code":-1003,"msg":"Way too much request weight used; IP banned until )"
            R"(1735732920000. Please use WebSocket Streams for live updates to avoid bans."})");
  EXPECT_EQ(answer.header("Retry-After"), "90");
  EXPECT_NE(answer.head.find("HTTP/1.1 418 I'm a teapot\r\n"), std::string::npos);
}

TEST(LimitAnswers, EscalateTo403) {
  Standing s(ExchangeOptions{
      .limits = {.weight_per_minute = 1, .requests_until_ban = 1, .requests_until_firewall = 2}});
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) statuses.push_back(get(s.exchange, "/api/v3/ping").status);
  EXPECT_EQ(statuses, (std::vector<int>{200, 429, 418, 418, 403, 403}));
  const Answer answer = get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(answer.header("Server"), "CloudFront");
  EXPECT_EQ(answer.header("x-mbx-used-weight"), std::nullopt);
}

TEST(LimitAnswers, RawRequestsAreQueued) {
  Standing s(ExchangeOptions{.limits = {.raw_per_5_minutes = 1}});
  get(s.exchange, "/api/v3/ping");
  const Answer answer = get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(told(answer), R"(429 {"code":-1003,"msg":"Too many requests queued."})");
  EXPECT_EQ(answer.header("Retry-After"), "300");
}

TEST(LimitAnswers, WeightHeadersOnErrorsCanBeSwitchedOff) {
  Standing s;
  EXPECT_EQ(get(s.exchange, "/api/v3/depth").header("x-mbx-used-weight-1m"), "5");
  s.exchange.set_weight_headers_on_errors(false);
  EXPECT_EQ(get(s.exchange, "/api/v3/depth").header("x-mbx-used-weight-1m"), std::nullopt);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").header("x-mbx-used-weight-1m"), "11");
}

TEST(LimitAnswers, OrdersBeyondTheLimitAre1015) {
  Standing s(ExchangeOptions{.limits = {.orders_per_10_seconds = 3, .orders_per_day = 4}});
  const std::string order =
      "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&timestamp=" + std::to_string(kNoonMs);
  const auto send = [&] { return signed_post(s.exchange, "/api/v3/order/test", order, ""); };
  s.exchange.add_orders(3);
  EXPECT_EQ(send().header("Retry-After"), "10");
  EXPECT_EQ(told(send()),
            R"(429 {"code":-1015,"msg":"Too many new orders; current limit is 3 orders per )"
            R"(10 SECOND."})");
  s.exchange.clock().advance(4s);
  s.exchange.add_orders(1);
  EXPECT_NE(send().body.find("4 orders per 1 DAY."), std::string::npos);
  EXPECT_EQ(send().header("Retry-After"), std::to_string(12 * 3'600 - 4)) << "until midnight UTC";
  const std::string counts = signed_get(s.exchange, "/api/v3/rateLimit/order").body;
  EXPECT_EQ(values(counts, "*.count"), (std::vector<std::string>{"4", "4"}));
  EXPECT_EQ(values(counts, "*.limit"), (std::vector<std::string>{"3", "4"}));
}

TEST(LimitAnswers, EveryLoopbackAddressIsAClientOfItsOwn) {
  Standing s(ExchangeOptions{.limits = {.weight_per_minute = 1}});
  get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 429);
  EXPECT_EQ(s.exchange.used_weight("127.0.0.1"), 2);
  EXPECT_EQ(s.exchange.used_weight("127.0.0.2"), 0);
  // From another address of this machine.
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in from{}, to{};
  from.sin_family = to.sin_family = AF_INET;
  ::inet_pton(AF_INET, "127.0.0.2", &from.sin_addr);
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  to.sin_port = htons(s.exchange.port());
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&from), sizeof from), 0);
  ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  const std::string request = wire({.target = "/api/v3/ping"});
  ASSERT_EQ(::send(socket, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  char status[13] = {};
  ASSERT_EQ(::recv(socket, status, 12, MSG_WAITALL), 12);
  ::close(socket);
  EXPECT_STREQ(status, "HTTP/1.1 200");
  EXPECT_EQ(s.exchange.used_weight("127.0.0.2"), 1);
}

TEST(LimitAnswers, ADayAtFullWeightPassesInVirtualMinutes) {
  Standing s(ExchangeOptions{.limits = {.weight_per_minute = 2}});
  Client client(s.exchange.port());
  for (int minute = 0; minute < 1'440; ++minute) {
    for (int i = 0; i < 2; ++i) {
      client.get("/api/v3/ping");
      const auto answer = client.read();
      ASSERT_TRUE(answer && answer->status == 200) << "minute " << minute;
    }
    s.exchange.clock().advance(1min);
  }
  EXPECT_EQ(s.exchange.request_count(), 2'880);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
