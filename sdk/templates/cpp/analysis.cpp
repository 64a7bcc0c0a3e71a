// @NAME@: how far the price of a market has moved.
#include <array>
#include <cstdint>
#include <optional>

#include "bourse/plugin.hpp"
#include "bourse/reads.hpp"

namespace {

using bourse::Decimal;
using bourse::Field;

// What a report holds. A label and a unit are shown to people; a name is for programs and stays.
constexpr Field kRows = Field("rows", BOURSE_TYPE_I64).labelled("Candles");
constexpr Field kMoved = Field("moved", BOURSE_TYPE_F64).labelled("Moved").in("%");
constexpr Field kTime = Field("open_time", BOURSE_TYPE_TIME).labelled("Time");
constexpr Field kClose = Field("close", BOURSE_TYPE_DECIMAL).labelled("Close").in("{quote}");

struct @TYPE@ {
  static constexpr bourse::About about{
      .id = "@ID@",
      .title = "@NAME@",
      .doc = "How far the price of a market has moved.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr std::array params{
      bourse::Param("symbol", BOURSE_TYPE_TEXT, "Market.").required().bounds("1", "40"),
      bourse::Param("limit", BOURSE_TYPE_I64, "Number of candles.")
          .with_default("50")
          .bounds("2", "1000")};
  // What it asks for: any source will do that has these columns.
  static constexpr std::array datasets{&bourse::reads<"candles", "open_time", "close">};
  static constexpr auto returns =
      bourse::Returns().scalar(kRows, kMoved).table("closes", "Closing prices", kTime, kClose);

  void run(bourse::Call& call, const bourse::Values& values) const {
    const auto report = call.ask(bourse::Query("candles")
                                     .with("symbol", values.text("symbol"))
                                     .with("limit", values.integer("limit")));
    call.notes_of(report);  // what the source has to say of its data
    const bourse::TableView candles = report.table(0);
    const auto closes = candles.decimals("close");
    std::optional<Decimal> first, last;  // of the rows that have a price
    for (std::size_t row = 0; row < candles.rows(); ++row) {
      if (!closes.has(row)) continue;
      if (!first) first = closes[row];
      last = closes[row];
    }
    call.scalar(kRows, static_cast<std::int64_t>(candles.rows()));
    std::optional<double> moved;  // empty is null: there is no answer, and 0 would be one
    if (first && !first->is_zero()) {
      moved = 100 * (last->to_double() / first->to_double() - 1);
    }
    call.scalar(kMoved, moved);
    bourse::TableBuilder table("closes", "Closing prices");
    table.column(kTime, candles.times("open_time")).column(kClose, closes);
    call.add(table);
    call.add(bourse::Chart(BOURSE_CHART_LINE, "closes", "Closing prices")
                 .of("closes")
                 .channel(BOURSE_ROLE_X, "open_time")
                 .channel(BOURSE_ROLE_Y, "close"));
  }
};

}  // namespace

BOURSE_PLUGIN("@PLUGIN@", "0.1.0", @TYPE@)
