// SPDX-License-Identifier: MIT
//
// coverage: what a history has of each market, and where it has holes.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/market.h"
#include "bourse/reads.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/coverage/timeline.hpp"

namespace bourse::coverage {
namespace {

/// More rows than this cannot be read.
constexpr std::size_t kDrawnMax = 40;
/// Into how many parts their time is cut: as many as have room for a date.
constexpr std::size_t kParts = 48;

constexpr Field kSeries =
    Field("summary.series", BOURSE_TYPE_I64).labelled("Series").described("markets and intervals");
constexpr Field kCandles =
    Field("summary.candles", BOURSE_TYPE_I64).labelled("Candles").described("that are kept");
constexpr Field kGaps = Field("summary.gaps", BOURSE_TYPE_I64)
                            .labelled("Gaps")
                            .described("unknown times between known ones");
constexpr Field kConflicts = Field("summary.conflicts", BOURSE_TYPE_I64)
                                 .labelled("Conflicts")
                                 .described("versions of candles that are not shown");
constexpr Field kBehind = Field("summary.behind", BOURSE_TYPE_I64)
                              .labelled("Behind")
                              .described("of all series, candles that have closed since");
constexpr auto kDrawnSeries = FieldOf<std::string_view>("series").labelled("Series");
constexpr auto kDrawnFrom = FieldOf<Time>("from").labelled("From");
constexpr auto kDrawnPart = FieldOf<std::string_view>("part").labelled("Part of time");
constexpr auto kDrawnKnown = FieldOf<double>("known").labelled("Known").in("%");

constexpr auto kReturns = [] {
  const auto summary = Returns().scalar(kSeries, kCandles, kGaps, kConflicts, kBehind);
  std::array series{Field(bourse_coverage_symbol),    Field(bourse_coverage_interval),
                    Field(bourse_coverage_from),      Field(bourse_coverage_to),
                    Field(bourse_coverage_candles),   Field(bourse_coverage_gaps),
                    Field(bourse_coverage_unknown),   Field(bourse_coverage_empty),
                    Field(bourse_coverage_conflicts), Field(bourse_coverage_behind)};
  std::array spans{Field(bourse_coverage_spans_symbol), Field(bourse_coverage_spans_interval),
                   Field(bourse_coverage_spans_from),   Field(bourse_coverage_spans_to),
                   Field(bourse_coverage_spans_state),  Field(bourse_coverage_spans_origin),
                   Field(bourse_coverage_spans_asked)};
  std::array<Field, 4> drawn{kDrawnSeries, kDrawnFrom, kDrawnPart, kDrawnKnown};
  return summary.table("coverage", "Coverage")
      .columns(series)
      .table("spans", "Spans")
      .columns(spans)
      .table("timeline", "Timeline")
      .columns(drawn)
      .optional();
}();

/// A dataset's table as it came, under another name.
void copy(const Call& call, const TableView& from, const char* name, const char* label,
          const bourse_field* const* fields, std::size_t n) {
  TableBuilder table(name, label);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t column = from.find(fields[i]->name).value();
    std::vector<bourse_value> cells(from.rows());
    for (std::size_t row = 0; row < from.rows(); ++row) cells[row] = from.cell(column, row);
    table.column(Field(*fields[i]), cells);
  }
  call.add(table);
}

std::int64_t sum(const TableView& table, const char* column) {
  std::int64_t total = 0;
  const auto cells = table.integers(column);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.has(column, row)) total += cells[row];
  }
  return total;
}

std::string series_name(const TableView& table, std::size_t row) {
  return std::string(view(table.texts("symbol")[row])) + " " +
         std::string(view(table.texts("interval")[row]));
}

void draw(const Call& call, const TableView& series, const TableView& spans) {
  const std::size_t drawn = std::min(series.rows(), kDrawnMax);
  if (drawn == 0) return;
  std::vector<std::string> names;
  for (std::size_t row = 0; row < drawn; ++row) names.push_back(series_name(series, row));
  std::vector<Known> known;
  for (std::size_t row = 0; row < spans.rows(); ++row) {
    if (view(spans.texts("state")[row]) != "known") continue;
    const auto at = std::find(names.begin(), names.end(), series_name(spans, row));
    if (at == names.end()) continue;
    // The dataset's instants are milliseconds: the last one lasts until the next begins.
    constexpr std::int64_t kRestOfIt = 999'999;
    known.push_back({static_cast<std::size_t>(at - names.begin()), Time{spans.times("from")[row]},
                     Time{spans.times("to")[row] + kRestOfIt}});
  }
  const Timeline made = timeline(known, drawn, kParts);
  if (made.begins.empty()) return;
  auto rows = call.begin("timeline", "Timeline", kDrawnSeries, kDrawnFrom, kDrawnPart, kDrawnKnown);
  for (std::size_t i = 0; i < drawn; ++i) {
    for (std::size_t part = 0; part < made.begins.size(); ++part) {
      rows.add(std::string_view(names[i]), Time{made.begins[part]},
               std::string_view(made.names[part]), made.known[i][part]);
    }
  }
  rows.flush();
  call.add(Chart(BOURSE_CHART_HEATMAP, "coverage", "How much is known, in %")
               .of("timeline")
               .channel(BOURSE_ROLE_X, "part")
               .channel(BOURSE_ROLE_Y, "series")
               .channel(BOURSE_ROLE_HEAT, "known")
               .range(0, 100));
  if (series.rows() > drawn) {
    call.note(BOURSE_LEVEL_INFO, "not_drawn",
              "The first " + std::to_string(drawn) + " of " + std::to_string(series.rows()) +
                  " series are drawn; name `symbols` and `intervals` for others.");
  }
}

struct Coverage {
  static constexpr About about{
      .id = "coverage",
      .title = "Coverage",
      .doc =
          "What a source that keeps a history has of each market and interval: from when to when, "
          "candles, gaps, conflicts.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr std::array params{
      Param("symbols", BOURSE_TYPE_LIST, "Markets; all that are kept when not given.")
          .labelled("Markets")
          .list_of(BOURSE_TYPE_TEXT)
          .bounds("1", "500"),
      Param("intervals", BOURSE_TYPE_LIST, "Lengths of candles; all when not given.")
          .labelled("Intervals")
          .list_of(BOURSE_TYPE_TEXT)
          .bounds("1", "16")};
  static constexpr auto returns = kReturns;
  static constexpr std::array datasets{
      &reads<"coverage", "symbol", "interval", "from", "to", "candles", "gaps", "unknown", "empty",
             "conflicts", "behind">,
      &reads<"coverage_spans", "symbol", "interval", "from", "to", "state", "origin", "asked">};

  void run(const Call& call, const Values& values) const {
    std::vector<Query> queries{Query("coverage"), Query("coverage_spans")};
    for (Query& query : queries) {
      for (const char* const name : {"symbols", "intervals"}) {
        if (values.given(name)) query.with(name, values.texts(name));
      }
    }
    const auto answers = call.ask(queries);
    for (const Answer& answer : answers) {
      if (!answer.ok()) throw answer.error();
    }
    const TableView series = answers[0].report().table(0);
    const TableView spans = answers[1].report().table(0);
    for (const Answer& answer : answers) call.notes_of(answer.report());
    call.scalar(kSeries, static_cast<std::int64_t>(series.rows()));
    call.scalar(kCandles, sum(series, "candles"));
    call.scalar(kGaps, sum(series, "gaps"));
    call.scalar(kConflicts, sum(series, "conflicts"));
    call.scalar(kBehind, sum(series, "behind"));
    copy(call, series, "coverage", "Coverage", bourse_coverage_fields,
         std::size(bourse_coverage_fields));
    copy(call, spans, "spans", "Spans", bourse_coverage_spans_fields,
         std::size(bourse_coverage_spans_fields));
    draw(call, series, spans);
    if (series.rows() == 0) {
      call.note(BOURSE_LEVEL_INFO, "nothing_kept", "Nothing of it is kept yet.");
    }
  }
};

}  // namespace
}  // namespace bourse::coverage

BOURSE_PLUGIN("bourse.coverage", "0.1.0", bourse::coverage::Coverage)
