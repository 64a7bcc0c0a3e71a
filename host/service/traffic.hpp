// SPDX-License-Identifier: MIT
//
// How many requests each route answered, with which kind of status, how long that took, how many
// bytes that were, and what of it was known already. A route
// is known by the template of its path, so its counts go on when another generation serves it from
// another place in its table; one that is gone keeps its counts. Counting takes no lock. [any
// thread]
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "host/answers/tally.hpp"
#include "host/observe/exposition.hpp"

namespace bourse::host {

class Traffic {
  struct Cell;

 public:
  /// Where the requests of one route are counted. Lives as long as its Traffic.
  class Counter {
   public:
    /// `status`: of HTTP, or kClientClosed. `elapsed`: from the last byte of the request to the
    /// answer.
    /// `bytes`: of the body that was sent.
    void count(int status, std::chrono::microseconds elapsed, std::size_t bytes) const noexcept;
    /// How its answers, and what they were made of, were come by.
    [[nodiscard]] Tally& tally() const noexcept { return cell_->tally; }

   private:
    friend class Traffic;
    explicit Counter(Cell& cell) : cell_(&cell) {}
    Cell* cell_;
  };

  /// For requests whose client left before the answer was there: no status that anybody saw.
  static constexpr int kClientClosed = 499;

  Traffic() : no_route_(cells_[""]) {}
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// The one of the route with this template, the same each time; from now on it is shown, though
  /// nothing was counted yet. Takes a lock: a generation asks once for each of its routes.
  [[nodiscard]] Counter of(const std::string& path_template);
  /// For requests that no route matched, or that were refused before it began.
  [[nodiscard]] Counter of_no_route() noexcept { return Counter(no_route_); }

  /// By template; the one of no route comes first.
  void expose(Exposition& figures) const;

 private:
  static constexpr std::array<double, 9> kBounds = {0.001, 0.0025, 0.01, 0.05, 0.1,
                                                    0.25,  0.5,    1.0,  5.0};  // seconds
  struct alignas(64) Cell {
    std::array<std::atomic<std::uint64_t>, 6> by_class{};  ///< 1xx to 5xx, kClientClosed
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> by_time{};
    std::atomic<std::uint64_t> microseconds{0};
    std::atomic<std::uint64_t> body_bytes{0};
    Tally tally;
  };
  static void expose(Exposition& figures, const std::string& route, const Cell& cell);
  static void expose_ways(Exposition& figures, const std::string& route, const Tally& tally);

  mutable std::mutex mutex_;           ///< of the map, not of what is in its cells
  std::map<std::string, Cell> cells_;  ///< by template, which begins with "/"; "": no route
  Cell& no_route_;
};

}  // namespace bourse::host
