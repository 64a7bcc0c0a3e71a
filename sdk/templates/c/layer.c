/* @NAME@: a layer over a source of prices, which leaves out those below a setting. What a layer does
 * not declare is answered by the source under it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bourse/bourse.h"

#define TEXT(literal) ((bourse_str){(literal), sizeof(literal) - 1})

/* ---- what it declares ---- */
static const bourse_param least = {.size = sizeof(bourse_param),
                                   .type = BOURSE_TYPE_F64,
                                   .name = "least",
                                   .doc = "What a price is at least.",
                                   .def = "1",
                                   .min = "0",
                                   .max = "1000000000"};
static const bourse_param* const config[] = {&least};

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
                                      .doc = "Prices, without those that are too low.",
                                      .n_params = 1,
                                      .params = params,
                                      .n_fields = 2,
                                      .fields = fields};
static const bourse_dataset* const datasets[] = {&prices};

/* ---- what it does ---- */
struct layer {
  const bourse_host* host;
  double least;
};

static bourse_status fail(const bourse_host* host, bourse_call* call, bourse_status status,
                          bourse_str code, bourse_str message) {
  const bourse_failure failure = {
      .size = sizeof(bourse_failure), .status = status, .code = code, .message = message};
  return host->fail(call, &failure);
}
static bourse_status no_memory(const bourse_host* host, bourse_call* call) {
  return fail(host, call, BOURSE_UNAVAILABLE, TEXT("out_of_memory"),
              TEXT("There is not enough memory."));
}

static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* values,
                            void** self) {
  struct layer* const layer = malloc(sizeof *layer);
  if (layer == NULL) return no_memory(host, call);
  layer->host = host;
  layer->least = values[0].as.f64;
  *self = layer;
  return BOURSE_OK;
}
static void destroy(void* self) { free(self); }

/* Columns are found by name: a source may have more of them, in another order. */
static size_t find(const bourse_table* table, const bourse_field* wanted) {
  size_t i = 0;
  while (i < table->n_fields && (strcmp(table->fields[i]->name, wanted->name) != 0 ||
                                 table->fields[i]->type != wanted->type)) {
    ++i;
  }
  return i;
}
static int has(const bourse_array* column, size_t row) {
  return column->valid == NULL || ((column->valid[row / 8] >> (row % 8)) & 1) != 0;
}
/* A comparison may round; what is handed on is exact. */
static double as_double(bourse_i128 coefficient, int32_t scale) {
  double value = (double)coefficient.hi * 18446744073709551616.0 + (double)coefficient.lo;
  for (; scale > 0; --scale) value /= 10;
  for (; scale < 0; ++scale) value *= 10;
  return value;
}

static bourse_status note_left_out(const bourse_host* host, bourse_call* call, size_t count) {
  char text[64];
  const int bytes = snprintf(text, sizeof text, "Left out: %zu prices.", count);
  const bourse_note note = {.size = sizeof(bourse_note),
                            .level = BOURSE_LEVEL_INFO,
                            .code = TEXT("left_out"),
                            .text = {text, (size_t)bytes}};
  return host->note(call, &note);
}

/* Rows with a price that is high enough, into arrays as long as the table. */
static bourse_status keep(const struct layer* layer, bourse_call* call, const bourse_table* table,
                          bourse_str* names, bourse_i128* kept) {
  const bourse_host* const host = layer->host;
  const size_t name = find(table, &symbol), place = find(table, &price);
  if (name == table->n_fields || place == table->n_fields) {
    return fail(host, call, BOURSE_INTERNAL, TEXT("column_missing"),
                TEXT("The prices have no symbol or price."));
  }
  const bourse_str* const symbols_below = table->columns[name].data;
  const bourse_i128* const prices_below = table->columns[place].data;
  const bourse_field* const field = table->fields[place];
  size_t n = 0;
  for (size_t row = 0; row < table->n_rows; ++row) {
    if (!has(&table->columns[place], row) ||
        as_double(prices_below[row], field->scale) < layer->least) {
      continue;
    }
    names[n] = symbols_below[row];
    kept[n++] = prices_below[row];
  }
  if (n < table->n_rows) {
    const bourse_status status = note_left_out(host, call, table->n_rows - n);
    if (status != BOURSE_OK) return status;
  }
  const bourse_field* const out_fields[] = {&symbol, field};
  const bourse_array columns[] = {{.data = names}, {.data = kept}};
  const bourse_table out = {.size = sizeof(bourse_table),
                            .name = "prices",
                            .label = "Prices",
                            .n_fields = 2,
                            .fields = out_fields,
                            .n_rows = n,
                            .columns = columns};
  return host->table(call, &out, NULL);
}

static bourse_status fetch(void* self, bourse_call* call, size_t dataset,
                           const bourse_value* values) {
  (void)dataset; /* there is one */
  const struct layer* const layer = self;
  const bourse_host* const host = layer->host;
  const bourse_arg args[] = {{TEXT("symbols"), values[0]}};
  const bourse_query query = {
      .size = sizeof(bourse_query), .dataset = TEXT("prices"), .n_args = 1, .args = args};
  const bourse_query* const queries[] = {&query};
  bourse_answer answer;
  /* In a layer, a query goes to the source below. */
  bourse_status status = host->query(call, 1, queries, &answer);
  if (status != BOURSE_OK) return status; /* the host knows why already */

  const bourse_table* const table = answer.report->tables[0];
  bourse_str* const names = calloc(table->n_rows + 1, sizeof *names);
  bourse_i128* const kept = calloc(table->n_rows + 1, sizeof *kept);
  status = names == NULL || kept == NULL ? no_memory(host, call)
                                         : keep(layer, call, table, names, kept);
  free(names);
  free(kept);
  return status;
}

static const bourse_component component = {.size = sizeof(bourse_component),
                                           .kind = BOURSE_KIND_SOURCE,
                                           .flags =
                                               BOURSE_COMPONENT_PURE | BOURSE_COMPONENT_LAYER,
                                           .parts = BOURSE_PART_TABLES | BOURSE_PART_NOTES,
                                           .id = "@ID@",
                                           .title = "@NAME@",
                                           .doc = "Prices, without those that are too low.",
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
