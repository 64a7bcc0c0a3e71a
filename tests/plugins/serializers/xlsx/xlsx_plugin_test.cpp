// SPDX-License-Identifier: MIT
//
// xlsx.so as the host loads it.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugins/serializers/xlsx/sheet.hpp"
#include "plugins/serializers/xlsx/workbook.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& xlsx() {
  static const Component component("xlsx.so", "xlsx");
  return component;
}

/// Names of the parts, as the directory at the end of the file has them.
std::vector<std::string> parts_of(const std::string& file) {
  std::vector<std::string> names;
  for (std::size_t at = file.find("PK\x01\x02"); at != std::string::npos;
       at = file.find("PK\x01\x02", at + 1)) {
    const auto bytes = static_cast<unsigned char>(file[at + 28]);
    names.push_back(file.substr(at + 46, bytes));
  }
  return names;
}

ReportPtr flags(std::size_t rows) {
  return make_report([rows](const Call& call) {
    TableBuilder table("flags", "");
    const std::vector<std::optional<bool>> values(rows, true);
    table.column(Field("flag", BOURSE_TYPE_BOOL), values);
    call.add(table);
  });
}

TEST(XlsxPlugin, DescribesItself) {
  const bourse_component& c = xlsx().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
  EXPECT_STREQ(c.suffix, "xlsx");
  EXPECT_EQ(c.parts, BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES);
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(XlsxPlugin, RowsBeyondASheetGoOnInTheNext) {
  const auto last = xlsx().render(flags(xlsx::kRowsMax)->wire());
  ASSERT_TRUE(last.ok());
  const std::vector<std::string> one = {"[Content_Types].xml",        "_rels/.rels",
                                        "docProps/core.xml",          "xl/workbook.xml",
                                        "xl/_rels/workbook.xml.rels", "xl/styles.xml",
                                        "xl/worksheets/sheet1.xml",   "xl/worksheets/sheet2.xml"};
  EXPECT_EQ(parts_of(*last), one) << "one of rows, one of the report";
  const auto more = xlsx().render(flags(xlsx::kRowsMax + 1)->wire());
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(parts_of(*more).size(), one.size() + 1);
}

TEST(XlsxPlugin, AHundredColumnsEndInCV) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("c" + std::to_string(i));
  const auto report = make_report([&](const Call& call) {
    TableBuilder table("wide", "");
    const std::vector<std::optional<std::int64_t>> values = {7};
    for (const std::string& name : names) {
      table.column(Field(name.c_str(), BOURSE_TYPE_I64), values);
    }
    call.add(table);
  });
  std::string xml;
  std::vector<xlsx::LossCounts> lost(100);
  BlockBuffer out([&](std::string_view block) { xml += block; });
  xlsx::append_sheet(out, TableView(*report->wire().tables[0]), 0, 1, lost);
  out.flush();
  EXPECT_NE(xml.find("<c r=\"CV2\" s=\"7\"><v>7</v></c></row></sheetData>"
                     "<autoFilter ref=\"A1:CV2\"/>"),
            std::string::npos);
}

TEST(XlsxPlugin, StreamsALargeReportWithACompressorInMemory) {
  const Streamed all = stream(xlsx(), large_report(100'000)->wire(), {});
  EXPECT_EQ(all.status, BOURSE_OK);
  EXPECT_LE(all.largest_write, BlockBuffer::kBytes);
  EXPECT_GT(all.bytes, 30 * BlockBuffer::kBytes) << "too little to tell";
  EXPECT_LE(all.writes, all.bytes / (BlockBuffer::kBytes - 1024) + 2) << "blocks should be full";
  EXPECT_GE(all.polls, all.writes);
  EXPECT_LE(all.memory, std::size_t{512} << 10) << "zlib's tables, two blocks, nothing by row";
}

TEST(XlsxPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(xlsx(), large_report(20'000)->wire(), {}, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

TEST(XlsxPlugin, AReportOfNothingIsAWorkbookAllTheSame) {
  const auto bytes = xlsx().render(empty_report()->wire());
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(bytes->starts_with("PK\x03\x04"));
  EXPECT_EQ(parts_of(*bytes).size(), 7U);
}

}  // namespace
}  // namespace bourse::test
