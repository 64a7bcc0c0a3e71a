// SPDX-License-Identifier: MIT
#include "tests/exchange/market.hpp"

#include <algorithm>
#include <functional>

#include "bourse/report.hpp"
#include "tests/exchange/api_error.hpp"
#include "tests/exchange/columns.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr std::size_t kSymbolsMax = 500;  // of one question to a source

std::string text(const bourse_str& value) { return std::string(view(value)); }

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
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

std::int64_t Market::now_of(const std::string& symbol) const {
  const auto stopped = disruptions_.stopped.find(symbol);
  return stopped == disruptions_.stopped.end() ? now_ : std::min(now_, stopped->second);
}

void Market::in_batches(const std::vector<std::string>& names, const Use& use) const {
  for (auto begin = names.begin(); begin != names.end();) {
    const std::int64_t at = now_of(*begin);
    auto end = begin;
    while (end != names.end() && now_of(*end) == at &&
           static_cast<std::size_t>(end - begin) < kSymbolsMax) {
      ++end;
    }
    use({begin, end}, at);
    begin = end;
  }
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
    // A recording may not say it; the exchange always does.
    const std::string known = text(status[i]);
    symbols_.push_back({text(symbol[i]), known.empty() ? "TRADING" : known, text(base[i]),
                        text(quote[i]), text(orders[i]), cell(tick, i), cell(step, i),
                        cell(minimum, i), cell(maximum, i), cell(notional, i)});
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
  in_batches(symbols, [&](const std::vector<std::string>& batch, std::int64_t at) {
    const auto report = fetch("ticker_24h", {{"symbols", joined(batch)}}, at);
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
        const auto newest = trade_before(one.symbol, at + 1);
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
  in_batches(symbols, [&](const std::vector<std::string>& batch, std::int64_t at) {
    const auto report = fetch("prices", {{"symbols", joined(batch)}}, at);
    const TableView t = table_of(report);
    const auto symbol = t.texts("symbol");
    const DecimalColumn price = t.decimals("price");
    for (std::size_t i = 0; i < t.rows(); ++i) out.emplace_back(text(symbol[i]), cell(price, i));
  });
  return out;
}

std::vector<Quote> Market::quotes(const std::vector<std::string>& symbols) const {
  std::vector<Quote> out;
  in_batches(symbols, [&](const std::vector<std::string>& batch, std::int64_t at) {
    const auto report = fetch("book_ticker", {{"symbols", joined(batch)}}, at);
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

Depth Market::depth(const std::string& symbol, std::int64_t levels, std::int64_t ago_us) const {
  const auto depth = std::to_string(std::min(levels, disruptions_.book_levels));
  const auto report = fetch("order_book", {{"symbol", symbol}, {"depth", depth}},
                            std::min(now_of(symbol), now_ - ago_us));
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

}  // namespace bourse::fake_exchange
