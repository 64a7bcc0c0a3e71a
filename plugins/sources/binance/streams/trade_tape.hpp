// SPDX-License-Identifier: MIT
//
// TradeTape: the newest trades of one market without a hole, from its stream and from REST.
//
// The exchange numbers the trades of a market one by one, so that a hole shows: then what was
// before it is forgotten, and REST has to be asked once more. Not for several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

class TradeTape {
 public:
  /// As many as one question may ask for.
  static constexpr std::size_t kRowsMax = 1000;

  /// What the stream says. During a rotation the same comes twice: once counts.
  void heard(const Trade& trade) {
    if (!rows_.empty() && trade.id <= rows_.back().id) return;
    if (!rows_.empty() && trade.id != rows_.back().id + 1) rows_.clear();
    rows_.push_back(trade);
    if (rows_.size() > kRowsMax) rows_.pop_front();
  }

  /// What REST said, oldest first: takes over what was before the stream, where nothing is missing
  /// between or in it.
  void join(const std::vector<Trade>& rows) {
    if (rows_.empty() || rows.empty() || rows.back().id + 1 < rows_.front().id) return;
    for (auto row = rows.rbegin(); row != rows.rend() && rows_.size() < kRowsMax; ++row) {
      if (row->id >= rows_.front().id) continue;
      if (row->id + 1 != rows_.front().id) return;
      rows_.push_front(*row);
    }
  }

  /// The newest, oldest first; nullopt: so many are not known.
  [[nodiscard]] std::optional<std::vector<Trade>> newest(std::size_t limit) const {
    if (rows_.size() < limit) return std::nullopt;
    return std::vector<Trade>(rows_.end() - static_cast<std::ptrdiff_t>(limit), rows_.end());
  }

 private:
  std::deque<Trade> rows_;
};

}  // namespace bourse::binance
