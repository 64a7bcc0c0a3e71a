// SPDX-License-Identifier: MIT
//
// sqlite_connection.hpp - a connection to a SQLite history, with its prepared statements.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/sources/history/store/database.hpp"
#include "plugins/sources/history/store/sqlite_run.hpp"

namespace bourse::history {

class SqliteConnection final : public Connection {
 public:
  enum class Mode : std::uint8_t { kWrite, kRead, kImmutable };

  /// Opens a file that is there (or, to write, makes it); sets what a connection of ours has set.
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& file, Mode mode,
                                                        std::chrono::milliseconds wait);
  ~SqliteConnection() override;

  Status begin_read() override { return execute("BEGIN"); }
  void end_read() noexcept override;
  Result<std::vector<Series>> series(const SeriesKey* key, const SeriesId* id,
                                     const char* dataset = kCandles) override;
  Status rows(const Series& series, Span span, std::size_t limit, bool newest,
              std::vector<Row>& out) override;
  Result<std::vector<Covered>> coverage(SeriesId series, Span span) override;
  Result<std::vector<Rollup>> rollups(SeriesId series, int minutes, Span span) override;
  Result<std::vector<Revision>> revisions(const Series& series, Span span,
                                          std::size_t limit) override;
  Result<std::optional<Origin>> origin(OriginId id) override;
  Result<std::vector<Counts>> counts() override;
  Result<std::vector<KeptTrade>> trades(const Series& series, TradeIds ids, std::size_t limit,
                                        bool newest) override;
  Result<std::vector<TradeIds>> missing_trades(SeriesId series, std::size_t limit) override;
  Result<std::vector<TradeRevision>> trade_revisions(SeriesId series, TradeIds ids,
                                                     std::size_t limit) override;
  Result<std::vector<Book>> books(SeriesId series, Span span, std::size_t limit,
                                  bool newest) override;
  Result<Sizes> sizes() override;
  Result<std::vector<std::string>> check(Depth depth, const Store::Stop& stop) override;

  Result<Series> create(const NewSeries& series, Millis now) override;
  Result<OriginId> origin_id(const Origin& origin) override;
  Status apply(const Series& series, const Changes& changes) override;
  Result<Deleted> erase(const Series& series, Millis before, std::size_t rows_max) override;
  Status apply(const Series& series, const TradeChanges& changes) override;
  Status add_book(SeriesId series, const Book& book, OriginId origin) override;
  Result<std::uint64_t> erase_trades(SeriesId series, Millis before, std::size_t rows_max) override;
  Result<std::uint64_t> erase_books(SeriesId series, Millis before, std::size_t rows_max) override;

  // ---- for the database

  /// Statements without parameters and results.
  Status execute(const std::string& sql);
  /// The first value of the first row.
  Result<std::int64_t> integer(const std::string& sql);
  [[nodiscard]] sqlite3* get() const noexcept { return db_; }
  /// Pages in the log after the last commit.
  [[nodiscard]] int log_pages() const noexcept { return log_pages_; }
  void forget_log_pages() noexcept { log_pages_ = 0; }
  [[nodiscard]] Error error(std::string_view doing) const {
    return sqlite_error(db_, file_, doing);
  }
  /// The last connection to close writes the log back and takes it away: only under the lock.
  void keep_log_on_close() noexcept;

 private:
  enum Statement : std::size_t {
    kAllSeries,
    kSeriesByKey,
    kSeriesById,
    kRows,
    kRowsNewest,
    kTextRows,
    kTextRowsNewest,
    kCoverage,
    kRollups,
    kRevisions,
    kOrigin,
    kFindOrigin,
    kCounts,
    kInsertSeries,
    kInsertOrigin,
    kInsertRow,
    kReplaceRow,
    kInsertTextRow,
    kDeleteRow,
    kDeleteTextRow,
    kInsertRevision,
    kDeleteRollup,
    kInsertRollup,
    kDeleteCoverage,
    kInsertCoverage,
    kAddCounts,
    kPruneBound,
    kPruneRows,
    kPruneTextRows,
    kPruneRollups,
    kPruneRevisions,
    kTradeRows,
    kTradeRowsNewest,
    kMissingTrades,
    kTradeRevisions,
    kBookRows,
    kBookRowsNewest,
    kInsertTrade,
    kInsertTradeRevision,
    kInsertBook,
    kPruneTradeRevisions,
    kPruneTrades,
    kPruneBooks,
    kStatements
  };

  SqliteConnection(sqlite3* db, std::string file) : db_(db), file_(std::move(file)) {}
  static const char* sql_of(Statement statement);
  SqliteRun run(Statement statement);
  /// Runs a statement that gives no rows.
  Status change(SqliteRun& run, std::string_view doing);
  Status apply_rows(const Series& series, const Changes& changes);
  Status apply_rollups(SeriesId series, const Changes& changes);
  Status apply_coverage(SeriesId series, const Changes& changes);
  Status insert(SqliteRun& run, SeriesId series, const Row& row);
  Status insert(SqliteRun& run, const Series& series, const Trade& trade, OriginId origin);
  Status count(SeriesId series, std::int64_t rows, std::int64_t revisions);
  Status insert_text(SqliteRun& run, const Series& series, const Row& row);
  Result<std::optional<Millis>> millis(Statement statement, SeriesId series, std::int64_t second);

  sqlite3* db_;
  std::string file_;
  std::array<sqlite3_stmt*, kStatements> statements_{};
  int log_pages_ = 0;
};

}  // namespace bourse::history
