// SPDX-License-Identifier: MIT
//
// An analysis in C++ that forgets that new may throw: without memory std::bad_alloc leaves run.
#include <memory>

#include "bourse/bourse.h"

BOURSE_MANIFEST("bad.lets-out", "1.0.0");

namespace {

const bourse_host* host = nullptr;

const bourse_field kNumber = {.size = sizeof kNumber,
                              .flags = 0,
                              .type = BOURSE_TYPE_I64,
                              .scale = 0,
                              .name = "number",
                              .label = "Number",
                              .unit = nullptr,
                              .doc = "A number.",
                              .format = nullptr};
const bourse_field* const kScalars[] = {&kNumber};

bourse_status run(void*, bourse_call* call, const bourse_value*) {
  const auto number = std::make_unique<std::int64_t>(42);
  bourse_scalar said{};
  said.size = sizeof said;
  said.field = &kNumber;
  said.value.type = BOURSE_TYPE_I64;
  said.value.as.i64 = *number;
  return host->scalar(call, &said);
}

const bourse_component& analysis() {
  static const bourse_component kAnalysis = [] {
    bourse_component made{};
    made.size = sizeof made;
    made.kind = BOURSE_KIND_ANALYSIS;
    made.flags = BOURSE_COMPONENT_PURE;
    made.parts = BOURSE_PART_SCALARS;
    made.id = "lets-out";
    made.title = "Forty-two";
    made.doc = "Says a number.";
    made.run = run;
    made.n_scalars = 1;
    made.scalars = kScalars;
    return made;
  }();
  return kAnalysis;
}

}  // namespace

const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  static const bourse_component* const kComponents[] = {&analysis()};
  static const bourse_plugin kPlugin = [] {
    bourse_plugin made{};
    made.size = sizeof made;
    made.name = "bad.lets-out";
    made.version = "1.0.0";
    made.vendor = "The test authors";
    made.license = "MIT";
    made.url = "https://lets-out.example";
    made.built_with = "a C++ compiler";
    made.n_components = 1;
    made.components = kComponents;
    return made;
  }();
  return &kPlugin;
}
