// SPDX-License-Identifier: MIT
#include "host/cli/report_text.hpp"

#include <gtest/gtest.h>

#include <array>

#include "host/report/builder.hpp"

namespace bourse::host {
namespace {

bourse_str str(std::string_view text) { return {text.data(), text.size()}; }

bourse_field field(const char* name, bourse_type type, const char* label = nullptr,
                   const char* unit = nullptr, std::int32_t scale = 0) {
  bourse_field of{};
  of.size = sizeof of;
  of.type = type;
  of.scale = scale;
  of.name = name;
  of.label = label;
  of.unit = unit;
  return of;
}

TEST(ReportText, HasScalarsTablesAndNotes) {
  ReportBuilder builder("a/b", "A \x1b[31mtitle");
  const bourse_field rows = field("rows", BOURSE_TYPE_I64, "Rows kept");
  bourse_value twelve{};
  twelve.type = BOURSE_TYPE_I64;
  twelve.as.i64 = 12;
  const bourse_scalar scalar{sizeof(bourse_scalar), 0, &rows, twelve};
  ASSERT_EQ(builder.scalar(&scalar), BOURSE_OK);

  const bourse_field name = field("name", BOURSE_TYPE_TEXT);
  const bourse_field price = field("price", BOURSE_TYPE_DECIMAL, "Price", "EUR", 2);
  const bourse_field when = field("time", BOURSE_TYPE_TIME);
  const bourse_field open = field("open", BOURSE_TYPE_BOOL);
  const bourse_field* const fields[] = {&name, &price, &when, &open};
  const bourse_str names[] = {str("\xe5\xb8\x81"), str("b\nb")};
  const bourse_i128 prices[] = {{1050, 0}, {7, 0}};
  const std::int64_t times[] = {0, 1'000'000'000};
  const std::uint8_t opens[] = {1, 0};
  const std::uint8_t valid = 0b01;
  const bourse_array columns[] = {
      {names, nullptr}, {prices, nullptr}, {times, nullptr}, {opens, &valid}};
  const bourse_table table{sizeof(bourse_table), 0, "all", "All of it", 4, fields, 2, columns};
  ASSERT_EQ(builder.table(&table, nullptr), BOURSE_OK);
  const bourse_table none{sizeof(bourse_table), 0, "none", nullptr, 4, fields, 0, nullptr};
  ASSERT_EQ(builder.table(&none, nullptr), BOURSE_OK);
  const bourse_note note{sizeof(bourse_note), BOURSE_LEVEL_WARN, str("partial"), str("Half.")};
  ASSERT_EQ(builder.note(&note), BOURSE_OK);

  const auto report = builder.finish(0);
  ASSERT_TRUE(report);
  EXPECT_EQ(report_text((*report)->wire()),
            "A \\x1b[31mtitle\n"
            "  Rows kept  12\n"
            "\n"
            "All of it\n"
            "  name  Price [EUR]  time                  open\n"
            "  \xe5\xb8\x81            10.5  1970-01-01T00:00:00Z  true\n"
            "  b\\nb         0.07  1970-01-01T00:00:01Z  -\n"
            "\n"
            "none: no rows\n"
            "\n"
            "warning: Half. [partial]\n");
}

}  // namespace
}  // namespace bourse::host
