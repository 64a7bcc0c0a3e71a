// SPDX-License-Identifier: MIT
//
// What this source has to say of its data: to who asks, in notes; to the operator, in the log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "bourse/call.hpp"
#include "bourse/host.hpp"
#include "plugins/sources/replay/candles.hpp"
#include "plugins/sources/replay/recording.hpp"

namespace bourse::replay {

/// "23 h", "23 h 30 min"; whole minutes.
[[nodiscard]] std::string duration_text(std::int64_t ns);

/// "candles of 1h and 1d, a ticker and an order book"; "nothing".
[[nodiscard]] std::string recorded_of(const Market& market);

/// Notes `odd_candle` (one of close times, one of prices) and `conflicting_candles`, of these rows.
void say_odd_candles(const Call& call, std::string_view symbol, const Series& series, Rows rows);

/// Notes `unreadable_row` and `unreadable_file`. `what`: "candles of BTCUSDT".
void say_left_out(const Call& call, const std::string& what, const LeftOut& left_out);

/// " Left out: A-1h.csv:17: ...", or "".
[[nodiscard]] std::string why_left_out(const LeftOut& left_out);

/// What was left out, passed over or mended, once at the start.
void log_remarks(Host host, const std::string& folder, const Recording& recording);

}  // namespace bourse::replay
