// SPDX-License-Identifier: MIT
#include "host/http/accept_encoding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace bourse::host::test {
namespace {

/// What is sent of br, zstd and gzip, in this order; "-" for the bytes as they are.
std::string choose(std::string_view field) {
  static constexpr std::array<std::string_view, 3> kOffered = {"br", "zstd", "gzip"};
  const auto ranking = rank_codings(true, field, kOffered);
  if (ranking.empty()) return "406";
  const std::size_t best = *ranking.begin();
  return best == CodingRanking::kAsTheyAre ? "-" : std::string(kOffered[best]);
}

/// All of them, the best first.
std::string rank(std::string_view field) {
  static constexpr std::array<std::string_view, 3> kOffered = {"br", "zstd", "gzip"};
  std::string text;
  for (const std::size_t way : rank_codings(true, field, kOffered)) {
    text += text.empty() ? "" : " ";
    text += way == CodingRanking::kAsTheyAre ? "-" : kOffered[way];
  }
  return text;
}

// RFC 9110, 12.5.3: its five examples.
TEST(AcceptEncoding, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(choose("compress, gzip"), "gzip");
  EXPECT_EQ(choose(""), "-");
  EXPECT_EQ(choose("*"), "br");
  EXPECT_EQ(choose("compress;q=0.5, gzip;q=1.0"), "gzip");
  EXPECT_EQ(choose("gzip;q=1.0, identity; q=0.5, *;q=0"), "gzip");
}

TEST(AcceptEncoding, WithoutTheFieldTheBytesGoOutAsTheyAre) {
  static constexpr std::array<std::string_view, 1> kGzip = {"gzip"};
  EXPECT_EQ(*rank_codings(false, "", kGzip).begin(), CodingRanking::kAsTheyAre);
}

// T8 of the facts.
TEST(AcceptEncoding, IdentityIsRefusedByItsNameOrByAStarAlone) {
  EXPECT_EQ(choose("*;q=0"), "406");
  EXPECT_EQ(choose("identity;q=0"), "406");
  EXPECT_EQ(choose("identity, *;q=0"), "-");
  EXPECT_EQ(choose("gzip, *;q=0"), "gzip");
  EXPECT_EQ(choose("gzip;q=0, *"), "br");
  EXPECT_EQ(choose("br;q=0, zstd;q=0, gzip;q=0"), "-");
  EXPECT_TRUE(rank_codings(true, "identity;q=0", {}).empty()) << "a picture";
  EXPECT_EQ(*rank_codings(true, "gzip", {}).begin(), CodingRanking::kAsTheyAre) << "a picture";
}

// 2.2 of the facts.
TEST(AcceptEncoding, WeightsDecideAndThenOurOrder) {
  EXPECT_EQ(choose("gzip;q=0.5, identity"), "-");
  EXPECT_EQ(choose("gzip, br"), "br");
  EXPECT_EQ(choose("gzip, br;q=0.9"), "gzip");
  EXPECT_EQ(choose("gzip, identity"), "gzip") << "liked as much, and shorter";
  EXPECT_EQ(choose("br;q=0.001"), "br") << "named, so liked better than what is not";
}

TEST(AcceptEncoding, RanksAllThatIsTaken) {
  EXPECT_EQ(rank("gzip, deflate, br, zstd"), "br zstd gzip -") << "what browsers send";
  EXPECT_EQ(rank("gzip;q=0.9, zstd, br;q=0.9, identity;q=0.95"), "zstd - br gzip");
  EXPECT_EQ(rank("gzip, zstd, *;q=0"), "zstd gzip");
  EXPECT_EQ(rank("identity"), "-");
  EXPECT_EQ(rank("*;q=0"), "");
  EXPECT_EQ(rank("gzip;q=0.1, br;q=0.2, gzip;q=0.3"), "gzip br -") << "the last one counts";
}

TEST(AcceptEncoding, ReadsWhatIsWrittenOtherwise) {
  EXPECT_EQ(choose("GZIP"), "gzip");
  EXPECT_EQ(choose("x-gzip"), "gzip");
  EXPECT_EQ(choose("gzip ; Q = .5, br;q=0.4"), "gzip");
  EXPECT_EQ(choose("gzip;q=1.001, br"), "br");
  EXPECT_EQ(choose("gzip;q=x, gzip;level=9, @, br"), "br");
  EXPECT_EQ(choose(", gzip ,"), "gzip");
  EXPECT_EQ(choose("gzip;q=0.1234"), "-");
}

TEST(Compressible, TextIsAndPicturesAreNot) {
  for (const char* const yes : {"text/csv; charset=utf-8", "TEXT/html", "application/json",
                                "application/problem+json", "image/svg+xml", "application/x+xml"}) {
    EXPECT_TRUE(is_compressible(yes)) << yes;
  }
  for (const char* const no :
       {"image/png", "application/octet-stream", "video/mp4", "", "textual"}) {
    EXPECT_FALSE(is_compressible(no)) << no;
  }
}

}  // namespace
}  // namespace bourse::host::test
