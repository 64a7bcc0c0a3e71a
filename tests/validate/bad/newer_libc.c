/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stddef.h>

static void make_key(void) {
  pthread_key_t key;
  if (pthread_key_create(&key, NULL) == 0) pthread_key_delete(key);
}
#define PLAIN_INIT make_key()
#include "plain.c"
