// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/postgres_connection.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "plugins/sources/history/store/coverage.hpp"

namespace bourse::history {

namespace {

constexpr Millis kPgDay = 86'400'000, kPgEpoch = 946'684'800'000;

Error no_decimal(std::string what) {
  return {ErrorKind::kCorrupt, "PostgreSQL: " + std::move(what) + " is no decimal known here",
          "look at the row with psql"};
}

std::string in_span(Span span) {
  return "open_time >= " + time_literal(span.from) + " AND open_time < " + time_literal(span.to);
}

std::string of_series(SeriesId series) { return "series = " + std::to_string(series); }

/// Columns 0 to 10: open_time, values and trades as the views have them, close_time; values as
/// text.
Result<Row> text_row(const PgRows& rows, int at) {
  Row row;
  row.open_time = rows.millis(at, 0);
  row.trades = rows.integer(at, 7);
  if (!rows.is_null(at, 10)) row.close_time = rows.millis(at, 10);
  std::array<Decimal, kValues> values;
  for (std::size_t i = 0; i < kValues; ++i) {
    const std::string text = rows.text(at, static_cast<int>(i < kTakerBase ? 1 + i : 2 + i));
    const auto value = decimal_of(text);
    if (!value) return no_decimal(text);
    values[i] = *value;
  }
  row.text = std::make_unique<const std::array<Decimal, kValues>>(values);
  return row;
}

constexpr const char* kTextColumns =
    "open_time, open::text, high::text, low::text, close::text, volume::text, quote_volume::text, "
    "trades, taker_base_volume::text, taker_quote_volume::text, close_time";
constexpr const char* kTextNames =
    "open_time, open, high, low, close, volume, quote_volume, trades, taker_base_volume, "
    "taker_quote_volume, close_time";

/// (series, ..., close_time) of kTextNames, without the closing bracket.
std::string text_values(const Series& series, const Row& row) {
  const auto value = [&](std::size_t i) {
    return decimal_text(row.is_text() ? (*row.text)[i]
                                      : *Decimal::make(row.values[i], scale_of(series.scale, i)));
  };
  std::string out = "(" + std::to_string(series.id) + "," + time_literal(row.open_time);
  for (std::size_t i = 0; i < kTakerBase; ++i) out += "," + value(i);
  out +=
      "," + std::to_string(row.trades) + "," + value(kTakerBase) + "," + value(kTakerQuote) + ",";
  out += row.close_time ? time_literal(*row.close_time) : "NULL";
  return out;
}

// ---- the binary format of COPY

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(value >> shift));
  }
}
void put_field(std::string& out, std::int64_t value, int bytes) {
  put(out, static_cast<std::uint64_t>(bytes), 4);
  put(out, static_cast<std::uint64_t>(value), bytes);
}

std::string copy_bytes(SeriesId series, const std::vector<const Row*>& rows) {
  std::string out("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
  out.reserve(out.size() + rows.size() * 128 + 2);
  for (const Row* const row : rows) {
    put(out, 11, 2);
    put_field(out, (row->open_time - kPgEpoch) * 1000, 8);
    for (const std::int64_t value : row->values) put_field(out, value, 8);
    put_field(out, row->trades, 4);
    put_field(out, series, 4);
  }
  put(out, 0xFFFF, 2);
  return out;
}

struct Month {
  std::string name;
  Span span;
};
Month month_of(Millis time) {
  using namespace std::chrono;
  const auto day = floor<days>(sys_time<milliseconds>{milliseconds{time}});
  const year_month_day date{day};
  const year_month month = date.year() / date.month();
  const auto begin = [](year_month first) {
    return duration_cast<milliseconds>(sys_days{first / 1}.time_since_epoch()).count();
  };
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "candle_%04d_%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()));
  return {name.data(), {begin(month), begin(month + months{1})}};
}

constexpr const char* kSeriesColumns =
    "SELECT id, source, symbol, dataset, interval, price_scale, base_scale, quote_scale, "
    "tick::text, anchor FROM series ";

}  // namespace

// ---- reading

Result<std::vector<Series>> PgConnection::series(const SeriesKey* key, const SeriesId* id,
                                                 const char* dataset) {
  std::string sql = kSeriesColumns;
  if (key != nullptr) {
    sql += "WHERE source = " + text_literal(key->source) +
           " AND symbol = " + text_literal(key->symbol) +
           " AND dataset = " + text_literal(key->dataset) +
           " AND interval = " + text_literal(key->interval);
  } else if (id != nullptr) {
    sql += "WHERE id = " + std::to_string(*id);
  } else {
    sql += "WHERE dataset = " + text_literal(dataset);
  }
  auto rows = link_->ask(sql + " ORDER BY id");
  if (!rows) return std::move(rows).error();
  std::vector<Series> out;
  for (int i = 0; i < rows->count(); ++i) {
    Series one;
    one.id = static_cast<SeriesId>(rows->integer(i, 0));
    one.key = {rows->text(i, 1), rows->text(i, 2), rows->text(i, 4), rows->text(i, 3)};
    one.scale = {static_cast<int>(rows->integer(i, 5)), static_cast<int>(rows->integer(i, 6)),
                 static_cast<int>(rows->integer(i, 7))};
    if (!rows->is_null(i, 8)) one.tick = decimal_of(rows->text(i, 8));
    if (!rows->is_null(i, 9)) one.anchor = rows->millis(i, 9);
    if (one.key.dataset == kCandles && !Interval::parse(one.key.interval)) {
      return no_decimal("interval " + one.key.interval);
    }
    out.push_back(std::move(one));
  }
  return out;
}

Result<PgConnection::Extent> PgConnection::extent(SeriesId series) {
  auto rows = link_->ask("SELECT first_row, last_row, text_row_count FROM series WHERE id = " +
                         std::to_string(series));
  if (!rows) return std::move(rows).error();
  Extent extent;
  if (rows->count() == 0 || rows->is_null(0, 0) || rows->is_null(0, 1)) return extent;
  extent.rows = Span{rows->millis(0, 0), rows->millis(0, 1) + 1};
  extent.has_text = rows->integer(0, 2) > 0;
  return extent;
}

Status PgConnection::rows(const Series& series, Span span, std::size_t limit, bool newest,
                          std::vector<Row>& out) {
  auto within = extent(series.id);
  if (!within) return std::move(within).error();
  if (!within->rows) return Done{};
  span = {std::max(span.from, within->rows->from), std::min(span.to, within->rows->to)};
  if (span.from >= span.to) return Done{};
  if (!within->has_text) return plain_rows(series, span, limit, newest, out);
  auto text = text_rows(series, span, limit, newest);
  if (!text) return std::move(text).error();
  std::vector<Row> plain;
  if (auto done = plain_rows(series, span, limit, newest, plain); !done) return done;
  std::size_t a = 0, b = 0;
  for (std::size_t i = 0; i < limit && (a < plain.size() || b < text->size()); ++i) {
    const bool takes_plain =
        b == text->size() ||
        (a < plain.size() && (plain[a].open_time < (*text)[b].open_time) != newest);
    out.push_back(std::move(takes_plain ? plain[a++] : (*text)[b++]));
  }
  return Done{};
}

/// Window by window from the end that is asked for, so that only the partitions that are needed are
/// planned and locked; the windows grow, so that holes of years take few steps.
Status PgConnection::plain_rows(const Series& series, Span span, std::size_t limit, bool newest,
                                std::vector<Row>& out) {
  const auto length = series.grid().length();
  const Millis slot = length ? *length / 1'000'000 : 31 * kPgDay;
  Millis window = std::max<Millis>(2 * kPgDay, 2 * slot * static_cast<Millis>(limit));
  std::size_t left = limit;
  while (left > 0 && span.from < span.to) {
    Span part = span;
    if (window < span.to - span.from) {
      (newest ? part.from : part.to) = newest ? span.to - window : span.from + window;
    }
    auto rows = link_->ask(
        "SELECT open_time, open, high, low, close, volume, quote_volume, taker_base_volume, "
        "taker_quote_volume, trades FROM candle WHERE " +
        of_series(series.id) + " AND " + in_span(part) + " ORDER BY open_time" +
        (newest ? " DESC" : "") + " LIMIT " + std::to_string(left));
    if (!rows) return std::move(rows).error();
    for (int i = 0; i < rows->count(); ++i) {
      Row& row = out.emplace_back();
      row.open_time = rows->millis(i, 0);
      for (std::size_t v = 0; v < kValues; ++v) {
        row.values[v] = rows->integer(i, static_cast<int>(v) + 1);
      }
      row.trades = rows->integer(i, 9);
    }
    left -= static_cast<std::size_t>(rows->count());
    (newest ? span.to : span.from) = newest ? part.from : part.to;
    window *= 8;
  }
  return Done{};
}

Result<std::vector<Row>> PgConnection::text_rows(const Series& series, Span span, std::size_t limit,
                                                 bool newest) {
  auto rows = link_->ask(std::string("SELECT ") + kTextColumns + " FROM candle_text WHERE " +
                         of_series(series.id) + " AND " + in_span(span) + " ORDER BY open_time" +
                         (newest ? " DESC" : "") + " LIMIT " + std::to_string(limit));
  if (!rows) return std::move(rows).error();
  std::vector<Row> out;
  for (int i = 0; i < rows->count(); ++i) {
    auto row = text_row(*rows, i);
    if (!row) return std::move(row).error();
    out.push_back(std::move(*row));
  }
  return out;
}

Result<std::vector<Covered>> PgConnection::coverage(SeriesId series, Span span) {
  // From the last piece that begins before the span: pieces are disjoint, so none before reaches
  // it.
  const std::string from = time_literal(span.from) + "::timestamptz";
  auto rows = link_->ask(
      "SELECT start_time, end_time, state, origin, asked_at, kind FROM coverage JOIN origin ON "
      "origin.id = origin WHERE " +
      of_series(series) +
      " AND start_time >= coalesce((SELECT max(start_time) FROM coverage WHERE " +
      of_series(series) + " AND start_time < " + from + "), " + from + ") AND start_time <= " +
      time_literal(span.to) + " AND end_time >= " + from + " ORDER BY start_time");
  if (!rows) return std::move(rows).error();
  std::vector<Covered> out;
  for (int i = 0; i < rows->count(); ++i) {
    out.push_back({{rows->millis(i, 0), rows->millis(i, 1)},
                   static_cast<State>(rows->integer(i, 2)),
                   static_cast<OriginKind>(rows->integer(i, 5)),
                   static_cast<OriginId>(rows->integer(i, 3)),
                   rows->millis(i, 4)});
  }
  return out;
}

Result<std::vector<Rollup>> PgConnection::rollups(SeriesId series, int minutes, Span span) {
  auto rows = link_->ask(
      "SELECT open_time, open, high, low, close, volume, quote_volume, taker_base_volume, "
      "taker_quote_volume, trades, parts FROM rollup WHERE " +
      of_series(series) + " AND minutes = " + std::to_string(minutes) + " AND " + in_span(span) +
      " ORDER BY open_time");
  if (!rows) return std::move(rows).error();
  std::vector<Rollup> out;
  for (int i = 0; i < rows->count(); ++i) {
    Rollup& rollup = out.emplace_back();
    rollup.minutes = minutes;
    rollup.row.open_time = rows->millis(i, 0);
    for (std::size_t v = 0; v < kValues; ++v) {
      rollup.row.values[v] = rows->integer(i, static_cast<int>(v) + 1);
    }
    rollup.row.trades = rows->integer(i, 9);
    rollup.parts = rows->integer(i, 10);
  }
  return out;
}

Result<std::vector<Revision>> PgConnection::revisions(const Series& series, Span span,
                                                      std::size_t limit) {
  auto rows = link_->ask(std::string("SELECT ") + kTextColumns +
                         ", seen_at, origin, (SELECT kind FROM origin AS o WHERE o.id = "
                         "revision.origin) FROM revision WHERE " +
                         of_series(series.id) + " AND " + in_span(span) +
                         " ORDER BY open_time, id LIMIT " + std::to_string(limit));
  if (!rows) return std::move(rows).error();
  std::vector<Revision> out;
  for (int i = 0; i < rows->count(); ++i) {
    auto row = text_row(*rows, i);
    if (!row) return std::move(row).error();
    const bool is_known = !rows->is_null(i, 13);
    out.push_back({to_candle(series, *row), rows->millis(i, 11),
                   is_known ? static_cast<OriginId>(rows->integer(i, 12)) : 0,
                   is_known ? static_cast<OriginKind>(rows->integer(i, 13)) : OriginKind::kApi});
  }
  return out;
}

Result<std::optional<Origin>> PgConnection::origin(OriginId id) {
  auto rows = link_->ask(
      "SELECT kind, source, file, sha256, published_sha256, taken_at FROM origin WHERE id = " +
      std::to_string(id));
  if (!rows) return std::move(rows).error();
  if (rows->count() == 0) return std::optional<Origin>();
  return std::optional<Origin>(Origin{static_cast<OriginKind>(rows->integer(0, 0)),
                                      rows->text(0, 1), rows->text(0, 2), rows->text(0, 3),
                                      rows->text(0, 4), rows->millis(0, 5)});
}

Result<std::vector<Connection::Counts>> PgConnection::counts() {
  auto rows =
      link_->ask("SELECT id, row_count, text_row_count, revision_count FROM series ORDER BY id");
  if (!rows) return std::move(rows).error();
  const auto count = [&](int i, int at) {
    return static_cast<std::uint64_t>(rows->integer(i, at));
  };
  std::vector<Counts> out;
  for (int i = 0; i < rows->count(); ++i) {
    out.push_back(
        {static_cast<SeriesId>(rows->integer(i, 0)), count(i, 1), count(i, 2), count(i, 3)});
  }
  return out;
}

// ---- writing

Result<Series> PgConnection::create(const NewSeries& series, Millis now) {
  const SeriesKey& key = series.key;
  const auto unit = [](int scale) { return decimal_text(*Decimal::make(1, scale)); };
  auto rows = link_->ask(
      "INSERT INTO series (source, symbol, dataset, interval, price_scale, base_scale, "
      "quote_scale, price_unit, base_unit, quote_unit, tick, anchor, created_at) VALUES (" +
      text_literal(key.source) + "," + text_literal(key.symbol) + "," + text_literal(key.dataset) +
      "," + text_literal(key.interval) + "," + std::to_string(series.scale.price) + "," +
      std::to_string(series.scale.base) + "," + std::to_string(series.scale.quote) + "," +
      unit(series.scale.price) + "," + unit(series.scale.base) + "," + unit(series.scale.quote) +
      "," + (series.tick ? decimal_text(*series.tick) : "NULL") + "," +
      (series.anchor ? time_literal(*series.anchor) : "NULL") + "," + time_literal(now) +
      ") RETURNING id");
  if (!rows) return std::move(rows).error();
  Series made;
  static_cast<NewSeries&>(made) = series;
  made.id = static_cast<SeriesId>(rows->integer(0, 0));
  return made;
}

Result<OriginId> PgConnection::origin_id(const Origin& origin) {
  const std::string kind = std::to_string(static_cast<int>(origin.kind));
  const std::string values = kind + "," + text_literal(origin.source) + "," +
                             text_literal(origin.file) + "," + text_literal(origin.sha256) + "," +
                             text_literal(origin.published_sha256);
  auto there =
      link_->ask("SELECT id FROM origin WHERE (kind, source, file, sha256, published_sha256) = (" +
                 values + ")");
  if (!there) return std::move(there).error();
  if (there->count() > 0) return static_cast<OriginId>(there->integer(0, 0));
  auto made = link_->ask(
      "INSERT INTO origin (kind, source, file, sha256, published_sha256, taken_at) VALUES (" +
      values + "," + time_literal(origin.taken_at) + ") RETURNING id");
  if (!made) return std::move(made).error();
  return static_cast<OriginId>(made->integer(0, 0));
}

Status PgConnection::apply(const Series& series, const Changes& changes) {
  std::vector<const Row*> plain, text;
  for (const Row& row : changes.added) (row.is_text() ? text : plain).push_back(&row);
  if (auto done = copy(series.id, plain); !done) return done;
  if (auto done = put_text(series, text); !done) return done;
  if (auto done = apply_replaced(series, changes); !done) return done;
  if (auto done = apply_revisions(series, changes); !done) return done;
  if (auto done = apply_rollups(series.id, changes); !done) return done;
  if (auto done = apply_coverage(series.id, changes); !done) return done;
  return count(series.id, changes);
}

/// Made beside the table and attached: that waits for no reader, as PARTITION OF would. Nobody
/// races: this is the writer's turn.
Status PgConnection::ensure_partition(Millis time) {
  const Month month = month_of(time);
  touched_.insert(month.name);
  if (partitions_.contains(month.name)) return Done{};
  auto there = link_->ask(
      "SELECT count(*) FROM pg_inherits WHERE inhparent = 'candle'::regclass AND "
      "inhrelid = to_regclass('" +
      month.name + "')");
  if (!there) return std::move(there).error();
  if (there->integer(0, 0) == 0) {
    auto made = link_->run("CREATE TABLE " + month.name +
                           " (LIKE candle INCLUDING ALL); ALTER TABLE candle ATTACH PARTITION " +
                           month.name + " FOR VALUES FROM (" + time_literal(month.span.from) +
                           ") TO (" + time_literal(month.span.to) + ")");
    if (!made) return made;
    return Done{};  // known only once it is committed: the next batch looks again
  }
  partitions_.insert(month.name);
  return Done{};
}

Status PgConnection::copy(SeriesId series, const std::vector<const Row*>& rows) {
  if (rows.empty()) return Done{};
  Span month{0, 0};
  for (const Row* const row : rows) {
    if (row->open_time >= month.from && row->open_time < month.to) continue;
    month = month_of(row->open_time).span;
    if (auto done = ensure_partition(row->open_time); !done) return done;
  }
  return link_->copy_in(
      "COPY candle (open_time, open, high, low, close, volume, quote_volume, taker_base_volume, "
      "taker_quote_volume, trades, series) FROM STDIN (FORMAT binary)",
      copy_bytes(series, rows));
}

Status PgConnection::put_text(const Series& series, const std::vector<const Row*>& rows) {
  return in_pieces(*link_,
                   std::string("INSERT INTO candle_text (series, ") + kTextNames + ") VALUES ",
                   rows, "", [&](const Row* row) { return text_values(series, *row) + ")"; });
}

Status PgConnection::apply_replaced(const Series& series, const Changes& changes) {
  if (changes.replaced.empty()) return Done{};
  std::vector<const Row*> plain, text;
  std::vector<Millis> was_plain, was_text;
  for (const auto& [row, was] : changes.replaced) {
    (row.is_text() ? text : plain).push_back(&row);
    (was ? was_text : was_plain).push_back(row.open_time);
  }
  const auto erase = [&](const char* table, const std::vector<Millis>& times) -> Status {
    if (times.empty()) return Done{};
    const Span span{times.front(), times.back() + 1};
    return in_pieces(*link_,
                     std::string("DELETE FROM ") + table + " WHERE " + of_series(series.id) +
                         " AND " + in_span(span) + " AND open_time IN (",
                     times, ")", [](Millis time) { return time_literal(time); });
  };
  if (auto done = erase("candle", was_plain); !done) return done;
  if (auto done = erase("candle_text", was_text); !done) return done;
  if (auto done = copy(series.id, plain); !done) return done;
  return put_text(series, text);
}

Status PgConnection::apply_revisions(const Series& series, const Changes& changes) {
  return in_pieces(
      *link_,
      std::string("INSERT INTO revision (series, ") + kTextNames + ", seen_at, origin) VALUES ",
      changes.revisions, "", [&](const NewRevision& revision) {
        return text_values(series, revision.row) + "," + time_literal(changes.now) + "," +
               (revision.origin != 0 ? std::to_string(revision.origin) : "NULL") + ")";
      });
}

Status PgConnection::apply_rollups(SeriesId series, const Changes& changes) {
  auto dropped = in_pieces(
      *link_, "DELETE FROM rollup WHERE " + of_series(series) + " AND (minutes, open_time) IN (",
      changes.rollups_dropped, ")", [](const RollupKey& key) {
        return "(" + std::to_string(key.minutes) + "," + time_literal(key.open_time) + ")";
      });
  if (!dropped) return dropped;
  return in_pieces(*link_,
                   "INSERT INTO rollup (series, minutes, open_time, parts, open, high, low, close, "
                   "volume, quote_volume, taker_base_volume, taker_quote_volume, trades) VALUES ",
                   changes.rollups, "", [&](const Rollup& rollup) {
                     std::string out =
                         "(" + std::to_string(series) + "," + std::to_string(rollup.minutes) + "," +
                         time_literal(rollup.row.open_time) + "," + std::to_string(rollup.parts);
                     for (const std::int64_t value : rollup.row.values) {
                       out += "," + std::to_string(value);
                     }
                     return out + "," + std::to_string(rollup.row.trades) + ")";
                   });
}

Status PgConnection::apply_coverage(SeriesId series, const Changes& changes) {
  auto dropped =
      in_pieces(*link_, "DELETE FROM coverage WHERE " + of_series(series) + " AND start_time IN (",
                changes.covered_dropped, ")", [](Span span) { return time_literal(span.from); });
  if (!dropped) return dropped;
  return in_pieces(
      *link_,
      "INSERT INTO coverage (series, start_time, end_time, state, origin, asked_at) VALUES ",
      changes.covered, "", [&](const Covered& piece) {
        return "(" + std::to_string(series) + "," + time_literal(piece.span.from) + "," +
               time_literal(piece.span.to) + "," + std::to_string(static_cast<int>(piece.state)) +
               "," + std::to_string(piece.origin) + "," + time_literal(piece.asked_at) + ")";
      });
}

Status PgConnection::count(SeriesId series, const Changes& changes) {
  std::int64_t text_rows = 0;
  for (const Row& row : changes.added) text_rows += row.is_text();
  for (const auto& [row, was_text] : changes.replaced)
    text_rows += int{row.is_text()} - int{was_text};
  if (changes.added.empty() && text_rows == 0 && changes.revisions.empty()) return Done{};
  std::string sql = "UPDATE series SET row_count = row_count + " +
                    std::to_string(changes.added.size()) + ", text_row_count = text_row_count + " +
                    std::to_string(text_rows) + ", revision_count = revision_count + " +
                    std::to_string(changes.revisions.size());
  if (!changes.added.empty()) {
    sql += ", first_row = least(first_row, " + time_literal(changes.added.front().open_time) +
           "), last_row = greatest(last_row, " + time_literal(changes.added.back().open_time) + ")";
  }
  return link_->run(sql + " WHERE id = " + std::to_string(series));
}

Result<Connection::Deleted> PgConnection::erase(const Series& series, Millis before,
                                                std::size_t rows_max) {
  const std::string of = of_series(series.id) + " AND open_time < ";
  // The row after the last one that goes.
  auto next = link_->ask(
      "SELECT open_time FROM (SELECT open_time FROM candle WHERE " + of + time_literal(before) +
      " UNION ALL SELECT open_time FROM candle_text WHERE " + of + time_literal(before) +
      ") AS r ORDER BY open_time LIMIT 1 OFFSET " + std::to_string(rows_max));
  if (!next) return std::move(next).error();
  Deleted deleted;
  Millis bound = before;
  if (next->count() > 0) {
    bound = next->millis(0, 0);
    deleted.left_from = bound;
  }
  std::array<std::uint64_t, 4> gone{};
  const std::array<const char*, 4> tables = {"candle", "candle_text", "revision", "rollup"};
  for (std::size_t i = 0; i < tables.size(); ++i) {
    auto done =
        link_->ask(std::string("DELETE FROM ") + tables[i] + " WHERE " + of + time_literal(bound));
    if (!done) return std::move(done).error();
    gone[i] = done->changed();
  }
  deleted.rows = gone[0] + gone[1];
  auto done = link_->run("UPDATE series SET row_count = row_count - " +
                         std::to_string(deleted.rows) + ", text_row_count = text_row_count - " +
                         std::to_string(gone[1]) + ", revision_count = revision_count - " +
                         std::to_string(gone[2]) + ", first_row = greatest(first_row, " +
                         time_literal(bound) + ") WHERE id = " + std::to_string(series.id));
  if (!done) return std::move(done).error();
  return deleted;
}

}  // namespace bourse::history
