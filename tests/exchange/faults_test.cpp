// SPDX-License-Identifier: MIT
//
// Every fault, as a client made of a bare socket sees it.
#include "tests/exchange/faults.hpp"

#include <algorithm>
#include <memory>

#include "tests/exchange/fixture.hpp"
#include "tests/exchange/reserved_port.hpp"

namespace bourse::fake_exchange::test {
namespace {

using namespace std::chrono_literals;
using host::test::eventually;

constexpr const char* kKlines = "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=20";

class Fault : public testing::Test {
 protected:
  Exchange& exchange() { return standing_.exchange; }
  void add(FaultKind kind, fake_exchange::Fault fault = {}) {
    fault.kind = kind;
    exchange().faults().add(std::move(fault));
  }
  /// Everything that comes over a connection after one request, and how it ends.
  Client::Rest all_of(const std::string& target) {
    Client client(exchange().port());
    client.get(target);
    return client.read_to_end();
  }
  /// What the request is answered without a fault.
  std::string right_body() { return get(exchange(), kKlines).body; }
  static std::string body_of(const std::string& bytes) {
    return bytes.substr(bytes.find("\r\n\r\n") + 4);
  }

  Standing standing_;
};

// ---- instead of the exchange

TEST_F(Fault, TheFirewallSendsItsPage) {
  add(FaultKind::kFirewall);
  const Answer answer = get(exchange(), kKlines);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.header("Content-Type"), "text/html");
  EXPECT_EQ(answer.body.find("<!DOCTYPE HTML PUBLIC"), 0u);
  EXPECT_NE(answer.body.find("The request could not be satisfied"), std::string::npos);
  EXPECT_EQ(answer.header("x-mbx-used-weight"), std::nullopt);
  EXPECT_EQ(exchange().used_weight(), 0);
  EXPECT_EQ(get(exchange(), kKlines).status, 200) << "once only";
}

TEST_F(Fault, TheGeoBlockIsPrettyJsonOfCodeZero) {
  add(FaultKind::kGeoBlock);
  const Answer answer = get(exchange(), kKlines);
  EXPECT_EQ(answer.status, 451);
  EXPECT_EQ(value(answer.body, "code"), "0");
  EXPECT_GE(std::count(answer.body.begin(), answer.body.end(), '\n'), 3);
}

TEST_F(Fault, StatusesComeWithTheBodyTheyUsuallyHave) {
  add(FaultKind::kNotFound);
  add(FaultKind::kServerError);
  add(FaultKind::kBadGateway);
  add(FaultKind::kGatewayTimeout);
  EXPECT_EQ(told(get(exchange(), kKlines)), "404 ");
  EXPECT_EQ(told(get(exchange(), kKlines)), "500 ");
  EXPECT_EQ(told(get(exchange(), kKlines)).substr(0, 10), "502 <html>");
  EXPECT_EQ(told(get(exchange(), kKlines)).substr(0, 10), "504 <html>");
}

TEST_F(Fault, BusyAndTimeoutSpeakForTheExchange) {
  add(FaultKind::kBusy);
  add(FaultKind::kTimeout);
  add(FaultKind::kTimeout, {.status = 408});
  EXPECT_EQ(told(get(exchange(), kKlines)),
            R"(503 {"code":-1008,"msg":"Server is currently overloaded with other requests. )"
            R"(Please try again in a few minutes."})");
  EXPECT_EQ(exchange().used_weight(), 2) << "it came from behind the counter";
  EXPECT_EQ(told(get(exchange(), kKlines)),
            R"(503 {"code":-1007,"msg":"Timeout waiting for response from backend server. Send )"
            R"(status unknown; execution status unknown."})");
  EXPECT_EQ(get(exchange(), kKlines).status, 408);
}

TEST_F(Fault, AnyErrorCanBeMade) {
  add(FaultKind::kError,
      {.status = 500, .code = -1016, .text = "This service is no longer \"on\"."});
  EXPECT_EQ(told(get(exchange(), kKlines)),
            R"(500 {"code":-1016,"msg":"This service is no longer \"on\"."})");
}

TEST_F(Fault, AnErrorCanBringAHeader) {
  add(FaultKind::kError,
      {.status = 429, .code = -1003, .text = "slow down", .header = "Retry-After: Wed, 1 Jan"});
  EXPECT_EQ(get(exchange(), kKlines).header("Retry-After"), "Wed, 1 Jan");
  EXPECT_EQ(get(exchange(), kKlines).header("Retry-After"), std::nullopt);
}

TEST_F(Fault, ARedirectNamesItsLocation) {
  add(FaultKind::kRedirect, {.text = "http://127.0.0.1:1/elsewhere"});
  add(FaultKind::kRedirect, {.status = 308, .text = "/api/v3/ping"});
  const Answer found = get(exchange(), kKlines);
  EXPECT_EQ(found.status, 302);
  EXPECT_EQ(found.header("Location"), "http://127.0.0.1:1/elsewhere");
  EXPECT_EQ(get(exchange(), kKlines).status, 308);
}

TEST_F(Fault, EmptyAndOwnBodies) {
  add(FaultKind::kEmpty);
  add(FaultKind::kBody, {.text = R"({"code":"-1121"})"});
  EXPECT_EQ(told(get(exchange(), kKlines)), "200 ");
  EXPECT_EQ(told(get(exchange(), kKlines)), R"(200 {"code":"-1121"})");
}

// ---- in what it says

TEST_F(Fault, TimesHave16DigitsUnasked) {
  add(FaultKind::kMicroseconds);
  EXPECT_EQ(told(get(exchange(), "/api/v3/time")), R"(200 {"serverTime":1735732800000000})");
}

TEST_F(Fault, WordsThatNobodyKnows) {
  add(FaultKind::kUnknownEnum);
  const std::string json = get(exchange(), "/api/v3/exchangeInfo?symbol=BTCUSDT").body;
  EXPECT_EQ(value(json, "symbols.0.status"), "TRADING_OF_TOMORROW");
  EXPECT_EQ(values(json, "symbols.0.orderTypes.*").back(), "LIMIT_OF_TOMORROW");
  EXPECT_EQ(values(json, "symbols.0.filters.*.filterType").back(), "FILTER_OF_TOMORROW");
  const std::vector<std::string> limits = values(json, "rateLimits.*.rateLimitType");
  EXPECT_EQ(limits.front(), "REQUEST_WEIGHT");
  EXPECT_EQ(limits.back(), "TELEPATHY_OF_TOMORROW");
}

TEST_F(Fault, FieldsThatNobodyKnows) {
  add(FaultKind::kUnknownField, {.times = 2});
  const std::string price = get(exchange(), "/api/v3/ticker/price?symbol=BTCUSDT").body;
  EXPECT_NE(price.find(R"(,"fieldOfTomorrow":{"a":[1,null,)"), std::string::npos) << price;
  const std::string candles = get(exchange(), kKlines).body;
  EXPECT_EQ(values(candles, "*.12").size(), 20u) << "a thirteenth place in each";
}

TEST_F(Fault, ListsInAnotherOrder) {
  add(FaultKind::kReversed);
  EXPECT_EQ(
      values(get(exchange(), "/api/v3/ticker/price?symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D").body,
             "*.symbol"),
      (std::vector<std::string>{"ETHBTC", "BTCUSDT"}));
}

// kKlines is 2024-12-31T16:00 to 2025-01-01T11:00; the eleventh of twenty is that of 02:00.
constexpr std::int64_t kTwoMs = kNoonMs - 10 * 3'600'000;

TEST_F(Fault, ACandleClosesBeforeItOpens) {
  const std::string right = right_body();
  add(FaultKind::kClosesBeforeItOpens);
  const std::string odd = get(exchange(), kKlines).body;
  EXPECT_EQ(value(odd, "10.0"), std::to_string(kTwoMs));
  EXPECT_EQ(value(odd, "10.6"), std::to_string(kTwoMs - 757'923));
  for (const int place : {0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11}) {
    const std::string column = "*." + std::to_string(place);
    EXPECT_EQ(values(odd, column), values(right, column)) << "all else is as it was";
  }
  EXPECT_EQ(get(exchange(), kKlines).body, right);
}

// The real one: open 1608559200000, close 1608558442077.
TEST_F(Fault, TheOddCandleIsTheOneThatOpensAtItsTimeInWhateverAnswerItIs) {
  add(FaultKind::kClosesBeforeItOpens, {.times = kUntilCleared, .at = 1'608'559'200'000'000});
  const std::string hours = "/api/v3/klines?symbol=BTCUSDT&interval=1h&limit=3&startTime=";
  EXPECT_EQ(value(get(exchange(), hours + "1608552000000").body, "2.6"), "1608558442077");
  EXPECT_EQ(value(get(exchange(), hours + "1608559200000").body, "0.6"), "1608558442077");
  EXPECT_EQ(values(get(exchange(), hours + "1608562800000").body, "*.6"),
            (std::vector<std::string>{"1608566399999", "1608569999999", "1608573599999"}));
}

TEST_F(Fault, ACandleClosesWithTheNext) {
  add(FaultKind::kClosesTooLate);
  EXPECT_EQ(value(get(exchange(), kKlines).body, "10.6"), std::to_string(kTwoMs + 7'200'000 - 1));
}

TEST_F(Fault, ACandleHasPricesOfZeroAndAVolume) {
  const std::string right = right_body();
  add(FaultKind::kZeroPrices);
  const std::string odd = get(exchange(), kKlines).body;
  for (const char* const place : {"10.1", "10.2", "10.3", "10.4"}) {
    EXPECT_EQ(value(odd, place), "0.00000000");
  }
  EXPECT_EQ(value(odd, "10.5"), value(right, "10.5"));
  EXPECT_NE(value(odd, "10.5"), "0.00000000");
  EXPECT_EQ(value(odd, "9.1"), value(right, "9.1"));
}

TEST_F(Fault, ACandlesHighIsBelowItsLow) {
  const std::string right = right_body();
  add(FaultKind::kHighBelowLow);
  const std::string odd = get(exchange(), kKlines).body;
  EXPECT_EQ(value(odd, "10.2"), value(right, "10.3"));
  EXPECT_EQ(value(odd, "10.3"), value(right, "10.2"));
  EXPECT_LT(Decimal::from(value(odd, "10.2")), Decimal::from(value(odd, "10.3")));
}

TEST_F(Fault, ACandlesOpenIsNoNumber) {
  add(FaultKind::kUnreadableRow);
  const std::string odd = get(exchange(), kKlines).body;
  EXPECT_EQ(value(odd, "10.1"), "n/a");
  EXPECT_EQ(values(odd, "*.0").size(), 20u);
}

TEST_F(Fault, AnAnswerWithoutCandlesCanNotBeOdd) {
  add(FaultKind::kZeroPrices);
  const std::string later = "/api/v3/klines?symbol=BTCUSDT&interval=1h&startTime=1735736400000";
  EXPECT_EQ(told(get(exchange(), later)), "200 []");
}

TEST_F(Fault, LevelsOfABookHaveAThirdElement) {
  const char* const target = "/api/v3/depth?symbol=BTCUSDT&limit=2";
  const std::string right = get(exchange(), target).body;
  add(FaultKind::kThirdElement);
  std::string odd = get(exchange(), target).body;
  EXPECT_EQ(values(odd, "bids.*.2").size() + values(odd, "asks.*.2").size(), 4u);
  for (std::size_t at = 0; (at = odd.find(",[]]")) != std::string::npos;) odd.erase(at, 3);
  EXPECT_EQ(odd, right);
}

TEST_F(Fault, BidAndAskHaveChangedPlaces) {
  add(FaultKind::kCrossed, {.times = 3});
  const auto crossed = [](const std::string& bid, const std::string& ask) {
    return Decimal::from(bid) > Decimal::from(ask);
  };
  const std::string day = get(exchange(), "/api/v3/ticker/24hr?symbol=BNBUSDT").body;
  EXPECT_TRUE(crossed(value(day, "bidPrice"), value(day, "askPrice"))) << day;
  const std::string top = get(exchange(), "/api/v3/ticker/bookTicker?symbol=BNBUSDT").body;
  EXPECT_TRUE(crossed(value(top, "bidPrice"), value(top, "askPrice"))) << top;
  const std::string book = get(exchange(), "/api/v3/depth?symbol=BNBUSDT&limit=5").body;
  EXPECT_TRUE(crossed(value(book, "bids.0.0"), value(book, "asks.0.0"))) << book;
  EXPECT_EQ(value(book, "bids.0.1"), value(top, "bidQty")) << "with their quantities";
  const std::string right = get(exchange(), "/api/v3/depth?symbol=BNBUSDT&limit=5").body;
  EXPECT_FALSE(crossed(value(right, "bids.0.0"), value(right, "asks.0.0"))) << "once more only";
}

TEST_F(Fault, FiltersHaveMembersOfOthers) {
  const char* const target = "/api/v3/exchangeInfo?symbol=BTCUSDT";
  const std::string right = get(exchange(), target).body;
  add(FaultKind::kForeignFilters);
  std::string odd = get(exchange(), target).body;
  for (const char* const foreign :
       {R"(,"minQty":"","stepSize":null)", R"(,"tickSize":"","minNotional":[])",
        R"(,"maxQty":-1,"tickSize":false)"}) {
    const std::size_t at = odd.find(foreign);
    ASSERT_NE(at, std::string::npos) << foreign;
    odd.erase(at, std::string_view(foreign).size());
  }
  EXPECT_EQ(odd, right) << "what they had before they have still";
}

TEST_F(Fault, AnAccountWithoutCommissionRatesHasItsBasisPoints) {
  post(exchange(), "/_fake/rates?maker=0.0015&taker=0.0015");
  add(FaultKind::kNoCommissionRates);
  const std::string odd = signed_get(exchange(), "/api/v3/account").body;
  EXPECT_EQ(odd.find("commissionRates"), std::string::npos);
  EXPECT_EQ(value(odd, "makerCommission") + value(odd, "takerCommission"), "1515");
}

// ---- in the delivery

TEST_F(Fault, ASlowAnswerIsLateButRight) {
  const std::string right = right_body();
  add(FaultKind::kSlow, {.delay = 120ms});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(get(exchange(), kKlines).body, right);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 120ms);
}

TEST_F(Fault, ADrippingAnswerIsWholeInTheEnd) {
  add(FaultKind::kDrip, {.delay = 1ms, .bytes = 7});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(told(get(exchange(), "/api/v3/time")), R"(200 {"serverTime":1735732800000})");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 20ms) << "about 250 bytes, 7 at a time";
}

TEST_F(Fault, AHangAfterReadingNeverAnswers) {
  add(FaultKind::kHang);
  Client client(exchange().port());
  client.get(kKlines);
  ASSERT_TRUE(eventually([&] { return exchange().request_count() == 1; })) << "it was read";
  EXPECT_FALSE(client.is_readable(50ms));
}

TEST_F(Fault, AHangBeforeReadingLeavesTheRequestOnTheWire) {
  add(FaultKind::kHangUnread);
  Client client(exchange().port());
  client.get(kKlines);
  ASSERT_TRUE(eventually([&] { return exchange().faults().met(FaultKind::kHangUnread) == 1; }));
  EXPECT_FALSE(client.is_readable(50ms));
  EXPECT_EQ(exchange().request_count(), 0) << "it was not read";
  // A client that gives up is let go, and the next one is served.
  client.leave();
  EXPECT_EQ(get(exchange(), kKlines).status, 200);
}

TEST_F(Fault, ResetsAndClosesBeforeAnyByte) {
  add(FaultKind::kResetBefore);
  add(FaultKind::kCloseBefore);
  const Client::Rest reset = all_of(kKlines), closed = all_of(kKlines);
  EXPECT_EQ(reset.bytes + closed.bytes, "");
  EXPECT_FALSE(reset.regular);
  EXPECT_TRUE(closed.regular);
}

TEST_F(Fault, ResetsAndClosesInTheMiddleOfABody) {
  const std::string right = right_body();
  add(FaultKind::kResetMidBody);
  add(FaultKind::kCloseMidBody);
  const Client::Rest reset = all_of(kKlines), closed = all_of(kKlines);
  EXPECT_FALSE(reset.regular);
  EXPECT_LT(reset.bytes.size(), right.size());
  EXPECT_TRUE(closed.regular);
  EXPECT_NE(closed.bytes.find("Content-Length: " + std::to_string(right.size()) + "\r\n"),
            std::string::npos);
  EXPECT_EQ(body_of(closed.bytes), right.substr(0, right.size() / 2));
}

TEST_F(Fault, TruncatedJsonIsDeclaredAsItIs) {
  const std::string right = right_body();
  add(FaultKind::kTruncatedJson);
  Client client(exchange().port());
  client.get(kKlines);
  EXPECT_EQ(client.read()->body, right.substr(0, right.size() / 2));
  client.get(kKlines);
  EXPECT_EQ(client.read()->body, right) << "the connection goes on";
}

TEST_F(Fault, ALengthTooLongEndsEarly) {
  const std::string right = right_body();
  add(FaultKind::kLengthTooLong);
  const Client::Rest rest = all_of(kKlines);
  EXPECT_NE(rest.bytes.find("Content-Length: " + std::to_string(right.size() + 10) + "\r\n"),
            std::string::npos);
  EXPECT_EQ(body_of(rest.bytes), right);
  EXPECT_TRUE(rest.regular);
}

TEST_F(Fault, ALengthTooShortLeavesBytesOnTheConnection) {
  const std::string right = right_body();
  add(FaultKind::kLengthTooShort);
  Client client(exchange().port());
  client.get(kKlines);
  EXPECT_EQ(client.read()->body, right.substr(0, right.size() - 10));
  client.get("/api/v3/ping");
  EXPECT_EQ(client.read()->head.find(right.substr(right.size() - 10)), 0u)
      << "what was left is taken for the next answer's head";
}

TEST_F(Fault, GzipComesUnasked) {
  const std::string right = right_body();
  add(FaultKind::kGzip);
  const Answer answer = get(exchange(), kKlines);
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(answer.body.substr(0, 2), "\x1f\x8b");
  EXPECT_EQ(gunzipped(answer.body), right);
}

TEST_F(Fault, GzipCanBeDamagedFalselyLabelledOrUnlabelled) {
  const std::string right = right_body();
  add(FaultKind::kGzipBad);
  add(FaultKind::kGzipFalse);
  add(FaultKind::kGzipUnlabelled);
  const Answer bad = get(exchange(), kKlines), false_label = get(exchange(), kKlines),
               unlabelled = get(exchange(), kKlines);
  EXPECT_EQ(bad.header("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzipped(bad.body), std::nullopt);
  EXPECT_EQ(false_label.header("Content-Encoding"), "gzip");
  EXPECT_EQ(false_label.body, right);
  EXPECT_EQ(unlabelled.header("Content-Encoding"), std::nullopt);
  EXPECT_EQ(gunzipped(unlabelled.body), right);
}

TEST_F(Fault, AGzipBombIsSmallOnTheWire) {
  add(FaultKind::kGzipBomb, {.bytes = 8 << 20});
  const Answer answer = get(exchange(), "/api/v3/time");
  EXPECT_LT(answer.body.size(), 100'000u);
  const auto whole = gunzipped(answer.body);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->size(), std::string(R"({"serverTime":1735732800000})").size() + (8u << 20));
}

TEST_F(Fault, WhoAcceptsGzipGetsItWithoutAnyFault) {
  const std::string right = right_body();
  const Answer answer = get(exchange(), kKlines, {{"Accept-Encoding", "br, gzip"}});
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(gunzipped(answer.body), right);
  EXPECT_EQ(
      get(exchange(), "/api/v3/time", {{"Accept-Encoding", "gzip"}}).header("Content-Encoding"),
      std::nullopt)
      << "not worth it";
}

TEST_F(Fault, ChunksHaveOddSizesAndAddUp) {
  const std::string right = right_body();
  add(FaultKind::kChunked);
  Client client(exchange().port());
  client.get(kKlines);
  const auto head = client.read();
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(head->header("Content-Length"), std::nullopt);
  client.stop_sending();
  std::string framed = client.read_to_end().bytes, body;
  std::vector<std::size_t> sizes;
  while (!framed.empty()) {
    const std::size_t line = framed.find("\r\n");
    const std::size_t size = std::stoul(framed.substr(0, line), nullptr, 16);
    if (size == 0) break;
    sizes.push_back(size);
    body += framed.substr(line + 2, size);
    framed.erase(0, line + 2 + size + 2);
  }
  EXPECT_EQ(body, right);
  EXPECT_EQ(std::vector<std::size_t>(sizes.begin(), sizes.begin() + 5),
            (std::vector<std::size_t>{1, 2, 3, 5, 8}));
}

TEST_F(Fault, ABrokenChunkHasNoSize) {
  add(FaultKind::kChunkedBroken);
  EXPECT_EQ(body_of(all_of(kKlines).bytes).substr(0, 4), "zz\r\n");
}

TEST_F(Fault, Http10EndsWithTheConnection) {
  const std::string right = right_body();
  add(FaultKind::kHttp10);
  const Client::Rest rest = all_of(kKlines);
  EXPECT_EQ(rest.bytes.find("HTTP/1.0 200 OK\r\n"), 0u);
  EXPECT_EQ(rest.bytes.find("Content-Length"), std::string::npos);
  EXPECT_EQ(body_of(rest.bytes), right);
  EXPECT_TRUE(rest.regular);
}

TEST_F(Fault, KeepAliveEndsAnnouncedOrNot) {
  add(FaultKind::kClose);
  add(FaultKind::kCloseSilently);
  for (const char* const expected : {"close", ""}) {
    Client client(exchange().port());
    client.get(kKlines);
    const auto answer = client.read();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->header("Connection").value_or(""), expected);
    EXPECT_TRUE(client.is_closed());
  }
}

TEST_F(Fault, WithoutAFaultAConnectionServesManyRequests) {
  Client client(exchange().port());
  client.send(wire({.target = "/api/v3/ping"}) + wire({.target = "/api/v3/time"}));
  EXPECT_EQ(client.read()->body, "{}");
  EXPECT_EQ(client.read()->body, R"({"serverTime":1735732800000})");
  EXPECT_EQ(exchange().connections(), 1);
  client.send("GET /api/v3/ping HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.read()->header("Connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST_F(Fault, AHugeBodyIsStillJson) {
  add(FaultKind::kHuge, {.bytes = 3'000'000});
  const Answer answer = get(exchange(), "/api/v3/time");
  const std::string json = R"({"serverTime":1735732800000})";
  EXPECT_EQ(answer.body.size(), json.size() + 3'000'000);
  EXPECT_EQ(answer.body.find(json), 0u);
  EXPECT_EQ(answer.body.find_first_not_of(' ', json.size()), std::string::npos);
}

TEST_F(Fault, AHugeHeadIsStillAHead) {
  add(FaultKind::kHugeHead, {.bytes = 200'000});
  const Answer answer = get(exchange(), "/api/v3/time");
  EXPECT_GT(answer.head.size(), 200'000u);
  EXPECT_EQ(answer.body, R"({"serverTime":1735732800000})");
}

TEST_F(Fault, BytesThatAreNotHttp) {
  add(FaultKind::kNotHttp);
  const Client::Rest rest = all_of(kKlines);
  EXPECT_EQ(rest.bytes.find("SSH-2.0-"), 0u);
  EXPECT_TRUE(rest.regular);
}

// ---- when they act

TEST_F(Fault, ActsSoManyTimesAfterSoManyOnAPath) {
  add(FaultKind::kServerError, {.path = "/api/v3/ticker*", .times = 2, .after = 1});
  std::vector<int> statuses;
  for (const char* const path :
       {"ticker/price?symbol=BTCUSDT", "ping", "ticker/bookTicker?symbol=BTCUSDT", "ping",
        "ticker/24hr?symbol=BTCUSDT", "ticker/price?symbol=BTCUSDT"}) {
    statuses.push_back(get(exchange(), std::string("/api/v3/") + path).status);
  }
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 500, 200, 500, 200}));
  EXPECT_EQ(exchange().faults().met(FaultKind::kServerError), 2);
  EXPECT_TRUE(exchange().faults().waiting().empty());
}

TEST_F(Fault, LastsUntilItIsCleared) {
  add(FaultKind::kServerError, {.path = "/api/v3/ping", .times = kUntilCleared});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get(exchange(), "/api/v3/ping").status, 500);
  exchange().faults().clear();
  EXPECT_EQ(get(exchange(), "/api/v3/ping").status, 200);
}

TEST_F(Fault, OneOfEachStageCanMeet) {
  add(FaultKind::kGeoBlock);
  add(FaultKind::kChunked);
  const std::string bytes = [&] {
    Client client(exchange().port());
    client.send("GET /api/v3/ping HTTP/1.1\r\nConnection: close\r\n\r\n");
    return client.read_to_end().bytes;
  }();
  EXPECT_EQ(bytes.find("HTTP/1.1 451 "), 0u);
  EXPECT_NE(bytes.find("Transfer-Encoding: chunked"), std::string::npos);
  const std::vector<FaultKind> met = exchange().requests().back().faults;
  EXPECT_EQ(met, (std::vector<FaultKind>{FaultKind::kGeoBlock, FaultKind::kChunked}));
}

TEST(FaultNames, AreUniqueAndReadBack) {
  for (const FaultName& name : fault_names()) {
    EXPECT_EQ(parse_fault(name.name), name.kind);
    EXPECT_EQ(fault_name(name.kind).name, name.name);
  }
  EXPECT_EQ(parse_fault("no_such_fault"), std::nullopt);
}

TEST_F(Fault, EveryKindIsAnsweredOrEndsAndTheNextRequestIsRight) {
  for (const FaultName& name : fault_names()) {
    if (name.stage == FaultStage::kStream) continue;  // of another test
    add(name.kind, {.delay = 1ms, .text = "/", .bytes = 4'096});
    Client client(exchange().port());
    client.get("/api/v3/exchangeInfo?symbol=BTCUSDT");
    ASSERT_TRUE(eventually([&] { return exchange().faults().met(name.kind) == 1; })) << name.name;
    client.leave();
    EXPECT_EQ(get(exchange(), "/api/v3/ping").body, "{}") << name.name;
  }
}

// ---- the server itself

TEST(ServerLimits, WhatIsNoRequestIsRefused) {
  const Standing s;
  const auto status = [&](const std::string& bytes) {
    Client client(s.exchange.port());
    client.send(bytes);
    const auto answer = client.read();
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status("nonsense\r\n\r\n"), 400);
  EXPECT_EQ(status("GET ping HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/2.0\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), 400);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"), 413);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), 411);
  EXPECT_EQ(status("GET /" + std::string(70'000, 'x') + " HTTP/1.1\r\n\r\n"), 431);
}

TEST(ServerLimits, ABodyIsAskedForWhenTheClientWaits) {
  const Standing s;
  Client client(s.exchange.port());
  client.send("POST /_fake/clock HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read()->status, 100);
  client.send("advance=1s");
  EXPECT_EQ(client.read()->status, 200);
}

TEST(ServerLimits, OnlyLoopbackIsServed) {
  for (const char* const address : {"0.0.0.0", "10.0.0.1", "::", "localhost", "", "128.0.0.1"}) {
    EXPECT_THROW(Standing(ExchangeOptions{.address = address}), std::invalid_argument) << address;
  }
  const Standing other(ExchangeOptions{.address = "127.0.0.9"});
  EXPECT_EQ(other.exchange.url().find("http://127.0.0.9:"), 0u);
}

TEST(ServerLimits, CutConnectionsEndAndNewOnesAreServed) {
  Standing s;
  Client idle(s.exchange.port()), hanging(s.exchange.port());
  idle.get("/api/v3/ping");
  ASSERT_TRUE(idle.read());
  s.exchange.faults().add({.kind = FaultKind::kHang});
  hanging.get("/api/v3/ping");
  ASSERT_TRUE(eventually([&] { return s.exchange.faults().met(FaultKind::kHang) == 1; }));
  s.exchange.cut_connections();
  EXPECT_EQ(idle.read(), std::nullopt);
  EXPECT_EQ(hanging.read(), std::nullopt);
  EXPECT_EQ(get(s.exchange, "/api/v3/ping").status, 200);
}

TEST(ServerLimits, AnExchangeCanDieInTheMiddleOfEverythingAndComeBack) {
  const ReservedPort reserved;
  const std::uint16_t port = reserved.number();
  auto first = std::make_unique<Standing>(ExchangeOptions{.port = port});
  first->exchange.faults().add({.kind = FaultKind::kHang});
  first->exchange.faults().add({.kind = FaultKind::kDrip, .delay = 1h});
  Client hanging(port), dripping(port), idle(port);
  hanging.get("/api/v3/ping");
  ASSERT_TRUE(eventually([&] { return first->exchange.request_count() == 1; }));
  dripping.get("/api/v3/ping");
  ASSERT_TRUE(eventually([&] { return first->exchange.request_count() == 2; }));
  first.reset();
  EXPECT_EQ(idle.read(), std::nullopt);
  const Standing second(ExchangeOptions{.port = port});
  EXPECT_EQ(get(second.exchange, "/api/v3/ping").status, 200);
}

TEST(ServerLimits, ManyConnectionsAreServedSideBySide) {
  constexpr std::size_t kClients = 40;
  Standing s;
  s.exchange.faults().add({.kind = FaultKind::kHang, .times = kUntilCleared});
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(std::make_unique<Client>(s.exchange.port()));
    clients.back()->get("/api/v3/ping");
  }
  // None is ever answered: one after the other, the second would not be read.
  EXPECT_TRUE(eventually([&] { return s.exchange.request_count() == kClients; }));
}

}  // namespace
}  // namespace bourse::fake_exchange::test
