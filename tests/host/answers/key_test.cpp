// SPDX-License-Identifier: MIT
#include "host/answers/key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace bourse::host::test {
namespace {

TEST(SipHash, IsThatOfItsPaperAndOfItsReferenceImplementation) {
  // Appendix A of the paper: key 00 01 .. 0f, message 00 01 .. 0e. The others are vectors_sip64 of
  // the authors' reference code (github.com/veorq/SipHash) for lengths 0, 1, 8 and 63.
  constexpr std::uint64_t kLow = 0x0706050403020100U;
  constexpr std::uint64_t kHigh = 0x0f0e0d0c0b0a0908U;
  std::string message;
  for (int i = 0; i < 63; ++i) message += static_cast<char>(i);
  const auto hash = [&](std::size_t n) { return sip_hash(message.substr(0, n), kLow, kHigh); };
  EXPECT_EQ(hash(15), 0xa129ca6149be45e5U);
  EXPECT_EQ(hash(0), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(hash(1), 0x74f839c593dc67fdU);
  EXPECT_EQ(hash(8), 0x93f5f5799a932462U);
  EXPECT_EQ(hash(63), 0x958a324ceb064572U);
}

TEST(QuestionKey, IsEqualForTheSameQuestionOnly) {
  EXPECT_EQ(QuestionKey::of_dataset(1, "series", "a=1"),
            QuestionKey::of_dataset(1, "series", "a=1"));
  EXPECT_FALSE(QuestionKey::of_dataset(1, "series", "a=1") ==
               QuestionKey::of_dataset(2, "series", "a=1"))
      << "another instance";
  EXPECT_FALSE(QuestionKey::of_report(1, 2, "") == QuestionKey::of_report(2, 1, ""));
  const auto report = QuestionKey::of_report(1, 2, "a=1");
  EXPECT_FALSE(QuestionKey::of_rendering(report, 7, "x=1") ==
               QuestionKey::of_rendering(report, 7, "x=2"));
  EXPECT_FALSE(QuestionKey::of_rendering(report, 7, "") == report);
}

TEST(QuestionKey, TextsCannotPassAPartOfThemselvesToTheirNeighbours) {
  EXPECT_FALSE(QuestionKey::of_dataset(1, "ab", "c") == QuestionKey::of_dataset(1, "a", "bc"));
  EXPECT_FALSE(QuestionKey::of_dataset(1, "", "abc") == QuestionKey::of_dataset(1, "abc", ""));
  const auto one = QuestionKey::of_rendering(QuestionKey::of_report(1, 0, "b"), 2, "a");
  const auto two = QuestionKey::of_rendering(QuestionKey::of_report(1, 0, "ab"), 2, "");
  EXPECT_FALSE(one == two);
}

TEST(QuestionKey, KnowsItsKindAndWhatItTakes) {
  const auto report = QuestionKey::of_report(1, 0, std::string(500, 'x'));
  EXPECT_EQ(report.kind(), QuestionKind::kReport);
  EXPECT_EQ(QuestionKey::of_rendering(report, 2, "").kind(), QuestionKind::kRendering);
  EXPECT_GE(report.bytes(), 500U);
}

TEST(QuestionKey, HashesFillAllLanesOfATable) {
  std::set<std::uint64_t> top;
  std::set<std::uint64_t> all;
  for (int i = 0; i < 1000; ++i) {
    const auto hash = QuestionKey::of_report(1, 0, "limit=" + std::to_string(i)).hash();
    top.insert(hash >> 60U);
    all.insert(hash);
  }
  EXPECT_EQ(top.size(), 16U);
  EXPECT_EQ(all.size(), 1000U);
}

}  // namespace
}  // namespace bourse::host::test
