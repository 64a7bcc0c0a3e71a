/* SPDX-License-Identifier: MIT
 *
 * The C headers as a plugin author uses them; compiled as C11, C17, C2x, C++17 and C++20. */
#include "bourse/bourse.h"
#include "bourse/ext/datasets.h"
#include "bourse/ext/metrics.h"
#include "bourse/ext/probe.h"
#include "bourse/ext/request.h"
#include "bourse/ext/schema.h"
#include "bourse/ext/shared.h"
#include "bourse/ext/tasks.h"
#include "bourse/ext/watch.h"
#include "bourse/market.h"
/* Once more: the guards must hold. */
#include "bourse/bourse.h"
#include "bourse/ext/request.h"
#include "bourse/market.h"

BOURSE_MANIFEST("test.dialect", "1.0.0");

static const bourse_host* own_host;

static bourse_status run(void* self, bourse_call* call, const bourse_value* params) {
  (void)self;
  if (params[2].type != BOURSE_TYPE_I64 || !BOURSE_HAS(own_host, scalar))
    return BOURSE_UNPROCESSABLE;
  /* A number is there or not, and may be zero: BOURSE_REACHES, which takes members of any type. */
  const bourse_dataset* const dataset =
      bourse_market_datasets[params[2].as.i64 % BOURSE_MARKET_DATASETS];
  if (!BOURSE_REACHES(dataset->fields[0], flags) || !BOURSE_REACHES(dataset, fields))
    return BOURSE_INTERNAL;
  const bourse_scalar scalar = {sizeof(bourse_scalar), 0, dataset->fields[0], params[2]};
  if (!BOURSE_REACHES(&scalar, value)) return BOURSE_INTERNAL;
  const bourse_request* const request =
      (const bourse_request*)own_host->extension(own_host, BOURSE_REQUEST_ID);
  if (request != NULL && BOURSE_HAS(request, language) && request->language(call).len == 0)
    return BOURSE_OK;
  return own_host->scalar(call, &scalar);
}

static const bourse_component component = {sizeof(bourse_component),
                                           BOURSE_COMPONENT_PURE,
                                           BOURSE_KIND_ANALYSIS,
                                           BOURSE_PART_SCALARS,
                                           "dialect",
                                           "Dialect",
                                           NULL,
                                           BOURSE_MARKET_COUNT(bourse_candles_params),
                                           bourse_candles_params,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           BOURSE_MARKET_DATASETS,
                                           bourse_market_datasets,
                                           NULL,
                                           NULL,
                                           run,
                                           NULL,
                                           NULL,
                                           NULL,
                                           0,
                                           NULL,
                                           0,
                                           NULL};
static const bourse_component* const components[] = {&component};
static const bourse_plugin plugin = {sizeof(bourse_plugin),
                                     BOURSE_TARGET_MINOR,
                                     "test.dialect",
                                     "1.0.0",
                                     NULL,
                                     NULL,
                                     NULL,
                                     NULL,
                                     1,
                                     components,
                                     NULL,
                                     NULL};

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  own_host = host;
  return &plugin;
}
