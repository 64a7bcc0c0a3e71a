/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* watch.h - bourse.watch/1, offered by a source: it tells when an answer may have changed.
 *
 * A source without it, or a question that it cannot watch, is asked again when what it said by fresh_until has passed.
 * What `extension` returns lives as long as the library is loaded. C11.
 */
#ifndef BOURSE_EXT_WATCH_H
#define BOURSE_EXT_WATCH_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_WATCH_ID "bourse.watch/1"
typedef struct bourse_watch {
  uint32_t size, flags;
  /* From now on the source calls `changed` whenever the answer to exactly this question (a dataset and its arguments, as
   * for fetch) may have become another one: from any thread, as often as it likes, also before watch returns. It is
   * cheap, sets a flag, and calls nothing back. *token names the watch. Not OK: this question cannot be watched. One
   * question may be watched several times, each with a sink and a token of its own. [call] */
  bourse_status (*watch)(void *self, bourse_call *, size_t dataset, const bourse_value *params, void *sink,
                         void (*changed)(void *sink), uint64_t *token);
  /* Ends it. After it has returned, `changed` is not called for it, and no such call is running. It waits for nothing
   * else, and is called before destroy for every watch that was begun. [any] */
  void (*unwatch)(void *self, uint64_t token);
} bourse_watch;

#ifdef __cplusplus
}
#endif
#endif
