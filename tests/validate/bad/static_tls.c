/* SPDX-License-Identifier: MIT */
#define PLAIN_CREATE ++created
static __thread int created __attribute__((tls_model("initial-exec"), used));
#include "plain.c"
