// SPDX-License-Identifier: MIT
#include "plugins/serializers/xml/xml_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "bourse/report.hpp"

namespace bourse::xml {
namespace {

using namespace std::string_view_literals;

std::string text(std::string_view t) {
  std::string bytes;
  BlockBuffer out([&](std::string_view block) { bytes += block; });
  append_text(out, t);
  out.flush();
  return bytes;
}
std::string plain(const bourse_value& v) {
  std::string out;
  append_plain(out, v);
  return out;
}

constexpr auto kFffd = "\xEF\xBF\xBD"sv;

TEST(XmlText, EscapesMarkup) {
  EXPECT_EQ(text("a & b < c > d"), "a &amp; b &lt; c &gt; d");
  EXPECT_EQ(text("]]>"), "]]&gt;");
  EXPECT_EQ(text("&amp;"), "&amp;amp;");
  EXPECT_EQ(text("quotes \" ' may stand"), "quotes \" ' may stand");
}

TEST(XmlText, KeepsEndsOfLinesAsTheyWere) {
  // XML 1.0, 2.11: a reader turns CR LF and CR into LF, but not a reference.
  EXPECT_EQ(text("a\nb\tc"), "a\nb\tc");
  EXPECT_EQ(text("a\r\nb\r"), "a&#13;\nb&#13;");
}

TEST(XmlText, WhatXmlCannotHoldIsReplaced) {
  EXPECT_EQ(text("a\0b"sv), "a" + std::string(kFffd) + "b");
  for (char c = 1; c < 0x20; ++c) {
    if (c == '\t' || c == '\n' || c == '\r') continue;
    EXPECT_EQ(text(std::string(1, c)), kFffd) << int{c};
  }
  EXPECT_EQ(text("\xEF\xBF\xBE\xEF\xBF\xBF"), std::string(kFffd) + std::string(kFffd));
  EXPECT_EQ(text("\xC3("), std::string(kFffd) + "(") << "it swallows nothing";
  EXPECT_EQ(text("\xE2<\xA8"), std::string(kFffd) + "&lt;" + std::string(kFffd));
}

TEST(XmlText, WhatXmlCanHoldStays) {
  for (const auto t : {"\x7F"sv, "\xC2\x80"sv, "\xEF\xBF\xBD"sv, "\xEE\x80\x80"sv, "\xED\x9F\xBF"sv,
                       "\xF0\x9F\x9A\x80"sv, "\xF4\x8F\xBF\xBF"sv, "\xE2\x80\xA8"sv}) {
    EXPECT_EQ(text(t), t);
    EXPECT_EQ(count_illegal(t), 0U);
    EXPECT_FALSE(legal(t));
  }
}

TEST(XmlText, CountsCharactersNotBytes) {
  EXPECT_EQ(count_illegal(""), 0U);
  EXPECT_EQ(count_illegal("\x01<\xEF\xBF\xBE&\r"), 2U);
  EXPECT_EQ(legal("\x01<\xEF\xBF\xBE&\r"), std::string(kFffd) + "<" + std::string(kFffd) + "&\r");
}

TEST(XmlText, ATextLongerThanABlockIsWhole) {
  const std::string piece = "0123456789<";
  std::string long_text, want;
  while (long_text.size() < 3 * BlockBuffer::kBytes) {
    long_text += piece;
    want += "0123456789&lt;";
  }
  EXPECT_EQ(text(long_text), want);
}

TEST(XmlName, IsTheFieldsNameUnlessXmlKeepsItForItself) {
  EXPECT_EQ(element_name("close"), "close");
  EXPECT_EQ(element_name("x"), "x");
  EXPECT_EQ(element_name("xm"), "xm");
  EXPECT_EQ(element_name("size_xml"), "size_xml");
  EXPECT_EQ(element_name("xml"), "_x0078_ml");
  EXPECT_EQ(element_name("xmlns"), "_x0078_mlns");
  EXPECT_EQ(element_name("xml_size"), "_x0078_ml_size");
}

TEST(XmlValue, EveryTypeHasTheSpellingOfItsSchemaType) {
  EXPECT_EQ(plain(value(true)), "true");
  EXPECT_EQ(plain(value(false)), "false");
  EXPECT_EQ(plain(value(std::int64_t{-42})), "-42");
  EXPECT_EQ(plain(value(5.0)), "5.0");
  EXPECT_EQ(plain(value(1e300)), "1e+300");
  EXPECT_EQ(plain(value(Decimal::from("-0.10"))), "-0.10");
  EXPECT_EQ(plain(value(Time{1'734'688'800'250'000'000})), "2024-12-20T10:00:00.250Z");
}

TEST(XmlValue, NullNanAndInfinitiesHaveNoContent) {
  EXPECT_FALSE(has_content(null_value()));
  EXPECT_FALSE(has_content(value(INFINITY)));
  bourse_value nan = value(1.0);
  nan.as.f64 = std::nan("");
  EXPECT_FALSE(has_content(nan));
  EXPECT_TRUE(has_content(value("")));
  EXPECT_TRUE(has_content(value(-0.0)));
}

}  // namespace
}  // namespace bourse::xml
