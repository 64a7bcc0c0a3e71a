// @NAME@: a layer over a source of prices, which leaves out those below a setting. What a layer does
// not declare is answered by the source under it.
#include <array>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/plugin.hpp"

namespace {

using bourse::Decimal;
using bourse::Field;

constexpr Field kSymbol = Field("symbol", BOURSE_TYPE_TEXT).labelled("Market");
constexpr Field kPrice = Field("price", BOURSE_TYPE_DECIMAL).labelled("Price");

class @TYPE@ {
 public:
  static constexpr bourse::About about{.id = "@ID@",
                                       .title = "@NAME@",
                                       .doc = "Prices, without those that are too low.",
                                       .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
                                       .flags = BOURSE_COMPONENT_PURE | BOURSE_COMPONENT_LAYER};
  static constexpr std::array config{
      bourse::Param("least", BOURSE_TYPE_DECIMAL, "What a price is at least.")
          .with_default("1")
          .bounds("0", "1000000000")};
  static constexpr std::array datasets{&bourse_prices};

  explicit @TYPE@(const bourse::Values& settings) : least_(settings.decimal("least")) {}

  void fetch(bourse::Call& call, std::size_t, const bourse::Values& values) const {
    // In a layer, ask goes to the source below.
    const auto report =
        call.ask(bourse::Query("prices").with("symbols", values.texts("symbols")));
    call.notes_of(report);
    const bourse::TableView below = report.table(0);
    const auto prices = below.decimals("price");
    std::vector<std::string> symbols;
    std::vector<Decimal> kept;
    for (std::size_t row = 0; row < below.rows(); ++row) {
      if (!prices.has(row) || prices[row] < least_) continue;
      symbols.emplace_back(bourse::view(below.texts("symbol")[row]));
      kept.push_back(prices[row]);
    }
    if (kept.size() < below.rows()) {
      call.note(BOURSE_LEVEL_INFO, "left_out",
                "Left out: " + std::to_string(below.rows() - kept.size()) + " prices.");
    }
    bourse::TableBuilder table("prices", "Prices");
    table.column(kSymbol, symbols).column(kPrice, kept);
    call.add(table);
  }

 private:
  Decimal least_;
};

}  // namespace

BOURSE_PLUGIN("@PLUGIN@", "0.1.0", @TYPE@)
