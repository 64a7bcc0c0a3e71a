// SPDX-License-Identifier: MIT
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "bourse/symbols.hpp"
#include "plugins/sources/candle_files/candle_row.hpp"
#include "plugins/sources/replay/files.hpp"

namespace bourse::replay {
namespace {

using Json = rapidjson::Value;

std::string_view view_of(const Json& text) { return {text.GetString(), text.GetStringLength()}; }

/// "is an answer of the exchange that says no: ...", or "".
std::string refusal_in(const Json& document) {
  if (!document.IsObject()) return {};
  const auto code = document.FindMember("code"), text = document.FindMember("msg");
  if (code == document.MemberEnd() || text == document.MemberEnd()) return {};
  if (!code->value.IsString() || !text->value.IsString()) return {};
  return "is an answer with which the exchange refused: code " +
         bourse::detail::quoted(view_of(code->value)) + ", " +
         bourse::detail::quoted(view_of(text->value));
}

/// Numbers come as texts with all their digits, in quotes or not.
rapidjson::Document parse(const SourceFile& file) {
  const std::string text = read_all(file.path, file.limits);
  std::string_view json = text;
  if (json.starts_with("\xEF\xBB\xBF")) json.remove_prefix(3);
  rapidjson::Document document;
  // Iterative: a deeply nested file must not use up the stack.
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                 rapidjson::kParseNumbersAsStringsFlag>(json.data(), json.size());
  if (document.HasParseError()) {
    throw bad_recording(
        "is not JSON: " + std::string(rapidjson::GetParseError_En(document.GetParseError())) +
        " At byte " + std::to_string(document.GetErrorOffset()) + ".");
  }
  if (const std::string refusal = refusal_in(document); !refusal.empty()) {
    throw bad_recording(refusal);
  }
  return document;
}

std::optional<std::int64_t> integer_of(const Json& json) {
  if (!json.IsString()) return std::nullopt;
  const std::string_view text = view_of(json);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Milliseconds since 1970, or microseconds when it is that large.
std::optional<Time> time_of(const Json& json) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kMicroseconds = 100'000'000'000'000;
  const auto value = integer_of(json);
  const std::int64_t unit = value && *value >= kMicroseconds ? 1'000 : 1'000'000;
  if (!value || *value < 0 || *value > kMax / unit) return std::nullopt;
  return Time{*value * unit};
}

/// One JSON object of a file, for reading members with a good complaint.
class Object {
 public:
  explicit Object(const Json& json) : json_(json) {
    if (!json.IsObject()) throw bad_recording("expected an object");
  }
  [[nodiscard]] const Json* find(const char* name) const {
    const auto member = json_.FindMember(name);
    return member == json_.MemberEnd() ? nullptr : &member->value;
  }
  [[nodiscard]] const Json& get(const char* name) const {
    const Json* const value = find(name);
    if (value == nullptr) throw bad_recording(std::string(name) + " is missing");
    return *value;
  }
  [[nodiscard]] std::int64_t integer(const char* name) const {
    if (const auto value = integer_of(get(name))) return *value;
    throw bad_recording(std::string(name) + " must be a whole number");
  }
  [[nodiscard]] Time time(const char* name) const {
    if (const auto value = time_of(get(name))) return *value;
    throw bad_recording(std::string(name) + " must be a time in milliseconds since 1970");
  }
  [[nodiscard]] std::optional<Time> optional_time(const char* name) const {
    const Json* const value = find(name);
    return value == nullptr ? std::nullopt : time_of(*value);
  }
  [[nodiscard]] Decimal decimal(const char* name) const { return decimal(get(name), name); }
  [[nodiscard]] static Decimal decimal(const Json& value, const std::string& name) {
    if (!value.IsString()) throw bad_recording(name + " must be a decimal number");
    if (const auto number = Decimal::parse(view_of(value))) return *number;
    throw bad_recording(name + " is " + bourse::detail::quoted(view_of(value)) +
                        "; expected a decimal number of at most 38 digits");
  }
  /// Nothing where the member is missing, null or empty: it was not said.
  [[nodiscard]] std::optional<Decimal> optional_decimal(const char* name) const {
    const Json* const value = find(name);
    if (value == nullptr || value->IsNull()) return std::nullopt;
    if (value->IsString() && value->GetStringLength() == 0) return std::nullopt;
    return decimal(*value, name);
  }
  [[nodiscard]] std::optional<std::string> optional_text(const char* name) const {
    const Json* const value = find(name);
    if (value == nullptr || !value->IsString() || value->GetStringLength() == 0) {
      return std::nullopt;
    }
    return std::string(view_of(*value));
  }
  [[nodiscard]] std::string symbol() const {
    const Json& value = get("symbol");
    if (!value.IsString()) throw bad_recording("symbol must be a text");
    const std::string_view text = view_of(value);
    if (const char* const fault = symbol_fault(text)) {
      throw bad_recording("symbol " + bourse::detail::quoted(text) + " " + fault);
    }
    return std::string(text);
  }
  /// As symbol(), but "" when there is none.
  [[nodiscard]] static std::string symbol_of(const Json& json) {
    try {
      return Object(json).symbol();
    } catch (const Error&) {
      return {};
    }
  }

 private:
  const Json& json_;
};

Ticker read_ticker(const Object& object) {
  Ticker t;
  t.last = object.decimal("lastPrice");
  t.open = object.decimal("openPrice");
  t.high = object.decimal("highPrice");
  t.low = object.decimal("lowPrice");
  t.volume = object.decimal("volume");
  t.quote_volume = object.decimal("quoteVolume");
  t.open_time = object.time("openTime");
  t.close_time = object.time("closeTime");
  t.trades = object.integer("count");
  t.last_quantity = object.optional_decimal("lastQty");
  t.previous_close = object.optional_decimal("prevClosePrice");
  t.price_change = object.optional_decimal("priceChange");
  t.price_change_percent = object.optional_decimal("priceChangePercent");
  t.weighted_average = object.optional_decimal("weightedAvgPrice");
  t.bid = object.optional_decimal("bidPrice");
  t.bid_quantity = object.optional_decimal("bidQty");
  t.ask = object.optional_decimal("askPrice");
  t.ask_quantity = object.optional_decimal("askQty");
  for (const auto* each :
       {&t.last, &t.open, &t.high, &t.low, &t.volume, &t.quote_volume, &t.last_quantity,
        &t.previous_close, &t.weighted_average, &t.bid, &t.bid_quantity, &t.ask, &t.ask_quantity}) {
    if (*each && (*each)->sign() < 0) {
      throw bad_recording("prices and volumes must not be negative");
    }
  }
  if (t.trades < 0) throw bad_recording("count must not be negative");
  t.covered = std::max<std::int64_t>(0, t.close_time.ns - t.open_time.ns);
  try {
    t.complete();
  } catch (const DecimalError& e) {
    throw bad_recording(e.what());
  }
  return t;
}

BookLevel read_level(const Json& pair) {
  if (!pair.IsArray() || pair.Size() < 2) throw bad_recording("must be [price, quantity]");
  const BookLevel level{Object::decimal(pair[0], "price"), Object::decimal(pair[1], "quantity")};
  if (level.price.sign() <= 0 || level.quantity.sign() < 0) {
    throw bad_recording("must have a price above 0 and a quantity that is not negative");
  }
  return level;
}

/// As they stand; levels that cannot be read are left out.
std::vector<BookLevel> read_side(const SourceFile& file, const Object& object, const char* name,
                                 LeftOut& bad) {
  const Json& side = object.get(name);
  if (!side.IsArray()) throw bad_recording(std::string(name) + " must be an array");
  std::vector<BookLevel> levels;
  levels.reserve(side.Size());
  for (rapidjson::SizeType i = 0; i < side.Size(); ++i) {
    try {
      levels.push_back(read_level(side[i]));
    } catch (const Error& e) {
      bad.add_row(file.at() + name + "[" + std::to_string(i) + "]: " + e.message());
    }
  }
  return levels;
}

/// A rule of zero is switched off; one that cannot be read costs itself, and is told. A filter may
/// have members that are not its own, also empty ones.
void read_filter(const Object& filter, Rules& rules, const std::function<void(const Error&)>& bad) {
  const auto rule = [&](const char* name) -> std::optional<Decimal> {
    try {
      const auto value = filter.optional_decimal(name);
      return value && value->is_zero() ? std::nullopt : value;
    } catch (const Error& e) {
      bad(e);
      return std::nullopt;
    }
  };
  const std::string type = filter.optional_text("filterType").value_or("");
  if (type == "PRICE_FILTER") {
    rules.tick_size = rule("tickSize");
  } else if (type == "LOT_SIZE") {
    rules.lot_step = rule("stepSize");
    rules.minimum_quantity = rule("minQty");
    rules.maximum_quantity = rule("maxQty");
  } else if (type == "NOTIONAL" || type == "MIN_NOTIONAL") {
    rules.minimum_notional = rule("minNotional");
  }
}

/// "LIMIT MARKET"
std::optional<std::string> joined(const Json* texts) {
  if (texts == nullptr || !texts->IsArray()) return std::nullopt;
  std::string out;
  for (const Json& text : texts->GetArray()) {
    if (!text.IsString()) continue;
    out.append(out.empty() ? "" : " ").append(view_of(text));
  }
  return out.empty() ? std::nullopt : std::optional(out);
}

/// What cannot be read of the filters is told with the name of the market.
Rules read_rules(const Object& object, const std::string& symbol, const std::string& at,
                 const BadRow& bad) {
  Rules rules;
  const auto base = object.optional_text("baseAsset"), quote = object.optional_text("quoteAsset");
  if (base && quote) rules.assets = Assets{*base, *quote};
  rules.status = object.optional_text("status");
  rules.order_types = joined(object.find("orderTypes"));
  const Json* const filters = object.find("filters");
  if (filters == nullptr || !filters->IsArray()) return rules;
  const auto tell = [&](const Error& e) { bad(symbol, at + symbol + ", filters: " + e.message()); };
  for (const Json& filter : filters->GetArray()) {
    try {
      read_filter(Object(filter), rules, tell);
    } catch (const Error& e) {
      tell(e);
    }
  }
  return rules;
}

/// Calls read(element, "FILE: element 3: ") for each element, or for the one that there is; what it
/// throws is told to `bad`. Throws when no element could be read.
void for_each_element(const SourceFile& file, const Json& json, const BadRow& bad,
                      const std::function<void(const Json&, const std::string&)>& read) {
  std::size_t failed = 0, count = 0;
  std::string first;
  const auto one = [&](const Json& element, const std::string& where) {
    const std::string at = file.at() + where;
    ++count;
    try {
      read(element, at);
    } catch (const Error& e) {
      if (failed++ == 0) first = where + e.message();
      if (failed > kBadRowsMax) {
        throw bad_recording("more than 10000 elements cannot be read, the first: " + first);
      }
      const std::string symbol = Object::symbol_of(element);
      bad(symbol, at + (symbol.empty() ? "" : symbol + ": ") + e.message());
    }
  };
  if (!json.IsArray()) {
    one(json, "");
  } else {
    for (const Json& element : json.GetArray()) {
      one(element, "element " + std::to_string(count) + ": ");
    }
  }
  if (count == 0) throw bad_recording("is an empty array");
  if (failed == count) throw bad_recording("holds nothing that can be read: " + first);
}

std::optional<Time> report_time(const Json* json) {
  return json != nullptr && json->IsString() ? time_of_text(view_of(*json)) : std::nullopt;
}

void append_element(const Json& element, Interval interval, Series& series) {
  if (!element.IsArray()) throw bad_recording("expected an array of 12");
  // The last column is not looked at; JSON that was cut off is none at all.
  if (element.Size() + 1 < kCandleColumns) {
    throw bad_recording("is an array of " + std::to_string(element.Size()) +
                        "; a candle has 12 members");
  }
  CandleColumns columns;
  for (rapidjson::SizeType i = 0; i + 1 < kCandleColumns; ++i) {
    if (element[i].IsString()) columns[i] = view_of(element[i]);
  }
  append_candle(columns, interval, series);
}

}  // namespace

void read_candle_json(const SourceFile& file, Interval interval, Series& series, LeftOut& bad) {
  const rapidjson::Document document = parse(file);
  if (!document.IsArray()) throw bad_recording("expected an array of candles");
  const std::size_t before = series.size();
  LeftOut rows;
  try {
    for_each_element(
        file, document, [&](const std::string&, const std::string& why) { rows.add_row(why); },
        [&](const Json& element, const std::string&) {
          append_element(element, interval, series);
        });
  } catch (const Error&) {
    series.truncate(before);
    throw;
  }
  bad.add(rows);
}

std::vector<std::pair<std::string, Ticker>> read_tickers(const SourceFile& file,
                                                         const BadRow& bad) {
  const rapidjson::Document document = parse(file);
  std::vector<std::pair<std::string, Ticker>> out;
  for_each_element(file, document, bad, [&](const Json& json, const std::string&) {
    const Object object(json);
    std::string symbol = object.symbol();
    out.emplace_back(std::move(symbol), read_ticker(object));
  });
  return out;
}

Book read_book(const SourceFile& file, LeftOut& bad) {
  const rapidjson::Document document = parse(file);
  const Object object(document);
  Book book;
  LeftOut levels;
  if (const Json* const id = object.find("lastUpdateId")) book.last_update_id = integer_of(*id);
  book.time = object.optional_time("E");
  book.bids = read_side(file, object, "bids", levels);
  book.asks = read_side(file, object, "asks", levels);
  if (book.bids.empty() && book.asks.empty() && !levels.empty()) {
    throw bad_recording("holds no level that can be read: " + levels.first_row);
  }
  const auto readable = [&](const std::vector<BookLevel>& side, const char* name) {
    return side.size() == object.get(name).Size();
  };
  settle(book, readable(book.bids, "bids"), readable(book.asks, "asks"));
  bad.add(levels);
  return book;
}

std::vector<std::pair<std::string, Rules>> read_exchange_info(const SourceFile& file,
                                                              const BadRow& bad) {
  const rapidjson::Document document = parse(file);
  const Json* rows = &document;
  std::optional<Time> time;
  if (document.IsObject()) {
    const Object whole(document);
    time = whole.optional_time("serverTime");
    if (const Json* const symbols = whole.find("symbols")) rows = symbols;
  }
  std::vector<std::pair<std::string, Rules>> out;
  for_each_element(file, *rows, bad, [&](const Json& json, const std::string& at) {
    const Object object(json);
    std::string symbol = object.symbol();
    Rules rules = read_rules(object, symbol, at, bad);
    rules.time = time;
    out.emplace_back(std::move(symbol), std::move(rules));
  });
  return out;
}

ReportTable read_report(const SourceFile& file) {
  const rapidjson::Document document = parse(file);
  const Object report(document);
  ReportTable out;
  out.as_of = report_time(report.find("as_of"));
  if (const Json* const meta = report.find("meta"); meta != nullptr && meta->IsObject()) {
    const Object said(*meta);
    out.clock = report_time(said.find("clock"));
    if (const Json* const id = said.find("last_update_id")) out.last_update_id = integer_of(*id);
  }
  const Json& first = report.get("tables");
  if (!first.IsObject() || first.MemberCount() == 0)
    throw bad_recording("is a report without a table");
  const Json& rows = Object(first.MemberBegin()->value).get("rows");
  if (!rows.IsArray()) throw bad_recording("rows must be an array");
  for (const Json& row : rows.GetArray()) {
    if (!row.IsObject()) throw bad_recording("a row must be an object");
    auto& cells = out.rows.emplace_back();
    for (const auto& [name, cell] : row.GetObject()) {
      if (cell.IsString()) cells.emplace(view_of(name), view_of(cell));
      if (cell.IsBool()) cells.emplace(view_of(name), cell.GetBool() ? "true" : "false");
    }
  }
  return out;
}

}  // namespace bourse::replay
