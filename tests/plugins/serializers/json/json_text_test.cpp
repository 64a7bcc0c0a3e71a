// SPDX-License-Identifier: MIT
#include "plugins/serializers/json/json_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bourse/report.hpp"

namespace bourse::json {
namespace {

using namespace std::string_view_literals;

template <class Append>
std::string written(const Append& append) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append(out);
  out.flush();
  return bytes;
}
std::string text(std::string_view t) {
  return written([&](BlockBuffer& out) { append_text(out, t); });
}
std::string json(const bourse_value& v) {
  return written([&](BlockBuffer& out) { append_value(out, v); });
}

TEST(JsonText, EscapesWhatRfc8259Asks) {
  EXPECT_EQ(text(""), R"("")");
  EXPECT_EQ(text("plain /slash/ <&>"), R"("plain /slash/ <&>")");
  EXPECT_EQ(text("say \"\\\""), R"("say \"\\\"")");
  EXPECT_EQ(text("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(text("\0\x01\x1f\x7f"sv), "\"\\u0000\\u0001\\u001f\x7f\"");
}

TEST(JsonText, EscapesTheLineEndsOfJavaScript) {
  EXPECT_EQ(text("a\xE2\x80\xA8"
                 "b\xE2\x80\xA9"
                 "c"),
            R"("a\u2028b\u2029c")");
  EXPECT_EQ(text("\xE2\x80\xA7\xE2\x80\xAA"), "\"\xE2\x80\xA7\xE2\x80\xAA\"") << "neighbours stay";
}

TEST(JsonText, LeavesOtherCharactersAsTheyAre) {
  EXPECT_EQ(text("\xD7\xA9 \xE2\x82\xBF \xF0\x9F\x9A\x80"),
            "\"\xD7\xA9 \xE2\x82\xBF \xF0\x9F\x9A\x80\"");
}

TEST(JsonText, BytesThatAreNoUtf8BecomeReplacements) {
  EXPECT_EQ(text("a\xFF"
                 "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(text("\xC3"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xE2\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  EXPECT_EQ(text("\xE2\"\xA8"), "\"\xEF\xBF\xBD\\\"\xEF\xBF\xBD\"")
      << "it swallows no quotation mark";
}

TEST(JsonValue, IntegersThatADoubleCannotHoldAreStrings) {
  constexpr std::int64_t kSafe = 9007199254740991;  // 2^53 - 1, as in RFC 7493
  EXPECT_EQ(json(value(kSafe)), "9007199254740991");
  EXPECT_EQ(json(value(-kSafe)), "-9007199254740991");
  EXPECT_EQ(json(value(kSafe + 1)), R"("9007199254740992")");
  EXPECT_EQ(json(value(-kSafe - 1)), R"("-9007199254740992")");
  EXPECT_EQ(json(value(std::int64_t{0})), "0");
}

TEST(JsonValue, RealsStayRealsAndLegal) {
  EXPECT_EQ(json(value(5.0)), "5.0");
  EXPECT_EQ(json(value(-0.0)), "-0.0");
  EXPECT_EQ(json(value(0.1)), "0.1");
  EXPECT_EQ(json(value(1e300)), "1e+300");
  EXPECT_EQ(json(value(INFINITY)), "null");
  bourse_value nan = value(1.0);
  nan.as.f64 = std::nan("");
  EXPECT_EQ(json(nan), "null");
}

TEST(JsonValue, EveryOtherTypeHasOneSpelling) {
  EXPECT_EQ(json(null_value()), "null");
  EXPECT_EQ(json(value(true)), "true");
  EXPECT_EQ(json(value(false)), "false");
  EXPECT_EQ(json(value(Decimal::from("96407.99000000"))), R"("96407.99000000")");
  EXPECT_EQ(json(value(Time{1'734'688'800'250'000'000})), R"("2024-12-20T10:00:00.250Z")");
  EXPECT_EQ(json(value("\"")), R"("\"")");
  bourse_value unknown{};
  unknown.type = 99;
  EXPECT_EQ(json(unknown), "null");
}

}  // namespace
}  // namespace bourse::json
