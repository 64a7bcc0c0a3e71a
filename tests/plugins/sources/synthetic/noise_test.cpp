// SPDX-License-Identifier: MIT
#include "plugins/sources/synthetic/noise.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bourse::synthetic {
namespace {

// The published sequence of SplitMix64 for the seed 1234567 (Rosetta Code, "Pseudo-random
// numbers/Splitmix64").
TEST(Stream, IsSplitMix64) {
  const Stream stream(1234567);
  EXPECT_EQ(stream.at(0), 6457827717110365317u);
  EXPECT_EQ(stream.at(1), 3203168211198807973u);
  EXPECT_EQ(stream.at(2), 9817491932198370423u);
  EXPECT_EQ(stream.at(3), 4593380528125082431u);
  EXPECT_EQ(stream.at(4), 16408922859458223821u);
}

TEST(Stream, ChildrenAreUnrelated) {
  const Stream stream(42);
  EXPECT_NE(stream.child(0).at(0), stream.child(1).at(0));
  EXPECT_NE(stream.child(0).at(0), stream.at(0));
  int equal_bits = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    equal_bits += 64 - std::popcount(stream.child(i).at(0) ^ stream.child(i + 1).at(0));
  }
  EXPECT_NEAR(equal_bits / 1000.0, 32, 0.6);  // 4 deviations of a fair coin
}

TEST(Normal, HasMeanZeroAndDeviationOneAndABound) {
  const Stream stream(7);
  double sum = 0, squares = 0;
  constexpr int kDraws = 200'000;
  for (int i = 0; i < kDraws; ++i) {
    const std::int64_t x = normal(stream.at(static_cast<std::uint64_t>(i)));
    EXPECT_LE(x < 0 ? -x : x, 228'000);  // 3.47 in Q16
    sum += static_cast<double>(x) / 65536;
    squares += static_cast<double>(x) / 65536 * static_cast<double>(x) / 65536;
  }
  EXPECT_NEAR(sum / kDraws, 0, 0.01);
  EXPECT_NEAR(squares / kDraws, 1, 0.015);
  EXPECT_NEAR(static_cast<double>(normal(0)), -static_cast<double>(normal(~std::uint64_t{0})), 1);
}

TEST(Exponential, HasMeanTwo) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 1024; ++i) sum += static_cast<double>(exponential(i)) / 64;
  EXPECT_NEAR(sum / 1024, 2, 0.02);
  EXPECT_EQ(exponential(0), 975);  // -2 ln(1 / 2048) x 64 = 975.95, by Python's decimal
}

TEST(SquareRoot, IsExactAroundSquares) {
  for (const std::int64_t r :
       {1LL, 2LL, 3LL, 65535LL, 94906265LL, 94906267LL, 1234567890LL, 2147483646LL}) {
    EXPECT_EQ(square_root(r * r), r);
    EXPECT_EQ(square_root(r * r - 1), r - 1);
    EXPECT_EQ(square_root(r * r + 2 * r), r);
  }
  EXPECT_EQ(square_root(0), 0);
}

// Reference values by Python's decimal module with 60 digits.
TEST(Log2, AgreesWithPythonsDecimal) {
  EXPECT_EQ(log2_of(1), 0);
  EXPECT_EQ(log2_of(std::uint64_t{1} << 40), std::int64_t{40} << kLogBits);
  EXPECT_EQ(log2_of(3), 425460131);
  EXPECT_EQ(log2_of(10), 891723282);
  EXPECT_EQ(log2_of(9'700'000), 6230267028);
  EXPECT_EQ(log2_of(std::numeric_limits<std::int64_t>::max()), 16911433727);
}

TEST(TimesPowerOfTwo, AgreesWithPythonsDecimal) {
  EXPECT_EQ(times_power_of_two(12345, 0), 12345);
  EXPECT_EQ(times_power_of_two(12345, std::int64_t{3} << kLogBits), 12345 * 8);
  EXPECT_NEAR(static_cast<double>(times_power_of_two(1'000'000, std::int64_t{1} << 27)), 1414213.56,
              1);
  EXPECT_NEAR(static_cast<double>(times_power_of_two(123'456'789, 872415232)), 1174525534.99, 1);
  EXPECT_NEAR(static_cast<double>(times_power_of_two(987'654'321, -1912602624)), 7075648.48, 1);
  EXPECT_EQ(times_power_of_two(1, -(std::int64_t{200} << kLogBits)), 0);
}

TEST(Extreme, LiesBeyondBothEnds) {
  const Stream stream(9);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const auto from = static_cast<std::int64_t>(stream.at(3 * i) % 20'000'000);
    const auto to = static_cast<std::int64_t>(stream.at(3 * i + 1) % 20'000'000);
    const auto deviation = static_cast<std::int64_t>(stream.at(3 * i + 2) % 40'000'000);
    const std::int64_t high = extreme(from, to, deviation, exponential(stream.at(i)));
    EXPECT_GE(high, std::max(from, to));
    EXPECT_LE(-extreme(-from, -to, deviation, exponential(stream.at(i))), std::min(from, to));
  }
  EXPECT_EQ(extreme(100, 200, 0, 500), 200);
}

// For a path that ends where it began, P(max - start > m) = exp(-2 m^2 / s^2): its mean is
// s sqrt(pi / 8), 0.6267 s.
TEST(Extreme, StraysAsFarAsABrownianBridge) {
  double sum = 0;
  for (std::uint64_t i = 0; i < 1024; ++i) {
    sum += static_cast<double>(extreme(0, 0, 1000 << 4, exponential(i)));
  }
  EXPECT_NEAR(sum / 1024, 626.7, 5);  // rounded down, from 1024 quantiles
}

}  // namespace
}  // namespace bourse::synthetic
