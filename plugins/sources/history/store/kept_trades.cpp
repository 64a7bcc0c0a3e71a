// SPDX-License-Identifier: MIT
//
// Trades and snapshots of books of a KeptStore. A market of which some are kept is a series of
// their dataset, without an interval.
#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "plugins/sources/history/store/coverage.hpp"
#include "plugins/sources/history/store/kept_store.hpp"

namespace bourse::history {

namespace {

constexpr std::size_t kConflictsTold = 100;
constexpr TradeIds kAllIds{std::numeric_limits<TradeId>::min(),
                           std::numeric_limits<TradeId>::max()};
constexpr Span kAllTime{kMillisMin, kMillisMax};

SeriesKey key_of(const Market& market, const char* dataset) {
  return {market.source, market.symbol, {}, dataset};
}
Market market_of(const Series& series) { return {series.key.source, series.key.symbol}; }

std::optional<Error> fault_of(const Market& market) {
  for (const std::string* const text : {&market.source, &market.symbol}) {
    if (text->empty() || text->size() > 200 || text->find('\0') != std::string::npos) {
      return Error{ErrorKind::kInvalid, "a market needs a source and a symbol of 1 to 200 bytes",
                   "name both"};
    }
  }
  return std::nullopt;
}

/// The market's series, made if there is none.
Result<Series> series_for(Connection& connection, const Market& market, const char* dataset,
                          Scale scale) {
  const SeriesKey key = key_of(market, dataset);
  auto there = connection.series(&key, nullptr);
  if (!there) return std::move(there).error();
  if (!there->empty()) return std::move(there->front());
  const Millis now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
  return connection.create({.key = key, .scale = scale}, now);
}

/// What a batch changes: as merge() of candles, by number.
class TradeMerge {
 public:
  TradeMerge(Connection& connection, const Series& series, const TradeBatch& batch, OriginId origin)
      : connection_(connection), series_(series), batch_(batch) {
    changes.now = batch.origin.taken_at;
    changes.origin = origin;
  }

  Status run() {
    take_rows();
    if (incoming_.empty()) return Done{};
    const TradeIds ids{incoming_.front().id, incoming_.back().id};
    auto kept = connection_.trades(series_, ids, incoming_.size() + kPageOver, false);
    if (!kept) return std::move(kept).error();
    // More are there than can be compared at once only where what comes has gaps.
    if (kept->size() == incoming_.size() + kPageOver) return compare_one_by_one();
    return compare(*kept);
  }

  TradeChanges changes;
  WrittenTrades written;

 private:
  static constexpr std::size_t kPageOver = 10'000;

  /// The last one of a number counts.
  void take_rows() {
    incoming_.assign(batch_.rows.begin(), batch_.rows.end());
    std::ranges::stable_sort(incoming_, {}, &Trade::id);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < incoming_.size(); ++i) {
      if (kept > 0 && incoming_[kept - 1].id == incoming_[i].id) {
        ++written.repeated;
        if (incoming_[kept - 1] != incoming_[i]) {
          beaten_.push_back({incoming_[kept - 1], 0, changes.origin});
        }
        incoming_[kept - 1] = incoming_[i];
      } else {
        incoming_[kept++] = incoming_[i];
      }
    }
    incoming_.resize(kept);
  }

  Status compare_one_by_one() {
    for (const Trade& trade : incoming_) {
      auto kept = connection_.trades(series_, {trade.id, trade.id}, 1, false);
      if (!kept) return std::move(kept).error();
      if (auto done = compare(trade, kept->empty() ? nullptr : &kept->front()); !done) return done;
    }
    return revise_beaten();
  }

  Status compare(const std::vector<KeptTrade>& kept) {
    auto old = kept.begin();
    for (const Trade& trade : incoming_) {
      while (old != kept.end() && old->trade.id < trade.id) ++old;
      const bool is_there = old != kept.end() && old->trade.id == trade.id;
      if (auto done = compare(trade, is_there ? &*old : nullptr); !done) return done;
    }
    return revise_beaten();
  }

  Status compare(const Trade& fresh, const KeptTrade* kept) {
    if (kept == nullptr) {
      ++written.added;
      changes.added.push_back(fresh);
      return Done{};
    }
    if (kept->trade == fresh) {
      ++written.equal;
      return Done{};
    }
    if (written.conflicts.size() < kConflictsTold) written.conflicts.push_back(fresh.id);
    if (stays(kept->kind, batch_.origin.kind)) {
      ++written.refused;
      return revise({fresh, 0, changes.origin});
    }
    ++written.revised;
    changes.replaced.push_back(fresh);
    return revise({kept->trade, 0, kept->origin});
  }

  Status revise_beaten() {
    for (const TradeRevision& revision : beaten_) {
      if (auto done = revise(revision); !done) return done;
    }
    return Done{};
  }

  /// A version is kept once, however often it comes.
  Status revise(const TradeRevision& revision) {
    const TradeId id = revision.trade.id;
    auto there = connection_.trade_revisions(series_.id, {id, id}, kPageOver);
    if (!there) return std::move(there).error();
    there->insert(there->end(), changes.revisions.begin(), changes.revisions.end());
    const bool is_new = std::ranges::none_of(
        *there, [&](const TradeRevision& other) { return other.trade == revision.trade; });
    if (is_new) changes.revisions.push_back(revision);
    return Done{};
  }

  Connection& connection_;
  const Series& series_;
  const TradeBatch& batch_;
  std::vector<Trade> incoming_;
  std::vector<TradeRevision> beaten_;
};

/// A book within the pause of another one, or the same state again, says nothing new.
Result<bool> is_due(Connection& connection, SeriesId series, const Book& book, Millis pause) {
  const Span near{std::max(kMillisMin, book.time - std::max<Millis>(pause - 1, 0)),
                  std::min(kMillisMax, book.time + std::max<Millis>(pause, 1))};
  auto others = connection.books(series, near, 1, false);
  if (!others) return std::move(others).error();
  if (!others->empty()) return false;
  auto last = connection.books(series, {kMillisMin, book.time}, 1, true);
  if (!last) return std::move(last).error();
  return last->empty() || !book.last_update_id ||
         last->front().last_update_id != book.last_update_id || last->front().depth < book.depth;
}

}  // namespace

Status KeptStore::with_market(const Market& market, const char* dataset,
                              const std::function<Status(Connection&, const Series&)>& work) {
  return database_->read(true, [&](Connection& connection) -> Status {
    const SeriesKey key = key_of(market, dataset);
    auto found = connection.series(&key, nullptr);
    if (!found) return std::move(found).error();
    if (found->empty()) return Done{};
    return work(connection, found->front());
  });
}

// ---- questions

Result<std::vector<Trade>> KeptStore::trades(const Market& market, TradeId from,
                                             std::size_t limit) {
  std::vector<Trade> out;
  auto done = with_market(market, kTrades, [&](Connection& connection, const Series& series) {
    auto rows = connection.trades(series, {from, kAllIds.last}, limit, false);
    if (!rows) return Status(std::move(rows).error());
    out.clear();
    for (const KeptTrade& row : *rows) out.push_back(row.trade);
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::vector<Trade>> KeptStore::newest_trades(const Market& market, TradeId before,
                                                    std::size_t limit) {
  std::vector<Trade> out;
  if (before == kAllIds.first) return out;
  auto done = with_market(market, kTrades, [&](Connection& connection, const Series& series) {
    auto rows = connection.trades(series, {kAllIds.first, before - 1}, limit, true);
    if (!rows) return Status(std::move(rows).error());
    out.clear();
    for (const KeptTrade& row : *rows) out.push_back(row.trade);
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  std::ranges::reverse(out);
  return out;
}

Result<std::vector<TradeIds>> KeptStore::missing_trades(const Market& market, std::size_t limit) {
  std::vector<TradeIds> out;
  auto done = with_market(market, kTrades, [&](Connection& connection, const Series& series) {
    auto found = connection.missing_trades(series.id, limit);
    if (!found) return Status(std::move(found).error());
    out = std::move(*found);
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::vector<TradeRevision>> KeptStore::trade_revisions(const Market& market,
                                                              std::size_t limit) {
  std::vector<TradeRevision> out;
  auto done = with_market(market, kTrades, [&](Connection& connection, const Series& series) {
    auto found = connection.trade_revisions(series.id, kAllIds, limit);
    if (!found) return Status(std::move(found).error());
    out = std::move(*found);
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::vector<Book>> KeptStore::books(const Market& market, Span span, std::size_t limit) {
  std::vector<Book> out;
  const Span asked{std::max(span.from, kMillisMin), std::min(span.to, kMillisMax)};
  if (asked.from >= asked.to) return out;
  auto done = with_market(market, kBooks, [&](Connection& connection, const Series& series) {
    auto found = connection.books(series.id, asked, limit, false);
    if (!found) return Status(std::move(found).error());
    out = std::move(*found);
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  return out;
}

Result<std::optional<Book>> KeptStore::newest_book(const Market& market) {
  std::optional<Book> out;
  auto done = with_market(market, kBooks, [&](Connection& connection, const Series& series) {
    auto found = connection.books(series.id, kAllTime, 1, true);
    if (!found) return Status(std::move(found).error());
    out.reset();
    if (!found->empty()) out = std::move(found->front());
    return Status(Done{});
  });
  if (!done) return std::move(done).error();
  return out;
}

namespace {

/// Of each market of a dataset what `say` says of it, in order of the markets.
template <class Kept, class Say>
Result<std::vector<Kept>> status_of(Database& database, const char* dataset, const Say& say) {
  std::vector<Kept> out;
  auto done = database.read(true, [&](Connection& connection) -> Status {
    out.clear();
    auto all = connection.series(nullptr, nullptr, dataset);
    if (!all) return std::move(all).error();
    auto counts = connection.counts();
    if (!counts) return std::move(counts).error();
    for (const Series& series : *all) {
      const auto count = std::ranges::find(*counts, series.id, &Connection::Counts::series);
      if (count == counts->end()) continue;
      Kept& status = out.emplace_back();
      status.market = market_of(series);
      status.rows = count->rows;
      if (auto said = say(connection, series, *count, status); !said) return said;
    }
    return Done{};
  });
  if (!done) return std::move(done).error();
  std::ranges::sort(out, {}, &Kept::market);
  return out;
}

}  // namespace

Result<std::vector<TradesStatus>> KeptStore::trades_status() {
  return status_of<TradesStatus>(
      *database_, kTrades,
      [](Connection& connection, const Series& series, const Connection::Counts& counts,
         TradesStatus& status) -> Status {
        status.revisions = counts.revisions;
        auto first = connection.trades(series, kAllIds, 1, false);
        if (!first) return std::move(first).error();
        auto last = connection.trades(series, kAllIds, 1, true);
        if (!last) return std::move(last).error();
        if (first->empty() || last->empty()) return Done{};
        const Trade &oldest = first->front().trade, &newest = last->front().trade;
        status.ids = {oldest.id, newest.id};
        status.from = oldest.time;
        status.to = newest.time;
        status.missing = static_cast<std::uint64_t>(newest.id) -
                         static_cast<std::uint64_t>(oldest.id) + 1 - status.rows;
        return Done{};
      });
}

Result<std::vector<BooksStatus>> KeptStore::books_status() {
  return status_of<BooksStatus>(*database_, kBooks,
                                [](Connection& connection, const Series& series,
                                   const Connection::Counts&, BooksStatus& status) -> Status {
                                  auto first = connection.books(series.id, kAllTime, 1, false);
                                  if (!first) return std::move(first).error();
                                  auto last = connection.books(series.id, kAllTime, 1, true);
                                  if (!last) return std::move(last).error();
                                  if (first->empty() || last->empty()) return Done{};
                                  status.from = first->front().time;
                                  status.to = last->front().time;
                                  return Done{};
                                });
}

Result<Sizes> KeptStore::sizes() {
  Sizes out;
  auto done = database_->read(false, [&](Connection& connection) -> Status {
    auto sizes = connection.sizes();
    if (!sizes) return std::move(sizes).error();
    out = *sizes;
    return Done{};
  });
  if (!done) return std::move(done).error();
  return out;
}

// ---- changes

Result<WrittenTrades> KeptStore::write_trades(const TradeBatch& batch) {
  if (auto fault = fault_of(batch.market)) return std::move(*fault);
  if (batch.rows.size() > TradeBatch::kRowsMax) {
    return Error{
        ErrorKind::kInvalid,
        "a batch of " + std::to_string(batch.rows.size()) + " trades of " + batch.market.symbol,
        "write at most " + std::to_string(TradeBatch::kRowsMax) + " at once"};
  }
  for (const Trade& row : batch.rows) {
    if (row.time >= kMillisMin && row.time < kMillisMax) continue;
    return Error{ErrorKind::kInvalid,
                 "trade " + std::to_string(row.id) + " of " + batch.market.symbol +
                     " is of a time that cannot be kept",
                 "look at the source"};
  }
  if (batch.rows.empty()) return WrittenTrades{};
  WrittenTrades written;
  auto done = database_->write(
      [&](Connection& connection) -> Status {
        auto series = series_for(connection, batch.market, kTrades, scale_of(batch.rows));
        if (!series) return std::move(series).error();
        auto origin = connection.origin_id(batch.origin);
        if (!origin) return std::move(origin).error();
        TradeMerge merge(connection, *series, batch, *origin);
        if (auto merged = merge.run(); !merged) return merged;
        written = std::move(merge.written);
        return connection.apply(*series, merge.changes);
      },
      false);
  if (!done) return std::move(done).error();
  return written;
}

Result<bool> KeptStore::write_book(const Market& market, const Book& book, const Origin& origin,
                                   Millis pause) {
  if (auto fault = fault_of(market)) return std::move(*fault);
  if (book.time < kMillisMin || book.time >= kMillisMax) {
    return Error{ErrorKind::kInvalid,
                 "the book of " + market.symbol + " is of a time that cannot be kept",
                 "look at the source"};
  }
  // Most come too early: that is known without a turn to write.
  bool is_early = false;
  auto looked = with_market(market, kBooks, [&](Connection& connection, const Series& series) {
    auto due = is_due(connection, series.id, book, pause);
    if (!due) return Status(std::move(due).error());
    is_early = !*due;
    return Status(Done{});
  });
  if (!looked) return std::move(looked).error();
  if (is_early) return false;
  bool is_kept = false;
  auto done = database_->write(
      [&](Connection& connection) -> Status {
        auto series = series_for(connection, market, kBooks, {});
        if (!series) return std::move(series).error();
        auto due = is_due(connection, series->id, book, pause);  // another one may have been faster
        if (!due) return std::move(due).error();
        is_kept = *due;
        if (!is_kept) return Done{};
        auto id = connection.origin_id(origin);
        if (!id) return std::move(id).error();
        return connection.add_book(series->id, book, *id);
      },
      false);
  if (!done) return std::move(done).error();
  return is_kept;
}

namespace {

/// Erases by `erase`, where there is such a market.
template <class Erase>
Result<Pruned> pruned(Database& database, const Market& market, const char* dataset,
                      std::size_t rows_max, const Erase& erase) {
  Pruned out;
  auto done = database.write(
      [&](Connection& connection) -> Status {
        const SeriesKey key = key_of(market, dataset);
        auto found = connection.series(&key, nullptr);
        if (!found) return std::move(found).error();
        out = {0, true};
        if (found->empty()) return Done{};
        Result<std::uint64_t> gone = erase(connection, found->front().id);
        if (!gone) return std::move(gone).error();
        out = {*gone, *gone < rows_max};
        return Done{};
      },
      true);
  if (!done) return std::move(done).error();
  return out;
}

}  // namespace

Result<Pruned> KeptStore::prune_trades(const Market& market, Millis before, std::size_t rows_max) {
  const Millis bound = std::clamp(before, kMillisMin, kMillisMax);
  return pruned(*database_, market, kTrades, rows_max, [&](Connection& connection, SeriesId id) {
    return connection.erase_trades(id, bound, rows_max);
  });
}

Result<Pruned> KeptStore::prune_books(const Market& market, Millis before, std::size_t rows_max) {
  const Millis bound = std::clamp(before, kMillisMin, kMillisMax);
  return pruned(*database_, market, kBooks, rows_max, [&](Connection& connection, SeriesId id) {
    return connection.erase_books(id, bound, rows_max);
  });
}

}  // namespace bourse::history
