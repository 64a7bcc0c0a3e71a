// SPDX-License-Identifier: MIT
//
// The liquidity analysis's pure part, from quotes as a source sends them. Baseline: the same sums
// in doubles, which are not exact, and impacts by walking the book for each trade.
#include <benchmark/benchmark.h>

#include <random>

#include "plugins/analyses/liquidity/impact.hpp"
#include "plugins/analyses/liquidity/measures.hpp"

namespace bourse::liquidity {
namespace {

/// As the exchange writes them: 8 decimals, of which tick 0.01 and lot 0.00001 are used.
std::vector<Quote> quotes(std::size_t levels, int sign) {
  std::mt19937_64 random(3);
  std::vector<Quote> out;
  std::int64_t price = 7'029'201;
  for (std::size_t i = 0; i < levels; ++i) {
    price += sign * static_cast<std::int64_t>(1 + random() % 9);
    out.push_back({*Decimal::make(Int128{price} * 1'000'000, 8),
                   *Decimal::make(Int128{1 + random() % 900'000} * 1'000, 8)});
  }
  return out;
}

const Decimal kSizes[] = {Decimal::of(1'000), Decimal::of(10'000), Decimal::of(100'000),
                          Decimal::of(1'000'000)};

/// As a book is checked that came as it should: nothing is sorted.
void check(std::vector<Quote>& sorted, SideKind kind) {
  for (const Quote& quote : sorted) benchmark::DoNotOptimize(find_fault(quote));
  benchmark::DoNotOptimize(bring_to_order(sorted, kind));
}

void whole(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  auto bids = quotes(n, -1), asks = quotes(n, 1);
  for (auto _ : state) {
    check(bids, SideKind::kBid);
    check(asks, SideKind::kAsk);
    const Book book{Side(SideKind::kBid, bids), Side(SideKind::kAsk, asks)};
    const Decimal mid = *book.mid();
    benchmark::DoNotOptimize(spread_of(book));
    benchmark::DoNotOptimize(within_of(book));
    benchmark::DoNotOptimize(balance_of(book));
    benchmark::DoNotOptimize(score_of(book));
    for (const Side* side : {&book.bids, &book.asks}) {
      for (const Decimal size : kSizes) benchmark::DoNotOptimize(impact_of(*side, size, mid));
    }
  }
}

void only_sums(benchmark::State& state) {
  const auto bids = quotes(static_cast<std::size_t>(state.range(0)), -1);
  for (auto _ : state) benchmark::DoNotOptimize(Side(SideKind::kBid, bids));
}

void only_check(benchmark::State& state) {
  auto bids = quotes(static_cast<std::size_t>(state.range(0)), -1);
  for (auto _ : state) check(bids, SideKind::kBid);
}

void only_measures(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const Book book{Side(SideKind::kBid, quotes(n, -1)), Side(SideKind::kAsk, quotes(n, 1))};
  for (auto _ : state) {
    benchmark::DoNotOptimize(balance_of(book));
    benchmark::DoNotOptimize(score_of(book));
    benchmark::DoNotOptimize(within_of(book));
  }
}

void baseline_doubles(benchmark::State& state) {
  const auto n = static_cast<std::size_t>(state.range(0));
  const std::vector<Quote> sides[] = {quotes(n, -1), quotes(n, 1)};
  for (auto _ : state) {
    const double mid = (sides[0][0].price.to_double() + sides[1][0].price.to_double()) / 2.0;
    for (const auto& side : sides) {
      double buckets[4] = {}, quantity = 0.0, value = 0.0;
      std::vector<double> sums, values;
      for (const Quote& quote : side) {
        const double price = quote.price.to_double(), amount = quote.quantity.to_double();
        const double distance = 100.0 * std::abs(price - mid) / mid;
        buckets[distance <= 0.25 ? 0 : distance <= 0.5 ? 1 : distance <= 1 ? 2 : 3] += amount;
        sums.push_back(quantity += amount);
        values.push_back(value += amount * price);
      }
      for (const Decimal size : kSizes) {
        double left = size.to_double(), bought = 0.0;
        for (std::size_t i = 0; i < n && left > 0.0; ++i) {
          const double price = side[i].price.to_double();
          const double take = std::min(left, price * side[i].quantity.to_double());
          left -= take;
          bought += take / price;
        }
        benchmark::DoNotOptimize(bought);
      }
      benchmark::DoNotOptimize(buckets);
      benchmark::DoNotOptimize(sums);
      benchmark::DoNotOptimize(values);
    }
  }
}

#define BOURSE_SIZES ->Arg(100)->Arg(1000)->Arg(5000)->Unit(benchmark::kMicrosecond)
BENCHMARK(whole) BOURSE_SIZES;
BENCHMARK(only_sums) BOURSE_SIZES;
BENCHMARK(only_check) BOURSE_SIZES;
BENCHMARK(only_measures) BOURSE_SIZES;
BENCHMARK(baseline_doubles) BOURSE_SIZES;

}  // namespace
}  // namespace bourse::liquidity
