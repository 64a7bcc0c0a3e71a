/* SPDX-License-Identifier: MIT
 *
 * The least a plugin can be, in C: one analysis that answers with its own parameter. */
#include "bourse/bourse.h"

BOURSE_MANIFEST("test.minimal", "1.0.0");

static const bourse_param value_param = {.size = sizeof(bourse_param),
                                         .type = BOURSE_TYPE_F64,
                                         .name = "value",
                                         .doc = "Any number.",
                                         .def = "42"};
static const bourse_param* const params[] = {&value_param};

static const bourse_field value_field = {.size = sizeof(bourse_field),
                                         .type = BOURSE_TYPE_F64,
                                         .name = "value",
                                         .label = "Value",
                                         .doc = "the parameter"};

/* The instance is nothing but the host: that way there is no global to keep it in. */
static bourse_status create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                            void** self) {
  (void)call;
  (void)config;
  if (!BOURSE_HAS(host, scalar)) return BOURSE_UNAVAILABLE;
  *self = (void*)host;
  return BOURSE_OK;
}

static void destroy(void* self) { (void)self; }

static bourse_status run(void* self, bourse_call* call, const bourse_value* values) {
  const bourse_host* host = self;
  const bourse_scalar scalar = {
      .size = sizeof(bourse_scalar), .field = &value_field, .value = values[0]};
  return host->scalar(call, &scalar);
}

static const bourse_component component = {.size = sizeof(bourse_component),
                                           .kind = BOURSE_KIND_ANALYSIS,
                                           .flags = BOURSE_COMPONENT_PURE,
                                           .parts = BOURSE_PART_SCALARS,
                                           .id = "minimal",
                                           .title = "Minimal",
                                           .doc = "Answers with its own parameter.",
                                           .n_params = 1,
                                           .params = params,
                                           .create = create,
                                           .destroy = destroy,
                                           .run = run};
static const bourse_component* const components[] = {&component};
static const bourse_plugin plugin = {.size = sizeof(bourse_plugin),
                                     .abi_minor = BOURSE_TARGET_MINOR,
                                     .name = "test.minimal",
                                     .version = "1.0.0",
                                     .n_components = 1,
                                     .components = components};

const bourse_plugin* bourse_plugin_v1(const bourse_host* host) {
  (void)host;
  return &plugin;
}
