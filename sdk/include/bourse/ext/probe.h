/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* probe.h - bourse.probe/1, offered by a source: what an operator runs first.
 *
 * `bourse probe SOURCE` shows what `probe` finds, then fetches each dataset once. A dataset that fails with the code
 * "not_configured" (no key is set) counts as skipped. What `extension` returns lives as long as the library. C11.
 */
#ifndef BOURSE_EXT_PROBE_H
#define BOURSE_EXT_PROBE_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_PROBE_ID "bourse.probe/1"
enum { BOURSE_VERDICT_PASS = 1, BOURSE_VERDICT_FAIL = 2, BOURSE_VERDICT_SKIPPED = 3 };
typedef struct bourse_finding {
  uint32_t size;
  int32_t verdict;
  bourse_str name;                     /* what was looked at, a few words: "clock" */
  bourse_str text;                     /* what was seen: "12 ms behind the exchange" */
  bourse_str advice;                   /* FAIL and SKIPPED: what to do; may be empty otherwise */
} bourse_finding;
typedef struct bourse_probe {
  uint32_t size, flags;
  /* Arguments with which the datasets' REQUIRED parameters can be tried, by name; any dataset takes those that it
   * declares. A list is one text, comma separated, as in a URL. */
  size_t n_examples; const bourse_arg *examples;
  /* Looks at one thing after the other and calls `emit` for each, on this thread, as soon as it is known; text is
   * copied. A problem that was found is a finding, not a failure: not OK means that probing itself broke off. It may
   * wait, and polls the call. NULL: nothing to look at but the datasets. [call] */
  bourse_status (*probe)(void *self, bourse_call *, void *sink, void (*emit)(void *sink, const bourse_finding *));
} bourse_probe;

#ifdef __cplusplus
}
#endif
#endif
