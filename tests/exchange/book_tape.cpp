// SPDX-License-Identifier: MIT
#include "tests/exchange/book_tape.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace bourse::fake_exchange {
namespace {

/// One side of a book. `Better`: whether a price is nearer to the other side.
template <class Better>
class Side {
 public:
  explicit Side(const std::vector<Level>& levels) {
    for (const Level& level : levels) levels_.emplace(level.price, level.quantity);
  }

  void apply(const Level& change) {
    if (change.quantity.is_zero()) {
      levels_.erase(change.price);
    } else {
      levels_.insert_or_assign(change.price, change.quantity);
    }
  }
  [[nodiscard]] bool empty() const { return levels_.empty(); }
  [[nodiscard]] Decimal best() const { return levels_.begin()->first; }
  [[nodiscard]] std::vector<Level> top() const {
    std::vector<Level> out;
    for (const auto& [price, quantity] : levels_) {
      if (out.size() == kTopLevels) break;
      out.push_back({price, quantity});
    }
    return out;
  }
  /// What makes this side the other, farthest from the best price first.
  [[nodiscard]] std::vector<Level> changes_to(const Side& other) const {
    std::vector<Level> out;
    auto mine = levels_.begin();
    auto theirs = other.levels_.begin();
    const Better better;
    while (mine != levels_.end() || theirs != other.levels_.end()) {
      if (theirs == other.levels_.end() ||
          (mine != levels_.end() && better(mine->first, theirs->first))) {
        out.push_back({mine->first, mine->second - mine->second});
        ++mine;
      } else if (mine == levels_.end() || better(theirs->first, mine->first)) {
        out.push_back({theirs->first, theirs->second});
        ++theirs;
      } else {
        if (mine->second != theirs->second) out.push_back({theirs->first, theirs->second});
        ++mine;
        ++theirs;
      }
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

 private:
  std::map<Decimal, Decimal, Better> levels_;
};

using Bids = Side<std::greater<>>;
using Asks = Side<std::less<>>;

bool same(const Level& a, const Level& b) { return a.price == b.price && a.quantity == b.quantity; }

bool same_best(const std::vector<Level>& a, const std::vector<Level>& b) {
  return a.empty() || b.empty() ? a.empty() == b.empty() : same(a.front(), b.front());
}

/// Applies the changes from `done` up to their share of part k of n, and notes them.
template <class SideType>
void move_on(SideType& side, const std::vector<Level>& changes, std::size_t& done, std::size_t k,
             std::size_t n, std::vector<Level>& told) {
  for (const std::size_t until = changes.size() * k / n; done < until; ++done) {
    side.apply(changes[done]);
    told.push_back(changes[done]);
  }
}

}  // namespace

std::vector<BookStep> book_steps(const Depth& from, const Depth& to, std::size_t parts) {
  Bids bids(from.bids);
  Asks asks(from.asks);
  const std::vector<Level> bid_changes = bids.changes_to(Bids(to.bids)),
                           ask_changes = asks.changes_to(Asks(to.asks));
  std::vector<BookStep> out;
  if (bid_changes.empty() && ask_changes.empty()) return out;
  const std::int64_t ids = to.last_update_id - from.last_update_id;
  const auto n = static_cast<std::size_t>(
      std::clamp<std::int64_t>(ids, 1, static_cast<std::int64_t>(std::max<std::size_t>(parts, 1))));
  std::size_t bids_done = 0, asks_done = 0;
  BookStep step;
  step.first_id = from.last_update_id + 1;
  std::vector<Level> last_bids = bids.top(), last_asks = asks.top();
  for (std::size_t k = 1; k <= n; ++k) {
    move_on(bids, bid_changes, bids_done, k, n, step.bids);
    move_on(asks, ask_changes, asks_done, k, n, step.asks);
    if (step.bids.empty() && step.asks.empty()) continue;
    // What would be crossed is told together with what uncrosses it.
    if (k < n && !bids.empty() && !asks.empty() && bids.best() >= asks.best()) continue;
    step.last_id =
        from.last_update_id + ids * static_cast<std::int64_t>(k) / static_cast<std::int64_t>(n);
    std::reverse(step.bids.begin(), step.bids.end());
    std::reverse(step.asks.begin(), step.asks.end());
    step.top_bids = bids.top();
    step.top_asks = asks.top();
    step.quote_changed =
        !same_best(last_bids, step.top_bids) || !same_best(last_asks, step.top_asks);
    last_bids = step.top_bids;
    last_asks = step.top_asks;
    const std::int64_t next_id = step.last_id + 1;
    out.push_back(std::move(step));
    step = {};
    step.first_id = next_id;
  }
  return out;
}

}  // namespace bourse::fake_exchange
