// SPDX-License-Identifier: MIT
//
// Tasks of sources: what is taken of what a component offers, and what becomes of a run. The plugin
// is tests/fixtures/plugins/tasks.cpp.
#include "host/calls/task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "host/calls/call_watch.hpp"
#include "host/routing/arguments.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using SourcePtr = std::shared_ptr<Source>;

SourcePtr source_of(const char* id, SourcePtr under = nullptr) {
  auto instance = Instance::create(tasks_fixture().catalog->find_source(id), nullptr, Arguments());
  if (!instance) throw std::runtime_error(instance.failure().message);
  return std::make_shared<Source>(id, *std::move(instance), std::move(under));
}

TaskJob job_of(const SourcePtr& source, const char* name, const NamedTexts& texts) {
  const Task* const task = source->find_task(name);
  if (task == nullptr) throw std::runtime_error(std::string("no task ") + name);
  auto arguments = read_arguments(task->params, texts, 0);
  if (!arguments) throw std::runtime_error(arguments.failure().message);
  return {.source = source, .task = task, .arguments = *std::move(arguments)};
}

struct Ran {
  Result<ReportPtr> outcome = Failure{};
  std::vector<std::string> told = {};  ///< "done/total text"
};

Ran ran(TaskJob job, const std::shared_ptr<TaskRun>& run = std::make_shared<TaskRun>()) {
  Ran result;
  job.changed = [&] {
    const TaskProgress progress = run->state().progress;
    result.told.push_back(std::to_string(progress.done) + "/" + std::to_string(progress.total) +
                          " " + progress.text);
  };
  result.outcome = perform_task(run, job, nullptr);
  return result;
}

std::string text_of(const Result<ReportPtr>& outcome) {
  return outcome ? "ok" : outcome.failure().code + ": " + outcome.failure().message;
}

std::int64_t scalar_of(const Report& report, std::string_view name) {
  const bourse_report& wire = report.wire();
  for (std::size_t i = 0; i < wire.n_scalars; ++i) {
    if (name == wire.scalars[i]->field->name) return wire.scalars[i]->value.as.i64;
  }
  ADD_FAILURE() << "no scalar " << name;
  return 0;
}

template <class Condition>
bool comes_true(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + kHardLimit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

TEST(Tasks, AreOfferedWithTheirParameters) {
  const SourcePtr worker = source_of("worker");
  std::vector<std::string> names;
  for (const Task& task : worker->tasks().tasks) names.push_back(task.name);
  EXPECT_THAT(names, ElementsAre("count", "note", "fail", "stay", "say", "login"));
  EXPECT_THAT(worker->tasks().notes, SizeIs(0));
  const Task& count = *worker->find_task("count");
  EXPECT_EQ(count.title, "Count");
  EXPECT_EQ(count.doc, "Counts, step by step.");
  ASSERT_THAT(count.params, SizeIs(4));
  EXPECT_EQ(count.params[0].name, "steps");
  EXPECT_EQ(count.params[0].def, "3");
  EXPECT_EQ(worker->find_task("Count"), nullptr);
}

TEST(Tasks, OfALayerAreItsOwnOnly) {
  const SourcePtr layer = source_of("overseer", source_of("worker"));
  EXPECT_NE(layer->find_task("ask"), nullptr);
  EXPECT_EQ(layer->find_task("count"), nullptr);
}

TEST(Tasks, ThatBreakARuleCostNoneOfTheOthers) {
  const SourcePtr liar = source_of("liar");
  std::vector<std::string> names;
  for (const Task& task : liar->tasks().tasks) names.push_back(task.name);
  EXPECT_THAT(names, ElementsAre("good", "partly"));
  const auto& notes = liar->tasks().notes;
  for (const char* what :
       {"task 2: the name 'good' is taken", "task 3: \"Shouting\" is not a legal name",
        "task 4: \"\" is not a legal name", "task 5: this bourse_task has size 8",
        "task 6: 'open': declares 3 parameters in a null array",
        "task 7: 'coloured': its title is not UTF-8 text on one line",
        "task 8: this bourse_task is a null pointer",
        "left out parameter \"newer\" of task \"partly\"",
        "task 10: 'needy': left out parameter"}) {
    EXPECT_THAT(notes, Contains(HasSubstr(what)));
  }
}

TEST(Tasks, OfANewerContractGetNullForWhatIsNotKnownHere) {
  const Ran result = ran(job_of(source_of("liar"), "partly", {{"plain", "7"}}));
  EXPECT_TRUE(result.outcome) << text_of(result.outcome);
  EXPECT_THAT(result.told, ElementsAre("1/2 ")) << "of three, two cannot be read";
}

TEST(Tasks, TellHowFarTheyAreAndEndWithAReport) {
  const Ran result = ran(job_of(source_of("worker"), "count", {{"steps", "2"}}));
  ASSERT_TRUE(result.outcome) << text_of(result.outcome);
  EXPECT_THAT(result.told, ElementsAre("0/2 step 1", "1/2 step 2", "2/2 "));
  EXPECT_EQ(scalar_of(**result.outcome, "steps"), 2);
  const bourse_report& report = (*result.outcome)->wire();
  EXPECT_EQ(std::string_view(report.title.ptr, report.title.len), "Count");
  EXPECT_EQ(end_of(result.outcome, false), TaskEnd::kSuccess);
}

TEST(Tasks, CannotTellWhatNobodyCouldShow) {
  const SourcePtr worker = source_of("worker");
  const auto told = [&](const char* what) {
    return ran(job_of(worker, "say", {{"what", what}})).told;
  };
  EXPECT_THAT(told("shrinks"), ElementsAre("5/10 five", "5/10 three"));
  EXPECT_THAT(told("beyond"), ElementsAre("11/0 too much"));
  EXPECT_THAT(told("controls"), ElementsAre("1/2 a\\r\\n\\x1b[2Jb\\xff"));
  const auto endless = told("endless");
  ASSERT_THAT(endless, SizeIs(1));
  EXPECT_LT(endless[0].size(), 300U);
}

TEST(Tasks, ThatFailSayWhy) {
  const SourcePtr worker = source_of("worker");
  const auto outcome = [&](const char* task, const NamedTexts& texts) {
    return ran(job_of(worker, task, texts)).outcome;
  };
  const auto failed = outcome("fail", {{"status", "502"}});
  EXPECT_EQ(text_of(failed), "as_asked: Failed as it was asked to.");
  EXPECT_EQ(end_of(failed, false), TaskEnd::kFailure);
  const auto threw = outcome("say", {{"what", "throws"}});
  EXPECT_THAT(text_of(threw), HasSubstr("on purpose"));
  EXPECT_EQ(end_of(threw, false), TaskEnd::kFailure);
  const auto spoilt = outcome("say", {{"what", "bad-table"}});
  EXPECT_EQ(end_of(spoilt, false), TaskEnd::kFailure) << text_of(spoilt);
}

TEST(Tasks, EndAsTheirReportsAndFailuresSay) {
  const SourcePtr worker = source_of("worker");
  const auto end = [&](const char* task, const NamedTexts& texts) {
    return end_of(ran(job_of(worker, task, texts)).outcome, false);
  };
  EXPECT_EQ(end("note", {{"code", "partial"}}), TaskEnd::kSuccess);
  EXPECT_EQ(end("note", {{"code", "findings"}}), TaskEnd::kFindings);
  EXPECT_EQ(end("note", {{"code", "unfinished"}}), TaskEnd::kLimited);
  EXPECT_EQ(end("fail", {{"status", "429"}}), TaskEnd::kLimited);
  EXPECT_EQ(end("fail", {{"status", "503"}, {"seconds", "30"}}), TaskEnd::kLimited);
  EXPECT_EQ(end("fail", {{"status", "503"}}), TaskEnd::kFailure);
  EXPECT_EQ(end("fail", {{"status", "499"}}), TaskEnd::kFailure) << "nobody had cancelled it";
}

TEST(Tasks, AskTheSourceUnderThem) {
  const SourcePtr layer = source_of("overseer", source_of("worker"));
  const auto run = std::make_shared<TaskRun>();
  TaskJob job = job_of(layer, "ask", {{"names", "a,b"}});
  std::vector<std::string> asked;
  job.changed = [&] { asked.push_back(run->state().asks); };
  const auto outcome = perform_task(run, job, nullptr);
  ASSERT_TRUE(outcome) << text_of(outcome);
  EXPECT_EQ(scalar_of(**outcome, "rows"), 2);
  EXPECT_THAT(asked, ElementsAre("", "worker", "", "", "worker", ""));
}

TEST(Tasks, WithNothingUnderThemAreTold) {
  const auto outcome = ran(job_of(source_of("overseer"), "ask", {{"names", "a"}})).outcome;
  EXPECT_THAT(text_of(outcome), HasSubstr("no_source"));
}

TEST(Tasks, EndWhenTheyAreCancelled) {
  Control control;
  const auto run = std::make_shared<TaskRun>();
  const TaskJob job = job_of(
      source_of("worker"), "count",
      {{"steps", "1000000"}, {"delay", "1"}, {"control", std::to_string(control.address())}});
  auto outcome = std::async(std::launch::async, [&] { return perform_task(run, job, nullptr); });
  ASSERT_TRUE(control.entered.wait());
  run->cancel();
  run->cancel();
  const auto ended = outcome.get();
  EXPECT_EQ(text_of(ended), "cancelled: The task was cancelled; what it had done by then is kept.");
  EXPECT_EQ(end_of(ended, run->is_cancelled()), TaskEnd::kCancelled);
}

TEST(Tasks, ThatWereCancelledBeforeTheyBeganEndAtOnce) {
  const auto run = std::make_shared<TaskRun>();
  run->cancel();
  const Ran result = ran(job_of(source_of("worker"), "count", {}), run);
  EXPECT_EQ(end_of(result.outcome, true), TaskEnd::kCancelled);
}

TEST(Tasks, HaveNoDeadlineUntilTheyAreCancelled) {
  const TaskRun run;
  EXPECT_EQ(run.deadline(), std::chrono::steady_clock::time_point::max());
  EXPECT_EQ(run.poll(), BOURSE_OK);
}

// The ten seconds that a cancelled task has are not waited for: hurry() is given a party that is
// late already.
class Late : public Party {
 public:
  [[nodiscard]] bourse_status poll() const noexcept override {
    return is_late ? BOURSE_CANCELLED : BOURSE_OK;
  }
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept override {
    return is_late ? std::chrono::steady_clock::time_point() : kNever;
  }
  static constexpr auto kNever = std::chrono::steady_clock::time_point::max();
  std::atomic<bool> is_late{false};
};

TEST(Tasks, ThatDoNotEndAreStuckCalls) {
  Control control;
  Workers workers({.computing = 1, .threads = 2, .substitutes = 1});
  const auto late = std::make_shared<Late>();
  const SourcePtr worker = source_of("worker");
  const TaskJob job = job_of(worker, "stay", {{"control", std::to_string(control.address())}});
  Gate ended;
  ASSERT_TRUE(workers.submit([&] {
    Context context{.request_id = "1", .route = "task"};
    context.party = late;
    bourse_call call(context, "worker");
    (void)worker->perform(
        call, *job.task, job.arguments, [](const TaskProgress&) {}, &workers);
    ended.open();
  }));
  ASSERT_TRUE(control.entered.wait());
  EXPECT_THAT(workers.calls().figures(), SizeIs(0));
  late->is_late = true;
  workers.calls().hurry(*late);
  EXPECT_TRUE(comes_true([&] {
    const auto figures = workers.calls().figures();
    return figures.size() == 1 && figures[0].stuck == 1 &&
           figures[0].name == "fixture.tasks/worker";
  }));
  control.release.open();
  ASSERT_TRUE(ended.wait());
  EXPECT_EQ(workers.calls().figures()[0].stuck, 0U);
}

TEST(Tasks, ARunTellsItsWatchWhenItIsCancelled) {
  Control control;
  Workers workers({.computing = 1, .threads = 2, .substitutes = 1});
  const auto run = std::make_shared<TaskRun>();
  const TaskJob job =
      job_of(source_of("worker"), "stay", {{"control", std::to_string(control.address())}});
  Gate ended;
  ASSERT_TRUE(workers.submit([&] {
    (void)perform_task(run, job, &workers);
    ended.open();
  }));
  ASSERT_TRUE(control.entered.wait());
  run->cancel();
  EXPECT_LE(run->deadline(), std::chrono::steady_clock::now() + TaskRun::kEnding);
  control.release.open();
  EXPECT_TRUE(ended.wait());
}

}  // namespace
}  // namespace bourse::host::test
