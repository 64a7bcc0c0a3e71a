// SPDX-License-Identifier: MIT
#include "host/http/accept.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bourse::host {
namespace {

TEST(AcceptQuality, IsThatOfTheMostSpecificRange) {
  // RFC 9110, 12.5.1, its example and its table.
  constexpr const char* kExample =
      "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, "
      "*/*;q=0.5";
  EXPECT_EQ(accept_quality(kExample, "text/plain;format=flowed"), 1000);
  EXPECT_EQ(accept_quality(kExample, "text/plain"), 700);
  EXPECT_EQ(accept_quality(kExample, "text/html"), 300);
  EXPECT_EQ(accept_quality(kExample, "image/jpeg"), 500);
  EXPECT_EQ(accept_quality(kExample, "text/plain;format=fixed"), 400);
  EXPECT_EQ(accept_quality(kExample, "text/html;level=3"), 300);
}

TEST(AcceptQuality, OfOneRange) {
  struct Case {
    const char* accept;
    int quality;  // of "text/csv; charset=utf-8"
  };
  for (const auto& [accept, quality] : std::vector<Case>{
           {"text/csv", 1000},
           {"TEXT/CSV", 1000},
           {"text/csv;charset=utf-8", 1000},
           {"text/csv; charset=\"UTF-8\"", 1000},
           {"text/csv; charset=latin1", 1000},  // better than nothing
           {"text/csv;header=absent", 1000},
           {"text/csv;header=absent;q=0.2, text/*;q=0.1", 100},
           {"text/csv;header=absent;q=0, */*;q=0.3", 300},
           {"text/csv;header=absent;q=0", 0},
           {"text/csv;q=0.4;charset=utf-8", 400},
           {"*", 1000},
           {"*; q=.2", 200},
           {"*;q=0", 0},
           {"text/*", 1000},
           {"*/*", 1000},
           {"text/csvx", 0},
           {"text/html", 0},
           {"application/*", 0},
           {"text/csv;q=0.5", 500},
           {"text/csv;q=.5", 500},
           {"text/csv;Q=0.5", 500},
           {"text/csv ; q=0.123 ; ext=1", 123},
           {"text/csv;q=0", 0},
           {"text/csv;q=0.000", 0},
           {"text/csv;q=1.000", 1000},
           {"text/csv;q=1.", 1000},
           {"text/csv;q=0.001", 1},
           {" , ,text/csv", 1000},
           {"text/csv;q=0.2, text/csv;q=0.8", 800},
           {"text/csv;q=0.1, */*", 100},
           {"", 1000},
           {" , ", 1000},
           // Not readable, so it counts as none.
           {"text/csv;q=2", -1},
           {"text/csv;q=1.001", -1},
           {"text/csv;q=.5555", -1},
           {"text/csv;q=.", -1},
           {"text/csv;q=0.1234", -1},
           {"text/csv;q=-1", -1},
           {"text/csv;q=", -1},
           {"text/csv;q", -1},
           {"text/csv;q=abc", -1},
           {"text", -1},
           {"/", -1},
           {"text/", -1},
           {"/csv", -1},
           {"text/csv, nonsense", -1},
       }) {
    EXPECT_EQ(accept_quality(accept, "text/csv; charset=utf-8"), quality) << accept;
  }
}

TEST(AcceptQuality, ACommaInQuotationMarksSeparatesNothing) {
  EXPECT_EQ(accept_quality(R"(a/b;x="1,2;3\",4";q=0.5, text/csv;q=0.25)", "text/csv"), 250);
  EXPECT_EQ(accept_quality(R"(text/csv;x="unclosed, text/html)", "text/html"), 0);
}

TEST(AcceptQuality, OfAnotherNameOfTheMediaTypeIsLessExactThanOfItsOwn) {
  EXPECT_EQ(accept_quality("text/xml", "application/xml"), 1000);
  EXPECT_EQ(accept_quality("Text/XML;q=0.3", "application/xml"), 300);
  EXPECT_EQ(accept_quality("application/xml", "text/xml"), 1000) << "whichever a format declares";
  EXPECT_EQ(accept_quality("text/xml;q=0.9, application/xml;q=0.1", "application/xml"), 100);
  EXPECT_EQ(accept_quality("text/xml;q=0.9, application/*;q=0.1", "application/xml"), 900);
  EXPECT_EQ(accept_quality("text/xml;q=0, */*", "application/xml"), 0);
  EXPECT_EQ(accept_quality("text/xml", "text/csv"), 0);
  EXPECT_EQ(accept_quality("image/jpg", "image/jpeg"), 1000);
  EXPECT_EQ(accept_quality("", "application/xml"), 1000);
  const Liking own = accept_liking("application/xml", "application/xml");
  const Liking other = accept_liking("text/xml", "application/xml");
  const Liking any = accept_liking("*/*", "application/xml");
  EXPECT_GT(own.exactness, other.exactness);
  EXPECT_GT(other.exactness, any.exactness);
}

TEST(PrefersHtml, WhoSaysSoMoreThanOfWhatProgramsRead) {
  for (const char* accept :
       {// Firefox, Chromium, Safari: navigation.
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,"
        "*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        "text/html, application/xhtml+xml, image/jxr, */*;q=0.5", "text/html, */*", "text/html",
        "text/html;q=0.5, application/json;q=0.4", "TEXT/HTML;charset=utf-8, */*;q=0.1"}) {
    EXPECT_TRUE(prefers_html(accept)) << accept;
  }
  for (const char* accept :
       {"", "*/*", "text/*", "text/*, */*;q=0.1", "application/json", "text/html;q=0",
        "application/json, text/html;q=0.9", "text/html, application/json",
        "application/problem+json, text/html;q=0.9", "nonsense", "text/html;q=7", "image/png,*/*",
        "application/xml", "application/json, text/plain, */*"}) {
    EXPECT_FALSE(prefers_html(accept)) << accept;
  }
}

}  // namespace
}  // namespace bourse::host
