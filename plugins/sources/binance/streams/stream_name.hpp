// SPDX-License-Identifier: MIT
//
// StreamName: which stream of the exchange, as it is written on the wire and as it is meant.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/interval.hpp"

namespace bourse::binance {

enum class StreamKind : std::uint8_t {
  kKline,       ///< "btcusdt@kline_1h"
  kTicker,      ///< "btcusdt@ticker"
  kMiniTicker,  ///< "btcusdt@miniTicker"
  kBookTicker,  ///< "btcusdt@bookTicker"
  kTrade,       ///< "btcusdt@trade"
  kDepth,       ///< "btcusdt@depth@100ms"
};
inline constexpr std::size_t kStreamKinds = 6;
/// "kline"
std::string_view name_of(StreamKind kind) noexcept;

/// How long a stream of each kind may be silent before something may be wrong with it. Markets that
/// trade seldom are silent for longer: Feed doubles this for them.
std::array<std::chrono::seconds, kStreamKinds> usual_patience() noexcept;

struct StreamName {
  StreamKind kind = StreamKind::kTicker;
  std::string symbol;                     ///< as market.h has it: "BTCUSDT"
  std::optional<Interval> interval = {};  ///< of kKline

  /// As on the wire, where Latin letters of symbols are lower case.
  [[nodiscard]] std::string text() const;
};

/// nullopt: none of those above.
std::optional<StreamName> parse_stream(std::string_view text);

}  // namespace bourse::binance
