// SPDX-License-Identifier: MIT
//
// The local order book: a change of levels applied to a book of 5000 levels a side. Some of them,
// the second argument in percent, are anywhere in it, the others among the best 20, as most are in
// life; a fifth removes, and as many come back. To compare with, in the same run: the same in
// std::map, and reading the message that a change comes in.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "plugins/sources/binance/book/local_book.hpp"

namespace {

using namespace bourse;
using namespace bourse::binance;

constexpr std::int64_t kScale = 100'000'000, kBestBid = 65'000 * 100, kLevels = 5000;

Decimal amount_of(std::int64_t units) { return *Decimal::make(bourse::Int128{units}, 8); }

OrderBook snapshot() {
  OrderBook book;
  book.last_update_id = 1;
  for (std::int64_t i = 0; i < kLevels; ++i) {
    book.bids.push_back({amount_of((kBestBid - i) * kScale / 100), amount_of(kScale)});
    book.asks.push_back({amount_of((kBestBid + 1 + i) * kScale / 100), amount_of(kScale)});
  }
  return book;
}

/// Changes that leave the book as deep as it was, when all of them have been applied.
std::vector<DepthDiff> changes(std::size_t rows, std::size_t deep) {
  std::mt19937_64 random(7);
  const auto draw = [&random](std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(0, most)(random);
  };
  std::vector<DepthDiff> all(1024);
  std::vector<std::pair<bool, std::int64_t>> gone;
  for (DepthDiff& diff : all) {
    diff.price_scale = diff.quantity_scale = 8;
    for (std::size_t i = 0; i < rows; ++i) {
      bool is_bid = i % 2 == 0;
      std::int64_t distance = 1 + (i * 100 < rows * (100 - deep) ? draw(19) : draw(kLevels - 2));
      std::int64_t quantity = kScale + draw(kScale);
      if (i % 5 == 0) {
        quantity = 0;
        gone.emplace_back(is_bid, distance);
      } else if (i % 5 == 1 && !gone.empty()) {
        std::tie(is_bid, distance) = gone.back();
        gone.pop_back();
      }
      const std::int64_t price = is_bid ? kBestBid - distance : kBestBid + 1 + distance;
      (is_bid ? diff.bids : diff.asks).push_back({price * kScale / 100, quantity});
    }
  }
  return all;
}

std::vector<DepthDiff> changes_of(const benchmark::State& state) {
  return changes(static_cast<std::size_t>(state.range(0)),
                 static_cast<std::size_t>(state.range(1)));
}

class Middle final : public Random {
 public:
  double unit() override { return 0.5; }
};

void apply(benchmark::State& state) {
  LocalBook book({.depth = 100}, std::make_shared<Middle>());
  const Instant now{std::chrono::hours(1)};
  book.began(1, now);
  const auto step = book.step(now + std::chrono::seconds(1));
  book.snapshot(step.ticket, snapshot(), now, 5000);
  auto all = changes_of(state);
  std::int64_t id = 1;
  std::size_t next = 0;
  for (auto _ : state) {
    DepthDiff& diff = all[next++ % all.size()];
    diff.first = diff.last = ++id;
    book.diff(1, diff, now);  // with its copy
  }
  if (book.state() != BookState::kSynced) state.SkipWithError("the book is not synced");
  state.counters["levels"] = static_cast<double>(book.book()->bids().all().size());
}
BENCHMARK(apply)->Args({10, 10})->Args({10, 50})->Args({500, 10});

void apply_to_maps(benchmark::State& state) {
  std::map<std::int64_t, std::int64_t> bids, asks;
  for (std::int64_t i = 0; i < kLevels; ++i) {
    bids[(kBestBid - i) * kScale / 100] = asks[(kBestBid + 1 + i) * kScale / 100] = kScale;
  }
  const auto all = changes_of(state);
  std::size_t next = 0;
  const auto set = [](auto& side, const std::vector<BookRow>& rows) {
    for (const BookRow& row : rows) {
      if (row.quantity == 0) {
        side.erase(row.price);
      } else {
        side[row.price] = row.quantity;
      }
    }
  };
  for (auto _ : state) {
    const DepthDiff& diff = all[next++ % all.size()];
    set(bids, diff.bids);
    set(asks, diff.asks);
  }
  benchmark::DoNotOptimize(bids.size());
}
BENCHMARK(apply_to_maps)->Args({10, 10})->Args({10, 50})->Args({500, 10});

void parse(benchmark::State& state) {
  const DepthDiff diff = changes(static_cast<std::size_t>(state.range(0)), 50)[5];
  std::string body =
      R"({"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1753000000123,"s":"BTCUSDT","U":157,"u":160)";
  for (const bool is_bid : {true, false}) {
    body += is_bid ? ",\"b\":[" : "],\"a\":[";
    const char* comma = "";
    for (const BookRow& row : is_bid ? diff.bids : diff.asks) {
      body += comma + ("[\"" + amount_of(row.price).text()) + "\",\"" +
              amount_of(row.quantity).text() + "\"]";
      comma = ",";
    }
  }
  body += "]}}";
  for (auto _ : state) {
    std::string copy = body;
    benchmark::DoNotOptimize(parse_book_message(copy));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(parse)->Arg(10)->Arg(50);

}  // namespace
