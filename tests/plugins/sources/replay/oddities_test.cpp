// SPDX-License-Identifier: MIT
//
// The built plugin on recordings as people have them: rows that cannot be, files that cannot be
// read, old data beside new, names that say little.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/sources/replay/folder.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

using Words = std::vector<std::string>;

/// The plugin on a folder.
class Recorded {
 public:
  explicit Recorded(const Folder& folder, const std::string& now = {})
      : source_("replay.so", "replay", config(folder, now)) {}

  ReportPtr fetch(const char* dataset, const Texts& params = {}) const {
    auto report = source_.fetch(dataset, params);
    if (report.ok()) return *report;
    ADD_FAILURE() << dataset << ": " << report.failure().message;
    std::abort();
  }
  host::Failure failure(const char* dataset, const Texts& params) const {
    const auto report = source_.fetch(dataset, params);
    EXPECT_FALSE(report.ok());
    return report.failure();
  }
  std::vector<LogLine> log() const { return source_.log(); }

 private:
  static Texts config(const Folder& folder, const std::string& now) {
    Texts texts{{"folder", folder.path().string()}};
    if (!now.empty()) texts.emplace_back("now", now);
    return texts;
  }
  Component source_;
};

Words cells(const ReportPtr& report, const char* name) {
  return column_texts(report->wire(), report->wire().tables[0]->name, name);
}
/// "code: text" of each note.
Words notes(const ReportPtr& report) {
  Words out;
  for (const bourse_note* note : ReportView(report->wire()).notes()) {
    out.push_back(std::string(view(note->code)) + ": " + std::string(view(note->text)));
  }
  return out;
}

// BTCUSDT, 1h, of 2020-12-21: the exchange stopped before 14:00 and went on at 18:00. The odd row
// is as it publishes it; those around it are shortened.
constexpr const char* kBefore =
    "1608555600000,23000,23100,22600,22646.53,10,1608559199999,230000,5,5,115000,0\n";
constexpr const char* kOdd =
    "1608559200000,22646.53000000,22646.53000000,22646.53000000,22646.53000000,0.00000000,"
    "1608558440521,0.00000000,0,0.00000000,0.00000000,0\n";
constexpr const char* kAfter =
    "1608573600000,22646.53,22800,22500,22700,10,1608577199999,227000,5,5,113500,0\n";

TEST(ReplayOddities, ACandleThatClosesBeforeItOpensIsMendedAndTold) {
  Folder folder;
  folder.with("BTCUSDT-1h-2020-12.csv", std::string(kBefore) + kOdd + kAfter);
  const Recorded source(folder);
  const ReportPtr all = source.fetch("candles", {{"symbol", "BTCUSDT"}});
  EXPECT_THAT(cells(all, "open_time"),
              ElementsAre("1608555600000000000", "1608559200000000000", "1608573600000000000"));
  EXPECT_EQ(cells(all, "close_time")[1], "1608562799999000000");
  EXPECT_EQ(cells(all, "close")[1], "22646.53000000");
  EXPECT_THAT(
      notes(all),
      ElementsAre("odd_candle: 1 candle of BTCUSDT has a recorded close time that is not in "
                  "the candle, the first at 2020-12-21T14:00:00Z; the last millisecond of "
                  "the interval is given instead."));
  const ReportPtr last = source.fetch("candles", {{"symbol", "BTCUSDT"}, {"limit", "1"}});
  EXPECT_THAT(notes(last), IsEmpty()) << "where it does not show, nothing is said";
  const ReportPtr made = source.fetch("candles", {{"symbol", "BTCUSDT"}, {"interval", "2h"}});
  EXPECT_THAT(note_codes(made->wire()), ElementsAre("gaps", "odd_candle"));
  EXPECT_THAT(source.log(), Contains(Field(&LogLine::message, "recorded candles are odd")));
}

TEST(ReplayOddities, PricesThatContradictEachOtherAreShownAndTold) {
  Folder folder;
  folder.with("A-1h.csv",
              "1735689600000,11,10,9,10,1,1735693199999,1,1,1,1,0\n"
              "1735693200000,0,0,0,0,5,1735696799999,1,1,1,1,0\n");
  const ReportPtr all = Recorded(folder).fetch("candles", {{"symbol", "A"}});
  EXPECT_THAT(cells(all, "high"), ElementsAre("10.00000000", "0.00000000"));
  EXPECT_THAT(notes(all),
              ElementsAre("odd_candle: 2 candles of A have recorded prices that contradict each "
                          "other, the first at 2025-01-01T00:00:00Z; they are given as recorded."));
}

TEST(ReplayOddities, WhatCannotBeReadCostsItselfAndIsToldToWhomItConcerns) {
  Folder folder;
  folder.with("BTCUSDT-1h-2020-12.csv", std::string(kBefore) + "nonsense\n" + kAfter)
      .with("BTCUSDT-1h-2021-01.csv", "<html>Not found</html>\n")
      .with("ETHUSDT-1h-2020-12.csv", kBefore)
      .with("README.md", "hello");
  const Recorded source(folder);
  const ReportPtr bitcoin = source.fetch("candles", {{"symbol", "BTCUSDT"}});
  EXPECT_EQ(cells(bitcoin, "close").size(), 2u);
  EXPECT_THAT(
      notes(bitcoin),
      ElementsAre(
          AllOf(StartsWith("unreadable_row: 1 row of the recorded candles of BTCUSDT cannot "
                           "be read and is left out, the first: BTCUSDT-1h-2020-12.csv:2: "),
                HasSubstr("has 1 column;")),
          StartsWith("unreadable_file: 1 file with candles of BTCUSDT cannot be read and is "
                     "left out, the first: BTCUSDT-1h-2021-01.csv: holds no candle")));
  EXPECT_THAT(notes(source.fetch("candles", {{"symbol", "ETHUSDT"}})), IsEmpty());
  const auto log = source.log();
  const auto line = [&](const std::string& message, const std::string& file) {
    return Contains(AllOf(Field(&LogLine::message, message),
                          Field(&LogLine::fields, Contains(Pair("file", file)))));
  };
  EXPECT_THAT(log, line("rows of a recorded file cannot be read and are left out",
                        "BTCUSDT-1h-2020-12.csv"));
  EXPECT_THAT(log,
              line("a recorded file cannot be read and is left out", "BTCUSDT-1h-2021-01.csv"));
  EXPECT_THAT(
      log, Contains(AllOf(Field(&LogLine::message, "files that are no recordings are passed over"),
                          Field(&LogLine::fields, Contains(Pair("files", "README.md"))))));
}

TEST(ReplayOddities, AMarketOfWhichNothingCouldBeReadSaysWhy) {
  Folder folder;
  folder.with("ETHUSDT-1h-2020-12.csv", kBefore)
      .with("BTCUSDT-1h-2020-12.csv", "nonsense\n")
      .with("depth_ETHUSDT.json", "{");
  const Recorded source(folder);
  auto f = source.failure("candles", {{"symbol", "BTCUSDT"}});
  EXPECT_EQ(f.code, "not_recorded");
  EXPECT_THAT(f.message, HasSubstr("recorded of it: nothing."));
  EXPECT_THAT(f.message, HasSubstr("Left out: BTCUSDT-1h-2020-12.csv: holds no candle"));
  f = source.failure("order_book", {{"symbol", "ETHUSDT"}});
  EXPECT_THAT(f.message, HasSubstr("recorded of it: candles of 1h."));
  EXPECT_THAT(f.message, HasSubstr("Left out: depth_ETHUSDT.json: is not JSON"));
}

TEST(ReplayBooks, WithoutAnythingElseSayWhatThereIsInstead) {
  Folder folder;
  folder.with("depth_ABTC.json", R"({"lastUpdateId":7,"bids":[["2","1"]],"asks":[["3","4"]]})");
  const Recorded source(folder);
  const auto f = source.failure("prices", {{"symbols", "ABTC"}});
  EXPECT_EQ(f.code, "not_recorded");
  EXPECT_EQ(f.status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(f.message, "No price of ABTC is recorded; recorded of it: an order book.");
  const ReportPtr book = source.fetch("order_book", {{"symbol", "ABTC"}});
  EXPECT_FALSE(ReportView(book->wire()).meta("clock")) << "nothing recorded has a time";
}

TEST(ReplayBooks, ThatAreCrossedAreShownAsTheyAre) {
  Folder folder;
  folder.with("depth_A.json", R"({"lastUpdateId":7,"bids":[["3","1"]],"asks":[["2","4"]]})");
  const Recorded source(folder);
  const ReportPtr crossed = source.fetch("order_book", {{"symbol", "A"}});
  EXPECT_THAT(cells(crossed, "price"), ElementsAre("3.00000000", "2.00000000"));
  EXPECT_THAT(notes(crossed), IsEmpty()) << "who reads it says so";
  EXPECT_EQ(ReportView(crossed->wire()).meta("complete")->as.i64, 0)
      << "nobody knows what lies beyond";
  const ReportPtr top = source.fetch("book_ticker", {{"symbols", "A"}});
  EXPECT_THAT(cells(top, "bid"), ElementsAre("3.00000000"));
  EXPECT_THAT(cells(top, "ask"), ElementsAre("2.00000000"));
}

TEST(ReplayBooks, AreGivenBestFirstWithoutLevelsThatCannotBeRead) {
  Folder folder;
  folder.with("depth_B.json",
              R"({"E":1735689600123,"bids":[["1","1"],["2","1"]],"asks":[["x","1"],["3","1"]]})");
  const Recorded source(folder);
  const ReportPtr odd = source.fetch("order_book", {{"symbol", "B"}});
  EXPECT_THAT(cells(odd, "price"), ElementsAre("2.00000000", "1.00000000", "3.00000000"));
  EXPECT_THAT(note_codes(odd->wire()), ElementsAre("unsorted_book", "unreadable_row"));
  EXPECT_FALSE(ReportView(odd->wire()).meta("last_update_id")) << "it was not said";
  EXPECT_EQ(odd->wire().as_of, 1'735'689'600'123'000'000) << "an answer that says when it was";
  EXPECT_EQ(ReportView(odd->wire()).meta("clock")->as.i64, 1'735'689'600'123'000'000);
  const ReportPtr top = source.fetch("book_ticker", {{"symbols", "B"}});
  EXPECT_THAT(note_codes(top->wire()), ElementsAre("unreadable_row"));
  EXPECT_THAT(cells(top, "time"), ElementsAre("1735689600123000000"));
  EXPECT_EQ(Recorded(folder, "2024-12-31T00:00:00Z").failure("order_book", {{"symbol", "B"}}).code,
            "not_recorded")
      << "no look-ahead";
}

TEST(ReplayBooks, SayWhetherMoreLevelsMayLieBeyond) {
  Folder folder;
  folder.with("depth_A.json", R"({"bids":[],"asks":[["2","4"],["3","1"]]})")
      .with("depth_C.json",
            R"({"bids":[["1","1"]],"asks":[["2","4"],["3","1"],["4","1"],["5","1"],["6","1"]]})");
  const Recorded source(folder);
  const auto complete = [&](const char* symbol, const char* levels) {
    const ReportPtr book = source.fetch("order_book", {{"symbol", symbol}, {"depth", levels}});
    return ReportView(book->wire()).meta("complete")->as.i64;
  };
  EXPECT_EQ(complete("A", "100"), 1) << "nobody bid";
  EXPECT_EQ(complete("C", "5"), 1) << "the bid is all there was, asks came as many as asked for";
  EXPECT_EQ(complete("C", "6"), 0) << "the recorder may have asked for 5";
}

/// A ticker of the 24 hours before 2024-03-10T02:47:00.116Z.
std::string ticker(const std::string& symbol, const std::string& more = "") {
  return R"({"symbol":")" + symbol + R"(","lastPrice":"5","openPrice":"4","highPrice":"6",)" +
         R"("lowPrice":"4","volume":"10","quoteVolume":"50","openTime":1709952420116,)" + more +
         R"("closeTime":1710038820116,"count":2})";
}

TEST(ReplayTickers, OfLongAgoAreShownWithTheirOwnTime) {
  Folder folder;
  folder.with("A-1h.csv", "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n")
      .with("ticker_24h.json", ticker("A"));
  const ReportPtr report = Recorded(folder).fetch("ticker_24h", {{"symbols", "A"}});
  EXPECT_EQ(report->wire().as_of, 1'710'038'820'116'000'000);
  EXPECT_EQ(cells(report, "close_time")[0], "1710038820116000000");
  EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, 1'735'693'200'000'000'000)
      << "what now is, so that analyses can tell that the ticker is old";
  folder.with("ticker_24h.json", "[" + ticker("A") + "," + ticker("B") + "]");
  const ReportPtr prices = Recorded(folder).fetch("prices", {{"symbols", "A,B"}});
  EXPECT_THAT(cells(prices, "price"), ElementsAre("1.00000000", "5.00000000"));
  EXPECT_THAT(cells(prices, "time"), ElementsAre("1735693199999000000", "1710038820116000000"));
  EXPECT_EQ(prices->wire().as_of, 1'735'693'199'999'000'000);
}

TEST(ReplayTickers, OfTwoCandlesAreNotOfADay) {
  Folder folder;
  folder.with("A-1h.csv",
              "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n"
              "1735693200000,1,2,1,2,1,1735696799999,2,1,1,1,0\n");
  const Recorded source(folder);
  const ReportPtr report = source.fetch("ticker_24h", {{"symbols", "A"}});
  EXPECT_THAT(notes(report),
              ElementsAre("partial_window: Made of less than 24 hours: A: 2 h between "
                          "2025-01-01T00:00:00Z and 2025-01-01T02:00:00Z."));
}

TEST(ReplayTickers, OfAMarketThatStoppedEndWhereItStopped) {
  Folder folder;
  folder.with("A-1h.csv", "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n");
  const Recorded source(folder, "2025-01-01T20:00:00Z");
  const ReportPtr report = source.fetch("ticker_24h", {{"symbols", "A"}});
  EXPECT_EQ(cells(report, "close_time")[0], "1735693200000000000") << "01:00, not 20:00";
  EXPECT_EQ(report->wire().as_of, 1'735'693'200'000'000'000);
}

TEST(ReplayTickers, ARowThatCannotBeReadDoesNotCostTheOthers) {
  Folder folder;
  folder.with("ticker_24h.json", "[" + ticker("A") + "," + ticker("币安人生USDT") +
                                     R"(,{"symbol":"B","lastPrice":"x"},{"symbol":"C D"}])");
  const Recorded source(folder);
  const ReportPtr report = source.fetch("ticker_24h", {{"symbols", "A,币安人生USDT,B"}});
  EXPECT_THAT(cells(report, "symbol"), ElementsAre("A", "币安人生USDT"));
  EXPECT_THAT(cells(report, "quote_asset"), ElementsAre("null", "USDT"));
  EXPECT_THAT(
      notes(report),
      ElementsAre(AllOf(StartsWith("symbol_unavailable: No ticker and no candle of the last "
                                   "24 hours of B is recorded before "),
                        HasSubstr("recorded of it: nothing. Left out: ticker_24h.json: "
                                  "element 2: B: lastPrice is \"x\"")),
                  AllOf(StartsWith("unreadable_row: 1 row"), HasSubstr("element 3: symbol"))));
  EXPECT_THAT(source.failure("ticker_24h", {{"symbols", "币安USDT"}}).message,
              HasSubstr("There is no market \"币安USDT\""));
}

TEST(ReplayTickers, AFileOfManyMarketsThatCannotBeReadIsToldToAllOfThem) {
  Folder folder;
  folder.with("A-1h.csv", "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n")
      .with("depth_A.json", R"({"bids":[["1","1"]],"asks":[["2","1"]]})")
      .with("ticker_24h.json", "[1")
      .with("ticker_24h_2.json", "[" + ticker("B") + R"(,{"symbol":"C D"}])")
      .with("exchangeInfo.json", "{");
  const Recorded source(folder);
  const auto row = StartsWith(
      "unreadable_row: 1 row of the recorded data of these markets cannot be read and is left out, "
      "the first: ticker_24h_2.json: element 1: symbol");
  const auto file = StartsWith(
      "unreadable_file: 1 file with data of these markets cannot be read and is left out, the "
      "first: ticker_24h.json: is not JSON");
  const auto info = StartsWith(
      "unreadable_file: 1 file with rules of these markets cannot be read and is left out, the "
      "first: exchangeInfo.json: is not JSON");
  const Texts a{{"symbols", "A"}};
  EXPECT_THAT(notes(source.fetch("prices", a)), ElementsAre(row, file));
  EXPECT_THAT(notes(source.fetch("book_ticker", a)), ElementsAre(row, file));
  EXPECT_THAT(notes(source.fetch("ticker_24h", a)),
              ElementsAre(row, file, StartsWith("partial_window"), info));
  EXPECT_THAT(notes(source.fetch("symbols")), ElementsAre(info));
  EXPECT_THAT(notes(source.fetch("candles", {{"symbol", "A"}})), IsEmpty());
  EXPECT_THAT(source.failure("ticker_24h", {{"symbols", "X"}}).message,
              HasSubstr("Left out: ticker_24h.json: is not JSON"))
      << "it may have been in there";
}

TEST(ReplayTickers, WhosePricesContradictEachOtherAreShownAndTold) {
  Folder folder;
  std::string text = ticker("A");
  text.replace(text.find(R"("lastPrice":"5")"), 15, R"("lastPrice":"7")");
  folder.with("ticker_24h.json", "[" + text + "," + ticker("B") + "]");
  const ReportPtr report = Recorded(folder).fetch("ticker_24h", {{"symbols", "A,B"}});
  EXPECT_EQ(cells(report, "last")[0], "7.00000000");
  EXPECT_THAT(notes(report),
              ElementsAre("odd_candle: Tickers have recorded prices or times that contradict each "
                          "other; they are given as recorded: A."));
}

TEST(ReplayInfo, TellsStatusAssetsAndRules) {
  Folder folder;
  folder
      .with("exchangeInfo.json",
            R"({"serverTime":1710038900000,"symbols":[{"symbol":"ADAEUR","status":"BREAK",)"
            R"("baseAsset":"ADA","quoteAsset":"EUR","orderTypes":["LIMIT"],"filters":[)"
            R"({"filterType":"PRICE_FILTER","tickSize":"0.00010000","minQty":""}]}]})")
      .with("ticker_24h.json", "[" + ticker("ADAEUR") + "," + ticker("ADABUSD") + "]")
      .with("ADAEUR-1h.csv", kBefore)
      .with("depth_ADAEUR.json", R"({"bids":[["1","1"]],"asks":[["2","1"]]})");
  const Recorded source(folder);
  const ReportPtr symbols = source.fetch("symbols");
  EXPECT_THAT(cells(symbols, "symbol"), ElementsAre("ADABUSD", "ADAEUR"));
  EXPECT_THAT(cells(symbols, "status"), ElementsAre("null", "BREAK"));
  EXPECT_THAT(cells(symbols, "base_asset"), ElementsAre("ADA", "ADA"));
  EXPECT_THAT(cells(symbols, "tick_size"), ElementsAre("null", "0.00010000"));
  EXPECT_THAT(cells(symbols, "order_types"), ElementsAre("null", "LIMIT"));
  EXPECT_EQ(symbols->wire().as_of, 1'710'038'900'000'000'000);
  EXPECT_THAT(notes(symbols), IsEmpty());
  const ReportPtr tickers = source.fetch("ticker_24h", {{"symbols", "ADAEUR,ADABUSD"}});
  EXPECT_THAT(cells(tickers, "quote_asset"), ElementsAre("EUR", "BUSD"));
  EXPECT_THAT(cells(tickers, "status"), ElementsAre("BREAK", "null"));
  for (const auto& [dataset, params] :
       {std::pair<const char*, Texts>{"candles", {{"symbol", "ADAEUR"}}},
        std::pair<const char*, Texts>{"order_book", {{"symbol", "ADAEUR"}}}}) {
    const ReportPtr report = source.fetch(dataset, params);
    EXPECT_EQ(view(ReportView(report->wire()).meta("status")->as.text), "BREAK") << dataset;
  }
}

TEST(ReplayInfo, WithoutItNothingIsGuessed) {
  Folder folder;
  folder.with("ticker_24h.json",
              "[" + ticker("ADAEUR") + "," + ticker("BATUSD") + "," + ticker("BATUSDT") + "]");
  const Recorded source(folder);
  const ReportPtr symbols = source.fetch("symbols");
  EXPECT_THAT(cells(symbols, "base_asset"), ElementsAre("null", "BAT", "BAT"));
  EXPECT_THAT(cells(symbols, "quote_asset"), ElementsAre("null", "USD", "USDT"));
  const std::string told =
      "ambiguous_assets: The assets cannot be told from the name: ADAEUR (AD/AEUR or ADA/EUR). A "
      "recorded answer of exchangeInfo, exchangeInfo.json, would say them.";
  EXPECT_THAT(notes(symbols), ElementsAre(told));
  const ReportPtr tickers = source.fetch("ticker_24h", {{"symbols", "ADAEUR,BATUSD"}});
  EXPECT_THAT(cells(tickers, "quote_asset"), ElementsAre("null", "USD"));
  EXPECT_THAT(notes(tickers), ElementsAre(told));
}

TEST(ReplayInfo, WaysToSplitANameKnowTheQuoteAssetsOfTheRules) {
  Folder folder;
  folder
      .with("exchangeInfo.json",
            R"([{"symbol":"ABCXYZUSD","baseAsset":"ABC","quoteAsset":"XYZUSD"}])")
      .with("ticker_24h.json", "[" + ticker("FOOXYZUSD") + "]");
  const ReportPtr tickers = Recorded(folder).fetch("ticker_24h", {{"symbols", "FOOXYZUSD"}});
  EXPECT_THAT(cells(tickers, "quote_asset"), ElementsAre("null"));
  EXPECT_THAT(notes(tickers), ElementsAre(AllOf(StartsWith("ambiguous_assets"),
                                                HasSubstr("(FOOXYZ/USD or FOO/XYZUSD)"))));
}

// BTCUSDT, 1d, as the exchange has it, with volumes of 0 for brevity: its first day, and some
// later.
constexpr const char* kFirstDay =
    "1502928000000,4261.48,4485.39,4200.74,4285.08,0,1503014399999,0,3427,0,0,0\n";
constexpr const char* kDays =
    "1767139200000000,88485.50,89200.00,87250.00,87648.22,0,1767225599999999,0,1,0,0,0\n"
    "1767225600000000,87648.21,88919.45,87550.43,88839.04,0,1767311999999999,0,1,0,0,0\n"
    "1767312000000000,88839.05,90961.81,88379.88,89995.13,0,1767398399999999,0,1,0,0,0\n"
    "1767398400000000,89995.14,90741.16,89314.01,90628.01,0,1767484799999999,0,1,0,0,0\n"
    "1767484800000000,90628.01,91810.00,90628.00,91529.73,0,1767571199999999,0,1,0,0,0\n";

TEST(ReplayThreeDays, BeginWithTheMarketsFirstDay) {
  Folder folder;
  folder.with("BTCUSDT-1d-2017-08.csv", kFirstDay).with("BTCUSDT-1d-2026-01.csv", kDays);
  const Recorded source(folder);
  const ReportPtr days = source.fetch(
      "candles", {{"symbol", "BTCUSDT"}, {"interval", "3d"}, {"start", "2025-12-01T00:00:00Z"}});
  // The exchange's own candle of 2026-01-02.
  EXPECT_THAT(cells(days, "open_time"),
              ElementsAre("1767052800000000000", "1767312000000000000"));  // 2025-12-30, 2026-01-02
  EXPECT_EQ(cells(days, "open")[1], "88839.05000000");
  EXPECT_EQ(cells(days, "high")[1], "91810.00000000");
  EXPECT_EQ(cells(days, "low")[1], "88379.88000000");
  EXPECT_EQ(cells(days, "close")[1], "91529.73000000");
  EXPECT_EQ(cells(days, "close_time")[1], "1767571199999000000");
  EXPECT_THAT(note_codes(days->wire()), ElementsAre("gaps"))
      << "of 2025-12-30 a day is missing; the month that begins on its 17th shows the listing";
}

TEST(ReplayThreeDays, OfWhichOneIsRecordedHaveItsGrid) {
  Folder folder;
  folder.with("BTCUSDT-1d-2026-01.csv", kDays)
      .with("BTCUSDT-3d-2026-02.csv",
            "1767571200000000,1,1,1,1,0,1767830399999999,0,1,0,0,0\n");  // 2026-01-05
  const Recorded then(folder, "2026-01-05T00:00:00Z");
  const ReportPtr days = then.fetch("candles", {{"symbol", "BTCUSDT"}, {"interval", "3d"}});
  EXPECT_THAT(cells(days, "open_time"), ElementsAre("1767052800000000000", "1767312000000000000"));
  EXPECT_THAT(note_codes(days->wire()), ElementsAre("gaps"));
}

// Of January 2026, from the 2nd and the 5th on (a Monday), one day and one week.
constexpr const char* kSecondOfJanuary = "1767312000000,1,1,1,1,0,1767398399999,0,1,0,0,0\n";
constexpr const char* kFirstWeek = "1767571200000,1,1,1,1,0,1768175999999,0,1,0,0,0\n";

/// Codes of the notes on candles of 3d.
Words told_of_three_days(const Folder& folder) {
  return note_codes(
      Recorded(folder).fetch("candles", {{"symbol", "A"}, {"interval", "3d"}})->wire());
}

TEST(ReplayThreeDays, AreKnownByABulkFileOnlyIfItIsWhole) {
  Folder whole;
  whole.with("A-1d-2026-01.csv", kSecondOfJanuary);
  EXPECT_THAT(told_of_three_days(whole), Not(Contains("unknown_grid")));
  whole.with("A-1h-2026-02.csv", "nonsense\n");
  EXPECT_THAT(told_of_three_days(whole), Not(Contains("unknown_grid"))) << "it is of later";
  Folder garbage;
  garbage.with("A-1d-2026-01.csv", "garbage\n" + std::string(kSecondOfJanuary));
  EXPECT_THAT(told_of_three_days(garbage), Contains("unknown_grid")) << "of the 1st, perhaps";
  for (const char* other : {"A-1h-2026-01.csv", "A-1h-2025-12.csv", "A-1h.csv", "klines_A_1h.json",
                            "A-1H-2026-01.csv"}) {
    Folder folder;
    folder.with("A-1d-2026-01.csv", kSecondOfJanuary).with(other, "nonsense\n");
    EXPECT_THAT(told_of_three_days(folder), Contains("unknown_grid")) << other;
  }
}

TEST(ReplayThreeDays, AreNotKnownByLongerCandles) {
  Folder folder;
  folder.with("A-1w-2026-01.csv", kFirstWeek)
      .with("A-1d.csv", std::string(kSecondOfJanuary) + "1767571200000,1,1,1,1,0,0,0,1,0,0,0\n");
  EXPECT_THAT(told_of_three_days(folder), Contains("unknown_grid"));
  Folder begun;  // the week ends on January 11th, the month's file begins on the 15th
  begun.with("A-1w-2026-01.csv", kFirstWeek)
      .with("A-1d-2026-01.csv", "1768435200000,1,1,1,1,0,1768521599999,0,1,0,0,0\n");
  EXPECT_THAT(told_of_three_days(begun), Contains("unknown_grid"));
}

TEST(ReplayThreeDays, OfWeeksThatOpenBeforeTheListingCountFromTheListing) {
  // Listed on Friday, January 2nd; its first week opens on Monday, December 29th.
  Folder folder;
  folder.with("A-1d-2026-01.csv", kSecondOfJanuary)
      .with("A-1w-2025-12.csv", "1766966400000,1,1,1,1,0,1767571199999,0,1,0,0,0\n");
  const Recorded source(folder);
  const ReportPtr days = source.fetch("candles", {{"symbol", "A"}, {"interval", "3d"}});
  EXPECT_THAT(cells(days, "open_time"), ElementsAre("1767312000000000000"));
  EXPECT_THAT(note_codes(days->wire()), Not(Contains("unknown_grid")));
}

TEST(ReplayThreeDays, OfARecordingThatBeginsLaterSayThatTheirGridIsNotKnown) {
  Folder folder;
  folder.with("BTCUSDT-1d.csv", kDays);
  const Recorded source(folder);
  const ReportPtr days = source.fetch("candles", {{"symbol", "BTCUSDT"}, {"interval", "3d"}});
  EXPECT_THAT(cells(days, "open_time"),
              ElementsAre("1767139200000000000", "1767398400000000000"));  // 2025-12-31, 2026-01-03
  ASSERT_EQ(notes(days).size(), 1u);
  EXPECT_THAT(notes(days)[0], StartsWith("unknown_grid: Candles of 3d of BTCUSDT are counted from "
                                         "2025-12-31T00:00:00Z, where the recording begins."));
  const ReportPtr weeks = source.fetch("candles", {{"symbol", "BTCUSDT"}, {"interval", "1w"}});
  EXPECT_THAT(note_codes(weeks->wire()), ElementsAre("gaps"));
}

}  // namespace
}  // namespace bourse::test
