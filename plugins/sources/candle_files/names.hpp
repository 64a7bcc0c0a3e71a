// SPDX-License-Identifier: MIT
//
// What the name of a recorded file says it holds. Names are those of unpacked files:
// unpacked_name() of bytes.hpp.
//
//   SYMBOL-INTERVAL.csv, SYMBOL-INTERVAL-YYYY-MM.csv, SYMBOL-INTERVAL-YYYY-MM-DD.csv   bulk candles
//   the same with .json, and klines_SYMBOL_INTERVAL.json with anything after one more underscore
//   ticker_24h*.json, depth_SYMBOL.json, depth_SYMBOL_anything.json, exchangeInfo*.json
//   reports of a source's answers: candles_SYMBOL_INTERVAL*.report.json,
//   order_book_SYMBOL*.report.json, ticker_24h*.report.json, symbols*.report.json
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/interval.hpp"

namespace bourse::candle_files {

struct FileName {
  enum class Kind { kCandleLines, kCandleJson, kTicker, kDepth, kExchangeInfo };
  Kind kind;
  /// Of candles and depth. A depth file's name does not tell where the symbol ends: up to the first
  /// part that does not begin with a capital (depth_BTC_USDT_2024-11-30: BTC_USDT).
  std::string symbol;
  std::optional<Interval> interval;  ///< of candles
  /// Of a bulk file of a whole month: its first day.
  std::optional<Time> month;
  /// Of depth: all symbols that it may mean, the longest first.
  std::vector<std::string> may_be;
  bool is_report = false;  ///< of Bourse, not an answer of the exchange
};

/// nullopt for other names.
[[nodiscard]] std::optional<FileName> parse_name(std::string_view name);

/// Of a name that parse_name refuses: what it should be, when it looks like one that holds data
/// ("BTCUSDT-1H.csv", "stuff.json", "A-1h.CSV"), else "".
[[nodiscard]] std::string name_fault(std::string_view name);

/// Of a name that parse_name refuses and that looks like candles of an interval that there is not
/// ("BTCUSDT-1H-2024-11.csv"): the market, else "".
[[nodiscard]] std::string misnamed_symbol(std::string_view name);

}  // namespace bourse::candle_files
