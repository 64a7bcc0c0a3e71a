// SPDX-License-Identifier: MIT
//
// Candles: those of the source, those of other time zones, and histories with holes.
#include <algorithm>
#include <array>

#include "bourse/interval.hpp"
#include "tests/exchange/columns.hpp"
#include "tests/exchange/market.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kSecond = 1'000'000, kMinute = 60 * kSecond;
constexpr std::int64_t kCandlesMax = 5'000;

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

std::vector<Candle> Market::known_candles(const std::string& symbol, const CandleSpan& span) const {
  constexpr std::int64_t kLast = 4'102'444'800'000;  // 2100, ms
  bourse::test::Texts params = {
      {"symbol", symbol}, {"interval", span.interval}, {"limit", std::to_string(span.limit)}};
  if (span.start) {
    const std::int64_t ms = (std::max<std::int64_t>(*span.start, 0) + 999) / 1'000;
    params.emplace_back("start", std::to_string(std::min(ms, kLast)));
  }
  if (span.end) params.emplace_back("end", std::to_string(std::min(*span.end / 1'000, kLast)));
  const auto report = fetch("candles", params, now_of(symbol));
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

// ---- holes

const Hole* Market::hole_at(const std::string& symbol, std::int64_t open_time) const {
  for (const Hole& hole : disruptions_.holes) {
    if (hole.symbol == symbol && hole.from <= open_time && open_time < hole.to) return &hole;
  }
  return nullptr;
}

std::vector<Candle> Market::source_candles(const std::string& symbol,
                                           const CandleSpan& span) const {
  const bool whole = std::none_of(disruptions_.holes.begin(), disruptions_.holes.end(),
                                  [&symbol](const Hole& hole) { return hole.symbol == symbol; });
  if (whole) return known_candles(symbol, span);
  const Interval day = Interval::parse("1d").value();
  if (Interval::parse(span.interval).value() > day) return candles_of_days(symbol, span);
  return span.start ? candles_after_holes(symbol, span) : candles_before_holes(symbol, span);
}

std::vector<Candle> Market::candles_after_holes(const std::string& symbol,
                                                const CandleSpan& span) const {
  std::vector<Candle> out;
  const auto missing = static_cast<std::size_t>(span.limit);
  CandleSpan page = span;
  for (;;) {
    const std::vector<Candle> rows = known_candles(symbol, page);
    for (const Candle& c : rows) {
      if (hole_at(symbol, c.open_time) == nullptr && out.size() < missing) out.push_back(c);
    }
    if (static_cast<std::int64_t>(rows.size()) < page.limit || out.size() == missing) return out;
    const Hole* const hole = hole_at(symbol, rows.back().open_time);
    page.start = hole != nullptr ? hole->to : rows.back().open_time + 1;
  }
}

std::vector<Candle> Market::candles_before_holes(const std::string& symbol,
                                                 const CandleSpan& span) const {
  std::vector<Candle> newest_first;
  const auto missing = static_cast<std::size_t>(span.limit);
  CandleSpan page = span;
  for (;;) {
    const std::vector<Candle> rows = known_candles(symbol, page);
    for (auto c = rows.rbegin(); c != rows.rend(); ++c) {
      if (hole_at(symbol, c->open_time) == nullptr && newest_first.size() < missing) {
        newest_first.push_back(*c);
      }
    }
    if (static_cast<std::int64_t>(rows.size()) < page.limit || newest_first.size() == missing) {
      return {newest_first.rbegin(), newest_first.rend()};
    }
    const Hole* const hole = hole_at(symbol, rows.front().open_time);
    page.end = (hole != nullptr ? hole->from : rows.front().open_time) - 1;
  }
}

/// Of the days that are left. All of history: some thousand days.
std::vector<Candle> Market::candles_of_days(const std::string& symbol,
                                            const CandleSpan& span) const {
  const Interval whole = grid_of(symbol, span);
  std::vector<Candle> all;
  for (const Candle& day : all_candles(symbol, "1d", 0, now_of(symbol) + 1)) {
    const Time open{day.open_time * 1'000};
    const std::int64_t start = whole.floor(open).ns / 1'000;
    if (!all.empty() && all.back().open_time == start) {
      merge(all.back(), day);
      continue;
    }
    all.push_back(day);
    all.back().open_time = start;
    all.back().close_time = whole.close_time(open).ns / 1'000;
  }
  std::erase_if(all, [&span](const Candle& c) {
    return (span.start && c.open_time < *span.start) || (span.end && c.open_time > *span.end);
  });
  const auto surplus = static_cast<std::ptrdiff_t>(all.size()) - span.limit;
  if (surplus > 0) {
    all.erase(span.start ? all.begin() + span.limit : all.begin(),
              span.start ? all.end() : all.begin() + surplus);
  }
  return all;
}

// ---- what is asked for

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

Interval Market::grid_of(const std::string& symbol, const CandleSpan& span) const {
  const Interval interval = Interval::parse(span.interval).value();
  if (interval.has_common_grid()) return interval;
  const auto first = known_candles(symbol, {span.interval, 1, 0, {}, 0});
  if (first.empty()) return interval;
  return interval.anchored(Time{(first[0].open_time + span.zone_minutes * kMinute) * 1'000});
}

std::vector<Candle> Market::shifted_candles(const std::string& symbol,
                                            const CandleSpan& span) const {
  const Interval whole = grid_of(symbol, span);
  const std::int64_t zone = span.zone_minutes * kMinute;
  // Boundaries are found on the local clock, and then put back.
  const auto local = [zone](std::int64_t us) { return Time{(us + zone) * 1'000}; };
  const auto utc = [zone](Time time) { return time.ns / 1'000 - zone; };
  const std::int64_t now = now_of(symbol);
  const std::int64_t last = std::min(span.end.value_or(now), now);
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
    const auto newest = trade_before(symbol, std::min(to, now_of(symbol) + 1));
    out.last_id = newest ? newest->id : out.count;
    out.first_id = out.last_id - out.count + 1;
  }
  return out;
}

Decimal Market::average(const std::string& symbol, std::int64_t minutes) const {
  const std::int64_t now = floor_to(now_of(symbol), kSecond);
  const Ticker window = span(symbol, now - minutes * kMinute, now + kSecond);
  return window.count > 0 ? window.average : prices({symbol}).front().second;
}

}  // namespace bourse::fake_exchange
