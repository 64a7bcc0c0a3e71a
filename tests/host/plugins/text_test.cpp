// SPDX-License-Identifier: MIT
#include "host/plugins/text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "bourse/bourse.h"

namespace bourse::host {
namespace {

TEST(PluginText, VersionsAreThoseOfSemanticVersioning) {
  // Examples of semver.org 2.0.0: paragraphs 2, 9, 10, and its list for regular expressions.
  for (const auto* text :
       {"0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.0.0-alpha",
        "1.0.0-alpha.1", "1.0.0-0.3.7", "1.0.0-x.7.z.92", "1.0.0-alpha+001", "1.0.0+20130313144700",
        "1.0.0-x-y-z.--", "1.0.0-alpha0.valid", "2.0.0+build.1848", "1.0.0-0A.is.legal"}) {
    EXPECT_TRUE(is_version(text)) << text;
  }
  for (const auto* text : {"",
                           "1",
                           "1.2",
                           "1.2.3-0123",
                           "1.2.3-0123.0123",
                           "1.1.2+.123",
                           "+invalid",
                           "-invalid",
                           "alpha",
                           "1.2.3.DEV",
                           "1.2-SNAPSHOT",
                           "01.1.1",
                           "1.01.1",
                           "1.1.01",
                           "1.2.3.4",
                           "1.0.0-alpha..1",
                           "1.0.0-",
                           "1.0.0+",
                           "v1.2.3",
                           "1.2.3 ",
                           "1.2.3-\xc3\xa9",
                           "-1.0.0",
                           "1..3"}) {
    EXPECT_FALSE(is_version(text)) << text;
  }
}

TEST(PluginText, NamesHaveTheirAlphabetsAndLimits) {
  EXPECT_TRUE(is_plugin_name("acme.trend-2"));
  EXPECT_FALSE(is_plugin_name("Acme"));
  EXPECT_FALSE(is_plugin_name("2acme"));
  EXPECT_FALSE(is_plugin_name("acme/trend"));
  EXPECT_TRUE(is_component_id("market-statistics"));
  EXPECT_FALSE(is_component_id("market.statistics"));
  EXPECT_FALSE(is_component_id(""));
  EXPECT_TRUE(is_component_id(std::string(BOURSE_MAX_ID_BYTES, 'a')));
  EXPECT_FALSE(is_component_id(std::string(BOURSE_MAX_ID_BYTES + 1, 'a')));
  EXPECT_TRUE(is_snake_name("open_time"));
  EXPECT_FALSE(is_snake_name("summary.breadth"));
  EXPECT_TRUE(is_suffix("csv"));
  EXPECT_FALSE(is_suffix(".csv"));
  EXPECT_FALSE(is_suffix("tar.gz"));
}

TEST(PluginText, MediaTypesCannotSmuggleAHeader) {
  for (const auto* text : {"text/csv", "text/csv; charset=utf-8", "image/svg+xml",
                           "application/x.a;b=c;d=\"e \\\" f\"", "a/b ;\tc=d"}) {
    EXPECT_TRUE(is_media_type(text)) << text;
  }
  for (const auto* text :
       {"", "text", "text/", "/csv", "text/csv\r\nX: y", "text/csv; charset=utf-8\r\n", "text/csv;",
        "text/csv; charset", "text/csv; a=\"\r\n\"", "text/csv; a=\"b", "text/csv; a=\"b\\",
        "text /csv", "text/csv; a=\"\x80\"", "text/csv; =b", "text/csv x=y"}) {
    EXPECT_FALSE(is_media_type(text)) << text;
  }
}

TEST(PluginText, LinesHaveNoControlsAndProseHasOnlyLayout) {
  EXPECT_TRUE(is_line("Größe, €"));
  EXPECT_FALSE(is_line("two\nlines"));
  EXPECT_FALSE(is_line("\xff"));
  EXPECT_TRUE(is_prose("two\r\n\tlines"));
  EXPECT_FALSE(is_prose("bell\a"));
  EXPECT_FALSE(is_prose("cut \xe2\x82"));
}

TEST(PluginText, ATextWithoutEndIsNotReadPastItsBound) {
  const std::string exact(8, 'x');
  EXPECT_EQ(bounded_text(exact.c_str(), 8), exact);
  EXPECT_EQ(bounded_text(exact.c_str(), 7), std::nullopt);
  const char endless[4] = {'a', 'b', 'c', 'd'};  // the address sanitizer watches its end
  EXPECT_EQ(bounded_text(endless, 3), std::nullopt);
  EXPECT_EQ(bounded_text(nullptr, 3), "");
}

}  // namespace
}  // namespace bourse::host
