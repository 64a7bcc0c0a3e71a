// SPDX-License-Identifier: MIT
#include "host/plugins/instance.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "host/plugins/load.hpp"
#include "tests/host/plugins/sandbox.hpp"

namespace bourse::host {
namespace {

// The host does not look into a call, and neither do these plugins: any address serves.
bourse_call* some_call() {
  static char storage;
  return reinterpret_cast<bourse_call*>(&storage);
}

const bourse_report kReport = [] {
  bourse_report report = {};
  report.size = sizeof report;
  return report;
}();

Arguments flag(bool value) { return {{"fail"}, {Value::boolean(value)}}; }
Arguments number(std::int64_t value) { return {{"limit"}, {Value::integer(value)}}; }

TEST(Instance, CallsWhatTheComponentOffersAndPassesEverythingOn) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  sandbox.add("good");
  auto loaded = load_from(sandbox.plugins());
  ASSERT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
  {
    auto analysis = Instance::create(loaded.catalog->find_analysis("echo"), some_call(), number(1));
    ASSERT_TRUE(analysis) << analysis.failure().message;
    EXPECT_TRUE((*analysis)->run(some_call(), number(7).data()));
    const auto failed = (*analysis)->run(some_call(), number(8).data());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.failure().status, BOURSE_UNPROCESSABLE);
    EXPECT_EQ(failed.failure().code, "plugin_failed");
    EXPECT_NE(failed.failure().message.find("fixture.good/echo"), std::string::npos);
    ASSERT_NE((*analysis)->extension("answer"), nullptr);
    EXPECT_EQ(*static_cast<const int*>((*analysis)->extension("answer")), 1);
    EXPECT_EQ((*analysis)->extension("other"), nullptr);
  }
  const auto source = Instance::create(loaded.catalog->find_source("echo-source"), nullptr, {});
  ASSERT_TRUE(source) << "create may be NULL";
  EXPECT_TRUE((*source)->fetch(some_call(), (*source)->component().datasets[0], number(7).data()));
  EXPECT_EQ((*source)->extension("answer"), nullptr) << "extension may be NULL";
  const auto text = Instance::create(loaded.catalog->find_serializer("echo-text"), nullptr, {});
  ASSERT_TRUE(text);
  EXPECT_TRUE((*text)->render(some_call(), Arguments().data(), kReport));
  EXPECT_EQ(diary.text(), "constructed\ninit\ncreate\ndestroy\n");
}

TEST(Instance, KeepsItsLibraryLoadedLongerThanTheCatalog) {
  const Sandbox sandbox;
  const Diary diary(sandbox);
  sandbox.add("good");
  auto loaded = load_from(sandbox.plugins());
  auto analysis = Instance::create(loaded.catalog->find_analysis("echo"), some_call(), number(1));
  ASSERT_TRUE(analysis);
  loaded.catalog.reset();
  EXPECT_EQ(diary.text(), "constructed\ninit\ncreate\n");
  EXPECT_TRUE((*analysis)->run(some_call(), number(7).data()));
  analysis->reset();
  EXPECT_EQ(diary.text(), "constructed\ninit\ncreate\ndestroy\ndeinit\ndestructed\n");
}

TEST(Instance, ExceptionsThatCrossTheBoundaryBecomeFailures) {
  const Sandbox sandbox;
  sandbox.add("throwing");
  const auto loaded = load_from(sandbox.plugins());
  ASSERT_TRUE(loaded.refusals.empty()) << loaded.refusals[0].why.message;
  const auto expect_thrown = [](const auto& result, const std::string& word) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.failure().status, BOURSE_INTERNAL);
    EXPECT_EQ(result.failure().code, "plugin_threw");
    EXPECT_NE(result.failure().message.find(word), std::string::npos) << result.failure().message;
  };
  const auto analysis_type = loaded.catalog->find_analysis("throw-analysis");
  expect_thrown(Instance::create(analysis_type, some_call(), flag(true)), "create");
  const auto analysis = Instance::create(analysis_type, some_call(), flag(false));
  ASSERT_TRUE(analysis) << analysis.failure().message;
  expect_thrown((*analysis)->run(some_call(), nullptr), "\"run\"");
  EXPECT_EQ((*analysis)->extension("any"), nullptr);
  const auto source =
      Instance::create(loaded.catalog->find_source("throw-source"), some_call(), flag(false));
  ASSERT_TRUE(source);
  expect_thrown((*source)->fetch(some_call(), (*source)->component().datasets[0], nullptr),
                "not a std::exception");
  const auto serializer = Instance::create(loaded.catalog->find_serializer("throw-serializer"),
                                           some_call(), flag(false));
  ASSERT_TRUE(serializer);
  expect_thrown((*serializer)->render(some_call(), nullptr, kReport), "not a std::exception");
  // destroy and deinit throw too, on the way out.
}

std::shared_ptr<Component> analysis_of(decltype(bourse_component::run) run, std::uint32_t flags) {
  auto component = std::make_shared<Component>();
  component->kind = BOURSE_KIND_ANALYSIS;
  component->flags = flags;
  component->plugin = "test";
  component->id = "inline";
  component->host = &test_host();
  component->run = run;
  return component;
}

TEST(Instance, AStatusThatTheContractDoesNotKnowIsTheHostsToReport) {
  const auto analysis = Instance::create(
      analysis_of([](void*, bourse_call*, const bourse_value*) -> bourse_status { return 200; }, 0),
      nullptr, {});
  ASSERT_TRUE(analysis);
  const auto outcome = (*analysis)->run(some_call(), nullptr);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.failure().status, BOURSE_INTERNAL);
  EXPECT_EQ(outcome.failure().code, "bad_status");
}

TEST(Instance, EveryStatusOfAFailureIsPassedOnAsItIs) {
  for (const bourse_status status : {400, 409, 413, 451, 599}) {
    auto component = analysis_of(nullptr, 0);
    static bourse_status told;
    told = status;
    component->run = [](void*, bourse_call*, const bourse_value*) { return told; };
    const auto analysis = Instance::create(component, nullptr, {});
    ASSERT_TRUE(analysis);
    const auto outcome = (*analysis)->run(some_call(), nullptr);
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.failure().status, status);
    EXPECT_EQ(outcome.failure().origin, Origin::kSilent);
  }
  for (const bourse_status status : {-1, 1, 200, 399, 600}) {
    auto component = analysis_of(nullptr, 0);
    static bourse_status told;
    told = status;
    component->run = [](void*, bourse_call*, const bourse_value*) { return told; };
    const auto analysis = Instance::create(component, nullptr, {});
    ASSERT_TRUE(analysis);
    EXPECT_EQ((*analysis)->run(some_call(), nullptr).failure().code, "bad_status") << status;
  }
}

// What the plugin was given as values: "7 null 9".
std::string given;

bourse_status write_down(const bourse_value* values, std::size_t n) {
  given.clear();
  for (std::size_t i = 0; i < n; ++i) {
    given += i == 0 ? "" : " ";
    given += values[i].type == BOURSE_TYPE_NULL ? "null" : std::to_string(values[i].as.i64);
  }
  return BOURSE_OK;
}

TEST(Instance, AParameterThatWasLeftOutIsNullAtItsPlace) {
  auto component =
      analysis_of([](void*, bourse_call*, const bourse_value* v) { return write_down(v, 4); }, 0);
  component->create = [](const bourse_host*, bourse_call*, const bourse_value* v, void**) {
    return write_down(v, 2);
  };
  component->config = {Parameter{.name = "a", .type = BOURSE_TYPE_I64}};
  component->config_left_out = {true, false};
  component->params = {Parameter{.name = "a", .type = BOURSE_TYPE_I64},
                       Parameter{.name = "b", .type = BOURSE_TYPE_I64}};
  component->params_left_out = {false, true, false, true};
  const auto made = Instance::create(component, nullptr, number(5));
  ASSERT_TRUE(made);
  EXPECT_EQ(given, "null 5");
  const Arguments two({"a", "b"}, {Value::integer(7), Value::integer(9)});
  EXPECT_TRUE((*made)->run(some_call(), two.data()));
  EXPECT_EQ(given, "7 null 9 null");
}

TEST(Instance, DatasetsKeepTheNumberThatThePluginGaveThem) {
  static std::size_t asked;
  auto component = std::make_shared<Component>();
  component->kind = BOURSE_KIND_SOURCE;
  component->host = &test_host();
  component->fetch = [](void*, bourse_call*, std::size_t dataset, const bourse_value* v) {
    asked = dataset;
    return write_down(v, 2);
  };
  Dataset dataset{.name = "second"};  // the first one was left out
  dataset.index = 1;
  dataset.params = {Parameter{.name = "a", .type = BOURSE_TYPE_I64}};
  dataset.params_left_out = {true, false};
  component->datasets = {dataset};
  const auto made = Instance::create(component, nullptr, {});
  ASSERT_TRUE(made);
  EXPECT_TRUE((*made)->fetch(some_call(), component->datasets[0], number(3).data()));
  EXPECT_EQ(asked, 1U);
  EXPECT_EQ(given, "null 3");
}

TEST(Instance, DestroyIsNotCalledForWhatCreateDidNotMake) {
  auto component =
      analysis_of([](void*, bourse_call*, const bourse_value*) { return bourse_status{}; }, 0);
  component->create = [](const bourse_host*, bourse_call*, const bourse_value*, void** self) {
    *self = nullptr;
    return bourse_status{BOURSE_FORBIDDEN};
  };
  component->destroy = [](void*) { std::abort(); };
  const auto outcome = Instance::create(component, some_call(), {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.failure().status, BOURSE_FORBIDDEN);
}

// A run that tells that it is inside, and stays there until it is let go. `self` would be the place
// for this in a plugin; here each test clears it.
struct Gate {
  std::promise<void> entered;
  std::promise<void> leave;
};
std::atomic<Gate*> gate = nullptr;
std::atomic<int> inside = 0;
std::atomic<int> inside_most = 0;

bourse_status run_gated(void*, bourse_call*, const bourse_value*) {
  inside_most = std::max(inside_most.load(), ++inside);
  if (Gate* const mine = gate.exchange(nullptr)) {
    mine->entered.set_value();
    mine->leave.get_future().wait();
  }
  --inside;
  return BOURSE_OK;
}

// create and destroy run while others are at work, on instances and on threads of their own.
TEST(Instance, IsMadeAndUnmadeWhileOthersRun) {
  static std::atomic<int> living = 0;
  auto component = analysis_of(run_gated, 0);
  component->create = [](const bourse_host*, bourse_call*, const bourse_value*, void** self) {
    *self = &living;
    ++living;
    return bourse_status{BOURSE_OK};
  };
  component->destroy = [](void* self) { --*static_cast<std::atomic<int>*>(self); };
  const auto first = Instance::create(component, nullptr, {});
  ASSERT_TRUE(first);
  Gate inside_first;
  gate = &inside_first;
  std::thread runner([&] { EXPECT_TRUE((*first)->run(some_call(), nullptr)); });
  inside_first.entered.get_future().wait();
  {
    const auto second = Instance::create(component, nullptr, {});
    ASSERT_TRUE(second);
    EXPECT_EQ(living, 2);
  }
  EXPECT_EQ(living, 1) << "the second is gone while the first still runs";
  inside_first.leave.set_value();
  runner.join();
}

TEST(Instance, ASerialComponentIsCalledByOneThreadAtATime) {
  const auto made = Instance::create(analysis_of(run_gated, BOURSE_COMPONENT_SERIAL), nullptr, {});
  ASSERT_TRUE(made);
  auto& instance = **made;
  inside_most = 0;
  Gate first;
  gate = &first;
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EXPECT_TRUE(instance.run(some_call(), nullptr)); });
  first.entered.get_future().wait();
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(instance.run(some_call(), nullptr)); });
  }
  first.leave.set_value();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(inside_most, 1);
}

void collect_counted(void*, void* sink, void (*emit)(void*, const bourse_metric*)) {
  inside_most = std::max(inside_most.load(), ++inside);
  const bourse_metric metric{sizeof metric, BOURSE_METRIC_GAUGE, {"level", 5}, {}, 0, nullptr, 1};
  emit(sink, &metric);
  --inside;
}

std::shared_ptr<Component> with_metrics(std::uint32_t flags) {
  auto component = analysis_of(run_gated, flags);
  component->extension = [](void*, const char* id) -> const void* {
    static constexpr bourse_metrics kMetrics{sizeof kMetrics, 0, collect_counted};
    return std::string_view(id) == BOURSE_METRICS_ID ? &kMetrics : nullptr;
  };
  return component;
}

std::chrono::steady_clock::time_point in(std::chrono::milliseconds wait) {
  return std::chrono::steady_clock::now() + wait;
}

TEST(Instance, ASerialComponentIsAskedForItsFiguresInTurnOrNotAtAll) {
  const auto made = Instance::create(with_metrics(BOURSE_COMPONENT_SERIAL), nullptr, {});
  ASSERT_TRUE(made);
  inside_most = 0;
  Gate first;
  gate = &first;
  std::thread thread([&] { EXPECT_TRUE((*made)->run(some_call(), nullptr)); });
  first.entered.get_future().wait();
  EXPECT_FALSE((*made)->metrics(in(std::chrono::milliseconds(1)))) << "it is busy";
  std::thread waiter([&] {
    const auto metrics = (*made)->metrics(in(std::chrono::minutes(1)));
    ASSERT_TRUE(metrics);
    EXPECT_EQ(metrics->metrics.size(), 1U);
  });
  first.leave.set_value();
  thread.join();
  waiter.join();
  EXPECT_EQ(inside_most, 1);
  EXPECT_TRUE((*made)->run(some_call(), nullptr)) << "the turn was given back";
}

TEST(Instance, FiguresThatAreToldTwiceOrTooManyAreCounted) {
  auto component = with_metrics(0);
  component->extension = [](void*, const char* id) -> const void* {
    static constexpr bourse_metrics kMetrics{
        sizeof kMetrics, 0, [](void*, void* sink, void (*emit)(void*, const bourse_metric*)) {
          const bourse_label ab[] = {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"2", 1}}};
          const bourse_label ba[] = {ab[1], ab[0]};
          bourse_metric metric{sizeof metric, BOURSE_METRIC_GAUGE, {"level", 5}, {}, 2, ab, 1};
          emit(sink, &metric);
          metric.labels = ba;  // the same series
          emit(sink, &metric);
          emit(sink, nullptr);
          metric.n_labels = 1;
          for (int i = 0; i < 1000; ++i) {
            const std::string value = std::to_string(i);
            const bourse_label one{{"a", 1}, {value.data(), value.size()}};
            metric.labels = &one;
            emit(sink, &metric);
          }
        }};
    return std::string_view(id) == BOURSE_METRICS_ID ? &kMetrics : nullptr;
  };
  const auto made = Instance::create(component, nullptr, {});
  ASSERT_TRUE(made);
  const auto told = (*made)->metrics(in(std::chrono::milliseconds(0)));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->metrics.size(), 1000U);
  EXPECT_EQ(told->dropped, 3U);
  EXPECT_EQ(told->why, "\"level\": it is told twice with the same labels");
}

TEST(Instance, OthersTellTheirFiguresWhileTheyAreCalled) {
  const auto made = Instance::create(with_metrics(0), nullptr, {});
  ASSERT_TRUE(made);
  Gate first;
  gate = &first;
  std::thread thread([&] { EXPECT_TRUE((*made)->run(some_call(), nullptr)); });
  first.entered.get_future().wait();
  const auto metrics = (*made)->metrics(in(std::chrono::milliseconds(0)));
  ASSERT_TRUE(metrics);
  ASSERT_EQ(metrics->metrics.size(), 1U);
  EXPECT_EQ(metrics->metrics.front().name, "level");
  first.leave.set_value();
  thread.join();
}

TEST(Instance, OthersAreCalledByManyThreadsAtOnce) {
  const auto made = Instance::create(analysis_of(run_gated, 0), nullptr, {});
  ASSERT_TRUE(made);
  inside_most = 0;
  Gate first;
  gate = &first;
  std::thread thread([&] { EXPECT_TRUE((*made)->run(some_call(), nullptr)); });
  first.entered.get_future().wait();
  EXPECT_TRUE((*made)->run(some_call(), nullptr)) << "does not wait for the first";
  EXPECT_EQ(inside_most, 2);
  first.leave.set_value();
  thread.join();
}

TEST(Instance, WaitingForATurnEndsWithTheCall) {
  auto host = test_functions().table;
  host.poll = [](bourse_call*, std::int64_t* ns_left) {
    *ns_left = 0;
    return bourse_status{BOURSE_DEADLINE};
  };
  auto component = analysis_of(run_gated, BOURSE_COMPONENT_SERIAL);
  component->host = &host;
  const auto made = Instance::create(component, nullptr, {});
  ASSERT_TRUE(made);
  Gate first;
  gate = &first;
  std::thread thread([&] { EXPECT_TRUE((*made)->run(some_call(), nullptr)); });
  first.entered.get_future().wait();
  const auto late = (*made)->run(some_call(), nullptr);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.failure().status, BOURSE_DEADLINE);
  EXPECT_EQ(late.failure().code, "no_turn");
  first.leave.set_value();
  thread.join();
  EXPECT_TRUE((*made)->run(some_call(), nullptr)) << "the turn was given back";
}

TEST(Instance, WhoWaitsForATurnPausesForAsLongAndNobodyElseDoes) {
  const auto made = Instance::create(analysis_of(run_gated, BOURSE_COMPONENT_SERIAL), nullptr, {});
  ASSERT_TRUE(made);
  auto& instance = **made;
  const Instance::Pause never = [] {
    ADD_FAILURE() << "there was nothing to wait for";
    return nullptr;
  };
  Gate first;
  gate = &first;
  std::thread holder([&] { EXPECT_TRUE(instance.run(some_call(), nullptr, never)); });
  first.entered.get_future().wait();
  std::promise<void> pausing;
  std::atomic<bool> resumed{false};
  std::thread waiter([&] {
    const auto pause = [&]() -> std::shared_ptr<void> {
      pausing.set_value();  // a second time would throw
      return {nullptr, [&](void*) { resumed = true; }};
    };
    EXPECT_TRUE(instance.run(some_call(), nullptr, pause));
  });
  pausing.get_future().wait();
  EXPECT_FALSE(resumed);
  first.leave.set_value();
  holder.join();
  waiter.join();
  EXPECT_TRUE(resumed);
}

TEST(Instance, ASerialComponentThatThrowsGivesItsTurnBack) {
  const auto made = Instance::create(
      analysis_of([](void*, bourse_call*, const bourse_value*) -> bourse_status { throw 1; },
                  BOURSE_COMPONENT_SERIAL),
      nullptr, {});
  ASSERT_TRUE(made);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ((*made)->run(nullptr, nullptr).failure().code, "plugin_threw");
  }
}

}  // namespace
}  // namespace bourse::host
