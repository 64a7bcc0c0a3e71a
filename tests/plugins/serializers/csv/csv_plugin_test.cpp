// SPDX-License-Identifier: MIT
//
// csv.so as the host loads it.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& csv() {
  static const Component component("csv.so", "csv");
  return component;
}

std::string rendered(const ReportPtr& report, const Texts& params = {}) {
  const auto bytes = csv().render(report->wire(), params);
  return bytes.ok() ? *bytes : "failed: " + bytes.failure().code;
}

ReportPtr prices() {
  return make_report([](const Call& call) {
    call.scalar(Field("summary.mean", BOURSE_TYPE_F64).in("USDT"), -1.5);
    call.scalar(Field("summary.word", BOURSE_TYPE_TEXT), "=1");
    const std::vector<std::string> symbols = {"A", "B"};
    const std::vector<std::optional<Decimal>> amounts = {Decimal::from("-1.50"), std::nullopt};
    for (const char* name : {"first", "second"}) {
      TableBuilder table(name, "");
      table
          .column(Field(name == std::string("first") ? "symbol" : "name", BOURSE_TYPE_TEXT),
                  symbols)
          .column(Field("price", BOURSE_TYPE_DECIMAL), amounts);
      call.add(table);
    }
  });
}

TEST(CsvPlugin, DescribesItself) {
  const bourse_component& c = csv().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "text/csv; charset=utf-8; header=present");
  EXPECT_STREQ(c.suffix, "csv");
  EXPECT_EQ(c.parts, BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES);
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(CsvPlugin, GivesTheFirstTableOrTheOneAskedFor) {
  EXPECT_EQ(rendered(prices()), "symbol,price\r\nA,-1.50\r\nB,\r\n");
  EXPECT_EQ(rendered(prices(), {{"table", "second"}}), "name,price\r\nA,-1.50\r\nB,\r\n");
}

TEST(CsvPlugin, GivesTheSingleValuesWhenAskedOrWhenThereIsNoTable) {
  const std::string lines = "name,value,unit\r\nsummary.mean,-1.5,USDT\r\nsummary.word,'=1,\r\n";
  EXPECT_EQ(rendered(prices(), {{"table", "values"}}), lines);
  const auto no_table = make_report([](const Call& call) {
    call.scalar(Field("summary.mean", BOURSE_TYPE_F64).in("USDT"), -1.5);
    call.scalar(Field("summary.word", BOURSE_TYPE_TEXT), "=1");
  });
  EXPECT_EQ(rendered(no_table), lines);
}

TEST(CsvPlugin, ParametersChooseTheShape) {
  EXPECT_EQ(rendered(prices(), {{"delimiter", "semicolon"}}), "symbol;price\r\nA;-1.50\r\nB;\r\n");
  EXPECT_EQ(rendered(prices(), {{"delimiter", "tab"}}), "symbol\tprice\r\nA\t-1.50\r\nB\t\r\n");
  EXPECT_EQ(rendered(prices(), {{"header", "false"}}), "A,-1.50\r\nB,\r\n");
}

TEST(CsvPlugin, AnUnknownTableIsNotFoundAndTheTablesAreListed) {
  const auto refused = csv().render(prices()->wire(), {{"table", "pairs"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().status, BOURSE_NOT_FOUND);
  EXPECT_EQ(refused.failure().code, "table_not_found");
  EXPECT_EQ(refused.failure().parameter, "table");
  EXPECT_EQ(refused.failure().message,
            "There is no table pairs in this report. It has: first, second, values (its single "
            "values).");
}

TEST(CsvPlugin, AnUnknownDelimiterIsRefusedByName) {
  const auto refused = csv().render(prices()->wire(), {{"delimiter", "|"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(refused.failure().parameter, "delimiter");
  for (const Texts& params :
       {Texts{{"decimal", "comma"}}, Texts{{"dialect", "excel"}, {"decimal", "comma"}},
        Texts{{"dialect", "excel"}, {"locale", "de"}, {"delimiter", "comma"}}}) {
    const auto twice = csv().render(prices()->wire(), params);
    ASSERT_FALSE(twice.ok());
    EXPECT_EQ(twice.failure().code, "comma_twice");
  }
}

TEST(CsvPlugin, ANullAloneInItsLineIsStillARow) {
  const auto report = make_report([](const Call& call) {
    TableBuilder table("lone", "");
    const std::vector<std::optional<std::int64_t>> values = {1, std::nullopt, 3};
    table.column(Field("value", BOURSE_TYPE_I64), values);
    call.add(table);
  });
  EXPECT_EQ(rendered(report), "value\r\n1\r\n\"\"\r\n3\r\n");
}

TEST(CsvPlugin, HeadersAreSentOnlyWhenTheyHoldSomething) {
  Texts headers;
  ASSERT_TRUE(csv().render(empty_report()->wire(), {}, &headers).ok());
  EXPECT_TRUE(headers.empty());
  ASSERT_TRUE(csv().render(prices()->wire(), {}, &headers).ok());
  ASSERT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers[0].first, "Link");
}

/// table, delimiter, header, dialect, locale, decimal, bom
const std::vector<bourse_value> kDefaults = {null_value(),     null_value(), value(true),
                                             value("rfc4180"), value("en"),  null_value(),
                                             null_value()};

TEST(CsvPlugin, StreamsALargeReportThroughOneBlock) {
  const Streamed all = stream(csv(), large_report(100'000)->wire(), kDefaults);
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
}

TEST(CsvPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(csv(), large_report(20'000)->wire(), kDefaults, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

}  // namespace
}  // namespace bourse::test
