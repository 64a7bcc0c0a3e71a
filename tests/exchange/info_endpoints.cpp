// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include "tests/exchange/endpoints.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr const char* kGroup = "TRD_GRP_004";
constexpr std::array<const char*, 3> kPermissions = {"SPOT", "MARGIN", kGroup};

void write_texts(JsonText& json, std::string_view name, std::span<const std::string> texts) {
  json.key(name).array();
  for (const std::string& text : texts) json.text(text);
  json.end_array();
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void write_limit(JsonText& json, const Call& call, std::string_view type, std::string_view interval,
                 int number, std::int64_t limit) {
  json.object()
      .member("rateLimitType", call.word(type))
      .member("interval", interval)
      .member("intervalNum", number)
      .member("limit", limit)
      .end_object();
}

void write_limits(JsonText& json, const Call& call) {
  // The limits themselves are always there: a client must still find those it knows.
  Call known = call;
  known.unknown_enum = false;
  json.key("rateLimits").array();
  write_limit(json, known, "REQUEST_WEIGHT", "MINUTE", 1, call.limits.weight_per_minute);
  write_limit(json, known, "ORDERS", "SECOND", 10, call.limits.orders_per_10_seconds);
  write_limit(json, known, "ORDERS", "DAY", 1, call.limits.orders_per_day);
  write_limit(json, known, "RAW_REQUESTS", "MINUTE", 5, call.limits.raw_per_5_minutes);
  if (call.unknown_enum) write_limit(json, call, "TELEPATHY", "FORTNIGHT", 1, 7);
  json.end_array();
}

void write_filters(JsonText& json, const Call& call, const SymbolRules& r) {
  const std::string zero = "0.00000000";
  const bool foreign = call.meets(FaultKind::kForeignFilters) != nullptr;
  json.key("filters").array();
  json.object()
      .member("filterType", "PRICE_FILTER")
      .member("minPrice", r.tick.text())
      .member("maxPrice", "1000000.00000000")
      .member("tickSize", r.tick.text());
  if (foreign) json.member("minQty", "").key("stepSize").raw("null");
  json.end_object();
  json.object()
      .member("filterType", "LOT_SIZE")
      .member("minQty", r.minimum.text())
      .member("maxQty", r.maximum.text())
      .member("stepSize", r.step.text());
  if (foreign) json.member("tickSize", "").key("minNotional").raw("[]");
  json.end_object();
  json.object().member("filterType", "ICEBERG_PARTS").member("limit", 100).end_object();
  json.object()
      .member("filterType", "MARKET_LOT_SIZE")
      .member("minQty", zero)
      .member("maxQty", r.maximum.text())
      .member("stepSize", zero)
      .end_object();
  json.object()
      .member("filterType", "TRAILING_DELTA")
      .member("minTrailingAboveDelta", 10)
      .member("maxTrailingAboveDelta", 2'000)
      .member("minTrailingBelowDelta", 10)
      .member("maxTrailingBelowDelta", 2'000)
      .end_object();
  json.object()
      .member("filterType", "PERCENT_PRICE_BY_SIDE")
      .member("bidMultiplierUp", "5")
      .member("bidMultiplierDown", "0.2")
      .member("askMultiplierUp", "5")
      .member("askMultiplierDown", "0.2")
      .member("avgPriceMins", 5)
      .end_object();
  json.object()
      .member("filterType", "NOTIONAL")
      .member("minNotional", r.minimum_notional.text())
      .member("applyMinToMarket", true)
      .member("maxNotional", "9000000.00000000")
      .member("applyMaxToMarket", false)
      .member("avgPriceMins", 5);
  if (foreign) json.member("maxQty", -1).member("tickSize", false);
  json.end_object();
  json.object().member("filterType", "MAX_NUM_ORDERS").member("maxNumOrders", 200).end_object();
  json.object()
      .member("filterType", "MAX_NUM_ORDER_LISTS")
      .member("maxNumOrderLists", 20)
      .end_object();
  json.object()
      .member("filterType", "MAX_NUM_ALGO_ORDERS")
      .member("maxNumAlgoOrders", 5)
      .end_object();
  json.object()
      .member("filterType", "MAX_NUM_ORDER_AMENDS")
      .member("maxNumOrderAmends", 10)
      .end_object();
  if (call.unknown_enum) {
    json.object().member("filterType", call.word("FILTER")).member("mood", "good").end_object();
  }
  json.end_array();
}

void write_flags(JsonText& json) {
  for (const char* const flag :
       {"icebergAllowed", "ocoAllowed", "otoAllowed", "opoAllowed", "quoteOrderQtyMarketAllowed",
        "allowTrailingStop", "cancelReplaceAllowed", "amendAllowed", "pegInstructionsAllowed",
        "isSpotTradingAllowed", "isMarginTradingAllowed"}) {
    json.member(flag, true);
  }
}

void write_symbol(JsonText& json, const Call& call, const SymbolRules& r, bool permission_sets) {
  json.object()
      .member("symbol", r.symbol)
      .member("status", call.word(call.status_of(r)))
      .member("baseAsset", r.base)
      .member("baseAssetPrecision", 8)
      .member("quoteAsset", r.quote)
      .member("quotePrecision", 8)
      .member("quoteAssetPrecision", 8)
      .member("baseCommissionPrecision", 8)
      .member("quoteCommissionPrecision", 8);
  std::vector<std::string> orders = words(r.order_types);
  if (call.unknown_enum) orders.push_back(call.word("LIMIT"));
  write_texts(json, "orderTypes", orders);
  write_flags(json);
  write_filters(json, call, r);
  json.key("permissions").array().end_array();
  json.key("permissionSets").array();
  if (permission_sets) {
    json.array();
    for (const char* const permission : kPermissions) json.text(permission);
    if (call.unknown_enum) json.text(call.word("TRD_GRP"));
    json.end_array();
  }
  json.end_array();
  json.member("defaultSelfTradePreventionMode", call.word("EXPIRE_MAKER"));
  json.key("allowedSelfTradePreventionModes").array();
  for (const char* const mode :
       {"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"}) {
    json.text(mode);
  }
  json.end_array().end_object();
}

/// Smart order routing: the first base asset with two dollar markets, as a sample.
void write_sors(JsonText& json, const std::vector<const SymbolRules*>& symbols) {
  json.key("sors").array();
  for (const SymbolRules* const one : symbols) {
    const auto twin = std::find_if(symbols.begin(), symbols.end(), [one](const SymbolRules* r) {
      return r != one && r->base == one->base && r->quote == "USDC";
    });
    if (one->quote != "USDT" || twin == symbols.end()) continue;
    json.object().member("baseAsset", one->base).key("symbols").array();
    json.text(one->symbol).text((*twin)->symbol).end_array().end_object();
    break;
  }
  json.end_array();
}

/// Reference prices exist for the dollar markets only.
std::string referenced_symbol(Call& call) {
  std::string symbol = call.symbol();
  call.parameters.check_all_read();
  if (call.market.rules(symbol).quote != "USDT") {
    throw ApiError(-2043, "This symbol doesn't have a reference price.");
  }
  return symbol;
}

/// `permissions`: one name or a list. Whether a symbol of ours has any of them.
bool permitted(Call& call) {
  const auto text = call.parameters.find("permissions");
  if (!text) return true;
  std::vector<std::string> wanted = {*text};
  if (text->starts_with('[')) wanted = parse_names("permissions", *text);
  return std::any_of(wanted.begin(), wanted.end(), [](const std::string& name) {
    return std::find(kPermissions.begin(), kPermissions.end(), name) != kPermissions.end();
  });
}

}  // namespace

std::string ping(Call& call) {
  call.parameters.check_all_read();
  return call.json().object().end_object().take();
}

std::string server_time(Call& call) {
  call.parameters.check_all_read();
  return call.json().object().member("serverTime", call.stamp(call.now_us)).end_object().take();
}

std::string exchange_info(Call& call) {
  Parameters& p = call.parameters;
  const bool by_name = !p.peek("symbol").empty() || !p.peek("symbols").empty();
  if (by_name && (!p.peek("permissions").empty() || !p.peek("symbolStatus").empty())) {
    throw bad_combination();
  }
  const bool some = permitted(call);
  const Selection selected = select(call, true, 0);
  const bool permission_sets = p.boolean("showPermissionSets", true);
  p.check_all_read();
  std::vector<const SymbolRules*> symbols;
  for (const std::string& name : selected.names) {
    if (some) symbols.push_back(&call.market.rules(name));
  }
  JsonText json = call.json();
  json.object().member("timezone", "UTC").member("serverTime", call.stamp(call.now_us));
  write_limits(json, call);
  json.key("exchangeFilters").array().end_array();
  json.key("symbols").array();
  for (const SymbolRules* const rules : symbols) write_symbol(json, call, *rules, permission_sets);
  json.end_array();
  write_sors(json, symbols);
  return json.end_object().take();
}

std::string execution_rules(Call& call) {
  const Selection selected = select(call, true, 0);
  call.parameters.check_all_read();
  JsonText json = call.json();
  json.object().key("symbolRules").array();
  for (const std::string& name : selected.names) {
    json.object().member("symbol", name).key("rules").array().object();
    json.member("ruleType", call.word("PRICE_RANGE"))
        .member("bidLimitMultUp", "5.0000")
        .member("bidLimitMultDown", "0.2000")
        .member("askLimitMultUp", "5.0000")
        .member("askLimitMultDown", "0.2000");
    json.end_object().end_array().end_object();
  }
  return json.end_array().end_object().take();
}

std::string reference_price(Call& call) {
  const std::string symbol = referenced_symbol(call);
  return call.json()
      .object()
      .member("symbol", symbol)
      .member("referencePrice", call.market.average(symbol, 1).text())
      .member("timestamp", call.stamp(call.market.now()))
      .end_object()
      .take();
}

std::string reference_calculation(Call& call) {
  const std::string symbol = referenced_symbol(call);
  return call.json()
      .object()
      .member("symbol", symbol)
      .member("calculationType", call.word("ARITHMETIC_MEAN"))
      .member("bucketCount", 10)
      .member("bucketWidthMs", 1'000)
      .end_object()
      .take();
}

}  // namespace bourse::fake_exchange
