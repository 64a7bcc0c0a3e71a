// SPDX-License-Identifier: MIT
//
// A unit test without a framework and without a server: bourse/testing.hpp.
#include <cmath>
#include <cstdio>

#include "bourse/testing.hpp"

using namespace bourse::testing;

namespace {
int failures = 0;
void check(bool claim, const char* what) {
  if (claim) return;
  std::fprintf(stderr, "zscore_test: not so: %s\n", what);
  ++failures;
}
}  // namespace

int main() {
  Host host;
  const auto days = times({"2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"});
  host.answer("candles", {{"open_time", days}, {"close", decimals({"5", "1", "2", "3"})}});
  Plugin plugin(host, bourse_plugin_v1);
  const Component zscore = plugin.component("zscore");

  const Result result = zscore.run({{"symbol", "BTCUSDT"}, {"window", "3"}, {"limit", "2"}});
  check(result.ok(), result.failure.text().c_str());
  check(result.asked.at(0)["limit"] == 4, "it asks for two candles more than it shows scores");
  const std::vector<double> scores = result.table("series").reals("zscore");
  check(std::isnan(scores[0]) && std::isnan(scores[1]), "a window that is not full has no score");
  // 5, 1, 2 have the mean 8/3 and the variance 26/9; 1, 2, 3 have 2 and 2/3.
  check(std::abs(scores[2] - -2.0 / std::sqrt(26.0)) < 1e-15, "the score of 2 after 5 and 1");
  check(std::abs(scores[3] - std::sqrt(1.5)) < 1e-15, "the score of 3 after 1 and 2");
  check(result.chart("zscore").field(BOURSE_ROLE_Y) == "zscore", "its chart shows the score");
  check(result.differences.empty(), "it returns what it declares");

  host.answer("candles", {{"open_time", days}, {"close", decimals({"0.1", "0.1", "0.1", "0.1"})}});
  const Result flat = zscore.run({{"symbol", "BTCUSDT"}, {"window", "3"}});
  check(flat.table("series")["zscore"][3].is_null(), "what never moved has no score");

  host.answer("candles", {BOURSE_UPSTREAM, "exchange_down", "It does not answer."});
  check(zscore.run({{"symbol", "BTCUSDT"}}).failure.code == "exchange_down", "failures are told");
  return failures == 0 ? 0 : 1;
}
