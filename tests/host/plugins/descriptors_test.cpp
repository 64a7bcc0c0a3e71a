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
  bourse_component component = {};
  bourse_plugin plugin = {};
  const bourse_param* params[2] = {&param, &param};
  const bourse_field* fields[2] = {&field, &field};
  const bourse_dataset* datasets[2] = {&dataset, &dataset};
  const bourse_component* components[2] = {&component, &component};
  Manifest manifest = {.abi = 1, .name = "acme.sample", .version = "1.0.0", .sha256 = {}};

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
    field.unit = "USDT";
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
  EXPECT_EQ(component.datasets[0].fields[0].unit, "USDT");
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
  sample.plugin.init = [](const bourse_host*) -> bourse_status { return BOURSE_OK; };
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
          [](Sample& s) { s.component.kind = 99; },
          [](Sample& s) { s.component.run = nullptr; },
          [](Sample& s) { s.component.kind = BOURSE_KIND_SOURCE, s.component.fetch = nullptr; },
          [](Sample& s) {
            s.component.kind = BOURSE_KIND_SERIALIZER, s.component.render = nullptr;
          },
          [](Sample& s) { s.component.parts = 0; },
          [](Sample& s) { s.component.parts = 1u << 30; },
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
                                  [](Sample& s) { s.param.type = 77; },
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

TEST(Descriptors, AScalarMayHaveADottedPath) {
  bourse_field field = {};
  field.size = sizeof field;
  field.type = BOURSE_TYPE_F64;
  field.name = "summary.breadth";
  EXPECT_TRUE(check_field(&field, FieldName::kScalar));
  EXPECT_FALSE(check_field(&field, FieldName::kColumn));
  field.name = ".breadth";
  EXPECT_FALSE(check_field(&field, FieldName::kScalar));
  EXPECT_FALSE(check_field(nullptr, FieldName::kScalar));
}

TEST(Descriptors, ThePluginAgreesWithItsManifestAndFitsThisHost) {
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.name = "acme.other"; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.name = nullptr; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.version = "1.0.1"; }), "manifest_mismatch");
  EXPECT_EQ(outcome([](Sample& s) { s.plugin.abi_minor = BOURSE_ABI_MINOR + 1; }),
            "needs_newer_host");
}

TEST(Descriptors, TheSentenceLeadsToTheMistake) {
  Sample sample;
  sample.field.type = 77;
  const auto declaration = sample.check();
  ASSERT_FALSE(declaration);
  EXPECT_EQ(declaration.failure().message,
            "component 1: 'sample': dataset 1: 'candles': field 1: 'price': type 77 is not that of "
            "a field");
}

}  // namespace
}  // namespace bourse::host
