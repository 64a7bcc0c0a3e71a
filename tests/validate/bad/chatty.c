/* SPDX-License-Identifier: MIT */
#include "plain.c"

BOURSE_EXPORT int plain_other_name(void) { return 1; }
