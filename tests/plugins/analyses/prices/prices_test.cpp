// SPDX-License-Identifier: MIT
//
// The built plugin, asked through the contract; both datasets are made by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/analyses/prices/quotes.hpp"
#include "tests/plugins/analyses/finite.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Note = std::pair<std::string, std::string>;

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

using Decimals = std::vector<std::optional<Decimal>>;

ReportPtr price_report(const std::vector<Price>& rows, const std::vector<Note>& notes, Time clock,
                       bool with_times, bool with_as_of) {
  return make_report([&](const Call& call) {
    std::vector<std::string_view> symbols;
    Decimals prices;
    std::vector<std::optional<Time>> times;
    for (const Price& row : rows) {
      symbols.emplace_back(row.symbol);
      times.push_back(row.time);
      prices.push_back(Decimal::parse(row.price));
    }
    TableBuilder table("prices", "Prices");
    table.column(Field(bourse_prices_symbol), symbols).column(Field(bourse_prices_price), prices);
    if (with_times) table.column(Field(bourse_prices_time), times);
    call.add(table);
    for (const auto& [code, text] : notes) call.warn(code, text);
    if (with_as_of) call.as_of(kPriced);
    call.meta("clock", clock);
  });
}

ReportPtr book_report(const std::vector<Ticker>& rows, const std::vector<Note>& notes, Time clock,
                      bool with_as_of) {
  return make_report([&](const Call& call) {
    std::vector<std::string_view> symbols;
    Decimals bids, bid_quantities, asks, ask_quantities;
    for (const Ticker& row : rows) {
      symbols.emplace_back(row.symbol);
      bids.push_back(Decimal::parse(row.bid));
      bid_quantities.push_back(Decimal::parse(row.bid_quantity));
      asks.push_back(Decimal::parse(row.ask));
      ask_quantities.push_back(Decimal::parse(row.ask_quantity));
    }
    TableBuilder table("book_ticker", "Book");
    table.column(Field(bourse_book_ticker_symbol), symbols)
        .column(Field(bourse_book_ticker_bid), bids)
        .column(Field(bourse_book_ticker_bid_quantity), bid_quantities)
        .column(Field(bourse_book_ticker_ask), asks)
        .column(Field(bourse_book_ticker_ask_quantity), ask_quantities);
    call.add(table);
    for (const auto& [code, text] : notes) call.warn(code, text);
    if (with_as_of) call.as_of(kQuoted);
    call.meta("clock", clock);
  });
}

ReportPtr status_report(const std::map<std::string, std::string>& statuses) {
  return make_report([&](const Call& call) {
    std::vector<std::string_view> symbols, texts;
    for (const auto& [symbol, status] : statuses) {
      symbols.emplace_back(symbol);
      texts.emplace_back(status);
    }
    call.add(TableBuilder("symbols", "Symbols")
                 .column(Field(bourse_symbols_symbol), symbols)
                 .column(Field(bourse_symbols_status), texts));
    call.as_of(Time{kQuoted.ns + kMinute});  // of the rules, not of a price
  });
}

class PricesPlugin : public testing::Test {
 protected:
  Component component{"prices.so", "prices"};
  std::vector<Price> prices = {{"BTCUSDT", "70292.01000000"}, {"SHIBUSDT", "0.00003391"}};
  std::vector<Ticker> book = {{"SHIBUSDT", "0.00003390", "5000000", "0.00003391", "12345678"},
                              {"BTCUSDT", "70292.00000000", "1.5", "70292.01000000", "0.00017"}};
  std::vector<Note> price_notes, book_notes;
  Time price_clock{kPriced.ns + 3 * kMinute}, book_clock = price_clock;
  bool with_times = false;  ///< whether the source says a time of each price
  bool with_as_of = true;   ///< whether it says one of each answer
  std::map<std::string, std::string> statuses = {{"BTCUSDT", "TRADING"}, {"SHIBUSDT", "TRADING"}};
  std::optional<host::Failure> price_failure, book_failure, status_failure;
  std::map<std::string, std::string> asked;  ///< dataset, its symbols

  host::Result<ReportPtr> run(const std::string& symbols) {
    return component.run(
        {{"symbols", symbols}},
        [this](std::string_view dataset,
               const std::map<std::string, host::Value>& args) -> host::Result<ReportPtr> {
          asked[std::string(dataset)] = args.at("symbols").canonical();
          if (dataset == "prices") {
            if (price_failure) return *price_failure;
            return price_report(prices, price_notes, price_clock, with_times, with_as_of);
          }
          if (dataset == "symbols") {
            if (status_failure) return *status_failure;
            return status_report(statuses);
          }
          if (book_failure) return *book_failure;
          return book_report(book, book_notes, book_clock, with_as_of);
        });
  }
  ReportPtr answered(const std::string& symbols = "BTCUSDT,SHIBUSDT") {
    auto report = run(symbols);
    EXPECT_TRUE(report.ok()) << report.failure().message;
    expect_finite((*report)->wire());
    return *report;
  }
};

TEST_F(PricesPlugin, PutsBothDatasetsTogetherBySymbolNotByPosition) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(column_texts(wire, "prices", "symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
  EXPECT_THAT(column_texts(wire, "prices", "price"), ElementsAre("70292.01000000", "0.00003391"));
  EXPECT_THAT(column_texts(wire, "prices", "bid"), ElementsAre("70292.00000000", "0.00003390"));
  EXPECT_THAT(column_texts(wire, "prices", "ask"), ElementsAre("70292.01000000", "0.00003391"));
  EXPECT_THAT(column_texts(wire, "prices", "bid_quantity"),
              ElementsAre("1.50000000", "5000000.00000000"));
  EXPECT_THAT(column_texts(wire, "prices", "ask_quantity"),
              ElementsAre("0.00017000", "12345678.00000000"));
  const auto spreads = column_texts(wire, "prices", "spread_basis_points");
  // 20000 x 0.01 / 140584.01 and 20000 / 6781, in basis points.
  EXPECT_NEAR(std::stod(spreads[0]), 200.0 / 140584.01, 1e-15);
  EXPECT_NEAR(std::stod(spreads[1]), 20000.0 / 6781.0, 1e-14);
  EXPECT_THAT(note_codes(wire), IsEmpty());
  EXPECT_EQ(wire.as_of, kQuoted.ns);  // the newest input
}

TEST_F(PricesPlugin, ACrossedTickerIsShownAsItCameWithANote) {
  book[1].bid = "78094.00";
  book[1].ask = "70292.00";
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("crossed_book"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("BTCUSDT"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), Not(HasSubstr("SHIBUSDT")));
  // -20000 x 7802 / 148386
  EXPECT_NEAR(std::stod(column_texts(report->wire(), "prices", "spread_basis_points")[0]),
              -20000.0 * 7802.0 / 148386.0, 1e-10);
  book[1].ask = book[1].bid;  // bid and ask of one price would have met
  EXPECT_THAT(note_codes(answered()->wire()), ElementsAre("crossed_book"));
}

TEST_F(PricesPlugin, APriceOfZeroIsSaidToBeNone) {
  prices[0].price = "0.00000000";
  book[1] = {"BTCUSDT", "0.00000000", "0", "0.00000000", "0"};
  const auto report = answered();
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("zero_price")) << "and it is not crossed";
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("BTCUSDT."));
  EXPECT_EQ(column_texts(report->wire(), "prices", "spread_basis_points")[0], "null");
}

TEST_F(PricesPlugin, OldPricesAreNotShownAsNew) {
  price_clock = Time{kPriced.ns + 5 * kMinute + 1};
  const auto report = answered();
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("stale_data"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("BTCUSDT: newest of"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("SHIBUSDT: newest of"));
  price_clock = Time{kPriced.ns + 5 * kMinute};
  EXPECT_THAT(note_codes(answered()->wire()), IsEmpty());
  book_clock = Time{kQuoted.ns + 60 * kMinute};
  const auto old_book = answered();
  ASSERT_THAT(note_codes(old_book->wire()), ElementsAre("stale_data"));
  EXPECT_THAT(std::string(view(old_book->wire().notes[0]->text)),
              HasSubstr("BTCUSDT (bid and ask): newest of"));
  EXPECT_EQ(column_texts(old_book->wire(), "prices", "time")[0], std::to_string(kPriced.ns));
  EXPECT_EQ(column_texts(old_book->wire(), "prices", "book_time")[0], std::to_string(kQuoted.ns));
}

TEST_F(PricesPlugin, OneOldPriceAmongNewOnesIsSaid) {
  with_times = true;
  prices[0].time = kPriced;
  prices[1].time = Time{kPriced.ns - 400LL * 24 * 60 * kMinute};
  const auto report = answered();
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("stale_data"));
  const std::string text(view(report->wire().notes[0]->text));
  EXPECT_THAT(text, HasSubstr("SHIBUSDT: newest of 2022-10-10T22:13:20Z, 400 days before"));
  EXPECT_THAT(text, Not(HasSubstr("BTCUSDT")));
  EXPECT_EQ(column_texts(report->wire(), "prices", "time")[1], std::to_string(prices[1].time->ns));
}

/// ticker/price says no time: that it was asked for now does not make it one of now.
TEST_F(PricesPlugin, ATimeThatNobodySaysIsNull) {
  with_as_of = false;
  const auto report = answered();
  EXPECT_THAT(column_texts(report->wire(), "prices", "time"), ElementsAre("null", "null"));
  EXPECT_THAT(column_texts(report->wire(), "prices", "book_time"), ElementsAre("null", "null"));
  EXPECT_THAT(note_codes(report->wire()), IsEmpty());
}

TEST_F(PricesPlugin, AMarketThatDoesNotTradeIsSaid) {
  with_as_of = false;
  statuses["SHIBUSDT"] = "BREAK";
  const auto report = answered();
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("not_trading"));
  EXPECT_EQ(view(report->wire().notes[0]->text), "Not trading now: SHIBUSDT (BREAK).");
  EXPECT_EQ(asked["symbols"], "BTCUSDT,SHIBUSDT");
  statuses.erase("SHIBUSDT");  // nobody knows
  EXPECT_THAT(note_codes(answered()->wire()), IsEmpty());
}

TEST_F(PricesPlugin, WithoutStatusesThePricesAreStillAnswered) {
  status_failure = {.status = BOURSE_UPSTREAM, .code = "upstream", .message = "It timed out."};
  const auto report = answered();
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("markets_unavailable"));
  EXPECT_EQ(report->wire().notes[0]->level, BOURSE_LEVEL_INFO);
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("It timed out."));
  EXPECT_THAT(column_texts(report->wire(), "prices", "bid"), Not(Contains("null")));
}

TEST_F(PricesPlugin, MoreDigitsThanUsualAreKept) {
  prices = {{"X", "0.000000000012345678"}};
  EXPECT_THAT(column_texts(answered("X")->wire(), "prices", "price"),
              ElementsAre("0.000000000012345678"));
}

TEST_F(PricesPlugin, ASideWithoutOrdersIsNull) {
  book[1].bid = book[1].bid_quantity = "";
  const auto report = answered();
  EXPECT_THAT(column_texts(report->wire(), "prices", "bid"), ElementsAre("null", "0.00003390"));
  EXPECT_EQ(column_texts(report->wire(), "prices", "spread_basis_points")[0], "null");
}

TEST_F(PricesPlugin, AMarketOfWhichTheBookIsSilentHasNulls) {
  book.pop_back();
  const auto report = answered();
  EXPECT_THAT(column_texts(report->wire(), "prices", "ask"), ElementsAre("null", "0.00003391"));
  EXPECT_THAT(column_texts(report->wire(), "prices", "price"), Not(Contains("null")));
}

TEST_F(PricesPlugin, PricesWithoutABookAreStillAnswered) {
  book_failure = {.status = BOURSE_UPSTREAM, .code = "upstream", .message = "It timed out."};
  const auto report = answered();
  const bourse_report& wire = report->wire();
  EXPECT_THAT(note_codes(wire), ElementsAre("book_unavailable"));
  EXPECT_THAT(std::string(view(wire.notes[0]->text)), HasSubstr("It timed out."));
  EXPECT_THAT(column_texts(wire, "prices", "bid"), ElementsAre("null", "null"));
}

TEST_F(PricesPlugin, WithoutPricesTheFailureIsTheAnswer) {
  price_failure = {.status = BOURSE_UNAVAILABLE, .code = "banned", .message = "Wait."};
  const auto report = run("BTCUSDT");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(report.failure().code, "banned");
}

TEST_F(PricesPlugin, AnUnknownSymbolIsSaidOnceAndTheRestAnswered) {
  price_notes = book_notes = {{"symbol_unavailable", "There is no market \"NOPE\"."}};
  const auto report = answered("BTCUSDT,NOPE,SHIBUSDT");
  EXPECT_THAT(note_codes(report->wire()), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(column_texts(report->wire(), "prices", "symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
}

TEST_F(PricesPlugin, ASymbolThatTheSourceDropsInSilenceIsSaid) {
  const auto report = answered("BTCUSDT,NOPE,SHIBUSDT");
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("symbol_unavailable"));
  EXPECT_THAT(std::string(view(report->wire().notes[0]->text)), HasSubstr("NOPE"));
}

TEST_F(PricesPlugin, AMarketWhoseRowMadeNoSenseIsSaidOnce) {
  price_notes = {{"unreadable_row", "NOPE is left out: its price is \"x\"."}};
  EXPECT_THAT(note_codes(answered("BTCUSDT,NOPE,SHIBUSDT")->wire()), ElementsAre("unreadable_row"));
}

TEST_F(PricesPlugin, ANoteAboutALongerNameIsNotAboutThisOne) {
  price_notes = {{"unreadable_row", "ABTC-2 is left out: its price is \"x\"."}};
  const auto report = answered("BTC,SHIBUSDT");
  ASSERT_THAT(note_codes(report->wire()), ElementsAre("unreadable_row", "symbol_unavailable"));
  EXPECT_THAT(std::string(view(report->wire().notes[1]->text)), HasSubstr("BTC is left out"));
}

TEST_F(PricesPlugin, WhenNoneIsKnownItIsNotFound) {
  price_failure = book_failure = {
      .status = BOURSE_NOT_FOUND, .code = "symbol_not_found", .message = "There is no NOPE."};
  auto report = run("NOPE");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().code, "symbol_not_found");
  price_failure = book_failure = std::nullopt;
  prices.clear();  // a source that answers with nothing
  report = run("NOPE");
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_NOT_FOUND);
}

TEST_F(PricesPlugin, EachSymbolIsAskedAndShownOnce) {
  prices.push_back(prices[0]);  // and a source that repeats itself
  const auto report = answered("BTCUSDT,SHIBUSDT,BTCUSDT");
  EXPECT_EQ(asked["prices"], "BTCUSDT,SHIBUSDT");
  EXPECT_EQ(asked["book_ticker"], "BTCUSDT,SHIBUSDT");
  EXPECT_THAT(column_texts(report->wire(), "prices", "symbol"), ElementsAre("BTCUSDT", "SHIBUSDT"));
}

TEST_F(PricesPlugin, NotesOfBothSourcesArePassedOnOnce) {
  price_notes = {{"synthetic_data", "Made up."}};
  book_notes = {{"synthetic_data", "Made up."}, {"stale", "An hour old."}};
  EXPECT_THAT(note_codes(answered()->wire()), ElementsAre("synthetic_data", "stale"));
}

TEST_F(PricesPlugin, ItsChartNamesColumnsThatAreThere) {
  const auto report = answered();
  const bourse_report& wire = report->wire();
  ASSERT_EQ(wire.n_charts, 1u);
  for (std::size_t i = 0; i < wire.charts[0]->n_channels; ++i) {
    EXPECT_THAT(column_texts(wire, "prices", wire.charts[0]->channels[i]->field), Not(IsEmpty()));
  }
}

TEST(PricesSpread, IsNaNWithoutTwoPositivePricesAndNegativeWhenCrossed) {
  const auto spread = [](const char* bid, const char* ask) {
    return prices::spread_basis_points(Decimal::parse(bid), Decimal::parse(ask));
  };
  EXPECT_DOUBLE_EQ(spread("99", "101"), 200.0);
  EXPECT_DOUBLE_EQ(spread("101", "99"), -200.0);
  EXPECT_EQ(spread("100", "100"), 0.0);
  for (const auto& [bid, ask] : {std::pair{"", "1"}, {"1", ""}, {"0", "0"}, {"0", "1"}}) {
    EXPECT_TRUE(std::isnan(spread(bid, ask)));
  }
}

}  // namespace
}  // namespace bourse::test
