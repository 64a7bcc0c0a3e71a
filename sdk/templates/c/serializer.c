/* @NAME@: a report as plain text, a line for each value and each row. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bourse/bourse.h"

/* Bytes on their way to the client, handed on in blocks: a report may have a million rows. */
struct out {
  const bourse_host* host;
  bourse_call* call;
  bourse_status status; /* of the first block that did not arrive */
  size_t used;
  char bytes[16384];
};

static void flush(struct out* out) {
  if (out->status == BOURSE_OK && out->used > 0) {
    out->status = out->host->write(out->call, (bourse_str){out->bytes, out->used});
  }
  out->used = 0;
}
static void put(struct out* out, const char* text, size_t bytes) {
  while (bytes > 0) {
    if (out->used == sizeof out->bytes) flush(out);
    const size_t room = sizeof out->bytes - out->used, n = bytes < room ? bytes : room;
    memcpy(out->bytes + out->used, text, n);
    out->used += n;
    text += n;
    bytes -= n;
  }
}
static void say(struct out* out, const char* text) { put(out, text, strlen(text)); }

/* coefficient x 10^-scale, with all its decimals. */
static void put_decimal(struct out* out, bourse_i128 coefficient, int32_t scale) {
  uint64_t hi = (uint64_t)coefficient.hi, lo = coefficient.lo;
  if (coefficient.hi < 0) {
    say(out, "-");
    lo = ~lo + 1;
    hi = ~hi + (lo == 0 ? 1 : 0);
  }
  char digits[128];
  char* at = digits + sizeof digits;
  int32_t written = 0;
  *--at = '\0';
  for (int32_t zeros = scale; zeros < 0; ++zeros) *--at = '0';
  while (hi != 0 || lo != 0 || written <= (scale > 0 ? scale : 0)) {
    if (written == scale && written > 0) *--at = '.';
    /* A digit of 128 bits, by 32 bits at a time. */
    uint64_t rest = 0, parts[4] = {hi >> 32, hi & 0xffffffff, lo >> 32, lo & 0xffffffff};
    for (int i = 0; i < 4; ++i) {
      const uint64_t part = rest << 32 | parts[i];
      parts[i] = part / 10;
      rest = part % 10;
    }
    hi = parts[0] << 32 | parts[1];
    lo = parts[2] << 32 | parts[3];
    *--at = (char)('0' + rest);
    ++written;
  }
  say(out, at);
}

static void put_value(struct out* out, bourse_type type, int32_t scale, const bourse_value* value) {
  char text[64] = "-"; /* null, and types of later versions */
  switch (type) {
    case BOURSE_TYPE_BOOL:
      snprintf(text, sizeof text, "%s", value->as.i64 != 0 ? "yes" : "no");
      break;
    case BOURSE_TYPE_I64:
      snprintf(text, sizeof text, "%" PRId64, value->as.i64);
      break;
    case BOURSE_TYPE_TIME: /* since 1970 */
      snprintf(text, sizeof text, "%" PRId64 " s", value->as.i64 / 1000000000);
      break;
    case BOURSE_TYPE_F64:
      snprintf(text, sizeof text, "%g", value->as.f64);
      break;
    case BOURSE_TYPE_DECIMAL:
      put_decimal(out, value->as.dec, scale);
      return;
    case BOURSE_TYPE_TEXT:
      put(out, value->as.text.ptr, value->as.text.len);
      return;
    default:
      break;
  }
  say(out, text);
}

static void put_cell(struct out* out, const bourse_field* field, const bourse_array* column,
                     size_t row) {
  bourse_value value = {.type = field->type};
  if (column->valid != NULL && ((column->valid[row / 8] >> (row % 8)) & 1) == 0) {
    value.type = BOURSE_TYPE_NULL;
  } else if (field->type == BOURSE_TYPE_BOOL) {
    value.as.i64 = ((const uint8_t*)column->data)[row];
  } else if (field->type == BOURSE_TYPE_I64 || field->type == BOURSE_TYPE_TIME) {
    value.as.i64 = ((const int64_t*)column->data)[row];
  } else if (field->type == BOURSE_TYPE_F64) {
    value.as.f64 = ((const double*)column->data)[row];
  } else if (field->type == BOURSE_TYPE_DECIMAL) {
    value.as.dec = ((const bourse_i128*)column->data)[row];
  } else if (field->type == BOURSE_TYPE_TEXT) {
    value.as.text = ((const bourse_str*)column->data)[row];
  }
  put_value(out, value.type, field->scale, &value);
}

static void put_table(struct out* out, const bourse_table* table) {
  for (size_t row = 0; row < table->n_rows && out->status == BOURSE_OK; ++row) {
    say(out, table->name);
    say(out, ":");
    for (size_t i = 0; i < table->n_fields; ++i) {
      say(out, " ");
      say(out, table->fields[i]->name);
      say(out, "=");
      put_cell(out, table->fields[i], &table->columns[i], row);
    }
    say(out, "\n");
  }
}

static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                            void** self) {
  (void)call;
  (void)config;
  *self = (void*)host; /* lives as long as the library is loaded, and is not written to */
  return BOURSE_OK;
}

static bourse_status render(void* self, bourse_call* call, const bourse_value* values,
                            const bourse_report* report) {
  (void)values;
  struct out out = {.host = self, .call = call};
  put(&out, report->title.ptr, report->title.len);
  say(&out, "\n");
  for (size_t i = 0; i < report->n_scalars; ++i) {
    const bourse_scalar* const scalar = report->scalars[i];
    say(&out, scalar->field->name);
    say(&out, ": ");
    put_value(&out, scalar->value.type, scalar->value.scale, &scalar->value);
    say(&out, "\n");
  }
  for (size_t i = 0; i < report->n_tables; ++i) put_table(&out, report->tables[i]);
  for (size_t i = 0; i < report->n_notes; ++i) {
    say(&out, "note: ");
    put(&out, report->notes[i]->text.ptr, report->notes[i]->text.len);
    say(&out, "\n");
  }
  flush(&out);
  return out.status;
}

static const bourse_component component = {.size = sizeof(bourse_component),
                                           .kind = BOURSE_KIND_SERIALIZER,
                                           .flags = BOURSE_COMPONENT_PURE,
                                           .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES |
                                                    BOURSE_PART_NOTES,
                                           .id = "@ID@",
                                           .title = "@NAME@",
                                           .doc = "A line for each value and each row.",
                                           .media_type = "text/plain; charset=utf-8",
                                           .suffix = "txt",
                                           .create = create,
                                           .render = render};
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
