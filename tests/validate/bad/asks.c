/* SPDX-License-Identifier: MIT
 *
 * A small correct analysis that asks for data: the mean of some prices, and the prices again as a
 * table with a chart. The build makes it bad in one way: each ASKS_... is a statement, or a text,
 * that stands in its place.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bourse/bourse.h"

/* Statements of run. */
#ifndef ASKS_BEGIN /* before anything is asked */
#define ASKS_BEGIN (void)0
#endif
#ifndef ASKS_ANSWERED /* the answer is there; `status` is what query gave */
#define ASKS_ANSWERED \
  if (status != BOURSE_OK) return status
#endif
#ifndef ASKS_TABLE /* `table` is the answer's */
#define ASKS_TABLE (void)0
#endif
#ifndef ASKS_ALLOCATED /* `shown` is what malloc gave */
#define ASKS_ALLOCATED \
  if (shown == NULL) return no_memory(call)
#endif
#ifndef ASKS_MEAN /* `mean` is computed */
#define ASKS_MEAN (void)0
#endif
#ifndef ASKS_SAID /* `status` is what scalar gave */
#define ASKS_SAID \
  if (status != BOURSE_OK) goto done
#endif
/* Texts. */
#ifndef ASKS_DATASET
#define ASKS_DATASET "prices"
#endif
#ifndef ASKS_META_KEY
#define ASKS_META_KEY "of"
#endif
#ifndef ASKS_PARTS
#define ASKS_PARTS (BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS)
#endif
#ifndef ASKS_MEAN_NAME /* of the scalar that is declared */
#define ASKS_MEAN_NAME "mean"
#endif

#define STR(literal) ((bourse_str){literal, sizeof(literal) - 1})

BOURSE_MANIFEST("bad.asks", "1.0.0");

static const bourse_host* host;

/* For bad variants: what one call leaves to the next, and a clock that no host sets. */
__attribute__((unused)) static int state;
__attribute__((unused)) static double nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_nsec;
}

static bourse_status no_memory(bourse_call* call) {
  const bourse_failure failure = {.size = sizeof failure,
                                  .status = BOURSE_UNAVAILABLE,
                                  .code = STR("out_of_memory"),
                                  .message = STR("There is not enough memory; try again later.")};
  return host->fail(call, &failure);
}

static bourse_status no_prices(bourse_call* call) {
  const bourse_failure failure = {.size = sizeof failure,
                                  .status = BOURSE_UNPROCESSABLE,
                                  .code = STR("no_prices"),
                                  .message = STR("The source has no prices; ask for others.")};
  return host->fail(call, &failure);
}

static const bourse_field time_field = {
    .size = sizeof time_field, .type = BOURSE_TYPE_TIME, .name = "time"};
static const bourse_field price = {.size = sizeof price, .type = BOURSE_TYPE_F64, .name = "price"};
static const bourse_field* const columns_of_prices[] = {&time_field, &price};
static const bourse_field mean_field = {
    .size = sizeof mean_field, .type = BOURSE_TYPE_F64, .name = "mean"};
static const bourse_field mean_declared = {
    .size = sizeof mean_declared, .type = BOURSE_TYPE_F64, .name = ASKS_MEAN_NAME};
static const bourse_field* const scalars[] = {&mean_declared};

static const bourse_array* column_of(const bourse_table* table, const char* name,
                                     bourse_type type) {
  for (size_t i = 0; i < table->n_fields; ++i) {
    if (strcmp(table->fields[i]->name, name) == 0 && table->fields[i]->type == type)
      return &table->columns[i];
  }
  return NULL;
}
static int has_value(const bourse_array* column, size_t row) {
  return column->valid == NULL || (column->valid[row / 8] >> (row % 8) & 1) != 0;
}

static bourse_status tell(bourse_call* call, double mean, const bourse_array* columns,
                          size_t rows) {
  const bourse_meta of = {.size = sizeof of,
                          .key = STR(ASKS_META_KEY),
                          .value = {.type = BOURSE_TYPE_TEXT, .as.text = STR("prices")}};
  bourse_status status = host->meta(call, &of);
  if (status != BOURSE_OK) return status;
  const bourse_scalar said = {.size = sizeof said,
                              .field = &mean_field,
                              .value = {.type = BOURSE_TYPE_F64, .as.f64 = mean}};
  status = host->scalar(call, &said);
  ASKS_SAID;
  const bourse_table table = {.size = sizeof table,
                              .name = "shown",
                              .n_fields = 2,
                              .fields = columns_of_prices,
                              .n_rows = rows,
                              .columns = columns};
  status = host->table(call, &table, NULL);
  if (status != BOURSE_OK) goto done;
  const bourse_channel x = {.size = sizeof x, .role = BOURSE_ROLE_X, .field = "time"};
  const bourse_channel y = {.size = sizeof y, .role = BOURSE_ROLE_Y, .field = "price"};
  const bourse_channel* const channels[] = {&x, &y};
  const bourse_chart chart = {.size = sizeof chart,
                              .kind = BOURSE_CHART_LINE,
                              .name = "shown",
                              .table = "shown",
                              .n_channels = 2,
                              .channels = channels};
  status = host->chart(call, &chart);
done:
  return status;
}

static bourse_status run(void* self, bourse_call* call, const bourse_value* values) {
  (void)self;
  ASKS_BEGIN;
  const bourse_arg args[] = {{STR("limit"), values[0]}};
  const bourse_query query = {
      .size = sizeof query, .dataset = STR(ASKS_DATASET), .n_args = 1, .args = args};
  const bourse_query* const queries[] = {&query};
  bourse_answer answer;
  bourse_status status = host->query(call, 1, queries, &answer);
  ASKS_ANSWERED;
  const bourse_table* const table = answer.report->tables[0];
  ASKS_TABLE;
  const bourse_array* const times = column_of(table, "time", BOURSE_TYPE_TIME);
  const bourse_array* const prices = column_of(table, "price", BOURSE_TYPE_F64);
  if (times == NULL || prices == NULL || table->n_rows == 0) return no_prices(call);
  double* const shown = malloc(table->n_rows * sizeof *shown);
  ASKS_ALLOCATED;
  double sum = 0;
  size_t count = 0;
  for (size_t row = 0; row < table->n_rows; ++row) {
    if (row % 1024 == 0 && (status = host->poll(call, NULL)) != BOURSE_OK) break;
    shown[row] = ((const double*)prices->data)[row];
    if (!has_value(prices, row)) continue;
    sum += shown[row];
    ++count;
  }
  double mean = count == 0 ? 0 : sum / (double)count;
  ASKS_MEAN;
  const bourse_array columns[] = {*times, {shown, prices->valid}};
  if (status == BOURSE_OK) status = tell(call, mean, columns, table->n_rows);
  free(shown);
  return status;
}

static const bourse_param limit = {.size = sizeof limit,
                                   .type = BOURSE_TYPE_I64,
                                   .name = "limit",
                                   .doc = "How many.",
                                   .def = "60",
                                   .min = "1",
                                   .max = "5000"};
static const bourse_param step = {.size = sizeof step,
                                  .type = BOURSE_TYPE_I64,
                                  .name = "step",
                                  .doc = "Of so many one.",
                                  .def = "2",
                                  .min = "1",
                                  .max = "10"};
static const bourse_param name = {.size = sizeof name,
                                  .type = BOURSE_TYPE_TEXT,
                                  .name = "name",
                                  .doc = "What it is called.",
                                  .def = "prices"};
static const bourse_param* const params[] = {&limit, &step, &name};
static const bourse_param* const limits[] = {&limit};
static const bourse_dataset dataset = {.size = sizeof dataset,
                                       .name = "prices",
                                       .n_params = 1,
                                       .params = limits,
                                       .n_fields = 2,
                                       .fields = columns_of_prices};
static const bourse_dataset* const datasets[] = {&dataset};
static const bourse_table shown_table = {
    .size = sizeof shown_table, .name = "shown", .n_fields = 2, .fields = columns_of_prices};
static const bourse_table* const tables[] = {&shown_table};
static const bourse_component analysis = {.size = sizeof analysis,
                                          .kind = BOURSE_KIND_ANALYSIS,
                                          .flags = BOURSE_COMPONENT_PURE,
                                          .parts = ASKS_PARTS,
                                          .id = "asks",
                                          .title = "Mean price",
                                          .doc = "The mean of some prices.",
                                          .n_params = 3,
                                          .params = params,
                                          .n_datasets = 1,
                                          .datasets = datasets,
                                          .run = run,
                                          .n_scalars = 1,
                                          .scalars = scalars,
                                          .n_tables = 1,
                                          .tables = tables};
static const bourse_component* const components[] = {&analysis};

const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  static const bourse_plugin plugin = {.size = sizeof plugin,
                                       .name = "bad.asks",
                                       .version = "1.0.0",
                                       .vendor = "The test authors",
                                       .license = "MIT",
                                       .built_with = "a C compiler",
                                       .url = "https://asks.example",
                                       .n_components = 1,
                                       .components = components};
  return &plugin;
}
