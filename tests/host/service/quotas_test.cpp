// SPDX-License-Identifier: MIT
//
// What one who asks too much is told, and what it costs the others: nothing. Times are those of the
// requests, so nothing waits. Fields: draft-ietf-httpapi-ratelimit-headers-10, 3 and 4.
#include "host/service/quotas.hpp"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

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

const std::string kSteadyFeed = "sources: {feed: {use: steady}}\n";

class Limited {
 public:
  explicit Limited(const std::string& yaml)
      : service(good_generation(kSteadyFeed + yaml), {.computing = 2, .threads = 6, .queue = 100}) {
  }

  void reload(const std::string& yaml) {
    service.serve(good_generation(kSteadyFeed + yaml, service.generation().get()));
  }
  std::shared_ptr<TestSink> begin(const std::string& target, const std::string& peer = "192.0.2.1",
                                  const std::string& token = {}) {
    auto sink = std::make_shared<TestSink>();
    Request request;
    request.method = "GET";
    request.target = target;
    request.peer = Address::parse(peer).value();
    request.client = request.peer;
    request.id = "id";
    request.received = now;
    if (!token.empty()) request.headers = {{"Authorization", "Bearer " + token}};
    service.handle(std::move(request), Responder(sink));
    return sink;
  }
  Response ask(const std::string& target, const std::string& peer = "192.0.2.1",
               const std::string& token = {}) {
    const auto sink = begin(target, peer, token);
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }
  /// The statuses of so many.
  std::vector<int> ask_often(int times, const std::string& target,
                             const std::string& peer = "192.0.2.1", const std::string& token = {}) {
    std::vector<int> statuses;
    for (int i = 0; i < times; ++i) statuses.push_back(ask(target, peer, token).status);
    return statuses;
  }
  std::string figure(const std::string& name) const {
    Exposition figures;
    service.quotas().expose(figures);
    const std::string text = figures.text();
    const auto at = text.find("\n" + name + " ");
    if (at == std::string::npos) return "none";
    const auto begin = at + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  steady_clock::time_point now = steady_clock::now();
  Service service;
};

using Statuses = std::vector<int>;

std::string code_of(const Response& response) {
  rapidjson::Document json;
  json.Parse(body_of(response).c_str());
  return json.IsObject() && json.HasMember("code") ? json["code"].GetString() : body_of(response);
}

std::string two_in_ten(const std::string& more = {}) {
  return "defaults: {source: feed, limits: {client: 2/10s}" + more +
         "}\nroutes:\n  - {path: /echo, run: echo, format: plain}\n"
         "  - {path: /pure, run: pure, format: pure-plain}\n";
}

TEST(Quotas, AClientIsToldWhatItHasAndThenRefused) {
  Limited of(two_in_ten());
  Response response = of.ask("/echo");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "RateLimit-Policy"), R"("client";q=2;w=10)");
  EXPECT_EQ(header_of(response, "RateLimit"), R"("client";r=1;t=5)") << "0.2 in a second";
  response = of.ask("/echo");
  EXPECT_EQ(header_of(response, "RateLimit"), R"("client";r=0;t=10)");
  response = of.ask("/echo");
  EXPECT_EQ(response.status, 429);
  const std::string wait = header_of(response, "Retry-After");
  EXPECT_TRUE(wait == "5" || wait == "6") << wait << ": never earlier, a fourth later";
  EXPECT_EQ(header_of(response, "RateLimit"), R"("client";r=0;t=)" + wait);
  EXPECT_EQ(header_of(response, "RateLimit-Policy"), R"("client";q=2;w=10)");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
  rapidjson::Document json;
  json.Parse(body_of(response).c_str());
  ASSERT_TRUE(json.IsObject()) << body_of(response);
  EXPECT_STREQ(json["type"].GetString(),
               "https://iana.org/assignments/http-problem-types#quota-exceeded");
  EXPECT_STREQ(json["code"].GetString(), "rate_limited");
  EXPECT_EQ(json["status"].GetInt(), 429);
  ASSERT_EQ(json["violated-policies"].Size(), 1U);
  EXPECT_STREQ(json["violated-policies"][0].GetString(), "client");
  EXPECT_EQ(of.figure(R"(bourse_rate_limited_total{policy="client"})"), "1");
  EXPECT_EQ(of.ask("/echo", "192.0.2.2").status, 200) << "another client";
  of.now += 5s;
  EXPECT_EQ(of.ask_often(2, "/echo"), (Statuses{200, 429}));
}

TEST(Quotas, RoutesOfTheDefaultsShareWhatIsSpentAndOthersDoNot) {
  Limited of(two_in_ten() +
             "  - {path: /own, run: echo, format: plain, limits: {client: 1/10s}}\n"
             "  - {path: /free, run: echo, format: plain, limits: off}\n");
  EXPECT_EQ(of.ask_often(1, "/echo"), Statuses{200});
  EXPECT_EQ(of.ask_often(2, "/pure"), (Statuses{200, 429}));
  EXPECT_EQ(of.ask_often(2, "/own"), (Statuses{200, 429}));
  EXPECT_EQ(of.ask_often(5, "/free"), (Statuses{200, 200, 200, 200, 200}));
  EXPECT_EQ(header_of(of.ask("/free"), "RateLimit"), "");
}

TEST(Quotas, WhatIsNoRouteCountsAsWellAndHealthNever) {
  Limited of(two_in_ten());
  EXPECT_EQ(of.ask_often(3, "/nothing"), (Statuses{404, 404, 429}));
  EXPECT_EQ(of.ask("/echo").status, 429);
  EXPECT_EQ(of.ask("/echo?limit=x", "192.0.2.2").status, 400);
  EXPECT_EQ(of.ask_often(2, "/echo", "192.0.2.2"), (Statuses{200, 429}));
  EXPECT_EQ(of.ask_often(20, "/health"), Statuses(20, 200));
}

// T27: whoever has one address of a /64 has all of them.
TEST(Quotas, AllAddressesOfANetworkOfIpv6AreOneClient) {
  Limited of(two_in_ten());
  int good = 0;
  for (int i = 0; i < 1000; ++i) {
    std::string peer = "2001:db8:0:1:";
    for (int part = 0; part < 4; ++part) peer += (part == 0 ? "" : ":") + std::to_string(i % 7000);
    good += of.ask("/echo", peer).status == 200 ? 1 : 0;
  }
  EXPECT_EQ(good, 2);
  EXPECT_EQ(of.ask("/echo", "2001:db8:0:2::1").status, 200);
  EXPECT_EQ(of.ask_often(2, "/echo", "192.0.2.9"), (Statuses{200, 200}));
  EXPECT_EQ(of.ask("/echo", "::ffff:192.0.2.9").status, 429) << "it is the same address";
}

// T34
TEST(Quotas, AReloadGivesNothingBack) {
  Limited of(two_in_ten());
  EXPECT_EQ(of.ask_often(3, "/echo"), (Statuses{200, 200, 429}));
  of.reload(two_in_ten());
  EXPECT_EQ(of.ask("/echo").status, 429);
  // Ten times as many: of nothing that is left it is nothing; after a second a tenth of it is.
  of.reload(
      "defaults: {source: feed, limits: {client: 20/10s}}\n"
      "routes: [{path: /echo, run: echo, format: plain}]\n");
  EXPECT_EQ(of.ask("/echo").status, 429);
  of.now += 1s;
  EXPECT_EQ(of.ask_often(3, "/echo"), (Statuses{200, 200, 429}));
}

TEST(Quotas, AChangedRateKeepsTheShareThatWasSpent) {
  Limited of(two_in_ten());
  EXPECT_EQ(of.ask("/echo").status, 200);
  of.reload(
      "defaults: {source: feed, limits: {client: 8/10s}}\n"
      "routes: [{path: /echo, run: echo, format: plain}]\n");
  EXPECT_EQ(header_of(of.ask("/echo"), "RateLimit"), R"("client";r=3;t=7)")
      << "half of 8, less one";
}

TEST(Quotas, AHitCostsWhatTheConfigurationSays) {
  Limited of(
      "defaults: {source: feed, limits: {client: 2/100s, hits: 10%}, cache: {fresh: 1h}}\n"
      "routes: [{path: /pure, run: pure, format: pure-plain}]\n");
  EXPECT_EQ(of.ask("/pure").status, 200) << "a whole one: there is one left";
  const Response hit = of.ask("/pure");
  EXPECT_EQ(hit.status, 200);
  EXPECT_EQ(header_of(hit, "RateLimit"), R"("client";r=0;t=55)")
      << "0.9 left, 1.1 at 0.02 a second";
  EXPECT_EQ(of.ask_often(10, "/pure"),
            (Statuses{200, 200, 200, 200, 200, 200, 200, 200, 200, 429}));
}

TEST(Quotas, WhoTriesAgainAndAgainIsAnsweredAsSoonAsHeMay) {
  Limited of(
      "defaults: {source: feed, limits: {client: 1/10s, hits: 50%}}\n"
      "routes: [{path: /echo, run: echo, format: plain}]\n");
  EXPECT_EQ(of.ask("/echo").status, 200);
  of.now += 9s;
  EXPECT_EQ(of.ask_often(20, "/echo"), Statuses(20, 429));
  of.now += 1s;
  EXPECT_EQ(of.ask("/echo").status, 200);
}

TEST(Quotas, ARefusalTakesNoWorkerAndDoesNotLookAtWhatIsKept) {
  Limited of(two_in_ten(", cache: {fresh: 1h}"));
  EXPECT_EQ(of.ask_often(3, "/pure"), (Statuses{200, 200, 429}));
  ASSERT_TRUE(
      of.service.drain(std::chrono::seconds(10)));  // an answer is there before its worker is free
  const auto steps = of.service.steps();
  const auto before = of.service.answers().figures();
  EXPECT_EQ(of.ask_often(50, "/pure"), Statuses(50, 429));
  EXPECT_EQ(of.ask_often(50, "/echo"), Statuses(50, 429));
  EXPECT_EQ(of.service.steps(), steps);
  EXPECT_EQ(of.service.answers().figures().ways, before.ways);
}

TEST(Quotas, ATokenHasABucketOfItsOwnWhereverItComesFrom) {
  Limited of(
      "defaults: {source: feed}\nroutes:\n"
      "  - {path: /mine, run: echo, format: plain, access: {tokens: [{name: grafana, token: "
      "\"${TOKEN}\"}]}, limits: {token: 2/10s}}\n");
  const std::string token = "a-token-of-the-tests";
  Response response = of.ask("/mine", "192.0.2.1", token);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "RateLimit-Policy"), R"("token";q=2;w=10)");
  EXPECT_EQ(of.ask("/mine", "192.0.2.2", token).status, 200);
  response = of.ask("/mine", "192.0.2.3", token);
  EXPECT_EQ(response.status, 429);
  EXPECT_NE(body_of(response).find(R"("violated-policies":["token"])"), std::string::npos);
  EXPECT_EQ(body_of(response).find(token), std::string::npos);
  EXPECT_EQ(of.ask("/mine", "192.0.2.3").status, 401);
}

TEST(Quotas, ARouteIsLimitedForAllAndWhoIsRefusedByItSpendsNothing) {
  Limited of(
      "defaults: {source: feed}\nroutes:\n"
      "  - {path: /few, run: echo, format: plain, limits: {client: 2/10s, route: 1/10s}}\n");
  const Response first = of.ask("/few");
  EXPECT_EQ(header_of(first, "RateLimit-Policy"), R"("client";q=2;w=10)")
      << "how much others leave is nobody's business";
  const Response second = of.ask("/few", "192.0.2.2");
  EXPECT_EQ(second.status, 429);
  EXPECT_NE(header_of(second, "RateLimit-Policy").find(R"("route";q=1;w=10)"), std::string::npos);
  EXPECT_NE(header_of(second, "RateLimit").find(R"("route";r=0;t=1)"), std::string::npos)
      << header_of(second, "RateLimit");
  EXPECT_NE(body_of(second).find(R"("violated-policies":["route"])"), std::string::npos);
  of.now += 10s;
  const Response third = of.ask("/few", "192.0.2.2");
  EXPECT_EQ(third.status, 200);
  EXPECT_EQ(header_of(third, "RateLimit"), R"("client";r=1;t=5)")
      << "as if it had not asked before";
}

TEST(Quotas, SoManyOfOneClientAreAnsweredAtOnce) {
  Limited of(
      "defaults: {source: feed}\nroutes:\n"
      "  - {path: /wait, run: wait, format: plain, deadline: 60s, limits: {client: {concurrency: "
      "1}}}\n");
  Control control;
  const std::string target = "/wait?control=" + std::to_string(control.address());
  const auto running = of.begin(target);
  ASSERT_TRUE(control.entered.wait());
  const Response refused = of.ask(target);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "too_many_at_once");
  EXPECT_NE(header_of(refused, "Retry-After"), "");
  const auto other = of.begin(target, "192.0.2.2");
  EXPECT_EQ(control.calls, 1);
  control.release.open();
  ASSERT_NE(running->wait(), nullptr);
  EXPECT_EQ(running->wait()->status, 200);
  ASSERT_NE(other->wait(), nullptr);
  EXPECT_EQ(other->wait()->status, 200);
  EXPECT_EQ(of.ask(target).status, 200) << "it was answered, so there is room again";
  EXPECT_EQ(of.figure(R"(bourse_concurrency_limited_total{of="client"})"), "1");
}

TEST(Quotas, SoManyOfARouteAreAnsweredAtOnceAlsoAcrossAReload) {
  const std::string yaml =
      "defaults: {source: feed}\nroutes:\n"
      "  - {path: /wait, run: wait, format: plain, deadline: 60s, limits: {concurrency: 1}}\n";
  Limited of(yaml);
  Control control;
  const std::string target = "/wait?control=" + std::to_string(control.address());
  const auto running = of.begin(target);
  ASSERT_TRUE(control.entered.wait());
  of.reload(yaml);
  const Response refused = of.ask(target, "192.0.2.2");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(code_of(refused), "route_busy");
  EXPECT_NE(header_of(refused, "Retry-After"), "");
  control.release.open();
  ASSERT_NE(running->wait(), nullptr);
  EXPECT_EQ(of.ask(target, "192.0.2.2").status, 200);
  EXPECT_EQ(of.figure(R"(bourse_concurrency_limited_total{of="route"})"), "1");
}

TEST(Quotas, WhoGuessesTokensIsRefusedEvenWithTheRightOne) {
  Limited of(
      "defaults: {source: feed, access: {tokens: [\"${TOKEN}\"]}}\nroutes:\n"
      "  - {path: /mine, run: echo, format: plain}\n"
      "  - {path: /all, run: echo, format: plain, access: public}\n");
  const std::string right = "a-token-of-the-tests";
  EXPECT_EQ(of.ask_often(100, "/mine"), Statuses(100, 401)) << "to send none is no guess";
  EXPECT_EQ(of.ask("/mine", "192.0.2.1", right).status, 200);
  EXPECT_EQ(of.ask_often(30, "/mine", "192.0.2.1", "a-wrong-token-of-tests"), Statuses(30, 401));
  const Response refused = of.ask("/mine", "192.0.2.1", "a-wrong-token-of-tests");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code_of(refused), "too_many_guesses");
  EXPECT_NE(header_of(refused, "Retry-After"), "");
  EXPECT_EQ(of.ask("/mine", "192.0.2.1", right).status, 429)
      << "else the one that is answered otherwise is the right one";
  EXPECT_EQ(of.ask("/all", "192.0.2.1").status, 200);
  EXPECT_EQ(of.ask("/mine", "192.0.2.2", right).status, 200);
  of.now += 2s;  // one each two seconds
  EXPECT_EQ(of.ask("/mine", "192.0.2.1", right).status, 200);
}

}  // namespace
}  // namespace bourse::host::test
