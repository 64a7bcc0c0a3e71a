// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "plugins/sources/synthetic/market.hpp"

namespace bourse::synthetic {
namespace {

constexpr std::int64_t kNewYear = 1'735'689'600;  // 2025-01-01T00:00:00Z

TEST(Trades, OfASecondAddUpToItsBar) {
  const Market market(42);
  for (const Symbol& symbol : market.symbols()) {
    if (symbol.end_second < kNewYear) continue;
    int seconds = 0;
    market.bars(symbol, kSecondLevel, kNewYear + 40'000, kNewYear + 40'600,
                [&](std::int64_t second, const Bar& bar) {
                  std::vector<Trade> trades;
                  expand_second(symbol, bar, second, trades);
                  ASSERT_EQ(static_cast<std::int64_t>(trades.size()), bar.trades);
                  if (trades.empty()) return;
                  ++seconds;
                  Flow buy, sell;
                  std::int64_t high = trades[0].price, low = high, time = second * 1000;
                  for (const Trade& t : trades) {
                    ASSERT_GT(t.lots, 0);
                    ASSERT_GE(t.time_ms, time);
                    ASSERT_LT(t.time_ms, second * 1000 + 1000);
                    time = t.time_ms;
                    high = std::max(high, t.price);
                    low = std::min(low, t.price);
                    Flow& flow = t.buyer_is_maker ? sell : buy;
                    flow.lots += t.lots;
                    flow.value += t.lots * t.price;
                  }
                  EXPECT_EQ(trades.front().price, bar.open);
                  EXPECT_EQ(trades.back().price, bar.close);
                  EXPECT_EQ(high, bar.high);
                  EXPECT_EQ(low, bar.low);
                  EXPECT_EQ(buy.lots, bar.buy.lots);
                  EXPECT_EQ(buy.value, bar.buy.value);
                  EXPECT_EQ(sell.lots, bar.sell.lots);
                  EXPECT_EQ(sell.value, bar.sell.value);
                });
    EXPECT_GT(seconds, 0) << symbol.listing->symbol;
  }
}

TEST(Trades, OfTheSmallestSecondsAddUpToo) {
  const Market market(1);
  const Symbol& symbol = market.symbols()[0];
  const Stream dice(5);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    Bar bar;
    bar.low = 100;
    bar.high = 100 + static_cast<std::int64_t>(dice.at(8 * i) % 5);
    const auto span = static_cast<std::uint64_t>(bar.high - bar.low + 1);
    bar.open = bar.low + static_cast<std::int64_t>(dice.at(8 * i + 1) % span);
    bar.close = bar.low + static_cast<std::int64_t>(dice.at(8 * i + 2) % span);
    bar.trades = kTradesMin + static_cast<std::int64_t>(dice.at(8 * i + 3) % 20);
    for (Flow* f : {&bar.buy, &bar.sell}) {
      f->lots = kLotsPerTrade * bar.trades + static_cast<std::int64_t>(dice.at(8 * i + 4) % 50);
      const ValueRange range = value_range(f->lots, bar.low, bar.high, kSecondLevel);
      f->value = (i % 2) == 0 ? range.low : range.high;
    }
    std::vector<Trade> trades;
    expand_second(symbol, bar, static_cast<std::int64_t>(i), trades);
    ASSERT_EQ(static_cast<std::int64_t>(trades.size()), bar.trades);
    std::int64_t lots = 0, value = 0;
    for (const Trade& t : trades) {
      ASSERT_GE(t.price, bar.low);
      ASSERT_LE(t.price, bar.high);
      ASSERT_GT(t.lots, 0);
      lots += t.lots;
      value += t.lots * t.price;
    }
    ASSERT_EQ(lots, bar.lots());
    ASSERT_EQ(value, bar.value());
    ASSERT_EQ(trades.front().price, bar.open);
    ASSERT_EQ(trades.back().price, bar.close);
  }
}

TEST(Trades, FewerAreTheEndOfMore) {
  const Market market(42);
  for (const std::string_view name : {"BTCUSDT", "SOLBTC"}) {
    const Symbol& symbol = market.symbols()[market.find(name).value()];
    const auto more = market.trades(symbol, kNewYear + 77, 1000);
    const auto fewer = market.trades(symbol, kNewYear + 77, 37);
    ASSERT_EQ(more.size(), 1000u);
    ASSERT_EQ(fewer.size(), 37u);
    for (std::size_t i = 0; i < fewer.size(); ++i) {
      const Trade& a = fewer[i];
      const Trade& b = more[more.size() - fewer.size() + i];
      EXPECT_EQ(a.id, b.id);
      EXPECT_EQ(a.time_ms, b.time_ms);
      EXPECT_EQ(a.price, b.price);
      EXPECT_EQ(a.lots, b.lots);
    }
  }
}

TEST(Trades, KeepTheirIdsAsTimePasses) {
  const Market market(42);
  const Symbol& symbol = market.symbols()[0];
  const auto early = market.trades(symbol, kNewYear + 5000, 1000);
  const auto late = market.trades(symbol, kNewYear + 5010, 1000);
  int common = 0;
  for (const Trade& a : early) {
    const auto b =
        std::find_if(late.begin(), late.end(), [&](const Trade& t) { return t.id == a.id; });
    if (b == late.end()) continue;
    ++common;
    EXPECT_EQ(a.time_ms, b->time_ms);
    EXPECT_EQ(a.lots, b->lots);
  }
  EXPECT_GT(common, 100);
}

TEST(Trades, AreNumberedWithoutGapsWithinADayAndUpwardsAcrossMidnight) {
  const Market market(42);
  const Symbol& symbol = market.symbols()[market.find("BNBBTC").value()];
  const auto trades = market.trades(symbol, kNewYear + 600, 1000);
  int gaps = 0;
  for (std::size_t i = 1; i < trades.size(); ++i) {
    EXPECT_GT(trades[i].id, trades[i - 1].id);
    EXPECT_GE(trades[i].time_ms, trades[i - 1].time_ms);
    if (trades[i].id != trades[i - 1].id + 1) {
      ++gaps;
      EXPECT_LT(trades[i - 1].time_ms, kNewYear * 1000);
      EXPECT_GE(trades[i].time_ms, kNewYear * 1000);
    }
  }
  EXPECT_EQ(gaps, 1) << "the day changes once in these trades";
}

TEST(Trades, OfAMarketThatStoppedAreItsLastOnes) {
  constexpr std::int64_t kEnd = 1'708'398'000;  // 2024-02-20T03:00:00Z
  const Market market(42);
  const Symbol& symbol = market.symbols()[market.find("XMRUSDT").value()];
  const auto then = market.trades(symbol, kEnd, 20), now = market.trades(symbol, kNewYear, 20);
  ASSERT_EQ(then.size(), 20u);
  ASSERT_EQ(now.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(now[i].id, then[i].id);
    EXPECT_LT(now[i].time_ms, kEnd * 1000);
  }
}

TEST(Trades, StartWithTheMarket) {
  const Market market(42);
  const Symbol& symbol = market.symbols()[market.find("XRPUSDT").value()];  // two days later
  const std::int64_t first = kFirstSecond + 2 * kDaySeconds;
  EXPECT_TRUE(market.trades(symbol, first, 10).empty());
  ASSERT_FALSE(market.trades(symbol, first + 60, 10).empty());
  EXPECT_GE(market.trades(symbol, first + 60, 1'000'000).front().time_ms, first * 1000);
}

TEST(Trades, StartWithTheExchange) {
  const Market market(42);
  EXPECT_TRUE(market.trades(market.symbols()[0], kFirstSecond, 10).empty());
  const auto first = market.trades(market.symbols()[0], kFirstSecond + 60, 1'000'000);
  ASSERT_FALSE(first.empty());
  EXPECT_EQ(first.front().id, 0);
  EXPECT_EQ(static_cast<std::int64_t>(first.size()),
            market.bar(market.symbols()[0], 0, kFirstSecond + 60)->trades);
}

}  // namespace
}  // namespace bourse::synthetic
