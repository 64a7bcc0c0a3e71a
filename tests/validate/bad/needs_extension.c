/* SPDX-License-Identifier: MIT */
#include "bourse/ext/request.h"

static void ask(const bourse_host* host) {
  const bourse_request* const request = host->extension(host, BOURSE_REQUEST_ID);
  if (request->size == 0) ask(host);
}
#define PLAIN_ENTRY ask(given)
#include "plain.c"
