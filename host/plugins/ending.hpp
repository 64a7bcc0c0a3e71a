// SPDX-License-Identifier: MIT
//
// The calls that let go of plugins, destroy and deinit, as they go on: a plugin may never return
// from one, and who waits for the end of the process is to be told which.
#pragma once

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

 private:
  struct Registry;
  static Registry& registry();

  std::list<std::string>::iterator place_;
};

/// From now on no library is unloaded any more: a thread that a plugin forgot would run on where
/// there is no code. For the end of the process, which unloads all. deinit is still called.
void keep_libraries_loaded() noexcept;
[[nodiscard]] bool libraries_stay_loaded() noexcept;

}  // namespace bourse::host
