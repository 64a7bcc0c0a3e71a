// SPDX-License-Identifier: MIT
//
// kept_store.hpp - the Store over a Database: all that does not depend on which one it is.
//
// Internal to the store: not seen by the layer.
#pragma once

#include <map>
#include <mutex>

#include "plugins/sources/history/store/database.hpp"

namespace bourse::history {

class KeptStore final : public Store {
 public:
  explicit KeptStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  Result<std::optional<Series>> find(const SeriesKey& key) override;
  Result<Series> create(const NewSeries& series) override;
  Result<std::vector<Series>> list() override;

  Result<std::vector<Span>> missing(SeriesId series, Span asked, Millis now) override;
  Result<std::vector<Covered>> coverage(SeriesId series, Span span) override;
  Result<std::vector<Candle>> read(SeriesId series, Span span, std::size_t limit) override;
  Result<std::vector<Candle>> newest(SeriesId series, Span span, std::size_t limit) override;
  Result<DerivedRows> derive(SeriesId series, const Interval& longer, Span span,
                             std::size_t limit) override;
  Result<std::vector<Revision>> revisions(SeriesId series, Span span, std::size_t limit) override;
  Result<std::optional<Origin>> origin(OriginId origin) override;
  Result<std::vector<SeriesStatus>> status(Millis now) override;

  Result<Written> write(const Write& batch) override;
  Status forget(SeriesId series, Span span) override;
  Result<Pruned> prune(SeriesId series, Millis before, std::size_t rows_max) override;

  Result<std::vector<Trade>> trades(const Market& market, TradeId from, std::size_t limit) override;
  Result<std::vector<Trade>> newest_trades(const Market& market, TradeId before,
                                           std::size_t limit) override;
  Result<std::vector<TradeIds>> missing_trades(const Market& market, std::size_t limit) override;
  Result<std::vector<TradeRevision>> trade_revisions(const Market& market,
                                                     std::size_t limit) override;
  Result<std::vector<Book>> books(const Market& market, Span span, std::size_t limit) override;
  Result<std::optional<Book>> newest_book(const Market& market) override;
  Result<std::vector<TradesStatus>> trades_status() override;
  Result<std::vector<BooksStatus>> books_status() override;
  Result<WrittenTrades> write_trades(const TradeBatch& batch) override;
  Result<bool> write_book(const Market& market, const Book& book, const Origin& origin,
                          Millis pause) override;
  Result<Pruned> prune_trades(const Market& market, Millis before, std::size_t rows_max) override;
  Result<Pruned> prune_books(const Market& market, Millis before, std::size_t rows_max) override;
  Result<Sizes> sizes() override;

  Status settle() override { return database_->settle(); }

  Result<Health> health() override { return database_->health(); }
  Result<std::vector<std::string>> check(Depth depth, const Stop& stop) override;
  Status backup(const std::string& file) override { return database_->backup(file); }
  [[nodiscard]] std::string description() const override { return database_->description(); }

 private:
  Result<Series> series_of(SeriesId id);
  /// `work` with the series of a market in that dataset, in one state; not called where there is
  /// none.
  Status with_market(const Market& market, const char* dataset,
                     const std::function<Status(Connection&, const Series&)>& work);
  Result<std::vector<Candle>> rows(SeriesId id, Span span, std::size_t limit, bool newest);

  std::unique_ptr<Database> database_;
  std::mutex mutex_;
  std::map<SeriesId, Series> series_;  ///< they never change; guarded by mutex_
};

}  // namespace bourse::history
