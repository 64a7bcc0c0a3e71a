// SPDX-License-Identifier: MIT
#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "host/cli/command_line.hpp"

int main(int argc, char** argv) {
  // Answers of a few 100 kB come and go all the time; giving each back to the kernel at once costs
  // as much as making it.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
  std::signal(SIGPIPE, SIG_IGN);  // a client that leaves is an error of one write
  try {
    return bourse::host::run_command_line(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
