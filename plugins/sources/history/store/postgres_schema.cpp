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

}  // namespace

std::string postgres_migration(int version) {
  assert(version == 1);
  static_cast<void>(version);
  static_assert(kSchema == 1);
  return kPostgresSchema1;
}

}  // namespace bourse::history
