/* SPDX-License-Identifier: MIT
 *
 * The layout that compiled plugins rely on. A failure here means that they would read wrong memory:
 * frozen structs never change, the others grow at the end only. Do not adapt a number, move the
 * field; what really must change needs a new major version (rule 5 of bourse.h). */
#include <stdio.h>

#include "bourse/bourse.h"

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "The numbers below are those of 64-bit x86 and ARM: measure this target and add its own."
#endif

#define SIZE(type, bytes) \
  _Static_assert(sizeof(type) == (bytes), #type " is frozen at " #bytes " bytes")
#define AT(type, field, bytes) \
  _Static_assert(offsetof(type, field) == (bytes), #type "." #field " stays at byte " #bytes)
/* A growing struct: its `size`, the field after it, and the last one of ABI 1.0. All three in place
 * means that nothing was put between them. */
#define GROWS(type, second, second_at, last, last_at)                                 \
  AT(type, size, 0);                                                                  \
  _Static_assert(sizeof(((type*)NULL)->size) == 4, #type ".size stays 32 bits wide"); \
  AT(type, second, second_at);                                                        \
  AT(type, last, last_at)

/* ---- scalars: C gives every enum its own idea of a size, so the contract names fixed ones ---- */
SIZE(bourse_status, 4);
SIZE(bourse_type, 4);
SIZE(bourse_chart_kind, 4);
SIZE(bourse_role, 4);
SIZE(bourse_kind, 4);

/* ---- frozen ---- */
SIZE(bourse_str, 16);
AT(bourse_str, ptr, 0);
AT(bourse_str, len, 8);
SIZE(bourse_i128, 16);
AT(bourse_i128, lo, 0);
AT(bourse_i128, hi, 8);
_Static_assert(_Alignof(bourse_i128) == 8, "bourse_i128 may stand at any multiple of 8");
SIZE(bourse_list, 16);
AT(bourse_list, ptr, 0);
AT(bourse_list, len, 8);
SIZE(bourse_value, 24);
AT(bourse_value, type, 0);
AT(bourse_value, scale, 4);
AT(bourse_value, as, 8);
AT(bourse_value, as.i64, 8);
AT(bourse_value, as.f64, 8);
AT(bourse_value, as.dec, 8);
AT(bourse_value, as.text, 8);
AT(bourse_value, as.list, 8);
SIZE(bourse_array, 16);
AT(bourse_array, data, 0);
AT(bourse_array, valid, 8);
SIZE(bourse_arg, 40);
AT(bourse_arg, name, 0);
AT(bourse_arg, value, 16);
SIZE(bourse_answer, 48);
AT(bourse_answer, status, 0);
AT(bourse_answer, reserved, 4);
AT(bourse_answer, report, 8);
AT(bourse_answer, code, 16);
AT(bourse_answer, message, 32);

/* ---- growing ---- */
GROWS(bourse_field, type, 4, doc, 40);
GROWS(bourse_param, type, 4, choices, 64);
GROWS(bourse_channel, role, 4, label, 16);
GROWS(bourse_chart, kind, 4, range, 72);
GROWS(bourse_meta, flags, 4, value, 24);
GROWS(bourse_note, level, 4, text, 24);
GROWS(bourse_scalar, flags, 4, value, 16);
GROWS(bourse_table, n_fields, 4, columns, 40);
GROWS(bourse_report, flags, 4, charts, 104);
GROWS(bourse_dataset, flags, 4, fields, 48);
GROWS(bourse_query, flags, 4, args, 48);
GROWS(bourse_failure, status, 4, retry_after, 56);
GROWS(bourse_host, abi_minor, 4, write, 112);
GROWS(bourse_component, kind, 4, extension, 144);
GROWS(bourse_plugin, abi_minor, 4, deinit, 80);

/* ---- numbers that travel ---- */
_Static_assert(BOURSE_TYPE_NULL == 0 && BOURSE_TYPE_BOOL == 1 && BOURSE_TYPE_I64 == 2 &&
                   BOURSE_TYPE_F64 == 3 && BOURSE_TYPE_DECIMAL == 4 && BOURSE_TYPE_TIME == 5 &&
                   BOURSE_TYPE_TEXT == 6 && BOURSE_TYPE_LIST == 7,
               "types keep their numbers");
_Static_assert(BOURSE_CHART_LINE == 1 && BOURSE_CHART_AREA == 2 && BOURSE_CHART_BAR == 3 &&
                   BOURSE_CHART_SCATTER == 4 && BOURSE_CHART_CANDLE == 5 &&
                   BOURSE_CHART_HISTOGRAM == 6 && BOURSE_CHART_HEATMAP == 7,
               "chart kinds keep their numbers");
_Static_assert(BOURSE_ROLE_X == 1 && BOURSE_ROLE_Y == 2 && BOURSE_ROLE_OPEN == 3 &&
                   BOURSE_ROLE_HIGH == 4 && BOURSE_ROLE_LOW == 5 && BOURSE_ROLE_CLOSE == 6 &&
                   BOURSE_ROLE_GROUP == 7 && BOURSE_ROLE_HEAT == 8 && BOURSE_ROLE_LOWER == 9 &&
                   BOURSE_ROLE_UPPER == 10,
               "roles keep their numbers");
_Static_assert(BOURSE_KIND_ANALYSIS == 1 && BOURSE_KIND_SOURCE == 2 && BOURSE_KIND_SERIALIZER == 3,
               "kinds keep their numbers");
_Static_assert(BOURSE_PARAM_REQUIRED == 1 && BOURSE_PARAM_SECRET == 2 &&
                   BOURSE_COMPONENT_PURE == 1 && BOURSE_COMPONENT_SERIAL == 2 &&
                   BOURSE_COMPONENT_BLOCKING == 4 && BOURSE_PART_SCALARS == 1 &&
                   BOURSE_PART_TABLES == 2 && BOURSE_PART_CHARTS == 4 && BOURSE_PART_NOTES == 8,
               "flags keep their bits");

/* ---- rule 3 at work: what BOURSE_HAS says of shorter, equal and longer structs ---- */
static void log_nothing(bourse_call* call, int32_t level, bourse_str message,
                        const bourse_arg* fields, size_t n) {
  (void)call, (void)level, (void)message, (void)fields, (void)n;
}

static int failures = 0;

static void expect(int truth, const char* claim) {
  if (truth) return;
  fprintf(stderr, "FAILED: %s\n", claim);
  ++failures;
}

int main(void) {
  bourse_host host = {.size = sizeof(bourse_host), .log = log_nothing};
  expect(BOURSE_HAS(&host, log), "a function that is there is offered");
  expect(!BOURSE_HAS(&host, fail), "a NULL function is not offered");
  host.size = offsetof(bourse_host, log) + sizeof(host.log);
  expect(BOURSE_HAS(&host, log), "the last field inside `size` is offered");
  host.size -= 1;
  expect(!BOURSE_HAS(&host, log), "a field that `size` cuts is not offered");
  host.size = offsetof(bourse_host, log);
  expect(!BOURSE_HAS(&host, log), "a field past `size` is not offered");
  host.size = sizeof(bourse_host) + 64;
  expect(BOURSE_HAS(&host, log), "a longer, newer struct offers what it always did");
  host.size = 0;
  expect(!BOURSE_HAS(&host, version), "a struct without a size offers nothing");
  return failures == 0 ? 0 : 1;
}
