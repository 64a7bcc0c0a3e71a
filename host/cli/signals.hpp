// SPDX-License-Identifier: MIT
//
// What the system tells a server by signals, heard by a thread that does nothing else: whatever
// hangs in the process, the second signal ends it.
//
//   SIGTERM, SIGINT, SIGQUIT   stop; the second one ends the process at once, exit code 1
//   SIGHUP                     what on_hangup says
//   SIGUSR1                    what on_reopen says
//   SIGUSR2                    a line in the log
#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace bourse::host {

class Signals {
 public:
  /// Blocks the signals in this thread and those that it makes from now on, so that no other sees
  /// them. REQUIRES: no other thread was made; once in a process.
  Signals();

  /// Calls `hung_up` at each SIGHUP, on the thread that hears; it must return at once. Those that
  /// came before this are one call, now.
  void on_hangup(std::function<void()> hung_up);
  /// Calls `reopen` at each SIGUSR1, on the thread that hears; it must return at once. False: there
  /// is nothing to open anew, and the signal means nothing.
  void on_reopen(bool (*reopen)());
  /// True: the process was told to stop, now or before. False: not within `limit`.
  bool await_stop(std::chrono::nanoseconds limit);
  /// Waits for it as long as it takes.
  void await_stop();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< shared with the thread, which stays to the end of the process
};

}  // namespace bourse::host
