// SPDX-License-Identifier: MIT
//
// The layer `history`: a source over another one that remembers its candles.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "plugins/sources/history/answer.hpp"
#include "plugins/sources/history/keeper.hpp"
#include "plugins/sources/history/passing.hpp"
#include "plugins/sources/history/settings.hpp"
#include "plugins/sources/history/tasks.hpp"

namespace bourse::history {

/// Any function: [any thread].
class History {
 public:
  static constexpr About about{
      .id = "history",
      .title = "Kept history",
      .doc =
          "A layer over a source of candles, which keeps in a database what was asked and what is "
          "known to be missing: SQLite in a file, or PostgreSQL. Nothing is asked twice. Trades "
          "and "
          "snapshots of books are kept on request; other datasets pass through.",
      .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_LAYER | BOURSE_COMPONENT_BLOCKING};
  static constexpr std::array config{
      Param("database", BOURSE_TYPE_TEXT,
            "sqlite:/absolute/file.db, or postgresql://user@host/name without a password.")
          .required()
          .bounds("1", "1000"),
      Param("password", BOURSE_TYPE_TEXT, "Of PostgreSQL's user.").secret(),
      Param("market", BOURSE_TYPE_TEXT,
            "What the candles are of, as it stands in the database: where two sources share one, "
            "each has a name of its own, such as binance/spot.")
          .with_default("spot")
          .bounds("1", "64"),
      kKeep,
      kCandlesFor,
      kTradesFor,
      kBooksFor,
      kBooksEvery,
      kBooksIfError};
  static constexpr std::array datasets{&bourse_candles, &bourse_coverage, &bourse_coverage_spans,
                                       &bourse_trades, &bourse_order_book};
  /// Places in datasets.
  static constexpr std::size_t kCandleSet = 0, kCoverageSet = 1, kTradeSet = 3, kBookSet = 4;
  static constexpr auto tasks = kTasks;

  History(const Values& values, Host host);

  void fetch(Call& call, std::size_t dataset, const Values& values) const;
  void perform(Call& call, std::size_t task, const Values& values, Progress& progress) const;
  void collect(Metrics& metrics) const;
  void probe(const Call& call, const Findings& findings) const;

 private:
  void candles(Call& call, const Values& values) const;
  void coverage(Call& call, std::size_t dataset, const Values& values) const;
  void trades(Call& call, const Values& values) const;
  void book(Call& call, const Values& values) const;
  void remember(const Passed& passed, std::atomic<std::uint64_t>& kept) const;
  void say(Call& call, const Question& question, const Shown& shown) const;
  void remember(const Question& question, const Shown& shown) const;

  static constexpr std::int64_t kUnknownClock = INT64_MIN;

  const std::string market_;
  const Keeping keeping_;
  mutable Keeper keeper_;
  mutable SeriesLocks locks_;
  /// Of the source's clock before ours, in ms.
  mutable std::atomic<std::int64_t> clock_ahead_{kUnknownClock};
  mutable std::atomic<std::uint64_t> answers_{0}, without_asking_{0}, shown_rows_{0},
      shown_from_database_{0}, kept_rows_{0}, revised_rows_{0}, unkept_{0}, failures_{0},
      kept_trades_{0}, revised_trades_{0}, kept_books_{0};
};

}  // namespace bourse::history
