// SPDX-License-Identifier: MIT
#include "plugins/sources/history/store/audit.hpp"

#include <algorithm>
#include <limits>

#include "plugins/sources/history/store/derive.hpp"
#include "plugins/sources/history/store/merge.hpp"

namespace bourse::history {

namespace {

constexpr Span kAll{kMillisMin, kMillisMax};

/// One series.
class Audit {
 public:
  Audit(Connection& connection, const Series& series, const Store::Stop& stop,
        std::vector<std::string>& findings)
      : connection_(connection),
        series_(series),
        grid_(series.grid()),
        stop_(stop),
        findings_(findings) {}

  Status run(const Connection::Counts& counts) {
    auto covered = connection_.coverage(series_.id, kAll);
    if (!covered) return std::move(covered).error();
    covered_ = std::move(*covered);
    check_coverage();
    if (auto done = check_rows(counts); !done) return done;
    for (const RollupLevel& level : levels_of(grid_)) {
      if (auto done = check_rollups(level); !done) return done;
    }
    return Done{};
  }

 private:
  void find(std::string what) {
    findings_.push_back(series_.key.source + " " + series_.key.symbol + " " + series_.key.interval +
                        ": " + std::move(what));
  }
  [[nodiscard]] bool stopped() const { return stop_ && stop_(); }
  static Error gave_up() { return {ErrorKind::kBusy, "the check was stopped before its end"}; }

  void check_coverage() {
    for (std::size_t i = 0; i + 1 < covered_.size(); ++i) {
      if (covered_[i].span.to <= covered_[i + 1].span.from) continue;
      find("the pieces of coverage from " + std::to_string(covered_[i].span.from) + " and from " +
           std::to_string(covered_[i + 1].span.from) + " overlap");
      return;
    }
  }

  Status check_rows(const Connection::Counts& counts) {
    std::uint64_t rows = 0, text_rows = 0, in_empty = 0;
    Millis first_in_empty = 0;
    bool is_stopped = false;
    auto done = for_each_row(connection_, series_, kAll, [&](const Row& row) {
      ++rows;
      text_rows += row.is_text();
      // Rows where nothing is known are right: they were forgotten, to be asked for again.
      const Covered* const piece = piece_at(covered_, row.open_time);
      if (piece != nullptr && piece->state == State::kEmpty && in_empty++ == 0) {
        first_in_empty = row.open_time;
      }
      if (rows % 65'536 == 0) is_stopped = stopped();
      return !is_stopped;
    });
    if (!done) return done;
    if (is_stopped) return gave_up();
    if (in_empty > 0) {
      find(std::to_string(in_empty) + " rows lie where nothing is said to be, the first at " +
           std::to_string(first_in_empty) + " ms");
    }
    if (rows != counts.rows || text_rows != counts.text_rows) {
      find(std::to_string(rows) + " rows are there, and " + std::to_string(counts.rows) +
           " are counted; of text " + std::to_string(text_rows) + " and " +
           std::to_string(counts.text_rows));
    }
    return Done{};
  }

  Status check_rollups(const RollupLevel& level) {
    auto rollups = connection_.rollups(series_.id, level.minutes, kAll);
    if (!rollups) return std::move(rollups).error();
    std::uint64_t wrong = 0;
    Millis first = 0;
    for (const Rollup& rollup : *rollups) {
      Fold fold;
      const Millis open = rollup.row.open_time;
      auto done =
          for_each_row(connection_, series_, {open, open + level.length}, [&](const Row& row) {
            fold.add(series_, row);
            return true;
          });
      if (!done) return done;
      const auto row = fold.row(open);
      if (row && equal(*row, rollup.row) && fold.parts() == rollup.parts) continue;
      if (wrong++ == 0) first = open;
      if (stopped()) return gave_up();
    }
    if (wrong > 0) {
      find(std::to_string(wrong) + " roll-ups of " + std::to_string(level.minutes) +
           " minutes are not made of their rows, the first at " + std::to_string(first) + " ms");
    }
    return Done{};
  }

  Connection& connection_;
  const Series& series_;
  Interval grid_;
  const Store::Stop& stop_;
  std::vector<std::string>& findings_;
  std::vector<Covered> covered_;
};

/// Trades of a market: all can be read, and are as many as are counted.
Status audit_trades(Connection& connection, const Series& series, std::uint64_t counted,
                    const Store::Stop& stop, std::vector<std::string>& findings) {
  constexpr std::size_t kPage = 10'000;
  std::uint64_t rows = 0;
  for (TradeIds left{std::numeric_limits<TradeId>::min(), std::numeric_limits<TradeId>::max()};;) {
    auto page = connection.trades(series, left, kPage, false);
    if (!page) return std::move(page).error();
    rows += page->size();
    if (page->size() < kPage) break;
    left.first = page->back().trade.id + 1;
    if (stop && stop()) {
      return Error{ErrorKind::kBusy, "the check was stopped before its end", {}};
    }
  }
  if (rows != counted) {
    findings.push_back(series.key.source + " " + series.key.symbol +
                       " trades: " + std::to_string(rows) + " are there, and " +
                       std::to_string(counted) + " are counted");
  }
  return Done{};
}

}  // namespace

Result<std::vector<std::string>> audit(Connection& connection, const Store::Stop& stop) {
  std::vector<std::string> findings;
  auto all = connection.series(nullptr, nullptr);
  if (!all) return std::move(all).error();
  auto counts = connection.counts();
  if (!counts) return std::move(counts).error();
  for (const Series& series : *all) {
    const auto count =
        std::ranges::find(*counts, series.id, [](const Connection::Counts& c) { return c.series; });
    const Connection::Counts of = count != counts->end() ? *count : Connection::Counts{};
    if (auto done = Audit(connection, series, stop, findings).run(of); !done) {
      return std::move(done).error();
    }
  }
  auto markets = connection.series(nullptr, nullptr, kTrades);
  if (!markets) return std::move(markets).error();
  for (const Series& series : *markets) {
    const auto count = std::ranges::find(*counts, series.id, &Connection::Counts::series);
    const std::uint64_t rows = count != counts->end() ? count->rows : 0;
    if (auto done = audit_trades(connection, series, rows, stop, findings); !done) {
      return std::move(done).error();
    }
  }
  return findings;
}

}  // namespace bourse::history
