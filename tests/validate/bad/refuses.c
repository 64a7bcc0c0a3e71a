/* SPDX-License-Identifier: MIT */
#define PLAIN_ENTRY return NULL
#include "plain.c"
