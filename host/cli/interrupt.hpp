// SPDX-License-Identifier: MIT
//
// SIGINT, SIGTERM and SIGHUP of a command that works for long: the first one asks it to come to its
// end, the second one ends the process at once. They are heard by a thread that does nothing else,
// whatever hangs in the process.
#pragma once

#include <functional>
#include <memory>

namespace bourse::host {

class Interrupt {
 public:
  /// From now on the signals are blocked in this thread and those that it makes. REQUIRES: no other
  /// thread was made; once in a process.
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// From here on the first signal calls `first` and the second one `last`, after which the process
  /// ends with 128 and the number of the signal: 130 after Ctrl-C, 143 after SIGTERM. Before it,
  /// the first one ends the process so. Both are called on the thread that hears.
  void handle(std::function<void()> first, std::function<void()> last);
  /// The number of the first signal; 0: none came.
  [[nodiscard]] int heard() const noexcept;
  /// No more is called, and nothing is being called; the first signal ends the process again.
  void let_go();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< shared with the thread, which stays to the end of the process
};

}  // namespace bourse::host
