// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/book/ticker_check.hpp"

#include <algorithm>

namespace bourse::binance {

bool TickerCheck::add(const TopOfBook& top) {
  if (top.id <= newest_) return false;
  newest_ = top.id;
  kept_[next_] = top;
  next_ = (next_ + 1) % kKept;
  return true;
}

std::optional<bool> TickerCheck::compare(const DepthBook& book) {
  const auto found = std::ranges::find(kept_, book.id(), &TopOfBook::id);
  if (found == kept_.end()) return std::nullopt;
  const auto agrees = book.agrees_with(found->row);
  if (agrees) found->id = 0;
  return agrees;
}

void TickerCheck::clear() { *this = TickerCheck(); }

}  // namespace bourse::binance
