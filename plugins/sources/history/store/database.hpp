// SPDX-License-Identifier: MIT
//
// database.hpp - what SQLite and PostgreSQL each have to be able to do; kept_store.hpp makes a
// Store of it. They read and write what they are told: what is new, what differs, what is believed
// and what is known is decided in C++, once (merge.hpp, coverage.hpp).
//
// Internal to the store: not seen by the layer.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plugins/sources/history/store/rows.hpp"
#include "plugins/sources/history/store/store.hpp"

namespace bourse::history {

/// The version of the schema that this program writes. 1: candles. 2: trades and snapshots of books
/// too, each market's a series of their dataset, without an interval.
inline constexpr int kSchema = 2;
inline constexpr const char* kCandles = "candles";
inline constexpr const char* kTrades = "trades";
inline constexpr const char* kBooks = "order_book";
/// application_id of our SQLite files: "bour".
inline constexpr std::uint32_t kApplicationId = 0x626F7572;

/// Complete hours or days, made of a series' rows in the transaction that completes them.
struct Rollup {
  int minutes = 60;  ///< 60 or 1440
  std::int64_t parts = 0;
  Row row;
};
struct RollupKey {
  int minutes = 60;
  Millis open_time = 0;
};

/// A row that takes the place of another, which may be in the other table.
struct Replaced {
  Row row;
  bool was_text = false;
};

struct NewRevision {
  Row row;
  OriginId origin = 0;
};

/// What one transaction does to a series. Everything sorted by open time.
struct Changes {
  Millis now = 0;
  std::vector<Row> added;
  std::vector<Replaced> replaced;
  std::vector<NewRevision> revisions;
  std::vector<RollupKey> rollups_dropped;
  std::vector<Rollup> rollups;        ///< there is none of that key, or it was dropped
  std::vector<Span> covered_dropped;  ///< pieces by their exact span
  std::vector<Covered> covered;
};

/// A trade as it is kept.
struct KeptTrade {
  Trade trade;
  OriginId origin = 0;
  OriginKind kind = OriginKind::kApi;
};

/// What one transaction does to the trades of a market. Sorted by number.
struct TradeChanges {
  Millis now = 0;
  OriginId origin = 0;  ///< of what is added and of what replaces
  std::vector<Trade> added;
  std::vector<Trade> replaced;  ///< take the place of those of their numbers
  std::vector<TradeRevision> revisions;
};

/// One connection, used by one thread at a time.
class Connection {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Several reads of one state. Ended by end_read, whatever happened between.
  virtual Status begin_read() = 0;
  virtual void end_read() noexcept = 0;

  // ---- reading
  /// Of a key, of a number, or all of `dataset`.
  virtual Result<std::vector<Series>> series(const SeriesKey* key, const SeriesId* id,
                                             const char* dataset = kCandles) = 0;
  /// Appends at most `limit` rows, of both tables, ascending; of `newest` descending.
  virtual Status rows(const Series& series, Span span, std::size_t limit, bool newest,
                      std::vector<Row>& out) = 0;
  /// Pieces that touch or meet `span`, whole.
  virtual Result<std::vector<Covered>> coverage(SeriesId series, Span span) = 0;
  virtual Result<std::vector<Rollup>> rollups(SeriesId series, int minutes, Span span) = 0;
  virtual Result<std::vector<Revision>> revisions(const Series& series, Span span,
                                                  std::size_t limit) = 0;
  virtual Result<std::optional<Origin>> origin(OriginId id) = 0;
  /// rows, text_rows and revisions of all series.
  struct Counts {
    SeriesId series = 0;
    std::uint64_t rows = 0, text_rows = 0, revisions = 0;
  };
  virtual Result<std::vector<Counts>> counts() = 0;
  /// Numbered [ids.first, ids.last], at most `limit`, ascending; of `newest` descending.
  virtual Result<std::vector<KeptTrade>> trades(const Series& series, TradeIds ids,
                                                std::size_t limit, bool newest) = 0;
  virtual Result<std::vector<TradeIds>> missing_trades(SeriesId series, std::size_t limit) = 0;
  /// Of numbers [ids.first, ids.last].
  virtual Result<std::vector<TradeRevision>> trade_revisions(SeriesId series, TradeIds ids,
                                                             std::size_t limit) = 0;
  /// As trades().
  virtual Result<std::vector<Book>> books(SeriesId series, Span span, std::size_t limit,
                                          bool newest) = 0;
  virtual Result<Sizes> sizes() = 0;
  /// Of Depth, in sentences.
  virtual Result<std::vector<std::string>> check(Depth depth, const Store::Stop& stop) = 0;

  // ---- writing; between begin and end of Database::write
  virtual Result<Series> create(const NewSeries& series, Millis now) = 0;
  /// The origin's number; of a new one, once it is made.
  virtual Result<OriginId> origin_id(const Origin& origin) = 0;
  virtual Status apply(const Series& series, const Changes& changes) = 0;
  /// Deletes rows [.., before), text rows, roll-ups and revisions that open before it, at most
  /// rows_max rows; answers how many, and the new bound when something is left: nothing older is
  /// there.
  struct Deleted {
    std::uint64_t rows = 0;
    std::optional<Millis> left_from = {};
  };
  virtual Result<Deleted> erase(const Series& series, Millis before, std::size_t rows_max) = 0;
  virtual Status apply(const Series& series, const TradeChanges& changes) = 0;
  virtual Status add_book(SeriesId series, const Book& book, OriginId origin) = 0;
  /// The oldest `rows_max` of before `before`; answers how many. With their revisions.
  virtual Result<std::uint64_t> erase_trades(SeriesId series, Millis before,
                                             std::size_t rows_max) = 0;
  virtual Result<std::uint64_t> erase_books(SeriesId series, Millis before,
                                            std::size_t rows_max) = 0;

 protected:
  Connection() = default;
};

/// Work within a transaction; an error undoes it.
using Work = std::function<Status(Connection&)>;

class Database {
 public:
  virtual ~Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// `work` on a reader's connection; in one state when `is_one_state`.
  virtual Status read(bool is_one_state, const Work& work) = 0;
  /// `work` as the writer, committed when this returns Done. `is_freeing`: it frees room, so the
  /// reserve of a full disk is given up for it.
  virtual Status write(const Work& work, bool is_freeing) = 0;

  virtual Status settle() = 0;
  virtual Result<Health> health() = 0;
  virtual Status backup(const std::string& file) = 0;
  [[nodiscard]] virtual std::string description() const = 0;

 protected:
  Database() = default;
};

Result<std::unique_ptr<Database>> open_sqlite(const Options& options, const std::string& file);
Result<std::unique_ptr<Database>> open_postgres(const Options& options);

}  // namespace bourse::history
