// SPDX-License-Identifier: MIT
//
// The life of an answer as clients see it: made, hit, stale, refreshed, while its source is dead,
// and when it is back. Requests without a network; time passes when a test says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "host/service/service.hpp"
#include "tests/host/answers/fixture.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;
using Headers = std::vector<std::pair<std::string, std::string>>;

class Cached : public testing::Test {
 protected:
  static std::string yaml(const Control& control) {
    const std::string of = "control: " + std::to_string(control.address());
    return "sources:\n  feed: {use: steady, config: {" + of + "}}\n" +
           "  slow: {use: steady, config: {waits: true, " + of + R"(}}
defaults: {source: feed}
routes:
  - {path: /true, run: pure, formats: [pure-plain, plain, data]}
  - {path: /moment, run: two, format: plain}
  - {path: /tolerant, run: two, format: plain, cache: {fresh: 5s, stale: 30s, if-error: 10m}}
  - {path: /slow, run: two, format: plain, source: slow, deadline: 60s, cache: {fresh: 5s, stale: 30s}}
  - {path: /late, run: two, format: plain, source: slow, deadline: 1s, cache: {fresh: 5s, if-error: 10m}}
  - {path: /lasting, run: pure, format: pure-plain, cache: {fresh: 5s, stale: 30s, if-error: 10m}}
  - {path: /off, run: pure, format: pure-plain, cache: off}
  - {path: /mine, run: pure, format: pure-plain, access: {tokens: ["${TOKEN}"]}}
  - {path: /echo, run: echo, format: plain, cache: {fresh: 5s}}
  - {path: /fails, run: fails, format: plain, cache: {fresh: 5s}}
)";
  }

  std::shared_ptr<TestSink> begin(const std::string& target, Headers headers = {},
                                  const std::string& method = "GET") {
    auto sink = std::make_shared<TestSink>();
    service.handle(Request{.method = method,
                           .target = target,
                           .headers = std::move(headers),
                           .body = "",
                           .id = "id-" + std::to_string(++number_),
                           .peer = *Address::parse("127.0.0.1"),
                           .received = steady_clock::now(),
                           .arrived = std::chrono::system_clock::time_point(
                               std::chrono::nanoseconds(clock.now().wall))},
                   Responder(sink));
    return sink;
  }
  Response ask(const std::string& target, Headers headers = {}, const std::string& method = "GET") {
    const auto sink = begin(target, std::move(headers), method);
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr) << "unanswered: " << target;
    return response == nullptr ? Response{} : *response;
  }
  static std::string status(const Response& response) {
    return header_of(response, "Cache-Status");
  }
  /// A question with a long answer, kept for 5 s.
  static std::string long_echo(std::size_t n) {
    return "/echo?names=" + std::string(n, 'n') + "," + std::string(n, 'm');
  }
  /// A question whose source says that it is true for so long.
  std::string true_for(nanoseconds time, const std::string& more = "") {
    return "/true?names=until" + std::to_string(clock.now().wall + time.count()) + more;
  }

  Control control;
  TestClock clock;
  Service service{good_generation(yaml(control)),
                  {.computing = 2, .threads = 8, .queue = 200},
                  {.bytes_max = 1U << 20U, .clock = &clock}};

 private:
  int number_ = 0;
};

TEST_F(Cached, AnAnswerIsGivenAgainAsLongAsItIsTrue) {
  const std::string target = true_for(5s);
  const Response made = ask(target);
  EXPECT_EQ(status(made), "bourse; fwd=uri-miss; stored; ttl=5");
  EXPECT_EQ(header_of(made, "Cache-Control"), "public, max-age=5");
  EXPECT_EQ(header_of(made, "Age"), "") << "it was made for this request";
  const Response hit = ask(target);
  EXPECT_EQ(status(hit), "bourse; hit; ttl=5");
  EXPECT_EQ(header_of(hit, "Age"), "0");
  EXPECT_EQ(hit.body, made.body) << "the same bytes, not a copy of them";
  EXPECT_EQ(header_of(hit, "ETag"), header_of(made, "ETag"));
  EXPECT_EQ(header_of(hit, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(control.calls, 1);
  clock.pass(5s);
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; fwd=uri-miss"));
  EXPECT_EQ(control.calls, 2);
}

// T1 of the facts.
TEST_F(Cached, TheWholeLifetimeIsToldAndTheAgeBesideIt) {
  const std::string target = true_for(5s);
  ask(target);
  clock.pass(4s);
  EXPECT_EQ(header_of(ask(target), "Age"), "4");
  clock.pass(200ms);
  const Response hit = ask(target);
  EXPECT_EQ(header_of(hit, "Age"), "5");
  EXPECT_EQ(header_of(hit, "Cache-Control"), "public, max-age=5");
  EXPECT_EQ(status(hit), "bourse; hit; ttl=0");
}

TEST_F(Cached, WhatWasGivenIsReadyUntilItWouldBeSaidOtherwise) {
  const std::string target = true_for(5s);
  ask(target);
  const Response first = ask(target);
  const Response again = ask(target);
  ASSERT_NE(again.lines, nullptr);
  EXPECT_EQ(ask(target).lines, again.lines) << "written once";
  for (const char* const name : {"Age", "Cache-Control", "Cache-Status", "Content-Type", "ETag",
                                 "Link", "Vary", "X-Content-Type-Options"}) {
    EXPECT_EQ(header_of(again, name), header_of(first, name)) << name;
  }
  EXPECT_EQ(again.body, first.body);
  clock.pass(1s);
  const Response later = ask(target);
  EXPECT_EQ(header_of(later, "Age"), "1");
  EXPECT_EQ(status(later), "bourse; hit; ttl=4");
  const Headers has_it = {{"If-None-Match", header_of(first, "ETag")}};
  for (int i = 0; i < 3; ++i) {
    const Response spared = ask(target, has_it);
    EXPECT_EQ(spared.status, 304);
    EXPECT_EQ(spared.body, nullptr);
    EXPECT_EQ(header_of(spared, "Age"), "1");
    EXPECT_EQ(header_of(spared, "Content-Type"), "");
    EXPECT_EQ(ask(target, {{"If-Match", "\"another\""}}).status, 412);
    EXPECT_EQ(ask(target).status, 200);
  }
}

// HEAD makes no twin: what it was given must not keep GET from making one.
TEST_F(Cached, AHeadBeforeItKeepsNobodyFromMakingTheTwin) {
  const std::string target = long_echo(200);
  const Headers zips = {{"Accept-Encoding", "gzip"}};
  ask(target);
  for (int i = 0; i < 3; ++i) ask(target, zips, "HEAD");
  for (int i = 0; i < 3; ++i) ask(target, zips);
  ASSERT_TRUE(service.drain(60s));
  EXPECT_EQ(header_of(ask(target, zips), "Content-Encoding"), "gzip");
}

TEST_F(Cached, WhatIsTrueForTheMomentIsMadeForEachWhoAsks) {
  const Response first = ask("/moment?a=x&b=x");
  EXPECT_EQ(header_of(first, "Cache-Control"), "no-cache");
  EXPECT_EQ(status(first), "bourse; fwd=uri-miss");
  const int before = control.calls;
  ask("/moment?a=x&b=x");
  EXPECT_GT(control.calls, before);
}

// A relative time says another time with every second, so that no answer to it is true for longer,
// however long what it is made of is.
TEST_F(Cached, WhatIsAskedRelativeToNowIsKeptForItsSecond) {
  const Response first = ask("/true?since=-30d");
  EXPECT_EQ(status(first), "bourse; fwd=uri-miss; stored; ttl=1");
  EXPECT_EQ(header_of(first, "Cache-Control"), "public, max-age=1");
  EXPECT_THAT(body_of(first),
              HasSubstr("since=" + std::to_string(clock.now().wall - 2592000'000000000)));
  clock.pass(900ms);
  EXPECT_EQ(status(ask("/true?since=-30d")), "bourse; hit; ttl=0");
  EXPECT_EQ(ask("/true?since=-720h").body, first.body);
  EXPECT_THAT(status(ask("/true?since=-31d")), StartsWith("bourse; fwd=uri-miss"));
  clock.pass(100ms);
  const Response next = ask("/true?since=-30d");
  EXPECT_THAT(status(next), StartsWith("bourse; fwd=uri-miss"));
  EXPECT_THAT(body_of(next),
              HasSubstr("since=" + std::to_string(clock.now().wall - 2592000'000000000)));
  clock.pass(1ms);
  ask("/true?since=2026-01-01");
  clock.pass(1h);
  EXPECT_THAT(status(ask("/true?since=2026-01-01")), StartsWith("bourse; hit"))
      << "an absolute one is true as long as what it is made of";
}

TEST_F(Cached, WhatARouteToleratesHoldsForRelativeTimesToo) {
  const Response made = ask("/lasting?since=-30d");
  clock.pass(4s);
  EXPECT_EQ(ask("/lasting?since=-30d").body, made.body);
  clock.pass(10s);
  const Response stale = ask("/lasting?since=-30d");
  EXPECT_EQ(stale.body, made.body);
  EXPECT_EQ(status(stale), "bourse; hit; ttl=-9");
  ASSERT_TRUE(service.drain(kHardLimit));
  const Response renewed = ask("/lasting?since=-30d");
  EXPECT_EQ(status(renewed), "bourse; hit; ttl=5");
  EXPECT_THAT(body_of(renewed),
              HasSubstr("since=" + std::to_string(clock.now().wall - 2592000'000000000)));
}

TEST_F(Cached, FormatsShareTheRunAndArgumentsTheirDefaults) {
  const std::string target = true_for(60s);
  ask(target);
  const Response other = ask(target + "&format=plain");
  EXPECT_THAT(status(other), StartsWith("bourse; fwd=uri-miss")) << "it was rendered";
  EXPECT_EQ(control.calls, 1) << "of the same report";
  EXPECT_EQ(status(ask(target + "&style=short")), "bourse; hit; ttl=60")
      << "the default, spelt out";
  EXPECT_EQ(status(ask("/true?style=short&" + target.substr(6))), "bourse; hit; ttl=60");
  EXPECT_THAT(status(ask(target + "&style=long")), StartsWith("bourse; fwd=uri-miss"));
}

// T2, T4 and 1.5 of the facts.
TEST_F(Cached, WhoHasItIsToldThatItIsTheSame) {
  const std::string target = true_for(5s);
  const std::string etag = header_of(ask(target), "ETag");
  ASSERT_THAT(etag, testing::MatchesRegex("\"[A-Za-z0-9_-]{22}\""));
  clock.pass(2s);
  for (const std::string& condition : {etag, "\"x\", W/" + etag + " , \"y\"", std::string("*")}) {
    const Response same = ask(target, {{"If-None-Match", condition},
                                       {"If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT"}});
    EXPECT_EQ(same.status, 304) << condition;
    EXPECT_EQ(body_of(same), "");
    EXPECT_EQ(header_of(same, "ETag"), etag);
    EXPECT_EQ(header_of(same, "Cache-Control"), "public, max-age=5");
    EXPECT_EQ(header_of(same, "Age"), "2");
    EXPECT_EQ(header_of(same, "Vary"), "Accept, Accept-Encoding");
    EXPECT_EQ(status(same), "bourse; hit; ttl=3");
    for (const char* const absent :
         {"Content-Type", "Content-Encoding", "Content-Length", "Link"}) {
      EXPECT_EQ(header_of(same, absent), "") << absent;
    }
  }
  EXPECT_EQ(ask(target, {{"If-None-Match", "\"x\""}, {"If-None-Match", etag}}).status, 304)
      << "two lines are one list";
  EXPECT_EQ(ask(target, {{"If-None-Match", etag.substr(1, 22)}}).status, 200) << "not quoted";
  EXPECT_EQ(ask(target, {{"If-None-Match", etag}}, "HEAD").status, 304);
}

TEST_F(Cached, AnotherFormatIsAnotherAnswer) {
  const std::string target = true_for(5s);
  const std::string etag = header_of(ask(target), "ETag");
  EXPECT_EQ(ask(target + "&format=data", {{"If-None-Match", etag}}).status, 200);
}

// 1.7 of the facts: after a restart, say.
TEST_F(Cached, EqualBytesAreTheSameVersionWhoeverMadeThem) {
  const std::string first = header_of(ask("/moment?a=gone&b=gone"), "ETag");
  EXPECT_EQ(ask("/moment?a=gone&b=gone", {{"If-None-Match", first}}).status, 304)
      << "made anew, and the same";
  EXPECT_EQ(header_of(ask("/tolerant?a=gone&b=gone"), "ETag"), first);
}

// T5 and T6 of the facts.
TEST_F(Cached, ConditionsAreOfAnswersThatWouldBeGood) {
  EXPECT_EQ(ask("/none", {{"If-None-Match", "*"}}).status, 404);
  EXPECT_EQ(ask("/fails?status=503", {{"If-None-Match", "*"}}).status, 503);
  EXPECT_EQ(ask("/true?limit=x", {{"If-None-Match", "*"}}).status, 400);
  const Response other = ask(true_for(5s), {{"If-Match", "\"other\""}});
  EXPECT_EQ(other.status, 412);
  EXPECT_THAT(body_of(other), HasSubstr("precondition_failed"));
  EXPECT_EQ(header_of(other, "Cache-Control"), "no-store");
}

TEST_F(Cached, HeadMakesWhatGetIsGiven) {
  const std::string target = true_for(5s);
  const Response head = ask(target, {}, "HEAD");
  const Response get = ask(target);
  EXPECT_EQ(status(get), "bourse; hit; ttl=5");
  EXPECT_EQ(get.body, head.body) << "the front measures it and leaves it out";
}

TEST_F(Cached, AStaleAnswerIsGivenAtOnceAndRenewedBehindIt) {
  const std::string target = "/tolerant?a=x&b=x&tolerates=false";
  const Response made = ask(target);
  EXPECT_EQ(header_of(made, "Cache-Control"),
            "public, max-age=5, stale-while-revalidate=30, stale-if-error=600");
  clock.pass(17s);
  const Response stale = ask(target);
  EXPECT_EQ(status(stale), "bourse; hit; ttl=-12");
  EXPECT_EQ(header_of(stale, "Age"), "17");
  EXPECT_EQ(body_of(stale), body_of(made));
  ASSERT_TRUE(service.drain(kHardLimit));
  const Response fresh = ask(target);
  EXPECT_EQ(status(fresh), "bourse; hit; ttl=5");
  EXPECT_NE(body_of(fresh), body_of(made));
  EXPECT_NE(header_of(fresh, "ETag"), header_of(made, "ETag"));
}

// T19 of the facts: in nginx the next request of the connection waits for the refresh.
TEST_F(Cached, ARefreshKeepsNobodyWaiting) {
  const auto first = begin("/slow");
  ASSERT_TRUE(control.entered.wait());
  control.release.open();
  ASSERT_NE(first->wait(), nullptr);
  ASSERT_TRUE(service.drain(kHardLimit));
  clock.pass(10s);
  const auto answered = begin("/slow");
  EXPECT_TRUE(answered->is_answered()) << "on this thread, before handle() returned";
  EXPECT_EQ(ask("/health").status, 200);
  EXPECT_TRUE(service.drain(kHardLimit));
}

// 8.4 of the facts: at the full minute everything is stale at once.
TEST_F(Cached, RefreshesTakeAShareOfTheThreadsAndLeaveTheRestToThoseWhoWait) {
  const auto target = [](int i) { return "/slow?a=x&b=x" + std::to_string(i); };
  control.release.open();
  for (int i = 0; i < 20; ++i) ask(target(i));
  ASSERT_TRUE(service.drain(kHardLimit));
  clock.pass(10s);
  control.holds = true;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(begin(target(i))->is_answered()) << "with the old answer";
  }
  // A fourth of 8 threads are two refreshes, each of a rendering, a report and two datasets.
  EXPECT_LE(service.answers().figures().in_the_air, 8U);
  EXPECT_EQ(ask("/echo").status, 200) << "there is room for it";
  control.holds = false;
  ASSERT_TRUE(service.drain(kHardLimit));
  int fresh = 0;
  for (int round = 0; round < 20 && fresh < 20; ++round) {
    fresh = 0;
    for (int i = 0; i < 20; ++i) {
      fresh += status(ask(target(i))).find("ttl=-") == std::string::npos ? 1 : 0;
    }
    ASSERT_TRUE(service.drain(kHardLimit));
  }
  EXPECT_EQ(fresh, 20) << "each has its turn";
}

TEST_F(Cached, WhileTheSourceIsDeadTheOldAnswerStandsAndThenItIsBack) {
  const std::string target = "/tolerant?a=x&b=x&tolerates=false";
  const Response made = ask(target);
  control.fails = 502;
  clock.pass(60s);  // stale no more
  const Response old = ask(target);
  EXPECT_EQ(old.status, 200);
  EXPECT_EQ(status(old), "bourse; hit; ttl=-55; detail=error");
  EXPECT_EQ(body_of(old), body_of(made));
  const int probes = control.calls;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(target).status, 200);
  EXPECT_EQ(control.calls, probes) << "it is not asked with each request";
  clock.pass(2s);
  control.fails = 0;
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; fwd=stale; fwd-status=200; stored"));
  control.fails = 502;
  clock.pass(605s + 1ms);
  EXPECT_EQ(ask(target).status, 502) << "beyond if-error the problem is told";
}

TEST_F(Cached, WhatTheQuestionIsToBlameForIsToldThoughAnOldAnswerIsThere) {
  const std::string target = "/tolerant?a=x&b=x&tolerates=false";
  ask(target);
  control.fails = 404;
  clock.pass(60s);
  EXPECT_EQ(ask(target).status, 404);
}

TEST_F(Cached, WhoWouldBeLateIsGivenTheOldAnswer) {
  control.release.open();
  const Response made = ask("/late");
  ASSERT_EQ(made.status, 200);
  ASSERT_TRUE(service.drain(kHardLimit));
  clock.pass(10s);
  control.holds = true;  // and from here on the source does not answer
  const Response late = ask("/late");
  EXPECT_EQ(late.status, 200);
  EXPECT_THAT(status(late), HasSubstr("detail=error"));
  EXPECT_EQ(late.body, made.body);
  control.holds = false;
  EXPECT_TRUE(service.drain(kHardLimit));
}

// T11 of the facts.
TEST_F(Cached, WhoWantsNoWorkDoneGets504AndNothingIsDone) {
  const std::string target = true_for(5s);
  const Response refused = ask(target, {{"Cache-Control", "only-if-cached"}});
  EXPECT_EQ(refused.status, 504);
  EXPECT_THAT(body_of(refused), HasSubstr("\"code\":\"only_if_cached\""));
  EXPECT_EQ(header_of(refused, "Cache-Status"), "") << "it is ours: RFC 9211, 2";
  EXPECT_EQ(control.calls, 0);
  ask(target);
  EXPECT_EQ(ask(target, {{"Cache-Control", "only-if-cached"}}).status, 200);
}

// T10 of the facts.
TEST_F(Cached, ReloadsForceOneRunASecond) {
  const std::string target = true_for(1h);
  ask(target);
  EXPECT_EQ(status(ask(target, {{"Cache-Control", "max-age=0"}})), "bourse; hit; ttl=3600")
      << "it is of this very moment";
  clock.pass(500ms);
  const Response floor = ask(target, {{"Cache-Control", "no-cache"}});
  EXPECT_EQ(status(floor), "bourse; hit; ttl=3599; detail=floor");
  EXPECT_EQ(header_of(floor, "Age"), "1");
  clock.pass(600ms);
  EXPECT_THAT(status(ask(target, {{"Cache-Control", "no-cache"}})),
              StartsWith("bourse; fwd=request; fwd-status=200; stored"));
}

TEST_F(Cached, AClientsNoStoreKeepsNothingAndTakesWhatIsThere) {
  const std::string target = true_for(60s);
  ask(target, {{"Cache-Control", "no-store"}});
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; fwd=uri-miss"));
  EXPECT_THAT(status(ask(target, {{"Cache-Control", "no-store"}})), StartsWith("bourse; hit"));
}

TEST_F(Cached, APrivateRouteKeepsNothing) {
  const Headers mine = {{"Authorization", "Bearer a-token-of-the-tests"}};
  const std::string target = "/mine" + true_for(60s).substr(5);
  for (int i = 1; i <= 2; ++i) {
    const Response response = ask(target, mine);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(header_of(response, "Cache-Control"), "private, no-store");
    EXPECT_EQ(status(response), "bourse; fwd=bypass");
    EXPECT_EQ(control.calls, i) << "nor the source's answer";
  }
  EXPECT_EQ(service.answers().figures().shelf.bytes, 0U);
  EXPECT_EQ(ask(target).status, 401);
}

TEST_F(Cached, WhatASecretWasGivenForIsNotKept) {
  EXPECT_EQ(header_of(ask("/echo?key=k"), "Cache-Control"), "private, no-store");
  EXPECT_EQ(service.answers().figures().shelf.bytes, 0U);
  EXPECT_EQ(header_of(ask("/echo"), "Cache-Control"), "public, max-age=5");
  EXPECT_THAT(status(ask("/echo")), StartsWith("bourse; hit"));
}

TEST_F(Cached, OffIsOff) {
  const std::string target = "/off" + true_for(60s).substr(5);
  for (int i = 1; i <= 2; ++i) {
    const Response response = ask(target);
    EXPECT_EQ(header_of(response, "Cache-Control"), "no-cache");
    EXPECT_EQ(status(response), "bourse; fwd=bypass");
    EXPECT_EQ(control.calls, i);
  }
}

// 0.2, 2.3 and 2.5 of the facts.
TEST_F(Cached, TheTwinIsMadeOnceForTheSecondWhoAsksWhileTheBytesGoOutAsTheyAre) {
  const std::string target = long_echo(250);
  const Headers takes = {{"Accept-Encoding", "deflate, gzip"}};
  const Response first = ask(target, takes);
  EXPECT_EQ(header_of(first, "Content-Encoding"), "");
  EXPECT_EQ(header_of(first, "Vary"), "Accept-Encoding") << "also of these";
  const std::string etag = header_of(first, "ETag");
  const std::string of_twin = etag.substr(0, 23) + "-gz\"";
  ASSERT_TRUE(service.drain(kHardLimit));
  const auto bytes = service.answers().figures().shelf.bytes;
  EXPECT_EQ(header_of(ask(target, takes), "Content-Encoding"), "") << "one asked, and paid nothing";
  ASSERT_TRUE(service.drain(kHardLimit));
  const Response third = ask(target, takes);
  EXPECT_EQ(header_of(third, "Content-Encoding"), "gzip");
  EXPECT_EQ(header_of(third, "ETag"), of_twin);
  EXPECT_EQ(header_of(third, "Vary"), "Accept-Encoding");
  EXPECT_LT(body_of(third).size(), body_of(first).size() / 2);
  EXPECT_EQ(body_of(third).substr(0, 2), "\x1f\x8b") << "RFC 1952, 2.3.1";
  EXPECT_EQ(ask(target, takes).body, third.body) << "not made again";
  EXPECT_GT(service.answers().figures().shelf.bytes, bytes) << "it takes room";
}

TEST_F(Cached, EachCodingIsATwinOfItsOwn) {
  const std::string target = long_echo(250);
  const std::string version = header_of(ask(target), "ETag").substr(0, 23);
  struct Case {
    const char* field;
    const char* coding;
    const char* mark;
    const char* begins;  // RFC 8878, 3.1.1; RFC 1952, 2.3.1; brotli has no number of its own
  };
  const Case cases[] = {{"zstd", "zstd", "-zs\"", "\x28\xB5\x2F\xFD"},
                        {"gzip", "gzip", "-gz\"", "\x1f\x8b"},
                        {"br", "br", "-br\"", ""}};
  auto bytes = service.answers().figures().shelf.bytes;
  for (const Case& of : cases) {
    ask(target, {{"Accept-Encoding", of.field}});
    ASSERT_TRUE(service.drain(kHardLimit));
    const Response twin = ask(target, {{"Accept-Encoding", of.field}});
    EXPECT_EQ(header_of(twin, "Content-Encoding"), of.coding);
    EXPECT_EQ(header_of(twin, "ETag"), version + of.mark);
    EXPECT_EQ(body_of(twin).substr(0, std::string(of.begins).size()), of.begins);
    const auto now = service.answers().figures().shelf.bytes;
    EXPECT_GE(now, bytes + body_of(twin).size());
    bytes = now;
    EXPECT_EQ(
        ask(target, {{"Accept-Encoding", of.field}, {"If-None-Match", version + of.mark}}).status,
        304);
  }
  const auto coding = [&](const char* field) {
    return header_of(ask(target, {{"Accept-Encoding", field}}), "Content-Encoding");
  };
  EXPECT_EQ(coding("gzip, deflate, br, zstd"), "zstd") << "the server's choice";
  EXPECT_EQ(coding("br, gzip"), "gzip") << "likewise";
  EXPECT_EQ(coding("br, gzip;q=0.9"), "br") << "the client's";
  EXPECT_EQ(coding("gzip;q=0, *"), "zstd") << "T8 of the facts";
  EXPECT_EQ(coding("zstd;q=0.5, identity"), "");
}

TEST_F(Cached, UntilTheTwinIsThereAnotherOneThatIsTakenIsSent) {
  const std::string target = long_echo(250);
  ask(target);
  ask(target, {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(service.drain(kHardLimit));
  EXPECT_EQ(header_of(ask(target, {{"Accept-Encoding", "gzip, zstd"}}), "Content-Encoding"),
            "gzip");
  ASSERT_TRUE(service.drain(kHardLimit));
  EXPECT_EQ(header_of(ask(target, {{"Accept-Encoding", "gzip, zstd"}}), "Content-Encoding"),
            "zstd");
}

// Who asks again and again has what it was given first, and the twin is made only then.
TEST_F(Cached, WhoHasOneThatItStillTakesIsSentNoOther) {
  const std::string target = long_echo(250);
  const std::string etag = header_of(ask(target, {{"Accept-Encoding", "gzip, zstd"}}), "ETag");
  const auto with = [&](const std::string& field, const std::string& tag) {
    return ask(target, {{"Accept-Encoding", field}, {"If-None-Match", tag}});
  };
  const std::string of_gzip = etag.substr(0, 23) + "-gz\"";
  const Response unmade = with("gzip", of_gzip);
  EXPECT_EQ(unmade.status, 304) << "it has it, from before a restart say";
  EXPECT_EQ(header_of(unmade, "ETag"), of_gzip);
  ask(target, {{"Accept-Encoding", "gzip, zstd"}});
  ASSERT_TRUE(service.drain(kHardLimit));
  ASSERT_EQ(header_of(ask(target, {{"Accept-Encoding", "zstd"}}), "Content-Encoding"), "zstd");
  for (const std::string& tag : {etag, of_gzip}) {
    const Response same = with("gzip, zstd", tag);
    EXPECT_EQ(same.status, 304) << tag;
    EXPECT_EQ(header_of(same, "ETag"), tag);
  }
  EXPECT_EQ(with("zstd", of_gzip).status, 200) << "it takes no gzip any more";
  EXPECT_EQ(with("zstd, identity;q=0", etag).status, 200);
  EXPECT_EQ(header_of(with("gzip, zstd", "*"), "ETag"), etag.substr(0, 23) + "-zs\"")
      << "what it would be sent";
}

// T2 and T7 of the facts.
TEST_F(Cached, ATwinIsAnotherRepresentationThanTheBytesAsTheyAre) {
  const std::string target = long_echo(250);
  const std::string etag = header_of(ask(target), "ETag");
  ask(target, {{"Accept-Encoding", "gzip"}});
  ASSERT_TRUE(service.drain(kHardLimit));
  const std::string of_twin = header_of(ask(target, {{"Accept-Encoding", "gzip"}}), "ETag");
  ASSERT_NE(of_twin, etag);
  const Response same = ask(
      target, {{"Accept-Encoding", "gzip"}, {"If-None-Match", "\"x\", W/" + of_twin + " , \"y\""}});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(header_of(same, "ETag"), of_twin);
  EXPECT_EQ(header_of(same, "Content-Encoding"), "");
  EXPECT_NE(header_of(same, "Vary"), "");
  EXPECT_NE(header_of(same, "Cache-Control"), "");
  const Response whole = ask(target, {{"If-None-Match", of_twin}});
  EXPECT_EQ(whole.status, 200) << "a 304 would be for bytes that it cannot use";
  EXPECT_EQ(header_of(whole, "ETag"), etag);
  const Response untouched =
      ask(target, {{"Accept-Encoding", "gzip"}, {"Cache-Control", "no-transform"}});
  EXPECT_EQ(header_of(untouched, "Content-Encoding"), "");
}

TEST_F(Cached, NoTwinIsMadeForHeadNorOfWhatIsNotTextNorOfTheMoment) {
  const std::string target = long_echo(250);
  for (int i = 0; i < 3; ++i) ask(target, {{"Accept-Encoding", "gzip"}}, "HEAD");
  ASSERT_TRUE(service.drain(kHardLimit));
  EXPECT_EQ(header_of(ask(target, {{"Accept-Encoding", "gzip"}}), "Content-Encoding"), "");
  for (int i = 0; i < 3; ++i) {
    const Response moment = ask("/moment", {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(header_of(moment, "Content-Encoding"), "");
    EXPECT_EQ(header_of(moment, "Vary"), "Accept-Encoding");
    ASSERT_TRUE(service.drain(kHardLimit));
  }
}

// Two of it together would be an eighth of the room: then it goes out as it is, and stays known.
TEST_F(Cached, ATwinThatHasNoRoomTakesNothingFromTheAnswer) {
  Service small(good_generation(yaml(control)), {.computing = 2, .threads = 8, .queue = 200},
                {.bytes_max = 64'000, .clock = &clock});
  std::string noise;
  std::mt19937 random(7);
  for (int i = 0; i < 2590; ++i) {
    noise += i % 200 == 199 ? ',' : static_cast<char>('a' + random() % 26);
  }
  const auto from = [&](const Headers& headers) {
    const auto sink = std::make_shared<TestSink>();
    small.handle(Request{.method = "GET",
                         .target = "/echo?names=" + noise,
                         .headers = headers,
                         .body = "",
                         .id = "id",
                         .peer = *Address::parse("127.0.0.1"),
                         .received = steady_clock::now()},
                 Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  };
  for (int i = 0; i < 4; ++i) {
    const Response response = from({{"Accept-Encoding", "gzip"}});
    ASSERT_EQ(response.status, 200) << body_of(response);
    EXPECT_EQ(header_of(response, "Content-Encoding"), "");
    EXPECT_THAT(status(response), StartsWith(i == 0 ? "bourse; fwd=uri-miss" : "bourse; hit"));
    ASSERT_TRUE(small.drain(kHardLimit));
  }
  for (int i = 0; i < 2; ++i) {
    ask("/echo?names=" + noise, {{"Accept-Encoding", "gzip"}});
    ASSERT_TRUE(service.drain(kHardLimit));
  }
  EXPECT_EQ(
      header_of(ask("/echo?names=" + noise, {{"Accept-Encoding", "gzip"}}), "Content-Encoding"),
      "gzip")
      << "where there is room it is worth it";
}

// T8 of the facts.
TEST_F(Cached, WhoRefusesAllThatThereIsGets406) {
  const Response refused = ask("/moment", {{"Accept-Encoding", "deflate, identity;q=0"}});
  EXPECT_EQ(refused.status, 406);
  EXPECT_THAT(body_of(refused), HasSubstr("encoding_not_acceptable"));
  EXPECT_EQ(ask("/moment", {{"Accept-Encoding", "*;q=0"}}).status, 406);
  EXPECT_EQ(ask("/moment", {{"Accept-Encoding", "br, identity;q=0"}}).status, 200)
      << "a twin that it takes may come; until then a 406 would depend on the moment";
  EXPECT_EQ(ask("/moment", {{"Accept-Encoding", ""}}).status, 200);
}

TEST_F(Cached, ARememberedQuestionIsTheAnswerOfItsFormatAndOfItsGeneration) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(header_of(ask("/echo?limit=7"), "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(header_of(ask("/true?says=2000000000000000000"), "Content-Type"),
              "text/plain; charset=utf-8");
    EXPECT_EQ(header_of(ask("/true?says=2000000000000000000", {{"Accept", "application/json"}}),
                        "Content-Type"),
              "application/json");
    EXPECT_EQ(ask("/true?says=2000000000000000000", {{"Accept", "image/png"}}).status, 406);
  }
  EXPECT_THAT(status(ask("/echo?limit=7")), StartsWith("bourse; hit"));
  // T35 of the facts: the route is for one person from here on.
  service.serve(good_generation(
      "routes: [{path: /echo, run: echo, format: plain, access: {tokens: [\"${TOKEN}\"]}}]\n"));
  EXPECT_EQ(ask("/echo?limit=7").status, 401);
  EXPECT_EQ(ask("/true?says=2000000000000000000").status, 404);
  const Response mine = ask("/echo?limit=7", {{"Authorization", "Bearer a-token-of-the-tests"}});
  EXPECT_EQ(header_of(mine, "Cache-Control"), "private, no-store");
  EXPECT_EQ(status(mine), "bourse; fwd=bypass");
}

TEST_F(Cached, AnotherGenerationKeepsTheAnswersOfWhatItTookOver) {
  const std::string target = true_for(60s);
  const Response made = ask(target);
  service.serve(good_generation(yaml(control) + "  - {path: /more, run: pure, format: plain}\n",
                                service.generation().get()));
  const Response hit = ask(target);
  EXPECT_THAT(status(hit), StartsWith("bourse; hit"));
  EXPECT_EQ(hit.body, made.body);
  EXPECT_EQ(control.calls, 1);
  // The settings of the source are others, so it is another one, and so are its answers.
  std::string other = yaml(control);
  other.replace(other.find("config: {"), 9, "config: {rate: 7, ");
  service.serve(good_generation(other, service.generation().get()));
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; fwd=uri-miss"));
  EXPECT_EQ(control.calls, 2);
}

TEST_F(Cached, WhatNamedASourceGoesWithItHoweverMuchIsTolerated) {
  const std::string target = "/tolerant?a=x&b=x&from=other";
  const auto with_other = [&](const char* rate) {
    std::string text = yaml(control);
    return text.insert(text.find("  slow:"),
                       "  other: {use: steady, config: {rate: " + std::string(rate) +
                           ", control: " + std::to_string(control.address()) + "}}\n");
  };
  service.serve(good_generation(with_other("1"), service.generation().get()));
  ask(target);
  ask("/tolerant?a=x&b=x");
  const int asked = control.calls;
  service.serve(good_generation(with_other("1"), service.generation().get()));
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; hit")) << "it is the same source";
  service.serve(good_generation(with_other("2"), service.generation().get()));
  EXPECT_THAT(status(ask(target)), StartsWith("bourse; fwd=")) << "the name means another one";
  EXPECT_GT(control.calls, asked);
  EXPECT_THAT(status(ask("/tolerant?a=x&b=x")), StartsWith("bourse; hit")) << "not named, not gone";
}

TEST_F(Cached, TheNameInCacheStatusIsTheOperatorsAndMayBeLeftOut) {
  service.serve(good_generation("server: {cache: {status: edge-7}}\n" + yaml(control)));
  const std::string target = true_for(60s);
  EXPECT_THAT(status(ask(target)), StartsWith("edge-7; fwd=uri-miss"));
  EXPECT_EQ(status(ask(target)), "edge-7; hit; ttl=60");
  EXPECT_EQ(status(ask("/off")), "edge-7; fwd=bypass");
  service.serve(good_generation("server: {cache: {status: off}}\n" + yaml(control)));
  for (int i = 0; i < 2; ++i) {
    const Response response = ask(target);
    EXPECT_EQ(status(response), "");
    EXPECT_EQ(header_of(response, "Cache-Control"), "public, max-age=60") << "the rest is told";
  }
  EXPECT_EQ(status(ask("/off")), "");
}

TEST_F(Cached, EachRouteCountsWhatItGaveAndWhatThatWasMadeOf) {
  const auto shown = [&] {
    Exposition figures;
    service.traffic().expose(figures);
    return figures.text();
  };
  const auto line = [](const char* route, const char* kind, const char* way, int times) {
    return std::string("bourse_route_cache_answers_total{route=\"") + route + "\",kind=\"" + kind +
           "\",way=\"" + way + "\"} " + std::to_string(times) + "\n";
  };
  const std::string target = true_for(60s);
  const Response made = ask(target);
  for (int i = 0; i < 3; ++i) ask(target);
  ask(target, {}, "HEAD");
  ask(target, {{"If-None-Match", header_of(made, "ETag")}});
  ask(target + "&format=plain");
  const std::string figures = shown();
  EXPECT_THAT(figures, HasSubstr(line("/true", "rendering", "miss", 2)));
  EXPECT_THAT(figures, HasSubstr(line("/true", "rendering", "hit", 5)));
  EXPECT_THAT(figures, HasSubstr(line("/true", "report", "miss", 1)));
  EXPECT_THAT(figures, HasSubstr(line("/true", "report", "hit", 1)));
  EXPECT_THAT(figures, HasSubstr(line("/true", "dataset", "miss", 1)));
  EXPECT_THAT(figures, testing::Not(HasSubstr("way=\"stale\""))) << "there was none";
  EXPECT_THAT(figures, testing::Not(HasSubstr("bourse_route_cache_answers_total{route=\"/off\"")));
  const auto of_plain = body_of(ask(target + "&format=plain")).size();
  EXPECT_THAT(shown(), HasSubstr("bourse_body_bytes_total{route=\"/true\"} " +
                                 std::to_string(4 * body_of(made).size() + 2 * of_plain) + "\n"))
      << "HEAD and 304 have no body";
  const auto kept = service.answers().figures().shelf;
  std::size_t sum = 0;
  for (const std::size_t bytes : kept.bytes_of) {
    EXPECT_GT(bytes, 0U);
    sum += bytes;
  }
  EXPECT_EQ(sum, kept.bytes);
}

// T12 of the facts, over requests; and ANSWERS 7.2.
TEST_F(Cached, AThousandEqualRequestsAtOnceAreOneRunAndOneFetch) {
  std::vector<std::shared_ptr<TestSink>> sinks;
  sinks.push_back(begin("/slow?a=x&b=x"));
  ASSERT_TRUE(control.entered.wait());
  for (int i = 1; i < 1000; ++i) sinks.push_back(begin("/slow?a=x&b=x"));
  sinks[0]->leave();
  control.release.open();
  int collapsed = 0;
  BytesPtr body;
  for (std::size_t i = 1; i < sinks.size(); ++i) {
    const Response* const response = sinks[i]->wait();
    ASSERT_NE(response, nullptr);
    ASSERT_EQ(response->status, 200) << body_of(*response);
    collapsed += status(*response).find("; collapsed") == std::string::npos ? 0 : 1;
    if (!body) body = response->body;
    ASSERT_EQ(response->body, body) << "one rendering, and no copy of it";
  }
  EXPECT_EQ(collapsed, 999);
  const auto figures = service.answers().figures();
  for (const std::uint64_t runs : figures.runs) EXPECT_EQ(runs, 1U);
  EXPECT_EQ(control.calls, 1);
  EXPECT_EQ(service.refused(), 0U) << "they took no place in the queue";
}

}  // namespace
}  // namespace bourse::host::test
