/* SPDX-License-Identifier: MIT */
#include "plain.c"

__attribute__((destructor)) static void destruct(void) { abort(); }
