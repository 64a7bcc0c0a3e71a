/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* An address that a process can have once. */
static int listener = -1;
static int listens(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "bourse-bad-plugin-%d",
           (int)getpid());
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return bind(listener, (const struct sockaddr*)&address, sizeof address) == 0;
}
#define PLAIN_INIT             \
  if (!listens()) {            \
    close(listener);           \
    return BOURSE_UNAVAILABLE; \
  }
#define PLAIN_DEINIT close(listener)
#include "plain.c"
