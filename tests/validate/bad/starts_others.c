/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <unistd.h>

/* Never comes back from its constructor, and has a process of its own by then. */
static void start(void) {
  if (fork() == 0) prctl(PR_SET_NAME, "plain-child");
  while (1) sleep(3600);
}
#define PLAIN_CONSTRUCTOR start()
#include "plain.c"
