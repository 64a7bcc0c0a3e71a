/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* schema.h - bourse.schema/1, offered by a serializer whose bytes are JSON: what they look like.
 *
 * The host puts it into its OpenAPI description. What `extension` returns lives as long as the library is loaded. C11.
 */
#ifndef BOURSE_EXT_SCHEMA_H
#define BOURSE_EXT_SCHEMA_H
#include "bourse/bourse.h"
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_SCHEMA_ID "bourse.schema/1"
enum { BOURSE_SCHEMA_OPEN = 1u << 3 };   /* of shape->flags: reports may hold more than the shape does */
typedef struct bourse_schema {
  uint32_t size, flags;
  /* Writes, by host->write, one JSON Schema (2020-12) of what render makes of such reports. `shape` is a report without
   * values: each scalar is null, each table has no rows; BOURSE_FIELD_OPTIONAL and BOURSE_TABLE_OPTIONAL, _OPEN say what
   * need not be there, or may. NULL: nothing is known of the report. `params` are render's; null: any value may be given.
   * "$ref" refers to "#/$defs/NAME" only. Not OK: the format is described without a schema. [call] */
  bourse_status (*schema)(void *self, bourse_call *, const bourse_value *params, const bourse_report *shape);
} bourse_schema;

#ifdef __cplusplus
}
#endif
#endif
