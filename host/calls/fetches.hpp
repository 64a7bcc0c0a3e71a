// SPDX-License-Identifier: MIT
//
// How what sources were asked ended: how long that took, which errors there were, and whether the
// source was of use the last time. A source is known by its name in the configuration, so its
// counts outlive a generation. What was kept, or joined another's question, asked nobody and is not
// counted. [any thread]
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>

#include "host/base/failure.hpp"
#include "host/observe/exposition.hpp"
#include "host/observe/times.hpp"

namespace bourse::host {

/// Those of one source.
class FetchesOf {
 public:
  /// Codes of errors that are counted apart; more of them together, as "other".
  static constexpr std::size_t kCodesMax = 32;

  /// `failure`: null when it delivered. Takes a lock only when it did not.
  void count(std::chrono::microseconds elapsed, const Failure* failure) noexcept;
  /// Another instance has this name now, and nobody has asked it.
  void forget_up() noexcept { up_.store(Up::kUnknown, std::memory_order_relaxed); }

 private:
  friend class Fetches;
  enum class Up : std::uint8_t { kUnknown, kNo, kYes };

  Times times_;
  std::atomic<Up> up_{Up::kUnknown};
  mutable std::mutex mutex_;                     ///< of errors_
  std::map<std::string, std::uint64_t> errors_;  ///< by code
};

/// Those of all sources.
class Fetches {
 public:
  /// The same each time; lives as long as this object. From now on the source is shown.
  [[nodiscard]] FetchesOf& of(const std::string& source);
  /// `served`: the names of the sources that there are now. Those that have gone keep their counts,
  /// but nobody is told that they are down.
  void expose(Exposition& figures, const std::set<std::string>& served) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, FetchesOf> sources_;  ///< its elements stay where they are
};

}  // namespace bourse::host
