// SPDX-License-Identifier: MIT
//
// The tasks of a configuration against what its sources offer. The plugin is
// tests/fixtures/plugins/tasks.cpp.
#include "host/routing/tasks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

Built built(const std::string& tasks) {
  return build(
      "sources: {market: {use: worker}, tower: {use: overseer, over: market}}\n"
      "defaults: {source: market}\n"
      "routes: [{path: /text, text: hello}]\n"
      "tasks:\n" +
          tasks,
      tasks_fixture());
}

TEST(ConfiguredTasks, AreThoseOfTheirSources) {
  const Built good = built(
      "  fill: {source: market, task: count, params: {steps: 5, names: [a, b]}, every: 1h}\n"
      "  ask: {source: tower, task: ask, params: {names: x}, at-start: true}\n");
  ASSERT_TRUE(good.generation) << good.diagnostics;
  const auto tasks = good.generation->tasks();
  ASSERT_THAT(tasks, SizeIs(2));
  EXPECT_EQ(tasks[0].name, "fill");
  EXPECT_EQ(tasks[0].source->name(), "market");
  EXPECT_EQ(tasks[0].task->name, "count");
  EXPECT_THAT(tasks[0].params, SizeIs(3));
  EXPECT_EQ(tasks[0].every, 1h);
  EXPECT_EQ(tasks[0].jitter, 30s);
  EXPECT_TRUE(tasks[1].at_start);
  EXPECT_FALSE(tasks[1].every);
}

TEST(ConfiguredTasks, ThatDoNotFitAreErrorsAtTheirPlaces) {
  const Built bad = built(
      "  a: {source: market, task: cuont, every: 1h}\n"
      "  b: {source: tower, task: count, every: 1h}\n"
      "  c: {source: market, task: count, params: {stesp: 3}, every: 1h}\n"
      "  d: {source: market, task: count, params: {steps: -3}, every: 1h}\n"
      "  e: {source: market, task: note, every: 1h}\n"
      "  f: {source: market, task: login, params: {token: hunter2}, every: 1h}\n");
  EXPECT_THAT(bad.codes, ElementsAre("unknown_task", "unknown_task", "unknown_parameter",
                                     "parameter_out_of_range", "missing_parameter", testing::_));
  EXPECT_THAT(bad.diagnostics, HasSubstr("test.yaml:6:29"));  // cuont, the sixth line
  EXPECT_THAT(bad.diagnostics, HasSubstr("did you mean \"count\"?"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("source \"market\" under it has"));
  EXPECT_THAT(bad.diagnostics, HasSubstr("task count has no parameter \"stesp\""));
  EXPECT_THAT(bad.diagnostics, HasSubstr("task \"note\" needs the parameter \"code\""));
}

TEST(ConfiguredTasks, AreTheSameWorkWhateverTheirTime) {
  const Built one = built("  a: {source: market, task: count, every: 1h}\n");
  ASSERT_TRUE(one.generation) << one.diagnostics;
  ScheduledTask other = one.generation->tasks()[0];
  other.every = 1s;
  other.name = "b";
  EXPECT_TRUE(is_same_work(one.generation->tasks()[0], other));
  other.params = {{"steps", "4"}};
  EXPECT_FALSE(is_same_work(one.generation->tasks()[0], other));
}

}  // namespace
}  // namespace bourse::host::test
