/* SPDX-License-Identifier: MIT */
#define PLAIN_RENDER \
  if (report->size != sizeof *report) return BOURSE_INTERNAL
#include "plain.c"
