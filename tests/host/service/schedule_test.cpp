// SPDX-License-Identifier: MIT
//
// What a server does by itself. The plugin is tests/fixtures/plugins/tasks.cpp; runs are held by
// gates, and what comes by the clock comes each millisecond.
#include "host/service/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/service/listings.hpp"
#include "tests/host/observe/captured_errors.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::shared_ptr<Source> make_worker() {
  auto instance = Instance::create(tasks_fixture().catalog->find_source("worker"), nullptr, {});
  if (!instance) throw std::runtime_error(instance.failure().message);
  return std::make_shared<Source>("market", *std::move(instance));
}

/// Counts for ever, once it was let in.
ScheduledTask endless(const std::shared_ptr<Source>& source, const Control& control) {
  return {.name = "fill",
          .source = source,
          .task = source->find_task("count"),
          .params = {{"steps", "1000000"},
                     {"delay", "1"},
                     {"control", std::to_string(control.address())}},
          .at_start = true};
}

template <class Condition>
bool comes(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + kHardLimit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

std::uint64_t runs_of(const Schedule& schedule, const std::string& name, TaskEnd end) {
  const auto tallies = schedule.tallies();
  const auto found = tallies.find(name);
  return found == tallies.end() ? 0 : found->second.runs[static_cast<std::size_t>(end)];
}

class Scheduled : public testing::Test {
 protected:
  ~Scheduled() override {
    schedule.stop();
    EXPECT_TRUE(schedule.drain(kHardLimit));
  }
  void take(std::vector<ScheduledTask> tasks) { schedule.take(tasks); }

  const std::shared_ptr<Source> source = make_worker();
  Control control;
  Schedule schedule;
};

TEST(NextSlot, KeepsTheBeatAndMakesUpForNothing) {
  const std::chrono::steady_clock::time_point zero{};
  EXPECT_EQ(next_slot(zero, 10s, zero), zero + 10s);
  EXPECT_EQ(next_slot(zero, 10s, zero + 9s), zero + 10s);
  EXPECT_EQ(next_slot(zero, 10s, zero + 10s), zero + 20s);
  EXPECT_EQ(next_slot(zero, 10s, zero + 3607s), zero + 3610s) << "an hour was slept through";
  EXPECT_EQ(next_slot(zero + 5s, 10s, zero), zero + 5s);
}

TEST_F(Scheduled, AreDoneAtTheStartAndOnlyThen) {
  take({{.name = "once", .source = source, .task = source->find_task("count"), .at_start = true},
        {.name = "later", .source = source, .task = source->find_task("count"), .every = 24h}});
  ASSERT_TRUE(comes([&] { return runs_of(schedule, "once", TaskEnd::kSuccess) == 1; }));
  ASSERT_TRUE(comes([&] { return !schedule.rows().at(0).runs; }));
  const auto rows = schedule.rows();
  EXPECT_FALSE(rows[0].due);
  ASSERT_TRUE(rows[0].last);
  EXPECT_EQ(rows[0].last->end, TaskEnd::kSuccess);
  EXPECT_GT(rows[0].tally.succeeded, 0);
  EXPECT_FALSE(rows[1].last);
  EXPECT_TRUE(rows[1].due);
  EXPECT_EQ(schedule.tallies().count("later"), 0U);
}

TEST_F(Scheduled, AreDoneAgainAndAgain) {
  take({{.name = "often", .source = source, .task = source->find_task("count"), .every = 1ms}});
  EXPECT_TRUE(comes([&] { return runs_of(schedule, "often", TaskEnd::kSuccess) >= 3; }));
}

TEST_F(Scheduled, ThatStillRunAreSkippedAndCounted) {
  CapturedErrors errors;
  ScheduledTask task = endless(source, control);
  task.every = 1ms;
  take({task});
  ASSERT_TRUE(control.entered.wait());
  ASSERT_TRUE(comes([&] { return schedule.rows().at(0).tally.skipped >= 2; }));
  EXPECT_EQ(control.calls, 1);
  EXPECT_THAT(errors.take(), HasSubstr("task_skipped task=fill source=market work=count"));
}

TEST_F(Scheduled, TellHowFarTheyAre) {
  take({endless(source, control)});
  ASSERT_TRUE(comes([&] { return schedule.rows().at(0).state.progress.done > 0; }));
  const auto row = schedule.rows().at(0);
  EXPECT_TRUE(row.runs);
  EXPECT_EQ(row.state.progress.total, 1000000U);
  const std::string json = schedule_json(std::vector{row});
  EXPECT_THAT(json,
              HasSubstr(R"([{"name":"fill","source":"market","task":"count","state":"running")"));
  EXPECT_THAT(json, HasSubstr(R"("total":1000000)"));
  EXPECT_THAT(schedule_text(std::vector{row}), HasSubstr("fill (market count): running for "));
}

TEST_F(Scheduled, ThatFailSayWhyAndAreDueAgain) {
  CapturedErrors errors;
  take({{.name = "bad",
         .source = source,
         .task = source->find_task("fail"),
         .params = {{"status", "502"}},
         .every = 24h,
         .at_start = true}});
  ASSERT_TRUE(comes([&] { return runs_of(schedule, "bad", TaskEnd::kFailure) == 1; }));
  ASSERT_TRUE(comes([&] { return !schedule.rows().at(0).runs; }));
  const auto row = schedule.rows().at(0);
  EXPECT_TRUE(row.due);
  ASSERT_TRUE(row.last);
  EXPECT_EQ(row.last->code, "as_asked");
  EXPECT_THAT(errors.take(), HasSubstr("task_failed task=bad source=market work=fail"));
  EXPECT_THAT(
      schedule_json(std::vector{row}),
      HasSubstr(R"("outcome":"failed","code":"as_asked","message":"Failed as it was asked to.")"));
}

TEST_F(Scheduled, OfOneWorkGoOnThroughAReload) {
  take({endless(source, control)});
  ASSERT_TRUE(control.entered.wait());
  ScheduledTask sooner = endless(source, control);
  sooner.every = 24h;
  take({sooner});
  const auto row = schedule.rows().at(0);
  EXPECT_TRUE(row.runs);
  EXPECT_FALSE(row.is_cancelled);
  EXPECT_TRUE(row.due);
  EXPECT_EQ(control.calls, 1);
}

TEST_F(Scheduled, ThatAReloadTakesAwayAreCancelled) {
  take({endless(source, control)});
  ASSERT_TRUE(control.entered.wait());
  take({});
  EXPECT_THAT(schedule.rows(), IsEmpty());
  EXPECT_TRUE(comes([&] { return runs_of(schedule, "fill", TaskEnd::kCancelled) == 1; }));
}

TEST_F(Scheduled, ThatAReloadChangesAreCancelledAndDoneAnew) {
  take({endless(source, control)});
  ASSERT_TRUE(control.entered.wait());
  ScheduledTask other = endless(source, control);
  other.params[0].second = "1";
  take({other});
  EXPECT_TRUE(comes([&] { return runs_of(schedule, "fill", TaskEnd::kCancelled) == 1; }));
  EXPECT_TRUE(comes([&] { return runs_of(schedule, "fill", TaskEnd::kSuccess) == 1; }));
  ASSERT_TRUE(comes([&] { return schedule.rows().at(0).last.has_value(); }));
  EXPECT_EQ(schedule.rows().at(0).last->end, TaskEnd::kSuccess)
      << "the end of the old run is none of the new one's";
}

TEST_F(Scheduled, AreBegunAndCancelledByHand) {
  ScheduledTask task = endless(source, control);
  task.at_start = false;
  take({task});
  EXPECT_EQ(schedule.cancel("fill").failure().code, "no_run");
  EXPECT_EQ(schedule.begin("full").failure().code, "no_task");
  EXPECT_EQ(schedule.cancel("full").failure().code, "no_task");
  ASSERT_TRUE(schedule.begin("fill"));
  EXPECT_EQ(schedule.begin("fill").failure().code, "task_runs");
  ASSERT_TRUE(schedule.cancel("fill"));
  EXPECT_TRUE(comes([&] { return runs_of(schedule, "fill", TaskEnd::kCancelled) == 1; }));
}

TEST_F(Scheduled, AreCancelledWhenTheServerStops) {
  take({endless(source, control)});
  ASSERT_TRUE(control.entered.wait());
  schedule.stop();
  EXPECT_TRUE(schedule.drain(kHardLimit));
  EXPECT_THAT(schedule.rows(), SizeIs(0));
  EXPECT_EQ(schedule.begin("fill").failure().code, "shutting_down");
  take({endless(source, control)});
  EXPECT_THAT(schedule.rows(), SizeIs(0));
}

}  // namespace
}  // namespace bourse::host::test
