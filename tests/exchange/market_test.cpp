// SPDX-License-Identifier: MIT
//
// What the exchange says is what its source says: the same plugin is loaded beside it and asked for
// the same instant.
#include <algorithm>

#include "tests/exchange/fixture.hpp"

namespace bourse::fake_exchange::test {
namespace {

using bourse::test::column_texts;
using bourse::test::Component;
using bourse::test::ReportPtr;
using bourse::test::Texts;

class Market : public testing::Test {
 protected:
  [[nodiscard]] ReportPtr ask(const char* dataset, const Texts& params) const {
    return *source_.fetch(dataset, params);
  }
  /// A column of the source's answer; times as ms.
  static std::vector<std::string> column(const ReportPtr& report, const char* table,
                                         const char* name, bool time = false) {
    std::vector<std::string> out = column_texts(report->wire(), table, name);
    for (std::string& text : out) {
      if (time) text.resize(text.size() - 6);
    }
    return out;
  }
  [[nodiscard]] std::string body(const std::string& target) const {
    const Answer answer = get(standing_.exchange, "/api/v3/" + target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }

  Standing standing_;
  Component source_{"synthetic.so", "synthetic", {{"seed", "42"}, {"now", "2025-01-01T12:00:00Z"}}};
};

TEST_F(Market, EveryPlaceOfACandleIsThatOfTheSource) {
  const std::string json = body("klines?symbol=ETHBTC&interval=4h&limit=200");
  const ReportPtr report =
      ask("candles", {{"symbol", "ETHBTC"}, {"interval", "4h"}, {"limit", "200"}});
  const std::pair<const char*, const char*> kPlaces[] = {{"*.0", "open_time"},
                                                         {"*.1", "open"},
                                                         {"*.2", "high"},
                                                         {"*.3", "low"},
                                                         {"*.4", "close"},
                                                         {"*.5", "volume"},
                                                         {"*.6", "close_time"},
                                                         {"*.7", "quote_volume"},
                                                         {"*.8", "trades"},
                                                         {"*.9", "taker_base_volume"},
                                                         {"*.10", "taker_quote_volume"}};
  for (const auto& [place, name] : kPlaces) {
    const bool time = std::string(name).ends_with("_time");
    EXPECT_EQ(values(json, place), column(report, "candles", name, time)) << name;
  }
  EXPECT_EQ(values(json, "*.0").size(), 200u);
}

TEST_F(Market, CandlesArePagedByOpenTimeBothEndsInclusive) {
  const std::string hours = "klines?symbol=BTCUSDT&interval=1h&startTime=1735700400000";
  EXPECT_EQ(values(body(hours + "&endTime=1735707600000"), "*.0"),
            (std::vector<std::string>{"1735700400000", "1735704000000", "1735707600000"}));
  EXPECT_EQ(values(body(hours + "&endTime=1735700400000"), "*.0").size(), 1u);
  EXPECT_EQ(value(body(hours + "&limit=1"), "0.0"), "1735700400000");
  // As microseconds, told apart by their size.
  EXPECT_EQ(
      value(body("klines?symbol=BTCUSDT&interval=1h&startTime=1735700400000000&limit=1"), "0.0"),
      "1735700400000");
  EXPECT_EQ(value(body("klines?symbol=BTCUSDT&interval=1h&endTime=1735700400000&limit=1"), "0.0"),
            "1735700400000");
}

TEST_F(Market, TimesOutOfRangeAreClampedAndLimitsAreCut) {
  EXPECT_EQ(body("klines?symbol=BTCUSDT&interval=1h&startTime=1735736400000"), "[]");
  EXPECT_EQ(body("klines?symbol=BTCUSDT&interval=1h&startTime=2&endTime=1"), "[]");
  EXPECT_EQ(values(body("klines?symbol=BTCUSDT&interval=1h&startTime=0&limit=9999"), "*.0").size(),
            1'000u);
}

TEST_F(Market, ATimeZoneMovesTheBordersOfDays) {
  const std::string json = body("klines?symbol=BTCUSDT&interval=1d&limit=2&timeZone=8");
  // Midnight in UTC+8 is 16:00 UTC of the day before: 2024-12-30 and 2024-12-31.
  ASSERT_EQ(values(json, "*.0"), (std::vector<std::string>{"1735574400000", "1735660800000"}));
  EXPECT_EQ(value(json, "0.6"), "1735660799999");
  const ReportPtr hours =
      ask("candles",
          {{"symbol", "BTCUSDT"}, {"interval", "1h"}, {"limit", "24"}, {"start", "1735574400000"}});
  Decimal volume;
  for (const std::string& text : column(hours, "candles", "volume")) volume += Decimal::from(text);
  EXPECT_EQ(value(json, "0.1"), column(hours, "candles", "open").front());
  EXPECT_EQ(value(json, "0.4"), column(hours, "candles", "close").back());
  EXPECT_EQ(Decimal::from(value(json, "0.5")), volume);
}

TEST_F(Market, ATimeZoneOfWholeHoursLeavesHoursAlone) {
  const std::string plain = "klines?symbol=BTCUSDT&interval=1h&limit=3";
  EXPECT_EQ(body(plain + "&timeZone=-3"), body(plain));
  EXPECT_EQ(value(body(plain + "&timeZone=05:45"), "2.0"), "1735730100000")
      << "45 minutes past the hour there is 15 minutes past it in UTC";
}

TEST_F(Market, ATickerIsThatOfTheSource) {
  const std::string json = body("ticker/24hr?symbols=%5B%22SHIBUSDT%22%2C%22BTCUSDT%22%5D");
  const ReportPtr report = ask("ticker_24h", {{"symbols", "SHIBUSDT,BTCUSDT"}});
  const std::pair<const char*, const char*> kNames[] = {
      {"symbol", "symbol"},      {"priceChange", "price_change"},
      {"lastPrice", "last"},     {"priceChangePercent", "price_change_percent"},
      {"openPrice", "open"},     {"weightedAvgPrice", "weighted_average"},
      {"highPrice", "high"},     {"prevClosePrice", "previous_close"},
      {"lowPrice", "low"},       {"lastQty", "last_quantity"},
      {"volume", "volume"},      {"quoteVolume", "quote_volume"},
      {"bidPrice", "bid"},       {"bidQty", "bid_quantity"},
      {"askPrice", "ask"},       {"askQty", "ask_quantity"},
      {"openTime", "open_time"}, {"closeTime", "close_time"},
      {"count", "trades"}};
  for (const auto& [field, name] : kNames) {
    const bool time = std::string(name).ends_with("_time");
    EXPECT_EQ(values(json, std::string("*.") + field), column(report, "ticker_24h", name, time))
        << field;
  }
}

TEST_F(Market, TheTickersRelationsAreThoseMeasuredOnTheRealExchange) {
  const std::string json = body("ticker/24hr");
  const auto all = [&](const std::string& name) { return values(json, "*." + name); };
  const auto first = all("firstId"), last = all("lastId"), count = all("count"),
             opened = all("openTime"), closed = all("closeTime"), price = all("lastPrice"),
             open = all("openPrice"), change = all("priceChange");
  ASSERT_EQ(count.size(), 31u);
  for (std::size_t i = 0; i < count.size(); ++i) {
    const bool traded = count[i] != "0";
    EXPECT_EQ(std::stoll(last[i]) - std::stoll(first[i]) + (traded ? 1 : 0), std::stoll(count[i]));
    EXPECT_EQ(std::stoll(closed[i]) - std::stoll(opened[i]), 86'400'000);
    EXPECT_EQ(Decimal::from(price[i]) - Decimal::from(open[i]), Decimal::from(change[i]));
  }
}

TEST_F(Market, PricesQuotesBookAndTradesAreThoseOfTheSource) {
  EXPECT_EQ(value(body("ticker/price?symbol=PEPEUSDT"), "price"),
            column(ask("prices", {{"symbols", "PEPEUSDT"}}), "prices", "price").front());
  EXPECT_EQ(
      value(body("ticker/bookTicker?symbol=PEPEUSDT"), "askQty"),
      column(ask("book_ticker", {{"symbols", "PEPEUSDT"}}), "book_ticker", "ask_quantity").front());
  const ReportPtr book = ask("order_book", {{"symbol", "BTCUSDT"}, {"depth", "700"}});
  const std::string depth = body("depth?symbol=BTCUSDT&limit=700");
  std::vector<std::string> prices = values(depth, "bids.*.0");
  for (const std::string& price : values(depth, "asks.*.0")) prices.push_back(price);
  EXPECT_EQ(prices, column(book, "order_book", "price"));
  EXPECT_EQ(prices.size(), 1'400u);
  const ReportPtr trades = ask("trades", {{"symbol", "BTCUSDT"}, {"limit", "1000"}});
  const std::string json = body("trades?symbol=BTCUSDT&limit=1000");
  EXPECT_EQ(values(json, "*.id"), column(trades, "trades", "id"));
  EXPECT_EQ(values(json, "*.time"), column(trades, "trades", "time", true));
  EXPECT_EQ(values(json, "*.quoteQty"), column(trades, "trades", "quote_quantity"));
  EXPECT_EQ(values(json, "*.isBuyerMaker"), column(trades, "trades", "buyer_is_maker"));
}

TEST_F(Market, TheSourceMovesWithTheClock) {
  const std::string target = "klines?symbol=BTCUSDT&interval=1m&limit=1";
  EXPECT_EQ(value(body(target), "0.0"), "1735732740000");
  standing_.exchange.clock().advance(std::chrono::days{40} + std::chrono::seconds{1});
  EXPECT_EQ(value(body(target), "0.0"), std::to_string(kNoonMs + 40 * 86'400'000ll));
}

TEST_F(Market, SkewIsOfTheClockNotOfTheMarket) {
  const std::string before = body("ticker/24hr?symbol=BTCUSDT");
  standing_.exchange.clock().set_skew(-std::chrono::hours{5});
  EXPECT_EQ(body("ticker/24hr?symbol=BTCUSDT"), before);
  EXPECT_EQ(body("time"), R"({"serverTime":1735714800000})");
}

TEST_F(Market, HistoricalTradesStartAtTheAskedNumber) {
  const std::string newest = value(body("trades?symbol=BTCUSDT&limit=1"), "0.id");
  const std::int64_t from = std::stoll(newest) - 300'000;  // hours ago
  const std::vector<std::string> ids = values(
      body("historicalTrades?symbol=BTCUSDT&limit=1000&fromId=" + std::to_string(from)), "*.id");
  ASSERT_EQ(ids.size(), 1'000u);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ASSERT_EQ(ids[i], std::to_string(from + static_cast<std::int64_t>(i)));
  }
  EXPECT_EQ(body("historicalTrades?symbol=BTCUSDT&fromId=999999999999999"), "[]");
}

TEST_F(Market, HistoryBeforeTheFirstDayBeginsWithWhatIsKnown) {
  EXPECT_EQ(values(body("historicalTrades?symbol=BTCUSDT&limit=5&fromId=0"), "*.id").size(), 5u);
  EXPECT_EQ(values(body("aggTrades?symbol=BTCUSDT&limit=5&startTime=0"), "*.a").size(), 5u);
}

TEST_F(Market, AggregatesCoverTheTradesOfTheirSpanOnceEach) {
  // Ten minutes, hours ago: more than one answer of the source holds.
  const std::string json =
      body("aggTrades?symbol=BTCUSDT&startTime=1735700000000&endTime=1735700600000&limit=1000");
  const auto first = values(json, "*.f"), last = values(json, "*.l"), time = values(json, "*.T");
  ASSERT_GT(first.size(), 500u);
  for (std::size_t i = 1; i < first.size(); ++i) {
    ASSERT_EQ(std::stoll(first[i]), std::stoll(last[i - 1]) + 1);
    ASSERT_LE(time[i - 1], time[i]);
  }
  EXPECT_GE(time.front(), "1735700000000");
  EXPECT_LE(time.back(), "1735700600000");
  // The next page begins where this one ends.
  const std::string next = std::to_string(std::stoll(last.back()) + 1);
  EXPECT_EQ(value(body("aggTrades?symbol=BTCUSDT&limit=1&fromId=" + next), "0.a"), next);
}

TEST_F(Market, TheAverageIsValueByVolumeOfFiveMinutes) {
  const ReportPtr seconds = ask(
      "candles",
      {{"symbol", "BTCUSDT"}, {"interval", "1s"}, {"limit", "300"}, {"start", "1735732500000"}});
  Decimal value_sum, volume_sum;
  for (const std::string& t : column(seconds, "candles", "quote_volume")) {
    value_sum += Decimal::from(t);
  }
  for (const std::string& t : column(seconds, "candles", "volume")) volume_sum += Decimal::from(t);
  EXPECT_EQ(value(body("avgPrice?symbol=BTCUSDT"), "price"),
            divide(value_sum, volume_sum, 8, Rounding::kHalfUp).text());
}

TEST_F(Market, ATradingDayBeginsAtItsMidnightAndEndsBeforeTheNext) {
  const std::string json = body("ticker/tradingDay?symbol=BTCUSDT");
  EXPECT_EQ(value(json, "openTime"), "1735689600000");
  EXPECT_EQ(value(json, "closeTime"), "1735775999999");
  const ReportPtr day = ask("candles", {{"symbol", "BTCUSDT"}, {"interval", "1d"}, {"limit", "1"}});
  EXPECT_EQ(value(json, "openPrice"), column(day, "candles", "open").front());
  EXPECT_EQ(value(json, "volume"), column(day, "candles", "volume").front());
  EXPECT_EQ(value(json, "count"), column(day, "candles", "trades").front());
  EXPECT_EQ(value(body("ticker/tradingDay?symbol=BTCUSDT&timeZone=-1:00"), "openTime"),
            "1735693200000");
}

TEST_F(Market, ARollingWindowBeginsOnAFullMinute) {
  standing_.exchange.clock().advance(std::chrono::milliseconds{30'250});
  const std::string json = body("ticker?symbol=BTCUSDT&windowSize=15m");
  EXPECT_EQ(value(json, "openTime"), "1735731900000");
  EXPECT_EQ(value(json, "closeTime"), "1735732830250");
}

TEST_F(Market, OwnTradesAreTradesOfTheMarket) {
  const Answer answer =
      signed_get(standing_.exchange, "/api/v3/myTrades", "symbol=BTCUSDT&limit=3");
  const auto ids = values(answer.body, "*.id"), prices = values(answer.body, "*.price");
  ASSERT_EQ(ids.size(), 3u);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::string one = body("historicalTrades?symbol=BTCUSDT&limit=1&fromId=" + ids[i]);
    EXPECT_EQ(value(one, "0.id"), ids[i]);
    EXPECT_EQ(value(one, "0.price"), prices[i]);
  }
  const std::string order = value(answer.body, "1.orderId");
  const Answer by_order =
      signed_get(standing_.exchange, "/api/v3/myTrades", "symbol=BTCUSDT&orderId=" + order);
  EXPECT_EQ(values(by_order.body, "*.id"), std::vector<std::string>{ids[1]});
  const Answer later =
      signed_get(standing_.exchange, "/api/v3/myTrades", "symbol=BTCUSDT&fromId=" + ids[1]);
  EXPECT_EQ(values(later.body, "*.id"), (std::vector<std::string>{ids[1], ids[2]}));
}

TEST_F(Market, BalancesAreThoseConfiguredAndZerosCanBeOmitted) {
  Account account;
  account.balances = {{"BTC", "1.50000000", "0.00000000"}, {"XRP", "0.00000000", "0.00000000"}};
  standing_.exchange.set_account(account);
  const auto assets = [&](const std::string& query) {
    return values(signed_get(standing_.exchange, "/api/v3/account", query).body,
                  "balances.*.asset");
  };
  EXPECT_EQ(assets("omitZeroBalances=true"), std::vector<std::string>{"BTC"});
  const std::vector<std::string> all = assets("");
  EXPECT_EQ(all[0] + all[1], "BTCXRP");
  EXPECT_EQ(std::count(all.begin(), all.end(), "USDT"), 1);
  EXPECT_GT(all.size(), 20u);
}

TEST(MarketSeeds, AnotherSeedIsAnotherMarket) {
  const Standing a, b(ExchangeOptions{.seed = 43});
  const std::string target = "/api/v3/ticker/price?symbol=BTCUSDT";
  EXPECT_NE(get(a.exchange, target).body, get(b.exchange, target).body);
}

}  // namespace
}  // namespace bourse::fake_exchange::test
