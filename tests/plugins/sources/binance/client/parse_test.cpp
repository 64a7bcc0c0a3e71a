// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "plugins/sources/binance/client/time_text.hpp"
#include "tests/plugins/sources/binance/client/samples.hpp"

namespace bourse::binance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// `parse` with a body of its own, as it is destroyed.
template <class Parse>
auto parsed(Parse parse, std::string body) {
  return parse(body);
}
const Interval kHourly = *Interval::parse("1h");

Result<Candles> candles_of(std::string body, std::int64_t past_ms = 0,
                           Interval interval = kHourly) {
  return parse_candles(body, interval, from_ms(past_ms));
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ParseCandles, KeepsEveryDigit) {
  const auto candles = candles_of(kCandlesBody);
  ASSERT_TRUE(candles.ok()) << candles.error().text();
  ASSERT_EQ(candles->rows(), 2u);
  EXPECT_EQ(to_ms(candles->open_time()[0]), 1752998400000);
  EXPECT_EQ(candles->open()[0].text(), "64950.00000000");
  EXPECT_EQ(candles->high()[0].text(), "65010.50000000");
  EXPECT_EQ(candles->low()[0].text(), "64900.00000000");
  EXPECT_EQ(candles->close()[0].text(), "65000.00000000");
  EXPECT_EQ(candles->volume()[0].text(), "512.34567000");
  EXPECT_EQ(to_ms(candles->close_time()[0]), 1753001999999);
  EXPECT_EQ(candles->quote_volume()[0].text(), "33300000.12345600");
  EXPECT_EQ(candles->trades()[0], 60123);
  EXPECT_EQ(candles->taker_base_volume()[0].text(), "260.11111000");
  EXPECT_EQ(candles->taker_quote_volume()[0].text(), "16900000.98765400");
  // 2.84e19 units of 1e-8: more than 64 bits hold.
  EXPECT_EQ(candles->volume()[1].text(), "79310965841885.00");
  EXPECT_EQ(candles->quote_volume()[1].text(), "284227394804.05000000");
}

TEST(ParseCandles, MarksAsClosedWhatSurelyIs) {
  EXPECT_THAT(candles_of(kCandlesBody, 1753001999999)->closed(), ElementsAre(0, 0));
  EXPECT_THAT(candles_of(kCandlesBody, 1753002000000)->closed(), ElementsAre(1, 0));
  EXPECT_THAT(candles_of(kCandlesBody, 1753005600000)->closed(), ElementsAre(1, 1));
}

TEST(ParseCandles, TakesOffGridShortAndEmptyOnes) {
  // February 2018: candles off the hour; zero volume with a short close time.
  const auto candles = candles_of(
      R"([[1518220083000,"1","1","1","1","0",1518220083001,"0",0,"0","0","0"],)"
      R"([1518228000000,"0","0","0","0","0.00",1518231599999,"0",0,"0","0","0","new field"]])");
  ASSERT_TRUE(candles.ok()) << candles.error().text();
  EXPECT_EQ(candles->rows(), 2u);
  EXPECT_EQ(candles_of("[]")->rows(), 0u);
  EXPECT_EQ(candles_of(" [ ] \n")->rows(), 0u);
}

TEST(ParseCandles, ARowThatCannotBeReadCostsItself) {
  struct Case {
    const char *from, *to;
    const char* reason;
    bool has_time = true;
  };
  const Case cases[] = {
      {"\"512.34567000\"", "\"-512.34567000\"", "row 1: a volume is negative"},
      {"\"64900.00000000\"", "\"-1\"", "row 1: a price is negative"},
      {"60123", "-1", "row 1: its number of trades is negative"},
      {"60123", "1e5", "row 1: trades is not a number"},
      {"60123", "99999999999999999999", "row 1: trades is not a number"},
      {"\"64950.00000000\"", "\"6495O\"", "row 1: open is not a number"},
      {"\"64950.00000000\"", "null", "row 1: open is not a number"},
      {"\"64950.00000000\"", "[]", "row 1: open is not a plain value"},
      {"\"64950.00000000\"", R"({"a":[1]})", "row 1: open is not a plain value"},
      {",\"260.11111000\",\"16900000.98765400\",\"0\"", "", "row 1: it has only 9 fields"},
      {"1753001999999", "\"soon\"", "row 1: close time is not a number"},
      {"1752998400000", "\"1752998400000\"", "row 1: open time is not a number", false},
      {"[1752998400000", "7,[1752998400000", "row 1: it is no array", false},
      {"[1752998400000", R"({"t":1},[1752998400000)", "row 1: it is no array", false},
      {"1753002000000", "1752998400000", "row 2: another one opens at the same time", false},
  };
  for (const Case& one : cases) {
    const auto candles = candles_of(replaced(kCandlesBody, one.from, one.to));
    ASSERT_TRUE(candles.ok()) << one.reason << ": " << candles.error().text();
    ASSERT_THAT(candles->unreadable(), SizeIs(1)) << one.reason;
    EXPECT_EQ(candles->unreadable()[0].reason, one.reason);
    EXPECT_EQ(candles->unreadable()[0].open_time.has_value(), one.has_time) << one.reason;
    EXPECT_EQ(candles->received(), candles->rows() + 1);
    EXPECT_GE(candles->rows(), 1u);
    EXPECT_THAT(candles->oddities(), testing::Each(0)) << one.reason;
    EXPECT_THAT(candles->closed(), SizeIs(candles->rows()));
  }
}

std::string short_row(std::int64_t open_ms) {
  return "[" + std::to_string(open_ms) + R"(,"1","1","1","1","1",)" + std::to_string(open_ms + 1) +
         R"(,"1",1,"1","1","0"])";
}
std::vector<std::int64_t> opens_of(const Candles& candles) {
  std::vector<std::int64_t> opens;
  for (const Time time : candles.open_time()) opens.push_back(to_ms(time));
  return opens;
}

/// The open time 2099-12-31 on one row, and every row after it came too late.
TEST(ParseCandles, AWrongOpenTimeCostsItsRowOnly) {
  constexpr std::int64_t kFar = 4102358400000, kT = 1752998400000, kMinute = 60'000;
  std::string body = "[" + short_row(kFar) + "," + short_row(kT) + "," + short_row(kT + kMinute) +
                     "," + short_row(kT + 2 * kMinute) + "]";
  const auto candles = parse_candles(body, *Interval::parse("1m"), Time{},
                                     {.first = from_ms(kT), .last = from_ms(kT + 2 * kMinute)});
  ASSERT_TRUE(candles.ok()) << candles.error().text();
  EXPECT_THAT(opens_of(*candles), ElementsAre(kT, kT + kMinute, kT + 2 * kMinute));
  ASSERT_THAT(candles->unreadable(), SizeIs(1));
  EXPECT_EQ(candles->unreadable()[0].open_time, std::nullopt);
  EXPECT_EQ(candles->unreadable()[0].reason,
            "row 1: it opens at 2099-12-31T00:00:00Z, which was not asked for");
  std::string early = "[" + short_row(kT - 1) + "," + short_row(kT) + "]";
  const auto rest = parse_candles(early, *Interval::parse("1m"), Time{}, {.first = from_ms(kT)});
  EXPECT_THAT(opens_of(*rest), ElementsAre(kT));
}

TEST(ParseCandles, AreBroughtIntoTheOrderOfTheirOpenTimes) {
  const auto candles =
      candles_of("[" + short_row(5000) + "," + short_row(3000) + "," + short_row(4000) + "," +
                 short_row(3000) + ",[4000,\"x\"]," + "[7000],[7000]]");
  ASSERT_TRUE(candles.ok()) << candles.error().text();
  EXPECT_THAT(opens_of(*candles), ElementsAre(3000, 4000, 5000));
  EXPECT_EQ(candles->close_time()[2], from_ms(5001)) << "all columns";
  ASSERT_THAT(candles->unreadable(), SizeIs(4));
  const auto place = [&](std::size_t i) { return candles->unreadable()[i].open_time; };
  EXPECT_EQ(place(0), std::nullopt) << "4000 is there";
  EXPECT_EQ(place(1), from_ms(7000));
  EXPECT_EQ(place(2), std::nullopt) << "it stands for one candle, not two";
  EXPECT_EQ(candles->unreadable()[3].reason, "row 4: another one opens at the same time");
}

TEST(ParseCandles, WhereAnOpenTimeStandsMoreCanBeAskedFor) {
  const auto placed = candles_of(R"([["a","1"],[1752998400000,"x"]])");
  ASSERT_TRUE(placed.ok());
  EXPECT_EQ(placed->rows(), 0u);
  EXPECT_EQ(placed->unreadable()[1].open_time, from_ms(1752998400000));
  std::string many = "[[1]";
  for (std::size_t i = 0; i < kUnreadableMax; ++i) many += ",[" + std::to_string(i + 2) + "]";
  EXPECT_THAT(candles_of(many + "]").error().message,
              HasSubstr("more than 1000 rows cannot be read, such as row 1001"));
}

/// BTCUSDT of 2020-12-21, when the exchange went down: the close time is before the open time.
TEST(ParseCandles, ACloseTimeThatIsNotInTheCandleBecomesItsEnd) {
  const auto closing_at = [](std::int64_t close_ms, const char* interval = "1h",
                             std::int64_t open_ms = 1608559200000) {
    const auto candles = candles_of(
        "[[" + std::to_string(open_ms) + R"(,"23461.26","23500.00","23300.10","23409.67","2.5",)" +
            std::to_string(close_ms) + R"(,"58524.18",120,"1.0","23409.67","0"]])",
        1608562800000, *Interval::parse(interval));
    EXPECT_TRUE(candles.ok()) << close_ms;
    return std::pair(to_ms(candles->close_time()[0]), int{candles->oddities()[0]});
  };
  constexpr std::int64_t kOpen = 1608559200000, kEnd = kOpen + 3'599'999;
  EXPECT_EQ(closing_at(1608558442077), std::pair(kEnd, int{kClosesOddly}));
  EXPECT_EQ(closing_at(kOpen), std::pair(kEnd, int{kClosesOddly}));
  EXPECT_EQ(closing_at(kEnd + 1), std::pair(kEnd, int{kClosesOddly}));
  EXPECT_EQ(closing_at(kOpen + 1), std::pair(kOpen + 1, 0)) << "a candle without trades";
  EXPECT_EQ(closing_at(kEnd), std::pair(kEnd, 0));
  EXPECT_EQ(closing_at(0, "3d").first, kOpen + 3 * 86'400'000 - 1) << "on whatever grid";
  // 2020-12-01 and 2021-01-01 00:00 UTC, by date -u -d.
  EXPECT_EQ(closing_at(0, "1M", 1606780800000).first, 1609459200000 - 1);
}

TEST(ParseCandles, AMendedCandleIsClosedByItsEnd) {
  const std::string body =
      R"([[1608559200000,"1","1","1","1","1",1608558442077,"1",1,"1","1","0"]])";
  EXPECT_THAT(candles_of(body, 1608562799999)->closed(), ElementsAre(0));
  EXPECT_THAT(candles_of(body, 1608562800000)->closed(), ElementsAre(1));
}

TEST(ParseCandles, ACandleThatContradictsItselfIsKeptAndMarked) {
  const auto marks = [](const std::string& from, const std::string& to) {
    const auto candles = candles_of(replaced(kCandlesBody, from, to));
    EXPECT_TRUE(candles.ok()) << to;
    EXPECT_THAT(candles->unreadable(), IsEmpty()) << to;
    return std::pair(int{candles->oddities()[0]}, int{candles->oddities()[1]});
  };
  EXPECT_EQ(marks("65010.50000000", "64999.99999999"), std::pair(int{kContradictsItself}, 0));
  EXPECT_EQ(marks("64900.00000000", "64950.00000001"), std::pair(int{kContradictsItself}, 0));
  EXPECT_EQ(marks("64990.00000000", "65100.00000001"), std::pair(0, int{kContradictsItself}));
  EXPECT_EQ(marks("60123", "60123"), std::pair(0, 0));
  const auto zero = [](const char* volume) {
    return candles_of(R"([[1752998400000,"0","0","0","0",")" + std::string(volume) +
                      R"(",1753001999999,"0",0,"0","0","0"]])")
        ->oddities()[0];
  };
  EXPECT_EQ(zero("0.00"), 0) << "nothing was traded";
  EXPECT_EQ(zero("0.01"), kContradictsItself);
}

TEST(ParseCandles, IsAListOrNoAnswer) {
  EXPECT_THAT(candles_of("{}").error().text(), HasSubstr("not an object"));
  EXPECT_THAT(candles_of("7").error().text(), HasSubstr("array of arrays"));
}

Candles page(std::initializer_list<std::int64_t> hours) {
  std::string body = "[";
  for (const std::int64_t hour : hours) {
    const std::string open = std::to_string(hour * 3'600'000);
    const std::string close = std::to_string(hour * 3'600'000 + 3'599'999);
    body += (body.size() > 1 ? ",[" : "[") + open + R"(,"1","1","1","1","0",)" + close +
            R"(,"0",0,"0","0","0"])";
  }
  return *candles_of(body + "]");
}
std::vector<std::int64_t> hours_of(const Candles& candles) {
  std::vector<std::int64_t> hours;
  for (const Time time : candles.open_time()) hours.push_back(to_ms(time) / 3'600'000);
  return hours;
}
Candles joined(std::vector<Candles> pages, std::size_t rows, Keep keep = Keep::kOldest) {
  return join(std::move(pages), *Interval::parse("1h"), rows, keep);
}

TEST(JoinCandles, DropsOverlapsAndReportsGaps) {
  const Candles all = joined({page({1, 2, 3}), page({3, 4, 8}), page({}), page({10})}, 100);
  EXPECT_THAT(hours_of(all), ElementsAre(1, 2, 3, 4, 8, 10));
  EXPECT_THAT(all.closed(), SizeIs(6));
  ASSERT_THAT(all.gaps(), SizeIs(2));
  EXPECT_EQ(to_ms(all.gaps()[0].after), 4 * 3'600'000);
  EXPECT_EQ(to_ms(all.gaps()[0].before), 8 * 3'600'000);
  EXPECT_EQ(to_ms(all.gaps()[1].after), 8 * 3'600'000);
}

/// Of 20 markets each has its own grid of three days: BTCUSDT's holds 2025-12-30, day 20452 since
/// 1970, which leaves 1 when divided by 3.
TEST(JoinCandles, ThreeDaysHaveTheGridOfTheirMarket) {
  constexpr std::int64_t kDay = 86'400'000;
  const auto gaps_of = [](std::initializer_list<std::int64_t> days) {
    std::string body;
    for (const std::int64_t day : days) {
      body += (body.empty() ? "[[" : ",[") + std::to_string(day * kDay) +
              R"(,"1","1","1","1","0",)" + std::to_string((day + 3) * kDay - 1) +
              R"(,"0",0,"0","0","0"])";
    }
    const Interval three_days = *Interval::parse("3d");
    std::vector<Candles> pages;
    pages.push_back(*candles_of(body + "]", 0, three_days));
    return join(std::move(pages), three_days, 10, Keep::kOldest).gaps().size();
  };
  for (const std::int64_t first : {20451, 20452, 20453}) {
    EXPECT_EQ(gaps_of({first, first + 3, first + 6}), 0u) << first;
    EXPECT_EQ(gaps_of({first, first + 6}), 1u) << first;
  }
}

TEST(JoinCandles, WhatCannotBeReadIsListedAsFarAsItWasAskedFor) {
  const auto pages = [] {
    std::vector<Candles> two;
    two.push_back(
        *candles_of(R"([[0,"x"],[3600000,"1","1","1","1","0",7199999,"0",0,"0","0","0"]])"));
    two.push_back(*candles_of(
        R"([["?"],[7200000,"1","1","1","1","0",10799999,"0",0,"0","0","0"],[10800000,"x"],)"
        R"([14400000,"1","1","1","1","0",17999999,"0",0,"0","0","0"]])"));
    return two;
  };
  const auto unreadable = [&](std::size_t rows, Keep keep) {
    return joined(pages(), rows, keep).unreadable().size();
  };
  EXPECT_EQ(unreadable(9, Keep::kOldest), 3u);
  EXPECT_EQ(unreadable(2, Keep::kOldest), 2u) << "not the one at three o'clock";
  EXPECT_EQ(unreadable(2, Keep::kNewest), 2u) << "not the one at midnight";
}

TEST(JoinCandles, KeepsTheEndAskedFor) {
  EXPECT_THAT(hours_of(joined({page({1, 2}), page({3, 4})}, 3)), ElementsAre(1, 2, 3));
  EXPECT_THAT(hours_of(joined({page({1, 2}), page({3, 4})}, 3, Keep::kNewest)),
              ElementsAre(2, 3, 4));
  EXPECT_THAT(hours_of(joined({page({1, 9}), page({10})}, 2, Keep::kNewest)), ElementsAre(9, 10));
  EXPECT_THAT(joined({page({1, 9}), page({10})}, 2, Keep::kNewest).gaps(), IsEmpty());
  EXPECT_THAT(hours_of(joined({}, 5)), IsEmpty());
}

TEST(ParseTickers, TakesOneObject) {
  const auto tickers = parsed(parse_tickers, kTickerBody);
  ASSERT_TRUE(tickers.ok()) << tickers.error().text();
  ASSERT_THAT(tickers->rows, SizeIs(1));
  const Ticker24h& row = tickers->rows[0];
  EXPECT_EQ(row.symbol, "BTCUSDT");
  EXPECT_EQ(row.price_change->text(), "854.02000000");
  EXPECT_EQ(row.price_change_percent->text(), "1.253");
  EXPECT_EQ(row.weighted_average->text(), "68402.99304666");
  EXPECT_EQ(row.previous_close->text(), "68155.98000000");
  EXPECT_EQ(row.last.text(), "69010.01000000");
  EXPECT_EQ(row.last_quantity->text(), "0.00144000");
  EXPECT_EQ(row.bid->text(), "69010.00000000");
  EXPECT_EQ(row.bid_quantity->text(), "1.40201000");
  EXPECT_EQ(row.ask->text(), "69010.01000000");
  EXPECT_EQ(row.ask_quantity->text(), "6.97255000");
  EXPECT_EQ(row.open.text(), "68155.99000000");
  EXPECT_EQ(row.high.text(), "69216.00000000");
  EXPECT_EQ(row.low.text(), "67933.93000000");
  EXPECT_EQ(row.volume.text(), "22470.37258000");
  EXPECT_EQ(row.quote_volume.text(), "1537040739.34553140");
  EXPECT_EQ(to_ms(row.open_time), 1709952420176);
  EXPECT_EQ(to_ms(row.close_time), 1710038820176);
  EXPECT_EQ(row.first_id, 3468995915);
  EXPECT_EQ(row.last_id, 3470456454);
  EXPECT_EQ(row.trades, 1460540);
}

TEST(ParseTickers, TakesAnArrayWithInactiveMarketsAndNewMembers) {
  const std::string extended =
      replaced(kTickerBody, "{", R"({"new":{"a":[1,{"symbol":"X"}]},"newer":null,)");
  const auto tickers = parsed(parse_tickers, "[" + extended + "," + kInactiveTickerBody + "]");
  ASSERT_TRUE(tickers.ok()) << tickers.error().text();
  ASSERT_THAT(tickers->rows, SizeIs(2));
  EXPECT_EQ(tickers->rows[0].symbol, "BTCUSDT");
  EXPECT_EQ(tickers->rows[1].symbol, "BCCBTC");
  EXPECT_EQ(tickers->rows[1].first_id, -1);
  EXPECT_EQ(tickers->rows[1].previous_close->text(), "0.07908100");
  EXPECT_THAT(tickers->rejected, IsEmpty());
  EXPECT_THAT(parsed(parse_tickers, "[]")->rows, IsEmpty());
}

TEST(ParseTickers, RefusesOneRowOfManyAndTellsWhy) {
  const std::string odd = replaced(kTickerBody, "\"69010.01000000\"", "\"lots\"");
  const auto tickers = parsed(parse_tickers, "[" + odd + "," + kInactiveTickerBody + "]");
  ASSERT_TRUE(tickers.ok());
  EXPECT_THAT(tickers->rows, SizeIs(1));
  ASSERT_THAT(tickers->rejected, SizeIs(1));
  EXPECT_EQ(tickers->rejected[0].symbol, "BTCUSDT");
  EXPECT_EQ(tickers->rejected[0].reason, "lastPrice is not what it should be: lots");
  EXPECT_FALSE(parsed(parse_tickers, odd).ok());
}

/// Of "{}," a refused row is made that is 200 times as long.
TEST(ParseTickers, RefusesAnAnswerOfManySenselessRows) {
  const auto text = [](std::size_t senseless) {
    std::string body = "[" + kTickerBody;
    for (std::size_t i = 0; i < senseless; ++i) body += ",{}";
    return body + "]";
  };
  const auto some = parsed(parse_tickers, text(kRejectedMax));
  ASSERT_TRUE(some.ok());
  EXPECT_THAT(some->rejected, SizeIs(kRejectedMax));
  const auto many = parsed(parse_tickers, text(kRejectedMax + 1));
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.error().kind, ErrorKind::kProtocol);
  EXPECT_THAT(many.error().message, HasSubstr("more than 1000 rows are senseless, such as row 2: "
                                              "symbol is missing"));
  EXPECT_FALSE(parsed(parse_trades, text(kRejectedMax + 1)).ok());
}

TEST(ParseTickers, SaysWhatCannotBeRead) {
  const auto problem = [](const std::string& from, const std::string& to) {
    const auto tickers = parsed(parse_tickers, replaced(kTickerBody, from, to));
    return tickers.ok() ? std::string("accepted") : tickers.error().text();
  };
  EXPECT_THAT(problem("\"count\":1460540", "\"counts\":1"), HasSubstr("count is missing"));
  EXPECT_THAT(problem("\"count\":1460540", "\"count\":[1]"), HasSubstr("count is not a plain"));
  EXPECT_THAT(problem("\"BTCUSDT\"", "\"BTC\\nUSDT\""), HasSubstr("symbol is not what"));
  EXPECT_THAT(problem("\"BTCUSDT\"", "\"BTC USDT\""), HasSubstr("symbol is not what"));
  EXPECT_THAT(problem("\"22470.37258000\"", "\"-1\""), HasSubstr("volume is not what"));
  EXPECT_THAT(problem("\"bidPrice\":\"69010", "\"bidPrice\":\"x69010"), HasSubstr("bidPrice"));
}

// A crossed book, prices outside of low and high and a window that ends before it begins are what
// the exchange says.
TEST(ParseTickers, KeepsWhatContradictsItself) {
  for (const auto& [from, to] : {std::pair("\"highPrice\":\"69216", "\"highPrice\":\"69000"),
                                 std::pair("\"lowPrice\":\"67933", "\"lowPrice\":\"69999"),
                                 std::pair("\"closeTime\":1710038820176", "\"closeTime\":1"),
                                 std::pair("\"bidPrice\":\"69010.00", "\"bidPrice\":\"79010.01")}) {
    const auto tickers = parsed(parse_tickers, replaced(kTickerBody, from, to));
    ASSERT_TRUE(tickers.ok()) << to;
    EXPECT_THAT(tickers->rows, SizeIs(1)) << to;
  }
}

/// What the exchange's shorter ticker (MINI) has is needed; what it has not is null, never zero.
TEST(ParseTickers, WhatIsNotSaidIsNull) {
  // The example of the exchange's documentation, without its ids.
  const auto mini = parsed(
      parse_tickers,
      R"({"symbol":"BTCUSDT","openPrice":"68155.99","highPrice":"69216.00","lowPrice":"67933.93",)"
      R"("lastPrice":"69010.01","volume":"22470.37258000","quoteVolume":"1537040739.34553140",)"
      R"("openTime":1709952420176,"closeTime":1710038820176,"count":1460540,"lastQty":null})");
  ASSERT_TRUE(mini.ok()) << mini.error().text();
  const Ticker24h& row = mini->rows[0];
  for (const auto& one :
       {row.price_change, row.price_change_percent, row.weighted_average, row.previous_close,
        row.last_quantity, row.bid, row.bid_quantity, row.ask, row.ask_quantity}) {
    EXPECT_EQ(one, std::nullopt);
  }
  EXPECT_EQ(row.first_id, std::nullopt);
  EXPECT_EQ(row.last.text(), "69010.01");
}

TEST(ParseTickers, ARowThatIsNoObjectCostsItself) {
  const auto tickers = parsed(parse_tickers, "[7,[1,{\"symbol\":\"X\"}]," + kTickerBody + ",null]");
  ASSERT_TRUE(tickers.ok()) << tickers.error().text();
  EXPECT_THAT(tickers->rows, SizeIs(1));
  ASSERT_THAT(tickers->rejected, SizeIs(3));
  EXPECT_EQ(tickers->rejected[1].reason, "it is no object");
}

TEST(ParsePrices, TakesBothShapes) {
  const auto prices = parsed(
      parse_prices, R"([{"symbol":"ETHBTC","price":"0.05692000"},{"symbol":"B","price":"0"}])");
  ASSERT_THAT(prices->rows, SizeIs(2));
  EXPECT_EQ(prices->rows[0].price.text(), "0.05692000");
  EXPECT_EQ(parsed(parse_prices, R"({"price":"1.50","symbol":"X"})")->rows[0].price.text(), "1.50");
  EXPECT_FALSE(parsed(parse_prices, R"({"symbol":"X"})").ok());
}

TEST(ParseBookTickers, TakeEmptySidesAndCrossedOnes) {
  const auto book = [](const std::string& bid, const std::string& ask) {
    return parsed(parse_book_tickers, R"({"symbol":"X","bidPrice":")" + bid +
                                          R"(","bidQty":"1","askPrice":")" + ask +
                                          R"(","askQty":"2"})");
  };
  EXPECT_EQ(book("1.00", "1.01")->rows[0].ask.text(), "1.01");
  EXPECT_TRUE(book("0.00000000", "0.00000000").ok());
  EXPECT_TRUE(book("5", "0.00000000").ok());
  EXPECT_TRUE(book("1.01", "1.01").ok());
  EXPECT_EQ(book("1.02", "1.01")->rows[0].bid.text(), "1.02");
  EXPECT_FALSE(book("-1.02", "1.01").ok());
}

TEST(ParseOrderBook, KeepsTheOrderAndTheCap) {
  const auto book = parsed(parse_order_book, kDepthBody);
  ASSERT_TRUE(book.ok()) << book.error().text();
  EXPECT_EQ(book->last_update_id, 1027024001);
  ASSERT_THAT(book->bids, SizeIs(2));
  EXPECT_EQ(book->bids[1].price.text(), "64999.50000000");
  EXPECT_EQ(book->asks[1].quantity.text(), "92233720368.54775807");
  EXPECT_THAT(parsed(parse_order_book, R"({"lastUpdateId":1,"bids":[],"asks":[]})")->bids,
              IsEmpty());
}

TEST(ParseOrderBook, APriceOfZeroIsNoLevel) {
  const auto book = parsed(parse_order_book, R"({"lastUpdateId":1,"bids":[["1","2"],["0.00","5"]],)"
                                             R"("asks":[["0","1"],["3","0"]]})");
  ASSERT_TRUE(book.ok()) << book.error().text();
  ASSERT_THAT(book->bids, SizeIs(1));
  ASSERT_THAT(book->asks, SizeIs(1)) << "a quantity of zero is one";
  EXPECT_EQ(book->asks[0].price.text(), "3");
  EXPECT_EQ(book->unreadable, 2u);
  EXPECT_EQ(book->unreadable_reason, "bid 2: its price is zero");
}

/// From of old each level had a third element, an empty list: recordings of 2017 to 2019.
TEST(ParseOrderBook, WhatStandsBehindPriceAndQuantityIsIgnored) {
  const auto book =
      parsed(parse_order_book, R"({"lastUpdateId":1,"bids":[["0.2000","100.0",[]],)"
                               R"(["0.1999","5",{"a":["1"]},"7"]],"asks":[["0.2001","1",null]],)"
                               R"("more":[["9","9"]]})");
  ASSERT_TRUE(book.ok()) << book.error().text();
  EXPECT_EQ(book->unreadable, 0u);
  ASSERT_THAT(book->bids, SizeIs(2));
  EXPECT_EQ(book->bids[0].price.text() + " " + book->bids[0].quantity.text(), "0.2000 100.0");
  EXPECT_EQ(book->bids[1].price.text() + " " + book->bids[1].quantity.text(), "0.1999 5");
  EXPECT_THAT(book->asks, SizeIs(1));
}

TEST(ParseOrderBook, ALevelThatCannotBeReadCostsItself) {
  const auto said = [](const std::string& from, const std::string& to) {
    const auto book = parsed(parse_order_book, replaced(kDepthBody, from, to));
    if (!book) return book.error().text();
    EXPECT_THAT(book->bids.size() + book->asks.size(), 4 - book->unreadable) << to;
    return std::to_string(book->unreadable) + " " + book->unreadable_reason;
  };
  const std::string numbers = ": it is no price and quantity";
  EXPECT_EQ(said("\"0.43100000\"", "\"-1\""), "1 bid 1" + numbers);
  EXPECT_EQ(said(",\"0.43100000\"", ""), "1 bid 1" + numbers);
  EXPECT_EQ(said("[\"64999.99000000\",\"0.43100000\"]", "{}"), "1 bid 1" + numbers);
  EXPECT_EQ(said("[\"64999.99000000\",\"0.43100000\"]", "7"), "1 bid 1" + numbers);
  EXPECT_EQ(said("\"64999.99000000\"", "[[1]]"), "1 bid 1" + numbers);
  EXPECT_EQ(said("\"92233720368.54775807\"", "null"), "1 ask 2" + numbers);
  EXPECT_EQ(said("1", "1"), "0 ");
}

/// A level out of its place is a level, and must not cost those behind it.
TEST(ParseOrderBook, BestPricesComeFirstWhateverCame) {
  const auto book = parsed(parse_order_book, R"({"bids":[["1","1"],["3","1"],["2","1"],["3","2"]],)"
                                             R"("asks":[["9","1"],["4","1"],["5","1"]]})");
  ASSERT_TRUE(book.ok()) << book.error().text();
  const auto text = [](const std::vector<Level>& levels) {
    std::string all;
    for (const Level& level : levels) all += level.price.text() + "x" + level.quantity.text() + " ";
    return all;
  };
  EXPECT_EQ(text(book->bids), "3x1 3x2 2x1 1x1 ");
  EXPECT_EQ(text(book->asks), "4x1 5x1 9x1 ");
  EXPECT_FALSE(book->was_sorted);
  EXPECT_EQ(book->unreadable, 0u);
  EXPECT_TRUE(parsed(parse_order_book, kDepthBody)->was_sorted);
}

TEST(ParseOrderBook, ACrossedOneIsKept) {
  const auto book = parsed(parse_order_book, replaced(kDepthBody, "65000.00000000", "64999.99"));
  ASSERT_TRUE(book.ok()) << book.error().text();
  EXPECT_EQ(book->asks[0].price.text(), "64999.99");
  EXPECT_EQ(book->unreadable, 0u);
}

TEST(ParseOrderBook, IsTwoSidesOrNoAnswer) {
  const auto problem = [](const std::string& body) {
    const auto book = parsed(parse_order_book, body);
    return book.ok() ? std::string("accepted") : book.error().text();
  };
  EXPECT_THAT(problem(replaced(kDepthBody, "1027024001", "\"x\"")), HasSubstr("lastUpdateId"));
  EXPECT_THAT(problem(replaced(kDepthBody, "\"asks\"", "\"other\"")), HasSubstr("lacks a list"));
  EXPECT_THAT(problem(R"({"bids":{"a":1},"asks":7})"), HasSubstr("no list"));
  EXPECT_THAT(problem(R"({"bids":[["x","1"]],"asks":[]})"), HasSubstr("bid 1"));
  const auto nameless = parsed(parse_order_book, replaced(kDepthBody, "\"lastUpdateId\"", "\"u\""));
  ASSERT_TRUE(nameless.ok());
  EXPECT_EQ(nameless->last_update_id, std::nullopt) << "not 0";
}

TEST(ParseTrades, AreInOrder) {
  const auto trades = parsed(parse_trades, kTradesBody);
  ASSERT_TRUE(trades.ok()) << trades.error().text();
  ASSERT_THAT(trades->rows, SizeIs(2));
  EXPECT_EQ(trades->rows[0].id, 4999000001);
  EXPECT_EQ(trades->rows[0].quote_quantity.text(), "78.00000000");
  EXPECT_TRUE(trades->rows[0].buyer_is_maker);
  EXPECT_FALSE(trades->rows[1].buyer_is_maker);
  EXPECT_EQ(trades->unreadable, 0u);
}

TEST(ParseTrades, OneThatCannotBeReadCostsItself) {
  const auto said = [](const std::string& from, const std::string& to) {
    const auto trades = parsed(parse_trades, replaced(kTradesBody, from, to));
    if (!trades) return trades.error().text();
    EXPECT_THAT(trades->rows, SizeIs(1)) << to;
    return std::to_string(trades->unreadable) + " " + trades->unreadable_reason;
  };
  EXPECT_EQ(said("\"65000.01000000\"", "\"x\""), "1 row 2: price is not what it should be: x");
  EXPECT_EQ(said("\"qty\":\"0.00120000\",", ""), "1 row 1: qty is missing");
  EXPECT_EQ(said("4999000002", "4999000001"), "1 trade 4999000001: it came twice");
  EXPECT_FALSE(parsed(parse_trades, "[{}]").ok());
  const auto turned = parsed(parse_trades, replaced(kTradesBody, "4999000001", "4999000009"));
  ASSERT_THAT(turned->rows, SizeIs(2));
  EXPECT_EQ(turned->rows[1].id, 4999000009) << "one out of its place costs no other";
}

TEST(ParseExchangeInfo, ReadsLimitsAndRules) {
  const auto info = parsed(parse_exchange_info, kExchangeInfoBody);
  ASSERT_TRUE(info.ok()) << info.error().text();
  EXPECT_EQ(to_ms(info->server_time), 1753000000123);
  EXPECT_THAT(info->limits, ElementsAre(Limit{LimitKind::kRequestWeight, 60'000, 6000},
                                        Limit{LimitKind::kOrders, 10'000, 100},
                                        Limit{LimitKind::kOrders, 86'400'000, 200'000},
                                        Limit{LimitKind::kRawRequests, 300'000, 300'000},
                                        Limit{LimitKind::kOther, 0, 7}));
  ASSERT_THAT(info->symbols, SizeIs(2));
  const SymbolInfo& btc = info->symbols[0];
  EXPECT_EQ(btc.symbol, "BTCUSDT");
  EXPECT_EQ(btc.status, SymbolStatus::kTrading);
  EXPECT_EQ(btc.base_asset + btc.quote_asset, "BTCUSDT");
  EXPECT_EQ(btc.order_types, "LIMIT LIMIT_MAKER MARKET");
  EXPECT_EQ(btc.tick_size->text(), "0.01000000");
  EXPECT_EQ(btc.maximum_price->text(), "1000000.00000000");
  EXPECT_EQ(btc.lot_step->text(), "0.00001000");  // not that of MARKET_LOT_SIZE, which is zero
  EXPECT_EQ(btc.minimum_quantity->text(), "0.00001000");
  EXPECT_EQ(btc.minimum_notional->text(), "5.00000000");
}

TEST(ParseExchangeInfo, KeepsUnknownStatusAndDropsRulesThatAreOff) {
  const auto info = parsed(parse_exchange_info, kExchangeInfoBody);
  const SymbolInfo& odd = info->symbols[1];
  EXPECT_EQ(odd.symbol,
            "\xE8\xBF\x99\xE6\x98\xAF"
            "456");
  EXPECT_EQ(odd.status, SymbolStatus::kOther);
  EXPECT_EQ(odd.status_text, "SLEEPING_2027");
  EXPECT_EQ(odd.order_types, "") << "it says that there are none";
  EXPECT_EQ(odd.tick_size, std::nullopt);
  EXPECT_EQ(odd.lot_step, std::nullopt);
  EXPECT_EQ(odd.minimum_notional->text(), "10.0");
}

TEST(ParseExchangeInfo, RefusesWhatCannotBe) {
  const auto problem = [](const std::string& from, const std::string& to) {
    const auto info = parsed(parse_exchange_info, replaced(kExchangeInfoBody, from, to));
    return info.ok() ? std::string("accepted") : info.error().text();
  };
  EXPECT_THAT(problem("\"limit\":6000", "\"limit\":6e3"), HasSubstr("a limit"));
  EXPECT_THAT(problem("\"rateLimitType\":\"ORDERS\"", "\"rateLimitType\":7"), HasSubstr("a limit"));
  EXPECT_THAT(problem("\"symbols\": [", "\"simbols\": ["), HasSubstr("no list"));
  std::string many = R"({"symbols":[{})";
  for (std::size_t i = 0; i < kRejectedMax; ++i) many += ",{}";
  EXPECT_THAT(
      parsed(parse_exchange_info, many + "]}").error().message,
      HasSubstr("more than 1000 markets are senseless, such as row 1001: it lacks its name"));
}

TEST(ParseExchangeInfo, AMarketThatMakesNoSenseIsRefusedAlone) {
  const auto reason = [](const std::string& from, const std::string& to) -> std::string {
    const auto info = parsed(parse_exchange_info, replaced(kExchangeInfoBody, from, to));
    if (!info) return info.error().text();
    if (info->rejected.empty()) return "accepted";
    EXPECT_THAT(info->symbols, SizeIs(1));
    EXPECT_THAT(info->limits, SizeIs(5));
    return info->rejected[0].symbol + ": " + info->rejected[0].reason;
  };
  EXPECT_EQ(reason("\"status\":\"TRADING\",", ""), "BTCUSDT: it lacks its name, status or assets");
  EXPECT_EQ(reason("\"LIMIT_MAKER\"", "7"), "BTCUSDT: it has an odd order type");
  EXPECT_EQ(reason("\"symbol\":\"BTCUSDT\"", "\"symbol\":null"), ": it has an odd symbol");
}

/// Each rule for itself: the market, and the other rules, are as good as before.
TEST(ParseExchangeInfo, ARuleThatCannotBeReadIsUnknown) {
  const auto market = [](const std::string& from, const std::string& to) {
    const auto info = parsed(parse_exchange_info, replaced(kExchangeInfoBody, from, to));
    EXPECT_TRUE(info.ok() && info->rejected.empty()) << to;
    return info->symbols.at(0);
  };
  const SymbolInfo price = market("\"tickSize\":\"0.01000000\"", "\"tickSize\":[\"1\"]");
  EXPECT_EQ(price.unreadable_filters, "PRICE_FILTER");
  EXPECT_EQ(price.tick_size, std::nullopt);
  EXPECT_EQ(price.maximum_price->text(), "1000000.00000000");
  EXPECT_EQ(price.minimum_notional->text(), "5.00000000");
  const SymbolInfo notional = market("\"minNotional\":\"5.00000000\"", "\"minNotional\":\"five\"");
  EXPECT_EQ(notional.unreadable_filters, "NOTIONAL");
  EXPECT_EQ(notional.minimum_notional, std::nullopt) << "not what was read of it";
  EXPECT_EQ(notional.tick_size->text(), "0.01000000");
  EXPECT_EQ(market("\"0.00001000\"", "\"x\"").unreadable_filters, "LOT_SIZE");
  EXPECT_EQ(market("\"LIMIT_MAKER\"", "\"LIMIT\"").unreadable_filters, "");
}

TEST(ParseExchangeInfo, ARowThatIsNoObjectIsRefusedAlone) {
  const auto info = parsed(parse_exchange_info, replaced(kExchangeInfoBody, "\"symbols\": [{",
                                                         "\"symbols\": [7,[{}],{"));
  ASSERT_TRUE(info.ok()) << info.error().text();
  EXPECT_THAT(info->symbols, SizeIs(2));
  ASSERT_THAT(info->rejected, SizeIs(2));
  EXPECT_EQ(info->rejected[1].reason, "it is no object");
}

// New filters and limits appear several times a year.
TEST(ParseExchangeInfo, WhatNobodyKnowsMayHoldWhatItLikes) {
  const auto with = [](const std::string& from, const std::string& to) {
    return parsed(parse_exchange_info, replaced(kExchangeInfoBody, from, to));
  };
  const auto filter = with("\"filterType\":\"INVENTED_2027\"",
                           R"("maxPrice":null,"tickSize":["1"],"stepSize":true,"minQty":"none",)"
                           R"("filterType":"INVENTED_2027")");
  ASSERT_TRUE(filter.ok()) << filter.error().text();
  EXPECT_THAT(filter->symbols, SizeIs(2));
  EXPECT_EQ(filter->symbols[0].maximum_price->text(), "1000000.00000000");
  // A rule that is null is one that is off.
  const auto off = with("\"maxPrice\":\"1000000.00000000\"", "\"maxPrice\":null");
  ASSERT_TRUE(off.ok()) << off.error().text();
  EXPECT_THAT(off->symbols, SizeIs(2));
  EXPECT_EQ(off->symbols[0].maximum_price, std::nullopt);
  // Members of one filter in another, empty or of any type.
  const auto foreign = with("\"filterType\":\"PRICE_FILTER\",\"minPrice\"",
                            R"("minQty":"","stepSize":[""],"minNotional":{},"maxQty":true,)"
                            R"("filterType":"PRICE_FILTER","minPrice")");
  ASSERT_TRUE(foreign.ok()) << foreign.error().text();
  EXPECT_THAT(foreign->rejected, IsEmpty());
  EXPECT_EQ(foreign->symbols[0].tick_size->text(), "0.01000000");
  EXPECT_EQ(foreign->symbols[0].minimum_quantity->text(), "0.00001000");
  const auto precise = with("\"baseAssetPrecision\":8", "\"baseAssetPrecision\":\"many\"");
  EXPECT_THAT(precise->rejected, IsEmpty());
  const auto silent = with("\"orderTypes\":[\"LIMIT\",\"LIMIT_MAKER\",\"MARKET\"],", "");
  EXPECT_EQ(silent->symbols[0].order_types, std::nullopt);
  const auto limit = with("\"intervalNum\":1,\"limit\":7", "\"intervalNum\":null,\"limit\":\"7\"");
  ASSERT_TRUE(limit.ok()) << limit.error().text();
  EXPECT_EQ(limit->limits.back(), (Limit{LimitKind::kOther, 0, 0}));
}

TEST(ParseAccount, ReadsBalancesAndRights) {
  const auto account = parsed(parse_account, kAccountBody);
  ASSERT_TRUE(account.ok()) << account.error().text();
  EXPECT_EQ(account->account_type, "SPOT");
  EXPECT_EQ(account->can_trade, true);
  EXPECT_EQ(account->can_withdraw, false);
  EXPECT_EQ(account->can_deposit, true);
  EXPECT_EQ(account->maker_commission->text(), "0.00100000");
  EXPECT_EQ(account->taker_commission->text(), "0.00200000");
  EXPECT_EQ(account->update_time, from_ms(1753000000123));
  EXPECT_EQ(account->permissions, (std::vector<std::string>{"SPOT", "TRD_GRP_004"}));
  ASSERT_THAT(account->balances, SizeIs(2));
  EXPECT_EQ(account->balances[1].asset, "USDT");
  EXPECT_EQ(account->balances[1].locked->text(), "25.50000000");
  EXPECT_THAT(account->unreadable, IsEmpty());
}

/// 15 basis points are 0.15 %, 0.0015; a rebate is negative.
TEST(ParseAccount, CommissionsAreFractionsHoweverTheyAreSaid) {
  const auto maker = [](const std::string& members) {
    const auto account = parsed(parse_account, R"({"balances":[])" + members + "}");
    EXPECT_TRUE(account.ok()) << members;
    return account->maker_commission ? account->maker_commission->text() : "null";
  };
  EXPECT_EQ(maker(R"(,"makerCommission":15,"takerCommission":15)"), "0.0015");
  EXPECT_EQ(maker(R"(,"makerCommission":7.5)"), "0.00075");
  EXPECT_EQ(maker(R"(,"makerCommission":"15")"), "0.0015");
  EXPECT_EQ(maker(R"(,"makerCommission":-1)"), "-0.0001");
  EXPECT_EQ(maker(R"(,"makerCommission":0)"), "0.0000") << "said to be 0";
  EXPECT_EQ(maker(R"(,"makerCommission":15,"commissionRates":{"taker":"0.00200000"})"), "0.0015");
  EXPECT_EQ(maker(R"(,"makerCommission":15,"commissionRates":{"maker":"0.00100000"})"),
            "0.00100000");
  EXPECT_EQ(maker(R"(,"commissionRates":{"maker":null},"makerCommission":15)"), "0.0015");
  EXPECT_EQ(maker(""), "null");
  EXPECT_EQ(maker(R"(,"commissionRates":{})"), "null");
  EXPECT_EQ(maker(R"(,"makerCommission":null,"commissionRates":[1])"), "null");
}

TEST(ParseAccount, WhatIsNotSaidIsNull) {
  const auto account = parsed(
      parse_account, R"({"balances":[{"asset":"BTC","free":"1.5"},{"asset":"A","locked":null}]})");
  ASSERT_TRUE(account.ok()) << account.error().text();
  EXPECT_EQ(account->account_type, std::nullopt);
  EXPECT_EQ(account->can_trade, std::nullopt);
  EXPECT_EQ(account->can_withdraw, std::nullopt);
  EXPECT_EQ(account->can_deposit, std::nullopt);
  EXPECT_EQ(account->taker_commission, std::nullopt);
  EXPECT_EQ(account->update_time, std::nullopt);
  EXPECT_EQ(account->permissions, std::nullopt);
  ASSERT_THAT(account->balances, SizeIs(2));
  EXPECT_EQ(account->balances[0].free->text(), "1.5");
  EXPECT_EQ(account->balances[0].locked, std::nullopt);
  EXPECT_EQ(account->balances[1].free, std::nullopt);
  EXPECT_EQ(account->balances[1].locked, std::nullopt);
}

TEST(ParseAccount, WhatCannotBeReadCostsItselfAndIsListed) {
  const auto listed = [](const std::string& from, const std::string& to) {
    const auto account = parsed(parse_account, replaced(kAccountBody, from, to));
    if (!account) return account.error().text();
    return account->unreadable.empty()
               ? std::to_string(account->balances.size())
               : std::to_string(account->balances.size()) + " " + account->unreadable.front();
  };
  const std::string odd = " is not what it should be";
  EXPECT_EQ(listed("\"free\":\"0", "\"free\":\"-0"), "1 balance 1, BTC" + odd);
  EXPECT_EQ(listed("\"free\":\"0.12345678\"", "\"free\":{\"a\":1}"), "1 balance 1, BTC" + odd);
  EXPECT_EQ(listed("\"asset\":\"BTC\",", ""), "1 balance 1" + odd);
  EXPECT_EQ(listed("{\"asset\":\"BTC\"", "null,{\"asset\":\"BTC\""), "2 balances" + odd);
  EXPECT_EQ(listed("\"canTrade\":true", "\"canTrade\":\"yes\""), "2 canTrade" + odd);
  EXPECT_EQ(listed("\"maker\":\"0.00100000\"", "\"maker\":\"x\""), "2 maker" + odd);
  EXPECT_EQ(listed("\"permissions\":[\"SPOT\"", "\"permissions\":[7"), "2 permissions" + odd);
  EXPECT_FALSE(parsed(parse_account, "{}").ok());
  EXPECT_FALSE(parsed(parse_account, R"({"accountType":"SPOT","balances":7})").ok());
}

TEST(ParseServerTime, IsOneTime) {
  EXPECT_EQ(to_ms(*parsed(parse_server_time, R"({"serverTime":1753000000123})")), 1753000000123);
  for (const char* body : {"{}", "[]", "7", R"({"serverTime":"1"})", R"({"serverTime":-1})"}) {
    EXPECT_FALSE(parsed(parse_server_time, body).ok()) << body;
  }
}

// 38 digits fit into a Decimal, but not beside others with more decimals.
TEST(EveryParser, RefusesNumbersLongerThanTheExchangeItselfTakes) {
  const auto price = [](const std::string& text) {
    return parsed(parse_prices, R"({"symbol":"X","price":")" + text + "\"}");
  };
  const std::string twenty(20, '9'), decimals(18, '9');
  const auto longest = price(twenty + "." + decimals);
  ASSERT_TRUE(longest.ok()) << longest.error().text();
  EXPECT_EQ(longest->rows[0].price.text(), twenty + "." + decimals);
  for (const std::string& text : {twenty + "9", twenty + "9.0", "1." + decimals + "9"}) {
    const auto refused = price(text);
    ASSERT_FALSE(refused.ok()) << text;
    EXPECT_EQ(refused.error().kind, ErrorKind::kProtocol);
  }
  EXPECT_EQ(
      candles_of(replaced(kCandlesBody, "79310965841885.00", "9" + twenty))->unreadable()[0].reason,
      "row 2: volume is not a number");
}

// The exchange also knows microseconds, for those who ask for them: 16 digits where 13 should be.
TEST(EveryParser, RefusesTimesInMicroseconds) {
  const std::string one_candle = R"([[1753002000000000,"1","1","1","1","0",1753005599999999,"0",0,)"
                                 R"("0","0","0"]])";
  const auto candles = candles_of(one_candle);
  ASSERT_TRUE(candles.ok());
  EXPECT_EQ(candles->rows(), 0U);
  ASSERT_THAT(candles->unreadable(), SizeIs(1));
  EXPECT_EQ(candles->unreadable()[0].open_time, std::nullopt);
  EXPECT_THAT(candles->unreadable()[0].reason, HasSubstr("open time"));
  EXPECT_THAT(
      parsed(parse_tickers, replaced(replaced(kTickerBody, "1709952420176", "1709952420176000"),
                                     "1710038820176", "1710038820176000"))
          .error()
          .text(),
      HasSubstr("openTime is not what it should be: 1709952420176000"));
  EXPECT_THAT(parsed(parse_trades, R"([{"id":1,"price":"1","qty":"1","quoteQty":"1",)"
                                   R"("time":1753000000100000,"isBuyerMaker":true}])")
                  .error()
                  .text(),
              HasSubstr("time is not what"));
  const auto time = parsed(parse_server_time, R"({"serverTime":1753000000123456})");
  ASSERT_FALSE(time.ok());
  EXPECT_EQ(time.error().kind, ErrorKind::kProtocol);
  EXPECT_TRUE(parsed(parse_server_time, R"({"serverTime":4102444800000})").ok());
  EXPECT_FALSE(parsed(parse_server_time, R"({"serverTime":4102444800001})").ok());
  EXPECT_FALSE(parsed(parse_server_time, R"({"serverTime":9223372036854775807})").ok());
}

TEST(ParseError, FindsTheDocumentInWhateverStandsThere) {
  const ErrorBody usual = parse_error(R"({"code":-1121,"msg":"Invalid symbol."})");
  EXPECT_TRUE(usual.found);
  EXPECT_EQ(usual.code, -1121);
  EXPECT_EQ(usual.message, "Invalid symbol.");
  EXPECT_EQ(parse_error(R"({"code":"-1003"})").code, -1003);
  EXPECT_EQ(parse_error(R"({"data":{"code":1},"msg":"x","code":-2021})").code, -2021);
  const ErrorBody country = parse_error("{\n  \"code\": 0,\n  \"msg\": \"Service unavailable\"\n}");
  EXPECT_TRUE(country.found);
  EXPECT_EQ(country.code, 0);
  for (const char* body :
       {"", "<html></html>", R"({"code":-1121,"msg":"Inv)", "[]", R"([{"code":1}])",
        R"({"code":"x"})", R"({"code":{"code":1}})", "null", R"({"msg":"x"})"}) {
    EXPECT_FALSE(parse_error(body).found) << body;
  }
}

/// Every parser, for the tests that want no crash and a clear no.
const std::vector<std::pair<std::string, std::function<bool(std::string)>>>& parsers() {
  static const std::vector<std::pair<std::string, std::function<bool(std::string)>>> kAll = {
      {kCandlesBody, [](std::string body) { return parse_candles(body, kHourly, Time{}).ok(); }},
      {kTickerBody, [](std::string body) { return parse_tickers(body).ok(); }},
      {R"([{"symbol":"X","price":"1"}])", [](std::string body) { return parse_prices(body).ok(); }},
      {R"([{"symbol":"X","bidPrice":"1","bidQty":"1","askPrice":"2","askQty":"1"}])",
       [](std::string body) { return parse_book_tickers(body).ok(); }},
      {kDepthBody, [](std::string body) { return parse_order_book(body).ok(); }},
      {kTradesBody, [](std::string body) { return parse_trades(body).ok(); }},
      {kExchangeInfoBody, [](std::string body) { return parse_exchange_info(body).ok(); }},
      {kAccountBody, [](std::string body) { return parse_account(body).ok(); }},
      {R"({"serverTime":1})", [](std::string body) { return parse_server_time(body).ok(); }},
  };
  return kAll;
}

TEST(EveryParser, TakesItsSample) {
  for (const auto& [sample, parse] : parsers()) EXPECT_TRUE(parse(sample)) << sample;
}

TEST(EveryParser, RefusesEveryTruncation) {
  for (const auto& [sample, parse] : parsers()) {
    for (std::size_t size = 0; size < sample.size(); ++size) {
      EXPECT_FALSE(parse(sample.substr(0, size))) << sample.substr(0, size);
    }
  }
}

TEST(EveryParser, RefusesWhatIsNotItsDocument) {
  const std::string deep(100'000, '[');
  const std::string deep_object = [] {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += R"({"bids":)";
    return text;
  }();
  for (const auto& [sample, parse] : parsers()) {
    for (const std::string& body :
         {std::string("<!DOCTYPE HTML><HTML><BODY><H1>403 ERROR</H1></BODY></HTML>"), deep,
          deep_object, std::string("null"), std::string("1e999"), std::string("\"text\""),
          std::string("\xEF\xBB\xBF{}"), std::string("\0{}", 3), sample + "}", sample + ",{}",
          sample + std::string(1, '\0') + "x"}) {
      EXPECT_FALSE(parse(body)) << body.substr(0, 60);
    }
  }
}

// Deterministic damage: whatever comes out, nothing may crash or read beyond the body.
TEST(EveryParser, SurvivesDamage) {
  std::uint32_t state = 12345;
  const auto random = [&state](std::size_t below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<std::size_t>(state >> 8U) % below;
  };
  constexpr std::string_view kBytes = "{}[]\",:0-9eE.\\u\x00\xFF\x80t n";
  for (const auto& [sample, parse] : parsers()) {
    for (int round = 0; round < 2000; ++round) {
      std::string body = sample;
      for (std::size_t change = 0; change <= random(4); ++change) {
        body[random(body.size())] = kBytes[random(kBytes.size())];
      }
      static_cast<void>(parse(body));
    }
  }
}

}  // namespace
}  // namespace bourse::binance
