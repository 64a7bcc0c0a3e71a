// SPDX-License-Identifier: MIT
//
// html.so as the host loads it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/serializers/html/html_assets.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/plugins/serializers/streaming.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::test {
namespace {

const Component& html() {
  static const Component component("html.so", "html");
  return component;
}

std::vector<bourse_value> arguments(std::int64_t rows) {
  return {value("auto"), value(rows), value("given"), value("short")};
}

TEST(HtmlPlugin, DescribesItself) {
  const bourse_component& c = html().wire();
  EXPECT_EQ(c.kind, BOURSE_KIND_SERIALIZER);
  EXPECT_STREQ(c.media_type, "text/html; charset=utf-8");
  EXPECT_STREQ(c.suffix, "html");
  EXPECT_EQ(c.parts,
            BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES);
  EXPECT_NE(c.flags & BOURSE_COMPONENT_PURE, 0U);
}

TEST(HtmlPlugin, SendsThePolicyOfThePage) {
  Texts headers;
  ASSERT_TRUE(html().render(kitchen_sink()->wire(), {}, &headers).ok());
  ASSERT_EQ(headers.size(), 1U);
  EXPECT_EQ(headers[0].first, "Content-Security-Policy");
  EXPECT_EQ(headers[0].second, html::Assets().policy(""));
}

TEST(HtmlPlugin, ParametersChooseThemeAndRows) {
  const auto report = kitchen_sink();
  const auto has = [&](const Texts& params, std::string_view text) {
    const auto bytes = html().render(report->wire(), params);
    return bytes.ok() && bytes->find(text) != std::string::npos;
  };
  EXPECT_TRUE(has({}, "<html lang=\"en\">"));
  EXPECT_TRUE(has({{"theme", "auto"}}, "<html lang=\"en\">"));
  EXPECT_TRUE(has({{"theme", "dark"}}, "<html lang=\"en\" class=\"dark\">"));
  EXPECT_TRUE(has({{"rows", "5"}}, "The first 5 of 12 rows."));
  EXPECT_FALSE(has({}, "The first "));
}

TEST(HtmlPlugin, AWrongParameterIsRefusedByName) {
  for (const auto& [name, text] : Texts{{"theme", "blue"},
                                        {"rows", "0"},
                                        {"rows", "1000001"},
                                        {"order", "up"},
                                        {"digits", "9"}}) {
    const auto refused = html().render(kitchen_sink()->wire(), {{name, text}});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.failure().status, BOURSE_BAD_PARAM);
    EXPECT_EQ(refused.failure().parameter, name);
  }
}

TEST(HtmlPlugin, StreamsALargeReportThroughOneBlock) {
  const Streamed all = stream(html(), large_report(100'000)->wire(), arguments(1'000'000));
  EXPECT_EQ(all.status, BOURSE_OK);
  expect_bounded(all);
}

TEST(HtmlPlugin, ShowsAThousandRowsOfALargeReportByDefault) {
  const auto report = large_report(100'000);
  const Streamed some = stream(html(), report->wire(), arguments(1'000));
  EXPECT_EQ(some.status, BOURSE_OK);
  EXPECT_LT(some.bytes, std::size_t{1} << 20);
  const auto page = html().render(report->wire());
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->size(), some.bytes);
  EXPECT_NE(page->find("The first 1,000 of 100,000 rows."), std::string::npos);
}

TEST(HtmlPlugin, StopsSoonWhenTheClientIsGone) {
  const Streamed cut = stream(html(), large_report(20'000)->wire(), arguments(1'000'000), 3);
  EXPECT_EQ(cut.status, BOURSE_CANCELLED);
  EXPECT_EQ(cut.writes, 2U);
}

}  // namespace
}  // namespace bourse::test
