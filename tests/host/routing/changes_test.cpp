// SPDX-License-Identifier: MIT
//
// What a generation takes over from the one before it, and what is told of the difference.
#include "host/routing/changes.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr const char* kRoutes = "routes:\n  - {path: /two, run: two, formats: [plain, data]}\n";

std::string sources(const std::string& list) {
  return "sources: {" + list + "}\ndefaults: {source: feed}\n" + kRoutes;
}

std::shared_ptr<Source> feed_of(const std::shared_ptr<const Generation>& generation) {
  return generation->sources()->at("feed");
}

TEST(Changes, WhatIsMadeInTheSameWayIsTheSameInstance) {
  const auto before =
      good_generation(sources(R"(feed: {use: steady, config: {rate: 7, key: "${SECRET}"}})"));
  // Another order of settings, a comment, another route: none of it is in the instance.
  const auto after =
      good_generation(sources(R"(feed: {use: steady, config: {key: "${SECRET}", rate: 7}})") +
                          "  - {path: /echo, run: echo, format: plain}  # of the same format\n",
                      before.get());
  EXPECT_EQ(feed_of(after), feed_of(before));
  const Changes changes = changes_between(*before, *after);
  EXPECT_EQ(changes.sources.kept, 1U);
  EXPECT_FALSE(changes.sources.any());
  EXPECT_FALSE(changes.plugins.any());
  EXPECT_EQ(changes.components.kept, 3U) << "two, plain, data";
  EXPECT_EQ(changes.components.added, Names{"fixture.pipeline/echo"});
  EXPECT_EQ(changes.components.changed, Names{});
  EXPECT_EQ(changes.routes.added, Names{"/echo"});
  EXPECT_EQ(changes.routes.kept, 1U);
}

TEST(Changes, AnotherSettingOrSecretMakesAnotherInstanceAndOnlyThat) {
  const auto before = good_generation(
      sources("feed: {use: steady, config: {key: \"${SECRET}\"}}, other: {use: steady}"));
  for (const char* const feed : {"{use: steady, config: {key: \"${TOKEN}\"}}",
                                 "{use: steady, config: {key: \"${SECRET}\", rate: 6}}",
                                 "{use: steady}", "{use: prompt, config: {key: \"${SECRET}\"}}"}) {
    const auto after = good_generation(
        sources("feed: " + std::string(feed) + ", other: {use: steady}"), before.get());
    EXPECT_NE(feed_of(after), feed_of(before)) << feed;
    EXPECT_EQ(after->sources()->at("other"), before->sources()->at("other")) << feed;
    EXPECT_EQ(changes_between(*before, *after).sources.changed, Names{"feed"}) << feed;
  }
  // What another variable says is the same secret.
  const auto after = good_generation(
      sources("feed: {use: steady, config: {key: \"${UNSET:-}${SECRET}\"}}, other: {use: steady}"),
      before.get());
  EXPECT_EQ(feed_of(after), feed_of(before));
}

TEST(Changes, ALayerIsMadeAnewWithWhatIsUnderItAndNotTheOtherWayRound) {
  const auto tower = [](const char* rate, const char* times) {
    return sources("base: {use: steady, config: {rate: " + std::string(rate) +
                   "}}, feed: {use: layer, over: base, config: {times: " + times + "}}");
  };
  const auto before = good_generation(tower("5", "1"));
  const auto same = good_generation(tower("5", "1"), before.get());
  EXPECT_EQ(feed_of(same), feed_of(before));
  const auto below = good_generation(tower("6", "1"), before.get());
  EXPECT_EQ(changes_between(*before, *below).sources.changed, (Names{"base", "feed"}));
  const auto above = good_generation(tower("5", "2"), before.get());
  EXPECT_EQ(changes_between(*before, *above).sources.changed, Names{"feed"});
  EXPECT_EQ(above->sources()->at("base"), before->sources()->at("base"));
}

TEST(Changes, ASourceIsItsNameToo) {
  const auto before = good_generation(sources("feed: {use: steady}, old: {use: steady}"));
  const auto after =
      good_generation(sources("feed: {use: steady}, new: {use: steady}"), before.get());
  const Changes changes = changes_between(*before, *after);
  EXPECT_EQ(changes.sources.added, Names{"new"});
  EXPECT_EQ(changes.sources.removed, Names{"old"});
  EXPECT_NE(after->sources()->at("new"), before->sources()->at("old"));
}

TEST(Changes, AFileThatASettingNamesIsPartOfIt) {
  std::string name = (fs::temp_directory_path() / "key-XXXXXX").string();
  const int file = ::mkstemp(name.data());
  ASSERT_GE(file, 0);
  ::close(file);
  std::ofstream(name) << "first";
  const std::string yaml =
      sources("feed: {use: steady, config: {key: \"${NOTHING}" + name + "\"}}");
  const auto before = good_generation(yaml);
  EXPECT_EQ(feed_of(good_generation(yaml, before.get())), feed_of(before));
  // The same length, and the same inode.
  std::ofstream(name) << "other";
  const auto after = good_generation(yaml, before.get());
  EXPECT_NE(feed_of(after), feed_of(before)) << "a key was replaced";
  fs::remove(name);
  EXPECT_NE(feed_of(good_generation(yaml, after.get())), feed_of(after));
}

TEST(Changes, ARouteChangesWithWhatItsLinesMean) {
  const auto with = [](const std::string& route) {
    return "sources: {feed: {use: steady}, other: {use: steady}}\ndefaults: {source: "
           "feed}\nroutes:\n"
           "  - {path: /two, run: two, format: plain" +
           route + "}\n";
  };
  const auto before = good_generation(with(""));
  for (const char* const same : {"", ", source: feed", ", deadline: 5s", ", deadline: 5000ms"}) {
    const auto after = good_generation(with(same), before.get());
    EXPECT_FALSE(changes_between(*before, *after).any()) << same;
  }
  for (const char* const other :
       {", source: other", ", deadline: 4s", ", title: Another", ", cache: {fresh: 1s}",
        ", cache: off", ", params: {a: b}", ", params: {a: {default: b}}",
        ", access: {tokens: [\"${TOKEN}\"]}"}) {
    const auto after = good_generation(with(other), before.get());
    EXPECT_EQ(changes_between(*before, *after).routes.changed, Names{"/two"}) << other;
  }
}

TEST(Changes, ABadGenerationTakesNothingAwayFromTheOneBefore) {
  const auto before = good_generation(sources("feed: {use: steady}"));
  const Built bad =
      build(sources("feed: {use: steady, config: {rate: 11}}"), fixture(), before.get());
  EXPECT_EQ(bad.generation, nullptr);
  const auto after = good_generation(sources("feed: {use: steady}"), before.get());
  EXPECT_EQ(feed_of(after), feed_of(before));
}

}  // namespace
}  // namespace bourse::host::test
