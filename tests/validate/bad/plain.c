/* SPDX-License-Identifier: MIT
 *
 * A small correct plugin with one component of each kind. The build makes it bad in one way: each
 * PLAIN_... is a statement, or a text, that stands in its place.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bourse/bourse.h"

/* Statements. */
#ifndef PLAIN_CONSTRUCTOR
#define PLAIN_CONSTRUCTOR (void)0
#endif
#ifndef PLAIN_ENTRY
#define PLAIN_ENTRY (void)0
#endif
#ifndef PLAIN_INIT
#define PLAIN_INIT (void)0
#endif
#ifndef PLAIN_DEINIT
#define PLAIN_DEINIT (void)0
#endif
#ifndef PLAIN_CREATE
#define PLAIN_CREATE (void)0
#endif
#ifndef PLAIN_DESTROY
#define PLAIN_DESTROY free(self)
#endif
#ifndef PLAIN_CALL /* in run, fetch and render */
#define PLAIN_CALL (void)0
#endif
#ifndef PLAIN_RENDER /* before a report is rendered; it is called report */
#define PLAIN_RENDER (void)0
#endif
/* A number. */
#ifndef PLAIN_KIND /* of the analysis */
#define PLAIN_KIND BOURSE_KIND_ANALYSIS
#endif
/* A function. */
#ifndef PLAIN_EXTENSION
#define PLAIN_EXTENSION NULL
#endif
/* Texts. */
#ifndef PLAIN_DEFAULT
#define PLAIN_DEFAULT "7"
#endif
#ifndef PLAIN_DOC
#define PLAIN_DOC "Says how much it was asked for."
#endif
#ifndef PLAIN_LABEL
#define PLAIN_LABEL "Limit"
#endif
BOURSE_MANIFEST("bad.plain", "1.2.3");

static const bourse_host* host;

#define STR(literal) ((bourse_str){literal, sizeof(literal) - 1})

__attribute__((constructor)) static void construct(void) { PLAIN_CONSTRUCTOR; }

static bourse_status init(const bourse_host* given, bourse_call* call) {
  (void)given, (void)call;
  PLAIN_INIT;
  return BOURSE_OK;
}
static void deinit(void) { PLAIN_DEINIT; }

static bourse_status create(const bourse_host* given, bourse_call* call, const bourse_value* config,
                            void** self) {
  (void)given, (void)call, (void)config;
  PLAIN_CREATE;
  *self = malloc(100);
  return *self != NULL ? BOURSE_OK : BOURSE_UNAVAILABLE;
}
static void destroy(void* self) {
  (void)self;
  PLAIN_DESTROY;
}

static const bourse_field number = {.size = sizeof number,
                                    .type = BOURSE_TYPE_I64,
                                    .name = "number",
                                    .label = "Number",
                                    .doc = "As asked."};
static const bourse_field* const numbers[] = {&number};

static bourse_status run(void* self, bourse_call* call, const bourse_value* params) {
  (void)self;
  PLAIN_CALL;
  const bourse_scalar said = {.size = sizeof said, .field = &number, .value = params[0]};
  return host->scalar(call, &said);
}
static bourse_status fetch(void* self, bourse_call* call, size_t dataset,
                           const bourse_value* params) {
  (void)self, (void)dataset;
  PLAIN_CALL;
  const bourse_array column = {.data = &params[0].as.i64};
  const bourse_table table = {.size = sizeof table,
                              .name = "numbers",
                              .n_fields = 1,
                              .fields = numbers,
                              .n_rows = 1,
                              .columns = &column};
  return host->table(call, &table, NULL);
}
static bourse_status render(void* self, bourse_call* call, const bourse_value* params,
                            const bourse_report* report) {
  (void)self, (void)params, (void)report;
  PLAIN_CALL;
  PLAIN_RENDER;
  return host->write(call, STR("a report\n"));
}

static const bourse_param limit = {.size = sizeof limit,
                                   .type = BOURSE_TYPE_I64,
                                   .name = "limit",
                                   .label = PLAIN_LABEL,
                                   .doc = "How many.",
                                   .def = PLAIN_DEFAULT,
                                   .min = "1",
                                   .max = "100"};
static const bourse_param* const params[] = {&limit};
static const bourse_dataset dataset = {.size = sizeof dataset,
                                       .name = "numbers",
                                       .doc = "Numbers.",
                                       .n_params = 1,
                                       .params = params,
                                       .n_fields = 1,
                                       .fields = numbers};
static const bourse_dataset* const datasets[] = {&dataset};

static const bourse_component analysis = {.size = sizeof analysis,
                                          .kind = PLAIN_KIND,
                                          .flags = BOURSE_COMPONENT_PURE,
                                          .parts = BOURSE_PART_SCALARS,
                                          .id = "plain",
                                          .title = "Plain",
                                          .doc = PLAIN_DOC,
                                          .n_params = 1,
                                          .params = params,
                                          .create = create,
                                          .destroy = destroy,
                                          .run = run,
                                          .extension = PLAIN_EXTENSION,
                                          .n_scalars = 1,
                                          .scalars = numbers};
static const bourse_component source = {.size = sizeof source,
                                        .kind = BOURSE_KIND_SOURCE,
                                        .flags = BOURSE_COMPONENT_PURE,
                                        .id = "plain-source",
                                        .title = "Plain numbers",
                                        .doc = "Delivers what it is asked for.",
                                        .n_datasets = 1,
                                        .datasets = datasets,
                                        .create = create,
                                        .destroy = destroy,
                                        .fetch = fetch};
static const bourse_component serializer = {.size = sizeof serializer,
                                            .kind = BOURSE_KIND_SERIALIZER,
                                            .flags = BOURSE_COMPONENT_PURE,
                                            .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES,
                                            .id = "plain-text",
                                            .title = "Plain text",
                                            .doc = "Says that there is a report.",
                                            .media_type = "text/plain; charset=utf-8",
                                            .suffix = "txt",
                                            .create = create,
                                            .destroy = destroy,
                                            .render = render};
static const bourse_component* const components[] = {&analysis, &source, &serializer};

const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  PLAIN_ENTRY;
  static const bourse_plugin plugin = {.size = sizeof plugin,
                                       .abi_minor = 0,
                                       .name = "bad.plain",
                                       .version = "1.2.3",
                                       .vendor = "The test authors",
                                       .license = "MIT",
                                       .url = "https://plain.example",
                                       .built_with = "a C compiler",
                                       .n_components = 3,
                                       .components = components,
                                       .init = init,
                                       .deinit = deinit};
  return &plugin;
}
