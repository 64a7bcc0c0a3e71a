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
           // What is named goes before what is only not refused: Google's IMPORTDATA, axios, curl.
           {"text/csv, */*", "csv"},
           {"*/*, image/*", "png"},
           {"*/*, text/csv;header=absent", "json"},
           {"application/json, text/plain, */*", "json"},
           {"text/csv;q=0.9, */*", "json"},
           // Other names of what is offered.
           {"application/csv", "csv"},
           {"text/comma-separated-values;q=0.5, */*;q=0.1", "csv"},
           {"text/json", "json"},
           {"text/x-json; charset=utf-8", "json"},
           {"text/csv;q=0.5, application/csv;q=0.2", "csv"},
           {"application/csv;q=0.5, text/csv;q=0.2, image/png;q=0.3", "png"},
           {"text/xml", "not_acceptable"},
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

TEST(Format, ThatIsAlmostOneOfTheOfferIsSuggested) {
  const auto of = [](const char* query) {
    return choose_format(kOffer, {.query = query}).failure().message;
  };
  EXPECT_NE(of("CSV").find("Did you mean csv?"), std::string::npos) << of("CSV");
  EXPECT_NE(of("jsno").find("Did you mean json?"), std::string::npos) << of("jsno");
  EXPECT_EQ(of("parquet").find("Did you mean"), std::string::npos) << of("parquet");
}

TEST(Format, MessagesShowNoControlsOfTheClient) {
  const auto chosen = choose_format(kOffer, {.query = "a\x1b[31m\nb"});
  ASSERT_FALSE(chosen.ok());
  for (const char c : chosen.failure().message) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

}  // namespace
}  // namespace bourse::host
