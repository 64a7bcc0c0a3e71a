// SPDX-License-Identifier: MIT
//
// The line of a request: what it says, which requests have one, and what it must never say.
#include "host/service/request_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/observe/log.hpp"
#include "host/service/service.hpp"
#include "host/service/trace.hpp"
#include "tests/host/observe/captured_errors.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kTrace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string configuration(const std::string& log, const std::string& server = "{}") {
  return "server: " + server + "\nlog: " + log + R"(
sources: {feed: {use: steady}}
defaults: {source: feed}
routes:
  - {path: "/echo/{symbol}", run: echo, formats: [plain, data]}
  - {path: /kept, run: echo, format: plain, cache: {fresh: 1h}}
  - {path: /two, run: two, format: plain}
  - {path: /mine, run: echo, format: plain, access: {tokens: ["${TOKEN}"]}}
  - {path: /silent, run: echo, format: plain, log: off}
  - {path: /failures, run: echo, format: plain, log: {level: warn}}
)";
}

/// A service, requests to it, and the lines that it wrote.
class Lines {
 public:
  explicit Lines(const std::string& log = "{}", const std::string& server = "{}",
                 std::int32_t level = BOURSE_LEVEL_INFO, const std::string& instead = "")
      : service_(good_generation(instead.empty() ? configuration(log, server) : instead),
                 {.computing = 2, .threads = 4, .queue = 100}) {
    start_log(level, LineFormat::kJson);
  }
  ~Lines() { (void)stop_log(); }

  Response ask(const std::string& target, Headers headers = {}, const std::string& method = "GET",
               const std::string& peer = "192.0.2.1") {
    auto sink = std::make_shared<TestSink>();
    service_.handle(Request{.method = method,
                            .target = target,
                            .headers = std::move(headers),
                            .body = "",
                            .id = "id-" + std::to_string(++number_ + 1000),
                            .peer = *Address::parse(peer),
                            .received = std::chrono::steady_clock::now()},
                    Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr) << "unanswered: " << target;
    return response == nullptr ? Response{} : *response;
  }
  Service& service() { return service_; }

  /// All lines, once; then there is no log any more.
  std::vector<std::string> take() {
    EXPECT_TRUE(service_.drain(std::chrono::seconds(60)));
    (void)stop_log();
    std::istringstream all(errors_.take());
    std::vector<std::string> lines;
    for (std::string line; std::getline(all, line);) lines.push_back(line);
    // A line is written once its answer is sent: the next request may be faster.
    std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
      const auto id = [](const std::string& line) {
        return line.substr(line.find("\"id-") + 1, 7);
      };
      return id(a) < id(b);
    });
    return lines;
  }
  /// The one line of the one request.
  std::string line() {
    const auto lines = take();
    EXPECT_EQ(lines.size(), 1U) << (lines.empty() ? "" : lines.back());
    return lines.empty() ? "" : lines.front();
  }

 private:
  CapturedErrors errors_;
  Service service_;
  int number_ = 0;
};

// ---- what was asked, and by whom ----------------------------------------------------------------

TEST(LoggedTarget, IsWhatWasReceivedWithoutSecrets) {
  const auto generation = good_generation(configuration("{}"));
  const auto shown = [&](std::string_view raw) { return logged_target(*generation, raw); };
  EXPECT_EQ(shown("/echo/a%20b.csv?format=csv&limit=5"), "/echo/a%20b.csv?format=csv&limit=5");
  EXPECT_EQ(shown("/echo/x?key=hunter2&limit=5"), "/echo/x?key=REDACTED&limit=5");
  EXPECT_EQ(shown("/echo/x?%6Bey=hunter2"), "/echo/x?%6Bey=REDACTED") << "however it is written";
  EXPECT_EQ(shown("/x?Signature=a&X-Goog-Signature=b&sig=c&AWSAccessKeyId=d&Token=e"),
            "/x?Signature=REDACTED&X-Goog-Signature=REDACTED&sig=REDACTED&AWSAccessKeyId=REDACTED&"
            "Token=REDACTED");
  EXPECT_EQ(shown("/x?a=1&&key&key=&=b&c=d=e"), "/x?a=1&&key&key=&=b&c=d=e");
  EXPECT_EQ(shown("/caf\xC3\xA9/\xFF?a=\xC3"), "/caf\xC3\xA9/%FF?a=%C3");
  EXPECT_EQ(shown("/" + std::string(3000, 'x')), "/" + std::string(2047, 'x') + "...");
  EXPECT_EQ(shown("/" + std::string(2046, 'x') + "\xE2\x82\xAC"),
            "/" + std::string(2046, 'x') + "...")
      << "between characters";
  EXPECT_EQ(shown("/"), "/");
  EXPECT_EQ(shown(""), "");
}

TEST(RequestLine, SaysWhatWasAskedByWhomAndWhatWasDecided) {
  Lines lines;
  lines.ask("/echo/BTC?format=data", {{"user-agent", "curl/8"}, {"traceparent", kTrace}});
  const std::string line = lines.line();
  EXPECT_THAT(line, HasSubstr(R"("level":"info","event":"request","request_id":"id-1001",)"
                              R"("client":"192.0.2.1","method":"GET",)"
                              R"("target":"/echo/BTC?format=data","route":"/echo/{symbol}",)"
                              R"("status":200,"bytes":)"));
  EXPECT_THAT(line, HasSubstr(R"("outcome":"miss","analysis":"echo","format":"data",)"));
  EXPECT_THAT(line, HasSubstr(R"("user_agent":"curl/8")"));
  EXPECT_THAT(line, HasSubstr(R"("trace_id":"4bf92f3577b34da6a3ce929d0e0e4736")"));
  for (const char* const stage :
       {"seconds", "queue_seconds", "analysis_seconds", "render_seconds"}) {
    EXPECT_THAT(line, testing::ContainsRegex("\"" + std::string(stage) + "\":0\\.[0-9]{6}"));
  }
  EXPECT_THAT(line, Not(HasSubstr("\"peer\""))) << "it is the client";
}

TEST(RequestLine, SaysHowTheAnswerWasComeBy) {
  Lines lines;
  for (int i = 0; i < 2; ++i) lines.ask("/kept");
  lines.ask("/kept", {{"if-none-match", "*"}});
  lines.ask("/kept?limit=2", {{"cache-control", "only-if-cached"}});
  lines.ask("/mine", {{"authorization", "Bearer a-token-of-the-tests"}});
  lines.ask("/kept", {}, "HEAD");
  const auto all = lines.take();
  ASSERT_EQ(all.size(), 6U);
  EXPECT_THAT(all[0], HasSubstr(R"("outcome":"miss")"));
  EXPECT_THAT(all[1], AllOf(HasSubstr(R"("outcome":"hit")"), HasSubstr(R"("analysis":"echo")")));
  EXPECT_THAT(all[2], AllOf(HasSubstr(R"("status":304,"bytes":0,)"), HasSubstr("\"hit\"")));
  EXPECT_THAT(all[3],
              AllOf(HasSubstr(R"("level":"warn")"), HasSubstr(R"("status":504)"),
                    HasSubstr(R"("outcome":"refused")"), HasSubstr(R"("code":"only_if_cached")")));
  EXPECT_THAT(all[4], HasSubstr(R"("outcome":"computed")"));
  EXPECT_THAT(all[5], HasSubstr(R"("bytes":0,)")) << "HEAD is sent no body";
}

TEST(RequestLine, OfAnOldAnswerSaysWhyThereIsNoNewOne) {
  Control control;
  Lines lines("{}", "{}", BOURSE_LEVEL_INFO,
              R"(
sources: {feed: {use: steady, config: {control: )" +
                  std::to_string(control.address()) + R"(}}}
defaults: {source: feed}
routes:
  - {path: /tolerant, run: two, format: plain, cache: {if-error: 1h}}
)");
  const std::string target = "/tolerant?a=x&b=x&tolerates=false";
  const Headers anew = {{"cache-control", "max-age=0"}};
  lines.ask(target, anew);
  control.fails = 502;
  EXPECT_EQ(lines.ask(target, anew).status, 200);
  EXPECT_EQ(lines.ask(target, anew).status, 200);
  const auto all = lines.take();
  const auto line_of = [&](const char* id) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const std::string& line) {
      return line.find("\"event\":\"request\"") != line.npos && line.find(id) != line.npos;
    });
    return found == all.end() ? std::string() : *found;
  };
  EXPECT_THAT(line_of("id-1002"),
              AllOf(HasSubstr(R"("level":"info")"), HasSubstr(R"("outcome":"stale_if_error")"),
                    HasSubstr(R"("cause":"told_to","source":"feed","reason":)"),
                    HasSubstr("told to fail"), Not(HasSubstr("\"code\""))));
  EXPECT_THAT(line_of("id-1003"),
              AllOf(HasSubstr(R"("outcome":"stale_if_error")"), Not(HasSubstr("\"cause\""))))
      << "what failed is not tried again yet";
}

// What was refused on a route is told of that route, or guessing of its tokens could not be seen.
TEST(RequestLine, ARefusalSaysItsRouteAndItsCode) {
  Lines lines;
  lines.ask("/echo/BTC?limit=9999");
  lines.ask("/mine");
  lines.ask("/echo/BTC", {{"accept", "image/png"}});
  lines.ask("/echo/BTC.data?unknown=1");
  lines.ask("/nowhere");
  lines.ask("/echo/BTC", {}, "POST");
  lines.ask("/echo/BTC", {}, "OPTIONS");
  const auto all = lines.take();
  ASSERT_EQ(all.size(), 7U);
  const std::string route = R"("route":"/echo/{symbol}","status":)";
  EXPECT_THAT(all[0], AllOf(HasSubstr(route + "400"), HasSubstr(R"("level":"warn")"),
                            HasSubstr(R"("code":"parameter_out_of_range","parameter":"limit")"),
                            HasSubstr(R"("target":"/echo/BTC?limit=9999")")));
  EXPECT_THAT(all[1], AllOf(HasSubstr(R"("route":"/mine","status":401)"),
                            HasSubstr(R"("code":"token_missing")")));
  EXPECT_THAT(all[2], AllOf(HasSubstr(route + "406"), HasSubstr(R"("code":"not_acceptable")")));
  EXPECT_THAT(all[3], HasSubstr(route + "400"));
  EXPECT_THAT(all[4], HasSubstr(R"("route":"","status":404)"));
  EXPECT_THAT(all[5], HasSubstr(route + "405"));
  EXPECT_THAT(all[6], HasSubstr(route + "204"));
}

TEST(RequestLine, AFailedSourceIsNamedWithItsReason) {
  Lines lines;
  lines.ask("/two?a=fail&tolerates=false");
  lines.ask("/two?a=busy&tolerates=false");
  const auto all = lines.take();
  ASSERT_EQ(all.size(), 3U) << "two requests, and that the source fails";
  EXPECT_THAT(all[0], AllOf(HasSubstr(R"("level":"warn","event":"source_failing",)"
                                      R"("source":"feed","component":"fixture.pipeline/steady",)"
                                      R"("dataset":"series","request_id":"id-1001","status":502,)"
                                      R"("code":"upstream_down")"),
                            HasSubstr("The upstream is down.")));
  EXPECT_THAT(all[1],
              AllOf(HasSubstr(R"("level":"error","event":"request")"), HasSubstr(R"("status":502)"),
                    HasSubstr(R"("code":"upstream_down","source":"feed",)"
                              R"("reason":"The upstream is down.")")));
  EXPECT_THAT(all[2], AllOf(HasSubstr(R"("status":503)"), HasSubstr(R"("code":"busy")")));
}

// T28 of the facts on HTTP.
TEST(RequestLine, IsOneJsonObjectWhateverAClientSends) {
  Lines lines;
  lines.ask("/x\xff\"\u009b\u202e", {{"User-Agent", "\xff\"\x1b[2J\u202e"}});
  const std::string line = lines.line();
  EXPECT_TRUE(is_utf8(line));
  EXPECT_FALSE(has_control(line)) << line;
  EXPECT_THAT(line, HasSubstr(R"("target":"/x%FF\"\u009b\u202e")"));
  EXPECT_THAT(line, HasSubstr("\"user_agent\":\"\uFFFD\\\"\\u001b[2J\\u202e\""));
}

TEST(RequestLine, NoHeaderButTheUserAgentIsShown) {
  Lines lines;
  lines.ask("/mine", {{"authorization", "Bearer not-the-token-at-all"}, {"cookie", "session=1"}});
  EXPECT_THAT(lines.line(), AllOf(Not(HasSubstr("not-the-token")), Not(HasSubstr("session"))));
}

// ---- addresses ----------------------------------------------------------------------------------

constexpr const char* kProxies = "{trusted-proxies: {from: [10.0.0.0/8], header: x-forwarded-for}}";

// T25, T26.
TEST(RequestLine, TheClientIsWhoTheTrustedProxySaysByItsOneField) {
  Lines lines("{}", kProxies);
  lines.ask("/kept", {{"X-Forwarded-For", "9.9.9.9"}, {"x-forwarded-for", "1.2.3.4"}}, "GET",
            "10.0.0.9");
  lines.ask("/kept", {{"Forwarded", "for=9.9.9.9"}}, "GET", "10.0.0.9");
  lines.ask("/kept", {{"X-Forwarded-For", "9.9.9.9"}}, "GET", "192.0.2.1");
  const auto all = lines.take();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_THAT(all[0], AllOf(HasSubstr(R"("client":"1.2.3.4")"), HasSubstr(R"("peer":"10.0.0.9")")));
  EXPECT_THAT(all[1], HasSubstr(R"("client":"10.0.0.9")"));
  EXPECT_THAT(all[2], AllOf(HasSubstr(R"("client":"192.0.2.1")"), Not(HasSubstr("\"peer\""))));
}

// ---- which requests have a line -----------------------------------------------------------------

TEST(RequestLine, TheLevelOfEventsIsNotThatOfRequests) {
  Lines lines("{}", "{}", BOURSE_LEVEL_ERROR);
  lines.ask("/kept");
  EXPECT_THAT(lines.line(), HasSubstr(R"("status":200)"));
}

TEST(RequestLine, ARouteMayHaveNoneOrOnlyItsFailures) {
  Lines lines;
  lines.ask("/silent");
  lines.ask("/silent?limit=0");
  lines.ask("/failures");
  lines.ask("/failures?limit=0");
  EXPECT_THAT(lines.line(), HasSubstr(R"("route":"/failures","status":400)"));
}

TEST(RequestLine, AllMayBeOffButForTheFailuresOfTheServer) {
  Lines lines("{access: error}", "{}", BOURSE_LEVEL_ERROR);
  lines.ask("/kept");
  lines.ask("/nowhere");
  lines.ask("/kept?limit=2", {{"cache-control", "only-if-cached"}});
  lines.ask("/two?a=fail&tolerates=false");
  EXPECT_THAT(lines.line(), HasSubstr(R"("status":502)"));
}

// Of 2000 with a share of 1 in 10, the number is binomial: 200 +- 13.4; eight times that is never.
TEST(RequestLine, ASampleKeepsFirstOnesAndFailuresAndSaysItsShare) {
  constexpr int kRequests = 2000;
  Lines lines("{access: {sample: 0.1}}");
  for (int i = 0; i < kRequests; ++i) lines.ask("/kept");
  for (int i = 0; i < 20; ++i) lines.ask("/nowhere");
  const auto all = lines.take();
  const auto count = [&](const std::string& what) {
    return std::count_if(all.begin(), all.end(),
                         [&](const std::string& line) { return line.find(what) != line.npos; });
  };
  EXPECT_EQ(count("\"status\":404"), 20);
  EXPECT_THAT(all[0], AllOf(HasSubstr("\"miss\""), Not(HasSubstr("\"sample\"")))) << "the first";
  EXPECT_THAT(all[1], AllOf(HasSubstr("\"hit\""), Not(HasSubstr("\"sample\"")))) << "the first hit";
  EXPECT_NEAR(static_cast<double>(count("\"sample\":0.1}")), 200, 107);
}

TEST(RequestLine, ASlowOneIsAlwaysThere) {
  Lines lines("{access: {sample: 0.000001, slow: 1ms}}");
  for (int i = 0; i < 3; ++i) {
    Request request{.method = "GET",
                    .target = "/kept",
                    .headers = {},
                    .body = "",
                    .id = "slow",
                    .peer = {},
                    .received = std::chrono::steady_clock::now() - std::chrono::seconds(2)};
    auto sink = std::make_shared<TestSink>();
    lines.service().handle(std::move(request), Responder(sink));
    ASSERT_NE(sink->wait(), nullptr);
  }
  EXPECT_EQ(lines.take().size(), 3U);
}

// ---- what the front refuses ---------------------------------------------------------------------

TEST(RequestLine, WhatWasNoRequestHasOneToo) {
  Lines lines;
  Request request;
  request.id = "findme431";
  request.method = "GET";
  request.target = "/echo/BTC?key=hunter2";
  request.peer = request.client = *Address::parse("192.0.2.7");
  request.received = std::chrono::steady_clock::now();
  lines.service().refused(request, {.status = 431, .code = "header_too_large", .message = "no"});
  Exposition figures;
  lines.service().refusals().expose(figures);
  EXPECT_THAT(figures.text(),
              AllOf(HasSubstr("bourse_requests_refused_total{reason=\"header_too_large\"} 1\n"),
                    HasSubstr("bourse_requests_refused_total{reason=\"bad_request\"} 0\n")));
  EXPECT_THAT(lines.line(),
              HasSubstr(R"("level":"warn","event":"request","request_id":"findme431",)"
                        R"("client":"192.0.2.7","method":"GET",)"
                        R"("target":"/echo/BTC?key=REDACTED","route":"","status":431,)"));
}

// ---- traces -------------------------------------------------------------------------------------

// T29.
TEST(Trace, WhatIsNoTraceparentBeginsANewOne) {
  const auto trace = [](Headers headers) {
    Request request;
    request.headers = std::move(headers);
    return trace_of(request);
  };
  EXPECT_EQ(trace({{"TraceParent", kTrace}}), kTrace);
  EXPECT_EQ(trace({}), "");
  EXPECT_EQ(trace({{"traceparent", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"}}),
            "");
  EXPECT_EQ(trace({{"traceparent", "ff" + std::string(kTrace).substr(2)}}), "");
  EXPECT_EQ(trace({{"traceparent", kTrace}, {"traceparent", kTrace}}), "") << "which of them?";
  EXPECT_EQ(trace({{"traceparent", std::string(kTrace) + "-x"}}), "");
  const std::string made = new_trace();
  EXPECT_TRUE(is_traceparent(made)) << made;
  EXPECT_EQ(made.substr(53), "00") << "nobody decided to record it";
  EXPECT_NE(new_trace(), made);
}

// ---- Server-Timing ------------------------------------------------------------------------------

TEST(ServerTiming, IsForThoseWhoHaveAToken) {
  Lines lines;
  EXPECT_EQ(header_of(lines.ask("/kept"), "Server-Timing"), "");
  const Response mine = lines.ask("/mine", {{"authorization", "Bearer a-token-of-the-tests"}});
  EXPECT_THAT(header_of(mine, "Server-Timing"),
              testing::MatchesRegex("cache;desc=computed, queue;dur=[0-9.]+, "
                                    "analysis;dur=[0-9.]+, render;dur=[0-9.]+, "
                                    "total;dur=[0-9]+\\.[0-9]{3}"));
  EXPECT_EQ(header_of(mine, "Timing-Allow-Origin"), "");
  EXPECT_EQ(header_of(lines.ask("/mine"), "Server-Timing"), "") << "401";
}

TEST(ServerTiming, IsForAllWhereTheOperatorSaysSoAndNeverOfTheOneBefore) {
  Lines lines("{}", "{server-timing: on}");
  EXPECT_THAT(header_of(lines.ask("/kept"), "Server-Timing"), HasSubstr("cache;desc=miss, "));
  for (int i = 0; i < 3; ++i) {
    const Response hit = lines.ask("/kept");
    EXPECT_THAT(header_of(hit, "Server-Timing"),
                testing::MatchesRegex("cache;desc=hit, total;dur=[0-9.]+"));
    EXPECT_EQ(header_of(hit, "Timing-Allow-Origin"), "*");
  }
}

TEST(ServerTiming, IsForNobodyWhereItIsOff) {
  Lines lines("{}", "{server-timing: off}");
  const Response mine = lines.ask("/mine", {{"authorization", "Bearer a-token-of-the-tests"}});
  EXPECT_EQ(header_of(mine, "Server-Timing"), "");
}

}  // namespace
}  // namespace bourse::host::test
