// @NAME@: a source of prices. Each market costs one more than the one before it, from a setting on:
// put your own way to a price here.
#include <array>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace {

using bourse::Decimal;
using bourse::Field;

constexpr Field kSymbol = Field("symbol", BOURSE_TYPE_TEXT).labelled("Market");
constexpr Field kPrice = Field("price", BOURSE_TYPE_DECIMAL).labelled("Price").scaled(2);

class @TYPE@ {
 public:
  static constexpr bourse::About about{.id = "@ID@",
                                       .title = "@NAME@",
                                       .doc = "Prices that are made up.",
                                       .parts = BOURSE_PART_TABLES,
                                       .flags = BOURSE_COMPONENT_PURE};
  // Settings of the YAML file: sources: {market: {use: ..., config: {first: "10"}}}
  static constexpr std::array config{
      bourse::Param("first", BOURSE_TYPE_DECIMAL, "Price of the first market.")
          .with_default("100.00")
          .bounds("0", "1000000")};
  // One of the well-known datasets (market.h), so every analysis of prices works with it.
  static constexpr std::array datasets{&bourse_prices};

  explicit @TYPE@(const bourse::Values& settings) : first_(settings.decimal("first")) {}

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    const std::vector<std::string> symbols = values.texts("symbols");
    std::vector<Decimal> prices;
    for (std::size_t place = 0; place < symbols.size(); ++place) {
      prices.push_back(first_ + Decimal::of(static_cast<std::int64_t>(place)));
    }
    call.as_of(call.now());
    bourse::TableBuilder table("prices", "Prices");
    table.column(kSymbol, symbols).column(kPrice, prices);
    call.add(table);
  }

 private:
  Decimal first_;
};

}  // namespace

BOURSE_PLUGIN("@PLUGIN@", "0.1.0", @TYPE@)
