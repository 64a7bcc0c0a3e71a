/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* tasks.h - bourse.tasks/1, offered by a component: long work with a name, parameters, progress and a report at its end.
 *
 * Backfilling a history, checking it, importing files. What `extension` returns lives as long as the library. C11.
 *
 * Two notes of the report say more than that the work is done, by their codes: `findings`, it found something that somebody
 * should look at; `unfinished`, a limit stopped it, and the next run goes on from there. So does the failure TOO_MANY, or
 * UNAVAILABLE with retry_after. A SERIAL component answers nothing else while it performs.
 */
#ifndef BOURSE_EXT_TASKS_H
#define BOURSE_EXT_TASKS_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_TASKS_ID "bourse.tasks/1"
typedef struct bourse_task {           /* what can be asked for */
  uint32_t size, flags;
  const char *name;                    /* [a-z][a-z0-9-]*: "backfill" */
  const char *title, *doc;             /* for people; doc may be NULL */
  size_t n_params; const bourse_param *const *params;
} bourse_task;
typedef struct bourse_progress {
  uint32_t size, flags;
  uint64_t done, total;                /* in any one unit; total 0: unknown; done never shrinks */
  bourse_str text;                     /* where it is, for people: "BTCUSDT 1m, 2023-04" */
} bourse_progress;
typedef struct bourse_tasks {
  uint32_t size, flags;
  size_t n_tasks; const bourse_task *const *tasks;   /* live as long as the library */
  /* Does the work. It may ask the source under this one, and builds a report of what was done, as run does. It polls the
   * call: CANCELLED means that somebody ended it; what it had done by then is kept, and the next run goes on from there.
   * It calls `progress` on this thread, at most some times a second. [call] */
  bourse_status (*perform)(void *self, bourse_call *, size_t task, const bourse_value *params, void *sink,
                           void (*progress)(void *sink, const bourse_progress *));
} bourse_tasks;

#ifdef __cplusplus
}
#endif
#endif
