// SPDX-License-Identifier: MIT
#include "tests/exchange/endpoints.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bourse::fake_exchange {
namespace {

using Security = Endpoint::Security;

template <std::int64_t Weight>
std::int64_t always(const Parameters&) {
  return Weight;
}

std::int64_t depth_weight(const Parameters& p) {
  const std::string_view text = p.peek("limit");
  std::int64_t limit = 100;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1'000 ? 50 : 250;
}

/// Of `symbols`, by its commas: a list that turns out to be wrong is charged as well.
std::int64_t names_sent(const Parameters& p) {
  const std::string_view names = p.peek("symbols");
  return names.empty() ? 0 : 1 + std::count(names.begin(), names.end(), ',');
}

std::int64_t ticker_24h_weight(const Parameters& p) {
  if (!p.peek("symbol").empty()) return 2;
  const std::int64_t names = names_sent(p);
  return names == 0 || names > 100 ? 80 : names > 20 ? 40 : 2;
}

std::int64_t price_weight(const Parameters& p) { return p.peek("symbol").empty() ? 4 : 2; }

std::int64_t window_weight(const Parameters& p) {
  return std::min<std::int64_t>(200, 4 * std::max<std::int64_t>(1, names_sent(p)));
}

std::int64_t rules_weight(const Parameters& p) {
  if (!p.peek("symbol").empty()) return 2;
  const std::int64_t names = names_sent(p);
  return names == 0 ? 40 : std::min<std::int64_t>(40, 2 * names);
}

std::int64_t order_test_weight(const Parameters& p) {
  return equal_ignoring_case(p.peek("computeCommissionRates"), "true") ? 20 : 1;
}

std::int64_t my_trades_weight(const Parameters& p) { return p.peek("orderId").empty() ? 20 : 5; }

constexpr std::array kEndpoints = {
    Endpoint{"GET", "/api/v3/ping", Security::kNone, always<1>, ping},
    Endpoint{"GET", "/api/v3/time", Security::kNone, always<1>, server_time},
    Endpoint{"GET", "/api/v3/exchangeInfo", Security::kNone, always<20>, exchange_info},
    Endpoint{"GET", "/api/v3/depth", Security::kNone, depth_weight, depth},
    Endpoint{"GET", "/api/v3/trades", Security::kNone, always<25>, recent_trades},
    Endpoint{"GET", "/api/v3/historicalTrades", Security::kNone, always<25>, historical_trades},
    Endpoint{"GET", "/api/v3/historicalBlockTrades", Security::kNone, always<25>, block_trades},
    Endpoint{"GET", "/api/v3/aggTrades", Security::kNone, always<4>, aggregate_trades},
    Endpoint{"GET", "/api/v3/klines", Security::kNone, always<2>, klines},
    Endpoint{"GET", "/api/v3/uiKlines", Security::kNone, always<2>, klines},
    Endpoint{"GET", "/api/v3/avgPrice", Security::kNone, always<2>, average_price},
    Endpoint{"GET", "/api/v3/ticker/24hr", Security::kNone, ticker_24h_weight, ticker_24h},
    Endpoint{"GET", "/api/v3/ticker/tradingDay", Security::kNone, window_weight, trading_day},
    Endpoint{"GET", "/api/v3/ticker/price", Security::kNone, price_weight, ticker_price},
    Endpoint{"GET", "/api/v3/ticker/bookTicker", Security::kNone, price_weight, book_ticker},
    Endpoint{"GET", "/api/v3/ticker", Security::kNone, window_weight, rolling_window},
    Endpoint{"GET", "/api/v3/executionRules", Security::kNone, rules_weight, execution_rules},
    Endpoint{"GET", "/api/v3/referencePrice", Security::kNone, always<2>, reference_price},
    Endpoint{"GET", "/api/v3/referencePrice/calculation", Security::kNone, always<2>,
             reference_calculation},
    Endpoint{"GET", "/api/v3/account", Security::kUserData, always<20>, account},
    Endpoint{"POST", "/api/v3/order/test", Security::kTrade, order_test_weight, order_test},
    Endpoint{"GET", "/api/v3/myTrades", Security::kUserData, my_trades_weight, my_trades},
    Endpoint{"GET", "/api/v3/rateLimit/order", Security::kUserData, always<40>, order_rate_limit},
    Endpoint{"GET", "/api/v3/account/commission", Security::kUserData, always<20>, commission},
};

void check_status(std::string_view status) {
  constexpr std::array<std::string_view, 3> kKnown = {"TRADING", "HALT", "BREAK"};
  if (std::find(kKnown.begin(), kKnown.end(), status) == kKnown.end()) {
    throw ApiError(-1122, "Invalid symbolStatus.");
  }
}

std::vector<std::string> all_names(const Call& call) {
  std::vector<std::string> names;
  for (const SymbolRules& rules : call.market.symbols()) names.push_back(rules.symbol);
  return names;
}

}  // namespace

std::span<const Endpoint> endpoints() noexcept { return kEndpoints; }

std::int64_t Call::stamp(std::int64_t us) const { return microseconds ? us : us / 1'000; }

std::int64_t Call::stamp_of_end(std::int64_t us) const {
  return microseconds ? us / 1'000 * 1'000 + 999 : us / 1'000;
}

std::string Call::word(std::string_view known) const {
  return unknown_enum ? std::string(known) + "_OF_TOMORROW" : std::string(known);
}

std::string Call::status_of(const SymbolRules& rules) const {
  const auto found = statuses.find(rules.symbol);
  return found == statuses.end() ? rules.status : found->second;
}

const Fault* Call::meets(FaultKind kind) const {
  const auto found = std::find_if(content.begin(), content.end(),
                                  [kind](const Fault& f) { return f.kind == kind; });
  return found == content.end() ? nullptr : &*found;
}

std::string Call::symbol() {
  std::string name = parameters.required("symbol");
  check_symbol_text(name);
  static_cast<void>(market.rules(name));
  return name;
}

std::int64_t Call::limit(std::int64_t otherwise, std::int64_t most) {
  const auto limit = parameters.integer("limit");
  if (!limit) return otherwise;
  if (*limit == 0) throw not_valid("limit");
  return std::min(*limit, most);
}

Selection select(Call& call, bool all, std::size_t most) {
  const auto symbol = call.parameters.find("symbol"), symbols = call.parameters.find("symbols");
  const auto status = call.parameters.find("symbolStatus");
  if (symbol && symbols) throw bad_combination();
  if (!symbol && !symbols && !all) throw missing_both("symbol", "symbols");
  if (status) check_status(*status);
  if (symbol) {
    check_symbol_text(*symbol);
    if (status && call.status_of(call.market.rules(*symbol)) != *status) {
      throw ApiError(-1220, "The symbol's status does not match the requested status.");
    }
    static_cast<void>(call.market.rules(*symbol));
    return {true, {*symbol}};
  }
  Selection out{false, symbols ? parse_names("symbols", *symbols) : all_names(call)};
  if (symbols && most > 0 && out.names.size() > most) {
    throw ApiError(-1101, "Too many values sent for parameter 'symbols', maximum allowed up to " +
                              std::to_string(most) + ".");
  }
  for (const std::string& name : out.names) static_cast<void>(call.market.rules(name));
  if (status) {
    std::erase_if(out.names, [&](const std::string& name) {
      return call.status_of(call.market.rules(name)) != *status;
    });
  }
  if (call.reversed) std::reverse(out.names.begin(), out.names.end());
  return out;
}

std::int64_t zone_minutes(Call& call) {
  const auto text = call.parameters.find("timeZone");
  if (!text) return 0;
  std::string_view rest = *text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const auto read = [&rest](std::size_t digits_max) {
    std::int64_t value = -1;
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits == 0 || digits > digits_max) return value;
    std::from_chars(rest.data(), rest.data() + digits, value);
    rest.remove_prefix(digits);
    return value;
  };
  const std::int64_t hours = read(2);
  std::int64_t minutes = 0;
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
    minutes = read(2);
  }
  const std::int64_t offset = (negative ? -1 : 1) * (hours * 60 + minutes);
  const bool legal = hours >= 0 && minutes >= 0 && minutes < 60 && rest.empty() &&
                     -12 * 60 <= offset && offset <= 14 * 60;
  if (!legal) throw not_valid("timeZone");
  return offset;
}

}  // namespace bourse::fake_exchange
