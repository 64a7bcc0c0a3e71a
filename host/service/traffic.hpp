// SPDX-License-Identifier: MIT
//
// How many requests each route answered, with which kind of status, and how long that took.
// Counting takes no lock. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/observe/exposition.hpp"

namespace bourse::host {

class Traffic {
 public:
  /// For requests that no route matched, or that were refused before it began.
  static constexpr std::size_t kNoRoute = static_cast<std::size_t>(-1);

  /// `routes`: their path templates; count() names them by index.
  explicit Traffic(std::vector<std::string> routes);

  /// For requests whose client left before the answer was there: no status that anybody saw.
  static constexpr int kClientClosed = 499;

  /// `status`: of HTTP, or kClientClosed. `elapsed`: from the last byte of the request to the
  /// answer.
  void count(std::size_t route, int status, std::chrono::microseconds elapsed) noexcept;
  void expose(Exposition& figures) const;

 private:
  static constexpr std::array<double, 9> kBounds = {0.001, 0.0025, 0.01, 0.05, 0.1,
                                                    0.25,  0.5,    1.0,  5.0};  // seconds
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  ///< 1xx to 5xx, kClientClosed
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_time{};
    std::atomic<std::uint64_t> microseconds{0};
  };

  std::vector<std::string> routes_;
  std::vector<Cell> cells_;  ///< one more than routes: the last is for kNoRoute
};

}  // namespace bourse::host
