// SPDX-License-Identifier: MIT
//
// Another program, in a process group of its own. What it writes, to both outputs, is handed over
// as it comes. Ended as a group, at the latest when this object goes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

class Process {
 public:
  /// Gets what it writes, in pieces, on a thread of this object.
  using Output = std::function<void(std::string_view)>;

  Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// `words`: the program, looked for as a shell does, and its arguments. `folder`: where it works.
  /// Failure: it could not be started. REQUIRES: none was started.
  Result<void> start(const std::vector<std::string>& words, const std::string& folder,
                     Output output);
  /// False: it has not ended by then.
  bool wait_until(std::chrono::steady_clock::time_point end);
  /// Asks the group to end, and ends it at once when it has not after `patience`.
  void stop(std::chrono::milliseconds patience);
  void signal(int number);

  [[nodiscard]] bool is_running();
  /// When it has ended: its code; 128 and the signal's number when a signal ended it.
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

 private:
  void read(int fd, const Output& output);
  bool reap(bool wait);

  pid_t pid_ = -1;
  bool ended_ = false;
  int exit_code_ = -1;
  std::thread reader_;
};

}  // namespace bourse::host
