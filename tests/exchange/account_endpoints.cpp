// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include "tests/exchange/endpoints.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
const std::string kZero = "0.00000000";

/// The finalizer of SplitMix64: a number that looks random and follows from its argument.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// A trade of the account's own.
struct Fill {
  Trade trade;
  std::int64_t order_id = 0;
  bool is_buyer = false, is_maker = false;
  Decimal commission = {};
  std::string commission_asset = {};
};

/// In most hours, once they are over, the account was one side of the hour's last trade.
std::optional<Fill> fill_of(const Call& call, const SymbolRules& rules, std::int64_t hour) {
  const std::uint64_t dice =
      mixed(call.seed ^ mixed(static_cast<std::uint64_t>(hour)) ^ (rules.symbol.size() << 56) ^
            static_cast<std::uint64_t>(rules.symbol.front()));
  if (dice % 8 == 0) return std::nullopt;
  const auto trade = call.market.trade_before(rules.symbol, (hour + 1) * kHour);
  if (!trade || trade->time < hour * kHour) return std::nullopt;
  Fill out{*trade, hour};
  out.is_buyer = dice % 2 == 1;
  out.is_maker = out.is_buyer == trade->buyer_is_maker;
  const Decimal rate = Decimal::from(out.is_maker ? call.account.maker : call.account.taker);
  const Decimal received = out.is_buyer ? trade->quantity : trade->quote_quantity;
  out.commission = (received * rate).rescaled(8, Rounding::kDown);
  out.commission_asset = out.is_buyer ? rules.base : rules.quote;
  return out;
}

struct FillQuery {
  std::optional<std::int64_t> order, start, end, from;
  std::int64_t limit = 500;
};

FillQuery read_query(Call& call) {
  Parameters& p = call.parameters;
  FillQuery q{p.integer("orderId"), p.time_us("startTime"), p.time_us("endTime"),
              p.integer("fromId"), call.limit(500, 1'000)};
  p.check_all_read();
  const bool times = q.start || q.end;
  if (times && (q.order || q.from)) throw bad_combination();
  if (q.start && q.end && *q.end - *q.start > 24 * kHour) {
    throw ApiError(-1127, "More than 24 hours between startTime and endTime.");
  }
  return q;
}

std::vector<Fill> fills(const Call& call, const SymbolRules& rules, const FillQuery& q) {
  const std::int64_t opened = call.account.opened_us;
  const std::int64_t begin = std::max(opened, q.start.value_or(opened));
  const std::int64_t end = std::min(call.market.now(), q.end.value_or(call.market.now()));
  std::vector<Fill> out;
  for (std::int64_t hour = begin / kHour;
       (hour + 1) * kHour <= call.market.now() && hour * kHour <= end; ++hour) {
    const auto fill = fill_of(call, rules, hour);
    if (!fill || fill->trade.time < begin || fill->trade.time > end) continue;
    if (q.order && fill->order_id != *q.order) continue;
    if (q.from && fill->trade.id < *q.from) continue;
    out.push_back(*fill);
  }
  const auto surplus = static_cast<std::ptrdiff_t>(out.size()) - q.limit;
  if (surplus > 0) {
    const bool oldest_first = q.start || q.from;
    out.erase(oldest_first ? out.begin() + q.limit : out.begin(),
              oldest_first ? out.end() : out.begin() + surplus);
  }
  return out;
}

void write_rates(JsonText& json, std::string_view name, const std::string& maker,
                 const std::string& taker) {
  json.key(name)
      .object()
      .member("maker", maker)
      .member("taker", taker)
      .member("buyer", kZero)
      .member("seller", kZero)
      .end_object();
}

std::int64_t basis_points(const std::string& rate) {
  const Decimal points = Decimal::from(rate) * Decimal::of(10'000);
  return static_cast<std::int64_t>(points.rescaled(0, Rounding::kDown).coefficient());
}

void write_balances(JsonText& json, const Call& call, bool omit_zeros) {
  std::vector<Balance> all = call.account.balances;
  std::set<std::string> seen;
  for (const Balance& b : all) seen.insert(b.asset);
  for (const SymbolRules& rules : call.market.symbols()) {
    for (const std::string& asset : {rules.base, rules.quote}) {
      if (seen.insert(asset).second) all.push_back({asset, kZero, kZero});
    }
  }
  json.key("balances").array();
  for (const Balance& b : all) {
    const bool zero = Decimal::from(b.free).is_zero() && Decimal::from(b.locked).is_zero();
    if (zero && omit_zeros) continue;
    json.object()
        .member("asset", b.asset)
        .member("free", b.free)
        .member("locked", b.locked)
        .end_object();
  }
  json.end_array();
}

}  // namespace

std::string account(Call& call) {
  const bool omit_zeros = call.parameters.boolean("omitZeroBalances", false);
  call.parameters.check_all_read();
  const Account& a = call.account;
  JsonText json = call.json();
  json.object()
      .member("makerCommission", basis_points(a.maker))
      .member("takerCommission", basis_points(a.taker))
      .member("buyerCommission", 0)
      .member("sellerCommission", 0);
  if (call.meets(FaultKind::kNoCommissionRates) == nullptr) {
    write_rates(json, "commissionRates", a.maker, a.taker);
  }
  json.member("canTrade", a.can_trade)
      .member("canWithdraw", a.can_withdraw)
      .member("canDeposit", a.can_deposit)
      .member("brokered", false)
      .member("requireSelfTradePrevention", false)
      .member("preventSor", false)
      .member("updateTime", call.stamp(call.now_us))
      .member("accountType", call.word("SPOT"));
  write_balances(json, call, omit_zeros);
  json.key("permissions").array();
  for (const std::string& permission : a.permissions) json.text(call.word(permission));
  return json.end_array().member("uid", a.uid).end_object().take();
}

std::string my_trades(Call& call) {
  const SymbolRules& rules = call.market.rules(call.symbol());
  const FillQuery query = read_query(call);
  JsonText json = call.json();
  json.array();
  for (const Fill& f : fills(call, rules, query)) {
    json.object()
        .member("symbol", rules.symbol)
        .member("id", f.trade.id)
        .member("orderId", f.order_id)
        .member("orderListId", -1)
        .member("price", f.trade.price.text())
        .member("qty", f.trade.quantity.text())
        .member("quoteQty", f.trade.quote_quantity.text())
        .member("commission", f.commission.text())
        .member("commissionAsset", f.commission_asset)
        .member("time", call.stamp(f.trade.time))
        .member("isBuyer", f.is_buyer)
        .member("isMaker", f.is_maker)
        .member("isBestMatch", true)
        .end_object();
  }
  return json.end_array().take();
}

std::string order_rate_limit(Call& call) {
  call.parameters.check_all_read();
  JsonText json = call.json();
  const auto write = [&](const char* interval, int number, std::int64_t limit, std::int64_t count) {
    json.object()
        .member("rateLimitType", "ORDERS")
        .member("interval", interval)
        .member("intervalNum", number)
        .member("limit", limit)
        .member("count", count)
        .end_object();
  };
  json.array();
  write("SECOND", 10, call.limits.orders_per_10_seconds, call.orders_10s);
  write("DAY", 1, call.limits.orders_per_day, call.orders_1d);
  return json.end_array().take();
}

std::string commission(Call& call) {
  const std::string symbol = call.symbol();
  call.parameters.check_all_read();
  JsonText json = call.json();
  json.object().member("symbol", symbol);
  write_rates(json, "standardCommission", call.account.maker, call.account.taker);
  write_rates(json, "specialCommission", kZero, kZero);
  write_rates(json, "taxCommission", kZero, kZero);
  json.key("discount")
      .object()
      .member("enabledForAccount", true)
      .member("enabledForSymbol", true)
      .member("discountAsset", "BNB")
      .member("discount", "0.75000000")
      .end_object();
  return json.end_object().take();
}

}  // namespace bourse::fake_exchange
