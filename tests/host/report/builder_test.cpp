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

const bourse_value kOne = value(std::int64_t{1});
const Field kI64("n", BOURSE_TYPE_I64);

/// A plugin's mistake: what it says, and the code that it must be refused with.
struct Misuse {
  const char* name;
  std::function<bourse_status(ReportBuilder&)> say;
  const char* code;
};

void PrintTo(const Misuse& misuse, std::ostream* out) { *out << misuse.name; }

bourse_value typed(bourse_type type) {
  bourse_value v{};
  v.type = type;
  return v;
}

bourse_value decimal(bourse_i128 coefficient, std::int32_t scale) {
  bourse_value v = typed(BOURSE_TYPE_DECIMAL);
  v.scale = scale;
  v.as.dec = coefficient;
  return v;
}

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

bourse_status scalar(ReportBuilder& b, Field field, bourse_value v) { return b.scalar(&field, v); }

bourse_status table(ReportBuilder& b, const char* name, const std::vector<const bourse_field*>& f) {
  std::uint32_t number = 0;
  return b.table(name, nullptr, f.data(), f.size(), &number);
}

const std::string kName128(128, 'a');
const std::string kName129(129, 'a');
const std::string kText1M(std::size_t{1} << 20, 'x');
const std::string kTextOver1M((std::size_t{1} << 20) + 1, 'x');

Field sized(Field field, std::uint32_t size) {
  field.size = size;
  return field;
}

std::vector<Misuse> misuses() {
  using B = ReportBuilder;
  return {
      {"meta_key_null",
       [](B& b) {
         return b.meta({nullptr, 4}, kOne);
       },
       "bad_meta"},
      {"meta_key_empty", [](B& b) { return b.meta(borrow(""), kOne); }, "bad_meta"},
      {"meta_key_upper", [](B& b) { return b.meta(borrow("Key"), kOne); }, "bad_meta"},
      {"meta_key_dotted", [](B& b) { return b.meta(borrow("a.b"), kOne); }, "bad_meta"},
      {"meta_key_starts_with_digit", [](B& b) { return b.meta(borrow("1a"), kOne); }, "bad_meta"},
      {"meta_key_long", [](B& b) { return b.meta(borrow(kName129), kOne); }, "bad_meta"},
      {"meta_type_unknown", [](B& b) { return b.meta(borrow("a"), typed(42)); }, "bad_meta"},
      {"meta_type_negative", [](B& b) { return b.meta(borrow("a"), typed(-1)); }, "bad_meta"},
      {"meta_list", [](B& b) { return b.meta(borrow("a"), typed(BOURSE_TYPE_LIST)); }, "bad_meta"},
      {"meta_text_null", [](B& b) { return b.meta(borrow("a"), text_without_pointer()); },
       "bad_meta"},
      {"meta_text_long", [](B& b) { return b.meta(borrow("a"), value(kTextOver1M.c_str())); },
       "bad_meta"},
      {"title_of_number", [](B& b) { return b.meta(borrow("title"), kOne); }, "bad_meta"},
      {"title_of_nothing", [](B& b) { return b.meta(borrow("title"), null_value()); }, "bad_meta"},
      {"as_of_number", [](B& b) { return b.meta(borrow("as_of"), kOne); }, "bad_meta"},

      {"note_code_null",
       [](B& b) {
         return b.note(BOURSE_LEVEL_WARN, {nullptr, 1}, borrow("x"));
       },
       "bad_note"},
      {"note_code_with_blank",
       [](B& b) { return b.note(BOURSE_LEVEL_WARN, borrow("a b"), borrow("x")); }, "bad_note"},
      {"note_level_unknown", [](B& b) { return b.note(25, borrow("a"), borrow("x")); }, "bad_note"},
      {"note_level_zero", [](B& b) { return b.note(0, borrow("a"), borrow("x")); }, "bad_note"},
      {"note_text_null",
       [](B& b) {
         return b.note(BOURSE_LEVEL_INFO, borrow("a"), {nullptr, 9});
       },
       "bad_note"},
      {"note_text_long",
       [](B& b) { return b.note(BOURSE_LEVEL_INFO, borrow("a"), borrow(kTextOver1M)); },
       "bad_note"},

      {"scalar_field_null", [](B& b) { return b.scalar(nullptr, kOne); }, "bad_field"},
      {"scalar_size_zero", [](B& b) { return scalar(b, sized(kI64, 0), kOne); }, "bad_field"},
      {"scalar_size_before_unit",
       [](B& b) { return scalar(b, sized(kI64, offsetof(bourse_field, doc) - 1), kOne); },
       "bad_field"},
      {"scalar_name_null", [](B& b) { return scalar(b, Field(nullptr, BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_empty", [](B& b) { return scalar(b, Field("", BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_upper", [](B& b) { return scalar(b, Field("A", BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_two_dots", [](B& b) { return scalar(b, Field("a..b", BOURSE_TYPE_I64), kOne); },
       "bad_field"},
      {"scalar_name_ends_in_dot",
       [](B& b) { return scalar(b, Field("a.", BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_starts_with_dot",
       [](B& b) { return scalar(b, Field(".a", BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_name_long",
       [](B& b) { return scalar(b, Field(kName129.c_str(), BOURSE_TYPE_I64), kOne); }, "bad_field"},
      {"scalar_type_null",
       [](B& b) { return scalar(b, Field("a", BOURSE_TYPE_NULL), null_value()); }, "bad_field"},
      {"scalar_type_list",
       [](B& b) { return scalar(b, Field("a", BOURSE_TYPE_LIST), null_value()); }, "bad_field"},
      {"scalar_type_unknown", [](B& b) { return scalar(b, Field("a", 99), null_value()); },
       "bad_field"},
      {"scalar_scale_39",
       [](B& b) { return scalar(b, Field("a", BOURSE_TYPE_DECIMAL).scaled(39), null_value()); },
       "bad_field"},
      {"scalar_scale_below",
       [](B& b) {
         return scalar(b, Field("a", BOURSE_TYPE_DECIMAL).scaled(std::numeric_limits<int>::min()),
                       null_value());
       },
       "bad_field"},
      {"scalar_of_another_type", [](B& b) { return scalar(b, kI64, value(1.0)); }, "wrong_type"},
      {"scalar_time_for_number", [](B& b) { return scalar(b, kI64, value(Time{1})); },
       "wrong_type"},
      {"scalar_decimal_of_39_digits",
       [](B& b) { return scalar(b, Field("a", BOURSE_TYPE_DECIMAL), decimal(kTenTo38, 0)); },
       "bad_value"},
      {"scalar_decimal_smallest_i128",
       [](B& b) {
         return scalar(b, Field("a", BOURSE_TYPE_DECIMAL),
                       decimal({0, std::numeric_limits<std::int64_t>::min()}, 0));
       },
       "bad_value"},
      {"scalar_decimal_scale_39",
       [](B& b) {
         return scalar(b, Field("a", BOURSE_TYPE_DECIMAL), decimal({1, 0}, 39));
       },
       "bad_value"},
      {"scalar_text_null",
       [](B& b) { return scalar(b, Field("a", BOURSE_TYPE_TEXT), text_without_pointer()); },
       "bad_value"},

      {"table_name_null", [](B& b) { return table(b, nullptr, {&kI64}); }, "bad_table"},
      {"table_name_dotted", [](B& b) { return table(b, "a.b", {&kI64}); }, "bad_table"},
      {"table_name_long", [](B& b) { return table(b, kName129.c_str(), {&kI64}); }, "bad_table"},
      {"table_of_no_fields", [](B& b) { return table(b, "t", {}); }, "bad_table"},
      {"table_field_null",
       [](B& b) {
         return table(b, "t", {&kI64, nullptr});
       },
       "bad_field"},
      {"table_field_twice",
       [](B& b) {
         return table(b, "t", {&kI64, &kI64});
       },
       "repeated_field"},
      {"table_field_dotted",
       [](B& b) {
         const Field dotted("a.b", BOURSE_TYPE_I64);
         return table(b, "t", {&dotted});
       },
       "bad_field"},
      {"table_without_result",
       [](B& b) {
         const bourse_field* const fields[] = {&kI64};
         return b.table("t", "", fields, 1, nullptr);
       },
       "bad_table"},
      {"table_fields_null",
       [](B& b) {
         std::uint32_t number = 0;
         return b.table("t", "", nullptr, 3, &number);
       },
       "bad_table"},
      {"table_of_too_many_fields",  // the count alone decides: nothing is read
       [](B& b) {
         const bourse_field* const fields[] = {&kI64};
         std::uint32_t number = 0;
         return b.table("t", "", fields, std::numeric_limits<std::size_t>::max(), &number);
       },
       "bad_table"},
      {"rows_of_no_table",
       [](B& b) {
         const bourse_array column{};
         return b.rows(0, 1, &column);
       },
       "no_such_table"},
      {"rows_of_no_table_at_all",
       [](B& b) { return b.rows(std::numeric_limits<std::uint32_t>::max(), 0, nullptr); },
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
  EXPECT_EQ(builder.meta(borrow("good"), kOne), BOURSE_INTERNAL);
  EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow("good"), borrow("x")), BOURSE_INTERNAL);
  EXPECT_EQ(scalar(builder, kI64, kOne), BOURSE_INTERNAL);
  EXPECT_EQ(table(builder, "good", {&kI64}), BOURSE_INTERNAL);
  EXPECT_EQ(builder.rows(0, 0, nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(builder.chart(nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), GetParam().code) << "the first reason is the one to keep";
}

INSTANTIATE_TEST_SUITE_P(, ReportBuilderMisuse, testing::ValuesIn(misuses()),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ReportBuilder, NamesOf128BytesAndTextsOf1MiBAreTheLongest) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(builder.meta(borrow(kName128), kOne), BOURSE_OK);
  EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow(kName128), borrow(kText1M)), BOURSE_OK);
  EXPECT_EQ(scalar(builder, Field(kName128.c_str(), BOURSE_TYPE_I64), kOne), BOURSE_OK);
  EXPECT_EQ(table(builder, kName128.c_str(), {&kI64}), BOURSE_OK);
  EXPECT_NE(finished(builder), nullptr);
}

TEST(ReportBuilder, DecimalsOf38DigitsAreTheLargestEitherWay) {
  ReportBuilder builder("p/c", "Title");
  EXPECT_EQ(scalar(builder, Field("a", BOURSE_TYPE_DECIMAL).scaled(38), decimal(kTenTo38Less1, 38)),
            BOURSE_OK);
  EXPECT_EQ(scalar(builder, Field("b", BOURSE_TYPE_DECIMAL).scaled(-38),
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
  EXPECT_EQ(builder.meta(borrow("title"), value("Second title")), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("as_of"), value(Time{5})), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("window"), value(std::int64_t{14})), BOURSE_OK);
  EXPECT_EQ(builder.note(BOURSE_LEVEL_WARN, borrow("partial"), borrow("Some are missing.")),
            BOURSE_OK);
  EXPECT_EQ(
      scalar(builder, Field("a.b", BOURSE_TYPE_F64).labelled("L").in("%").described("What it is."),
             value(0.5)),
      BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_NE(report, nullptr);
  const bourse_report& wire = report->wire();
  EXPECT_EQ(wire.size, sizeof wire);
  EXPECT_STREQ(wire.component, "plugin/component");
  EXPECT_STREQ(wire.title, "Second title");
  EXPECT_EQ(wire.as_of, 5);
  ASSERT_EQ(wire.n_meta, 1U) << "title and as_of are known keys, not meta";
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
    EXPECT_EQ(scalar(builder, Field(name.c_str(), BOURSE_TYPE_TEXT).labelled(label.c_str()),
                     value(std::string_view(text))),
              BOURSE_OK);
    EXPECT_EQ(builder.meta(borrow(key), value(std::string_view(text))), BOURSE_OK);
    EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow(key), borrow(text)), BOURSE_OK);
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
  EXPECT_EQ(told.meta(borrow("as_of"), value(Time{5})), BOURSE_OK);
  EXPECT_EQ((*told.finish(77))->wire().as_of, 5);
}

TEST(ReportBuilder, MetaSaidTwiceIsWhatWasSaidLast) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(builder.meta(borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("b"), kOne), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("a"), value("two")), BOURSE_OK);
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
      EXPECT_EQ(scalar(builder, Field(names[i], BOURSE_TYPE_I64), kOne),
                last && !good ? BOURSE_INTERNAL : BOURSE_OK)
          << names[i] << " after " << names[0];
    }
    EXPECT_EQ(mistake_of(builder), good ? "" : "repeated_scalar") << names[0];
  }
}

TEST(ReportBuilder, TablesOfOneNameAreRefused) {
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(table(builder, "t", {&kI64}), BOURSE_OK);
  EXPECT_EQ(table(builder, "u", {&kI64}), BOURSE_OK);
  EXPECT_EQ(table(builder, "t", {&kI64}), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), "repeated_table");
}

TEST(ReportBuilder, RepairsTextThatIsNotUtf8) {
  ReportBuilder builder("p/c", "bad \xFF title");
  EXPECT_EQ(builder.meta(borrow("k"), value("a\x80z")), BOURSE_OK);
  EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow("n"), borrow("\xC0\xAF")), BOURSE_OK);
  EXPECT_EQ(scalar(builder, Field("s", BOURSE_TYPE_TEXT).labelled("\xED\xA0\x80").in("\xE2\x82"),
                   value("ok \xE2\x82\xAC, cut \xE2\x82")),
            BOURSE_OK);
  const auto report = finished(builder);
  const bourse_report& wire = report->wire();
  EXPECT_STREQ(wire.title, "bad \uFFFD title");
  EXPECT_EQ(view(wire.meta[0]->value.as.text), "a\uFFFDz");
  EXPECT_EQ(view(wire.notes[0]->text), "\uFFFD\uFFFD");
  EXPECT_STREQ(wire.scalars[0]->field->label, "\uFFFD\uFFFD\uFFFD");
  EXPECT_STREQ(wire.scalars[0]->field->unit, "\uFFFD\uFFFD");
  EXPECT_EQ(view(wire.scalars[0]->value.as.text), "ok \u20AC, cut \uFFFD\uFFFD");
}

TEST(ReportBuilder, AnEmptyTextNeedsNoPointer) {
  ReportBuilder builder("p/c", "T");
  bourse_value empty = typed(BOURSE_TYPE_TEXT);
  EXPECT_EQ(scalar(builder, Field("s", BOURSE_TYPE_TEXT), empty), BOURSE_OK);
  EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow("n"), {nullptr, 0}), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_NE(report->wire().scalars[0]->value.as.text.ptr, nullptr);
}

TEST(ReportBuilder, BooleansAreZeroOrOne) {
  ReportBuilder builder("p/c", "T");
  bourse_value odd = typed(BOURSE_TYPE_BOOL);
  odd.as.i64 = -7;
  EXPECT_EQ(scalar(builder, Field("s", BOURSE_TYPE_BOOL), odd), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().scalars[0]->value.as.i64, 1);
}

TEST(ReportBuilder, LabelsTooLongToShowAreLeftOut) {
  const std::string label(1025, 'x');
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(scalar(builder, Field("s", BOURSE_TYPE_I64).labelled(label.c_str()), kOne), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().scalars[0]->field->label, nullptr);
}

TEST(ReportBuilder, ReadsNoMemberBeyondTheSizeOfAnOlderField) {
  // A plugin of a time when a field ended before `doc`: what stands there is not the field's.
  Field older = Field("s", BOURSE_TYPE_I64).labelled("L").in("u");
  older.size = offsetof(bourse_field, doc);
  older.doc = reinterpret_cast<const char*>(8);
  ReportBuilder builder("p/c", "T");
  EXPECT_EQ(scalar(builder, older, kOne), BOURSE_OK);
  const auto report = finished(builder);
  const bourse_field& field = *report->wire().scalars[0]->field;
  EXPECT_EQ(field.doc, nullptr);
  EXPECT_STREQ(field.unit, "u");
  EXPECT_EQ(field.size, sizeof(bourse_field));
}

// ---- limits
// ---------------------------------------------------------------------------------------

TEST(ReportBuilder, CountsAreBounded) {
  const ReportLimits limits{.tables = 2, .fields = 2, .scalars = 2, .notes = 2, .meta = 2};
  const auto numbered = [](int i) { return "n" + std::to_string(i); };
  const auto refused_third = [&](const char* code, auto&& say) {
    ReportBuilder builder("p/c", "T", limits);
    EXPECT_EQ(say(builder, numbered(1)), BOURSE_OK);
    EXPECT_EQ(say(builder, numbered(2)), BOURSE_OK);
    EXPECT_EQ(say(builder, numbered(3)), BOURSE_INTERNAL);
    EXPECT_EQ(mistake_of(builder), code);
  };
  refused_third("too_much_meta", [](ReportBuilder& b, const std::string& name) {
    return b.meta(borrow(name), kOne);
  });
  refused_third("too_many_notes", [](ReportBuilder& b, const std::string& name) {
    return b.note(BOURSE_LEVEL_INFO, borrow(name), borrow("x"));
  });
  refused_third("too_many_scalars", [](ReportBuilder& b, const std::string& name) {
    return scalar(b, Field(name.c_str(), BOURSE_TYPE_I64), kOne);
  });
  refused_third("too_many_tables", [](ReportBuilder& b, const std::string& name) {
    return table(b, name.c_str(), {&kI64});
  });
  ReportBuilder wide("p/c", "T", limits);
  const Field a("a", BOURSE_TYPE_I64), b("b", BOURSE_TYPE_I64), c("c", BOURSE_TYPE_I64);
  EXPECT_EQ(table(wide, "two", {&a, &b}), BOURSE_OK);
  EXPECT_EQ(table(wide, "three", {&a, &b, &c}), BOURSE_INTERNAL);
}

TEST(ReportBuilder, KnownMetaMayBeSaidAgainWhenThereIsNoRoomForMore) {
  ReportBuilder builder("p/c", "T", {.meta = 1});
  EXPECT_EQ(builder.meta(borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("a"), kOne), BOURSE_OK);
  EXPECT_EQ(builder.meta(borrow("title"), value("t")), BOURSE_OK);
}

TEST(ReportBuilder, BytesOfTextsAreBoundedWhereverTheyStand) {
  const std::string text(600, 'x');
  const ReportLimits limits{.bytes = 1000};
  const auto refused_second = [&](auto&& say) {
    ReportBuilder builder("p/c", "T", limits);
    EXPECT_EQ(say(builder, "a"), BOURSE_OK);
    EXPECT_EQ(say(builder, "b"), BOURSE_INTERNAL);
    EXPECT_NE(mistake_of(builder), "");
  };
  refused_second([&](ReportBuilder& b, const char* name) {
    return b.meta(borrow(name), value(std::string_view(text)));
  });
  refused_second([&](ReportBuilder& b, const char* name) {
    return b.note(BOURSE_LEVEL_INFO, borrow(name), borrow(text));
  });
  refused_second([&](ReportBuilder& b, const char* name) {
    return scalar(b, Field(name, BOURSE_TYPE_TEXT), value(std::string_view(text)));
  });
  refused_second([&](ReportBuilder& b, const char* name) {
    return scalar(b, Field(name, BOURSE_TYPE_I64).described(text.c_str()), kOne);
  });
}

TEST(ReportBuilder, AMetaKeyThatNoLongerFitsIsRefused) {
  // The value takes the last byte, the key finds none: once that was read from an empty optional.
  ReportBuilder builder("p/c", "T", {.bytes = 10});
  EXPECT_EQ(builder.meta(borrow("key"), value("0123456789")), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), "report_too_large");
}

TEST(ReportBuilder, RepairedTextCountsWithTheBytesItTakes) {
  ReportBuilder builder("p/c", "T", {.bytes = 12});
  EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow("n"), borrow("\xFF\xFF\xFF\xFF")),
            BOURSE_INTERNAL)
      << "1 for the code and 4 x 3 for U+FFFD are 13";
}

TEST(ReportBuilder, WhatWasGivenUpIsNoReport) {
  ReportBuilder builder("p/c", "T");
  builder.give_up();
  EXPECT_EQ(builder.meta(borrow("a"), kOne), BOURSE_INTERNAL);
  const auto report = builder.finish(0);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failure().status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(report.failure().code, "out_of_memory");
}

// ---- threads
// ----------------------------------------------------------------------------------------

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
        EXPECT_EQ(scalar(builder, Field(name.c_str(), BOURSE_TYPE_TEXT), value(name.c_str())),
                  BOURSE_OK);
        EXPECT_EQ(builder.note(BOURSE_LEVEL_INFO, borrow(name), borrow(name)), BOURSE_OK);
        const std::int64_t row = t;
        const bourse_array column{&row, nullptr};
        EXPECT_EQ(builder.rows(number, 1, &column), BOURSE_OK);
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
