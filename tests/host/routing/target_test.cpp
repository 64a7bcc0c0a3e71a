// SPDX-License-Identifier: MIT
#include "host/routing/target.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bourse::host {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Segments = std::vector<std::string>;

TEST(Target, TellsOfASlashBehindThePath) {
  EXPECT_TRUE(parse_target("/a/")->has_slash_behind);
  EXPECT_EQ(parse_target("/a/b/?x=1/")->segments, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(parse_target("/a/b/?x=1/")->has_slash_behind);
  for (const char* without : {"/", "/a", "/a?x=/", "/a%2F", "/?x=1"}) {
    EXPECT_FALSE(parse_target(without)->has_slash_behind) << without;
  }
}

// Resolved by RFC 3986, 5.2: "/p/a/x" and "b" are "/p/a/b", "/p/a/x/" and "../b" are "/p/a/b".
TEST(Target, AnotherLastSegmentIsToldRelativeToTheRequest) {
  EXPECT_EQ(reference_to("b", false), "b");
  EXPECT_EQ(reference_to("b", true), "../b");
  EXPECT_EQ(reference_to("a/b c", false), "a%2Fb%20c");
  // RFC 3986, 4.2: a colon in the first segment would make a scheme of what is before it.
  EXPECT_EQ(reference_to("BTC:USD", false), "./BTC:USD");
  EXPECT_EQ(reference_to("BTC:USD", true), "../BTC:USD");
}

TEST(Target, IsTakenApartAndDecodedOnce) {
  struct Case {
    const char* raw;
    Segments segments;
    Pairs query;
  };
  const std::vector<Case> cases = {
      {"/", {}, {}},
      {"/?", {}, {}},
      {"/a", {"a"}, {}},
      {"/a/b.csv", {"a", "b.csv"}, {}},
      {"/a%20b/c", {"a b", "c"}, {}},
      {"/a+b", {"a+b"}, {}},           // in a path a plus is a plus
      {"/a%2Fb/c", {"a/b", "c"}, {}},  // an encoded slash separates nothing
      {"/%41%6a", {"Aj"}, {}},
      {"/%2541", {"%41"}, {}},  // once, not twice
      {"/...", {"..."}, {}},
      {"/.a", {".a"}, {}},
      {"/%E2%82%AC", {"\u20AC"}, {}},
      {"/a?x=1&y=2", {"a"}, {{"x", "1"}, {"y", "2"}}},
      {"/a?x=1&x=2", {"a"}, {{"x", "1"}, {"x", "2"}}},
      {"/a?x", {"a"}, {{"x", ""}}},
      {"/a?x=", {"a"}, {{"x", ""}}},
      {"/a?=1", {"a"}, {{"", "1"}}},
      {"/a?x=1=2", {"a"}, {{"x", "1=2"}}},
      {"/a?&&x=1&", {"a"}, {{"x", "1"}}},
      {"/a?x=a+b%2Bc", {"a"}, {{"x", "a b+c"}}},
      {"/a?x=%26%3D%3F", {"a"}, {{"x", "&=?"}}},
      {"/a?x=1?y=2", {"a"}, {{"x", "1?y=2"}}},
      {"/a?%78=1", {"a"}, {{"x", "1"}}},
      {"/a?x=/../", {"a"}, {{"x", "/../"}}},  // in a value dots are dots
  };
  for (const auto& [raw, segments, query] : cases) {
    const auto target = parse_target(raw);
    ASSERT_TRUE(target.ok()) << raw << ": " << target.failure().message;
    EXPECT_EQ(target->segments, segments) << raw;
    EXPECT_EQ(target->query, query) << raw;
  }
}

TEST(Target, ThatIsNoneIsRefused) {
  const std::vector<std::string> cases = {"",          "a",           "?x=1",
                                          "//",        "//a",         "/a//b",
                                          "/.",        "/..",         "/a/../b",
                                          "/a/./b",    "/%2e",        "/%2E%2e",
                                          "/a/%2e./b", "/%",          "/%4",
                                          "/%4g",      "/%g4",        "/a%",
                                          "/%%41",     "/%-1",        "/%00",
                                          "/a%00b",    "/a?x=%00",    "/a?%00=1",
                                          "/%0A",      "/a?x=%0d%0a", "/%7F",
                                          "/%C2%85",   "/%E2%80%AE",  "/a?x=%ff",
                                          "/%C0%AF",   "/%ED%A0%80",  "/%F4%90%80%80",
                                          "/\xff",     "/a?x=\xe2",   "/a?x=%",
                                          "/a?x=%1",   "/a?%zz=1",    std::string("/a\0b", 4)};
  for (const std::string& raw : cases) {
    const auto target = parse_target(raw);
    ASSERT_FALSE(target.ok()) << raw;
    EXPECT_EQ(target.failure().status, BOURSE_BAD_PARAM) << raw;
    EXPECT_EQ(target.failure().code, "bad_target") << raw;
    EXPECT_FALSE(target.failure().message.empty()) << raw;
  }
}

TEST(Target, MessagesShowWhatIsWrongWithoutItsControls) {
  const auto target = parse_target("/a?x=%0d%0aSet-Cookie:%20\x01");
  ASSERT_FALSE(target.ok());
  for (const char c : target.failure().message) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
}

TEST(Target, HasAtMost64Segments) {
  std::string path;
  for (int i = 0; i < 64; ++i) path += "/a";
  EXPECT_TRUE(parse_target(path).ok());
  EXPECT_FALSE(parse_target(path + "/a").ok());
}

TEST(Target, HasAtMost256QueryPairs) {
  std::string query = "/a?x=0";
  for (int i = 1; i < 256; ++i) query += "&x=" + std::to_string(i);
  const auto target = parse_target(query);
  ASSERT_TRUE(target.ok());
  EXPECT_EQ(target->query.size(), 256U);
  EXPECT_EQ(target->query.back().second, "255");
  EXPECT_FALSE(parse_target(query + "&x=256").ok());
  for (int i = 256; i < 300; ++i) query += "&y" + std::to_string(i) + "=1";
  EXPECT_FALSE(parse_target(query).ok());
  EXPECT_TRUE(parse_target("/a?" + std::string(5000, '&')).ok()) << "empty pairs are none";
}

}  // namespace
}  // namespace bourse::host
