// SPDX-License-Identifier: MIT
//
// POST /api/v3/order/test: checks an order as the exchange would and creates nothing.
#include <algorithm>
#include <array>

#include "tests/exchange/endpoints.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::array<std::string_view, 7> kTypes = {
    "LIMIT",      "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT",
    "LIMIT_MAKER"};

template <class List>
bool is_one_of(std::string_view word, const List& list) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

struct Order {
  std::string symbol, side, type;
  std::optional<std::string> time_in_force;
  std::optional<Decimal> quantity, quote_quantity, price, stop_price, iceberg;
  std::optional<std::int64_t> trailing_delta;
  bool pegged = false;
};

/// Digits with at most the 8 decimals that every asset of ours has.
std::optional<Decimal> decimal(Call& call, std::string_view name) {
  const auto text = call.parameters.find(name);
  if (!text) return std::nullopt;
  const auto digits = [](std::string_view part) {
    return !part.empty() && part.size() <= 20 &&
           std::all_of(part.begin(), part.end(), [](char c) { return '0' <= c && c <= '9'; });
  };
  const std::size_t point = text->find('.');
  const std::string_view whole = *text;
  const bool legal = digits(whole.substr(0, point)) &&
                     (point == std::string::npos || digits(whole.substr(point + 1)));
  if (!legal) throw illegal(name, kDecimalRange);
  const auto value = Decimal::parse(whole);
  if (!value)
    throw ApiError(-1108, "The value of parameter '" + std::string(name) + "' is too large.");
  if (value->scale() > 8) throw too_precise(name);
  return value;
}

void check_word(Call& call, std::string_view name, std::initializer_list<std::string_view> legal) {
  const auto word = call.parameters.find(name);
  if (word && !is_one_of(*word, legal)) throw not_valid(name);
}

void read_details(Call& call, Order& order) {
  Parameters& p = call.parameters;
  const auto id = p.find("newClientOrderId");
  const bool legal = !id || (id->size() <= 36 && std::all_of(id->begin(), id->end(), [](char c) {
                               return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') ||
                                      ('0' <= c && c <= '9') || c == '-' || c == '_';
                             }));
  if (!legal) throw illegal("newClientOrderId", kClientIdRange);
  static_cast<void>(p.integer("strategyId"));
  if (p.integer("strategyType").value_or(1'000'000) < 1'000'000) {
    throw ApiError(-1134, "`strategyType` was less than 1000000.");
  }
  check_word(call, "newOrderRespType", {"ACK", "RESULT", "FULL"});
  check_word(call, "selfTradePreventionMode",
             {"NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"});
  const auto peg = p.find("pegPriceType"), offset = p.find("pegOffsetType");
  if (peg && *peg != "PRIMARY_PEG" && *peg != "MARKET_PEG") {
    throw ApiError(-1210, "Invalid pegPriceType.");
  }
  if (offset && *offset != "PRICE_LEVEL") throw ApiError(-1211, "Invalid pegOffsetType.");
  if (p.integer("pegOffsetValue").value_or(0) > 100) throw not_valid("pegOffsetValue");
  order.pegged = peg.has_value();
}

Order read_order(Call& call) {
  Parameters& p = call.parameters;
  Order order;
  order.symbol = call.symbol();
  order.side = p.required("side");
  if (order.side != "BUY" && order.side != "SELL") throw ApiError(-1117, "Invalid side.");
  order.type = p.required("type");
  if (!is_one_of(order.type, kTypes)) throw ApiError(-1116, "Invalid orderType.");
  order.time_in_force = p.find("timeInForce");
  if (order.time_in_force &&
      !is_one_of(*order.time_in_force, std::array<std::string_view, 3>{"GTC", "IOC", "FOK"})) {
    throw ApiError(-1115, "Invalid timeInForce.");
  }
  order.quantity = decimal(call, "quantity");
  order.quote_quantity = decimal(call, "quoteOrderQty");
  order.price = decimal(call, "price");
  order.stop_price = decimal(call, "stopPrice");
  order.iceberg = decimal(call, "icebergQty");
  order.trailing_delta = p.integer("trailingDelta");
  read_details(call, order);
  return order;
}

bool has_limit_price(const Order& o) {
  return o.type == "LIMIT" || o.type == "LIMIT_MAKER" || o.type.ends_with("_LIMIT");
}

/// What each type needs, and what it must not have.
void check_composition(const Order& o) {
  const bool market = o.type == "MARKET";
  const bool stop = o.type.starts_with("STOP_LOSS") || o.type.starts_with("TAKE_PROFIT");
  const bool timed = o.type == "LIMIT" || o.type.ends_with("_LIMIT");
  if (timed && !o.time_in_force) throw missing("timeInForce");
  if (!timed && o.time_in_force) {
    throw ApiError(-1114, "TimeInForce parameter sent when not required.");
  }
  if (market && !o.quantity && !o.quote_quantity) throw missing_both("quantity", "quoteOrderQty");
  if (market && o.quantity && o.quote_quantity) throw bad_combination();
  if (!market && o.quote_quantity) throw not_required("quoteOrderQty");
  if (!market && !o.quantity) throw missing("quantity");
  if (has_limit_price(o) && !o.price && !o.pegged) throw missing("price");
  if (!has_limit_price(o) && o.price) throw not_required("price");
  if (stop && !o.stop_price && !o.trailing_delta) throw missing_both("stopPrice", "trailingDelta");
  if (!stop && o.stop_price) throw not_required("stopPrice");
  if (o.iceberg && o.time_in_force != "GTC") {
    throw ApiError(-1014, "Unsupported order combination.");
  }
}

bool is_multiple(Decimal value, Decimal step) {
  if (step.is_zero()) return true;
  return divide(value, step, 0, Rounding::kDown) * step == value;
}

void check_price(const SymbolRules& r, const std::optional<Decimal>& price) {
  if (!price) return;
  if (*price < r.tick || *price > Decimal::of(1'000'000) || !is_multiple(*price, r.tick)) {
    throw filter_failure("PRICE_FILTER");
  }
}

void check_filters(const Call& call, const SymbolRules& r, const Order& o) {
  check_price(r, o.price);
  check_price(r, o.stop_price);
  const Decimal average = call.market.average(r.symbol, 5);
  if (o.price &&
      (*o.price > average * Decimal::of(5) || *o.price < average * Decimal::from("0.2"))) {
    throw filter_failure("PERCENT_PRICE_BY_SIDE");
  }
  for (const auto& quantity : {o.quantity, o.iceberg}) {
    if (!quantity) continue;
    const bool too_much = !r.maximum.is_zero() && *quantity > r.maximum;
    if (*quantity < r.minimum || too_much || !is_multiple(*quantity, r.step)) {
      throw filter_failure("LOT_SIZE");
    }
  }
  if (o.quantity && o.iceberg &&
      divide(*o.quantity, *o.iceberg, 0, Rounding::kUp) > Decimal::of(100)) {
    throw filter_failure("ICEBERG_PARTS");
  }
  const Decimal notional = o.quantity ? o.price.value_or(average) * *o.quantity : *o.quote_quantity;
  const bool too_large = o.type != "MARKET" && notional > Decimal::of(9'000'000);
  if (notional < r.minimum_notional || too_large) throw filter_failure("NOTIONAL");
  if (o.trailing_delta && (*o.trailing_delta < 10 || *o.trailing_delta > 2'000)) {
    throw filter_failure("TRAILING_DELTA");
  }
}

void check_order_count(const Call& call) {
  const LimitOptions& limits = call.limits;
  if (call.orders_1d >= limits.orders_per_day) {
    throw too_many_orders(limits.orders_per_day, "1 DAY");
  }
  if (call.orders_10s >= limits.orders_per_10_seconds) {
    throw too_many_orders(limits.orders_per_10_seconds, "10 SECOND");
  }
}

std::string commission_rates(const Call& call) {
  JsonText json = call.json();
  const auto rates = [&json](const char* name, const std::string& maker, const std::string& taker) {
    json.key(name).object().member("maker", maker).member("taker", taker).end_object();
  };
  json.object();
  rates("standardCommissionForOrder", call.account.maker, call.account.taker);
  rates("specialCommissionForOrder", "0.00000000", "0.00000000");
  rates("taxCommissionForOrder", "0.00000000", "0.00000000");
  json.key("discount")
      .object()
      .member("enabledForAccount", true)
      .member("enabledForSymbol", true)
      .member("discountAsset", "BNB")
      .member("discount", "0.75000000")
      .end_object();
  return json.end_object().take();
}

}  // namespace

std::string order_test(Call& call) {
  const Order order = read_order(call);
  const bool rates = call.parameters.boolean("computeCommissionRates", false);
  call.parameters.check_all_read();
  check_composition(order);
  check_order_count(call);
  const SymbolRules& rules = call.market.rules(order.symbol);
  if (call.status_of(rules) != "TRADING") throw ApiError(-1013, "Market is closed.");
  check_filters(call, rules, order);
  return rates ? commission_rates(call) : call.json().object().end_object().take();
}

}  // namespace bourse::fake_exchange
