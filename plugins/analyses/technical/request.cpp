// SPDX-License-Identifier: MIT
#include "plugins/analyses/technical/request.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/words.hpp"
#include "plugins/analyses/technical/fields.hpp"
#include "plugins/analyses/technical/history.hpp"

namespace bourse::technical {
namespace {

std::size_t count(const Values& values, std::string_view name) {
  return static_cast<std::size_t>(values.integer(name));
}

void require_faster(std::string_view fast, std::size_t fast_period, std::string_view slow,
                    std::size_t slow_period) {
  if (fast_period < slow_period) return;
  const std::string name(fast);
  throw Error(BOURSE_BAD_PARAM, "parameters_disagree",
              name + " (" + std::to_string(fast_period) + ") must be less than " +
                  std::string(slow) + " (" + std::to_string(slow_period) + ")")
      .blame(name);
}

Settings read_settings(const Values& values) {
  Settings s;
  s.sma_fast = count(values, "sma_fast");
  s.sma_slow = count(values, "sma_slow");
  s.rsi_period = count(values, "rsi_period");
  s.rsi_method = values.text("rsi_method") == "cutler" ? RsiMethod::kCutler : RsiMethod::kWilder;
  s.macd = {count(values, "macd_fast"), count(values, "macd_slow"), count(values, "macd_signal")};
  s.bollinger_period = count(values, "bollinger_period");
  s.bollinger_deviations = values.real("bollinger_deviations");
  s.atr_period = count(values, "atr_period");
  s.stochastic = {count(values, "stochastic_period"), count(values, "stochastic_smoothing"),
                  count(values, "stochastic_signal")};
  require_faster("sma_fast", s.sma_fast, "sma_slow", s.sma_slow);
  require_faster("macd_fast", s.macd.fast, "macd_slow", s.macd.slow);
  return s;
}

/// Rows before the first shown one: what indicators need, and the start of its day, for VWAP, where
/// one query can reach it.
std::size_t rows_before(const Settings& settings, Interval interval) {
  const std::size_t day = candles_of_a_day(interval);
  return std::max(warm_up_rows(settings), day <= kPageRows ? day : 0);
}

/// 100, unless the request says how many, or where to begin: then all of them.
std::size_t read_limit(const Values& values, std::size_t rows_max) {
  if (values.given("limit")) return count(values, "limit");
  return values.given("start") ? rows_max : kLimitWithoutStart;
}

void require_ascending(std::optional<Time> start, std::optional<Time> end) {
  if (!start || !end || *start <= *end) return;
  throw Error(BOURSE_BAD_PARAM, "parameters_disagree",
              "end (" + time_text(*end) + ") must not be before start (" + time_text(*start) + ")")
      .blame("end");
}

}  // namespace

Request read_request(const Values& values, std::size_t rows_max) {
  const Settings settings = read_settings(values);
  const Interval interval =
      Interval::parse(values.text("interval")).value();  // checked: one of bourse_intervals
  const std::size_t limit = read_limit(values, rows_max);
  const Request request{.settings = settings,
                        .wanted = {.symbol = std::string(values.text("symbol")),
                                   .interval = interval,
                                   .start = values.maybe<Time>("start"),
                                   .end = values.maybe<Time>("end"),
                                   .limit = std::min(limit, rows_max),
                                   .warm_up = rows_before(settings, interval)},
                        .asked = limit};
  require_ascending(request.wanted.start, request.wanted.end);
  return request;
}

}  // namespace bourse::technical
