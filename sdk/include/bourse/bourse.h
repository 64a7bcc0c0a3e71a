/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* bourse.h - the whole binary contract between the Bourse host and its plugins. C11, ABI 1, draft (0.x).
 *
 * FIVE RULES
 *  1. Borrow and copy. A pointer you RECEIVE is borrowed until that call returns. A pointer you PASS has been
 *     copied when that call returns. Neither side ever frees the other's memory. Two things are static instead:
 *     what bourse_plugin_v1 returns lives as long as the library is loaded, and so does bourse_host.
 *  2. No unwinding. No C++ exception, Rust panic or longjmp may leave a function declared here.
 *  3. Growth. A struct that starts with `size` grows at its end only; set it to sizeof. A field at or past
 *     `size`, or a NULL function, is "not offered": test with BOURSE_HAS. Such structs never stand side by side
 *     in an array (arrays hold pointers to them), so a longer struct moves nothing. The others are frozen.
 *  4. Threads. [load] one thread, no other call into the plugin is running.  [call] any thread, many at once on
 *     the same instance.  [any] like [call], and also from threads that the plugin started itself.
 *  5. Text is UTF-8; time is ns since 1970-01-01 UTC; numbers are little-endian; a new major version of this
 *     contract is a new symbol beside bourse_plugin_v1.
 *
 * C++ authors include bourse/plugin.hpp instead, which is this file with types and exceptions.
 */
#ifndef BOURSE_BOURSE_H
#define BOURSE_BOURSE_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_ABI_MAJOR 1u
#define BOURSE_ABI_MINOR 0u
#define BOURSE_HAS(p, field) \
  ((p)->size >= offsetof(__typeof__(*(p)), field) + sizeof((p)->field) && (p)->field)
#define BOURSE_EXPORT __attribute__((visibility("default")))

/* ---- status: the number IS the HTTP status the client sees ------------------------------------------------ */
typedef int32_t bourse_status;
enum { BOURSE_OK = 0, BOURSE_BAD_PARAM = 400, BOURSE_FORBIDDEN = 403, BOURSE_NOT_FOUND = 404,
       BOURSE_UNPROCESSABLE = 422, BOURSE_TOO_MANY = 429, BOURSE_CANCELLED = 499, BOURSE_INTERNAL = 500,
       BOURSE_UPSTREAM = 502, BOURSE_UNAVAILABLE = 503, BOURSE_DEADLINE = 504 };

/* ---- values (frozen) -------------------------------------------------------------------------------------- */
typedef struct bourse_str  { const char *ptr; size_t len; } bourse_str;   /* not NUL-terminated; len 0: ptr unused */
typedef struct bourse_i128 { uint64_t lo; int64_t hi; } bourse_i128;      /* two's complement */
typedef int32_t bourse_type;
enum { BOURSE_TYPE_NULL = 0, BOURSE_TYPE_BOOL = 1, BOURSE_TYPE_I64 = 2, BOURSE_TYPE_F64 = 3,
       BOURSE_TYPE_DECIMAL = 4,                /* coefficient x 10^-scale, scale -38..38, |coefficient| < 10^38 */
       BOURSE_TYPE_TIME = 5, BOURSE_TYPE_TEXT = 6, BOURSE_TYPE_LIST = 7 /* parameters only */ };
struct bourse_value;
typedef struct bourse_list { const struct bourse_value *ptr; size_t len; } bourse_list;
typedef struct bourse_value {
  bourse_type type;                       /* BOURSE_TYPE_NULL: absent */
  int32_t     scale;                      /* BOURSE_TYPE_DECIMAL only */
  union { int64_t i64; double f64; bourse_i128 dec; bourse_str text; bourse_list list; } as; /* BOOL, TIME: i64 */
} bourse_value;
/* One column of a block of rows, laid out as Arrow does, but BOOL is uint8_t[] and TEXT is bourse_str[]. */
typedef struct bourse_array {
  const void    *data;                    /* int64_t, double, bourse_i128, uint8_t or bourse_str per row */
  const uint8_t *valid;                   /* bit i (least significant first) set: row i has a value; NULL: all have */
} bourse_array;
typedef struct bourse_arg { bourse_str name; bourse_value value; } bourse_arg;

/* ---- descriptions: declared once; used for checking, OpenAPI, forms, help, docs and cache keys -------------- */
typedef struct bourse_field {             /* a column, or a named scalar */
  uint32_t size; bourse_type type; int32_t scale; uint32_t flags;
  const char *name;                       /* [a-z][a-z0-9_]*; a scalar's may be a dotted path, "summary.breadth":
                                             serializers that nest, nest at the dots. At most 128 bytes. */
  const char *label, *unit, *doc;         /* for people; unit: "%", "USDT", "s", an ISO 4217 code; may be NULL */
} bourse_field;
enum { BOURSE_PARAM_REQUIRED = 1u << 0,
       BOURSE_PARAM_SECRET = 1u << 1 };         /* never logged, in no cache key, on no page */
typedef struct bourse_param {
  uint32_t size; bourse_type type; uint32_t flags;
  bourse_type item;                       /* BOURSE_TYPE_LIST only: type of each item; ?s=A&s=B and ?s=A,B are the same */
  const char *name, *doc, *unit;
  const char *def, *min, *max;            /* as text, read by `type`, bounds inclusive (TEXT: of the length in bytes,
                                             LIST: of the count; a list's default is comma separated); NULL: none */
  const char *const *choices;             /* NULL-terminated list of legal values (LIST: of legal items), or NULL */
} bourse_param;

/* ---- charts: what to show, by role; a serializer decides how ---------------------------------------------- */
typedef int32_t bourse_chart_kind;
enum { BOURSE_CHART_LINE = 1, BOURSE_CHART_AREA, BOURSE_CHART_BAR, BOURSE_CHART_SCATTER, BOURSE_CHART_CANDLE, BOURSE_CHART_HISTOGRAM, BOURSE_CHART_HEATMAP };
typedef int32_t bourse_role;
enum { BOURSE_ROLE_X = 1, BOURSE_ROLE_Y, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE, BOURSE_ROLE_GROUP, BOURSE_ROLE_HEAT,
       BOURSE_ROLE_LOWER, BOURSE_ROLE_UPPER };
typedef struct bourse_channel { uint32_t size; bourse_role role; const char *field, *label; } bourse_channel;
typedef struct bourse_chart {
  uint32_t size; bourse_chart_kind kind;
  const char *name, *title, *table;       /* the table of the same report whose fields the channels name */
  const char *pane;                       /* charts of one pane share both axes; panes share the x axis; NULL: own pane */
  size_t n_channels; const bourse_channel *const *channels;
  size_t n_levels; const double *levels;  /* guide lines at these y values, such as 30 and 70 */
  const double *range;                    /* [2]: the y (heat map: colour) axis spans at least these; NULL: the data */
} bourse_chart;

/* ---- a finished report: what a serializer, and an analysis that asked for data, reads ----------------------- */
enum { BOURSE_LEVEL_DEBUG = 10, BOURSE_LEVEL_INFO = 20, BOURSE_LEVEL_WARN = 30, BOURSE_LEVEL_ERROR = 40 };           /* levels */
typedef struct bourse_meta   { uint32_t size, flags; bourse_str key; bourse_value value; } bourse_meta;
typedef struct bourse_note   { uint32_t size; int32_t level; bourse_str code, text; } bourse_note;
typedef struct bourse_scalar { uint32_t size, flags; const bourse_field *field; bourse_value value; } bourse_scalar;
typedef struct bourse_table {
  uint32_t size, n_fields; uint64_t n_rows;
  const char *name, *label;
  const bourse_field *const *fields; const bourse_array *columns;   /* n_fields of each; valid is NULL or n_rows bits */
} bourse_table;
typedef struct bourse_report {
  uint32_t size, flags;
  const char *title, *component;          /* component: "bourse.technical/technical" (plugin/component) */
  int64_t as_of;                          /* time of the newest input; 0: unknown */
  size_t n_meta, n_notes, n_scalars, n_tables, n_charts;
  const bourse_meta   *const *meta;    const bourse_note  *const *notes;
  const bourse_scalar *const *scalars; const bourse_table *const *tables; const bourse_chart *const *charts;
} bourse_report;

/* ---- data: sources deliver datasets, analyses ask for them by name ----------------------------------------- */
enum { BOURSE_DATASET_PRIVATE = 1u << 0 };        /* bourse_dataset.flags: one person's own data, such as balances: the host gives
                                             it to calls of routes with `access`, and to the command line, only */
typedef struct bourse_dataset {           /* "candles", "order_book", ...: market.h fixes the well-known ones */
  uint32_t size, flags;
  const char *name, *doc;
  size_t n_params; const bourse_param *const *params;
  size_t n_fields; const bourse_field *const *fields;   /* of the one table its report holds; DECIMAL: scale may differ */
} bourse_dataset;
typedef struct bourse_query {
  uint32_t size, flags;
  bourse_str dataset;
  bourse_str source;                      /* a name from the configuration; empty: the route's source */
  size_t n_args; const bourse_arg *args;  /* of the dataset's params; what is missing takes its default */
} bourse_query;
typedef struct bourse_answer {            /* frozen */
  bourse_status status; int32_t reserved; /* OK: report is set. Otherwise: code and message tell why */
  const bourse_report *report; bourse_str code, message;
} bourse_answer;

/* ---- what the host offers ---------------------------------------------------------------------------------- */
typedef struct bourse_call bourse_call;   /* one request; opaque; valid until create/run/fetch/render returns */
typedef struct bourse_failure {
  uint32_t size; bourse_status status;
  bourse_str code;                        /* stable, for programs: "window_too_long" */
  bourse_str message;                     /* for people, shown to the client: what, where, what to do */
  bourse_str param;                       /* the parameter to blame, or empty */
  int64_t retry_after;                    /* ns to wait before trying again; 0: unknown */
} bourse_failure;
typedef struct bourse_host {
  uint32_t size, abi_minor; const char *version;
  const void *(*extension)(const char *id);          /* small interfaces by id; NULL: this host has none such [any] */
  /* The host adds time, plugin, route and request id. `call` NULL: not about a request. [any] */
  void (*log)(bourse_call *, int32_t level, bourse_str message, const bourse_arg *fields, size_t n);
  /* OK, or CANCELLED / DEADLINE: then return that status soon. `ns_left` may be NULL. Cheap: call it every few
   * thousand rows. [any] */
  bourse_status (*poll)(bourse_call *, int64_t *ns_left);
  /* Records why the call fails and returns failure->status, so: return host->fail(call, &failure). [call] */
  bourse_status (*fail)(bourse_call *, const bourse_failure *);
  /* Asks sources. The n queries run side by side; the host joins equal ones and passes the deadline on. Fills every
   * answer; OK when all succeeded, else the first failure, already recorded as by fail: return it, or look at the
   * answers, go on with the rest, and say so in a note. Answers are borrowed until run returns. [call] */
  bourse_status (*query)(bourse_call *, size_t n, const bourse_query *const *, bourse_answer *answers);
  /* Building the report of this call (analysis, source). A wrong use is answered INTERNAL and logged; from then on
   * the call has failed; it never crashes. All [call]. */
  bourse_status (*meta)(bourse_call *, bourse_str key, bourse_value);      /* "title" (text), "as_of" (time) are known */
  bourse_status (*note)(bourse_call *, int32_t level, bourse_str code, bourse_str text);
  bourse_status (*scalar)(bourse_call *, const bourse_field *, bourse_value);
  bourse_status (*table)(bourse_call *, const char *name, const char *label,
                         const bourse_field *const *, size_t n_fields, uint32_t *table);
  bourse_status (*rows)(bourse_call *, uint32_t table, size_t n_rows, const bourse_array *columns);  /* appends */
  bourse_status (*chart)(bourse_call *, const bourse_chart *);
  /* The answer's bytes (serializer). Not OK: the client went away or the limit is reached, stop. Headers only before
   * the first write; the host sets content-type and length. [call] */
  bourse_status (*header)(bourse_call *, bourse_str name, bourse_str value);
  bourse_status (*write)(bourse_call *, bourse_str bytes);
} bourse_host;

/* ---- what a plugin offers ---------------------------------------------------------------------------------- */
typedef int32_t bourse_kind;
enum { BOURSE_KIND_ANALYSIS = 1, BOURSE_KIND_SOURCE = 2, BOURSE_KIND_SERIALIZER = 3 };
enum {                                    /* bourse_component.flags */
  BOURSE_COMPONENT_PURE     = 1u << 0,              /* equal parameters and equal data give equal results */
  BOURSE_COMPONENT_SERIAL   = 1u << 1,              /* never two calls at once on one instance: the host takes turns */
  BOURSE_COMPONENT_BLOCKING = 1u << 2 };            /* waits for I/O: the host uses its waiting threads, not its computing ones */
enum { BOURSE_PART_SCALARS = 1u << 0, BOURSE_PART_TABLES = 1u << 1, BOURSE_PART_CHARTS = 1u << 2, BOURSE_PART_NOTES = 1u << 3 };
typedef struct bourse_component {
  uint32_t size; bourse_kind kind; uint32_t flags;
  uint32_t parts;                         /* BOURSE_PART_SCALARS...: what it can emit or, a serializer, can show */
  const char *id, *title, *doc;           /* id: [a-z][a-z0-9-]*, unique in its plugin; what routes call it by */
  size_t n_params; const bourse_param *const *params;   /* of a request */
  size_t n_config; const bourse_param *const *config;   /* of the YAML file, `config:` of a source or plugin */
  const char *media_type, *suffix;        /* serializer: "text/csv; charset=utf-8", "csv" */
  size_t n_datasets; const bourse_dataset *const *datasets;   /* source: what it delivers; analysis: what it asks for and
                                                                 the fields it reads: `bourse check` compares the two */
  /* Values arrive checked, in declared order, defaults filled in (BOURSE_TYPE_NULL: optional and not given). One instance
   * for each distinct configuration. create may be NULL: self is NULL then. */
  bourse_status (*create)(const bourse_host *, bourse_call *, const bourse_value *config, void **self);     /* [load] */
  void          (*destroy)(void *self);                                                                      /* [load] */
  bourse_status (*run)(void *self, bourse_call *, const bourse_value *params);                      /* analysis [call] */
  bourse_status (*fetch)(void *self, bourse_call *, size_t dataset, const bourse_value *params);      /* source [call] */
  bourse_status (*render)(void *self, bourse_call *, const bourse_value *params, const bourse_report *); /* serializer [call] */
  const void   *(*extension)(void *self, const char *id);                                                     /* [any] */
} bourse_component;
typedef struct bourse_plugin {
  uint32_t size;
  uint32_t abi_minor;                     /* the LOWEST minor of the host's ABI that this plugin can work with */
  const char *name, *version;             /* "acme.trend", semantic version; the same as in the manifest */
  const char *vendor, *license, *url, *built_with;                   /* for `bourse plugins`; may be NULL */
  size_t n_components; const bourse_component *const *components;
  bourse_status (*init)(const bourse_host *);                        /* [load] may be NULL; keeps the host pointer */
  void (*deinit)(void);                                              /* [load] may be NULL */
} bourse_plugin;

/* The one symbol a plugin exports. NULL: it refuses to be loaded. */
BOURSE_EXPORT const bourse_plugin *bourse_plugin_v1(void);

/* Name and version, where the host reads them from the file without running any of its code. Once per library. */
#define BOURSE_MANIFEST(name, version) \
  __attribute__((used, retain, section("bourse"))) static const char bourse_manifest[] = \
      "abi=1\0name=" name "\0version=" version "\0"

#ifdef __cplusplus
}
#endif
#endif
