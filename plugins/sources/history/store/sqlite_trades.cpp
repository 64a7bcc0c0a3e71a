// SPDX-License-Identifier: MIT
//
// Trades and snapshots of books in a SQLite history.
#include <sqlite3.h>

#include <utility>

#include "plugins/sources/history/store/books.hpp"
#include "plugins/sources/history/store/sqlite_connection.hpp"

namespace bourse::history {

namespace {

Error damaged_row(const std::string& table, std::int64_t id) {
  return {ErrorKind::kCorrupt, "a value of " + table + " " + std::to_string(id) + " is no decimal",
          "look at the row with sqlite3"};
}

/// A column that holds an integer at a scale, or text.
std::optional<Decimal> value_at(const SqliteRun& run, int at, int scale) {
  if (run.is_text(at)) return decimal_of(run.text(at));
  return Decimal::make(run.integer(at), scale);
}

/// Columns 0 to 5: id, time, price, quantity, quote_quantity, buyer_is_maker.
std::optional<Trade> trade_of(const SqliteRun& run, const Scale& scale) {
  const auto price = value_at(run, 2, scale.price), quantity = value_at(run, 3, scale.base),
             value = value_at(run, 4, scale.quote);
  if (!price || !quantity || !value) return std::nullopt;
  return Trade{run.integer(0), run.integer(1), *price, *quantity, *value, run.integer(5) != 0};
}

/// Binds integers where they fit, and texts, which live as long as this.
class BoundValues {
 public:
  void bind(SqliteRun& run, int at, Decimal value, int scale) {
    if (const auto integer = scaled(value, scale)) return run.bind(at, *integer);
    std::string& text = texts_[n_++];
    text = decimal_text(value);
    run.bind(at, std::string_view(text));
  }

 private:
  std::array<std::string, 3> texts_;
  std::size_t n_ = 0;
};

}  // namespace

// ---- reading

Result<std::vector<KeptTrade>> SqliteConnection::trades(const Series& series, TradeIds ids,
                                                        std::size_t limit, bool newest) {
  SqliteRun found = run(newest ? kTradeRowsNewest : kTradeRows);
  if (!found) return error("reading");
  found.bind_all(1, series.id, ids.first, ids.last, static_cast<std::int64_t>(limit));
  std::vector<KeptTrade> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    const auto trade = trade_of(found, series.scale);
    if (!trade) return damaged_row("trade", found.integer(0));
    out.push_back({*trade, static_cast<OriginId>(found.integer(6)),
                   static_cast<OriginKind>(found.integer(7))});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::vector<TradeIds>> SqliteConnection::missing_trades(SeriesId series, std::size_t limit) {
  SqliteRun found = run(kMissingTrades);
  if (!found) return error("reading");
  found.bind_all(1, series, static_cast<std::int64_t>(limit));
  std::vector<TradeIds> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    out.push_back({found.integer(0), found.integer(1)});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::vector<TradeRevision>> SqliteConnection::trade_revisions(SeriesId series, TradeIds ids,
                                                                     std::size_t limit) {
  SqliteRun found = run(kTradeRevisions);
  if (!found) return error("reading");
  found.bind_all(1, series, ids.first, ids.last, static_cast<std::int64_t>(limit));
  std::vector<TradeRevision> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    const auto trade = trade_of(found, {});
    if (!trade) return damaged_row("the revision of trade", found.integer(0));
    out.push_back({*trade, found.integer(6), static_cast<OriginId>(found.integer(7))});
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<std::vector<Book>> SqliteConnection::books(SeriesId series, Span span, std::size_t limit,
                                                  bool newest) {
  SqliteRun found = run(newest ? kBookRowsNewest : kBookRows);
  if (!found) return error("reading");
  found.bind_all(1, series, span.from, span.to, static_cast<std::int64_t>(limit));
  std::vector<Book> out;
  int code = found.step();
  for (; code == SQLITE_ROW; code = found.step()) {
    auto bids = levels_of(found.text(4)), asks = levels_of(found.text(5));
    if (!bids || !asks) return damaged_row("the book at", found.integer(0));
    Book& book = out.emplace_back();
    book.time = found.integer(0);
    if (!found.is_null(1)) book.last_update_id = found.integer(1);
    book.depth = found.integer(2);
    book.is_complete = found.integer(3) != 0;
    book.bids = std::move(*bids);
    book.asks = std::move(*asks);
  }
  if (code != SQLITE_DONE) return error("reading");
  return out;
}

Result<Sizes> SqliteConnection::sizes() {
  sqlite3_stmt* statement = nullptr;
  // An index counts with its table.
  int code = sqlite3_prepare_v2(
      db_,
      "SELECT coalesce(sum(pgsize) FILTER (WHERE tbl_name IN ('trade', 'trade_revision')), 0), "
      "coalesce(sum(pgsize) FILTER (WHERE tbl_name = 'book'), 0), "
      "coalesce(sum(pgsize) FILTER (WHERE tbl_name IN ('candle', 'candle_text', 'revision', "
      "'rollup', 'coverage')), 0) FROM dbstat AS d JOIN sqlite_master AS m ON m.name = d.name "
      "WHERE aggregate = TRUE",
      -1, &statement, nullptr);
  if (code != SQLITE_OK) {
    return Error{ErrorKind::kInvalid, "this SQLite does not tell what room its tables take",
                 "use one that is built with SQLITE_ENABLE_DBSTAT_VTAB, as Debian's is"};
  }
  Sizes sizes;
  {
    const SqliteRun found(statement);
    code = sqlite3_step(statement);
    sizes = {static_cast<std::uint64_t>(found.integer(2)),
             static_cast<std::uint64_t>(found.integer(0)),
             static_cast<std::uint64_t>(found.integer(1))};
  }
  auto failed = code == SQLITE_ROW ? std::nullopt : std::optional<Error>(error("reading"));
  sqlite3_finalize(statement);
  if (failed) return std::move(*failed);
  return sizes;
}

// ---- writing

Status SqliteConnection::insert(SqliteRun& run, const Series& series, const Trade& trade,
                                OriginId origin) {
  BoundValues values;
  run.bind_all(1, series.id, trade.id, trade.time);
  values.bind(run, 4, trade.price, series.scale.price);
  values.bind(run, 5, trade.quantity, series.scale.base);
  values.bind(run, 6, trade.quote_quantity, series.scale.quote);
  run.bind_all(7, int{trade.buyer_is_maker}, origin);
  return change(run, "writing");
}

Status SqliteConnection::count(SeriesId series, std::int64_t rows, std::int64_t revisions) {
  if (rows == 0 && revisions == 0) return Done{};
  SqliteRun count = run(kAddCounts);
  if (!count) return error("writing");
  count.bind_all(1, series, rows, 0, revisions);
  return change(count, "writing");
}

Status SqliteConnection::apply(const Series& series, const TradeChanges& changes) {
  SqliteRun put = run(kInsertTrade), revision = run(kInsertTradeRevision);
  if (!put || !revision) return error("writing");
  for (const std::vector<Trade>* const rows : {&changes.added, &changes.replaced}) {
    for (const Trade& trade : *rows) {
      if (auto done = insert(put, series, trade, changes.origin); !done) return done;
    }
  }
  for (const TradeRevision& other : changes.revisions) {
    const Trade& trade = other.trade;
    const std::array<std::string, 3> texts = {decimal_text(trade.price),
                                              decimal_text(trade.quantity),
                                              decimal_text(trade.quote_quantity)};
    revision.bind_all(1, series.id, trade.id, trade.time, std::string_view(texts[0]),
                      std::string_view(texts[1]), std::string_view(texts[2]),
                      int{trade.buyer_is_maker}, changes.now,
                      other.origin != 0 ? std::optional<std::int64_t>(other.origin) : std::nullopt);
    if (auto done = change(revision, "writing"); !done) return done;
  }
  return count(series.id, static_cast<std::int64_t>(changes.added.size()),
               static_cast<std::int64_t>(changes.revisions.size()));
}

Status SqliteConnection::add_book(SeriesId series, const Book& book, OriginId origin) {
  SqliteRun insert = run(kInsertBook);
  if (!insert) return error("writing");
  const std::string bids = levels_text(book.bids), asks = levels_text(book.asks);
  insert.bind_all(1, series, book.time, book.last_update_id, book.depth, int{book.is_complete},
                  std::string_view(bids), std::string_view(asks), origin);
  if (auto done = change(insert, "writing"); !done) return done;
  return count(series, 1, 0);
}

Result<std::uint64_t> SqliteConnection::erase_trades(SeriesId series, Millis before,
                                                     std::size_t rows_max) {
  std::array<std::int64_t, 2> gone{};
  const std::array<Statement, 2> statements = {kPruneTradeRevisions, kPruneTrades};
  for (std::size_t i = 0; i < statements.size(); ++i) {
    SqliteRun prune = run(statements[i]);
    if (!prune) return error("writing");
    prune.bind_all(1, series, before, static_cast<std::int64_t>(rows_max));
    if (auto done = change(prune, "writing"); !done) return std::move(done).error();
    gone[i] = sqlite3_changes64(db_);
  }
  if (auto done = count(series, -gone[1], -gone[0]); !done) return std::move(done).error();
  return static_cast<std::uint64_t>(gone[1]);
}

Result<std::uint64_t> SqliteConnection::erase_books(SeriesId series, Millis before,
                                                    std::size_t rows_max) {
  SqliteRun prune = run(kPruneBooks);
  if (!prune) return error("writing");
  prune.bind_all(1, series, before, static_cast<std::int64_t>(rows_max));
  if (auto done = change(prune, "writing"); !done) return std::move(done).error();
  const std::int64_t gone = sqlite3_changes64(db_);
  if (auto done = count(series, -gone, 0); !done) return std::move(done).error();
  return static_cast<std::uint64_t>(gone);
}

}  // namespace bourse::history
