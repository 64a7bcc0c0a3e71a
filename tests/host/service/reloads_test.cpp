// SPDX-License-Identifier: MIT
#include "host/service/reloads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "host/service/admin.hpp"
#include "host/service/generations.hpp"
#include "host/service/origin.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using Hosts = std::vector<std::string>;

Request from(std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

TEST(Foreign, IsWhatAPageOfSomebodyElseMakesABrowserSend) {
  EXPECT_TRUE(foreign(from({}), Hosts{"127.0.0.1"}));
  for (const char* const host : {"evil.example", "127.0.0.1.evil.example", "10.0.0.1", "1.127.0.0",
                                 "0x7f.1", "[::2]", "[::1", "localhost.", "127.0.0.1,evil"}) {
    EXPECT_TRUE(foreign(from({{"Host", host}}), Hosts{"127.0.0.1"})) << host;
  }
  for (const char* const host :
       {"127.0.0.1", "127.9.9.9:1", "localhost:9090", "LOCALHOST", "[::1]:9090", "10.1.2.3:9090"}) {
    EXPECT_FALSE(foreign(from({{"Host", host}}), Hosts{"192.0.2.1", "10.1.2.3"})) << host;
  }
  for (const char* const any : {"0.0.0.0", "::"}) {
    EXPECT_FALSE(foreign(from({{"Host", "10.9.9.9:9090"}}), Hosts{any}));
    EXPECT_FALSE(foreign(from({{"Host", "[fd00::7]"}}), Hosts{any}));
    EXPECT_TRUE(foreign(from({{"Host", "bourse.example"}}), Hosts{any}))
        << "a name may be anybody's";
  }
  EXPECT_FALSE(foreign(from({{"Host", "[FD00:0::7]:9090"}}), Hosts{"fd00::7"})) << "one address";
  EXPECT_TRUE(foreign(from({{"Host", "[fd00::8]:9090"}}), Hosts{"fd00::7"}));
}

TEST(Foreign, WhoCameByAUnixSocketMayCallItWhateverHeLikes) {
  Request request = from({{"Host", "admin"}});
  EXPECT_TRUE(foreign(request, Hosts{"127.0.0.1"}));
  request.peer = Address::unix_peer();
  EXPECT_FALSE(foreign(request, Hosts{"127.0.0.1"}));
  request.headers.emplace_back("Origin", "http://evil.example");
  EXPECT_TRUE(foreign(request, Hosts{})) << "a page, by way of a proxy";
}

TEST(Reloads, OneRunsAndAllWhoAskMeanwhileShareTheNext) {
  Gate begun;
  Gate release;
  std::atomic<int> runs{0};
  std::atomic<int> told{0};
  Gate all;
  Reloads reloads([&] {
    if (++runs == 1) {
      begun.open();
      release.wait();
    }
    return ReloadVerdict{.taken = runs == 1};
  });
  const auto count = [&](const ReloadVerdict&) {
    if (++told == 11) all.open();
  };
  ASSERT_TRUE(reloads.ask(count));
  ASSERT_TRUE(begun.wait());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(reloads.ask(count));
  release.open();
  ASSERT_TRUE(all.wait());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(reloads.figures().taken, 1U);
  EXPECT_EQ(reloads.figures().refused, 1U);
  EXPECT_FALSE(reloads.figures().last_was_taken);
  EXPECT_TRUE(reloads.drain(kHardLimit));
  EXPECT_FALSE(reloads.ask(count)) << "it stops";
}

TEST(Reloads, WhoWaitsWhenTheServerStopsIsToldAndTheOneThatRunsIsWaitedForSoLong) {
  Gate begun;
  Gate release;
  Reloads reloads([&] {
    begun.open();
    release.wait();
    return ReloadVerdict{.taken = true};
  });
  std::atomic<int> taken{0};
  std::atomic<int> status{0};
  ASSERT_TRUE(reloads.ask([&](const ReloadVerdict& verdict) { taken = verdict.taken ? 1 : 2; }));
  ASSERT_TRUE(begun.wait());
  ASSERT_TRUE(reloads.ask([&](const ReloadVerdict& verdict) { status = verdict.response.status; }));
  EXPECT_FALSE(reloads.drain(std::chrono::nanoseconds(0))) << "one still runs";
  EXPECT_EQ(status, 503);
  EXPECT_EQ(taken, 0);
  release.open();
  EXPECT_TRUE(reloads.drain(kHardLimit));
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(reloads.figures().taken, 1U) << "the one that was turned away was none";
  EXPECT_EQ(reloads.figures().refused, 0U);
}

TEST(Reloads, NoMoreThanSixtyFourWait) {
  Gate begun;
  Gate release;
  Reloads reloads([&] {
    begun.open();
    release.wait();
    return ReloadVerdict{};
  });
  ASSERT_TRUE(reloads.ask([](const ReloadVerdict&) {}));
  ASSERT_TRUE(begun.wait());
  std::atomic<int> told{0};
  for (int i = 0; i < 64; ++i) {
    EXPECT_TRUE(reloads.ask([&](const ReloadVerdict&) { ++told; })) << i;
  }
  EXPECT_FALSE(reloads.ask([&](const ReloadVerdict&) { ++told; }));
  EXPECT_FALSE(reloads.drain(std::chrono::nanoseconds(0)));
  release.open();
  EXPECT_TRUE(reloads.drain(kHardLimit));
  EXPECT_EQ(told, 64);
}

class ReloadPages : public testing::Test {
 protected:
  std::shared_ptr<TestSink> begin(const std::string& target, const std::string& method) {
    auto sink = std::make_shared<TestSink>();
    Request request;
    request.method = method;
    request.target = target;
    request.headers = {{"Host", "127.0.0.1:9090"}};
    request.id = "id";
    request.received = std::chrono::steady_clock::now();
    admin.handle(std::move(request), Responder(sink));
    return sink;
  }
  Response ask(const std::string& target, const std::string& method = "GET") {
    const auto sink = begin(target, method);
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }

  ReloadVerdict verdict{.taken = true, .response = {.status = 200}};
  Service service{good_generation("routes: [{path: /echo, run: echo, format: plain}]\n"),
                  Workers::Options{.computing = 1, .threads = 2, .queue = 10}};
  Admin admin{service, [] { return Stats{}; }};
  Reloads reloads{[this] { return verdict; }};
};

TEST_F(ReloadPages, WithoutAReloaderThereIsNone) {
  EXPECT_EQ(ask("/reload", "POST").status, 503);
  EXPECT_EQ(body_of(ask("/metrics")).find("bourse_reloads_total"), std::string::npos);
}

TEST_F(ReloadPages, SayWhatIsServedAndHowTheLastReloadWent) {
  admin.take_reloads({.reloads = reloads,
                      .served =
                          [] {
                            return Served{7, "5ec2e7", 1'700'000'000};
                          },
                      .alive = [] { return std::size_t{2}; },
                      .listed = {"127.0.0.1"}});
  EXPECT_EQ(body_of(ask("/readyz")), "ok\n");
  EXPECT_EQ(ask("/reload", "POST").status, 200);
  verdict = {.response = {.status = 422}, .report = "error[unknown_key]: unknown key\n"};
  EXPECT_EQ(ask("/reload", "POST").status, 422);
  EXPECT_EQ(ask("/readyz").status, 200) << "what was served before goes on";
  EXPECT_EQ(body_of(ask("/readyz")),
            "ok\nthe last reload was refused, and what was served before goes on:\n"
            "error[unknown_key]: unknown key\n");
  const std::string metrics = body_of(ask("/metrics"));
  for (const char* const line :
       {"bourse_generation 7", "bourse_generations_alive 2", "bourse_reloads_total 1",
        "bourse_reloads_refused_total 1", "bourse_last_reload_successful 0",
        "bourse_configuration_info{sha256=\"5ec2e7\"} 1",
        "bourse_configuration_time_seconds 1700000000"}) {
    EXPECT_NE(metrics.find("\n" + std::string(line) + "\n"), std::string::npos) << line << " in\n"
                                                                                << metrics;
  }
  verdict = {.taken = true, .response = {.status = 200}};
  EXPECT_EQ(ask("/reload", "POST").status, 200);
  EXPECT_EQ(body_of(ask("/readyz")), "ok\n");
}

TEST_F(ReloadPages, AreForPostAlone) {
  for (const char* const method : {"GET", "HEAD", "PUT", "DELETE"}) {
    const Response response = ask("/reload", method);
    EXPECT_EQ(response.status, 405) << method;
    EXPECT_EQ(header_of(response, "Allow"), "POST");
  }
  EXPECT_EQ(reloads.figures().taken + reloads.figures().refused, 0U);
}

TEST(Generations, OneIsAliveAsLongAsSomebodyHoldsIt) {
  Generations generations;
  const std::string yaml = "routes:\n  - {path: /echo, run: echo, format: plain}\n";
  auto first = generations.admit(good_generation(yaml));
  auto second = generations.admit(good_generation(yaml));
  auto held = first;
  first.reset();
  EXPECT_EQ(generations.alive(), 2U);
  EXPECT_FALSE(generations.drain(std::chrono::nanoseconds(0)));
  held.reset();
  second.reset();
  EXPECT_TRUE(generations.drain(kHardLimit));
}

}  // namespace
}  // namespace bourse::host::test
