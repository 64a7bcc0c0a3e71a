// SPDX-License-Identifier: MIT
#include "tests/exchange/market.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "bourse/interval.hpp"
#include "bourse/report.hpp"
#include "tests/exchange/api_error.hpp"
#include "tests/exchange/columns.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond;
constexpr std::int64_t kCandlesMax = 5'000;
constexpr std::size_t kSymbolsMax = 500;  // of one question to a source

std::string text(const bourse_str& value) { return std::string(view(value)); }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

/// Hands out at most kSymbolsMax names at a time.
void in_batches(const std::vector<std::string>& names,
                const std::function<void(const std::vector<std::string>&)>& use) {
  for (std::size_t first = 0; first < names.size(); first += kSymbolsMax) {
    const auto begin = names.begin() + static_cast<std::ptrdiff_t>(first);
    const std::size_t count = std::min(kSymbolsMax, names.size() - first);
    use({begin, begin + static_cast<std::ptrdiff_t>(count)});
  }
}

void merge(Candle& into, const Candle& next) {
  into.high = std::max(into.high, next.high);
  into.low = std::min(into.low, next.low);
  into.close = next.close;
  into.volume += next.volume;
  into.quote_volume += next.quote_volume;
  into.trades += next.trades;
  into.taker_base += next.taker_base;
  into.taker_quote += next.taker_quote;
}

/// The longest that tiles spans which begin here and candles as long as these.
Interval part_of(Interval whole, std::int64_t offset_minutes) {
  constexpr std::array<std::pair<const char*, std::int64_t>, 5> kParts = {
      {{"1h", 60}, {"30m", 30}, {"15m", 15}, {"5m", 5}, {"1m", 1}}};
  for (const auto& [name, minutes] : kParts) {
    const Interval part = Interval::parse(name).value();
    if (offset_minutes % minutes == 0 && part.divides(whole)) return part;
  }
  return whole;
}

/// The longest whose candles begin at `from`.
std::string_view interval_from(std::int64_t from) {
  for (const char* const name : {"1d", "1h", "15m", "1m"}) {
    const auto interval = Interval::parse(name).value();
    if (interval.floor(Time{from * 1'000}).ns == from * 1'000) return name;
  }
  return "1s";
}

void fill_change(Ticker& t) {
  t.change = t.last - t.open;
  t.change_percent = t.open.is_zero()
                         ? Decimal::make(0, 3).value()
                         : divide(Decimal::of(100) * t.change, t.open, 3, Rounding::kHalfUp);
  t.average = t.volume.is_zero() ? Decimal::make(0, 8).value()
                                 : divide(t.quote_volume, t.volume, 8, Rounding::kHalfUp);
}

}  // namespace

bourse::test::ReportPtr Market::fetch(std::string_view dataset, const bourse::test::Texts& params,
                                      std::int64_t at_us) const {
  auto report = source_.fetch(dataset, params, at_us);
  if (report.ok()) return *report;
  if (report.failure().code == "symbol_not_found") throw invalid_symbol();
  throw ApiError(500, -1000,
                 "An unknown error occurred while processing the request. (The source: " +
                     report.failure().message + ")");
}

// ---- markets

const std::vector<SymbolRules>& Market::symbols() const {
  if (!symbols_.empty()) return symbols_;
  const auto report = fetch("symbols", {}, now_);
  const TableView t = table_of(report);
  const auto symbol = t.texts("symbol"), status = t.texts("status"), base = t.texts("base_asset"),
             quote = t.texts("quote_asset"), orders = t.texts("order_types");
  const DecimalColumn tick = t.decimals("tick_size"), step = t.decimals("lot_step"),
                      minimum = t.decimals("minimum_quantity"),
                      maximum = t.decimals("maximum_quantity"),
                      notional = t.decimals("minimum_notional");
  for (std::size_t i = 0; i < t.rows(); ++i) {
    symbols_.push_back({text(symbol[i]), text(status[i]), text(base[i]), text(quote[i]),
                        text(orders[i]), cell(tick, i), cell(step, i), cell(minimum, i),
                        cell(maximum, i), cell(notional, i)});
  }
  return symbols_;
}

const SymbolRules& Market::rules(std::string_view symbol) const {
  for (const SymbolRules& rules : symbols()) {
    if (rules.symbol == symbol) return rules;
  }
  throw invalid_symbol();
}

std::vector<Ticker> Market::tickers(const std::vector<std::string>& symbols) const {
  std::vector<Ticker> out;
  in_batches(symbols, [&](const std::vector<std::string>& batch) {
    const auto report = fetch("ticker_24h", {{"symbols", joined(batch)}}, now_);
    const TableView t = table_of(report);
    const auto symbol = t.texts("symbol");
    const auto opened = t.times("open_time"), closed = t.times("close_time"),
               trades = t.integers("trades");
    const auto column = [&](const char* name, std::size_t i) { return cell(t.decimals(name), i); };
    for (std::size_t i = 0; i < t.rows(); ++i) {
      Ticker one{text(symbol[i]),
                 column("price_change", i),
                 column("price_change_percent", i),
                 column("weighted_average", i),
                 column("previous_close", i),
                 column("last", i),
                 column("last_quantity", i),
                 column("bid", i),
                 column("bid_quantity", i),
                 column("ask", i),
                 column("ask_quantity", i),
                 column("open", i),
                 column("high", i),
                 column("low", i),
                 column("volume", i),
                 column("quote_volume", i)};
      one.open_time = opened[i] / 1'000;
      one.close_time = closed[i] / 1'000;
      one.count = trades[i];
      if (one.count > 0) {
        const auto newest = trade_before(one.symbol, now_ + 1);
        one.last_id = newest ? newest->id : one.count;
        one.first_id = one.last_id - one.count + 1;
      }
      out.push_back(std::move(one));
    }
  });
  return out;
}

std::vector<std::pair<std::string, Decimal>> Market::prices(
    const std::vector<std::string>& symbols) const {
  std::vector<std::pair<std::string, Decimal>> out;
  in_batches(symbols, [&](const std::vector<std::string>& batch) {
    const auto report = fetch("prices", {{"symbols", joined(batch)}}, now_);
    const TableView t = table_of(report);
    const auto symbol = t.texts("symbol");
    const DecimalColumn price = t.decimals("price");
    for (std::size_t i = 0; i < t.rows(); ++i) out.emplace_back(text(symbol[i]), cell(price, i));
  });
  return out;
}

std::vector<Quote> Market::quotes(const std::vector<std::string>& symbols) const {
  std::vector<Quote> out;
  in_batches(symbols, [&](const std::vector<std::string>& batch) {
    const auto report = fetch("book_ticker", {{"symbols", joined(batch)}}, now_);
    const TableView t = table_of(report);
    const auto symbol = t.texts("symbol");
    const DecimalColumn bid = t.decimals("bid"), bid_quantity = t.decimals("bid_quantity"),
                        ask = t.decimals("ask"), ask_quantity = t.decimals("ask_quantity");
    for (std::size_t i = 0; i < t.rows(); ++i) {
      out.push_back({text(symbol[i]), cell(bid, i), cell(bid_quantity, i), cell(ask, i),
                     cell(ask_quantity, i)});
    }
  });
  return out;
}

Depth Market::depth(const std::string& symbol, std::int64_t levels) const {
  const auto report =
      fetch("order_book", {{"symbol", symbol}, {"depth", std::to_string(levels)}}, now_);
  const TableView t = table_of(report);
  const auto side = t.texts("side");
  const DecimalColumn price = t.decimals("price"), quantity = t.decimals("quantity");
  Depth out;
  if (const auto id = ReportView(report->wire()).meta("last_update_id")) {
    out.last_update_id = id->as.i64;
  }
  for (std::size_t i = 0; i < t.rows(); ++i) {
    (view(side[i]) == "bid" ? out.bids : out.asks).push_back({price[i], quantity[i]});
  }
  return out;
}

// ---- candles

std::vector<Candle> Market::source_candles(const std::string& symbol,
                                           const CandleSpan& span) const {
  constexpr std::int64_t kLast = 4'102'444'800'000;  // 2100, ms
  bourse::test::Texts params = {
      {"symbol", symbol}, {"interval", span.interval}, {"limit", std::to_string(span.limit)}};
  if (span.start) {
    const std::int64_t ms = (std::max<std::int64_t>(*span.start, 0) + 999) / 1'000;
    params.emplace_back("start", std::to_string(std::min(ms, kLast)));
  }
  if (span.end) params.emplace_back("end", std::to_string(std::min(*span.end / 1'000, kLast)));
  const auto report = fetch("candles", params, now_);
  const TableView t = table_of(report);
  const auto opened = t.times("open_time"), closed = t.times("close_time"),
             trades = t.integers("trades");
  const DecimalColumn open = t.decimals("open"), high = t.decimals("high"), low = t.decimals("low"),
                      close = t.decimals("close"), volume = t.decimals("volume"),
                      value = t.decimals("quote_volume"), base = t.decimals("taker_base_volume"),
                      quote = t.decimals("taker_quote_volume");
  std::vector<Candle> out;
  out.reserve(t.rows());
  for (std::size_t i = 0; i < t.rows(); ++i) {
    out.push_back({opened[i] / 1'000, closed[i] / 1'000, cell(open, i), cell(high, i), cell(low, i),
                   cell(close, i), cell(volume, i), cell(value, i), trades[i], cell(base, i),
                   cell(quote, i)});
  }
  return out;
}

std::vector<Candle> Market::candles(const std::string& symbol, const CandleSpan& span) const {
  if (span.start && span.end && *span.start > *span.end) {
    static_cast<void>(rules(symbol));
    return {};
  }
  const Interval interval = Interval::parse(span.interval).value();
  const auto length = interval.length();
  const bool shift_shows =
      span.zone_minutes != 0 && (!length || span.zone_minutes * kMinute * 1'000 % *length != 0 ||
                                 span.interval == "3d" || span.interval == "1w");
  return shift_shows ? shifted_candles(symbol, span) : source_candles(symbol, span);
}

std::vector<Candle> Market::all_candles(const std::string& symbol, std::string_view interval,
                                        std::int64_t from, std::int64_t to) const {
  std::vector<Candle> out;
  CandleSpan page{std::string(interval), kCandlesMax, from, to - 1, 0};
  while (from < to) {
    const std::vector<Candle> rows = source_candles(symbol, page);
    out.insert(out.end(), rows.begin(), rows.end());
    if (static_cast<std::int64_t>(rows.size()) < kCandlesMax) break;
    page.start = from = rows.back().open_time + 1;
  }
  return out;
}

std::vector<Candle> Market::shifted_candles(const std::string& symbol,
                                            const CandleSpan& span) const {
  const Interval whole = Interval::parse(span.interval).value();
  const std::int64_t zone = span.zone_minutes * kMinute;
  // Boundaries are found on the local clock, and then put back.
  const auto local = [zone](std::int64_t us) { return Time{(us + zone) * 1'000}; };
  const auto utc = [zone](Time time) { return time.ns / 1'000 - zone; };
  const std::int64_t last = std::min(span.end.value_or(now_), now_);
  std::vector<std::int64_t> starts;
  if (span.start) {
    std::int64_t at = utc(whole.floor(local(*span.start)));
    if (at < *span.start) at = utc(whole.next(local(at)));
    for (; at <= last && static_cast<std::int64_t>(starts.size()) < span.limit;
         at = utc(whole.next(local(at)))) {
      starts.push_back(at);
    }
  } else {
    for (std::int64_t at = utc(whole.floor(local(last)));
         at >= 0 && static_cast<std::int64_t>(starts.size()) < span.limit;
         at = utc(whole.previous(local(at)))) {
      starts.insert(starts.begin(), at);
    }
  }
  if (starts.empty()) return {};
  const std::int64_t end = utc(whole.next(local(starts.back())));
  const Interval part = part_of(whole, span.zone_minutes);
  std::vector<Candle> out;
  for (const Candle& c : all_candles(symbol, part.name(), starts.front(), end)) {
    const std::int64_t start = utc(whole.floor(local(c.open_time)));
    if (out.empty() || out.back().open_time != start) {
      out.push_back(c);
      out.back().open_time = start;
      out.back().close_time = utc(whole.next(local(start))) - 1'000;
    } else {
      merge(out.back(), c);
    }
  }
  return out;
}

Ticker Market::span(const std::string& symbol, std::int64_t from, std::int64_t to) const {
  Ticker out;
  out.symbol = symbol;
  const Decimal zero = Decimal::make(0, 8).value();
  out.open = out.high = out.low = out.last = out.volume = out.quote_volume = zero;
  std::optional<Candle> sum;
  for (const Candle& c : all_candles(symbol, interval_from(from), from, to)) {
    if (sum) {
      merge(*sum, c);
    } else {
      sum = c;
    }
  }
  if (sum) {
    out.open = sum->open;
    out.high = sum->high;
    out.low = sum->low;
    out.last = sum->close;
    out.volume = sum->volume;
    out.quote_volume = sum->quote_volume;
    out.count = sum->trades;
  }
  fill_change(out);
  if (out.count > 0) {
    const auto newest = trade_before(symbol, std::min(to, now_ + 1));
    out.last_id = newest ? newest->id : out.count;
    out.first_id = out.last_id - out.count + 1;
  }
  return out;
}

Decimal Market::average(const std::string& symbol, std::int64_t minutes) const {
  const std::int64_t now = floor_to(now_, kSecond);
  const Ticker window = span(symbol, now - minutes * kMinute, now + kSecond);
  return window.count > 0 ? window.average : prices({symbol}).front().second;
}

}  // namespace bourse::fake_exchange
