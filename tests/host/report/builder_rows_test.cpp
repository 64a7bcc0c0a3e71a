// SPDX-License-Identifier: MIT
//
// Columns: blocks of rows of any size, with and without bitmaps, against a model that keeps one
// optional value a cell.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/host/report/fixture.hpp"

namespace bourse::host::test {
namespace {

const std::vector<Field> kFields = {
    Field("b", BOURSE_TYPE_BOOL), Field("i", BOURSE_TYPE_I64),
    Field("f", BOURSE_TYPE_F64),  Field("d", BOURSE_TYPE_DECIMAL).scaled(8),
    Field("t", BOURSE_TYPE_TIME), Field("s", BOURSE_TYPE_TEXT)};

std::size_t width(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return 1;
    case BOURSE_TYPE_DECIMAL:
    case BOURSE_TYPE_TEXT:
      return 16;
    default:
      return 8;
  }
}

/// One column of one block as a plugin would have it, with leftovers under its nulls.
struct Block {
  std::vector<std::uint8_t> data, valid;
  std::vector<std::string> texts;
  bool has_bitmap = false;

  [[nodiscard]] bourse_array wire() const {
    return {data.data(), has_bitmap ? valid.data() : nullptr};
  }
};

/// A cell as the report must show it: its bytes, or its text; nothing for a null.
using Cell = std::optional<std::string>;

Block random_block(bourse_type type, std::size_t rows, std::mt19937_64& random,
                   std::vector<Cell>& model) {
  Block block;
  block.has_bitmap = random() % 3 != 0;
  block.valid.assign(rows / 8 + 1, static_cast<std::uint8_t>(random()));  // past the end: noise
  block.data.resize(rows * width(type));
  block.texts.resize(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool valid = !block.has_bitmap || random() % 4 != 0;
    auto& byte = block.valid[row / 8];
    const auto mask = static_cast<std::uint8_t>(1U << (row % 8));
    byte = static_cast<std::uint8_t>(valid ? byte | mask : byte & ~mask);
    std::uint8_t* const cell = block.data.data() + row * width(type);
    for (std::size_t i = 0; i < width(type); ++i) cell[i] = static_cast<std::uint8_t>(random());
    if (type == BOURSE_TYPE_TEXT && valid) {
      block.texts[row] = std::string(random() % 5, 'x') + std::to_string(random() % 100);
      const bourse_str text = borrow(block.texts[row]);
      std::memcpy(cell, &text, sizeof text);
      model.emplace_back(block.texts[row]);
      continue;
    }
    if (type == BOURSE_TYPE_DECIMAL && valid)
      cell[15] = cell[14] = static_cast<std::uint8_t>(-(cell[15] & 1));
    if (type == BOURSE_TYPE_BOOL && valid) {
      model.emplace_back(std::string(1, cell[0] == 0 ? '\0' : '\1'));
      continue;
    }
    model.emplace_back(valid ? Cell(std::string(reinterpret_cast<char*>(cell), width(type)))
                             : std::nullopt);
  }
  return block;
}

Cell cell_of(const bourse_table& table, std::size_t column, std::size_t row) {
  const bourse_array& array = table.columns[column];
  const std::size_t bytes = width(table.fields[column]->type);
  const auto* const cell = static_cast<const char*>(array.data) + row * bytes;
  if (!is_valid(array.valid, row)) {
    if (table.fields[column]->type != BOURSE_TYPE_TEXT) {
      EXPECT_EQ(std::string(cell, bytes), std::string(bytes, '\0')) << "leftovers under a null";
    }
    return std::nullopt;
  }
  if (table.fields[column]->type == BOURSE_TYPE_TEXT) {
    bourse_str text;
    std::memcpy(&text, cell, sizeof text);
    return std::string(view(text));
  }
  return std::string(cell, bytes);
}

TEST(ReportRows, BlocksOfAnySizeAndBitmapAddUpToWhatWasSaid) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 random(seed);
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, kFields);
    std::vector<std::vector<Cell>> model(kFields.size());
    const std::size_t n_blocks = 1 + random() % 6;
    for (std::size_t b = 0; b < n_blocks; ++b) {
      const std::size_t rows = random() % 21;
      std::vector<Block> blocks;
      for (std::size_t i = 0; i < kFields.size(); ++i) {
        blocks.push_back(random_block(kFields[i].type, rows, random, model[i]));
      }
      std::vector<bourse_array> columns;
      for (const Block& block : blocks) columns.push_back(block.wire());
      ASSERT_EQ(builder.rows(number, rows, columns.data()), BOURSE_OK) << "seed " << seed;
    }
    const auto report = finished(builder);
    ASSERT_NE(report, nullptr);
    const bourse_table& table = *report->wire().tables[0];
    ASSERT_EQ(table.n_rows, model[0].size());
    for (std::size_t i = 0; i < kFields.size(); ++i) {
      for (std::size_t row = 0; row < model[i].size(); ++row) {
        ASSERT_EQ(cell_of(table, i, row), model[i][row])
            << "seed " << seed << ", column " << kFields[i].name << ", row " << row;
      }
    }
  }
}

TEST(ReportRows, EveryOffsetInAByteCanMeetTheFirstBitmap) {
  for (std::size_t before = 0; before <= 17; ++before) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, {Field("n", BOURSE_TYPE_I64)});
    const std::vector<std::int64_t> ones(before + 1, 1);
    const bourse_array all{ones.data(), nullptr};
    ASSERT_EQ(builder.rows(number, before, &all), BOURSE_OK);
    const std::int64_t three[] = {1, 1, 1};
    const std::uint8_t middle_only = 0b010;
    const bourse_array some{three, &middle_only};
    ASSERT_EQ(builder.rows(number, 3, &some), BOURSE_OK);
    ASSERT_EQ(builder.rows(number, 1, &all), BOURSE_OK);
    const auto report = finished(builder);
    const bourse_table& table = *report->wire().tables[0];
    ASSERT_EQ(table.n_rows, before + 4);
    for (std::size_t row = 0; row < before + 4; ++row) {
      const bool has = row < before || row == before + 1 || row == before + 3;
      EXPECT_EQ(is_valid(table.columns[0].valid, row), has) << before << ", row " << row;
    }
  }
}

TEST(ReportRows, AColumnWithoutNullsNeedsNoBitmap) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("n", BOURSE_TYPE_I64)});
  const std::int64_t row = 1;
  const bourse_array column{&row, nullptr};
  EXPECT_EQ(builder.rows(number, 1, &column), BOURSE_OK);
  EXPECT_EQ(finished(builder)->wire().tables[0]->columns[0].valid, nullptr);
}

TEST(ReportRows, DataNeedNotBeAligned) {
  std::vector<unsigned char> bytes(1 + 2 * 16, 0);
  bytes[1] = 7;       // the coefficient 7, one byte off
  bytes[1 + 16] = 9;  // and 9
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number =
      add_table(builder, {Field("d", BOURSE_TYPE_DECIMAL), Field("n", BOURSE_TYPE_I64)});
  const bourse_array columns[] = {{bytes.data() + 1, nullptr}, {bytes.data() + 1, nullptr}};
  EXPECT_EQ(builder.rows(number, 2, columns), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(TableView(*report->wire().tables[0]).decimals("d")[1].text(), "9");
}

TEST(ReportRows, WhatIsWrongWithOneIsRefused) {
  struct Case {
    const char* what;
    std::vector<Field> fields;
    bourse_array column;
    std::size_t rows;
    const char* code;
  };
  static const bourse_i128 kTenTo38 = {0x098A224000000000, 0x4B3B4CA85A86C47A};
  static const bourse_str kNowhere = {nullptr, 3};
  static const std::uint8_t kNone = 0;
  const std::vector<Case> cases = {
      {"no data", {Field("a", BOURSE_TYPE_I64)}, {nullptr, nullptr}, 1, "bad_rows"},
      {"no data under nulls", {Field("a", BOURSE_TYPE_I64)}, {nullptr, &kNone}, 1, "bad_rows"},
      {"39 digits", {Field("a", BOURSE_TYPE_DECIMAL)}, {&kTenTo38, nullptr}, 1, "bad_rows"},
      {"text from nowhere", {Field("a", BOURSE_TYPE_TEXT)}, {&kNowhere, nullptr}, 1, "bad_rows"},
      {"more rows than can be",
       {Field("a", BOURSE_TYPE_I64)},
       {&kTenTo38, nullptr},
       std::numeric_limits<std::size_t>::max(),
       "report_too_large"},
      {"rows whose bytes overflow",
       {Field("a", BOURSE_TYPE_DECIMAL)},
       {&kTenTo38, nullptr},
       std::numeric_limits<std::size_t>::max() / 16 + 2,
       "report_too_large"}};
  for (const Case& c : cases) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, c.fields);
    EXPECT_EQ(builder.rows(number, c.rows, &c.column), BOURSE_INTERNAL) << c.what;
    EXPECT_EQ(mistake_of(builder), c.code) << c.what;
  }
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("a", BOURSE_TYPE_I64)});
  EXPECT_EQ(builder.rows(number + 1, 1, &cases[0].column), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(builder), "no_such_table");
}

TEST(ReportRows, WhatStandsUnderANullIsNotLookedAt) {
  const bourse_i128 ten_to_38 = {0x098A224000000000, 0x4B3B4CA85A86C47A};
  const bourse_str nowhere = {nullptr, 3};
  const std::uint8_t none = 0;
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number =
      add_table(builder, {Field("d", BOURSE_TYPE_DECIMAL), Field("s", BOURSE_TYPE_TEXT)});
  const bourse_array columns[] = {{&ten_to_38, &none}, {&nowhere, &none}};
  EXPECT_EQ(builder.rows(number, 1, columns), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(cell_of(*report->wire().tables[0], 0, 0), std::nullopt);
  EXPECT_EQ(cell_of(*report->wire().tables[0], 1, 0), std::nullopt);
}

TEST(ReportRows, NoRowsAreNothingWrong) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("a", BOURSE_TYPE_I64)});
  EXPECT_EQ(builder.rows(number, 0, nullptr), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().tables[0]->n_rows, 0U);
  EXPECT_EQ(report->wire().tables[0]->n_fields, 1U);
}

TEST(ReportRows, AreBoundedToTheByte) {
  const std::vector<std::int64_t> data(16);
  const bourse_array column{data.data(), nullptr};
  // A field takes sizeof(bourse_field) and its name.
  const std::size_t described = sizeof(bourse_field) + 2;
  for (const std::size_t spare : {std::size_t{0}, std::size_t{1}}) {
    ReportBuilder builder("p/c", "T", {.bytes = described + 16 * 8 - spare});
    const std::uint32_t number = add_table(builder, {Field("a", BOURSE_TYPE_I64)});
    EXPECT_EQ(builder.rows(number, 8, &column), BOURSE_OK);
    EXPECT_EQ(builder.rows(number, 8, &column), spare == 0 ? BOURSE_OK : BOURSE_INTERNAL);
    EXPECT_EQ(mistake_of(builder), spare == 0 ? "" : "report_too_large");
  }
}

/// Everything a report holds that a serializer could read, as one text.
std::string bytes_of(const bourse_report& report) {
  std::string out = std::string(report.title) + report.component + std::to_string(report.as_of);
  for (std::size_t t = 0; t < report.n_tables; ++t) {
    const bourse_table& table = *report.tables[t];
    for (std::size_t i = 0; i < table.n_fields; ++i) {
      const bourse_array& array = table.columns[i];
      out.append(table.fields[i]->name);
      if (array.valid != nullptr) {
        out.append(reinterpret_cast<const char*>(array.valid), (table.n_rows + 7) / 8);
      }
      if (table.fields[i]->type != BOURSE_TYPE_TEXT) {
        out.append(static_cast<const char*>(array.data),
                   table.n_rows * width(table.fields[i]->type));
      } else {
        for (std::size_t row = 0; row < table.n_rows; ++row) {
          out += cell_of(table, i, row).value_or("(null)");
        }
      }
    }
  }
  return out;
}

TEST(ReportRows, EqualCallsGiveEqualBytesWhateverIsUnderTheNulls) {
  const auto build = [](std::int64_t leftover) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(
        builder,
        {Field("n", BOURSE_TYPE_I64), Field("f", BOURSE_TYPE_F64), Field("b", BOURSE_TYPE_BOOL)});
    const std::int64_t integers[] = {1, leftover, 3};
    const double reals[] = {1, static_cast<double>(leftover), 3};
    const std::uint8_t booleans[] = {1, static_cast<std::uint8_t>(leftover), 0};
    const std::uint8_t valid = 0b101;
    const bourse_array columns[] = {{integers, &valid}, {reals, &valid}, {booleans, &valid}};
    EXPECT_EQ(builder.rows(number, 3, columns), BOURSE_OK);
    return bytes_of(finished(builder)->wire());
  };
  EXPECT_EQ(build(0x5A5A5A5A), build(-77));
  EXPECT_EQ(build(1), build(1));
}

}  // namespace
}  // namespace bourse::host::test
