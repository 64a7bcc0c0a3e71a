/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* metrics.h - bourse.metrics/1, offered by a component: figures for whoever watches the server.
 *
 * The host asks whenever /metrics is read. It puts "bourse_", the component's id (with _ for -) and another "_" before
 * each name and adds the labels source="NAME" (of the configuration) and plugin="NAME". Never a secret, and no label
 * whose values grow without end. What `extension` returns lives as long as the library is loaded. C11.
 */
#ifndef BOURSE_EXT_METRICS_H
#define BOURSE_EXT_METRICS_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_METRICS_ID "bourse.metrics/1"
enum {
  BOURSE_METRIC_COUNTER = 1,           /* only grows; its name ends in _total */
  BOURSE_METRIC_GAUGE = 2
};
typedef struct bourse_label { bourse_str name, value; } bourse_label;   /* frozen; name: [a-z][a-z0-9_]* */
typedef struct bourse_metric {
  uint32_t size;
  int32_t kind;
  bourse_str name;                     /* [a-z][a-z0-9_]*, at most 64 bytes: "used_weight", "retries_total" */
  bourse_str help;                     /* a sentence, the same for all values of one name */
  size_t n_labels; const bourse_label *labels;   /* at most 8 */
  double value;                        /* in base units: seconds, bytes */
} bourse_metric;
typedef struct bourse_metrics {
  uint32_t size, flags;
  /* Says what each figure is now: calls `emit` for it, on this thread, values of one name in a row, at most 1000. Waits
   * for nothing: who does not answer within a second is left out. [call], a SERIAL component's in turn */
  void (*collect)(void *self, void *sink, void (*emit)(void *sink, const bourse_metric *));
} bourse_metrics;

#ifdef __cplusplus
}
#endif
#endif
