// SPDX-License-Identifier: MIT
//
// Returns, correlations, p-values, eigenvalues and portfolios against SciPy and NumPy
// (reference.hpp, written by reference.py) and against arithmetic by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "plugins/analyses/correlation/eigenvalue.hpp"
#include "plugins/analyses/correlation/matrix.hpp"
#include "plugins/analyses/correlation/portfolio.hpp"
#include "plugins/analyses/correlation/returns.hpp"
#include "plugins/analyses/correlation/student.hpp"
#include "tests/plugins/analyses/correlation/reference.hpp"

namespace bourse::correlation {
namespace {

using testing::ElementsAre;

Joined joined(const std::vector<std::vector<double>>& closes) {
  Joined out;
  for (std::size_t i = 0; i < closes.front().size(); ++i) {
    out.times.push_back(static_cast<std::int64_t>(i));
    out.follows.push_back(i == 0 ? 0 : 1);
  }
  out.returns = closes.front().size() - 1;
  for (std::size_t m = 0; m < closes.size(); ++m) {
    out.kept.push_back(m);
    out.closes.insert(out.closes.end(), closes[m].begin(), closes[m].end());
  }
  return out;
}

Joined reference_closes() {
  std::vector<std::vector<double>> closes;
  for (std::size_t m = 0; m < reference::kMarkets; ++m) {
    const auto* first = reference::kCloses.data() + m * reference::kTimes;
    closes.emplace_back(first, first + reference::kTimes);
  }
  return joined(closes);
}

/// Of `rows`, each the values that returns_of would have made.
Rows rows_of(const std::vector<std::vector<double>>& rows) {
  Rows out(rows.size(), rows.front().size());
  for (std::size_t m = 0; m < rows.size(); ++m) {
    std::copy(rows[m].begin(), rows[m].end(), out[m].begin());
  }
  return out;
}

void expect_pairs(const Matrix& matrix, const auto& expected, const auto& expected_p) {
  std::size_t i = 0;
  for (std::size_t a = 0; a < reference::kMarkets; ++a) {
    for (std::size_t b = a + 1; b < reference::kMarkets; ++b, ++i) {
      EXPECT_NEAR(matrix(a, b), expected[i], 1e-14) << a << ", " << b;
      EXPECT_EQ(matrix(a, b), matrix(b, a));
      const double p = two_sided_p_value(matrix(a, b), reference::kTimes - 1);
      EXPECT_NEAR(p / expected_p[i], 1.0, 1e-10) << a << ", " << b;
    }
  }
}

TEST(Correlation, PearsonEqualsSciPy) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kSimple);
  expect_pairs(correlate(returns, Method::kPearson), reference::kPearson, reference::kPearsonP);
}

TEST(Correlation, PearsonOfLogReturnsEqualsSciPy) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kLog);
  expect_pairs(correlate(returns, Method::kPearson), reference::kPearsonLog,
               reference::kPearsonLogP);
}

TEST(Correlation, SpearmanWithTiesEqualsSciPy) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kSimple);
  expect_pairs(correlate(returns, Method::kSpearman), reference::kSpearman, reference::kSpearmanP);
}

TEST(Correlation, TiesShareTheMeanOfTheirPlaces) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kSimple);
  std::vector<double> out(returns.columns());
  ranks(returns[0], out);
  EXPECT_THAT(out, testing::ElementsAreArray(reference::kRanks));
  // By hand: 5 comes first, the two 7 share places 2 and 3, 9 is fourth.
  std::vector<double> four(4);
  ranks(std::vector<double>{7, 9, 5, 7}, four);
  EXPECT_THAT(four, ElementsAre(2.5, 4, 1, 2.5));
}

TEST(Correlation, MatrixPollsOfEachMarketAndEndsWhenThatThrows) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kSimple);
  for (const Method method : {Method::kPearson, Method::kSpearman}) {
    std::size_t polls = 0;
    (void)correlate(returns, method, [&] { ++polls; });
    EXPECT_EQ(polls, 2 * reference::kMarkets);
    struct Gone {};
    EXPECT_THROW((void)correlate(returns, method, [] { throw Gone(); }), Gone);
  }
}

TEST(Correlation, ASmallCaseByHand) {
  // Deviations from the means 2 and 4: (-1, 0, 1) and (-2, -1, 3). Products sum to 5, squares to 2
  // and 14: r = 5 / sqrt(28).
  const Matrix matrix = correlate(rows_of({{1, 2, 3}, {2, 3, 7}}), Method::kPearson);
  EXPECT_NEAR(matrix(0, 1), 5.0 / std::sqrt(28.0), 1e-15);
  EXPECT_EQ(matrix(0, 0), 1.0);
}

TEST(Correlation, OppositeMovesAreMinusOneAndNeverBeyond) {
  const Matrix matrix =
      correlate(rows_of({{0.1, -0.2, 0.3}, {-0.1, 0.2, -0.3}, {0.3, -0.6, 0.9}}), Method::kPearson);
  EXPECT_NEAR(matrix(0, 1), -1.0, 1e-15);
  EXPECT_GE(matrix(0, 1), -1.0);
  EXPECT_NEAR(matrix(0, 2), 1.0, 1e-15);
  EXPECT_LE(matrix(0, 2), 1.0);
}

TEST(Correlation, AFlatSeriesHasNoneNotEvenWithItself) {
  const Matrix matrix = correlate(rows_of({{0, 0, 0}, {1, 2, 4}, {3, 1, 2}}), Method::kPearson);
  EXPECT_TRUE(std::isnan(matrix(0, 0)));
  EXPECT_TRUE(std::isnan(matrix(0, 1)));
  EXPECT_TRUE(std::isnan(matrix(2, 0)));
  EXPECT_FALSE(std::isnan(matrix(1, 2)));
}

TEST(Correlation, RoundingOfAConstantGrowthIsNotAMovement) {
  // Every return is 1 %, but the doubles differ in their last bits: their "correlation" is noise.
  std::vector<double> grows, moves;
  for (int i = 0; i < 40; ++i) {
    grows.push_back(70000.0 * std::pow(1.01, i));
    moves.push_back(100.0 + (i * 7 % 5));
  }
  for (const auto kind : {ReturnKind::kSimple, ReturnKind::kLog}) {
    const Rows returns = returns_of(joined({grows, moves}), kind);
    ASSERT_NE(*std::min_element(returns[0].begin(), returns[0].end()),
              *std::max_element(returns[0].begin(), returns[0].end()));
    EXPECT_FALSE(varies(returns[0]));
    for (const auto method : {Method::kPearson, Method::kSpearman}) {
      EXPECT_TRUE(std::isnan(correlate(returns, method)(0, 1)));
    }
  }
}

TEST(Correlation, NoReturnGoesOverAHole) {
  // 1, 2 | 4, 5, 10: by hand 2 / 1 - 1, 5 / 4 - 1 and 10 / 5 - 1, and no 4 / 2 - 1.
  Joined closes = joined({{1, 2, 4, 5, 10}});
  closes.follows[2] = 0;
  closes.returns = 3;
  const Rows returns = returns_of(closes, ReturnKind::kSimple);
  EXPECT_THAT(returns[0], ElementsAre(1.0, 0.25, 1.0));
  EXPECT_EQ(returns.columns(), 3u);
}

TEST(Correlation, OneTickOfAnExpensiveCoinIsAMovement) {
  std::vector<double> closes(365, 100000.0);
  closes[100] = 100000.00000001;
  EXPECT_TRUE(varies(returns_of(joined({closes}), ReturnKind::kSimple)[0]));
}

TEST(Pairs, StrongNegativeOnesComeBeforeWeakPositiveOnes) {
  Matrix matrix(4);
  const double r[4][4] = {
      {1, 0.2, -0.9, 0.5}, {0.2, 1, -0.1, NAN}, {-0.9, -0.1, 1, 0}, {0.5, NAN, 0, 1}};
  for (std::size_t a = 0; a < 4; ++a) {
    for (std::size_t b = 0; b < 4; ++b) matrix(a, b) = r[a][b];
  }
  const auto pairs = pairs_of(matrix, 30);
  ASSERT_EQ(pairs.size(), 6u);  // no diagonal, each once
  std::vector<double> shown;
  for (const Pair& p : pairs) shown.push_back(p.correlation);
  EXPECT_THAT(std::vector<double>(shown.begin(), shown.begin() + 5),
              ElementsAre(-0.9, 0.5, 0.2, -0.1, 0.0));
  EXPECT_TRUE(std::isnan(shown[5]));
  EXPECT_TRUE(std::isnan(pairs[5].p_value));
  EXPECT_EQ(pairs[0].first, 0u);
  EXPECT_EQ(pairs[0].second, 2u);
}

TEST(Pairs, ClassesMeetAtTheirBounds) {
  EXPECT_EQ(class_of(1.0), "high");
  EXPECT_EQ(class_of(0.81), "high");
  EXPECT_EQ(class_of(0.8), "moderate");
  EXPECT_EQ(class_of(0.5), "moderate");
  EXPECT_EQ(class_of(0.49), "low");
  EXPECT_EQ(class_of(0.0), "low");
  EXPECT_EQ(class_of(-0.01), "negative");
}

TEST(PValue, EqualsSciPyFromCertainToHopeless) {
  for (const auto& c : reference::kPValues) {
    EXPECT_NEAR(two_sided_p_value(c.r, c.n) / c.p, 1.0, 1e-10) << c.r << " of " << c.n;
  }
}

TEST(PValue, OfAPerfectCorrelationIsZeroAndOfTwoPointsUnknown) {
  EXPECT_EQ(two_sided_p_value(1.0, 10), 0.0);
  EXPECT_EQ(two_sided_p_value(-1.0, 3), 0.0);
  EXPECT_TRUE(std::isnan(two_sided_p_value(1.0, 2)));
  EXPECT_TRUE(std::isnan(two_sided_p_value(NAN, 30)));
}

TEST(Eigenvalue, EqualsNumPy) {
  const auto largest = [](const auto& values, std::size_t size) {
    return largest_eigenvalue({values.begin(), values.end()}, size);
  };
  EXPECT_NEAR(largest(reference::kSymmetric2, 2), reference::kLargest2, 1e-14);
  EXPECT_NEAR(largest(reference::kSymmetric3, 3), reference::kLargest3, 1e-14);
  EXPECT_NEAR(largest(reference::kSymmetric8, 8), reference::kLargest8, 1e-14);
}

TEST(Eigenvalue, OfMatricesWhoseAnswerIsKnown) {
  EXPECT_EQ(largest_eigenvalue({0.25}, 1), 0.25);
  for (const std::size_t n : {2u, 3u, 50u}) {
    std::vector<double> identity(n * n), ones(n * n, 1.0), shared(n * n, 0.3);
    for (std::size_t i = 0; i < n; ++i) identity[i * n + i] = shared[i * n + i] = 1.0;
    EXPECT_NEAR(largest_eigenvalue(identity, n), 1.0, 1e-14);  // all equal: no gap to use
    EXPECT_NEAR(largest_eigenvalue(ones, n), static_cast<double>(n), 1e-13);
    // 1 + (n - 1) r for one correlation r between all.
    EXPECT_NEAR(largest_eigenvalue(shared, n), 1.0 + 0.3 * static_cast<double>(n - 1), 1e-13);
  }
}

TEST(Eigenvalue, SeesTwoEqualBlocksWhosePowerIterationWouldStall) {
  // Two pairs with r = 0.6: eigenvalues 1.6, 1.6, 0.4, 0.4.
  EXPECT_NEAR(largest_eigenvalue({1, 0.6, 0, 0, 0.6, 1, 0, 0, 0, 0, 1, 0.6, 0, 0, 0.6, 1}, 4), 1.6,
              1e-14);
}

TEST(Portfolio, TheAverageIsWithoutTheDiagonal) {
  const Matrix matrix = correlate(rows_of({{1, 2, 3}, {2, 3, 7}}), Method::kPearson);
  const PairSummary summary = summarise(pairs_of(matrix, 3));
  EXPECT_NEAR(summary.average, 5.0 / std::sqrt(28.0), 1e-15);  // with it: (2 + 2 r) / 4
  EXPECT_TRUE(std::isnan(summary.deviation));                  // of one pair
}

TEST(Portfolio, SummarisesPairsAsByHand) {
  const std::vector<Pair> pairs = {
      {0, 1, 0.9, 0}, {0, 2, -0.3, 0}, {1, 2, 0.6, 0}, {0, 3, NAN, NAN}};
  const PairSummary summary = summarise(pairs);
  EXPECT_NEAR(summary.average, 0.4, 1e-15);
  EXPECT_EQ(summary.maximum, 0.9);
  EXPECT_EQ(summary.minimum, -0.3);
  EXPECT_NEAR(summary.deviation, std::sqrt((0.25 + 0.49 + 0.04) / 2), 1e-15);
  EXPECT_TRUE(std::isnan(summarise({}).average));
}

TEST(Portfolio, FirstComponentEqualsNumPyAndLeavesFlatMarketsOut) {
  const Rows returns = returns_of(reference_closes(), ReturnKind::kSimple);
  EXPECT_NEAR(first_component_share(correlate(returns, Method::kPearson)),
              reference::kEigenvalues.back() / reference::kMarkets, 1e-14);
  const Rows with_flat = rows_of({{1, 2, 3}, {0, 0, 0}, {2, 3, 7}});
  EXPECT_NEAR(first_component_share(correlate(with_flat, Method::kPearson)),
              (1.0 + 5.0 / std::sqrt(28.0)) / 2.0, 1e-14);
  EXPECT_TRUE(
      std::isnan(first_component_share(correlate(rows_of({{1, 2}, {0, 0}}), Method::kPearson))));
}

TEST(Portfolio, AssetsAndEqualWeightsEqualNumPy) {
  const Joined closes = reference_closes();
  const Rows returns = returns_of(closes, ReturnKind::kSimple);
  for (std::size_t m = 0; m < reference::kMarkets; ++m) {
    EXPECT_NEAR(mean(returns[m]), reference::kMeans[m], 1e-16);
    EXPECT_NEAR(deviation(returns[m]), reference::kDeviations[m], 1e-16);
    EXPECT_NEAR(total_return(closes.closes_of(m)), reference::kTotals[m], 1e-15);
    EXPECT_NEAR(max_drawdown(closes.closes_of(m)), reference::kDrawdowns[m], 1e-15);
  }
  EXPECT_NEAR(equal_weights(returns).volatility, reference::kHolding[0], 1e-16);
  EXPECT_NEAR(equal_weights(returns).diversification_ratio, reference::kHolding[1], 1e-13);
}

TEST(Portfolio, APerfectHedgeHasNoVolatilityAndNoRatio) {
  const Holding holding = equal_weights(rows_of({{0.1, -0.2, 0.3}, {-0.1, 0.2, -0.3}}));
  EXPECT_EQ(holding.volatility, 0.0);
  EXPECT_TRUE(std::isnan(holding.diversification_ratio));
}

TEST(Portfolio, DrawdownIsAgainstAnEarlierHigh) {
  EXPECT_DOUBLE_EQ(max_drawdown(std::vector<double>{100, 120, 60, 130, 104}), 0.5);
  EXPECT_EQ(max_drawdown(std::vector<double>{1, 2, 3}), 0.0);
}

TEST(Portfolio, RegimesMeetAtTheirBounds) {
  EXPECT_EQ(regime_of(0.81).correlation_regime, "highly_correlated");
  EXPECT_EQ(regime_of(0.8).correlation_regime, "moderately_correlated");
  EXPECT_EQ(regime_of(0.5).correlation_regime, "diversified");
  EXPECT_EQ(regime_of(0.81).diversification_quality, "poor");
  EXPECT_EQ(regime_of(0.8).diversification_quality, "moderate");
  EXPECT_EQ(regime_of(-0.5).diversification_quality, "good");
  EXPECT_EQ(regime_of(0.71).systemic_risk, "high");
  EXPECT_EQ(regime_of(0.7).systemic_risk, "moderate");
  EXPECT_EQ(regime_of(0.4).systemic_risk, "low");
  EXPECT_TRUE(regime_of(NAN).systemic_risk.empty());
}

}  // namespace
}  // namespace bourse::correlation
