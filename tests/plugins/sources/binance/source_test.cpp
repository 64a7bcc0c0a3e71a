// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "tests/plugins/sources/binance/candle_history.hpp"
#include "tests/plugins/sources/binance/client/scratch.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::binance {
namespace {

using test::column_texts;
using test::note_codes;
using test::ReportPtr;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// The public example key of the exchange's documentation; worthless.
constexpr const char* kApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr const char* kApiSecret =
    "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

constexpr std::size_t kCandles = 0, kTicker = 1, kPrices = 2, kBookTicker = 3, kOrderBook = 4,
                      kTrades = 5, kSymbols = 6, kAccount = 7;

std::string ticker_json(const std::string& symbol) {
  return R"({"symbol":")" + symbol +
         R"(","priceChange":"-1.50000000","priceChangePercent":"-1.478","weightedAvgPrice":"100.25",)"
         R"("prevClosePrice":"101.50000000","lastPrice":"100.00000000","lastQty":"0.5","bidPrice":"99.99000000",)"
         R"("bidQty":"1.00000000","askPrice":"100.01000000","askQty":"2.00000000","openPrice":"101.50000000",)"
         R"("highPrice":"102.00000000","lowPrice":"99.00000000","volume":"284227394804.05000000",)"
         R"("quoteVolume":"10.00000000","openTime":1753000000000,"closeTime":1753086400000,"firstId":1,)"
         R"("lastId":10,"count":10})";
}
std::string info_json(const std::vector<std::string>& symbols) {
  std::string text =
      R"({"timezone":"UTC","serverTime":1753003600000,"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT",)"
      R"("interval":"MINUTE","intervalNum":1,"limit":6000}],"exchangeFilters":[],"symbols":[)";
  for (const std::string& symbol : symbols) {
    if (text.back() != '[') text += ",";
    text +=
        R"({"symbol":")" + symbol + R"(","status":"TRADING","baseAsset":")" + symbol.substr(0, 3) +
        R"(","baseAssetPrecision":8,"quoteAsset":"USDT","quotePrecision":8,"orderTypes":["LIMIT","MARKET"],)"
        R"("filters":[{"filterType":"LOT_SIZE","minQty":"0.10000000","maxQty":"9000.00000000","stepSize":"0.00000000"}],)"
        R"("permissions":[],"permissionSets":[]})";
  }
  return text + "]}";
}

class SourceTest : public testing::Test {
 protected:
  void SetUp() override { make({.site = Site::kData}); }

  void make(ExchangeOptions options, std::optional<Credentials> credentials = {}) {
    source_.reset();
    stub_.emplace(options);
    Settings settings;
    settings.exchange = options;
    settings.credentials = std::move(credentials);
    settings.market.keeper.prepare_after = std::chrono::hours(1);
    source_.emplace(std::move(settings), stub_->exchange);
  }

  /// The report, or null: then failure_ says why.
  ReportPtr fetch(std::size_t dataset, const std::map<std::string, bourse_value>& given) {
    failure_.reset();
    const std::vector<Param> declared = detail::declared(*Binance::datasets[dataset]);
    std::vector<bourse_value> values;
    for (const Param& param : declared) {
      const auto found = given.find(param.name);
      values.push_back(found == given.end() ? null_value() : found->second);
    }
    ReportPtr report = test::make_report(
        [&](const bourse::Call& borrowed) {
          bourse::Call call(borrowed.host(), borrowed.wire());
          try {
            source_->fetch(call, dataset, Values(declared, values.data()));
          } catch (const bourse::Error& error) {
            failure_ = error;
          }
        },
        &said_);
    return failure_ ? nullptr : report;
  }
  ReportPtr fetch_symbols_of(std::size_t dataset, const std::vector<std::string>& symbols) {
    std::vector<bourse_value> items;
    for (const std::string& symbol : symbols) items.push_back(value(std::string_view(symbol)));
    bourse_value list{};
    list.type = BOURSE_TYPE_LIST;
    list.as.list = {items.data(), items.size()};
    return fetch(dataset, {{"symbols", list}});
  }
  static std::map<std::string, bourse_value> of(const char* symbol) {
    return {{"symbol", value(symbol)},
            {"interval", value("1h")},
            {"limit", value(std::int64_t{5})},
            {"depth", value(std::int64_t{5})}};
  }
  StubTransport& transport() { return *stub_->transport; }
  static StubTransport::Reply refusing(int status, const std::string& body) {
    return [=](const std::string&) -> Result<HttpResponse> { return answered(status, body); };
  }

  std::optional<StubExchange> stub_;
  std::optional<Binance> source_;
  std::optional<bourse::Error> failure_;
  test::Said said_;
};

TEST_F(SourceTest, CandlesComeWithScaleEightAndTheFormingOneOpen) {
  CandleHistory history;
  const std::int64_t first = kStubStartMs / 3'600'000 * 3'600'000 - 9 * 3'600'000;
  for (int i = 0; i < 20; ++i) history.opens.push_back(first + i * 3'600'000);
  serve(history, *stub_);
  const ReportPtr report = fetch(kCandles, of("BTCUSDT"));
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "candles", "closed"),
              ElementsAre("true", "true", "true", "true", "false"));
  EXPECT_THAT(column_texts(report->wire(), "candles", "volume").front(), "1.50000000");
  EXPECT_EQ(report->wire().as_of, stub_->server_ms() * 1'000'000);
  EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, stub_->server_ms() * 1'000'000);
  EXPECT_FALSE(ReportView(report->wire()).meta("status")) << "nobody has told it";
  EXPECT_THAT(note_codes(report->wire()), ElementsAre());
}

/// A market that stopped trading: its newest candle is of then, whatever the exchange's clock says.
TEST_F(SourceTest, WhatIsOldIsAsOfThen) {
  CandleHistory history;
  const std::int64_t last = kStubStartMs / 3'600'000 * 3'600'000 - 5000 * std::int64_t{3'600'000};
  for (int i = 0; i < 20; ++i) history.opens.push_back(last - (19 - i) * 3'600'000);
  serve(history, *stub_);
  std::string info = info_json({"BTCUSDT"});
  info.replace(info.find("TRADING"), 7, "BREAK");
  transport().on("/api/v3/exchangeInfo", info);
  const ReportPtr report = fetch(kCandles, of("BTCUSDT"));
  ASSERT_TRUE(report);
  EXPECT_EQ(report->wire().as_of, (last + 3'599'999) * 1'000'000);
  EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, stub_->server_ms() * 1'000'000);
  EXPECT_FALSE(ReportView(report->wire()).meta("status"));
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 0u) << "nobody is asked for it";
  // Once it has been told, it is said, for an hour.
  ASSERT_TRUE(fetch_symbols_of(kSymbols, {"BTCUSDT"}));
  const auto status = [&] {
    const ReportPtr again = fetch(kCandles, of("BTCUSDT"));
    const auto said = ReportView(again->wire()).meta("status");
    return said ? std::string(view(said->as.text)) : "none";
  };
  EXPECT_EQ(status(), "BREAK");
  stub_->clock->advance(std::chrono::minutes(59));
  EXPECT_EQ(status(), "BREAK");
  stub_->clock->advance(std::chrono::minutes(1));
  EXPECT_EQ(status(), "none");
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 1u);
}

/// BTCUSDT of 2020-12-21 14:00 UTC: one odd row of years ago made hundreds of good ones a 502.
TEST_F(SourceTest, AnOddCandleIsMendedAndToldAndOneThatCannotBeReadIsLeftOut) {
  CandleHistory history;
  const std::int64_t first = 1608508800000;  // 2020-12-21 00:00 UTC, by date -u -d
  for (int i = 0; i < 24; ++i) history.opens.push_back(first + i * 3'600'000);
  history.closing_oddly = {1608559200000, 1608562800000};
  history.unreadable = {1608566400000};
  serve(history, *stub_);
  auto given = of("BTCUSDT");
  given["limit"] = value(std::int64_t{400});
  given["end"] = value(Time{(first + 23 * 3'600'000) * kNsPerMs});
  for (int i = 0; i < 2; ++i) {  // the second time from memory
    const ReportPtr report = fetch(kCandles, given);
    ASSERT_TRUE(report) << failure_->message();
    const auto closes = column_texts(report->wire(), "candles", "close_time");
    ASSERT_EQ(closes.size(), 23u);
    EXPECT_EQ(closes[14], "1608562799999000000");
    EXPECT_THAT(column_texts(report->wire(), "candles", "open_time"),
                Not(Contains("1608566400000000000")));
    ASSERT_THAT(note_codes(report->wire()), ElementsAre("odd_candle", "unreadable_row"));
    EXPECT_THAT(std::string(view(report->wire().notes[0]->text)),
                HasSubstr("2 candles of BTCUSDT (the first opens at 2020-12-21T14:00:00Z)"));
    EXPECT_THAT(std::string(view(report->wire().notes[1]->text)),
                HasSubstr("1 candle of BTCUSDT cannot be read, and left out: the first opens at "
                          "2020-12-21T16:00:00Z"));
  }
  EXPECT_EQ(transport().count("/api/v3/klines"), 1u);
}

TEST_F(SourceTest, ACandleThatContradictsItselfIsShownWithANote) {
  transport().on("/api/v3/klines",
                 R"([[1752994800000,"0","0","0","0","5",1752998399999,"1",1,"1","1","0"],)"
                 R"([1752998400000,"2","1","3","2","5",1753001999999,"1",1,"1","1","0"]])");
  auto given = of("BTCUSDT");
  given["limit"] = value(std::int64_t{2});
  const ReportPtr report = fetch(kCandles, given);
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_THAT(column_texts(report->wire(), "candles", "high"),
              ElementsAre("0.00000000", "1.00000000"));
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("odd_candle"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)),
              HasSubstr("2 candles of BTCUSDT (the first opens at 2025-07-20T07:00:00Z)"));
}

/// From the first byte to the last: the request, the listing, the answer and what is unknown.
TEST_F(SourceTest, MarketsMayHaveNamesOfAnyScript) {
  const std::string name = "币安人生USDT", encoded = "%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT";
  CandleHistory history;
  const std::int64_t first = kStubStartMs / 3'600'000 * 3'600'000 - 9 * 3'600'000;
  for (int i = 0; i < 20; ++i) history.opens.push_back(first + i * 3'600'000);
  serve(history, *stub_);
  std::string info = info_json({"BTCUSDT"});
  info.insert(info.rfind("]}"), R"(,{"symbol":"\u5e01\u5b89\u4eba\u751fUSDT","status":"TRADING",)"
                                R"("baseAsset":"币安人生","quoteAsset":"USDT","filters":[]})");
  transport().on("/api/v3/exchangeInfo", info);
  transport().on("/api/v3/ticker/24hr",
                 "[" + ticker_json(name) + "," + ticker_json("BTCUSDT") + "]");
  ASSERT_TRUE(fetch(kCandles, of(name.c_str()))) << failure_->message();
  EXPECT_THAT(transport().sent(),
              Contains("/api/v3/klines?symbol=" + encoded + "&interval=1h&limit=5"));
  const ReportPtr tickers = fetch_symbols_of(kTicker, {name, "BTCUSDT"});
  ASSERT_TRUE(tickers) << failure_->message();
  EXPECT_THAT(transport().sent(),
              Contains("/api/v3/ticker/24hr?symbols=%5B%22" + encoded + "%22%2C%22BTCUSDT%22%5D"));
  EXPECT_THAT(column_texts(tickers->wire(), "ticker_24h", "symbol"), ElementsAre(name, "BTCUSDT"));
  EXPECT_THAT(column_texts(tickers->wire(), "ticker_24h", "quote_asset"),
              ElementsAre("USDT", "USDT"));
  EXPECT_THAT(column_texts(tickers->wire(), "ticker_24h", "status"),
              ElementsAre("TRADING", "TRADING"));
  EXPECT_THAT(note_codes(tickers->wire()), ElementsAre());
  const ReportPtr listing = fetch(kSymbols, {});
  ASSERT_TRUE(listing);
  EXPECT_THAT(column_texts(listing->wire(), "symbols", "base_asset"),
              ElementsAre("BTC", "币安人生"));
  EXPECT_THAT(column_texts(listing->wire(), "symbols", "order_types")[1], "null");
  // One sign too few: which was meant is said as it is.
  transport().on("/api/v3/depth", refusing(400, R"({"code":-1121,"msg":"Invalid symbol."})"));
  EXPECT_FALSE(fetch(kOrderBook, of("币安人生USD")));
  EXPECT_EQ(failure_->message(), "There is no market \"币安人生USD\"; did you mean 币安人生USDT?");
  // What no name may hold is not sent.
  const std::size_t before = transport().sent().size();
  EXPECT_FALSE(fetch(kOrderBook, of("币安\u200b人生USDT")));
  EXPECT_EQ(failure_->code(), "symbol_not_found");
  EXPECT_EQ(transport().sent().size(), before);
}

// Time of the call is test::kNow, far from the stub's own: what counts is how long, not since when.
TEST_F(SourceTest, ClosedCandlesAreGoodForEverAndTheNewestForAMoment) {
  CandleHistory history;
  const std::int64_t first = kStubStartMs / 3'600'000 * 3'600'000 - 9 * 3'600'000;
  for (int i = 0; i < 20; ++i) history.opens.push_back(first + i * 3'600'000);
  serve(history, *stub_);
  ASSERT_TRUE(fetch(kCandles, of("BTCUSDT")));
  EXPECT_EQ(said_.fresh_until, Time{test::kNow.ns + 1'000'000'000});
  stub_->clock->advance(std::chrono::milliseconds(400));
  ASSERT_TRUE(fetch(kCandles, of("BTCUSDT")));
  EXPECT_EQ(said_.fresh_until, Time{test::kNow.ns + 600'000'000});
  auto past = of("BTCUSDT");
  past["end"] = value(Time{(first + 5 * 3'600'000) * kNsPerMs});
  ASSERT_TRUE(fetch(kCandles, past));
  EXPECT_EQ(said_.fresh_until, Time{std::numeric_limits<std::int64_t>::max()});
  make({.site = Site::kTestnet});
  serve(history, *stub_);
  ASSERT_TRUE(fetch(kCandles, past));
  EXPECT_EQ(said_.fresh_until, Time{test::kNow.ns + 1'000'000'000})
      << "the testnet is wiped about once a month";
}

TEST_F(SourceTest, AKeptAnswerSaysForHowLongAndTheAccountNothing) {
  transport().on("/api/v3/ticker/24hr", "[" + ticker_json("BTCUSDT") + "]");
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  ASSERT_TRUE(fetch_symbols_of(kTicker, {"BTCUSDT"}));
  EXPECT_EQ(said_.fresh_until, Time{test::kNow.ns + 1'000'000'000});
  ASSERT_TRUE(fetch_symbols_of(kSymbols, {"BTCUSDT"}));
  EXPECT_EQ(said_.fresh_until, Time{test::kNow.ns + 60'000'000'000}) << "rules change seldom";
  make({.site = Site::kTestnet}, *Credentials::make(kApiKey, Secret(kApiSecret)));
  transport().on("/api/v3/account",
                 R"({"makerCommission":10,"takerCommission":10,"canTrade":true,"canWithdraw":true,)"
                 R"("canDeposit":true,"updateTime":1753000000123,"accountType":"SPOT",)"
                 R"("balances":[],"permissions":["SPOT"],"uid":1})");
  ASSERT_TRUE(fetch(kAccount, {})) << failure_->message();
  EXPECT_FALSE(said_.fresh_until);
}

/// Whatever numbers the exchange sends: its fault, or columns of one scale; never ours.
TEST_F(SourceTest, LongNumbersAreTheExchangesFaultNotTheCallers) {
  const auto serve_volumes = [&](const std::string& first, const std::string& second) {
    const auto row = [](std::int64_t open, const std::string& volume) {
      return "[" + std::to_string(open) + R"(,"1","1","1","1",")" + volume + "\"," +
             std::to_string(open + 3'599'999) + R"(,"1",1,"1","1","0"])";
    };
    transport().on("/api/v3/klines", "[" + row(1'752'994'800'000, first) + "," +
                                         row(1'752'998'400'000, second) + "]");
  };
  const std::string twenty(20, '9');
  serve_volumes(std::string(38, '9'), "1.00000000");
  const ReportPtr without = fetch(kCandles, of("BTCUSDT"));
  ASSERT_TRUE(without) << failure_->message();
  EXPECT_THAT(note_codes(without->wire()), ElementsAre("unreadable_row"));
  EXPECT_EQ(column_texts(without->wire(), "candles", "volume").size(), 1u);
  stub_->clock->advance(std::chrono::seconds(5));
  make({.site = Site::kData});
  serve_volumes(twenty, "0." + std::string(18, '1'));
  const ReportPtr report = fetch(kCandles, of("BTCUSDT"));
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_EQ(column_texts(report->wire(), "candles", "volume")[0],
            twenty + "." + std::string(18, '0'));
}

TEST_F(SourceTest, AnEmptySpanIsNoErrorButAnUnknownMarketIs) {
  transport().on("/api/v3/klines", "[]");
  auto given = of("BTCUSDT");
  given["start"] = value(Time{2'000'000'000'000'000'000});
  given["end"] = value(Time{1'000'000'000'000'000'000});
  const ReportPtr report = fetch(kCandles, given);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->wire().tables[0]->n_rows, 0u);
  transport().on("/api/v3/klines", refusing(400, R"({"code":-1121,"msg":"Invalid symbol."})"));
  given["symbol"] = value("NOPE");
  EXPECT_FALSE(fetch(kCandles, given));
  EXPECT_EQ(failure_->status(), BOURSE_NOT_FOUND);
}

TEST_F(SourceTest, TheQuoteAssetIsAskedForOnceAndBesideTheTicker) {
  transport().on("/api/v3/ticker/24hr",
                 "[" + ticker_json("BTCUSDT") + "," + ticker_json("ETHUSDT") + "]");
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT", "ETHUSDT"}));
  transport().hold();
  std::thread both([&] {
    transport().wait_for("/api/v3/ticker/24hr", 1);
    transport().wait_for("/api/v3/exchangeInfo", 1);  // though the ticker is not answered
    transport().release();
  });
  const ReportPtr report = fetch_symbols_of(kTicker, {"BTCUSDT", "ETHUSDT"});
  both.join();
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "quote_asset"),
              ElementsAre("USDT", "USDT"));
  // More digits than 64 bits of 1e-8 hold.
  EXPECT_EQ(column_texts(report->wire(), "ticker_24h", "volume")[0], "284227394804.05000000");
  EXPECT_EQ(column_texts(report->wire(), "ticker_24h", "weighted_average")[0], "100.25000000");
  EXPECT_EQ(column_texts(report->wire(), "ticker_24h", "price_change_percent")[0], "-1.478");
  stub_->clock->advance(std::chrono::seconds(5));
  ASSERT_TRUE(fetch_symbols_of(kTicker, {"ETHUSDT", "BTCUSDT"}));
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 1u);
}

TEST_F(SourceTest, TickersAreAsOfTheirNewestAndSayWhichMarketsTrade) {
  std::string old = ticker_json("ETHUSDT");
  old.replace(old.find("1753086400000"), 13, "1753000000001");
  transport().on("/api/v3/ticker/24hr", "[" + ticker_json("BTCUSDT") + "," + old + "]");
  std::string info = info_json({"BTCUSDT", "ETHUSDT"});
  info.replace(info.rfind("TRADING"), 7, "BREAK");
  transport().on("/api/v3/exchangeInfo", info);
  const ReportPtr report = fetch_symbols_of(kTicker, {"BTCUSDT", "ETHUSDT"});
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_EQ(report->wire().as_of, 1'753'086'400'000'000'000);
  EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, stub_->server_ms() * 1'000'000);
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "status"),
              ElementsAre("TRADING", "BREAK"));
  // After an hour it is asked anew, beside the ticker; where that fails it is null, and no problem.
  stub_->clock->advance(std::chrono::hours(1));
  ASSERT_TRUE(fetch_symbols_of(kTicker, {"BTCUSDT", "ETHUSDT"}));
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 2u);
  transport().on("/api/v3/exchangeInfo", refusing(400, R"({"code":-1100,"msg":"no"})"));
  stub_->clock->advance(std::chrono::hours(1));
  for (int i = 0; i < 3; ++i) {
    const ReportPtr later = fetch_symbols_of(kTicker, {"BTCUSDT", "ETHUSDT"});
    ASSERT_TRUE(later) << failure_->message();
    EXPECT_THAT(column_texts(later->wire(), "ticker_24h", "status"), ElementsAre("null", "null"));
    EXPECT_THAT(column_texts(later->wire(), "ticker_24h", "quote_asset"),
                ElementsAre("USDT", "USDT"));
    EXPECT_THAT(note_codes(later->wire()), ElementsAre());
    stub_->clock->advance(std::chrono::seconds(5));
  }
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 3u) << "not with every ticker";
}

/// A market whose rules cannot be read is a market all the same: its ticker stands, and is not the
/// reason to ask for the rules again and again.
TEST_F(SourceTest, AMarketWithoutReadableRulesHasATicker) {
  transport().on("/api/v3/ticker/24hr", "[" + ticker_json("BTCUSDT") + "]");
  std::string odd = info_json({"BTCUSDT"});
  odd.replace(odd.find("\"TRADING\""), 9, "7");
  transport().on("/api/v3/exchangeInfo", odd);
  std::size_t asked = 0;
  for (int i = 0; i < 5; ++i) {
    const ReportPtr report = fetch_symbols_of(kTicker, {"BTCUSDT"});
    ASSERT_TRUE(report) << failure_->message();
    EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "last"), ElementsAre("100.00000000"));
    EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "quote_asset"), ElementsAre("null"));
    EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "status"), ElementsAre("null"));
    EXPECT_THAT(note_codes(report->wire()), ElementsAre("quote_asset_unknown"));
    if (i == 0) asked = transport().count("/api/v3/exchangeInfo");
    stub_->clock->advance(std::chrono::seconds(5));
  }
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), asked);
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  stub_->clock->advance(std::chrono::minutes(1));
  const ReportPtr mended = fetch_symbols_of(kTicker, {"BTCUSDT"});
  EXPECT_THAT(column_texts(mended->wire(), "ticker_24h", "quote_asset"), ElementsAre("USDT"));
  EXPECT_THAT(note_codes(mended->wire()), ElementsAre());
}

/// Left out where nothing can be read, shown where something contradicts itself, null where
/// something is missing.
TEST_F(SourceTest, OneTickerThatMakesNoSenseCostsItself) {
  std::string unreadable = ticker_json("AAAUSDT"), odd = ticker_json("BBBUSDT"),
              short_one = ticker_json("CCCUSDT");
  unreadable.replace(unreadable.find("102.00000000"), 3, "x");
  odd.replace(odd.find("102.00000000"), 3, "098");
  short_one.replace(short_one.find("\"lastQty\":\"0.5\","), 16, "");
  transport().on("/api/v3/ticker/24hr", "[" + unreadable + "," + odd + "," + short_one + "]");
  transport().on("/api/v3/exchangeInfo", info_json({"AAAUSDT", "BBBUSDT", "CCCUSDT"}));
  const ReportPtr report = fetch_symbols_of(kTicker, {"AAAUSDT", "BBBUSDT", "CCCUSDT"});
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "symbol"),
              ElementsAre("BBBUSDT", "CCCUSDT"));
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "high"),
              ElementsAre("98.00000000", "102.00000000"));
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "last_quantity"),
              ElementsAre("0.50000000", "null"));
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row", "odd_candle"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("AAAUSDT (highPrice"));
  EXPECT_THAT(std::string(view(report->wire().notes[1]->text)), HasSubstr("of BBBUSDT:"));
}

TEST_F(SourceTest, UnknownMarketsAmongOthersAreNotedAndNotAskedForAgain) {
  transport().on("/api/v3/ticker/price", [](const std::string& query) -> Result<HttpResponse> {
    if (query.find("BTCUSD%22") != std::string::npos) {
      return answered(400, R"({"code":-1121,"msg":"Invalid symbol."})");
    }
    if (query.rfind("symbol=", 0) == 0)
      return answered(200, R"({"symbol":"BTCUSDT","price":"1.5"})");
    return answered(200,
                    R"([{"symbol":"ETHUSDT","price":"2"},{"symbol":"BTCUSDT","price":"1.5"}])");
  });
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT", "ETHUSDT"}));
  const ReportPtr report = fetch_symbols_of(kPrices, {"BTCUSD", "BTCUSDT", "btc/usdt", "BTCUSDT"});
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "prices", "symbol"), ElementsAre("BTCUSDT"));
  EXPECT_THAT(column_texts(report->wire(), "prices", "price"), ElementsAre("1.50000000"));
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("symbol_unavailable", "symbol_unavailable"));
  EXPECT_EQ(view(report->wire().notes[0]->text),
            "There is no market \"BTCUSD\"; did you mean BTCUSDT?");
  stub_->clock->advance(std::chrono::seconds(5));
  const std::size_t before = transport().count("/api/v3/ticker/price");
  ASSERT_TRUE(fetch_symbols_of(kPrices, {"BTCUSD", "BTCUSDT"}));
  EXPECT_EQ(transport().count("/api/v3/ticker/price"), before + 1);  // one, of the one that exists
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), 1u);
}

/// An exchange of these markets, which refuses a question for one unknown name in it.
class StrangersTest : public SourceTest {
 protected:
  void SetUp() override {
    SourceTest::SetUp();
    const auto about = [this](auto body_of) {
      return [this, body_of](const std::string& query) -> Result<HttpResponse> {
        std::vector<std::string> names = markets;
        if (query.find("symbol") != std::string::npos) names = names_in(query);
        for (const std::string& name : names) {
          if (std::ranges::find(markets, name) == markets.end()) {
            return answered(400, R"({"code":-1121,"msg":"Invalid symbol."})");
          }
        }
        return answered(200, body_of(names));
      };
    };
    transport().on("/api/v3/exchangeInfo", about(info_json));
    transport().on("/api/v3/ticker/24hr", about([](const std::vector<std::string>& names) {
                     std::string text;
                     for (const auto& name : names) {
                       text += (text.empty() ? "[" : ",") + ticker_json(name);
                     }
                     return text + "]";
                   }));
  }
  /// Of symbol=A or symbols=%5B%22A%22%2C%22B%22%5D.
  static std::vector<std::string> names_in(const std::string& query) {
    const std::string list = parameter(query, "symbols"), quote = "%22";
    if (list.empty()) return {parameter(query, "symbol")};
    std::vector<std::string> names;
    for (std::size_t open = list.find(quote); open != std::string::npos;) {
      const std::size_t begin = open + quote.size(), end = list.find(quote, begin);
      names.push_back(list.substr(begin, end - begin));
      open = list.find(quote, end + 1);
    }
    return names;
  }
  [[nodiscard]] std::int64_t weight() const {
    return stub_->exchange->rate_state().windows[0].used;
  }

  std::vector<std::string> markets = {"BTCUSDT", "ETHUSDT", "XRPUSDT"};
};

/// A list costs 2 to be refused and 2 for those of it that exist; not 80 for all markets, and 20 or
/// 40 for what the invented ones might be quoted in.
TEST_F(StrangersTest, InventedNamesCostNoMoreThanTheirRefusal) {
  ASSERT_TRUE(fetch_symbols_of(kTicker, {"BTCUSDT", "ETHUSDT", "FIRST"}));
  const std::int64_t before = weight();
  EXPECT_LE(before, 2 + 20 + 20 + 20 + 2 + 1);
  const std::size_t infos = transport().count("/api/v3/exchangeInfo");
  constexpr int kStrangers = 20;
  for (int i = 0; i < kStrangers; ++i) {
    const std::string invented = "INVENTED" + std::to_string(i);
    std::vector<std::string> asked = {"BTCUSDT", invented};
    if (i % 2 == 0) asked.insert(asked.end(), {"ETHUSDT", "ALSO" + std::to_string(i)});
    const ReportPtr report = fetch_symbols_of(kTicker, asked);
    ASSERT_TRUE(report) << failure_->message();
    EXPECT_EQ(column_texts(report->wire(), "ticker_24h", "symbol").size(), asked.size() / 2);
    EXPECT_EQ(note_codes(report->wire()).size(), asked.size() / 2);
    EXPECT_EQ(column_texts(report->wire(), "ticker_24h", "quote_asset")[0], "USDT");
    std::size_t sent = 0;
    for (const std::string& target : transport().sent()) {
      sent += target.find(invented) == std::string::npos ? 0U : 1U;
    }
    EXPECT_EQ(sent, 1u) << invented;
  }
  EXPECT_EQ(weight() - before, 4 * kStrangers);
  EXPECT_EQ(transport().count("/api/v3/exchangeInfo"), infos);
  EXPECT_THAT(transport().sent(), Not(Contains("/api/v3/ticker/24hr")));  // of all markets
  // Alone it costs its refusal; asked for once more, nothing.
  EXPECT_FALSE(fetch_symbols_of(kTicker, {"ALONE"}));
  EXPECT_FALSE(fetch_symbols_of(kTicker, {"ALONE"}));
  EXPECT_FALSE(fetch_symbols_of(kTicker, {"INVENTED1", "ALONE"}));
  EXPECT_EQ(weight() - before, 4 * kStrangers + 2);
}

TEST_F(StrangersTest, AMarketThatIsNewerThanTheNamesIsFoundWithItsQuoteAsset) {
  ASSERT_TRUE(fetch_symbols_of(kTicker, {"BTCUSDT", "NEWUSDT"}));
  markets.emplace_back("NEWUSDT");
  stub_->clock->advance(std::chrono::minutes(2));
  for (int i = 0; i < 2; ++i) {
    const ReportPtr report = fetch_symbols_of(kTicker, {"BTCUSDT", "NEWUSDT"});
    ASSERT_TRUE(report);
    EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "quote_asset"),
                ElementsAre("USDT", "USDT"));
    stub_->clock->advance(std::chrono::seconds(5));
  }
  // Beside an invented one it counts as unknown, until the names are asked for anew.
  markets.emplace_back("NEWERUSDT");
  EXPECT_FALSE(fetch_symbols_of(kTicker, {"NEWERUSDT", "INVENTED"}));
  stub_->clock->advance(std::chrono::minutes(5));
  const ReportPtr report = fetch_symbols_of(kTicker, {"NEWERUSDT", "INVENTED"});
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_THAT(column_texts(report->wire(), "ticker_24h", "symbol"), ElementsAre("NEWERUSDT"));
}

TEST_F(SourceTest, WhenNoneExistsItIs404WithAdvice) {
  transport().on("/api/v3/ticker/24hr", refusing(400, R"({"code":-1121,"msg":"Invalid symbol."})"));
  transport().on("/api/v3/exchangeInfo", [](const std::string& query) -> Result<HttpResponse> {
    if (query.find("symbol=") != std::string::npos) {
      return answered(400, R"({"code":-1121,"msg":"Invalid symbol."})");
    }
    return answered(200, info_json({"BTCUSDT"}));
  });
  EXPECT_FALSE(fetch_symbols_of(kTicker, {"BTCUSD"}));
  ASSERT_TRUE(failure_);
  EXPECT_EQ(failure_->status(), BOURSE_NOT_FOUND);
  EXPECT_EQ(failure_->code(), "symbol_not_found");
  EXPECT_EQ(failure_->parameter(), "symbols");
  EXPECT_THAT(failure_->message(), HasSubstr("did you mean BTCUSDT?"));
}

TEST_F(SourceTest, AMalformedSymbolIsNeverSent) {
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  EXPECT_FALSE(fetch(kOrderBook, of("btcusdt&x=\"")));
  EXPECT_EQ(failure_->code(), "symbol_not_found");
  EXPECT_EQ(transport().count("/api/v3/depth"), 0u);
}

/// The exchange would call a longer one malformed (-1100), and a list with it.
TEST_F(SourceTest, ANameOfMoreThanTwentyCharactersIsUnknownAndNeverSent) {
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  transport().on("/api/v3/ticker/price", R"({"symbol":"BTCUSDT","price":"1.5"})");
  const std::string twenty(20, 'A'), longer(21, 'A');
  EXPECT_FALSE(fetch(kOrderBook, of(longer.c_str())));
  EXPECT_EQ(failure_->status(), BOURSE_NOT_FOUND);
  EXPECT_EQ(failure_->code(), "symbol_not_found");
  EXPECT_EQ(transport().count("/api/v3/depth"), 0u);
  const ReportPtr report = fetch_symbols_of(kPrices, {"BTCUSDT", longer});
  ASSERT_TRUE(report);
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(transport().sent(), Contains("/api/v3/ticker/price?symbol=BTCUSDT"));
  fetch(kOrderBook, of(twenty.c_str()));
  // Seven signs of three bytes each.
  fetch(kOrderBook, of("\xE8\xBF\x99\xE6\x98\xAF\xE6\xB5\x8B\xE8\xAF\x95\xE5\xB8\x81"
                       "\xE8\xBF\x99\xE6\x98\xAF"));
  EXPECT_EQ(transport().count("/api/v3/depth"), 2u);
}

TEST_F(SourceTest, ASideWithoutOrdersIsNull) {
  transport().on("/api/v3/ticker/bookTicker",
                 R"({"symbol":"BTCUSDT","bidPrice":"1.10000000","bidQty":"3.00000000",)"
                 R"("askPrice":"0.00000000","askQty":"0.00000000"})");
  const ReportPtr report = fetch_symbols_of(kBookTicker, {"BTCUSDT"});
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "book_ticker", "bid"), ElementsAre("1.10000000"));
  EXPECT_THAT(column_texts(report->wire(), "book_ticker", "ask"), ElementsAre("null"));
  EXPECT_THAT(column_texts(report->wire(), "book_ticker", "ask_quantity"), ElementsAre("null"));
}

TEST_F(SourceTest, BooksAndTradesKeepTheirOrder) {
  transport().on("/api/v3/depth",
                 R"({"lastUpdateId":77,"bids":[["2.00000000","1.0"],["1.00000000","2.0"]],)"
                 R"("asks":[["3.00000000","3.0"]]})");
  const ReportPtr book = fetch(kOrderBook, of("BTCUSDT"));
  ASSERT_TRUE(book);
  EXPECT_THAT(column_texts(book->wire(), "order_book", "side"), ElementsAre("bid", "bid", "ask"));
  EXPECT_THAT(column_texts(book->wire(), "order_book", "price"),
              ElementsAre("2.00000000", "1.00000000", "3.00000000"));
  EXPECT_THAT(column_texts(book->wire(), "order_book", "quantity"),
              ElementsAre("1.00000000", "2.00000000", "3.00000000"));
  EXPECT_EQ(ReportView(book->wire()).meta("last_update_id")->as.i64, 77);
  EXPECT_EQ(ReportView(book->wire()).meta("complete")->as.i64, 1);
  EXPECT_EQ(ReportView(book->wire()).meta("clock")->as.i64, stub_->server_ms() * 1'000'000);
  EXPECT_EQ(book->wire().as_of, stub_->server_ms() * 1'000'000);
  transport().on("/api/v3/trades",
                 R"([{"id":11,"price":"4.00","qty":"2.0","quoteQty":"8.0","time":1753000000100,)"
                 R"("isBuyerMaker":true,"isBestMatch":true},)"
                 R"({"id":12,"price":"5.00","qty":"3.0","quoteQty":"15.0","time":1753000000200,)"
                 R"("isBuyerMaker":false,"isBestMatch":true}])");
  const ReportPtr trades = fetch(kTrades, of("BTCUSDT"));
  ASSERT_TRUE(trades);
  const auto column = [&](const char* name) {
    return column_texts(trades->wire(), "trades", name);
  };
  EXPECT_THAT(column("id"), ElementsAre("11", "12"));
  EXPECT_THAT(column("time"), ElementsAre("1753000000100000000", "1753000000200000000"));
  EXPECT_THAT(column("price"), ElementsAre("4.00000000", "5.00000000"));
  EXPECT_THAT(column("quantity"), ElementsAre("2.00000000", "3.00000000"));
  EXPECT_THAT(column("quote_quantity"), ElementsAre("8.00000000", "15.00000000"));
  EXPECT_THAT(column("buyer_is_maker"), ElementsAre("true", "false"));
  EXPECT_EQ(trades->wire().as_of, 1'753'000'000'200'000'000) << "the newest trade's";
}

/// A recording of 2017 has a third element in each level; a level that cannot be read costs itself.
TEST_F(SourceTest, ABookIsReadAsFarAsItCanBe) {
  transport().on("/api/v3/depth", R"({"bids":[["0.2000","100.0",[]],["x","1"]],"asks":[]})");
  const ReportPtr book = fetch(kOrderBook, of("BTCUSDT"));
  ASSERT_TRUE(book) << failure_->message();
  EXPECT_THAT(column_texts(book->wire(), "order_book", "price"), ElementsAre("0.20000000"));
  EXPECT_FALSE(ReportView(book->wire()).meta("last_update_id")) << "not 0";
  EXPECT_EQ(ReportView(book->wire()).meta("complete")->as.i64, 0);
  ASSERT_THAT(note_codes(book->wire()), ElementsAre("unreadable_row"));
  EXPECT_EQ(view(book->wire().notes[0]->text),
            "1 level of the order book of BTCUSDT cannot be read, and left out: bid 2: it is no "
            "price and quantity.");
}

TEST_F(SourceTest, ARuleThatIsSwitchedOffIsNull) {
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT", "ETHUSDT"}));
  const ReportPtr report = fetch(kSymbols, {});
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), ElementsAre("BTCUSDT", "ETHUSDT"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "lot_step"), ElementsAre("null", "null"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "tick_size"), ElementsAre("null", "null"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "minimum_quantity")[0], "0.10000000");
  EXPECT_THAT(column_texts(report->wire(), "symbols", "order_types")[0], "LIMIT MARKET");
  EXPECT_EQ(report->wire().as_of, 1'753'003'600'000'000'000);
}

TEST_F(SourceTest, AMarketWhoseRulesMakeNoSenseIsNotedAndTheOthersStand) {
  std::string odd = info_json({"BTCUSDT", "ETHUSDT"});
  odd.replace(odd.find("\"TRADING\""), 9, "7");
  transport().on("/api/v3/exchangeInfo", odd);
  const ReportPtr all = fetch(kSymbols, {});
  ASSERT_TRUE(all);
  EXPECT_THAT(note_codes(all->wire()), ElementsAre("unreadable_row")) << "though none was named";
  const ReportPtr report = fetch_symbols_of(kSymbols, {"BTCUSDT", "ETHUSDT"});
  ASSERT_TRUE(report);
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), ElementsAre("ETHUSDT"));
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)),
              HasSubstr("BTCUSDT (it has an odd status)"));
  EXPECT_FALSE(fetch_symbols_of(kSymbols, {"BTCUSDT"}));
  EXPECT_EQ(failure_->status(), BOURSE_UPSTREAM);
  EXPECT_EQ(failure_->code(), "exchange_bad_answer");
  EXPECT_FALSE(stub_->exchange->rate_state().assumed);  // the limits were read all the same
  // Without a name as well, which does not mean that there is no such market.
  odd.replace(odd.find("\"BTCUSDT\""), 9, "null");
  transport().on("/api/v3/exchangeInfo",
                 odd.substr(0, odd.find(",{\"symbol\":\"ETHUSDT\"")) + "]}");
  EXPECT_FALSE(fetch_symbols_of(kSymbols, {"XRPUSDT"}));
  EXPECT_EQ(failure_->code(), "exchange_bad_answer");
}

TEST_F(SourceTest, ARuleThatCannotBeReadIsNullAndNoted) {
  std::string odd = info_json({"BTCUSDT", "ETHUSDT"});
  odd.replace(odd.find("0.10000000"), 10, "some");
  transport().on("/api/v3/exchangeInfo", odd);
  const ReportPtr report = fetch_symbols_of(kSymbols, {"BTCUSDT", "ETHUSDT"});
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), ElementsAre("BTCUSDT", "ETHUSDT"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "minimum_quantity"),
              ElementsAre("null", "0.10000000"));
  EXPECT_THAT(column_texts(report->wire(), "symbols", "maximum_quantity")[0], "9000.00000000");
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row"));
  EXPECT_EQ(view(report->wire().notes[0]->text),
            "Rules of 1 market cannot be read, and are null: BTCUSDT (LOT_SIZE).");
}

/// The exchange's list has a row whose name cannot be read: that there is no such market is neither
/// said nor remembered.
TEST_F(SourceTest, AMarketIsNotCalledMissingWhileARowHasNoName) {
  std::string odd = info_json({"BTCUSDT", "ETHUSDT"});
  odd.replace(odd.find("\"BTCUSDT\""), 9, "null");
  transport().on("/api/v3/exchangeInfo", odd);
  const ReportPtr report = fetch_symbols_of(kSymbols, {"BTCUSDT", "ETHUSDT"});
  ASSERT_TRUE(report) << failure_->message();
  EXPECT_THAT(column_texts(report->wire(), "symbols", "symbol"), ElementsAre("ETHUSDT"));
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)),
              HasSubstr("BTCUSDT (a row names no"));
  // Nor because a list is refused for another name.
  transport().on("/api/v3/ticker/price", [](const std::string& query) -> Result<HttpResponse> {
    if (query.find("NOPE") != std::string::npos) {
      return answered(400, R"({"code":-1121,"msg":"Invalid symbol."})");
    }
    return answered(200,
                    R"([{"symbol":"ETHUSDT","price":"2"},{"symbol":"BTCUSDT","price":"1.5"}])");
  });
  const ReportPtr prices = fetch_symbols_of(kPrices, {"BTCUSDT", "NOPE"});
  ASSERT_TRUE(prices) << failure_->message();
  EXPECT_THAT(column_texts(prices->wire(), "prices", "symbol"), ElementsAre("BTCUSDT"));
  EXPECT_THAT(note_codes(prices->wire()), ElementsAre("symbol_unavailable")) << "that is NOPE";
}

/// The exchange does not say when these were made: the time of asking is no substitute.
TEST_F(SourceTest, PricesHaveNoTimeThatNobodySaid) {
  transport().on("/api/v3/ticker/price", R"({"symbol":"BTCUSDT","price":"1.5"})");
  transport().on("/api/v3/ticker/bookTicker",
                 R"({"symbol":"BTCUSDT","bidPrice":"1","bidQty":"3","askPrice":"2","askQty":"1"})");
  for (const std::size_t dataset : {kPrices, kBookTicker}) {
    const ReportPtr report = fetch_symbols_of(dataset, {"BTCUSDT"});
    ASSERT_TRUE(report) << failure_->message();
    EXPECT_EQ(report->wire().as_of, 0) << "unknown";
    EXPECT_EQ(ReportView(report->wire()).meta("clock")->as.i64, stub_->server_ms() * 1'000'000);
    EXPECT_FALSE(ReportView(report->wire()).table(0).find("time"));
  }
}

/// Low above high, or an end before the begin, is odd whether anything was traded or not.
TEST_F(SourceTest, ATickerThatContradictsItselfIsNoted) {
  const auto notes_of = [&](const char* from, const char* to, const char* count = "10") {
    std::string body = ticker_json("BTCUSDT");
    body.replace(body.find(from), std::string_view(from).size(), to);
    body.replace(body.find("\"count\":10"), 10, std::string("\"count\":") + count);
    transport().on("/api/v3/ticker/24hr", "[" + body + "]");
    transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
    stub_->clock->advance(std::chrono::seconds(5));
    const ReportPtr report = fetch_symbols_of(kTicker, {"BTCUSDT"});
    EXPECT_TRUE(report);
    return note_codes(report->wire());
  };
  EXPECT_THAT(notes_of("\"closeTime\":1753086400000", "\"closeTime\":1752000000000"),
              ElementsAre("odd_candle"));
  EXPECT_THAT(notes_of("\"lowPrice\":\"99", "\"lowPrice\":\"199", "0"), ElementsAre("odd_candle"));
  EXPECT_THAT(notes_of("\"lastPrice\":\"100", "\"lastPrice\":\"200"), ElementsAre("odd_candle"));
  EXPECT_THAT(notes_of("\"lastPrice\":\"100", "\"lastPrice\":\"200", "0"), ElementsAre())
      << "nothing was traded: the price is an old one";
}

TEST_F(SourceTest, ABanEndsTheCallAtOnceAndIsCounted) {
  transport().on(
      "/api/v3/depth",
      refusing(418, R"({"code":-1003,"msg":"Way too much request weight used; IP banned until )" +
                        std::to_string(stub_->server_ms() + 600'000) + R"(. x"})"));
  EXPECT_FALSE(fetch(kOrderBook, of("BTCUSDT")));
  EXPECT_EQ(failure_->status(), BOURSE_UNAVAILABLE);
  EXPECT_EQ(failure_->code(), "exchange_banned");
  const std::size_t before = transport().sent().size();
  EXPECT_FALSE(fetch(kOrderBook, of("ETHUSDT")));
  EXPECT_EQ(failure_->code(), "exchange_banned");
  EXPECT_GT(failure_->retry_after(), std::chrono::minutes(9));
  EXPECT_EQ(transport().sent().size(), before);

  std::map<std::string, double> figures;
  Metrics metrics(&figures, [](void* sink, const bourse_metric* m) {
    (*static_cast<std::map<std::string, double>*>(sink))[std::string(view(m->name))] = m->value;
  });
  source_->collect(metrics);
  EXPECT_EQ(figures["blocked"], 1);
  EXPECT_NEAR(figures["blocked_seconds"], 600, 5);
  EXPECT_GE(figures["rate_refusals_total"], 1);
  EXPECT_GT(figures["rate_limit"], 0);
}

/// Name, verdict and text of each finding, and all of it together.
struct Found {
  std::vector<std::string> lines;
  std::string all;
};
Found probe_of(const Binance& source) {
  Found found;
  Findings findings(&found, [](void* sink, const bourse_finding* f) {
    auto& out = *static_cast<Found*>(sink);
    out.lines.push_back(std::string(view(f->name)) + " " + std::to_string(f->verdict));
    out.all += std::string(view(f->name)) + ": " + std::string(view(f->text)) + " -> " +
               std::string(view(f->advice)) + "\n";
    EXPECT_TRUE(f->verdict == BOURSE_VERDICT_PASS || f->advice.len > 0) << view(f->name);
  });
  static_cast<void>(test::make_report([&](const bourse::Call& borrowed) {
    bourse::Call call(borrowed.host(), borrowed.wire());
    source.probe(call, findings);
  }));
  return found;
}

TEST_F(SourceTest, AProbeLooksAtEverythingInOrder) {
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  const Found found = probe_of(*source_);
  EXPECT_THAT(found.lines, ElementsAre("site 1", "proxy 1", "blocks 1", "connection 1",
                                       "round trip 1", "clock 1", "limits 1", "key 3", "streams 3"))
      << found.all;
  EXPECT_THAT(found.all, HasSubstr("of 6000 in 1m"));
}

TEST_F(SourceTest, AProbeWithoutAConnectionSkipsTheRest) {
  transport().on("/api/v3/ping", refusing(451, R"({"code":0,"msg":"restricted"})"));
  const Found found = probe_of(*source_);
  EXPECT_THAT(found.lines,
              ElementsAre("site 1", "proxy 1", "blocks 1", "connection 2", "round trip 3",
                          "clock 3", "limits 3", "key 3", "streams 3"));
}

std::map<std::string, double> figures_of(const Binance& source) {
  std::map<std::string, double> figures;
  Metrics metrics(&figures, [](void* sink, const bourse_metric* m) {
    (*static_cast<std::map<std::string, double>*>(sink))[std::string(view(m->name))] = m->value;
  });
  source.collect(metrics);
  return figures;
}

TEST_F(SourceTest, ABanThatCannotBeSavedIsALineAndAFigure) {
  const Scratch scratch;
  const std::string file = scratch.write("no-folder", "") + "/block";
  make({.site = Site::kData, .block_file = file});
  EXPECT_EQ(figures_of(*source_)["block_unsaved"], 0);
  transport().on("/api/v3/depth",
                 refusing(418, R"({"code":-1003,"msg":"Too much. IP banned until )" +
                                   std::to_string(stub_->server_ms() + 600'000) + R"(. x"})"));
  EXPECT_FALSE(fetch(kOrderBook, of("BTCUSDT")));
  ASSERT_EQ(said_.log.size(), 1U);
  EXPECT_EQ(said_.log[0].level, BOURSE_LEVEL_WARN);
  EXPECT_EQ(said_.log[0].message,
            "a block by the exchange cannot be saved: a restart will forget it");
  EXPECT_EQ(said_.log[0].fields.at("file"), file);
  EXPECT_EQ(said_.log[0].fields.at("reason"), "Not a directory");
  EXPECT_EQ(said_.log[0].fields.at("kind"), "banned");
  EXPECT_EQ(figures_of(*source_)["block_unsaved"], 1);
  EXPECT_FALSE(fetch(kOrderBook, of("BTCUSDT")));
  EXPECT_THAT(said_.log, testing::IsEmpty()) << "one line for a ban";
  EXPECT_THAT(probe_of(*source_).all, HasSubstr("not remembered in " + file + ": Not a directory"));
}

TEST_F(SourceTest, AProbeTriesOutTheFileForBans) {
  const Scratch scratch;
  make({.site = Site::kData, .block_file = scratch.write("no-folder", "") + "/block"});
  const Found found = probe_of(*source_);
  EXPECT_EQ(found.lines.at(2), "blocks 2") << found.all;
  EXPECT_THAT(found.all, HasSubstr("none could be remembered"));
  EXPECT_EQ(found.lines.at(3), "connection 1") << "that is no reason to stop looking";
}

TEST_F(SourceTest, WithoutAKeyTheAccountSaysHowToGetOne) {
  for (const Site site : {Site::kTestnet, Site::kData}) {
    make({.site = site});
    EXPECT_FALSE(fetch(kAccount, {}));
    EXPECT_EQ(failure_->status(), BOURSE_UNPROCESSABLE);
    EXPECT_EQ(failure_->code(), "not_configured");
    EXPECT_THAT(failure_->message(), HasSubstr("key"));
    EXPECT_TRUE(transport().sent().empty());
  }
}

TEST_F(SourceTest, TheAccountsMetaIsComplete) {
  make({.site = Site::kTestnet}, *Credentials::make(kApiKey, Secret(kApiSecret)));
  transport().on(
      "/api/v3/account",
      R"({"makerCommission":10,"takerCommission":10,"commissionRates":{"maker":"0.00100000","taker":"0.00200000","buyer":"0.0","seller":"0.0"},)"
      R"("canTrade":true,"canWithdraw":false,"canDeposit":true,"updateTime":1753000000123,"accountType":"SPOT",)"
      R"("balances":[{"asset":"BTC","free":"0.12345678","locked":"0.50000000"},)"
      R"({"asset":"USDT","free":"1000.00000000","locked":"25.25000000"}],"permissions":["SPOT","TRD_GRP_002"],"uid":354937868})");
  const ReportPtr report = fetch(kAccount, {});
  ASSERT_TRUE(report) << failure_->message();
  const ReportView seen(report->wire());
  EXPECT_EQ(view(seen.meta("account_type")->as.text), "SPOT");
  EXPECT_EQ(view(seen.meta("permissions")->as.text), "SPOT TRD_GRP_002");
  EXPECT_EQ(seen.meta("can_trade")->as.i64, 1);
  EXPECT_EQ(seen.meta("can_withdraw")->as.i64, 0);
  EXPECT_EQ(seen.meta("can_deposit")->as.i64, 1);
  const auto rate = [&](const char* name) {
    const auto said = seen.meta(name);
    return said ? Decimal::from_wire(said->as.dec, said->scale)->text() : "none";
  };
  EXPECT_EQ(rate("maker_commission"), "0.00100000");
  EXPECT_EQ(rate("taker_commission"), "0.00200000");
  const auto column = [&](const char* name) {
    return column_texts(report->wire(), "account", name);
  };
  EXPECT_THAT(column("asset"), ElementsAre("BTC", "USDT"));
  EXPECT_THAT(column("free"), ElementsAre("0.12345678", "1000.00000000"));
  EXPECT_THAT(column("locked"), ElementsAre("0.50000000", "25.25000000"));
}

/// An old answer has basis points alone: 15 of them are 0.0015.
TEST_F(SourceTest, WhatTheAccountDoesNotSayIsNotThere) {
  make({.site = Site::kTestnet}, *Credentials::make(kApiKey, Secret(kApiSecret)));
  transport().on("/api/v3/account",
                 R"({"makerCommission":15,"takerCommission":15,"balances":[)"
                 R"({"asset":"BTC","free":"0.5"},{"asset":"ETH","free":"x","locked":"1"}]})");
  const ReportPtr report = fetch(kAccount, {});
  ASSERT_TRUE(report) << failure_->message();
  const ReportView seen(report->wire());
  for (const char* name :
       {"account_type", "can_trade", "can_withdraw", "can_deposit", "permissions"}) {
    EXPECT_FALSE(seen.meta(name)) << name;
  }
  const auto maker = seen.meta("maker_commission");
  ASSERT_TRUE(maker);
  EXPECT_EQ(Decimal::from_wire(maker->as.dec, maker->scale)->text(), "0.0015");
  EXPECT_THAT(column_texts(report->wire(), "account", "asset"), ElementsAre("BTC"));
  EXPECT_THAT(column_texts(report->wire(), "account", "locked"), ElementsAre("null"));
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("balance 2, ETH"));
  transport().on("/api/v3/account", R"({"balances":[]})");
  const ReportPtr silent = fetch(kAccount, {});
  ASSERT_TRUE(silent);
  EXPECT_FALSE(ReportView(silent->wire()).meta("maker_commission"));
  EXPECT_FALSE(ReportView(silent->wire()).meta("taker_commission"));
}

/// An error page that repeats the request, as proxies and firewalls write them.
TEST_F(SourceTest, NoTextHoldsAKeyASecretOrASignature) {
  make({.site = Site::kTestnet}, *Credentials::make(kApiKey, Secret(kApiSecret)));
  transport().on("/api/v3/exchangeInfo", info_json({"BTCUSDT"}));
  std::string seen;
  for (const int status : {200, 400, 401, 404, 500}) {
    transport().on("/api/v3/account", [&](const std::string& query) -> Result<HttpResponse> {
      return answered(status,
                      std::string(R"({"code":-2015,"msg":"key )") + kApiKey + " " + query + "\"}");
    });
    EXPECT_FALSE(fetch(kAccount, {})) << status;
    seen += failure_->message() + failure_->code();
    seen += probe_of(*source_).all;
  }
  EXPECT_FALSE(seen.empty());
  std::string signatures;
  for (const std::string& target : transport().sent()) {
    const std::string signature = parameter(target, "signature");
    if (signature.empty()) continue;
    EXPECT_THAT(seen, Not(HasSubstr(signature)));
    signatures += signature;
  }
  EXPECT_FALSE(signatures.empty());
  EXPECT_THAT(seen, Not(HasSubstr(kApiKey)));
  EXPECT_THAT(seen, Not(HasSubstr(kApiSecret)));
}

}  // namespace
}  // namespace bourse::binance
