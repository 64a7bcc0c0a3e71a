// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/postgres_schema.hpp"

#include <cassert>

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

namespace {

// Columns of eight bytes first, so that nothing is lost between them: 109 bytes a row, and 32 of
// its key. The key is a B-tree: BRIN gives neither uniqueness nor order.
constexpr const char* kPostgresSchema1 = R"sql(
CREATE TABLE version (version integer NOT NULL);
INSERT INTO version VALUES (0);

CREATE TABLE writer ( -- the server that writes; epoch grows with each that takes over
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  epoch bigint NOT NULL,
  holder text NOT NULL,
  since timestamptz NOT NULL
);
INSERT INTO writer (epoch, holder, since) VALUES (0, '', now());

CREATE TABLE series (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  symbol text COLLATE "C" NOT NULL,
  dataset text NOT NULL,
  interval text NOT NULL,
  price_scale integer NOT NULL CHECK (price_scale BETWEEN 0 AND 18),
  base_scale integer NOT NULL CHECK (base_scale BETWEEN 0 AND 18),
  quote_scale integer NOT NULL CHECK (quote_scale BETWEEN 0 AND 18),
  price_unit numeric NOT NULL, -- what a kept price is multiplied by, exactly: 0.01 of scale 2
  base_unit numeric NOT NULL,
  quote_unit numeric NOT NULL,
  tick numeric,
  anchor timestamptz,
  created_at timestamptz NOT NULL,
  first_row timestamptz, -- all rows lie between these two
  last_row timestamptz,
  row_count bigint NOT NULL DEFAULT 0,
  text_row_count bigint NOT NULL DEFAULT 0,
  revision_count bigint NOT NULL DEFAULT 0,
  UNIQUE (source, symbol, dataset, interval)
);

CREATE TABLE origin (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind integer NOT NULL, -- 1 api, 2 daily file, 3 monthly file, 4 recording
  source text NOT NULL,
  file text NOT NULL,
  sha256 text NOT NULL,
  published_sha256 text NOT NULL,
  taken_at timestamptz NOT NULL,
  UNIQUE (kind, source, file, sha256, published_sha256)
);

CREATE TABLE candle ( -- partitions by month: candle_2024_01
  open_time timestamptz NOT NULL,
  open bigint NOT NULL,
  high bigint NOT NULL,
  low bigint NOT NULL,
  close bigint NOT NULL,
  volume bigint NOT NULL,
  quote_volume bigint NOT NULL,
  taker_base_volume bigint NOT NULL,
  taker_quote_volume bigint NOT NULL,
  trades integer NOT NULL,
  series integer NOT NULL,
  PRIMARY KEY (series, open_time)
) PARTITION BY RANGE (open_time);

CREATE TABLE candle_text ( -- candles with a value that the series' scale does not hold, or a close time of their own
  series integer NOT NULL REFERENCES series,
  open_time timestamptz NOT NULL,
  open numeric NOT NULL,
  high numeric NOT NULL,
  low numeric NOT NULL,
  close numeric NOT NULL,
  volume numeric NOT NULL,
  quote_volume numeric NOT NULL,
  trades bigint NOT NULL,
  taker_base_volume numeric NOT NULL,
  taker_quote_volume numeric NOT NULL,
  close_time timestamptz, -- null: open time of the next candle - 1 ms
  PRIMARY KEY (series, open_time)
);

CREATE TABLE revision ( -- versions of candles that are not shown
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series integer NOT NULL REFERENCES series,
  open_time timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  origin integer REFERENCES origin,
  open numeric NOT NULL,
  high numeric NOT NULL,
  low numeric NOT NULL,
  close numeric NOT NULL,
  volume numeric NOT NULL,
  quote_volume numeric NOT NULL,
  trades bigint NOT NULL,
  taker_base_volume numeric NOT NULL,
  taker_quote_volume numeric NOT NULL,
  close_time timestamptz
);
CREATE INDEX revision_series ON revision (series, open_time);

CREATE TABLE rollup ( -- complete hours and days of shorter candles
  series integer NOT NULL REFERENCES series,
  minutes integer NOT NULL, -- 60 or 1440
  open_time timestamptz NOT NULL,
  parts bigint NOT NULL, -- how many candles it is made of: all that there can be
  open bigint NOT NULL,
  high bigint NOT NULL,
  low bigint NOT NULL,
  close bigint NOT NULL,
  volume bigint NOT NULL,
  quote_volume bigint NOT NULL,
  trades bigint NOT NULL,
  taker_base_volume bigint NOT NULL,
  taker_quote_volume bigint NOT NULL,
  PRIMARY KEY (series, minutes, open_time)
);

CREATE TABLE coverage ( -- what of time is known; what no row says is not
  series integer NOT NULL REFERENCES series,
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL, -- not in it
  state integer NOT NULL CHECK (state IN (1, 2)), -- 1 known, 2 known to be empty
  origin integer NOT NULL REFERENCES origin,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (series, start_time),
  CHECK (start_time < end_time)
);

-- Exact, and for programs that want doubles: psycopg hands numeric to pandas as objects.
CREATE VIEW candles_exact AS
SELECT c.open_time AS time, c.open * s.price_unit AS open, c.high * s.price_unit AS high,
  c.low * s.price_unit AS low, c.close * s.price_unit AS close, c.volume * s.base_unit AS volume,
  s.symbol, s.interval, s.source, c.quote_volume * s.quote_unit AS quote_volume,
  c.trades::bigint AS trades, c.taker_base_volume * s.base_unit AS taker_base_volume,
  c.taker_quote_volume * s.quote_unit AS taker_quote_volume, NULL::timestamptz AS close_time
FROM series AS s JOIN candle AS c ON c.series = s.id
UNION ALL
SELECT c.open_time, c.open, c.high, c.low, c.close, c.volume, s.symbol, s.interval, s.source,
  c.quote_volume, c.trades, c.taker_base_volume, c.taker_quote_volume, c.close_time
FROM series AS s JOIN candle_text AS c ON c.series = s.id;

CREATE VIEW candles AS
SELECT time, open::float8 AS open, high::float8 AS high, low::float8 AS low, close::float8 AS close,
  volume::float8 AS volume, symbol, interval, source, quote_volume::float8 AS quote_volume, trades,
  taker_base_volume::float8 AS taker_base_volume, taker_quote_volume::float8 AS taker_quote_volume,
  close_time
FROM candles_exact;

CREATE VIEW spans AS
SELECT s.symbol, s.interval, s.source, CASE v.state WHEN 1 THEN 'known' ELSE 'empty' END AS state,
  v.start_time AS start, v.end_time AS "end", v.asked_at AS asked,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file' ELSE 'recording' END
    AS origin, o.file
FROM series AS s JOIN coverage AS v ON v.series = s.id JOIN origin AS o ON o.id = v.origin;

CREATE VIEW conflicts AS
SELECT r.open_time AS time, s.symbol, s.interval, s.source, r.seen_at AS seen,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file'
    WHEN 4 THEN 'recording' END AS origin,
  o.file, r.open, r.high, r.low, r.close, r.volume, r.quote_volume, r.trades, r.taker_base_volume,
  r.taker_quote_volume
FROM series AS s JOIN revision AS r ON r.series = s.id LEFT JOIN origin AS o ON o.id = r.origin;
)sql";

// Decimals of any scale: of three values a row they take no more room than integers would.
constexpr const char* kPostgresSchema2 = R"sql(
CREATE TABLE trade ( -- of series whose dataset is trades
  id bigint NOT NULL, -- the exchange's; it leaves none out
  time timestamptz NOT NULL,
  series integer NOT NULL REFERENCES series,
  origin integer NOT NULL REFERENCES origin,
  buyer_is_maker boolean NOT NULL, -- true: a seller took the price
  price numeric NOT NULL,
  quantity numeric NOT NULL,
  quote_quantity numeric NOT NULL,
  PRIMARY KEY (series, id)
);
CREATE INDEX trade_time ON trade (series, time);

CREATE TABLE trade_revision ( -- versions of trades that are not shown
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series integer NOT NULL REFERENCES series,
  id bigint NOT NULL,
  seen_at timestamptz NOT NULL,
  origin integer REFERENCES origin,
  time timestamptz NOT NULL,
  price numeric NOT NULL,
  quantity numeric NOT NULL,
  quote_quantity numeric NOT NULL,
  buyer_is_maker boolean NOT NULL
);
CREATE INDEX trade_revision_series ON trade_revision (series, id);

CREATE TABLE book ( -- snapshots; of series whose dataset is order_book
  series integer NOT NULL REFERENCES series,
  time timestamptz NOT NULL,
  last_update_id bigint,
  depth bigint NOT NULL, -- levels of each side that were asked for
  complete boolean NOT NULL, -- true: fewer are all there are
  bids jsonb NOT NULL, -- [["70292.01","0.5"], ...], best first
  asks jsonb NOT NULL,
  origin integer NOT NULL REFERENCES origin,
  PRIMARY KEY (series, time)
);

CREATE VIEW trades_exact AS
SELECT c.time, c.price, c.quantity, c.quote_quantity, c.buyer_is_maker, s.symbol, s.source, c.id
FROM series AS s JOIN trade AS c ON c.series = s.id;

CREATE VIEW trades AS
SELECT time, price::float8 AS price, quantity::float8 AS quantity, quote_quantity::float8 AS quote_quantity,
  buyer_is_maker, symbol, source, id
FROM trades_exact;

CREATE VIEW trade_gaps AS -- numbers that are missing between kept ones
SELECT symbol, source, first_id, last_id, last_id - first_id + 1 AS trades
FROM (SELECT s.symbol, s.source, lag(c.id) OVER (PARTITION BY c.series ORDER BY c.id) + 1 AS first_id,
        c.id - 1 AS last_id
      FROM series AS s JOIN trade AS c ON c.series = s.id) AS g
WHERE first_id <= last_id;

CREATE VIEW trade_conflicts AS
SELECT s.symbol, s.source, r.id, r.seen_at AS seen,
  CASE o.kind WHEN 1 THEN 'api' WHEN 2 THEN 'daily file' WHEN 3 THEN 'monthly file'
    WHEN 4 THEN 'recording' END AS origin,
  o.file, r.price, r.quantity, r.quote_quantity, r.buyer_is_maker, r.time
FROM series AS s JOIN trade_revision AS r ON r.series = s.id LEFT JOIN origin AS o ON o.id = r.origin;

CREATE VIEW books AS
SELECT b.time, s.symbol, s.source, b.last_update_id, b.depth, b.complete, b.bids, b.asks
FROM series AS s JOIN book AS b ON b.series = s.id;

CREATE VIEW book_levels AS -- level 1 is the best of its side
SELECT b.time, b.symbol, 'bid' AS side, l.level, (l.value->>0)::numeric AS price,
  (l.value->>1)::numeric AS quantity, b.source
FROM books AS b CROSS JOIN LATERAL jsonb_array_elements(b.bids) WITH ORDINALITY AS l (value, level)
UNION ALL
SELECT b.time, b.symbol, 'ask', l.level, (l.value->>0)::numeric, (l.value->>1)::numeric, b.source
FROM books AS b CROSS JOIN LATERAL jsonb_array_elements(b.asks) WITH ORDINALITY AS l (value, level);
)sql";

}  // namespace

std::string postgres_migration(int version) {
  assert(version >= 1 && version <= kSchema);
  static_assert(kSchema == 2);
  return version == 1 ? kPostgresSchema1 : kPostgresSchema2;
}

}  // namespace bourse::history
