// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; both datasets are made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/testing.hpp"
#include "plugins/analyses/prices/quotes.hpp"
#include "tests/plugins/analyses/finite.hpp"

namespace {

using bourse::Decimal;
using bourse::Time;
using namespace bourse::testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Notes = std::vector<std::pair<std::string, std::string>>;

/// Of the answers, and what the source's clock says: three minutes later.
constexpr Time kPriced{1'700'000'000'000'000'000}, kQuoted{kPriced.ns + 1000};
constexpr std::int64_t kMinute = 60'000'000'000;

struct Price {
  std::string symbol, price;
  std::optional<Time> time = {};
};
struct Ticker {
  std::string symbol, bid, bid_quantity, ask, ask_quantity;  ///< "" is null
};

Report with_notes(Report report, const Notes& notes, Time clock) {
  for (const auto& [code, text] : notes) report.with_note(code, text);
  return report.with_meta("clock", clock);
}

Report price_report(const std::vector<Price>& rows, const Notes& notes, Time clock, bool with_times,
                    bool with_as_of) {
  Cells symbols, prices, times;
  for (const Price& row : rows) {
    symbols.emplace_back(row.symbol);
    times.emplace_back(row.time);
    prices.emplace_back(Decimal::parse(row.price));
  }
  std::vector<Column> columns = {{bourse_prices_symbol, symbols}, {bourse_prices_price, prices}};
  if (with_times) columns.emplace_back(bourse_prices_time, times);
  Report report;
  report.with_table({"prices", "Prices", columns});
  if (with_as_of) report.with_as_of(kPriced);
  return with_notes(std::move(report), notes, clock);
}

Report book_report(const std::vector<Ticker>& rows, const Notes& notes, Time clock,
                   bool with_as_of) {
  Cells symbols, bids, bid_quantities, asks, ask_quantities;
  for (const Ticker& row : rows) {
    symbols.emplace_back(row.symbol);
    bids.emplace_back(Decimal::parse(row.bid));
    bid_quantities.emplace_back(Decimal::parse(row.bid_quantity));
    asks.emplace_back(Decimal::parse(row.ask));
    ask_quantities.emplace_back(Decimal::parse(row.ask_quantity));
  }
  Report report;
  report.with_table({"book_ticker",
                     "Book",
                     {{bourse_book_ticker_symbol, symbols},
                      {bourse_book_ticker_bid, bids},
                      {bourse_book_ticker_bid_quantity, bid_quantities},
                      {bourse_book_ticker_ask, asks},
                      {bourse_book_ticker_ask_quantity, ask_quantities}}});
  if (with_as_of) report.with_as_of(kQuoted);
  return with_notes(std::move(report), notes, clock);
}

Report status_report(const std::map<std::string, std::string>& statuses) {
  Cells symbols, texts;
  for (const auto& [symbol, status] : statuses) {
    symbols.emplace_back(symbol);
    texts.emplace_back(status);
  }
  return Report()
      .with_table({"symbols",
                   "Symbols",
                   {{bourse_symbols_symbol, symbols}, {bourse_symbols_status, texts}}})
      .with_as_of(Time{kQuoted.ns + kMinute});  // of the rules, not of a price
}

class PricesPlugin : public ::testing::Test {
 protected:
  Host host;
  Plugin plugin{host, BOURSE_BINARY_DIR "/plugins/prices.so"};
  Component component = plugin.component("prices");
  std::vector<Price> prices = {{"BTCUSDT", "70292.01000000"}, {"SHIBUSDT", "0.00003391"}};
  std::vector<Ticker> book = {{"SHIBUSDT", "0.00003390", "5000000", "0.00003391", "12345678"},
                              {"BTCUSDT", "70292.00000000", "1.5", "70292.01000000", "0.00017"}};
  Notes price_notes, book_notes;
  Time price_clock{kPriced.ns + 3 * kMinute}, book_clock = price_clock;
  bool with_times = false;  ///< whether the source says a time of each price
  bool with_as_of = true;   ///< whether it says one of each answer
  std::map<std::string, std::string> statuses = {{"BTCUSDT", "TRADING"}, {"SHIBUSDT", "TRADING"}};
  std::optional<Failure> price_failure, book_failure, status_failure;
  std::map<std::string, std::string> asked;  ///< dataset, its symbols

  Result run(const std::string& symbols) {
    const auto either = [](const std::optional<Failure>& failure, Report report) {
      return [failure, report = std::move(report)](const Asked&) -> Answer {
        if (failure) return *failure;
        return report;
      };
    };
    host.answer("prices", either(price_failure, price_report(prices, price_notes, price_clock,
                                                             with_times, with_as_of)));
    host.answer("book_ticker",
                either(book_failure, book_report(book, book_notes, book_clock, with_as_of)));
    host.answer("symbols", either(status_failure, status_report(statuses)));
    Result result = component.run({{"symbols", symbols}});
    for (const Asked& each : result.asked) asked[each.dataset] = each["symbols"].shown();
    return result;
  }
  Result answered(const std::string& symbols = "BTCUSDT,SHIBUSDT") {
    Result result = run(symbols);
    EXPECT_TRUE(result.ok()) << result.failure.text();
    EXPECT_THAT(result.differences, IsEmpty());
    bourse::test::expect_finite(WireReport(result.said).get());
    return result;
  }
};

TEST_F(PricesPlugin, PutsBothDatasetsTogetherBySymbolNotByPosition) {
  const auto report = answered();
  EXPECT_THAT(report.table("prices").shown("symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
  EXPECT_THAT(report.table("prices").shown("price"), ElementsAre("70292.01000000", "0.00003391"));
  EXPECT_THAT(report.table("prices").shown("bid"), ElementsAre("70292.00000000", "0.00003390"));
  EXPECT_THAT(report.table("prices").shown("ask"), ElementsAre("70292.01000000", "0.00003391"));
  EXPECT_THAT(report.table("prices").shown("bid_quantity"),
              ElementsAre("1.50000000", "5000000.00000000"));
  EXPECT_THAT(report.table("prices").shown("ask_quantity"),
              ElementsAre("0.00017000", "12345678.00000000"));
  const auto spreads = report.table("prices").shown("spread_basis_points");
  // 20000 x 0.01 / 140584.01 and 20000 / 6781, in basis points.
  EXPECT_NEAR(std::stod(spreads[0]), 200.0 / 140584.01, 1e-15);
  EXPECT_NEAR(std::stod(spreads[1]), 20000.0 / 6781.0, 1e-14);
  EXPECT_THAT(report.note_codes(), IsEmpty());
  EXPECT_EQ(report.report().as_of, kQuoted);  // the newest input
}

TEST_F(PricesPlugin, ACrossedTickerIsShownAsItCameWithANote) {
  book[1].bid = "78094.00";
  book[1].ask = "70292.00";
  const auto report = answered();
  EXPECT_THAT(report.note_codes(), ElementsAre("crossed_book"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("BTCUSDT"));
  EXPECT_THAT(report.report().notes[0].text, Not(HasSubstr("SHIBUSDT")));
  // -20000 x 7802 / 148386
  EXPECT_NEAR(std::stod(report.table("prices").shown("spread_basis_points")[0]),
              -20000.0 * 7802.0 / 148386.0, 1e-10);
  book[1].ask = book[1].bid;  // bid and ask of one price would have met
  EXPECT_THAT(answered().note_codes(), ElementsAre("crossed_book"));
}

TEST_F(PricesPlugin, APriceOfZeroIsSaidToBeNone) {
  prices[0].price = "0.00000000";
  book[1] = {"BTCUSDT", "0.00000000", "0", "0.00000000", "0"};
  const auto report = answered();
  EXPECT_THAT(report.note_codes(), ElementsAre("zero_price")) << "and it is not crossed";
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("BTCUSDT."));
  EXPECT_EQ(report.table("prices").shown("spread_basis_points")[0], "null");
}

TEST_F(PricesPlugin, OldPricesAreNotShownAsNew) {
  price_clock = Time{kPriced.ns + 5 * kMinute + 1};
  const auto report = answered();
  ASSERT_THAT(report.note_codes(), ElementsAre("stale_data"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("BTCUSDT: newest of"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("SHIBUSDT: newest of"));
  price_clock = Time{kPriced.ns + 5 * kMinute};
  EXPECT_THAT(answered().note_codes(), IsEmpty());
  book_clock = Time{kQuoted.ns + 60 * kMinute};
  const auto old_book = answered();
  ASSERT_THAT(old_book.note_codes(), ElementsAre("stale_data"));
  EXPECT_THAT(old_book.report().notes[0].text, HasSubstr("BTCUSDT (bid and ask): newest of"));
  EXPECT_EQ(old_book.table("prices")["time"][0], kPriced);
  EXPECT_EQ(old_book.table("prices")["book_time"][0], kQuoted);
}

TEST_F(PricesPlugin, OneOldPriceAmongNewOnesIsSaid) {
  with_times = true;
  prices[0].time = kPriced;
  prices[1].time = Time{kPriced.ns - 400LL * 24 * 60 * kMinute};
  const auto report = answered();
  ASSERT_THAT(report.note_codes(), ElementsAre("stale_data"));
  const std::string text = report.report().notes[0].text;
  EXPECT_THAT(text, HasSubstr("SHIBUSDT: newest of 2022-10-10T22:13:20Z, 400 days before"));
  EXPECT_THAT(text, Not(HasSubstr("BTCUSDT")));
  EXPECT_EQ(report.table("prices")["time"][1], prices[1].time);
}

/// ticker/price says no time: that it was asked for now does not make it one of now.
TEST_F(PricesPlugin, ATimeThatNobodySaysIsNull) {
  with_as_of = false;
  const auto report = answered();
  EXPECT_THAT(report.table("prices").shown("time"), ElementsAre("null", "null"));
  EXPECT_THAT(report.table("prices").shown("book_time"), ElementsAre("null", "null"));
  EXPECT_THAT(report.note_codes(), IsEmpty());
}

TEST_F(PricesPlugin, AMarketThatDoesNotTradeIsSaid) {
  with_as_of = false;
  statuses["SHIBUSDT"] = "BREAK";
  const auto report = answered();
  ASSERT_THAT(report.note_codes(), ElementsAre("not_trading"));
  EXPECT_EQ(report.report().notes[0].text, "Not trading now: SHIBUSDT (BREAK).");
  EXPECT_EQ(asked["symbols"], "BTCUSDT,SHIBUSDT");
  statuses.erase("SHIBUSDT");  // nobody knows
  EXPECT_THAT(answered().note_codes(), IsEmpty());
}

TEST_F(PricesPlugin, WithoutStatusesThePricesAreStillAnswered) {
  status_failure = Failure{BOURSE_UPSTREAM, "upstream", "It timed out."};
  const auto report = answered();
  ASSERT_THAT(report.note_codes(), ElementsAre("markets_unavailable"));
  EXPECT_EQ(report.report().notes[0].level, BOURSE_LEVEL_INFO);
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("It timed out."));
  EXPECT_THAT(report.table("prices").shown("bid"), Not(Contains("null")));
}

TEST_F(PricesPlugin, MoreDigitsThanUsualAreKept) {
  prices = {{"X", "0.000000000012345678"}};
  EXPECT_THAT(answered("X").table("prices").shown("price"), ElementsAre("0.000000000012345678"));
}

TEST_F(PricesPlugin, ASideWithoutOrdersIsNull) {
  book[1].bid = book[1].bid_quantity = "";
  const auto report = answered();
  EXPECT_THAT(report.table("prices").shown("bid"), ElementsAre("null", "0.00003390"));
  EXPECT_EQ(report.table("prices").shown("spread_basis_points")[0], "null");
}

TEST_F(PricesPlugin, AMarketOfWhichTheBookIsSilentHasNulls) {
  book.pop_back();
  const auto report = answered();
  EXPECT_THAT(report.table("prices").shown("ask"), ElementsAre("null", "0.00003391"));
  EXPECT_THAT(report.table("prices").shown("price"), Not(Contains("null")));
}

TEST_F(PricesPlugin, PricesWithoutABookAreStillAnswered) {
  book_failure = Failure{BOURSE_UPSTREAM, "upstream", "It timed out."};
  const auto report = answered();
  EXPECT_THAT(report.note_codes(), ElementsAre("book_unavailable"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("It timed out."));
  EXPECT_THAT(report.table("prices").shown("bid"), ElementsAre("null", "null"));
}

TEST_F(PricesPlugin, WithoutPricesTheFailureIsTheAnswer) {
  price_failure = Failure{BOURSE_UNAVAILABLE, "banned", "Wait."};
  const Result report = run("BTCUSDT");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(report.failure.code, "banned");
}

TEST_F(PricesPlugin, AnUnknownSymbolIsSaidOnceAndTheRestAnswered) {
  price_notes = book_notes = {{"symbol_unavailable", "There is no market \"NOPE\"."}};
  const auto report = answered("BTCUSDT,NOPE,SHIBUSDT");
  EXPECT_THAT(report.note_codes(), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(report.table("prices").shown("symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
}

TEST_F(PricesPlugin, ASymbolThatTheSourceDropsInSilenceIsSaid) {
  const auto report = answered("BTCUSDT,NOPE,SHIBUSDT");
  ASSERT_THAT(report.note_codes(), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(report.report().notes[0].text, HasSubstr("NOPE"));
}

TEST_F(PricesPlugin, AMarketWhoseRowMadeNoSenseIsSaidOnce) {
  price_notes = {{"unreadable_row", "NOPE is left out: its price is \"x\"."}};
  EXPECT_THAT(answered("BTCUSDT,NOPE,SHIBUSDT").note_codes(), ElementsAre("unreadable_row"));
}

TEST_F(PricesPlugin, ANoteAboutALongerNameIsNotAboutThisOne) {
  price_notes = {{"unreadable_row", "ABTC-2 is left out: its price is \"x\"."}};
  const auto report = answered("BTC,SHIBUSDT");
  ASSERT_THAT(report.note_codes(), ElementsAre("unreadable_row", "symbol_unavailable"));
  EXPECT_THAT(report.report().notes[1].text, HasSubstr("BTC is left out"));
}

TEST_F(PricesPlugin, WhenNoneIsKnownItIsNotFound) {
  price_failure = book_failure = Failure{BOURSE_NOT_FOUND, "symbol_not_found", "There is no NOPE."};
  Result report = run("NOPE");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.code, "symbol_not_found");
  price_failure = book_failure = std::nullopt;
  prices.clear();  // a source that answers with nothing
  report = run("NOPE");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure.status, BOURSE_NOT_FOUND);
}

TEST_F(PricesPlugin, EachSymbolIsAskedAndShownOnce) {
  prices.push_back(prices[0]);  // and a source that repeats itself
  const auto report = answered("BTCUSDT,SHIBUSDT,BTCUSDT");
  EXPECT_EQ(asked["prices"], "BTCUSDT,SHIBUSDT");
  EXPECT_EQ(asked["book_ticker"], "BTCUSDT,SHIBUSDT");
  EXPECT_THAT(report.table("prices").shown("symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
}

TEST_F(PricesPlugin, NotesOfBothSourcesArePassedOnOnce) {
  price_notes = {{"synthetic_data", "Made up."}};
  book_notes = {{"synthetic_data", "Made up."}, {"stale", "An hour old."}};
  EXPECT_THAT(answered().note_codes(), ElementsAre("synthetic_data", "stale"));
}

TEST_F(PricesPlugin, ItsChartNamesColumnsThatAreThere) {
  const auto report = answered();
  ASSERT_EQ(report.report().charts.size(), 1U);
  for (const Channel& channel : report.report().charts[0].channels) {
    EXPECT_THAT(report.table("prices")[channel.field], Not(IsEmpty()));
  }
}

TEST(PricesSpread, IsNaNWithoutTwoPositivePricesAndNegativeWhenCrossed) {
  const auto spread = [](const char* bid, const char* ask) {
    return bourse::prices::spread_basis_points(Decimal::parse(bid), Decimal::parse(ask));
  };
  EXPECT_DOUBLE_EQ(spread("99", "101"), 200.0);
  EXPECT_DOUBLE_EQ(spread("101", "99"), -200.0);
  EXPECT_EQ(spread("100", "100"), 0.0);
  for (const auto& [bid, ask] : {std::pair{"", "1"}, {"1", ""}, {"0", "0"}, {"0", "1"}}) {
    EXPECT_TRUE(std::isnan(spread(bid, ask)));
  }
}

}  // namespace
