/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* datasets.h - bourse.datasets/1, offered by a source: datasets that depend on its configuration.
 *
 * A source over a database, or over files of any columns, knows what it delivers only when it has been configured. What
 * `extension` returns lives as long as the library is loaded. C11.
 */
#ifndef BOURSE_EXT_DATASETS_H
#define BOURSE_EXT_DATASETS_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_DATASETS_ID "bourse.datasets/1"
typedef struct bourse_datasets {
  uint32_t size, flags;
  /* Tells what this instance delivers besides what the component declares. Called once, after create; what it gives lives
   * until destroy. In fetch and watch their indices follow those of the component's own. Not OK: the instance is not
   * used, and the call's failure says why. [make] */
  bourse_status (*list)(void *self, bourse_call *, size_t *n, const bourse_dataset *const **datasets);
} bourse_datasets;

#ifdef __cplusplus
}
#endif
#endif
