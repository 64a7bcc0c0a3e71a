// SPDX-License-Identifier: MIT
//
// Event streams over a source that tells: what is fetched, when, and what comes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/service/service.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

constexpr auto kPatience = 10s;

class Watching : public testing::Test {
 protected:
  ~Watching() override { service.end(); }

  static std::string yaml(const Control& control) {
    return "sources:\n  feed: {use: telling, config: {control: " +
           std::to_string(control.address()) + R"(}}
  tower: {use: layer, over: feed}
defaults: {source: feed, live: {every: 100ms}}
routes:
  - {path: /a, run: reads, format: pure-plain}
  - {path: /json, run: reads, format: data}
  - {path: /b, run: reads, format: pure-plain, source: tower}
  - {path: /tolerant, run: reads, format: pure-plain, cache: {fresh: 1h}}
  - {path: /mine, run: reads, format: pure-plain, access: {tokens: ["${TOKEN}"]}}
)";
  }

  /// One client, who reads when the test does.
  struct Client {
    std::shared_ptr<BodyStream> stream;
    std::string text;
    bool ended = false;

    const std::string& read() {
      for (bool more = stream != nullptr; more && !ended;) {
        const auto piece = stream->next(steady_clock::now());
        if (piece.bytes) text += *piece.bytes;
        ended = piece.last;
        more = piece.bytes != nullptr;
      }
      return text;
    }
    /// Until there are so many events of this type.
    void await(std::size_t count, const std::string& type = "answer") {
      const auto end = steady_clock::now() + kPatience;
      while (events(type) < count) {
        ASSERT_LT(steady_clock::now(), end) << text;
        std::this_thread::sleep_for(1ms);
        read();
      }
    }
    [[nodiscard]] std::size_t events(const std::string& type = "answer") const {
      std::size_t found = 0;
      const std::string line = "event: " + type + "\n";
      for (std::size_t at = text.find(line); at != std::string::npos; at = text.find(line, at + 1))
        ++found;
      return found;
    }
  };

  Client watch(const std::string& target, const std::string& token = {}) {
    auto sink = std::make_shared<TestSink>();
    std::vector<std::pair<std::string, std::string>> headers = {{"Accept", "text/event-stream"}};
    if (!token.empty()) headers.emplace_back("Authorization", "Bearer " + token);
    service.handle(Request{.method = "GET",
                           .target = target,
                           .headers = std::move(headers),
                           .body = "",
                           .id = "id",
                           .peer = *Address::parse("127.0.0.1"),
                           .received = steady_clock::now()},
                   Responder(sink));
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    Client client;
    if (response == nullptr) return client;
    EXPECT_EQ(response->status, 200) << body_of(*response);
    client.stream = response->stream;
    return client;
  }
  /// Nothing is on its way any more.
  void settle() {
    const auto end = steady_clock::now() + kPatience;
    std::uint64_t runs = 0;
    do {
      ASSERT_LT(steady_clock::now(), end) << "it goes on and on";
      runs = service.live().runs;
      std::this_thread::sleep_for(300ms);
    } while (runs != service.live().runs);
  }

  Control control;
  Service service{good_generation(yaml(control)), {.computing = 2, .threads = 6}};
};

TEST_F(Watching, WhatTheSourceTellsIsToldToWhoWatches) {
  control.value = 1;
  Client client = watch("/a");
  client.await(1);
  settle();
  for (int value = 2; value < 5; ++value) {
    control.set(value);
    client.await(static_cast<std::size_t>(value));
  }
  EXPECT_EQ(client.events("failed"), 0U) << client.text;
}

TEST_F(Watching, WhileNothingChangesNothingIsDone) {
  Client client = watch("/a");
  client.await(1);
  settle();
  const int calls = control.calls;
  const std::uint64_t runs = service.live().runs;
  EXPECT_EQ(calls, 2) << "once, and once more behind the watch";
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(control.calls, calls);
  EXPECT_EQ(service.live().runs, runs);
}

TEST_F(Watching, OneInputIsWatchedOnceHoweverManyAnswersAreMadeOfIt) {
  Client first = watch("/a");
  Client second = watch("/a?style=long");
  first.await(1);
  second.await(1);
  settle();
  EXPECT_EQ(control.watches(), 1U);
  EXPECT_EQ(service.live().watches, 1U);
  Client third = watch("/a");
  third.await(1);
  settle();
  EXPECT_EQ(control.watches(), 1U);
  EXPECT_EQ(service.live().questions, 2U);
  control.set(7);
  first.await(2);
  second.await(2);
}

// The layer says nothing of its truth, so its answers are asked again in time as well.
TEST_F(Watching, ThroughALayerThatKnowsNothingOfIt) {
  Client client = watch("/b");
  client.await(1);
  const auto end = steady_clock::now() + kPatience;
  while (control.watches() == 0 && steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(control.watches(), 1U) << "the one below it";
}

TEST_F(Watching, HoweverOldAnAnswerMayBeAChangeIsToldAtOnce) {
  control.value = 1;
  Client client = watch("/tolerant");
  client.await(1);
  settle();
  control.set(2);
  client.await(2);
}

TEST_F(Watching, AFailureIsToldAndItsEndToo) {
  control.value = 1;
  Client client = watch("/a");
  client.await(1);
  settle();
  control.fails = 502;
  control.set(2);
  client.await(1, "failed");
  EXPECT_THAT(client.text, HasSubstr("\"code\":\"told_to\""));
  control.fails = 0;
  client.await(2);
}

TEST_F(Watching, WhatNobodyTellsOfIsAskedAgainWhenItIsTrueNoMore) {
  control.value = 1;
  Client mute = watch("/json?name=mute");  // a format that says nothing: true for the moment
  mute.await(1, "report");
  EXPECT_EQ(control.watches(), 0U);
  const std::uint64_t runs = service.live().runs;
  std::this_thread::sleep_for(1s);
  EXPECT_GE(service.live().runs, runs + 5) << "each 100 ms";
}

TEST_F(Watching, APrivateAnswerIsToldToWhoHasItsToken) {
  control.value = 1;
  Client client = watch("/mine", "a-token-of-the-tests");
  client.await(1);
  EXPECT_THAT(client.text, Not(HasSubstr("a-token-of-the-tests")));
}

TEST_F(Watching, AReloadEndsItsStreams) {
  Client client = watch("/a");
  client.await(1);
  service.serve(good_generation(yaml(control)));
  client.await(1, "bye");
  EXPECT_THAT(client.text, HasSubstr("\"code\":\"reloaded\""));
  EXPECT_TRUE(client.ended);
}

TEST_F(Watching, TheEndOfTheServiceEndsEachWatch) {
  Client client = watch("/a");
  client.await(1);
  settle();
  EXPECT_GT(control.watches(), 0U);
  client.stream.reset();
  service.end();
  EXPECT_EQ(control.watches(), 0U);
}

// A source that tells much more than anybody wants to hear, while clients come and go.
TEST_F(Watching, AStormOfChangesAndClientsEndsWithTheNewest) {
  std::atomic<bool> ends{false};
  std::thread storm([&] {
    for (int i = 0; !ends; ++i) control.set(i);
  });
  Client stays = watch("/a");
  for (int i = 0; i < 50; ++i) {
    Client client = watch(i % 2 == 0 ? "/a" : "/a?style=long");
    client.await(1);
  }
  ends = true;
  storm.join();
  control.set(123456);
  settle();
  stays.read();
  Client late = watch("/a");
  late.await(1);
  const std::string newest = late.text.substr(late.text.find("id: "), 30);
  EXPECT_THAT(stays.text, HasSubstr(newest)) << "the last that it was told";
}

}  // namespace
}  // namespace bourse::host::test
