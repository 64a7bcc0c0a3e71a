// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/streams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <thread>

#include "tests/plugins/sources/binance/streams/stream_server.hpp"
#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

const StreamName kEth{.kind = StreamKind::kMiniTicker, .symbol = "ETHUSDT"};

std::string price(const std::string& last, int at = 1) {
  return R"({"e":"24hrMiniTicker","E":)" + std::to_string(1'753'000'000'000 + at) +
         R"(,"s":"ETHUSDT","c":")" + last + "\"}";
}

/// A sink that can be waited for. What it is told outlives it: a watch may end after it.
class Sink {
 public:
  std::function<void()> changed() {
    return [told = told_] {
      const std::lock_guard lock(told->mutex);
      ++told->count;
      told->more.notify_all();
    };
  }
  int count() {
    const std::lock_guard lock(told_->mutex);
    return told_->count;
  }
  bool wait_beyond(int seen) {
    std::unique_lock lock(told_->mutex);
    return told_->more.wait_for(lock, seconds(20), [&] { return told_->count > seen; });
  }

 private:
  struct Told {
    std::mutex mutex;
    std::condition_variable more;
    int count = 0;
  };
  const std::shared_ptr<Told> told_ = std::make_shared<Told>();
};

class StreamsTest : public testing::Test {
 protected:
  StreamsTest() { make(); }
  void make() {
    StreamOptions options;
    options.enabled = true;
    options.origin = {.tls = false, .host = "127.0.0.1", .port = server_.port()};
    streams_.emplace(options, stub_.exchange,
                     Streams::CandleKeeper{.heard = [](const CandleEvent&) {},
                                           .doubted = [](const std::string&, Interval) {}},
                     Streams::BookKeeper{.changed = [](const std::string&, std::string_view,
                                                       std::uint64_t) { return true; },
                                         .doubted = [](const std::string&) {},
                                         .top = [](const BookTickerEvent&) {}},
                     [this](const FeedNews& news) {
                       const std::lock_guard lock(mutex_);
                       news_.push_back(news);
                     });
  }
  /// Until a condition holds that something else brings about.
  static bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 2000 && !holds(); ++i) std::this_thread::sleep_for(milliseconds(10));
    return holds();
  }
  bool hear(const std::string& last, int at = 1) {
    server_.say(kEth.text(), price(last, at));
    return until([&] {
      const auto event = streams_->price("ETHUSDT");
      return event && event->price.text() == last;
    });
  }

  StubExchange stub_;
  StreamServer server_;
  std::mutex mutex_;
  std::vector<FeedNews> news_;
  std::optional<Streams> streams_;
};

TEST_F(StreamsTest, WhoWatchesIsToldAndTheNewestIsKnown) {
  Sink sink;
  const auto token = streams_->watch({kEth}, sink.changed());
  ASSERT_TRUE(token);
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  EXPECT_FALSE(streams_->price("ETHUSDT"));
  EXPECT_TRUE(hear("2000.00000000"));
  EXPECT_GE(sink.count(), 1);
  const std::uint64_t before = streams_->moves(kEth);
  EXPECT_TRUE(hear("2001.00000000", 2));
  EXPECT_GT(streams_->moves(kEth), before);
  streams_->unwatch(*token);
}

TEST_F(StreamsTest, OlderWordsDoNotReplaceNewerOnes) {
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  ASSERT_TRUE(hear("2000.00000000", 5));
  const int seen = sink.count();
  server_.say(kEth.text(), price("1.00000000", 4));
  ASSERT_TRUE(sink.wait_beyond(seen));
  EXPECT_EQ(streams_->price("ETHUSDT")->price.text(), "2000.00000000");
}

TEST_F(StreamsTest, AfterUnwatchNothingIsTold) {
  Sink one, two;
  const auto first = streams_->watch({kEth}, one.changed());
  const auto second = streams_->watch({kEth}, two.changed());
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  ASSERT_TRUE(hear("2000.00000000"));
  streams_->unwatch(*first);
  const int seen = one.count(), other = two.count();
  ASSERT_TRUE(hear("2001.00000000", 2));
  ASSERT_TRUE(two.wait_beyond(other));
  EXPECT_EQ(one.count(), seen);
  streams_->unwatch(*second);
  streams_->unwatch(*second);  // of no consequence
}

/// The contract: no such call is running when unwatch returns.
TEST_F(StreamsTest, UnwatchWaitsForACallThatRuns) {
  std::atomic<bool> inside = false, released = false, over = false;
  const auto token = streams_->watch({kEth}, [&] {
    inside = true;
    while (!released) std::this_thread::sleep_for(milliseconds(1));
    over = true;
  });
  ASSERT_TRUE(until([&] { return inside.load(); }));
  std::thread release([&] {
    std::this_thread::sleep_for(milliseconds(50));
    released = true;
  });
  streams_->unwatch(*token);
  EXPECT_TRUE(over);
  release.join();
}

TEST_F(StreamsTest, AfterACutNothingIsKnownUntilTheNextWord) {
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  ASSERT_TRUE(hear("2000.00000000"));
  const int seen = sink.count();
  server_.cut();
  ASSERT_TRUE(sink.wait_beyond(seen));
  EXPECT_TRUE(until([&] { return !streams_->price("ETHUSDT"); }));
  EXPECT_TRUE(until([&] { return server_.connections() >= 2; }));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  EXPECT_TRUE(hear("2002.00000000", 3));
}

TEST_F(StreamsTest, AWordThatCannotBeReadIsADoubt) {
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  ASSERT_TRUE(hear("2000.00000000"));
  server_.say(kEth.text(), R"({"e":"24hrMiniTicker","E":"soon","s":"ETHUSDT"})");
  EXPECT_TRUE(until([&] { return !streams_->price("ETHUSDT"); }));
  EXPECT_TRUE(hear("2001.00000000", 2));
  server_.say_raw("]");
  EXPECT_TRUE(until([&] { return !streams_->price("ETHUSDT"); }));
}

TEST_F(StreamsTest, WhatBelongsToAnotherMarketIsNotBelieved) {
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  ASSERT_TRUE(hear("2000.00000000"));
  server_.say(kEth.text(), R"({"E":1753000000009,"s":"BTCUSDT","c":"1.0"})");
  EXPECT_TRUE(until([&] { return !streams_->price("ETHUSDT"); }));
}

TEST_F(StreamsTest, ARefusedUpgradeShutsRestOutAsWell) {
  server_.refuse(418);
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(until([&] { return stub_.exchange->rate_state().blocked.has_value(); }));
  EXPECT_EQ(stub_.exchange->rate_state().blocked, ErrorKind::kBanned);
  const int seen = sink.count();
  EXPECT_TRUE(sink.wait_beyond(seen)) << "who watches has to ask again all the same";
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(StreamsTest, ItEndsWhileWatchesAreThere) {
  Sink sink;
  ASSERT_TRUE(streams_->watch({kEth}, sink.changed()));
  ASSERT_TRUE(server_.wait_for(kEth.text()));
  streams_.reset();
}

TEST(StreamAddress, IsOfASiteOrNamed) {
  EXPECT_EQ(stream_origin_of(Site::kLive).host_and_port(), "stream.binance.com:443");
  EXPECT_EQ(stream_origin_of(Site::kData).host_and_port(), "data-stream.binance.vision:443");
  EXPECT_EQ(stream_origin_of(Site::kTestnet).host_and_port(), "stream.testnet.binance.vision:443");
  EXPECT_EQ(parse_stream_url("wss://stream.binance.com:9443")->host_and_port(),
            "stream.binance.com:9443");
  EXPECT_EQ(parse_stream_url("wss://demo-stream.binance.com")->authority(),
            "demo-stream.binance.com");
  EXPECT_FALSE(parse_stream_url("ws://127.0.0.1:8080")->tls);
  EXPECT_TRUE(parse_stream_url("wss://127.0.0.1:8080")->tls);
  for (const char* url : {"", "stream.binance.com", "https://stream.binance.com", "wss://",
                          "wss://host:0", "wss://host:70000", "wss://host:1x", "wss://user@host",
                          "wss://host/path", "ws://stream.binance.com", "wss://ho st"}) {
    EXPECT_FALSE(parse_stream_url(url)) << url;
  }
}

}  // namespace
}  // namespace bourse::binance
