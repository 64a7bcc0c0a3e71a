// SPDX-License-Identifier: MIT
//
// The calls that let go of plugins, destroy and deinit, as they go on: a plugin may never return
// from one, and who waits for the end of the process is to be told which.
#pragma once

#include <chrono>
#include <list>
#include <string>
#include <vector>

namespace bourse::host {

/// One such call, as long as this lives. [any thread]
class Ending {
 public:
  explicit Ending(std::string call);  ///< "destroy of acme.trend/zscore"
  ~Ending();
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;

  /// Those that go on now, the oldest first.
  [[nodiscard]] static std::vector<std::string> all();
  /// From now on one that goes on for longer than `limit` is given to `late`, on a thread of its
  /// own. For a command that ends when its plugins have. Once.
  static void bound(std::chrono::milliseconds limit, void (*late)(const std::string& call));

 private:
  struct Registry;
  struct Entry {
    std::string call;
    std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  };
  static Registry& registry();
  static void watch();

  std::list<Entry>::iterator place_;
};

/// From now on no library is unloaded any more: a thread that a plugin forgot would run on where
/// there is no code. For the end of the process, which unloads all. deinit is still called.
void keep_libraries_loaded() noexcept;
[[nodiscard]] bool libraries_stay_loaded() noexcept;

}  // namespace bourse::host
