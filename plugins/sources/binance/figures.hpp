// SPDX-License-Identifier: MIT
//
// The source's figures for /metrics.
#pragma once

#include "bourse/ext/metrics.hpp"
#include "plugins/sources/binance/market.hpp"

namespace bourse::binance {

/// Waits for nothing. Limits, connections, retries and blocks are those of the whole process;
/// caches are of this source.
void show_figures(const Market& market, const Metrics& metrics);

/// "1m", "10s": the length of a window, for labels.
std::string window_text(std::int64_t window_ms);

}  // namespace bourse::binance
