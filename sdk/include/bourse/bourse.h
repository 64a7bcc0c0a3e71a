/* SPDX-License-Identifier: MIT */
/* clang-format off */
/* bourse.h - the whole binary contract between the Bourse host and its plugins, which are ELF shared libraries.
 * C11. ABI 1.0, draft. C++ authors include bourse/plugin.hpp, which is this file with types and exceptions.
 *
 * FIVE RULES
 *  1. Borrow and copy. A pointer you RECEIVE is borrowed until that call returns. A pointer you PASS has been copied
 *     when that call returns. Neither side frees the other's memory. Three things live as long as the library is loaded:
 *     what bourse_plugin_v1 returns, the bourse_host it is given, and what `extension` returns, on either side.
 *  2. No unwinding. No C++ exception, Rust panic or longjmp leaves a function declared here.
 *  3. Growth. A struct that begins with `size` grows at its end only; set size to sizeof. What lies past `size` is not
 *     there (BOURSE_REACHES), and a NULL function is not offered (BOURSE_HAS). Such structs never stand side by side in
 *     an array, nor inside one another: arrays hold pointers to them. All others are frozen. Numbers grow as structs
 *     do: who meets a type, kind, role or part that it does not know leaves out what carries it and goes on,
 *     with a note; flags without a name are 0. What must not be left out is asked for by abi_minor.
 *  4. Threads. The host calls: [load] one at a time, while nothing else of this plugin runs. [make] one thread for this
 *     instance, while others may be at work. [call] any thread, many at once on one instance. A plugin calls: [call] on
 *     any thread while that call lasts, one at a time for one bourse_call. [any] on any thread, from the entry until
 *     deinit returns; about a call, while it lasts. Threads that a plugin started have ended when deinit returns.
 *  5. Text is UTF-8; time is ns since 1970-01-01 UTC; numbers are little-endian. Descriptions and names end with NUL;
 *     what a call says is a bourse_str. A new major version is a new symbol beside bourse_plugin_v1.
 */
#ifndef BOURSE_BOURSE_H
#define BOURSE_BOURSE_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define BOURSE_ABI_MAJOR 1
#define BOURSE_ABI_MINOR 0             /* what this header knows */
#ifndef BOURSE_TARGET_MINOR
#define BOURSE_TARGET_MINOR 0          /* what a plugin asks of its host; names of later minors are seen only from there */
#elif BOURSE_TARGET_MINOR > BOURSE_ABI_MINOR
#error "BOURSE_TARGET_MINOR is above what this bourse.h knows: take a newer SDK"
#endif
#define BOURSE_REACHES(p, field) ((p)->size >= offsetof(__typeof__(*(p)), field) + sizeof((p)->field))
#define BOURSE_HAS(p, field) (BOURSE_REACHES(p, field) && (p)->field != NULL)   /* functions and pointers */
#define BOURSE_EXPORT __attribute__((visibility("default")))

enum {                                 /* the least that every host takes; beyond it, it says what it refuses */
  BOURSE_MAX_ID_BYTES = 64,            /* ids, names of parameters and datasets */
  BOURSE_MAX_NAME_BYTES = 128,         /* names and versions of plugins, names of fields, tables, charts, codes */
  BOURSE_MAX_LINE_BYTES = 512 /* titles, labels, units */, BOURSE_MAX_DOC_BYTES = 65536,
  BOURSE_MAX_TEXT_BYTES = 1 << 20,     /* one text in a report; a parameter's: its max, else 256 */
  BOURSE_MAX_REPORT_BYTES = 512 << 20,
  BOURSE_MAX_KEPT_BYTES = 1 << 30,     /* of the answers that one call has not released */
  BOURSE_MAX_COMPONENTS = 256, BOURSE_MAX_PARAMS = 128, BOURSE_MAX_DATASETS = 64, BOURSE_MAX_FIELDS = 1024,
  BOURSE_MAX_META = 256, BOURSE_MAX_NOTES = 1000, BOURSE_MAX_SCALARS = 4096, BOURSE_MAX_TABLES = 64,
  BOURSE_MAX_CHARTS = 64, BOURSE_MAX_CHANNELS = 32, BOURSE_MAX_GUIDES = 16 /* and levels */,
  BOURSE_MAX_QUERIES = 1000, BOURSE_MAX_LOG_FIELDS = 32, BOURSE_MAX_HEADERS = 64
};

/* ---- status: 0, or 400 to 599; the number IS the HTTP status that the client sees (of 499: 503) --------------- */
typedef int32_t bourse_status;
enum {
  BOURSE_OK = 0, BOURSE_BAD_PARAM = 400, BOURSE_FORBIDDEN = 403, BOURSE_NOT_FOUND = 404, BOURSE_UNPROCESSABLE = 422,
  BOURSE_TOO_MANY = 429, BOURSE_CANCELLED = 499, BOURSE_INTERNAL = 500, BOURSE_UPSTREAM = 502,
  BOURSE_UNAVAILABLE = 503, BOURSE_DEADLINE = 504
};

/* ---- values (frozen) ---------------------------------------------------------------------------------------- */
typedef struct bourse_str  { const char *ptr; size_t len; } bourse_str;   /* no NUL at its end; len 0: ptr is not read */
typedef struct bourse_i128 { uint64_t lo; int64_t hi; } bourse_i128;      /* two's complement */
typedef int32_t bourse_type;
enum {
  BOURSE_TYPE_NULL = 0,                /* as a value: absent */
  BOURSE_TYPE_BOOL = 1, BOURSE_TYPE_I64 = 2, BOURSE_TYPE_F64 = 3,
  BOURSE_TYPE_DECIMAL = 4,             /* coefficient x 10^-scale, scale -38 to 38, |coefficient| < 10^38 */
  BOURSE_TYPE_TIME = 5, BOURSE_TYPE_TEXT = 6, BOURSE_TYPE_LIST = 7   /* LIST: of parameters and arguments only */
};
struct bourse_value;
typedef struct bourse_list { const struct bourse_value *ptr; size_t len; } bourse_list;
typedef struct bourse_value {
  bourse_type type; int32_t scale;     /* scale: of a DECIMAL */
  union { int64_t i64; double f64; bourse_i128 dec; bourse_str text; bourse_list list; } as;   /* BOOL, TIME: i64 */
} bourse_value;
typedef struct bourse_array {          /* one column of a block of rows, as Arrow lays it out */
  const void    *data;                 /* a row each: int64_t, double or bourse_i128; BOOL uint8_t; TEXT bourse_str */
  const uint8_t *valid;                /* bit i, least significant first, is set: row i has a value; NULL: all have */
} bourse_array;
typedef struct bourse_arg { bourse_str name; bourse_value value; } bourse_arg;

/* ---- descriptions: declared once; used for checking, OpenAPI, forms, help, docs and cache keys --------------- */
enum { BOURSE_FIELD_OPTIONAL = 1u << 2 };   /* a source may leave it out; an analysis goes on without, or need not say it */
typedef struct bourse_field {          /* a column, or a named scalar */
  uint32_t size, flags;
  bourse_type type; int32_t scale;     /* scale: of a DECIMAL; delivered data may have another one */
  const char *name;                    /* [a-z][a-z0-9_]*; a scalar's may be such names joined by dots, where
                                          serializers that nest, nest: "summary.breadth" */
  const char *label;                   /* this and what follows may be NULL */
  const char *unit;                    /* "%", "USDT", "s"; "{quote}": what the report's meta `quote` says */
  const char *doc;
  const char *format;                  /* meaning beyond the type: "date", "duration", "percent", "hex", ... */
} bourse_field;
enum {
  BOURSE_PARAM_REQUIRED = 1u << 0,
  BOURSE_PARAM_SECRET   = 1u << 1,     /* never logged, in no cache key, on no page */
  BOURSE_PARAM_OPTIONAL = 1u << 2      /* of a dataset, in an analysis: not sent to a source that does not know it */
};
typedef struct bourse_param {
  uint32_t size, flags;
  bourse_type type;
  bourse_type item;                    /* of a LIST: the type of its items; ?s=A&s=B and ?s=A,B are the same */
  const char *name;                    /* [a-z][a-z0-9_]* */
  const char *label, *doc, *unit;      /* for people; may be NULL */
  const char *def, *min, *max;         /* as text, read by `type`; bounds inclusive (of a TEXT's bytes, of a LIST's
                                          count); a LIST's default is comma separated; NULL: none */
  const char *const *choices;          /* the legal values, of a LIST its legal items, ended by NULL; or NULL */
} bourse_param;
enum {
  BOURSE_DATASET_PRIVATE  = 1u << 0,   /* one person's own: only for routes with `access`, and for the command line */
  BOURSE_DATASET_OPTIONAL = 1u << 2    /* of an analysis: it goes on without it */
};
typedef struct bourse_dataset {        /* "candles", "order_book", ...: market.h fixes the well-known ones */
  uint32_t size, flags;
  const char *name, *doc;
  size_t n_params; const bourse_param *const *params;
  size_t n_fields; const bourse_field *const *fields;   /* of the one table its report holds, found by name */
} bourse_dataset;

/* ---- a report: written by analyses and sources, read by serializers and analyses, with the same structs ------- */
enum { BOURSE_LEVEL_DEBUG = 10, BOURSE_LEVEL_INFO = 20, BOURSE_LEVEL_WARN = 30, BOURSE_LEVEL_ERROR = 40 };
typedef struct bourse_meta {
  uint32_t size, flags;
  bourse_str key;                      /* [a-z][a-z0-9_]*, the plugin's own; "bourse.title" (TEXT) and "bourse.as_of" (TIME)
                                          become the report's title and as_of */
  bourse_value value;
} bourse_meta;
typedef struct bourse_note {
  uint32_t size; int32_t level;        /* between two known ones it counts as the one below, beyond them as the nearest */
  bourse_str code, text;               /* code: [a-z][a-z0-9_]*, stable, for programs: "partial" */
} bourse_note;
typedef struct bourse_scalar { uint32_t size, flags; const bourse_field *field; bourse_value value; } bourse_scalar;
enum { /* declared by an analysis: not in every report; at times with more columns */
  BOURSE_TABLE_OPTIONAL = 1u << 2, BOURSE_TABLE_OPEN = 1u << 3 };
typedef struct bourse_table {
  uint32_t size, flags;
  const char *name, *label;            /* name: [a-z][a-z0-9_]*, as of datasets and charts; label may be NULL */
  size_t n_fields; const bourse_field *const *fields;
  size_t n_rows; const bourse_array *columns;   /* n_fields of them; written: the first rows, 0 if they come later */
} bourse_table;
typedef struct bourse_rows {           /* more rows of a table */
  uint32_t size, table;                /* table: the number that `table` gave */
  size_t n_rows, n_columns; const bourse_array *columns;
} bourse_rows;
typedef int32_t bourse_chart_kind;
enum { BOURSE_CHART_LINE = 1, BOURSE_CHART_AREA, BOURSE_CHART_BAR, BOURSE_CHART_SCATTER, BOURSE_CHART_CANDLE,
       BOURSE_CHART_HISTOGRAM, BOURSE_CHART_HEATMAP };
typedef int32_t bourse_role;
enum { /* the last three, of a mark: how large, how far up the colours, what stands beside it */
  BOURSE_ROLE_X = 1, BOURSE_ROLE_Y, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE, BOURSE_ROLE_GROUP,
  BOURSE_ROLE_HEAT, BOURSE_ROLE_LOWER, BOURSE_ROLE_UPPER, BOURSE_ROLE_SIZE, BOURSE_ROLE_COLOR, BOURSE_ROLE_LABEL
};
typedef struct bourse_channel { uint32_t size; bourse_role role; const char *field, *label; } bourse_channel;
enum {                                 /* of a chart; a serializer that cannot draw one says so */
  BOURSE_DRAW_LOGARITHMIC = 1u << 0,   /* its y axis */
  BOURSE_DRAW_STACKED     = 1u << 1,   /* its groups upon one another */
  BOURSE_DRAW_HORIZONTAL  = 1u << 2    /* bars that lie: x runs down the side */
};
typedef struct bourse_chart {          /* what to show; a serializer decides how */
  uint32_t size, flags;
  bourse_chart_kind kind;
  int32_t axis;                        /* of y: 0, or 1: a second one on the other side of the pane */
  const char *name, *title;
  const char *table;                   /* of the same report; the channels name its fields */
  const char *pane;                    /* charts of one pane share its axes, panes share x; NULL: its own */
  size_t n_channels; const bourse_channel *const *channels;
  size_t n_levels; const double *levels; const char *const *level_labels;       /* lines at these y: 30, 70 */
  size_t n_guides; const bourse_value *guides; const char *const *guide_labels; /* lines at these x, of x's type */
  const double *range;                 /* [2]: y, of a heat map colour, spans at least these; labels, range: or NULL */
} bourse_chart;
typedef struct bourse_report {
  uint32_t size, flags;
  bourse_str title, component;         /* component: "bourse.technical/technical" (plugin/component) */
  int64_t as_of;                       /* time of the newest input; 0: unknown */
  size_t n_meta;    const bourse_meta   *const *meta;
  size_t n_notes;   const bourse_note   *const *notes;
  size_t n_scalars; const bourse_scalar *const *scalars;
  size_t n_tables;  const bourse_table  *const *tables;
  size_t n_charts;  const bourse_chart  *const *charts;
} bourse_report;

/* ---- asking, and failing -------------------------------------------------------------------------------------- */
typedef struct bourse_query {
  uint32_t size, flags;
  bourse_str dataset;
  bourse_str source;                   /* of the configuration; empty: the route's, in fetch the one below; no other there */
  size_t n_args; const bourse_arg *args;   /* of the dataset's parameters; what is missing takes its default */
} bourse_query;
typedef struct bourse_failure {
  uint32_t size; bourse_status status; /* 400 to 599 */
  bourse_str code;                     /* [a-z0-9_.-]*, stable, for programs: "window_too_long" */
  bourse_str message;                  /* for people, shown to the client, at most 4096 bytes: what, where, what to do */
  bourse_str param;                    /* the parameter to blame, or empty */
  int64_t retry_after;                 /* ns to wait before trying again; 0: unknown */
} bourse_failure;
typedef struct bourse_answer {         /* frozen: exactly one of the two */
  const bourse_report *report;
  const bourse_failure *failure;
} bourse_answer;

/* ---- what the host offers: every plugin is given a table of its own, so that the host knows who speaks ---------- */
typedef struct bourse_call bourse_call;   /* one call into a component; valid until that returns */
typedef struct bourse_host bourse_host;
struct bourse_host {
  uint32_t size, abi_minor;
  const char *version;
  const void *(*extension)(const bourse_host *, const char *id);   /* small interfaces by id; NULL: none such. [any] */
  /* The host adds time, plugin, route and request id. Without a call: about none. [any] */
  void (*log)(const bourse_host *, bourse_call *or_null, int32_t level, bourse_str message, const bourse_arg *, size_t n);
  /* OK; or CANCELLED, DEADLINE: return that status soon. Cheap: every few thousand rows. [any] */
  bourse_status (*poll)(bourse_call *, int64_t *ns_left_or_null);
  /* The time of this call: one for all that is done for a request; of what several requests share, that of the one
   * that asked first. Tests and replays set it. [any] */
  int64_t (*now)(bourse_call *);
  /* Records why the call fails and returns failure->status, so: return host->fail(call, &failure). [call] */
  bourse_status (*fail)(bourse_call *, const bourse_failure *);
  /* Asks for data, in run and, of the source below, in fetch. The n queries run side by side, equal ones are joined,
   * the deadline goes with them. Every answer is filled. OK when all succeeded; else the first failure, recorded as by
   * fail: return it; or look at the answers, go on, and say so in a note. Answers are borrowed until the call returns
   * or gives them back. [call] */
  bourse_status (*query)(bourse_call *, size_t n, const bourse_query *const *queries, bourse_answer *answers);
  /* Gives back an answer that is not needed any more: who pages through years holds a page, not all. [call] */
  bourse_status (*release)(bourse_call *, const bourse_report *answer);
  /* What this call says cannot change before that time; of several, the earliest. Not said: it is true for the moment
   * only; of a PURE component that did not ask for now, until one of its answers changes. [call] */
  bourse_status (*fresh_until)(bourse_call *, int64_t time);
  /* These build the report, in run and fetch. A wrong use is INTERNAL and logged, and the call has failed. [call] */
  bourse_status (*meta)(bourse_call *, const bourse_meta *);
  bourse_status (*note)(bourse_call *, const bourse_note *);
  bourse_status (*scalar)(bourse_call *, const bourse_scalar *);
  bourse_status (*table)(bourse_call *, const bourse_table *, uint32_t *table_or_null);
  bourse_status (*rows)(bourse_call *, const bourse_rows *);
  bourse_status (*chart)(bourse_call *, const bourse_chart *);   /* after its table */
  /* These write the answer's bytes, in render; headers before the first byte. Those of type, length, caching, cookies
   * and the connection are the host's, and refused. Not OK: the client left, or a limit is reached: return it. [call] */
  bourse_status (*header)(bourse_call *, bourse_str name, bourse_str value);
  bourse_status (*write)(bourse_call *, bourse_str bytes);
};

/* ---- what a plugin offers --------------------------------------------------------------------------------------- */
typedef int32_t bourse_kind;
enum { BOURSE_KIND_ANALYSIS = 1, BOURSE_KIND_SOURCE = 2, BOURSE_KIND_SERIALIZER = 3 };
enum {                                 /* bourse_component.flags */
  BOURSE_COMPONENT_PURE     = 1u << 0, /* reads nothing but its configuration, its parameters, its answers and now */
  BOURSE_COMPONENT_SERIAL   = 1u << 1, /* never two calls at once on one instance: the host takes turns */
  BOURSE_COMPONENT_BLOCKING = 1u << 2, /* waits for I/O: the host uses its waiting threads, not its computing ones */
  BOURSE_COMPONENT_LAYER    = 1u << 3, /* a source over another; a dataset that it does not declare is answered below */
  BOURSE_COMPONENT_OPEN     = 1u << 4  /* an analysis whose reports may hold more than it declares */
};
enum { BOURSE_PART_SCALARS = 1u << 0, BOURSE_PART_TABLES = 1u << 1, BOURSE_PART_CHARTS = 1u << 2, BOURSE_PART_NOTES = 1u << 3 };
typedef struct bourse_component {
  uint32_t size, flags;
  bourse_kind kind;
  uint32_t parts;                      /* BOURSE_PART_SCALARS...: what it can emit or, a serializer, can show */
  const char *id;                      /* [a-z][a-z0-9-]*, unique in its plugin: what routes call it by */
  const char *title, *doc;
  size_t n_params; const bourse_param *const *params;         /* of a request; of a source's datasets: there */
  size_t n_config; const bourse_param *const *config;         /* of the YAML file */
  const char *media_type, *suffix;     /* serializer: "text/csv; charset=utf-8", "csv" */
  size_t n_datasets; const bourse_dataset *const *datasets;   /* a source delivers them, an analysis asks for them */
  /* Values come checked, in declared order, defaults filled in (NULL: not given). One instance for each source of the
   * configuration; one of an analysis or a serializer. create may be NULL: self is NULL then. [make] */
  bourse_status (*create)(const bourse_host *, bourse_call *, const bourse_value *config, void **self);
  void          (*destroy)(void *self);
  bourse_status (*run)(void *self, bourse_call *, const bourse_value *params);                    /* analysis [call] */
  bourse_status (*fetch)(void *self, bourse_call *, size_t dataset, const bourse_value *params);    /* source [call] */
  bourse_status (*render)(void *self, bourse_call *, const bourse_value *params, const bourse_report *);  /* [call] */
  const void   *(*extension)(void *self, const char *id);   /* bourse/ext/: NULL: none such [call] */
  /* An analysis: what its reports hold, told beforehand for OpenAPI, documentation and checks; both 0: it does not tell. */
  size_t n_scalars; const bourse_field *const *scalars;
  size_t n_tables; const bourse_table *const *tables;       /* without rows; their fields' docs count, too */
} bourse_component;
typedef struct bourse_plugin {
  uint32_t size;
  uint32_t abi_minor;                  /* BOURSE_TARGET_MINOR: the LOWEST minor of a host that it can work with */
  const char *name, *version;          /* "acme.trend", a semantic version; the same as in the manifest */
  const char *vendor, *license, *url, *built_with;   /* for `bourse plugins`; may be NULL */
  size_t n_components; const bourse_component *const *components;
  bourse_status (*init)(const bourse_host *, bourse_call *);   /* may be NULL; not OK: it refuses, and fail says why [load] */
  void (*deinit)(void);                                        /* may be NULL [load] */
} bourse_plugin;

/* The one symbol a plugin exports. NULL: it refuses to be loaded; the last it logged at WARN or above says why. [load] */
BOURSE_EXPORT const bourse_plugin *bourse_plugin_v1(const bourse_host *);

/* Name, version and minor, where the host reads them from the file without running any of its code. Once per library. */
#define BOURSE_TEXT_OF(number) BOURSE_TEXT_OF_(number)
#define BOURSE_TEXT_OF_(number) #number
#define BOURSE_MANIFEST(name, version) \
  __attribute__((used, retain, section("bourse"))) static const char bourse_manifest[] = \
      "abi=" BOURSE_TEXT_OF(BOURSE_ABI_MAJOR) "\0minor=" BOURSE_TEXT_OF(BOURSE_TARGET_MINOR) \
      "\0name=" name "\0version=" version "\0"

#ifdef __cplusplus
}
#endif
#endif
