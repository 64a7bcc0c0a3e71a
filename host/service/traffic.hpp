// SPDX-License-Identifier: MIT
//
// How many requests each route answered, by analysis, format and status, how long that took, how
// many bytes that were, and what of it was known already. A route is known by the template of its
// path, so its counts go on when another generation serves it from another place in its table; one
// that is gone keeps its counts. Counting takes no lock. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/answers/tally.hpp"
#include "host/observe/exposition.hpp"
#include "host/observe/times.hpp"

namespace bourse::host {

/// How often each status was the answer. The first kStatusesMax that occur are counted apart, more
/// of them together: a plugin may answer with any of 400 to 599. [any thread]
class StatusCounts {
 public:
  static constexpr std::size_t kStatusesMax = 24;
  /// `status` > 0.
  void count(int status) noexcept;
  /// Those that there were: (status, times); status 0 stands for all that had no place.
  [[nodiscard]] std::map<int, std::uint64_t> all() const;

 private:
  struct Place {
    std::atomic<int> status{0};  ///< 0: free
    std::atomic<std::uint64_t> times{0};
  };
  std::array<Place, kStatusesMax> places_{};
  std::atomic<std::uint64_t> others_{0};
};

class Traffic {
  struct Cell;

 public:
  /// What a request asked of its route: indices in the lists that of() was given.
  struct Asked {
    std::size_t analysis = 0;
    std::size_t format = 0;
  };

  /// Where the requests of one route are counted. Lives as long as its Traffic.
  class Counter {
   public:
    /// `status`: of HTTP, or kClientClosed. `elapsed`: from the last byte of the request to the
    /// answer.
    /// `bytes`: of the body that was sent.
    void count(Asked asked, int status, std::chrono::microseconds elapsed,
               std::size_t bytes) const noexcept;
    /// Of one that was refused before it was known what it asks.
    void count_refused(int status, std::chrono::microseconds elapsed,
                       std::size_t bytes) const noexcept;
    /// How its answers, and what they were made of, were come by.
    [[nodiscard]] Tally& tally() const noexcept;

   private:
    friend class Traffic;
    Cell* cell_ = nullptr;
    StatusCounts* refused_ = nullptr;
    std::vector<StatusCounts*> asked_ = {};  ///< one for each analysis and format
    std::size_t formats_ = 0;
  };

  /// For requests whose client left before the answer was there: no status that anybody saw.
  static constexpr int kClientClosed = 499;

  Traffic() : no_route_(of("", {}, {})) {}
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

  /// The one of the route with this template, which counts where those before it did; from now on
  /// the route is shown, though nothing was counted yet. Takes a lock: a generation asks once for
  /// each of its routes.
  [[nodiscard]] Counter of(const std::string& path_template,
                           const std::vector<std::string>& analyses,
                           const std::vector<std::string>& formats);
  /// For requests that no route matched, or that were refused before it began: count_refused().
  [[nodiscard]] const Counter& of_no_route() const noexcept { return no_route_; }

  /// By template; the one of no route comes first.
  void expose(Exposition& figures) const;

 private:
  /// (analysis, format); ("", ""): it was refused before that was known.
  using Pair = std::pair<std::string, std::string>;
  struct alignas(64) Cell {
    std::map<Pair, StatusCounts> statuses;  ///< grows under mutex_ only, and its elements stay
    Times times;
    std::atomic<std::uint64_t> body_bytes{0};
    Tally tally;
  };
  static void expose(Exposition& figures, const std::string& route, const Cell& cell);
  static void expose_ways(Exposition& figures, const std::string& route, const Tally& tally);

  mutable std::mutex mutex_;           ///< of the maps, not of what is in their elements
  std::map<std::string, Cell> cells_;  ///< by template, which begins with "/"; "": no route
  const Counter no_route_;
};

}  // namespace bourse::host
