// SPDX-License-Identifier: MIT
//
// The names of streams, "btcusdt@kline_1m": what each is a stream of. Names are case-sensitive; a
// symbol in one is in lower case.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bourse::fake_exchange {

enum class StreamKind {
  kAggregateTrade,
  kTrade,
  kBlockTrade,
  kCandle,
  kMiniTicker,
  kTicker,
  kWindowTicker,
  kQuote,
  kAverage,
  kPartialDepth,
  kDepth,
  kReferencePrice,
};

struct StreamName {
  StreamKind kind = StreamKind::kTrade;
  std::string symbol = {};        ///< in capitals; "" of all markets in one array
  std::string span = {};          ///< interval of kCandle, window of kWindowTicker
  std::int64_t zone_minutes = 0;  ///< of kCandle: candles begin so much earlier than in UTC
  std::int64_t levels = 0;        ///< of kPartialDepth
  bool fast = false;              ///< of depths: every 100 ms

  /// nullopt for what can be no stream. Whether there is such a market is not asked.
  static std::optional<StreamName> parse(std::string_view text);
};

}  // namespace bourse::fake_exchange
