/* @NAME@: a source of prices. Each market costs one more than the one before it, from a setting on:
 * put your own way to a price here. */
#include <stdlib.h>

#include "bourse/bourse.h"

#define TEXT(literal) ((bourse_str){(literal), sizeof(literal) - 1})

/* ---- what it declares ---- */
/* A setting of the YAML file: sources: {market: {use: ..., config: {first: 10}}} */
static const bourse_param first = {.size = sizeof(bourse_param),
                                   .type = BOURSE_TYPE_DECIMAL,
                                   .name = "first",
                                   .doc = "Price of the first market.",
                                   .def = "100",
                                   .min = "0",
                                   .max = "1000000"};
static const bourse_param* const config[] = {&first};

/* The well-known dataset of that name, so every analysis of prices works with it. (C++ and Rust have
 * it ready, in market.h and bourse::market.) */
static const bourse_param symbols = {.size = sizeof(bourse_param),
                                     .type = BOURSE_TYPE_LIST,
                                     .item = BOURSE_TYPE_TEXT,
                                     .flags = BOURSE_PARAM_REQUIRED,
                                     .name = "symbols",
                                     .doc = "Markets.",
                                     .min = "1",
                                     .max = "500"};
static const bourse_param* const params[] = {&symbols};
static const bourse_field symbol = {
    .size = sizeof(bourse_field), .type = BOURSE_TYPE_TEXT, .name = "symbol", .label = "Market"};
static const bourse_field price = {.size = sizeof(bourse_field),
                                   .type = BOURSE_TYPE_DECIMAL,
                                   .scale = 8,
                                   .name = "price",
                                   .label = "Price",
                                   .unit = "{quote}"};
static const bourse_field* const fields[] = {&symbol, &price};
static const bourse_dataset prices = {.size = sizeof(bourse_dataset),
                                      .name = "prices",
                                      .doc = "Prices that are made up.",
                                      .n_params = 1,
                                      .params = params,
                                      .n_fields = 2,
                                      .fields = fields};
static const bourse_dataset* const datasets[] = {&prices};

/* ---- what it does ---- */
struct source {
  const bourse_host* host;
  bourse_i128 first; /* of scale 8 */
};

static bourse_status fail(const bourse_host* host, bourse_call* call, bourse_status status,
                          bourse_str code, bourse_str message) {
  const bourse_failure failure = {
      .size = sizeof(bourse_failure), .status = status, .code = code, .message = message};
  return host->fail(call, &failure);
}

static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* values,
                            void** self) {
  /* At most 10^6, so with 8 decimals it fits into 64 bits. It comes with those that were written. */
  int64_t coefficient = (int64_t)values[0].as.dec.lo;
  int32_t scale = values[0].scale;
  if (scale > 8) {
    return fail(host, call, BOURSE_BAD_PARAM, TEXT("too_many_decimals"),
                TEXT("first has more than 8 decimals; write fewer."));
  }
  for (; scale < 8 && coefficient != 0; ++scale) coefficient *= 10;
  struct source* const source = malloc(sizeof *source);
  if (source == NULL) {
    return fail(host, call, BOURSE_UNAVAILABLE, TEXT("out_of_memory"),
                TEXT("There is not enough memory."));
  }
  source->host = host;
  source->first = (bourse_i128){(uint64_t)coefficient, 0};
  *self = source;
  return BOURSE_OK;
}
static void destroy(void* self) { free(self); }

static bourse_status fetch(void* self, bourse_call* call, size_t dataset,
                           const bourse_value* values) {
  (void)dataset; /* there is one */
  const struct source* const source = self;
  const bourse_host* const host = source->host;
  const bourse_list asked = values[0].as.list;
  bourse_str names[500]; /* as many as `symbols` may be */
  bourse_i128 cells[500];
  for (size_t i = 0; i < asked.len; ++i) {
    names[i] = asked.ptr[i].as.text;
    cells[i] = (bourse_i128){source->first.lo + i * 100000000, 0};
  }
  const bourse_meta as_of = {.size = sizeof(bourse_meta),
                             .key = TEXT("bourse.as_of"),
                             .value = {.type = BOURSE_TYPE_TIME, .as.i64 = host->now(call)}};
  const bourse_status status = host->meta(call, &as_of);
  if (status != BOURSE_OK) return status;
  const bourse_array columns[] = {{.data = names}, {.data = cells}};
  const bourse_table table = {.size = sizeof(bourse_table),
                              .name = "prices",
                              .label = "Prices",
                              .n_fields = 2,
                              .fields = fields,
                              .n_rows = asked.len,
                              .columns = columns};
  return host->table(call, &table, NULL);
}

static const bourse_component component = {.size = sizeof(bourse_component),
                                           .kind = BOURSE_KIND_SOURCE,
                                           .flags = BOURSE_COMPONENT_PURE,
                                           .parts = BOURSE_PART_TABLES,
                                           .id = "@ID@",
                                           .title = "@NAME@",
                                           .doc = "Prices that are made up.",
                                           .n_config = 1,
                                           .config = config,
                                           .n_datasets = 1,
                                           .datasets = datasets,
                                           .create = create,
                                           .destroy = destroy,
                                           .fetch = fetch};
static const bourse_component* const components[] = {&component};
static const bourse_plugin plugin = {.size = sizeof(bourse_plugin),
                                     .abi_minor = BOURSE_TARGET_MINOR,
                                     .name = "@PLUGIN@",
                                     .version = "0.1.0",
                                     .n_components = 1,
                                     .components = components};

BOURSE_MANIFEST("@PLUGIN@", "0.1.0");

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  (void)host;
  return &plugin;
}
