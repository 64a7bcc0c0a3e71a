// SPDX-License-Identifier: MIT
#include "host/cli/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "host/base/spawn.hpp"

namespace bourse::host {
namespace {

constexpr std::chrono::milliseconds kLook{20};

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
  Spawn spawn;
  spawn.open_nothing_to_read();
  spawn.move(pipe[1], STDOUT_FILENO);
  spawn.move(pipe[1], STDERR_FILENO);
  spawn.enter(folder);
  const int error = spawn.start(pid_, words.front(), words);
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
