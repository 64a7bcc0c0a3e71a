/* SPDX-License-Identifier: MIT
 *
 * A small correct source: numbers, a second each. DELIVERS_TIME says what the time of a row is.
 */
#include "bourse/bourse.h"

#ifndef DELIVERS_TIME
#define DELIVERS_TIME (row * 1000000000)
#endif
#define STR(literal) ((bourse_str){literal, sizeof(literal) - 1})

BOURSE_MANIFEST("bad.delivers", "1.0.0");

static const bourse_host* host;

static const bourse_field time_field = {
    .size = sizeof time_field, .type = BOURSE_TYPE_TIME, .name = "time"};
static const bourse_field number = {
    .size = sizeof number, .type = BOURSE_TYPE_I64, .name = "number"};
static const bourse_field* const fields[] = {&time_field, &number};

static bourse_status fetch(void* self, bourse_call* call, size_t which,
                           const bourse_value* params) {
  (void)self, (void)which, (void)params;
  int64_t times[16], numbers[16];
  for (int64_t row = 0; row < 16; ++row) {
    times[row] = DELIVERS_TIME;
    numbers[row] = row;
  }
  const bourse_array columns[] = {{.data = times}, {.data = numbers}};
  const bourse_table table = {.size = sizeof table,
                              .name = "numbers",
                              .n_fields = 2,
                              .fields = fields,
                              .n_rows = 16,
                              .columns = columns};
  return host->table(call, &table, NULL);
}

static const bourse_dataset dataset = {.size = sizeof dataset,
                                       .name = "numbers",
                                       .doc = "Sixteen numbers, oldest first.",
                                       .n_fields = 2,
                                       .fields = fields};
static const bourse_dataset* const datasets[] = {&dataset};
static const bourse_component source = {.size = sizeof source,
                                        .kind = BOURSE_KIND_SOURCE,
                                        .flags = BOURSE_COMPONENT_PURE,
                                        .id = "delivers",
                                        .title = "Numbers",
                                        .doc = "Delivers numbers.",
                                        .n_datasets = 1,
                                        .datasets = datasets,
                                        .fetch = fetch};
static const bourse_component* const components[] = {&source};

const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  static const bourse_plugin plugin = {.size = sizeof plugin,
                                       .name = "bad.delivers",
                                       .version = "1.0.0",
                                       .vendor = "The test authors",
                                       .license = "MIT",
                                       .built_with = "a C compiler",
                                       .url = "https://delivers.example",
                                       .n_components = 1,
                                       .components = components};
  return &plugin;
}
