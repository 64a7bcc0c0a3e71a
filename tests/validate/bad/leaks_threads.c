/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <pthread.h>
#include <stddef.h>
#include <unistd.h>

static void* sleeping(void* unused) {
  while (1) sleep(3600);
  return unused;
}
static void start(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleeping, NULL) == 0) pthread_detach(thread);
}
#define PLAIN_CREATE start()
#include "plain.c"
