// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bourse::html {
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
std::string isolated(std::string_view t) {
  return written([&](BlockBuffer& out) { append_isolated(out, t); });
}

constexpr auto kFffd = "\xEF\xBF\xBD"sv;

TEST(HtmlText, EscapesMarkupAndQuotes) {
  EXPECT_EQ(text("<script>alert('x')</script>"), "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(text("\" onclick=\""), "&quot; onclick=&quot;");
  EXPECT_EQ(text("&amp; <!-- ]]>"), "&amp;amp; &lt;!-- ]]&gt;");
}

TEST(HtmlText, ControlsBecomePictures) {
  EXPECT_EQ(text("\0"sv), "\xE2\x90\x80");          // U+2400
  EXPECT_EQ(text("\x1B[31m"), "\xE2\x90\x9B[31m");  // U+241B
  EXPECT_EQ(text("\x7F"), "\xE2\x90\xA1");          // U+2421
  EXPECT_EQ(text("a\tb\nc"), "a\tb\nc") << "white space is no control";
}

TEST(HtmlText, EndsOfLinesAreOneLineFeed) {
  EXPECT_EQ(text("a\r\nb"), "a\nb");
  EXPECT_EQ(text("a\rb\r"),
            "a\xE2\x90\x8D"
            "b\xE2\x90\x8D")
      << "a lone one is a control";
}

TEST(HtmlText, WhatAPageMustNotHoldIsReplaced) {
  for (const auto t : {"\xC2\x80"sv, "\xC2\x9F"sv, "\xEF\xB7\x90"sv, "\xEF\xB7\xAF"sv,
                       "\xEF\xBF\xBE"sv, "\xEF\xBF\xBF"sv, "\xF4\x8F\xBF\xBF"sv, "\xFF"sv}) {
    EXPECT_EQ(text(t), kFffd);
  }
  EXPECT_EQ(text("\xC3<"), std::string(kFffd) + "&lt;") << "it swallows no markup";
}

TEST(HtmlText, OtherCharactersStay) {
  for (const auto t : {"\xC2\xA0"sv, "\xEF\xB7\x8F"sv, "\xEF\xB7\xB0"sv, "\xEF\xBF\xBD"sv,
                       "\xF0\x9F\x9A\x80"sv, "\xE2\x82\xBF"sv, "\xD7\xA9"sv}) {
    EXPECT_EQ(text(t), t);
  }
}

TEST(HtmlText, ForeignTextIsIsolated) {
  EXPECT_EQ(isolated("BTCUSDT"), "BTCUSDT");
  EXPECT_EQ(isolated(""), "");
  EXPECT_EQ(isolated("\xD7\xA9 <b>"), "<bdi>\xD7\xA9 &lt;b&gt;</bdi>");
}

TEST(HtmlText, NamesReadAsWords) {
  EXPECT_EQ(humanised("open_time"), "Open time");
  EXPECT_EQ(humanised("x"), "X");
  EXPECT_EQ(humanised(""), "");
}

}  // namespace
}  // namespace bourse::html
