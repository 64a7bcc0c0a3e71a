// SPDX-License-Identifier: MIT
//
// What a report is told about data that is odd, by the rules of
// docs/explanation/decisions/foreign-data.md: what was left out because it cannot be read
// (`unreadable_row`), what was mended (`odd_candle`, `unsorted_book`), and what is shown as it came
// though it contradicts itself (`odd_candle`). One note a kind: how many, which is the first. That
// a book is crossed is said by those who read it.
#pragma once

#include <string>
#include <vector>

#include "bourse/call.hpp"
#include "plugins/sources/binance/candle_store.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

void note_oddities(const bourse::Call& call, const std::string& symbol,
                   const CandleStore::Answer& candles);
void note_oddities(const bourse::Call& call, const std::vector<Ticker24h>& rows);
void note_oddities(const bourse::Call& call, const std::string& symbol, const OrderBook& book);
void note_oddities(const bourse::Call& call, const std::string& symbol, const Trades& trades);
void note_oddities(const bourse::Call& call, const Account& account);
void note_oddities(const bourse::Call& call, const std::vector<SymbolInfo>& rows);
/// Markets whose rows could not be read.
void note_rejected(const bourse::Call& call, const std::vector<Rejected>& rejected);

}  // namespace bourse::binance
