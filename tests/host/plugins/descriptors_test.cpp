// SPDX-License-Identifier: MIT
//
// Hostile descriptions, made in memory: what a plugin declares needs no library to be a lie.
#include "host/plugins/descriptors.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace bourse::host {
namespace {

bourse_status run(void*, bourse_call*, const bourse_value*) { return BOURSE_OK; }
bourse_status fetch(void*, bourse_call*, std::size_t, const bourse_value*) { return BOURSE_OK; }
bourse_status render(void*, bourse_call*, const bourse_value*, const bourse_report*) {
  return BOURSE_OK;
}

// A legal plugin of one component with everything; tests bend one thing of it.
struct Sample {
  bourse_param param = {};
  bourse_field field = {};
  bourse_dataset dataset = {};
  bourse_table table = {};
  bourse_component component = {};
  bourse_plugin plugin = {};
  const bourse_param* params[2] = {&param, &param};
  const bourse_field* fields[2] = {&field, &field};
  const bourse_dataset* datasets[2] = {&dataset, &dataset};
  const bourse_table* tables[2] = {&table, &table};
  const bourse_component* components[2] = {&component, &component};
  Manifest manifest = {
      .abi = 1, .minor = 0, .name = "acme.sample", .version = "1.0.0", .sha256 = {}};

  Sample() {
    param.size = sizeof param;
    param.type = BOURSE_TYPE_I64;
    param.name = "limit";
    param.def = "10";
    param.min = "1";
    param.max = "100";
    field.size = sizeof field;
    field.type = BOURSE_TYPE_DECIMAL;
    field.scale = 8;
    field.name = "price";
    field.label = "Price";
    field.unit = "{quote}";
    field.format = "decimal";
    dataset.size = sizeof dataset;
    dataset.name = "candles";
    dataset.n_params = 1;
    dataset.params = params;
    dataset.n_fields = 1;
    dataset.fields = fields;
    component.size = sizeof component;
    component.kind = BOURSE_KIND_ANALYSIS;
    component.parts = BOURSE_PART_TABLES;
    component.id = "sample";
    component.title = "Sample";
    component.n_params = component.n_config = 1;
    component.params = component.config = params;
    component.media_type = "text/csv";
    component.suffix = "csv";
    component.n_datasets = 1;
    component.datasets = datasets;
    table.size = sizeof table;
    table.name = "rows";
    table.n_fields = 1;
    table.fields = fields;
    component.run = run;
    component.fetch = fetch;
    component.render = render;
    plugin.size = sizeof plugin;
    plugin.name = "acme.sample";
    plugin.version = "1.0.0";
    plugin.n_components = 1;
    plugin.components = components;
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  Result<Declaration> check() const { return check_plugin(&plugin, manifest); }
};

using Bend = std::function<void(Sample&)>;

std::string outcome(const Bend& bend) {
  Sample sample;
  bend(sample);
  const auto declaration = sample.check();
  return declaration ? "accepted" : declaration.failure().code;
}

void expect_all(const std::string& expected, const std::vector<Bend>& bends) {
  for (std::size_t i = 0; i < bends.size(); ++i) {
    EXPECT_EQ(outcome(bends[i]), expected) << "case " << i;
  }
}

TEST(Descriptors, ALegalPluginIsCopiedWhole) {
  Sample sample;
  sample.component.flags = BOURSE_COMPONENT_SERIAL | 1u << 30;
  sample.component.parts = BOURSE_PART_TABLES | 1u << 30;
  sample.plugin.vendor = "Acme";
  const auto declaration = sample.check();
  ASSERT_TRUE(declaration) << declaration.failure().message;
  EXPECT_EQ(declaration->name, "acme.sample");
  EXPECT_EQ(declaration->vendor, "Acme");
  EXPECT_EQ(declaration->license, "");
  ASSERT_EQ(declaration->components.size(), 1u);
  const auto& component = declaration->components[0];
  EXPECT_EQ(component.flags, BOURSE_COMPONENT_SERIAL) << "bits of a newer contract are dropped";
  EXPECT_EQ(component.parts, BOURSE_PART_TABLES);
  EXPECT_EQ(component.id, "sample");
  EXPECT_EQ(component.run, &run);
  ASSERT_EQ(component.params.size(), 1u);
  EXPECT_EQ(component.params[0].name, "limit");
  EXPECT_EQ(component.params[0].def, "10");
  ASSERT_EQ(component.datasets.size(), 1u);
  EXPECT_EQ(component.datasets[0].params.size(), 1u);
  ASSERT_EQ(component.datasets[0].fields.size(), 1u);
  EXPECT_EQ(component.datasets[0].fields[0].name, "price");
  EXPECT_EQ(component.datasets[0].fields[0].unit, "{quote}");
  EXPECT_EQ(component.datasets[0].fields[0].format, "decimal");
  EXPECT_EQ(component.datasets[0].fields[0].scale, 8);
}

TEST(Descriptors, TheCopyDoesNotDependOnThePlugin) {
  auto id = std::string("sample");
  auto sample = std::make_unique<Sample>();
  sample->component.id = id.c_str();
  const auto declaration = sample->check();
  ASSERT_TRUE(declaration);
  id.assign("broken");
  sample.reset();
  EXPECT_EQ(declaration->components[0].id, "sample");
  EXPECT_EQ(declaration->components[0].datasets[0].name, "candles");
}

TEST(Descriptors, ANullPluginIsRefused) {
  EXPECT_EQ(check_plugin(nullptr, {}).failure().code, "bad_descriptor");
}

TEST(Descriptors, SizesThatCannotBeASizeofAreRefused) {
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.plugin.size = 0; },
                                   [](Sample& s) { s.plugin.size = 8; },
                                   [](Sample& s) { s.plugin.size = 0xffffffff; },
                                   [](Sample& s) { s.plugin.size = 1u << 20; },
                                   [](Sample& s) { s.plugin.size -= 4; },
                                   [](Sample& s) { s.component.size = 0; },
                                   [](Sample& s) { s.component.size = 16; },
                                   [](Sample& s) { s.component.size = 0xfffffff8; },
                                   [](Sample& s) { s.param.size = 0; },
                                   [](Sample& s) { s.param.size = 12; },
                                   [](Sample& s) { s.dataset.size = 8; },
                                   [](Sample& s) { s.dataset.size = 0xffffffff; },
                                   [](Sample& s) { s.field.size = 16; },
                                   [](Sample& s) { s.field.size += 1; },
                               });
}

TEST(Descriptors, AShorterStructOfAnOlderMinorOffersLess) {
  Sample sample;
  sample.plugin.size = offsetof(bourse_plugin, init);
  sample.plugin.init = [](const bourse_host*, bourse_call*) -> bourse_status { return BOURSE_OK; };
  sample.component.size = offsetof(bourse_component, fetch);
  sample.component.extension = [](void*, const char*) -> const void* { return nullptr; };
  sample.field.size = offsetof(bourse_field, label);
  sample.param.size = offsetof(bourse_param, choices);
  const auto declaration = sample.check();
  ASSERT_TRUE(declaration) << declaration.failure().message;
  EXPECT_EQ(declaration->init, nullptr);
  EXPECT_EQ(declaration->components[0].run, &run);
  EXPECT_EQ(declaration->components[0].fetch, nullptr);
  EXPECT_EQ(declaration->components[0].extension, nullptr);
  EXPECT_EQ(declaration->components[0].datasets[0].fields[0].label, "");
}

TEST(Descriptors, AShorterStructWithoutItsVerbIsRefused) {
  EXPECT_EQ(outcome([](Sample& s) { s.component.size = offsetof(bourse_component, run); }),
            "bad_descriptor");
}

TEST(Descriptors, ALongerStructOfANewerMinorIsReadAsFarAsKnown) {
  struct Newer {
    bourse_component known;
    const void* fields[4];
  };
  Sample sample;
  const Newer newer = {sample.component, {&sample, &sample, &sample, &sample}};
  auto component = newer;
  component.known.size = sizeof component;
  sample.components[0] = &component.known;
  const auto declaration = sample.check();
  ASSERT_TRUE(declaration) << declaration.failure().message;
  EXPECT_EQ(declaration->components[0].id, "sample");
}

TEST(Descriptors, PointersThatAreNullOrMisalignedAreRefused) {
  static std::byte odd[512] = {};
  static const auto skewed = [](auto*& pointer) {
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(&odd[1]);
  };
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.plugin.components = nullptr; },
                                   [](Sample& s) { s.components[0] = nullptr; },
                                   [](Sample& s) { skewed(s.components[0]); },
                                   [](Sample& s) { skewed(s.plugin.components); },
                                   [](Sample& s) { s.component.params = nullptr; },
                                   [](Sample& s) { s.component.config = nullptr; },
                                   [](Sample& s) { s.component.datasets = nullptr; },
                                   [](Sample& s) { s.params[0] = nullptr; },
                                   [](Sample& s) { skewed(s.params[0]); },
                                   [](Sample& s) { s.datasets[0] = nullptr; },
                                   [](Sample& s) { s.dataset.fields = nullptr; },
                                   [](Sample& s) { s.fields[0] = nullptr; },
                               });
}

TEST(Descriptors, CountsBeyondReasonAreRefusedBeforeTheArrayIsRead) {
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.plugin.n_components = ~std::size_t{0}; },
                                   [](Sample& s) { s.plugin.n_components = 0; },
                                   [](Sample& s) { s.component.n_params = 1'000'000; },
                                   [](Sample& s) { s.component.n_config = ~std::size_t{0}; },
                                   [](Sample& s) { s.component.n_datasets = ~std::size_t{0}; },
                                   [](Sample& s) { s.dataset.n_fields = ~std::size_t{0}; },
                                   [](Sample& s) { s.dataset.n_params = ~std::size_t{0}; },
                               });
}

TEST(Descriptors, IllegalNamesAreRefused) {
  static const std::string endless(100'000, 'a');
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.component.id = nullptr; },
                                   [](Sample& s) { s.component.id = ""; },
                                   [](Sample& s) { s.component.id = "Sample"; },
                                   [](Sample& s) { s.component.id = "a/b"; },
                                   [](Sample& s) { s.component.id = "a\nb"; },
                                   [](Sample& s) { s.component.id = "\xff\xfe"; },
                                   [](Sample& s) { s.component.id = endless.c_str(); },
                                   [](Sample& s) { s.dataset.name = "Candles"; },
                                   [](Sample& s) { s.dataset.name = nullptr; },
                                   [](Sample& s) { s.field.name = "a.b"; },
                                   [](Sample& s) { s.field.name = nullptr; },
                                   [](Sample& s) { s.field.name = endless.c_str(); },
                               });
}

TEST(Descriptors, TextsThatAreNotUtf8OrTooLongAreRefused) {
  static const std::string endless(100'000, 'a');
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.component.title = "\xc0\xaf"; },
                                   [](Sample& s) { s.component.title = "two\nlines"; },
                                   [](Sample& s) { s.component.title = endless.c_str(); },
                                   [](Sample& s) { s.component.doc = "\xed\xa0\x80"; },
                                   [](Sample& s) { s.component.doc = endless.c_str(); },
                                   [](Sample& s) { s.component.doc = "\x1b[31m"; },
                                   [](Sample& s) { s.field.label = "\x80"; },
                                   [](Sample& s) { s.field.unit = "a\rb"; },
                                   [](Sample& s) { s.field.doc = "\xf5\x80\x80\x80"; },
                                   [](Sample& s) { s.dataset.doc = "\xff"; },
                                   [](Sample& s) { s.plugin.vendor = "\xff"; },
                                   [](Sample& s) { s.plugin.url = endless.c_str(); },
                               });
}

TEST(Descriptors, AKindNeedsItsVerb) {
  expect_all(
      "bad_descriptor",
      {
          [](Sample& s) { s.component.kind = 0; },
          [](Sample& s) { s.component.kind = -1; },
          [](Sample& s) { s.component.run = nullptr; },
          [](Sample& s) { s.component.kind = BOURSE_KIND_SOURCE, s.component.fetch = nullptr; },
          [](Sample& s) {
            s.component.kind = BOURSE_KIND_SERIALIZER, s.component.render = nullptr;
          },
          [](Sample& s) { s.component.parts = 0; },
      });
  expect_all("accepted", {
                             [](Sample& s) { s.component.kind = BOURSE_KIND_SOURCE; },
                             [](Sample& s) { s.component.kind = BOURSE_KIND_SERIALIZER; },
                             [](Sample& s) { s.component.fetch = nullptr; },
                         });
}

TEST(Descriptors, ASerializerNeedsAMediaTypeAndASuffix) {
  const auto serializer = [](auto bend) {
    return [bend](Sample& s) {
      s.component.kind = BOURSE_KIND_SERIALIZER;
      bend(s.component);
    };
  };
  expect_all("bad_descriptor",
             {
                 serializer([](auto& c) { c.media_type = nullptr; }),
                 serializer([](auto& c) { c.media_type = "csv"; }),
                 serializer([](auto& c) { c.media_type = "a/b\r\nSet-Cookie: x"; }),
                 serializer([](auto& c) { c.suffix = nullptr; }),
                 serializer([](auto& c) { c.suffix = ".csv"; }),
                 serializer([](auto& c) { c.suffix = "../x"; }),
             });
}

TEST(Descriptors, ASourceDeclaresDatasetsWithFields) {
  const auto source = [](auto bend) {
    return [bend](Sample& s) {
      s.component.kind = BOURSE_KIND_SOURCE;
      bend(s);
    };
  };
  expect_all("bad_descriptor", {
                                   source([](Sample& s) { s.component.n_datasets = 0; }),
                                   source([](Sample& s) { s.dataset.n_fields = 0; }),
                                   source([](Sample& s) { s.component.n_datasets = 2; }),
                               });
  EXPECT_EQ(outcome([](Sample& s) { s.dataset.n_fields = 0; }), "accepted")
      << "an analysis may ask for a dataset without naming its fields";
}

TEST(Descriptors, NamesAreUniqueWhereTheyLive) {
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.plugin.n_components = 2; },
                                   [](Sample& s) { s.component.n_params = 2; },
                                   [](Sample& s) { s.component.n_config = 2; },
                                   [](Sample& s) { s.component.n_datasets = 2; },
                                   [](Sample& s) { s.dataset.n_fields = 2; },
                                   [](Sample& s) { s.dataset.n_params = 2; },
                               });
}

TEST(Descriptors, BadParametersAreRefused) {
  expect_all("bad_parameter", {
                                  [](Sample& s) { s.param.def = "1000"; },
                                  [](Sample& s) { s.param.name = "Limit"; },
                                  [](Sample& s) { s.param.name = nullptr; },
                                  [](Sample& s) { s.param.min = "many"; },
                                  [](Sample& s) { s.param.type = -1; },
                                  [](Sample& s) { s.param.type = BOURSE_TYPE_NULL; },
                              });
}

TEST(Descriptors, FieldsHaveATypeAndADecimalAScale) {
  expect_all("bad_descriptor", {
                                   [](Sample& s) { s.field.type = BOURSE_TYPE_NULL; },
                                   [](Sample& s) { s.field.type = BOURSE_TYPE_LIST; },
                                   [](Sample& s) { s.field.type = -1; },
                                   [](Sample& s) { s.field.scale = 39; },
                                   [](Sample& s) { s.field.scale = -39; },
                                   [](Sample& s) { s.field.scale = INT32_MIN; },
                                   [](Sample& s) { s.field.type = BOURSE_TYPE_I64; },
                               });
  EXPECT_EQ(outcome([](Sample& s) { s.field.scale = -38; }), "accepted");
}

// ---- what this host does not know ---------------------------------------------------------------

Declaration good(const Sample& sample) {
  auto declaration = sample.check();
  EXPECT_TRUE(declaration) << declaration.failure().message;
  return declaration ? *std::move(declaration) : Declaration{};
}

TEST(Descriptors, AComponentOfAnUnknownKindIsLeftOutAndTheOthersWork) {
  Sample sample;
  bourse_component newer = sample.component;
  newer.kind = 4;
  newer.id = "newer";
  newer.title = "\xff";  // what it means is not ours to say
  newer.run = nullptr;
  sample.components[0] = &newer;
  sample.components[1] = &sample.component;
  sample.plugin.n_components = 2;
  const Declaration declaration = good(sample);
  ASSERT_EQ(declaration.components.size(), 1U);
  EXPECT_EQ(declaration.components[0].id, "sample");
  EXPECT_EQ(
      declaration.notes,
      std::vector<std::string>{"left out component \"newer\": this host does not know its kind 4"});
}

TEST(Descriptors, APluginOfWhichNothingIsKnownIsRefusedInASentence) {
  Sample sample;
  sample.component.kind = 4;
  const auto declaration = sample.check();
  ASSERT_FALSE(declaration);
  EXPECT_EQ(declaration.failure().code, "needs_newer_host");
  EXPECT_EQ(declaration.failure().message,
            "offers nothing that this host can use (left out component \"sample\": this host does "
            "not know its kind 4); use a newer host");
  expect_all("needs_newer_host", {[](Sample& s) { s.component.parts = 1u << 30; }});
}

TEST(Descriptors, AParameterOfAnUnknownTypeIsLeftOutAtItsPlace) {
  Sample sample;
  bourse_param newer = sample.param;
  newer.name = "depth";
  newer.type = 12;
  newer.def = "of its own grammar";
  sample.params[0] = &newer;
  sample.params[1] = &sample.param;
  sample.component.n_params = sample.component.n_config = sample.dataset.n_params = 2;
  const Declaration declaration = good(sample);
  const Component& component = declaration.components.at(0);
  ASSERT_EQ(component.params.size(), 1U);
  EXPECT_EQ(component.params[0].name, "limit");
  const std::vector<bool> first{true, false};
  EXPECT_EQ(component.params_left_out, first);
  EXPECT_EQ(component.config_left_out, first);
  EXPECT_EQ(component.datasets.at(0).params_left_out, first);
  EXPECT_EQ(component.notes,
            (std::vector<std::string>{
                "left out parameter \"depth\": this host does not know its type 12",
                "left out setting \"depth\": this host does not know its type 12",
                "left out parameter \"depth\" of dataset \"candles\": this host does not know its "
                "type 12"}));
}

TEST(Descriptors, AListOfUnknownItemsFadesToo) {
  Sample sample;
  sample.param.type = BOURSE_TYPE_LIST;
  sample.param.item = 9;
  const Declaration declaration = good(sample);
  EXPECT_TRUE(declaration.components.at(0).params.empty());
  EXPECT_EQ(declaration.components[0].notes.at(0),
            "left out parameter \"limit\": this host does not know its type 9");
}

TEST(Descriptors, WithARequiredParameterOfAnUnknownTypeGoesItsComponent) {
  for (const bool setting : {false, true}) {
    Sample sample;
    bourse_param newer = sample.param;
    newer.type = 12;
    newer.flags = BOURSE_PARAM_REQUIRED;
    const bourse_param* const list[] = {&newer};
    (setting ? sample.component.config : sample.component.params) = list;
    bourse_component other = sample.component;
    other.id = "other";
    other.n_params = other.n_config = 0;
    sample.components[1] = &other;
    sample.plugin.n_components = 2;
    const Declaration declaration = good(sample);
    ASSERT_EQ(declaration.components.size(), 1U);
    EXPECT_EQ(declaration.components[0].id, "other");
    EXPECT_EQ(declaration.notes.at(0), std::string("left out component \"sample\": left out ") +
                                           (setting ? "setting" : "parameter") +
                                           " \"limit\": this host does not know its type 12");
  }
}

TEST(Descriptors, NamesStayUniqueAmongWhatIsLeftOut) {
  Sample sample;
  bourse_param newer = sample.param;
  newer.type = 12;
  sample.params[0] = &newer;
  sample.params[1] = &newer;
  sample.component.n_params = 2;
  EXPECT_EQ(sample.check().failure().code, "bad_descriptor");
}

TEST(Descriptors, AColumnOfAnUnknownTypeIsLeftOut) {
  Sample sample;
  bourse_field newer = sample.field;
  newer.name = "depth";
  newer.type = 12;
  newer.scale = 400;  // what it means there is not ours to say
  sample.fields[0] = &newer;
  sample.fields[1] = &sample.field;
  sample.dataset.n_fields = 2;
  const Declaration declaration = good(sample);
  const Dataset& dataset = declaration.components.at(0).datasets.at(0);
  ASSERT_EQ(dataset.fields.size(), 1U);
  EXPECT_EQ(dataset.fields[0].name, "price");
  EXPECT_EQ(
      declaration.components[0].notes.at(0),
      "left out column \"depth\" of dataset \"candles\": this host does not know its type 12");
}

TEST(Descriptors, ASourceGoesOnWithoutADatasetThatCannotBeAskedAndKeepsItsNumbers) {
  Sample sample;
  sample.component.kind = BOURSE_KIND_SOURCE;
  bourse_param newer = sample.param;
  newer.type = 12;
  newer.flags = BOURSE_PARAM_REQUIRED;
  const bourse_param* const list[] = {&newer};
  bourse_dataset unusable = sample.dataset;
  unusable.name = "depths";
  unusable.params = list;
  sample.datasets[0] = &unusable;
  sample.datasets[1] = &sample.dataset;
  sample.component.n_datasets = 2;
  const Declaration declaration = good(sample);
  ASSERT_EQ(declaration.components.at(0).datasets.size(), 1U);
  EXPECT_EQ(declaration.components[0].datasets[0].name, "candles");
  EXPECT_EQ(declaration.components[0].datasets[0].index, 1U) << "what fetch is told";
  EXPECT_EQ(declaration.components[0].notes.back(),
            "left out dataset \"depths\": left out parameter \"limit\" of dataset \"depths\": this "
            "host does not know its type 12");
  sample.component.n_datasets = 1;
  EXPECT_EQ(sample.check().failure().code, "needs_newer_host") << "nothing can be asked of it";
}

TEST(Descriptors, AnAnalysisCannotGoOnWithoutADatasetUnlessItSaysSo) {
  Sample sample;
  sample.field.type = 12;
  EXPECT_EQ(sample.check().failure().code, "needs_newer_host");
  sample.dataset.flags = BOURSE_DATASET_OPTIONAL;
  EXPECT_TRUE(good(sample).components.at(0).datasets.empty());
}

TEST(Descriptors, FlagsOfANewerContractAreDropped) {
  Sample sample;
  sample.component.flags = ~0U;
  sample.dataset.flags = BOURSE_DATASET_OPTIONAL | 1u << 20;
  sample.field.flags = BOURSE_FIELD_OPTIONAL | 1u << 20;
  sample.param.flags = BOURSE_PARAM_OPTIONAL | 1u << 20;
  const Declaration declaration = good(sample);
  const Component& component = declaration.components.at(0);
  EXPECT_EQ(component.flags, BOURSE_COMPONENT_PURE | BOURSE_COMPONENT_SERIAL |
                                 BOURSE_COMPONENT_BLOCKING | BOURSE_COMPONENT_OPEN)
      << "an analysis is no layer";
  EXPECT_TRUE(component.datasets.at(0).optional);
  EXPECT_FALSE(component.datasets[0].is_private);
  EXPECT_TRUE(component.datasets[0].fields.at(0).optional);
  EXPECT_TRUE(component.datasets[0].params.at(0).optional);
  EXPECT_FALSE(component.datasets[0].params[0].required);
  sample.component.kind = BOURSE_KIND_SOURCE;
  EXPECT_NE(good(sample).components.at(0).flags & BOURSE_COMPONENT_LAYER, 0U);
  EXPECT_EQ(good(sample).components.at(0).flags & BOURSE_COMPONENT_OPEN, 0U)
      << "a source returns no report of its own";
}

// ---- what an analysis returns

/// A sample that declares a scalar and a table.
void tell(Sample& sample) {
  sample.component.parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES;
  sample.component.n_scalars = sample.component.n_tables = 1;
  sample.component.scalars = sample.fields;
  sample.component.tables = sample.tables;
}
std::string outcome_of_told(const Bend& bend) {
  return outcome([&](Sample& sample) {
    tell(sample);
    bend(sample);
  });
}

TEST(Descriptors, WhatAnAnalysisReturnsIsCopied) {
  Sample sample;
  tell(sample);
  sample.field.name = "summary.price";
  bourse_field column = sample.field;
  column.name = "price";
  column.flags = BOURSE_FIELD_OPTIONAL;
  const bourse_field* columns[] = {&column};
  sample.table.fields = sample.dataset.fields = columns;
  sample.table.label = "Rows";
  sample.table.flags = BOURSE_TABLE_OPTIONAL | BOURSE_TABLE_OPEN | 1u << 20;
  sample.component.flags = BOURSE_COMPONENT_OPEN;
  const auto returned = good(sample).components.at(0).returned;
  ASSERT_TRUE(returned);
  EXPECT_TRUE(returned->open);
  ASSERT_EQ(returned->scalars.size(), 1u);
  EXPECT_EQ(returned->scalars[0].name, "summary.price");
  EXPECT_FALSE(returned->scalars[0].optional);
  ASSERT_EQ(returned->tables.size(), 1u);
  EXPECT_EQ(returned->tables[0].label, "Rows");
  EXPECT_TRUE(returned->tables[0].optional && returned->tables[0].open);
  ASSERT_EQ(returned->tables[0].fields.size(), 1u);
  EXPECT_TRUE(returned->tables[0].fields[0].optional);
  EXPECT_EQ(returned->tables[0].fields[0].unit, "{quote}");
}

TEST(Descriptors, AnAnalysisNeedNotTellWhatItReturns) {
  Sample sample;
  EXPECT_FALSE(good(sample).components.at(0).returned);
  tell(sample);
  sample.component.size = offsetof(bourse_component, n_scalars);  // of a plugin before there was it
  EXPECT_FALSE(good(sample).components.at(0).returned);
}

TEST(Descriptors, WhatASourceDeclaresOfReportsSaysNothing) {
  Sample sample;
  tell(sample);
  sample.component.kind = BOURSE_KIND_SOURCE;
  EXPECT_FALSE(good(sample).components.at(0).returned);
}

TEST(Descriptors, AScalarMayNestAndAColumnMayNot) {
  const std::vector<const char*> illegal = {nullptr, "", "Total", "a.", ".a", "a..b", "a b"};
  for (const char* name : illegal) {
    EXPECT_EQ(outcome_of_told([&](Sample& s) {
                s.component.n_tables = s.component.n_datasets = 0, s.field.name = name;
              }),
              "bad_descriptor")
        << (name == nullptr ? "null" : name);
  }
  EXPECT_EQ(outcome_of_told([](Sample& s) {
              s.field.name = "a.b";
              s.component.n_tables = s.component.n_datasets = 0;
            }),
            "accepted");
  EXPECT_EQ(outcome_of_told([](Sample& s) {
              s.field.name = "a.b";
              s.component.n_datasets = 0;
            }),
            "bad_descriptor");
}

TEST(Descriptors, LiesAboutWhatIsReturnedAreRefused) {
  const std::vector<Bend> bends = {
      [](Sample& s) { s.component.parts = BOURSE_PART_TABLES; },
      [](Sample& s) { s.component.parts = BOURSE_PART_SCALARS; },
      [](Sample& s) { s.component.scalars = nullptr; },
      [](Sample& s) { s.component.tables = nullptr; },
      [](Sample& s) { s.component.n_scalars = 2; },  // one name twice
      [](Sample& s) { s.component.n_tables = 2; },
      [](Sample& s) { s.component.n_scalars = BOURSE_MAX_SCALARS + 1; },
      [](Sample& s) { s.component.n_tables = BOURSE_MAX_TABLES + 1; },
      [](Sample& s) { s.tables[0] = nullptr; },
      [](Sample& s) { s.table.size = 4; },
      [](Sample& s) { s.table.name = "a.b"; },
      [](Sample& s) { s.table.label = "two\nlines"; },
      [](Sample& s) { s.table.n_fields = 0; },
      [](Sample& s) { s.table.n_fields = 2; },  // one name twice
      [](Sample& s) { s.table.n_rows = 1; },
      [](Sample& s) { s.table.fields = nullptr; },
  };
  for (std::size_t i = 0; i < bends.size(); ++i) {
    EXPECT_EQ(outcome_of_told(bends[i]), "bad_descriptor") << "case " << i;
  }
  EXPECT_EQ(outcome_of_told([](Sample& s) {
              s.table.n_fields = 0;
              s.table.flags = BOURSE_TABLE_OPEN;
            }),
            "accepted");
}

TEST(Descriptors, AReturnedFieldOfAnUnknownTypeIsLeftOut) {
  Sample sample;
  tell(sample);
  bourse_field unknown = sample.field;
  unknown.type = 12;
  unknown.name = "matrix";
  const bourse_field* fields[] = {&sample.field, &unknown};
  sample.component.scalars = sample.table.fields = fields;
  sample.component.n_scalars = sample.table.n_fields = 2;
  const Component component = good(sample).components.at(0);
  EXPECT_EQ(component.returned->scalars.size(), 1u);
  EXPECT_EQ(component.returned->tables.at(0).fields.size(), 1u);
  ASSERT_EQ(component.notes.size(), 2u);
  EXPECT_EQ(component.notes[0], "left out scalar \"matrix\": this host does not know its type 12");
  EXPECT_EQ(component.notes[1],
            "left out column \"matrix\" of table \"rows\": this host does not know its type 12");
}

TEST(Descriptors, ALayerMayDeclareNoDataset) {
  Sample sample;
  sample.component.kind = BOURSE_KIND_SOURCE;
  sample.component.flags = BOURSE_COMPONENT_LAYER;
  sample.component.n_datasets = 0;
  EXPECT_TRUE(good(sample).components.at(0).datasets.empty());
}

TEST(Descriptors, ThePluginAgreesWithItsManifestAndFitsThisHost) {
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.name = "acme.other"; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.name = nullptr; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.version = "1.0.1"; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.abi_minor = BOURSE_ABI_MINOR + 1; }),
            "manifest_mismatch")
      << "what was read before its code ran must be what it says now";
}

TEST(Descriptors, TheSentenceLeadsToTheMistake) {
  Sample sample;
  sample.field.type = BOURSE_TYPE_LIST;
  const auto declaration = sample.check();
  ASSERT_FALSE(declaration);
  EXPECT_EQ(declaration.failure().message,
            "component 1: 'sample': dataset 1: 'candles': field 1: 'price': type 7 is not that of "
            "a field");
}

}  // namespace
}  // namespace bourse::host
