/* SPDX-License-Identifier: MIT
 *
 * The C headers as a plugin author uses them; compiled as C11, C17, C++17 and C++20. */
#include "bourse/bourse.h"
#include "bourse/extensions.h"
#include "bourse/market.h"
/* Once more: the guards must hold. */
#include "bourse/bourse.h"
#include "bourse/extensions.h"
#include "bourse/market.h"

BOURSE_MANIFEST("test.dialect", "1.0.0");

static const bourse_dataset* const all[] = {&bourse_candles,     &bourse_ticker_24h, &bourse_prices,
                                            &bourse_book_ticker, &bourse_order_book, &bourse_trades,
                                            &bourse_symbols,     &bourse_account};

static bourse_status run(void* self, bourse_call* call, const bourse_value* params) {
  const bourse_host* host = (const bourse_host*)self;
  if (params[0].type != BOURSE_TYPE_I64 || !BOURSE_HAS(host, scalar)) return BOURSE_UNPROCESSABLE;
  return host->scalar(call, all[params[0].as.i64 % 8]->fields[0], params[0]);
}

static const bourse_component component = {sizeof(bourse_component),
                                           BOURSE_KIND_ANALYSIS,
                                           BOURSE_COMPONENT_PURE,
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
                                           BOURSE_MARKET_COUNT(all),
                                           all,
                                           NULL,
                                           NULL,
                                           run,
                                           NULL,
                                           NULL,
                                           NULL};
static const bourse_component* const components[] = {&component};
static const bourse_plugin plugin = {sizeof(bourse_plugin),
                                     0,
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

const bourse_plugin* bourse_plugin_v1(void) { return &plugin; }
