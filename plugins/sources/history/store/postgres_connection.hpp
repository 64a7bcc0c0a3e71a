// SPDX-License-Identifier: MIT
//
// postgres_connection.hpp - a connection to a PostgreSQL history.
//
// Bounds of time are written into the statements, never prepared: after five executions a prepared
// statement's plan is made for any bounds, and locks every partition and index before it looks at
// them.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "plugins/sources/history/store/database.hpp"
#include "plugins/sources/history/store/postgres_link.hpp"

namespace bourse::history {

class PgConnection final : public Connection {
 public:
  explicit PgConnection(std::unique_ptr<PgLink> link) : link_(std::move(link)) {}

  Status begin_read() override {
    return link_->run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }
  void end_read() noexcept override {
    if (link_->is_alive() && link_->is_in_transaction()) static_cast<void>(link_->run("ROLLBACK"));
  }
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
  /// Quick: what the server knows of damage (pages whose checksums failed, indexes that are not
  /// valid), and that each month's rows are where they are looked for. Full: also each index
  /// against its table, where the extension amcheck is there and may be used.
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
  [[nodiscard]] PgLink& link() noexcept { return *link_; }
  /// Partitions that got rows, since the last call.
  [[nodiscard]] std::set<std::string> take_touched() noexcept { return std::move(touched_); }
  /// Somebody took a partition away.
  void forget_partitions() noexcept { partitions_.clear(); }

 private:
  /// What bounds a series' rows.
  struct Extent {
    std::optional<Span> rows;
    bool has_text = false;
  };
  Result<Extent> extent(SeriesId series);
  Status plain_rows(const Series& series, Span span, std::size_t limit, bool newest,
                    std::vector<Row>& out);
  Result<std::vector<Row>> text_rows(const Series& series, Span span, std::size_t limit,
                                     bool newest);
  Status ensure_partition(Millis time);
  Status copy(SeriesId series, const std::vector<const Row*>& rows);
  Status apply_replaced(const Series& series, const Changes& changes);
  Status put_text(const Series& series, const std::vector<const Row*>& rows);
  Status apply_revisions(const Series& series, const Changes& changes);
  Status apply_rollups(SeriesId series, const Changes& changes);
  Status apply_coverage(SeriesId series, const Changes& changes);
  Status count(SeriesId series, const Changes& changes);

  std::unique_ptr<PgLink> link_;
  std::set<std::string> partitions_, touched_;
};

}  // namespace bourse::history
