// SPDX-License-Identifier: MIT
#include "plugins/sources/history/passing.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "bourse/fresh.hpp"
#include "bourse/market.h"
#include "bourse/words.hpp"

namespace bourse::history {
namespace {

Query query_of(const bourse_dataset& dataset, const Values& values) {
  Query query(dataset.name);
  for (std::size_t i = 0; i < dataset.n_params; ++i) {
    const char* const name = dataset.params[i]->name;
    if (!values.given(name)) continue;
    switch (dataset.params[i]->type) {
      case BOURSE_TYPE_I64:
        query.with(name, values.integer(name));
        break;
      case BOURSE_TYPE_TIME:
        query.with(name, values.time(name));
        break;
      default:
        query.with(name, std::string(values.text(name)));
    }
  }
  return query;
}

void copy(const Call& call, const TableView& from) {
  TableBuilder table{std::string(from.name()), std::string(from.label())};
  std::vector<std::vector<bourse_value>> columns(from.columns());
  for (std::size_t column = 0; column < from.columns(); ++column) {
    columns[column].resize(from.rows());
    for (std::size_t row = 0; row < from.rows(); ++row) {
      columns[column][row] = from.cell(column, row);
    }
    table.column(Field(from.field(column)), columns[column]);
  }
  call.add(table);
}

/// All but its tables.
void copy_what_is_around(const Call& call, ReportView report) {
  for (const bourse_meta* const meta : report.meta()) {
    if (view(meta->key).starts_with("bourse.")) continue;
    call.meta(view(meta->key), meta->value);
  }
  call.notes_of(report);
  if (report.as_of().ns != 0) call.as_of(report.as_of());
}

void copy(const Call& call, ReportView report) {
  copy_what_is_around(call, report);
  for (std::size_t i = 0; i < report.tables(); ++i) copy(call, report.table(i));
}

/// A mistake in the question is none of the source's state.
bool is_gone(const Answer& answer) {
  const bourse_status status = answer.status();
  return status == BOURSE_UNAVAILABLE || status == BOURSE_UPSTREAM || status == BOURSE_DEADLINE ||
         status == BOURSE_TOO_MANY || status == BOURSE_INTERNAL;
}

std::string ago(Time then, Time now) {
  return detail::age_text(std::max<std::int64_t>(0, now.ns - then.ns)) + " old";
}

void say_unkept(const Call& call, const char* what, const Market& market, const Passed& passed) {
  if (!passed.unkept) return;
  call.warn("not_kept",
            std::string(what) + " of " + market.symbol + " is not kept: " + passed.unkept->text());
}

// ---- trades -------------------------------------------------------------------------------------

/// A row that is not whole is left out: it could not be compared.
std::vector<Trade> trades_of(const TableView& table) {
  const auto price = table.decimals("price"), quantity = table.decimals("quantity"),
             value = table.decimals("quote_quantity");
  const auto ids = table.integers("id");
  const auto times = table.times("time");
  const auto makers = table.booleans("buyer_is_maker");
  std::vector<Trade> rows;
  rows.reserve(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!price.has(row) || !quantity.has(row) || !value.has(row)) continue;
    rows.push_back({ids[row], to_millis(Time{times[row]}), price[row], quantity[row], value[row],
                    makers[row] != 0});
  }
  return rows;
}

void add_table(const Call& call, const std::vector<Trade>& rows) {
  std::vector<std::int64_t> ids, times;
  std::vector<Decimal> prices, quantities, values;
  std::vector<std::uint8_t> makers;
  for (const Trade& row : rows) {
    ids.push_back(row.id);
    times.push_back(to_time(row.time).ns);
    prices.push_back(row.price);
    quantities.push_back(row.quantity);
    values.push_back(row.quote_quantity);
    makers.push_back(row.buyer_is_maker ? 1 : 0);
  }
  call.add(TableBuilder("trades", "Trades")
               .column(bourse_trades_id, ids)
               .column(bourse_trades_time, times)
               .column(bourse_trades_price, prices)
               .column(bourse_trades_quantity, quantities)
               .column(bourse_trades_quote_quantity, values)
               .column(bourse_trades_buyer_is_maker, makers));
}

/// Kept ones that come just before `rows`, as far as no number is missing.
std::vector<Trade> those_before(Store& store, const Market& market, const std::vector<Trade>& rows,
                                std::size_t limit, Passed& passed) {
  auto kept = store.newest_trades(market, rows.front().id, limit);
  if (!kept) {
    passed.unkept = std::move(kept.error());
    return {};
  }
  TradeId next = rows.front().id;
  auto from = kept->end();
  while (from != kept->begin() && std::prev(from)->id == next - 1) next = (--from)->id;
  return {from, kept->end()};
}

/// In batches that a store takes.
void keep(Store& store, const Market& market, const std::vector<Trade>& rows, Millis now,
          Passed& passed) {
  const Origin origin{.kind = OriginKind::kApi, .source = market.source, .taken_at = now};
  for (std::size_t at = 0; at < rows.size(); at += TradeBatch::kRowsMax) {
    const std::size_t n = std::min(TradeBatch::kRowsMax, rows.size() - at);
    auto written = store.write_trades({market, origin, std::span(rows).subspan(at, n)});
    if (!written) {
      passed.unkept = std::move(written.error());
      return;
    }
    passed.kept += written->added;
    passed.revised += written->revised;
  }
}

/// "1 trade is missing": of numbers that are not there between those that are.
std::uint64_t missing_in(const std::vector<Trade>& rows) {
  return static_cast<std::uint64_t>(rows.back().id - rows.front().id + 1) - rows.size();
}

Passed say_kept_trades(const Call& call, const Answer& failed, const Market& market, Store* store,
                       std::size_t limit) {
  Passed passed{.is_source_gone = true};
  if (store == nullptr || !is_gone(failed)) throw failed.error();
  const auto rows = store->newest_trades(market, std::numeric_limits<TradeId>::max(), limit);
  if (!rows || rows->empty()) throw failed.error();
  add_table(call, *rows);
  const Time newest = to_time(rows->back().time);
  call.as_of(newest);
  call.warn("source_failed", "The source of " + market.symbol +
                                 "'s trades did not answer: " + std::string(failed.message()) +
                                 " The newest that are kept are shown, the last of them is " +
                                 ago(newest, call.now()) + ".");
  if (const std::uint64_t missing = missing_in(*rows); missing > 0) {
    call.warn("missing_trades", "Between the trades of " + market.symbol + " that are shown " +
                                    counted(missing, "other") + " took place, which " +
                                    (missing == 1 ? "is" : "are") + " not kept.");
  }
  return passed;
}

// ---- books --------------------------------------------------------------------------------------

/// nullopt: a level is not whole, so the snapshot is none.
std::optional<Book> book_of(const Call& call, ReportView report, std::int64_t depth) {
  Book book;
  book.depth = depth;
  const Time time = report.as_of().ns != 0 ? report.as_of() : clock_of(call, report);
  book.time = to_millis(time);
  if (const auto id = report.meta("last_update_id"); id && id->type == BOURSE_TYPE_I64) {
    book.last_update_id = id->as.i64;
  }
  if (const auto is = report.meta("complete"); is && is->type == BOURSE_TYPE_BOOL) {
    book.is_complete = is->as.i64 != 0;
  }
  const TableView table = report.table(0);
  const auto price = table.decimals("price"), quantity = table.decimals("quantity");
  const auto sides = table.texts("side");
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!price.has(row) || !quantity.has(row)) return std::nullopt;
    (view(sides[row]) == "bid" ? book.bids : book.asks).push_back({price[row], quantity[row]});
  }
  return book;
}

void add_table(const Call& call, const Book& book, std::size_t depth) {
  std::vector<std::string_view> sides;
  std::vector<Decimal> prices, quantities;
  const auto add = [&](std::string_view side, const std::vector<Level>& levels) {
    for (std::size_t i = 0; i < std::min(depth, levels.size()); ++i) {
      sides.push_back(side);
      prices.push_back(levels[i].price);
      quantities.push_back(levels[i].quantity);
    }
  };
  add("bid", book.bids);
  add("ask", book.asks);
  call.add(TableBuilder("order_book", "Order book")
               .column(bourse_order_book_side, sides)
               .column(bourse_order_book_price, prices)
               .column(bourse_order_book_quantity, quantities));
}

Passed say_kept_book(const Call& call, const Answer& failed, const Market& market,
                     const Keeping& keeping, Store* store, std::int64_t depth) {
  Passed passed{.is_source_gone = true};
  if (store == nullptr || !keeping.books_if_error || !is_gone(failed)) throw failed.error();
  const auto found = store->newest_book(market);
  if (!found || !*found) throw failed.error();
  const Book& book = **found;
  const Millis now = to_millis(call.now());
  if (now - book.time > *keeping.books_if_error) throw failed.error();
  add_table(call, book, static_cast<std::size_t>(depth));
  const Time time = to_time(book.time);
  call.as_of(time);
  call.meta("clock", call.now());
  if (book.last_update_id) call.meta("last_update_id", *book.last_update_id);
  const auto depth_kept = static_cast<std::size_t>(book.depth);
  const bool is_whole =
      book.is_complete && book.bids.size() < depth_kept && book.asks.size() < depth_kept;
  call.meta("complete", is_whole || depth <= book.depth);
  call.warn("source_failed", "The source of " + market.symbol +
                                 "'s book did not answer: " + std::string(failed.message()) +
                                 " The last kept snapshot is shown, of " + time_text(time) +
                                 ", which is " + ago(time, call.now()) + ".");
  return passed;
}

}  // namespace

void pass(Call& call, const bourse_dataset& dataset, const Values& values) {
  copy(call, call.ask(query_of(dataset, values)));
}

Passed say_trades(Call& call, const Values& values, const std::string& market, Store* store,
                  std::optional<Error> why_not) {
  const Market of{market, std::string(values.text("symbol"))};
  const auto limit = static_cast<std::size_t>(values.integer("limit"));
  const Query query = query_of(bourse_trades, values);
  const auto answers = call.ask(std::span<const Query>(&query, 1));
  if (!answers[0].ok()) return say_kept_trades(call, answers[0], of, store, limit);
  const ReportView report = answers[0].report();
  Passed passed{.unkept = std::move(why_not)};
  std::vector<Trade> rows = trades_of(report.table(0));
  std::vector<Trade> before;
  if (store != nullptr && !rows.empty()) {
    keep(*store, of, rows, to_millis(call.now()), passed);
    const bool is_whole = rows.size() == report.table(0).rows();
    if (is_whole && rows.size() < limit && !passed.unkept) {
      before = those_before(*store, of, rows, limit - rows.size(), passed);
    }
  }
  if (before.empty()) {
    copy(call, report);
  } else {
    copy_what_is_around(call, report);
    before.insert(before.end(), rows.begin(), rows.end());
    add_table(call, before);
  }
  if (passed.revised > 0) {
    call.warn("revised", counted(passed.revised, "trade") + " of " + of.symbol +
                             " differ from what was kept before. The newer ones are shown; the "
                             "older ones are kept beside them.");
  }
  say_unkept(call, "What is asked of the trades", of, passed);
  return passed;
}

Passed say_book(Call& call, const Values& values, const std::string& market, const Keeping& keeping,
                Store* store, std::optional<Error> why_not) {
  const Market of{market, std::string(values.text("symbol"))};
  const std::int64_t depth = values.integer("depth");
  const Query query = query_of(bourse_order_book, values);
  const auto answers = call.ask(std::span<const Query>(&query, 1));
  if (!answers[0].ok()) return say_kept_book(call, answers[0], of, keeping, store, depth);
  const ReportView report = answers[0].report();
  copy(call, report);
  Passed passed{.unkept = std::move(why_not)};
  const auto book = store == nullptr ? std::nullopt : book_of(call, report, depth);
  if (book) {
    auto kept = store->write_book(
        of, *book, {.kind = OriginKind::kApi, .source = market, .taken_at = to_millis(call.now())},
        keeping.books_every);
    if (kept) {
      passed.kept = *kept ? 1 : 0;
    } else {
      passed.unkept = std::move(kept.error());
    }
  }
  say_unkept(call, "The book", of, passed);
  return passed;
}

}  // namespace bourse::history
