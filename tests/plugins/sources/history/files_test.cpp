// SPDX-License-Identifier: MIT
//
// Files of candles, read into a history and written from one. The rows are written by hand, in the
// layout that the exchange publishes.
#include <fstream>

#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using test::scalar_text;
using test::Step;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Files : public Layer {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  ReportPtr import(const Texts& params) {
    auto done = layer_->perform("import", params, under());
    EXPECT_TRUE(done) << (done ? "" : done.failure().message);
    return done ? *done : nullptr;
  }
  host::Failure refused(const Texts& params) {
    auto done = layer_->perform("import", params, under());
    EXPECT_FALSE(done);
    return done ? host::Failure{} : done.failure();
  }
  /// The opens and closes of the minutes from 2024-01-01 on that are kept.
  std::vector<std::string> closes(const std::string& symbol, int limit) {
    fails_ = true;  // what is not kept is not to be had
    auto report = ask({{"interval", "1m"},
                       {"start", "2024-01-01"},
                       {"limit", std::to_string(limit)},
                       {"end", "2024-01-01T23:59:00Z"}},
                      symbol);
    fails_ = false;
    EXPECT_TRUE(report) << (report ? "" : report.failure().message);
    return report ? column_texts((*report)->wire(), "candles", "close")
                  : std::vector<std::string>();
  }
};

/// A line of the exchange's files: the minute after 2024-01-01 and its close, 13 or 16 digits.
std::string line(int minute, const std::string& close, bool micros = false) {
  const std::int64_t open = 1'704'067'200'000 + minute * 60'000LL;
  const auto time = [micros](std::int64_t ms, const char* rest) {
    return std::to_string(ms) + (micros ? rest : "");
  };
  return time(open, "000") + ",1.0,9.5,0.5," + close + ",10," + time(open + 59'999, "999") +
         ",15.5,7,5,7.75,0\n";
}

constexpr const char* kHeader =
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
    "taker_buy_quote_volume,ignore\n";

// T7
TEST_F(Files, HeadersLineEndsAndMicrosecondsMakeNoDifference) {
  write("a/AAAUSDT-1m-2024-01.csv", line(0, "1.5") + line(1, "2.5"));
  write("a/BBBUSDT-1m-2024-01.csv", kHeader + line(0, "1.5") + line(1, "2.5"));
  write("a/CCCUSDT-1m-2024-01.csv", line(0, "1.5", true) + line(1, "2.5", true));
  std::string windows =
      "\xEF\xBB\xBF" + std::string(kHeader) + line(0, "1.5") + line(1, "2.5", true);
  for (std::size_t at = 0; (at = windows.find('\n', at)) != windows.npos; at += 2)
    windows.insert(at, "\r");
  write("a/DDDUSDT-1m-2024-01.csv", windows);
  const auto report = import({{"files", folder_ / "a"}});
  EXPECT_THAT(column_texts(report->wire(), "files", "added"), ElementsAre("2", "2", "2", "2"));
  for (const char* const symbol : {"AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT"}) {
    EXPECT_THAT(closes(symbol, 10), ElementsAre("1.50000000", "2.50000000")) << symbol;
  }
  const auto again = import({{"files", folder_ / "a"}});
  EXPECT_THAT(column_texts(again->wire(), "files", "equal"), ElementsAre("2", "2", "2", "2"));
  EXPECT_EQ(scalar_text(again->wire(), "candles"), "0");
  EXPECT_THAT(note_codes(again->wire()), Not(Contains("findings")));
}

// T8
TEST_F(Files, LinesThatAreRepeatedCountOnce) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    for (int n = 0; n < (i >= 30 && i < 92 ? 3 : 1); ++n) text += line(i, "2");
  }
  const auto report = import({{"files", write("AAAUSDT-1m-2024-01.csv", text)}});
  EXPECT_THAT(column_texts(report->wire(), "files", "added"), ElementsAre("100"));
  EXPECT_THAT(column_texts(report->wire(), "files", "repeated"), ElementsAre("124"));
  EXPECT_EQ(closes("AAAUSDT", 1000).size(), 100U);
}

TEST_F(Files, ADayIsBelievedMoreThanAMonthWhateverTheirOrder) {
  const std::string month = write("m/AAAUSDT-1m-2024-01.csv", line(0, "1") + line(1, "2"));
  const std::string day = write("d/AAAUSDT-1m-2024-01-01.csv", line(0, "1") + line(1, "3"));
  import({{ "files", day }});
  const auto second = import({{"files", month}});
  EXPECT_THAT(column_texts(second->wire(), "files", "not_believed"), ElementsAre("1"));
  EXPECT_THAT(note_codes(second->wire()), Contains("findings"));
  EXPECT_THAT(closes("AAAUSDT", 10), ElementsAre("1.00000000", "3.00000000"));
  write("m/BBBUSDT-1m-2024-01.csv", line(0, "1") + line(1, "2"));
  import({{ "files", folder_ / "m/BBBUSDT-1m-2024-01.csv" }});
  import({{ "files", write("d/BBBUSDT-1m-2024-01-01.csv", line(1, "3")) }});
  EXPECT_THAT(closes("BBBUSDT", 10), ElementsAre("1.00000000", "3.00000000"));
}

TEST_F(Files, AFileProvesNothingOfWhatIsNotInIt) {
  import({{ "files", write("AAAUSDT-1m-2024-01.csv", line(0, "1") + line(2, "2")) }});
  const auto report = ask(
      {{"interval", "1m"}, {"start", "2024-01-01"}, {"end", "2024-01-01T00:02:00Z"}}, "AAAUSDT");
  EXPECT_THAT(asked_, ElementsAre("2024-01-01T00:01:00Z..2024-01-01T00:01:59.999Z 499"));
}

TEST_F(Files, AChecksumThatDiffersIsShownAndRefused) {
  const std::string path = write("AAAUSDT-1m-2024-01.csv", line(0, "1"));
  // Of the bytes "hello\n", as sha256sum says: of another file.
  const std::string other = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
  write("AAAUSDT-1m-2024-01.csv.CHECKSUM", other + "  AAAUSDT-1m-2024-01.csv");
  const auto failure = refused({{"files", path}});
  EXPECT_EQ(failure.code, "bad_file");
  EXPECT_THAT(failure.message, HasSubstr(other));
  EXPECT_THAT(failure.message, HasSubstr("accept_mismatch"));
  EXPECT_THAT(column_texts(layer_->perform("status", {}).operator*()->wire(), "kept", "candles"),
              testing::IsEmpty());
  const auto taken = import({{"files", path}, {"accept_mismatch", "true"}});
  EXPECT_THAT(note_codes(taken->wire()), Contains("checksum"));
  EXPECT_EQ(closes("AAAUSDT", 5).size(), 1U);
}

TEST_F(Files, ARightChecksumIsTaken) {
  const std::string path = write("AAAUSDT-1m-2024-01.csv", "hello\n");
  write("AAAUSDT-1m-2024-01.csv.CHECKSUM",
        "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  x\n");
  EXPECT_THAT(refused({{"files", path}}).message, Not(HasSubstr("SHA-256")))
      << "it is right, and the file is none of candles";
}

// T24
TEST_F(Files, OfAnotherMarketTheyAreRefused) {
  const std::string path =
      write("data/futures/um/monthly/klines/AAAUSDT/1m/AAAUSDT-1m-2024-01.csv", line(0, "1"));
  const auto failure = refused({{"files", path}});
  EXPECT_THAT(failure.message, HasSubstr("futures/um"));
  import(
      {{ "files",
         write("data/spot/monthly/klines/AAAUSDT/1m/AAAUSDT-1m-2024-01.csv", line(0, "2")) }});
  EXPECT_THAT(closes("AAAUSDT", 5), ElementsAre("2.00000000"));
}

TEST_F(Files, WhatIsNoneIsToldByName) {
  EXPECT_THAT(refused({{"files", folder_ / "nothing.zip"}}).message, HasSubstr("nothing.zip"));
  EXPECT_THAT(refused({{"files", write("notes.txt", "x")}}).message, HasSubstr("SYMBOL-INTERVAL"));
  EXPECT_THAT(refused({{"files", write("AAAUSDT-1m-2024-01.zip", "PK no")}}).message,
              HasSubstr("AAAUSDT-1m-2024-01.zip"));
}

TEST_F(Files, OfAFolderAllAreReadThatLieInItAndNoLinkToAFolderIsFollowed) {
  write("in/AAAUSDT-1m-2024-01.csv", line(0, "1"));
  write("in/deep/er/BBBUSDT-1m-2024-01.csv", line(0, "2"));
  write("in/deep/notes.txt", "x");
  write("out/CCCUSDT-1m-2024-01.csv", line(0, "3"));
  std::filesystem::create_directory_symlink(folder_ / "out", folder_ / "in/other");
  std::filesystem::create_directory_symlink(folder_ / "in", folder_ / "in/deep/round");
  const auto report = import({{"files", folder_ / "in"}});
  EXPECT_THAT(column_texts(report->wire(), "files", "symbol"), ElementsAre("AAAUSDT", "BBBUSDT"));
}

TEST_F(Files, SymbolsOutsideOfAsciiAreKept) {
  import({{ "files", write("币安人生USDT-1m-2024-01.csv", line(0, "1.25")) }});
  EXPECT_THAT(closes("币安人生USDT", 5), ElementsAre("1.25000000"));
}

TEST_F(Files, WhatIsExportedIsReadAgain) {
  const Texts june{{"symbols", "BTCUSDT"},
                   {"intervals", "1h"},
                   {"start", "2025-05-30"},
                   {"end", "2025-07-02"},
                   {"share", "1"}};
  ASSERT_TRUE(layer_->perform("backfill", june, under()));
  std::filesystem::create_directory(folder_ / "out");
  const auto out = layer_->perform("export", {{"symbols", "BTCUSDT"},
                                              {"intervals", "1h"},
                                              {"start", "2025-05-30"},
                                              {"end", "2025-07-02"},
                                              {"folder", folder_ / "out"}});
  ASSERT_TRUE(out) << out.failure().message;
  EXPECT_THAT(
      column_texts((*out)->wire(), "files", "file"),
      ElementsAre("BTCUSDT-1h-2025-05.csv", "BTCUSDT-1h-2025-06.csv", "BTCUSDT-1h-2025-07.csv"));
  EXPECT_THAT(column_texts((*out)->wire(), "files", "rows"), ElementsAre("48", "720", "25"));
  // The source replay shows the same.
  const Component replay("replay.so", "replay", {{"folder", folder_ / "out"}});
  const Texts question{{"symbol", "BTCUSDT"},
                       {"interval", "1h"},
                       {"start", "2025-05-30"},
                       {"limit", "5000"},
                       {"end", "2025-07-02"}};
  const auto played = replay.fetch("candles", question);
  const auto direct = below_.fetch("candles", question);
  ASSERT_TRUE(played && direct);
  EXPECT_EQ(cells(*played), cells(*direct));
  // And so does another history that reads the files.
  open_at(uses_postgres() ? PostgresServer::shared().new_database()
                          : "sqlite:" + (folder_ / "other.db"));
  const auto in = import({{"files", folder_ / "out"}});
  EXPECT_EQ(scalar_text(in->wire(), "candles"), "793");
  expect_same(
      {{"interval", "1h"}, {"start", "2025-05-30"}, {"end", "2025-07-02"}, {"limit", "5000"}});
  EXPECT_THAT(asked_, testing::IsEmpty());
}

}  // namespace
}  // namespace bourse::history
