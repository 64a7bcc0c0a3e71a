// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/book.hpp"

#include <algorithm>

namespace bourse::synthetic {
namespace {

constexpr std::uint64_t kTagBook = 0xb00c;
constexpr std::size_t kLively = 5;  ///< levels that change every second

std::int64_t draw_spread(const Symbol& symbol, const Stream& noise) {
  const std::int64_t typical = symbol.listing->spread_ticks;
  const std::uint64_t bits = noise.at(0);
  if (typical == 1) return (bits & 7) == 0 ? 2 : 1;
  return typical / 2 + static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(typical + 1));
}

struct Ladder {
  std::int64_t best, step;  ///< step: -1 for bids, 1 for asks
  std::int64_t stop;        ///< no level beyond
};

std::vector<BookLevel> draw_side(const Symbol& symbol, const Ladder& ladder, const Stream& lively,
                                 const Stream& calm, std::size_t depth) {
  constexpr std::int64_t kFullDepth = 5000;
  const std::int64_t reach = ladder.best * 8 / 100;
  const std::int64_t usual = std::max<std::int64_t>(symbol.mean_lots / 40'000, 2);
  std::vector<BookLevel> levels;
  levels.reserve(depth);
  std::int64_t price = ladder.best;
  for (std::size_t i = 0; i < depth && (ladder.stop - price) * ladder.step >= 0; ++i) {
    const std::uint64_t bits = (i < kLively ? lively : calm).at(i);
    const auto n = static_cast<std::int64_t>(i);
    const std::int64_t wall = (bits >> 40) % 40 == 0 ? 8 : 1;
    const std::int64_t lots = usual * exponential(bits) / 128 * (64 + n) / 64 * wall;
    levels.push_back({price, std::max<std::int64_t>(lots, 1)});
    // The mean gap grows so that the gaps of kFullDepth levels add up to `reach`.
    const std::int64_t mean_gap_q6 = reach * n / (kFullDepth * kFullDepth / 128);
    price += ladder.step * (1 + mean_gap_q6 * exponential(bits >> 20) / (64 * 128));
  }
  return levels;
}

}  // namespace

Book make_book(const Symbol& symbol, const Trade& newest, std::int64_t second, std::size_t depth) {
  const Stream noise = symbol.own.child(kTagBook);
  const Stream now = noise.child(static_cast<std::uint64_t>(second));
  const Stream minute = noise.child(static_cast<std::uint64_t>(second / 60));
  const std::int64_t spread = std::max<std::int64_t>(draw_spread(symbol, now), 1);
  const std::int64_t bid = newest.buyer_is_maker ? newest.price : newest.price - spread;
  Book book;
  book.bids = draw_side(symbol, {bid, -1, std::max<std::int64_t>(bid / 5, 1)}, now.child(1),
                        minute.child(1), depth);
  book.asks = draw_side(symbol, {bid + spread, 1, bid * 5}, now.child(2), minute.child(2), depth);
  book.last_update_id = (second - kFirstSecond) * 100;
  return book;
}

}  // namespace bourse::synthetic
