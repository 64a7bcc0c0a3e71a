// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/sources/candle_files/bytes.hpp"

namespace bourse::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string read_name(const char* name) {
  const auto file = parse_name(unpacked_name(name));
  if (!file) return "refused";
  constexpr const char* kKinds[] = {"lines", "json", "ticker", "depth", "info"};
  std::string text = kKinds[static_cast<std::size_t>(file->kind)];
  if (!file->symbol.empty()) text += " " + file->symbol;
  if (file->interval) text += " " + std::string(file->interval->name());
  return text;
}

TEST(FileNames, TellSymbolAndInterval) {
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.csv"), "lines BTCUSDT 1h");
  EXPECT_EQ(read_name("1INCHUSDT-15m-2024-11-30.csv"), "lines 1INCHUSDT 15m");
  EXPECT_EQ(read_name("BTCUSDT-1M.csv"), "lines BTCUSDT 1M");
  EXPECT_EQ(read_name("BTCUSDT-1mo-2024-11.csv"), "lines BTCUSDT 1M");
  EXPECT_EQ(read_name("币安人生USDT-1h.csv"), "lines 币安人生USDT 1h");
  EXPECT_EQ(read_name("BTC-USDT-1h.csv"), "lines BTC-USDT 1h");
  for (const char* wrong :
       {"BTCUSDT.csv", "BTCUSDT-1H-2024-11.csv", "BTCUSDT-1h-2024.csv", "BTCUSDT-1h-2024-1.csv",
        "-1h.csv", "BTCUSDT-1h-.csv", "A B-1h.csv", "BTCUSDT-trades-2024-11.csv",
        "BTCUSDT-1h-2024-11.csv.xz", "BTCUSDT-1h.CSV"}) {
    EXPECT_EQ(read_name(wrong), "refused") << wrong;
  }
}

TEST(FileNames, OfRecordedAnswers) {
  EXPECT_EQ(read_name("klines_BTCUSDT_1h.json"), "json BTCUSDT 1h");
  EXPECT_EQ(read_name("klines_BTCUSDT_1h_2024-11-30.json"), "json BTCUSDT 1h");
  EXPECT_EQ(read_name("klines_BTCUSD_PERP_1d.json"), "json BTCUSD_PERP 1d");
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.json"), "json BTCUSDT 1h");
  EXPECT_EQ(read_name("depth_FTMUSDT_2021-08-14.json"), "depth FTMUSDT");
  EXPECT_EQ(read_name("depth_FTMUSDT.json"), "depth FTMUSDT");
  EXPECT_EQ(read_name("depth_BTC_USDT.json"), "depth BTC_USDT");
  EXPECT_EQ(read_name("depth_BTC_USDT_2024-11-30.json"), "depth BTC_USDT");
  EXPECT_EQ(read_name("depth_BTCUSDT_100_BTC.json"), "depth BTCUSDT");
  EXPECT_EQ(read_name("depth_BTCUSDT_.json"), "depth BTCUSDT");
  EXPECT_THAT(parse_name("depth_A_x_B.json")->may_be, ElementsAre("A_x_B", "A_x", "A"));
  EXPECT_EQ(read_name("ticker_24hr_2024-03-10.json"), "ticker");
  EXPECT_EQ(read_name("exchangeInfo.json"), "info");
  EXPECT_EQ(read_name("exchangeInfo_2024-03-10.json"), "info");
  EXPECT_EQ(read_name("candles_BTCUSDT_1h_500.report.json"), "json BTCUSDT 1h");
  EXPECT_EQ(read_name("order_book_BTC_USDT_20261130T210002Z.report.json"), "depth BTC_USDT");
  EXPECT_EQ(read_name("ticker_24h_2-symbols.report.json"), "ticker");
  EXPECT_EQ(read_name("symbols.report.json"), "info");
  EXPECT_TRUE(parse_name("symbols.report.json")->is_report);
  EXPECT_FALSE(parse_name("ticker_24h_2-symbols.json")->is_report);
  for (const char* wrong :
       {"prices_A.report.json", "klines_A_1h.report.json", "candles_A.report.json", "depth.json",
        "depth_.json", "klines_BTCUSDT.json", "klines__1h.json", "klines_BTCUSDT_1H.json",
        "stuff.json"}) {
    EXPECT_EQ(read_name(wrong), "refused") << wrong;
  }
}

TEST(FileNames, OfPackedFilesAreThoseOfWhatIsInThem) {
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.zip"), "lines BTCUSDT 1h");
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.csv.zip"), "lines BTCUSDT 1h");
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.csv.gz"), "lines BTCUSDT 1h");
  EXPECT_EQ(read_name("depth_FTMUSDT.json.gz"), "depth FTMUSDT");
  EXPECT_EQ(read_name("exchangeInfo.json.zip"), "info");
  EXPECT_EQ(read_name("BTCUSDT-1h-2024-11.gz"), "refused");
}

TEST(FileNames, OfMonthsTellWhereTheyBegin) {
  const auto month = [](const char* name) { return parse_name(name)->month; };
  // 2024-11-01T00:00:00Z, by date -d
  EXPECT_EQ(month("A-1h-2024-11.csv"), Time{1'730'419'200'000'000'000});
  EXPECT_FALSE(month("A-1h-2024-11-05.csv"));
  EXPECT_FALSE(month("A-1h-2024-13.csv"));
  EXPECT_FALSE(month("A-1h.csv"));
  EXPECT_FALSE(month("A-1h-2024-11.json")) << "an answer of the exchange begins where was asked";
}

TEST(FileNames, ThatLookLikeDataGetAReason) {
  EXPECT_THAT(name_fault("BTCUSDT-1H.csv"), HasSubstr("SYMBOL-INTERVAL.csv"));
  EXPECT_THAT(name_fault("BTCUSDT-1h.CSV"), HasSubstr("SYMBOL-INTERVAL.csv"));
  EXPECT_THAT(name_fault("stuff.json"), HasSubstr("exchangeInfo*.json"));
  EXPECT_THAT(name_fault("A-1h.ZIP"), HasSubstr("lower case"));
  EXPECT_EQ(name_fault("README.md"), "");
  EXPECT_EQ(misnamed_symbol("BTCUSDT-1H-2024-11.csv"), "BTCUSDT");
  EXPECT_EQ(misnamed_symbol("BTCUSDT-trades-2024-11.csv"), "");
}

}  // namespace
}  // namespace bourse::replay
