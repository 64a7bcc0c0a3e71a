// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_events.hpp"

#include <algorithm>

#include "bourse/interval.hpp"
#include "tests/exchange/columns.hpp"
#include "tests/exchange/json_text.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000, kSecondsPerDay = 86'400;
constexpr std::int64_t kBookLevels = 5'000, kCandlesAtOnce = 1'000, kTradesAtOnce = 1'000;
constexpr std::size_t kFastParts = 10;  ///< of a second that is told every 100 ms
constexpr std::string_view kNothing = "0.00000000";

std::string_view event_of_window(std::string_view span) {
  return span == "1h" ? "1hTicker" : span == "4h" ? "4hTicker" : "1dTicker";
}

std::int64_t seconds_of_window(std::string_view span) {
  return span == "1h" ? 3'600 : span == "4h" ? 4 * 3'600 : kSecondsPerDay;
}

void write_levels_of_stream(JsonText& json, std::string_view name, const std::vector<Level>& levels,
                            std::size_t most) {
  json.key(name).array();
  for (std::size_t i = 0; i < std::min(most, levels.size()); ++i) {
    json.array().text(levels[i].price.text()).text(levels[i].quantity.text()).end_array();
  }
  json.end_array();
}

void write_best(JsonText& json, std::string_view price, std::string_view quantity,
                const std::vector<Level>& top) {
  json.member(price, top.empty() ? std::string(kNothing) : top.front().price.text())
      .member(quantity, top.empty() ? std::string(kNothing) : top.front().quantity.text());
}

/// Times in a message: in its unit, or left out of what is compared.
class Stamps {
 public:
  Stamps(std::int64_t event_us, bool in_us, bool shown)
      : event_us_(event_us), in_us_(in_us), shown_(shown) {}

  /// Of something that does not change, such as the begin of a candle.
  [[nodiscard]] std::int64_t fixed(std::int64_t us) const { return in_us_ ? us : us / 1'000; }
  /// The same of a last instant, "...999".
  [[nodiscard]] std::int64_t fixed_end(std::int64_t us) const {
    return in_us_ ? us / 1'000 * 1'000 + 999 : us / 1'000;
  }
  /// Of something that goes on with the clock.
  [[nodiscard]] std::int64_t moving(std::int64_t us) const { return shown_ ? fixed(us) : 0; }
  [[nodiscard]] std::int64_t event() const { return moving(event_us_); }

 private:
  std::int64_t event_us_;
  bool in_us_, shown_;
};

void write_head(JsonText& json, std::string_view event, const Stamps& stamps,
                std::string_view symbol) {
  json.member("e", event).member("E", stamps.event()).member("s", symbol);
}

void write_day_of_stream(JsonText& json, const Ticker& t, const Stamps& stamps) {
  json.object();
  write_head(json, "24hrTicker", stamps, t.symbol);
  json.member("p", t.change.text())
      .member("P", t.change_percent.text())
      .member("w", t.average.text())
      .member("x", t.previous_close.text())
      .member("c", t.last.text())
      .member("Q", t.last_quantity.text())
      .member("b", t.bid.text())
      .member("B", t.bid_quantity.text())
      .member("a", t.ask.text())
      .member("A", t.ask_quantity.text())
      .member("o", t.open.text())
      .member("h", t.high.text())
      .member("l", t.low.text())
      .member("v", t.volume.text())
      .member("q", t.quote_volume.text())
      .member("O", stamps.moving(t.open_time))
      .member("C", stamps.moving(t.close_time))
      .member("F", t.first_id)
      .member("L", t.last_id)
      .member("n", t.count)
      .end_object();
}

void write_mini(JsonText& json, const Ticker& t, const Stamps& stamps) {
  json.object();
  write_head(json, "24hrMiniTicker", stamps, t.symbol);
  json.member("c", t.last.text())
      .member("o", t.open.text())
      .member("h", t.high.text())
      .member("l", t.low.text())
      .member("v", t.volume.text())
      .member("q", t.quote_volume.text())
      .end_object();
}

void write_window_of_stream(JsonText& json, std::string_view span, const Ticker& t,
                            const Stamps& stamps) {
  json.object();
  write_head(json, event_of_window(span), stamps, t.symbol);
  json.member("p", t.change.text())
      .member("P", t.change_percent.text())
      .member("o", t.open.text())
      .member("h", t.high.text())
      .member("l", t.low.text())
      .member("c", t.last.text())
      .member("w", t.average.text())
      .member("v", t.volume.text())
      .member("q", t.quote_volume.text())
      .member("O", stamps.moving(t.open_time))
      .member("C", stamps.moving(t.close_time))
      .member("F", t.first_id)
      .member("L", t.last_id)
      .member("n", t.count)
      .end_object();
}

/// Numbers of a candle's first and last trade; -1 where there was none.
struct TradeIds {
  std::int64_t first = -1, last = -1;
};

TradeIds trade_ids(const Market& market, const StreamName& name, const Candle& candle) {
  if (candle.trades == 0) return {};
  const auto newest = market.trade_before(name.symbol, candle.close_time + 1'000);
  if (!newest) return {1, candle.trades};  // as tickers of a source without trades
  const bool within_a_day = candle.close_time - candle.open_time < kSecondsPerDay * kUsPerSecond &&
                            name.zone_minutes == 0;
  if (within_a_day) return {newest->id - candle.trades + 1, newest->id};
  const auto first = market.trades_between(name.symbol, candle.open_time, std::nullopt, 1);
  return {first.empty() ? newest->id : first.front().id, newest->id};
}

void write_candle(JsonText& json, const StreamName& name, const Candle& c, const TradeIds& ids,
                  bool closed, const Stamps& stamps) {
  json.object();
  write_head(json, "kline", stamps, name.symbol);
  json.key("k")
      .object()
      .member("t", stamps.fixed(c.open_time))
      .member("T", stamps.fixed_end(c.close_time))
      .member("s", name.symbol)
      .member("i", name.span)
      .member("f", ids.first)
      .member("L", ids.last)
      .member("o", c.open.text())
      .member("c", c.close.text())
      .member("h", c.high.text())
      .member("l", c.low.text())
      .member("v", c.volume.text())
      .member("n", c.trades)
      .member("x", closed)
      .member("q", c.quote_volume.text())
      .member("V", c.taker_base.text())
      .member("Q", c.taker_quote.text())
      .member("B", "0")
      .end_object()
      .end_object();
}

}  // namespace

std::int64_t Publication::from_s() const { return before_.now() / kUsPerSecond; }
std::int64_t Publication::to_s() const { return after_.now() / kUsPerSecond; }

template <class Write>
StreamEvent Publication::event(const std::string& stream, const Write& write) const {
  StreamEvent out;
  out.stream = stream;
  const auto text = [&](bool in_us) {
    JsonText json;
    write(json, Stamps(event_us_, in_us, true));
    return std::make_shared<const std::string>(json.take());
  };
  out.ms = text(false);
  out.us = in_us_ ? text(true) : out.ms;
  return out;
}

/// Of what is told over and over: only where it differs from what was said before.
template <class Write>
void Publication::tell_news(const std::string& stream, const Write& write, StreamEvents& out) {
  JsonText bare;
  write(bare, Stamps(0, false, false));
  std::string& last = said_[stream];
  if (last == bare.str()) return;
  last = bare.take();
  out.push_back(std::make_shared<const StreamEvent>(event(stream, write)));
}

// ---- what several streams share

Publication::Moves& Publication::moves(const std::string& symbol) {
  const auto known = moves_.find(symbol);
  if (known != moves_.end()) return known->second;
  if (books_.find(symbol) == books_.end()) {
    books_[symbol] = before_.depth(symbol, kBookLevels);
  }
  Depth after = after_.depth(symbol, kBookLevels);
  Moves& out = moves_[symbol];
  out.after = std::move(after);
  return out;
}

const std::vector<BookStep>& Publication::steps(const std::string& symbol, bool fast) {
  Moves& moved = moves(symbol);
  std::optional<std::vector<BookStep>>& wanted = fast ? moved.fast : moved.slow;
  if (!wanted) wanted = book_steps(books_[symbol], moved.after, fast ? kFastParts : 1);
  return *wanted;
}

void Publication::finish() {
  Books next;
  for (auto& [symbol, moved] : moves_) {
    Depth& old = books_[symbol];
    const bool changed = !steps(symbol, false).empty();
    // Ids that no event has told belong to the next one.
    if (!changed) moved.after.last_update_id = old.last_update_id;
    next[symbol] = std::move(moved.after);
  }
  books_ = std::move(next);
}

const std::vector<Trade>& Publication::trades(const std::string& symbol) {
  const auto known = trades_.find(symbol);
  if (known != trades_.end()) return known->second;
  std::vector<Trade> newest = after_.trades(symbol, kTradesAtOnce);
  std::erase_if(newest, [this](const Trade& t) { return t.time < from_s() * kUsPerSecond; });
  return trades_[symbol] = std::move(newest);
}

const Ticker& Publication::ticker(const std::string& symbol) {
  const auto known = tickers_.find(symbol);
  if (known != tickers_.end()) return known->second;
  return tickers_[symbol] = after_.tickers({symbol}).at(0);
}

std::vector<std::string> Publication::all_symbols() const {
  std::vector<std::string> out;
  for (const SymbolRules& rules : after_.symbols()) out.push_back(rules.symbol);
  return out;
}

// ---- each kind of stream

void Publication::tell(const std::string& stream, const StreamName& name, StreamEvents& out) {
  switch (name.kind) {
    case StreamKind::kTrade:
    case StreamKind::kAggregateTrade:
      return tell_trades(stream, name, out);
    case StreamKind::kCandle:
      return tell_candles(stream, name, out);
    case StreamKind::kMiniTicker:
    case StreamKind::kTicker:
    case StreamKind::kWindowTicker:
      return name.symbol.empty() ? tell_all_tickers(stream, name, out)
                                 : tell_ticker(stream, name, out);
    case StreamKind::kQuote:
      return tell_quotes(stream, name, out);
    case StreamKind::kAverage:
      return tell_average(stream, name, out);
    case StreamKind::kDepth:
      return tell_depth(stream, name, out);
    case StreamKind::kPartialDepth:
      return tell_top(stream, name, out);
    case StreamKind::kBlockTrade:      // no one has made one yet
    case StreamKind::kReferencePrice:  // no document at hand shows its message
      return;
  }
}

void Publication::tell_trades(const std::string& stream, const StreamName& name,
                              StreamEvents& out) {
  const auto add = [&](const Trade& t, std::int64_t last, bool aggregate) {
    const auto write = [&](JsonText& json, const Stamps& stamps) {
      json.object();
      write_head(json, aggregate ? "aggTrade" : "trade", stamps, name.symbol);
      json.member(aggregate ? "a" : "t", t.id)
          .member("p", t.price.text())
          .member("q", t.quantity.text());
      if (aggregate) json.member("f", t.id).member("l", last);
      json.member("T", stamps.fixed(t.time))
          .member("m", t.buyer_is_maker)
          .member("M", true)
          .end_object();
    };
    out.push_back(std::make_shared<const StreamEvent>(event(stream, write)));
  };
  if (name.kind == StreamKind::kTrade) {
    for (const Trade& t : trades(name.symbol)) add(t, t.id, false);
    return;
  }
  for (const auto& [sum, last] : aggregated(trades(name.symbol))) add(sum, last, true);
}

void Publication::tell_candles(const std::string& stream, const StreamName& name,
                               StreamEvents& out) {
  const auto length = Interval::parse(name.span).value().length();
  const std::int64_t shortest_s = length ? *length / 1'000'000'000 : 28 * kSecondsPerDay;
  CandleSpan span;
  span.interval = name.span;
  span.zone_minutes = name.zone_minutes;
  span.limit = std::min<std::int64_t>(kCandlesAtOnce, (to_s() - from_s()) / shortest_s + 2);
  const bool due = name.span == "1s" || to_s() % 2 == 0 || to_s() - from_s() > 1;
  for (const Candle& c : after_.candles(name.symbol, span)) {
    const std::int64_t end_s = (c.close_time + 1'000) / kUsPerSecond;
    const bool closed = end_s <= to_s();
    if (end_s <= from_s() || !(closed || due)) continue;
    const TradeIds ids = trade_ids(after_, name, c);
    const auto write = [&](JsonText& json, const Stamps& stamps) {
      write_candle(json, name, c, ids, closed, stamps);
    };
    if (!closed) {
      tell_news(stream, write, out);
      continue;
    }
    StreamEvent last = event(stream, write);
    last.closes = true;
    out.push_back(std::make_shared<const StreamEvent>(std::move(last)));
  }
}

void Publication::tell_ticker(const std::string& stream, const StreamName& name,
                              StreamEvents& out) {
  if (name.kind == StreamKind::kWindowTicker) {
    const std::int64_t now = after_.now(),
                       begin = floor_to(now - seconds_of_window(name.span) * kUsPerSecond,
                                        60 * kUsPerSecond);
    Ticker window = after_.span(name.symbol, begin, now + 1);
    window.open_time = begin;
    window.close_time = now;
    tell_news(
        stream,
        [&](JsonText& json, const Stamps& stamps) {
          write_window_of_stream(json, name.span, window, stamps);
        },
        out);
    return;
  }
  const Ticker& day = ticker(name.symbol);
  const bool mini = name.kind == StreamKind::kMiniTicker;
  tell_news(
      stream,
      [&](JsonText& json, const Stamps& stamps) {
        mini ? write_mini(json, day, stamps) : write_day_of_stream(json, day, stamps);
      },
      out);
}

/// One array of those that have something new.
void Publication::tell_all_tickers(const std::string& stream, const StreamName& name,
                                   StreamEvents& out) {
  StreamEvents news;
  for (const std::string& symbol : all_symbols()) {
    StreamName one = name;
    one.symbol = symbol;
    tell_ticker(stream + symbol, one, news);
  }
  if (news.empty()) return;
  StreamEvent all;
  all.stream = stream;
  all.is_array = true;
  const auto joined = [&news](const auto& text) {
    JsonText json;
    json.array();
    for (const auto& one : news) json.raw(*text(*one));
    return std::make_shared<const std::string>(json.end_array().take());
  };
  all.ms = joined([](const StreamEvent& e) { return e.ms; });
  all.us = joined([](const StreamEvent& e) { return e.us; });
  out.push_back(std::make_shared<const StreamEvent>(std::move(all)));
}

void Publication::tell_quotes(const std::string& stream, const StreamName& name,
                              StreamEvents& out) {
  for (const BookStep& step : steps(name.symbol, true)) {
    if (!step.quote_changed) continue;
    const auto write = [&](JsonText& json, const Stamps&) {
      json.object().member("u", step.last_id).member("s", name.symbol);
      write_best(json, "b", "B", step.top_bids);
      write_best(json, "a", "A", step.top_asks);
      json.end_object();
    };
    out.push_back(std::make_shared<const StreamEvent>(event(stream, write)));
  }
}

void Publication::tell_average(const std::string& stream, const StreamName& name,
                               StreamEvents& out) {
  constexpr std::int64_t kMinutes = 5;
  const std::string price = after_.average(name.symbol, kMinutes).text();
  const auto newest = after_.trade_before(name.symbol, after_.now() + 1);
  const std::int64_t traded = newest ? newest->time : after_.now();
  tell_news(
      stream,
      [&](JsonText& json, const Stamps& stamps) {
        json.object();
        write_head(json, "avgPrice", stamps, name.symbol);
        json.member("i", std::to_string(kMinutes) + "m")
            .member("w", price)
            .member("T", stamps.fixed(traded))
            .end_object();
      },
      out);
}

void Publication::tell_depth(const std::string& stream, const StreamName& name, StreamEvents& out) {
  for (const BookStep& step : steps(name.symbol, name.fast)) {
    const auto write = [&](JsonText& json, const Stamps& stamps) {
      json.object();
      write_head(json, "depthUpdate", stamps, name.symbol);
      json.member("U", step.first_id).member("u", step.last_id);
      write_levels_of_stream(json, "b", step.bids, step.bids.size());
      write_levels_of_stream(json, "a", step.asks, step.asks.size());
      json.end_object();
    };
    StreamEvent diff = event(stream, write);
    diff.first_id = step.first_id;
    diff.best_ask = step.top_asks.empty() ? "" : step.top_asks.front().price.text();
    out.push_back(std::make_shared<const StreamEvent>(std::move(diff)));
  }
}

void Publication::tell_top(const std::string& stream, const StreamName& name, StreamEvents& out) {
  for (const BookStep& step : steps(name.symbol, name.fast)) {
    const auto write_sides = [&](JsonText& json) {
      const auto most = static_cast<std::size_t>(name.levels);
      write_levels_of_stream(json, "bids", step.top_bids, most);
      write_levels_of_stream(json, "asks", step.top_asks, most);
    };
    JsonText bare;
    write_sides(bare.object());
    std::string& last = said_[stream];
    if (last == bare.str()) continue;
    last = bare.take();
    const auto write = [&](JsonText& json, const Stamps&) {
      json.object().member("lastUpdateId", step.last_id);
      write_sides(json);
      json.end_object();
    };
    out.push_back(std::make_shared<const StreamEvent>(event(stream, write)));
  }
}

}  // namespace bourse::fake_exchange
