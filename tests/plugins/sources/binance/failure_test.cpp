// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/sources/binance/client/classify.hpp"
#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

/// The failure that an answer of the exchange becomes.
bourse::Error of(int status, std::string body,
                 std::vector<std::pair<std::string, std::string>> headers = {},
                 Site site = Site::kLive) {
  const HttpResponse response = answered(status, std::move(body), std::move(headers));
  return to_failure(classify(response, from_ms(kStubStartMs)), site);
}

TEST(Failure, RateLimitIs503WithTheExchangesOwnWaitNever429) {
  const auto e =
      of(429, R"({"code":-1003,"msg":"Too many requests queued."})", {{"retry-after", "17"}});
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_rate_limit");
  EXPECT_EQ(e.retry_after(), seconds(17));
}

TEST(Failure, ABanIs503UntilItEnds) {
  const auto until = std::to_string(kStubStartMs + 240'000);
  const auto e =
      of(418, R"({"code":-1003,"msg":"Way too much request weight used; IP banned until )" + until +
                  R"(. Please use WebSocket Streams for live updates to avoid bans."})");
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_banned");
  EXPECT_EQ(e.retry_after(), minutes(4));
  EXPECT_THAT(e.message(), HasSubstr("restart does not help"));
}

TEST(Failure, TheFirewallsPageIsNotPassedOn) {
  const auto e = of(403, "<html><title>ERROR: The request could not be satisfied</title></html>");
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_firewall");
  EXPECT_EQ(e.retry_after(), minutes(5));
  EXPECT_THAT(e.message(), Not(HasSubstr("html")));
}

TEST(Failure, AGeoBlockPointsToTheSiteForPublicData) {
  const auto live = of(451, R"({"code":0,"msg":"Service unavailable from a restricted location"})");
  EXPECT_EQ(live.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(live.code(), "exchange_geo_block");
  EXPECT_THAT(live.message(), HasSubstr("site: data"));
  const auto data = of(451, "{}", {}, Site::kData);
  EXPECT_THAT(data.message(), Not(HasSubstr("site: data")));
}

TEST(Failure, TroubleOfTheExchangeIs502AndOverload503) {
  EXPECT_EQ(of(500, "").status(), BOURSE_UPSTREAM);
  EXPECT_EQ(of(502, "<html>Bad Gateway</html>").status(), BOURSE_UPSTREAM);
  EXPECT_EQ(of(500, R"({"code":-1007,"msg":"Timeout"})").status(), BOURSE_UPSTREAM);
  const auto busy = of(503, R"({"code":-1008,"msg":"Server is busy"})");
  EXPECT_EQ(busy.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(busy.code(), "exchange_busy");
  EXPECT_GT(busy.retry_after(), seconds(0));
}

TEST(Failure, AWrongRequestIs422) {
  const auto e = of(400, R"({"code":-1120,"msg":"Invalid interval."})");
  EXPECT_EQ(e.status(), BOURSE_UNPROCESSABLE);
  EXPECT_EQ(e.code(), "exchange_refused");
  EXPECT_EQ(e.retry_after().count(), 0);
}

TEST(Failure, ARefusedKeyIsNotTheClientsFault) {
  const auto e =
      of(401, R"({"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."})");
  EXPECT_EQ(e.status(), BOURSE_UPSTREAM);
  EXPECT_EQ(e.code(), "exchange_key_refused");
  EXPECT_THAT(e.message(), HasSubstr("One of four"));
}

TEST(Failure, NoAnswerBeforeTheDeadlineIs504) {
  Error error{.kind = ErrorKind::kNetwork, .message = "Late."};
  error.deadline = true;
  EXPECT_EQ(to_failure(error, Site::kData).status(), BOURSE_DEADLINE);
}

TEST(Failure, ARefusedConnectionIsUnreachableAlsoWhenThereIsNoTimeToTryAgain) {
  StubExchange stub;
  stub.transport->on("/api/v3/ping", [](const std::string&) -> Result<HttpResponse> {
    return Error{.kind = ErrorKind::kNetwork, .message = "The connection was refused."};
  });
  const auto done = stub.exchange->send(
      {.endpoint = Endpoint::kPing}, {.deadline = stub.clock->now() + std::chrono::nanoseconds(1)},
      [](HttpResponse&, const Exchange::Asked&) -> Status { return Done{}; });
  ASSERT_FALSE(done.ok());
  const auto e = to_failure(done.error(), Site::kData);
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_unreachable");
}

TEST(Failure, AWaitThatDoesNotFitTheDeadlineSaysHowLongItIs) {
  Error error{.kind = ErrorKind::kRateLimit, .message = "No room."};
  error.deadline = true;
  error.retry_after = std::chrono::seconds(42);
  const auto e = to_failure(error, Site::kData);
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_rate_limit");
  EXPECT_EQ(e.retry_after(), std::chrono::seconds(42));
}

TEST(Failure, ABusyExchangeIsBusyAlsoWhenThereIsNoTimeToTryAgain) {
  Error error{.kind = ErrorKind::kServer, .message = "Overload.", .code = -1008};
  error.deadline = true;
  const auto e = to_failure(error, Site::kData);
  EXPECT_EQ(e.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(e.code(), "exchange_busy");
}

TEST(Failure, NoRoomForAnAnswerIs503AndSaysWhichSettingThatIs) {
  AnswerShare share(std::make_shared<AnswerBudget>(std::size_t{8} << 20U));
  EXPECT_FALSE(share.become(std::size_t{9} << 20U));
  const bourse::Error failure = to_failure(no_room_for_answer(share), Site::kData);
  EXPECT_EQ(failure.status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(failure.code(), "exchange_no_room");
  EXPECT_THAT(failure.what(), testing::HasSubstr("may take together: 8 MB. Ask for less at once, "
                                                 "or allow more: `answer_memory`."));
}

TEST(Failure, NoKindIsABare500) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kProtocol); ++kind) {
    for (const int http : {0, 200, 400, 401, 500, 503}) {
      Error error{.kind = static_cast<ErrorKind>(kind), .message = "What happened."};
      error.http_status = http;
      const auto e = to_failure(error, Site::kTestnet);
      EXPECT_NE(e.status(), BOURSE_INTERNAL);
      EXPECT_NE(e.status(), BOURSE_TOO_MANY);
      EXPECT_FALSE(e.code().empty());
      const bool says_when = e.status() != BOURSE_UPSTREAM && e.status() != BOURSE_UNAVAILABLE;
      EXPECT_TRUE(says_when || e.retry_after().count() > 0) << e.code();
    }
  }
}

TEST(Failure, AnUnknownMarketIs404AndSaysWhichWasMeant) {
  const auto e = symbols_not_found({"BTCUSD"}, {"BTCUSDT", "ETHUSDT"}, "symbol");
  EXPECT_EQ(e.status(), BOURSE_NOT_FOUND);
  EXPECT_EQ(e.code(), "symbol_not_found");
  EXPECT_EQ(e.parameter(), "symbol");
  EXPECT_THAT(e.message(), HasSubstr("did you mean BTCUSDT?"));
  EXPECT_EQ(symbols_not_found({"X"}, {}, "symbol").message(), "There is no market \"X\".");
}

}  // namespace
}  // namespace bourse::binance
