// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/oddities.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {
namespace {

constexpr const char* kUnreadable = "unreadable_row";
constexpr const char* kOdd = "odd_candle";
/// Named one by one; of the others it is said how many they are.
constexpr std::size_t kNamedMax = 5;

std::string counted(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// "3 candles of BTCUSDT", and when the first of them opens.
struct Odd {
  std::size_t count = 0;
  std::int64_t first_ms = 0;

  void add(const Candle& row) {
    if (count++ == 0) first_ms = row.open_ms;
  }
  [[nodiscard]] std::string text(const std::string& symbol) const {
    return counted(count, "candle") + " of " + symbol +
           (count == 1 ? " (opens at " : " (the first opens at ") + utc_text(from_ms(first_ms)) +
           ")";
  }
};

bool contradicts_itself(const Ticker24h& row) {
  if (row.trades == 0) return false;  // an inactive market: its prices are zero or stale
  const auto inside = [&](Decimal price) { return row.low <= price && price <= row.high; };
  return !inside(row.open) || !inside(row.last);
}

/// `names`: what is concerned, in a list that ends.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) {
    text.append(text.empty() ? "" : ", ").append(names[i]);
  }
  if (names.size() <= kNamedMax) return text;
  return text + " and " + std::to_string(names.size() - kNamedMax) + " more";
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
    reason = "the first opens at " + utc_text(*candles.first_unreadable) +
             (reason.empty() ? "" : "; " + reason);
  }
  note_left_out(call, candles.unreadable, "candle", symbol, reason);
}

void note_oddities(const bourse::Call& call, const std::vector<Ticker24h>& rows) {
  std::vector<std::string> odd;
  for (const Ticker24h& row : rows) {
    if (contradicts_itself(row)) odd.push_back(row.symbol);
  }
  if (odd.empty()) return;
  call.warn(kOdd, "Open or last are not between low and high in the 24 hours of " + listed(odd) +
                      ": shown as the exchange has them.");
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
  note_left_out(call, account.unreadable.size(), "part", "the account", listed(account.unreadable));
}

void note_rejected(const bourse::Call& call, const std::vector<Rejected>& rejected) {
  if (rejected.empty()) return;
  std::vector<std::string> names;
  for (const Rejected& one : rejected) {
    names.push_back((one.symbol.empty() ? "one without a name" : one.symbol) + " (" + one.reason +
                    ")");
  }
  call.warn(kUnreadable, "What the exchange says of " + counted(rejected.size(), "market") +
                             " cannot be read, and is left out: " + listed(names) + ".");
}

}  // namespace bourse::binance
