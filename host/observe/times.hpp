// SPDX-License-Identifier: MIT
//
// How long things took, in the buckets of a histogram. Counting takes no lock. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "host/observe/exposition.hpp"

namespace bourse::host {

class Times {
 public:
  /// Less than nothing is nothing.
  void count(std::chrono::microseconds elapsed) noexcept;
  /// Its buckets, sum and count. REQUIRES: `family` is a histogram, in seconds.
  void expose(Exposition& figures, const MetricFamily& family,
              const Exposition::Labels& labels) const;

 private:
  /// Seconds: those that Prometheus' clients begin with, and two for answers that were kept.
  static constexpr std::array<double, 13> kBounds = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,    1.0,   2.5,  5.0,   10.0};
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_time_{};
  std::atomic<std::uint64_t> microseconds_{0};
};

}  // namespace bourse::host
