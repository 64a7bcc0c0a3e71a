// SPDX-License-Identifier: MIT
//
// The built market-statistics.so, run as the host runs it, on tickers made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "bourse/market.h"
#include "tests/support/test_host.hpp"

namespace bourse {
namespace {

using host::Failure;
using host::Result;
using host::Value;
using test::column_texts;
using test::Component;
using test::note_codes;
using test::ReportPtr;
using test::scalar_real;
using test::scalar_text;
using test::Texts;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t kMinute = 60'000'000'000, kHour = 60 * kMinute;
/// What the source's clock says, and when the tickers' windows end.
constexpr Time kClock{1'710'038'820'176'000'000};  // 2024-03-10T02:47:00.176Z

struct Ticker {
  std::string symbol;
  std::optional<std::string_view> quote_asset = "USDT";
  const char *last, *high, *low, *change_percent;
  std::optional<std::int64_t> trades = 1000;
  const char* quote_volume = "100.5";
  std::optional<Time> close = kClock;
  std::int64_t window = 24 * kHour;
  std::optional<std::string_view> status = "TRADING";
};

const std::vector<std::pair<std::string, std::string>> kUnknown = {
    {"symbol_unavailable", "DOGEUSDT is unknown."}};

std::vector<Ticker> five() {
  return {
      {.symbol = "BTCUSDT",
       .last = "60000.10",
       .high = "61200",
       .low = "60000",
       .change_percent = "1.500"},
      {.symbol = "ETHUSDT",
       .last = "3000",
       .high = "3300",
       .low = "3000",
       .change_percent = "-2.250"},
      {.symbol = "BNBUSDT", .last = "500", .high = "505", .low = "500", .change_percent = "0.000"},
      {.symbol = "ADABTC",
       .quote_asset = "BTC",
       .last = "0.00001",
       .high = "0.00001",
       .low = "0.00001",
       .change_percent = "3.750",
       .quote_volume = "7.25"},
      {.symbol = "XRPUSDT",
       .last = "0.5",
       .high = "0.55",
       .low = "0.5",
       .change_percent = "-0.001"},
  };
}

ReportPtr report_of(const std::vector<Ticker>& tickers,
                    const std::vector<std::pair<std::string, std::string>>& notes, Time as_of) {
  return test::make_report([&](const Call& call) {
    std::vector<std::optional<std::string_view>> statuses;
    std::vector<std::optional<Time>> opens, closes;
    std::vector<std::string> symbols;
    std::vector<std::optional<std::string_view>> assets;
    std::vector<std::optional<std::int64_t>> trades;
    std::vector<std::optional<Decimal>> lasts, highs, lows, changes, volumes;
    for (const Ticker& t : tickers) {
      symbols.push_back(t.symbol);
      assets.push_back(t.quote_asset);
      trades.push_back(t.trades);
      statuses.push_back(t.status);
      closes.push_back(t.close);
      opens.push_back(t.close ? std::optional(Time{t.close->ns - t.window}) : std::nullopt);
      lasts.emplace_back(Decimal::from(t.last));
      highs.emplace_back(Decimal::from(t.high));
      lows.emplace_back(Decimal::from(t.low));
      changes.emplace_back(Decimal::from(t.change_percent));
      volumes.emplace_back(Decimal::from(t.quote_volume));
    }
    TableBuilder table("ticker_24h", "Tickers");
    table.column(Field(bourse_ticker_24h_symbol), symbols)
        .column(Field(bourse_ticker_24h_quote_asset), assets)
        .column(Field(bourse_ticker_24h_last), lasts)
        .column(Field(bourse_ticker_24h_open), lasts)
        .column(Field(bourse_ticker_24h_high), highs)
        .column(Field(bourse_ticker_24h_low), lows)
        .column(Field(bourse_ticker_24h_price_change), lasts)
        .column(Field(bourse_ticker_24h_price_change_percent), changes)
        .column(Field(bourse_ticker_24h_weighted_average), lasts)
        .column(Field(bourse_ticker_24h_volume), volumes)
        .column(Field(bourse_ticker_24h_quote_volume), volumes)
        .column(Field(bourse_ticker_24h_open_time), opens)
        .column(Field(bourse_ticker_24h_close_time), closes)
        .column(Field(bourse_ticker_24h_trades), trades)
        .column(Field(bourse_ticker_24h_status), statuses);
    call.add(table);
    call.as_of(as_of);
    call.meta("clock", kClock);
    for (const auto& [code, text] : notes) call.warn(code, text);
  });
}

struct Outcome {
  Result<ReportPtr> result;
  std::string asked;
  [[nodiscard]] const bourse_report& report() const {
    if (!result.ok()) ADD_FAILURE() << result.failure().message;
    return (*result)->wire();
  }
};

Outcome run(const std::vector<Ticker>& tickers, const Texts& params = {},
            const std::vector<std::pair<std::string, std::string>>& notes = kUnknown,
            Time as_of = Time{42}) {
  static const Component statistics("market-statistics.so", "market-statistics");
  std::string asked;
  auto result = statistics.run(
      params, [&](std::string_view dataset, const std::map<std::string, Value>& args) {
        EXPECT_EQ(dataset, "ticker_24h");
        asked = args.at("symbols").canonical();
        return Result<ReportPtr>(report_of(tickers, notes, as_of));
      });
  return {std::move(result), asked};
}

std::vector<std::string> names(const bourse_report& report) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < report.n_tables; ++i) out.emplace_back(report.tables[i]->name);
  return out;
}

std::vector<std::string> columns(const bourse_report& report, std::size_t table) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < report.tables[table]->n_fields; ++i) {
    out.emplace_back(report.tables[table]->fields[i]->name);
  }
  return out;
}

TEST(MarketStatistics, AsksForTheFiveByDefaultAndForARepeatedSymbolOnce) {
  EXPECT_EQ(run(five()).asked, "BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT");
  EXPECT_EQ(run(five(), {{"symbols", "B,A,B"}, {"symbols", "A"}}).asked, "B,A");
}

TEST(MarketStatistics, SummarizesWhatItWasGiven) {
  const Outcome done = run(five());
  const bourse_report& report = done.report();
  // By hand: (1.5 - 2.25 + 0 + 3.75 - 0.001) / 5; volatility 2, 10, 1, 0, 10.
  EXPECT_EQ(scalar_text(report, "summary.total_symbols"), "5");
  EXPECT_NEAR(*scalar_real(report, "summary.average_price_change_percent"), 0.5998, 1e-15);
  EXPECT_EQ(scalar_real(report, "summary.max_price_change_percent"), 3.75);
  EXPECT_EQ(scalar_real(report, "summary.min_price_change_percent"), -2.25);
  EXPECT_NEAR(*scalar_real(report, "summary.average_volatility_percent"), 4.6, 1e-14);
  EXPECT_NEAR(*scalar_real(report, "summary.max_volatility_percent"), 10, 1e-14);
  EXPECT_EQ(scalar_real(report, "summary.min_volatility_percent"), 0.0);
  EXPECT_EQ(scalar_text(report, "market.sentiment"), "bullish");
  EXPECT_NEAR(*scalar_real(report, "market.sentiment_strength"), 0.5998, 1e-15);
  EXPECT_EQ(scalar_text(report, "market.advancers"), "2");
  EXPECT_EQ(scalar_text(report, "market.decliners"), "2");
  EXPECT_EQ(scalar_text(report, "market.unchanged"), "1");
  EXPECT_EQ(scalar_real(report, "market.breadth"), 0.0);
  EXPECT_EQ(scalar_text(report, "market.regime"), "normal_volatility");
  EXPECT_EQ(scalar_text(report, "market.uniformity"), "divergent");  // deviation 2.21
  EXPECT_EQ(report.as_of, kClock.ns);  // the newest close time, whatever the source says
  EXPECT_THAT(note_codes(report), ElementsAre("symbol_unavailable"));
}

TEST(MarketStatistics, TablesAreTickersRankingsAndVolumes) {
  const Outcome done = run(five(), {{"top", "2"}});
  const bourse_report& report = done.report();
  EXPECT_THAT(names(report), ElementsAre("tickers", "top_performers", "worst_performers",
                                         "most_volatile", "quote_volumes"));
  EXPECT_THAT(columns(report, 0),
              ElementsAre("symbol", "last", "open", "high", "low", "price_change",
                          "price_change_percent", "weighted_average", "volume", "quote_volume",
                          "volatility_percent", "trades", "close_time"));
  EXPECT_EQ(column_texts(report, "tickers", "last")[0], "60000.10000000");
  EXPECT_EQ(column_texts(report, "tickers", "price_change_percent")[4], "-0.001");
  EXPECT_THAT(column_texts(report, "top_performers", "symbol"), ElementsAre("ADABTC", "BTCUSDT"));
  EXPECT_THAT(column_texts(report, "worst_performers", "symbol"),
              ElementsAre("ETHUSDT", "XRPUSDT"));
  EXPECT_THAT(column_texts(report, "worst_performers", "price_change_percent"),
              ElementsAre("-2.250", "-0.001"));
  EXPECT_EQ(column_texts(report, "most_volatile", "symbol").size(), 2u);
  EXPECT_THAT(column_texts(report, "quote_volumes", "quote_asset"), ElementsAre("USDT", "BTC"));
  EXPECT_THAT(column_texts(report, "quote_volumes", "quote_volume"),
              ElementsAre("402.00000000", "7.25000000"));
  EXPECT_THAT(column_texts(report, "quote_volumes", "symbols"), ElementsAre("4", "1"));
}

TEST(MarketStatistics, WithoutVolumeThereIsNone) {
  const Outcome done = run(five(), {{"include_volume", "false"}});
  EXPECT_THAT(names(done.report()), Not(Contains("quote_volumes")));
  EXPECT_THAT(columns(done.report(), 0), Not(Contains("volume")));
  EXPECT_THAT(columns(done.report(), 0), Not(Contains("quote_volume")));
}

TEST(MarketStatistics, AnInactiveMarketIsShownButNotCounted) {
  auto tickers = five();
  tickers[1].trades = 0;  // prices of days ago
  tickers[2].last = tickers[2].high = tickers[2].low = "0";
  const Outcome done = run(tickers);
  const bourse_report& report = done.report();
  EXPECT_EQ(scalar_text(report, "summary.total_symbols"), "5");
  EXPECT_NEAR(*scalar_real(report, "summary.average_price_change_percent"), 5.249 / 3, 1e-15);
  EXPECT_NEAR(*scalar_real(report, "market.breadth"), 1.0 / 3, 1e-15);
  EXPECT_EQ(scalar_text(report, "market.unchanged"), "0");
  EXPECT_EQ(column_texts(report, "tickers", "symbol").size(), 5u);
  EXPECT_EQ(column_texts(report, "tickers", "volatility_percent")[1], "null");
  EXPECT_EQ(column_texts(report, "tickers", "volatility_percent")[2], "null");
  EXPECT_THAT(column_texts(report, "worst_performers", "symbol"), Not(Contains("ETHUSDT")));
  EXPECT_THAT(note_codes(report), ElementsAre("symbol_unavailable", "inactive_symbol"));
  EXPECT_THAT(std::string(view(report.notes[1]->text)), HasSubstr("ETHUSDT, BNBUSDT"));
}

std::string note_text(const bourse_report& report, std::string_view code) {
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) == code) return std::string(view(report.notes[i]->text));
  }
  return "";
}

TEST(MarketStatistics, VolumesAreOfTheMarketsThatWereTraded) {
  auto tickers = five();
  tickers[1].trades = 0;
  tickers[1].quote_volume = "0";
  tickers[3].last = "0";  // the only one in BTC
  const Outcome done = run(tickers);
  EXPECT_THAT(column_texts(done.report(), "quote_volumes", "quote_asset"), ElementsAre("USDT"));
  EXPECT_THAT(column_texts(done.report(), "quote_volumes", "symbols"), ElementsAre("3"));
  EXPECT_THAT(column_texts(done.report(), "quote_volumes", "quote_volume"),
              ElementsAre("301.50000000"));
}

TEST(MarketStatistics, AnOldTickerIsSaidToBeAndStaysOutOfAnotherDaysAverages) {
  auto tickers = five();
  tickers[0].close = Time{kClock.ns - kHour};
  tickers[1].close = Time{kClock.ns - kHour - 1};           // stale, and of these 24 hours
  tickers[4].close = Time{kClock.ns - 400LL * 24 * kHour};  // of no hour of them
  tickers[4].status = "BREAK";
  const Outcome done = run(tickers);
  const bourse_report& report = done.report();
  EXPECT_THAT(note_text(report, "stale_data"),
              HasSubstr("ETHUSDT: newest of 2024-03-10T01:47:00.175999999Z, 60 minutes"));
  EXPECT_THAT(note_text(report, "stale_data"), HasSubstr("; XRPUSDT: newest of 2023-02-04"));
  EXPECT_THAT(note_text(report, "stale_data"), HasSubstr("400 days before"));
  EXPECT_THAT(note_text(report, "stale_data"), HasSubstr("status BREAK"));
  EXPECT_THAT(note_text(report, "stale_data"), Not(HasSubstr("BTCUSDT")));
  EXPECT_THAT(note_text(report, "inactive_symbol"), HasSubstr(": XRPUSDT."));
  EXPECT_THAT(note_text(report, "not_trading"), HasSubstr("XRPUSDT (BREAK)."));
  // By hand: (1.5 - 2.25 + 0 + 3.75) / 4
  EXPECT_EQ(scalar_real(report, "summary.average_price_change_percent"), 0.75);
  EXPECT_EQ(column_texts(report, "tickers", "close_time")[4], std::to_string(tickers[4].close->ns));
  EXPECT_EQ(report.as_of, kClock.ns);
}

TEST(MarketStatistics, WhereAllTickersAreOfOneOldDayTheyAreCountedAndSaidToBeOld) {
  auto tickers = five();
  for (Ticker& t : tickers) t.close = Time{kClock.ns - 300LL * 24 * kHour};
  const Outcome done = run(tickers);
  EXPECT_NEAR(*scalar_real(done.report(), "summary.average_price_change_percent"), 0.5998, 1e-15);
  EXPECT_EQ(done.report().as_of, kClock.ns - 300LL * 24 * kHour);
  EXPECT_THAT(note_text(done.report(), "stale_data"), HasSubstr("300 days"));
  EXPECT_THAT(note_codes(done.report()), Not(Contains("inactive_symbol")));
}

TEST(MarketStatistics, ATickerOfTheFutureDoesNotMakeTheOthersOld) {
  auto tickers = five();
  tickers[2].close = Time{9'000'000'000'000'000'000};  // 2255
  tickers[3].close = Time{INT64_MIN};
  tickers[3].window = -5;
  const Outcome done = run(tickers);
  EXPECT_EQ(done.report().as_of, kClock.ns);
  EXPECT_EQ(scalar_text(done.report(), "market.advancers"), "1");  // without the one before 1970
  EXPECT_EQ(scalar_text(done.report(), "market.unchanged"), "1");
}

TEST(MarketStatistics, WhereAllTickersAreOfTheFutureItIsNotAsOfThere) {
  auto tickers = five();
  for (Ticker& t : tickers) t.close = Time{kClock.ns + 24 * kHour + 1};
  const Outcome done = run(tickers, {}, {}, *tickers[0].close);  // so does the source
  EXPECT_EQ(done.report().as_of, kClock.ns);
  EXPECT_THAT(note_text(done.report(), "odd_candle"),
              AllOf(HasSubstr("BTCUSDT (2024-03-11T02:47:00.176000001Z), ETHUSDT"),
                    HasSubstr(" present, 2024-03-10T02:47:00.176Z")));
  tickers[1].close = Time{kClock.ns - kHour};
  const Outcome other = run(tickers, {}, {}, *tickers[0].close);
  EXPECT_EQ(other.report().as_of, kClock.ns - kHour);
}

/// Markets A0USDT, A1USDT, ..., like the first of five().
std::vector<Ticker> many(int count) {
  std::vector<Ticker> out;
  for (int i = 0; i < count; ++i) {
    out.push_back(five().front());
    out.back().symbol = "A" + std::to_string(i) + "USDT";
  }
  return out;
}

TEST(MarketStatistics, ListsOfMarketsInNotesEnd) {
  auto tickers = many(40);
  for (Ticker& t : tickers) {
    t.status = "HALT";
    t.window = 23 * kHour;
    t.quote_asset.reset();
  }
  const Outcome done = run(tickers);
  EXPECT_THAT(note_text(done.report(), "partial_window"),
              HasSubstr(": A0USDT (23 hours), A1USDT (23 hours), A2USDT (23 hours), "
                        "A3USDT (23 hours), A4USDT (23 hours) and 35 more."));
  EXPECT_THAT(note_text(done.report(), "not_trading"),
              HasSubstr("A3USDT (HALT), A4USDT (HALT) and 35 more."));
  EXPECT_THAT(note_text(done.report(), "quote_asset_unknown"),
              HasSubstr(": A0USDT, A1USDT, A2USDT, A3USDT, A4USDT and 35 more."));
}

TEST(MarketStatistics, WhatTheSourceSaysOfALongerNameIsNotSaidOfThisOne) {
  auto tickers = five();
  tickers[1].window = 23 * kHour;
  const Outcome done = run(tickers, {}, {{"partial_window", "WETHUSDT is made of 23 candles."}});
  EXPECT_THAT(note_codes(done.report()), ElementsAre("partial_window", "partial_window"));
}

TEST(MarketStatistics, AWindowThatIsNotADayIsSaidOnce) {
  auto tickers = five();
  tickers[0].window = 24 * kHour - 1'000'000;  // ends with the last millisecond
  tickers[1].window = 23 * kHour;
  tickers[2].window = 24 * kHour + 2 * kMinute;
  tickers[3].trades = 0;  // its window ended with its last trade
  tickers[3].window = 3 * kHour;
  const Outcome done = run(tickers);
  EXPECT_THAT(note_text(done.report(), "partial_window"),
              HasSubstr(": ETHUSDT (23 hours), BNBUSDT (24.03 hours)."));
  const Outcome told = run(tickers, {}, {{"partial_window", "ETHUSDT is made of 23 candles."}});
  EXPECT_THAT(note_codes(told.report()),
              ElementsAre("partial_window", "inactive_symbol", "partial_window"));
  EXPECT_THAT(std::string(view(told.report().notes[2]->text)), Not(HasSubstr("ETHUSDT")));
}

TEST(MarketStatistics, AMarketThatIsHaltedButWasTradedIsCountedAndSaid) {
  auto tickers = five();
  tickers[2].status = "HALT";
  tickers[1].status = std::nullopt;  // not known
  const Outcome done = run(tickers);
  EXPECT_THAT(note_text(done.report(), "not_trading"), HasSubstr(": BNBUSDT (HALT)."));
  EXPECT_EQ(scalar_text(done.report(), "market.unchanged"), "1");
}

TEST(MarketStatistics, WithoutTimesThereIsNothingToSayOfThem) {
  auto tickers = five();
  for (Ticker& t : tickers) t.close = std::nullopt;
  const Outcome done = run(tickers);
  EXPECT_THAT(note_codes(done.report()), ElementsAre("symbol_unavailable"));
  EXPECT_EQ(done.report().as_of, 42);  // of the answer
}

TEST(MarketStatistics, WithoutAnyActiveMarketStatisticsAreNull) {
  auto tickers = five();
  for (Ticker& t : tickers) t.trades = 0;
  const Outcome done = run(tickers);
  for (const char* name :
       {"summary.average_price_change_percent", "summary.max_price_change_percent",
        "summary.average_volatility_percent", "market.sentiment", "market.sentiment_strength",
        "market.breadth", "market.regime", "market.uniformity"}) {
    EXPECT_EQ(scalar_text(done.report(), name), "null") << name;
  }
  EXPECT_THAT(column_texts(done.report(), "top_performers", "symbol"), IsEmpty());
}

TEST(MarketStatistics, OneMarketIsNeitherUniformNorDivergent) {
  const Outcome done = run({five()[0]});
  EXPECT_EQ(scalar_text(done.report(), "market.uniformity"), "null");
  EXPECT_EQ(scalar_text(done.report(), "market.sentiment"), "bullish");
}

TEST(MarketStatistics, AnUnknownQuoteAssetIsInNoSum) {
  auto tickers = five();
  tickers[0].quote_asset = std::nullopt;
  const Outcome done = run(tickers);
  EXPECT_THAT(column_texts(done.report(), "quote_volumes", "quote_volume"),
              ElementsAre("301.50000000", "7.25000000"));
  EXPECT_THAT(note_codes(done.report()), Contains("quote_asset_unknown"));
}

TEST(MarketStatistics, ChartsAreBarsOfChangeAndVolatility) {
  const Outcome done = run(five());
  ASSERT_EQ(done.report().n_charts, 2u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ(done.report().charts[i]->kind, BOURSE_CHART_BAR);
  EXPECT_EQ(std::string(done.report().charts[0]->channels[1]->field), "price_change_percent");
  EXPECT_EQ(std::string(done.report().charts[1]->channels[1]->field), "volatility_percent");
}

TEST(MarketStatistics, NoRowsAtAllIsNotFound) {
  const Outcome done = run({});
  ASSERT_FALSE(done.result.ok());
  EXPECT_EQ(done.result.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(done.result.failure().code, "symbol_not_found");
}

TEST(MarketStatistics, ParametersOutOfBoundsAreRefused) {
  EXPECT_EQ(run(five(), {{"top", "0"}}).result.failure().parameter, "top");
  EXPECT_EQ(run(five(), {{"top", "21"}}).result.failure().parameter, "top");
  std::string many = "A";
  for (int i = 0; i < 100; ++i) many += ",S" + std::to_string(i);
  EXPECT_EQ(run(five(), {{"symbols", many}}).result.failure().parameter, "symbols");
}

TEST(MarketStatistics, AVolumeSumBeyond38DigitsIsAnErrorNotAWrongNumber) {
  auto tickers = five();
  tickers[0].quote_volume = tickers[1].quote_volume = "999999999999999999999999999999.99999999";
  const Outcome done = run(tickers);
  ASSERT_FALSE(done.result.ok());
  EXPECT_EQ(done.result.failure().code, "decimal_overflow");
}

}  // namespace
}  // namespace bourse
