// SPDX-License-Identifier: MIT
#include "host/base/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace bourse::host {
namespace {

/// What it writes to standard output, to its end.
std::string said_by(Spawn& spawn, const std::vector<std::string>& words) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  spawn.open_nothing_to_read();
  spawn.move(ends[1], STDOUT_FILENO);
  pid_t process = 0;
  EXPECT_EQ(spawn.start(process, words.front(), words), 0);
  close(ends[1]);
  std::string said;
  std::array<char, 4096> bytes{};
  for (ssize_t n = 0; (n = read(ends[0], bytes.data(), bytes.size())) > 0;) {
    said.append(bytes.data(), static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  EXPECT_EQ(status, 0);
  return said;
}

TEST(Spawn, AProgramHasTheSignalsOfOneThatAShellStarts) {
  const auto before = signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &blocked, &old);
  constexpr std::uint64_t kProgramsOwn = 0x7fffffff;  // the two after these are the C library's
  for (const char* const which : {"SigBlk:", "SigIgn:"}) {
    Spawn spawn;
    const std::string said = said_by(spawn, {"grep", which, "/proc/self/status"});
    ASSERT_GT(said.size(), 8u);
    EXPECT_EQ(std::stoull(said.substr(8), nullptr, 16) & kProgramsOwn, 0u) << said;
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  signal(SIGPIPE, before);
}

TEST(Spawn, AProgramBeginsWhereItIsToldWithNothingToRead) {
  Spawn spawn;
  spawn.enter("/usr");
  EXPECT_EQ(said_by(spawn, {"sh", "-c", "pwd; cat"}), "/usr\n");
}

TEST(Spawn, AProgramThatThereIsNotIsToldByErrno) {
  Spawn spawn;
  pid_t process = 0;
  EXPECT_EQ(spawn.start(process, "/nowhere/nothing", {"nothing"}), ENOENT);
}

}  // namespace
}  // namespace bourse::host
