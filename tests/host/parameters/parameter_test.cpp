// SPDX-License-Identifier: MIT
#include "host/parameters/parameter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "host/base/take.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

bourse_param declare(bourse_type type, const char* name = "limit") {
  bourse_param param = {};
  param.size = sizeof param;
  param.type = type;
  param.name = name;
  return param;
}

std::string complaint(const bourse_param& declared) {
  const Result<Parameter> checked = check_parameter(declared);
  if (checked) return "accepted";
  EXPECT_EQ(checked.failure().status, BOURSE_INTERNAL);
  EXPECT_EQ(checked.failure().code, "bad_parameter");
  EXPECT_FALSE(has_control(checked.failure().message));
  return checked.failure().message;
}

TEST(CheckParameter, CopiesADeclaration) {
  const char* const choices[] = {"5", "10", nullptr};
  bourse_param declared = declare(BOURSE_TYPE_I64);
  declared.flags = BOURSE_PARAM_SECRET | BOURSE_PARAM_OPTIONAL |
                   1u << 31;  // flags of later contracts are not ours to judge
  declared.label = "Limit";
  declared.doc = "how many";
  declared.unit = "rows";
  declared.def = "10";
  declared.min = "1";
  declared.max = "1000";
  declared.choices = choices;
  const Result<Parameter> checked = check_parameter(declared);
  ASSERT_TRUE(checked) << checked.failure().message;
  EXPECT_EQ(checked->name, "limit");
  EXPECT_EQ(checked->label, "Limit");
  EXPECT_TRUE(checked->optional);
  EXPECT_EQ(checked->doc, "how many");
  EXPECT_EQ(checked->unit, "rows");
  EXPECT_EQ(checked->type, BOURSE_TYPE_I64);
  EXPECT_TRUE(checked->secret);
  EXPECT_FALSE(checked->required);
  EXPECT_EQ(checked->def, "10");
  EXPECT_EQ(checked->min, "1");
  EXPECT_EQ(checked->max, "1000");
  EXPECT_THAT(checked->choices, ElementsAre("5", "10"));
}

TEST(CheckParameter, ReadsNoFieldPastTheDeclaredSize) {
  bourse_param declared = declare(BOURSE_TYPE_I64);
  declared.size = offsetof(bourse_param, label);
  // What lies behind belongs to somebody else.
  std::memset(reinterpret_cast<char*>(&declared) + declared.size, 0x41,
              sizeof declared - declared.size);
  const auto taken = take(&declared, "bad_parameter");
  ASSERT_TRUE(taken) << taken.failure().message;
  const Result<Parameter> checked = check_parameter(*taken);
  ASSERT_TRUE(checked) << checked.failure().message;
  EXPECT_EQ(checked->label, "");
  EXPECT_EQ(checked->doc, "");
  EXPECT_FALSE(checked->def.has_value());
  declared.name = nullptr;
  EXPECT_THAT(complaint(declared), HasSubstr("has no name"));
}

TEST(CheckParameter, ALaterContractsTypeIsNoMistakeIfTheNameIsLegal) {
  EXPECT_TRUE(is_of_unknown_type(declare(8)));
  EXPECT_TRUE(is_of_unknown_type(declare(1'000'000)));
  EXPECT_FALSE(is_of_unknown_type(declare(8, "No name"))) << "garbage, in all likelihood";
  EXPECT_FALSE(is_of_unknown_type(declare(8, nullptr)));
  for (const bourse_type type : {-1, 0, 1, 6, 7}) {
    EXPECT_FALSE(is_of_unknown_type(declare(type))) << type;
  }
  bourse_param list = declare(BOURSE_TYPE_LIST);
  list.item = 8;
  EXPECT_TRUE(is_of_unknown_type(list));
  list.item = BOURSE_TYPE_LIST;
  EXPECT_FALSE(is_of_unknown_type(list)) << "lists do not nest";
}

TEST(CheckParameter, RefusesNamesThatAreNotPlainWords) {
  const std::string longest(64, 'a');
  const std::string too_long(65, 'a');
  EXPECT_EQ(complaint(declare(BOURSE_TYPE_I64, longest.c_str())), "accepted");
  for (const char* name :
       {"", "Limit", "1st", "a-b", "a b", "_a", "a\n", "\xFF", "ü", "a.b", too_long.c_str()}) {
    EXPECT_THAT(complaint(declare(BOURSE_TYPE_I64, name)), HasSubstr("its name must be")) << name;
  }
}

TEST(CheckParameter, RefusesUnknownTypes) {
  for (const bourse_type type : {0, 8, -1, 1'000'000}) {
    EXPECT_THAT(complaint(declare(type)), HasSubstr("is unknown")) << type;
  }
  bourse_param list = declare(BOURSE_TYPE_LIST);
  for (const bourse_type item : {0, static_cast<int>(BOURSE_TYPE_LIST), 8, -5}) {
    list.item = item;
    EXPECT_THAT(complaint(list), HasSubstr("cannot stand in a list")) << item;
  }
  list.item = BOURSE_TYPE_TIME;
  EXPECT_EQ(complaint(list), "accepted");
}

TEST(CheckParameter, RefusesBoundsThatDoNotParseOrCross) {
  bourse_param declared = declare(BOURSE_TYPE_I64);
  declared.min = "1x";
  EXPECT_THAT(complaint(declared), HasSubstr(R"(its min "1x" does not parse)"));
  declared.min = "10";
  declared.max = "9";
  EXPECT_THAT(complaint(declared), HasSubstr("its min \"10\" is above its max \"9\""));
  declared.type = BOURSE_TYPE_DECIMAL;  // as text "10" < "9", as numbers not
  EXPECT_THAT(complaint(declared), HasSubstr("is above its max"));
  declared.type = BOURSE_TYPE_BOOL;
  EXPECT_THAT(complaint(declared), HasSubstr("means nothing for a BOOL"));
  declared.type = BOURSE_TYPE_F64;
  declared.min = "nan";
  EXPECT_THAT(complaint(declared), HasSubstr("does not parse"));
}

TEST(CheckParameter, ADefaultMayBeRelativeToTheRequestABoundMayNot) {
  bourse_param declared = declare(BOURSE_TYPE_TIME, "start");
  declared.def = "-30d";
  EXPECT_EQ(complaint(declared), "accepted");
  declared.max = "2020-01-01";
  EXPECT_THAT(complaint(declared), HasSubstr(R"(its default "-30d" is not legal)"));
  declared.max = nullptr;
  declared.min = "-365d";
  EXPECT_EQ(complaint(declared),
            "parameter \"start\": its min \"-365d\" is relative to the time of a request; a bound "
            "must be a time that stays");
  declared.min = "-365x";
  EXPECT_THAT(complaint(declared), HasSubstr("does not parse as a value of its type"));
}

TEST(CheckParameter, RefusesLengthsThatAreNone) {
  bourse_param declared = declare(BOURSE_TYPE_TEXT);
  declared.max = "-1";
  EXPECT_THAT(complaint(declared), HasSubstr("must be from 0 to 65536"));
  declared.max = "65537";
  EXPECT_THAT(complaint(declared), HasSubstr("must be from 0 to 65536"));
  declared.max = "1.5";
  EXPECT_THAT(complaint(declared), HasSubstr("must be a whole number"));
  declared.max = nullptr;
  declared.min = "300";
  EXPECT_THAT(complaint(declared), HasSubstr("declare one"));
  declared.type = BOURSE_TYPE_LIST;
  declared.item = BOURSE_TYPE_TEXT;
  EXPECT_EQ(complaint(declared), "accepted");
  declared.min = "10001";
  EXPECT_THAT(complaint(declared), HasSubstr("must be from 0 to 10000"));
}

TEST(CheckParameter, RefusesDefaultsOutsideTheRules) {
  bourse_param declared = declare(BOURSE_TYPE_I64);
  declared.max = "10";
  declared.def = "11";
  EXPECT_THAT(
      complaint(declared),
      HasSubstr(R"(its default "11" is not legal by its own rules: expected a whole number)"));
  declared.def = "ten";
  EXPECT_THAT(complaint(declared), HasSubstr("not legal"));
  declared.def = "10";
  EXPECT_EQ(complaint(declared), "accepted");
  declared.flags = BOURSE_PARAM_REQUIRED;
  EXPECT_THAT(complaint(declared), HasSubstr("required and has a default"));
}

TEST(CheckParameter, DoesNotPrintASecretDefault) {
  bourse_param declared = declare(BOURSE_TYPE_TEXT, "key");
  declared.flags = BOURSE_PARAM_SECRET;
  declared.max = "3";
  declared.def = "hunter2";
  EXPECT_THAT(complaint(declared), Not(HasSubstr("hunter2")));
}

TEST(CheckParameter, RefusesChoicesThatContradict) {
  const char* const none[] = {nullptr};
  const char* const twice[] = {"1", "01", nullptr};
  const char* const above[] = {"1", "11", nullptr};
  const char* const comma[] = {"a,b", nullptr};
  const char* const blank[] = {" a", nullptr};
  bourse_param declared = declare(BOURSE_TYPE_I64);
  declared.max = "10";
  declared.choices = none;
  EXPECT_THAT(complaint(declared), HasSubstr("list of choices is empty"));
  declared.choices = twice;
  EXPECT_THAT(complaint(declared), HasSubstr("is there twice"));
  declared.choices = above;
  EXPECT_THAT(complaint(declared), HasSubstr(R"(its choice "11" is not legal)"));
  bourse_param list = declare(BOURSE_TYPE_LIST);
  list.item = BOURSE_TYPE_TEXT;
  list.choices = comma;
  EXPECT_THAT(complaint(list), HasSubstr("holds a comma"));
  list.choices = blank;
  EXPECT_THAT(complaint(list), HasSubstr(R"(its choice " a" has blanks around it)"));
  bourse_param flag = declare(BOURSE_TYPE_BOOL);
  flag.choices = twice;
  EXPECT_THAT(complaint(flag), HasSubstr("mean nothing for a BOOL"));
}

TEST(CheckParameter, StopsReadingChoicesThatNeverEnd) {
  const std::vector<const char*> endless(1002, "a");
  bourse_param declared = declare(BOURSE_TYPE_TEXT);
  declared.choices = endless.data();
  EXPECT_THAT(complaint(declared), HasSubstr("lacks the NULL at its end"));
}

TEST(CheckParameter, RefusesTextsThatAreNotUtf8OrTooLong) {
  bourse_param declared = declare(BOURSE_TYPE_TEXT);
  declared.doc = "\xC3\x28";
  EXPECT_THAT(complaint(declared), HasSubstr("its doc is not UTF-8"));
  const std::string book(70000, 'x');
  declared.doc = book.c_str();
  EXPECT_THAT(complaint(declared), HasSubstr("its doc is longer than 65536 bytes"));
  declared.doc = nullptr;
  declared.def = "\xFF";
  EXPECT_THAT(complaint(declared), HasSubstr("its default is not UTF-8"));
}

TEST(CheckParameter, AnEmptyDefaultOfAListIsAnEmptyList) {
  bourse_param declared = declare(BOURSE_TYPE_LIST);
  declared.item = BOURSE_TYPE_TEXT;
  declared.def = "";
  const Result<Parameter> checked = check_parameter(declared);
  ASSERT_TRUE(checked);
  const Result<Value> value = read_value(*checked, {});
  ASSERT_TRUE(value);
  EXPECT_EQ(value->view().as.list.len, 0u);
  declared.min = "1";
  EXPECT_THAT(complaint(declared), HasSubstr("not legal"));
}

}  // namespace
}  // namespace bourse::host
