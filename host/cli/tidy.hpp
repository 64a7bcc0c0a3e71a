// SPDX-License-Identifier: MIT
//
// Gives back to the system what a burst took, once the process has little to do: malloc keeps what
// was freed, which is right while the next answer needs it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace bourse::host {

class Tidy {
 public:
  /// Looks every `period`; where less than a fiftieth of it was computed in, and something since
  /// the last time, memory is given back. Throws std::system_error when there is no thread.
  explicit Tidy(std::chrono::milliseconds period = std::chrono::seconds(5));
  ~Tidy();
  Tidy(const Tidy&) = delete;
  Tidy& operator=(const Tidy&) = delete;

 private:
  void loop();

  const std::chrono::milliseconds period_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;  ///< guarded by mutex_
  std::thread thread_;   ///< last: it uses all of the above
};

/// How many of malloc's arenas suit this machine. Each keeps what was freed in it.
[[nodiscard]] int arenas_wanted() noexcept;

}  // namespace bourse::host
