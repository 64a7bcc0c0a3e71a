// SPDX-License-Identifier: MIT
//
// An order of sources: who is asked, when another one stands in, and that nobody is told that one's
// answer is the other's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/service/service.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

class Failover : public testing::Test {
 protected:
  std::string yaml(const std::string& of_main = {}) {
    return "sources:\n  main: {use: steady, config: {control: " + std::to_string(main.address()) +
           of_main +
           "}}\n  spare: {use: steady, config: {control: " + std::to_string(spare.address()) + R"(}}
defaults: {source: [main, spare], deadline: 20s}
routes:
  - {path: /it, run: pure, format: pure-plain}
  - {path: /off, run: pure, format: pure-plain, cache: off}
  - {path: /mine, run: pure, format: pure-plain, access: {tokens: ["${TOKEN}"]}}
  - {path: /kept, run: pure, format: pure-plain, cache: {fresh: 1h}}
  - {path: /lasting, run: pure, format: pure-plain, cache: {if-error: 1h}}
  - {path: /short, run: pure, format: pure-plain, deadline: 2s}
  - {path: /alone, run: pure, format: pure-plain, source: main}
)";
  }
  void serve(const std::string& of_main = {}) {
    service =
        std::make_unique<Service>(good_generation(yaml(of_main)),
                                  Workers::Options{.computing = 2, .threads = 8, .queue = 100});
  }
  Response ask(const std::string& target, const std::string& token = {}) {
    auto sink = std::make_shared<TestSink>();
    Request request;
    request.method = "GET";
    request.target = target;
    request.id = "id";
    request.received = steady_clock::now();
    if (!token.empty()) request.headers = {{"Authorization", "Bearer " + token}};
    service->handle(std::move(request), Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }
  static std::string until(std::chrono::nanoseconds time, const std::string& path = "/it") {
    return path + "?names=until" + std::to_string(wall_clock() + time.count());
  }
  bool is_failing() { return service->generation()->sources()->at("main")->breaker().is_failing(); }

  Control main;
  Control spare;
  std::unique_ptr<Service> service;
  const std::string note =
      "note spare_source: Source main could not be asked. This comes from source spare.\n";
};

TEST_F(Failover, TheFirstIsAskedAsLongAsItAnswers) {
  serve();
  const Response response = ask(until(1h));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(body_of(response), Not(HasSubstr("spare")));
  EXPECT_EQ(main.calls, 1);
  EXPECT_EQ(spare.calls, 0);
}

TEST_F(Failover, WhereItFailsTheNextStandsInAndTheAnswerSaysSo) {
  serve();
  for (const int status : {502, 503, 504}) {
    main.fails = status;
    const Response response = ask("/it?names=a" + std::to_string(status));
    EXPECT_EQ(response.status, 200) << status << body_of(response);
    EXPECT_THAT(body_of(response), HasSubstr("good=1")) << status;
    EXPECT_THAT(body_of(response), HasSubstr(note)) << status;
  }
  EXPECT_EQ(main.calls, 3);
  EXPECT_EQ(spare.calls, 3);
}

TEST_F(Failover, ThatTheQuestionIsWrongIsNoFailure) {
  serve();
  for (const int status : {400, 404, 422, 500}) {
    main.fails = status;
    (void)ask("/off?names=x" + std::to_string(status));
  }
  EXPECT_EQ(main.calls, 4);
  EXPECT_EQ(spare.calls, 0);
}

TEST_F(Failover, WhereAllFailTheLastOneSaysWhy) {
  serve();
  main.fails = 502;
  spare.fails = 503;
  const Response response = ask("/off?names=a");
  EXPECT_EQ(response.status, 200) << "the analysis tolerates it, and there is nobody else to ask";
  EXPECT_THAT(body_of(response), HasSubstr("good=0"));
}

TEST_F(Failover, ARouteOfOneSourceAsksNoOther) {
  serve();
  main.fails = 502;
  EXPECT_THAT(body_of(ask("/alone?names=a")), HasSubstr("good=0"));
  EXPECT_EQ(spare.calls, 0);
}

TEST_F(Failover, ClosedRoutesHaveItToo) {
  serve();
  main.fails = 502;
  EXPECT_THAT(body_of(ask("/mine?names=a", "a-token-of-the-tests")), HasSubstr(note));
}

TEST_F(Failover, TheAnswerOfOneIsNotKeptAsTheOthers) {
  serve();
  const std::string target = until(1h, "/kept");
  main.fails = 502;
  EXPECT_THAT(body_of(ask(target)), HasSubstr(note));
  EXPECT_THAT(body_of(ask(target)), HasSubstr(note));
  EXPECT_EQ(spare.calls, 1) << "the spare's answer is kept as the spare's";
  EXPECT_EQ(main.calls, 2);
  main.fails = 0;
  EXPECT_THAT(body_of(ask(target)), Not(HasSubstr("note")));
  main.fails = 502;
  EXPECT_THAT(body_of(ask(target)), Not(HasSubstr("note")))
      << "the first one's answer is still true";
  EXPECT_EQ(main.calls, 3);
}

TEST_F(Failover, ANewAnswerOfTheSpareIsBetterThanAnOldOneOfTheFirst) {
  serve();
  const std::string target = until(300ms, "/lasting");
  EXPECT_THAT(body_of(ask(target)), Not(HasSubstr("note")));
  main.fails = 502;
  while (header_of(ask(target), "Cache-Status").find("fwd") == std::string::npos) {
  }
  EXPECT_THAT(body_of(ask(target)), HasSubstr(note));
}

TEST_F(Failover, WhatIsSlowHasHalfOfTheTime) {
  serve(", waits: true");
  const auto begin = steady_clock::now();
  EXPECT_THAT(body_of(ask("/short?names=a")), HasSubstr(note));
  EXPECT_GE(steady_clock::now() - begin, 900ms);
  EXPECT_LT(steady_clock::now() - begin, 2s);
}

TEST_F(Failover, AlsoWhereItDoesNotListen) {
  serve(", waits: true, listens: false");
  EXPECT_THAT(body_of(ask("/short?names=a")), HasSubstr(note));
  main.release.open();
}

TEST_F(Failover, WhoKeepsFailingIsAskedNoMoreForAWhile) {
  serve();
  main.fails = 502;
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(body_of(ask("/off?names=a" + std::to_string(i))), HasSubstr(note));
  }
  EXPECT_TRUE(is_failing());
  const int calls = main.calls;
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(body_of(ask("/off?names=b" + std::to_string(i))), HasSubstr(note));
  }
  EXPECT_LE(main.calls, calls + 1) << "one in a second finds out";
  main.fails = 0;
  const auto end = steady_clock::now() + kHardLimit;
  int tries = 0;
  while (is_failing() && steady_clock::now() < end) {
    EXPECT_EQ(ask("/off?names=c" + std::to_string(++tries)).status, 200);
  }
  EXPECT_THAT(body_of(ask("/off?names=d")), Not(HasSubstr("note"))) << "it is back";
}

TEST(FailoverCheck, EachSourceOfTheOrderMustOfferWhatIsRead) {
  const auto built = build(
      "sources: {main: {use: prompt}, odd: {use: odd}}\n"
      "routes: [{path: /a, run: two, format: plain, source: [main, odd]}]\n");
  EXPECT_FALSE(built.codes.empty());
  EXPECT_THAT(built.diagnostics, HasSubstr("source \"odd\""));
  EXPECT_THAT(built.diagnostics, Not(HasSubstr("source \"main\"")));
}

}  // namespace
}  // namespace bourse::host::test
