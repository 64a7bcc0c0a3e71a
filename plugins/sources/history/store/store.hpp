// SPDX-License-Identifier: MIT
//
// store.hpp - where a history is kept: one interface, SQLite and PostgreSQL behind it.
//
//   auto store = open_store({.database = "sqlite:/var/lib/bourse/history.db"});
//   auto series = (*store)->create({.key = {"binance/spot", "BTCUSDT", "1m"}, .scale =
//   scale_of(page)}); for (const Span& hole : *(*store)->missing(series->id, asked, now)) {
//     ... page = ask below; marks = proof(series->grid(), hole, open_times, is_complete) ...
//     auto written = (*store)->write({.series = series->id, .origin = api, .rows = page,
//                                     .marks = marks, .clock = clock_of_source});
//   }
//   auto rows = (*store)->read(series->id, asked, 1000);
//
// What holds in both:
//   Rows, what is known, their origin, revisions and roll-ups change in one transaction. write()
//   returns when it is on the disk (SQLite: synchronous=FULL; PostgreSQL: its synchronous_commit),
//   so what was told as kept outlives kill -9 and a power cut, and what was not is asked again. A
//   row is in a slot that is known, and an empty slot has no row. Nothing throws, apart from
//   std::bad_alloc.
//
// Threads: any function from any thread at once. One write at a time, the others wait for it at
// most Options::wait. Readers have connections of their own and never wait for a writer, nor a
// writer for them; reads give copies, so no cursor stays open between calls.
//
// Writers: of the servers that share a database, one is the writer (Role::kServer takes the lease
// when it is free, at any write; who only opens it holds none); the others read, and their write()
// says kLocked and by whom it is held. Tasks beside it (Role::kTask) write batch by batch, under a
// lock that is held for a batch, and should sleep 5 ms between two. The lease ends with the
// process, however that ends.
//
// Speed and size: docs/reference/history-schema.md. Why so: docs/explanation/decisions/history.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/sources/history/store/coverage.hpp"
#include "plugins/sources/history/store/result.hpp"
#include "plugins/sources/history/store/trades.hpp"
#include "plugins/sources/history/store/types.hpp"

namespace bourse::history {

enum class Role : std::uint8_t {
  kServer,  ///< writes while it holds the lease
  kTask,    ///< writes between a server's writes
  kReader,  ///< never writes, and does not make or migrate a database
};

struct Options {
  /// "sqlite:/absolute/file.db", or "postgresql://[user@]host[:port]/name[?option=value&...]" as
  /// libpq reads it. A host that is not this machine needs `sslmode=verify-full`, or another
  /// sslmode written out. A password in it is refused (kInvalid): it would be in a file, in `ps`
  /// and in logs.
  std::string database = {};
  std::string password = {};  ///< PostgreSQL's; "" leaves it to the server and to libpq
  Role role = Role::kServer;
  /// Who this is, for the others: "bourse serve, desk.yaml". Process and host are added.
  std::string name = "bourse";
  /// How long a write waits for others, and how long a connection may take to come about.
  std::chrono::milliseconds wait{5000};
  /// Connections for reading, at most; the next reader waits for one.
  std::size_t readers_max = 4;
};

/// One transaction. Bounds: at most kRowsMax rows and marks.
struct Write {
  static constexpr std::size_t kRowsMax = 10'000;
  SeriesId series = 0;
  Origin origin = {};
  /// In any order. Equal ones of one open time are one; of different ones the last counts, the
  /// others are revisions. They need no mark: a row's own slot is known by it.
  std::span<const Candle> rows = {};
  std::span<const Mark> marks = {};
  /// The source's time when it answered (a file: ours). Rows and marks of the candle that still
  /// forms, and later ones, are left out.
  Millis clock = 0;
};

struct Written {
  std::uint64_t added = 0;    ///< rows of open times that had none
  std::uint64_t equal = 0;    ///< rows that were there already; no write
  std::uint64_t revised = 0;  ///< rows that differ, and show now; what was there is a revision
  std::uint64_t refused =
      0;  ///< rows that differ, and became a revision: what is there is believed
  std::uint64_t repeated = 0;  ///< rows of an open time that `rows` had already; equal or not
  std::uint64_t forming = 0;   ///< rows left out because of `clock`
  /// Rows that are kept where a mark says that there is none. They stay, and their slots are known.
  std::uint64_t vanished = 0;
  /// Open times of `revised`, `refused` and `vanished`, the first 100.
  std::vector<Millis> conflicts = {};
};

/// A candle made of shorter ones.
struct Derived {
  Candle candle;
  bool has_gaps = false;  ///< some of its parts are known to be empty
};
struct DerivedRows {
  std::vector<Derived> rows;
  /// Where candles of the longer interval cannot be made exactly, since something in them is
  /// unknown: whole candles, sorted. Ask below for the unknown in them, or for the long candles.
  std::vector<Span> missing;
};

struct Health {
  bool can_write = false;
  /// Who writes, for people: "bourse serve, desk.yaml (process 12 on desk)"; "" when nobody does.
  std::string writer = {};
  std::uint64_t database_bytes = 0;
  std::uint64_t wal_bytes = 0;  ///< SQLite's log; above kWalWarning some reader holds it: say so
  int schema = 0;
  /// SQLite: whoever wrote last ended without a farewell. Nothing is lost by that; a check(kQuick)
  /// in the background tells whether the disk thinks so too.
  bool was_unclean = false;
  static constexpr std::uint64_t kWalWarning = 256ULL << 20;
};

enum class Depth : std::uint8_t {
  kQuick,  ///< the structure of the file, or what the server knows of it; seconds for ten million
           ///< rows
  kFull,   ///< also its indexes, and that rows, coverage and roll-ups agree
};

struct Pruned {
  std::uint64_t rows = 0;
  bool is_done = false;  ///< nothing older is left; otherwise call again
};

class Store {
 public:
  using Stop = std::function<bool()>;  ///< asked now and then; true: give up with kBusy

  virtual ~Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // ---- series

  /// nullopt: it is not kept (yet).
  virtual Result<std::optional<Series>> find(const SeriesKey& key) = 0;
  /// The one of that key, made if there is none. One that is there keeps its scale and grid.
  virtual Result<Series> create(const NewSeries& series) = 0;
  /// In order of their keys.
  virtual Result<std::vector<Series>> list() = 0;

  // ---- questions; `series` that does not exist is kInvalid

  /// What of `asked` has to be asked below at `now`, as missing() says. Nothing at or after
  /// closed_until(now) is ever known, so clip `asked` to that first.
  virtual Result<std::vector<Span>> missing(SeriesId series, Span asked, Millis now) = 0;
  /// All pieces that touch `span`, whole, oldest first.
  virtual Result<std::vector<Covered>> coverage(SeriesId series, Span span) = 0;
  /// The oldest `limit` rows that open in `span`, ascending. More: from the last open time + 1.
  virtual Result<std::vector<Candle>> read(SeriesId series, Span span, std::size_t limit) = 0;
  /// The newest `limit` rows that open in `span`, ascending.
  virtual Result<std::vector<Candle>> newest(SeriesId series, Span span, std::size_t limit) = 0;
  /// Candles of `longer` that open in `span` and can be made of these, ascending, the oldest
  /// `limit`; beyond the last of `limit` nothing is said, of `missing` neither. Weeks begin on
  /// Monday; "3d" must be anchored. Expiry does not count here: ask missing() first. kInvalid when
  /// `longer` is not made of whole candles of the series.
  virtual Result<DerivedRows> derive(SeriesId series, const Interval& longer, Span span,
                                     std::size_t limit) = 0;
  /// Versions that are not shown, of candles that open in `span`, by open time, oldest finding
  /// first.
  virtual Result<std::vector<Revision>> revisions(SeriesId series, Span span,
                                                  std::size_t limit) = 0;
  /// nullopt: no such origin.
  virtual Result<std::optional<Origin>> origin(OriginId origin) = 0;
  /// All of them, in order of their keys.
  virtual Result<std::vector<SeriesStatus>> status(Millis now) = 0;

  // ---- changes

  /// All of it or nothing.
  virtual Result<Written> write(const Write& batch) = 0;
  /// Makes `span` unknown, so that it is asked below again; rows stay, and are compared with what
  /// comes.
  virtual Status forget(SeriesId series, Span span) = 0;
  /// Takes away rows that open before `before`, at most `rows_max` of them, with what is known of
  /// that time, their roll-ups and revisions. Where the disk is full, the reserve is given up for
  /// it.
  virtual Result<Pruned> prune(SeriesId series, Millis before, std::size_t rows_max) = 0;
  // ---- trades and books; of a market of which none is kept all of these say so by being empty

  /// The oldest `limit` of those numbered `from` and above, ascending.
  virtual Result<std::vector<Trade>> trades(const Market& market, TradeId from,
                                            std::size_t limit) = 0;
  /// The newest `limit` of those numbered below `before`, ascending.
  virtual Result<std::vector<Trade>> newest_trades(const Market& market, TradeId before,
                                                   std::size_t limit) = 0;
  /// Numbers between the first and the last that are kept, and are not; the first `limit` pieces.
  virtual Result<std::vector<TradeIds>> missing_trades(const Market& market, std::size_t limit) = 0;
  /// Versions that are not shown, by number, oldest finding first.
  virtual Result<std::vector<TradeRevision>> trade_revisions(const Market& market,
                                                             std::size_t limit) = 0;
  /// The oldest `limit` snapshots of [from, to), ascending.
  virtual Result<std::vector<Book>> books(const Market& market, Span span, std::size_t limit) = 0;
  /// nullopt: none is kept.
  virtual Result<std::optional<Book>> newest_book(const Market& market) = 0;
  /// All of them, in order of their markets.
  virtual Result<std::vector<TradesStatus>> trades_status() = 0;
  virtual Result<std::vector<BooksStatus>> books_status() = 0;

  /// All of it or nothing.
  virtual Result<WrittenTrades> write_trades(const TradeBatch& batch) = 0;
  /// False: it is not kept, since one is that is not `pause` older, or that is the same state of
  /// the book.
  virtual Result<bool> write_book(const Market& market, const Book& book, const Origin& origin,
                                  Millis pause) = 0;
  /// Take away those of before `before`, at most `rows_max`, the oldest first.
  virtual Result<Pruned> prune_trades(const Market& market, Millis before,
                                      std::size_t rows_max) = 0;
  virtual Result<Pruned> prune_books(const Market& market, Millis before, std::size_t rows_max) = 0;

  /// What the room is used for. SQLite reads the whole file for it: a second a GB, and more from a
  /// slow disk. kInvalid where this SQLite cannot tell.
  virtual Result<Sizes> sizes() = 0;

  /// To be called when a task ends: SQLite gives its log back, PostgreSQL gets its statistics.
  virtual Status settle() = 0;

  // ---- the database

  /// Cheap; asks nothing of a server but what is needed.
  virtual Result<Health> health() = 0;
  /// Sentences about what is wrong; none is good.
  virtual Result<std::vector<std::string>> check(Depth depth, const Stop& stop = {}) = 0;
  /// A copy of the state of one instant, while others write. SQLite: a new file, checked; it must
  /// not exist. PostgreSQL: kInvalid, with how pg_dump does it.
  virtual Status backup(const std::string& file) = 0;
  /// For notes and logs: "SQLite database /var/lib/bourse/history.db", never with a password.
  [[nodiscard]] virtual std::string description() const = 0;

 protected:
  Store() = default;
};

/// Opens, makes or migrates the database. kServer: also when another one is the writer; it reads
/// then. Never changes a file that it refuses.
Result<std::unique_ptr<Store>> open_store(const Options& options);

}  // namespace bourse::history
