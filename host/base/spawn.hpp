// SPDX-License-Identifier: MIT
//
// How a program is started: in a process group of its own, and with signals as a program finds them
// that a shell starts, none blocked and none ignored, whatever this process has done to its own.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace bourse::host {

class Spawn {
 public:
  Spawn();
  Spawn(const Spawn&) = delete;
  Spawn& operator=(const Spawn&) = delete;
  ~Spawn();

  /// Descriptor `from` of this process is `to` of that one.
  void move(int from, int to);
  /// Its standard input is at its end.
  void open_nothing_to_read();
  /// Where it begins.
  void enter(const std::string& folder);

  /// 0, or errno. A program without "/" is looked for in PATH; `words` begin with its name. [any
  /// thread]
  [[nodiscard]] int start(pid_t& process, const std::string& program,
                          const std::vector<std::string>& words) const;

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace bourse::host
