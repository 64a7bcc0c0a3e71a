// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <system_error>

#include "host/base/own_streams.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/tidy.hpp"
#include "host/observe/last_words.hpp"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace {

// Where one of the three is closed, the next file that is opened would be it: a report or a line of
// the log would go into a plugin's copy. What is opened here instead fails as a closed one does.
void hold_standard_descriptors() {
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) < 0)
      (void)open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY);
  }
}

int run(int argc, char** argv) {
  try {
    return bourse::host::run_command_line(argc, argv);
  } catch (const std::system_error& e) {
    const bool threads = e.code() == std::errc::resource_unavailable_try_again;
    std::fprintf(stderr, "error: %s\n",
                 threads ? "the system gives this process no more threads; raise the limit of the "
                           "user (ulimit -u), the service (TasksMax=) or the container (pids), or "
                           "set fewer io-threads, workers and waiting-threads"
                         : e.what());
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
  }
  return 1;
}

// Without the destructors of the program: a thread that a plugin forgot may be in what they end.
[[noreturn]] void leave(int code) {
  bourse::host::mean_to_leave();
  (void)std::fflush(stdout);  // what plugins printed; the program's own is written
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();
#endif
  ::_exit(code);
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
  bourse::host::keep_own_streams();
  bourse::host::prepare_last_words();
  leave(run(argc, argv));
}
