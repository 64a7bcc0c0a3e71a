// SPDX-License-Identifier: MIT
//
// The messages are those of the exchange's documentation (FACTS 6.4).
#include "plugins/sources/binance/streams/events.hpp"

#include <gtest/gtest.h>

#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

const std::string kKlineText =
    R"({"e":"kline","E":1753000000123,"s":"BTCUSDT","k":{"t":1752999960000,"T":1753000019999,"s":"BTCUSDT",)"
    R"("i":"1m","f":100,"L":200,"o":"65000.00000000","c":"65010.00000000","h":"65020.00000000",)"
    R"("l":"64990.00000000","v":"12.34500000","n":101,"x":false,"q":"802500.12345000","V":"6.00000000",)"
    R"("Q":"390060.00000000","B":"0"}})";
const std::string kTradeText =
    R"({"e":"trade","E":1753000000123,"s":"BTCUSDT","t":12345,"p":"65000.00000000","q":"0.01000000",)"
    R"("T":1753000000122,"m":true,"M":true})";

TEST(Events, ACandleIsReadMemberByMember) {
  const auto event = read_candle(kKlineText);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->symbol, "BTCUSDT");
  EXPECT_EQ(event->interval.name(), "1m");
  EXPECT_EQ(to_ms(event->at), 1753000000123);
  const Candle& row = event->row;
  EXPECT_EQ(row.open_ms, 1752999960000);
  EXPECT_EQ(row.close_ms, 1753000019999);
  EXPECT_EQ(row.open.text(), "65000.00000000");
  EXPECT_EQ(row.high.text(), "65020.00000000");
  EXPECT_EQ(row.low.text(), "64990.00000000");
  EXPECT_EQ(row.close.text(), "65010.00000000");
  EXPECT_EQ(row.volume.text(), "12.34500000");
  EXPECT_EQ(row.quote_volume.text(), "802500.12345000");
  EXPECT_EQ(row.taker_base_volume.text(), "6.00000000");
  EXPECT_EQ(row.taker_quote_volume.text(), "390060.00000000");
  EXPECT_EQ(row.trades, 101);
  EXPECT_FALSE(row.closed);
  EXPECT_TRUE(read_candle(with(kKlineText, "\"x\":false", "\"x\":true"))->row.closed);
}

TEST(Events, ACandleThatRestWouldCallOddIsLeftToIt) {
  EXPECT_FALSE(read_candle(with(kKlineText, "\"T\":1753000019999", "\"T\":1752999960000")));
  EXPECT_FALSE(read_candle(with(kKlineText, "\"t\":1752999960000", "\"t\":1752999960001")));
  EXPECT_FALSE(read_candle(with(kKlineText, "\"h\":\"65020.00000000\"", "\"h\":\"1.0\"")));
  EXPECT_FALSE(read_candle(with(kKlineText, "\"i\":\"1m\"", "\"i\":\"7m\"")));
  EXPECT_FALSE(read_candle(with(kKlineText, "\"n\":101", "\"n\":\"many\"")));
  EXPECT_FALSE(read_candle(with(kKlineText, "\"k\":{", "\"z\":{")));
  EXPECT_FALSE(read_candle("{}"));
  EXPECT_FALSE(read_candle(""));
}

TEST(Events, ATickerIsReadMemberByMember) {
  const auto event = read_ticker(
      R"({"e":"24hrTicker","E":1753000000123,"s":"BTCUSDT","p":"1010.00000000","P":"1.578",)"
      R"("w":"64500.00000000","x":"63999.99000000","c":"65010.00000000","Q":"0.00100000",)"
      R"("b":"65009.99000000","B":"1.00000000","a":"65010.00000000","A":"0.50000000",)"
      R"("o":"64000.00000000","h":"65500.00000000","l":"63900.00000000","v":"20000.00000000",)"
      R"("q":"1290000000.00000000","O":1752913600123,"C":1753000000123,"F":1,"L":18150,"n":18150})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->price_change->text(), "1010.00000000");
  EXPECT_EQ(event->price_change_percent->text(), "1.578");
  EXPECT_EQ(event->weighted_average->text(), "64500.00000000");
  EXPECT_EQ(event->previous_close->text(), "63999.99000000");
  EXPECT_EQ(event->last.text(), "65010.00000000");
  EXPECT_EQ(event->last_quantity->text(), "0.00100000");
  EXPECT_EQ(event->bid->text(), "65009.99000000");
  EXPECT_EQ(event->ask_quantity->text(), "0.50000000");
  EXPECT_EQ(event->open.text(), "64000.00000000");
  EXPECT_EQ(event->volume.text(), "20000.00000000");
  EXPECT_EQ(to_ms(event->open_time), 1752913600123);
  EXPECT_EQ(to_ms(event->close_time), 1753000000123);
  EXPECT_EQ(event->first_id, 1);
  EXPECT_EQ(event->last_id, 18150);
  EXPECT_EQ(event->trades, 18150);
}

TEST(Events, PricesAndTopsAreRead) {
  const auto price = read_price(
      R"({"e":"24hrMiniTicker","E":1753000000123,"s":"BTCUSDT","c":"65010.00000000","o":"64000.00000000",)"
      R"("h":"65500.00000000","l":"63900.00000000","v":"20000.00000000","q":"1290000000.00000000"})");
  ASSERT_TRUE(price);
  EXPECT_EQ(price->price.text(), "65010.00000000");
  const auto top = read_book_ticker(
      R"({"u":400900217,"s":"BTCUSDT","b":"65000.00000000","B":"1.20000000","a":"65000.01000000","A":"0.80000000"})");
  ASSERT_TRUE(top);
  EXPECT_EQ(top->update, 400900217);
  EXPECT_EQ(top->ask.text(), "65000.01000000");
  EXPECT_FALSE(read_book_ticker(R"({"s":"BTCUSDT","b":"1","B":"1","a":"1","A":"1"})"));
}

/// 65000 * 0.01 = 650.
TEST(Events, ATradesQuoteQuantityIsComputedWhereItIsExact) {
  const auto trade = read_trade(kTradeText);
  ASSERT_TRUE(trade);
  EXPECT_EQ(trade->id, 12345);
  EXPECT_EQ(trade->quote_quantity.text(), "650.00000000");
  EXPECT_TRUE(trade->buyer_is_maker);
  EXPECT_TRUE(trade->is_exact);
  const auto odd = read_trade(
      with(with(kTradeText, "65000.00000000", "0.00000003"), "0.01000000", "0.50000000"));
  ASSERT_TRUE(odd);
  EXPECT_FALSE(odd->is_exact) << "1.5e-8 would be rounded, nobody knows how";
}

}  // namespace
}  // namespace bourse::binance
