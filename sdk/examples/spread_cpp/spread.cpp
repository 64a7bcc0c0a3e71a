// SPDX-License-Identifier: MIT
//
// A complete analysis: the bid-ask spread of some markets.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bourse/plugin.hpp"
#include "bourse/reads.hpp"

namespace {

using bourse::Decimal;
using bourse::Field;

constexpr Field kSymbol("symbol", BOURSE_TYPE_TEXT);
constexpr Field kBid("bid", BOURSE_TYPE_DECIMAL);
constexpr Field kAsk("ask", BOURSE_TYPE_DECIMAL);
constexpr Field kSpread =
    Field("spread", BOURSE_TYPE_DECIMAL).labelled("Spread").in("{quote}").described("ask - bid");

struct Spread {
  static constexpr bourse::About about{.id = "spread",
                                       .title = "Bid-ask spread",
                                       .doc = "How far the best bid and ask are apart.",
                                       .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
                                       .flags = BOURSE_COMPONENT_PURE};
  static constexpr std::array params{bourse::Param("symbols", BOURSE_TYPE_LIST, "Markets.")
                                         .list_of(BOURSE_TYPE_TEXT)
                                         .with_default("BTCUSDT,ETHUSDT")
                                         .bounds("1", "20")};
  static constexpr std::array datasets{&bourse::reads<"book_ticker", "symbol", "bid", "ask">};
  static constexpr auto returns =
      bourse::Returns().table("spreads", "Spreads", kSymbol, kBid, kAsk, kSpread);

  void run(bourse::Call& call, const bourse::Values& values) const {
    const auto report =
        call.ask(bourse::Query("book_ticker").with("symbols", values.texts("symbols")));
    call.notes_of(report);  // what the source has to say: unknown symbols, for instance
    const bourse::TableView book = report.table(0);
    const auto bids = book.decimals("bid");
    const auto asks = book.decimals("ask");
    std::vector<std::optional<Decimal>> spreads(book.rows());  // empty: null
    for (std::size_t row = 0; row < book.rows(); ++row) {
      if (bids.has(row) && asks.has(row)) spreads[row] = asks[row] - bids[row];
    }
    bourse::TableBuilder table("spreads", "Spreads");
    table.column(kSymbol, book.texts("symbol"))
        .column(kBid, bids)
        .column(kAsk, asks)
        .column(kSpread, spreads);
    call.add(table);
  }
};

}  // namespace

BOURSE_PLUGIN("example.spread", "1.0.0", Spread)
