/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* c.h - what plugins in C write again and again, as inline functions on bourse.h. C11; C++ authors have plugin.hpp.
 *
 *   const bourse_column close = bourse_find(answer.report->tables[0], "close");
 *   for (size_t row = 0; row < n; ++row) sum += bourse_given(close, row) ? bourse_number(close, row) : 0;
 */
#ifndef BOURSE_C_H
#define BOURSE_C_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define BOURSE_TEXT(literal) ((bourse_str){(literal), sizeof(literal) - 1})   /* of a text in quotation marks */

/* A `create` for components that keep nothing but their host: it is their self. */
static inline bourse_status bourse_create_host(const bourse_host *host, bourse_call *call, const bourse_value *config,
                                               void **self) {
  (void)call, (void)config;
  *self = (void *)host;   /* lives as long as the library is loaded, and is not written to */
  return BOURSE_OK;
}

/* A column by its name, borrowed from the table; field is NULL where there is none. */
typedef struct bourse_column { const bourse_field *field; bourse_array array; } bourse_column;
static inline bourse_column bourse_find(const bourse_table *table, const char *name) {
  for (size_t i = 0; i < table->n_fields; ++i) {
    if (__builtin_strcmp(table->fields[i]->name, name) == 0) {
      const bourse_column found = {table->fields[i], table->columns[i]};
      return found;
    }
  }
  const bourse_column none = {NULL, {NULL, NULL}};
  return none;
}
/* Is there a value? */
static inline int bourse_given(bourse_column c, size_t row) {
  return c.field != NULL && (c.array.valid == NULL || (c.array.valid[row / 8] >> (row % 8) & 1) != 0);
}
/* A DECIMAL, F64, I64 or TIME (ns) as a double; of a decimal of at most 15 digits the nearest one. NaN: it is null, of
 * another type, or there is no such column. */
static inline double bourse_number(bourse_column c, size_t row) {
  __extension__ typedef __int128 wide;
  if (!bourse_given(c, row)) return __builtin_nan("");
  if (c.field->type == BOURSE_TYPE_F64) return ((const double *)c.array.data)[row];
  if (c.field->type == BOURSE_TYPE_I64 || c.field->type == BOURSE_TYPE_TIME) {
    return (double)((const int64_t *)c.array.data)[row];
  }
  if (c.field->type != BOURSE_TYPE_DECIMAL) return __builtin_nan("");
  const bourse_i128 n = ((const bourse_i128 *)c.array.data)[row];
  const double whole = (double)((wide)n.hi * ((wide)1 << 64) + (wide)n.lo);
  double power = 1;
  for (int32_t s = c.field->scale; s > 0; --s) power *= 10;
  for (int32_t s = c.field->scale; s < 0; ++s) power *= 10;
  return c.field->scale < 0 ? whole * power : whole / power;
}
/* A TIME in ns; 0: null or none. */
static inline int64_t bourse_time(bourse_column c, size_t row) {
  return bourse_given(c, row) && c.field->type == BOURSE_TYPE_TIME ? ((const int64_t *)c.array.data)[row] : 0;
}

#ifdef __cplusplus
}
#endif
#endif
