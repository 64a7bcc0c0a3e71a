// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/sources/replay/folder.hpp"

namespace bourse::replay {
namespace {

using test::Folder;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

// Two hours of a market; 1735689600000 is 2025-01-01T00:00:00Z.
constexpr const char* kFirst = "1735689600000,10.5,12,9.5,11,100,1735693199999,1050,7,60,630,0";
constexpr const char* kSecond =
    "1735693200000,11,11.5,10,10.25,50,1735696799999,540.125,3,20,216,0";

std::string lines(std::initializer_list<std::string> all, const char* end = "\n") {
  std::string text;
  for (const std::string& line : all) text += line + end;
  return text;
}

Series read(const std::string& text) {
  Folder folder;
  folder.with("A-1h.csv", text);
  return load(folder.path(), std::nullopt).markets.at("A").series.begin()->second;
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

TEST(CandleFiles, ABadLineIsRefusedWithItsPlaceAndReason) {
  const auto second = [](const std::string& line) {
    return refusal("A-1h.csv", lines({kFirst, line}));
  };
  EXPECT_THAT(second("1,2,3"), HasSubstr("A-1h.csv:2: has 3 columns; a candle has 12"));
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
  EXPECT_THAT(second("1735693200000,11,10,9,10,1,1735696799999,1,1,1,1,0"),
              HasSubstr("the prices contradict each other"));
  EXPECT_THAT(second("1735693200000,11,12,11.5,11.6,1,1735696799999,1,1,1,1,0"),
              HasSubstr("the prices contradict each other"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,1,1735693199999,1,1,1,1,0"),
              HasSubstr("the close time is before the open time"));
  EXPECT_THAT(second("1735693200000,11,11,11,11,1,1735696799999,1,1.5,1,1,0"),
              HasSubstr("number of trades"));
  EXPECT_THAT(
      second(std::string("1735693200000,11,11,11,11,1") + '\0' + ",1735696799999,1,1,1,1,0"),
      HasSubstr("is \"1?\""));
  EXPECT_THAT(refusal("A-1h.csv", lines({kFirst, "", kSecond})),
              HasSubstr(":3: stands after an empty"));
  EXPECT_THAT(refusal("A-1h.csv", lines({kFirst, "open_time,..."})),
              HasSubstr(":2: has 2 columns"));
  EXPECT_THAT(refusal("A-1h.csv", lines({kFirst}) + std::string(3'000'000, '1')),
              HasSubstr(":2: the line is longer than 4096 bytes"));
  EXPECT_THAT(refusal("A-1h.csv", std::string(5000, ',') + "\n"),
              HasSubstr(":1: the line is longer"));
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

TEST(FileNames, TellSymbolAndInterval) {
  const auto read_name = [](const char* name) {
    const auto file = parse_candle_name(name);
    return file ? file->symbol + " " + std::string(file->interval.name()) : "refused";
  };
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.csv"), "BTCUSDT 1h");
  EXPECT_EQ(read_name("1INCHUSDT-15m-2024-11-30.csv"), "1INCHUSDT 15m");
  EXPECT_EQ(read_name("BTCUSDT-1M.csv"), "BTCUSDT 1M");
  EXPECT_EQ(read_name("BTCUSDT-1mo-2024-11.csv"), "BTCUSDT 1M");
  for (const char* wrong : {"BTCUSDT.csv", "BTCUSDT-1H-2024-11.csv", "BTCUSDT-1h-2024.csv",
                            "BTCUSDT-1h-2024-1.csv", "btcusdt-1h.csv", "-1h.csv", "BTCUSDT-1h-.csv",
                            "BTCUSDT-trades-2024-11.csv", "BTCUSDT-1h-2024-11.csv.zip"}) {
    EXPECT_EQ(read_name(wrong), "refused") << wrong;
  }
  EXPECT_EQ(parse_depth_name("depth_FTMUSDT_2021-08-14.json"), "FTMUSDT");
  EXPECT_EQ(parse_depth_name("depth_FTMUSDT.json"), "FTMUSDT");
  EXPECT_FALSE(parse_depth_name("depth.json"));
  EXPECT_FALSE(parse_depth_name("depth_.json"));
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

TEST(Folders, WithFilesOfUnknownNamesAreRefused) {
  EXPECT_THAT(refusal("trades.csv", ""), HasSubstr("is not named as candles are"));
  EXPECT_THAT(refusal("stuff.json", "{}"), HasSubstr("is not named as a recorded answer is"));
}

TEST(Folders, HaveLimits) {
  Folder folder;
  folder.with("A-1h.csv", lines({kFirst})).with("B-1h.csv", lines({kFirst}));
  EXPECT_THAT(refusal(folder, {.csv_bytes = 10}), HasSubstr("bytes; the most is 10. Split it."));
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

TEST(TickerFiles, AreRefusedWhenTheyAreWrong) {
  const auto wrong = [](const std::string& text) { return refusal("ticker_24h.json", text); };
  EXPECT_THAT(wrong(""), HasSubstr("is not JSON"));
  EXPECT_THAT(wrong("[1"), HasSubstr("At byte"));
  EXPECT_THAT(wrong("[" + std::string(kTicker) + ",{}]"),
              HasSubstr("element 1: symbol is missing"));
  EXPECT_THAT(wrong("[3]"), HasSubstr("element 0: expected an object"));
  EXPECT_THAT(wrong(replaced(kTicker, "\"0.05692000\"", "0.05692")),
              HasSubstr("lastPrice must be a decimal number in quotes"));
  EXPECT_THAT(wrong(replaced(kTicker, "0.05763000", "1e-5")), HasSubstr("highPrice is \"1e-5\""));
  EXPECT_THAT(wrong(replaced(kTicker, "0.05763000", "0.01")),
              HasSubstr("lowPrice is above highPrice"));
  EXPECT_THAT(wrong(replaced(kTicker, "1709952420116", "\"x\"")),
              HasSubstr("openTime must be a whole number"));
  EXPECT_THAT(wrong(replaced(kTicker, "55439", "99999999999999999999")),
              HasSubstr("count must be"));
  EXPECT_THAT(wrong(replaced(kTicker, "ETHBTC", "../x")), HasSubstr("is not a symbol"));
  EXPECT_THAT(wrong(replaced(kTicker, "1709952420116", "9223372036854775807")), HasSubstr("range"));
  EXPECT_THAT(wrong(std::string(1'000'000, '[')), HasSubstr("is not JSON")) << "deep nesting";
}

TEST(DepthFiles, AreReadBestFirst) {
  Folder folder;
  folder.with("depth_FTMUSDT_x.json",
              R"({"lastUpdateId":800360994,"bids":[["0.33993000","1500.5"],["0.33989000","2"]],)"
              R"("asks":[["0.34","92233720368.54775807",[]]]})");
  const Book book = load(folder.path(), std::nullopt).markets.at("FTMUSDT").book.value();
  EXPECT_EQ(book.last_update_id, 800'360'994);
  ASSERT_EQ(book.bids.size(), 2u);
  EXPECT_EQ(book.bids[0].quantity.text(), "1500.5");
  EXPECT_EQ(book.asks[0].quantity.text(), "92233720368.54775807");
}

TEST(DepthFiles, AreRefusedWhenTheyAreWrong) {
  const auto wrong = [](const char* bids, const char* asks) {
    return refusal("depth_A.json",
                   std::string(R"({"lastUpdateId":1,"bids":)") + bids + R"(,"asks":)" + asks + "}");
  };
  EXPECT_THAT(wrong("[]", "[]"), "accepted");
  EXPECT_THAT(wrong("1", "[]"), EndsWith("bids must be an array"));
  EXPECT_THAT(wrong("[[\"1\"]]", "[]"), EndsWith("bids[0] must be [price, quantity]"));
  EXPECT_THAT(wrong("[[\"1\",\"1\"],[\"2\",\"1\"]]", "[]"), HasSubstr("bids[1] is out of order"));
  EXPECT_THAT(wrong("[]", "[[\"2\",\"1\"],[\"2.0\",\"1\"]]"), HasSubstr("asks[1] is out of order"));
  EXPECT_THAT(wrong("[[\"3\",\"1\"]]", "[[\"2\",\"1\"]]"), HasSubstr("is not below the best ask"));
  EXPECT_THAT(wrong("[[\"0\",\"1\"]]", "[]"), HasSubstr("a price above 0"));
  EXPECT_THAT(wrong("[[1,2]]", "[]"), HasSubstr("in quotes"));
}

TEST(QuoteAsset, IsTheLongestKnownEnding) {
  EXPECT_EQ(quote_asset("BTCUSDT"), "USDT");
  EXPECT_EQ(quote_asset("BTCFDUSD"), "FDUSD");
  EXPECT_EQ(quote_asset("ETHBTC"), "BTC");
  EXPECT_EQ(quote_asset("DOGETRY"), "TRY");
  EXPECT_EQ(quote_asset("USDT"), "");
  EXPECT_EQ(quote_asset("WHATEVER"), "");
}

}  // namespace
}  // namespace bourse::replay
