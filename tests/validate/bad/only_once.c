/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <string.h>
#include <sys/prctl.h>

/* What was begun once is remembered where unloading does not reach: in the name of the thread. */
static int began_before(void) {
  char name[16] = "";
  prctl(PR_GET_NAME, name);
  prctl(PR_SET_NAME, "plain");
  return strcmp(name, "plain") == 0;
}
#define PLAIN_INIT \
  if (began_before()) return BOURSE_UNAVAILABLE
#include "plain.c"
