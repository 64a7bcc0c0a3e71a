// SPDX-License-Identifier: MIT
//
// The built plugin on a recording made by make_recording.py; expected values by Python's decimal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "tests/plugins/sources/replay/folder.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Words = std::vector<std::string>;

/// Lines of the expected file that start with these words, without them.
std::vector<Words> expected(const std::string& kind, const std::string& symbol) {
  std::ifstream file(BOURSE_RECORDING_EXPECTED);
  std::vector<Words> out;
  for (std::string line; std::getline(file, line);) {
    std::istringstream stream(line);
    Words words{std::istream_iterator<std::string>(stream), {}};
    if (words[0] != kind || words[1] != symbol) continue;
    out.emplace_back(words.begin() + 2, words.end());
  }
  EXPECT_FALSE(out.empty());
  return out;
}

ReportPtr fetch(const Component& source, const char* dataset, const Texts& params) {
  auto report = source.fetch(dataset, params);
  if (!report.ok()) {
    ADD_FAILURE() << dataset << ": " << report.failure().message;
    std::abort();
  }
  return *report;
}
Words column(const ReportPtr& report, const char* name) {
  return column_texts(report->wire(), report->wire().tables[0]->name, name);
}

void expect_candles(const ReportPtr& report, const std::vector<Words>& rows) {
  constexpr const char* kColumns[] = {"open_time",
                                      "close_time",
                                      "open",
                                      "high",
                                      "low",
                                      "close",
                                      "volume",
                                      "quote_volume",
                                      "trades",
                                      "taker_base_volume",
                                      "taker_quote_volume"};
  std::size_t c = 0;
  for (const char* name : kColumns) {
    Words wanted;
    for (const Words& row : rows) wanted.push_back(row[c]);
    EXPECT_EQ(column(report, name), wanted) << name;
    ++c;
  }
}

class Replay : public testing::Test {
 protected:
  Component source_{"replay.so", "replay", {{"folder", BOURSE_RECORDING}}};
};

TEST_F(Replay, ShowsEveryRecordedCandleAsItStands) {
  for (const char* symbol : {"AAAUSDT", "BBBTRY"}) {
    const ReportPtr report = fetch(source_, "candles", {{"symbol", symbol}, {"limit", "5000"}});
    expect_candles(report, expected("row", symbol));
    EXPECT_THAT(column(report, "closed"), testing::Each("true"));
    EXPECT_TRUE(note_codes(report->wire()).empty());
    // The last candle ends in the last microsecond before 2025-01-03.
    EXPECT_EQ(report->wire().as_of, 1'735'862'399'999'999'000);
    EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, 1'735'862'400'000'000'000);
    EXPECT_FALSE(ReportView(report->wire()).meta("status")) << "nobody said it";
  }
}

TEST_F(Replay, MakesDaysOfHoursExactly) {
  const ReportPtr whole =
      fetch(source_, "candles", {{"symbol", "BBBTRY"}, {"interval", "1d"}, {"limit", "10"}});
  expect_candles(whole, expected("day", "BBBTRY"));
  EXPECT_THAT(column(whole, "closed"), testing::Each("true"));
  EXPECT_TRUE(note_codes(whole->wire()).empty());
  const ReportPtr holed = fetch(source_, "candles", {{"symbol", "AAAUSDT"}, {"interval", "1d"}});
  expect_candles(holed, expected("day", "AAAUSDT"));
  EXPECT_THAT(note_codes(holed->wire()), ElementsAre("gaps"));
}

TEST_F(Replay, ComputesTheTickerFromTheLastDay) {
  for (const char* symbol : {"AAAUSDT", "BBBTRY"}) {
    const ReportPtr report = fetch(source_, "ticker_24h", {{"symbols", symbol}});
    const Words wanted = expected("last", symbol)[0];
    std::size_t i = 0;
    for (const char* name :
         {"open", "high", "low", "last", "volume", "quote_volume", "trades", "price_change",
          "price_change_percent", "weighted_average", "previous_close"}) {
      EXPECT_EQ(column(report, name)[0], wanted[i++]) << symbol << ' ' << name;
    }
    EXPECT_THAT(column(report, "bid"), ElementsAre("null"));
    EXPECT_THAT(column(report, "close_time"), ElementsAre("1735862400000000000"));
    EXPECT_THAT(column(report, "open_time"), ElementsAre("1735776000000000000"));
    EXPECT_EQ(column(fetch(source_, "prices", {{"symbols", symbol}}), "price")[0], wanted[3]);
  }
  const ReportPtr both = fetch(source_, "ticker_24h", {{"symbols", "BBBTRY,AAAUSDT"}});
  EXPECT_THAT(column(both, "quote_asset"), ElementsAre("TRY", "USDT"));
}

TEST_F(Replay, ListsItsMarketsWithoutRules) {
  const auto all = fetch(source_, "symbols", {});
  EXPECT_THAT(column(all, "symbol"), ElementsAre("AAAUSDT", "BBBTRY"));
  EXPECT_THAT(column(all, "base_asset"), ElementsAre("AAA", "BBB"));
  EXPECT_THAT(column(all, "quote_asset"), ElementsAre("USDT", "TRY"));
  EXPECT_THAT(column(all, "tick_size"), ElementsAre("null", "null"));
  EXPECT_THAT(column(all, "status"), ElementsAre("null", "null"));
  EXPECT_EQ(all->wire().as_of, 0) << "names have no time";
  const auto some = fetch(source_, "symbols", {{"symbols", "NOPE,BBBTRY"}});
  EXPECT_THAT(column(some, "symbol"), ElementsAre("BBBTRY"));
  EXPECT_THAT(note_codes(some->wire()), ElementsAre("symbol_unavailable"));
}

TEST_F(Replay, SaysWhatIsNotRecorded) {
  const auto failure = [&](const char* dataset, const Texts& params) {
    const auto report = source_.fetch(dataset, params);
    EXPECT_FALSE(report.ok());
    return report.failure();
  };
  auto f = failure("candles", {{"symbol", "AAAUSDT"}, {"interval", "1m"}});
  EXPECT_EQ(f.code, "interval_not_recorded");
  EXPECT_EQ(f.status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(f.parameter, "interval");
  EXPECT_THAT(f.message, HasSubstr("ask for one of 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w, 1M."));
  f = failure("candles", {{"symbol", "aaausdt"}});
  EXPECT_EQ(f.code, "symbol_not_found");
  EXPECT_THAT(f.message, HasSubstr("did you mean AAAUSDT?"));
  f = failure("order_book", {{"symbol", "AAAUSDT"}});
  EXPECT_EQ(f.code, "not_recorded");
  EXPECT_THAT(f.message, HasSubstr("depth_AAAUSDT.json"));
  f = failure("book_ticker", {{"symbols", "AAAUSDT"}});
  EXPECT_EQ(f.code, "not_recorded");
  EXPECT_EQ(f.status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(f.message,
            "No order book and no ticker with bid and ask of AAAUSDT is recorded before "
            "2025-01-03T00:00:00Z; recorded of it: candles of 1h.");
  f = failure("prices", {{"symbols", "NOSUCH"}});
  EXPECT_EQ(f.code, "symbol_not_found");
  EXPECT_EQ(f.status, BOURSE_NOT_FOUND);
  const ReportPtr some = fetch(source_, "prices", {{"symbols", "NOSUCH,BBBTRY,BBBTRY"}});
  EXPECT_THAT(column(some, "symbol"), ElementsAre("BBBTRY"));
  EXPECT_THAT(note_codes(some->wire()), ElementsAre("symbol_unavailable"));
}

TEST_F(Replay, SaysTheSameForEverWhateverTheTimeOfTheRequest) {
  const std::map<std::string, Texts> asked = {{"candles", {{"symbol", "BBBTRY"}}},
                                              {"ticker_24h", {{"symbols", "BBBTRY"}}},
                                              {"prices", {{"symbols", "BBBTRY"}}},
                                              {"symbols", {}}};
  for (const auto& [dataset, params] : asked) {
    std::vector<ReportPtr> answers;
    for (const std::int64_t now : {std::int64_t{0}, kNow.ns}) {
      source_.set_now(Time{now});
      Said said;
      auto report = source_.fetch(dataset, params, {}, &said);
      ASSERT_TRUE(report.ok()) << report.failure().message;
      EXPECT_EQ(said.fresh_until, Time{std::numeric_limits<std::int64_t>::max()}) << dataset;
      answers.push_back(*report);
    }
    const TableView table(*answers[0]->wire().tables[0]);
    for (std::size_t c = 0; c < table.columns(); ++c) {
      const char* const name = table.field(c).name;
      EXPECT_EQ(column(answers[0], name), column(answers[1], name)) << dataset << "." << name;
    }
    EXPECT_EQ(answers[0]->wire().as_of, answers[1]->wire().as_of);
  }
}

TEST(ReplayNow, HidesTheFuture) {
  // 10:30 on the second day: the candle of 10:00 is not over.
  const Component then("replay.so", "replay",
                       {{"folder", BOURSE_RECORDING}, {"now", "2024-12-31T10:30:00Z"}});
  const ReportPtr hours = fetch(then, "candles", {{"symbol", "BBBTRY"}, {"limit", "5000"}});
  auto rows = expected("row", "BBBTRY");
  rows.resize(34);
  expect_candles(hours, rows);
  EXPECT_EQ(hours->wire().as_of, 1'735'639'199'999'000'000) << "before 10:00, the newest candle";
  EXPECT_EQ(ReportView(hours->wire()).meta("clock")->as.i64, 1'735'641'000'000'000'000);
  const ReportPtr days = fetch(then, "candles", {{"symbol", "BBBTRY"}, {"interval", "1d"}});
  EXPECT_THAT(column(days, "closed"), ElementsAre("true", "false"));
  EXPECT_EQ(days->wire().as_of, 1'735'641'000'000'000'000) << "10:30: the day still forms";
  EXPECT_EQ(column(days, "close").back(), rows.back()[5]);
  const ReportPtr ticker = fetch(then, "ticker_24h", {{"symbols", "BBBTRY"}});
  EXPECT_EQ(column(ticker, "last")[0], rows.back()[5]);
  EXPECT_EQ(column(ticker, "open")[0], rows[11][2]) << "the first candle inside the 24 hours";
  // 11:00 to 10:00: the halves of the candles of 10:00 are not known.
  EXPECT_EQ(column(ticker, "open_time")[0], "1735556400000000000");
  EXPECT_EQ(column(ticker, "close_time")[0], "1735639200000000000");
  EXPECT_EQ(ticker->wire().as_of, 1'735'639'200'000'000'000);
  ASSERT_THAT(note_codes(ticker->wire()), ElementsAre("partial_window"));
  EXPECT_EQ(view(ReportView(ticker->wire()).notes()[0]->text),
            "Made of less than 24 hours: BBBTRY: 23 h between 2024-12-30T11:00:00Z and "
            "2024-12-31T10:00:00Z.");
}

TEST(ReplayFiles, ConflictsAreANoteWhereTheyShow) {
  Folder folder;
  folder
      .with("A-1h-2025-01.csv",
            "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n"
            "1735693200000,1,1,1,1,1,1735696799999,1,1,1,1,0\n")
      .with("A-1h-2025-02.csv", "1735689600000,1,2,1,1,1,1735693199999,1,1,1,1,0\n");
  const Component source("replay.so", "replay", {{"folder", folder.path().string()}});
  const ReportPtr all = fetch(source, "candles", {{"symbol", "A"}});
  EXPECT_THAT(column(all, "high"), ElementsAre("2.00000000", "1.00000000"));
  EXPECT_THAT(note_codes(all->wire()), ElementsAre("conflicting_candles"));
  const ReportPtr last = fetch(source, "candles", {{"symbol", "A"}, {"limit", "1"}});
  EXPECT_TRUE(note_codes(last->wire()).empty());
}

TEST(ReplayFiles, BooksAndTickersAreShownAsRecorded) {
  Folder folder;
  folder
      .with("depth_ABTC.json",
            R"({"lastUpdateId":7,"bids":[["2","1.5"],["1","3"]],"asks":[["3","4"]]})")
      .with("ticker_24h.json",
            R"([{"symbol":"BBTC","lastPrice":"5","bidPrice":"0.00","bidQty":"0","askPrice":"6",)"
            R"("askQty":"1","openPrice":"4","highPrice":"6","lowPrice":"4","volume":"10",)"
            R"("quoteVolume":"50","openTime":1709952420116,"closeTime":1710038820116,"count":2}])");
  const Component source("replay.so", "replay", {{"folder", folder.path().string()}});
  const ReportPtr book = fetch(source, "order_book", {{"symbol", "ABTC"}, {"depth", "1"}});
  EXPECT_THAT(column(book, "side"), ElementsAre("bid", "ask"));
  EXPECT_THAT(column(book, "price"), ElementsAre("2.00000000", "3.00000000"));
  EXPECT_EQ(ReportView(book->wire()).meta("last_update_id")->as.i64, 7);
  const ReportPtr tops = fetch(source, "book_ticker", {{"symbols", "ABTC,BBTC"}});
  EXPECT_THAT(column(tops, "bid"), ElementsAre("2.00000000", "null")) << "no orders: null, not 0";
  EXPECT_THAT(column(tops, "ask_quantity"), ElementsAre("4.00000000", "1.00000000"));
  const ReportPtr ticker = fetch(source, "ticker_24h", {{"symbols", "BBTC"}});
  EXPECT_THAT(column(ticker, "price_change_percent"), ElementsAre("25.000"));
  EXPECT_EQ(ticker->wire().as_of, 1'710'038'820'116'000'000);
  EXPECT_TRUE(note_codes(ticker->wire()).empty());
  EXPECT_EQ(book->wire().as_of, 0) << "an answer of depth does not say when it was";
  EXPECT_EQ(tops->wire().as_of, 0) << "one of the two has no time";
  EXPECT_THAT(column(tops, "time"), ElementsAre("null", "1710038820116000000"));
}

TEST(ReplayFiles, ABadFolderStopsTheStartWithItsReason) {
  Folder folder;
  folder.with("A-1h.csv", "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1\n");
  try {
    const Component source("replay.so", "replay", {{"folder", folder.path().string()}});
    FAIL() << "a folder with one row of 11 columns was accepted";
  } catch (const std::runtime_error& e) {
    EXPECT_THAT(e.what(), HasSubstr("A-1h.csv:1: has 11 columns"));
  }
  EXPECT_THROW(Component("replay.so", "replay", {}), std::runtime_error) << "folder is required";
}

}  // namespace
}  // namespace bourse::test
