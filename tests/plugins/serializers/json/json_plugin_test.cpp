// SPDX-License-Identifier: MIT
//
// json.so as the host loads it.
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& json() {
  static const Component component("json.so", "json");
  return component;
}

TEST(JsonPlugin, DescribesItself) {
  const bourse_component& c = json().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "application/json");
  EXPECT_STREQ(c.suffix, "json");
  EXPECT_EQ(c.parts,
            BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES);
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(JsonPlugin, ParametersChooseTheShape) {
  const auto report = kitchen_sink();
  const auto has = [&](const Texts& params, std::string_view text) {
    const auto bytes = json().render(report->wire(), params);
    return bytes.ok() && bytes->find(text) != std::string::npos;
  };
  EXPECT_TRUE(has({}, R"("rows":[{"symbol":"BTCUSDT","price":"-0.10"}])"));
  EXPECT_TRUE(has({{"layout", "objects"}}, R"("rows":[{"symbol":"BTCUSDT","price":"-0.10"}])"));
  EXPECT_TRUE(has({{"layout", "arrays"}}, R"("rows":[["BTCUSDT","-0.10"]])"));
  EXPECT_TRUE(
      has({{"layout", "columns"}}, R"("columns":{"symbol":["BTCUSDT"],"price":["-0.10"]})"));
  EXPECT_TRUE(has({{"pretty", "true"}}, "{\n  \"title\": "));
}

TEST(JsonPlugin, AWrongParameterIsRefusedByName) {
  const auto refused = json().render(kitchen_sink()->wire(), {{"layout", "table"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(refused.failure().parameter, "layout");
}

TEST(JsonPlugin, ATableIsOfRecordsOnly) {
  const auto refused = json().render(kitchen_sink()->wire(), {{"table", "one"}});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().code, "table_without_records");
  EXPECT_EQ(refused.failure().parameter, "table");
  const Component lines("json.so", "ndjson");
  for (const auto& unknown :
       {json().render(kitchen_sink()->wire(), {{"layout", "records"}, {"table", "none"}}),
        lines.render(kitchen_sink()->wire(), {{"table", "none"}})}) {
    ASSERT_FALSE(unknown.ok());
    EXPECT_EQ(unknown.failure().code, "table_not_found");
  }
}

TEST(JsonPlugin, LinesAreARowEach) {
  const Component lines("json.so", "ndjson");
  EXPECT_STREQ(lines.wire().media_type, "application/x-ndjson");
  const auto bytes = lines.render(kitchen_sink()->wire(), {{"table", "one"}});
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, "{\"symbol\":\"BTCUSDT\",\"price\":\"-0.10\"}\n");
  const Streamed all = stream(lines, large_report(100'000)->wire(), {null_value()});
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
  const Streamed cut = stream(lines, large_report(20'000)->wire(), {null_value()}, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

TEST(JsonPlugin, StreamsALargeReportThroughOneBlock) {
  const Streamed all =
      stream(json(), large_report(100'000)->wire(), {value("objects"), null_value(), value(false)});
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
}

TEST(JsonPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(json(), large_report(20'000)->wire(),
                              {value("objects"), null_value(), value(false)}, 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

}  // namespace
}  // namespace bourse::test
