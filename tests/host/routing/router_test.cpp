// SPDX-License-Identifier: MIT
#include "host/routing/router.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace bourse::host {
namespace {

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> out;
  for (const std::string_view segment : split_path(path)) out.emplace_back(segment);
  return out;
}

/// Its templates are numbered from 0. Answers "3 x=1,y=2", or "none".
class Table {
 public:
  explicit Table(std::vector<std::string> templates) : templates_(std::move(templates)) {
    for (std::size_t i = 0; i < templates_.size(); ++i) {
      EXPECT_TRUE(router_.add(templates_[i], i)) << templates_[i];
    }
  }
  [[nodiscard]] std::string find(std::string_view path) const {
    const std::vector<std::string> segments = segments_of(path);
    const auto match = router_.find(segments);
    if (!match) return "none";
    std::string out = templates_[match->route];
    char separator = ' ';
    for (const auto& [name, value] : match->parameters) {
      out += separator + std::string(name) + "=" + std::string(value);
      separator = ',';
    }
    return out;
  }

 private:
  std::vector<std::string> templates_;
  Router router_;
};

TEST(Router, FindsWhatMatchesAndNothingElse) {
  const Table table({"/", "/a", "/a/b", "/a/{x}", "/a/{x}/c", "/{x}/{y}/c/{z}"});
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"/", "/"},
      {"/a", "/a"},
      {"/b", "none"},
      {"/A", "none"},
      {"/aa", "none"},
      {"/a/b", "/a/b"},
      {"/a/c", "/a/{x} x=c"},
      {"/a/{x}", "/a/{x} x={x}"},
      {"/a/z/c", "/a/{x}/c x=z"},
      {"/a/z/d", "none"},
      {"/a/z/c/q", "/{x}/{y}/c/{z} x=a,y=z,z=q"},
      {"/k/z/c/q", "/{x}/{y}/c/{z} x=k,y=z,z=q"},
      {"/k/z/d/q", "none"},
      {"/k/z/c", "none"},
      {"/k/z/c/q/r", "none"},
  };
  for (const auto& [path, expected] : cases) EXPECT_EQ(table.find(path), expected) << path;
}

TEST(Router, PrefersTheLiteralInTheLeftmostSegmentThatDiffers) {
  const Table table({"/{a}/{b}/{c}", "/x/{b}/{c}", "/{a}/y/z", "/x/y/{c}", "/x/{b}/z"});
  EXPECT_EQ(table.find("/x/y/z"), "/x/y/{c} c=z");
  EXPECT_EQ(table.find("/x/q/z"), "/x/{b}/z b=q");
  EXPECT_EQ(table.find("/x/q/r"), "/x/{b}/{c} b=q,c=r");
  EXPECT_EQ(table.find("/q/y/z"), "/{a}/y/z a=q");
  EXPECT_EQ(table.find("/q/y/r"), "/{a}/{b}/{c} a=q,b=y,c=r");
}

TEST(Router, ComesBackFromALiteralThatLeadsNowhere) {
  const Table table({"/a/b/d", "/a/{x}/c", "/{p}/b/{q}/e", "/{p}/{q}/{r}/f"});
  EXPECT_EQ(table.find("/a/b/d"), "/a/b/d");
  EXPECT_EQ(table.find("/a/b/c"), "/a/{x}/c x=b");
  EXPECT_EQ(table.find("/a/b/d/e"), "/{p}/b/{q}/e p=a,q=d");
  EXPECT_EQ(table.find("/a/b/d/f"), "/{p}/{q}/{r}/f p=a,q=b,r=d");
  EXPECT_EQ(table.find("/a/b/d/g"), "none");
}

TEST(Router, TemplatesOfOneShapeAreOneRoute) {
  Router router;
  EXPECT_TRUE(router.add("/a/{x}", 0));
  EXPECT_FALSE(router.add("/a/{y}", 1));
  EXPECT_FALSE(router.add("/a/{x}", 2));
  EXPECT_TRUE(router.add("/{x}/a", 3));
  const std::vector<std::string> path = {"a", "q"};
  const auto match = router.find(path);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route, 0U);
  EXPECT_EQ(match->parameters[0].first, "x") << "the refused ones left no trace";
}

TEST(Router, ALongPathCostsNoMoreThanTheDeepestTemplate) {
  // Every segment can be taken two ways, 2^30 in all, if the depth did not bound them.
  std::vector<std::string> templates;
  for (const char* last : {"/x", "/y"}) {
    std::string all_literal;
    std::string all_parameters;
    for (int i = 0; i < 10; ++i) {
      all_literal += "/a";
      all_parameters += "/{p" + std::to_string(i) + "}";
    }
    templates.push_back(all_literal + last);
    templates.push_back(all_parameters + last);
  }
  const Table table(templates);
  std::string path;
  for (int i = 0; i < 10; ++i) path += "/a";
  EXPECT_EQ(table.find(path + "/z"), "none");
  for (int i = 0; i < 50; ++i) path += "/a";
  EXPECT_EQ(table.find(path), "none");
}

TEST(Router, WhatLiesBelowAPathIsFoundWhereNothingElseMatches) {
  Router router;
  router.add("/a/{x}", 0);
  router.add("/a/b/c", 1);
  EXPECT_FALSE(router.add_literal(std::vector<std::string>{"a", "b", "c"}, 2));
  EXPECT_TRUE(router.add_literal(std::vector<std::string>{"a", "{y}"}, 2)) << "it is no template";
  router.add_below("/a", 2);
  const auto found = [&](const std::vector<std::string>& segments) -> std::string {
    const auto match = router.find(segments);
    if (!match) return "none";
    return std::to_string(match->route) + (match->beyond ? " beyond" : "") + ' ' +
           std::to_string(match->parameters.size());
  };
  EXPECT_EQ(found({"a", "z"}), "0 1");
  EXPECT_EQ(found({"a", "{y}"}), "2 0");
  EXPECT_EQ(found({"a", "b", "c"}), "1 0");
  EXPECT_EQ(found({"a"}), "2 beyond 0");
  EXPECT_EQ(found({"a", "b", "d"}), "2 beyond 0");
  EXPECT_EQ(found({"a", "z", "y"}), "2 beyond 0") << "the value of {x} is taken back";
  EXPECT_EQ(found({"b"}), "none");
  EXPECT_EQ(found({}), "none");
}

TEST(Router, AnEmptyOneFindsNothing) {
  const Router router;
  EXPECT_FALSE(router.find({}).has_value());
}

}  // namespace
}  // namespace bourse::host
