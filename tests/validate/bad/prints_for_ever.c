/* SPDX-License-Identifier: MIT */
#define PLAIN_CONSTRUCTOR \
  for (;;) puts(".")
#include "plain.c"
