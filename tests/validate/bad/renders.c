/* SPDX-License-Identifier: MIT
 *
 * A small correct serializer: the name of each table, and the number of each of its rows, a line
 * each. The build makes it bad in one way: each RENDERS_... is a statement, or a text, that stands
 * in its place.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bourse/bourse.h"

/* Statements of render. */
#ifndef RENDERS_BEGIN
#define RENDERS_BEGIN (void)0
#endif
#ifndef RENDERS_ROW /* writes `line`, which is `length` long */
#define RENDERS_ROW status = host->write(call, (bourse_str){line, length})
#endif
#ifndef RENDERS_END
#define RENDERS_END (void)0
#endif
/* Texts. */
#ifndef RENDERS_TYPE
#define RENDERS_TYPE "text/plain; charset=utf-8"
#endif
#ifndef RENDERS_FIRST /* what stands in the first line */
#define RENDERS_FIRST "a report\n"
#endif

#define STR(literal) ((bourse_str){literal, sizeof(literal) - 1})

BOURSE_MANIFEST("bad.renders", "1.0.0");

static const bourse_host* host;

/* What the answer has become so far, in variants that collect it. */
struct text {
  char* bytes;
  size_t size, room;
};
__attribute__((unused)) static bourse_status collect(struct text* all, const char* line,
                                                     size_t length) {
  if (all->room - all->size < length) {
    all->room = 2 * all->room + length;
    char* const larger = realloc(all->bytes, all->room);
    if (larger == NULL) return BOURSE_UNAVAILABLE;
    all->bytes = larger;
  }
  memcpy(all->bytes + all->size, line, length);
  all->size += length;
  return BOURSE_OK;
}

static bourse_status render(void* self, bourse_call* call, const bourse_value* params,
                            const bourse_report* report) {
  (void)self, (void)params;
  struct text all = {0};
  RENDERS_BEGIN;
  bourse_status status = host->write(call, STR(RENDERS_FIRST));
  for (size_t t = 0; t < report->n_tables && status == BOURSE_OK; ++t) {
    const bourse_table* const table = report->tables[t];
    for (size_t row = 0; row < table->n_rows && status == BOURSE_OK; ++row) {
      char line[256];
      const size_t length =
          (size_t)snprintf(line, sizeof line, "%.128s, row %zu of %zu, 0x%064zx\n", table->name,
                           row, table->n_rows, row);
      RENDERS_ROW;
    }
  }
  RENDERS_END;
  free(all.bytes);
  return status;
}

static const bourse_component serializer = {.size = sizeof serializer,
                                            .kind = BOURSE_KIND_SERIALIZER,
                                            .flags = BOURSE_COMPONENT_PURE,
                                            .parts = BOURSE_PART_TABLES,
                                            .id = "renders",
                                            .title = "Rows",
                                            .doc = "A line for each row.",
                                            .media_type = RENDERS_TYPE,
                                            .suffix = "rows",
                                            .render = render};
static const bourse_component* const components[] = {&serializer};

const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  static const bourse_plugin plugin = {.size = sizeof plugin,
                                       .name = "bad.renders",
                                       .version = "1.0.0",
                                       .vendor = "The test authors",
                                       .license = "MIT",
                                       .built_with = "a C compiler",
                                       .url = "https://renders.example",
                                       .n_components = 1,
                                       .components = components};
  return &plugin;
}
