// SPDX-License-Identifier: MIT
//
// What the tests of the report builder share: short ways to say things to it in the structs of the
// contract, and the refusal that must follow.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "host/report/builder.hpp"

namespace bourse::host::test {

using ReportPtr = std::shared_ptr<const Report>;

inline bourse_str borrow(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view view(bourse_str text) { return {text.ptr, text.len}; }

inline bourse_value typed(bourse_type type) {
  bourse_value v{};
  v.type = type;
  return v;
}
inline bourse_value integer(std::int64_t number) {
  bourse_value v = typed(BOURSE_TYPE_I64);
  v.as.i64 = number;
  return v;
}
inline bourse_value real(double number) {
  bourse_value v = typed(BOURSE_TYPE_F64);
  v.as.f64 = number;
  return v;
}
inline bourse_value moment(std::int64_t ns) {
  bourse_value v = typed(BOURSE_TYPE_TIME);
  v.as.i64 = ns;
  return v;
}
inline bourse_value words(std::string_view characters) {
  bourse_value v = typed(BOURSE_TYPE_TEXT);
  v.as.text = borrow(characters);
  return v;
}
inline bourse_value decimal(bourse_i128 coefficient, std::int32_t scale) {
  bourse_value v = typed(BOURSE_TYPE_DECIMAL);
  v.scale = scale;
  v.as.dec = coefficient;
  return v;
}

/// A field by its parts.
struct Field : bourse_field {
  Field(const char* name_, bourse_type type_) : bourse_field{} {
    size = sizeof(bourse_field);
    type = type_;
    name = name_;
  }
  Field scaled(std::int32_t to) const { return with(&bourse_field::scale, to); }
  Field labelled(const char* to) const { return with(&bourse_field::label, to); }
  Field in(const char* to) const { return with(&bourse_field::unit, to); }
  Field described(const char* to) const { return with(&bourse_field::doc, to); }
  Field formatted(const char* to) const { return with(&bourse_field::format, to); }
  Field sized(std::uint32_t to) const { return with(&bourse_field::size, to); }
  Field flagged(std::uint32_t to) const { return with(&bourse_field::flags, to); }

 private:
  template <class T, class U>
  Field with(T bourse_field::*member, U to) const {
    Field changed = *this;
    changed.*member = to;
    return changed;
  }
};

inline bourse_status say_meta(ReportBuilder& b, bourse_str key, const bourse_value& value) {
  const bourse_meta meta{sizeof(bourse_meta), 0, key, value};
  return b.meta(&meta);
}
inline bourse_status say_note(ReportBuilder& b, std::int32_t level, bourse_str code,
                              bourse_str text) {
  const bourse_note note{sizeof(bourse_note), level, code, text};
  return b.note(&note);
}
inline bourse_status say_scalar(ReportBuilder& b, const bourse_field* field,
                                const bourse_value& value) {
  const bourse_scalar scalar{sizeof(bourse_scalar), 0, field, value};
  return b.scalar(&scalar);
}
inline bourse_status say_scalar(ReportBuilder& b, const Field& field, const bourse_value& value) {
  return say_scalar(b, &field, value);
}
inline bourse_table table_of(const char* name, const bourse_field* const* fields, std::size_t n) {
  bourse_table table{};
  table.size = sizeof table;
  table.name = name;
  table.n_fields = n;
  table.fields = fields;
  return table;
}
inline bourse_status say_table(ReportBuilder& b, const char* name,
                               const std::vector<const bourse_field*>& fields,
                               std::uint32_t* number = nullptr) {
  const bourse_table table = table_of(name, fields.data(), fields.size());
  return b.table(&table, number);
}
inline bourse_status say_rows(ReportBuilder& b, std::uint32_t table, std::size_t n_rows,
                              const bourse_array* columns, std::size_t n_columns = 1) {
  const bourse_rows rows{sizeof(bourse_rows), table, n_rows, n_columns, columns};
  return b.rows(&rows);
}

/// The report, which must be one.
inline ReportPtr finished(ReportBuilder& builder) {
  auto report = builder.finish(0);
  EXPECT_TRUE(report.ok()) << report.failure().code << ": " << report.failure().message;
  return report.ok() ? *report : nullptr;
}

/// Why there is no report: the first mistake, or that it is too large; one without a code when
/// there is one.
inline Failure mistake(ReportBuilder& builder) {
  auto report = builder.finish(0);
  if (report.ok()) return {.code = "", .message = ""};
  const bool too_large = report.failure().code == "report_too_large";
  EXPECT_EQ(report.failure().status, too_large ? BOURSE_UNPROCESSABLE : BOURSE_INTERNAL);
  EXPECT_EQ(report.failure().origin, too_large ? Origin::kHost : Origin::kMisuse);
  EXPECT_FALSE(report.failure().message.empty());
  return std::move(report).failure();
}
inline std::string mistake_of(ReportBuilder& builder) { return mistake(builder).code; }

/// What the report's note says was left out; "" when there is no such note.
inline std::string left_out(const bourse_report& report) {
  std::string said;
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    if (view(report.notes[i]->code) != "not_shown") continue;
    EXPECT_EQ(said, "") << "one note is enough";
    EXPECT_EQ(report.notes[i]->level, BOURSE_LEVEL_INFO);
    said = view(report.notes[i]->text);
  }
  return said;
}

/// A builder with one table "t" of these fields.
inline std::uint32_t add_table(ReportBuilder& builder, const std::vector<Field>& fields,
                               const char* name = "t") {
  std::vector<const bourse_field*> pointers(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) pointers[i] = &fields[i];
  std::uint32_t table = 99;
  EXPECT_EQ(say_table(builder, name, pointers, &table), BOURSE_OK);
  return table;
}

/// Whether row `row` has a value, read bit by bit.
inline bool has_value(const std::uint8_t* valid, std::size_t row) {
  return valid == nullptr || ((valid[row / 8] >> (row % 8)) & 1U) != 0;
}

}  // namespace bourse::host::test
