// SPDX-License-Identifier: MIT
//
// correlation: gathers candles (gather.hpp), computes (matrix.hpp, portfolio.hpp) and says what
// came out.
#include "bourse/plugin.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bourse/reads.hpp"
#include "bourse/words.hpp"
#include "plugins/analyses/correlation/fields.hpp"
#include "plugins/analyses/correlation/gather.hpp"
#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/portfolio.hpp"
#include "plugins/analyses/correlation/request.hpp"
#include "plugins/analyses/correlation/returns.hpp"

namespace bourse::correlation {
namespace {

constexpr std::size_t kStrongest = 20;  // pairs in the chart

using Symbols = std::vector<std::string>;

/// Texts of columns are borrowed from `symbols`.
struct PairColumns {
  PairColumns(const Symbols& symbols, std::span<const Pair> pairs, std::size_t observations)
      : counts(pairs.size(), static_cast<std::int64_t>(observations)) {
    for (const Pair& pair : pairs) {
      first.emplace_back(symbols[pair.first]);
      second.emplace_back(symbols[pair.second]);
      correlations.push_back(pair.correlation);
      p_values.push_back(pair.p_value);
    }
  }
  std::vector<std::string_view> first, second;
  std::vector<double> correlations, p_values;
  std::vector<std::int64_t> counts;
};

void say_matrix(const Call& call, const Symbols& symbols, const Matrix& matrix) {
  std::vector<std::string_view> first, second;
  for (const std::string& row : symbols) {
    first.insert(first.end(), symbols.size(), row);
    second.insert(second.end(), symbols.begin(), symbols.end());
  }
  TableBuilder table("matrix", "Correlation of every asset with every other");
  table.column(kAsset1, first).column(kAsset2, second).column(kCorrelation, matrix.values());
  call.add(table);
}

void say_pairs(const Call& call, const Symbols& symbols, std::span<const Pair> pairs,
               std::size_t observations) {
  const PairColumns columns(symbols, pairs, observations);
  TableBuilder table("pairs", "Pairs, the strongest first");
  table.column(kAsset1, columns.first)
      .column(kAsset2, columns.second)
      .column(kCorrelation, columns.correlations)
      .column(kPValue, columns.p_values)
      .column(kPairObservations, columns.counts);
  call.add(table);
}

/// What the bar chart shows: the pairs are in order already.
void say_strongest(const Call& call, const Symbols& symbols, std::span<const Pair> pairs) {
  std::vector<std::string> names;
  std::vector<double> correlations;
  for (const Pair& pair : pairs.first(std::min(kStrongest, pairs.size()))) {
    if (std::isnan(pair.correlation)) break;  // none has one from here on
    names.push_back(symbols[pair.first] + " / " + symbols[pair.second]);
    correlations.push_back(pair.correlation);
  }
  TableBuilder table("strongest_pairs", "The strongest pairs, of either sign");
  table.column(kPair, names).column(kCorrelation, correlations);
  call.add(table);
}

/// Classes from the highest correlation to the lowest; the most negative pair is the last one.
void say_clusters(const Call& call, const Symbols& symbols, std::vector<Pair> pairs) {
  std::erase_if(pairs, [](const Pair& p) { return std::isnan(p.correlation); });
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const Pair& a, const Pair& b) { return a.correlation > b.correlation; });
  const PairColumns columns(symbols, pairs, 0);
  std::vector<std::string_view> classes;
  for (const Pair& pair : pairs) classes.push_back(class_of(pair.correlation));
  TableBuilder table("clusters", "Pairs by class");
  table.column(kAsset1, columns.first)
      .column(kAsset2, columns.second)
      .column(kCorrelation, columns.correlations)
      .column(kClass, classes);
  call.add(table);
}

void say_assets(const Call& call, const Gathered& data, const Rows& returns, double year_factor) {
  std::vector<double> means, deviations, volatilities, totals, drawdowns;
  std::vector<std::int64_t> missing_candles, missing_returns;
  for (std::size_t m = 0; m < returns.size(); ++m) {
    const double percent = 100.0 * deviation(returns[m]);
    means.push_back(100.0 * mean(returns[m]));
    deviations.push_back(percent);
    volatilities.push_back(percent * year_factor);
    totals.push_back(100.0 * total_return(data.joined.closes_of(m)));
    drawdowns.push_back(100.0 * max_drawdown(data.joined.closes_of(m)));
    missing_candles.push_back(data.missing[m].candles());
    missing_returns.push_back(data.missing[m].returns);
  }
  TableBuilder table("assets", "Assets");
  table.column(kAsset, data.symbols)
      .column(kMeanReturn, means)
      .column(kReturnDeviation, deviations)
      .column(kAnnualVolatility, volatilities)
      .column(kTotalReturn, totals)
      .column(kMaxDrawdown, drawdowns)
      .column(kMissingCandles, missing_candles)
      .column(kMissingReturns, missing_returns);
  call.add(table);
}

void say_summary(const Call& call, const Gathered& data, std::size_t observations) {
  call.scalar(kAssets, data.symbols.size());
  call.scalar(kObservations, observations);
  call.scalar(kFrom, Time{data.joined.times.front()});
  call.scalar(kTo, Time{data.joined.times.back()});
  call.scalar(kNotCompared,
              data.window.places - 1 - std::min(data.window.places - 1, observations));
}

void say_portfolio(const Call& call, const Matrix& matrix, std::span<const Pair> pairs,
                   const Rows& returns, double year_factor) {
  const PairSummary summary = summarise(pairs);
  const Holding holding = equal_weights(returns);
  call.scalar(kAverage, summary.average);
  call.scalar(kDiversification, 1.0 - summary.average);
  call.scalar(kMaximum, summary.maximum);
  call.scalar(kMinimum, summary.minimum);
  call.scalar(kDeviation, summary.deviation);
  call.scalar(kFirstComponent, first_component_share(matrix));
  call.scalar(kVolatility, 100.0 * holding.volatility * year_factor);
  call.scalar(kDiversificationRatio, holding.diversification_ratio);

  const Regime regime = regime_of(summary.average);
  const auto say = [&call](const Field& field, std::string_view word) {
    call.scalar(field, word.empty() ? std::optional<std::string_view>() : word);
  };
  say(kCorrelationRegime, regime.correlation_regime);
  say(kDiversificationQuality, regime.diversification_quality);
  say(kSystemicRisk, regime.systemic_risk);
}

void say_flat(const Call& call, const Symbols& symbols, const Matrix& matrix) {
  for (std::size_t m = 0; m < symbols.size(); ++m) {
    if (!std::isnan(matrix(m, m))) continue;
    call.warn("flat_series", symbols[m] +
                                 " has no correlations: its returns are all the same in this "
                                 "window, so they move with nothing.");
  }
}

void say_charts(const Call& call) {
  call.add(Chart(BOURSE_CHART_HEATMAP, "correlation_matrix", "Correlation matrix")
               .of("matrix")
               .channel(BOURSE_ROLE_X, "asset_2")
               .channel(BOURSE_ROLE_Y, "asset_1")
               .channel(BOURSE_ROLE_HEAT, "correlation")
               .range(-1, 1));
  call.add(Chart(BOURSE_CHART_BAR, "strongest_pairs", "Strongest pairs")
               .of("strongest_pairs")
               .channel(BOURSE_ROLE_X, "pair")
               .channel(BOURSE_ROLE_Y, "correlation")
               .range(-1, 1));
}

std::string title_of(const Gathered& data, const Request& request) {
  const std::string span = request.start
                               ? time_text(data.window.from) + " to " + time_text(data.window.to)
                               : std::to_string(request.days) + " days";
  return "Correlation of " + std::to_string(data.symbols.size()) + " markets, " + span + " of " +
         std::string(request.interval.name());
}

void say_request(const Call& call, const Request& request, const Values& values) {
  call.meta("interval", request.interval.name());
  if (!request.start) call.meta("days", request.days);
  if (request.start) call.meta("start", *request.start);
  if (request.end) call.meta("end", *request.end);
  call.meta("method", values.text("method"));
  call.meta("returns", values.text("returns"));
}

class Correlation {
 public:
  static constexpr About about{
      .id = "correlation",
      .title = "Correlation",
      .doc =
          "How the returns of several markets move together: matrix, pairs with their "
          "significance, and what a portfolio of them gains by diversification.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE};
  static constexpr auto params = kParams;
  static constexpr auto returns = kReturns;
  static constexpr std::array config{kRowsMax};
  static constexpr std::array datasets{&reads<"candles", "open_time", "close", "closed?">};

  explicit Correlation(const Values& settings)
      : rows_max_(static_cast<std::size_t>(settings.integer("rows_max"))) {}

  void run(const Call& call, const Values& values) const {
    const Request request = read_request(call, values, rows_max_);
    const Gathered data = gather(call, request);
    call.poll();
    const Rows moves = returns_of(data.joined, request.return_kind);
    call.poll();
    const Matrix matrix = correlate(moves, request.method, [&call] { call.poll(); });
    const std::vector<Pair> pairs = pairs_of(matrix, moves.columns());
    const double year_factor = std::sqrt(candles_a_year(request.interval));

    call.title(title_of(data, request));
    say_request(call, request, values);
    say_flat(call, data.symbols, matrix);
    say_summary(call, data, moves.columns());
    say_portfolio(call, matrix, pairs, moves, year_factor);
    say_matrix(call, data.symbols, matrix);
    say_pairs(call, data.symbols, pairs, moves.columns());
    say_strongest(call, data.symbols, pairs);
    if (request.clusters) say_clusters(call, data.symbols, pairs);
    say_assets(call, data, moves, year_factor);
    say_charts(call);
  }

 private:
  std::size_t rows_max_;
};

}  // namespace
}  // namespace bourse::correlation

BOURSE_PLUGIN("bourse.correlation", "0.1.0", bourse::correlation::Correlation)
