// SPDX-License-Identifier: MIT
//
// prices: last price, best bid and best ask of some markets, as the source has them.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "bourse/fresh.hpp"
#include "bourse/market.h"
#include "bourse/notes.hpp"
#include "bourse/reads.hpp"
#include "bourse/symbols.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/prices/quotes.hpp"

namespace bourse::prices {
namespace {

constexpr std::array kParams{
    Param("symbols", BOURSE_TYPE_LIST, "Markets, 1 to 100.")
        .labelled("Markets")
        .list_of(BOURSE_TYPE_TEXT)
        .with_default("BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT")
        .bounds("1", "100"),
};

constexpr Field kSpread = Field("spread_basis_points", BOURSE_TYPE_F64)
                              .labelled("Spread")
                              .in("bp")
                              .described("10,000 x (ask - bid) / mid; null without bid and ask");

constexpr Field kBookTime = Field("book_time", BOURSE_TYPE_TIME)
                                .labelled("Time of the book")
                                .described("when bid and ask were so; null if unknown");

constexpr auto kReturns = Returns().table(
    "prices", "Prices", bourse_prices_symbol, bourse_prices_price, bourse_book_ticker_bid,
    bourse_book_ticker_ask, bourse_book_ticker_bid_quantity, bourse_book_ticker_ask_quantity,
    kSpread, Field(bourse_prices_time).always(), kBookTime);

TableView table_of(const Answer& answer, const std::string& dataset) {
  if (answer.report().tables() != 0) return answer.report().table(0);
  throw Error(BOURSE_UPSTREAM, "bad_source",
              "The source's answer to " + dataset + " has no table.");
}

std::vector<std::string_view> names_of(const std::vector<Quote>& quotes) {
  std::vector<std::string_view> names;
  for (const Quote& quote : quotes) names.emplace_back(quote.symbol);
  return names;
}

/// What the source said of `prices` already, such as an unknown symbol, is not said again.
void say_new_notes(const Call& call, ReportView book, ReportView prices) {
  for (const bourse_note* note : book.notes()) {
    const auto known = prices.notes();
    const bool said = std::any_of(known.begin(), known.end(), [note](const bourse_note* other) {
      return view(other->code) == view(note->code) && view(other->text) == view(note->text);
    });
    if (!said) call.note(note->level, view(note->code), view(note->text));
  }
}

void take_book(const Call& call, const Answer& answer, ReportView prices,
               std::vector<Quote>& quotes) {
  if (!answer.ok()) {
    call.warn("book_unavailable", "Bids and asks are null: " + std::string(answer.message()));
    return;
  }
  say_new_notes(call, answer.report(), prices);
  const TableView book = table_of(answer, "book_ticker");
  add_book(book, answer.report().as_of(), quotes);
  UndeliveredNote undelivered;
  for (const char* name : {"bid_quantity", "ask_quantity"}) {
    if (!book.find(name)) undelivered.add(name);
  }
  undelivered.say(call);
}

/// What is shown as it came, and yet is no state of a market.
void say_odd(const Call& call, const std::vector<Quote>& quotes) {
  NamedFew crossed, zero;
  for (const Quote& quote : quotes) {
    if (quote.crossed()) crossed.add(quote.symbol);
    if (quote.has_zero()) zero.add(quote.symbol);
  }
  if (crossed.count() > 0) {
    call.warn("crossed_book",
              "The best bid is not below the best ask, so these quotes are not of one moment, or "
              "of a market that stands still, and their spread means little: " +
                  crossed.text() + ".");
  }
  if (zero.count() > 0) {
    call.warn("zero_price",
              "A price of zero is none: there were no trades, or there are no orders, of these: " +
                  zero.text() + ".");
  }
}

/// Each market once: by its price, or else, where only that is old, by its book.
void say_stale(const Call& call, const std::vector<Quote>& quotes, ReportView prices,
               const Answer& book) {
  StaleNote stale;
  for (const Quote& quote : quotes) {
    const auto old = [&](const std::optional<Time>& time, ReportView answer) {
      return time && stale_book(*time, clock_of(call, answer));
    };
    if (old(quote.price_time, prices)) {
      stale.add(quote.symbol, *quote.price_time, clock_of(call, prices));
    } else if (book.ok() && old(quote.book_time, book.report())) {
      stale.add(quote.symbol + " (bid and ask)", *quote.book_time, clock_of(call, book.report()));
    }
  }
  stale.say(call);
}

/// However fresh a price is: of a market that rests it is an old one, or nobody can have it.
void say_not_trading(const Call& call, const std::vector<Quote>& quotes, const Answer& listing) {
  if (!listing.ok()) {
    call.note(BOURSE_LEVEL_INFO, "markets_unavailable",
              "Whether these markets trade is not known: " + std::string(listing.message()));
    return;
  }
  NotTradingNote resting;
  const auto statuses = read_statuses(listing.report());
  for (const Quote& quote : quotes) {
    const auto status = statuses.find(quote.symbol);
    if (status != statuses.end()) resting.add(quote.symbol, status->second);
  }
  resting.say(call);
}

void say_table(const Call& call, const std::vector<Quote>& quotes) {
  std::vector<std::string_view> symbols;
  std::vector<double> spreads;
  std::vector<std::optional<Time>> times, book_times;
  symbols.reserve(quotes.size());
  spreads.reserve(quotes.size());
  times.reserve(quotes.size());
  book_times.reserve(quotes.size());
  for (const Quote& quote : quotes) {
    symbols.emplace_back(quote.symbol);
    times.push_back(quote.price_time);
    book_times.push_back(quote.book_time);
    spreads.push_back(spread_basis_points(quote.bid, quote.ask));
  }
  const auto column = [&quotes](std::optional<Decimal> Quote::*member) {
    std::vector<std::optional<Decimal>> values;
    for (const Quote& quote : quotes) values.push_back(quote.*member);
    return values;
  };
  TableBuilder table("prices", "Prices");
  table.column(Field(bourse_prices_symbol), symbols)
      .column(Field(bourse_prices_price), column(&Quote::price))
      .column(Field(bourse_book_ticker_bid), column(&Quote::bid))
      .column(Field(bourse_book_ticker_ask), column(&Quote::ask))
      .column(Field(bourse_book_ticker_bid_quantity), column(&Quote::bid_quantity))
      .column(Field(bourse_book_ticker_ask_quantity), column(&Quote::ask_quantity))
      .column(kSpread, spreads)
      .column(Field(bourse_prices_time), times)
      .column(kBookTime, book_times);
  call.add(table);
}

struct Prices {
  static constexpr About about{
      .id = "prices",
      .title = "Prices",
      .doc = "Last price, best bid and best ask of several markets, exact to the last digit.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{
      &reads<"prices", "symbol", "price", "time?">,
      &reads_if<"book_ticker", "symbol", "bid", "ask", "bid_quantity?", "ask_quantity?", "time?">,
      &reads_if<"symbols", "symbol", "status?">};

  void run(const Call& call, const Values& values) const {
    const std::vector<std::string> given = values.texts("symbols");
    const std::vector<std::string_view> symbols = each_once(given);
    const std::array queries{Query("prices").with("symbols", symbols),
                             Query("book_ticker").with("symbols", symbols),
                             Query("symbols").with("symbols", symbols)};
    const std::vector<Answer> answers = call.ask(queries);
    const Answer& prices = answers[0];
    if (!prices.ok()) {
      throw prices.error();
    }
    std::vector<Quote> quotes = read_prices(table_of(prices, "prices"), prices.report().as_of());
    if (quotes.empty()) {
      throw Error(BOURSE_NOT_FOUND, "symbol_not_found",
                  "The source has no price of any of the markets asked for.")
          .blame("symbols");
    }
    call.title("Prices of " + counted(quotes.size(), "market"));
    call.notes_of(prices.report());
    say_missing(call, symbols, names_of(quotes), prices.report(), "price");
    take_book(call, answers[1], prices.report(), quotes);
    say_stale(call, quotes, prices.report(), answers[1]);
    say_not_trading(call, quotes, answers[2]);
    call.as_of(newest_time(quotes).value_or(Time{}));  // unknown, rather than that of the statuses
    say_odd(call, quotes);
    say_table(call, quotes);
    call.add(Chart(BOURSE_CHART_BAR, "spread", "Spread in basis points")
                 .of("prices")
                 .channel(BOURSE_ROLE_X, "symbol")
                 .channel(BOURSE_ROLE_Y, "spread_basis_points"));
  }
};

}  // namespace
}  // namespace bourse::prices

BOURSE_PLUGIN("bourse.prices", "0.1.0", bourse::prices::Prices)
