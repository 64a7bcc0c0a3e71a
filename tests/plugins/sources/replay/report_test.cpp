// SPDX-License-Identifier: MIT
//
// Reports of a source's answers, written by hand as docs/reference/report.schema.json has them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/sources/replay/files.hpp"
#include "tests/plugins/sources/replay/folder.hpp"

namespace bourse::replay {
namespace {

using test::Folder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

std::string report(const std::string& table, const std::string& rows,
                   const std::string& meta = "{}", const std::string& as_of = "null") {
  return R"({"title":"t","component":"a.b/c","as_of":)" + as_of + R"(,"meta":)" + meta +
         R"(,"notes":[],"values":{},"fields":[],"tables":{")" + table +
         R"(":{"label":"","fields":[],"rows":[)" + rows + R"(]}},"charts":[]})";
}

std::string candle(const std::string& hour, const std::string& close,
                   const std::string& closed = "true") {
  return R"({"open_time":"2026-11-30T)" + hour +
         R"(:00:00Z","open":"10.5","high":"12","low":"9.5","close":)" + close +
         R"(,"volume":"100","close_time":"2026-11-30T)" + hour +
         R"(:59:59.999Z","quote_volume":"1050","trades":7,"taker_base_volume":"60",)" +
         R"("taker_quote_volume":"630","closed":)" + closed + "}";
}

Recording loaded(const std::string& name, const std::string& text) {
  Folder folder;
  folder.with(name, text);
  return load(folder.path(), std::nullopt);
}
std::string why_not(const std::string& name, const std::string& text) {
  try {
    (void)loaded(name, text);
  } catch (const Error& e) {
    return e.message();
  }
  return "accepted";
}

TEST(ReportTimes, AreThoseOfReportsAndNoOthers) {
  // 1780185600 s: date -u -d 2026-05-31T00:00:00Z +%s
  EXPECT_EQ(time_of_text("2026-05-31T00:00:00Z"), Time{1'780'185'600'000'000'000});
  EXPECT_EQ(time_of_text("2026-05-31T00:00:01.25Z"), Time{1'780'185'601'250'000'000});
  EXPECT_EQ(time_of_text("1970-01-01T00:00:00.000000001Z"), Time{1});
  for (const char* const bad :
       {"", "2026-05-31", "2026-05-31T00:00:00", "2026-02-29T00:00:00Z", "2026-05-31T24:00:00Z",
        "2026-05-31T00:60:00Z", "2026-05-31T00:00:60Z", "2026-05-31T00:00:00.Z",
        "2026-05-31T00:00:00.1234567890Z", "2026-05-31T00:00:00+01:00", "2026-05-31 00:00:00Z",
        "1969-12-31T00:00:00Z", "9999-12-31T00:00:00Z", "-026-05-31T00:00:00Z"}) {
    EXPECT_EQ(time_of_text(bad), std::nullopt) << bad;
  }
}

TEST(CandleReports, AreReadWithoutTheCandleThatWasForming) {
  const auto recording = loaded("candles_A_1h_500.report.json",
                                report("candles", candle("19", R"("11.000000000000000001")") + "," +
                                                      candle("20", R"("11.25")", "false")));
  const Series& series = recording.markets.at("A").series.at(Interval::parse("1h").value());
  ASSERT_EQ(series.size(), 1u);
  EXPECT_EQ(series.open_time[0], time_of_text("2026-11-30T19:00:00Z")->ns);
  EXPECT_EQ(series.close_time[0], time_of_text("2026-11-30T19:59:59.999Z")->ns);
  EXPECT_EQ(series.close[0].text(), "11.000000000000000001");
  EXPECT_THAT(series.trades, ElementsAre(7));
}

TEST(CandleReports, ARowThatCannotBeReadIsToldAndTheOthersStay) {
  const auto recording =
      loaded("candles_A_1h.report.json",
             report("candles", candle("18", R"("eleven")") + "," + candle("19", "null") + "," +
                                   candle("20", R"("11")")));
  const Market& market = recording.markets.at("A");
  EXPECT_EQ(market.series.begin()->second.size(), 1u);
  EXPECT_EQ(market.bad_candles.rows, 2u);
  EXPECT_THAT(market.bad_candles.first_row,
              HasSubstr("candles_A_1h.report.json: row 0: close (column 5) is \"eleven\""));
}

TEST(BookReports, AreReadWithTheirTimeAndId) {
  const std::string levels =
      R"({"side":"bid","price":"9","quantity":"1"},{"side":"bid","price":"10","quantity":"2"},)"
      R"({"side":"ask","price":"11","quantity":"3"})";
  const std::string meta = R"({"last_update_id":12345678901234,"clock":"2026-11-30T21:00:02Z"})";
  const auto of = [&](const std::string& as_of) {
    return loaded("order_book_A_100_20261130T210002Z.report.json",
                  report("order_book", levels, meta, as_of))
        .markets.at("A")
        .book.value();
  };
  const Book book = of("\"2026-11-30T21:00:01Z\"");
  ASSERT_THAT(book.bids, SizeIs(2));
  EXPECT_EQ(book.bids[0].price.text(), "10");  // best first
  EXPECT_TRUE(book.sorted);
  EXPECT_EQ(book.asks[0].quantity.text(), "3");
  EXPECT_EQ(book.last_update_id, 12'345'678'901'234);
  EXPECT_EQ(book.time, time_of_text("2026-11-30T21:00:01Z"));
  EXPECT_EQ(of("null").time, time_of_text("2026-11-30T21:00:02Z"));  // when it was asked for
}

TEST(TickerReports, AreReadWithWhatIsNotKnownLeftEmpty) {
  const auto recording = loaded(
      "ticker_24h_A.report.json",
      report("ticker_24h",
             R"({"symbol":"A","quote_asset":null,"last":"11","last_quantity":null,"open":"10",)"
             R"("high":"12","low":"9","volume":"4","quote_volume":"42","bid":null,)"
             R"("open_time":"2026-11-29T21:00:00Z","close_time":"2026-11-30T21:00:00Z",)"
             R"("trades":3},{"symbol":"B","last":"1"})"));
  const Ticker& ticker = recording.markets.at("A").ticker.value();
  EXPECT_EQ(ticker.price_change->text(), "1");
  EXPECT_EQ(ticker.price_change_percent->text(), "10.000");   // 100 x 1 / 10
  EXPECT_EQ(ticker.weighted_average->text(), "10.50000000");  // 42 / 4
  EXPECT_EQ(ticker.bid, std::nullopt);
  EXPECT_EQ(recording.markets.at("B").bad_tickers.rows, 1u);
}

TEST(SymbolReports, AreTheRules) {
  const auto recording = loaded(
      "symbols.report.json",
      report("symbols",
             R"({"symbol":"AB","status":"TRADING","base_asset":"A","quote_asset":"B",)"
             R"("tick_size":"0.01","lot_step":null,"minimum_quantity":"1",)"
             R"("maximum_quantity":"9","minimum_notional":"5","order_types":"LIMIT MARKET"})",
             R"({"clock":"2026-11-30T21:00:02Z"})"));
  const Rules& rules = recording.markets.at("AB").rules.value();
  EXPECT_EQ(rules.assets->quote, "B");
  EXPECT_EQ(rules.tick_size->text(), "0.01");
  EXPECT_EQ(rules.lot_step, std::nullopt);
  EXPECT_EQ(rules.order_types, "LIMIT MARKET");
  EXPECT_EQ(rules.time, time_of_text("2026-11-30T21:00:02Z"));
}

TEST(Reports, ThatAreNoneAreRefusedWithTheReason) {
  EXPECT_THAT(why_not("candles_A_1h.report.json", "[]"), HasSubstr("expected an object"));
  EXPECT_THAT(why_not("candles_A_1h.report.json", "{}"), HasSubstr("tables is missing"));
  EXPECT_THAT(why_not("candles_A_1h.report.json", R"({"tables":{}})"),
              HasSubstr("a report without a table"));
  EXPECT_THAT(why_not("candles_A_1h.report.json", R"({"tables":{"t":{}}})"),
              HasSubstr("rows is missing"));
  EXPECT_THAT(why_not("candles_A_1h.report.json", R"({"tables":{"t":{"rows":[1]}}})"),
              HasSubstr("a row must be an object"));
  EXPECT_THAT(why_not("candles_A_1h.report.json", report("candles", "")),
              HasSubstr("a report without a row"));
  EXPECT_THAT(why_not("prices_A.report.json", report("prices", "")),
              HasSubstr("is not of a dataset that is read here"));
}

}  // namespace
}  // namespace bourse::replay
