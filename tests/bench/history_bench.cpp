// SPDX-License-Identifier: MIT
//
// What a history costs: a million candles of 1m into a database, a million trades, and the
// questions that are asked of them.
//
//   history_bench [DATABASE]     sqlite:/absolute/file.db (default: a temporary one) or
//   postgresql://...
//
// The database must not hold a history yet. Baseline: the time a copy of the candles in memory
// takes; of the trades: the time the candles take.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "plugins/sources/history/store/store.hpp"

namespace {

using namespace bourse;
using namespace bourse::history;

constexpr Millis kMinute = 60'000, kStart = 1'577'836'800'000;  // 2020-01-01
constexpr std::int64_t kRows = 1'000'000;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double best_ms(int times, const std::function<void()>& work) {
  double best = 1e9;
  for (int n = 0; n < times; ++n) best = std::min(best, seconds(work) * 1000);
  return best;
}

long resident_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

template <class T>
T got(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "history_bench: %s\n", result.error().text().c_str());
    std::exit(1);
  }
  return std::move(*result);
}

/// Below a bound; the same numbers in each run.
class Random {
 public:
  std::int64_t operator()(std::uint64_t below) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::int64_t>((state_ >> 33) % below);
  }

 private:
  std::uint64_t state_ = 1;
};

/// A walk with two decimals of price, five of quantity and eight of value, as BTCUSDT has.
Candle candle_at(std::int64_t minute) {
  static Random random;
  static std::int64_t price = 4'000'000;
  Candle row;
  row.open_time = kStart + minute * kMinute;
  const std::int64_t open = price,
                     close = std::max<std::int64_t>(100, open + random(4'001) - 2'000);
  price = close;
  row.open = *Decimal::make(open, 2);
  row.close = *Decimal::make(close, 2);
  row.high = *Decimal::make(std::max(open, close) + random(1'000), 2);
  row.low = *Decimal::make(std::min(open, close) - random(1'000), 2);
  const std::int64_t volume = random(20'000'000);
  row.volume = *Decimal::make(volume, 5);
  row.quote_volume = *Decimal::make(Int128{volume} * open * 10, 8);
  row.trades = random(5'000);
  row.taker_base_volume = *Decimal::make(volume / 2, 5);
  row.taker_quote_volume = *Decimal::make(Int128{volume / 2} * open * 10, 8);
  return row;
}

/// A trade each 40 ms, with as many digits.
Trade trade_at(std::int64_t number, Random& random) {
  const std::int64_t price = 4'000'000 + random(100'000), quantity = random(1'000'000);
  return {.id = 1'000'000 + number,
          .time = kStart + number * 40,
          .price = *Decimal::make(price, 2),
          .quantity = *Decimal::make(quantity, 5),
          .quote_quantity = *Decimal::make(Int128{quantity} * price * 10, 8),
          .buyer_is_maker = random(2) == 0};
}

/// `candles`: the seconds that as many candles took.
void measure_trades(Store& store, double candles) {
  const std::uint64_t before = got(store.health()).database_bytes;
  double written = 0;
  Random random;
  std::vector<Trade> page;
  for (std::int64_t at = 0; at < kRows; at += 10'000) {
    page.clear();
    for (std::int64_t i = at; i < at + 10'000; ++i) page.push_back(trade_at(i, random));
    written += seconds([&] {
      got(store.write_trades({{"bench", "BTCUSDT"},
                              {OriginKind::kMonthlyFile, "bench", "a file", "", "", kStart},
                              page}));
    });
  }
  written += seconds([&] { got(store.settle()); });
  const std::uint64_t bytes = got(store.health()).database_bytes - before;
  std::printf("  1,000,000 trades         %8.3f s  %.1f bytes a trade, %.2f of the candles' time\n",
              written, static_cast<double>(bytes) / static_cast<double>(kRows), written / candles);
  std::size_t rows = 0;
  std::printf("  newest 1000 trades       %8.3f ms\n", best_ms(20, [&] {
                rows = got(store.newest_trades({"bench", "BTCUSDT"},
                                               std::numeric_limits<TradeId>::max(), 1'000))
                           .size();
              }));
  if (rows != 1'000) std::printf("  (%zu trades instead of 1000)\n", rows);
}

void measure(const std::string& database) {
  Options options;
  options.database = database;
  options.role = Role::kTask;
  auto store = got(open_store(options));
  std::printf("%s\n", store->description().c_str());
  const Series series =
      got(store->create({{"bench", "BTCUSDT", "1m"}, {2, 5, 8}, std::nullopt, std::nullopt}));
  const std::uint64_t before = got(store->health()).database_bytes;
  const long resident = resident_mb();
  double copied = 0, written = 0;
  std::vector<Candle> page, copy;
  for (std::int64_t at = 0; at < kRows; at += 10'000) {
    page.clear();
    for (std::int64_t i = at; i < at + 10'000; ++i) page.push_back(candle_at(i));
    copied += seconds([&] { copy = page; });
    written += seconds([&] {
      got(store->write({series.id,
                        {OriginKind::kMonthlyFile, "bench", "a file", "", "", kStart},
                        page,
                        {},
                        kStart + 2 * kRows * kMinute}));
    });
  }
  written += seconds([&] { got(store->settle()); });
  const Health health = got(store->health());
  std::printf("  a copy in memory         %8.3f s\n", copied);
  std::printf("  1,000,000 candles        %8.3f s  %.1f bytes a row, log %.1f MB\n", written,
              static_cast<double>(health.database_bytes - before) / static_cast<double>(kRows),
              static_cast<double>(health.wal_bytes) / 1e6);
  const Span all{kMillisMin, kMillisMax};
  std::size_t rows = 0;
  std::printf("  newest 1396              %8.3f ms\n",
              best_ms(20, [&] { rows = got(store->newest(series.id, all, 1'396)).size(); }));
  std::printf(
      "  coverage of a year       %8.3f ms\n", best_ms(20, [&] {
        rows += got(store->missing(series.id, {kStart, kStart + 525'600 * kMinute}, kStart)).size();
      }));
  std::printf("  a year as 1h             %8.3f ms\n", best_ms(10, [&] {
                rows = got(store->derive(series.id, *Interval::parse("1h"),
                                         {kStart, kStart + 525'600 * kMinute}, 10'000))
                           .rows.size();
              }));
  if (rows != 8'760) std::printf("  (%zu hours instead of 8760)\n", rows);
  std::printf("  a year as 1d             %8.3f ms\n", best_ms(10, [&] {
                rows = got(store->derive(series.id, *Interval::parse("1d"),
                                         {kStart, kStart + 525'600 * kMinute}, 10'000))
                           .rows.size();
              }));
  std::printf("  resident                 %8ld MB more than before\n", resident_mb() - resident);
  measure_trades(*store, written);
}

}  // namespace

int main(int count, char** words) {
  if (count > 1 && words[1][0] != '-') {  // tests/bench/run gives options of Google Benchmark
    measure(words[1]);
    return 0;
  }
  std::string folder = std::filesystem::temp_directory_path() / "bourse-history-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return 1;
  measure("sqlite:" + folder + "/history.db");
  std::filesystem::remove_all(folder);
}
