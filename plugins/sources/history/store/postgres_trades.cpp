// SPDX-License-Identifier: MIT
//
// Trades and snapshots of books in a PostgreSQL history.
#include <utility>

#include "plugins/sources/history/store/books.hpp"
#include "plugins/sources/history/store/postgres_connection.hpp"

namespace bourse::history {

namespace {

Error no_value(const std::string& what) {
  return {ErrorKind::kCorrupt, "PostgreSQL: a value of " + what + " is no decimal known here",
          "look at the row with psql"};
}

constexpr const char* kTradeText =
    "id, time, price::text, quantity::text, quote_quantity::text, buyer_is_maker";
constexpr const char* kTradeNames =
    "id, time, price, quantity, quote_quantity, buyer_is_maker, series, origin";

bool is_true(const PgRows& rows, int row, int column) {
  return rows.text(row, column) == std::string(1, '\1');
}

/// Columns 0 to 5 as kTradeText has them.
std::optional<Trade> trade_of(const PgRows& rows, int row) {
  const auto value = [&](int column) { return decimal_of(rows.text(row, column)); };
  const auto price = value(2), quantity = value(3), quote_quantity = value(4);
  if (!price || !quantity || !quote_quantity) return std::nullopt;
  return Trade{rows.integer(row, 0), rows.millis(row, 1),  *price, *quantity,
               *quote_quantity,      is_true(rows, row, 5)};
}

std::string truth(bool value) { return value ? "true" : "false"; }

/// (id, ..., series, origin) of kTradeNames, without the closing bracket.
std::string trade_values(SeriesId series, const Trade& trade, OriginId origin) {
  return "(" + std::to_string(trade.id) + "," + time_literal(trade.time) + "," +
         decimal_text(trade.price) + "," + decimal_text(trade.quantity) + "," +
         decimal_text(trade.quote_quantity) + "," + truth(trade.buyer_is_maker) + "," +
         std::to_string(series) + "," + (origin != 0 ? std::to_string(origin) : "NULL");
}

/// Lines of COPY's text format: numbers, times and truths, so nothing in them is to be escaped.
std::string trade_lines(SeriesId series, const std::vector<Trade>& trades, OriginId origin) {
  const std::string ends =
      "\t" + std::to_string(series) + "\t" + (origin != 0 ? std::to_string(origin) : "\\N") + "\n";
  std::string lines;
  lines.reserve(trades.size() * 96);
  for (const Trade& trade : trades) {
    lines += std::to_string(trade.id);
    lines += '\t';
    lines += timestamp_text(trade.time);
    for (const Decimal value : {trade.price, trade.quantity, trade.quote_quantity}) {
      lines += '\t';
      lines += decimal_text(value);
    }
    lines += trade.buyer_is_maker ? "\tt" : "\tf";
    lines += ends;
  }
  return lines;
}

std::string of_ids(SeriesId series, TradeIds ids) {
  return "series = " + std::to_string(series) + " AND id BETWEEN " + std::to_string(ids.first) +
         " AND " + std::to_string(ids.last);
}

/// Numbers of the oldest trades of before a time.
std::string old_trades(SeriesId series, Millis before, std::size_t rows_max) {
  return "series = " + std::to_string(series) +
         " AND id IN (SELECT id FROM trade WHERE series = " + std::to_string(series) +
         " AND time < " + time_literal(before) + " ORDER BY time LIMIT " +
         std::to_string(rows_max) + ")";
}

Status count_rows(PgLink& link, SeriesId series, std::int64_t rows, std::int64_t revisions) {
  if (rows == 0 && revisions == 0) return Done{};
  return link.run("UPDATE series SET row_count = row_count + " + std::to_string(rows) +
                  ", revision_count = revision_count + " + std::to_string(revisions) +
                  " WHERE id = " + std::to_string(series));
}

}  // namespace

// ---- reading

Result<std::vector<KeptTrade>> PgConnection::trades(const Series& series, TradeIds ids,
                                                    std::size_t limit, bool newest) {
  auto rows = link_->ask(std::string("SELECT t.*, kind FROM (SELECT ") + kTradeText +
                         ", origin FROM trade WHERE " + of_ids(series.id, ids) + " ORDER BY id" +
                         (newest ? " DESC" : "") + " LIMIT " + std::to_string(limit) +
                         ") AS t JOIN origin ON origin.id = t.origin ORDER BY t.id" +
                         (newest ? " DESC" : ""));
  if (!rows) return std::move(rows).error();
  std::vector<KeptTrade> out;
  for (int i = 0; i < rows->count(); ++i) {
    const auto trade = trade_of(*rows, i);
    if (!trade) return no_value("trade " + std::to_string(rows->integer(i, 0)));
    out.push_back({*trade, static_cast<OriginId>(rows->integer(i, 6)),
                   static_cast<OriginKind>(rows->integer(i, 7))});
  }
  return out;
}

Result<std::vector<TradeIds>> PgConnection::missing_trades(SeriesId series, std::size_t limit) {
  auto rows = link_->ask(
      "SELECT first, last FROM (SELECT lag(id) OVER (ORDER BY id) + 1 AS first, id - 1 AS last "
      "FROM trade WHERE series = " +
      std::to_string(series) + ") AS g WHERE first <= last ORDER BY first LIMIT " +
      std::to_string(limit));
  if (!rows) return std::move(rows).error();
  std::vector<TradeIds> out;
  for (int i = 0; i < rows->count(); ++i) {
    out.push_back({rows->integer(i, 0), rows->integer(i, 1)});
  }
  return out;
}

Result<std::vector<TradeRevision>> PgConnection::trade_revisions(SeriesId series, TradeIds ids,
                                                                 std::size_t limit) {
  auto rows = link_->ask(std::string("SELECT ") + kTradeText +
                         ", seen_at, origin FROM trade_revision WHERE " + of_ids(series, ids) +
                         " ORDER BY id, number LIMIT " + std::to_string(limit));
  if (!rows) return std::move(rows).error();
  std::vector<TradeRevision> out;
  for (int i = 0; i < rows->count(); ++i) {
    const auto trade = trade_of(*rows, i);
    if (!trade) return no_value("a version of trade " + std::to_string(rows->integer(i, 0)));
    out.push_back({*trade, rows->millis(i, 6),
                   rows->is_null(i, 7) ? 0 : static_cast<OriginId>(rows->integer(i, 7))});
  }
  return out;
}

Result<std::vector<Book>> PgConnection::books(SeriesId series, Span span, std::size_t limit,
                                              bool newest) {
  auto rows = link_->ask(
      "SELECT time, last_update_id, depth, complete, bids::text, asks::text FROM book WHERE "
      "series = " +
      std::to_string(series) + " AND time >= " + time_literal(span.from) + " AND time < " +
      time_literal(span.to) + " ORDER BY time" + (newest ? " DESC" : "") + " LIMIT " +
      std::to_string(limit));
  if (!rows) return std::move(rows).error();
  std::vector<Book> out;
  for (int i = 0; i < rows->count(); ++i) {
    auto bids = levels_of(rows->text(i, 4)), asks = levels_of(rows->text(i, 5));
    if (!bids || !asks) return no_value("the book of " + time_literal(rows->millis(i, 0)));
    Book& book = out.emplace_back();
    book.time = rows->millis(i, 0);
    if (!rows->is_null(i, 1)) book.last_update_id = rows->integer(i, 1);
    book.depth = rows->integer(i, 2);
    book.is_complete = is_true(*rows, i, 3);
    book.bids = std::move(*bids);
    book.asks = std::move(*asks);
  }
  return out;
}

Result<Sizes> PgConnection::sizes() {
  // Of what a reader finds that comes before the first writer of this schema, nothing is there yet.
  auto rows = link_->ask(
      "SELECT (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)::bigint FROM "
      "pg_partition_tree('candle')) + pg_total_relation_size('candle_text') + "
      "pg_total_relation_size('revision') + pg_total_relation_size('rollup') + "
      "pg_total_relation_size('coverage'), "
      "coalesce(pg_total_relation_size(to_regclass('trade')), 0) + "
      "coalesce(pg_total_relation_size(to_regclass('trade_revision')), 0), "
      "coalesce(pg_total_relation_size(to_regclass('book')), 0)");
  if (!rows) return std::move(rows).error();
  const auto size = [&](int at) { return static_cast<std::uint64_t>(rows->integer(0, at)); };
  return Sizes{size(0), size(1), size(2)};
}

// ---- writing

Status PgConnection::apply(const Series& series, const TradeChanges& changes) {
  const auto values = [&](const Trade& trade) {
    return trade_values(series.id, trade, changes.origin) + ")";
  };
  const std::string head = std::string("INSERT INTO trade (") + kTradeNames + ") VALUES ";
  if (!changes.added.empty()) {
    auto done = link_->copy_in(std::string("COPY trade (") + kTradeNames + ") FROM STDIN",
                               trade_lines(series.id, changes.added, changes.origin));
    if (!done) return done;
  }
  const std::string instead =
      " ON CONFLICT (series, id) DO UPDATE SET time = excluded.time, price = excluded.price, "
      "quantity = excluded.quantity, quote_quantity = excluded.quote_quantity, buyer_is_maker = "
      "excluded.buyer_is_maker, origin = excluded.origin";
  if (auto done = in_pieces(*link_, head, changes.replaced, instead, values); !done) return done;
  auto told = in_pieces(
      *link_, std::string("INSERT INTO trade_revision (") + kTradeNames + ", seen_at) VALUES ",
      changes.revisions, "", [&](const TradeRevision& other) {
        return trade_values(series.id, other.trade, other.origin) + "," +
               time_literal(changes.now) + ")";
      });
  if (!told) return told;
  return count_rows(*link_, series.id, static_cast<std::int64_t>(changes.added.size()),
                    static_cast<std::int64_t>(changes.revisions.size()));
}

Status PgConnection::add_book(SeriesId series, const Book& book, OriginId origin) {
  auto done = link_->run(
      "INSERT INTO book (series, time, last_update_id, depth, complete, bids, asks, origin) VALUES "
      "(" +
      std::to_string(series) + "," + time_literal(book.time) + "," +
      (book.last_update_id ? std::to_string(*book.last_update_id) : "NULL") + "," +
      std::to_string(book.depth) + "," + truth(book.is_complete) + "," +
      text_literal(levels_text(book.bids)) + "," + text_literal(levels_text(book.asks)) + "," +
      std::to_string(origin) + ")");
  if (!done) return done;
  return count_rows(*link_, series, 1, 0);
}

Result<std::uint64_t> PgConnection::erase_trades(SeriesId series, Millis before,
                                                 std::size_t rows_max) {
  const std::string old = old_trades(series, before, rows_max);
  auto revisions = link_->ask("DELETE FROM trade_revision WHERE " + old);
  if (!revisions) return std::move(revisions).error();
  auto rows = link_->ask("DELETE FROM trade WHERE " + old);
  if (!rows) return std::move(rows).error();
  auto done = count_rows(*link_, series, -static_cast<std::int64_t>(rows->changed()),
                         -static_cast<std::int64_t>(revisions->changed()));
  if (!done) return std::move(done).error();
  return rows->changed();
}

Result<std::uint64_t> PgConnection::erase_books(SeriesId series, Millis before,
                                                std::size_t rows_max) {
  const std::string of = "series = " + std::to_string(series);
  auto rows =
      link_->ask("DELETE FROM book WHERE " + of + " AND time IN (SELECT time FROM book WHERE " +
                 of + " AND time < " + time_literal(before) + " ORDER BY time LIMIT " +
                 std::to_string(rows_max) + ")");
  if (!rows) return std::move(rows).error();
  auto done = count_rows(*link_, series, -static_cast<std::int64_t>(rows->changed()), 0);
  if (!done) return std::move(done).error();
  return rows->changed();
}

}  // namespace bourse::history
