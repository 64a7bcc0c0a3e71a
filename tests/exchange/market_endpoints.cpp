// SPDX-License-Identifier: MIT
#include <algorithm>

#include "bourse/interval.hpp"
#include "tests/exchange/endpoints.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kRowsMax = 1'000, kRowsUsual = 500, kLevelsMax = 5'000;

void write_levels(JsonText& json, std::string_view name, const std::vector<Level>& levels,
                  bool third_element) {
  json.key(name).array();
  for (const Level& level : levels) {
    json.record().text(level.price.text()).text(level.quantity.text());
    if (third_element) json.array().end_array();
    json.end_record();
  }
  json.end_array();
}

/// A candle as it is written: what a fault bends need be neither a time nor a number.
struct Row {
  Candle candle;
  std::string open;
};

/// The row that a fault makes odd: the one that opens at its time, or the one in the middle.
Row* odd_row(std::vector<Row>& rows, const Fault& fault) {
  if (rows.empty()) return nullptr;
  if (!fault.at) return &rows[rows.size() / 2];
  const auto found = std::find_if(rows.begin(), rows.end(), [&fault](const Row& row) {
    return row.candle.open_time == *fault.at;
  });
  return found == rows.end() ? nullptr : &*found;
}

void bend(Row& row, FaultKind kind) {
  constexpr std::int64_t kEarly = 757'923'000;  // us
  Candle& c = row.candle;
  switch (kind) {
    case FaultKind::kClosesBeforeItOpens:
      c.close_time = c.open_time - kEarly;
      break;
    case FaultKind::kClosesTooLate:
      c.close_time += c.close_time + 1'000 - c.open_time;
      break;
    case FaultKind::kZeroPrices:
      c.high = c.low = c.close = c.open - c.open;
      row.open = c.high.text();
      break;
    case FaultKind::kHighBelowLow:
      std::swap(c.high, c.low);
      break;
    case FaultKind::kUnreadableRow:
      row.open = "n/a";
      break;
    default:
      break;
  }
}

std::vector<Row> rows_of(const Call& call, const std::vector<Candle>& candles) {
  std::vector<Row> out;
  out.reserve(candles.size());
  for (const Candle& c : candles) out.push_back({c, c.open.text()});
  for (const Fault& fault : call.content) {
    if (Row* const row = odd_row(out, fault)) bend(*row, fault.kind);
  }
  return out;
}

std::string write_trades(const Call& call, const std::vector<Trade>& trades, bool best_match) {
  JsonText json = call.json();
  json.array();
  for (const Trade& t : trades) {
    json.object()
        .member("id", t.id)
        .member("price", t.price.text())
        .member("qty", t.quantity.text())
        .member("quoteQty", t.quote_quantity.text())
        .member("time", call.stamp(t.time))
        .member("isBuyerMaker", t.buyer_is_maker);
    if (best_match) json.member("isBestMatch", true);
    json.end_object();
  }
  return json.end_array().take();
}

}  // namespace

std::string depth(Call& call) {
  const std::string symbol = call.symbol();
  static_cast<void>(select(call, false, 1));  // for symbolStatus
  constexpr std::int64_t kOld = 60'000'000;   // us
  const Fault* const old = call.meets(FaultKind::kOldBook);
  const std::int64_t age = old == nullptr ? 0 : old->age_us > 0 ? old->age_us : kOld;
  Depth book = call.market.depth(symbol, call.limit(100, kLevelsMax), age);
  call.parameters.check_all_read();
  JsonText json = call.json();
  json.object().member("lastUpdateId", book.last_update_id);
  const bool has_both = !book.bids.empty() && !book.asks.empty();
  if (has_both && call.meets(FaultKind::kCrossed) != nullptr) {
    std::swap(book.bids[0], book.asks[0]);
  }
  const bool third = call.meets(FaultKind::kThirdElement) != nullptr;
  write_levels(json, "bids", book.bids, third);
  write_levels(json, "asks", book.asks, third);
  return json.end_object().take();
}

std::string recent_trades(Call& call) {
  const std::string symbol = call.symbol();
  const std::int64_t limit = call.limit(kRowsUsual, kRowsMax);
  call.parameters.check_all_read();
  return write_trades(call, call.market.trades(symbol, limit), true);
}

std::string historical_trades(Call& call) {
  const std::string symbol = call.symbol();
  const std::int64_t limit = call.limit(kRowsUsual, kRowsMax);
  const auto from = call.parameters.integer("fromId");
  call.parameters.check_all_read();
  return write_trades(
      call,
      from ? call.market.trades_from(symbol, *from, limit) : call.market.trades(symbol, limit),
      true);
}

/// No one has made a block trade yet.
std::string block_trades(Call& call) {
  static_cast<void>(call.symbol());
  static_cast<void>(call.limit(kRowsUsual, kRowsMax));
  static_cast<void>(call.parameters.required("fromId"));
  static_cast<void>(call.parameters.integer("fromId"));
  call.parameters.check_all_read();
  return write_trades(call, {}, false);
}

std::string aggregate_trades(Call& call) {
  const std::string symbol = call.symbol();
  const auto from = call.parameters.integer("fromId");
  const auto start = call.parameters.time_us("startTime"), end = call.parameters.time_us("endTime");
  const auto limit = static_cast<std::size_t>(call.limit(kRowsUsual, kRowsMax));
  call.parameters.check_all_read();
  if (from && (start || end)) throw bad_combination();
  // An aggregate that the answer's border would cut in two is left out: 1000 trades are asked for.
  const bool oldest_first = from || start;
  std::vector<Aggregate> rows =
      aggregated(from ? call.market.trades_from(symbol, *from, kRowsMax)
                      : call.market.trades_between(symbol, start, end, kRowsMax));
  if (rows.size() > limit) {
    const auto surplus = static_cast<std::ptrdiff_t>(rows.size() - limit);
    if (oldest_first) {
      rows.resize(limit);
    } else {
      rows.erase(rows.begin(), rows.begin() + surplus);
    }
  }
  JsonText json = call.json();
  json.array();
  for (const auto& [t, last] : rows) {
    json.object()
        .member("a", t.id)
        .member("p", t.price.text())
        .member("q", t.quantity.text())
        .member("f", t.id)
        .member("l", last)
        .member("T", call.stamp(t.time))
        .member("m", t.buyer_is_maker)
        .member("M", true)
        .end_object();
  }
  return json.end_array().take();
}

std::string klines(Call& call) {
  CandleSpan span;
  const std::string symbol = call.symbol();
  span.interval = call.parameters.required("interval");
  if (!Interval::parse(span.interval)) throw ApiError(-1120, "Invalid interval.");
  span.start = call.parameters.time_us("startTime");
  span.end = call.parameters.time_us("endTime");
  span.zone_minutes = zone_minutes(call);
  span.limit = call.limit(kRowsUsual, kRowsMax);
  call.parameters.check_all_read();
  JsonText json = call.json();
  json.array();
  for (const auto& [c, open] : rows_of(call, call.market.candles(symbol, span))) {
    json.record()
        .number(call.stamp(c.open_time))
        .text(open)
        .text(c.high.text())
        .text(c.low.text())
        .text(c.close.text())
        .text(c.volume.text())
        .number(call.stamp_of_end(c.close_time))
        .text(c.quote_volume.text())
        .number(c.trades)
        .text(c.taker_base.text())
        .text(c.taker_quote.text())
        .text("0")
        .end_record();
  }
  return json.end_array().take();
}

std::string average_price(Call& call) {
  constexpr std::int64_t kMinutes = 5;
  const std::string symbol = call.symbol();
  call.parameters.check_all_read();
  const auto newest = call.market.trade_before(symbol, call.market.now() + 1);
  return call.json()
      .object()
      .member("mins", kMinutes)
      .member("price", call.market.average(symbol, kMinutes).text())
      .member("closeTime", call.stamp(newest ? newest->time : call.market.now()))
      .end_object()
      .take();
}

}  // namespace bourse::fake_exchange
