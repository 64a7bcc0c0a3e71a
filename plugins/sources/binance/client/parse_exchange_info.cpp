// SPDX-License-Identifier: MIT
#include <array>
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/parse.hpp"

namespace bourse::binance {
namespace {

/// Where in the document we are.
enum class Place : std::uint8_t {
  kRoot,
  kLimits,
  kLimit,
  kSymbols,
  kSymbol,
  kOrderTypes,
  kFilters,
  kFilter,
  kElsewhere,
};

/// A member of a filter. Which are the filter's own is known when its type is, which may come last.
struct Rule {
  std::optional<Decimal> value;
  bool odd = false;  ///< what stands there is no number
};
struct Filter {
  std::string type;
  Rule minimum_price, maximum_price, tick_size;
  Rule minimum_quantity, maximum_quantity, step_size, minimum_notional;
};

struct LimitText {
  std::string type, interval;
  std::int64_t count = 0, limit = 0;
  bool odd = false;
};

SymbolStatus status_of(std::string_view text) noexcept {
  constexpr std::array<std::pair<std::string_view, SymbolStatus>, 5> kAll = {{
      {"TRADING", SymbolStatus::kTrading},
      {"END_OF_DAY", SymbolStatus::kEndOfDay},
      {"HALT", SymbolStatus::kHalt},
      {"BREAK", SymbolStatus::kBreak},
      {"CANCEL_ONLY", SymbolStatus::kCancelOnly},
  }};
  for (const auto& [name, status] : kAll) {
    if (name == text) return status;
  }
  return SymbolStatus::kOther;
}

std::int64_t window_ms(std::string_view interval, std::int64_t count) noexcept {
  const std::int64_t unit = interval == "SECOND"   ? 1'000
                            : interval == "MINUTE" ? 60'000
                            : interval == "HOUR"   ? 3'600'000
                            : interval == "DAY"    ? 86'400'000
                                                   : 0;
  constexpr std::int64_t kCountMax = 1000;
  return count > 0 && count <= kCountMax ? unit * count : 0;
}

LimitKind kind_of(std::string_view type) noexcept {
  return type == "REQUEST_WEIGHT" ? LimitKind::kRequestWeight
         : type == "RAW_REQUESTS" ? LimitKind::kRawRequests
         : type == "ORDERS"       ? LimitKind::kOrders
                                  : LimitKind::kOther;
}

Limit limit_of(const LimitText& text) noexcept {
  const std::int64_t window = window_ms(text.interval, text.count);
  const bool usable = window > 0 && text.limit > 0;
  return {.kind = usable ? kind_of(text.type) : LimitKind::kOther,
          .window_ms = window,
          .limit = text.limit};
}

/// False: it cannot be read, and is unknown. A rule of zero is switched off.
bool put(const Rule& rule, std::optional<Decimal>& to) noexcept {
  const bool is_on = !rule.odd && rule.value && !rule.value->is_zero();
  to = is_on ? rule.value : std::nullopt;
  return !rule.odd;
}

/// False: one of its rules cannot be read. Members that are not of its type, and filters of other
/// types, may hold what they like: new ones appear.
bool apply(const Filter& filter, SymbolInfo& symbol) {
  if (filter.type == "PRICE_FILTER") {
    const bool minimum = put(filter.minimum_price, symbol.minimum_price);
    const bool maximum = put(filter.maximum_price, symbol.maximum_price);
    return put(filter.tick_size, symbol.tick_size) && minimum && maximum;
  }
  if (filter.type == "LOT_SIZE") {
    const bool minimum = put(filter.minimum_quantity, symbol.minimum_quantity);
    const bool maximum = put(filter.maximum_quantity, symbol.maximum_quantity);
    return put(filter.step_size, symbol.lot_step) && minimum && maximum;
  }
  const bool notional = filter.type == "NOTIONAL" || filter.type == "MIN_NOTIONAL";
  return !notional || put(filter.minimum_notional, symbol.minimum_notional);
}

class ExchangeInfoVisitor final : public JsonVisitor {
 public:
  ExchangeInfo info;
  bool symbols_seen = false;

  bool begin_object() override {
    switch (here()) {
      case Place::kLimits:
        limit_ = {};
        return push(Place::kLimit);
      case Place::kSymbols:
        symbol_ = {};
        reason_.clear();
        ++rows_;
        return push(Place::kSymbol);
      case Place::kFilters:
        filter_ = {};
        return push(Place::kFilter);
      case Place::kFilter:
        mark_odd();
        return push(Place::kElsewhere);
      default:
        return push(depth_ == 0 ? Place::kRoot : Place::kElsewhere);
    }
  }
  bool begin_array() override {
    if (depth_ == 0) return fail("expected an object");
    const Place outer = here();
    if (outer == Place::kRoot && key_ == Key::kLimits) return push(Place::kLimits);
    if (outer == Place::kRoot && key_ == Key::kSymbols) {
      symbols_seen = true;
      return push(Place::kSymbols);
    }
    if (outer == Place::kSymbol && key_ == Key::kOrderTypes) {
      symbol_.order_types.emplace();
      return push(Place::kOrderTypes);
    }
    if (outer == Place::kFilter) mark_odd();
    if (outer == Place::kSymbols && !refuse_row()) return false;
    if (outer == Place::kSymbol && key_ == Key::kFilters) return push(Place::kFilters);
    return push(Place::kElsewhere);
  }
  bool end_array() override { return --depth_, true; }
  bool end_object() override {
    const Place left = here();
    --depth_;
    if (left == Place::kLimit) return finish_limit();
    if (left == Place::kFilter && !apply(filter_, symbol_)) {
      std::string& types = symbol_.unreadable_filters;
      types.append(types.empty() ? "" : " ").append(filter_.type);
    }
    if (left == Place::kSymbol) return finish_symbol();
    return true;
  }
  bool key(std::string_view name) override {
    key_ = Key::kOther;
    for (const auto& [text, which] : kKeys) {
      if (text == name) key_ = which;
    }
    return true;
  }
  bool value(const Scalar& scalar) override {
    switch (here()) {
      case Place::kRoot:
        return key_ != Key::kServerTime || to_time(scalar, info.server_time) ||
               fail("serverTime is not a time");
      case Place::kLimit:
        limit_.odd |= !set(limit_, scalar);
        return true;
      case Place::kSymbol:
        if (!set(symbol_, scalar)) refuse("it has an odd " + std::string(name_of(key_)));
        return true;
      case Place::kOrderTypes:
        if (!add_order_type(scalar)) refuse("it has an odd order type");
        return true;
      case Place::kSymbols:
        return refuse_row();
      case Place::kFilter:
        set(filter_, scalar);
        return true;
      default:
        return depth_ > 0 || fail("expected an object");
    }
  }

 private:
  enum class Key : std::uint8_t {
    kOther,
    kServerTime,
    kLimits,
    kSymbols,
    kType,
    kInterval,
    kCount,
    kLimit,
    kSymbol,
    kStatus,
    kBase,
    kQuote,
    kOrderTypes,
    kFilters,
    kFilterType,
    kMinPrice,
    kMaxPrice,
    kTickSize,
    kMinQty,
    kMaxQty,
    kStepSize,
    kMinNotional,
  };
  static constexpr std::array<std::pair<std::string_view, Key>, 21> kKeys = {{
      {"serverTime", Key::kServerTime},
      {"rateLimits", Key::kLimits},
      {"symbols", Key::kSymbols},
      {"rateLimitType", Key::kType},
      {"interval", Key::kInterval},
      {"intervalNum", Key::kCount},
      {"limit", Key::kLimit},
      {"symbol", Key::kSymbol},
      {"status", Key::kStatus},
      {"baseAsset", Key::kBase},
      {"quoteAsset", Key::kQuote},
      {"orderTypes", Key::kOrderTypes},
      {"filters", Key::kFilters},
      {"filterType", Key::kFilterType},
      {"minPrice", Key::kMinPrice},
      {"maxPrice", Key::kMaxPrice},
      {"tickSize", Key::kTickSize},
      {"minQty", Key::kMinQty},
      {"maxQty", Key::kMaxQty},
      {"stepSize", Key::kStepSize},
      {"minNotional", Key::kMinNotional},
  }};

  [[nodiscard]] Place here() const noexcept {
    return depth_ == 0 ? Place::kElsewhere : places_[static_cast<std::size_t>(depth_ - 1)];
  }
  bool push(Place place) noexcept {
    places_[static_cast<std::size_t>(depth_++)] = place;  // parse_json() bounds the depth
    return true;
  }
  static std::string_view name_of(Key key) noexcept {
    for (const auto& [text, which] : kKeys) {
      if (which == key) return text;
    }
    return "member";
  }
  /// The first reason counts.
  void refuse(std::string reason) {
    if (reason_.empty()) reason_ = std::move(reason);
  }

  bool set(LimitText& limit, const Scalar& scalar) const {
    switch (key_) {
      case Key::kType:
        return to_string(scalar, limit.type);
      case Key::kInterval:
        return to_string(scalar, limit.interval);
      case Key::kCount:
        return to_integer(scalar, limit.count);
      case Key::kLimit:
        return to_integer(scalar, limit.limit);
      default:
        return true;
    }
  }
  bool set(SymbolInfo& symbol, const Scalar& scalar) const {
    switch (key_) {
      case Key::kSymbol:
        return to_symbol(scalar, symbol.symbol);
      case Key::kStatus:
        return to_name(scalar, symbol.status_text);
      case Key::kBase:
        return to_name(scalar, symbol.base_asset);
      case Key::kQuote:
        return to_name(scalar, symbol.quote_asset);
      default:
        return true;
    }
  }
  void set(Filter& filter, const Scalar& scalar) const {
    if (key_ == Key::kFilterType) {
      static_cast<void>(to_string(scalar, filter.type));
    } else if (Rule* const rule = rule_of(filter); rule != nullptr) {
      const bool off = scalar.kind == Scalar::Kind::kNull;
      rule->odd = !off && !to_decimal(scalar, rule->value.emplace());
    }
  }
  /// A list or an object stands where a rule should.
  void mark_odd() {
    if (Rule* const rule = rule_of(filter_); rule != nullptr) rule->odd = true;
  }
  /// That the key is about; null: about none.
  Rule* rule_of(Filter& filter) const noexcept {
    switch (key_) {
      case Key::kMinPrice:
        return &filter.minimum_price;
      case Key::kMaxPrice:
        return &filter.maximum_price;
      case Key::kTickSize:
        return &filter.tick_size;
      case Key::kMinQty:
        return &filter.minimum_quantity;
      case Key::kMaxQty:
        return &filter.maximum_quantity;
      case Key::kStepSize:
        return &filter.step_size;
      case Key::kMinNotional:
        return &filter.minimum_notional;
      default:
        return nullptr;
    }
  }
  bool add_order_type(const Scalar& scalar) {
    std::string type;
    if (!to_name(scalar, type)) return false;
    std::string& types = *symbol_.order_types;
    if (!types.empty()) types += ' ';
    types += type;
    return true;
  }
  /// What no limit is known by may hold what it likes; a known one decides how much is sent.
  bool finish_limit() {
    if (limit_.odd && !limit_.type.empty() && kind_of(limit_.type) == LimitKind::kOther)
      limit_ = {};
    if (limit_.odd) return fail("a limit has an odd member");
    info.limits.push_back(limit_of(limit_));
    return true;
  }
  bool refuse_row() {
    ++rows_;
    symbol_ = {};
    reason_ = "it is no object";
    return finish_symbol();
  }
  bool finish_symbol() {
    if (symbol_.symbol.empty() || symbol_.status_text.empty() || symbol_.base_asset.empty() ||
        symbol_.quote_asset.empty()) {
      refuse("it lacks its name, status or assets");
    }
    if (reason_.empty()) {
      symbol_.status = status_of(symbol_.status_text);
      info.symbols.push_back(std::move(symbol_));
      return true;
    }
    const std::string symbol = symbol_.symbol.empty() ? std::string() : ", " + symbol_.symbol;
    const std::string reason = "row " + std::to_string(rows_) + symbol + ": " + reason_;
    if (info.rejected.size() == kRejectedMax) {
      return fail("more than " + std::to_string(kRejectedMax) + " markets are senseless, such as " +
                  reason);
    }
    info.rejected.push_back({std::move(symbol_.symbol), std::move(reason_)});
    return true;
  }

  std::array<Place, kJsonDepthMax> places_{};
  int depth_ = 0;
  Key key_ = Key::kOther;
  LimitText limit_;
  SymbolInfo symbol_;
  Filter filter_;
  std::string reason_;    ///< why the symbol is refused, or ""
  std::size_t rows_ = 0;  ///< symbols begun
};

}  // namespace

Result<ExchangeInfo> parse_exchange_info(std::string& body) {
  ExchangeInfoVisitor visitor;
  if (auto parsed = parse_json(body, visitor, "its markets"); !parsed) {
    return std::move(parsed).error();
  }
  if (!visitor.symbols_seen) {
    return Error{.kind = ErrorKind::kProtocol,
                 .message = "The exchange's answer about its markets has no list of them.",
                 .advice = "Try again later.",
                 .reach = Reach::kAnswered};
  }
  return std::move(visitor.info);
}

}  // namespace bourse::binance
