// SPDX-License-Identifier: MIT
//
// The statements of a SQLite history, in the order of SqliteConnection::Statement.
#include "plugins/sources/history/store/sqlite_connection.hpp"

namespace bourse::history {

#define BOURSE_PLAIN                                                                     \
  "open_time, open, high, low, close, volume, quote_volume, trades, taker_base_volume, " \
  "taker_quote_volume"
#define BOURSE_ROW BOURSE_PLAIN ", close_time"
#define BOURSE_TRADES                                                                            \
  "SELECT t.id, t.time, t.price, t.quantity, t.quote_quantity, t.buyer_is_maker, t.origin, "     \
  "o.kind FROM trade AS t JOIN origin AS o ON o.id = t.origin WHERE t.series = ? AND t.id >= ? " \
  "AND t.id <= ? "
#define BOURSE_BOOKS                                                                              \
  "SELECT time, last_update_id, depth, complete, bids, asks FROM book WHERE series = ? AND time " \
  ">= ? AND time < ? "
#define BOURSE_OLD_TRADES \
  "SELECT id FROM trade WHERE series = ?1 AND time < ?2 ORDER BY time LIMIT ?3"
#define BOURSE_SERIES                                                                          \
  "SELECT id, source, symbol, dataset, interval, price_scale, base_scale, quote_scale, tick, " \
  "anchor FROM series "

const char* SqliteConnection::sql_of(Statement statement) {
  static constexpr std::array<const char*, kStatements> kSql = {
      BOURSE_SERIES "WHERE dataset = ? ORDER BY id",
      BOURSE_SERIES "WHERE source = ? AND symbol = ? AND dataset = ? AND interval = ?",
      BOURSE_SERIES "WHERE id = ?",
      "SELECT " BOURSE_PLAIN
      " FROM candle WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time LIMIT ?",
      "SELECT " BOURSE_PLAIN
      " FROM candle WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time DESC LIMIT ?",
      "SELECT " BOURSE_ROW
      " FROM candle_text WHERE series = ? AND open_time >= ? AND "
      "open_time < ? ORDER BY open_time LIMIT ?",
      "SELECT " BOURSE_ROW
      " FROM candle_text WHERE series = ? AND open_time >= ? AND "
      "open_time < ? ORDER BY open_time DESC LIMIT ?",
      // From the last piece that begins before the span: pieces are disjoint, so none before
      // reaches it.
      "SELECT start_time, end_time, state, origin, asked_at, kind FROM coverage JOIN origin ON "
      "origin.id = origin WHERE series = ?1 AND start_time >= coalesce((SELECT max(start_time) "
      "FROM coverage WHERE series = ?1 AND start_time < ?2), ?2) AND start_time <= ?3 AND "
      "end_time >= ?2 ORDER BY start_time",
      "SELECT open_time, open, high, low, close, volume, quote_volume, trades, "
      "taker_base_volume, taker_quote_volume, NULL, parts FROM rollup WHERE series = ? AND "
      "minutes = ? AND open_time >= ? AND open_time < ? ORDER BY open_time",
      "SELECT " BOURSE_ROW
      ", seen_at, origin, (SELECT kind FROM origin AS o WHERE o.id = "
      "revision.origin) FROM revision WHERE series = ? AND open_time >= ? AND open_time < ? "
      "ORDER BY open_time, id LIMIT ?",
      "SELECT kind, source, file, sha256, published_sha256, taken_at FROM origin WHERE id = ?",
      "SELECT id FROM origin WHERE kind = ? AND source = ? AND file = ? AND sha256 = ? AND "
      "published_sha256 = ?",
      "SELECT id, row_count, text_row_count, revision_count FROM series ORDER BY id",
      "INSERT INTO series (source, symbol, dataset, interval, price_scale, base_scale, "
      "quote_scale, price_unit, base_unit, quote_unit, tick, anchor, created_at) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO origin (kind, source, file, sha256, published_sha256, taken_at) VALUES "
      "(?, ?, ?, ?, ?, ?)",
      "INSERT INTO candle (series, " BOURSE_PLAIN ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "REPLACE INTO candle (series, " BOURSE_PLAIN ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "REPLACE INTO candle_text (series, " BOURSE_ROW
      ") VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM candle WHERE series = ? AND open_time = ?",
      "DELETE FROM candle_text WHERE series = ? AND open_time = ?",
      "INSERT INTO revision (series, " BOURSE_ROW
      ", seen_at, origin) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM rollup WHERE series = ? AND minutes = ? AND open_time = ?",
      "INSERT INTO rollup (series, open_time, open, high, low, close, volume, quote_volume, "
      "trades, taker_base_volume, taker_quote_volume, minutes, parts) VALUES "
      "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM coverage WHERE series = ? AND start_time = ?",
      "INSERT INTO coverage (series, start_time, end_time, state, origin, asked_at) VALUES "
      "(?, ?, ?, ?, ?, ?)",
      "UPDATE series SET row_count = row_count + ?2, text_row_count = text_row_count + ?3, "
      "revision_count = revision_count + ?4 WHERE id = ?1",
      "SELECT open_time FROM candle WHERE series = ?1 UNION ALL SELECT open_time FROM candle_text "
      "WHERE series = ?1 ORDER BY open_time LIMIT 1 OFFSET ?2",
      "DELETE FROM candle WHERE series = ? AND open_time < ?",
      "DELETE FROM candle_text WHERE series = ? AND open_time < ?",
      "DELETE FROM rollup WHERE series = ?1 AND minutes IN (60, 1440) AND open_time < ?2",
      "DELETE FROM revision WHERE series = ? AND open_time < ?",
      BOURSE_TRADES "ORDER BY t.id LIMIT ?",
      BOURSE_TRADES "ORDER BY t.id DESC LIMIT ?",
      "SELECT first, last FROM (SELECT lag(id) OVER (ORDER BY id) + 1 AS first, id - 1 AS last "
      "FROM trade WHERE series = ?) WHERE first <= last ORDER BY first LIMIT ?",
      "SELECT id, time, price, quantity, quote_quantity, buyer_is_maker, seen_at, origin FROM "
      "trade_revision WHERE series = ? AND id >= ? AND id <= ? ORDER BY id, number LIMIT ?",
      BOURSE_BOOKS "ORDER BY time LIMIT ?",
      BOURSE_BOOKS "ORDER BY time DESC LIMIT ?",
      "REPLACE INTO trade (series, id, time, price, quantity, quote_quantity, buyer_is_maker, "
      "origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO trade_revision (series, id, time, price, quantity, quote_quantity, "
      "buyer_is_maker, seen_at, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      "INSERT INTO book (series, time, last_update_id, depth, complete, bids, asks, origin) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      "DELETE FROM trade_revision WHERE series = ?1 AND id IN (" BOURSE_OLD_TRADES ")",
      "DELETE FROM trade WHERE series = ?1 AND id IN (" BOURSE_OLD_TRADES ")",
      "DELETE FROM book WHERE series = ?1 AND time IN (SELECT time FROM book WHERE series = ?1 AND "
      "time < ?2 ORDER BY time LIMIT ?3)",
  };
  return kSql[statement];
}

#undef BOURSE_ROW
#undef BOURSE_SERIES
#undef BOURSE_PLAIN
#undef BOURSE_TRADES
#undef BOURSE_BOOKS
#undef BOURSE_OLD_TRADES

}  // namespace bourse::history
