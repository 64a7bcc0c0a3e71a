// SPDX-License-Identifier: MIT
//
// A second's bar as single trades. They start at its open, end at its close, touch its high and
// low, and each flow's lots and value add up to the last unit:
//   - up to an eighth of a flow's lots goes to a few trades at freely chosen prices, among them the
//     open, high, low and close;
//   - the rest trades at the two neighbouring ticks around the price that is then still missing.
//     That price lies inside the range, as the mean keeps an eighth of the range away from its
//     ends.
#include <algorithm>

#include "plugins/sources/synthetic/market.hpp"

namespace bourse::synthetic {
namespace {

/// Ids of a day start at its number times this; a day has fewer trades.
constexpr std::int64_t kIdsPerDay = 10'000'000;

/// Cuts lots into n random parts of at least one. REQUIRES: lots >= n >= 1.
void cut(std::int64_t lots, std::size_t n, std::int64_t price, bool maker, const Stream& noise,
         std::vector<Trade>& out) {
  std::int64_t rest = lots - static_cast<std::int64_t>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto left = static_cast<std::int64_t>(n - i);
    // Up to twice an equal part, so that sizes vary and the last one is not left with everything.
    const auto random = static_cast<std::int64_t>(noise.at(i) & 1023);
    const std::int64_t part = left == 1 ? rest : std::min(rest, rest / left * random / 512);
    rest -= part;
    out.push_back({0, 0, price, 1 + part, maker});
  }
}

/// All trades of one flow. `fixed`: prices that must occur.
void expand_flow(const Bar& bar, const Flow& flow, std::int64_t trades, bool maker,
                 std::span<const std::int64_t> fixed, const Stream& noise,
                 std::vector<Trade>& out) {
  const std::size_t n = static_cast<std::size_t>(trades);
  const std::size_t n_free = std::max(fixed.size(), (n - 2) / 2);
  const std::int64_t lots_max = flow.lots / 8 / static_cast<std::int64_t>(n_free);
  std::int64_t lots = flow.lots, value = flow.value;
  for (std::size_t i = 0; i < n_free; ++i) {
    const std::uint64_t bits = noise.at(1000 + i);
    const auto span = static_cast<std::uint64_t>(bar.high - bar.low + 1);
    const std::int64_t price =
        i < fixed.size() ? fixed[i] : bar.low + static_cast<std::int64_t>((bits >> 20) % span);
    const std::int64_t part =
        1 + static_cast<std::int64_t>(bits & 0xfffff) * (lots_max - 1) / 0x100000;
    out.push_back({0, 0, price, part, maker});
    lots -= part;
    value -= part * price;
  }
  const std::size_t rest = n - n_free;
  const std::int64_t price = value / lots;
  const std::int64_t above = value - price * lots;  // so many lots one tick higher
  const auto n_above =
      above == 0 ? 0
                 : std::clamp<std::size_t>(
                       static_cast<std::size_t>(static_cast<std::int64_t>(rest) * above / lots), 1,
                       rest - 1);
  if (n_above > 0) cut(above, n_above, price + 1, maker, noise.child(1), out);
  cut(lots - above, rest - n_above, price, maker, noise.child(2), out);
}

/// Walks backwards through one day and gathers its newest trades.
class Backwards {
 public:
  Backwards(const Market& market, const Symbol& symbol, std::int64_t to, std::size_t limit,
            std::vector<Trade>& newest_first)
      : market_(market), symbol_(symbol), to_(to), limit_(limit), out_(newest_first) {}

  void visit(const Bar& bar, int level, std::int64_t start) {
    if (bar.trades == 0 || start >= to_ || out_.size() >= limit_) return;
    if (level == kSecondLevel) {
      second_.clear();
      expand_second(symbol_, bar, start, second_);
      for (auto t = second_.rbegin(); t != second_.rend() && out_.size() < limit_; ++t) {
        t->id = next_id_--;
        out_.push_back(*t);
      }
      return;
    }
    std::array<Bar, kChildrenMax> children;
    const std::int64_t length = kLevels[static_cast<std::size_t>(level) + 1];
    for (std::size_t i = market_.split_at(symbol_, bar, level, start, children); i-- > 0;) {
      visit(children[i], level + 1, start + static_cast<std::int64_t>(i) * length);
    }
  }
  void number_down_from(std::int64_t id) { next_id_ = id; }

 private:
  const Market& market_;
  const Symbol& symbol_;
  std::int64_t to_;
  std::size_t limit_;
  std::vector<Trade>& out_;
  std::vector<Trade> second_;
  std::int64_t next_id_ = 0;
};

}  // namespace

void expand_second(const Symbol& symbol, const Bar& bar, std::int64_t second,
                   std::vector<Trade>& out) {
  if (bar.trades == 0) return;
  const Stream noise = symbol.own.child(static_cast<std::uint64_t>(second * 16 + kSecondLevel));
  const std::size_t first = out.size();
  const std::array<std::int64_t, 4> fixed = {bar.open, bar.high, bar.low, bar.close};
  const bool fixed_are_sales = (noise.at(0) & 1) != 0;
  const std::int64_t half = kTradesMin / 2, rest = bar.trades - kTradesMin;
  const auto buys =
      half + static_cast<std::int64_t>(detail::Int128{rest} * bar.buy.lots / bar.lots());
  const auto expand = [&](bool sales) {
    const std::span<const std::int64_t> prices =
        sales == fixed_are_sales ? std::span(fixed) : std::span<const std::int64_t>();
    expand_flow(bar, sales ? bar.sell : bar.buy, sales ? bar.trades - buys : buys, sales, prices,
                noise.child(sales ? 1 : 2), out);
  };
  expand(fixed_are_sales);  // the open comes first, the close is the fourth
  expand(!fixed_are_sales);
  std::swap(out[first + 3], out.back());
  const std::size_t n = out.size() - first;
  for (std::size_t i = n - 2; i > 1; --i) {  // shuffles all but the first and the last
    std::swap(out[first + i], out[first + 1 + noise.at(i) % i]);
  }
  for (std::size_t i = 0; i < n; ++i) {
    const auto slot = static_cast<std::int64_t>((i * 1000 + noise.at(5000 + i) % 1000) / n);
    out[first + i].time_ms = second * 1000 + slot;
  }
}

std::vector<Trade> Market::trades(const Symbol& symbol, std::int64_t to, std::size_t limit) const {
  to = std::min(to, symbol.end_second);
  const std::int64_t first_day = day_of(symbol.first_second);
  std::vector<Trade> out;
  Backwards walk(*this, symbol, to, limit, out);
  for (std::int64_t d = day_of(to - 1); d >= first_day && out.size() < limit; --d) {
    const std::int64_t start = (kFirstDay + d) * kDaySeconds;
    const Bar root = day(symbol, d);
    const std::int64_t before =
        start + kDaySeconds <= to ? root.trades : bar(symbol, start, to).value().trades;
    walk.number_down_from(d * kIdsPerDay + before - 1);
    walk.visit(root, kDayLevel, start);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace bourse::synthetic
