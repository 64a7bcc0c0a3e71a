// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "host/cli/command_line.hpp"
#include "host/cli/tidy.hpp"

namespace {

// Where one of the three is closed, the next file that is opened would be it: a report or a line of
// the log would go into a plugin's copy. What is opened here instead fails as a closed one does.
void hold_standard_descriptors() {
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) < 0)
      (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
  }
}

}  // namespace

int main(int argc, char** argv) {
  hold_standard_descriptors();
  // Answers of a few 100 kB come and go all the time; giving each back to the kernel at once costs
  // as much as making it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  // Who deploys it knows better how much memory there is.
  if (std::getenv("MALLOC_ARENA_MAX") == nullptr) {
    mallopt(M_ARENA_MAX, bourse::host::arenas_wanted());
  }
  std::signal(SIGPIPE, SIG_IGN);  // a client that leaves is an error of one write
  try {
    return bourse::host::run_command_line(argc, argv);
  } catch (const std::system_error& e) {
    const bool threads = e.code() == std::errc::resource_unavailable_try_again;
    std::fprintf(stderr, "error: %s\n",
                 threads ? "the system gives this process no more threads; raise the limit of the "
                           "user (ulimit -u), the service (TasksMax=) or the container (pids), or "
                           "set fewer io-threads, workers and waiting-threads"
                         : e.what());
    return 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
