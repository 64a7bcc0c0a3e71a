// SPDX-License-Identifier: MIT
//
// Files of trades, read into a history and written from one, and what is missing between them. The
// lines are written by hand, in the layout that the exchange publishes.
#include <fstream>
#include <iterator>

#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using test::scalar_text;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// As the exchange writes it; the second of 2024-01-01 is `id` - 100. 13 or 16 digits.
std::string trade_line(int id, const std::string& price = "65000.00000000", bool micros = false) {
  const std::string ms = std::to_string(1'704'067'200'000 + (id - 100) * 1000LL);
  return std::to_string(id) + "," + price + ",0.00120000,78.00000000," + ms +
         (micros ? "999" : "") + (id % 2 == 0 ? ",True,True\n" : ",False,True\n");
}
std::string trade_lines(int from, int to) {
  std::string text;
  for (int id = from; id < to; ++id) text += trade_line(id);
  return text;
}

class TradeFiles : public Layer {
 protected:
  void SetUp() override {
    Layer::SetUp();
    std::filesystem::create_directories(folder_ / "in");
    std::filesystem::create_directories(folder_ / "out");
  }
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / ("in/" + name);
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  ReportPtr perform(const std::string& task, const Texts& params) {
    auto done = layer_->perform(task, params, under());
    EXPECT_TRUE(done) << (done ? "" : done.failure().message);
    return done ? *done : nullptr;
  }
  ReportPtr import() { return perform("import", {{"files", folder_ / "in"}}); }
  host::Failure refused() {
    auto done = layer_->perform("import", {{"files", folder_ / "in"}}, under());
    EXPECT_FALSE(done);
    return done ? host::Failure{} : done.failure();
  }
  ReportPtr exported(const std::string& start = "2024-01-01") {
    return perform("export", {{"symbols", "BTCUSDT"},
                              {"kinds", "trades"},
                              {"start", start},
                              {"folder", folder_ / "out"}});
  }
};

TEST_F(TradeFiles, TheyComeBackAsTheyWere) {
  write("BTCUSDT-trades-2024-01-01.csv", trade_lines(100, 350));
  const auto report = import();
  EXPECT_EQ(scalar_text(report->wire(), "trades"), "250");
  EXPECT_EQ(scalar_text(report->wire(), "candles"), "0");
  EXPECT_THAT(column_texts(report->wire(), "files", "interval"), ElementsAre("null"));
  const auto out = exported();
  EXPECT_THAT(column_texts(out->wire(), "files", "file"),
              ElementsAre("BTCUSDT-trades-2024-01-01.csv"));
  EXPECT_EQ(scalar_text(out->wire(), "trades"), "250");
  const std::string text = text_of(folder_ / "out/BTCUSDT-trades-2024-01-01.csv");
  EXPECT_EQ(text.substr(0, text.find('\n')), "100,65000,0.0012,78,1704067200000,True,True");
  // Read into another history, and once more into the first: equal by value.
  std::filesystem::copy(folder_ / "out", folder_ / "in/again");
  const auto again = import();
  EXPECT_THAT(column_texts(again->wire(), "files", "equal"), ElementsAre("250", "250"));
  EXPECT_THAT(note_codes(again->wire()), Not(Contains("findings")));
}

TEST_F(TradeFiles, EachDayIsAFileAndTheStartIsFound) {
  // 100,000 s are 27.8 hours: two days.
  std::string text;
  for (int id = 100; id < 100'100; id += 100) text += trade_line(id);
  write("BTCUSDT-trades-2024-01.csv", text);
  import();
  EXPECT_THAT(column_texts(exported()->wire(), "files", "rows"), ElementsAre("864", "136"));
  EXPECT_THAT(column_texts(exported("2024-01-02T00:00:01Z")->wire(), "files", "rows"),
              ElementsAre("135"));
}

TEST_F(TradeFiles, HeadersLineEndsAndMicrosecondsMakeNoDifference) {
  write("A/BTCUSDT-trades-2024-01-01.csv", trade_line(100) + trade_line(101));
  write("B/BTCUSDT-trades-2024-01-01.csv",
        "id,price,qty,quote_qty,time,is_buyer_maker,is_best_match\r\n" +
            trade_line(100, "65000.0", true)
                .insert(trade_line(100, "65000.0", true).size() - 1, "\r") +
            trade_line(101, "65000", true));
  write("C/BTCUSDT-trades-2024-01-01.csv", "100,65000,0.0012,78,1704067200000,true\n");
  const auto report = import();
  EXPECT_THAT(column_texts(report->wire(), "files", "added"), ElementsAre("2", "0", "0"));
  EXPECT_THAT(column_texts(report->wire(), "files", "equal"), ElementsAre("0", "2", "1"));
}

TEST_F(TradeFiles, WhatCannotBeReadIsToldWithItsPlace) {
  const std::string good = trade_line(100);
  write("BTCUSDT-trades-2024-01-01.csv", good + "101,x,1,1,1704067200000,True,True\n" +
                                             "102,1,1,1,170406720000,True,True\n" +
                                             "103,1,1,1,1704067200000,yes,True\n" + "104,1,1\n" +
                                             "-5,1,1,1,1704067200000,True,True\n");
  const auto report = import();
  EXPECT_THAT(column_texts(report->wire(), "files", "unreadable"), ElementsAre("5"));
  EXPECT_THAT(column_texts(report->wire(), "files", "added"), ElementsAre("1"));
  EXPECT_THAT(std::string(view(ReportView(report->wire()).notes()[0]->text)),
              HasSubstr("BTCUSDT-trades-2024-01-01.csv:2: price (column 2) is \"x\""));
}

TEST_F(TradeFiles, AFileThatHoldsNoTradesIsRefused) {
  write("BTCUSDT-trades-2024-01-01.csv", "nothing\n");
  EXPECT_EQ(refused().code, "bad_file");
}

TEST_F(TradeFiles, ADamagedArchiveLeavesNothing) {
  write("BTCUSDT-trades-2024-01-01.csv.gz", "\x1f\x8b\x08");
  EXPECT_EQ(refused().code, "bad_file");
  EXPECT_THAT(column_texts(perform("status", {})->wire(), "kinds", "rows"),
              ElementsAre("0", "0", "0"));
}

TEST_F(TradeFiles, ADailyFileIsBelievedMoreThanAMonthlyOne) {
  write("BTCUSDT-trades-2024-01-01.csv", trade_line(100, "1.5"));
  write("BTCUSDT-trades-2024-01.csv", trade_line(100, "2.5"));
  const auto report = import();
  EXPECT_THAT(note_codes(report->wire()), Contains("findings"));
  exported();
  EXPECT_THAT(text_of(folder_ / "out/BTCUSDT-trades-2024-01-01.csv"), HasSubstr("100,1.5,"));
}

TEST_F(TradeFiles, VerifySaysWhichAreMissing) {
  write("BTCUSDT-trades-2024-01-01.csv",
        trade_lines(100, 110) + trade_lines(115, 120) + trade_lines(121, 122));
  import();
  const auto report = perform("verify", {{"symbols", "BTCUSDT"}, {"start", "2024-01-01"}});
  EXPECT_THAT(column_texts(report->wire(), "missing_trades", "first_id"),
              ElementsAre("110", "120"));
  EXPECT_THAT(column_texts(report->wire(), "missing_trades", "trades"), ElementsAre("5", "1"));
  EXPECT_THAT(column_texts(report->wire(), "missing_trades", "after"),
              ElementsAre("1704067209000000000", "1704067219000000000"));
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("missing_trades"));
  write("BTCUSDT-trades-2024-01-01.csv", trade_lines(110, 122));
  import();
  const auto whole = perform("verify", {{"symbols", "BTCUSDT"}, {"start", "2024-01-01"}});
  EXPECT_THAT(note_codes(whole->wire()), Not(Contains("missing_trades")));
}

}  // namespace
}  // namespace bourse::history
