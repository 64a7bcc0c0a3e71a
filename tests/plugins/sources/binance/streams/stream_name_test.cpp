// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/stream_name.hpp"

#include <gtest/gtest.h>

namespace bourse::binance {
namespace {

/// FACTS 6.3 has them.
TEST(StreamName, IsWrittenAsTheExchangeWritesIt) {
  const auto text = [](StreamKind kind, std::optional<Interval> interval = {}) {
    return StreamName{.kind = kind, .symbol = "BTCUSDT", .interval = interval}.text();
  };
  EXPECT_EQ(text(StreamKind::kKline, Interval::parse("1M")), "btcusdt@kline_1M");
  EXPECT_EQ(text(StreamKind::kTicker), "btcusdt@ticker");
  EXPECT_EQ(text(StreamKind::kMiniTicker), "btcusdt@miniTicker");
  EXPECT_EQ(text(StreamKind::kBookTicker), "btcusdt@bookTicker");
  EXPECT_EQ(text(StreamKind::kTrade), "btcusdt@trade");
  EXPECT_EQ(text(StreamKind::kDepth), "btcusdt@depth@100ms");
}

TEST(StreamName, IsReadBack) {
  for (const char* text : {"btcusdt@kline_1m", "btcusdt@kline_1M", "1000satsusdt@ticker",
                           "币安人生usdt@trade", "btcusdt@depth@100ms", "a@miniTicker"}) {
    const auto name = parse_stream(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->text(), text);
  }
  EXPECT_EQ(parse_stream("btcusdt@ticker")->symbol, "BTCUSDT");
}

TEST(StreamName, OthersAreNone) {
  for (const char* text : {"", "btcusdt", "@ticker", "!miniTicker@arr", "btcusdt@depth",
                           "btcusdt@kline_2m", "btcusdt@kline_", "btcusdt@tickers"}) {
    EXPECT_FALSE(parse_stream(text)) << text;
  }
}

}  // namespace
}  // namespace bourse::binance
