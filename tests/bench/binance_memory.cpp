// SPDX-License-Identifier: MIT
//
// What the Binance client takes of a process's memory: binance_memory URL, of a fake exchange.
// Asks for each dataset once, keeps every answer, and prints the resident memory on the way. Exit
// code 1 when it has grown by more than it may.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "plugins/sources/binance/client/client.hpp"

namespace {

using namespace bourse;
using namespace bourse::binance;

double resident_mb() {
  std::ifstream file("/proc/self/statm");
  long total = 0, resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / 1e6;
}

/// Twice what it was when it was measured: what fills up again is noticed, noise is not.
constexpr double kGrowthMaxMb = 5;

double say(const char* when) {
  const double now = resident_mb();
  std::printf("%-44s %7.2f MB\n", when, now);
  return now;
}

template <class T>
T taken(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: binance_memory http://127.0.0.1:PORT\n");
    return 2;
  }
  const double before = say("resident, at the start of main");
  // The public example pair of the exchange's documents, which the fake knows.
  auto credentials = taken(Credentials::make(
      "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A",
      Secret("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j")));
  auto exchange = taken(Exchange::open({.base_url = argv[1]}));
  Client client(exchange, std::move(credentials));
  const binance::Call call = within(std::chrono::seconds(30));
  if (auto prepared = client.prepare(call); !prepared) {
    std::fprintf(stderr, "%s\n", prepared.error().text().c_str());
    return 1;
  }
  say("clock and limits known");
  const auto candles = taken(client.candles(
      {.symbol = "BTCUSDT", .interval = *Interval::parse("1h"), .limit = 1000}, call));
  const auto tickers = taken(client.tickers({}, call));
  const auto prices = taken(client.prices({}, call));
  const auto book_tickers = taken(client.book_tickers({}, call));
  const auto book = taken(client.order_book("BTCUSDT", 1000, call));
  const auto trades = taken(client.trades("BTCUSDT", 1000, call));
  const auto rules = taken(client.exchange_info({}, call));
  const auto account = taken(client.account(call));
  const double grown = say("one of each dataset asked for, and kept") - before;
  const bool small = grown <= kGrowthMaxMb;
  std::printf("%-44s %7.2f MB   bound %.0f: %s\n", "grown by", grown, kGrowthMaxMb,
              small ? "met" : "MISSED");
  const bool all = candles.open_time().size() == 1000 && !tickers.rows.empty() &&
                   !prices.rows.empty() && !book_tickers.rows.empty() && !book.bids.empty() &&
                   trades.rows.size() == 1000 && !rules.symbols.empty() &&
                   !account.balances.empty();
  return all && small ? 0 : 1;
}
