// SPDX-License-Identifier: MIT
//
// The source while somebody watches: what is told, and what is answered from streams.
#include "plugins/sources/binance/watching.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <optional>
#include <thread>

#include "plugins/sources/binance/source.hpp"
#include "tests/plugins/sources/binance/streams/stream_server.hpp"
#include "tests/plugins/sources/binance/stub_exchange.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::binance {
namespace {

using test::column_texts;
using test::ReportPtr;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::size_t kCandleSet = 0, kTickerSet = 1, kPriceSet = 2, kTopSet = 3, kBookSet = 4,
                      kTradeSet = 5, kSymbolSet = 6, kAccountSet = 7;

using Given = std::map<std::string, bourse_value>;

class WatchingTest : public testing::Test {
 protected:
  WatchingTest() {
    stub_.transport->on("/api/v3/ticker/price", R"({"symbol":"ETHUSDT","price":"1999.00000000"})");
    stub_.transport->on(
        "/api/v3/ticker/bookTicker",
        R"({"symbol":"ETHUSDT","bidPrice":"1.00000000","bidQty":"1.00000000","askPrice":"2.00000000","askQty":"1.00000000"})");
    stub_.transport->on("/api/v3/depth",
                        R"({"lastUpdateId":1,"bids":[["1.0","1.0"]],"asks":[["2.0","1.0"]]})");
    make(true);
  }
  void make(bool enabled) {
    source_.reset();
    Settings settings;
    settings.exchange = {.site = Site::kData};
    settings.market.keeper.prepare_after = std::chrono::hours(1);
    settings.market.streams.enabled = enabled;
    settings.market.streams.origin = {.tls = false, .host = "127.0.0.1", .port = server_.port()};
    source_.emplace(std::move(settings), stub_.exchange);
  }
  template <class Use>
  ReportPtr with_values(std::size_t dataset, const Given& given, const Use& use) {
    failure_.reset();
    const std::vector<Param> declared = detail::declared(*Binance::datasets[dataset]);
    std::vector<bourse_value> values;
    for (const Param& param : declared) {
      const auto found = given.find(param.name);
      values.push_back(found == given.end() ? null_value() : found->second);
    }
    return test::make_report([&](const bourse::Call& borrowed) {
      bourse::Call call(borrowed.host(), borrowed.wire());
      try {
        use(call, Values(declared, values.data()));
      } catch (const bourse::Error& error) {
        failure_ = error;
      }
    });
  }
  ReportPtr fetch(std::size_t dataset, const Given& given) {
    return with_values(dataset, given, [&](bourse::Call& call, const Values& values) {
      source_->fetch(call, dataset, values);
    });
  }
  /// 0: refused, and failure_ says why.
  std::uint64_t watch(std::size_t dataset, const Given& given) {
    std::uint64_t token = 0;
    with_values(dataset, given, [&](bourse::Call& call, const Values& values) {
      token = source_->watch(call, dataset, values, Changed(&told_, [](void* sink) {
                               ++*static_cast<std::atomic<int>*>(sink);
                             }));
    });
    return token;
  }
  Given of(std::initializer_list<const char*> symbols) {
    items_.clear();
    for (const char* symbol : symbols) items_.push_back(value(symbol));
    bourse_value list{};
    list.type = BOURSE_TYPE_LIST;
    list.as.list = {items_.data(), items_.size()};
    return {{"symbols", list}};
  }
  static Given market(const char* symbol) {
    return {{"symbol", value(symbol)},
            {"interval", value("1h")},
            {"limit", value(std::int64_t{5})},
            {"depth", value(std::int64_t{5})}};
  }
  [[nodiscard]] std::size_t asked(const char* path) const { return stub_.transport->count(path); }
  static bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 2000 && !holds(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return holds();
  }
  std::string price() {
    const ReportPtr report = fetch(kPriceSet, of({"ETHUSDT"}));
    if (!report || failure_) return failure_ ? failure_->message() : "";
    return column_texts(report->wire(), "prices", "price").at(0);
  }
  void say_price(const std::string& price) {
    server_.say("ethusdt@miniTicker",
                R"({"e":"24hrMiniTicker","E":1753000000123,"s":"ETHUSDT","c":")" + price + "\"}");
  }

  StubExchange stub_;
  StreamServer server_;
  std::atomic<int> told_ = 0;
  std::vector<bourse_value> items_;
  std::optional<bourse::Error> failure_;
  std::optional<Binance> source_;
};

TEST_F(WatchingTest, PricesComeFromTheStreamWhileTheyAreWatchedAndFromRestInDoubt) {
  EXPECT_EQ(price(), "1999.00000000");
  const std::uint64_t token = watch(kPriceSet, of({"ETHUSDT"}));
  ASSERT_NE(token, 0u) << failure_->message();
  ASSERT_TRUE(server_.wait_for("ethusdt@miniTicker"));
  say_price("2000.00000000");
  EXPECT_TRUE(until([&] { return price() == "2000.00000000"; }));
  EXPECT_GE(told_, 1);
  const std::size_t before = asked("/api/v3/ticker/price");
  const ReportPtr report = fetch(kPriceSet, of({"ETHUSDT"}));
  EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, 1'753'000'000'123'000'000)
      << "the exchange's own word";
  EXPECT_EQ(asked("/api/v3/ticker/price"), before);
  const int told = told_;
  server_.cut();
  EXPECT_TRUE(until([&] { return price() == "1999.00000000"; }));
  EXPECT_GT(told_, told);
  source_->unwatch(token);
}

TEST_F(WatchingTest, OneMarketThatIsNotLiveSendsTheWholeQuestionToRest) {
  stub_.transport->on(
      "/api/v3/ticker/price",
      R"([{"symbol":"ETHUSDT","price":"1999.00000000"},{"symbol":"BNBUSDT","price":"600.00000000"}])");
  ASSERT_NE(watch(kPriceSet, of({"ETHUSDT"})), 0u);
  ASSERT_TRUE(server_.wait_for("ethusdt@miniTicker"));
  say_price("2000.00000000");
  ASSERT_TRUE(until([&] { return told_ > 0; }));
  const ReportPtr report = fetch(kPriceSet, of({"BNBUSDT", "ETHUSDT"}));
  EXPECT_THAT(column_texts(report->wire(), "prices", "price"),
              ElementsAre("600.00000000", "1999.00000000"))
      << "rows of one moment";
}

TEST_F(WatchingTest, BestPricesComeFromTheirStream) {
  ASSERT_NE(watch(kTopSet, of({"ETHUSDT"})), 0u);
  ASSERT_TRUE(server_.wait_for("ethusdt@bookTicker"));
  server_.say(
      "ethusdt@bookTicker",
      R"({"u":7,"s":"ETHUSDT","b":"10.00000000","B":"3.00000000","a":"11.00000000","A":"4.00000000"})");
  const auto bid = [&] {
    const ReportPtr report = fetch(kTopSet, of({"ETHUSDT"}));
    return column_texts(report->wire(), "book_ticker", "bid").at(0);
  };
  EXPECT_TRUE(until([&] { return bid() == "10.00000000"; }));
}

/// What is answered by REST is not answered with what was asked before the stream's last word,
/// though `fresh` has not passed: the clock stands.
TEST_F(WatchingTest, AWordOfTheStreamMakesKeptAnswersOld) {
  ASSERT_NE(watch(kBookSet, market("ETHUSDT")), 0u);
  ASSERT_TRUE(server_.wait_for("ethusdt@depth@100ms"));
  fetch(kBookSet, market("ETHUSDT"));
  const std::size_t before = asked("/api/v3/depth");
  fetch(kBookSet, market("ETHUSDT"));
  const int told = told_;
  server_.say("ethusdt@depth@100ms",
              R"({"e":"depthUpdate","E":1753000000123,"s":"ETHUSDT","U":2,"u":3,"b":[],"a":[]})");
  ASSERT_TRUE(until([&] { return told_ > told; }));
  fetch(kBookSet, market("ETHUSDT"));
  EXPECT_GT(asked("/api/v3/depth"), before);
}

std::string side(const ReportPtr& report, const char* which) {
  std::string text;
  const auto sides = column_texts(report->wire(), "order_book", "side");
  const auto prices = column_texts(report->wire(), "order_book", "price");
  const auto quantities = column_texts(report->wire(), "order_book", "quantity");
  for (std::size_t i = 0; i < sides.size(); ++i) {
    if (sides[i] == which) text += prices[i] + "x" + quantities[i] + " ";
  }
  return text;
}

TEST_F(WatchingTest, ABookThatIsJoinedIsAnsweredWithoutARequestAndAGapSendsToRest) {
  stub_.transport->on(
      "/api/v3/depth",
      R"({"lastUpdateId":100,"bids":[["10.00","1.00"],["9.00","2.00"]],"asks":[["11.00","3.00"]]})");
  const std::uint64_t token = watch(kBookSet, market("ETHUSDT"));
  ASSERT_NE(token, 0u);
  ASSERT_TRUE(server_.wait_for("ethusdt@depth@100ms"));
  server_.say("ethusdt@depth@100ms",
              R"({"e":"depthUpdate","E":1753000000123,"s":"ETHUSDT","U":99,"u":101,)"
              R"("b":[["10.00","4.00"]],"a":[]})");
  const auto bids = [&] { return side(fetch(kBookSet, market("ETHUSDT")), "bid"); };
  ASSERT_TRUE(until([&] { return bids() == "10.00000000x4.00000000 9.00000000x2.00000000 "; }))
      << bids();
  const std::size_t before = asked("/api/v3/depth");
  server_.say("ethusdt@depth@100ms",
              R"({"e":"depthUpdate","E":1753000000223,"s":"ETHUSDT","U":102,"u":103,)"
              R"("b":[["9.00","0.00"]],"a":[]})");
  ASSERT_TRUE(until([&] { return bids() == "10.00000000x4.00000000 "; }));
  EXPECT_EQ(asked("/api/v3/depth"), before);
  // 104 is missing.
  server_.say("ethusdt@depth@100ms",
              R"({"e":"depthUpdate","E":1753000000323,"s":"ETHUSDT","U":105,"u":105,)"
              R"("b":[["10.00","7.00"]],"a":[]})");
  ASSERT_TRUE(until([&] { return asked("/api/v3/depth") > before; }));
  EXPECT_EQ(bids(), "10.00000000x1.00000000 9.00000000x2.00000000 ") << "as REST has it";
  source_->unwatch(token);
  EXPECT_FALSE(fetch(kBookSet, market("ETHUSDT")) == nullptr);
}

TEST_F(WatchingTest, TradesGoOnFromWhatRestSaid) {
  std::string rows;
  for (int id = 1; id <= 10; ++id) {
    rows += (rows.empty() ? "" : ",") + std::string(R"({"id":)") + std::to_string(id) +
            R"(,"price":"10.00000000","qty":"2.00000000","quoteQty":"20.00000000",)"
            R"("time":1753000000000,"isBuyerMaker":true,"isBestMatch":true})";
  }
  stub_.transport->on("/api/v3/trades", "[" + rows + "]");
  ASSERT_NE(watch(kTradeSet, market("ETHUSDT")), 0u);
  ASSERT_TRUE(server_.wait_for("ethusdt@trade"));
  const auto say = [&](int id) {
    const int told = told_;
    server_.say("ethusdt@trade", R"({"e":"trade","E":1753000000123,"s":"ETHUSDT","t":)" +
                                     std::to_string(id) +
                                     R"(,"p":"10.00000000","q":"2.00000000","T":1753000000000,)"
                                     R"("m":true,"M":true})");
    EXPECT_TRUE(until([&] { return told_ > told; }));
  };
  const auto ids = [&] {
    return column_texts(fetch(kTradeSet, market("ETHUSDT"))->wire(), "trades", "id");
  };
  say(11);
  ids();  // asks, and joins
  say(12);
  const std::size_t before = asked("/api/v3/trades");
  EXPECT_THAT(ids(), ElementsAre("8", "9", "10", "11", "12"));
  EXPECT_EQ(asked("/api/v3/trades"), before);
  say(14);
  ids();
  EXPECT_GT(asked("/api/v3/trades"), before) << "13 is missing";
}

TEST_F(WatchingTest, WhatCannotBeWatchedIsRefusedWithTheReason) {
  const auto refused = [&](std::size_t dataset, const Given& given) {
    EXPECT_EQ(watch(dataset, given), 0u);
    return failure_ ? std::string(failure_->code()) + ": " + failure_->message() : "";
  };
  EXPECT_THAT(refused(kAccountSet, {}),
              HasSubstr("not_watched: The exchange has no stream for account"));
  EXPECT_THAT(refused(kSymbolSet, {}), HasSubstr("no stream for symbols"));
  EXPECT_THAT(refused(kPriceSet, of({})), HasSubstr("name some"));
  EXPECT_THAT(refused(kTradeSet, market("no such")), HasSubstr("not_watched"));
  Given ended = market("ETHUSDT");
  ended["end"] = value(Time{1});
  EXPECT_THAT(refused(kCandleSet, ended), HasSubstr("up to an end"));
  make(false);
  EXPECT_THAT(refused(kPriceSet, of({"ETHUSDT"})), HasSubstr("switched off"));
  source_->unwatch(1);
}

TEST_F(WatchingTest, EachDatasetHasItsStreams) {
  const auto streams = [&](std::size_t dataset, const Given& given) {
    std::vector<std::string> texts;
    with_values(dataset, given, [&](bourse::Call&, const Values& values) {
      for (const StreamName& name : streams_for(*Binance::datasets[dataset], values)) {
        texts.push_back(name.text());
      }
    });
    return texts;
  };
  EXPECT_THAT(streams(kCandleSet, market("ETHUSDT")), ElementsAre("ethusdt@kline_1h"));
  EXPECT_THAT(streams(kTickerSet, of({"ETHUSDT", "BTCUSDT"})),
              ElementsAre("ethusdt@ticker", "btcusdt@ticker"));
  EXPECT_THAT(streams(kPriceSet, of({"ETHUSDT"})), ElementsAre("ethusdt@miniTicker"));
  EXPECT_THAT(streams(kTopSet, of({"ETHUSDT"})), ElementsAre("ethusdt@bookTicker"));
  EXPECT_THAT(streams(kBookSet, market("ETHUSDT")),
              ElementsAre("ethusdt@depth@100ms", "ethusdt@bookTicker"));
  EXPECT_THAT(streams(kTradeSet, market("ETHUSDT")), ElementsAre("ethusdt@trade"));
}

}  // namespace
}  // namespace bourse::binance
