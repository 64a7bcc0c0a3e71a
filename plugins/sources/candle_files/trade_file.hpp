// SPDX-License-Identifier: MIT
//
// Files of trades in the exchange's bulk layout: SYMBOL-trades-YYYY-MM-DD.csv and
// SYMBOL-trades-YYYY-MM.csv, packed or not. A line is
//   id, price, quantity, value, time, buyer is maker[, best match]
// with times of 13 digits (milliseconds) or 16 (microseconds; the exchange's since 2025), and True
// or False; header and empty lines may stand anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plugins/sources/candle_files/candle_file.hpp"

namespace bourse::candle_files {

struct TradeFileName {
  std::string symbol;
  bool is_daily = false;
};
/// Of an unpacked name; nullopt for others.
[[nodiscard]] std::optional<TradeFileName> parse_trade_name(std::string_view name);

struct TradeRow {
  std::int64_t id = 0;
  std::int64_t time = 0;  ///< ns
  Decimal price, quantity, value;
  bool buyer_is_maker = false;
};

/// Gives the rows as they stand, `batch` at a time, the last time fewer; a file may have millions.
/// Throws `bad_recording`: the file cannot be read or holds no trade, and what `take` throws.
void read_trade_lines(const SourceFile& file, std::size_t batch, LeftOut& bad,
                      const std::function<void(std::span<const TradeRow>)>& take);

}  // namespace bourse::candle_files
