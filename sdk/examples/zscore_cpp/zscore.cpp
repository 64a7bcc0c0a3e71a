// SPDX-License-Identifier: MIT
//
// An analysis with a chart: how many standard deviations (of the whole window) a close is away from
// the mean of the last `window` closes, itself among them.
#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include "bourse/plugin.hpp"
#include "bourse/reads.hpp"

namespace {

using bourse::Field;
constexpr Field kTime(bourse_candles_open_time), kClose(bourse_candles_close);
constexpr Field kScore = Field("zscore", BOURSE_TYPE_F64).labelled("z-score");

/// NaN, which becomes null, where the window never moved.
double score(std::span<const double> window) {
  const auto [low, high] = std::minmax_element(window.begin(), window.end());
  if (*low == *high) return std::nan("");
  const auto n = static_cast<double>(window.size());
  double sum = 0, squares = 0;
  for (const double close : window) sum += close;
  for (const double close : window) squares += (close - sum / n) * (close - sum / n);
  return (window.back() - sum / n) / std::sqrt(squares / n);
}

struct ZScore {
  static constexpr bourse::About about{.id = "zscore",
                                       .title = "Z-score of the close",
                                       .parts = BOURSE_PART_TABLES | BOURSE_PART_CHARTS,
                                       .flags = BOURSE_COMPONENT_PURE};
  static constexpr std::array params{
      bourse::Param("symbol", BOURSE_TYPE_TEXT, "Market.").required().bounds("1", "40"),
      bourse::Param("window", BOURSE_TYPE_I64, "Closes.").with_default("20").bounds("2", "500"),
      bourse::Param("limit", BOURSE_TYPE_I64, "Scores.").with_default("200").bounds("1", "4000")};
  static constexpr std::array datasets{&bourse::reads<"candles", "open_time", "close">};
  static constexpr auto returns = bourse::Returns().table("series", "", kTime, kClose, kScore);

  void run(bourse::Call& call, const bourse::Values& values) const {
    const auto before = static_cast<std::size_t>(values.integer("window") - 1);
    bourse::Query query("candles");  // as many more as the first score looks back on
    query.with("symbol", values.text("symbol"))
        .with("limit", values.integer("limit") + values.integer("window") - 1);
    const bourse::TableView rows = call.ask(query).table(0);
    const std::vector<double> closes = rows.decimals("close").to_doubles();
    std::vector<double> scores(closes.size(), std::nan(""));
    for (std::size_t row = before; row < closes.size(); ++row) {
      scores[row] = score(std::span(closes).subspan(row - before, before + 1));
    }
    bourse::TableBuilder series("series", "");
    series.column(kTime, rows.times("open_time")).column(kClose, rows.decimals("close"));
    call.add(series.column(kScore, scores));
    bourse::Chart line(BOURSE_CHART_LINE, "zscore", "Z-score");
    line.of("series").channel(BOURSE_ROLE_X, "open_time").channel(BOURSE_ROLE_Y, "zscore");
    call.add(line.level(-2, "low").level(2, "high"));
  }
};
}  // namespace

BOURSE_PLUGIN("example.zscore", "1.0.0", ZScore)
