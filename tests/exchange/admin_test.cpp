// SPDX-License-Identifier: MIT
#include "tests/exchange/admin.hpp"

#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

constexpr const char* kOk = R"(200 {"ok":true})";

TEST(Admin, ListsItsCommandsAndEveryFault) {
  const Standing s;
  const Answer answer = get(s.exchange, "/_fake/");
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=utf-8");
  for (const FaultName& fault : fault_names()) {
    EXPECT_NE(answer.body.find("  " + std::string(fault.name) + " "), std::string::npos);
  }
  EXPECT_NE(answer.body.find("POST /_fake/clock"), std::string::npos);
}

TEST(Admin, MovesTheClock) {
  const Standing s;
  post(s.exchange, "/_fake/clock?advance=90s&skew=-1500us");
  const std::string state = get(s.exchange, "/_fake/state").body;
  EXPECT_EQ(value(state, "now"), "2025-01-01T12:01:29.9985Z");
  EXPECT_EQ(value(state, "skewMicroseconds"), "-1500");
  post(s.exchange, "/_fake/clock?set=2024-02-29T00:00:00Z&skew=0s");
  EXPECT_EQ(get(s.exchange, "/api/v3/time").body, R"({"serverTime":1709164800000})");
  post(s.exchange, "/_fake/clock?set=real");
  EXPECT_EQ(value(get(s.exchange, "/_fake/state").body, "clock"), "follows the machine");
}

TEST(Admin, AddsAndClearsFaults) {
  Standing s;
  EXPECT_EQ(told(post(s.exchange,
                      "/_fake/fault?kind=error&path=/api/v3/ping&times=2&status=418&code=-1003"
                      "&text=stop%20it&header=Retry-After:%207")),
            kOk);
  EXPECT_EQ(value(get(s.exchange, "/_fake/state").body, "faults.0.kind"), "error");
  const Answer refused = get(s.exchange, "/api/v3/ping");
  EXPECT_EQ(told(refused), R"(418 {"code":-1003,"msg":"stop it"})");
  EXPECT_EQ(refused.header("Retry-After"), "7");
  EXPECT_EQ(told(ask(s.exchange, {.method = "POST", .target = "/_fake/clear"})), kOk);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
  EXPECT_EQ(told(ask(s.exchange, {.method = "POST",
                                  .target = "/_fake/fault",
                                  .body = "kind=slow&delay=1ms&times=0"})),
            kOk);
  EXPECT_EQ(s.exchange.faults().waiting().at(0).delay, std::chrono::milliseconds{1});
}

TEST(Admin, SetsLimitsAndCounts) {
  Standing s;
  EXPECT_EQ(told(post(s.exchange, "/_fake/limits?weight=100&first_ban_minutes=7")), kOk);
  EXPECT_EQ(s.exchange.limits().weight_per_minute, 100);
  EXPECT_EQ(s.exchange.limits().first_ban, std::chrono::minutes{7});
  EXPECT_EQ(told(post(s.exchange, "/_fake/use?weight=100")), kOk);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 429);
  EXPECT_EQ(told(post(s.exchange, "/_fake/ban?length=1h")), kOk);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").header("Retry-After"), "3600");
  EXPECT_EQ(told(post(s.exchange, "/_fake/limits?reset=true")), kOk);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
  EXPECT_EQ(told(post(s.exchange, "/_fake/orders?count=9")), kOk);
  EXPECT_EQ(value(signed_get(s.exchange, "/api/v3/rateLimit/order").body, "0.count"), "9");
}

TEST(Admin, LeavesLimitsAsTheyAreThatAreNotNamed) {
  const Standing s;
  const auto headers = [&] { return get(s.exchange, "/api/v3/depth").header("x-mbx-used-weight"); };
  post(s.exchange, "/_fake/limits?headers_on_errors=false&weight=100");
  post(s.exchange, "/_fake/limits?raw=7");
  EXPECT_EQ(headers(), std::nullopt);
  EXPECT_EQ(s.exchange.limits().weight_per_minute, 100);
  post(s.exchange, "/_fake/limits?headers_on_errors=true");
  EXPECT_TRUE(headers());
}

TEST(Admin, SetsKeysBalancesAndStatuses) {
  const Standing s;
  const std::string key(64, 'q');
  EXPECT_EQ(told(post(s.exchange, "/_fake/key?key=" + key + "&secret=s3")), kOk);
  const std::string query = "timestamp=" + std::to_string(kNoonMs);
  EXPECT_EQ(get(s.exchange, "/api/v3/account?" + query + "&signature=" + hmac("s3", query),
                key_header(key))
                .status,
            200);
  EXPECT_EQ(told(post(s.exchange, "/_fake/balance?asset=BTC&free=7.5")), kOk);
  EXPECT_EQ(value(signed_get(s.exchange, "/api/v3/account").body, "balances.0.free"), "7.5");
  EXPECT_EQ(told(post(s.exchange, "/_fake/status?symbol=BTCUSDT&status=HALT")), kOk);
  EXPECT_EQ(value(get(s.exchange, "/api/v3/exchangeInfo?symbol=BTCUSDT").body, "symbols.0.status"),
            "HALT");
}

TEST(Admin, ShowsWhatArrivedButNotItself) {
  const Standing s;
  get(s.exchange, "/api/v3/ping");
  get(s.exchange, "/api/v3/depth?symbol=NOPE");
  const std::string json = get(s.exchange, "/_fake/requests").body;
  EXPECT_EQ(values(json, "*.path"), (std::vector<std::string>{"/api/v3/ping", "/api/v3/depth"}));
  EXPECT_EQ(values(json, "*.query"), (std::vector<std::string>{"", "symbol=NOPE"}));
  EXPECT_EQ(values(json, "*.status"), (std::vector<std::string>{"200", "400"}));
  EXPECT_EQ(values(json, "*.weight"), (std::vector<std::string>{"1", "5"}));
  post(s.exchange, "/_fake/forget");
  EXPECT_EQ(get(s.exchange, "/_fake/requests").body, "[]");
}

TEST(Admin, RefusesInWords) {
  Standing s;
  for (const char* const target :
       {"clock?advance=soon", "clock?set=yesterday", "fault", "fault?kind=plague",
        "fault?kind=slow&delay=-", "fault?kind=error&code=x", "fault?kind=error&status=99",
        "fault?kind=error&header=none", "fault?kind=error&header=a:%20b%0d%0ac:%20d",
        "away?length=0s", "use?weight=x", "key?key=short&secret=x", "key?key=short",
        "key?key=short&public_pem=x", "balance?asset=BTC&free=much", "clear?unknown=1",
        "fault?kind=hang_unread&path=/api/v3/klines"}) {
    const Answer answer = post(s.exchange, std::string("/_fake/") + target);
    EXPECT_EQ(answer.status, 400) << target;
    EXPECT_GT(value(answer.body, "error").size(), 10u) << answer.body;
  }
  EXPECT_EQ(post(s.exchange, "/_fake/nothing").status, 404);
  EXPECT_EQ(get(s.exchange, "/_fake/clear").status, 405) << "reading changes nothing";
}

TEST(Durations, AreReadInEveryUnit) {
  using std::chrono::microseconds;
  EXPECT_EQ(parse_duration("1500us"), microseconds{1'500});
  EXPECT_EQ(parse_duration("250ms"), microseconds{250'000});
  EXPECT_EQ(parse_duration("-5s"), microseconds{-5'000'000});
  EXPECT_EQ(parse_duration("7"), microseconds{7'000});
  EXPECT_EQ(parse_duration("3d"), std::chrono::days{3});
  for (const char* const text : {"", "s", "1.5s", "1 s", "1w", "99999999d", "1e3"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(PercentDecoding, IsStrict) {
  EXPECT_EQ(percent_decoded("%5B%22a%22+%2b"), "[\"a\" +");
  for (const char* const text : {"%", "%5", "%zz", "a%5"}) {
    EXPECT_EQ(percent_decoded(text), std::nullopt) << text;
  }
}

TEST(WithoutSignature, KeepsTheRawBytesAndTheirOrder) {
  EXPECT_EQ(without_signature("b=%5b&a=+&signature=x"), "b=%5b&a=+");
  EXPECT_EQ(without_signature("signature=x&b=1"), "b=1");
  EXPECT_EQ(without_signature("a=1&signature=x&b=2"), "a=1&b=2");
  EXPECT_EQ(without_signature("signature=x"), "");
  EXPECT_EQ(without_signature("signatures=1"), "signatures=1");
  EXPECT_EQ(without_signature("a=1&&b=2&signature=x"), "a=1&&b=2");
  EXPECT_EQ(without_signature("&a=1&signature=x&"), "&a=1&");
  EXPECT_EQ(without_signature("&signature=x&a=1&signature=y"), "&a=1&signature=y");
}

}  // namespace
}  // namespace bourse::fake_exchange::test
