// SPDX-License-Identifier: MIT
//
// Columns: blocks of rows of any size, with and without bitmaps, against a model that keeps one
// optional value a cell.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <random>
#include <set>
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
  if (!has_value(array.valid, row)) {
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
      ASSERT_EQ(say_rows(builder, number, rows, columns.data(), columns.size()), BOURSE_OK)
          << "seed " << seed;
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
    ASSERT_EQ(say_rows(builder, number, before, &all), BOURSE_OK);
    const std::int64_t three[] = {1, 1, 1};
    const std::uint8_t middle_only = 0b010;
    const bourse_array some{three, &middle_only};
    ASSERT_EQ(say_rows(builder, number, 3, &some), BOURSE_OK);
    ASSERT_EQ(say_rows(builder, number, 1, &all), BOURSE_OK);
    const auto report = finished(builder);
    const bourse_table& table = *report->wire().tables[0];
    ASSERT_EQ(table.n_rows, before + 4);
    for (std::size_t row = 0; row < before + 4; ++row) {
      const bool has = row < before || row == before + 1 || row == before + 3;
      EXPECT_EQ(has_value(table.columns[0].valid, row), has) << before << ", row " << row;
    }
  }
}

TEST(ReportRows, AColumnWithoutNullsNeedsNoBitmap) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("n", BOURSE_TYPE_I64)});
  const std::int64_t row = 1;
  const bourse_array column{&row, nullptr};
  EXPECT_EQ(say_rows(builder, number, 1, &column), BOURSE_OK);
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
  EXPECT_EQ(say_rows(builder, number, 2, columns, 2), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(cell_of(*report->wire().tables[0], 0, 1), std::string("\x09") + std::string(15, '\0'));
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
    const bool too_large = std::string_view(c.code) == "report_too_large";
    EXPECT_EQ(say_rows(builder, number, c.rows, &c.column),
              too_large ? BOURSE_UNPROCESSABLE : BOURSE_INTERNAL)
        << c.what;
    EXPECT_EQ(mistake_of(builder), c.code) << c.what;
  }
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("a", BOURSE_TYPE_I64)});
  EXPECT_EQ(say_rows(builder, number + 1, 1, &cases[0].column), BOURSE_INTERNAL);
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
  EXPECT_EQ(say_rows(builder, number, 1, columns, 2), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(cell_of(*report->wire().tables[0], 0, 0), std::nullopt);
  EXPECT_EQ(cell_of(*report->wire().tables[0], 1, 0), std::nullopt);
}

TEST(ReportRows, NoRowsAreNothingWrong) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("a", BOURSE_TYPE_I64)});
  EXPECT_EQ(say_rows(builder, number, 0, nullptr, 0), BOURSE_OK);
  const auto report = finished(builder);
  EXPECT_EQ(report->wire().tables[0]->n_rows, 0U);
  EXPECT_EQ(report->wire().tables[0]->n_fields, 1U);
}

TEST(ReportRows, AreBoundedToTheByte) {
  const std::vector<std::int64_t> data(16);
  const bourse_array column{data.data(), nullptr};
  const auto refused = [&](std::size_t bytes_max, std::size_t second) {
    ReportBuilder builder("p/c", "T", {.bytes = bytes_max});
    const Field field("a", BOURSE_TYPE_I64);
    std::uint32_t number = 0;
    if (say_table(builder, "t", {&field}, &number) == BOURSE_OK) {
      say_rows(builder, number, 8, &column);
      say_rows(builder, number, second, &column);
    }
    return mistake_of(builder);
  };
  std::size_t least = 16 * sizeof(std::int64_t);  // and the description of the table
  while (refused(least, 8) != "" && least < 1000) ++least;
  ASSERT_LT(least, 1000U);
  EXPECT_EQ(refused(least - 1, 8), "report_too_large");
  EXPECT_EQ(refused(least - 8, 7), "") << "a row less takes the bytes of a row less";
  EXPECT_EQ(refused(least - 9, 7), "report_too_large");
}

/// Everything a report holds that a serializer could read, as one text.
std::string bytes_of(const bourse_report& report) {
  std::string out(view(report.title));
  out += std::string(view(report.component)) + std::to_string(report.as_of);
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
    EXPECT_EQ(say_rows(builder, number, 3, columns, 3), BOURSE_OK);
    return bytes_of(finished(builder)->wire());
  };
  EXPECT_EQ(build(0x5A5A5A5A), build(-77));
  EXPECT_EQ(build(1), build(1));
}

TEST(ReportRows, TheFirstRowsComeWithTheTable) {
  const Field field("a", BOURSE_TYPE_I64);
  const bourse_field* const fields[] = {&field};
  const std::int64_t first[] = {1, 2};
  const bourse_array column{first, nullptr};
  bourse_table table = table_of("t", fields, 1);
  table.n_rows = 2;
  table.columns = &column;
  ReportBuilder builder("p/c", "T");
  std::uint32_t number = 99;
  EXPECT_EQ(builder.table(&table, &number), BOURSE_OK);
  EXPECT_EQ(say_rows(builder, number, 1, &column), BOURSE_OK);
  const auto report = finished(builder);
  const bourse_table& kept = *report->wire().tables[0];
  ASSERT_EQ(kept.n_rows, 3U);
  EXPECT_EQ(static_cast<const std::int64_t*>(kept.columns[0].data)[1], 2);
  EXPECT_EQ(static_cast<const std::int64_t*>(kept.columns[0].data)[2], 1);

  ReportBuilder broken("p/c", "T");
  table.columns = nullptr;
  EXPECT_EQ(broken.table(&table, nullptr), BOURSE_INTERNAL);
  EXPECT_EQ(mistake_of(broken), "bad_rows");
}

TEST(ReportRows, OfAnotherNumberOfColumnsAreRefused) {
  for (const std::size_t given : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number =
        add_table(builder, {Field("a", BOURSE_TYPE_I64), Field("b", BOURSE_TYPE_I64)});
    const std::int64_t row = 1;
    const bourse_array columns[] = {{&row, nullptr}, {&row, nullptr}, {&row, nullptr}};
    EXPECT_EQ(say_rows(builder, number, 1, columns, given), BOURSE_INTERNAL);
    const Failure why = mistake(builder);
    EXPECT_EQ(why.code, "bad_rows");
    EXPECT_EQ(why.message,
              "rows of table t: " + std::to_string(given) + " columns are given, and it has 2");
  }
}

TEST(ReportRows, AColumnOfUnknownTypeIsSkippedAtItsPlace) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(
      builder, {Field("a", BOURSE_TYPE_I64), Field("odd", 12), Field("b", BOURSE_TYPE_I64)},
      "series");
  const std::int64_t a = 1, b = 2;
  // Of the column in the middle nothing is known: it is not looked at, wherever it leads.
  const bourse_array columns[] = {
      {&a, nullptr},
      {reinterpret_cast<const void*>(8), reinterpret_cast<const std::uint8_t*>(8)},
      {&b, nullptr}};
  EXPECT_EQ(say_rows(builder, number, 1, columns, 3), BOURSE_OK);
  const auto report = finished(builder);
  const bourse_table& table = *report->wire().tables[0];
  ASSERT_EQ(table.n_fields, 2U);
  EXPECT_STREQ(table.fields[1]->name, "b");
  EXPECT_EQ(*static_cast<const std::int64_t*>(table.columns[0].data), 1);
  EXPECT_EQ(*static_cast<const std::int64_t*>(table.columns[1].data), 2);
  EXPECT_EQ(left_out(report->wire()),
            "Left out, because this host does not know it: column odd of table series (type 12).");
}

TEST(ReportRows, ARefusalNamesTheColumnBehindOneOfUnknownType) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("odd", 12), Field("b", BOURSE_TYPE_I64)});
  const bourse_array columns[] = {{nullptr, nullptr}, {nullptr, nullptr}};
  EXPECT_EQ(say_rows(builder, number, 1, columns, 2), BOURSE_INTERNAL);
  EXPECT_EQ(mistake(builder).message, "rows of table t: column b: it has no data");
}

TEST(ReportRows, ATableWithoutAColumnOfKnownTypeIsLeftOut) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t odd = add_table(builder, {Field("x", 12)}, "odd");
  const std::uint32_t good = add_table(builder, {Field("a", BOURSE_TYPE_I64)}, "good");
  const std::int64_t row = 5;
  const bourse_array column{&row, nullptr};
  EXPECT_EQ(say_rows(builder, odd, std::size_t{1} << 60, &column), BOURSE_OK);
  EXPECT_EQ(say_rows(builder, good, 1, &column), BOURSE_OK);
  const auto report = finished(builder);
  ASSERT_EQ(report->wire().n_tables, 1U);
  EXPECT_STREQ(report->wire().tables[0]->name, "good");
  EXPECT_EQ(left_out(report->wire()),
            "Left out, because this host does not know it: column x of table odd (type 12), table "
            "odd.");
}

TEST(ReportRows, ABitmapThatHasNoNullLeavesNoTrace) {
  const auto bitmap_of = [](std::uint8_t valid) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, {Field("n", BOURSE_TYPE_I64)});
    const std::int64_t rows[] = {1, 2, 3};
    const bourse_array column{rows, &valid};
    EXPECT_EQ(say_rows(builder, number, 3, &column), BOURSE_OK);
    const auto report = finished(builder);
    const std::uint8_t* const kept = report->wire().tables[0]->columns[0].valid;
    return kept == nullptr ? -1 : int{*kept};
  };
  EXPECT_EQ(bitmap_of(0b111), -1);
  EXPECT_EQ(bitmap_of(0b11111111), -1);
  EXPECT_EQ(bitmap_of(0b11111011), 0b011) << "bits past the last row are noise, and not kept";
}

TEST(ReportRows, NeighboursOfOneTextShareIt) {
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("s", BOURSE_TYPE_TEXT)});
  const std::string a1 = "BTCUSDT", a2 = "BTCUSDT", b = "BTCUSDC";
  const bourse_str texts[] = {borrow(a1), borrow(a2), borrow(b), borrow(a1)};
  const bourse_array column{texts, nullptr};
  EXPECT_EQ(say_rows(builder, number, 4, &column), BOURSE_OK);
  const bourse_array again{texts + 3, nullptr};
  EXPECT_EQ(say_rows(builder, number, 1, &again), BOURSE_OK);
  const auto report = finished(builder);
  const auto* const kept =
      static_cast<const bourse_str*>(report->wire().tables[0]->columns[0].data);
  EXPECT_EQ(kept[0].ptr, kept[1].ptr);
  EXPECT_EQ(view(kept[2]), "BTCUSDC");
  EXPECT_EQ(view(kept[3]), "BTCUSDT");
  EXPECT_EQ(kept[4].ptr, kept[3].ptr);
  EXPECT_NE(kept[0].ptr, a1.data());
}

TEST(ReportRows, TextsOfEveryLengthAreCopiedWholeAndRepaired) {
  for (std::size_t length = 0; length <= 70; ++length) {
    for (std::size_t at = 0; at <= length; ++at) {  // at == length: all of it is good
      std::string said(length, 'a');
      for (std::size_t i = 0; i < length; ++i) said[i] = static_cast<char>('a' + i % 26);
      std::string expected = said;
      if (at < length) {
        said[at] = '\xFF';
        expected.replace(at, 1, "\uFFFD");
      }
      ReportBuilder builder("p/c", "T");
      const std::uint32_t number = add_table(builder, {Field("s", BOURSE_TYPE_TEXT)});
      const bourse_str text = borrow(said);
      const bourse_array column{&text, nullptr};
      ASSERT_EQ(say_rows(builder, number, 1, &column), BOURSE_OK);
      const auto report = finished(builder);
      ASSERT_EQ(cell_of(*report->wire().tables[0], 0, 0), expected) << length << ", " << at;
    }
  }
}

TEST(ReportRows, DecimalsAreCheckedToTheLastCoefficient) {
  // 10^38 = 0x4B3B4CA85A86C47A098A224000000000, by Python.
  const bourse_i128 largest = {0x098A223FFFFFFFFF, 0x4B3B4CA85A86C47A};
  const bourse_i128 smallest = {0xF675DDC000000001, static_cast<std::int64_t>(0xB4C4B357A5793B85U)};
  const auto refused = [](std::vector<bourse_i128> rows) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, {Field("d", BOURSE_TYPE_DECIMAL)});
    const bourse_array column{rows.data(), nullptr};
    say_rows(builder, number, rows.size(), &column);
    return mistake(builder).message;
  };
  EXPECT_EQ(refused({largest, smallest, {0, 0}, {~0ULL, -1}}), "");
  const std::string where = "rows of table t: column d: row ";
  const std::string why = " has more than 38 digits";
  EXPECT_EQ(refused({largest, {largest.lo + 1, largest.hi}}), where + "1" + why);
  EXPECT_EQ(refused({{smallest.lo - 1, smallest.hi}, largest}), where + "0" + why);
  EXPECT_EQ(refused({{0, std::numeric_limits<std::int64_t>::min()}}), where + "0" + why);
  EXPECT_EQ(refused({{~0ULL, std::numeric_limits<std::int64_t>::max()}}), where + "0" + why);
}

TEST(ReportRows, TextsThatStandInOnePlaceShareOneCopyInACall) {
  // A column of few names, as a plugin has it that keeps each name once.
  const std::vector<std::string> names = {"BTCUSDT", "ETHUSDT", "a name of more than 16 bytes", ""};
  std::vector<bourse_str> rows;
  for (std::size_t i = 0; i < 1000; ++i) rows.push_back(borrow(names[i * i % names.size()]));
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("s", BOURSE_TYPE_TEXT)});
  const bourse_array column{rows.data(), nullptr};
  EXPECT_EQ(say_rows(builder, number, rows.size(), &column), BOURSE_OK);
  const auto report = finished(builder);
  const auto* const kept =
      static_cast<const bourse_str*>(report->wire().tables[0]->columns[0].data);
  std::set<const char*> copies;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_EQ(view(kept[i]), view(rows[i])) << i;
    copies.insert(kept[i].ptr);
  }
  EXPECT_LE(copies.size(), names.size());
}

TEST(ReportRows, WhatStoodInOnePlaceIsForgottenBetweenCalls) {
  std::string place = "BTCUSDT";
  const std::vector<bourse_str> rows(100, borrow(place));
  const bourse_array column{rows.data(), nullptr};
  ReportBuilder builder("p/c", "T");
  const std::uint32_t number = add_table(builder, {Field("s", BOURSE_TYPE_TEXT)});
  EXPECT_EQ(say_rows(builder, number, rows.size(), &column), BOURSE_OK);
  place = "ETHUSDT";
  EXPECT_EQ(say_rows(builder, number, rows.size(), &column), BOURSE_OK);
  const auto report = finished(builder);
  const auto* const kept =
      static_cast<const bourse_str*>(report->wire().tables[0]->columns[0].data);
  EXPECT_EQ(view(kept[99]), "BTCUSDT");
  EXPECT_EQ(view(kept[100]), "ETHUSDT");
}

TEST(ReportRows, AreTheSameHoweverManyComeAtOnce) {
  // Past every way in which a column's memory grows: 64 bytes to several MiB.
  constexpr std::size_t kRows = 400'000;
  std::vector<std::int64_t> integers(kRows);
  std::vector<std::uint8_t> booleans(kRows), valid(kRows / 8 + 8);
  std::vector<std::string> words(kRows);
  std::vector<bourse_str> texts(kRows);
  std::mt19937_64 random(7);
  for (std::size_t i = 0; i < kRows; ++i) {
    integers[i] = static_cast<std::int64_t>(random());
    booleans[i] = random() % 2;
    words[i] = std::string(random() % 20, 'x') + std::to_string(i);
    texts[i] = borrow(words[i]);
    if (random() % 16 != 0) valid[i / 8] |= static_cast<std::uint8_t>(1U << (i % 8));
  }
  const auto build = [&](std::size_t block) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(
        builder,
        {Field("i", BOURSE_TYPE_I64), Field("b", BOURSE_TYPE_BOOL), Field("s", BOURSE_TYPE_TEXT)});
    for (std::size_t row = 0; row < kRows; row += block) {  // blocks of 8: bitmaps begin at a byte
      const std::size_t n = std::min(block, kRows - row);
      const bourse_array columns[] = {{integers.data() + row, valid.data() + row / 8},
                                      {booleans.data() + row, nullptr},
                                      {texts.data() + row, nullptr}};
      EXPECT_EQ(say_rows(builder, number, n, columns, 3), BOURSE_OK);
    }
    return finished(builder);
  };
  const auto at_once = build(kRows);
  const auto in_parts = build(8);
  EXPECT_EQ(bytes_of(at_once->wire()), bytes_of(in_parts->wire()));
  const bourse_table& table = *in_parts->wire().tables[0];
  for (std::size_t row = 0; row < kRows; row += 997) {
    EXPECT_EQ(has_value(table.columns[0].valid, row), has_value(valid.data(), row));
    EXPECT_EQ(static_cast<const bourse_str*>(table.columns[2].data)[row].len, words[row].size());
  }
  const std::size_t least = kRows * (8 + 1 + sizeof(bourse_str)) + kRows / 8;
  for (const auto& report : {at_once, in_parts}) {
    EXPECT_GT(report->bytes(), least);
    EXPECT_LT(report->bytes(), least + kRows * 30) << "texts of at most 26 bytes, and little more";
  }
}

TEST(ReportRows, OfALengthWhoseBitmapsBytesNobodyCountsAreSafe) {
  // More rows than memory: refused before a byte is read, whatever the type.
  for (const bourse_type type : {BOURSE_TYPE_BOOL, BOURSE_TYPE_DECIMAL, BOURSE_TYPE_TEXT}) {
    ReportBuilder builder("p/c", "T");
    const std::uint32_t number = add_table(builder, {Field("a", type)});
    const bourse_array column{&type, reinterpret_cast<const std::uint8_t*>(8)};
    EXPECT_EQ(say_rows(builder, number, std::size_t{1} << 40, &column), BOURSE_UNPROCESSABLE);
    EXPECT_EQ(mistake(builder).message,
              "rows of table t: the report is larger than 536870912 bytes, the most that this host "
              "takes; ask for less");
  }
}

}  // namespace
}  // namespace bourse::host::test
