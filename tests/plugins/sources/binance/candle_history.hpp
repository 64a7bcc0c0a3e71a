// SPDX-License-Identifier: MIT
//
// A market's history with holes, and the exchange's rules for questions about it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "plugins/sources/binance/candle_series.hpp"
#include "tests/plugins/sources/binance/stub_exchange.hpp"

namespace bourse::binance {

/// Candles of one interval, of fixed length, oldest first.
struct CandleHistory {
  std::int64_t length_ms = 3'600'000;
  std::vector<std::int64_t> opens;
  std::vector<std::int64_t> unreadable = {};     ///< of these, the exchange writes no numbers
  std::vector<std::int64_t> closing_oddly = {};  ///< these close before they open

  /// Any price will do, if it tells when it was made.
  static Decimal price(std::int64_t ms) { return Decimal::make(ms * 100'000, 8).value(); }

  /// The candle that opens then, as it is at `now`: while it forms, its close follows the clock.
  [[nodiscard]] Candle at(std::int64_t open, std::int64_t now) const {
    const std::int64_t until = std::min(now, open + length_ms);
    Candle candle;
    candle.open_ms = open;
    candle.close_ms = open + length_ms - 1;
    candle.open = price(open);
    candle.low = candle.open;
    candle.close = price(until);
    candle.high = candle.close;
    candle.trades = until - open;
    candle.is_readable = !holds(unreadable, open);
    if (holds(closing_oddly, open)) candle.close_ms = open - 757'923;  // as in December 2020
    return candle;
  }
  static bool holds(const std::vector<std::int64_t>& opens, std::int64_t open) {
    return std::ranges::find(opens, open) != opens.end();
  }
  /// What the exchange says, by its documentation: without start the newest `limit` up to end, else
  /// the oldest from there; both ends inclusive, by open time.
  [[nodiscard]] std::vector<Candle> ask(const CandleQuestion& question, std::int64_t now) const {
    std::vector<Candle> rows;
    for (const std::int64_t open : opens) {
      if (open >= now) break;
      if (question.start && open < *question.start) continue;
      if (question.end && open > *question.end) continue;
      rows.push_back(at(open, now));
    }
    if (rows.size() <= question.limit) return rows;
    if (question.start)
      return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(question.limit)};
    return {rows.end() - static_cast<std::ptrdiff_t>(question.limit), rows.end()};
  }
  /// The same without those that cannot be read, which do not count.
  [[nodiscard]] std::vector<Candle> readable(CandleQuestion question, std::int64_t now) const {
    CandleHistory rest = *this;
    std::erase_if(rest.opens, [&](std::int64_t open) { return holds(unreadable, open); });
    return rest.ask(question, now);
  }
};

inline std::string text_of(const std::vector<Candle>& rows) {
  std::string text;
  for (const Candle& row : rows) {
    text += std::to_string(row.open_ms) + ":" + row.close.text() + ":" +
            std::to_string(row.trades) + " ";
  }
  return text;
}

/// As /api/v3/klines writes them.
inline std::string json_of(const std::vector<Candle>& rows) {
  std::string text = "[";
  for (const Candle& row : rows) {
    text += text.size() > 1 ? ",[" : "[";
    text += std::to_string(row.open_ms);
    for (const Decimal& price : {row.open, row.high, row.low, row.close}) {
      text += ",\"" + price.text() + "\"";
    }
    text += row.is_readable ? ",\"1.50000000\"," : ",\"none\",";
    text += std::to_string(row.close_ms) + ",\"2.00000000\"," + std::to_string(row.trades) +
            ",\"0.50000000\",\"1.00000000\",\"0\"]";
  }
  return text + "]";
}

/// Serves the history at /api/v3/klines.
inline void serve(const CandleHistory& history, StubExchange& stub, std::int64_t behind_ms = 0) {
  stub.transport->on(
      "/api/v3/klines", [&, behind_ms](const std::string& query) -> Result<HttpResponse> {
        const auto number = [&](const char* name) -> std::optional<std::int64_t> {
          const std::string text = parameter(query, name);
          return text.empty() ? std::nullopt : std::optional<std::int64_t>(std::stoll(text));
        };
        const CandleQuestion question{
            .limit = static_cast<std::size_t>(number("limit").value_or(500)),
            .start = number("startTime"),
            .end = number("endTime")};
        return answered(200, json_of(history.ask(question, stub.server_ms() - behind_ms)));
      });
}

}  // namespace bourse::binance
