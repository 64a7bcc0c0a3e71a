// SPDX-License-Identifier: MIT
#include "host/routing/format.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse::host {
namespace {

const std::vector<FormatOffer> kOffer = {{"json", "json", "application/json"},
                                         {"csv", "csv", "text/csv; charset=utf-8"},
                                         {"html", "htm", "text/html; charset=utf-8"},
                                         {"png", "png", "image/png"}};

/// The id of the choice, or the code of the failure.
std::string choice(const FormatWish& wish, std::span<const FormatOffer> offer = kOffer) {
  const auto chosen = choose_format(offer, wish);
  return chosen.ok() ? offer[*chosen].id : chosen.failure().code;
}

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

TEST(Format, IsThatOfTheSuffixBeforeAllElse) {
  EXPECT_EQ(choice({.suffix = "csv"}), "csv");
  EXPECT_EQ(choice({.suffix = "htm", .accept = "image/png"}), "html");
  EXPECT_EQ(choice({.suffix = "csv", .query = "csv"}), "csv");
}

TEST(Format, OfSuffixAndQueryThatDisagreeIsRefused) {
  const auto chosen = choose_format(kOffer, {.suffix = "csv", .query = "png"});
  ASSERT_FALSE(chosen.ok());
  EXPECT_EQ(chosen.failure().status, BOURSE_BAD_PARAM);
  EXPECT_EQ(chosen.failure().code, "format_conflict");
  EXPECT_EQ(chosen.failure().parameter, "format");
  EXPECT_EQ(chosen.failure().message,
            "The path asks for csv, the query for png. Leave one of them out.");
}

TEST(Format, IsThatOfTheQueryBeforeAccept) {
  EXPECT_EQ(choice({.query = "png", .accept = "text/csv"}), "png");
  EXPECT_EQ(choice({.query = "html"}), "html");
  EXPECT_EQ(choice({.query = "htm"}), "not_acceptable") << "?format= says the id, not the suffix";
  EXPECT_EQ(choice({.query = "JSON"}), "not_acceptable");
  EXPECT_EQ(choice({.query = ""}), "not_acceptable");
}

TEST(Format, IsThatOfAcceptByQualityThenByTheOrderOfTheOffer) {
  struct Case {
    const char* accept;
    const char* chosen;
  };
  for (const auto& [accept, chosen] : std::vector<Case>{
           {"", "json"},
           {"*/*", "json"},
           {"image/png", "png"},
           {"image/*", "png"},
           {"text/*", "csv"},
           {"text/html, text/csv", "csv"},
           {"text/html, text/csv;q=0.9", "html"},
           {"text/csv;q=0.5, application/json;q=0.5", "json"},
           {"application/json;q=0, */*;q=0.1", "csv"},
           {"image/png;q=0.001", "png"},
           // A browser's.
           {"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "html"},
           {"application/pdf", "not_acceptable"},
           {"*/*;q=0", "not_acceptable"},
           {"application/json;q=0", "not_acceptable"},
           {"nonsense", "json"},
           // T9 of the facts on HTTP, and what Java sends.
           {"*; q=.2", "json"},
           {"application/json;charset=\"UTF-8\"", "json"},
           {"application/json;odata.metadata=minimal", "json"},
           {"application/json;profile=x;q=0, */*", "json"},
           {"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "html"},
           {"text/csv;q=7", "json"},
       }) {
    EXPECT_EQ(choice({.accept = accept}), chosen) << accept;
  }
}

TEST(Format, ThatIsNotOfferedIs406WithTheOffer) {
  for (const FormatWish& wish :
       {FormatWish{.query = "pdf"}, FormatWish{.accept = "application/pdf"}}) {
    const auto chosen = choose_format(kOffer, wish);
    ASSERT_FALSE(chosen.ok());
    EXPECT_EQ(chosen.failure().status, 406);
    EXPECT_EQ(chosen.failure().offer, (std::vector<std::string>{"json", "csv", "html", "png"}));
    EXPECT_NE(chosen.failure().message.find("json, csv, html, png"), std::string::npos);
  }
}

TEST(Format, WhereThereIsOneIsThatWhateverAcceptSays) {
  const std::vector<FormatOffer> one = {kOffer[1]};
  EXPECT_EQ(choice({.accept = "image/png"}, one), "csv");
  EXPECT_EQ(choice({.accept = "*/*;q=0"}, one), "csv");
  EXPECT_EQ(choice({.query = "csv"}, one), "csv");
  EXPECT_EQ(choice({.query = "png"}, one), "not_acceptable");
}

TEST(Format, MessagesShowNoControlsOfTheClient) {
  const auto chosen = choose_format(kOffer, {.query = "a\x1b[31m\nb"});
  ASSERT_FALSE(chosen.ok());
  for (const char c : chosen.failure().message) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

}  // namespace
}  // namespace bourse::host
