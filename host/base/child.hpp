// SPDX-License-Identifier: MIT
//
// This program once more, as a child that may crash, hang, print without end or call exit: what a
// plugin's code can do to a process is done to that one.
//
// It is started by posix_spawn (no fork without exec: the parent may have threads), in a process
// group of its own, and ended as a group by SIGKILL at the latest when its time is over. What it
// printed is kept up to a bound and read to its end beyond that, so that it never waits for its
// reader. What it tells goes through a Record, never through what it prints. Where the parent is
// killed, the child is, too.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "host/base/record.hpp"
#include "host/base/result.hpp"

namespace bourse::host {

struct ChildRequest {
  /// What follows the name of the program: a word of kChildWord's commands first.
  std::vector<std::string> arguments = {};
  std::chrono::nanoseconds limit = std::chrono::seconds(45);  ///< of wall time
  std::size_t output_bytes_max = std::size_t{16} << 10;       ///< kept of each of the two
  std::size_t record_bytes_max = std::size_t{1} << 20;
};

struct ChildOutcome {
  int exit_code = 0;          ///< when `signal` is 0
  int signal = 0;             ///< what ended it
  bool is_timed_out = false;  ///< it was ended because its time was over
  bool is_complete = false;   ///< it said that all is told
  bool is_cut = false;        ///< there was no room for all that it told
  std::string record = {};    ///< lines of Record::append, whole
  std::string output = {};    ///< the beginning of what it wrote to standard output
  std::string errors = {};    ///< and to standard error
  std::chrono::nanoseconds took{};

  /// It came to its end and said so: record, status and signal agree. A record alone proves
  /// nothing, because destructors run after it; nor does a status, because a plugin may call exit.
  [[nodiscard]] bool is_good() const noexcept {
    return is_complete && exit_code == 0 && signal == 0 && !is_timed_out;
  }
  /// "ended by SIGSEGV (segmentation fault)", "called exit(0) before it was done", "did not end
  /// within 45 s and was killed"; empty when it is_good().
  [[nodiscard]] std::string how_it_ended(std::chrono::nanoseconds limit) const;
};

/// The word with which main hands over to what a child does; no user types it. The child finds its
/// record at descriptor kRecordDescriptor.
inline constexpr const char* kChildWord = "--bourse-child";
inline constexpr int kRecordDescriptor = 3;

/// Runs it to its end. When this returns no process of its group is left. Failure: it could not be
/// started, "no_child". [any thread, several at once]
Result<ChildOutcome> run_child(const ChildRequest& request);

/// For the child, first of all: ends with its parent. `parent` is the parent's process id; false
/// when that is gone already.
[[nodiscard]] bool die_with_parent(long parent) noexcept;

/// "SIGSEGV".
[[nodiscard]] std::string signal_name(int signal);

}  // namespace bourse::host
