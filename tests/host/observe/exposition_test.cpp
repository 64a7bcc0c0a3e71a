// SPDX-License-Identifier: MIT
//
// The format: https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format".
#include "host/observe/exposition.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/observe/process.hpp"

namespace bourse::host::test {
namespace {

const MetricFamily kCount{"a_total", "All of a.", MetricKind::kCounter};
const MetricFamily kLevel{"b", "How b is.", MetricKind::kGauge};

TEST(Exposition, FamiliesComeOutTogetherInTheOrderOfTheirFirstValue) {
  Exposition figures;
  figures.add(kCount, {{"x", "1"}}, 3);
  figures.add(kLevel, {}, 0.25);
  figures.add(kCount, {{"x", "2"}, {"y", "z"}}, 1e21);
  EXPECT_EQ(figures.text(),
            "# HELP a_total All of a.\n# TYPE a_total counter\n"
            "a_total{x=\"1\"} 3\na_total{x=\"2\",y=\"z\"} 1e+21\n"
            "# HELP b How b is.\n# TYPE b gauge\nb 0.25\n");
}

TEST(Exposition, EscapesWhatWouldBreakALine) {
  Exposition figures;
  figures.add({"a", "back\\slash\nand \"quotes\"", MetricKind::kGauge}, {{"x", "\"\\\n"}}, 1);
  EXPECT_EQ(figures.text(),
            "# HELP a back\\\\slash\\nand \"quotes\"\n# TYPE a gauge\n"
            "a{x=\"\\\"\\\\\\n\"} 1\n");
}

TEST(Exposition, WholeNumbersHaveNoExponent) {
  Exposition figures;
  for (const double value : {300000.0, -2.0, 0.0, 0.00002, 1e15}) figures.add(kLevel, {}, value);
  EXPECT_NE(figures.text().find("b 300000\nb -2\nb 0\nb 2e-05\nb 1e+15\n"), std::string::npos)
      << figures.text();
}

TEST(Exposition, NumbersThatAreNoneHaveTheirNames) {
  Exposition figures;
  figures.add(kLevel, {}, std::nan(""));
  figures.add(kLevel, {}, std::numeric_limits<double>::infinity());
  figures.add(kLevel, {}, -std::numeric_limits<double>::infinity());
  EXPECT_NE(figures.text().find("b NaN\nb +Inf\nb -Inf\n"), std::string::npos);
}

TEST(Exposition, APartOfAHistogramHasTheFamilysTypeAndItsOwnName) {
  Exposition figures;
  const MetricFamily time{"t_seconds", "Time.", MetricKind::kHistogram};
  figures.add(time, {{"le", "+Inf"}}, 2, "_bucket");
  figures.add(time, {}, 2, "_count");
  EXPECT_EQ(figures.text(),
            "# HELP t_seconds Time.\n# TYPE t_seconds histogram\n"
            "t_seconds_bucket{le=\"+Inf\"} 2\nt_seconds_count 2\n");
}

TEST(Exposition, ANameThatChangesItsKindIsLeftOut) {
  Exposition figures;
  EXPECT_TRUE(figures.add(kLevel, {}, 1));
  EXPECT_FALSE(figures.add({"b", "", MetricKind::kCounter}, {}, 2));
  EXPECT_EQ(figures.text().find("b 2"), std::string::npos);
}

TEST(Exposition, ThePartsOfAHistogramAreNobodyElses) {
  const MetricFamily time{"t_seconds", "Time.", MetricKind::kHistogram};
  for (const char* const part : {"t_seconds_bucket", "t_seconds_sum", "t_seconds_count"}) {
    const MetricFamily same{part, "", MetricKind::kGauge};
    Exposition first;
    EXPECT_TRUE(first.declare(time));
    EXPECT_FALSE(first.add(same, {}, 1)) << part;
    Exposition last;
    EXPECT_TRUE(last.add(same, {}, 1));
    EXPECT_FALSE(last.declare(time)) << part;
  }
}

// OpenMetrics calls a counter by its name without "_total", so to a scraper that speaks it the two
// are one family of two kinds.
TEST(Exposition, ACounterAndAGaugeDoNotDifferByTotalAlone) {
  const MetricFamily gauge{"b_connections", "", MetricKind::kGauge};
  const MetricFamily counter{"b_connections_total", "", MetricKind::kCounter};
  Exposition first;
  EXPECT_TRUE(first.declare(gauge));
  EXPECT_FALSE(first.add(counter, {}, 1));
  Exposition last;
  EXPECT_TRUE(last.declare(counter));
  EXPECT_FALSE(last.add(gauge, {}, 1));
  EXPECT_TRUE(last.add(counter, {}, 1));
}

TEST(Exposition, AFamilyWithoutAValueIsNotShown) {
  Exposition figures;
  EXPECT_TRUE(figures.declare(kLevel));
  EXPECT_FALSE(figures.add({"b", "", MetricKind::kCounter}, {}, 2)) << "but its name is taken";
  EXPECT_EQ(figures.text(), "");
}

TEST(Process, KnowsItself) {
  Exposition figures;
  expose_process(figures);
  const std::string text = figures.text();
  for (const char* const name :
       {"process_cpu_seconds_total ", "process_resident_memory_bytes ", "process_open_fds ",
        "process_max_fds ", "process_start_time_seconds "}) {
    EXPECT_NE(text.find(std::string("\n") + name), std::string::npos) << name << text;
  }
  const auto at = text.find("\nprocess_resident_memory_bytes ");
  const double bytes = std::stod(text.substr(at + 31));
  EXPECT_GT(bytes, 1e6) << "a process with less than a megabyte does not exist";
  EXPECT_LT(bytes, 1e12);
  const auto start = text.find("\nprocess_start_time_seconds ");
  EXPECT_GT(std::stod(text.substr(start + 28)), 1.6e9) << "after 2020";
}

}  // namespace
}  // namespace bourse::host::test
