// SPDX-License-Identifier: MIT
#include "host/cli/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace bourse::host {
namespace {

constexpr std::chrono::milliseconds kLook{20};

/// What a process is started with, released at the end.
class SpawnRules {
 public:
  SpawnRules(int output, const std::string& folder) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
    posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  }
  ~SpawnRules() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;

  int spawn(pid_t& pid, std::vector<char*>& words) const {
    return ::posix_spawnp(&pid, words.front(), &actions_, &attributes_, words.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

Failure not_started(const std::string& program, int error) {
  return {.status = BOURSE_INTERNAL,
          .code = "not_started",
          .message = program + " could not be started: " + std::generic_category().message(error)};
}

}  // namespace

Process::~Process() { stop(std::chrono::milliseconds(0)); }

Result<void> Process::start(const std::vector<std::string>& words, const std::string& folder,
                            Output output) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return not_started(words.front(), errno);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int error = SpawnRules(pipe[1], folder).spawn(pid_, arguments);
  ::close(pipe[1]);
  if (error != 0) {
    ::close(pipe[0]);
    pid_ = -1;
    return not_started(words.front(), error);
  }
  reader_ = std::thread([this, fd = pipe[0], take = std::move(output)] { read(fd, take); });
  return {};
}

void Process::read(int fd, const Output& output) {
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t n = ::read(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    output({bytes.data(), static_cast<std::size_t>(n)});
  }
  ::close(fd);
}

bool Process::reap(bool wait) {
  if (pid_ < 0 || ended_) return true;
  int status = 0;
  pid_t done = 0;
  do done = ::waitpid(pid_, &status, wait ? 0 : WNOHANG);
  while (done < 0 && errno == EINTR);
  if (done != pid_) return done < 0;
  ended_ = true;
  exit_code_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  ::kill(-pid_, SIGKILL);  // what it left behind holds its outputs open
  if (reader_.joinable()) reader_.join();
  return true;
}

bool Process::wait_until(std::chrono::steady_clock::time_point end) {
  while (!reap(false)) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

void Process::stop(std::chrono::milliseconds patience) {
  if (pid_ < 0 || reap(false)) return;
  if (patience.count() > 0) {
    ::kill(-pid_, SIGTERM);
    if (wait_until(std::chrono::steady_clock::now() + patience)) return;
  }
  ::kill(-pid_, SIGKILL);
  reap(true);
}

void Process::signal(int number) {
  if (pid_ >= 0 && !reap(false)) ::kill(pid_, number);
}

bool Process::is_running() { return pid_ >= 0 && !reap(false); }

}  // namespace bourse::host
