// SPDX-License-Identifier: MIT
#include "host/base/suggest.hpp"

#include <gtest/gtest.h>

#include <array>

namespace bourse::host {
namespace {

constexpr std::array<std::string_view, 5> kKeys = {"format", "formats", "path", "run", "params"};

std::optional<std::string> meant(std::string_view given) {
  return suggest(given, std::span<const std::string_view>(kKeys));
}

TEST(EditDistance, CountsTheSlipsOfAHand) {
  EXPECT_EQ(edit_distance("format", "format"), 0u);
  EXPECT_EQ(edit_distance("format", "formt"), 1u);    // deleted
  EXPECT_EQ(edit_distance("format", "foormat"), 1u);  // inserted
  EXPECT_EQ(edit_distance("format", "formax"), 1u);   // replaced
  EXPECT_EQ(edit_distance("format", "fromat"), 1u);   // swapped
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);  // the example of every textbook
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("FORMAT", "format"), 0u);  // case is no slip
}

TEST(Suggest, FindsTheNearestName) {
  EXPECT_EQ(meant("fromat"), "format");
  EXPECT_EQ(meant("formatss"), "formats");
  EXPECT_EQ(meant("Path"), "path");
  EXPECT_EQ(meant("rnu"), "run");
  EXPECT_EQ(meant("parms"), "params");
}

TEST(Suggest, TakesTheLongFormOfAName) {
  EXPECT_EQ(meant("pathname"), "path");
  EXPECT_EQ(meant("Runner"), "run");
  EXPECT_EQ(meant("formatsoffered"), "formats") << "the longest that it begins with";
  EXPECT_EQ(meant("pa"), std::nullopt);
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(meant("colour"), std::nullopt);
  EXPECT_EQ(meant(""), std::nullopt);
  EXPECT_EQ(meant("x"), std::nullopt);
  EXPECT_EQ(meant(std::string(100'000, 'f')), std::nullopt);
  EXPECT_EQ(suggest("format", std::span<const std::string>()), std::nullopt);
}

TEST(Suggest, NeverReplacesEveryCharacterOfAShortName) {
  constexpr std::array<std::string_view, 2> kShort = {"x", "yz"};
  EXPECT_EQ(suggest("a", std::span<const std::string_view>(kShort)), std::nullopt);
}

}  // namespace
}  // namespace bourse::host
