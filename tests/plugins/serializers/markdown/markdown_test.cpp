// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugins/serializers/markdown/markdown_report.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::markdown {
namespace {

std::string escaped(std::string_view text) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append_text(out, text);
  out.flush();
  return bytes;
}

TEST(MarkdownText, NothingInItIsMarkup) {
  EXPECT_EQ(escaped("a|b"), "a\\|b");
  EXPECT_EQ(escaped("<b>*x*_y_`z`"), "\\<b\\>\\*x\\*\\_y\\_\\`z\\`");
  EXPECT_EQ(escaped("line\nnext\r\n# no heading"), "line next \\# no heading");
  EXPECT_EQ(escaped("- no list"), "\\- no list");
  EXPECT_EQ(escaped("-1.5"), "\\-1.5");
  EXPECT_EQ(escaped("BTC-USDT"), "BTC-USDT");
}

TEST(MarkdownText, NobodyIsMentionedAndNothingIsLinked) {
  EXPECT_EQ(escaped("@octocat"), "@\xE2\x81\xA0octocat");
  EXPECT_EQ(escaped("#12"),
            "\\#\xE2\x81\xA0"
            "12");
  EXPECT_EQ(escaped("https://a.example"), "https:\xE2\x81\xA0//a.example");
  EXPECT_EQ(escaped("www.a.example"),
            "www.\xE2\x81\xA0"
            "a.example");
}

class MarkdownPlugin : public ::testing::Test {
 protected:
  test::Component markdown_{"markdown.so", "markdown"};
};

TEST_F(MarkdownPlugin, AReportByHand) {
  const auto report = test::make_report([](const Call& call) {
    call.title("Prices");
    call.as_of(Time{1'734'688'800'000'000'000});
    call.warn("partial", "One is missing.");
    call.scalar(Field("count", BOURSE_TYPE_I64).labelled("Count"), std::int64_t{2});
    auto rows = call.begin("prices", "Prices", FieldOf<std::string_view>("symbol"),
                           FieldOf<Decimal>("price").scaled(2).in("USDT"));
    rows.add(std::string_view("A|B"), *Decimal::parse("1234.50"));
    rows.add(std::string_view("C"), std::optional<Decimal>());
    rows.flush();
  });
  const auto bytes = markdown_.render(report->wire(), {{"rows", "1"}});
  ASSERT_TRUE(bytes.ok()) << bytes.failure().message;
  EXPECT_EQ(*bytes,
            "# Prices\n"
            "\nAs of 2024-12-20 10:00 UTC.\n"
            "\n> **warning** One is missing.\n"
            "\n| Figure | Value |\n|---|--:|\n| Count | 2 |\n"
            "\n## Prices\n"
            "\n| symbol | price, USDT |\n|---|--:|\n"
            "| A\\|B | 1,234.5 |\n"
            "\nAnd 1 more row.\n");
}

TEST_F(MarkdownPlugin, AnAddressThatCouldEndTheLinkIsRefused) {
  for (const char* bad : {"javascript:alert(1)", "https://a b", "https://a>b", "ftp://a", "x"}) {
    const auto refused = markdown_.render(test::kitchen_sink()->wire(), {{"picture", bad}});
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_EQ(refused.failure().code, "bad_address");
  }
}

}  // namespace
}  // namespace bourse::markdown
