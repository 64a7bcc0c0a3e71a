// SPDX-License-Identifier: MIT
//
// Sources over sources: what passes through, what a layer adds, and that a bad one harms nobody
// below. The plugin is tests/fixtures/plugins/layers.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bourse/report.hpp"
#include "host/calls/call.hpp"
#include "host/calls/sources.hpp"
#include "host/plugins/load.hpp"
#include "tests/fixtures/plugins/pipeline_control.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host::test {
namespace {

using std::chrono::steady_clock;
using testing::ElementsAre;
using testing::HasSubstr;
using SourcePtr = std::shared_ptr<Source>;

const Catalog& catalog() {
  static const Loaded kLoaded = [] {
    const Sandbox sandbox;
    sandbox.add("layers");
    Loaded loaded = load_plugins({.folders = {sandbox.plugins()}, .host = &plugin_host()});
    for (const Refusal& refusal : loaded.refusals) ADD_FAILURE() << refusal.why.message;
    return loaded;
  }();
  return *kLoaded.catalog;
}

/// A source of that component, named after it.
SourcePtr make(const char* id, SourcePtr under = nullptr, const Control* control = nullptr) {
  const auto component = catalog().find_source(id);
  if (component == nullptr) throw std::runtime_error(std::string("no source ") + id);
  const Value address = control == nullptr ? Value() : Value::integer(control->address());
  auto instance = Instance::create(component, nullptr, Arguments({"control"}, {address}));
  if (!instance) throw std::runtime_error(instance.failure().message);
  return std::make_shared<Source>(id, *std::move(instance), std::move(under));
}

Result<Answer> ask(const SourcePtr& source, const char* dataset, const char* name,
                   std::int64_t count = 3, const Context& context = {},
                   Workers* workers = nullptr) {
  const bourse_arg args[] = {{borrow("name"), value(std::string_view(name))},
                             {borrow("count"), value(count)}};
  const bourse_query query{sizeof query, 0, borrow(dataset), {}, 2, args};
  return source->fetch(context, query, workers);
}

std::vector<std::int64_t> numbers(const Result<Answer>& answer) {
  if (!answer) {
    ADD_FAILURE() << answer.failure().code << ": " << answer.failure().message;
    return {};
  }
  const bourse_table& table = *answer->report->wire().tables[0];
  const auto* const data = static_cast<const std::int64_t*>(table.columns[0].data);
  return {data, data + table.n_rows};
}

std::string code_of(const Result<Answer>& answer) { return answer ? "ok" : answer.failure().code; }

std::vector<std::string> names_of(const Source& source) {
  std::vector<std::string> names;
  for (const Dataset* dataset : source.datasets()) names.push_back(dataset->name);
  return names;
}

/// What a layer must leave as it was.
void expect_unharmed(const SourcePtr& base) {
  EXPECT_THAT(numbers(ask(base, "series", "x", 2)), ElementsAre(1, 2));
}

// ---- what is answered ---------------------------------------------------------------------------

TEST(Layer, MakesItsAnswerOfWhatTheSourceBelowSays) {
  const SourcePtr market = make("resample", make("base"));
  const auto answer = ask(market, "series", "x", 3);
  EXPECT_THAT(numbers(answer), ElementsAre(1 + 2, 3 + 4, 5 + 6));
  const bourse_report& report = answer->report->wire();
  EXPECT_EQ(view(report.component), "fixture.layers/resample");
  EXPECT_EQ(report.as_of, 4000) << "as new as what it was made of";
  ASSERT_EQ(report.n_notes, 1U);
  EXPECT_EQ(view(report.notes[0]->code), "delayed") << "it passed the note on";
}

TEST(Layer, PassesThroughWhatItDoesNotDeclare) {
  const SourcePtr base = make("base");
  const SourcePtr market = make("resample", base);
  EXPECT_THAT(names_of(*market), ElementsAre("series", "plain", "diary"));
  EXPECT_EQ(market->find_dataset("series")->params.size(), 4U) << "its own declaration";
  EXPECT_EQ(market->find_dataset("plain"), base->find_dataset("plain"));
  EXPECT_EQ(market->find_dataset("trades"), nullptr);
  const auto answer = ask(market, "plain", "x", 3);
  EXPECT_THAT(numbers(answer), ElementsAre(1, 2, 3));
  EXPECT_EQ(view(answer->report->wire().component), "fixture.layers/base");
  EXPECT_EQ(code_of(ask(market, "trades", "x")), "dataset_not_offered");
}

TEST(Layer, ThatDeclaresNothingIsAsIfItWereNotThere) {
  const SourcePtr base = make("base");
  const SourcePtr market = make("passes", base);
  EXPECT_EQ(names_of(*market), names_of(*base));
  EXPECT_THAT(numbers(ask(market, "series", "x", 2)), ElementsAre(1, 2));
}

TEST(Layer, MayStandOnALayer) {
  const SourcePtr market = make("resample", make("passes", make("resample", make("base"))));
  EXPECT_THAT(numbers(ask(market, "series", "x", 2)), ElementsAre(1 + 2 + 3 + 4, 5 + 6 + 7 + 8));
}

TEST(Layer, OverNothingIsToldWhatTheOperatorCanDo) {
  const auto answer = ask(make("resample"), "series", "x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().code, "no_source");
  EXPECT_THAT(answer.failure().message, HasSubstr("`over:`"));
  EXPECT_THAT(answer.failure().message, HasSubstr("resample"));
}

TEST(Layer, MayNotNameASourceEvenIfItSaysThatAllIsWell) {
  const SourcePtr base = make("base");
  const auto answer = ask(make("names", base), "series", "x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().code, "plugin_misuse");
  EXPECT_EQ(answer.failure().origin, Origin::kMisuse);
  EXPECT_THAT(answer.failure().message, HasSubstr("leave `source` empty"));
  expect_unharmed(base);
}

TEST(Layer, SaysForItselfHowLongItsAnswerIsTrue) {
  const SourcePtr base = make("base");
  EXPECT_EQ(ask(base, "series", "x")->fresh_until, 9000);
  EXPECT_EQ(ask(make("resample", base), "series", "x")->fresh_until, std::nullopt)
      << "it said nothing; what it asked is another answer";
  EXPECT_EQ(ask(make("resample", base), "plain", "x")->fresh_until, 9000);
}

TEST(Layer, DoesNotOpenWhatIsPrivateBelow) {
  const SourcePtr market = make("opens", make("base"));
  Context everybody;
  Context owner;
  owner.authorized = true;
  EXPECT_EQ(code_of(ask(market, "series", "x", 1, everybody)), "private_data") << "asked below";
  EXPECT_EQ(code_of(ask(market, "diary", "x", 1, everybody)), "private_data") << "its own";
  EXPECT_EQ(code_of(ask(market, "series", "x", 1, owner)), "ok");
  EXPECT_EQ(code_of(ask(market, "diary", "x", 1, owner)), "ok");
  const SourcePtr through = make("passes", make("base"));
  EXPECT_EQ(code_of(ask(through, "diary", "x", 1, everybody)), "private_data") << "passed through";
}

TEST(Layer, WhatItCallsOptionalIsNotSentToASourceThatLacksIt) {
  // Every question of these layers carries `hint`, which base does not know.
  const SourcePtr base = make("base");
  const bourse_arg args[] = {{borrow("name"), value("x")}, {borrow("hint"), value("quick")}};
  const bourse_query query{sizeof query, 0, borrow("series"), {}, 2, args};
  EXPECT_EQ(code_of(base->fetch({}, query, nullptr)), "plugin_misuse");
  EXPECT_EQ(code_of(base->fetch({}, query, nullptr, catalog().find_source("lies").get())), "ok");
  EXPECT_EQ(code_of(base->fetch({}, query, nullptr, catalog().find_source("base").get())),
            "dataset_differs")
      << "who asks does not declare it";
}

// ---- what does not fit --------------------------------------------------------------------------

TEST(Layer, OverASourceThatTakesLessIsNobodysMistakeAndBothAreNamed) {
  const auto told = [](const char* below) {
    const auto answer = ask(make("resample", make(below)), "series", "x");
    if (answer) return std::string("no failure");
    EXPECT_EQ(answer.failure().status, BOURSE_UNPROCESSABLE);
    EXPECT_EQ(answer.failure().code, "dataset_differs");
    return answer.failure().message;
  };
  EXPECT_EQ(told("bare"),
            "Layer fixture.layers/resample gives argument \"count\" of \"series\" to the source "
            "under it. Source bare (fixture.layers/bare) does not take it. Put the layer over a "
            "source that does.");
  EXPECT_EQ(
      told("worded"),
      "Layer fixture.layers/resample gives argument \"count\" of \"series\" to the source "
      "under it. Source worded (fixture.layers/worded) takes it as another type. Put the layer "
      "over a source that does.");
}

TEST(Layer, OverASourceWithoutTheDatasetNamesBoth) {
  const auto answer = ask(make("opens", make("bare")), "series", "x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().status, BOURSE_UNPROCESSABLE);
  EXPECT_EQ(answer.failure().code, "dataset_not_offered");
  EXPECT_EQ(answer.failure().message,
            "Source bare (fixture.layers/bare) does not deliver \"diary\", which layer "
            "fixture.layers/opens asks it for. Put the layer over a source that does.");
}

// ---- what goes wrong ----------------------------------------------------------------------------

TEST(Layer, PassesOnWhyTheSourceBelowFailed) {
  const auto answer = ask(make("resample", make("base")), "series", "busy");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().status, BOURSE_UNAVAILABLE);
  EXPECT_EQ(answer.failure().code, "busy");
  EXPECT_EQ(answer.failure().message, "In the words of the plugin.");
  EXPECT_EQ(answer.failure().retry_after, std::chrono::seconds(7));
}

TEST(Layer, ThatThrowsIsNamedAndTheSourceBelowIsUnharmed) {
  const SourcePtr base = make("base");
  const auto answer = ask(make("throws-over", base), "series", "x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().code, "plugin_threw");
  EXPECT_THAT(answer.failure().message, HasSubstr("fixture.layers/throws-over"));
  EXPECT_THAT(answer.failure().message, HasSubstr("lost its footing"));
  expect_unharmed(base);
}

TEST(Layer, ThatLiesIsNamedAndTheSourceBelowIsUnharmed) {
  const SourcePtr base = make("base");
  const auto answer = ask(make("lies", base), "series", "x");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().code, "source_broke_promise");
  EXPECT_EQ(answer.failure().message,
            "fixture.layers/lies delivered series, but with another type of the declared column n");
  expect_unharmed(base);
}

TEST(Layer, ThatSleepsIsNamedWhenTheTimeIsOverAndTheSourceBelowIsUnharmed) {
  const SourcePtr base = make("base");
  Context context;
  context.deadline = steady_clock::now() + std::chrono::milliseconds(20);
  const auto answer = ask(make("sleeps", base), "series", "x", 1, context);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().status, BOURSE_DEADLINE);
  EXPECT_EQ(answer.failure().code, "deadline_exceeded");
  EXPECT_THAT(answer.failure().message,
              HasSubstr("Source sleeps (fixture.layers/sleeps) was at work."));
  expect_unharmed(base);
}

TEST(Layer, GivesTheDeadlineOnAndWhoWasAtWorkIsTheSourceBelow) {
  const Control control;
  const SourcePtr market = make("resample", make("base", nullptr, &control));
  Context context;
  context.deadline = steady_clock::now() + std::chrono::milliseconds(20);
  const auto answer = ask(market, "series", "wait", 1, context);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.failure().code, "deadline_exceeded");
  EXPECT_THAT(answer.failure().message, HasSubstr("(fixture.layers/base) was at work"));
}

// ---- many at once -------------------------------------------------------------------------------

TEST(Layer, EqualQuestionsOfTwoLayersAreOneFetchBelow) {
  const Control control;
  const SourcePtr base = make("base", nullptr, &control);
  const SourcePtr one = make("resample", base);
  const SourcePtr two = make("resample", base);
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (const SourcePtr& market : {one, one, two}) {
    threads.emplace_back(
        [&, market] { good += code_of(ask(market, "series", "wait", 3)) == "ok" ? 1 : 0; });
    ASSERT_TRUE(control.entered.wait());
  }
  std::this_thread::yield();
  const_cast<Control&>(control).release.open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 3);
  EXPECT_EQ(control.most, 1) << "nobody fetched beside another";
}

TEST(Layer, ThatWaitsForPrivateDataIsNotJoinedByWhoMayNotSeeIt) {
  const Control control;
  const SourcePtr market = make("opens", make("base", nullptr, &control));
  Context owner;
  owner.authorized = true;
  Context everybody;
  everybody.deadline = steady_clock::now() + std::chrono::seconds(3);
  std::string told;
  std::thread leads([&] { told = code_of(ask(market, "series", "wait", 1, owner)); });
  ASSERT_TRUE(control.entered.wait());
  EXPECT_EQ(code_of(ask(market, "series", "wait", 1, everybody)), "private_data");
  const_cast<Control&>(control).release.open();
  leads.join();
  EXPECT_EQ(told, "ok") << "nor does the refusal of one reach the other";
}

TEST(Layer, WaitsIfAnythingBelowItWaits) {
  EXPECT_FALSE(make("resample", make("base"))->waits());
  EXPECT_TRUE(make("resample", make("base-waits"))->waits());
  EXPECT_TRUE(make("passes", make("resample", make("base-waits")))->waits());
}

TEST(Layer, TakesNoComputingThreadWhileTheSourceBelowWaits) {
  for (const char* layer : {"resample", "resample-serial"}) {
    Control control;
    const SourcePtr market = make(layer, make("base-waits", nullptr, &control));
    Workers workers({.computing = 1, .threads = 8, .queue = 20});
    std::atomic<int> good{0};
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(workers.submit([&, i] {
        good += code_of(ask(market, "series", "wait", i + 1, {}, &workers)) == "ok" ? 1 : 0;
      }));
    }
    ASSERT_TRUE(control.entered.wait());
    Gate after;
    ASSERT_TRUE(workers.submit([&] { after.open(); }));
    EXPECT_TRUE(after.wait()) << layer << ": the only computing thread is free";
    control.release.open();
    ASSERT_TRUE(workers.drain(kHardLimit));
    EXPECT_EQ(good, 4) << layer;
  }
}

TEST(Layer, ThatWaitsOverASourceThatComputesLeavesItATurn) {
  Control control;
  const SourcePtr market = make("resample-waits", make("base", nullptr, &control));
  Workers workers({.computing = 1, .threads = 8, .queue = 20});
  std::atomic<bool> good{false};
  ASSERT_TRUE(workers.submit(
      [&] { good = code_of(ask(market, "series", "wait", 1, {}, &workers)) == "ok"; }));
  ASSERT_TRUE(control.entered.wait());
  std::atomic<bool> beside{false};
  ASSERT_TRUE(workers.submit([&] { beside = control.inside > 0; }));
  for (int i = 0; i < 1000; ++i) std::this_thread::yield();  // room for it to go wrong
  control.release.open();
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_TRUE(good);
  EXPECT_FALSE(beside) << "two computed at once, where one may";
}

TEST(Layer, ThatIsSerialIsCalledOnceAtATimeAndAsksMeanwhile) {
  const Control below;
  Control inside;
  const SourcePtr market = make("resample-serial", make("base", nullptr, &below), &inside);
  Workers workers({.computing = 3, .threads = 8, .queue = 100});
  std::atomic<int> good{0};
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(workers.submit([&, i] {
      good += code_of(ask(market, "series", "x", i % 7 + 1, {}, &workers)) == "ok" ? 1 : 0;
    }));
  }
  ASSERT_TRUE(workers.drain(kHardLimit));
  EXPECT_EQ(good, 40);
  EXPECT_EQ(inside.most, 1);
}

// ---- probing ------------------------------------------------------------------------------------

TEST(Layer, IsProbedTogetherWithWhatIsBelow) {
  const SourcePtr market = make("resample", make("base"));
  const ProbeOffer offer = market->probe_offer();
  EXPECT_TRUE(offer.has_checks);
  EXPECT_THAT(offer.examples,
              ElementsAre(testing::Pair("name", "high"), testing::Pair("count", "2")))
      << "the layer's own goes before";
  std::vector<Finding> found;
  ASSERT_TRUE(market->probe({}, [&](Finding finding) { found.push_back(std::move(finding)); }));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].name, "base: ground");
  EXPECT_EQ(found[0].verdict, Verdict::kPass);
  EXPECT_EQ(found[1].name, "ladder");
  EXPECT_EQ(found[1].verdict, Verdict::kSkipped) << "a verdict that this host does not know";
  EXPECT_EQ(found[1].advice, "This host does not know the verdict 77: use a newer host.");
}

}  // namespace
}  // namespace bourse::host::test
