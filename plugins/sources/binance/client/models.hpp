// SPDX-License-Identifier: MIT
//
// What the exchange told us, checked. Values are exact decimals with the scale they were written
// with; times are UTC. Objects do not change once made: read them from any number of threads.
//
// Checked means: every price and quantity is a number and not negative, times ascend, best prices
// come first. What cannot be read costs itself and is listed beside the rest; what can be read but
// contradicts itself is kept as it came, and marked. What the exchange did not say is nullopt,
// never 0. A market without trades may have zero prices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/decimal.hpp"
#include "bourse/interval.hpp"
#include "bourse/report.hpp"

namespace bourse::binance {

/// Time in which candles are missing, though the interval would have had some: the exchange was
/// down, or the market did not trade.
struct Gap {
  Time after;   ///< open time of the last candle before
  Time before;  ///< open time of the first candle after
};

/// What is odd about a candle: the bits of Candles::oddities().
enum CandleOddity : std::uint8_t {
  /// Its close time was not in its interval, and is now the interval's last millisecond.
  kClosesOddly = 1,
  /// Open or close outside of low and high, low above high, or a volume at the price of zero.
  kContradictsItself = 2,
};

/// A candle that could not be read, and was left out.
struct UnreadableCandle {
  std::optional<Time> open_time;  ///< nullopt: nor could that
  std::string reason;
};
/// A question is given up when its answer holds more of them.
inline constexpr std::size_t kUnreadableMax = 1000;

/// Candles of one market, oldest first, as columns of equal length.
class Candles {
 public:
  [[nodiscard]] std::size_t rows() const noexcept { return open_time_.size(); }
  /// Identity of a candle. Ascending, not always evenly spaced, not always on the interval's grid.
  [[nodiscard]] std::span<const Time> open_time() const noexcept { return open_time_; }
  [[nodiscard]] std::span<const Decimal> open() const noexcept { return open_; }
  [[nodiscard]] std::span<const Decimal> high() const noexcept { return high_; }
  [[nodiscard]] std::span<const Decimal> low() const noexcept { return low_; }
  [[nodiscard]] std::span<const Decimal> close() const noexcept { return close_; }
  [[nodiscard]] std::span<const Decimal> volume() const noexcept { return volume_; }
  [[nodiscard]] std::span<const Time> close_time() const noexcept { return close_time_; }
  [[nodiscard]] std::span<const Decimal> quote_volume() const noexcept { return quote_volume_; }
  [[nodiscard]] std::span<const std::int64_t> trades() const noexcept { return trades_; }
  [[nodiscard]] std::span<const Decimal> taker_base_volume() const noexcept {
    return taker_base_volume_;
  }
  [[nodiscard]] std::span<const Decimal> taker_quote_volume() const noexcept {
    return taker_quote_volume_;
  }
  /// 1 where the candle had surely ended when the exchange answered: it will not change any more.
  [[nodiscard]] std::span<const std::uint8_t> closed() const noexcept { return closed_; }
  /// CandleOddity bits; 0: as a candle should be.
  [[nodiscard]] std::span<const std::uint8_t> oddities() const noexcept { return oddities_; }
  /// In the order in which they came; none is among the rows.
  [[nodiscard]] std::span<const UnreadableCandle> unreadable() const noexcept {
    return unreadable_;
  }
  /// How many the exchange sent.
  [[nodiscard]] std::size_t received() const noexcept { return rows() + unreadable_.size(); }
  /// Oldest first.
  [[nodiscard]] std::span<const Gap> gaps() const noexcept { return gaps_; }

 private:
  friend struct CandleColumns;

  std::vector<Time> open_time_, close_time_;
  std::vector<Decimal> open_, high_, low_, close_, volume_, quote_volume_;
  std::vector<std::int64_t> trades_;
  std::vector<Decimal> taker_base_volume_, taker_quote_volume_;
  std::vector<std::uint8_t> closed_, oddities_;
  std::vector<UnreadableCandle> unreadable_;
  std::vector<Gap> gaps_;
};

/// Statistics of the last 24 hours of one market. A row without one of the optional ones is whole.
struct Ticker24h {
  std::string symbol;
  std::optional<Decimal> price_change, price_change_percent, weighted_average;
  std::optional<Decimal> previous_close, last_quantity;
  std::optional<Decimal> bid, bid_quantity, ask, ask_quantity;
  Decimal open, high, low, last;
  Decimal volume, quote_volume;
  Time open_time, close_time;
  std::optional<std::int64_t> first_id, last_id;  ///< -1: no trade
  std::int64_t trades = 0;  ///< 0: the market is inactive, prices mean nothing
};

struct Price {
  std::string symbol;
  Decimal price;
};

struct BookTicker {
  std::string symbol;
  Decimal bid, bid_quantity, ask, ask_quantity;  ///< a side without orders is zero
};

/// A market whose row made no sense, in an answer about many.
struct Rejected {
  std::string symbol;
  std::string reason;
};
/// An answer with more of them is refused as a whole.
inline constexpr std::size_t kRejectedMax = 1000;

/// Rows about markets. From Client: in the order asked.
template <class Row>
struct Rows {
  std::vector<Row> rows;
  std::vector<Rejected> rejected;
  /// Markets that were asked for, but are unknown to the exchange.
  std::vector<std::string> missing;
};

struct Level {
  Decimal price, quantity;
};

struct OrderBook {
  std::optional<std::int64_t> last_update_id;
  std::vector<Level> bids;     ///< best (highest) first; may be above the best ask, as it came
  std::vector<Level> asks;     ///< best (lowest) first
  bool was_sorted = true;      ///< false: they came in another order, and were brought to this one
  std::size_t unreadable = 0;  ///< levels that were left out
  std::string unreadable_reason;  ///< why the first of them was
};

struct Trade {
  std::int64_t id = 0;  ///< ascending
  Decimal price, quantity, quote_quantity;
  Time time;
  bool buyer_is_maker = false;
};

/// Trades of one market, oldest first.
struct Trades {
  std::vector<Trade> rows;
  std::size_t unreadable = 0;     ///< trades that were left out
  std::string unreadable_reason;  ///< why the first of them was
};

enum class SymbolStatus : std::uint8_t {
  kTrading,
  kEndOfDay,
  kHalt,
  kBreak,
  kCancelOnly,
  kOther,  ///< invented after this was written: see the text
};

/// One market and its rules. A rule that is switched off or absent is nullopt.
struct SymbolInfo {
  std::string symbol;
  SymbolStatus status = SymbolStatus::kOther;
  std::string status_text;
  std::string base_asset, quote_asset;
  /// As the exchange writes them, separated by blanks: "LIMIT MARKET"; nullopt: it names none.
  std::optional<std::string> order_types;
  std::optional<Decimal> tick_size, minimum_price, maximum_price;
  std::optional<Decimal> lot_step, minimum_quantity, maximum_quantity;
  std::optional<Decimal> minimum_notional;
  /// Types of filters of which a rule cannot be read: "LOT_SIZE NOTIONAL", or "".
  std::string unreadable_filters;
};

enum class LimitKind : std::uint8_t { kRequestWeight, kRawRequests, kOrders, kOther };

/// "At most `limit` in every window of `window`", as the exchange states it.
struct Limit {
  LimitKind kind = LimitKind::kOther;
  std::int64_t window_ms = 0;
  std::int64_t limit = 0;
  friend bool operator==(const Limit&, const Limit&) = default;
};

struct ExchangeInfo {
  Time server_time;
  std::vector<Limit> limits;
  std::vector<SymbolInfo> symbols;
  std::vector<Rejected> rejected;    ///< as Rows::rejected
  std::vector<std::string> missing;  ///< as Rows::missing
};

struct Balance {
  std::string asset;
  std::optional<Decimal> free, locked;
};

struct Account {
  std::optional<std::string> account_type;  ///< "SPOT"
  std::optional<bool> can_trade, can_withdraw, can_deposit;
  /// Fractions: 0.001 is 0.1 %. Of commissionRates; where those are not there, the whole basis
  /// points (15 is 0.0015) that the exchange writes as well.
  std::optional<Decimal> maker_commission, taker_commission;
  std::optional<Time> update_time;
  std::vector<Balance> balances;
  std::optional<std::vector<std::string>> permissions;
  /// Why members and balances were left out that could not be read.
  std::vector<std::string> unreadable;
};

}  // namespace bourse::binance
