// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/plugins/sources/replay/folder.hpp"

namespace bourse::replay {
namespace {

using test::Folder;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Two hours of a market; 1735689600000 is 2025-01-01T00:00:00Z.
constexpr const char* kFirst = "1735689600000,10.5,12,9.5,11,100,1735693199999,1050,7,60,630,0";
constexpr const char* kSecond =
    "1735693200000,11,11.5,10,10.25,50,1735696799999,540.125,3,20,216,0";

std::string lines(std::initializer_list<std::string> all, const char* end = "\n") {
  std::string text;
  for (const std::string& line : all) text += line + end;
  return text;
}

Market read_market(const std::string& name, const std::string& text) {
  Folder folder;
  folder.with(name, text);
  return load(folder.path(), std::nullopt).markets.at("A");
}
Series read(const std::string& text) {
  return read_market("A-1h.csv", text).series.begin()->second;
}

/// The sentence with which a folder is refused.
std::string refusal(const Folder& folder, const Limits& limits = {}) {
  try {
    (void)load(folder.path(), std::nullopt, limits);
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "bad_recording");
    EXPECT_EQ(e.status(), BOURSE_UNPROCESSABLE);
    return e.message();
  }
  return "accepted";
}
std::string refusal(const std::string& name, const std::string& text) {
  Folder folder;
  return refusal(folder.with(name, text));
}

TEST(CandleFiles, AreReadWithAnyLineEndHeaderAndByteOrderMark) {
  const std::string header = "open_time,open,high,low,close,volume,close_time,q,n,tb,tq,ignore";
  for (const std::string& text :
       {lines({kFirst, kSecond}), lines({kFirst, kSecond}, "\r\n"),
        lines({header, kFirst, kSecond}), "\xEF\xBB\xBF" + lines({header, kFirst, kSecond}),
        std::string(kFirst) + "\n" + kSecond, lines({kFirst, kSecond, "", ""})}) {
    const Series s = read(text);
    ASSERT_EQ(s.size(), 2u) << text;
    EXPECT_THAT(s.open_time, ElementsAre(1'735'689'600'000'000'000, 1'735'693'200'000'000'000));
    EXPECT_EQ(s.close_time[0], 1'735'693'199'999'000'000);
    EXPECT_THAT(s.trades, ElementsAre(7, 3));
    EXPECT_EQ(s.open[0].text(), "10.50000000");
    EXPECT_EQ(s.quote_volume[1].text(), "540.12500000");
    EXPECT_EQ(s.taker_base_volume[0].text(), "60.00000000");
    EXPECT_EQ(s.taker_quote_volume[1].text(), "216.00000000");
  }
}

TEST(CandleFiles, MicrosecondsAndMillisecondsMix) {
  const Series s =
      read(lines({kFirst, "1735693200000000,11,11,11,11,1,1735696799999999,11,1,1,11,0"}));
  EXPECT_EQ(s.open_time[1], 1'735'693'200'000'000'000);
  EXPECT_EQ(s.close_time[1], 1'735'696'799'999'999'000);
}

TEST(CandleFiles, KeepDigitsThatSixtyFourBitsDoNotHold) {
  const Series s = read(
      "1735689600000,1,1,1,1,79310965841885.12345678,1735693199999,284227394804.123456789,1,0,0,"
      "0\n");
  EXPECT_EQ(s.volume[0].text(), "79310965841885.12345678");
  EXPECT_EQ(s.quote_volume[0].text(), "284227394804.123456789") << "more than 8 decimals widen";
}

TEST(CandleFiles, MoreDecimalsLaterWidenWhatCameBefore) {
  Decimals column;
  column.push(Decimal::from("1.5"));
  column.push(Decimal::from("0.1234567890123"));
  column.push(Decimal::from("2"));
  EXPECT_EQ(column[0].text(), "1.5000000000000");
  EXPECT_EQ(column[1].text(), "0.1234567890123");
  EXPECT_EQ(column[2].text(), "2.0000000000000");
}

TEST(CandleFiles, RowsAreSortedAndEqualOnesMerged) {
  Folder folder;
  folder.with("A-1h-2025-01.csv", lines({kSecond, kFirst}))
      .with("A-1h-2025-01-01.csv", lines({kFirst}));
  const Recording r = load(folder.path(), std::nullopt);
  const Series& s = r.markets.at("A").series.begin()->second;
  EXPECT_EQ(s.size(), 2u);
  EXPECT_LT(s.open_time[0], s.open_time[1]);
  EXPECT_TRUE(s.conflicts.empty());
}

TEST(CandleFiles, OfConflictingRowsTheLaterNamedFileIsBelieved) {
  const std::string other = "1735689600000,10.5,12,9.5,11.25,100,1735693199999,1050,7,60,630,0";
  Folder folder;
  folder.with("A-1h-2025-02.csv", lines({other}))
      .with("A-1h-2025-01.csv", lines({kFirst, kSecond}));
  const Recording r = load(folder.path(), std::nullopt);
  const Series& s = r.markets.at("A").series.begin()->second;
  ASSERT_EQ(s.size(), 2u);
  EXPECT_EQ(s.close[0].text(), "11.25000000");
  EXPECT_THAT(s.conflicts, ElementsAre(1'735'689'600'000'000'000));
}

TEST(CandleFiles, NothingUnfinishedIsKept) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst, kSecond}));
  const auto rows = [&](std::int64_t ms) {
    return load(folder.path(), Time{ms * 1'000'000}).markets.at("A").series.begin()->second.size();
  };
  EXPECT_EQ(rows(1'735'696'800'000), 2u) << "at 02:00 the candle of 01:00 is over";
  EXPECT_EQ(rows(1'735'696'799'999), 1u) << "in its last millisecond it is not";
  EXPECT_EQ(rows(1'735'689'600'000), 0u);
}

TEST(CandleFiles, ALineThatCannotBeReadCostsItselfAndIsToldWithPlaceAndReason) {
  const auto second = [](const std::string& line) {
    const Market market = read_market("A-1h.csv", lines({kFirst, line, kSecond}));
    EXPECT_THAT(market.series.begin()->second.trades, ElementsAre(7, 3)) << line;
    EXPECT_EQ(market.bad_candles.rows, 1u) << line;
    EXPECT_EQ(market.bad_candles.files, 0u) << line;
    return market.bad_candles.first_row;
  };
  EXPECT_THAT(second("1,2,3"), StartsWith("A-1h.csv:2: has 3 columns; a candle has 12"));
  EXPECT_THAT(second(std::string(kSecond) + ",1"), HasSubstr(":2: has 13 columns"));
  EXPECT_THAT(second("173569320000,11,11,11,11,1,1735696799999,1,1,1,1,0"),
              HasSubstr(":2: open time (column 1) is \"173569320000\"; expected milliseconds"));
  EXPECT_THAT(second("-735693200000,11,11,11,11,1,1735696799999,1,1,1,1,0"),
              HasSubstr("open time"));
  EXPECT_THAT(second("9999999999999999,11,11,11,11,1,1735696799999,1,1,1,1,0"),
              HasSubstr("open time"));
  EXPECT_THAT(second("1735693200000,x,11,11,11,1,1735696799999,1,1,1,1,0"),
              HasSubstr("open (column 2) is \"x\"; expected a decimal number"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,-1,1735696799999,1,1,1,1,0"), HasSubstr("volume"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,1e5,1735696799999,1,1,1,1,0"), HasSubstr("volume"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,NaN,1735696799999,1,1,1,1,0"), HasSubstr("volume"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,,1735696799999,1,1,1,1,0"), HasSubstr("volume"));
  EXPECT_THAT(
      second("1735693200000,11,11,11,11," + std::string(39, '9') + ",1735696799999,1,1,1,1,0"),
      HasSubstr("at most 38 digits"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,1,soon,1,1,1,1,0"),
              HasSubstr("close time (column 7) is \"soon\""));
  EXPECT_THAT(second("1735693200000,11,11,11,11,1,1735696799999,1,1.5,1,1,0"),
              HasSubstr("number of trades"));
  EXPECT_THAT(
      second(std::string("1735693200000,11,11,11,11,1") + '\0' + ",1735696799999,1,1,1,1,0"),
      HasSubstr("is \"1?\""));
  EXPECT_THAT(second(std::string(3'000'000, '1')), HasSubstr("is longer than 4096 bytes"));
  EXPECT_THAT(second(std::string(5000, ',')), HasSubstr(":2: the line is longer"));
  EXPECT_THAT(second("open_time,..."), HasSubstr(":2: has 2 columns"));
  EXPECT_THAT(second("nonsense"), HasSubstr(":2: has 1 column;"));
}

TEST(CandleFiles, ValuesThatDoNotFitIntoOneColumnCostTheLaterRow) {
  // 38 digits before the point leave no room for the 20 decimals that come after them.
  const std::string wide =
      "1735693200000,11,11,11,11," + std::string(30, '9') + ",1735696799999,1,1,1,1,0";
  const std::string fine =
      "1735696800000,11,11,11,11,0.00000000000000000001,1735700399999,1,2,1,1,0";
  const Market market = read_market("A-1h.csv", lines({kFirst, wide, fine}));
  const Series& s = market.series.begin()->second;
  EXPECT_THAT(s.trades, ElementsAre(7, 1));
  EXPECT_EQ(s.volume[1].text(), std::string(30, '9') + ".00000000");
  EXPECT_THAT(market.bad_candles.first_row, StartsWith("A-1h.csv:3: "));
}

TEST(CandleFiles, AFileWithoutAnyCandleIsRefused) {
  EXPECT_THAT(refusal("A-1h.csv", ""), EndsWith("Left out: A-1h.csv: holds no candle"));
  EXPECT_THAT(refusal("A-1h.csv", "a,b,c,d,e,f,g,h,i,j,k,l\n"),
              EndsWith("A-1h.csv: holds no candle"));
  EXPECT_THAT(refusal("A-1h.csv", "1,2,3\n"),
              HasSubstr("holds no candle that can be read: A-1h.csv:1: has 3 columns"));
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += "1,2,3\n";
  const Market market = [&] {
    Folder folder;
    folder.with("A-1h.csv", lines({kFirst}) + many).with("A-1h-2025-01.csv", lines({kSecond}));
    return load(folder.path(), std::nullopt).markets.at("A");
  }();
  EXPECT_THAT(market.series.begin()->second.trades, ElementsAre(3)) << "nothing is kept of it";
  EXPECT_THAT(market.bad_candles.first_file,
              StartsWith("A-1h.csv: more than 10000 rows cannot be read, the first: A-1h.csv:2:"));
}

TEST(CandleFiles, JoinedOnesHaveHeadersBlanksAndMarksInside) {
  const std::string header = "open_time,open,high,low,close,volume,close_time,q,n,tb,tq,ignore";
  const Market market = read_market(
      "A-1h.csv", lines({header, kFirst, "", "\xEF\xBB\xBF" + header, kSecond, header}));
  EXPECT_THAT(market.series.begin()->second.trades, ElementsAre(7, 3));
  EXPECT_TRUE(market.bad_candles.empty());
}

/// The series of one candle of `interval` that opens at 2025-01-01T00:00:00Z.
Series with_close(const std::string& close, const std::string& interval = "1h") {
  return read_market("A-" + interval + ".csv", "1735689600000,1,1,1,1,1," + close + ",1,1,1,1,0\n")
      .series.begin()
      ->second;
}

TEST(OddCandles, ACloseTimeThatIsNotInTheCandleIsMadeFromItsInterval) {
  constexpr std::int64_t kMs = 1'000'000, kOpen = 1'735'689'600'000;
  for (const char* close : {"1735688840521", "1735689600000", "1735693200000", "1735693200000000",
                            "0", "-1", "9999999999999"}) {
    const Series s = with_close(close);
    EXPECT_EQ(s.close_time[0], (kOpen + 3'599'999) * kMs) << close;
    EXPECT_THAT(s.mended, ElementsAre(0)) << close;
  }
  for (const char* close : {"1735689600001", "1735693199999", "1735693199999999"}) {
    EXPECT_TRUE(with_close(close).mended.empty()) << close << ": short candles are";
  }
  EXPECT_EQ(with_close("0", "3d").close_time[0], (kOpen + 3 * 86'400'000LL - 1) * kMs);
  EXPECT_EQ(with_close("0", "1M").close_time[0], (kOpen + 31 * 86'400'000LL - 1) * kMs);
}

TEST(OddCandles, OfTheExchangesFailureOfDecember2020IsMended) {
  // As the exchange publishes it: BTCUSDT, 1h, 2020-12-21T14:00:00Z.
  const Market market = read_market(
      "A-1h-2020-12.csv",
      "1608559200000,22646.53000000,22646.53000000,22646.53000000,22646.53000000,0.00000000,"
      "1608558440521,0.00000000,0,0.00000000,0.00000000,0\n");
  const Series& s = market.series.begin()->second;
  EXPECT_EQ(s.open_time[0], 1'608'559'200'000'000'000);
  EXPECT_EQ(s.close_time[0], 1'608'562'799'999'000'000);
  EXPECT_THAT(s.mended, ElementsAre(0));
  EXPECT_TRUE(market.bad_candles.empty());
}

TEST(OddCandles, PricesThatContradictEachOtherStayAndAreMarked) {
  const auto odd = [](const std::string& prices) {
    return !read("1735689600000," + prices + ",1735693199999,1,1,1,1,0\n").odd.empty();
  };
  EXPECT_FALSE(odd("11,12,10,11,1"));
  EXPECT_FALSE(odd("0,0,0,0,0")) << "a market that nobody has traded yet";
  EXPECT_TRUE(odd("11,10,9,10,1")) << "high below open";
  EXPECT_TRUE(odd("11,12,11.5,11.6,1")) << "low above open";
  EXPECT_TRUE(odd("11,11,11,12,1")) << "high below close";
  EXPECT_TRUE(odd("11,11,12,11,1")) << "high below low";
  EXPECT_TRUE(odd("0,0,0,0,1")) << "traded for nothing";
  const Series s = read("1735689600000,11,10,9,10,1,1735693199999,1,1,1,1,0\n");
  EXPECT_EQ(s.high[0], Decimal::of(10));
}

TEST(OddCandles, AreFoundAgainAfterSorting) {
  const std::string mended = "1735693200000,11,11,11,11,1,0,1,1,1,1,0";
  const std::string odd = "1735696800000,11,10,9,10,1,1735700399999,1,1,1,1,0";
  const Series s = read(lines({odd, mended, kFirst, mended}));
  ASSERT_EQ(s.size(), 3u);
  EXPECT_THAT(s.mended, ElementsAre(1));
  EXPECT_THAT(s.odd, ElementsAre(2));
}

TEST(KlineFiles, AreReadAsTheEndpointAnswers) {
  const std::string row =
      R"([1735689600000,"10.5","12","9.5","11","100",1735693199999,"1050",7,"60","630","0"])";
  for (const char* name : {"klines_A_1h.json", "A-1h-2025-01.json"}) {
    const Market market = read_market(name, "[" + row + "]");
    const Series& s = market.series.at(Interval::parse("1h").value());
    ASSERT_EQ(s.size(), 1u) << name;
    EXPECT_EQ(s.open_time[0], 1'735'689'600'000'000'000);
    EXPECT_EQ(s.quote_volume[0].text(), "1050.00000000");
    EXPECT_EQ(s.trades[0], 7);
  }
  const Market numbers = read_market(  // as a program may have written it again
      "klines_A_1h.json",
      "[[1735689600000,10.5,12,9.5,11,79310965841885.12345678,1735693199999,1050,7,60,630]]");
  EXPECT_EQ(numbers.series.begin()->second.volume[0].text(), "79310965841885.12345678")
      << "all digits of numbers without quotes";
  const Market mixed =
      read_market("klines_A_1h.json", "[" + row + R"(,[1],3,[1735693200000,"x"]])");
  EXPECT_EQ(mixed.bad_candles.rows, 3u);
  EXPECT_EQ(mixed.bad_candles.first_row,
            "klines_A_1h.json: element 1: is an array of 1; a candle has 12 members");
}

TEST(KlineFiles, WithoutCandlesAreRefused) {
  const auto wrong = [](const char* text) { return refusal("klines_A_1h.json", text); };
  EXPECT_THAT(wrong("[]"), EndsWith("klines_A_1h.json: is an empty array"));
  EXPECT_THAT(wrong("[[1]]"),
              HasSubstr("holds nothing that can be read: element 0: is an array of 1"));
  EXPECT_THAT(wrong("{}"), HasSubstr("expected an array of candles"));
  EXPECT_THAT(wrong(R"({"code":-1121,"msg":"Invalid symbol."})"),
              HasSubstr(R"(the exchange refused: code "-1121", "Invalid symbol.")"));
}

TEST(CandleFiles, LongFilesCrossTheChunksWhole) {
  std::string text;
  constexpr int kRows = 30'000;  // about 2 MB, two chunks
  for (int i = 0; i < kRows; ++i) {
    text += std::to_string(1'735'689'600'000 + i * 60'000LL) +
            ",1.00000000,2.00000000,0.50000000," + "1.50000000,3.00000000," +
            std::to_string(1'735'689'659'999 + i * 60'000LL) + ",4.00000000," + std::to_string(i) +
            ",1.00000000,1.00000000,0\n";
  }
  const Series s = read(text);
  ASSERT_EQ(s.size(), static_cast<std::size_t>(kRows));
  for (int i = 0; i < kRows; ++i) ASSERT_EQ(s.trades[static_cast<std::size_t>(i)], i);
}

TEST(Folders, WithoutAnythingToReplayAreRefused) {
  EXPECT_THAT(refusal("README.md", "hello"), HasSubstr("holds nothing to replay"));
  Folder folder;
  EXPECT_THAT(refusal(folder), HasSubstr("holds nothing to replay"));
  try {
    (void)load(folder.path() / "nowhere", std::nullopt);
    FAIL() << "a missing folder was accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.message(), HasSubstr("nowhere: cannot be read as a folder"));
  }
}

TEST(Folders, WithNothingUsableAreRefusedWithTheReasonOfEachFile) {
  Folder folder;
  folder.with("A-1h.csv", "1,2\n")
      .with("depth_B.json", "[")
      .with("stuff.json", "{}")
      .with("C-1h.CSV", lines({kFirst}))
      .with("README.md", "hello");
  const std::string text = refusal(folder);
  EXPECT_THAT(text, HasSubstr("holds nothing to replay"));
  EXPECT_THAT(text, HasSubstr("A-1h.csv: holds no candle that can be read: A-1h.csv:1: has 2"));
  EXPECT_THAT(text, HasSubstr("depth_B.json: is not JSON"));
  EXPECT_THAT(text, HasSubstr("stuff.json: is not named as a recorded answer is"));
  EXPECT_THAT(text, HasSubstr("C-1h.CSV: is not named as candles are"));
  EXPECT_THAT(text, Not(HasSubstr("README.md")));
}

TEST(Folders, TellWhatTheyPassOver) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst}))
      .with("A-1H-2025-02.csv", lines({kSecond}))
      .with("A-trades.csv", "")
      .with("A-1h.CSV", lines({kSecond}))
      .with("README.md", "hello");
  const Recording recording = load(folder.path(), std::nullopt);
  std::vector<std::string> told;
  for (const Remark& each : recording.remarks) {
    told.push_back(each.file + (each.kind == Remark::Kind::kMisnamed ? " misnamed" : ""));
  }
  EXPECT_THAT(told, ElementsAre("A-1H-2025-02.csv misnamed", "A-1h.CSV misnamed",
                                "A-trades.csv misnamed", "README.md"));
  EXPECT_THAT(recording.markets.at("A").bad_candles.first_file, StartsWith("A-1H-2025-02.csv: is"))
      << "a month may be missing for a misspelt interval";
  EXPECT_EQ(recording.markets.at("A").bad_candles.files, 1u);
}

TEST(Folders, TellWhatHasARecordingsNameAndIsNoFile) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst}));
  const auto path = [&](const char* name) { return folder.path() / name; };
  ASSERT_EQ(::mkfifo(path("B-1h.csv").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", path("C-1h.csv"));
  std::filesystem::create_symlink("/dev/zero", path("D-1h.csv.gz"));
  std::filesystem::create_directory(path("E-1h.csv"));
  std::filesystem::create_symlink("F-1h.csv", path("F-1h.csv"));
  std::filesystem::create_directory(path("older"));  // anybody may have a folder of another name
  const Recording recording = load(folder.path(), std::nullopt);
  std::vector<std::string> told;
  for (const Remark& each : recording.remarks) {
    EXPECT_EQ(each.kind, Remark::Kind::kUnreadableFile);
    told.push_back(each.reason);
  }
  EXPECT_THAT(
      told,
      ElementsAre("B-1h.csv: is a pipe, not a file.", "C-1h.csv: is a link to nowhere, not a file.",
                  "D-1h.csv.gz: is a device, not a file.", "E-1h.csv: is a folder, not a file.",
                  StartsWith("F-1h.csv: cannot be looked at (Too many levels")));
  EXPECT_EQ(recording.markets.at("B").bad_candles.files, 1u) << "its answers say so";
  EXPECT_EQ(recording.markets.at("A").series.size(), 1u);
}

TEST(Folders, HaveLimits) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst})).with("B-1h.csv", lines({kFirst, kSecond}));
  EXPECT_THAT(refusal(folder, {.csv_bytes = 10}), HasSubstr("bytes; the most is 10. Split it."));
  const Recording one = load(folder.path(), std::nullopt, {.csv_bytes = 70});
  EXPECT_EQ(one.markets.at("A").series.size(), 1u);
  EXPECT_THAT(one.markets.at("B").bad_candles.first_file, HasSubstr("the most is 70"));
  EXPECT_THAT(refusal(folder, {.total_bytes = 100}), HasSubstr("holds more than 100 bytes"));
  EXPECT_THAT(refusal(folder, {.files = 1}), HasSubstr("or 1 files"));
}

constexpr const char* kTicker =
    R"({"symbol":"ETHBTC","priceChange":"-0.00059000","priceChangePercent":"-1.026",)"
    R"("weightedAvgPrice":"0.05725983","prevClosePrice":"0.05752000","lastPrice":"0.05692000",)"
    R"("lastQty":"7.40680000","bidPrice":"0.05691000","bidQty":"32.94450000",)"
    R"("askPrice":"0.05692000","askQty":"37.56150000","openPrice":"0.05751000",)"
    R"("highPrice":"0.05763000","lowPrice":"0.05687000","volume":"20251.65760000",)"
    R"("quoteVolume":"1159.60641773","openTime":1709952420116,"closeTime":1710038820116,)"
    R"("firstId":435643944,"lastId":435699382,"count":55439})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(TickerFiles, HoldOneObjectOrMany) {
  for (const std::string& text : {std::string(kTicker), "[" + std::string(kTicker) + "]"}) {
    Folder folder;
    folder.with("ticker_24hr_2024-03-10.json", text);
    const Ticker t = load(folder.path(), std::nullopt).markets.at("ETHBTC").ticker.value();
    EXPECT_EQ(t.last->text(), "0.05692000");
    EXPECT_EQ(t.price_change_percent->text(), "-1.026");
    EXPECT_EQ(t.ask_quantity->text(), "37.56150000");
    EXPECT_EQ(t.close_time.ns, 1'710'038'820'116'000'000);
    EXPECT_EQ(t.trades, 55439);
  }
}

TEST(TickerFiles, TheShortFormIsCompletedByArithmetic) {
  // 0.05692 - 0.05751 = -0.00059; 100 x that / 0.05751 = -1.02590...; 1159.60641773 / 20251.6576
  // = 0.0572598288...
  Folder folder;
  folder.with("ticker_24h.json",
              R"({"symbol":"ETHBTC","openPrice":"0.05751000","highPrice":"0.05763000",)"
              R"("lowPrice":"0.05687000","lastPrice":"0.05692000","volume":"20251.65760000",)"
              R"("quoteVolume":"1159.60641773","openTime":1709952420116,"closeTime":1710038820116,)"
              R"("count":55439})");
  const Ticker t = load(folder.path(), std::nullopt).markets.at("ETHBTC").ticker.value();
  EXPECT_EQ(t.price_change->text(), "-0.00059000");
  EXPECT_EQ(t.price_change_percent->text(), "-1.026");
  EXPECT_EQ(t.weighted_average->text(), "0.05725983");
  EXPECT_FALSE(t.bid);
}

TEST(TickerFiles, TheNewestBeforeNowIsTaken) {
  Folder folder;
  folder.with("ticker_24h_1.json", kTicker)
      .with("ticker_24h_2.json", replaced(replaced(kTicker, "1710038820116", "1710038820000"),
                                          "0.05692000", "0.05700000"));
  EXPECT_EQ(load(folder.path(), std::nullopt).markets.at("ETHBTC").ticker->last->text(),
            "0.05692000");
  EXPECT_EQ(load(folder.path(), Time{1'710'038'820'100'000'000})
                .markets.at("ETHBTC")
                .ticker->last->text(),
            "0.05700000");
}

TEST(TickerFiles, ARowThatCannotBeReadCostsItself) {
  const auto wrong = [](const std::string& row) {
    Folder folder;
    folder.with("ticker_24h.json", "[" + replaced(kTicker, "ETHBTC", "BTCUSDT") + "," + row + "]");
    const Recording recording = load(folder.path(), std::nullopt);
    EXPECT_TRUE(recording.markets.at("BTCUSDT").ticker);
    EXPECT_EQ(recording.remarks.size(), 1u) << row;
    EXPECT_EQ(recording.remarks.at(0).rows, 1u);
    const auto market = recording.markets.find("ETHBTC");
    if (market != recording.markets.end()) {
      EXPECT_FALSE(market->second.ticker);
      EXPECT_EQ(market->second.bad_tickers.first_row, recording.remarks[0].reason);
    }
    return recording.remarks.at(0).reason;
  };
  EXPECT_THAT(wrong("{}"), StartsWith("ticker_24h.json: element 1: symbol is missing"));
  EXPECT_THAT(wrong("3"), EndsWith("element 1: expected an object"));
  EXPECT_THAT(wrong(replaced(kTicker, "0.05763000", "1e-5")),
              HasSubstr("element 1: ETHBTC: highPrice is \"1e-5\""));
  EXPECT_THAT(wrong(replaced(kTicker, "\"0.05692000\"", "null")),
              HasSubstr("lastPrice must be a decimal number"));
  EXPECT_THAT(wrong(replaced(kTicker, "0.05763000", "-1")), HasSubstr("must not be negative"));
  for (const char* each :
       {"0.05691000", "32.94450000", "37.56150000", "7.40680000", "0.05752000", "0.05725983"}) {
    EXPECT_THAT(wrong(replaced(kTicker, each, "-1")), HasSubstr("must not be negative")) << each;
  }
  EXPECT_THAT(wrong(replaced(kTicker, "1709952420116", "\"x\"")),
              HasSubstr("openTime must be a time"));
  EXPECT_THAT(wrong(replaced(kTicker, "55439", "99999999999999999999")),
              HasSubstr("count must be"));
  EXPECT_THAT(wrong(replaced(kTicker, "1709952420116", "9223372036854775807")),
              HasSubstr("openTime must be"));
  EXPECT_THAT(wrong(replaced(kTicker, "ETHBTC", "../x")),
              EndsWith("symbol \"../x\" has punctuation other than - _ ."));
  EXPECT_THAT(wrong(replaced(kTicker, "ETHBTC", "ETH BTC")), EndsWith("has a blank"));
}

TEST(TickerFiles, NamesOfAnyScriptAreMarkets) {
  Folder folder;
  folder.with("ticker_24h.json",
              "[" + std::string(kTicker) + "," + replaced(kTicker, "ETHBTC", "币安人生USDT") + "]");
  const Recording recording = load(folder.path(), std::nullopt);
  EXPECT_TRUE(recording.remarks.empty());
  EXPECT_TRUE(recording.markets.at("币安人生USDT").ticker);
  EXPECT_TRUE(recording.markets.at("ETHBTC").ticker);
}

TEST(TickerFiles, ThatAreNoneAreRefused) {
  const auto wrong = [](const std::string& text) { return refusal("ticker_24h.json", text); };
  EXPECT_THAT(wrong(""), HasSubstr("ticker_24h.json: is not JSON"));
  EXPECT_THAT(wrong("[1"), HasSubstr("At byte"));
  EXPECT_THAT(wrong("[3]"), HasSubstr("holds nothing that can be read: element 0: expected an"));
  EXPECT_THAT(wrong(std::string(1'000'000, '[')), HasSubstr("is not JSON")) << "deep nesting";
}

TEST(TickerFiles, ThatAreLeftOutWholeAreNotToldRowByRow) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst}))
      .with("ticker_24h.json", "[3," + replaced(kTicker, "0.05763000", "-1") + "]")
      .with("exchangeInfo.json", "[3]");
  const Recording recording = load(folder.path(), std::nullopt);
  for (const LeftOut* each : {&recording.bad_tickers, &recording.bad_rules}) {
    EXPECT_EQ(each->files, 1u);
    EXPECT_EQ(each->rows, 0u);
  }
  EXPECT_FALSE(recording.markets.contains("ETHBTC")) << "nothing is known of it";
}

TEST(TickerFiles, WhatIsOddOrNotSaidIsKeptSo) {
  const auto read_ticker = [](const std::string& text) {
    Folder folder;
    folder.with("ticker_24h.json", text);
    return load(folder.path(), std::nullopt).markets.at("ETHBTC").ticker.value();
  };
  EXPECT_FALSE(read_ticker(kTicker).odd());
  EXPECT_TRUE(read_ticker(replaced(kTicker, "0.05763000", "0.01")).odd()) << "low above high";
  EXPECT_TRUE(read_ticker(replaced(kTicker, "0.05751000", "0.06")).odd()) << "open above high";
  const std::string below =
      replaced(kTicker, R"("lastPrice":"0.05692000")", R"("lastPrice":"0.05")");
  EXPECT_TRUE(read_ticker(below).odd()) << "last below low";
  EXPECT_FALSE(read_ticker(replaced(below, "55439}", "0}")).odd()) << "without trades it is older";
  EXPECT_TRUE(read_ticker(replaced(kTicker, "1709952420116", "1710038820117")).odd())
      << "ends before it begins";
  EXPECT_FALSE(read_ticker(replaced(kTicker, "\"0.05691000\"", "\"\"")).bid);
  EXPECT_FALSE(read_ticker(replaced(kTicker, "\"0.05691000\"", "null")).bid);
  EXPECT_EQ(read_ticker(replaced(kTicker, "\"0.05691000\"", "0.05691")).bid->text(), "0.05691");
}

TEST(DepthFiles, AreReadBestFirst) {
  Folder folder;
  folder.with("depth_FTMUSDT_x.json",
              R"({"lastUpdateId":800360994,"bids":[["0.33993000","1500.5"],["0.33989000","2"]],)"
              R"("asks":[["0.34","92233720368.54775807",[]]]})");
  const Book book = load(folder.path(), std::nullopt).markets.at("FTMUSDT").book.value();
  EXPECT_EQ(book.last_update_id, 800'360'994);
  EXPECT_FALSE(book.time);
  ASSERT_EQ(book.bids.size(), 2u);
  EXPECT_EQ(book.bids[0].quantity.text(), "1500.5");
  EXPECT_EQ(book.asks[0].quantity.text(), "92233720368.54775807");
}

std::string depth(const char* bids, const char* asks) {
  return std::string(R"({"lastUpdateId":1,"bids":)") + bids + R"(,"asks":)" + asks + "}";
}

TEST(DepthFiles, AreRefusedWhenTheyAreNone) {
  const auto wrong = [](const char* bids, const char* asks) {
    return refusal("depth_A.json", depth(bids, asks));
  };
  EXPECT_THAT(wrong("[]", "[]"), "accepted");
  EXPECT_THAT(wrong("1", "[]"), EndsWith("depth_A.json: bids must be an array"));
  EXPECT_THAT(wrong("[[\"1\"]]", "[]"),
              EndsWith("holds no level that can be read: depth_A.json: bids[0]: must be [price, "
                       "quantity]"));
  EXPECT_THAT(refusal("depth_A.json", R"({"bids":[]})"), EndsWith("asks is missing"));
}

TEST(DepthFiles, ALevelThatCannotBeReadCostsItself) {
  const Market market = read_market(
      "depth_A.json", depth(R"([["2","1"],["x","1"],["0","1"]])", R"([[3,1],["4","-1"]])"));
  EXPECT_EQ(market.book->bids.size(), 1u);
  EXPECT_EQ(market.book->asks.size(), 1u);
  EXPECT_EQ(market.bad_books.rows, 3u);
  EXPECT_THAT(market.bad_books.first_row,
              StartsWith("depth_A.json: bids[1]: price is \"x\"; expected a decimal number"));
}

TEST(DepthFiles, OddBooksAreKept) {
  const auto book = [](const char* bids, const char* asks) {
    return read_market("depth_A.json", depth(bids, asks)).book.value();
  };
  const Book crossed = book(R"([["3","1"]])", R"([["2","1"]])");
  EXPECT_EQ(crossed.bids[0].price, Decimal::of(3));
  EXPECT_EQ(crossed.asks[0].price, Decimal::of(2));
  EXPECT_FALSE(crossed.sorted);
  const Book unordered = book(R"([["1","1"],["2","1"]])", R"([["4","1"],["3","1"]])");
  EXPECT_TRUE(unordered.sorted);
  EXPECT_EQ(unordered.bids[0].price, Decimal::of(2));
  EXPECT_EQ(unordered.asks[0].price, Decimal::of(3));
  const Book fine = book(R"([["2","1"],["1","1"]])", R"([["3","1"]])");
  EXPECT_FALSE(fine.sorted);
}

/// As many levels as said, "b" for a bid side, which are best first.
std::string levels(int count, bool bids) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    text +=
        (i == 0 ? "" : ",") + ("[\"" + std::to_string(bids ? 9000 - i : 9001 + i) + "\",\"1\"]");
  }
  return "[" + text + "]";
}

TEST(DepthFiles, ASideIsWholeWhenNoLimitCanHaveCutIt) {
  const auto whole = [](int bids, int asks) {
    const Book book =
        read_market("depth_A.json", depth(levels(bids, true).c_str(), levels(asks, false).c_str()))
            .book.value();
    return std::string(book.bids_whole ? "bids " : "") + (book.asks_whole ? "asks" : "");
  };
  EXPECT_EQ(whole(0, 0), "bids asks");
  EXPECT_EQ(whole(0, 3), "bids asks");
  EXPECT_EQ(whole(0, 100), "bids ") << "the 100 asked for may have cut the asks";
  EXPECT_EQ(whole(100, 37), "asks");
  EXPECT_EQ(whole(5, 37), "bids asks") << "who asked for 5 had not got 37";
  EXPECT_EQ(whole(100, 500), "bids ");
  EXPECT_EQ(whole(7, 7), "") << "as if 7 had been asked for";
  EXPECT_EQ(whole(100, 100), "");
  const Book bad =
      read_market("depth_A.json", depth(R"([["x","1"]])", R"([["3","1"],["4","1"]])")).book.value();
  EXPECT_FALSE(bad.bids_whole) << "there was a level, and nobody knows which";
  EXPECT_TRUE(bad.asks_whole);
}

TEST(DepthFiles, WhoseNameMayMeanSeveralMarketsAreOfTheOneThatIsKnown) {
  Folder folder;
  const std::string book = depth("[]", R"([["3","1"]])");
  folder.with("depth_BTCUSD_240329.json", book)
      .with("depth_A_B_C.json", book)
      .with("depth_X_Y.json", book)
      .with("klines_BTCUSD_240329_1h.json", "[[1735689600000,1,1,1,1,1,1735693199999,1,1,1,1]]")
      .with("A_B-1h.csv", lines({kFirst}));
  const Recording recording = load(folder.path(), std::nullopt);
  EXPECT_TRUE(recording.markets.at("BTCUSD_240329").book);
  EXPECT_TRUE(recording.markets.at("A_B").book);
  EXPECT_TRUE(recording.markets.at("X_Y").book);
  EXPECT_EQ(recording.markets.size(), 3u);
}

constexpr const char* kInfo =
    R"({"timezone":"UTC","serverTime":1735689600000,"symbols":[{"symbol":"ADAEUR","status":"BREAK",)"
    R"("baseAsset":"ADA","quoteAsset":"EUR","orderTypes":["LIMIT","MARKET"],"filters":[)"
    R"({"filterType":"PRICE_FILTER","minPrice":"0.1","tickSize":"0.00010000","minQty":""},)"
    R"({"filterType":"LOT_SIZE","minQty":"0.10000000","maxQty":"900000.00000000",)"
    R"("stepSize":"0.00000000"},{"filterType":"NOTIONAL","minNotional":"5.00000000"},)"
    R"({"filterType":"NEW","tickSize":{}}]}]})";

TEST(ExchangeInfoFiles, TellAssetsStatusAndRules) {
  const std::string whole = kInfo;
  const std::size_t from = whole.find('['), to = whole.rfind(']');
  const std::string array = whole.substr(from, to + 1 - from);
  for (const std::string& text : {whole, array, array.substr(1, array.size() - 2)}) {
    Folder folder;
    folder.with("exchangeInfo.json", text);
    const Recording recording = load(folder.path(), std::nullopt);
    EXPECT_TRUE(recording.remarks.empty()) << "members that are not a filter's own are ignored";
    const Market& market = recording.markets.at("ADAEUR");
    EXPECT_EQ(market.assets->base + "/" + market.assets->quote, "ADA/EUR");
    EXPECT_EQ(market.rules->status, "BREAK");
    EXPECT_EQ(market.rules->order_types, "LIMIT MARKET");
    EXPECT_EQ(market.rules->tick_size->text(), "0.00010000");
    EXPECT_EQ(market.rules->minimum_quantity->text(), "0.10000000");
    EXPECT_EQ(market.rules->maximum_quantity->text(), "900000.00000000");
    EXPECT_FALSE(market.rules->lot_step) << "0: switched off";
    EXPECT_EQ(market.rules->minimum_notional->text(), "5.00000000");
  }
}

TEST(ExchangeInfoFiles, AFilterThatCannotBeReadCostsItself) {
  Folder folder;
  folder.with("exchangeInfo.json", replaced(kInfo, "0.00010000", "much"));
  const Market market = load(folder.path(), std::nullopt).markets.at("ADAEUR");
  EXPECT_FALSE(market.rules->tick_size);
  EXPECT_TRUE(market.rules->minimum_quantity);
  EXPECT_EQ(
      market.bad_rules.first_row,
      "exchangeInfo.json: element 0: ADAEUR, filters: tickSize is \"much\"; expected a decimal "
      "number of at most 38 digits");
}

TEST(ExchangeInfoFiles, ARuleThatCannotBeReadDoesNotCostTheOthersOfItsFilter) {
  for (const char* each : {"0.10000000", "900000.00000000"}) {
    Folder folder;
    folder.with("exchangeInfo.json", replaced(kInfo, each, "much"));
    const Market market = load(folder.path(), std::nullopt).markets.at("ADAEUR");
    EXPECT_EQ(market.rules->minimum_quantity.has_value(), each != std::string("0.10000000"));
    EXPECT_EQ(market.rules->maximum_quantity.has_value(), each == std::string("0.10000000"));
    EXPECT_EQ(market.rules->status, "BREAK");
    EXPECT_EQ(market.bad_rules.rows, 1u);
  }
}

TEST(ExchangeInfoFiles, OfSeveralTheNewestThatWasKnownIsBelieved) {
  Folder folder;
  folder.with("exchangeInfo_1.json", kInfo)
      .with("exchangeInfo_2.json",
            replaced(replaced(kInfo, "BREAK", "TRADING"), "1735689600000", "1735689500000"));
  const auto rules = [&](std::optional<Time> now) {
    return load(folder.path(), now).markets.at("ADAEUR");
  };
  EXPECT_EQ(rules(std::nullopt).rules->status, "BREAK");
  EXPECT_EQ(rules(Time{1'735'689'550'000'000'000}).rules->status, "TRADING");
  const Market before = rules(Time{1'735'689'400'000'000'000});
  EXPECT_FALSE(before.rules->status) << "no look-ahead";
  EXPECT_FALSE(before.rules->tick_size);
  EXPECT_EQ(before.assets->base, "ADA") << "assets are what they are at all times";
}

TEST(ExchangeInfoFiles, AreNotTheEndOfTheRecordingUnlessNothingElseHasATime) {
  Folder folder;
  folder.with("exchangeInfo.json", kInfo);
  EXPECT_EQ(load(folder.path(), std::nullopt).end.ns, 1'735'689'600'000'000'000);
  folder.with("ticker_24h.json", kTicker);
  EXPECT_EQ(load(folder.path(), std::nullopt).end.ns, 1'710'038'820'117'000'000);
}

}  // namespace
}  // namespace bourse::replay
