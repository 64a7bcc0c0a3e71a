/* SPDX-License-Identifier: MIT
 *
 * A plugin linked without care: it exports a helper and expects the host to bring a function that
 * is not in the contract. exported_symbols_test.py must notice both. */
#include "bourse/bourse.h"

extern const char* bourse_internal_name(void);

BOURSE_EXPORT const char* leaked_helper(void);
const char* leaked_helper(void) { return bourse_internal_name(); }

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  (void)host;
  return leaked_helper() ? NULL : NULL;
}
