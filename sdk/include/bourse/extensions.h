/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* extensions.h - small interfaces that a component may offer beside the contract. The host asks for
 * one by its id through bourse_component.extension; NULL means "not offered". What is returned lives
 * as long as the library is loaded. `self` in the functions is what create made. C11.
 */
#ifndef BOURSE_EXTENSIONS_H
#define BOURSE_EXTENSIONS_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- metrics: figures for whoever watches the server ----------------------------------------------
   The host asks whenever /metrics is read. It puts "bourse_", the component's id (with _ for -) and
   another "_" before each name and adds the labels source="NAME" (of the configuration) and
   plugin="NAME". Never a secret, and no label whose values grow without end. */
#define BOURSE_METRICS_ID "bourse.metrics/1"
enum { BOURSE_METRIC_COUNTER = 1,                /* only grows; its name ends in _total */
       BOURSE_METRIC_GAUGE = 2 };
typedef struct bourse_label { bourse_str name, value; } bourse_label;   /* frozen; name: [a-z][a-z0-9_]* */
typedef struct bourse_metric {
  uint32_t size; int32_t kind;
  bourse_str name;                        /* [a-z][a-z0-9_]*, at most 64 bytes: "used_weight", "retries_total" */
  bourse_str help;                        /* a sentence, the same for all values of one name */
  size_t n_labels; const bourse_label *labels;
  double value;                           /* in base units: seconds, bytes */
} bourse_metric;
typedef struct bourse_metrics {
  uint32_t size;
  /* Says what each figure is now: calls `emit` for it, on this thread, values of one name in a row. Waits for
   * nothing: who does not answer within a second is left out. [any], a BOURSE_COMPONENT_SERIAL component's in turn */
  void (*collect)(void *self, void *sink, void (*emit)(void *sink, const bourse_metric *));
} bourse_metrics;

/* ---- probe: what an operator runs first ------------------------------------------------------------
   `bourse probe SOURCE` shows what `probe` finds, then fetches each dataset once. A dataset that fails with the code
   "not_configured" (no key is set) counts as skipped. */
#define BOURSE_PROBE_ID "bourse.probe/1"
enum { BOURSE_VERDICT_PASS = 1, BOURSE_VERDICT_FAIL = 2, BOURSE_VERDICT_SKIPPED = 3 };
typedef struct bourse_finding {
  uint32_t size; int32_t verdict;
  bourse_str name;                        /* what was looked at, a few words: "clock" */
  bourse_str text;                        /* what was seen: "12 ms behind the exchange" */
  bourse_str advice;                      /* FAIL and SKIPPED: what to do; may be empty otherwise */
} bourse_finding;
typedef struct bourse_probe {
  uint32_t size;
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
