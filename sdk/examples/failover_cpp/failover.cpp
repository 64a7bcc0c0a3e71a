// SPDX-License-Identifier: MIT
//
// A layer: where the source below fails to say its prices, they are the closes of its newest
// candles. Over a history of candles, say, that goes on while its exchange is down.
#include <array>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

struct Failover {
  static constexpr bourse::About about{.id = "failover",
                                       .title = "Prices, else closes",
                                       .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
                                       .flags = BOURSE_COMPONENT_LAYER};
  static constexpr std::array config{
      bourse::Param("interval", BOURSE_TYPE_TEXT, "Of the candles.").with_default("1m")};
  static constexpr std::array datasets{&bourse_prices};  // all others are answered below

  std::string interval;
  explicit Failover(const bourse::Values& values) : interval(values.text("interval")) {}

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    const std::vector<std::string> symbols = values.texts("symbols");
    const std::vector asked{bourse::Query("prices").with("symbols", symbols)};
    const bourse::Answer below = call.ask(asked).front();
    bourse::TableBuilder prices("prices", "Prices");
    if (below.ok()) {
      const bourse::TableView table = below.report().table(0);
      call.notes_of(below.report());
      call.add(prices.column(bourse_prices_symbol, table.texts("symbol"))
                   .column(bourse_prices_price, table.decimals("price")));
      return;
    }
    if (below.status() == BOURSE_NOT_FOUND) throw below.error();  // it did not fail: it says no
    std::vector<bourse::Query> queries;
    for (const std::string& symbol : symbols) {
      queries.push_back(bourse::Query("candles").with("symbol", symbol));
      queries.back().with("interval", interval).with("limit", 1);
    }
    const auto candles = call.ask(queries);  // side by side
    std::vector<std::string_view> names;
    std::vector<bourse::Decimal> closes;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      if (!candles[i].ok() || candles[i].report().table(0).rows() == 0) continue;
      names.push_back(symbols[i]);
      closes.push_back(candles[i].report().table(0).decimals("close")[0]);
    }
    if (names.empty()) throw below.error();
    call.warn("failed_over", "Newest closes, not prices: " + std::string(below.message()));
    call.add(prices.column(bourse_prices_symbol, names).column(bourse_prices_price, closes));
  }
};

BOURSE_PLUGIN("example.failover", "1.0.0", Failover)
