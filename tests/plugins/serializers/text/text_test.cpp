// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugins/serializers/text/cells.hpp"
#include "tests/plugins/serializers/kitchen_sink.hpp"
#include "tests/support/test_host.hpp"

namespace bourse::text {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Cells, WideCharactersTakeTwoAndMarksNone) {
  EXPECT_EQ(cells_of("abc"), 3U);
  EXPECT_EQ(cells_of("币安"), 4U);
  EXPECT_EQ(cells_of("e\xCC\x81"), 1U);  // e, U+0301
  EXPECT_EQ(cells_of("–"), 1U);
  EXPECT_EQ(padded("币", 4, false), "币  ");
  EXPECT_EQ(padded("1.5", 5, true), "  1.5");
}

TEST(Cells, WhatDoesNotFitEndsInAnEllipsis) {
  EXPECT_EQ(fitted("abcdef", 6), "abcdef");
  EXPECT_EQ(fitted("abcdefg", 6), "abcde…");
  EXPECT_EQ(fitted("币安人生", 6), "币安…");  // the third would need two of one
}

TEST(Cells, LinesBreakAtBlanks) {
  EXPECT_EQ(wrapped("one two three", 8, "  "), "one two\n  three");
  EXPECT_EQ(wrapped("one two three", 0, "  "), "one two three");
  EXPECT_EQ(wrapped("averylongword x", 4, ""), "aver\nylon\ngwor\nd x");
  EXPECT_EQ(wrapped("an averylongword x", 6, "  "), "an\n  aver\n  ylon\n  gwor\n  d x");
}

class TextPlugin : public ::testing::Test {
 protected:
  std::string rendered(const test::ReportPtr& report, const test::Texts& params) {
    const auto bytes = text_.render(report->wire(), params);
    EXPECT_TRUE(bytes.ok()) << (bytes.ok() ? "" : bytes.failure().message);
    return bytes.ok() ? *bytes : "";
  }
  static test::ReportPtr prices() {
    return test::make_report([](const Call& call) {
      call.title("Prices");
      call.warn("partial", "One is missing.");
      call.scalar(Field("count", BOURSE_TYPE_I64).labelled("Count"), std::int64_t{2});
      call.scalar(Field("best", BOURSE_TYPE_F64).labelled("Best of them").in("%"), 1.5);
      auto rows = call.begin("prices", "Prices", FieldOf<std::string_view>("symbol"),
                             FieldOf<Decimal>("price").scaled(4).in("USDT"));
      rows.add(std::string_view("BTC"), *Decimal::parse("1234.5000"));
      rows.add(std::string_view("币安"), *Decimal::parse("0.0625"));
      rows.add(std::string_view("NONE"), std::optional<Decimal>());
      rows.flush();
    });
  }
  test::Component text_{"text.so", "text"};
};

TEST_F(TextPlugin, ColumnsAreAlignedAndSoAreDecimals) {
  EXPECT_EQ(rendered(prices(), {}),
            "Prices\n"
            "warning: One is missing.\n"
            "\n"
            "Count         2\n"
            "Best of them  1.5 %\n"
            "\n"
            "Prices\n"
            "symbol  price, USDT\n"
            "BTC      1,234.5000\n"
            "币安         0.0625\n"
            "NONE              –\n");
}

TEST_F(TextPlugin, WhatIsLeftOutIsCounted) {
  EXPECT_THAT(rendered(prices(), {{"rows", "1"}}),
              HasSubstr("BTC         1,234.5\nand 2 more rows; rows=3 shows all\n"));
}

TEST_F(TextPlugin, ColoursAreOnRequest) {
  EXPECT_THAT(rendered(prices(), {}), Not(HasSubstr("\x1B")));
  const std::string colored = rendered(prices(), {{"color", "true"}});
  EXPECT_THAT(colored, HasSubstr("\x1B[1mPrices\x1B[0m\n"));
  EXPECT_THAT(colored, HasSubstr("\x1B[33mwarning: One is missing.\x1B[0m\n"));
}

TEST_F(TextPlugin, NoLineIsWiderThanTheTerminal) {
  // The kitchen sink has numbers of 76 digits, which are not cut.
  for (const std::size_t width : {120U, 133U, 200U}) {
    const std::string all = rendered(test::kitchen_sink(), {{"width", std::to_string(width)}});
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t end = all.find('\n', at);
      const std::string line = all.substr(at, end - at);
      EXPECT_LE(cells_of(line), width) << line;
      at = end + 1;
    }
  }
}

TEST_F(TextPlugin, NothingOfTheReportReachesATerminalAsACommand) {
  for (const char c : rendered(test::kitchen_sink(), {{"rows", "10000"}})) {
    ASSERT_TRUE(c == '\n' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
  }
}

}  // namespace
}  // namespace bourse::text
