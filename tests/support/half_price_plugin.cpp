// SPDX-License-Identifier: MIT
//
// A layer for test_host_test.cpp: everything at half price, by the source below.
#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace bourse::test {
namespace {

class HalfPrice {
 public:
  static constexpr About about{.id = "half-price",
                               .title = "Half price",
                               .parts = BOURSE_PART_TABLES,
                               .flags = BOURSE_COMPONENT_LAYER};
  static constexpr std::array config{
      Param("names_a_source", BOURSE_TYPE_BOOL, "Which a source may not.").with_default("false")};
  static constexpr std::array datasets{&bourse_prices};

  HalfPrice(const Values& values, Host host) : names_a_source_(values.boolean("names_a_source")) {
    host.log(BOURSE_LEVEL_INFO, "made", {{"names_a_source", names_a_source_}});
  }

  void fetch(const Call& call, std::size_t, const Values& values) const {
    Query query("prices");
    query.with("symbols", values.texts("symbols"));
    if (names_a_source_) query.from_source("exchange");
    std::vector<std::string> symbols;
    std::vector<std::optional<Decimal>> prices;
    {
      const Page below = call.page(query);
      const TableView table = below.table(0);
      for (std::size_t row = 0; row < table.rows(); ++row) {
        symbols.emplace_back(view(table.texts("symbol")[row]));
        prices.emplace_back(
            divide(table.decimals("price")[row], Decimal::of(2), 8, Rounding::kHalfEven));
      }
    }
    call.as_of(call.now());
    call.fresh_until(call.now() + std::chrono::seconds(7));
    call.log(BOURSE_LEVEL_WARN, "halved", {{"rows", symbols.size()}});
    call.add(TableBuilder("prices", "Half prices")
                 .column(bourse_prices_symbol, symbols)
                 .column(bourse_prices_price, prices));
  }

 private:
  bool names_a_source_;
};

}  // namespace
}  // namespace bourse::test

BOURSE_PLUGIN("test.half-price", "1.0.0", bourse::test::HalfPrice)
