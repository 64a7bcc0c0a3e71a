// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace bourse::charting {
namespace {

using Order = std::vector<std::size_t>;

TEST(Cluster, JoinsTheNearestFirstByHand) {
  // Likeness: 0-2 0.9; 1-3 0.8; then {0,2} with {1,3} at the mean 0.2; 4 last at 0.
  // Ends: of 0 2 and 1 3 the nearest are 2 and 3 (0.5), so 1 3 is turned: 0 2 3 1; 4 stands by 1
  // (0.1).
  const std::vector<double> likeness = {1,   0.1, 0.9,  0.1, 0,     //
                                        0.1, 1,   0.1,  0.8, 0.1,   //
                                        0.9, 0.1, 1,    0.5, -0.1,  //
                                        0.1, 0.8, 0.5,  1,   0,     //
                                        0,   0.1, -0.1, 0,   1};
  EXPECT_EQ(cluster_order(likeness, 5), (Order{0, 2, 3, 1, 4}));
}

TEST(Cluster, KindsThatAreMixedComeApart) {
  // Things i and j are alike where i and j are of one kind, i % 3.
  constexpr std::size_t kCount = 60;
  std::vector<double> likeness(kCount * kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    for (std::size_t j = 0; j < kCount; ++j) {
      likeness[i * kCount + j] = i == j ? 1 : i % 3 == j % 3 ? 0.8 : 0.1;
    }
  }
  const Order order = cluster_order(likeness, kCount);
  std::size_t changes = 0;
  for (std::size_t i = 1; i < order.size(); ++i) changes += order[i] % 3 != order[i - 1] % 3;
  EXPECT_EQ(changes, 2U);
  EXPECT_EQ(cluster_order(likeness, kCount), order);
}

TEST(Cluster, HasEachOnceWhateverTheNumbers) {
  for (const double value : {0.0, 1.0, -1.0, std::nan("")}) {
    for (const std::size_t n : {0, 1, 2, 17}) {
      Order order = cluster_order(std::vector<double>(n * n, value), n), all(n);
      std::iota(all.begin(), all.end(), std::size_t{0});
      std::sort(order.begin(), order.end());
      EXPECT_EQ(order, all);
    }
  }
}

}  // namespace
}  // namespace bourse::charting
