// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/sqlite_schema.hpp"

#include <cassert>
#include <string_view>

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

namespace {

// Types are checked by hand and not by STRICT: without either, a column of integers keeps '0.1' as
// REAL and 'abc' as text; with STRICT, programs with a SQLite before 3.37 cannot open the file at
// all (RHEL 8 and Ubuntu 20.04 have such), and being read by others is what this schema is for.
// $price(open) stands for the text of a decimal that is kept as an integer.
constexpr std::string_view kSchema1 = R"sql(
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL,
  symbol TEXT NOT NULL,
  dataset TEXT NOT NULL,
  interval TEXT NOT NULL,
  price_scale INTEGER NOT NULL CHECK (price_scale BETWEEN 0 AND 18),
  base_scale INTEGER NOT NULL CHECK (base_scale BETWEEN 0 AND 18),
  quote_scale INTEGER NOT NULL CHECK (quote_scale BETWEEN 0 AND 18),
  price_unit REAL NOT NULL, -- 10 to the power of price_scale: what a kept price is divided by
  base_unit REAL NOT NULL,
  quote_unit REAL NOT NULL,
  tick TEXT,
  anchor INTEGER,
  created_at INTEGER NOT NULL,
  row_count INTEGER NOT NULL DEFAULT 0,
  text_row_count INTEGER NOT NULL DEFAULT 0,
  revision_count INTEGER NOT NULL DEFAULT 0,
  UNIQUE (source, symbol, dataset, interval)
);

CREATE TABLE origin (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL, -- 1 api, 2 daily file, 3 monthly file, 4 recording
  source TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  published_sha256 TEXT NOT NULL,
  taken_at INTEGER NOT NULL,
  UNIQUE (kind, source, file, sha256, published_sha256)
);

CREATE TABLE candle (
  series INTEGER NOT NULL REFERENCES series,
  open_time INTEGER NOT NULL,
  open INTEGER NOT NULL,
  high INTEGER NOT NULL,
  low INTEGER NOT NULL,
  close INTEGER NOT NULL,
  volume INTEGER NOT NULL,
  quote_volume INTEGER NOT NULL,
  trades INTEGER NOT NULL,
  taker_base_volume INTEGER NOT NULL,
  taker_quote_volume INTEGER NOT NULL,
  PRIMARY KEY (series, open_time),
  CHECK (typeof(open_time) = 'integer' AND typeof(open) = 'integer' AND typeof(high) = 'integer' AND
         typeof(low) = 'integer' AND typeof(close) = 'integer' AND typeof(volume) = 'integer' AND
         typeof(quote_volume) = 'integer' AND typeof(trades) = 'integer' AND
         typeof(taker_base_volume) = 'integer' AND typeof(taker_quote_volume) = 'integer')
) WITHOUT ROWID;

CREATE TABLE candle_text ( -- candles with a value that the series' scale does not hold, or a close time of their own
  series INTEGER NOT NULL REFERENCES series,
  open_time INTEGER NOT NULL,
  open TEXT NOT NULL,
  high TEXT NOT NULL,
  low TEXT NOT NULL,
  close TEXT NOT NULL,
  volume TEXT NOT NULL,
  quote_volume TEXT NOT NULL,
  trades INTEGER NOT NULL,
  taker_base_volume TEXT NOT NULL,
  taker_quote_volume TEXT NOT NULL,
  close_time INTEGER, -- NULL: open time of the next candle - 1
  PRIMARY KEY (series, open_time)
) WITHOUT ROWID;

CREATE TABLE revision ( -- versions of candles that are not shown
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series,
  open_time INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  origin INTEGER REFERENCES origin,
  open TEXT NOT NULL,
  high TEXT NOT NULL,
  low TEXT NOT NULL,
  close TEXT NOT NULL,
  volume TEXT NOT NULL,
  quote_volume TEXT NOT NULL,
  trades INTEGER NOT NULL,
  taker_base_volume TEXT NOT NULL,
  taker_quote_volume TEXT NOT NULL,
  close_time INTEGER
);
CREATE INDEX revision_series ON revision (series, open_time);

CREATE TABLE rollup ( -- complete hours and days of shorter candles
  series INTEGER NOT NULL REFERENCES series,
  minutes INTEGER NOT NULL, -- 60 or 1440
  open_time INTEGER NOT NULL,
  parts INTEGER NOT NULL, -- how many candles it is made of: all that there can be
  open INTEGER NOT NULL,
  high INTEGER NOT NULL,
  low INTEGER NOT NULL,
  close INTEGER NOT NULL,
  volume INTEGER NOT NULL,
  quote_volume INTEGER NOT NULL,
  trades INTEGER NOT NULL,
  taker_base_volume INTEGER NOT NULL,
  taker_quote_volume INTEGER NOT NULL,
  PRIMARY KEY (series, minutes, open_time)
) WITHOUT ROWID;

CREATE TABLE coverage ( -- what of time is known; what no row says is not
  series INTEGER NOT NULL REFERENCES series,
  start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL, -- not in it
  state INTEGER NOT NULL CHECK (state IN (1, 2)), -- 1 known, 2 known to be empty
  origin INTEGER NOT NULL REFERENCES origin,
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (series, start_time),
  CHECK (start_time < end_time)
) WITHOUT ROWID;

-- For people. Divided, never multiplied by 1e-8: division is rounded rightly.
CREATE VIEW candles AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', c.open_time / 1000, 'unixepoch') AS time,
  c.open / s.price_unit AS open, c.high / s.price_unit AS high, c.low / s.price_unit AS low,
  c.close / s.price_unit AS close, c.volume / s.base_unit AS volume,
  s.symbol AS symbol, s.interval AS interval, s.source AS source,
  c.quote_volume / s.quote_unit AS quote_volume, c.trades AS trades,
  c.taker_base_volume / s.base_unit AS taker_base_volume,
  c.taker_quote_volume / s.quote_unit AS taker_quote_volume,
  c.open_time AS open_time_ms, NULL AS close_time_ms
FROM series AS s JOIN candle AS c ON c.series = s.id
UNION ALL
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', c.open_time / 1000, 'unixepoch'),
  CAST(c.open AS REAL), CAST(c.high AS REAL), CAST(c.low AS REAL), CAST(c.close AS REAL),
  CAST(c.volume AS REAL), s.symbol, s.interval, s.source, CAST(c.quote_volume AS REAL), c.trades,
  CAST(c.taker_base_volume AS REAL), CAST(c.taker_quote_volume AS REAL), c.open_time, c.close_time
FROM series AS s JOIN candle_text AS c ON c.series = s.id;

CREATE VIEW candles_exact AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', c.open_time / 1000, 'unixepoch') AS time,
  $price(open) AS open, $price(high) AS high, $price(low) AS low, $price(close) AS close,
  $base(volume) AS volume, s.symbol AS symbol, s.interval AS interval, s.source AS source,
  $quote(quote_volume) AS quote_volume, c.trades AS trades,
  $base(taker_base_volume) AS taker_base_volume, $quote(taker_quote_volume) AS taker_quote_volume,
  c.open_time AS open_time_ms, NULL AS close_time_ms
FROM series AS s JOIN candle AS c ON c.series = s.id
UNION ALL
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', c.open_time / 1000, 'unixepoch'), c.open, c.high, c.low,
  c.close, c.volume, s.symbol, s.interval, s.source, c.quote_volume, c.trades,
  c.taker_base_volume, c.taker_quote_volume, c.open_time, c.close_time
FROM series AS s JOIN candle_text AS c ON c.series = s.id;

CREATE VIEW spans AS
SELECT s.symbol AS symbol, s.interval AS interval, s.source AS source,
  CASE v.state WHEN 1 THEN 'known' ELSE 'empty' END AS state,
  strftime('%Y-%m-%dT%H:%M:%SZ', v.start_time / 1000, 'unixepoch') AS start,
  strftime('%Y-%m-%dT%H:%M:%SZ', v.end_time / 1000, 'unixepoch') AS "end",
  strftime('%Y-%m-%dT%H:%M:%SZ', v.asked_at / 1000, 'unixepoch') AS asked,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file' ELSE 'recording' END
    AS origin,
  o.file AS file, v.start_time AS start_ms, v.end_time AS end_ms
FROM series AS s JOIN coverage AS v ON v.series = s.id JOIN origin AS o ON o.id = v.origin;

CREATE VIEW conflicts AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', r.open_time / 1000, 'unixepoch') AS time,
  s.symbol AS symbol, s.interval AS interval, s.source AS source,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.seen_at / 1000, 'unixepoch') AS seen,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file'
    WHEN 4 THEN 'recording' END AS origin,
  o.file AS file, r.open AS open, r.high AS high, r.low AS low, r.close AS close, r.volume AS volume,
  r.quote_volume AS quote_volume, r.trades AS trades, r.taker_base_volume AS taker_base_volume,
  r.taker_quote_volume AS taker_quote_volume, r.open_time AS open_time_ms
FROM series AS s JOIN revision AS r ON r.series = s.id LEFT JOIN origin AS o ON o.id = r.origin;
)sql";

// A number that its series' scale does not hold is text, exact: the columns of prices and
// quantities have no type, so that SQLite keeps what it is given. $price(price) as above.
constexpr std::string_view kSchema2 = R"sql(
CREATE TABLE trade ( -- of series whose dataset is trades
  series INTEGER NOT NULL REFERENCES series,
  id INTEGER NOT NULL, -- the exchange's; it leaves none out
  time INTEGER NOT NULL,
  price NOT NULL,
  quantity NOT NULL,
  quote_quantity NOT NULL,
  buyer_is_maker INTEGER NOT NULL CHECK (buyer_is_maker IN (0, 1)), -- 1: a seller took the price
  origin INTEGER NOT NULL REFERENCES origin,
  PRIMARY KEY (series, id),
  CHECK (typeof(id) = 'integer' AND typeof(time) = 'integer' AND
         typeof(price) IN ('integer', 'text') AND typeof(quantity) IN ('integer', 'text') AND
         typeof(quote_quantity) IN ('integer', 'text'))
) WITHOUT ROWID;
CREATE INDEX trade_time ON trade (series, time);

CREATE TABLE trade_revision ( -- versions of trades that are not shown
  number INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series,
  id INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  origin INTEGER REFERENCES origin,
  time INTEGER NOT NULL,
  price TEXT NOT NULL,
  quantity TEXT NOT NULL,
  quote_quantity TEXT NOT NULL,
  buyer_is_maker INTEGER NOT NULL
);
CREATE INDEX trade_revision_series ON trade_revision (series, id);

CREATE TABLE book ( -- snapshots; of series whose dataset is order_book
  number INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series,
  time INTEGER NOT NULL,
  last_update_id INTEGER,
  depth INTEGER NOT NULL, -- levels of each side that were asked for
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)), -- 1: fewer are all there are
  bids TEXT NOT NULL, -- JSON: [["70292.01","0.5"], ...], best first
  asks TEXT NOT NULL,
  origin INTEGER NOT NULL REFERENCES origin,
  UNIQUE (series, time)
);

CREATE VIEW trades AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', c.time / 1000, 'unixepoch') || printf('.%03dZ', c.time % 1000) AS time,
  CASE typeof(c.price) WHEN 'text' THEN CAST(c.price AS REAL) ELSE c.price / s.price_unit END AS price,
  CASE typeof(c.quantity) WHEN 'text' THEN CAST(c.quantity AS REAL) ELSE c.quantity / s.base_unit END AS quantity,
  CASE typeof(c.quote_quantity) WHEN 'text' THEN CAST(c.quote_quantity AS REAL)
    ELSE c.quote_quantity / s.quote_unit END AS quote_quantity,
  c.buyer_is_maker AS buyer_is_maker, s.symbol AS symbol, s.source AS source, c.id AS id, c.time AS time_ms
FROM series AS s JOIN trade AS c ON c.series = s.id;

CREATE VIEW trades_exact AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', c.time / 1000, 'unixepoch') || printf('.%03dZ', c.time % 1000) AS time,
  CASE typeof(c.price) WHEN 'text' THEN c.price ELSE $price(price) END AS price,
  CASE typeof(c.quantity) WHEN 'text' THEN c.quantity ELSE $base(quantity) END AS quantity,
  CASE typeof(c.quote_quantity) WHEN 'text' THEN c.quote_quantity ELSE $quote(quote_quantity) END AS quote_quantity,
  c.buyer_is_maker AS buyer_is_maker, s.symbol AS symbol, s.source AS source, c.id AS id, c.time AS time_ms
FROM series AS s JOIN trade AS c ON c.series = s.id;

CREATE VIEW trade_gaps AS -- numbers that are missing between kept ones
SELECT symbol, source, first_id, last_id, last_id - first_id + 1 AS trades
FROM (SELECT s.symbol AS symbol, s.source AS source, lag(c.id) OVER (PARTITION BY c.series ORDER BY c.id) + 1 AS first_id,
        c.id - 1 AS last_id
      FROM series AS s JOIN trade AS c ON c.series = s.id)
WHERE first_id <= last_id;

CREATE VIEW trade_conflicts AS
SELECT s.symbol AS symbol, s.source AS source, r.id AS id,
  strftime('%Y-%m-%dT%H:%M:%SZ', r.seen_at / 1000, 'unixepoch') AS seen,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file'
    WHEN 4 THEN 'recording' END AS origin,
  o.file AS file, r.price AS price, r.quantity AS quantity, r.quote_quantity AS quote_quantity,
  r.buyer_is_maker AS buyer_is_maker, r.time AS time_ms
FROM series AS s JOIN trade_revision AS r ON r.series = s.id LEFT JOIN origin AS o ON o.id = r.origin;

CREATE VIEW books AS
SELECT strftime('%Y-%m-%dT%H:%M:%S', b.time / 1000, 'unixepoch') || printf('.%03dZ', b.time % 1000) AS time,
  s.symbol AS symbol, s.source AS source, b.last_update_id AS last_update_id, b.depth AS depth,
  b.complete AS complete, b.bids AS bids, b.asks AS asks, b.time AS time_ms
FROM series AS s JOIN book AS b ON b.series = s.id;

CREATE VIEW book_levels AS -- level 1 is the best of its side
SELECT b.time AS time, b.symbol AS symbol, 'bid' AS side, l.key + 1 AS level,
  CAST(json_extract(l.value, '$[0]') AS REAL) AS price, CAST(json_extract(l.value, '$[1]') AS REAL) AS quantity,
  b.source AS source, b.time_ms AS time_ms
FROM books AS b, json_each(b.bids) AS l
UNION ALL
SELECT b.time, b.symbol, 'ask', l.key + 1, CAST(json_extract(l.value, '$[0]') AS REAL),
  CAST(json_extract(l.value, '$[1]') AS REAL), b.source, b.time_ms
FROM books AS b, json_each(b.asks) AS l;
)sql";

/// "$price(open)" becomes what writes c.open with all of its decimals.
std::string with_decimals(std::string_view sql) {
  std::string out;
  for (;;) {
    const std::size_t at = sql.find('$');
    out += sql.substr(0, at);
    if (at == std::string_view::npos) return out;
    if (sql.substr(at).starts_with("$[")) {  // a path into JSON
      out += "$[";
      sql.remove_prefix(at + 2);
      continue;
    }
    const std::size_t open = sql.find('(', at), close = sql.find(')', at);
    const std::string kind(sql.substr(at + 1, open - at - 1));
    const std::string value = "c." + std::string(sql.substr(open + 1, close - open - 1));
    const std::string unit = "CAST(s." + kind + "_unit AS INTEGER)";
    out += "CASE s." + kind + "_scale WHEN 0 THEN CAST(" + value + " AS TEXT) ELSE (CASE WHEN " +
           value + " < 0 THEN '-' ELSE '' END) || printf('%d.%0*d', abs(" + value + ") / " + unit +
           ", s." + kind + "_scale, abs(" + value + ") % " + unit + ") END";
    sql.remove_prefix(close + 1);
  }
}

}  // namespace

std::string sqlite_migration(int version) {
  assert(version >= 1 && version <= kSchema);
  static_assert(kSchema == 2);
  return with_decimals(version == 1 ? kSchema1 : kSchema2);
}

}  // namespace bourse::history
