// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace bourse::charting {
namespace {

using Leaves = std::vector<std::size_t>;

class Groups {
 public:
  Groups(const std::vector<double>& likeness, std::size_t n) : n_(n), away_(n * n), groups_(n) {
    double least = std::numeric_limits<double>::infinity();
    for (const double v : likeness) {
      if (!std::isnan(v)) least = std::min(least, v);
    }
    for (std::size_t i = 0; i < away_.size(); ++i) {
      away_[i] = std::isnan(likeness[i]) ? -least : -likeness[i];
    }
    between_ = away_;
    for (std::size_t i = 0; i < n; ++i) groups_[i] = {i};
  }

  Leaves joined() && {
    for (std::size_t left = n_; left > 1; --left) join_nearest();
    return n_ == 0 ? Leaves{} : std::move(groups_.front());
  }

 private:
  /// Of leaves, and of groups by their first number.
  [[nodiscard]] double away(std::size_t a, std::size_t b) const { return away_[a * n_ + b]; }
  double& between(std::size_t a, std::size_t b) { return between_[a * n_ + b]; }

  void join_nearest() {
    std::size_t first = n_, second = n_;
    for (std::size_t a = 0; a < n_; ++a) {
      if (groups_[a].empty()) continue;
      for (std::size_t b = a + 1; b < n_; ++b) {
        if (groups_[b].empty()) continue;
        if (first == n_ || between(a, b) < between(first, second)) first = a, second = b;
      }
    }
    const auto of_first = static_cast<double>(groups_[first].size());
    const auto of_second = static_cast<double>(groups_[second].size());
    for (std::size_t other = 0; other < n_; ++other) {
      if (groups_[other].empty() || other == first || other == second) continue;
      const double mean = (of_first * between(first, other) + of_second * between(second, other)) /
                          (of_first + of_second);
      between(first, other) = between(other, first) = mean;
    }
    append(groups_[first], std::move(groups_[second]));
    groups_[second].clear();
  }

  /// With the two nearest of their four ends side by side.
  void append(Leaves& a, Leaves b) const {
    const double as_they_are = away(a.back(), b.front()), second = away(a.back(), b.back());
    const double first = away(a.front(), b.front()), both = away(a.front(), b.back());
    const double nearest = std::min({as_they_are, second, first, both});
    if (nearest < as_they_are) {
      if (second == nearest) {
        std::reverse(b.begin(), b.end());
      } else {
        std::reverse(a.begin(), a.end());
        if (first != nearest) std::reverse(b.begin(), b.end());
      }
    }
    a.insert(a.end(), b.begin(), b.end());
  }

  std::size_t n_;
  std::vector<double> away_, between_;
  std::vector<Leaves> groups_;
};

}  // namespace

std::vector<std::size_t> cluster_order(const std::vector<double>& likeness, std::size_t n) {
  return Groups(likeness, n).joined();
}

}  // namespace bourse::charting
