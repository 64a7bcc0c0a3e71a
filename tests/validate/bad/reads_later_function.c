/* SPDX-License-Identifier: MIT */
#include "bourse/bourse.h"

/* Built with the headers of a later minor, and looks whether a function is there without a look at
 * `size`. */
struct later_host {
  bourse_host today;
  void (*later)(void);
};
static void use(const bourse_host* host) {
  const struct later_host* const later = (const struct later_host*)host;
  if (later->later != NULL && host->abi_minor > 0) later->later();
}
#define PLAIN_ENTRY use(given)
#include "plain.c"
