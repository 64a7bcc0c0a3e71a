/* SPDX-License-Identifier: MIT */
#define PLAIN_ENTRY \
  if (given->size != sizeof *given) return NULL
#include "plain.c"
