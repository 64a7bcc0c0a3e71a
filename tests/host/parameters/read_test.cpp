// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "host/base/utf8.hpp"
#include "host/parameters/parameter.hpp"

namespace bourse::host {
namespace {

using namespace std::string_view_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Result<Value> read(const Parameter& parameter, std::vector<std::string_view> texts) {
  return read_value(parameter, texts);
}

/// The canonical text, or the code of the failure in angle brackets.
std::string outcome(const Parameter& parameter, std::vector<std::string_view> texts) {
  const Result<Value> value = read(parameter, std::move(texts));
  return value ? value->canonical() : "<" + value.failure().code + ">";
}

std::string message(const Parameter& parameter, std::vector<std::string_view> texts) {
  const Result<Value> value = read(parameter, std::move(texts));
  return value ? "no failure" : value.failure().message;
}

const Parameter kLimit{
    .name = "limit", .type = BOURSE_TYPE_I64, .def = "100", .min = "1", .max = "1000"};
const Parameter kAny{.name = "n", .type = BOURSE_TYPE_I64};
const Parameter kReal{.name = "x", .type = BOURSE_TYPE_F64};
const Parameter kMoney{.name = "p", .type = BOURSE_TYPE_DECIMAL};
const Parameter kSide{.name = "side", .type = BOURSE_TYPE_TEXT, .choices = {"buy", "sell"}};
const Parameter kNames{.name = "s", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TEXT};

TEST(ReadValue, ReadsWholeNumbersToTheLastByte) {
  EXPECT_EQ(outcome(kAny, {"-5"}), "-5");
  EXPECT_EQ(outcome(kAny, {"007"}), "7");
  EXPECT_EQ(outcome(kAny, {"-0"}), "0");
  EXPECT_EQ(outcome(kAny, {"-9223372036854775808"}), "-9223372036854775808");
  EXPECT_EQ(outcome(kAny, {"9223372036854775807"}), "9223372036854775807");
  for (const std::string_view text :
       {"12x"sv, ""sv, " 12"sv, "12 "sv, "+5"sv, "1e3"sv, "0x10"sv, "1.0"sv, "nan"sv, "-"sv,
        "--1"sv, "12\0"sv, "\0"sv, "1,2"sv, "\xFF"sv, "٣"sv}) {
    EXPECT_EQ(outcome(kAny, {text}), "<bad_parameter>") << printable(text);
  }
  EXPECT_EQ(outcome(kAny, {"9223372036854775808"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(kAny, {"-9223372036854775809"}), "<parameter_out_of_range>");
}

TEST(ReadValue, ReadsFiniteNumbersOnly) {
  EXPECT_EQ(outcome(kReal, {"0.5"}), "0.5");
  EXPECT_EQ(outcome(kReal, {"-1e-3"}), "-0.001");
  EXPECT_EQ(outcome(kReal, {"1.7e308"}), "1.7e+308");
  EXPECT_EQ(outcome(kReal, {"-0"}), "0");
  for (const std::string_view text : {"nan"sv, "inf"sv, "-inf"sv, "infinity"sv, "nan(1)"sv,
                                      "0x10"sv, "1.0f"sv, ""sv, "+1"sv, " 1"sv, "1,5"sv, "1e"sv}) {
    EXPECT_EQ(outcome(kReal, {text}), "<bad_parameter>") << printable(text);
  }
  EXPECT_EQ(outcome(kReal, {"1.7e309"}), "<parameter_out_of_range>");
}

TEST(ReadValue, ReadsDecimalsExactly) {
  EXPECT_EQ(outcome(kMoney, {"0.1"}), "0.1");
  EXPECT_EQ(outcome(kMoney, {"-12.50"}), "-12.5");
  EXPECT_EQ(outcome(kMoney, {"99999999999999999999999999999999999999"}),
            "99999999999999999999999999999999999999");
  for (const std::string_view text : {"1e5"sv, ".5"sv, "5."sv, "1.2.3"sv, "+1"sv, ""sv, "-"sv}) {
    EXPECT_EQ(outcome(kMoney, {text}), "<bad_parameter>") << text;
  }
  EXPECT_EQ(outcome(kMoney, {"100000000000000000000000000000000000000"}),
            "<parameter_out_of_range>");
  Parameter bounded = kMoney;
  bounded.min = "0.10";
  bounded.max = "0.30";
  EXPECT_EQ(outcome(bounded, {"0.1"}), "0.1");
  EXPECT_EQ(outcome(bounded, {"0.3"}), "0.3");
  EXPECT_EQ(outcome(bounded, {"0.30000001"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(bounded, {"0.09999999"}), "<parameter_out_of_range>");
}

TEST(ReadValue, ReadsBooleansInFourSpellings) {
  const Parameter flag{.name = "f", .type = BOURSE_TYPE_BOOL};
  EXPECT_EQ(outcome(flag, {"true"}), "true");
  EXPECT_EQ(outcome(flag, {"1"}), "true");
  EXPECT_EQ(outcome(flag, {"false"}), "false");
  EXPECT_EQ(outcome(flag, {"0"}), "false");
  for (const char* text : {"", "yes", "no", "True", "on", "01", "2"}) {
    EXPECT_EQ(outcome(flag, {text}), "<bad_parameter>") << text;
  }
  EXPECT_EQ(message(flag, {"yes"}),
            R"(parameter "f": expected true or false (also 1 or 0), got "yes")");
}

TEST(ReadValue, ReadsTimesWithinBounds) {
  const Parameter from{
      .name = "from", .type = BOURSE_TYPE_TIME, .min = "2020-01-01", .max = "2024-12-31T23:59:59Z"};
  EXPECT_EQ(outcome(from, {"2020-01-01"}), "2020-01-01T00:00:00Z");
  EXPECT_EQ(outcome(from, {"1577836800000"}), "2020-01-01T00:00:00Z");
  EXPECT_EQ(outcome(from, {"2024-12-31T23:59:59.5Z"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(from, {"2019-12-31T23:59:59.999999999Z"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(from, {"3000-01-01"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(from, {"2024-12-31T23:59:60Z"}), "<bad_parameter>");
  EXPECT_EQ(outcome(from, {"yesterday"}), "<bad_parameter>");
}

// 2026-11-21T06:00:00Z, by `date -u -d @1795240800`.
constexpr std::int64_t kNow = 1'795'240'800'000'000'000;

std::string outcome_now(const Parameter& parameter, std::vector<std::string_view> texts) {
  const Result<Value> value = read_value(parameter, texts, kNow);
  return value ? value->canonical() : "<" + value.failure().code + ">";
}

TEST(ReadValue, ReadsTimesRelativeToTheRequestWithinBounds) {
  const Parameter start{
      .name = "start", .type = BOURSE_TYPE_TIME, .def = "-12h", .min = "2026-10-22T06:00:00Z"};
  EXPECT_EQ(outcome_now(start, {"now"}), "2026-11-21T06:00:00Z");
  EXPECT_EQ(outcome_now(start, {"-90m"}), "2026-11-21T04:30:00Z");
  EXPECT_EQ(outcome_now(start, {"-2w"}), "2026-11-07T06:00:00Z");
  EXPECT_EQ(outcome_now(start, {"-30d"}), "2026-10-22T06:00:00Z") << "the bound itself";
  EXPECT_EQ(outcome_now(start, {"-43201m"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome_now(start, {}), "2026-11-20T18:00:00Z") << "a default too";
  EXPECT_EQ(message(start, {"-30x"}),
            "parameter \"start\": expected a time (2024-12-31, 2024-12-31T23:59:59Z, milliseconds "
            "since 1970, or relative: now, -90m, -12h, -30d, -2w), at least 2026-10-22T06:00:00Z, "
            "got \"-30x\"");
  EXPECT_EQ(describe({.name = "t", .type = BOURSE_TYPE_TIME, .def = "-30d"}),
            "a time (2024-12-31, 2024-12-31T23:59:59Z, milliseconds since 1970, or relative: now, "
            "-90m, -12h, -30d, -2w), default -30d");
}

// What is asked within a second is one question; what is asked by the same words later, another one
// of the same name.
TEST(ReadValue, ARelativeTimeIsKnownByHowLongBeforeNowItIs) {
  const Parameter time{.name = "t", .type = BOURSE_TYPE_TIME, .def = "-12h"};
  const Parameter times{.name = "t", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TIME};
  const auto asked = [](const Parameter& parameter, std::vector<std::string_view> texts) {
    return read_value(parameter, texts, kNow + 999'999'999)->asked();
  };
  EXPECT_EQ(asked(time, {"-30d"}), "now-2592000s");
  EXPECT_EQ(asked(time, {"-0720h"}), "now-2592000s");
  EXPECT_EQ(asked(time, {"now"}), "now-0s");
  EXPECT_EQ(asked(time, {}), "now-43200s");
  EXPECT_EQ(asked(times, {"-1d,2026-01-01"}), "now-86400s,2026-01-01T00:00:00Z");
  EXPECT_EQ(asked(time, {"2026-11-21T06:00:00Z"}), "2026-11-21T06:00:00Z");
  EXPECT_TRUE(
      read_value(times, std::vector<std::string_view>{"-1d,2026-01-01"}, kNow)->is_relative());
  EXPECT_FALSE(read_value(time, std::vector<std::string_view>{"2026-01-01"}, kNow)->is_relative());
  const Result<Value> value =
      read_value(time, std::vector<std::string_view>{"now"}, kNow + 999'999'999);
  EXPECT_EQ(value->view().as.i64, kNow) << "the last full second";
  EXPECT_EQ(Value(*value).asked(), "now-0s") << "a copy too";
  EXPECT_EQ(Value::copy(value->view()).asked(), "2026-11-21T06:00:00Z") << "what a plugin sees";
}

TEST(ReadValue, ListsOfTimesAreRelativeToOneMoment) {
  const Parameter times{.name = "t", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TIME};
  EXPECT_EQ(outcome_now(times, {"-1d, now"}), "2026-11-20T06:00:00Z,2026-11-21T06:00:00Z");
  const Parameter chosen{
      .name = "t", .type = BOURSE_TYPE_TIME, .choices = {"-7d", "2026-11-20T06:00:00Z"}};
  EXPECT_EQ(outcome_now(chosen, {"-1w"}), "2026-11-14T06:00:00Z");
  EXPECT_EQ(outcome_now(chosen, {"-24h"}), "2026-11-20T06:00:00Z");
  EXPECT_EQ(outcome_now(chosen, {"-2d"}), "<bad_parameter>");
}

TEST(ReadValue, SaysHowAPlusIsWrittenInAUrl) {
  const Parameter start{.name = "start", .type = BOURSE_TYPE_TIME};
  EXPECT_THAT(message(start, {"2024-12-31T23:59:59 02:00"}),
              HasSubstr("in a URL, write %2B for +"));
  EXPECT_THAT(message(start, {"2024-12-31 x"}), Not(HasSubstr("%2B")));
  EXPECT_THAT(message(start, {"2024-12-31 23:59"}), Not(HasSubstr("%2B")))
      << "that blank was no plus";
  const Parameter times{.name = "t", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TIME};
  EXPECT_THAT(message(times, {"2024-12-31,2024-12-31T23:59:59 02:00"}),
              HasSubstr("in a URL, write %2B for +"));
}

TEST(ReadValue, BoundsAreInclusive) {
  EXPECT_EQ(outcome(kLimit, {"1"}), "1");
  EXPECT_EQ(outcome(kLimit, {"1000"}), "1000");
  EXPECT_EQ(outcome(kLimit, {"0"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(kLimit, {"1001"}), "<parameter_out_of_range>");
  EXPECT_EQ(message(kLimit, {"5000"}),
            R"(parameter "limit": expected a whole number from 1 to 1000, got "5000"; )"
            "it is above 1000");
}

TEST(ReadValue, FillsInTheDefault) {
  EXPECT_EQ(outcome(kLimit, {}), "100");
  EXPECT_TRUE(read(kAny, {})->is_null());
}

TEST(ReadValue, NamesTheRequiredParameterThatIsMissing) {
  Parameter required = kAny;
  required.required = true;
  const Result<Value> value = read(required, {});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.failure().code, "missing_parameter");
  EXPECT_EQ(value.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(value.failure().parameter, "n");
  EXPECT_EQ(value.failure().message, R"(parameter "n": missing; give a whole number)");
}

TEST(ReadValue, RefusesARepeatedParameterUnlessItIsAList) {
  EXPECT_EQ(outcome(kLimit, {"1", "1"}), "<repeated_parameter>");
  EXPECT_EQ(outcome(kNames, {"A", "B"}), "A,B");
}

TEST(ReadValue, RefusesToTouchAFixedParameter) {
  Parameter fixed = kLimit;
  fixed.fixed = true;
  EXPECT_EQ(outcome(fixed, {}), "100");
  EXPECT_EQ(outcome(fixed, {"100"}), "<fixed_parameter>");
}

TEST(ReadValue, SuggestsANearChoiceAndOffersAll) {
  EXPECT_EQ(outcome(kSide, {"buy"}), "buy");
  const Result<Value> value = read(kSide, {"sel"});
  ASSERT_FALSE(value);
  EXPECT_EQ(value.failure().code, "bad_parameter");
  EXPECT_EQ(value.failure().message,
            R"(parameter "side": expected one of buy, sell, got "sel"; did you mean "sell"?)");
  EXPECT_THAT(value.failure().offer, ElementsAre("buy", "sell"));
  EXPECT_THAT(message(kSide, {"hold"}), Not(HasSubstr("did you mean")));
  EXPECT_EQ(outcome(kSide, {"BUY"}), "<bad_parameter>");
}

TEST(ReadValue, ComparesChoicesByValue) {
  const Parameter depth{.name = "depth", .type = BOURSE_TYPE_I64, .choices = {"5", "10"}};
  EXPECT_EQ(outcome(depth, {"05"}), "5");
  EXPECT_EQ(outcome(depth, {"6"}), "<bad_parameter>");
}

TEST(ReadValue, ListsMayBeSeparatedOrRepeated) {
  EXPECT_EQ(outcome(kNames, {"A,B"}), "A,B");
  EXPECT_EQ(outcome(kNames, {"A,B", "C"}), "A,B,C");
  EXPECT_EQ(outcome(kNames, {"A", "A"}), "A,A");  // whether that makes sense, the analysis knows
  for (const char* text : {"", ",", "A,", ",A", "A,,B"}) {
    EXPECT_EQ(outcome(kNames, {text}), "<bad_parameter>") << text;
  }
  EXPECT_EQ(outcome(kNames, {"A", ""}), "<bad_parameter>");
  EXPECT_EQ(
      message(kNames, {"A,,B"}),
      "parameter \"s\": expected at most 1000 texts, separated by commas, but item 2 is empty; "
      "take out the comma that is too many");
}

TEST(ReadValue, AListOfNothingIsLeftOut) {
  for (const char* text : {"", " "}) {
    EXPECT_EQ(message(kNames, {text}),
              R"(parameter "s": expected at most 1000 texts, separated by commas, got nothing; )"
              "leave it out");
  }
}

TEST(ReadValue, BlanksAroundTheItemsOfAListAreNoPartOfThem) {
  EXPECT_EQ(outcome(kNames, {"A, B"}), "A,B");
  EXPECT_EQ(outcome(kNames, {" A ,B", "  C "}), "A,B,C");
  EXPECT_EQ(outcome(kNames, {"New York, Rio"}), "New York,Rio");
  for (const char* text : {" ", "A, ", "A, ,B", " ,A"}) {
    EXPECT_EQ(outcome(kNames, {text}), "<bad_parameter>") << text;
  }
  const Parameter numbers{
      .name = "n", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_I64, .def = "1, 2"};
  EXPECT_EQ(outcome(numbers, {"1, 02 ,3"}), "1,2,3");
  EXPECT_EQ(outcome(numbers, {}), "1,2");
  const Parameter chosen{
      .name = "c", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TEXT, .choices = {"rsi", "macd"}};
  EXPECT_EQ(outcome(chosen, {"macd, rsi"}), "macd,rsi");
}

TEST(ReadValue, ListsOfEveryTypeCheckEachItem) {
  const Parameter numbers{.name = "n", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_I64};
  EXPECT_EQ(outcome(numbers, {"1,02,3"}), "1,2,3");
  EXPECT_EQ(outcome(numbers, {"1,x"}), "<bad_parameter>");
  const Parameter chosen{
      .name = "c", .type = BOURSE_TYPE_LIST, .item = BOURSE_TYPE_TEXT, .choices = {"rsi", "macd"}};
  EXPECT_EQ(outcome(chosen, {"macd,rsi"}), "macd,rsi");
  EXPECT_THAT(message(chosen, {"macd,rsj"}), HasSubstr(R"(did you mean "rsi"?)"));
}

TEST(ReadValue, BoundsTheLengthOfLists) {
  Parameter pair = kNames;
  pair.min = "2";
  pair.max = "3";
  EXPECT_EQ(outcome(pair, {"A"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(pair, {"A,B"}), "A,B");
  EXPECT_EQ(outcome(pair, {"A,B,C"}), "A,B,C");
  EXPECT_EQ(outcome(pair, {"A,B", "C,D"}), "<parameter_out_of_range>");
  EXPECT_EQ(message(pair, {"A"}),
            R"(parameter "s": expected 2 to 3 texts, separated by commas, got 1 item)");
}

TEST(ReadValue, CountsNoMoreThanAThousandItemsWhenNothingIsDeclared) {
  std::string text = "A";
  for (int i = 1; i < 1000; ++i) text += ",A";
  EXPECT_TRUE(read(kNames, {text}).ok());
  text += ",A";
  EXPECT_EQ(outcome(kNames, {text}), "<parameter_out_of_range>");
  const std::string commas(1'000'000, ',');
  EXPECT_FALSE(read(kNames, {commas}).ok());
  const std::vector<std::string_view> repeated(100'000, "A");
  EXPECT_EQ(outcome(kNames, repeated), "<parameter_out_of_range>");
}

TEST(ReadValue, TextsAreCleanUtf8OfBoundedLength) {
  const Parameter text{.name = "t", .type = BOURSE_TYPE_TEXT, .min = "2", .max = "4"};
  EXPECT_EQ(outcome(text, {"üü"}), "üü");
  EXPECT_EQ(outcome(text, {"a"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(text, {"abcde"}), "<parameter_out_of_range>");
  EXPECT_EQ(outcome(text, {"a\nb"}), "<bad_parameter>");
  EXPECT_EQ(outcome(text, {"a\0b"sv}), "<bad_parameter>");
  EXPECT_THAT(message(text, {"a\xFFz"}), HasSubstr(R"(got "a\xffz"; it is not UTF-8)"));
  EXPECT_THAT(message(text, {"a\tb"}), HasSubstr("control characters"));
  const Parameter open{.name = "t", .type = BOURSE_TYPE_TEXT};
  EXPECT_EQ(outcome(open, {""}), "");
  EXPECT_TRUE(read(open, {std::string(256, 'a')}).ok());
  EXPECT_EQ(outcome(open, {std::string(257, 'a')}), "<parameter_out_of_range>");
}

TEST(ReadValue, ShortensAndEscapesWhatItQuotes) {
  const std::string hostile(10'240, '\x1b');
  for (const Parameter& parameter : {kLimit, kReal, kMoney, kSide, kNames}) {
    const std::string told = message(parameter, {hostile});
    EXPECT_LT(told.size(), 600u) << parameter.name;
    EXPECT_FALSE(has_control(told)) << parameter.name;
    EXPECT_THAT(told, HasSubstr("(10240 bytes)"));
  }
  const std::string digits(10'240, '9');
  EXPECT_EQ(outcome(kAny, {digits}), "<bad_parameter>");
}

TEST(ReadValue, KeepsSecretsOutOfMessages) {
  Parameter key{.name = "key", .type = BOURSE_TYPE_TEXT, .secret = true, .max = "4"};
  EXPECT_THAT(message(key, {"hunter2"}), Not(HasSubstr("hunter2")));
  key.choices = {"hunter1", "hunter3"};
  EXPECT_THAT(message(key, {"hunter2"}), Not(HasSubstr("hunter2")));
  key.type = BOURSE_TYPE_I64;
  EXPECT_THAT(message(key, {"hunter2"}), Not(HasSubstr("hunter2")));
}

TEST(Describe, SaysTheRuleInWords) {
  EXPECT_EQ(describe(kLimit), "a whole number from 1 to 1000, default 100");
  EXPECT_EQ(describe(kAny), "a whole number");
  EXPECT_EQ(describe(kSide), "one of buy, sell");
  EXPECT_EQ(describe(kNames), "at most 1000 texts, separated by commas");
  EXPECT_EQ(describe({.name = "t", .type = BOURSE_TYPE_TEXT, .required = true}),
            "text of at most 256 bytes, required");
  EXPECT_EQ(describe({.name = "t", .type = BOURSE_TYPE_TEXT, .min = "3", .max = "20"}),
            "text of 3 to 20 bytes");
  EXPECT_EQ(describe({.name = "x", .unit = "%", .type = BOURSE_TYPE_F64, .min = "0"}),
            "a number, at least 0 (in %)");
  EXPECT_EQ(describe({.name = "x", .type = BOURSE_TYPE_DECIMAL, .max = "9.5"}),
            "a decimal number, at most 9.5");
  EXPECT_EQ(describe({.name = "s", .type = BOURSE_TYPE_TEXT, .fixed = true, .def = "BTCUSDT"}),
            "text of at most 256 bytes, fixed at BTCUSDT");
  EXPECT_EQ(describe({.name = "k", .type = BOURSE_TYPE_TEXT, .secret = true, .def = "hunter2"}),
            "text of at most 256 bytes, default hidden, secret");
  EXPECT_EQ(describe({.name = "k", .type = BOURSE_TYPE_TEXT, .required = true, .secret = true}),
            "text of at most 256 bytes, required, secret");
  EXPECT_EQ(describe({.name = "n", .type = BOURSE_TYPE_I64, .optional = true}),
            "a whole number, optional");
  EXPECT_EQ(describe({.name = "c",
                      .type = BOURSE_TYPE_LIST,
                      .item = BOURSE_TYPE_TEXT,
                      .min = "1",
                      .max = "3",
                      .choices = {"a", "b"}}),
            "1 to 3 of a, b, separated by commas");
}

TEST(Describe, ShowsTheFirstOfManyChoices) {
  Parameter many{.name = "m", .type = BOURSE_TYPE_I64};
  for (int i = 0; i < 20; ++i) many.choices.push_back(std::to_string(i));
  EXPECT_EQ(describe(many), "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 8 more");
}

}  // namespace
}  // namespace bourse::host
