// SPDX-License-Identifier: MIT
//
// symbols: the markets of a source and their trading rules.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bourse/market.h"
#include "bourse/notes.hpp"
#include "bourse/reads.hpp"
#include "bourse/symbols.hpp"
#include "plugins/analyses/symbols/selection.hpp"

namespace bourse::symbols {
namespace {

constexpr std::array kParams{
    Param("symbols", BOURSE_TYPE_LIST, "Markets, at most 500; all when not given.")
        .labelled("Markets")
        .list_of(BOURSE_TYPE_TEXT)
        .bounds("1", "500"),
    Param("status", BOURSE_TYPE_TEXT, "Only markets with this status, such as TRADING.")
        .labelled("Status")
        .bounds("1", "40"),
};

constexpr Field kTotal =
    Field("summary.total", BOURSE_TYPE_I64).labelled("Markets").described("that are shown");
constexpr Field kTrading = Field("summary.trading", BOURSE_TYPE_I64)
                               .labelled("Trading")
                               .described("of those shown, with status TRADING");
constexpr Field kBaseAssets = Field("summary.base_assets", BOURSE_TYPE_I64)
                                  .labelled("Base assets")
                                  .described("different ones, of those shown");
constexpr Field kQuoteAssets = Field("summary.quote_assets", BOURSE_TYPE_I64)
                                   .labelled("Quote assets")
                                   .described("different ones, of those shown");

constexpr auto kReturns = [] {
  const auto summary = Returns().scalar(kTotal, kTrading, kBaseAssets, kQuoteAssets);
  std::array rules{Field(bourse_symbols_symbol),           Field(bourse_symbols_status),
                   Field(bourse_symbols_base_asset),       Field(bourse_symbols_quote_asset),
                   Field(bourse_symbols_tick_size),        Field(bourse_symbols_lot_step),
                   Field(bourse_symbols_minimum_quantity), Field(bourse_symbols_maximum_quantity),
                   Field(bourse_symbols_minimum_notional), Field(bourse_symbols_order_types)};
  return summary.table("symbols", "Trading rules").columns(rules);
}();

std::vector<std::string_view> names_of(const TableView& table) {
  std::vector<std::string_view> names;
  for (const bourse_str name : table.texts("symbol")) names.push_back(view(name));
  return names;
}

TableView table_of(ReportView answer, bool some_asked) {
  if (answer.tables() == 0) {
    throw Error(BOURSE_UPSTREAM, "bad_source", "The source's answer to symbols has no table.");
  }
  if (some_asked && answer.table(0).rows() == 0) {
    throw Error(BOURSE_NOT_FOUND, "symbol_not_found",
                "The source knows none of the markets asked for.")
        .blame("symbols");
  }
  return answer.table(0);
}

void say_summary(const Call& call, const Summary& summary) {
  call.scalar(kTotal, summary.total);
  call.scalar(kTrading, summary.trading);
  call.scalar(kBaseAssets, summary.base_assets);
  call.scalar(kQuoteAssets, summary.quote_assets);
}

void say_table(const Call& call, const TableView& from, const std::vector<std::size_t>& rows) {
  using NoTexts = std::vector<std::optional<std::string_view>>;
  using NoDecimals = std::vector<std::optional<Decimal>>;
  TableBuilder table("symbols", "Trading rules");
  UndeliveredNote undelivered;
  for (const bourse_field* field : bourse_symbols_fields) {
    const bool is_text = field->type == BOURSE_TYPE_TEXT;
    if (!from.find(field->name)) {
      undelivered.add(field->name);
      is_text ? table.column(Field(*field), NoTexts(rows.size()))
              : table.column(Field(*field), NoDecimals(rows.size()));
    } else if (is_text) {
      table.column(Field(*field), texts_of(from, field->name, rows));
    } else {
      table.column(Field(*field), decimals_of(from, field->name, rows));
    }
  }
  call.add(table);
  undelivered.say(call);
}

struct Symbols {
  static constexpr About about{
      .id = "symbols",
      .title = "Symbols",
      .doc =
          "The markets of the exchange: assets, status, steps of prices and quantities, order "
          "types.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{
      &reads<"symbols", "symbol", "status", "base_asset", "quote_asset", "tick_size?", "lot_step?",
             "minimum_quantity?", "maximum_quantity?", "minimum_notional?", "order_types?">};

  void run(const Call& call, const Values& values) const {
    std::vector<std::string> given;  // none: all markets are asked for
    if (values.given("symbols")) given = values.texts("symbols");
    const std::vector<std::string_view> asked = each_once(given);
    Query query("symbols");
    if (!asked.empty()) query.with("symbols", asked);
    const ReportView answer = call.ask(query);
    const TableView table = table_of(answer, !asked.empty());
    const auto status = values.maybe<std::string_view>("status");
    const std::vector<std::size_t> rows = select(table, status);

    call.notes_of(answer);
    say_missing(call, asked, names_of(table), answer, "rules");
    if (rows.empty() && status && table.rows() != 0) {
      const std::string there = statuses(table);
      call.note(BOURSE_LEVEL_INFO, "no_match",
                there.empty() ? "The source does not say the status of any of these markets."
                              : "No market has the status " + std::string(*status) +
                                    "; there are: " + there + ".");
    }
    say_summary(call, summarise(table, rows));
    say_table(call, table, rows);
  }
};

}  // namespace
}  // namespace bourse::symbols

BOURSE_PLUGIN("bourse.symbols", "0.1.0", bourse::symbols::Symbols)
