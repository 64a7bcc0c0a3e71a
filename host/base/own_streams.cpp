// SPDX-License-Identifier: MIT
#include "host/base/own_streams.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace bourse::host {
namespace {

/// The half of what may be open: the system gives the lowest number that is free.
int far_away() noexcept {
  constexpr rlim_t kHighest = 1000;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 100;
  return static_cast<int>(std::min(limit.rlim_cur / 2, kHighest));
}

struct Streams {
  std::mutex mutex;  // of error's changes
  std::FILE* output = nullptr;
  HeldDescriptor error;
  std::atomic<bool> kept{false};
};

// Never freed: threads may write while the process ends.
Streams& streams() noexcept {
  static auto* const all = new Streams;
  return *all;
}

}  // namespace

HeldDescriptor::HeldDescriptor(int descriptor) noexcept : number_(descriptor) {
  struct stat facts {};
  if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
    number_ = -1;
    return;
  }
  device_ = facts.st_dev;
  node_ = facts.st_ino;
}

bool HeldDescriptor::is_at(int number) const noexcept {
  struct stat facts {};
  return number >= 0 && fstat(number, &facts) == 0 && facts.st_dev == device_ &&
         facts.st_ino == node_;
}

int out_of_reach(int descriptor) noexcept {
  const int far = fcntl(descriptor, F_DUPFD_CLOEXEC, far_away());
  if (far < 0) return descriptor;
  close(descriptor);
  return far;
}

void keep_own_streams() noexcept {
  Streams& all = streams();
  const int error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, far_away());
  if (error < 0) return;
  all.error = HeldDescriptor(error);
  all.kept.store(true);
  const int output = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, far_away());
  if (output < 0) return;
  std::FILE* const file = fdopen(output, "w");
  if (file == nullptr) {
    close(output);
    return;
  }
  all.output = file;
  (void)dup2(STDERR_FILENO, STDOUT_FILENO);
}

std::FILE* own_output() noexcept {
  std::FILE* const file = streams().output;
  return file == nullptr ? stdout : file;
}

int own_error() noexcept {
  Streams& all = streams();
  if (!all.kept.load()) return STDERR_FILENO;
  const std::lock_guard lock(all.mutex);
  if (all.error.is_intact()) return all.error.number();
  for (const int number : {STDERR_FILENO, STDOUT_FILENO}) {
    if (!all.error.is_at(number)) continue;
    all.error = HeldDescriptor(fcntl(number, F_DUPFD_CLOEXEC, far_away()));
    return all.error.number();
  }
  return -1;
}

bool mend_standard_streams() noexcept {
  bool mended = false;
  for (const int number : {STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    const int error = own_error();
    if (error >= 0 && dup2(error, number) == number) mended = true;
  }
  return mended;
}

}  // namespace bourse::host
