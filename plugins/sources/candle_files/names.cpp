// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/names.hpp"

#include <algorithm>
#include <chrono>

#include "bourse/symbols.hpp"

namespace bourse::candle_files {
namespace {

/// Whether `text` is like `shape`, where 0 stands for any digit.
bool has_shape(std::string_view text, std::string_view shape) {
  return text.size() == shape.size() &&
         std::equal(text.begin(), text.end(), shape.begin(),
                    [](char c, char s) { return s == '0' ? c >= '0' && c <= '9' : c == s; });
}

/// Takes "-YYYY-MM-DD" or "-YYYY-MM" off the end of the name, and returns it.
std::string_view take_date(std::string_view& name) {
  for (const std::string_view shape : {"-0000-00-00", "-0000-00"}) {
    if (name.size() <= shape.size()) continue;
    const std::string_view end = name.substr(name.size() - shape.size());
    if (!has_shape(end, shape)) continue;
    name.remove_suffix(shape.size());
    return end;
  }
  return {};
}

/// The first day of "-YYYY-MM".
std::optional<Time> month_of(std::string_view date) {
  if (date.size() != 8) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : date.substr(at, digits)) value = 10 * value + (c - '0');
    return value;
  };
  const std::chrono::year_month_day day{std::chrono::year(number(1, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(6, 2))),
                                        std::chrono::day(1)};
  // What Time can hold, with room to spare.
  if (!day.ok() || day.year() < std::chrono::year(1970) || day.year() > std::chrono::year(2261)) {
    return std::nullopt;
  }
  constexpr std::int64_t kDay = 86'400'000'000'000;
  return Time{std::chrono::sys_days(day).time_since_epoch().count() * kDay};
}

/// As the bulk files write it, too: "1mo".
std::optional<Interval> interval_of(std::string_view text) {
  return Interval::parse(text == "1mo" ? "1M" : text);
}

struct BulkName {
  std::string_view symbol, interval, date;
};
std::optional<BulkName> split_bulk(std::string_view stem) {
  const std::string_view date = take_date(stem);
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const BulkName name{stem.substr(0, dash), stem.substr(dash + 1), date};
  return is_symbol(name.symbol) ? std::optional(name) : std::nullopt;
}

std::optional<FileName> parse_bulk(std::string_view stem, FileName::Kind kind) {
  const auto name = split_bulk(stem);
  if (!name) return std::nullopt;
  const auto interval = interval_of(name->interval);
  if (!interval) return std::nullopt;
  // Only the exchange's own files begin where their names say.
  const bool bulk = kind == FileName::Kind::kCandleLines;
  return FileName{
      kind, std::string(name->symbol), *interval, bulk ? month_of(name->date) : std::nullopt, {}};
}

/// SYMBOL_INTERVAL, SYMBOL_INTERVAL_anything; a symbol may have an underscore of its own.
std::optional<FileName> parse_klines(std::string_view stem) {
  for (std::size_t at = stem.find('_'); at != std::string_view::npos; at = stem.find('_', at + 1)) {
    const std::string_view rest = stem.substr(at + 1);
    const auto interval = interval_of(rest.substr(0, rest.find('_')));
    if (!interval) continue;
    const std::string_view symbol = stem.substr(0, at);
    if (!is_symbol(symbol)) return std::nullopt;
    return FileName{FileName::Kind::kCandleJson, std::string(symbol), *interval, {}, {}};
  }
  return std::nullopt;
}

/// SYMBOL, SYMBOL_anything; a symbol may have an underscore of its own.
std::optional<FileName> parse_depth(std::string_view stem) {
  FileName name{FileName::Kind::kDepth, {}, {}, {}, {}};
  bool goes_on = true;
  for (std::size_t end = stem.find('_');; end = stem.find('_', end + 1)) {
    const std::string_view symbol = stem.substr(0, end);
    if (is_symbol(symbol)) {
      if (goes_on) name.symbol = symbol;
      name.may_be.insert(name.may_be.begin(), std::string(symbol));
    }
    if (end == std::string_view::npos) break;
    const char next = end + 1 < stem.size() ? stem[end + 1] : '_';
    goes_on = goes_on && next >= 'A' && next <= 'Z';
  }
  return name.symbol.empty() ? std::nullopt : std::optional(std::move(name));
}

/// Takes the prefix off when it is there.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

constexpr std::string_view kReport = ".report.json";

/// What a source's answer is called, after its dataset.
std::optional<FileName> parse_report(std::string_view stem) {
  std::optional<FileName> name;
  if (take_prefix(stem, "candles_")) {
    name = parse_klines(stem);
  } else if (take_prefix(stem, "order_book_")) {
    name = parse_depth(stem);
  } else if (take_prefix(stem, "ticker_24h")) {
    name = FileName{FileName::Kind::kTicker, {}, {}, {}, {}};
  } else if (take_prefix(stem, "symbols")) {
    name = FileName{FileName::Kind::kExchangeInfo, {}, {}, {}, {}};
  }
  if (name) name->is_report = true;
  return name;
}

}  // namespace

std::optional<FileName> parse_name(std::string_view name) {
  if (name.ends_with(kReport)) return parse_report(name.substr(0, name.size() - kReport.size()));
  std::string_view stem = name.substr(0, name.rfind('.'));
  if (name.ends_with(".csv")) return parse_bulk(stem, FileName::Kind::kCandleLines);
  if (!name.ends_with(".json")) return std::nullopt;
  if (take_prefix(stem, "ticker_24h")) return FileName{FileName::Kind::kTicker, {}, {}, {}, {}};
  if (take_prefix(stem, "exchangeInfo")) {
    return FileName{FileName::Kind::kExchangeInfo, {}, {}, {}, {}};
  }
  if (take_prefix(stem, "depth_")) return parse_depth(stem);
  if (take_prefix(stem, "klines_")) return parse_klines(stem);
  return parse_bulk(stem, FileName::Kind::kCandleJson);
}

std::string name_fault(std::string_view name) {
  const std::string small = lower(name);
  const auto ends = [&](std::string_view ending) { return small.ends_with(ending); };
  if (ends(kReport)) {
    return "is not of a dataset that is read here: candles_SYMBOL_INTERVAL*.report.json, "
           "order_book_SYMBOL*.report.json, ticker_24h*.report.json or symbols*.report.json";
  }
  if (ends(".csv")) {
    return "is not named as candles are: SYMBOL-INTERVAL.csv, SYMBOL-INTERVAL-YYYY-MM.csv or "
           "SYMBOL-INTERVAL-YYYY-MM-DD.csv, such as BTCUSDT-1h-2024-11.csv";
  }
  if (ends(".json")) {
    return "is not named as a recorded answer is: ticker_24h*.json, depth_SYMBOL*.json, "
           "klines_SYMBOL_INTERVAL*.json or exchangeInfo*.json";
  }
  if (ends(".gz") || ends(".zip")) {
    return "is packed, but does not end in .csv.gz, .json.gz or .zip, in lower case";
  }
  return {};
}

std::string misnamed_symbol(std::string_view name) {
  if (!name.ends_with(".csv")) return {};
  const auto bulk = split_bulk(name.substr(0, name.size() - 4));
  if (!bulk || bulk->interval.empty()) return {};
  const char first = bulk->interval.front();
  return first >= '0' && first <= '9' ? std::string(bulk->symbol) : std::string();
}

}  // namespace bourse::candle_files
