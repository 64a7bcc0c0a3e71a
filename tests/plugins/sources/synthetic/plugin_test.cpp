// SPDX-License-Identifier: MIT
//
// The built plugin, asked as the host asks it: what holds between its datasets at one instant.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "bourse/market.h"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kNoon = "2025-01-01T12:34:00Z";
constexpr std::int64_t kNoonNs = 1'735'734'840'000'000'000;
/// Stopped trading at 2024-02-20T03:00:00Z.
constexpr const char* kStopped = "XMRUSDT";
constexpr std::int64_t kStopNs = 1'708'398'000'000'000'000;
constexpr const char* kFive = "BTCUSDT,ETHUSDT,SHIBUSDT,USDCUSDT,ETHBTC";

ReportPtr fetch(const Component& source, const char* dataset, const Texts& params) {
  auto report = source.fetch(dataset, params);
  if (!report.ok()) {
    ADD_FAILURE() << dataset << ": " << report.failure().message;
    std::abort();
  }
  return *report;
}

std::vector<std::string> column(const ReportPtr& report, const char* name) {
  return column_texts(report->wire(), report->wire().tables[0]->name, name);
}
std::int64_t clock_of(const ReportPtr& report) {
  const auto clock = ReportView(report->wire()).meta("clock");
  return clock && clock->type == BOURSE_TYPE_TIME ? clock->as.i64 : 0;
}
std::string status_of(const ReportPtr& report) {
  const auto status = ReportView(report->wire()).meta("status");
  return status && status->type == BOURSE_TYPE_TEXT ? std::string(view(status->as.text)) : "";
}
Decimal decimal(const std::string& text) { return Decimal::from(text); }

class Synthetic : public testing::Test {
 protected:
  Component source_{"synthetic.so", "synthetic", {{"seed", "42"}, {"now", kNoon}}};
};

TEST_F(Synthetic, DeliversEveryColumnThatTheContractNames) {
  const std::map<std::string, Texts> asked = {{"candles", {{"symbol", "BTCUSDT"}}},
                                              {"ticker_24h", {{"symbols", kFive}}},
                                              {"prices", {{"symbols", kFive}}},
                                              {"book_ticker", {{"symbols", kFive}}},
                                              {"order_book", {{"symbol", "BTCUSDT"}}},
                                              {"trades", {{"symbol", "BTCUSDT"}}},
                                              {"symbols", {}}};
  ASSERT_EQ(source_.wire().n_datasets, asked.size());
  for (std::size_t d = 0; d < source_.wire().n_datasets; ++d) {
    const bourse_dataset& dataset = *source_.wire().datasets[d];
    const ReportPtr report = fetch(source_, dataset.name, asked.at(dataset.name));
    ASSERT_EQ(report->wire().n_tables, 1u);
    const bourse_table& table = *report->wire().tables[0];
    EXPECT_GT(table.n_rows, 0u) << dataset.name;
    ASSERT_EQ(table.n_fields, dataset.n_fields) << dataset.name;
    for (std::size_t f = 0; f < dataset.n_fields; ++f) {
      EXPECT_STREQ(table.fields[f]->name, dataset.fields[f]->name);
      EXPECT_EQ(table.fields[f]->type, dataset.fields[f]->type);
      EXPECT_EQ(table.fields[f]->scale, dataset.fields[f]->scale) << table.fields[f]->name;
    }
    EXPECT_EQ(report->wire().as_of, kNoonNs) << dataset.name;
    EXPECT_EQ(clock_of(report), kNoonNs) << dataset.name;
  }
}

TEST_F(Synthetic, TheTickerSaysWhatTheMinutesOfTheLastDaySay) {
  const ReportPtr ticker = fetch(source_, "ticker_24h", {{"symbols", kFive}});
  const auto symbols = column(ticker, "symbol");
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    const ReportPtr minutes = fetch(
        source_, "candles", {{"symbol", symbols[row]}, {"interval", "1m"}, {"limit", "1440"}});
    ASSERT_EQ(minutes->wire().tables[0]->n_rows, 1440u);
    const auto is = [&](const char* field) { return column(ticker, field)[row]; };
    EXPECT_EQ(is("open_time"), column(minutes, "open_time").front());
    EXPECT_EQ(is("open"), column(minutes, "open").front());
    EXPECT_EQ(is("last"), column(minutes, "close").back());
    Decimal high, low = decimal(is("high")), volume, value;
    std::int64_t trades = 0;
    for (const std::string& t : column(minutes, "high")) high = std::max(high, decimal(t));
    for (const std::string& t : column(minutes, "low")) low = std::min(low, decimal(t));
    for (const std::string& t : column(minutes, "volume")) volume += decimal(t);
    for (const std::string& t : column(minutes, "quote_volume")) value += decimal(t);
    for (const std::string& t : column(minutes, "trades")) trades += std::stoll(t);
    EXPECT_EQ(is("high"), high.text());
    EXPECT_EQ(is("low"), low.text());
    EXPECT_EQ(is("volume"), volume.text());
    EXPECT_EQ(is("quote_volume"), value.text());
    EXPECT_EQ(is("trades"), std::to_string(trades));
  }
}

// The relations that hold in the exchange's own ticker.
TEST_F(Synthetic, TheTickerAgreesWithItself) {
  const ReportPtr ticker = fetch(source_, "ticker_24h", {{"symbols", kFive}});
  for (std::size_t row = 0; row < 5; ++row) {
    const auto is = [&](const char* field) { return decimal(column(ticker, field)[row]); };
    EXPECT_EQ(is("price_change"), is("last") - is("open"));
    EXPECT_EQ(is("weighted_average"),
              divide(is("quote_volume"), is("volume"), 8, Rounding::kHalfUp));
    EXPECT_EQ(is("price_change_percent"), divide(Decimal::of(100) * (is("last") - is("open")),
                                                 is("open"), 3, Rounding::kHalfUp));
    EXPECT_LE(is("low"), is("weighted_average"));
    EXPECT_LE(is("weighted_average"), is("high"));
    EXPECT_LT(is("bid"), is("ask"));
    EXPECT_LE(is("bid"), is("last"));
    EXPECT_LE(is("last"), is("ask"));
    EXPECT_EQ(std::stoll(column(ticker, "close_time")[row]) -
                  std::stoll(column(ticker, "open_time")[row]),
              86'400'000'000'000);
  }
  EXPECT_THAT(column(ticker, "quote_asset"), ElementsAre("USDT", "USDT", "USDT", "USDT", "BTC"));
}

TEST_F(Synthetic, AllDatasetsAgreeOnThePrice) {
  const ReportPtr ticker = fetch(source_, "ticker_24h", {{"symbols", kFive}});
  const ReportPtr prices = fetch(source_, "prices", {{"symbols", kFive}});
  const ReportPtr tops = fetch(source_, "book_ticker", {{"symbols", kFive}});
  EXPECT_EQ(column(prices, "price"), column(ticker, "last"));
  for (const char* field : {"bid", "bid_quantity", "ask", "ask_quantity"}) {
    EXPECT_EQ(column(tops, field), column(ticker, field)) << field;
  }
  const auto symbols = column(ticker, "symbol");
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    const ReportPtr trades = fetch(source_, "trades", {{"symbol", symbols[row]}});
    EXPECT_EQ(column(trades, "price").back(), column(ticker, "last")[row]);
    EXPECT_EQ(column(trades, "quantity").back(), column(ticker, "last_quantity")[row]);
    const ReportPtr book = fetch(source_, "order_book", {{"symbol", symbols[row]}, {"depth", "3"}});
    EXPECT_THAT(column(book, "side"), ElementsAre("bid", "bid", "bid", "ask", "ask", "ask"));
    EXPECT_EQ(column(book, "price")[0], column(ticker, "bid")[row]);
    EXPECT_EQ(column(book, "quantity")[3], column(ticker, "ask_quantity")[row]);
    EXPECT_TRUE(ReportView(book->wire()).meta("last_update_id"));
  }
}

TEST_F(Synthetic, PricesAndQuantitiesAreOnTheirSteps) {
  const ReportPtr rules = fetch(source_, "symbols", {});
  const auto symbols = column(rules, "symbol");
  EXPECT_GE(symbols.size(), 28u);
  for (std::size_t row = 0; row < symbols.size(); ++row) {
    const Decimal tick = decimal(column(rules, "tick_size")[row]);
    const Decimal lot = decimal(column(rules, "lot_step")[row]);
    const auto whole = [](const std::string& text, Decimal step) {
      return decimal(text).coefficient() % step.coefficient() == 0;  // both have 8 decimals
    };
    const ReportPtr trades = fetch(source_, "trades", {{"symbol", symbols[row]}, {"limit", "50"}});
    for (const std::string& p : column(trades, "price")) EXPECT_TRUE(whole(p, tick)) << p;
    for (const std::string& q : column(trades, "quantity")) EXPECT_TRUE(whole(q, lot)) << q;
    for (std::size_t i = 0; i < 50; ++i) {
      EXPECT_EQ(decimal(column(trades, "quote_quantity")[i]),
                decimal(column(trades, "price")[i]) * decimal(column(trades, "quantity")[i]));
    }
  }
}

TEST_F(Synthetic, AnUnknownMarketIsNotFoundAndTheLikelyOneNamed) {
  const auto meant = [&](const char* symbol) {
    const auto failure = source_.fetch("candles", {{"symbol", symbol}}).failure();
    EXPECT_EQ(failure.status, BOURSE_NOT_FOUND);
    EXPECT_EQ(failure.code, "symbol_not_found");
    EXPECT_EQ(failure.parameter, "symbol");
    return failure.message;
  };
  EXPECT_THAT(meant("btcusdt"), HasSubstr("did you mean BTCUSDT?"));
  EXPECT_THAT(meant("ETH/USDT"), HasSubstr("did you mean ETHUSDT?"));
  EXPECT_THAT(meant("SOLUSDTT"), HasSubstr("did you mean SOLUSDT?"));
  EXPECT_THAT(meant("XRUPSDT"), HasSubstr("did you mean XRPUSDT?"));
  EXPECT_THAT(meant("PEPE"), HasSubstr("did you mean PEPEUSDT?"));
  EXPECT_THAT(meant("WINGDINGS"), testing::Not(HasSubstr("did you mean")));
}

TEST_F(Synthetic, OneUnknownMarketAmongSeveralIsANote) {
  for (const char* dataset : {"ticker_24h", "prices", "book_ticker", "symbols"}) {
    const ReportPtr report =
        fetch(source_, dataset, {{"symbols", "ETHUSDT,NOSUCH,BTCUSDT,ETHUSDT,NOSUCH,adausdt"}});
    EXPECT_THAT(column(report, "symbol"), ElementsAre("ETHUSDT", "BTCUSDT")) << dataset;
    EXPECT_THAT(note_codes(report->wire()),
                ElementsAre("symbol_unavailable", "symbol_unavailable"));
    const auto failure = source_.fetch(dataset, {{"symbols", "NOSUCH,NEITHER"}}).failure();
    EXPECT_EQ(failure.status, BOURSE_NOT_FOUND);
    EXPECT_EQ(failure.code, "symbol_not_found");
    EXPECT_EQ(failure.parameter, "symbols");
    EXPECT_THAT(failure.message, HasSubstr("NOSUCH"));
  }
}

TEST_F(Synthetic, CandlesAreAsOfTheNewestOne) {
  const auto as_of = [&](const Texts& params) {
    return fetch(source_, "candles", params)->wire().as_of;
  };
  EXPECT_EQ(as_of({{"symbol", "BTCUSDT"}}), kNoonNs) << "the newest one forms";
  // The hour of 09:00 closes a millisecond before 10:00.
  EXPECT_EQ(as_of({{"symbol", "BTCUSDT"}, {"end", "2025-01-01T09:10:00Z"}}),
            1'735'725'600'000'000'000 - 1'000'000);
  EXPECT_EQ(as_of({{"symbol", "BTCUSDT"}, {"start", "2025-06-01"}}), 0) << "there are none";
}

TEST_F(Synthetic, AMarketThatStoppedIsAsOldAsItsEnd) {
  const ReportPtr hours = fetch(source_, "candles", {{"symbol", kStopped}, {"limit", "2"}});
  EXPECT_EQ(status_of(hours), "BREAK");
  EXPECT_EQ(hours->wire().as_of, kStopNs - 1'000'000);
  EXPECT_EQ(clock_of(hours), kNoonNs);
  EXPECT_THAT(column(hours, "closed"), ElementsAre("true", "true"));

  const ReportPtr book = fetch(source_, "order_book", {{"symbol", kStopped}});
  EXPECT_EQ(status_of(book), "BREAK");
  EXPECT_EQ(book->wire().tables[0]->n_rows, 0u);
  const ReportPtr top = fetch(source_, "book_ticker", {{"symbols", kStopped}});
  EXPECT_THAT(column(top, "bid"), ElementsAre("null"));
  const ReportPtr price = fetch(source_, "prices", {{"symbols", kStopped}});
  EXPECT_EQ(column(price, "price"), std::vector<std::string>{column(hours, "close").back()});
  const ReportPtr trades = fetch(source_, "trades", {{"symbol", kStopped}, {"limit", "5"}});
  EXPECT_EQ(column(trades, "price").back(), column(hours, "close").back());
  for (const ReportPtr& report : {book, top, price, trades}) {
    EXPECT_EQ(report->wire().as_of, kStopNs);
    EXPECT_EQ(clock_of(report), kNoonNs);
  }
  const ReportPtr both =
      fetch(source_, "prices", {{"symbols", std::string(kStopped) + ",BTCUSDT"}});
  EXPECT_EQ(both->wire().as_of, kNoonNs) << "the newest of both";
  EXPECT_THAT(column(both, "time"), ElementsAre(std::to_string(kStopNs), std::to_string(kNoonNs)));
  EXPECT_THAT(column(top, "time"), ElementsAre(std::to_string(kStopNs)));
  EXPECT_EQ(status_of(fetch(source_, "candles", {{"symbol", "BTCUSDT"}})), "TRADING");
  EXPECT_EQ(status_of(fetch(source_, "order_book", {{"symbol", "BTCUSDT"}})), "TRADING");
}

TEST_F(Synthetic, TheTickerOfAMarketThatStoppedIsEmptyAndOld) {
  const ReportPtr ticker =
      fetch(source_, "ticker_24h", {{"symbols", std::string("ETHUSDT,") + kStopped}});
  EXPECT_THAT(column(ticker, "status"), ElementsAre("TRADING", "BREAK"));
  const auto is = [&](const char* field) { return column(ticker, field)[1]; };
  EXPECT_EQ(is("trades"), "0");
  EXPECT_TRUE(decimal(is("volume")).is_zero());
  EXPECT_TRUE(decimal(is("quote_volume")).is_zero());
  for (const char* field : {"last", "last_quantity", "open", "high", "low", "price_change",
                            "price_change_percent", "weighted_average", "bid", "ask"}) {
    EXPECT_EQ(is(field), "null") << field;
  }
  EXPECT_EQ(is("previous_close"),
            column(fetch(source_, "prices", {{"symbols", kStopped}}), "price")[0]);
  EXPECT_EQ(is("open_time"), std::to_string(kStopNs));
  EXPECT_EQ(is("close_time"), std::to_string(kStopNs + 86'400'000'000'000));
  EXPECT_EQ(ticker->wire().as_of, kNoonNs);
  EXPECT_EQ(fetch(source_, "ticker_24h", {{"symbols", kStopped}})->wire().as_of,
            kStopNs + 86'400'000'000'000);
  const ReportPtr rules =
      fetch(source_, "symbols", {{"symbols", std::string("ETHUSDT,") + kStopped}});
  EXPECT_THAT(column(rules, "status"), ElementsAre("TRADING", "BREAK"));
}

TEST_F(Synthetic, AMarketTradesUntilTheSecondInWhichItStops) {
  Component source("synthetic.so", "synthetic");
  const auto status = [&](std::int64_t now) {
    source.set_now(Time{now});
    return column(fetch(source, "ticker_24h", {{"symbols", kStopped}}), "status")[0];
  };
  EXPECT_EQ(status(kStopNs - 1), "TRADING");
  EXPECT_EQ(status(kStopNs), "BREAK");
  source.set_now(Time{kStopNs + 3'600'000'000'000});
  const ReportPtr after = fetch(source, "ticker_24h", {{"symbols", kStopped}});
  EXPECT_NE(column(after, "trades")[0], "0") << "23 hours of its trades are still in the window";
  EXPECT_EQ(column(after, "bid")[0], "null");
  // The last minute of its trades leaves the window, quiet seconds among them.
  std::set<std::string> seen;
  for (std::int64_t left = 60; left >= 0; --left) {
    source.set_now(Time{kStopNs + (86'400 - left) * 1'000'000'000});
    const ReportPtr ticker = fetch(source, "ticker_24h", {{"symbols", kStopped}});
    const bool traded = column(ticker, "trades")[0] != "0";
    EXPECT_EQ(column(ticker, "last")[0] != "null", traded) << left;
    EXPECT_EQ(column(ticker, "weighted_average")[0] != "null", traded) << left;
    seen.insert(column(ticker, "trades")[0]);
  }
  EXPECT_GE(seen.size(), 2u);
}

TEST_F(Synthetic, ANameNeedNotBeAscii) {
  const char* const name = "币安人生USDT";
  const ReportPtr rules = fetch(source_, "symbols", {{"symbols", name}});
  EXPECT_THAT(column(rules, "symbol"), ElementsAre(name));
  EXPECT_THAT(column(rules, "base_asset"), ElementsAre("币安人生"));
  EXPECT_THAT(column(fetch(source_, "prices", {{"symbols", name}}), "symbol"), ElementsAre(name));
  EXPECT_EQ(fetch(source_, "candles", {{"symbol", name}})->wire().tables[0]->n_rows, 500u);
  const auto failure = source_.fetch("candles", {{"symbol", "币安人生usdt"}}).failure();
  EXPECT_THAT(failure.message, HasSubstr("\"币安人生usdt\"; did you mean 币安人生USDT?"));
}

TEST_F(Synthetic, AnEmptySpanOfTimeIsAnEmptyTable) {
  const ReportPtr report = fetch(
      source_, "candles", {{"symbol", "BTCUSDT"}, {"start", "2024-06-02"}, {"end", "2024-06-01"}});
  EXPECT_EQ(report->wire().tables[0]->n_rows, 0u);
}

TEST(SyntheticClock, IsTheTimeOfTheRequest) {
  Component source("synthetic.so", "synthetic", {});
  const Component frozen("synthetic.so", "synthetic", {{"now", kNoon}});
  const std::int64_t noon = 1'735'734'840'000'000'000;  // kNoon
  const Texts asked = {{"symbols", kFive}};
  for (const std::int64_t into_the_second : {0, 1, 999'999'999}) {
    source.set_now(Time{noon + into_the_second});
    const ReportPtr then = fetch(source, "ticker_24h", asked);
    EXPECT_EQ(then->wire().as_of, noon) << "the exchange publishes once a second";
    EXPECT_EQ(column(then, "last"), column(fetch(frozen, "ticker_24h", asked), "last"));
  }
  source.set_now(Time{noon + 3'600'000'000'000});
  EXPECT_NE(column(fetch(source, "ticker_24h", asked), "last"),
            column(fetch(frozen, "ticker_24h", asked), "last"));
  source.set_now(Time{1'503'187'199'000'000'000});  // 2017-08-19: some have not traded for a day
  const auto failure = source.fetch("prices", asked).failure();
  EXPECT_EQ(failure.status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(failure.code, "clock_wrong");
}

TEST(SyntheticClock, AnswersStandUntilTheNextSecondOrForEver) {
  constexpr Time kEver{std::numeric_limits<std::int64_t>::max()};
  Component running("synthetic.so", "synthetic", {});
  const Component frozen("synthetic.so", "synthetic", {{"now", kNoon}});
  running.set_now(Time{1'735'734'840'250'000'000});  // kNoon and a quarter of a second
  const Time next_second{1'735'734'841'000'000'000};
  const auto until = [](const Component& source, const char* dataset, const Texts& params) {
    Said said;
    const auto report = source.fetch(dataset, params, {}, &said);
    EXPECT_TRUE(report.ok()) << dataset;
    return said.fresh_until;
  };
  for (const char* dataset : {"ticker_24h", "prices", "book_ticker"}) {
    EXPECT_EQ(until(running, dataset, {{"symbols", kFive}}), next_second) << dataset;
    EXPECT_EQ(until(frozen, dataset, {{"symbols", kFive}}), kEver) << dataset;
  }
  for (const char* dataset : {"candles", "order_book", "trades"}) {
    EXPECT_EQ(until(running, dataset, {{"symbol", "BTCUSDT"}}), next_second) << dataset;
    EXPECT_EQ(until(frozen, dataset, {{"symbol", "BTCUSDT"}}), kEver) << dataset;
  }
  EXPECT_EQ(until(running, "symbols", {}), kEver) << "its rules are part of the program";
  running.set_now(Time{kStopNs - 86'400'000'000'000});
  EXPECT_EQ(until(running, "symbols", {}), Time{kStopNs}) << "then a market stops";
  running.set_now(Time{1'735'734'840'250'000'000});
  EXPECT_EQ(until(running, "candles", {{"symbol", kStopped}}), kEver);
  EXPECT_EQ(until(running, "candles", {{"symbol", "BTCUSDT"}, {"end", "2025-01-01T11:00:00Z"}}),
            kEver);
  EXPECT_EQ(until(running, "candles", {{"symbol", "BTCUSDT"}, {"end", "2025-01-01T12:00:00Z"}}),
            next_second)
      << "that candle is forming";
}

TEST(SyntheticClock, MayRunOrStandButNotBeforeTheFirstDay) {
  const Component running("synthetic.so", "synthetic", {});
  const auto report = running.fetch("prices", {{"symbols", "BTCUSDT"}});
  ASSERT_TRUE(report.ok());
  EXPECT_GT((*report)->wire().as_of, 1'735'734'840'000'000'000);
  EXPECT_EQ((*report)->wire().as_of % 1'000'000'000, 0) << "the exchange publishes once a second";
  EXPECT_THROW(Component("synthetic.so", "synthetic", {{"now", "2017-08-19"}}), std::runtime_error);
  const Component first("synthetic.so", "synthetic", {{"now", "2017-08-20"}});
  std::string all;
  for (const std::string& name : column(fetch(first, "symbols", {}), "symbol")) all += name + ",";
  all.pop_back();
  const ReportPtr tickers = fetch(first, "ticker_24h", {{"symbols", all}});
  EXPECT_THAT(column(tickers, "trades"), testing::Each(testing::Ne("0")));
  EXPECT_EQ(running.wire().flags & BOURSE_COMPONENT_PURE, 0u) << "its data changes with time";
}

/// FNV-1a over every cell of a report, as printed.
std::uint64_t digest(const Component& source, const char* dataset, const Texts& params) {
  const ReportPtr report = fetch(source, dataset, params);
  std::uint64_t hash = 0xcbf29ce484222325u;
  const TableView table(*report->wire().tables[0]);
  for (std::size_t f = 0; f < table.columns(); ++f) {
    if (std::string_view(table.field(f).name) == "status") continue;  // not made of the seed
    for (const std::string& cell : column(report, table.field(f).name)) {
      for (const char c : cell + ";") {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
      }
    }
  }
  return hash;
}

// ---- watches

/// What the host gives: lets a test wait for a call.
struct Sink {
  static void changed(void* sink) {
    auto& self = *static_cast<Sink*>(sink);
    const std::lock_guard lock(self.mutex);
    ++self.calls;
    self.called.notify_all();
  }
  std::mutex mutex;
  std::condition_variable called;
  int calls = 0;
};

/// A second of the machine's clock has to pass, at most.
TEST(SyntheticWatch, TellsWhenTheExchangePublishes) {
  const Component source("synthetic.so", "synthetic");
  Sink sink;
  const auto token = source.watch("prices", {{"symbols", "BTCUSDT"}}, &sink, Sink::changed);
  ASSERT_TRUE(token.ok());
  {
    std::unique_lock lock(sink.mutex);
    sink.called.wait(lock, [&] { return sink.calls > 0; });
  }
  source.unwatch(*token);
}

TEST(SyntheticWatch, WhatNeverChangesIsWatchedForNothing) {
  const Component frozen("synthetic.so", "synthetic", {{"now", kNoon}});
  const Component moving("synthetic.so", "synthetic");
  Sink never, sink;
  const auto of_frozen = frozen.watch("prices", {{"symbols", "BTCUSDT"}}, &never, Sink::changed);
  const auto of_past =
      moving.watch("candles", {{"symbol", "BTCUSDT"}, {"end", kNoon}}, &never, Sink::changed);
  const auto of_rules = moving.watch("symbols", {}, &never, Sink::changed);  // none ends any more
  const auto of_now = moving.watch("candles", {{"symbol", "BTCUSDT"}}, &sink, Sink::changed);
  ASSERT_TRUE(of_frozen.ok() && of_past.ok() && of_rules.ok() && of_now.ok());
  {
    std::unique_lock lock(sink.mutex);
    sink.called.wait(lock, [&] { return sink.calls > 0; });
  }
  for (const auto* token : {&of_past, &of_rules, &of_now}) moving.unwatch(**token);
  frozen.unwatch(*of_frozen);
  EXPECT_EQ(never.calls, 0);
}

TEST(SyntheticWatch, AQuestionThatCannotBeAskedCannotBeWatched) {
  const Component source("synthetic.so", "synthetic");
  const auto token = source.watch("candles", {{"symbol", "NOPE"}}, nullptr, Sink::changed);
  ASSERT_FALSE(token.ok());
  EXPECT_EQ(token.failure().code, "symbol_not_found");
}

// These values are what this code itself gave, with GCC 12 and clang 14 alike. They do not say that
// the data is right, only that it is the same on every machine and in every later version.
TEST_F(Synthetic, GivesTheSameBytesWithEveryCompiler) {
  const Texts hour = {{"symbol", "BTCUSDT"}, {"interval", "1h"}, {"limit", "1000"}};
  const Texts second = {{"symbol", "PEPEUSDT"}, {"interval", "1s"}, {"limit", "3000"}};
  const Texts month = {{"symbol", "ETHBTC"}, {"interval", "1M"}, {"limit", "100"}};
  EXPECT_EQ(digest(source_, "candles", hour), 322605826287185093u);
  EXPECT_EQ(digest(source_, "candles", second), 2897914923927018136u);
  EXPECT_EQ(digest(source_, "candles", month), 16217897941534606864u);
  EXPECT_EQ(digest(source_, "ticker_24h", {{"symbols", kFive}}), 13347235659403382373u);
  EXPECT_EQ(digest(source_, "order_book", {{"symbol", "SOLUSDT"}, {"depth", "5000"}}),
            1783977002630596073u);
  EXPECT_EQ(digest(source_, "trades", {{"symbol", "SHIBUSDT"}, {"limit", "1000"}}),
            889911357995024281u);
}

}  // namespace
}  // namespace bourse::test
