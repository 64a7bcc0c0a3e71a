// SPDX-License-Identifier: MIT
//
// Properties over thousands of seeded ranges; expected ticks of the examples are by hand.
#include "plugins/serializers/charting/ticks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace bourse::charting {
namespace {

std::vector<double> values(Span span, std::size_t most) { return number_ticks(span, most).values; }

TEST(NumberTicks, AreRoundNumbersInsideTheSpan) {
  EXPECT_EQ(values({0, 100}, 5), (std::vector<double>{0, 50, 100}));
  EXPECT_EQ(values({0, 100}, 6), (std::vector<double>{0, 20, 40, 60, 80, 100}));
  EXPECT_EQ(values({-0.25, 0.25}, 4), (std::vector<double>{-0.2, 0, 0.2}));
  EXPECT_EQ(values({-0.25, 0.25}, 6), (std::vector<double>{-0.2, -0.1, 0, 0.1, 0.2}));
  EXPECT_EQ(values({85'990.5, 96'407.99}, 6),
            (std::vector<double>{86'000, 88'000, 90'000, 92'000, 94'000, 96'000}));
  EXPECT_EQ(values({0.00001225, 0.0000126}, 4),
            (std::vector<double>{0.0000123, 0.0000124, 0.0000125, 0.0000126}));
}

TEST(NumberTicks, ZeroIsNeverNegative) {
  for (const double tick : values({-3, 3}, 7)) {
    EXPECT_FALSE(tick == 0 && std::signbit(tick));
  }
}

TEST(Settle, MakesASpanOfWhateverItGets) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const Span span : {Span{5, 5}, Span{0, 0}, Span{-kInfinity, kInfinity}, Span{kInfinity, 3},
                          Span{std::nan(""), std::nan("")}, Span{1e308, -1e308}, Span{5e-324, 0},
                          Span{1e17, 1e17 + 16}, Span{-42.5, -42.5}}) {
    const Span settled = settle(span);
    EXPECT_TRUE(std::isfinite(settled.low) && std::isfinite(settled.high));
    EXPECT_LT(settled.low, settled.high);
    EXPECT_TRUE(std::isfinite(settled.length()));
    EXPECT_FALSE(values(settled, 5).empty()) << span.low << " " << span.high;
  }
}

TEST(Settle, LeavesAProperSpanAlone) {
  EXPECT_EQ(settle({1, 2}).low, 1);
  EXPECT_EQ(settle({1, 2}).high, 2);
  EXPECT_EQ(settle({2, 1}).low, 1);
}

/// Spans of all sizes at all places, as far as doubles go.
class SeededSpans : public testing::Test {
 protected:
  Span next() {
    const double magnitude = std::pow(10.0, static_cast<double>(random_() % 560) - 280);
    const double low = (unit() * 2 - 1) * magnitude;
    const double length = magnitude * std::pow(10.0, -8 * unit());
    return settle({low, low + length});
  }
  std::size_t count() { return 1 + random_() % 30; }

 private:
  double unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  std::mt19937_64 random_{42};
};

TEST_F(SeededSpans, TicksAreMultiplesOfOneTwoOrFiveTimesAPowerOfTen) {
  for (int i = 0; i < 20'000; ++i) {
    const Span span = next();
    const Ticks ticks = number_ticks(span, count());
    ASSERT_TRUE(ticks.step.mantissa == 1 || ticks.step.mantissa == 2 || ticks.step.mantissa == 5);
    for (const double tick : ticks.values) {
      const double times = tick / ticks.step.value();
      ASSERT_NEAR(times, std::round(times), 1e-6 * std::max(1.0, std::fabs(times)) * 1e-6 + 1e-6)
          << tick;
    }
  }
}

TEST_F(SeededSpans, TicksAreInsideRisingAndAsManyAsAsked) {
  for (int i = 0; i < 20'000; ++i) {
    const Span span = next();
    const std::size_t most = count();
    const auto ticks = values(span, most);
    ASSERT_LE(ticks.size(), most);
    for (std::size_t t = 0; t < ticks.size(); ++t) {
      ASSERT_GE(ticks[t], span.low);
      ASSERT_LE(ticks[t], span.high);
      ASSERT_TRUE(t == 0 || ticks[t] > ticks[t - 1]);
    }
    // The step above has at most 2.5 times fewer: there is always something to read off.
    ASSERT_TRUE(most < 6 || ticks.size() >= 2) << span.low << " " << span.high;
  }
}

TEST_F(SeededSpans, LabelsOfOneAxisAreAllDifferent) {
  for (int i = 0; i < 20'000; ++i) {
    const Span span = next();
    const Ticks ticks = number_ticks(span, count());
    const double largest = std::max(std::fabs(span.low), std::fabs(span.high));
    std::set<std::string> labels;
    for (const double tick : ticks.values) {
      labels.insert(format_number(tick, axis_format(ticks.step, largest, 1e4)));
    }
    ASSERT_EQ(labels.size(), ticks.values.size()) << span.low << " " << span.high;
  }
}

std::vector<double> values(const std::vector<LogTick>& ticks) {
  std::vector<double> out;
  for (const LogTick& tick : ticks) out.push_back(tick.value);
  return out;
}

TEST(LogTicks, AreOneTwoAndFiveOfEveryDecadeWhileTheyFit) {
  EXPECT_EQ(values(log_ticks({0, 2}, 10)), (std::vector<double>{1, 2, 5, 10, 20, 50, 100}));
  EXPECT_EQ(values(log_ticks({0, 2}, 4)), (std::vector<double>{1, 10, 100}));
  EXPECT_EQ(values(log_ticks({-2, 6}, 5)), (std::vector<double>{0.01, 1, 100, 1e4, 1e6}));
}

TEST(LogTicks, WithinADecadeTheyAreThoseOfAnOrdinaryAxis) {
  EXPECT_EQ(values(log_ticks({std::log10(59'000.0), std::log10(99'000.0)}, 4)),
            (std::vector<double>{60'000, 70'000, 80'000, 90'000}));
}

TEST(LogTicks, RiseAndStayInside) {
  for (const double low : {-300.0, -17.3, -0.2, 3.7, 280.0}) {
    for (const double length : {0.001, 0.4, 1.0, 7.7, 19.0}) {
      for (const std::size_t most : {1U, 2U, 5U, 40U}) {
        const auto ticks = log_ticks({low, low + length}, most);
        EXPECT_LE(ticks.size(), std::max<std::size_t>(most, 2)) << low << " " << length;
        double before = 0;
        for (const LogTick& tick : ticks) {
          EXPECT_GT(tick.value, before);
          EXPECT_GE(std::log10(tick.value), low - 1e-9);
          EXPECT_LE(std::log10(tick.value), low + length + 1e-9);
          before = tick.value;
        }
      }
    }
  }
}

}  // namespace
}  // namespace bourse::charting
