// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/exchange.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <set>

#include "tests/plugins/sources/binance/client/fakes.hpp"
#include "tests/plugins/sources/binance/client/keys.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"

namespace bourse::binance {
namespace {

using testing::HasSubstr;
using testing::Not;
using Sent = FakeTransport::Sent;

const std::string kTimePath = "/api/v3/time";

std::string value_of(const std::string& target, const std::string& name) {
  const std::size_t at = target.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t start = at + name.size() + 1;
  return target.substr(start, target.find('&', start) - start);
}

Error network(Reach reach, bool stale = false) {
  return {.kind = ErrorKind::kNetwork,
          .message = "The network failed.",
          .reach = reach,
          .stale_connection = stale};
}

std::string error_text(std::int64_t code, const std::string& text = "x") {
  return R"({"code":)" + std::to_string(code) + R"(,"msg":")" + text + "\"}";
}

class ExchangeTest : public testing::Test {
 protected:
  ExchangeTest() {
    transport->reply = [this](const Sent& sent) { return reply(sent); };
    open({});
  }

  void open(ExchangeOptions options) {
    auto opened = Exchange::open(std::move(options),
                                 {.clock = clock, .random = random, .transport = transport});
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    exchange = *opened;
  }
  /// Questions for the time are answered; the others get `answers`, the last one again and again.
  Result<HttpResponse> reply(const Sent& sent) {
    if (sent.target == kTimePath) {
      const auto now = clock->wall_ms() + ahead.count() - 20;  // half of the latency ago
      return answer(200, R"({"serverTime":)" + std::to_string(now) + "}");
    }
    times.push_back(sent);
    if (answers.size() > 1) {
      auto first = std::move(answers.front());
      answers.erase(answers.begin());
      return first;
    }
    return answers.front();
  }
  [[nodiscard]] Call call(nanoseconds time = seconds(60)) const {
    return {.deadline = clock->now() + time};
  }
  Status ask(Exchange::Request request, nanoseconds time = seconds(60)) {
    return exchange->send(
        request, call(time), [this](HttpResponse& response, const Exchange::Asked&) -> Status {
          ++reads;
          if (response.body == "nonsense") {
            return Error{
                .kind = ErrorKind::kProtocol, .message = "No sense.", .reach = Reach::kAnswered};
          }
          return Done{};
        });
  }
  Status ask_public(nanoseconds time = seconds(60)) {
    return ask({.endpoint = Endpoint::kPing}, time);
  }
  Exchange::Request signed_request() {
    Exchange::Request request{.endpoint = Endpoint::kAccount, .credentials = &credentials};
    request.query.add_flag("omitZeroBalances", true);
    return request;
  }

  std::shared_ptr<FakeClock> clock = std::make_shared<FakeClock>();
  std::shared_ptr<FakeRandom> random = std::make_shared<FakeRandom>();
  std::shared_ptr<FakeTransport> transport = std::make_shared<FakeTransport>(clock);
  std::shared_ptr<Exchange> exchange;
  Credentials credentials = test_credentials();
  std::vector<Result<HttpResponse>> answers = {answer(200, "{}")};
  std::vector<Sent> times;  ///< what was sent, without the questions for the time
  milliseconds ahead{0};    ///< the exchange's clock
  int reads = 0;
};

// ---- once more?

TEST_F(ExchangeTest, SendsOnceWhenThatWorks) {
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(transport->sent.size(), 1u);  // and asks nobody for the time
  EXPECT_EQ(transport->sent[0].target, "/api/v3/ping");
  EXPECT_EQ(transport->sent[0].api_key, "");
}

TEST_F(ExchangeTest, TriesFourTimesWithGrowingPauses) {
  answers = {network(Reach::kNotSent)};
  const auto result = ask_public();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().attempts, 4);
  ASSERT_EQ(times.size(), 4u);
  // Half of 250, 500 and 1000 ms, as the dice always say 0.5, and 40 ms for the failure.
  EXPECT_EQ(times[1].at - times[0].at, milliseconds(125 + 40));
  EXPECT_EQ(times[2].at - times[1].at, milliseconds(250 + 40));
  EXPECT_EQ(times[3].at - times[2].at, milliseconds(500 + 40));
}

TEST_F(ExchangeTest, SucceedsWhenALaterAttemptDoes) {
  for (const auto& failure :
       {Result<HttpResponse>(network(Reach::kMaybe)), Result<HttpResponse>(answer(500, "")),
        Result<HttpResponse>(answer(502, "<html>")), Result<HttpResponse>(answer(200, "nonsense")),
        Result<HttpResponse>(answer(400, error_text(-1000))),
        Result<HttpResponse>(answer(408, error_text(-1007)))}) {
    answers = {failure, answer(200, "{}")};
    times.clear();
    EXPECT_TRUE(ask_public().ok());
    EXPECT_EQ(times.size(), 2u);
  }
}

TEST_F(ExchangeTest, GoesOnAtOnceOnAFreshConnectionWhenAUsedOneWasStale) {
  answers = {network(Reach::kMaybe, true), answer(200, "{}")};
  EXPECT_TRUE(ask_public().ok());
  ASSERT_EQ(times.size(), 2u);
  EXPECT_FALSE(times[0].fresh);
  EXPECT_TRUE(times[1].fresh);
  EXPECT_EQ(clock->slept, 2 * milliseconds(40));  // the answers' time and no pause
}

TEST_F(ExchangeTest, DoesSoOnlyOnce) {
  answers = {network(Reach::kMaybe, true)};
  EXPECT_FALSE(ask_public().ok());
  ASSERT_EQ(times.size(), 4u);
  EXPECT_GT(times[2].at - times[1].at, milliseconds(40));
  EXPECT_FALSE(times[2].fresh);
}

TEST_F(ExchangeTest, WaitsLongerWhenTheExchangeIsOverloaded) {
  answers = {answer(503, error_text(-1008)), answer(200, "{}")};
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(times[1].at - times[0].at, milliseconds(2000 + 40));
}

TEST_F(ExchangeTest, WaitsAtLeastAsLongAsAFailingServerSays) {
  answers = {answer(503, "", {{"retry-after", "7"}}), answer(200, "{}")};
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(times[1].at - times[0].at, seconds(7) + milliseconds(40));
}

TEST_F(ExchangeTest, NeverExceedsTheDeadline) {
  answers = {network(Reach::kNotSent)};
  const Instant deadline = clock->now() + milliseconds(300);
  const auto result = ask_public(milliseconds(300));
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().gave_up);
  EXPECT_LE(clock->now(), deadline);
  EXPECT_EQ(times.size(), 2u);
  EXPECT_FALSE(ask_public(seconds(0)).ok());
  EXPECT_EQ(times.size(), 2u);  // nothing was sent
}

// Refused connections and failures of the exchange are what happened; that no further try fits the
// deadline is no news.
TEST_F(ExchangeTest, SaysWhatFailedAndNotThatThereWasNoTimeToTryAgain) {
  Error late = network(Reach::kNotSent);
  late.deadline = true;
  Error silent = network(Reach::kMaybe);
  silent.deadline = true;
  const auto ends_with = [&](std::vector<Result<HttpResponse>> failures, nanoseconds time) {
    answers = std::move(failures);
    return ask_public(time).error();
  };
  EXPECT_FALSE(ends_with({network(Reach::kNotSent)}, milliseconds(100)).deadline);
  EXPECT_FALSE(ends_with({network(Reach::kNotSent), late}, seconds(60)).deadline);
  EXPECT_EQ(ends_with({answer(500, "")}, milliseconds(100)).kind, ErrorKind::kServer);
  const Error failed = ends_with({answer(500, ""), late}, seconds(60));
  EXPECT_EQ(failed.kind, ErrorKind::kServer);
  EXPECT_EQ(failed.attempts, 1);
  EXPECT_TRUE(failed.gave_up);
  EXPECT_TRUE(ends_with({late}, seconds(60)).deadline);  // nothing else happened
  EXPECT_TRUE(ends_with({answer(500, ""), silent}, seconds(60)).deadline);
}

TEST_F(ExchangeTest, StopsWhenTheCallerDoes) {
  answers = {network(Reach::kNotSent)};
  Call stopping = call();
  stopping.stopped = [&] { return times.size() >= 2; };
  const auto result =
      exchange->send({.endpoint = Endpoint::kPing}, stopping,
                     [](HttpResponse&, const Exchange::Asked&) -> Status { return Done{}; });
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(result.error().stopped);
  EXPECT_EQ(times.size(), 2u);
}

TEST_F(ExchangeTest, DoesNotRepeatWhatCannotHelp) {
  Error certificate = network(Reach::kNotSent);
  certificate.permanent = true;
  const Result<HttpResponse> hopeless[] = {certificate,
                                           answer(400, error_text(-1121)),
                                           answer(401, error_text(-2015)),
                                           answer(404, "<html>"),
                                           answer(302, ""),
                                           answer(418, error_text(-1003)),
                                           answer(403, "<html>"),
                                           answer(451, "{}")};
  for (const auto& one : hopeless) {
    open({});
    answers = {one};
    times.clear();
    EXPECT_FALSE(ask_public().ok());
    EXPECT_EQ(times.size(), 1u);
  }
}

TEST_F(ExchangeTest, RepeatsASenseless200Once) {
  answers = {answer(200, "nonsense", {{"x-mbx-uuid", "abc"}})};
  const auto result = ask_public();
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kProtocol);
  EXPECT_EQ(result.error().http_status, 200);
  EXPECT_EQ(result.error().request_id, "abc");
  EXPECT_EQ(reads, 2);
}

// The column "changes something" of retry.hpp.
TEST_F(ExchangeTest, NeverRepeatsWhatMayHaveBeenCarriedOut) {
  for (const auto& failure :
       {Result<HttpResponse>(network(Reach::kMaybe)),
        Result<HttpResponse>(network(Reach::kMaybe, true)), Result<HttpResponse>(answer(500, "")),
        Result<HttpResponse>(answer(503, error_text(-1008))),
        Result<HttpResponse>(answer(400, error_text(-1006))),
        Result<HttpResponse>(answer(200, "nonsense"))}) {
    answers = {failure};
    times.clear();
    auto request = signed_request();
    request.changes_state = true;
    const auto result = ask(request);
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().kind, ErrorKind::kUnknownOutcome);
    EXPECT_EQ(times.size(), 1u);
  }
  answers = {network(Reach::kNotSent), answer(200, "{}")};
  auto request = signed_request();
  request.changes_state = true;
  EXPECT_TRUE(ask(request).ok());  // what was never sent may be
}

// ---- rate limits and blocks

TEST_F(ExchangeTest, WaitsFor429WhenThatFitsTheDeadline) {
  answers = {answer(429, error_text(-1003), {{"retry-after", "20"}}), answer(200, "{}")};
  EXPECT_TRUE(ask_public(seconds(30)).ok());
  ASSERT_EQ(times.size(), 2u);
  EXPECT_GE(times[1].at - times[0].at, seconds(20));
}

TEST_F(ExchangeTest, Fails429WhenItDoesNot) {
  answers = {answer(429, error_text(-1003), {{"retry-after", "20"}})};
  const auto result = ask_public(seconds(10));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kRateLimit);
  EXPECT_TRUE(result.error().deadline);
  EXPECT_TRUE(result.error().until.has_value());
  EXPECT_EQ(times.size(), 1u);
  // Nobody else sends either until it is over.
  EXPECT_FALSE(ask_public(seconds(5)).ok());
  EXPECT_EQ(times.size(), 1u);
}

TEST_F(ExchangeTest, StaysAwayAfterABanAlsoAfterARestart) {
  const Scratch scratch;
  const ExchangeOptions options{.block_file = scratch.path("block")};
  open(options);
  const auto until = std::to_string(clock->wall_ms() + 600'000);
  answers = {answer(
      418, error_text(-1003, "Way too much request weight used; IP banned until " + until + "."))};
  EXPECT_EQ(ask_public().error().kind, ErrorKind::kBanned);
  open(options);  // as after a restart
  answers = {answer(200, "{}")};
  for (const seconds wait : {seconds(0), seconds(500)}) {
    clock->advance(wait);
    const auto refused = ask_public(std::chrono::hours(1));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, ErrorKind::kBanned);
    EXPECT_EQ(refused.error().reach, Reach::kNotSent);
    EXPECT_THAT(refused.error().message, HasSubstr("Nothing was sent"));
    ASSERT_TRUE(refused.error().until.has_value());
    EXPECT_NEAR(static_cast<double>(to_ms(*refused.error().until)), std::stod(until), 100);
  }
  EXPECT_EQ(times.size(), 1u);
  clock->advance(seconds(101));
  EXPECT_TRUE(ask_public().ok());
}

TEST_F(ExchangeTest, ABlockWithoutABodyIsABlock) {
  const std::pair<int, ErrorKind> cases[] = {{418, ErrorKind::kBanned},
                                             {429, ErrorKind::kRateLimit},
                                             {403, ErrorKind::kFirewall},
                                             {451, ErrorKind::kGeoBlock}};
  for (const auto& [status, kind] : cases) {
    open({});
    times.clear();
    HttpResponse damaged = answer(status, "", {{"retry-after", "120"}});
    damaged.damage = network(Reach::kMaybe);
    answers = {damaged};
    EXPECT_EQ(ask_public().error().kind, kind);
    EXPECT_EQ(ask_public().error().kind, kind);
    EXPECT_EQ(times.size(), 1u) << status;
  }
}

// What a 400 says is in its body: without one, it may have been a timestamp, or anything.
TEST_F(ExchangeTest, ARefusalWithoutABodyIsAskedForAgain) {
  HttpResponse damaged = answer(400, "");
  damaged.damage = network(Reach::kMaybe);
  answers = {damaged, answer(400, error_text(-1121))};
  EXPECT_EQ(ask_public().error().code, -1121);
  EXPECT_EQ(times.size(), 2u);
}

TEST_F(ExchangeTest, EveryAttemptTakesRoomInTheRateLimit) {
  answers = {network(Reach::kMaybe)};
  EXPECT_FALSE(ask({.endpoint = Endpoint::kExchangeInfo}).ok());  // weighs 20
  EXPECT_EQ(exchange->rate_state().windows[0].used, 80);
  EXPECT_EQ(exchange->rate_state().under_way, 0);
}

TEST_F(ExchangeTest, BelievesTheExchangeAboutUsedWeight) {
  answers = {answer(200, "{}", {{"x-mbx-used-weight-1m", "1234"}})};
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(exchange->rate_state().windows[0].used, 1234);
}

// ---- signed calls

TEST_F(ExchangeTest, SetsTheClockBeforeTheFirstSignedCall) {
  ahead = seconds(3600);
  EXPECT_TRUE(ask(signed_request()).ok());
  EXPECT_EQ(transport->count(kTimePath), 4u);
  const std::int64_t stamp = std::stoll(value_of(times[0].target, "timestamp"));
  const std::int64_t there =
      to_ms(Time{kStartMs * kNsPerMs + (times[0].at - Instant{}).count()}) + 3'600'000;
  // A little early: half of the latency, a millisecond, the drift and rounding.
  EXPECT_LE(stamp, there);
  EXPECT_GE(stamp, there - 45);
  EXPECT_EQ(times[0].api_key, kApiKey);
  EXPECT_TRUE(ask(signed_request()).ok());
  EXPECT_EQ(transport->count(kTimePath), 4u);  // not again
}

// Eight seconds would be too many for the five for which a request is good.
TEST_F(ExchangeTest, SignsWithTheTimeAtWhichTheRequestLeaves) {
  transport->wait = seconds(8);
  EXPECT_TRUE(ask(signed_request(), std::chrono::minutes(5)).ok());
  ASSERT_EQ(times.size(), 1u);
  const std::int64_t stamp = std::stoll(value_of(times[0].target, "timestamp"));
  const std::int64_t left = kStartMs + (times[0].at - Instant{}) / milliseconds(1);
  EXPECT_LE(stamp, left);
  EXPECT_GE(stamp, left - 45);
  // Nor does the wait count as part of the way when the clocks are compared.
  EXPECT_EQ(exchange->clock_state().round_trip, milliseconds(40));
}

TEST_F(ExchangeTest, SignsEveryAttemptAnew) {
  answers = {network(Reach::kMaybe), answer(500, ""), network(Reach::kNotSent), answer(200, "{}")};
  EXPECT_TRUE(ask(signed_request()).ok());
  ASSERT_EQ(times.size(), 4u);
  std::set<std::string> stamps, signatures;
  for (const Sent& one : times) {
    stamps.insert(value_of(one.target, "timestamp"));
    signatures.insert(value_of(one.target, "signature"));
    EXPECT_TRUE(
        one.target.starts_with("/api/v3/account?omitZeroBalances=true&recvWindow=5000&timestamp="));
    // What goes out is what was signed: everything up to the signature.
    const std::size_t query = one.target.find('?') + 1;
    const std::string payload = one.target.substr(query, one.target.find("&signature=") - query);
    EXPECT_EQ(*credentials.signer().sign(payload), value_of(one.target, "signature"));
  }
  EXPECT_EQ(stamps.size(), 4u);
  EXPECT_EQ(signatures.size(), 4u);
}

TEST_F(ExchangeTest, SetsTheClockAndTriesOnceMoreWhenATimestampIsRefused) {
  EXPECT_TRUE(ask(signed_request()).ok());
  ahead = seconds(30);  // its clock was set
  times.clear();
  answers = {answer(400, error_text(-1021)), answer(200, "{}")};
  EXPECT_TRUE(ask(signed_request()).ok());
  EXPECT_EQ(transport->count(kTimePath), 8u);
  ASSERT_EQ(times.size(), 2u);
  EXPECT_GE(std::stoll(value_of(times[1].target, "timestamp")),
            std::stoll(value_of(times[0].target, "timestamp")) + 30'000);
}

TEST_F(ExchangeTest, ExplainsATimestampThatIsRefusedTwice) {
  ahead = milliseconds(1234);
  answers = {answer(400, error_text(-1021))};
  const auto result = ask(signed_request());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, -1021);
  EXPECT_EQ(result.error().attempts, 2);
  EXPECT_EQ(times.size(), 2u);
  EXPECT_THAT(result.error().message, HasSubstr("by 1234 ms"));
  EXPECT_THAT(result.error().message, HasSubstr("take 40 ms"));
  EXPECT_THAT(result.error().message, HasSubstr("5000 ms"));
}

TEST_F(ExchangeTest, AsksForTheTimeAgainNowAndThen) {
  EXPECT_TRUE(ask(signed_request()).ok());
  clock->advance(std::chrono::minutes(21));
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(transport->count(kTimePath), 8u);
}

TEST_F(ExchangeTest, AClockThatCannotBeSetHoldsUpACallAMinuteAtMost) {
  EXPECT_TRUE(ask(signed_request()).ok());
  clock->advance(std::chrono::minutes(21));
  bool throws = false, fails = true;
  transport->reply = [&](const Sent& sent) -> Result<HttpResponse> {
    if (sent.target == kTimePath && throws) throw std::bad_alloc();
    if (sent.target == kTimePath && fails) return network(Reach::kMaybe);
    return reply(sent);
  };
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(transport->count(kTimePath), 8u);
  clock->advance(seconds(61));
  throws = true;
  EXPECT_THROW(static_cast<void>(ask_public()), std::bad_alloc);
  EXPECT_EQ(transport->count(kTimePath), 9u);
  clock->advance(seconds(61));
  throws = fails = false;
  EXPECT_TRUE(ask_public().ok());
  EXPECT_TRUE(ask_public().ok());
  EXPECT_EQ(transport->count(kTimePath), 13u);
}

TEST_F(ExchangeTest, SignedCallsNeedAKey) {
  auto request = signed_request();
  request.credentials = nullptr;
  const auto result = ask(request);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kAuthentication);
  EXPECT_THAT(result.error().advice, HasSubstr("api_key with its api_secret"));
  EXPECT_TRUE(transport->sent.empty());
}

TEST_F(ExchangeTest, SignedCallsGoToTheTestnetUnlessToldOtherwise) {
  EXPECT_EQ(exchange->origin().host, "testnet.binance.vision");
  open({.site = Site::kLive});
  EXPECT_FALSE(ask(signed_request()).ok());
  EXPECT_TRUE(transport->sent.empty());
  EXPECT_TRUE(ask_public().ok());
  credentials.allow_live();
  EXPECT_TRUE(ask(signed_request()).ok());
  open({.site = Site::kData});
  times.clear();
  EXPECT_FALSE(ask(signed_request()).ok());
  EXPECT_TRUE(times.empty());
}

TEST_F(ExchangeTest, NoErrorHoldsASecret) {
  // A firewall's page that repeats the whole request, across the place where it is cut off.
  for (const int padding : {0, 400, 470, 500, 511}) {
    for (const int status : {400, 403, 418, 500, 302, 200}) {
      open({});
      transport->reply = [&](const Sent& sent) -> Result<HttpResponse> {
        if (sent.target == kTimePath) return reply(sent);
        const std::string echo = std::string(static_cast<std::size_t>(padding), 'x') + sent.target +
                                 " " + sent.api_key + " " + value_of(sent.target, "signature");
        times.push_back(sent);
        if (status == 200) return answer(200, "nonsense", {{"x-mbx-uuid", sent.api_key}});
        if (status == 400) return answer(400, error_text(-1100, echo), {{"x-mbx-uuid", echo}});
        return answer(status, echo, {{"x-mbx-uuid", echo}, {"retry-after", sent.api_key}});
      };
      times.clear();
      const auto result = ask(signed_request());
      ASSERT_FALSE(result.ok());
      const Error& error = result.error();
      const std::string all = error.text() + error.body_start + error.request_id + error.message;
      const std::string key(kApiKey);
      EXPECT_THAT(all, Not(HasSubstr(key.substr(0, 8))));
      EXPECT_THAT(all, Not(HasSubstr(key.substr(56))));
      EXPECT_THAT(all, Not(HasSubstr(std::string(kSecret).substr(0, 8))));
      for (const Sent& one : times) {
        EXPECT_THAT(all, Not(HasSubstr(value_of(one.target, "signature").substr(0, 12))));
      }
    }
  }
}

// ---- opening

TEST_F(ExchangeTest, RefusesOptionsThatMakeNoSense) {
  for (const ExchangeOptions& options : {ExchangeOptions{.base_url = "https://api.binance.com"},
                                         ExchangeOptions{.receive_window = milliseconds(0)},
                                         ExchangeOptions{.receive_window = milliseconds(60'001)}}) {
    EXPECT_FALSE(Exchange::open(options, {.transport = transport}).ok());
  }
}

TEST_F(ExchangeTest, TheDataSiteServesPublicDataOnly) {
  open({.site = Site::kData});
  EXPECT_TRUE(ask_public().ok());
  const auto result = ask({.endpoint = Endpoint::kHistoricalTrades});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kValidation);
}

TEST_F(ExchangeTest, OneSiteIsOpenedOncePerProcess) {
  Exchanges exchanges;
  const Environment environment{.clock = clock, .random = random, .transport = transport};
  auto first = exchanges.open({.site = Site::kData}, environment);
  const auto second = exchanges.open({.site = Site::kData}, environment);
  const auto other = exchanges.open({.site = Site::kTestnet}, environment);
  EXPECT_EQ(*first, *second);
  EXPECT_NE(*first, *other);
}

TEST_F(ExchangeTest, WhoeverOpensASiteFirstDoesNotDecideWhoseKeysAreLive) {
  Exchanges exchanges;
  const Environment environment{.clock = clock, .random = random, .transport = transport};
  const auto market = *exchanges.open({.site = Site::kLive}, environment);
  exchange = *exchanges.open({.site = Site::kLive}, environment);
  ASSERT_EQ(market, exchange);
  EXPECT_FALSE(ask(signed_request()).ok());
  credentials.allow_live();
  EXPECT_TRUE(ask(signed_request()).ok());
}

TEST_F(ExchangeTest, WhatASiteHasOnceMustBeTheSameForAll) {
  const struct {
    std::string name;
    ExchangeOptions options;
    std::string here, there;
  } cases[] = {
      {"site", {.site = Site::kLive, .base_url = "http://127.0.0.1:1"}, "live", "data"},
      {"block_file", {.block_file = "/b"}, "/b", "none"},
      {"reserve", {.rate = {.reserve = 0.5}}, "0.5", "0.1"},
      {"connections", {.connections_max = 3}, "3", "8"},
      {"answer_memory", {.answer_megabytes_max = 64}, "64", "128"},
      {"authorities", {.authorities = "/a.pem"}, "/a.pem", "none"},
      {"receive_window", {.receive_window = milliseconds(7)}, "7 ms", "5000 ms"},
      {"attempts_max", {.retry = {.attempts_max = 2}}, "2", "4"},
  };
  const Environment environment{.clock = clock, .random = random, .transport = transport};
  for (const auto& one : cases) {
    Exchanges exchanges;
    ExchangeOptions first{.site = one.name == "site" ? Site::kData : one.options.site,
                          .base_url = one.options.base_url};
    auto held = exchanges.open(first, environment);
    const auto differs = exchanges.open(one.options, environment);
    ASSERT_FALSE(differs.ok()) << one.name;
    EXPECT_THAT(differs.error().message, HasSubstr("The setting " + one.name + " is " + one.here +
                                                   " here, and " + one.there + " in another"));
    EXPECT_EQ(*exchanges.open(first, environment), *held);
    held = Error{};  // nobody holds it any more
    EXPECT_TRUE(exchanges.open(one.options, environment).ok()) << one.name;
  }
}

}  // namespace
}  // namespace bourse::binance
