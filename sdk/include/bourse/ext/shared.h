/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* shared.h - bourse.shared/1, offered by the host: small things that several hosts share.
 *
 * Counters in windows, leases, and small values: what N hosts behind one address need to stay within one limit. A host
 * that serves alone may keep them in memory, and one that offers none answers NULL: ask for it once, in init or create.
 * Keys are texts of at most 256 bytes; every plugin has a space of its own. Nobody waits longer than 50 ms: a store that
 * does not answer is UNAVAILABLE, and the caller goes on with its own share. C11.
 */
#ifndef BOURSE_EXT_SHARED_H
#define BOURSE_EXT_SHARED_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_SHARED_ID "bourse.shared/1"
typedef struct bourse_shared {
  uint32_t size, flags;
  /* Adds `amount` to the counter of the window (of `window` ns, aligned to 1970) that now lies in, unless that would take
   * it above `limit`; *used is what is in it afterwards. TOO_MANY: nothing was added. [any] */
  bourse_status (*count)(const bourse_host *, bourse_str key, int64_t window, uint64_t amount, uint64_t limit,
                         uint64_t *used);
  /* Takes the lease of that key for `length` ns, or renews it with the *token it gave. TOO_MANY: another has it. [any] */
  bourse_status (*lease)(const bourse_host *, bourse_str key, int64_t length, uint64_t *token);
  void (*unlease)(const bourse_host *, bourse_str key, uint64_t token);                              /* [any] */
  /* Keeps a value of at most 64 KiB for `length` ns. [any] */
  bourse_status (*put)(const bourse_host *, bourse_str key, bourse_str value, int64_t length);
  /* Calls `take` with the value, on this thread, before it returns. NOT_FOUND: there is none. [any] */
  bourse_status (*get)(const bourse_host *, bourse_str key, void *sink, void (*take)(void *sink, bourse_str value));
} bourse_shared;

#ifdef __cplusplus
}
#endif
#endif
