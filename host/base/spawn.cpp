// SPDX-License-Identifier: MIT
#include "host/base/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

namespace bourse::host {

Spawn::Spawn() {
  posix_spawn_file_actions_init(&files_);
  posix_spawnattr_init(&attributes_);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setpgroup(&attributes_, 0);
  posix_spawnattr_setsigmask(&attributes_, &none);
  posix_spawnattr_setsigdefault(&attributes_, &all);
  posix_spawnattr_setflags(&attributes_,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

Spawn::~Spawn() {
  posix_spawnattr_destroy(&attributes_);
  posix_spawn_file_actions_destroy(&files_);
}

void Spawn::move(int from, int to) { posix_spawn_file_actions_adddup2(&files_, from, to); }

void Spawn::open_nothing_to_read() {
  posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
}

void Spawn::enter(const std::string& folder) {
  posix_spawn_file_actions_addchdir_np(&files_, folder.c_str());
}

int Spawn::start(pid_t& process, const std::string& program,
                 const std::vector<std::string>& words) const {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  return posix_spawnp(&process, program.c_str(), &files_, &attributes_, arguments.data(), environ);
}

}  // namespace bourse::host
