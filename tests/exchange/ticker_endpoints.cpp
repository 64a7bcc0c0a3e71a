// SPDX-License-Identifier: MIT
#include <charconv>
#include <utility>

#include "tests/exchange/endpoints.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kMinute = 60'000'000, kDay = 1'440 * kMinute;
constexpr std::size_t kWindowSymbolsMax = 100;

/// `type`: whether FULL.
bool is_full(Call& call) {
  const std::string type = call.parameters.find("type").value_or("FULL");
  if (type != "FULL" && type != "MINI") throw ApiError(-1139, "Invalid ticker type.");
  return type == "FULL";
}

/// One object for `symbol`, else an array.
template <class Row, class Write>
std::string write_rows(const Call& call, const Selection& selected, const std::vector<Row>& rows,
                       const Write& write) {
  JsonText json = call.json();
  if (!selected.single) json.array();
  for (const Row& row : rows) {
    json.object();
    write(json, row);
    json.end_object();
  }
  if (!selected.single) json.end_array();
  return json.take();
}

void write_counts(const Call& call, JsonText& json, const Ticker& t, bool ends_before_next) {
  json.member("volume", t.volume.text())
      .member("quoteVolume", t.quote_volume.text())
      .member("openTime", call.stamp(t.open_time))
      .member("closeTime",
              ends_before_next ? call.stamp_of_end(t.close_time) : call.stamp(t.close_time))
      .member("firstId", t.first_id)
      .member("lastId", t.last_id)
      .member("count", t.count);
}

void write_change(JsonText& json, const Ticker& t) {
  json.member("priceChange", t.change.text())
      .member("priceChangePercent", t.change_percent.text())
      .member("weightedAvgPrice", t.average.text());
}

void write_day(const Call& call, JsonText& json, const Ticker& t, bool full) {
  json.member("symbol", t.symbol);
  if (full) {
    write_change(json, t);
    json.member("prevClosePrice", t.previous_close.text())
        .member("lastPrice", t.last.text())
        .member("lastQty", t.last_quantity.text())
        .member("bidPrice", t.bid.text())
        .member("bidQty", t.bid_quantity.text())
        .member("askPrice", t.ask.text())
        .member("askQty", t.ask_quantity.text());
  }
  json.member("openPrice", t.open.text())
      .member("highPrice", t.high.text())
      .member("lowPrice", t.low.text());
  if (!full) json.member("lastPrice", t.last.text());
  write_counts(call, json, t, false);
}

void write_window(const Call& call, JsonText& json, const Ticker& t, bool full, bool whole_day) {
  json.member("symbol", t.symbol);
  if (full) write_change(json, t);
  json.member("openPrice", t.open.text())
      .member("highPrice", t.high.text())
      .member("lowPrice", t.low.text())
      .member("lastPrice", t.last.text());
  write_counts(call, json, t, whole_day);
}

/// Of a Ticker or a Quote, where the request meets that fault.
template <class Row>
void cross(const Call& call, Row& row) {
  if (call.meets(FaultKind::kCrossed) == nullptr) return;
  std::swap(row.bid, row.ask);
  std::swap(row.bid_quantity, row.ask_quantity);
}

/// "1m" ... "59m", "1h" ... "23h", "1d" ... "7d".
std::int64_t window_length(Call& call) {
  const std::string text = call.parameters.find("windowSize").value_or("1d");
  std::int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  const std::int64_t most = unit + 1 != end ? 0
                            : *unit == 'm'  ? 59
                            : *unit == 'h'  ? 23
                            : *unit == 'd'  ? 7
                                            : 0;
  if (error != std::errc{} || text.front() == '0' || count < 1 || count > most) {
    throw not_valid("windowSize");
  }
  return count * (*unit == 'm' ? kMinute : *unit == 'h' ? 60 * kMinute : kDay);
}

}  // namespace

std::string ticker_24h(Call& call) {
  const Selection selected = select(call, true, 0);
  const bool full = is_full(call);
  call.parameters.check_all_read();
  std::vector<Ticker> rows = call.market.tickers(selected.names);
  for (Ticker& t : rows) cross(call, t);
  return write_rows(call, selected, rows, [&](JsonText& json, const Ticker& ticker) {
    write_day(call, json, ticker, full);
  });
}

std::string trading_day(Call& call) {
  const Selection selected = select(call, false, kWindowSymbolsMax);
  const std::int64_t zone = zone_minutes(call) * kMinute;
  const bool full = is_full(call);
  call.parameters.check_all_read();
  const std::int64_t begin = (call.market.now() + zone) / kDay * kDay - zone;
  std::vector<Ticker> rows;
  for (const std::string& name : selected.names) {
    rows.push_back(call.market.span(name, begin, begin + kDay));
    rows.back().open_time = begin;
    rows.back().close_time = begin + kDay - 1'000;
  }
  return write_rows(call, selected, rows, [&](JsonText& json, const Ticker& ticker) {
    write_window(call, json, ticker, full, true);
  });
}

std::string rolling_window(Call& call) {
  const Selection selected = select(call, false, kWindowSymbolsMax);
  const std::int64_t length = window_length(call);
  const bool full = is_full(call);
  call.parameters.check_all_read();
  const std::int64_t now = call.market.now();
  const std::int64_t begin = (now - length) / kMinute * kMinute;
  std::vector<Ticker> rows;
  for (const std::string& name : selected.names) {
    rows.push_back(call.market.span(name, begin, now + 1));
    rows.back().open_time = begin;
    rows.back().close_time = now;
  }
  return write_rows(call, selected, rows, [&](JsonText& json, const Ticker& ticker) {
    write_window(call, json, ticker, full, false);
  });
}

std::string ticker_price(Call& call) {
  const Selection selected = select(call, true, 0);
  call.parameters.check_all_read();
  return write_rows(call, selected, call.market.prices(selected.names),
                    [](JsonText& json, const std::pair<std::string, Decimal>& row) {
                      json.member("symbol", row.first).member("price", row.second.text());
                    });
}

std::string book_ticker(Call& call) {
  const Selection selected = select(call, true, 0);
  call.parameters.check_all_read();
  std::vector<Quote> rows = call.market.quotes(selected.names);
  for (Quote& q : rows) cross(call, q);
  return write_rows(call, selected, rows, [](JsonText& json, const Quote& row) {
    json.member("symbol", row.symbol)
        .member("bidPrice", row.bid.text())
        .member("bidQty", row.bid_quantity.text())
        .member("askPrice", row.ask.text())
        .member("askQty", row.ask_quantity.text());
  });
}

}  // namespace bourse::fake_exchange
