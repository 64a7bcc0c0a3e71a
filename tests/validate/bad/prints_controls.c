/* SPDX-License-Identifier: MIT */
#define PLAIN_CREATE puts("\x01\x1b[31m]]>&<b>")
#include "plain.c"
