// SPDX-License-Identifier: MIT
//
// Fetching: checked against what was declared, joined where equal, side by side where it waits.
#include "host/calls/sources.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "bourse/report.hpp"
#include "host/calls/job.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;

/// One source "feed" of the fixture, and ways to ask it.
class Feed {
 public:
  explicit Feed(const std::string& use, const std::string& settings = "")
      : generation_(good_generation(
            with_feed(use,
                      "control: " + std::to_string(control.address()) +
                          (settings.empty() ? "" : ", " + settings),
                      "  - {path: /two, run: two, format: plain}\n"
                      "  - {path: /private, run: private, format: plain}\n"
                      "  - {path: /serial, run: serial, format: plain, deadline: 2s}\n"))) {}

  Result<Answer> fetch(const std::string& name, const Context& context = {},
                       Workers* workers = nullptr, std::int64_t count = 3) const {
    const bourse_arg args[] = {{borrow("name"), value(std::string_view(name))},
                               {borrow("count"), value(count)}};
    const bourse_query query{sizeof query, 0, borrow("series"), {}, 2, args};
    return source()->fetch(context, query, workers);
  }
  Result<Answer> ask(const bourse_query& query) const {
    return source()->fetch(Context{}, query, nullptr);
  }
  std::string text(const std::string& target, Workers* workers = nullptr) const {
    const auto planned = plan(generation_, {.target = target});
    EXPECT_TRUE(planned.ok()) << planned.failure().message;
    const auto rendered = perform(planned->job, Context{}, workers);
    return rendered.ok() ? rendered->bytes : rendered.failure().code;
  }
  [[nodiscard]] const std::shared_ptr<Source>& source() const {
    return generation_->sources()->at("feed");
  }

  // Before the generation, whose instances hold its address.
  mutable Control control;

 private:
  std::shared_ptr<const Generation> generation_;
};

std::string code_of(const Result<Answer>& result) {
  return result.ok() ? "ok" : result.failure().code;
}

std::int64_t fetch_number(const Result<Answer>& result) {
  EXPECT_TRUE(result.ok());
  return result.ok() ? ReportView(result->report->wire()).meta("fetch")->as.i64 : -1;
}

bourse_query query_of(const char* dataset, const std::vector<bourse_arg>& args) {
  return {sizeof(bourse_query), 0, borrow(dataset), {}, args.size(), args.data()};
}

// ---- what may be asked
// ------------------------------------------------------------------------------

TEST(Source, DeliversWhatWasAsked) {
  const Feed feed("prompt");
  const auto report = feed.fetch("x", {}, nullptr, 5);
  ASSERT_TRUE(report.ok());
  const TableView table = ReportView(report->report->wire()).table(0);
  EXPECT_EQ(table.rows(), 5U);
  EXPECT_EQ(view(table.texts("name")[4]), "x");
  EXPECT_EQ(view(report->report->wire().component), "fixture.pipeline/prompt");
}

TEST(Source, CompletesArgumentsWithTheirDefaults) {
  const Feed feed("prompt");
  const auto report = feed.ask(query_of("series", {{borrow("name"), value("x")}}));
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->report->wire().tables[0]->n_rows, 3U);
}

TEST(Source, RefusesWhatItDoesNotDeclare) {
  const Feed feed("prompt");
  const bourse_arg name{borrow("name"), value("x")};
  struct Case {
    const char* what;
    bourse_query query;
    bourse_status status;
    const char* code;
  };
  bourse_value list_of_lists{};
  list_of_lists.type = BOURSE_TYPE_LIST;
  const bourse_value inner = list_of_lists;
  list_of_lists.as.list = {&inner, 1};
  bourse_value odd_decimal{};
  odd_decimal.type = BOURSE_TYPE_DECIMAL;
  odd_decimal.scale = 2'000'000'000;
  odd_decimal.as.dec = {1, 0};
  const std::vector<std::vector<bourse_arg>> args = {
      {},
      {{borrow("name"), value(std::int64_t{1})}},
      {name, {borrow("count"), value("3")}},
      {name, {borrow("count"), value(3.0)}},
      {name, {borrow("count"), value(std::int64_t{1001})}},
      {name, {borrow("cuont"), value(std::int64_t{1})}},
      {name, {borrow("tags"), list_of_lists}},
      {name, {borrow("count"), odd_decimal}},
      {{borrow("name"), value("a\nb")}},
      {{borrow("name"), value("a\xff")}},
      {{{nullptr, 5}, value("x")}},
      {{borrow("name"), null_value()}}};
  const std::vector<Case> cases = {
      {"another dataset", query_of("trades", {name}), BOURSE_UNPROCESSABLE, "dataset_not_offered"},
      {"no dataset",
       {sizeof(bourse_query), 0, {nullptr, 4}, {}, 0, nullptr},
       BOURSE_UNPROCESSABLE,
       "dataset_not_offered"},
      {"required not given", query_of("series", args[0]), BOURSE_BAD_PARAM, "missing_parameter"},
      {"number for text", query_of("series", args[1]), BOURSE_INTERNAL, "plugin_misuse"},
      {"text for number", query_of("series", args[2]), BOURSE_INTERNAL, "plugin_misuse"},
      {"real for number", query_of("series", args[3]), BOURSE_INTERNAL, "plugin_misuse"},
      {"out of bounds", query_of("series", args[4]), BOURSE_BAD_PARAM, "parameter_out_of_range"},
      {"another argument", query_of("series", args[5]), BOURSE_INTERNAL, "plugin_misuse"},
      {"lists in lists", query_of("series", args[6]), BOURSE_BAD_PARAM, "bad_parameter"},
      {"a scale out of this world", query_of("series", args[7]), BOURSE_INTERNAL, "plugin_misuse"},
      {"control characters", query_of("series", args[8]), BOURSE_BAD_PARAM, "bad_parameter"},
      {"not UTF-8", query_of("series", args[9]), BOURSE_BAD_PARAM, "bad_parameter"},
      {"an argument without name", query_of("series", args[10]), BOURSE_INTERNAL, "plugin_misuse"},
      {"null for required", query_of("series", args[11]), BOURSE_BAD_PARAM, "missing_parameter"},
  };
  for (const Case& c : cases) {
    const auto report = feed.ask(c.query);
    ASSERT_FALSE(report.ok()) << c.what;
    EXPECT_EQ(report.failure().status, c.status) << c.what;
    EXPECT_EQ(report.failure().code, c.code) << c.what;
  }
  EXPECT_EQ(feed.control.calls, 0) << "none of them reached the plugin";
}

TEST(Source, ThatBreaksItsPromiseIsToldSo) {
  const Feed feed("prompt");
  EXPECT_EQ(code_of(feed.fetch("promise")), "source_broke_promise") << "a column is missing";
  EXPECT_EQ(code_of(feed.fetch("tables")), "source_broke_promise") << "two tables";
  EXPECT_EQ(code_of(feed.fetch("nothing")), "source_broke_promise") << "no table";
  EXPECT_EQ(code_of(feed.fetch("mistake")), "no_such_table") << "although it said OK";
  EXPECT_EQ(code_of(feed.fetch("throw")), "plugin_exception");
  EXPECT_EQ(code_of(feed.fetch("fail")), "upstream_down");
  EXPECT_EQ(code_of(feed.fetch("query")), "ok") << "there is nothing below, and it does not mind";
}

TEST(SourceDoor, FindsTheSourceThatAQueryNames) {
  const auto generation = good_generation(R"(
sources: {a: {use: prompt}, b: {use: prompt}}
defaults: {source: a}
routes: [{path: /two, run: two, format: plain}]
)");
  const auto text = [&](const std::string& target) {
    const auto planned = plan(generation, {.target = target});
    const auto rendered = perform(planned->job, Context{}, nullptr);
    return rendered.ok() ? rendered->bytes : rendered.failure().code;
  };
  EXPECT_NE(text("/two").find("a.rows=3"), std::string::npos);
  EXPECT_NE(text("/two?from=b").find("a.rows=3"), std::string::npos);
  EXPECT_NE(
      text("/two?from=c").find("no_such_source: query: the configuration has no source \"c\""),
      std::string::npos);
  EXPECT_NE(text("/two?dataset=other").find("undeclared_dataset"), std::string::npos);
  EXPECT_NE(text("/two?argument=count").find("plugin_misuse"), std::string::npos);
  EXPECT_NE(text("/two?argument=range").find("wrong_query"), std::string::npos);
}

TEST(SourceDoor, WithoutASourceSaysWhatTheOperatorCanDo) {
  const Sources none;
  const Component asking;
  SourceDoor door(none, nullptr, asking, nullptr);
  const bourse_query query = query_of("series", {});
  const auto answers = door.query(Context{}, {&query, 1});
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(code_of(answers[0]), "no_source");
}

// ---- what may be missing
// ------------------------------------------------------------------------------

/// The text of /optional, over a source of that component.
std::string optional_over(const std::string& use, const std::string& name) {
  const auto generation =
      good_generation(with_feed(use, "", "  - {path: /optional, run: optional, format: plain}\n"));
  const auto planned = plan(generation, {.target = "/optional?name=" + name});
  EXPECT_TRUE(planned.ok()) << planned.failure().message;
  const auto rendered = perform(planned->job, Context{}, nullptr);
  return rendered.ok() ? rendered->bytes : rendered.failure().code;
}

TEST(Source, AnAnalysisGoesOnWithoutWhatItCallsOptional) {
  // It reads a column m, sends an argument depth and asks for a dataset extra: prompt has none.
  const std::string text = optional_over("prompt", "x");
  EXPECT_NE(text.find("rows=3\nhas_m=0\nnote no_extra: dataset_not_offered\n"), std::string::npos)
      << text;
}

TEST(Source, MayLeaveOutAColumnThatItCallsOptionalUnlessWhoAsksNeedsIt) {
  const auto generation =
      good_generation(with_feed("sparse", "", "  - {path: /echo, run: echo, format: plain}\n"));
  const auto& source = generation->sources()->at("feed");
  const auto ask = [&](const char* name, const Component* asking) {
    const bourse_arg arg{borrow("name"), value(std::string_view(name))};
    const bourse_query query{sizeof query, 0, borrow("series"), {}, 1, &arg};
    return source->fetch(Context{}, query, nullptr, asking);
  };
  const auto two = fixture().catalog->find_analysis("two");
  ASSERT_NE(two, nullptr);
  const auto without = ask("x", nullptr);
  ASSERT_TRUE(without.ok()) << without.failure().message;
  EXPECT_EQ(without->report->wire().tables[0]->n_fields, 1U);
  EXPECT_EQ(code_of(ask("full", two.get())), "ok");
  const auto needed = ask("x", two.get());
  ASSERT_FALSE(needed.ok());
  EXPECT_EQ(needed.failure().code, "dataset_differs");
  EXPECT_EQ(
      needed.failure().message,
      "fixture.pipeline/two needs column \"n\" of \"series\", which source feed did not "
      "deliver. Use a source that always delivers it, or an analysis that goes on without it.");
}

// ---- joining
// ------------------------------------------------------------------------------------------

/// Threads that fetch, each with its own context; they are all inside when the test goes on.
class Crowd {
 public:
  Crowd(const Feed& feed, std::vector<Context> contexts, const std::string& name)
      : outcomes_(contexts.size()), contexts_(std::move(contexts)) {
    for (std::size_t i = 0; i < contexts_.size(); ++i) {
      threads_.emplace_back([&feed, this, i, name] {
        ++begun_;
        outcomes_[i].emplace(feed.fetch(name, contexts_[i]));
      });
      if (i == 0) {
        EXPECT_TRUE(feed.control.entered.wait()) << "the first one leads";
      }
    }
    while (begun_ < static_cast<int>(contexts_.size())) std::this_thread::yield();
  }
  ~Crowd() { join(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void join() {
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  void join(std::size_t i) { threads_[i].join(); }
  [[nodiscard]] const Result<Answer>& operator[](std::size_t i) const { return *outcomes_[i]; }

 private:
  std::vector<std::optional<Result<Answer>>> outcomes_;
  std::vector<Context> contexts_;
  std::vector<std::thread> threads_;
  std::atomic<int> begun_{0};
};

TEST(Source, JoinsEqualFetchesThatRunAtOnce) {
  const Feed feed("steady", "waits: true");
  Crowd crowd(feed, std::vector<Context>(5), "x");
  feed.control.release.open();
  crowd.join();
  // Whoever came after the first had landed fetched again; nobody fetched beside another.
  EXPECT_EQ(feed.control.most, 1);
  for (std::size_t i = 0; i < 5; ++i) ASSERT_TRUE(crowd[i].ok());
  EXPECT_EQ(fetch_number(crowd[0]), 1);
}

TEST(Source, FetchesAgainWhenTheFirstHasLanded) {
  const Feed feed("prompt");
  EXPECT_EQ(fetch_number(feed.fetch("x")), 1);
  EXPECT_EQ(fetch_number(feed.fetch("x")), 2) << "joining is no cache";
}

TEST(Source, DoesNotJoinWhatIsNotEqual) {
  const Feed feed("steady", "waits: true");
  Crowd one(feed, std::vector<Context>(1), "x");
  std::thread other([&] { EXPECT_TRUE(feed.fetch("y").ok()); });
  std::thread more([&] { EXPECT_TRUE(feed.fetch("x", {}, nullptr, 4).ok()); });
  while (feed.control.inside < 3) std::this_thread::yield();
  feed.control.release.open();
  other.join();
  more.join();
  one.join();
  EXPECT_EQ(feed.control.calls, 3);
}

TEST(Source, NeverJoinsWhatASecretAskedFor) {
  const Feed feed("steady", "waits: true");
  const auto fetch = [&] {
    const bourse_arg arg{borrow("token"), value("mine")};
    const bourse_query query{sizeof query, 0, borrow("private"), {}, 1, &arg};
    EXPECT_TRUE(feed.source()->fetch(Context{}, query, nullptr).ok());
  };
  std::thread first(fetch);
  std::thread second(fetch);
  while (feed.control.inside < 2) std::this_thread::yield();  // both, though equal
  feed.control.release.open();
  first.join();
  second.join();
  EXPECT_EQ(feed.control.calls, 2);
}

TEST(Source, FollowersGoOnWhenTheLeadersClientLeaves) {
  const Feed feed("steady", "waits: true");
  const auto client = std::make_shared<TestSink>();
  std::vector<Context> contexts(3);
  contexts[0].client = client;
  Crowd crowd(feed, contexts, "x");
  client->leave();
  crowd.join(0);
  EXPECT_EQ(crowd[0].failure().status, BOURSE_CANCELLED);
  while (feed.control.calls < 2) std::this_thread::yield();  // one of the others took over
  feed.control.release.open();
  crowd.join();
  EXPECT_TRUE(crowd[1].ok());
  EXPECT_TRUE(crowd[2].ok());
  EXPECT_EQ(feed.control.saw_end, 1);
  EXPECT_EQ(feed.control.most, 1);
}

TEST(Source, FollowersGoOnWhenTheLeaderHadLessTime) {
  const Feed feed("steady", "waits: true");
  std::vector<Context> contexts(2);
  contexts[0].deadline = steady_clock::now() + std::chrono::milliseconds(20);
  Crowd crowd(feed, contexts, "x");
  crowd.join(0);
  EXPECT_EQ(crowd[0].failure().status, BOURSE_DEADLINE);
  while (feed.control.calls < 2) std::this_thread::yield();
  feed.control.release.open();
  crowd.join();
  EXPECT_TRUE(crowd[1].ok());
}

TEST(Source, AFollowerWaitsNoLongerThanItsOwnDeadline) {
  const Feed feed("steady", "waits: true");
  std::vector<Context> contexts(2);
  contexts[1].deadline = steady_clock::now() + std::chrono::milliseconds(20);
  Crowd crowd(feed, contexts, "x");
  crowd.join(1);
  EXPECT_EQ(crowd[1].failure().status, BOURSE_DEADLINE);
  feed.control.release.open();
  crowd.join();
  EXPECT_TRUE(crowd[0].ok()) << "the leader is not disturbed";
}

TEST(Source, AFollowerWhoseClientLeavesWaitsNoLonger) {
  const Feed feed("steady", "waits: true");
  const auto client = std::make_shared<TestSink>();
  std::vector<Context> contexts(2);
  contexts[1].client = client;
  Crowd crowd(feed, contexts, "x");
  client->leave();
  crowd.join(1);
  EXPECT_EQ(crowd[1].failure().status, BOURSE_CANCELLED);
  feed.control.release.open();
  crowd.join();
  EXPECT_TRUE(crowd[0].ok());
}

TEST(Source, AFailureIsSharedByAllWhoJoined) {
  const Feed feed("steady", "waits: true");
  Crowd crowd(feed, std::vector<Context>(3), "fail");
  feed.control.release.open();
  crowd.join();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(code_of(crowd[i]), "upstream_down");
  EXPECT_EQ(feed.control.most, 1);
}

// ---- side by side
// -----------------------------------------------------------------------------------

TEST(SourceDoor, AsksWaitingSourcesSideBySideOnOneComputingThread) {
  const Feed feed("steady", "waits: true");
  Workers workers({.computing = 1, .threads = 4, .queue = 10});
  std::string text;
  ASSERT_TRUE(workers.submit([&] { text = feed.text("/two?a=x&b=y", &workers); }));
  const auto end = steady_clock::now() + kHardLimit;
  while (feed.control.inside < 2 && steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(feed.control.inside, 2) << "both wait at once";
  feed.control.release.open();
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_NE(text.find("a.rows=3"), std::string::npos);
  EXPECT_NE(text.find("b.rows=3"), std::string::npos);
}

TEST(SourceDoor, AsksOneAfterTheOtherWhenNobodyHelps) {
  const Feed feed("steady");
  Workers workers({.computing = 1, .threads = 1, .queue = 10});
  std::string text;
  ASSERT_TRUE(workers.submit([&] { text = feed.text("/two?a=x&b=fail", &workers); }));
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_NE(text.find("a.rows=3"), std::string::npos);
  EXPECT_NE(text.find("upstream_down"), std::string::npos);
  EXPECT_EQ(feed.control.most, 1);
}

TEST(SourceDoor, EqualQueriesOfOneCallAreOneFetchOrTwoButNeverStuck) {
  const Feed feed("steady");
  Workers workers({.computing = 1, .threads = 4, .queue = 100});
  std::atomic<int> good{0};
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(workers.submit([&] {
      good += feed.text("/two?a=x&b=x", &workers).find("b.rows=3") != std::string::npos ? 1 : 0;
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 40);
  EXPECT_EQ(feed.control.most, 1) << "equal fetches never run at once";
}

TEST(SourceDoor, ASerialAnalysisThatWaitsForDataDoesNotBlockItself) {
  // It gives up its turn in the pool while it waits for data. Those who wait for their turn at it
  // must not take all turns of the pool meanwhile: it could never come back to finish.
  const Feed feed("steady", "waits: true");
  Workers workers({.computing = 2, .threads = 16, .queue = 100});
  std::atomic<int> good{0};
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(workers.submit([&] {
      good += feed.text("/serial", &workers).find("done=1") != std::string::npos ? 1 : 0;
    }));
  }
  ASSERT_TRUE(feed.control.entered.wait());
  // All others have begun when tasks that come after them get a turn.
  Gate after;
  ASSERT_TRUE(workers.submit([&] { after.open(); }));
  EXPECT_TRUE(after.wait()) << "they keep the turns while they wait";
  feed.control.release.open();
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 6);
}

TEST(SourceDoor, ManyCallsOfAllKindsAtOnceEndWell) {
  const Feed feed("steady");
  Workers workers({.computing = 2, .threads = 6, .queue = 1000});
  std::atomic<int> good{0};
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(workers.submit([&, i] {
      const std::string series = "s" + std::to_string(i % 5);
      const std::string text =
          i % 3 == 0 ? feed.text("/serial?name=" + series, &workers)
                     : feed.text("/two?a=" + series + "&b=s" + std::to_string(i % 7), &workers);
      good += text.find(i % 3 == 0 ? "done=1" : "b.rows=3") != std::string::npos ? 1 : 0;
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 200);
}

}  // namespace
}  // namespace bourse::host::test
