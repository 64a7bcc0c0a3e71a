/* SPDX-License-Identifier: MIT
 *
 * A plugin that uses every struct and every function of the contract once. It is built twice:
 * against bourse.h as it is, and, with BOURSE_TEST_GROWN, against headers of a later minor in which
 * every growing struct is longer. What is new there is filled with 0xA5, so a host that reads past
 * what it knows meets pointers that lead nowhere.
 *
 * What it finds wrong with what it is given, it says in a note "wrong", which no test expects. C11.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bourse/bourse.h"
#include "bourse/ext/metrics.h"
#include "bourse/ext/probe.h"
#include "bourse/ext/request.h"
#include "bourse/ext/shared.h"

#ifdef BOURSE_TEST_GROWN
#define POISON(type, thing)                                  \
  memset((char*)(thing) + offsetof(type, grown_field), 0xA5, \
         sizeof(type) - offsetof(type, grown_field))
#else
#define POISON(type, thing) (void)(thing)
#endif
/* A local struct with its size and nothing else, but for the poison. */
#define FRESH(type, name)    \
  type name;                 \
  fresh(&name, sizeof name); \
  POISON(type, &name)
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define TEXT(literal) text_of(literal)

static void fresh(void* thing, size_t size) {
  const uint32_t size32 = (uint32_t)size;
  memset(thing, 0, size);
  memcpy(thing, &size32, sizeof size32);
}

static bourse_str text_of(const char* text) {
  const bourse_str str = {text, strlen(text)};
  return str;
}

static int is(bourse_str text, const char* wanted) {
  return text.len == strlen(wanted) && (text.len == 0 || memcmp(text.ptr, wanted, text.len) == 0);
}

static bourse_value none(void) {
  bourse_value value;
  memset(&value, 0, sizeof value);
  return value;
}
static bourse_value whole(bourse_type type, int64_t number) {
  bourse_value value = none();
  value.type = type;
  value.as.i64 = number;
  return value;
}
static bourse_value real(double number) {
  bourse_value value = none();
  value.type = BOURSE_TYPE_F64;
  value.as.f64 = number;
  return value;
}
static bourse_value decimal(uint64_t coefficient, int32_t scale) {
  bourse_value value = none();
  value.type = BOURSE_TYPE_DECIMAL;
  value.scale = scale;
  value.as.dec.lo = coefficient;
  return value;
}
static bourse_value words(const char* text) {
  bourse_value value = none();
  value.type = BOURSE_TYPE_TEXT;
  value.as.text = text_of(text);
  return value;
}
static bourse_arg arg(const char* name, bourse_value value) {
  const bourse_arg made = {text_of(name), value};
  return made;
}

/* ---- what is declared; filled by declare(), because constants cannot be poisoned
 * ------------------------------ */
enum { FLAG, NUMBER, RATIO, PRICE, SINCE, WORD, WORDS, HIDDEN, N_PARAMS };
static bourse_param params[N_PARAMS], config_param, series_n, series_hint, format_style;
static const bourse_param *params_list[N_PARAMS], *config_list[] = {&config_param},
                                                  *series_params[] = {&series_n, &series_hint},
                                                  *format_params[] = {&format_style};
static const char* const choices[] = {"red", "green", NULL};

enum { F_BOOL, F_I64, F_F64, F_DECIMAL, F_TIME, F_TEXT, N_FIELDS };
static bourse_field fields[N_FIELDS], series_value, series_extra;
static const bourse_field *fields_list[N_FIELDS],
    *series_fields[] = {&fields[F_TIME], &series_value},
    *asked_fields[] = {&fields[F_TIME], &series_value, &series_extra};

static bourse_dataset series, broken, passed, asked, asked_broken, asked_passed, asked_never;
static const bourse_dataset *feed_datasets[] = {&series, &broken, &passed},
                            *layer_datasets[] = {&series},
                            *asked_datasets[] = {&asked, &asked_broken, &asked_passed,
                                                 &asked_never};

static bourse_table told;
static const bourse_table* told_tables[] = {&told};
static bourse_component analysis, feed, layer, format;
/* The serializer comes first: BOURSE_TEST_LINES_ONLY is this plugin without the rest. */
static const bourse_component* components[] = {&format, &analysis, &feed, &layer};
#ifdef BOURSE_TEST_LINES_ONLY
enum { N_COMPONENTS = 1 };
#define NAME "test.lines"
#else
enum { N_COMPONENTS = COUNT(components) };
#define NAME "test.kitchen"
#endif
static bourse_plugin plugin;
static const bourse_host* own_host;

static void param(bourse_param* out, const char* name, bourse_type type, uint32_t flags,
                  const char* def) {
  fresh(out, sizeof *out);
  POISON(bourse_param, out);
  out->flags = flags;
  out->type = type;
  out->name = name;
  out->label = "A label";
  out->doc = "A sentence.";
  out->unit = "s";
  out->def = def;
}

static void field(bourse_field* out, const char* name, bourse_type type, int32_t scale,
                  uint32_t flags) {
  fresh(out, sizeof *out);
  POISON(bourse_field, out);
  out->flags = flags;
  out->type = type;
  out->scale = scale;
  out->name = name;
  out->label = "A label";
  out->unit = "{quote}";
  out->doc = "what it means";
  out->format = "percent";
}

static void dataset(bourse_dataset* out, const char* name, uint32_t flags,
                    const bourse_field** list, size_t n) {
  fresh(out, sizeof *out);
  POISON(bourse_dataset, out);
  out->flags = flags;
  out->name = name;
  out->doc = "What it is.";
  out->n_fields = n;
  out->fields = list;
  out->n_params = 1;
  out->params = series_params;
}

static void component(bourse_component* out, bourse_kind kind, uint32_t flags, const char* id) {
  fresh(out, sizeof *out);
  POISON(bourse_component, out);
  out->flags = flags;
  out->kind = kind;
  out->parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES;
  out->id = id;
  out->title = "A title";
  out->doc = "A sentence.";
}

static void declare_params(void) {
  param(&params[FLAG], "flag", BOURSE_TYPE_BOOL, 0, "true");
  param(&params[NUMBER], "number", BOURSE_TYPE_I64, 0, "7");
  params[NUMBER].min = "1";
  params[NUMBER].max = "9";
  param(&params[RATIO], "ratio", BOURSE_TYPE_F64, 0, "0.5");
  param(&params[PRICE], "price", BOURSE_TYPE_DECIMAL, 0, "1.25");
  param(&params[SINCE], "since", BOURSE_TYPE_TIME, 0, "1970-01-02");
  param(&params[WORD], "word", BOURSE_TYPE_TEXT, BOURSE_PARAM_REQUIRED, NULL);
  params[WORD].choices = choices;
  param(&params[WORDS], "words", BOURSE_TYPE_LIST, 0, "a,b");
  params[WORDS].item = BOURSE_TYPE_TEXT;
  param(&params[HIDDEN], "hidden", BOURSE_TYPE_TEXT, BOURSE_PARAM_SECRET, NULL);
  for (size_t i = 0; i < N_PARAMS; ++i) params_list[i] = &params[i];
  param(&config_param, "step", BOURSE_TYPE_I64, 0, "10");
  param(&series_n, "n", BOURSE_TYPE_I64, 0, "3");
  param(&series_hint, "hint", BOURSE_TYPE_TEXT, BOURSE_PARAM_OPTIONAL, NULL);
  param(&format_style, "style", BOURSE_TYPE_TEXT, 0, "long");
}

static void declare_datasets(void) {
  field(&fields[F_BOOL], "f_bool", BOURSE_TYPE_BOOL, 0, 0);
  field(&fields[F_I64], "f_i64", BOURSE_TYPE_I64, 0, 0);
  field(&fields[F_F64], "f_f64", BOURSE_TYPE_F64, 0, 0);
  field(&fields[F_DECIMAL], "f_decimal", BOURSE_TYPE_DECIMAL, 2, 0);
  field(&fields[F_TIME], "f_time", BOURSE_TYPE_TIME, 0, 0);
  field(&fields[F_TEXT], "f_text", BOURSE_TYPE_TEXT, 0, 0);
  for (size_t i = 0; i < N_FIELDS; ++i) fields_list[i] = &fields[i];
  field(&series_value, "value", BOURSE_TYPE_I64, 0, 0);
  field(&series_extra, "extra", BOURSE_TYPE_F64, 0, BOURSE_FIELD_OPTIONAL);
  dataset(&series, "series", 0, series_fields, 2);
  dataset(&broken, "broken", 0, series_fields, 2);
  dataset(&passed, "passed", BOURSE_DATASET_PRIVATE, series_fields, 2);
  dataset(&asked, "series", 0, asked_fields, 3);
  asked.n_params = 2; /* the second is optional, and the feed does not know it */
  dataset(&asked_broken, "broken", 0, asked_fields, 2);
  dataset(&asked_passed, "passed", 0, asked_fields, 2);
  dataset(&asked_never, "never", BOURSE_DATASET_OPTIONAL, asked_fields, 2);
}

/* ---- what it finds wrong
 * ------------------------------------------------------------------------------------------ */
static void wrong(bourse_call* call, const char* what) {
  FRESH(bourse_note, note);
  note.level = BOURSE_LEVEL_ERROR;
  note.code = TEXT("wrong");
  note.text = text_of(what);
  own_host->note(call, &note);
}

#define EXPECT(call, condition)                \
  do {                                         \
    if (!(condition)) wrong(call, #condition); \
  } while (0)
#define OR_RETURN(status_of)                   \
  do {                                         \
    const bourse_status status_ = (status_of); \
    if (status_ != BOURSE_OK) return status_;  \
  } while (0)

/* Everything of 1.0 is there. A struct as long as ours is from a host of our minor; one that is
 * longer or shorter is read as far as both know it, which is what BOURSE_REACHES is for. */
#ifdef BOURSE_TEST_GROWN
#define WHOLE(thing, last)        \
  (BOURSE_REACHES(thing, last) && \
   (!BOURSE_REACHES(thing, grown_field) || (thing)->grown_field == 0))
#else
#define WHOLE(thing, last) BOURSE_REACHES(thing, last)
#endif

/* ---- the analysis
 * -------------------------------------------------------------------------------------------------
 */
struct instance {
  int64_t step;
};

static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                            void** self) {
  struct instance* made = malloc(sizeof *made);
  if (made == NULL || host != own_host || config[0].type != BOURSE_TYPE_I64) {
    FRESH(bourse_failure, failure);
    failure.status = BOURSE_INTERNAL;
    failure.code = TEXT("not_created");
    failure.message = TEXT("Another host or another configuration than declared.");
    free(made);
    return host->fail(call, &failure);
  }
  made->step = config[0].as.i64;
  *self = made;
  return BOURSE_OK;
}

static void destroy(void* self) { free(self); }

static void look_at_params(bourse_call* call, const bourse_value* values) {
  EXPECT(call, values[FLAG].type == BOURSE_TYPE_BOOL && values[FLAG].as.i64 == 1);
  EXPECT(call, values[NUMBER].type == BOURSE_TYPE_I64 && values[NUMBER].as.i64 == 7);
  EXPECT(call, values[RATIO].type == BOURSE_TYPE_F64 && values[RATIO].as.f64 == 0.5);
  EXPECT(call, values[PRICE].type == BOURSE_TYPE_DECIMAL);
  EXPECT(call, values[SINCE].type == BOURSE_TYPE_TIME && values[SINCE].as.i64 == 86400000000000);
  EXPECT(call, values[WORD].type == BOURSE_TYPE_TEXT && is(values[WORD].as.text, "green"));
  EXPECT(call, values[WORDS].type == BOURSE_TYPE_LIST && values[WORDS].as.list.len == 2);
  EXPECT(call,
         values[WORDS].type == BOURSE_TYPE_LIST && is(values[WORDS].as.list.ptr[1].as.text, "b"));
  EXPECT(call, values[HIDDEN].type == BOURSE_TYPE_NULL);
}

static void look_at_host(bourse_call* call) {
  EXPECT(call, WHOLE(own_host, write));
  EXPECT(call, BOURSE_HAS(own_host, release) && BOURSE_HAS(own_host, fresh_until) &&
                   BOURSE_HAS(own_host, now));
  EXPECT(call, own_host->version != NULL && own_host->version[0] != '\0');
  int64_t left = 0;
  EXPECT(call, own_host->poll(call, NULL) == BOURSE_OK);
  EXPECT(call, own_host->poll(call, &left) == BOURSE_OK && left > 0);
  EXPECT(call, own_host->now(call) == 1234567890);
  const bourse_request* const request = own_host->extension(own_host, BOURSE_REQUEST_ID);
  EXPECT(call, request != NULL && WHOLE(request, language));
  if (request != NULL) {
    EXPECT(call, is(request->id(call), "request-7"));
    EXPECT(call,
           is(request->trace(call), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    EXPECT(call, is(request->language(call), "de-CH"));
  }
  EXPECT(call, own_host->extension(own_host, "bourse.nothing/1") == NULL);
  const bourse_shared* const shared = own_host->extension(own_host, BOURSE_SHARED_ID);
  EXPECT(call, shared == NULL || WHOLE(shared, get)); /* a host may offer it, or not */
  const bourse_arg said[] = {arg("number", whole(BOURSE_TYPE_I64, 5)), arg("word", words("yes"))};
  own_host->log(own_host, call, BOURSE_LEVEL_INFO, TEXT("kitchen_was_here"), said, COUNT(said));
  own_host->log(own_host, NULL, BOURSE_LEVEL_DEBUG, TEXT("kitchen_without_call"), NULL, 0);
}

static void look_at_failure(bourse_call* call, const bourse_answer* answer) {
  EXPECT(call, answer->report == NULL && answer->failure != NULL);
  if (answer->failure == NULL) return;
  EXPECT(call, WHOLE(answer->failure, retry_after));
  EXPECT(call, answer->failure->status == 451);
  EXPECT(call, is(answer->failure->code, "kitchen_closed"));
  EXPECT(call, is(answer->failure->message, "The kitchen is closed."));
  EXPECT(call, is(answer->failure->param, "n"));
  EXPECT(call, answer->failure->retry_after == 5000000000);
}

/* The sum of the column `value`: -1 if the report is not what the feed or the layer made. */
static int64_t sum_of(bourse_call* call, const bourse_answer* answer) {
  EXPECT(call, answer->report != NULL && answer->failure == NULL);
  if (answer->report == NULL) return -1;
  const bourse_report* const report = answer->report;
  EXPECT(call, WHOLE(report, charts) && report->n_tables == 1 && report->as_of == 77);
  const bourse_table* const table = report->tables[0];
  EXPECT(call, WHOLE(table, columns) && strcmp(table->name, "series") == 0);
  for (size_t i = 0; i < table->n_fields; ++i) {
    EXPECT(call, WHOLE(table->fields[i], format));
    if (strcmp(table->fields[i]->name, "value") != 0) continue;
    const int64_t* const column = table->columns[i].data;
    int64_t sum = 0;
    for (size_t row = 0; row < table->n_rows; ++row) sum += column[row];
    return sum;
  }
  return -1;
}

static bourse_status ask(bourse_call* call, int64_t sums[2]) {
  const bourse_arg args[] = {arg("n", whole(BOURSE_TYPE_I64, 4)),
                             arg("hint", words("left out by the host"))};
  FRESH(bourse_query, good);
  good.dataset = TEXT("series");
  good.n_args = 2;
  good.args = args;
  FRESH(bourse_query, bad);
  bad.dataset = TEXT("broken");
  FRESH(bourse_query, through);
  through.dataset = TEXT("passed");
  through.source = TEXT("market");
  through.n_args = 1;
  through.args = args;
  const bourse_query* const queries[] = {&good, &bad, &through};
  bourse_answer answers[3];
  EXPECT(call, own_host->query(call, 3, queries, answers) == 451);
  sums[0] = sum_of(call, &answers[0]);
  look_at_failure(call, &answers[1]);
  sums[1] = sum_of(call, &answers[2]);
  if (answers[0].report != NULL) OR_RETURN(own_host->release(call, answers[0].report));
  return BOURSE_OK;
}

static bourse_status say_scalar(bourse_call* call, const bourse_field* of, bourse_value value) {
  FRESH(bourse_scalar, scalar);
  scalar.field = of;
  scalar.value = value;
  return own_host->scalar(call, &scalar);
}

static bourse_status say_meta(bourse_call* call, const char* key, bourse_value value) {
  FRESH(bourse_meta, meta);
  meta.key = text_of(key);
  meta.value = value;
  return own_host->meta(call, &meta);
}

static bourse_status say_note(bourse_call* call) {
  FRESH(bourse_note, note);
  note.level = BOURSE_LEVEL_WARN;
  note.code = TEXT("salted");
  note.text = TEXT("It may be too much.");
  return own_host->note(call, &note);
}

static bourse_status say_table(bourse_call* call) {
  const uint8_t bools[] = {1, 0};
  const int64_t numbers[] = {-1, 2}, times[] = {1000000000, 2000000000};
  const double reals[] = {0.5, -2.0};
  const bourse_i128 decimals[] = {{125, 0}, {UINT64_C(0) - 50, -1}};
  const bourse_str texts[] = {text_of("one"), text_of("")};
  const uint8_t first_only = 1;
  const bourse_array columns[N_FIELDS] = {{bools, NULL},    {numbers, &first_only}, {reals, NULL},
                                          {decimals, NULL}, {times, NULL},          {texts, NULL}};
  FRESH(bourse_table, table);
  table.name = "all";
  table.label = "All types";
  table.n_fields = N_FIELDS;
  table.fields = fields_list;
  table.n_rows = 2;
  table.columns = columns;
  uint32_t number = 99;
  OR_RETURN(own_host->table(call, &table, &number));
  FRESH(bourse_rows, rows);
  rows.table = number;
  rows.n_rows = 1;
  rows.n_columns = N_FIELDS;
  rows.columns = columns;
  return own_host->rows(call, &rows);
}

static bourse_status say_chart(bourse_call* call) {
  static const struct {
    bourse_role role;
    const char* field;
  } kRoles[] = {{BOURSE_ROLE_X, "f_time"},
                {BOURSE_ROLE_Y, "f_f64"},
                {BOURSE_ROLE_SIZE, "f_i64"},
                {BOURSE_ROLE_LABEL, "f_text"}};
  bourse_channel channels[COUNT(kRoles)];
  const bourse_channel* list[COUNT(kRoles)];
  for (size_t i = 0; i < COUNT(kRoles); ++i) {
    fresh(&channels[i], sizeof channels[i]);
    POISON(bourse_channel, &channels[i]);
    channels[i].role = kRoles[i].role;
    channels[i].field = kRoles[i].field;
    channels[i].label = "A label";
    list[i] = &channels[i];
  }
  const double levels[] = {30, 70}, range[] = {0, 100};
  const char *const level_labels[] = {"low", "high"}, *const guide_labels[] = {"then"};
  const bourse_value guides[] = {whole(BOURSE_TYPE_TIME, 1500000000)};
  FRESH(bourse_chart, chart);
  chart.flags = BOURSE_DRAW_LOGARITHMIC;
  chart.kind = BOURSE_CHART_SCATTER;
  chart.axis = 1;
  chart.name = "marks";
  chart.title = "Marks";
  chart.table = "all";
  chart.pane = "upper";
  chart.n_channels = COUNT(kRoles);
  chart.channels = list;
  chart.n_levels = COUNT(levels);
  chart.levels = levels;
  chart.level_labels = level_labels;
  chart.n_guides = COUNT(guides);
  chart.guides = guides;
  chart.guide_labels = guide_labels;
  chart.range = range;
  return own_host->chart(call, &chart);
}

static bourse_status run(void* self, bourse_call* call, const bourse_value* values) {
  const struct instance* const instance = self;
  int64_t sums[2];
  look_at_params(call, values);
  look_at_host(call);
  OR_RETURN(ask(call, sums));
  OR_RETURN(say_meta(call, "bourse.title", words("Everything")));
  OR_RETURN(say_meta(call, "bourse.as_of", whole(BOURSE_TYPE_TIME, 88)));
  OR_RETURN(say_meta(call, "quote", words("CHF")));
  OR_RETURN(say_note(call));
  OR_RETURN(say_scalar(call, &fields[F_BOOL], whole(BOURSE_TYPE_BOOL, 1)));
  OR_RETURN(say_scalar(call, &fields[F_I64], whole(BOURSE_TYPE_I64, instance->step)));
  OR_RETURN(say_scalar(call, &fields[F_F64], real(sums[0] == -1 ? -1.0 : (double)sums[0])));
  OR_RETURN(say_scalar(call, &fields[F_DECIMAL], decimal((uint64_t)sums[1], 2)));
  OR_RETURN(say_scalar(call, &fields[F_TIME], none()));
  OR_RETURN(say_scalar(call, &fields[F_TEXT], words("a text")));
  OR_RETURN(say_table(call));
  OR_RETURN(say_chart(call));
  return own_host->fresh_until(call, 2000000000);
}

/* ---- the source, and the layer over it
 * -------------------------------------------------------------------------- */
static bourse_status deliver(bourse_call* call, const int64_t* values, size_t n) {
  int64_t times[9];
  for (size_t i = 0; i < n; ++i) times[i] = (int64_t)i;
  const bourse_array columns[] = {{times, NULL}, {values, NULL}};
  OR_RETURN(say_meta(call, "bourse.as_of", whole(BOURSE_TYPE_TIME, 77)));
  OR_RETURN(own_host->fresh_until(call, 3000000000));
  FRESH(bourse_table, table);
  table.name = "series";
  table.n_fields = COUNT(series_fields);
  table.fields = series_fields;
  table.n_rows = n;
  table.columns = columns;
  return own_host->table(call, &table, NULL);
}

static bourse_status fetch(void* self, bourse_call* call, size_t which,
                           const bourse_value* values) {
  (void)self;
  if (which == 1) {
    FRESH(bourse_failure, failure);
    failure.status = 451;
    failure.code = TEXT("kitchen_closed");
    failure.message = TEXT("The kitchen is closed.");
    failure.param = TEXT("n");
    failure.retry_after = 5000000000;
    return own_host->fail(call, &failure);
  }
  int64_t numbers[9];
  const int64_t n = values[0].as.i64 < 9 ? values[0].as.i64 : 9;
  for (int64_t i = 0; i < n; ++i) numbers[i] = i + 1;
  return deliver(call, numbers, (size_t)n);
}

/* Ten times what is below, so that it is seen which of the two answered. */
static bourse_status fetch_layer(void* self, bourse_call* call, size_t which,
                                 const bourse_value* values) {
  (void)self;
  (void)which;
  const bourse_arg args[] = {arg("n", values[0])};
  FRESH(bourse_query, query);
  query.dataset = TEXT("series");
  query.n_args = 1;
  query.args = args;
  const bourse_query* const queries[] = {&query};
  bourse_answer answer;
  OR_RETURN(own_host->query(call, 1, queries, &answer));
  const bourse_table* const table = answer.report->tables[0];
  const int64_t* const below = table->columns[1].data;
  int64_t numbers[9];
  for (size_t i = 0; i < table->n_rows && i < 9; ++i) numbers[i] = 10 * below[i];
  return deliver(call, numbers, table->n_rows);
}

/* ---- its extensions
 * -----------------------------------------------------------------------------------------------
 */
static void collect(void* self, void* sink, void (*emit)(void* sink, const bourse_metric*)) {
  (void)self;
  const bourse_label labels[] = {{text_of("pot"), text_of("large")}};
  FRESH(bourse_metric, metric);
  metric.kind = BOURSE_METRIC_COUNTER;
  metric.name = TEXT("stirred_total");
  metric.help = TEXT("How often it was stirred.");
  metric.n_labels = 1;
  metric.labels = labels;
  metric.value = 12;
  emit(sink, &metric);
}

static bourse_status look(void* self, bourse_call* call, void* sink,
                          void (*emit)(void* sink, const bourse_finding*)) {
  (void)self;
  (void)call;
  FRESH(bourse_finding, finding);
  finding.verdict = BOURSE_VERDICT_FAIL;
  finding.name = TEXT("gas");
  finding.text = TEXT("it is off");
  finding.advice = TEXT("turn it on");
  emit(sink, &finding);
  return BOURSE_OK;
}

static bourse_metrics metrics;
static bourse_probe probe;
static bourse_arg examples[1];

static const void* extension(void* self, const char* id) {
  (void)self;
  if (strcmp(id, BOURSE_METRICS_ID) == 0) return &metrics;
  if (strcmp(id, BOURSE_PROBE_ID) == 0) return &probe;
  return NULL;
}

static void declare_extensions(void) {
  fresh(&metrics, sizeof metrics);
  POISON(bourse_metrics, &metrics);
  metrics.collect = collect;
  examples[0] = arg("n", words("2"));
  fresh(&probe, sizeof probe);
  POISON(bourse_probe, &probe);
  probe.n_examples = COUNT(examples);
  probe.examples = examples;
  probe.probe = look;
}

/* ---- the serializer: writes all that it sees
 * ---------------------------------------------------------------------- */
static bourse_status put(bourse_call* call, const char* text) {
  return own_host->write(call, text_of(text));
}

static bourse_status put_str(bourse_call* call, bourse_str text) {
  OR_RETURN(put(call, " "));
  return text.len == 0 ? BOURSE_OK : own_host->write(call, text);
}

static bourse_status put_number(bourse_call* call, double number) {
  char text[64];
  snprintf(text, sizeof text, " %g", number);
  return put(call, text);
}

static bourse_status put_value(bourse_call* call, bourse_value value) {
  switch (value.type) {
    case BOURSE_TYPE_NULL:
      return put(call, " null");
    case BOURSE_TYPE_F64:
      return put_number(call, value.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return put_number(call, (double)value.as.dec.lo);
    case BOURSE_TYPE_TEXT:
      return put_str(call, value.as.text);
    default:
      return put_number(call, (double)value.as.i64);
  }
}

static bourse_status put_cell(bourse_call* call, const bourse_field* of, const bourse_array* column,
                              size_t row) {
  if (column->valid != NULL && ((column->valid[row / 8] >> (row % 8)) & 1) == 0)
    return put(call, " null");
  bourse_value value = whole(of->type, 0);
  switch (of->type) {
    case BOURSE_TYPE_BOOL:
      value.as.i64 = ((const uint8_t*)column->data)[row];
      break;
    case BOURSE_TYPE_F64:
      value.as.f64 = ((const double*)column->data)[row];
      break;
    case BOURSE_TYPE_DECIMAL:
      value = whole(BOURSE_TYPE_I64, (int64_t)((const bourse_i128*)column->data)[row].lo);
      break;
    case BOURSE_TYPE_TEXT:
      value.as.text = ((const bourse_str*)column->data)[row];
      break;
    default:
      value.as.i64 = ((const int64_t*)column->data)[row];
  }
  return put_value(call, value);
}

static bourse_status put_field(bourse_call* call, const bourse_field* of) {
  char text[200];
  if (!WHOLE(of, format)) return put(call, "wrong field");
  snprintf(text, sizeof text, "%s/%d/%d/%s/%s/%s/%s", of->name, (int)of->type, (int)of->scale,
           of->label, of->unit, of->doc, of->format);
  return put(call, text);
}

static bourse_status put_table(bourse_call* call, const bourse_table* table) {
  if (!WHOLE(table, columns)) return put(call, "wrong table\n");
  OR_RETURN(put(call, "table "));
  OR_RETURN(put(call, table->name));
  OR_RETURN(put_str(call, text_of(table->label)));
  OR_RETURN(put(call, "\n"));
  for (size_t i = 0; i < table->n_fields; ++i) {
    OR_RETURN(put_field(call, table->fields[i]));
    for (size_t row = 0; row < table->n_rows; ++row) {
      OR_RETURN(put_cell(call, table->fields[i], &table->columns[i], row));
    }
    OR_RETURN(put(call, "\n"));
  }
  return BOURSE_OK;
}

static bourse_status put_chart(bourse_call* call, const bourse_chart* chart) {
  char text[300];
  if (!WHOLE(chart, range)) return put(call, "wrong chart\n");
  snprintf(text, sizeof text, "chart %s %s kind %d flags %d axis %d table %s pane %s\n",
           chart->name, chart->title, (int)chart->kind, (int)chart->flags, (int)chart->axis,
           chart->table, chart->pane);
  OR_RETURN(put(call, text));
  for (size_t i = 0; i < chart->n_channels; ++i) {
    const bourse_channel* const channel = chart->channels[i];
    if (!WHOLE(channel, label)) return put(call, "wrong channel\n");
    snprintf(text, sizeof text, "channel %d %s %s\n", (int)channel->role, channel->field,
             channel->label);
    OR_RETURN(put(call, text));
  }
  for (size_t i = 0; i < chart->n_levels; ++i) {
    snprintf(text, sizeof text, "level %g %s\n", chart->levels[i], chart->level_labels[i]);
    OR_RETURN(put(call, text));
  }
  for (size_t i = 0; i < chart->n_guides; ++i) {
    OR_RETURN(put(call, "guide"));
    OR_RETURN(put_value(call, chart->guides[i]));
    OR_RETURN(put_str(call, text_of(chart->guide_labels[i])));
    OR_RETURN(put(call, "\n"));
  }
  snprintf(text, sizeof text, "range %g %g\n", chart->range[0], chart->range[1]);
  return put(call, text);
}

static bourse_status render(void* self, bourse_call* call, const bourse_value* values,
                            const bourse_report* report) {
  (void)self;
  char text[200];
  OR_RETURN(own_host->header(call, TEXT("X-Kitchen"), values[0].as.text));
  if (!WHOLE(report, charts)) return put(call, "wrong report\n");
  OR_RETURN(put(call, "report"));
  OR_RETURN(put_str(call, report->title));
  OR_RETURN(put_str(call, report->component));
  OR_RETURN(put_number(call, (double)report->as_of));
  OR_RETURN(put(call, "\n"));
  for (size_t i = 0; i < report->n_meta; ++i) {
    if (!WHOLE(report->meta[i], value)) return put(call, "wrong meta\n");
    OR_RETURN(put(call, "meta"));
    OR_RETURN(put_str(call, report->meta[i]->key));
    OR_RETURN(put_value(call, report->meta[i]->value));
    OR_RETURN(put(call, "\n"));
  }
  for (size_t i = 0; i < report->n_notes; ++i) {
    if (!WHOLE(report->notes[i], text)) return put(call, "wrong note\n");
    snprintf(text, sizeof text, "note %d", (int)report->notes[i]->level);
    OR_RETURN(put(call, text));
    OR_RETURN(put_str(call, report->notes[i]->code));
    OR_RETURN(put_str(call, report->notes[i]->text));
    OR_RETURN(put(call, "\n"));
  }
  for (size_t i = 0; i < report->n_scalars; ++i) {
    if (!WHOLE(report->scalars[i], value)) return put(call, "wrong scalar\n");
    OR_RETURN(put_field(call, report->scalars[i]->field));
    OR_RETURN(put_value(call, report->scalars[i]->value));
    OR_RETURN(put(call, "\n"));
  }
  for (size_t i = 0; i < report->n_tables; ++i) OR_RETURN(put_table(call, report->tables[i]));
  for (size_t i = 0; i < report->n_charts; ++i) OR_RETURN(put_chart(call, report->charts[i]));
  return BOURSE_OK;
}

/* ---- the plugin
 * ---------------------------------------------------------------------------------------------------
 */
static bourse_status init(const bourse_host* host, bourse_call* call) {
  if (host == own_host && host->poll(call, NULL) == BOURSE_OK) return BOURSE_OK;
  FRESH(bourse_failure, failure);
  failure.status = BOURSE_UNAVAILABLE;
  failure.code = TEXT("another_host");
  failure.message = TEXT("The host of init is not that of the entry.");
  return host->fail(call, &failure);
}

static void deinit(void) { own_host = NULL; }

static void declare_components(void) {
  component(&analysis, BOURSE_KIND_ANALYSIS, 0, "everything");
  analysis.n_params = N_PARAMS;
  analysis.params = params_list;
  analysis.n_config = 1;
  analysis.config = config_list;
  analysis.n_datasets = COUNT(asked_datasets);
  analysis.datasets = asked_datasets;
  analysis.n_scalars = N_FIELDS;
  analysis.scalars = fields_list;
  fresh(&told, sizeof told);
  POISON(bourse_table, &told);
  told.flags = BOURSE_TABLE_OPTIONAL;
  told.name = "told";
  told.label = "A label";
  told.n_fields = 1;
  told.fields = fields_list;
  analysis.n_tables = COUNT(told_tables);
  analysis.tables = told_tables;
  analysis.create = create;
  analysis.destroy = destroy;
  analysis.run = run;
  component(&feed, BOURSE_KIND_SOURCE, BOURSE_COMPONENT_SERIAL, "feed");
  feed.n_datasets = COUNT(feed_datasets);
  feed.datasets = feed_datasets;
  feed.fetch = fetch;
  feed.extension = extension;
  component(&layer, BOURSE_KIND_SOURCE, BOURSE_COMPONENT_LAYER | BOURSE_COMPONENT_BLOCKING,
            "tenfold");
  layer.n_datasets = COUNT(layer_datasets);
  layer.datasets = layer_datasets;
  layer.fetch = fetch_layer;
  component(&format, BOURSE_KIND_SERIALIZER, BOURSE_COMPONENT_PURE, "lines");
  format.n_params = 1;
  format.params = format_params;
  format.media_type = "text/plain; charset=utf-8";
  format.suffix = "txt";
  format.render = render;
}

#ifdef BOURSE_TEST_LEAVES_A_TRACE
extern int setenv(const char*, const char*, int);
__attribute__((constructor)) static void leave_a_trace(void) {
  setenv("BOURSE_TEST_TRACE", "was here", 1);
}
#endif

BOURSE_MANIFEST(NAME, "1.2.3");

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  if (!WHOLE(host, write)) {
    host->log(host, NULL, BOURSE_LEVEL_ERROR, TEXT("The host's table is shorter than that of 1.0."),
              NULL, 0);
    return NULL;
  }
  own_host = host;
  declare_params();
  declare_datasets();
  declare_extensions();
  declare_components();
  fresh(&plugin, sizeof plugin);
  POISON(bourse_plugin, &plugin);
  plugin.abi_minor = BOURSE_TARGET_MINOR;
  plugin.name = NAME;
  plugin.version = "1.2.3";
  plugin.vendor = "Bourse";
  plugin.license = "MIT";
  plugin.url = "https://example.org";
  plugin.built_with = "a compiler";
  plugin.n_components = N_COMPONENTS;
  plugin.components = components;
  plugin.init = init;
  plugin.deinit = deinit;
  return &plugin;
}
