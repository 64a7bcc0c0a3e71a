/* SPDX-License-Identifier: MIT
 *
 * A complete analysis in C: how many candles of a market there are, and the times of the first and
 * last one.
 */
#include <string.h>

#include "bourse/bourse.h"

#define TEXT(literal) ((bourse_str){(literal), sizeof(literal) - 1})

static const bourse_param symbol = {.size = sizeof(bourse_param),
                                    .type = BOURSE_TYPE_TEXT,
                                    .flags = BOURSE_PARAM_REQUIRED,
                                    .name = "symbol",
                                    .doc = "Market.",
                                    .min = "1",
                                    .max = "40"};
static const bourse_param days = {.size = sizeof(bourse_param),
                                  .type = BOURSE_TYPE_I64,
                                  .name = "days",
                                  .doc = "Days to look back.",
                                  .def = "30",
                                  .min = "1",
                                  .max = "365"};
static const bourse_param* const params[] = {&symbol, &days};

static const bourse_field count = {
    .size = sizeof(bourse_field), .type = BOURSE_TYPE_I64, .name = "candles", .label = "Candles"};
static const bourse_field first = {.size = sizeof(bourse_field),
                                   .type = BOURSE_TYPE_TIME,
                                   .name = "first",
                                   .label = "First candle"};
static const bourse_field last = {
    .size = sizeof(bourse_field), .type = BOURSE_TYPE_TIME, .name = "last", .label = "Last candle"};

/* What its reports hold: for OpenAPI, documentation and checks. */
static const bourse_field* const scalars[] = {&count, &first, &last};

/* What it asks for, and the column it reads there. */
static const bourse_field open_time = {
    .size = sizeof(bourse_field), .type = BOURSE_TYPE_TIME, .name = "open_time"};
static const bourse_field* const candle_fields[] = {&open_time};
static const bourse_dataset candles = {
    .size = sizeof(bourse_dataset), .name = "candles", .n_fields = 1, .fields = candle_fields};
static const bourse_dataset* const datasets[] = {&candles};

static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                            void** self) {
  (void)call;
  (void)config;
  *self = (void*)host; /* lives as long as the library is loaded, and is not written to */
  return BOURSE_OK;
}

static bourse_status say(const bourse_host* host, bourse_call* call, const bourse_field* field,
                         int64_t number) {
  const bourse_scalar scalar = {.size = sizeof(bourse_scalar),
                                .field = field,
                                .value = {.type = field->type, .as.i64 = number}};
  return host->scalar(call, &scalar);
}

static bourse_status run(void* self, bourse_call* call, const bourse_value* values) {
  const bourse_host* const host = self;
  bourse_value day = {.type = BOURSE_TYPE_TEXT, .as.text = TEXT("1d")};
  const bourse_arg args[] = {
      {TEXT("symbol"), values[0]}, {TEXT("interval"), day}, {TEXT("limit"), values[1]}};
  const bourse_query query = {
      .size = sizeof(bourse_query), .dataset = TEXT("candles"), .n_args = 3, .args = args};
  const bourse_query* const queries[] = {&query};
  bourse_answer answer;
  bourse_status status = host->query(call, 1, queries, &answer);
  if (status != BOURSE_OK) return status; /* the host knows why already */

  const bourse_table* const table = answer.report->tables[0];
  if (table->n_rows == 0) {
    const bourse_failure failure = {.size = sizeof(bourse_failure),
                                    .status = BOURSE_UNPROCESSABLE,
                                    .code = TEXT("no_history"),
                                    .message = TEXT("There are no candles yet.")};
    return host->fail(call, &failure);
  }
  const int64_t* times = NULL;
  for (size_t i = 0; i < table->n_fields; ++i) {
    if (strcmp(table->fields[i]->name, "open_time") == 0) times = table->columns[i].data;
  }
  if (times == NULL) return BOURSE_INTERNAL;
  status = say(host, call, &count, (int64_t)table->n_rows);
  if (status != BOURSE_OK) return status;
  status = say(host, call, &first, times[0]);
  if (status != BOURSE_OK) return status;
  return say(host, call, &last, times[table->n_rows - 1]);
}

static const bourse_component range = {.size = sizeof(bourse_component),
                                       .kind = BOURSE_KIND_ANALYSIS,
                                       .flags = BOURSE_COMPONENT_PURE,
                                       .parts = BOURSE_PART_SCALARS,
                                       .id = "range",
                                       .title = "Range of history",
                                       .n_params = 2,
                                       .params = params,
                                       .n_datasets = 1,
                                       .datasets = datasets,
                                       .create = create,
                                       .run = run,
                                       .n_scalars = 3,
                                       .scalars = scalars};
static const bourse_component* const components[] = {&range};
static const bourse_plugin plugin = {.size = sizeof(bourse_plugin),
                                     .abi_minor = BOURSE_TARGET_MINOR,
                                     .name = "example.range",
                                     .version = "1.0.0",
                                     .n_components = 1,
                                     .components = components};

BOURSE_MANIFEST("example.range", "1.0.0");

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  (void)host;
  return &plugin;
}
