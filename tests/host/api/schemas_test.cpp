// SPDX-License-Identifier: MIT
//
// Schemas of parameters, and what a plugin may have written as one: anything.
#include "host/api/schemas.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace bourse::host {
namespace {

std::string schema(Parameter parameter, std::vector<std::string> formats = {},
                   bool in_path = false) {
  OperationParameter of;
  of.parameter = &parameter;
  of.formats = std::move(formats);
  of.in_path = in_path;
  return parameter_schema(of);
}

TEST(ParameterSchema, HasTypeBoundsAndDefault) {
  EXPECT_EQ(schema({.name = "n", .type = BOURSE_TYPE_I64, .def = "5", .min = "1", .max = "9"}),
            R"({"type":"integer","format":"int64","minimum":1,"maximum":9,"default":5})");
  EXPECT_EQ(schema({.name = "n", .type = BOURSE_TYPE_F64, .def = "0.5", .min = "-1"}),
            R"({"type":"number","minimum":-1,"default":0.5})");
  EXPECT_EQ(schema({.name = "n", .type = BOURSE_TYPE_DECIMAL, .max = "0.00000001"}),
            R"({"type":"number","maximum":0.00000001})");
  EXPECT_EQ(schema({.name = "n", .type = BOURSE_TYPE_BOOL, .def = "true"}),
            R"({"type":"boolean","default":true})");
  EXPECT_EQ(schema({.name = "n", .type = BOURSE_TYPE_BOOL, .def = "1"}),
            R"({"type":"boolean","default":true})")
      << "in the one spelling that JSON has";
  EXPECT_EQ(schema({.name = "t", .type = BOURSE_TYPE_TIME, .def = "-30d"}),
            R"({"type":"string","default":"-30d"})");
}

TEST(ParameterSchema, BoundsOfATextAreInBytesAndThoseOfASchemaInCharacters) {
  EXPECT_EQ(schema({.name = "s", .min = "1", .max = "40"}),
            R"({"type":"string","minLength":1,"maxLength":40})");
  EXPECT_EQ(schema({.name = "s", .min = "9"}), R"({"type":"string","minLength":3,"maxLength":256})")
      << "nine bytes may be three characters";
}

TEST(ParameterSchema, OfAListHasItsItems) {
  EXPECT_EQ(schema({.name = "l",
                    .type = BOURSE_TYPE_LIST,
                    .item = BOURSE_TYPE_I64,
                    .def = "1, 2",
                    .max = "3",
                    .choices = {"1", "2"}}),
            R"({"type":"array","items":{"type":"integer","format":"int64","enum":[1,2]},)"
            R"("minItems":1,"maxItems":3,"default":[1,2]})");
}

TEST(ParameterSchema, SaysNoDefaultThatASecondFormatWouldRefuse) {
  const Parameter width{.name = "width", .type = BOURSE_TYPE_I64, .def = "900"};
  EXPECT_EQ(schema(width, {"png"}), R"({"type":"integer","format":"int64"})");
  EXPECT_EQ(schema(width, {}, true), R"({"type":"integer","format":"int64"})")
      << "a path always says it";
}

TEST(ParameterSchema, ShowsNothingOfSecretsAndOfTheEnvironment) {
  Parameter parameter{.name = "key", .secret = true, .def = "sesame"};
  EXPECT_EQ(schema(parameter), R"({"type":"string","maxLength":256,"format":"password"})");
  parameter = {.name = "key", .hidden = true, .def = "5", .min = "3", .choices = {"4", "5"}};
  EXPECT_EQ(schema(parameter), R"({"type":"string"})");
  OperationParameter of{.parameter = &parameter, .example = "5"};
  EXPECT_EQ(parameter_example(of), "");
  EXPECT_EQ(parameter_words(of), "");
}

TEST(ParameterSchema, EscapesWhatAPluginWrote) {
  EXPECT_EQ(schema({.name = "s", .def = "\"}</script>\\", .max = "20", .choices = {"a\"b"}}),
            R"({"type":"string","enum":["a\"b"],"default":"\"}</script>\\"})");
}

TEST(Schemas, EqualOnesOfOneNameAreOneAndOthersGetANumber) {
  Schemas schemas;
  EXPECT_EQ(schemas.add("a", "{}"), "a");
  EXPECT_EQ(schemas.add("a", "{}"), "a");
  EXPECT_EQ(schemas.add("a", R"({"type":"string"})"), "a_2");
  EXPECT_EQ(schemas.add("a", R"({"type":"string"})"), "a_2");
  EXPECT_EQ(schemas.all().size(), 2u);
}

TEST(Schemas, DefinitionsOfAPluginBecomeSharedOnes) {
  Schemas schemas;
  const auto name = schemas.add_foreign(
      "report.json", "json",
      R"({"type":"object","properties":{"n":{"$ref":"#/$defs/note"}},)"
      R"("$defs":{"note":{"anyOf":[{"$ref":"#/$defs/text"}]},"text":{"type":"string"}}})");
  EXPECT_EQ(name, "report.json");
  const auto& all = schemas.all();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all.at("report.json"),
            R"({"type":"object","properties":{"n":{"$ref":"#/components/schemas/json.note"}}})");
  EXPECT_EQ(all.at("json.note"), R"({"anyOf":[{"$ref":"#/components/schemas/json.text"}]})");
  EXPECT_EQ(all.at("json.text"), R"({"type":"string"})");
}

TEST(Schemas, DefinitionsThatDifferDoNotMix) {
  Schemas schemas;
  const auto with = [](const char* type) {
    return R"({"$ref":"#/$defs/x","$defs":{"x":{"type":")" + std::string(type) + R"("}}})";
  };
  EXPECT_EQ(schemas.add_foreign("a", "json", with("string")), "a");
  EXPECT_EQ(schemas.add_foreign("b", "json", with("string")), "b");
  EXPECT_EQ(schemas.add_foreign("c", "json", with("number")), "c");
  EXPECT_EQ(schemas.all().at("b"), R"({"$ref":"#/components/schemas/json.x"})");
  EXPECT_EQ(schemas.all().at("c"), R"({"$ref":"#/components/schemas/json_2.x"})");
  EXPECT_EQ(schemas.all().at("json_2.x"), R"({"type":"number"})");
}

TEST(Schemas, WhatIsNoSchemaIsNotTaken) {
  for (const char* text :
       {"", "no JSON", "[]", "null", "{", R"({"a":1} x)", R"({"$defs":[]})",
        R"({"$defs":{"x":true}})", R"({"$defs":{"a b":{}}})", R"({"$ref":"#/$defs/"})",
        R"({"$ref":"http://example.org/x"})", R"({"$ref":"#/components/schemas/Problem"})",
        R"({"$ref":"#/$defs/../x"})", R"({"$ref":"#/$defs/y","$defs":{"x":{}}})",
        "{\"a\":\"\xff\"}"}) {
    Schemas schemas;
    EXPECT_EQ(schemas.add_foreign("a", "p", text), std::nullopt) << text;
    EXPECT_TRUE(schemas.all().empty()) << text;
  }
}

TEST(Schemas, WhatNestsWithoutEndIsNotTaken) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += R"({"a":[)";
  for (int i = 0; i < 100'000; ++i) deep += "]}";
  EXPECT_EQ(Schemas().add_foreign("a", "p", deep), std::nullopt);
}

}  // namespace
}  // namespace bourse::host
