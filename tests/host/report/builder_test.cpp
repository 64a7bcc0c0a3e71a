// SPDX-License-Identifier: MIT
//
// The builder against plugins that say everything wrong: names, types, sizes, counts, order.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/host/report/fixture.hpp"

namespace bourse::host::test {
namespace {

const bourse_value kOne = integer(1);
const Field kI64("n", BOURSE_TYPE_I64);

/// A plugin's mistake: what it says, and the code that it must be refused with.
struct Misuse {
  const char* name;
  std::function<bourse_status(ReportBuilder&)> say;
  const char* code;
};

void PrintTo(const Misuse& misuse, std::ostream* out) { *out << misuse.name; }

bourse_value text_without_pointer() {
  bourse_value v = typed(BOURSE_TYPE_TEXT);
  v.as.text = {nullptr, 5};
  return v;
}

// 10^38 = 0x4B3B4CA85A86C47A098A224000000000, by Python.
constexpr bourse_i128 kTenTo38 = {0x098A224000000000, 0x4B3B4CA85A86C47A};
constexpr bourse_i128 kTenTo38Less1 = {0x098A223FFFFFFFFF, 0x4B3B4CA85A86C47A};
constexpr bourse_i128 kMinusTenTo38Plus1 = {0xF675DDC000000001,
                                            static_cast<std::int64_t>(0xB4C4B357A5793B85U)};

const std::string kName128(128, 'a');
const std::string kName129(129, 'a');
const std::string kText1M(std::size_t{1} << 20, 'x');
const std::string kTextOver1M((std::size_t{1} << 20) + 1, 'x');

std::vector<Misuse> misuses() {
  using B = ReportBuilder;
  return {
      {"meta_key_null",
       [](B& b) {
         return say_meta(b, {nullptr, 4}, kOne);
       },
       "bad_meta"},
      {"meta_key_empty", [](B& b) { return say_meta(b, borrow(""), kOne); }, "bad_meta"},
      {"meta_key_upper", [](B& b) { return say_meta(b, borrow("Key"), kOne); }, "bad_meta"},
      {"meta_key_dotted", [](B& b) { return say_meta(b, borrow("a.b"), kOne); }, "bad_meta"},
      {"meta_key_starts_with_digit", [](B& b) { return say_meta(b, borrow("1a"), kOne); },
       "bad_meta"},
      {"meta_key_long", [](B& b) { return say_meta(b, borrow(kName129), kOne); }, "bad_meta"},
      {"meta_null", [](B& b) { return b.meta(nullptr); }, "bad_meta"},
      {"meta_size_zero",
       [](B& b) {
         const bourse_meta meta{0, 0, borrow("a"), kOne};
         return b.meta(&meta);
       },
       "bad_meta"},
      {"meta_type_negative", [](B& b) { return say_meta(b, borrow("a"), typed(-1)); }, "bad_meta"},
      {"meta_list", [](B& b) { return say_meta(b, borrow("a"), typed(BOURSE_TYPE_LIST)); },
       "bad_meta"},
      {"meta_text_null", [](B& b) { return say_meta(b, borrow("a"), text_without_pointer()); },
       "bad_meta"},
      {"meta_text_long", [](B& b) { return say_meta(b, borrow("a"), words(kTextOver1M)); },
       "bad_meta"},
      {"title_of_number", [](B& b) { return say_meta(b, borrow("bourse.title"), kOne); },
       "bad_meta"},
      {"title_of_nothing",
       [](B& b) { return say_meta(b, borrow("bourse.title"), typed(BOURSE_TYPE_NULL)); },
       "bad_meta"},
      {"as_of_number", [](B& b) { return say_meta(b, borrow("bourse.as_of"), kOne); }, "bad_meta"},

      {"note_code_null",
       [](B& b) {
         return say_note(b, BOURSE_LEVEL_WARN, {nullptr, 1}, borrow("x"));
       },
       "bad_note"},
      {"note_code_with_blank",
       [](B& b) { return say_note(b, BOURSE_LEVEL_WARN, borrow("a b"), borrow("x")); }, "bad_note"},
      {"title_null",
       [](B& b) { return say_meta(b, borrow("bourse.title"), text_without_pointer()); },
       "bad_meta"},
      {"host_key_that_is_no_name", [](B& b) { return say_meta(b, borrow("bourse.A"), kOne); },
       "bad_meta"},
      {"host_key_without_a_name", [](B& b) { return say_meta(b, borrow("bourse."), kOne); },
       "bad_meta"},

      {"note_null", [](B& b) { return b.note(nullptr); }, "bad_note"},
      {"note_size_before_text",
       [](B& b) {
         const bourse_note note{offsetof(bourse_note, text), BOURSE_LEVEL_INFO, borrow("a"), {}};
         return b.note(&note);
       },
       "bad_note"},
      {"note_level_negative", [](B& b) { return say_note(b, -20, borrow("a"), borrow("x")); },
       "bad_note"},
      {"note_level_zero", [](B& b) { return say_note(b, 0, borrow("a"), borrow("x")); },
       "bad_note"},
      {"note_text_null",
       [](B& b) {
         return say_note(b, BOURSE_LEVEL_INFO, borrow("a"), {nullptr, 9});
       },
       "bad_note"},
      {"note_text_long",
       [](B& b) { return say_note(b, BOURSE_LEVEL_INFO, borrow("a"), borrow(kTextOver1M)); },
       "bad_note"},

      {"scalar_field_null", [](B& b) { return say_scalar(b, nullptr, kOne); }, "bad_field"},
      {"scalar_size_zero", [](B& b) { return say_scalar(b, kI64.sized(0), kOne); }, "bad_field"},
      {"scalar_null", [](B& b) { return b.scalar(nullptr); }, "bad_field"},
      {"scalar_size_before_name",
       [](B& b) { return say_scalar(b, kI64.sized(offsetof(bourse_field, name)), kOne); },
       "bad_field"},
      {"scalar_size_odd",
       [](B& b) { return say_scalar(b, kI64.sized(sizeof(bourse_field) - 1), kOne); }, "bad_field"},
      {"scalar_size_of_noise", [](B& b) { return say_scalar(b, kI64.sized(0x80000000U), kOne); },
       "bad_field"},
      {"scalar_name_null",
       [](B& b) { return say_scalar(b, Field(nullptr, BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_empty", [](B& b) { return say_scalar(b, Field("", BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_upper", [](B& b) { return say_scalar(b, Field("A", BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_two_dots",
       [](B& b) { return say_scalar(b, Field("a..b", BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_ends_in_dot",
       [](B& b) { return say_scalar(b, Field("a.", BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_starts_with_dot",
       [](B& b) { return say_scalar(b, Field(".a", BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_long",
       [](B& b) { return say_scalar(b, Field(kName129.c_str(), BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_type_null",
       [](B& b) { return say_scalar(b, Field("a", BOURSE_TYPE_NULL), typed(BOURSE_TYPE_NULL)); },
       "bad_field"},
      {"scalar_type_list",
       [](B& b) { return say_scalar(b, Field("a", BOURSE_TYPE_LIST), typed(BOURSE_TYPE_NULL)); },
       "bad_field"},
      {"scalar_type_negative",
       [](B& b) { return say_scalar(b, Field("a", -1), typed(BOURSE_TYPE_NULL)); }, "bad_field"},
      {"scalar_scale_39",
       [](B& b) {
         return say_scalar(b, Field("a", BOURSE_TYPE_DECIMAL).scaled(39), typed(BOURSE_TYPE_NULL));
       },
       "bad_field"},
      {"scalar_scale_below",
       [](B& b) {
         return say_scalar(b,
                           Field("a", BOURSE_TYPE_DECIMAL).scaled(std::numeric_limits<int>::min()),
                           typed(BOURSE_TYPE_NULL));
       },
       "bad_field"},
      {"scalar_of_another_type", [](B& b) { return say_scalar(b, kI64, real(1.0)); }, "wrong_type"},
      {"scalar_time_for_number", [](B& b) { return say_scalar(b, kI64, moment(1)); }, "wrong_type"},
      {"scalar_decimal_of_39_digits",
       [](B& b) { return say_scalar(b, Field("a", BOURSE_TYPE_DECIMAL), decimal(kTenTo38, 0)); },
       "bad_value"},
      {"scalar_decimal_smallest_i128",
       [](B& b) {
         return say_scalar(b, Field("a", BOURSE_TYPE_DECIMAL),
                           decimal({0, std::numeric_limits<std::int64_t>::min()}, 0));
       },
       "bad_value"},
      {"scalar_decimal_scale_39",
       [](B& b) {
         return say_scalar(b, Field("a", BOURSE_TYPE_DECIMAL), decimal({1, 0}, 39));
       },
       "bad_value"},
      {"scalar_text_null",
       [](B& b) { return say_scalar(b, Field("a", BOURSE_TYPE_TEXT), text_without_pointer()); },
       "bad_value"},

      {"table_name_null", [](B& b) { return say_table(b, nullptr, {&kI64}); }, "bad_table"},
      {"table_name_dotted", [](B& b) { return say_table(b, "a.b", {&kI64}); }, "bad_table"},
      {"table_name_long", [](B& b) { return say_table(b, kName129.c_str(), {&kI64}); },
       "bad_table"},
      {"table_of_no_fields", [](B& b) { return say_table(b, "t", {}); }, "bad_table"},
      {"table_field_null",
       [](B& b) {
         return say_table(b, "t", {&kI64, nullptr});
       },
       "bad_field"},
      {"table_field_twice",
       [](B& b) {
         return say_table(b, "t", {&kI64, &kI64});
       },
       "repeated_field"},
      {"table_field_dotted",
       [](B& b) {
         const Field dotted("a.b", BOURSE_TYPE_I64);
         return say_table(b, "t", {&dotted});
       },
       "bad_field"},
      {"table_null", [](B& b) { return b.table(nullptr, nullptr); }, "bad_table"},
      {"table_size_before_fields",
       [](B& b) {
         const bourse_field* const fields[] = {&kI64};
         bourse_table table = table_of("t", fields, 1);
         table.size = offsetof(bourse_table, fields);
         return b.table(&table, nullptr);
       },
       "bad_table"},
      {"table_field_type_negative",
       [](B& b) {
         const Field odd("a", -7);
         return say_table(b, "t", {&odd});
       },
       "bad_field"},
      {"table_fields_null",
       [](B& b) {
         const bourse_table table = table_of("t", nullptr, 3);
         return b.table(&table, nullptr);
       },
       "bad_table"},
      {"table_of_too_many_fields",  // the count alone decides: nothing is read
       [](B& b) {
         const bourse_field* const fields[] = {&kI64};
         const bourse_table table = table_of("t", fields, std::numeric_limits<std::size_t>::max());
         return b.table(&table, nullptr);
       },
       "bad_table"},
      {"rows_null", [](B& b) { return b.rows(nullptr); }, "bad_rows"},
      {"rows_of_no_table",
       [](B& b) {
         const bourse_array column{};
         return say_rows(b, 0, 1, &column);
       },
       "no_such_table"},
      {"rows_of_no_table_at_all",
       [](B& b) { return say_rows(b, std::numeric_limits<std::uint32_t>::max(), 0, nullptr); },
       "no_such_table"},
  };
}

class ReportBuilderMisuse : public testing::TestWithParam<Misuse> {};

TEST_P(ReportBuilderMisuse, IsRefusedWithItsOwnCode) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(GetParam().say(builder), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), GetParam().code);
}

TEST_P(ReportBuilderMisuse, SpoilsEverythingThatFollows) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(GetParam().say(builder), BOURSE_INTERNAL);
  EXPECT_EQ(say_meta(builder, borrow("good"), kOne), BOURSE_INTERNAL);
  EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow("good"), borrow("x")), BOURSE_INTERNAL);
  EXPECT_EQ(say_scalar(builder, kI64, kOne), BOURSE_INTERNAL);
  EXPECT_EQ(say_table(builder, "good", {&kI64}), BOURSE_INTERNAL);
  EXPECT_EQ(say_rows(builder, 0, 0, nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(builder.chart(nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), GetParam().code) << "the first reason is the one to keep";
}

INSTANTIATE_TEST_SUITE_P(, ReportBuilderMisuse, testing::ValuesIn(misuses()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ReportBuilder, NamesOf128BytesAndTextsOf1MiBAreTheLongest) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(say_meta(builder, borrow(kName128), kOne), BOURSE_OK);
  EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow(kName128), borrow(kText1M)), BOURSE_OK);
  EXPECT_EQ(say_scalar(builder, Field(kName128.c_str(), BOURSE_TYPE_I64), kOne), BOURSE_OK);
  EXPECT_EQ(say_table(builder, kName128.c_str(), {&kI64}), BOURSE_OK);
  EXPECT_NE(finished(builder), nullptr);
}

TEST(ReportBuilder, DecimalsOf38DigitsAreTheLargestEitherWay) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(
      say_scalar(builder, Field("a", BOURSE_TYPE_DECIMAL).scaled(38), decimal(kTenTo38Less1, 38)),
      BOURSE_OK);
  EXPECT_EQ(say_scalar(builder, Field("b", BOURSE_TYPE_DECIMAL).scaled(-38),
                       decimal(kMinusTenTo38Plus1, -38)),
            BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  const bourse_value& b = report->wire().scalars[1]->value;
  EXPECT_EQ(b.scale, -38);
  EXPECT_EQ(b.as.dec.hi, kMinusTenTo38Plus1.hi);
  EXPECT_EQ(b.as.dec.lo, kMinusTenTo38Plus1.lo);
}

TEST(ReportBuilder, SaysWhatItWasTold) {
  ReportBuilder builder("plugin/component", "First title");
  EXPECT_EQ(say_meta(builder, borrow("bourse.title"), words("Second title")), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("bourse.as_of"), moment(5)), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("window"), integer(14)), BOURSE_OK);
  EXPECT_EQ(say_note(builder, BOURSE_LEVEL_WARN, borrow("partial"), borrow("Some are missing.")),
            BOURSE_OK);
  EXPECT_EQ(say_scalar(builder,
                       Field("a.b", BOURSE_TYPE_F64).labelled("L").in("%").described("What it is."),
                       real(0.5)),
            BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  const bourse_report& wire = report->wire();
  EXPECT_EQ(wire.size, sizeof wire);
  EXPECT_EQ(view(wire.component), "plugin/component");
  EXPECT_EQ(view(wire.title), "Second title");
  EXPECT_EQ(wire.as_of, 5);
  ASSERT_EQ(wire.n_meta, 1U) << "the host's keys become the report's own fields";
  EXPECT_EQ(view(wire.meta[0]->key), "window");
  EXPECT_EQ(wire.meta[0]->value.as.i64, 14);
  ASSERT_EQ(wire.n_notes, 1U);
  EXPECT_EQ(wire.notes[0]->level, BOURSE_LEVEL_WARN);
  EXPECT_EQ(view(wire.notes[0]->code), "partial");
  EXPECT_EQ(view(wire.notes[0]->text), "Some are missing.");
  ASSERT_EQ(wire.n_scalars, 1U);
  const bourse_field& field = *wire.scalars[0]->field;
  EXPECT_STREQ(field.name, "a.b");
  EXPECT_STREQ(field.label, "L");
  EXPECT_STREQ(field.unit, "%");
  EXPECT_STREQ(field.doc, "What it is.");
  EXPECT_EQ(wire.scalars[0]->value.as.f64, 0.5);
}

TEST(ReportBuilder, KeepsNothingThatThePluginOwns) {
  ReportBuilder builder("p/c", "Title");
  {
    std::string name = "name", label = "label", text = "text", key = "key";
    EXPECT_EQ(say_scalar(builder, Field(name.c_str(), BOURSE_TYPE_TEXT).labelled(label.c_str()),
                         words(text)),
              BOURSE_OK);
    EXPECT_EQ(say_meta(builder, borrow(key), words(text)), BOURSE_OK);
    EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow(key), borrow(text)), BOURSE_OK);
    for (std::string* owned : {&name, &label, &text, &key}) owned->assign(owned->size(), '!');
  }
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  const bourse_report& wire = report->wire();
  EXPECT_STREQ(wire.scalars[0]->field->name, "name");
  EXPECT_STREQ(wire.scalars[0]->field->label, "label");
  EXPECT_EQ(view(wire.scalars[0]->value.as.text), "text");
  EXPECT_EQ(view(wire.meta[0]->key), "key");
  EXPECT_EQ(view(wire.notes[0]->text), "text");
}

TEST(ReportBuilder, AsOfIsTheDefaultOnlyWhenThePluginSaysNothing) {
  ReportBuilder silent("p/c", "T");
  EXPECT_EQ((*silent.finish(77))->wire().as_of, 77);
  ReportBuilder told("p/c", "T");
  EXPECT_EQ(say_meta(told, borrow("bourse.as_of"), moment(5)), BOURSE_OK);
  EXPECT_EQ((*told.finish(77))->wire().as_of, 5);
  ReportBuilder unknown("p/c", "");
  EXPECT_EQ(say_meta(unknown, borrow("bourse.as_of"), moment(0)), BOURSE_OK);
  EXPECT_EQ((*unknown.finish(77))->wire().as_of, 0);
}

TEST(ReportBuilder, MetaSaidTwiceIsWhatWasSaidLast) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_meta(builder, borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("b"), kOne), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("a"), words("two")), BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_EQ(report->wire().n_meta, 2U);
  EXPECT_EQ(view(report->wire().meta[0]->value.as.text), "two");
}

TEST(ReportBuilder, ScalarsWhoseNamesCannotNestAreRefusedInEitherOrder) {
  struct Case {
    std::vector<const char*> names;
    bool good;
  };
  for (const auto& [names, good] : std::vector<Case>{{{"a", "a"}, false},
                                                     {{"a.b", "a.b"}, false},
                                                     {{"a", "a.b"}, false},
                                                     {{"a.b", "a"}, false},
                                                     {{"a.b.c", "a.b"}, false},
                                                     {{"a.b", "a.b.c"}, false},
                                                     {{"a.b.c", "a"}, false},
                                                     {{"a", "a.b.c"}, false},
                                                     {{"a.b", "a.c"}, true},
                                                     {{"a.b.c", "a.b.d", "a.c"}, true},
                                                     {{"a", "ab", "a_b"}, true},
                                                     {{"a.b", "b.a", "b.b"}, true},
                                                     {{"ab.c", "a"}, true}}) {
    ReportBuilder builder("p/c", "T");
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool last = i + 1 == names.size();
      EXPECT_EQ(say_scalar(builder, Field(names[i], BOURSE_TYPE_I64), kOne),
                last && !good ? BOURSE_INTERNAL : BOURSE_OK)
          << names[i] << " after " << names[0];
    }
    EXPECT_EQ(mistake_of(builder), good ? "" : "repeated_scalar") << names[0];
  }
}

TEST(ReportBuilder, TablesOfOneNameAreRefused) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_table(builder, "t", {&kI64}), BOURSE_OK);
  EXPECT_EQ(say_table(builder, "u", {&kI64}), BOURSE_OK);
  EXPECT_EQ(say_table(builder, "t", {&kI64}), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), "repeated_table");
}

TEST(ReportBuilder, RepairsTextThatIsNotUtf8) {
  ReportBuilder builder("p/c", "bad \xFF title");
  EXPECT_EQ(say_meta(builder, borrow("k"), words("a\x80z")), BOURSE_OK);
  EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow("n"), borrow("\xC0\xAF")), BOURSE_OK);
  EXPECT_EQ(
      say_scalar(builder, Field("s", BOURSE_TYPE_TEXT).labelled("\xED\xA0\x80").in("\xE2\x82"),
                 words("ok \xE2\x82\xAC, cut \xE2\x82")),
      BOURSE_OK);
  const auto report = finished(builder);
  const bourse_report& wire = report->wire();
  EXPECT_EQ(view(wire.title), "bad \uFFFD title");
  EXPECT_EQ(view(wire.meta[0]->value.as.text), "a\uFFFDz");
  EXPECT_EQ(view(wire.notes[0]->text), "\uFFFD\uFFFD");
  EXPECT_STREQ(wire.scalars[0]->field->label, "\uFFFD\uFFFD\uFFFD");
  EXPECT_STREQ(wire.scalars[0]->field->unit, "\uFFFD\uFFFD");
  EXPECT_EQ(view(wire.scalars[0]->value.as.text), "ok \u20AC, cut \uFFFD\uFFFD");
}

TEST(ReportBuilder, AnEmptyTextNeedsNoPointer) {
  ReportBuilder builder("p/c", "T");
  bourse_value empty = typed(BOURSE_TYPE_TEXT);
  EXPECT_EQ(say_scalar(builder, Field("s", BOURSE_TYPE_TEXT), empty), BOURSE_OK);
  EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow("n"), {nullptr, 0}), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_NE(report->wire().scalars[0]->value.as.text.ptr, nullptr);
}

TEST(ReportBuilder, BooleansAreZeroOrOne) {
  ReportBuilder builder("p/c", "T");
  bourse_value odd = typed(BOURSE_TYPE_BOOL);
  odd.as.i64 = -7;
  EXPECT_EQ(say_scalar(builder, Field("s", BOURSE_TYPE_BOOL), odd), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().scalars[0]->value.as.i64, 1);
}

TEST(ReportBuilder, LinesTooLongToShowAreLeftOutAndTheReportSaysSo) {
  const std::string longest(BOURSE_MAX_LINE_BYTES, 'x');
  const std::string longer = longest + "x";
  const std::string doc(BOURSE_MAX_DOC_BYTES + 1, 'x');
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(
      say_scalar(builder, Field("s", BOURSE_TYPE_I64).labelled(longer.c_str()).in(longest.c_str()),
                 kOne),
      BOURSE_OK);
  EXPECT_EQ(say_scalar(builder, Field("d", BOURSE_TYPE_I64).described(doc.c_str()), kOne),
            BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("bourse.title"), words(longer)), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().scalars[0]->field->label, nullptr);
  EXPECT_STREQ(report->wire().scalars[0]->field->unit, longest.c_str());
  EXPECT_EQ(view(report->wire().title), "T");
  EXPECT_EQ(
      left_out(report->wire()),
      "Left out, because it is too long: the label of field s (at most 512 bytes), the doc of "
      "field d (at most 65536 bytes), meta bourse.title (at most 512 bytes).");
}

TEST(ReportBuilder, ReadsNoMemberBeyondTheSizeOfAnOlderField) {
  // A plugin of a time when a field ended before `doc`: what stands there is not the field's.
  Field older = Field("s", BOURSE_TYPE_I64).labelled("L").in("u");
  older.size = offsetof(bourse_field, doc);
  older.doc = reinterpret_cast<const char*>(8);
  older.format = reinterpret_cast<const char*>(8);
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_scalar(builder, older, kOne), BOURSE_OK);
  const auto report = finished(builder);
  const bourse_field& field = *report->wire().scalars[0]->field;
  EXPECT_EQ(field.doc, nullptr);
  EXPECT_EQ(field.format, nullptr);
  EXPECT_STREQ(field.unit, "u");
  EXPECT_EQ(field.size, sizeof(bourse_field));
}

TEST(ReportBuilder, TakesStructsOfANewerContract) {
  // Each is longer than this host knows, and what it does not know is noise.
  struct {
    bourse_field known;
    std::uint64_t more = ~std::uint64_t{0};
  } field{kI64.formatted("hex")};
  field.known.size = sizeof field;
  struct {
    bourse_scalar known;
    std::uint64_t more = ~std::uint64_t{0};
  } scalar{{sizeof scalar, 0, &field.known, kOne}};
  struct {
    bourse_meta known;
    std::uint64_t more = ~std::uint64_t{0};
  } meta{{sizeof meta, 0, borrow("k"), kOne}};
  struct {
    bourse_note known;
    std::uint64_t more = ~std::uint64_t{0};
  } note{{sizeof note, BOURSE_LEVEL_INFO, borrow("n"), borrow("x")}};
  const bourse_field* const fields[] = {&field.known};
  const std::int64_t row = 3;
  const bourse_array column{&row, nullptr};
  struct {
    bourse_table known;
    std::uint64_t more = ~std::uint64_t{0};
  } table{table_of("t", fields, 1)};
  table.known.size = sizeof table;
  struct {
    bourse_rows known;
    std::uint64_t more = ~std::uint64_t{0};
  } rows{{sizeof rows, 0, 1, 1, &column}};
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(builder.scalar(&scalar.known), BOURSE_OK);
  EXPECT_EQ(builder.meta(&meta.known), BOURSE_OK);
  EXPECT_EQ(builder.note(&note.known), BOURSE_OK);
  EXPECT_EQ(builder.table(&table.known, nullptr), BOURSE_OK);
  EXPECT_EQ(builder.rows(&rows.known), BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  const bourse_report& wire = report->wire();
  EXPECT_EQ(wire.scalars[0]->size, sizeof(bourse_scalar));
  EXPECT_EQ(wire.scalars[0]->field->size, sizeof(bourse_field));
  EXPECT_STREQ(wire.scalars[0]->field->format, "hex");
  EXPECT_EQ(wire.meta[0]->size, sizeof(bourse_meta));
  EXPECT_EQ(wire.notes[0]->size, sizeof(bourse_note));
  EXPECT_EQ(wire.tables[0]->size, sizeof(bourse_table));
  EXPECT_EQ(wire.tables[0]->n_rows, 1U);
}

TEST(ReportBuilder, ReadsNoMemberBeyondTheSizeOfAnOlderTable) {
  // A table that ends before its first rows has none, whatever stands behind it.
  const bourse_field* const fields[] = {&kI64};
  bourse_table older = table_of("t", fields, 1);
  older.size = offsetof(bourse_table, n_rows);
  older.n_rows = 5;
  older.columns = reinterpret_cast<const bourse_array*>(8);
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(builder.table(&older, nullptr), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().tables[0]->n_rows, 0U);
}

// ---- what this host does not know

TEST(ReportBuilder, UnknownTypesOfScalarsAndMetaAreLeftOutWithOneNote) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_scalar(builder, Field("a.b", 12), typed(12)), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("m"), typed(13)), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("bourse.theme"), words("dark")), BOURSE_OK);
  EXPECT_EQ(say_scalar(builder, kI64, kOne), BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  EXPECT_EQ(report->wire().n_scalars, 1U);
  EXPECT_EQ(report->wire().n_meta, 0U);
  EXPECT_EQ(report->wire().n_notes, 1U);
  EXPECT_EQ(left_out(report->wire()),
            "Left out, because this host does not know it: scalar a.b (type 12), meta m (type 13), "
            "meta bourse.theme.");
}

TEST(ReportBuilder, AReportThatLosesNothingHasNoNoteAboutIt) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_scalar(builder, kI64, kOne), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().n_notes, 0U);
}

TEST(ReportBuilder, TheNoteAboutMuchThatIsUnknownStaysShort) {
  ReportBuilder builder("p/c", "T", {.notes = 0});
  for (int i = 0; i < 5000; ++i) {
    const std::string name = "s" + std::to_string(i);
    EXPECT_EQ(say_scalar(builder, Field(name.c_str(), 12), typed(12)), BOURSE_OK);
  }
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr)
      << "the host's note stands beside the plugin's, however many those are";
  const std::string text = left_out(report->wire());
  EXPECT_LT(text.size(), 1000U);
  EXPECT_NE(text.find("s19 (type 12), and 4980 more."), std::string::npos) << text;
}

TEST(ReportBuilder, FlagsWithoutANameAreCleared) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_scalar(builder, kI64.flagged(~0U), kOne), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().scalars[0]->field->flags, std::uint32_t{BOURSE_FIELD_OPTIONAL});
}

TEST(ReportBuilder, ALevelInBetweenCountsAsTheOneBelow) {
  struct Case {
    std::int32_t said, kept;
  };
  const std::vector<Case> cases = {{1, BOURSE_LEVEL_DEBUG},  {10, BOURSE_LEVEL_DEBUG},
                                   {19, BOURSE_LEVEL_DEBUG}, {20, BOURSE_LEVEL_INFO},
                                   {25, BOURSE_LEVEL_INFO},  {39, BOURSE_LEVEL_WARN},
                                   {40, BOURSE_LEVEL_ERROR}, {99, BOURSE_LEVEL_ERROR}};
  ReportBuilder builder("p/c", "T");
  for (const Case& c : cases) {
    EXPECT_EQ(say_note(builder, c.said, borrow("n"), borrow("x")), BOURSE_OK);
  }
  const auto report = finished(builder);
  ASSERT_EQ(report->wire().n_notes, cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(report->wire().notes[i]->level, cases[i].kept) << cases[i].said;
  }
}

TEST(ReportBuilder, KeysNamedTitleAndAsOfAreThePluginsOwn) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(say_meta(builder, borrow("title"), kOne), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("as_of"), words("yesterday")), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().n_meta, 2U);
  EXPECT_EQ(view(report->wire().title), "T");
  EXPECT_EQ(report->wire().as_of, 0);
}

// ---- limits

TEST(ReportBuilder, CountsAreBounded) {
  const ReportLimits limits{.tables = 2, .fields = 2, .scalars = 2, .notes = 2, .meta = 2};
  const auto numbered = [](int i) { return "n" + std::to_string(i); };
  const auto refused_third = [&](const char* code, auto&& say) {
    ReportBuilder builder("p/c", "T", limits);
    EXPECT_EQ(say(builder, numbered(1)), BOURSE_OK);
    EXPECT_EQ(say(builder, numbered(2)), BOURSE_OK);
    EXPECT_EQ(say(builder, numbered(3)), BOURSE_INTERNAL);
    const Failure why = mistake(builder);
    EXPECT_EQ(why.code, code);
    EXPECT_NE(why.message.find("at most 2 are taken"), std::string::npos) << why.message;
  };
  refused_third("too_much_meta", [](ReportBuilder& b, const std::string& name) {
    return say_meta(b, borrow(name), kOne);
  });
  refused_third("too_many_notes", [](ReportBuilder& b, const std::string& name) {
    return say_note(b, BOURSE_LEVEL_INFO, borrow(name), borrow("x"));
  });
  refused_third("too_many_scalars", [](ReportBuilder& b, const std::string& name) {
    return say_scalar(b, Field(name.c_str(), BOURSE_TYPE_I64), kOne);
  });
  refused_third("too_many_tables", [](ReportBuilder& b, const std::string& name) {
    return say_table(b, name.c_str(), {&kI64});
  });
  ReportBuilder wide("p/c", "T", limits);
  const Field a("a", BOURSE_TYPE_I64), b("b", BOURSE_TYPE_I64), c("c", BOURSE_TYPE_I64);
  EXPECT_EQ(say_table(wide, "two", {&a, &b}), BOURSE_OK);
  EXPECT_EQ(say_table(wide, "three", {&a, &b, &c}), BOURSE_INTERNAL);
  EXPECT_EQ(mistake(wide).message, "table three: it has 3 fields, at most 2 are taken");
}

TEST(ReportBuilder, KnownMetaMayBeSaidAgainWhenThereIsNoRoomForMore) {
  ReportBuilder builder("p/c", "T", {.meta = 1});
  EXPECT_EQ(say_meta(builder, borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(say_meta(builder, borrow("bourse.title"), words("t")), BOURSE_OK);
}

TEST(ReportBuilder, BytesOfTextsAreBoundedWhereverTheyStand) {
  const std::string text(600, 'x');
  const ReportLimits limits{.bytes = 1000};
  const auto refused_second = [&](auto&& say) {
    ReportBuilder builder("p/c", "T", limits);
    EXPECT_EQ(say(builder, "a"), BOURSE_OK);
    const bourse_status status = say(builder, "b");
    EXPECT_NE(status, BOURSE_OK);
    EXPECT_EQ(status, mistake(builder).status);
  };
  refused_second(
      [&](ReportBuilder& b, const char* name) { return say_meta(b, borrow(name), words(text)); });
  refused_second([&](ReportBuilder& b, const char* name) {
    return say_note(b, BOURSE_LEVEL_INFO, borrow(name), borrow(text));
  });
  refused_second([&](ReportBuilder& b, const char* name) {
    return say_scalar(b, Field(name, BOURSE_TYPE_TEXT), words(text));
  });
  refused_second([&](ReportBuilder& b, const char* name) {
    return say_scalar(b, Field(name, BOURSE_TYPE_I64).described(text.c_str()), kOne);
  });
}

/// The least limit that a report fits into.
std::size_t bytes_needed(const std::function<bourse_status(ReportBuilder&)>& say) {
  std::size_t bytes = 0;
  while (true) {
    ReportBuilder builder("p/c", "T", {.bytes = bytes});
    if (say(builder) == BOURSE_OK) return bytes;
    EXPECT_EQ(mistake_of(builder), "report_too_large");
    ++bytes;
  }
}

TEST(ReportBuilder, EveryByteOfAKeyOrTextCounts) {
  const auto meta = [](const char* key, const char* text) {
    return bytes_needed([=](ReportBuilder& b) { return say_meta(b, borrow(key), words(text)); });
  };
  EXPECT_EQ(meta("k", "0123456789") - meta("k", "0"), 9U);
  EXPECT_EQ(meta("key", "0") - meta("k", "0"), 2U);
  const auto note = [](const char* text) {
    return bytes_needed([=](ReportBuilder& b) {
      return say_note(b, BOURSE_LEVEL_INFO, borrow("n"), borrow(text));
    });
  };
  EXPECT_EQ(note("\xFF\xFF\xFF\xFF"), note("\uFFFD\uFFFD\uFFFD\uFFFD"))
      << "repaired text counts with the bytes it takes";
}

TEST(ReportBuilder, ARefusalForItsSizeNamesTheLimit) {
  ReportBuilder builder("p/c", "T", {.bytes = 1000});
  const std::string text(1001, 'x');
  EXPECT_EQ(say_meta(builder, borrow("a"), words(text)), BOURSE_UNPROCESSABLE)
      << "it is who asked that wanted too much";
  EXPECT_EQ(mistake(builder).message,
            "meta a: the report is larger than 1000 bytes, the most that this host takes; ask for "
            "less");
  EXPECT_EQ(mistake(builder).origin, Origin::kHost) << "no misuse, which would be logged as one";
  ReportBuilder other("p/c", "T");
  EXPECT_EQ(say_meta(other, borrow("a"), words(kTextOver1M)), BOURSE_INTERNAL);
  EXPECT_EQ(mistake(other).message, "meta a: a text has 1048577 bytes, at most 1048576 are taken");
}

TEST(ReportBuilder, LimitsAreThoseOfTheContract) {
  const ReportLimits limits;
  EXPECT_EQ(limits.bytes, std::size_t{512} << 20);
  EXPECT_EQ(limits.tables, 64U);
  EXPECT_EQ(limits.fields, 1024U);
  EXPECT_EQ(limits.scalars, 4096U);
  EXPECT_EQ(limits.notes, 1000U);
  EXPECT_EQ(limits.charts, 64U);
  EXPECT_EQ(limits.meta, 256U);
}

TEST(ReportBuilder, AReportTellsWhatItTakes) {
  const auto bytes = [](std::size_t n_rows, std::string_view text) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number =
        add_table(builder, {Field("n", BOURSE_TYPE_I64), Field("s", BOURSE_TYPE_TEXT)});
    const std::vector<std::int64_t> numbers(n_rows, 1);
    const std::vector<bourse_str> texts(n_rows, borrow(text));
    const bourse_array columns[] = {{numbers.data(), nullptr}, {texts.data(), nullptr}};
    EXPECT_EQ(say_rows(builder, number, n_rows, columns, 2), BOURSE_OK);
    return finished(builder)->bytes();
  };
  const std::size_t empty = bytes(0, "");
  EXPECT_GT(empty, sizeof(Report));
  EXPECT_LT(empty, 8192U);
  EXPECT_EQ(bytes(1000, "x") - empty, 1000 * (sizeof(std::int64_t) + sizeof(bourse_str)));
  const std::string large(100000, 'x');
  EXPECT_GT(bytes(1, large) - bytes(1, "x"), large.size() - 1);
}

TEST(ReportBuilder, WhatWasGivenUpIsNoReport) {
  ReportBuilder builder("p/c", "T");
  builder.give_up();
  EXPECT_EQ(say_meta(builder, borrow("a"), kOne), BOURSE_INTERNAL);
  const auto report = builder.finish(0);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(report.failure().code, "out_of_memory");
}

TEST(ReportBuilder, WhatIsSaidAfterTheEndIsRefused) {
  ReportBuilder builder("p/c", "T");
  const auto report = finished(builder);
  EXPECT_EQ(say_meta(builder, borrow("late"), kOne), BOURSE_INTERNAL);
  EXPECT_EQ(report->wire().n_meta, 0U);
}

// ---- threads

TEST(ReportBuilder, ThreadsOfOnePluginMaySpeakAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("n", BOURSE_TYPE_I64)});
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = "s" + std::to_string(t) + "_" + std::to_string(i);
        EXPECT_EQ(say_scalar(builder, Field(name.c_str(), BOURSE_TYPE_TEXT), words(name)),
                  BOURSE_OK);
        EXPECT_EQ(say_note(builder, BOURSE_LEVEL_INFO, borrow(name), borrow(name)), BOURSE_OK);
        const std::int64_t row = t;
        const bourse_array column{&row, nullptr};
        EXPECT_EQ(say_rows(builder, number, 1, &column), BOURSE_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().n_scalars, std::size_t{kThreads * kEach});
  EXPECT_EQ(report->wire().n_notes, std::size_t{kThreads * kEach});
  EXPECT_EQ(report->wire().tables[0]->n_rows, std::size_t{kThreads * kEach});
}

}  // namespace
}  // namespace bourse::host::test
