// SPDX-License-Identifier: MIT
//
// The exchange's REST endpoints: what each weighs, whether it must be signed, and what it answers.
// Field order, types and decimals are those of the exchange. Handlers are pure functions of a Call.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/exchange/api_error.hpp"
#include "tests/exchange/faults.hpp"
#include "tests/exchange/json_text.hpp"
#include "tests/exchange/limits.hpp"
#include "tests/exchange/market.hpp"
#include "tests/exchange/request.hpp"

namespace bourse::fake_exchange {

struct Balance {
  std::string asset, free, locked;  ///< decimals as text, "0.12345678"
};

/// The one account that all keys belong to. Invented.
struct Account {
  std::vector<Balance> balances = {{"BTC", "0.12345678", "0.00000000"},
                                   {"ETH", "2.50000000", "0.40000000"},
                                   {"BNB", "3.00000000", "0.00000000"},
                                   {"USDT", "1000.00000000", "25.50000000"}};
  std::string maker = "0.00100000", taker = "0.00100000";  ///< commission rates
  bool can_trade = true, can_withdraw = false, can_deposit = true;
  std::vector<std::string> permissions = {"SPOT"};
  std::int64_t uid = 354'937'868;
  std::int64_t opened_us = 0;  ///< it has traded about once an hour since
};

/// What a handler may look at: one request, at one instant.
struct Call {
  Parameters& parameters;
  const Market& market;
  std::int64_t now_us = 0;  ///< of the exchange's clock, skew included
  std::uint64_t seed = 0;
  Account account = {};
  LimitOptions limits = {};
  std::int64_t orders_10s = 0, orders_1d = 0;
  std::map<std::string, std::string> statuses = {};  ///< of symbols, where not the source's
  bool microseconds = false, unknown_enum = false, unknown_field = false, reversed = false;
  std::vector<Fault> content = {};  ///< what is wrong with the answer, these four among it

  /// The fault of this kind that the request meets, or null.
  [[nodiscard]] const Fault* meets(FaultKind kind) const;
  [[nodiscard]] JsonText json() const { return JsonText(unknown_field); }
  /// A time field in the unit that was asked for.
  [[nodiscard]] std::int64_t stamp(std::int64_t us) const;
  /// The same of a last instant, "...999".
  [[nodiscard]] std::int64_t stamp_of_end(std::int64_t us) const;
  /// A word of the API, or one that nobody knows yet.
  [[nodiscard]] std::string word(std::string_view known) const;
  [[nodiscard]] std::string status_of(const SymbolRules& rules) const;
  /// The required parameter `symbol`: -1102, -1100, -1121.
  [[nodiscard]] std::string symbol();
  /// `limit`: never more than `most`; -1130 for zero.
  [[nodiscard]] std::int64_t limit(std::int64_t otherwise, std::int64_t most);
};

/// Which symbols a request names: `symbol`, `symbols`, or none for all; with `symbolStatus`.
struct Selection {
  bool single = false;
  std::vector<std::string> names;
};
/// `most`: names in `symbols`, 0: any number. Not `all`: one of both must be sent.
[[nodiscard]] Selection select(Call& call, bool all, std::size_t most);

struct Endpoint {
  enum class Security { kNone, kUserData, kTrade };
  std::string_view method, path;
  Security security;
  std::int64_t (*weight)(const Parameters&);
  std::string (*answer)(Call&);
};

/// All of them.
[[nodiscard]] std::span<const Endpoint> endpoints() noexcept;

// Handlers, by file.
std::string ping(Call&), server_time(Call&), exchange_info(Call&), execution_rules(Call&),
    reference_price(Call&), reference_calculation(Call&);  // info_endpoints.cpp
std::string depth(Call&), recent_trades(Call&), historical_trades(Call&), aggregate_trades(Call&),
    block_trades(Call&), klines(Call&), average_price(Call&);  // market_endpoints.cpp
std::string ticker_24h(Call&), trading_day(Call&), rolling_window(Call&), ticker_price(Call&),
    book_ticker(Call&);  // ticker_endpoints.cpp
std::string account(Call&), my_trades(Call&), order_rate_limit(Call&),
    commission(Call&);          // account_endpoints.cpp
std::string order_test(Call&);  // order_endpoint.cpp

/// "0", "8", "-1:00", "05:45" as minutes; -1130 outside of -12:00 to +14:00.
[[nodiscard]] std::int64_t zone_minutes(Call& call);

}  // namespace bourse::fake_exchange
