/* SPDX-License-Identifier: MIT
 *
 * To be preloaded (LD_PRELOAD): one allocation in so many fails, as SQLite's tests do it.
 * FAILING_MALLOC names a file of at least 32 bytes, through which a test says how many, at any
 * time, and reads how many have failed. */
#define _GNU_SOURCE
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct control {
  _Atomic uint64_t one_in; /* 0: none fails */
  _Atomic uint64_t seed;
  _Atomic uint64_t calls;
  _Atomic uint64_t failed;
};
static struct control* control;

void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);

/* Where it died, for addr2line. */
static void tell(int number) {
  void* frames[64];
  backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
  signal(number, SIG_DFL);
  raise(number);
}

__attribute__((constructor)) static void begin(void) {
  const char* const path = getenv("FAILING_MALLOC");
  if (path == NULL) return;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) _exit(99);
  void* const mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) _exit(99);
  close(file);
  control = mapped;
  void* frame;
  (void)!backtrace(&frame, 1); /* loads what it needs while there is memory */
  signal(SIGABRT, tell);
  signal(SIGSEGV, tell);
}

/* Steele and others, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static int fails(void) {
  if (control == NULL) return 0;
  const uint64_t one_in = atomic_load_explicit(&control->one_in, memory_order_relaxed);
  if (one_in == 0) return 0;
  const uint64_t call = atomic_fetch_add_explicit(&control->calls, 1, memory_order_relaxed);
  if (mixed(control->seed ^ mixed(call)) % one_in != 0) return 0;
  atomic_fetch_add_explicit(&control->failed, 1, memory_order_relaxed);
  errno = ENOMEM;
  return 1;
}

void* malloc(size_t bytes) { return fails() ? NULL : __libc_malloc(bytes); }
void* calloc(size_t count, size_t bytes) { return fails() ? NULL : __libc_calloc(count, bytes); }
void* realloc(void* block, size_t bytes) {
  return bytes != 0 && fails() ? NULL : __libc_realloc(block, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  return fails() ? NULL : __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) { return memalign(alignment, bytes); }
int posix_memalign(void** block, size_t alignment, size_t bytes) {
  void* const found = memalign(alignment, bytes);
  if (found == NULL) return ENOMEM;
  *block = found;
  return 0;
}
