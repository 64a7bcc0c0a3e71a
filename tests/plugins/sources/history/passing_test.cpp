// SPDX-License-Identifier: MIT
//
// Trades and order books through a history: what passes is what the source below says, and what is
// kept of it is there when the source is not.
#include "plugins/sources/history/settings.hpp"
#include "tests/plugins/sources/history/fixture.hpp"

namespace bourse::history {
namespace {

using test::scalar_text;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kTradeColumns[] = {"id",       "time",           "price",
                                         "quantity", "quote_quantity", "buyer_is_maker"};
constexpr const char* kBookColumns[] = {"side", "price", "quantity"};

class Passing : public Layer {
 protected:
  void open(const Texts& settings) {
    layer_.reset();
    Texts all{{"database", database_}};
    all.insert(all.end(), settings.begin(), settings.end());
    layer_.emplace("history.so", "history", all);
    layer_->set_now(now_);
  }
  host::Result<ReportPtr> fetch(const char* dataset, const Texts& params,
                                const std::string& symbol = "BTCUSDT") {
    asked_.clear();
    Texts all{{"symbol", symbol}};
    all.insert(all.end(), params.begin(), params.end());
    return layer_->fetch(dataset, all, under());
  }
  ReportPtr said(const char* dataset, const Texts& params) {
    auto answer = fetch(dataset, params);
    EXPECT_TRUE(answer) << (answer ? "" : answer.failure().message);
    return answer ? *answer : nullptr;
  }
  ReportPtr direct(const char* dataset, Texts params) {
    params.emplace_back("symbol", "BTCUSDT");
    return *below_.fetch(dataset, params);
  }
  template <class Columns>
  static void expect_equal(const ReportPtr& expected, const ReportPtr& given, const char* table,
                           const Columns& columns) {
    for (const char* const column : columns) {
      EXPECT_EQ(column_texts(expected->wire(), table, column),
                column_texts(given->wire(), table, column))
          << column;
    }
    EXPECT_EQ(ReportView(expected->wire()).as_of().ns, ReportView(given->wire()).as_of().ns);
  }
  ReportPtr perform(const std::string& task, const Texts& params) {
    auto done = layer_->perform(task, params, under());
    EXPECT_TRUE(done) << (done ? "" : done.failure().message);
    return done ? *done : nullptr;
  }
  std::vector<std::string> status(const char* table, const char* column) {
    return column_texts(perform("status", {})->wire(), table, column);
  }
  bool status_has(const char* table) {
    const ReportPtr report = perform("status", {});
    const ReportView view(report->wire());
    for (std::size_t i = 0; i < view.tables(); ++i) {
      if (view.table(i).name() == table) return true;
    }
    return false;
  }
  static std::vector<std::string> ids(const ReportPtr& report) {
    return column_texts(report->wire(), "trades", "id");
  }
  /// What the source below says of trades, but only those that `keeps`, of which `price` makes the
  /// price.
  void edit_trades(const std::function<bool(std::size_t row, std::size_t rows)>& keeps,
                   const std::function<Decimal(std::int64_t, Decimal)>& price) {
    change_ = [keeps, price](const ReportPtr& report) {
      return host::Result<ReportPtr>(test::make_report([&](const Call& call) {
        const TableView table = ReportView(report->wire()).table(0);
        TableBuilder fewer("trades", "Trades");
        std::vector<std::vector<bourse_value>> columns(table.columns());
        for (std::size_t column = 0; column < table.columns(); ++column) {
          for (std::size_t row = 0; row < table.rows(); ++row) {
            if (!keeps(row, table.rows())) continue;
            bourse_value cell = table.cell(column, row);
            if (std::string_view(table.field(column).name) == "price") {
              cell = value(price(table.integers("id")[row], table.decimals("price")[row]));
            }
            columns[column].push_back(cell);
          }
          fewer.column(Field(table.field(column)), columns[column]);
        }
        call.add(fewer);
        call.as_of(ReportView(report->wire()).as_of());
      }));
    };
  }
};

const auto kAsItIs = [](std::int64_t, Decimal price) { return price; };

TEST_F(Passing, WhatIsNotKeptPassesWholeAndLeavesNothing) {
  expect_equal(direct("trades", {{"limit", "100"}}), said("trades", {{"limit", "100"}}), "trades",
               kTradeColumns);
  const ReportPtr book = said("order_book", {{"depth", "20"}});
  expect_equal(direct("order_book", {{"depth", "20"}}), book, "order_book", kBookColumns);
  const auto expected = direct("order_book", {{"depth", "20"}});
  for (const char* const key : {"last_update_id", "status", "complete", "clock"}) {
    const auto meta = ReportView(book->wire()).meta(key);
    ASSERT_TRUE(meta) << key;
    EXPECT_EQ(meta->type, ReportView(expected->wire()).meta(key)->type) << key;
  }
  EXPECT_FALSE(status_has("trades"));
  EXPECT_FALSE(status_has("books"));
  fails_ = true;
  const auto gone = fetch("trades", {});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.failure().code, "down");
}

TEST_F(Passing, CandlesPassTooWhereOnlyTradesAreKept) {
  open({{"keep", "trades"}});
  expect_same({{"interval", "1h"}, {"limit", "5"}});
  EXPECT_EQ(asked_.size(), 1U);
  expect_same({{"interval", "1h"}, {"start", "2025-01-01"}, {"end", "2025-01-02"}});
  expect_same({{"interval", "1h"}, {"start", "2025-01-01"}, {"end", "2025-01-02"}});
  EXPECT_EQ(asked_.size(), 1U) << "they are asked each time";
  EXPECT_THAT(status("kept", "symbol"), IsEmpty());
}

TEST_F(Passing, TradesThatPassAreKeptOnceAndTheSourceIsAskedForTheNewest) {
  open({{"keep", "candles,trades"}});
  const Texts hundred{{"limit", "100"}};
  expect_equal(direct("trades", hundred), said("trades", hundred), "trades", kTradeColumns);
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_THAT(status("trades", "trades"), ElementsAre("100"));
  said("trades", hundred);
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_THAT(status("trades", "trades"), ElementsAre("100"));
  const auto longer = said("trades", {{"limit", "150"}});
  EXPECT_THAT(status("trades", "trades"), ElementsAre("150"));
  EXPECT_THAT(status("trades", "missing"), ElementsAre("0"));
  EXPECT_THAT(status("trades", "first_id"), ElementsAre(ids(longer).front()));
  EXPECT_THAT(status("trades", "last_id"), ElementsAre(ids(longer).back()));
}

TEST_F(Passing, WhatTheSourceGivesTooFewOfIsFilledUpFromThoseThatAreKept) {
  open({{"keep", "trades"}});
  const auto all = said("trades", {{"limit", "50"}});
  edit_trades([](std::size_t row, std::size_t rows) { return row + 10 >= rows; }, kAsItIs);
  expect_equal(all, said("trades", {{"limit", "50"}}), "trades", kTradeColumns);
  // Beyond a number that is missing nothing is said to be the one before.
  const Texts three{{"limit", "3"}};
  open({{"keep", "trades"}, {"market", "other"}});
  edit_trades([](std::size_t row, std::size_t) { return row != 1; }, kAsItIs);
  said("trades", three);
  edit_trades([](std::size_t row, std::size_t rows) { return row + 1 == rows; }, kAsItIs);
  EXPECT_EQ(ids(said("trades", three)).size(), 1U);
}

TEST_F(Passing, WithoutTheSourceTheNewestThatAreKeptAreShownWithTheirAge) {
  open({{"keep", "trades"}});
  const auto before = said("trades", {{"limit", "60"}});
  set_now(now_ + Duration(7 * kMinute));
  fails_ = true;
  const auto kept = said("trades", {{"limit", "60"}});
  EXPECT_EQ(ids(kept), ids(before));
  EXPECT_THAT(note_codes(kept->wire()), ElementsAre("source_failed"));
  EXPECT_THAT(std::string(view(ReportView(kept->wire()).notes()[0]->text)),
              HasSubstr("7 minutes old"));
  EXPECT_EQ(std::to_string(ReportView(kept->wire()).as_of().ns),
            column_texts(before->wire(), "trades", "time").back());
  EXPECT_EQ(ids(said("trades", {{"limit", "5"}})).size(), 5U);
  const auto other = fetch("trades", {}, "ETHUSDT");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.failure().code, "down");
}

TEST_F(Passing, TradesThatNobodyAskedForAreKnownToBeMissing) {
  open({{"keep", "trades"}});
  const auto first = said("trades", {{"limit", "10"}});
  set_now(now_ + Duration(kHour));
  const auto second = said("trades", {{"limit", "10"}});
  const std::int64_t between = std::stoll(ids(second).front()) - std::stoll(ids(first).back()) - 1;
  ASSERT_GT(between, 0);
  EXPECT_THAT(status("trades", "missing"), ElementsAre(std::to_string(between)));
  fails_ = true;
  EXPECT_THAT(note_codes(said("trades", {{"limit", "20"}})->wire()),
              ElementsAre("source_failed", "missing_trades"));
  EXPECT_THAT(note_codes(said("trades", {{"limit", "10"}})->wire()), ElementsAre("source_failed"));
}

TEST_F(Passing, ATradeThatDiffersIsToldAndBothAreKept) {
  open({{"keep", "trades"}});
  const auto before = said("trades", {{"limit", "10"}});
  const std::int64_t changed = std::stoll(ids(before).at(4));
  edit_trades([](std::size_t, std::size_t) { return true; },
              [changed](std::int64_t id, Decimal price) {
                return id == changed ? *Decimal::parse("1.5") : price;
              });
  const auto after = said("trades", {{"limit", "10"}});
  EXPECT_THAT(note_codes(after->wire()), ElementsAre("revised"));
  EXPECT_EQ(column_texts(after->wire(), "trades", "price")[4], "1.50000000");
  EXPECT_THAT(note_codes(said("trades", {{"limit", "10"}})->wire()), IsEmpty());
  EXPECT_THAT(status("trades", "conflicts"), ElementsAre("1"));
}

TEST_F(Passing, ABookIsAskedForAndOneInAPauseIsKept) {
  open({{"keep", "books"}, {"books_every", "90s"}});
  const Texts depth{{"depth", "20"}};
  expect_equal(direct("order_book", depth), said("order_book", depth), "order_book", kBookColumns);
  EXPECT_EQ(asked_.size(), 1U);
  EXPECT_THAT(status("books", "snapshots"), ElementsAre("1"));
  set_now(now_ + Duration(89 * kSecond));
  expect_equal(direct("order_book", depth), said("order_book", depth), "order_book", kBookColumns);
  EXPECT_EQ(asked_.size(), 1U) << "a book is asked for each time";
  EXPECT_THAT(status("books", "snapshots"), ElementsAre("1"));
  set_now(now_ + Duration(2 * kSecond));
  said("order_book", depth);
  EXPECT_THAT(status("books", "snapshots"), ElementsAre("2"));
}

TEST_F(Passing, ABookOfThePastIsShownOnlyWhereThatIsAllowed) {
  const Texts depth{{"depth", "20"}};
  open({{"keep", "books"}});
  said("order_book", depth);
  fails_ = true;
  ASSERT_FALSE(fetch("order_book", depth));
  fails_ = false;
  open({{"keep", "books"}, {"books_if_error", "5m"}});
  const auto before = said("order_book", depth);
  fails_ = true;
  set_now(now_ + Duration(4 * kMinute));
  const auto kept = said("order_book", depth);
  expect_equal(before, kept, "order_book", kBookColumns);
  EXPECT_THAT(note_codes(kept->wire()), ElementsAre("source_failed"));
  EXPECT_THAT(std::string(view(ReportView(kept->wire()).notes()[0]->text)),
              HasSubstr("2025-12-31T12:00:00Z, which is 4 minutes old"));
  EXPECT_EQ(ReportView(kept->wire()).meta("complete")->as.i64, 1);
  EXPECT_EQ(column_texts(said("order_book", {{"depth", "3"}})->wire(), "order_book", "side"),
            (std::vector<std::string>{"bid", "bid", "bid", "ask", "ask", "ask"}));
  EXPECT_EQ(ReportView(said("order_book", {{"depth", "100"}})->wire()).meta("complete")->as.i64, 0);
  set_now(now_ + Duration(2 * kMinute));
  const auto old = fetch("order_book", depth);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.failure().code, "down");
}

TEST_F(Passing, WithoutADatabaseTheyPassAndANoteSaysWhy) {
  layer_.reset();
  layer_.emplace(
      "history.so", "history",
      Texts{{"database", "sqlite:" + (folder_ / "none/h.db")}, {"keep", "trades,books"}});
  layer_->set_now(now_);
  const auto trades = said("trades", {{"limit", "10"}});
  EXPECT_EQ(ids(trades).size(), 10U);
  EXPECT_THAT(note_codes(trades->wire()), ElementsAre("not_kept"));
  EXPECT_THAT(note_codes(said("order_book", {})->wire()), Contains("not_kept"));
}

TEST_F(Passing, EachKindIsPrunedByItsOwnAge) {
  open({{"keep", "candles,trades,books"},
        {"trades_for", "1h"},
        {"books_for", "2h"},
        {"books_every", "1s"}});
  said("candles", {{"interval", "1m"}, {"limit", "10"}});
  said("trades", {{"limit", "10"}});
  said("order_book", {{"depth", "5"}});
  EXPECT_THAT(status("kinds", "kind"), ElementsAre("candles", "trades", "books"));
  EXPECT_THAT(status("kinds", "rows"), ElementsAre("10", "10", "1"));
  EXPECT_THAT(status("kinds", "bytes"), Not(Contains("null")));
  set_now(now_ + Duration(90 * kMinute));
  const auto first = perform("prune", {});
  EXPECT_EQ(scalar_text(first->wire(), "trades"), "10");
  EXPECT_EQ(scalar_text(first->wire(), "books"), "0");
  EXPECT_EQ(scalar_text(first->wire(), "candles"), "0");
  EXPECT_THAT(column_texts(first->wire(), "pruned", "kind"), ElementsAre("trades", "books"));
  set_now(now_ + Duration(kHour));
  EXPECT_EQ(scalar_text(perform("prune", {})->wire(), "books"), "1");
  EXPECT_EQ(
      scalar_text(
          perform("prune", {{"before", "2026-01-01T00:00:00Z"}, {"kinds", "candles"}})->wire(),
          "candles"),
      "10");
  EXPECT_THAT(status("kinds", "rows"), ElementsAre("0", "0", "0"));
}

TEST_F(Passing, APruneOfWhichNothingSaysWhatIsOldIsRefused) {
  said("candles", {{"interval", "1m"}, {"limit", "10"}});
  const auto refused = layer_->perform("prune", {}, under());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.failure().code, "nothing_to_prune");
}

TEST_F(Passing, SettingsThatMakeNoSenseAreRefused) {
  for (const Texts& settings :
       {Texts{{"trades_for", "30"}}, Texts{{"trades_for", "0d"}}, Texts{{"candles_for", "-1d"}},
        Texts{{"books_every", "1.5m"}}, Texts{{"books_for", "99999999d"}},
        Texts{{"books_if_error", "5m"}}}) {
    try {
      open(settings);
      ADD_FAILURE() << settings[0].first << " " << settings[0].second;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr(settings[0].first));
    }
    layer_.emplace("history.so", "history", Texts{{"database", database_}});
  }
}

}  // namespace
}  // namespace bourse::history
