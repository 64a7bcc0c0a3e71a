/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* An analysis in C: the volume weighted average price since the first candle, and bands of `width` deviations around
 * it. VWAP is of Berkowitz, Logue and Noser, "The Total Cost of Transactions on the NYSE", Journal of Finance 43 (1988);
 * mean and variance take in each candle's typical price, (high + low + close) / 3, as in West, "Updating Mean and
 * Variance Estimates: An Improved Method", Communications of the ACM 22 (1979). */
#include <math.h>

#include "bourse/c.h"
#include "bourse/market.h"

static const bourse_param width = {.size = sizeof width, .type = BOURSE_TYPE_F64, .name = "width",
                                   .doc = "Deviations.", .def = "2", .min = "0.1", .max = "10"};
static const bourse_param *const params[] = {&bourse_candles_param_symbol, &bourse_candles_param_limit, &width};
static const bourse_field *const reads[] = {&bourse_candles_open_time, &bourse_candles_high, &bourse_candles_low,
                                           &bourse_candles_close, &bourse_candles_volume};
static const bourse_dataset candles_read = {.size = sizeof candles_read, .name = "candles",   /* as market.h says, but less */
    .n_params = BOURSE_COUNT(bourse_candles_params), .params = bourse_candles_params,
    .n_fields = BOURSE_COUNT(reads), .fields = reads};
static const bourse_dataset *const datasets[] = {&candles_read};

static const bourse_field vwap = {.size = sizeof vwap, .type = BOURSE_TYPE_F64, .name = "vwap", .unit = "{quote}"};
static const bourse_field lower = {.size = sizeof lower, .type = BOURSE_TYPE_F64, .name = "lower", .unit = "{quote}"};
static const bourse_field upper = {.size = sizeof upper, .type = BOURSE_TYPE_F64, .name = "upper", .unit = "{quote}"};
static const bourse_field *const fields[] = {&bourse_candles_open_time, &vwap, &lower, &upper};
static const bourse_table bands = {.size = sizeof bands, .name = "bands", .n_fields = BOURSE_COUNT(fields), .fields = fields};
static const bourse_table *const tables[] = {&bands};

static bourse_status run(void *self, bourse_call *call, const bourse_value *values) {
  const bourse_host *const host = self;
  const bourse_arg args[] = {{BOURSE_TEXT("symbol"), values[0]}, {BOURSE_TEXT("limit"), values[1]}};
  const bourse_query query = {.size = sizeof query, .dataset = BOURSE_TEXT("candles"), .n_args = 2, .args = args};
  const bourse_query *const queries[] = {&query};
  bourse_answer answer;
  bourse_status status = host->query(call, 1, queries, &answer);
  uint32_t number = 0;
  if (status == BOURSE_OK) status = host->table(call, &bands, &number);
  if (status != BOURSE_OK) return status;   /* the host knows why */
  const bourse_table *const candles = answer.report->tables[0];
  const bourse_column time = bourse_find(candles, "open_time"), high = bourse_find(candles, "high"),
      low = bourse_find(candles, "low"), close = bourse_find(candles, "close"), volume = bourse_find(candles, "volume");
  double weight = 0, mean = 0, squares = 0;
  for (size_t row = 0; row < candles->n_rows && status == BOURSE_OK; ++row) {
    const double price = (bourse_number(high, row) + bourse_number(low, row) + bourse_number(close, row)) / 3;
    const double traded = bourse_number(volume, row), step = (price - mean) * traded / (weight + traded);
    if (!(traded > 0) || isnan(price)) continue;   /* nobody traded: there is no price to take in */
    squares += weight * (price - mean) * step;
    mean += step;
    weight += traded;
    const double half = values[2].as.f64 * sqrt(squares / weight), below = mean - half, above = mean + half;
    const int64_t at = bourse_time(time, row);
    const bourse_array cells[] = {{&at, NULL}, {&mean, NULL}, {&below, NULL}, {&above, NULL}};
    const bourse_rows rows = {.size = sizeof rows, .table = number, .n_rows = 1, .n_columns = 4, .columns = cells};
    status = host->rows(call, &rows);
  }
  return status;
}

static const bourse_component component = {
    .size = sizeof component, .kind = BOURSE_KIND_ANALYSIS, .flags = BOURSE_COMPONENT_PURE, .parts = BOURSE_PART_TABLES,
    .id = "vwap-bands", .title = "VWAP with bands", .n_params = BOURSE_COUNT(params), .params = params,
    .n_datasets = 1, .datasets = datasets, .create = bourse_create_host, .run = run, .n_tables = 1, .tables = tables};
static const bourse_component *const components[] = {&component};
static const bourse_plugin plugin = {.size = sizeof plugin, .abi_minor = BOURSE_TARGET_MINOR, .name = "example.vwap-bands",
                                     .version = "1.0.0", .n_components = 1, .components = components};
BOURSE_MANIFEST("example.vwap-bands", "1.0.0");
const bourse_plugin *bourse_plugin_v1(const bourse_host *host) { return (void)host, &plugin; }
