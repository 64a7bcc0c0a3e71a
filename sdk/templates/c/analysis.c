/* @NAME@: how far the price of a market has moved. */
#include <string.h>

#include "bourse/bourse.h"

#define TEXT(literal) ((bourse_str){(literal), sizeof(literal) - 1})

/* ---- what it declares ---- */
static const bourse_param symbol = {.size = sizeof(bourse_param),
                                    .type = BOURSE_TYPE_TEXT,
                                    .flags = BOURSE_PARAM_REQUIRED,
                                    .name = "symbol",
                                    .doc = "Market.",
                                    .min = "1",
                                    .max = "40"};
static const bourse_param limit = {.size = sizeof(bourse_param),
                                   .type = BOURSE_TYPE_I64,
                                   .name = "limit",
                                   .doc = "Number of candles.",
                                   .def = "50",
                                   .min = "2",
                                   .max = "1000"};
static const bourse_param* const params[] = {&symbol, &limit};

static const bourse_field open_time = {.size = sizeof(bourse_field),
                                       .type = BOURSE_TYPE_TIME,
                                       .name = "open_time",
                                       .label = "Time"};
static const bourse_field close_price = {.size = sizeof(bourse_field),
                                         .type = BOURSE_TYPE_DECIMAL,
                                         .name = "close",
                                         .label = "Close",
                                         .unit = "{quote}"};
static const bourse_field rows = {
    .size = sizeof(bourse_field), .type = BOURSE_TYPE_I64, .name = "rows", .label = "Candles"};
static const bourse_field moved = {.size = sizeof(bourse_field),
                                   .type = BOURSE_TYPE_F64,
                                   .name = "moved",
                                   .label = "Moved",
                                   .unit = "%"};

/* What it asks for: any source will do that has these columns. */
static const bourse_field* const read[] = {&open_time, &close_price};
static const bourse_dataset candles = {
    .size = sizeof(bourse_dataset), .name = "candles", .n_fields = 2, .fields = read};
static const bourse_dataset* const datasets[] = {&candles};

/* What its reports hold. */
static const bourse_field* const scalars[] = {&rows, &moved};
static const bourse_table closes = {.size = sizeof(bourse_table),
                                    .name = "closes",
                                    .label = "Closing prices",
                                    .n_fields = 2,
                                    .fields = read};
static const bourse_table* const tables[] = {&closes};
static const bourse_channel x = {
    .size = sizeof(bourse_channel), .role = BOURSE_ROLE_X, .field = "open_time"};
static const bourse_channel y = {
    .size = sizeof(bourse_channel), .role = BOURSE_ROLE_Y, .field = "close"};
static const bourse_channel* const channels[] = {&x, &y};
static const bourse_chart chart = {.size = sizeof(bourse_chart),
                                   .kind = BOURSE_CHART_LINE,
                                   .name = "closes",
                                   .title = "Closing prices",
                                   .table = "closes",
                                   .n_channels = 2,
                                   .channels = channels};

/* ---- what it does ---- */
static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                            void** self) {
  (void)call;
  (void)config;
  *self = (void*)host; /* lives as long as the library is loaded, and is not written to */
  return BOURSE_OK;
}

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
/* Two of one column have one scale, so their ratio is that of the coefficients. */
static double coefficient(bourse_i128 price) {
  return (double)price.hi * 18446744073709551616.0 + (double)price.lo;
}

static bourse_status say(const bourse_host* host, bourse_call* call, const bourse_field* field,
                         bourse_value value) {
  const bourse_scalar scalar = {.size = sizeof(bourse_scalar), .field = field, .value = value};
  return host->scalar(call, &scalar);
}

static bourse_status run(void* self, bourse_call* call, const bourse_value* values) {
  const bourse_host* const host = self;
  const bourse_arg args[] = {{TEXT("symbol"), values[0]}, {TEXT("limit"), values[1]}};
  const bourse_query query = {
      .size = sizeof(bourse_query), .dataset = TEXT("candles"), .n_args = 2, .args = args};
  const bourse_query* const queries[] = {&query};
  bourse_answer answer;
  bourse_status status = host->query(call, 1, queries, &answer);
  if (status != BOURSE_OK) return status; /* the host knows why already */

  const bourse_table* const table = answer.report->tables[0];
  const size_t time = find(table, &open_time), price = find(table, &close_price);
  if (time == table->n_fields || price == table->n_fields) {
    const bourse_failure failure = {.size = sizeof(bourse_failure),
                                    .status = BOURSE_INTERNAL,
                                    .code = TEXT("column_missing"),
                                    .message = TEXT("The candles have no open_time or close.")};
    return host->fail(call, &failure);
  }
  const bourse_array* const column = &table->columns[price];
  const bourse_i128* const prices = column->data;
  double first = 0, last = 0; /* of the rows that have a price */
  for (size_t row = 0; row < table->n_rows; ++row) {
    if (!has(column, row)) continue;
    last = coefficient(prices[row]);
    if (first == 0) first = last;
  }
  status = say(host, call, &rows,
               (bourse_value){.type = BOURSE_TYPE_I64, .as.i64 = (int64_t)table->n_rows});
  if (status != BOURSE_OK) return status;
  bourse_value change = {.type = BOURSE_TYPE_NULL}; /* there is no answer, and 0 would be one */
  if (first != 0) {
    change = (bourse_value){.type = BOURSE_TYPE_F64, .as.f64 = 100 * (last / first - 1)};
  }
  status = say(host, call, &moved, change);
  if (status != BOURSE_OK) return status;

  const bourse_field* const fields[] = {table->fields[time], table->fields[price]};
  const bourse_array columns[] = {table->columns[time], table->columns[price]};
  bourse_table out = closes;
  out.fields = fields;
  out.n_rows = table->n_rows;
  out.columns = columns;
  status = host->table(call, &out, NULL);
  if (status != BOURSE_OK) return status;
  return host->chart(call, &chart);
}

static const bourse_component component = {.size = sizeof(bourse_component),
                                           .kind = BOURSE_KIND_ANALYSIS,
                                           .flags = BOURSE_COMPONENT_PURE,
                                           .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES |
                                                    BOURSE_PART_CHARTS,
                                           .id = "@ID@",
                                           .title = "@NAME@",
                                           .doc = "How far the price of a market has moved.",
                                           .n_params = 2,
                                           .params = params,
                                           .n_datasets = 1,
                                           .datasets = datasets,
                                           .create = create,
                                           .run = run,
                                           .n_scalars = 2,
                                           .scalars = scalars,
                                           .n_tables = 1,
                                           .tables = tables};
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
