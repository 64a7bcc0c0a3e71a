// SPDX-License-Identifier: MIT
//
// Requests without a network: what each is answered, and that each is answered once, whatever the
// plugin does.
#include "host/service/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/observe/log.hpp"
#include "tests/host/observe/captured_errors.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;
using Sink = std::shared_ptr<TestSink>;

const std::shared_ptr<const Generation>& generation() {
  static const auto kGeneration = good_generation(R"(
server: {max-response: 64KiB}
sources: {feed: {use: steady}}
defaults: {source: feed}
routes:
  - {path: /, run: echo, format: plain}
  - {path: "/echo/{symbol}", run: echo, formats: [plain, data]}
  - {path: /wait, run: wait, format: plain, deadline: 60s}
  - {path: /short, run: wait, format: plain, deadline: 20ms}
  - {path: /two, run: two, format: plain}
  - {path: /burns, run: burns, format: plain, deadline: 20ms}
  - {path: /burns-unkept, run: burns, format: plain, deadline: 20ms, cache: off}
  - {path: /huge, run: echo, format: huge}
  - {path: "/other/{what}", run: {from: what, allow: [fails, throws, logs, misuse]}, format: plain}
)");
  return kGeneration;
}

/// A service, and clients of it.
class Served {
 public:
  explicit Served(Workers::Options workers = {.computing = 2, .threads = 6, .queue = 100})
      : service(generation(), workers) {}

  Sink request(const std::string& target, const std::string& method = "GET",
               std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto sink = std::make_shared<TestSink>();
    service.handle(Request{.method = method,
                           .target = target,
                           .headers = std::move(headers),
                           .body = "",
                           .id = "id-" + std::to_string(++number_),
                           .peer = *Address::parse("127.0.0.1"),
                           .received = steady_clock::now()},
                   Responder(sink));
    return sink;
  }
  Response answer(const std::string& target, const std::string& method = "GET",
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    const Sink sink = request(target, method, std::move(headers));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr) << "unanswered: " << target;
    return response == nullptr ? Response{} : *response;
  }

  Service service;

 private:
  int number_ = 0;
};

std::string waiting(const char* path, const Control& control, bool listens = true) {
  return std::string(path) + "?control=" + std::to_string(control.address()) +
         "&listens=" + (listens ? "true" : "false");
}

void expect_problem(const Response& response, int status, const std::string& code) {
  EXPECT_EQ(response.status, status) << body_of(response);
  EXPECT_EQ(header_of(response, "Content-Type"), "application/problem+json");
  EXPECT_EQ(header_of(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
  EXPECT_NE(body_of(response).find("\"code\":\"" + code + "\""), std::string::npos)
      << body_of(response);
  EXPECT_NE(body_of(response).find("\"request_id\":\"id-"), std::string::npos);
}

TEST(Service, HealthIsOkUntilItIsUnready) {
  Served served;
  const Response good = served.answer("/health");
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(header_of(good, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(good, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(good, "Cache-Control"), "no-store");
  EXPECT_EQ(body_of(good), "{\"status\":\"ok\",\"version\":\"" BOURSE_VERSION "\"}\n");
  EXPECT_EQ(served.answer("/health", "HEAD").status, 200);
  served.service.set_unready();
  const Response bad = served.answer("/health");
  EXPECT_EQ(bad.status, 503);
  EXPECT_NE(body_of(bad).find("\"code\":\"stopping\""), std::string::npos);
  EXPECT_EQ(served.answer("/").status, 200) << "requests are still answered";
}

TEST(Service, AnswersAReportWithItsHeaders) {
  Served served;
  const Response response = served.answer("/echo/BTC?limit=5");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(header_of(response, "Vary"), "Accept, Accept-Encoding");
  for (const char* const named : {"/echo/BTC?format=plain", "/echo/BTC.txt"}) {
    EXPECT_EQ(header_of(served.answer(named), "Vary"), "Accept-Encoding") << "it names its format";
  }
  EXPECT_EQ(header_of(response, "Link"),
            R"(<?format=data&limit=5>; rel="alternate"; type="application/json")");
  EXPECT_EQ(header_of(response, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-cache");
  EXPECT_EQ(body_of(response).substr(0, 33), "Echo short\nsymbol=BTC\nlimit=5\nnam");
}

TEST(Service, ARouteOfOneFormatNeitherVariesNorLinks) {
  Served served;
  const Response response = served.answer("/huge");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header_of(response, "Vary"), "");
  EXPECT_EQ(header_of(response, "Link"), "");
}

TEST(Service, KeepsTheHeadersOfTheSerializer) {
  Served served;
  const Response response = served.answer("/echo/BTC", "GET", {{"accept", "application/json"}});
  EXPECT_EQ(header_of(response, "Content-Type"), "application/json");
  EXPECT_EQ(header_of(response, "Content-Disposition"), "inline");
}

TEST(Service, HeadHasTheBodyOfGetForTheFrontToMeasure) {
  Served served;
  EXPECT_EQ(body_of(served.answer("/", "HEAD")), body_of(served.answer("/")));
}

TEST(Service, AnswersOtherMethodsWithWhatIsAllowed) {
  Served served;
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "get", "TRACE"}) {
    const Response response = served.answer("/", method);
    expect_problem(response, 405, "method_not_allowed");
    EXPECT_EQ(header_of(response, "Allow"), "GET, HEAD, OPTIONS");
  }
  const Response options = served.answer("/", "OPTIONS");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(header_of(options, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(body_of(options), "");
  expect_problem(served.answer("/health", "POST"), 405, "method_not_allowed");
}

TEST(Service, RefusalsAreProblems) {
  Served served;
  expect_problem(served.answer("/none"), 404, "no_route");
  expect_problem(served.answer("/health?x=1"), 404, "no_route");
  expect_problem(served.answer("/echo/a//b"), 400, "bad_target");
  expect_problem(served.answer("/?limit=0"), 400, "parameter_out_of_range");
  expect_problem(served.answer("/?format=data"), 406, "not_acceptable");
  expect_problem(served.answer("/echo/x", "GET", {{"Accept", "image/png"}}), 406, "not_acceptable");
  expect_problem(served.answer("/other/none"), 404, "unknown_analysis");
}

TEST(Service, FailuresOfPluginsAreProblems) {
  Served served;
  const Response thrown = served.answer("/other/throws");
  expect_problem(thrown, 500, "plugin_threw");
  EXPECT_EQ(body_of(thrown).find("across the boundary"), std::string::npos)
      << "what nobody meant for clients is in the log only: " << body_of(thrown);
  expect_problem(served.answer("/other/misuse?how=rows"), 500, "no_such_table");
  expect_problem(served.answer("/huge?kibibytes=65"), 422, "response_too_large");
  const Response busy = served.answer("/other/fails?status=429&retry=7&blame=limit");
  expect_problem(busy, 429, "told_to");
  EXPECT_THAT(header_of(busy, "Retry-After"), testing::AnyOf("7", "8")) << "spread by a fourth";
  EXPECT_NE(body_of(busy).find("\"parameter\":\"limit\""), std::string::npos);
  expect_problem(served.answer("/two?a=fail&tolerates=false"), 502, "upstream_down");
}

TEST(Service, A401OfAPluginClaimsNoTokenOfThisServer) {
  Served served;
  const Response response = served.answer("/other/fails?status=401");
  expect_problem(response, 401, "told_to");
  EXPECT_EQ(header_of(response, "WWW-Authenticate"), "");
}

TEST(Service, AnyErrorOfAPluginIsPassedOnWithItsOwnWords) {
  Served served;
  for (const int status : {405, 407, 409, 413, 418, 451, 507, 599}) {
    const Response response = served.answer("/other/fails?status=" + std::to_string(status));
    expect_problem(response, status, "told_to");
    EXPECT_NE(body_of(response).find("It was told to fail."), std::string::npos);
    EXPECT_EQ(header_of(response, "Allow"), "") << "it is not the method";
  }
}

TEST(Service, CountsGoOnWithTheNextGeneration) {
  Served served;
  served.answer("/echo/BTC");
  served.answer("/two");
  served.service.serve(
      good_generation("routes:\n"
                      "  - {path: /new, run: echo, format: plain}\n"
                      "  - {path: \"/echo/{symbol}\", run: echo, format: plain}\n"));
  served.answer("/echo/ETH");
  served.answer("/new");
  EXPECT_EQ(served.answer("/two").status, 404) << "it is served no more";
  Exposition exposition;
  served.service.traffic().expose(exposition);
  const std::string text = exposition.text();
  for (
      const char* const line :
      {R"(bourse_requests_total{route="/echo/{symbol}",analysis="echo",format="plain",status="200"} 2)",
       R"(bourse_requests_total{route="/new",analysis="echo",format="plain",status="200"} 1)",
       R"(bourse_requests_total{route="/two",analysis="two",format="plain",status="200"} 1)",
       R"(bourse_request_seconds_count{route="/"} 0)",
       R"(bourse_requests_total{route="",analysis="",format="",status="404"} 1)"}) {
    EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line << text;
  }
}

TEST(Service, ARequestThatRunsIsCountedWhereItBegan) {
  Control control;
  Served served;
  const Sink running = served.request(waiting("/wait", control));
  ASSERT_TRUE(control.entered.wait());
  served.service.serve(good_generation("routes: [{path: /new, run: echo, format: plain}]\n"));
  control.release.open();
  ASSERT_NE(running->wait(), nullptr);
  Exposition exposition;
  served.service.traffic().expose(exposition);
  const std::string text = exposition.text();
  EXPECT_NE(
      text.find(
          R"(bourse_requests_total{route="/wait",analysis="wait",format="plain",status="200"} 1)"),
      std::string::npos)
      << text;
  EXPECT_NE(text.find(R"(bourse_request_seconds_count{route="/new"} 0)"), std::string::npos);
  EXPECT_TRUE(served.service.drain(kHardLimit));
}

TEST(Service, TellsPluginsWhoAsksAndWhen) {
  Service service(good_generation("routes: [{path: /who, run: who, format: plain}]\n"),
                  {.computing = 1, .threads = 2, .queue = 10});
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  auto sink = std::make_shared<TestSink>();
  Request request{.method = "GET",
                  .target = "/who?since=-1d",
                  .headers = {{"TraceParent", trace}, {"accept-language", "de-CH, de;q=0.9"}},
                  .body = "",
                  .id = "id-7",
                  .peer = {},
                  .received = steady_clock::now()};
  // 2026-01-02T03:04:05Z: 20455 days and 11045 s after 1970 (date -u -d 2026-01-02T03:04:05 +%s).
  request.arrived = std::chrono::system_clock::time_point(std::chrono::seconds(1767323045));
  service.handle(std::move(request), Responder(sink));
  ASSERT_NE(sink->wait(), nullptr);
  const std::string body = body_of(*sink->wait());
  for (const std::string& said :
       {std::string("id-7"), trace, std::string("de-CH, de;q=0.9"),
        std::string("\nnow=1767323045000000000\n"), std::string("\nsince=1767236645000000000\n")}) {
    EXPECT_NE(body.find(said), std::string::npos) << said << "\n" << body;
  }
  EXPECT_TRUE(service.drain(kHardLimit));
}

TEST(Service, ClientsOfAPluginThatIgnoresItsDeadlineAreTold504MeanwhileAndOnce) {
  Control control;
  Served served;
  const Sink sink = served.request(waiting("/short", control, false));
  ASSERT_TRUE(control.entered.wait());
  const Response* const response = sink->wait();
  ASSERT_NE(response, nullptr);
  expect_problem(*response, 504, "deadline_exceeded");
  EXPECT_EQ(control.inside, 1) << "the plugin is still at it";
  control.release.open();
  EXPECT_TRUE(served.service.drain(kHardLimit));
  EXPECT_EQ(sink->answers(), 1) << "what it says now is for nobody";
}

TEST(Service, APluginThatListensTellsItsDeadlineItself) {
  Control control;
  Served served;
  expect_problem(served.answer(waiting("/short", control)), 504, "deadline_exceeded");
  EXPECT_TRUE(served.service.drain(kHardLimit));
  EXPECT_EQ(control.saw_end, 1);
}

TEST(Service, WhatWaitsBeyondItsDeadlineIsNotBegun) {
  Control control;
  Control other;
  Served served({.computing = 1, .threads = 1, .queue = 10});
  const Sink first = served.request(waiting("/wait", control));
  ASSERT_TRUE(control.entered.wait());
  const Sink second = served.request(waiting("/short", other));
  ASSERT_NE(second->wait(), nullptr);
  expect_problem(*second->wait(), 504, "deadline_exceeded");
  control.release.open();
  EXPECT_TRUE(served.service.drain(kHardLimit));
  EXPECT_EQ(other.calls, 0);
  EXPECT_EQ(second->answers(), 1);
  EXPECT_EQ(first->wait()->status, 200);
}

TEST(Service, MoreThanTheQueueHoldsIs503WithRetryAfter) {
  Control control;
  Served served({.computing = 1, .threads = 1, .queue = 1});
  const Sink running = served.request(waiting("/wait", control));
  ASSERT_TRUE(control.entered.wait());
  const Sink queued = served.request(waiting("/wait", control, false));
  const Sink refused = served.request("/");
  ASSERT_TRUE(refused->is_answered()) << "at once";
  expect_problem(*refused->wait(), 503, "overloaded");
  EXPECT_THAT(header_of(*refused->wait(), "Retry-After"), testing::AnyOf("1", "2"));
  EXPECT_EQ(served.answer("/health").status, 200) << "health needs no worker";
  EXPECT_FALSE(queued->is_answered());
  control.release.open();
  EXPECT_EQ(running->wait()->status, 200);
  EXPECT_EQ(queued->wait()->status, 200);
}

TEST(Service, AClientThatLeftIsNotWorkedFor) {
  Control control;
  Control other;
  Served served({.computing = 1, .threads = 1, .queue = 10});
  const Sink running = served.request(waiting("/wait", control));
  ASSERT_TRUE(control.entered.wait());
  const Sink queued = served.request(waiting("/wait", other));
  queued->leave();
  running->leave();  // and the plugin, which listens, ends
  EXPECT_TRUE(served.service.drain(kHardLimit));
  EXPECT_EQ(other.calls, 0);
  EXPECT_EQ(control.saw_end, 1);
  EXPECT_EQ(running->answers(), 1) << "answered nevertheless: the front decides what is left";
  EXPECT_EQ(queued->answers(), 1);
  EXPECT_EQ(queued->wait()->status, 503);
}

TEST(Service, AfterStopEverythingIs503) {
  Served served;
  EXPECT_EQ(served.answer("/").status, 200);
  served.service.stop();
  expect_problem(served.answer("/"), 503, "overloaded");
}

TEST(Service, StopFinishesWhatHasBegun) {
  Control control;
  Served served({.computing = 1, .threads = 1, .queue = 10});
  const Sink running = served.request(waiting("/wait", control));
  const Sink queued = served.request("/");
  ASSERT_TRUE(control.entered.wait());
  std::thread stopper([&] { served.service.stop(); });
  control.release.open();
  stopper.join();
  EXPECT_EQ(running->wait()->status, 200);
  EXPECT_EQ(queued->wait()->status, 200);
}

TEST(Service, DrainTellsOfAPluginThatDoesNotEnd) {
  Control control;
  Served served;
  const Sink sink = served.request(waiting("/short", control, false));
  ASSERT_NE(sink->wait(), nullptr);
  EXPECT_FALSE(served.service.drain(std::chrono::milliseconds(1)));
  control.release.open();
  EXPECT_TRUE(served.service.drain(kHardLimit));
}

TEST(Service, EveryRequestIsAnsweredOnceWhateverItIs) {
  const std::vector<std::pair<std::string, int>> kinds = {{"/", 200},
                                                          {"/echo/a.json", 200},
                                                          {"/two?a=x&b=fail", 200},
                                                          {"/none", 404},
                                                          {"/other/throws", 500},
                                                          {"/other/fails", 404},
                                                          {"/?limit=x", 400},
                                                          {"/huge?kibibytes=70", 422},
                                                          {"/health", 200},
                                                          {"/two?a=fail&tolerates=false", 502}};
  Served served({.computing = 2, .threads = 8, .queue = 10'000});
  std::vector<std::vector<Sink>> sinks(3);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < sinks.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 100; ++i) {
        auto sink = std::make_shared<TestSink>();
        served.service.handle(Request{.method = "GET",
                                      .target = kinds[(i + t) % kinds.size()].first,
                                      .headers = {},
                                      .body = "",
                                      .id = "x",
                                      .peer = {},
                                      .received = steady_clock::now()},
                              Responder(sink));
        if (i % 17 == 0) sink->leave();
        sinks[t].push_back(std::move(sink));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(served.service.drain(kHardLimit));
  for (std::size_t t = 0; t < sinks.size(); ++t) {
    for (std::size_t i = 0; i < sinks[t].size(); ++i) {
      ASSERT_EQ(sinks[t][i]->answers(), 1);
      if (!sinks[t][i]->gone()) {
        EXPECT_EQ(sinks[t][i]->wait()->status, kinds[(i + t) % kinds.size()].second);
      }
    }
  }
}

// ---- logs
// ---------------------------------------------------------------------------------------------

/// What is logged at this level while `act` runs, as JSON lines.
template <class Act>
std::string logged(Act&& act) {
  CapturedErrors errors;
  start_log(BOURSE_LEVEL_INFO, LineFormat::kJson);
  act();
  (void)stop_log();
  return errors.take();
}

TEST(ServiceLog, HasOneLineForEachRequest) {
  const std::string lines = logged([] {
    Served served;
    served.answer("/echo/BTC?key=hunter2&limit=5&format=plain");
    served.answer("/none?key=hunter2");
    EXPECT_TRUE(served.service.drain(kHardLimit));
  });
  EXPECT_NE(lines.find(R"("event":"request","request_id":"id-1","client":"127.0.0.1",)"
                       R"("method":"GET",)"
                       R"("target":"/echo/BTC?key=REDACTED&limit=5&format=plain",)"
                       R"("route":"/echo/{symbol}","status":200,)"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find(R"("request_id":"id-2","client":"127.0.0.1","method":"GET",)"
                       R"("target":"/none?key=REDACTED","route":"","status":404,)"),
            std::string::npos)
      << lines;
  EXPECT_EQ(lines.find("hunter2"), std::string::npos) << "no secret is logged";
}

TEST(Service, ARefusalShowsNoSecretOfItsRequest) {
  Served served;
  for (const char* target :
       {"/echo/BTC?key=hunter2&limit=99999", "/none?key=hunter2", "/echo/BTC?key=hunter2&unknown=1",
        "/echo/BTC?%6Bey=hunter2&limit=x"}) {
    const std::string body = body_of(served.answer(target));
    EXPECT_EQ(body.find("hunter2"), std::string::npos) << body;
    EXPECT_NE(body.find("key=***"), std::string::npos) << body;
  }
}

TEST(ServiceLog, AClientThatLeftIsNoFailureOfTheServer) {
  std::string figures;
  const std::string lines = logged([&] {
    Control control;
    Served served;
    const Sink running = served.request(waiting("/wait", control));
    ASSERT_TRUE(control.entered.wait());
    running->leave();  // and the plugin, which listens, ends
    EXPECT_TRUE(served.service.drain(kHardLimit));
    served.answer("/other/fails?status=499");  // its client is still there
    Exposition exposition;
    served.service.traffic().expose(exposition);
    figures = exposition.text();
  });
  for (
      const char* const line :
      {R"(bourse_requests_total{route="/wait",analysis="wait",format="plain",status="499"} 1)",
       R"(bourse_requests_total{route="/other/{what}",analysis="fails",format="plain",status="503"} 1)"}) {
    EXPECT_NE(figures.find(std::string("\n") + line + "\n"), std::string::npos) << figures;
  }
  EXPECT_EQ(figures.find("\nbourse_requests_total"),
            figures.rfind("\nbourse_requests_total{route=\"/other"))
      << figures;
  EXPECT_NE(lines.find(R"("route":"/wait","status":499)"), std::string::npos) << lines;
  EXPECT_NE(lines.find(R"("route":"/other/{what}","status":503)"), std::string::npos) << lines;
}

TEST(ServiceLog, PluginsSpeakInTheirOwnNameWithTheRequestsId) {
  const std::string lines = logged([] {
    Served served;
    served.answer("/other/logs");
  });
  EXPECT_NE(lines.find(R"("level":"warn","event":"it happened",)"
                       R"("component":"fixture.pipeline/logs","route":"/other/{what}",)"
                       R"("request_id":"id-1","rows":7,"plugin_request_id":"forged",)"
                       R"("text":"two words"})"),
            std::string::npos)
      << lines;
}

TEST(ServiceLog, TellsOfADeadlineThatAPluginIgnored) {
  Control control;
  const std::string lines = logged([&] {
    Served served;
    const Sink sink = served.request(waiting("/short", control, false));
    EXPECT_NE(sink->wait(), nullptr);
    control.release.open();
    EXPECT_TRUE(served.service.drain(kHardLimit));
  });
  EXPECT_NE(lines.find(R"("event":"deadline_ignored","request_id":"id-1","route":"/short")"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find(R"("status":504)"), std::string::npos) << "it is a request like others";
}

TEST(ServiceLog, TellsThePluginsAuthorWhatWentWrong) {
  const std::string lines = logged([] {
    Served served;
    served.answer("/other/throws");
  });
  EXPECT_NE(lines.find(R"("event":"call_failed","component":"fixture.pipeline/throws",)"
                       R"("route":"/other/{what}","source":"feed","request_id":"id-1",)"
                       R"("code":"plugin_threw")"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("across the boundary"), std::string::npos);
}

// Half of the deadline is 10 ms. What takes that much of the processor is the question's own fault.
TEST(Service, AQuestionThatIsTooMuchWorkIsTheClientsFault) {
  Served served({.computing = 8, .threads = 16, .queue = 100});  // for those that do not listen
  const auto end = std::chrono::steady_clock::now() + kHardLimit;
  for (const char* const path : {"/burns", "/burns-unkept"}) {
    for (const char* const listens : {"true", "false"}) {
      const std::string target = std::string(path) + "?listens=" + listens + "&microseconds=";
      auto large = served.request(target + "11000");
      ASSERT_NE(large->wait(), nullptr);
      // Where others have the processor it has not worked so much for the question by its deadline.
      while (large->wait()->status == 504 && std::chrono::steady_clock::now() < end) {
        large = served.request(target + "11000");
        ASSERT_NE(large->wait(), nullptr);
      }
      EXPECT_EQ(large->wait()->status, 422) << target;
      EXPECT_THAT(body_of(*large->wait()), testing::HasSubstr("too_much_work"));
      const auto slow = served.request(target + "0");
      ASSERT_NE(slow->wait(), nullptr);
      EXPECT_EQ(slow->wait()->status, 504) << "it only waits: " << target;
      EXPECT_THAT(body_of(*slow->wait()), testing::HasSubstr("deadline_exceeded"));
    }
  }
}

}  // namespace
}  // namespace bourse::host::test
