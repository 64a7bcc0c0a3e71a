// SPDX-License-Identifier: MIT
//
// A static variable of an inline function, as g++ compiles it where nobody tells it not to.
#include <cstdlib>

#include "bourse/bourse.h"

namespace {

const bourse_host* host;
BOURSE_MANIFEST("bad.unique", "1.0.0");

bourse_status run(void*, bourse_call*, const bourse_value*) { return BOURSE_OK; }

bourse_component component() {
  bourse_component it{};
  it.size = sizeof it;
  it.kind = BOURSE_KIND_ANALYSIS;
  it.parts = BOURSE_PART_SCALARS;
  it.id = "unique";
  it.title = "Unique";
  it.doc = "Says nothing.";
  it.run = run;
  return it;
}
const bourse_component kComponent = component();
const bourse_component* const kComponents[] = {&kComponent};

bourse_plugin plugin() {
  bourse_plugin it{};
  it.size = sizeof it;
  it.name = "bad.unique";
  it.version = "1.0.0";
  it.n_components = 1;
  it.components = kComponents;
  return it;
}
const bourse_plugin kPlugin = plugin();

}  // namespace

template <class T>
struct __attribute__((visibility("default"))) Counter {
  static T count;
};
template <class T>
T Counter<T>::count = 0;

extern "C" const bourse_plugin* bourse_plugin_v1(const bourse_host* given) {
  host = given;
  ++Counter<long>::count;
  return &kPlugin;
}
