// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/oddities.hpp"

#include <optional>
#include <string_view>

#include "bourse/words.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr const char* kUnreadable = "unreadable_row";
constexpr const char* kOdd = "odd_candle";

/// "3 candles of BTCUSDT", and when the first of them opens.
struct Odd {
  std::size_t count = 0;
  std::int64_t first_ms = 0;

  void add(const Candle& row) {
    if (count++ == 0) first_ms = row.open_ms;
  }
  [[nodiscard]] std::string text(const std::string& symbol) const {
    return counted(count, "candle") + " of " + symbol +
           (count == 1 ? " (opens at " : " (the first opens at ") + time_text(from_ms(first_ms)) +
           ")";
  }
};

/// Of an inactive market the prices are zero or stale, yet its window is one of time.
bool contradicts_itself(const Ticker24h& row) {
  const auto inside = [&](Decimal price) { return row.low <= price && price <= row.high; };
  if (row.low > row.high || row.close_time < row.open_time) return true;
  return row.trades != 0 && (!inside(row.open) || !inside(row.last));
}

void note_left_out(const bourse::Call& call, std::size_t count, std::string_view what,
                   const std::string& of, const std::string& reason) {
  if (count == 0) return;
  call.warn(kUnreadable,
            counted(count, what) + " of " + of + " cannot be read, and left out: " + reason + ".");
}

}  // namespace

void note_oddities(const bourse::Call& call, const std::string& symbol,
                   const CandleStore::Answer& candles) {
  Odd closing, contradicting;
  for (const Candle& row : candles.rows) {
    if ((row.oddities & kClosesOddly) != 0) closing.add(row);
    if ((row.oddities & kContradictsItself) != 0) contradicting.add(row);
  }
  if (closing.count > 0) {
    call.warn(kOdd, closing.text(symbol) + (closing.count == 1 ? " has" : " have") +
                        " a close time that is not in the candle, as the exchange writes it: the "
                        "candle's end stands there instead.");
  }
  if (contradicting.count > 0) {
    call.warn(kOdd, contradicting.text(symbol) + (contradicting.count == 1 ? " has" : " have") +
                        " prices that contradict each other, or of zero though something was "
                        "traded: shown as the exchange has them.");
  }
  if (candles.unreadable == 0) return;
  std::string reason = candles.unreadable_reason;
  if (candles.first_unreadable) {
    reason = "the first opens at " + time_text(*candles.first_unreadable) +
             (reason.empty() ? "" : "; " + reason);
  }
  note_left_out(call, candles.unreadable, "candle", symbol, reason);
}

void note_oddities(const bourse::Call& call, const std::vector<Ticker24h>& rows) {
  NamedFew odd;
  for (const Ticker24h& row : rows) {
    if (contradicts_itself(row)) odd.add(row.symbol);
  }
  if (odd.count() == 0) return;
  call.warn(kOdd,
            "Open and last are not between low and high, or the end is before the begin, in "
            "the 24 hours of " +
                odd.text() + ": shown as the exchange has them.");
}

void note_oddities(const bourse::Call& call, const std::string& symbol, const OrderBook& book) {
  note_left_out(call, book.unreadable, "level", "the order book of " + symbol,
                book.unreadable_reason);
  if (book.was_sorted) return;
  call.warn("unsorted_book", "The levels of the order book of " + symbol +
                                 " did not come in the order of their prices, and were brought "
                                 "to it.");
}

void note_oddities(const bourse::Call& call, const std::string& symbol, const Trades& trades) {
  note_left_out(call, trades.unreadable, "trade", symbol, trades.unreadable_reason);
}

void note_oddities(const bourse::Call& call, const Account& account) {
  NamedFew parts;
  for (const std::string& part : account.unreadable) parts.add(part);
  note_left_out(call, account.unreadable.size(), "part", "the account", parts.text());
}

void note_oddities(const bourse::Call& call, const std::vector<SymbolInfo>& rows) {
  NamedFew odd;
  for (const SymbolInfo& row : rows) {
    if (!row.unreadable_filters.empty()) odd.add(row.symbol + " (" + row.unreadable_filters + ")");
  }
  if (odd.count() == 0) return;
  call.warn(kUnreadable, "Rules of " + counted(odd.count(), "market") +
                             " cannot be read, and are null: " + odd.text() + ".");
}

void note_rejected(const bourse::Call& call, const std::vector<Rejected>& rejected) {
  if (rejected.empty()) return;
  NamedFew names;
  for (const Rejected& one : rejected) {
    names.add((one.symbol.empty() ? "one without a name" : one.symbol) + " (" + one.reason + ")");
  }
  call.warn(kUnreadable, "What the exchange says of " + counted(rejected.size(), "market") +
                             " cannot be read, and is left out: " + names.text() + ".");
}

}  // namespace bourse::binance
