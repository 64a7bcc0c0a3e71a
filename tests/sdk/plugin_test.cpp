// SPDX-License-Identifier: MIT
//
// A plugin of several components, driven over the wire as a host drives it.
#include "bourse/plugin.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/ext/datasets.hpp"
#include "bourse/ext/metrics.hpp"
#include "bourse/ext/probe.hpp"
#include "bourse/ext/request.hpp"
#include "bourse/ext/shared.hpp"
#include "bourse/ext/tasks.hpp"
#include "bourse/ext/watch.hpp"
#include "bourse/reads.hpp"
#include "tests/sdk/fake_host.hpp"

namespace {

using namespace bourse;
using Texts = std::vector<std::string>;

bool deinit_called = false;
bool init_refuses = false;

struct Asks {
  static constexpr About about{.id = "asks", .title = "Asks", .parts = BOURSE_PART_SCALARS};
  static constexpr std::array params{
      Param("what", BOURSE_TYPE_TEXT, "What to do.").labelled("What")};
  static constexpr std::array config{Param("n", BOURSE_TYPE_I64, "A number.").with_default("3")};
  static constexpr std::array datasets{&reads<"candles", "open_time", "close?">,
                                       &reads_if<"prices", "price">,
                                       &reads_from<bourse_trades, "id">};
  Asks(const Values& values, Host given) : n(values.integer("n")), host(given), request(given) {
    host.log(BOURSE_LEVEL_INFO, "made", {{"n", n}, {"host", host.version()}});
  }
  std::int64_t n;
  Host host;
  Request request;

  void run(Call& call, const Values& values) const {
    const std::string_view what = values.text("what");
    if (what == "log") {
      call.log(BOURSE_LEVEL_WARN, "slow",
               {{"rows", 5}, {"symbol", std::string("S")}, {"big", ~0ULL}});
    } else if (what == "pages") {
      for (int page = 0; page < 3; ++page) {
        const Page answer = call.page(Query("candles").with("page", page));
        call.notes_of(answer);
      }
      call.release(call.ask(Query("candles")));
    } else if (what == "time") {
      call.scalar(FieldOf<Time>("now"), call.now());
      call.scalar(FieldOf<std::int64_t>("left"), call.ns_left());
      call.fresh_until(call.now() + std::chrono::seconds(1));
    } else if (what == "fail") {
      throw Error(BOURSE_TOO_MANY, "busy", "It is busy.")
          .blame("what")
          .retry_after(std::chrono::seconds(7));
    } else if (what == "answers") {
      for (const Answer& answer : call.ask(std::vector<Query>(2, Query("candles")))) {
        call.note(BOURSE_LEVEL_INFO, answer.ok() ? "ok" : answer.code(),
                  std::string(answer.message()) + "|" + std::string(answer.parameter()) + "|" +
                      std::to_string(answer.retry_after().ns));
      }
    } else if (what == "who") {
      call.meta("id", request.id(call));
      call.meta("language", request.language(call));
    } else if (what == "throw") {
      throw std::runtime_error("by accident");
    } else if (what == "throw 5") {
      throw 5;
    } else if (what == "overflow") {
      (void)(Decimal::from(std::string(38, '9')) * Decimal::of(11));
    }
  }
};

constexpr std::array kBackfillParams{Param("symbol", BOURSE_TYPE_TEXT, "Market.").required()};

struct Source {
  static constexpr About about{.id = "source", .title = "Source", .parts = BOURSE_PART_TABLES};
  static constexpr std::array datasets{&bourse_candles};
  static constexpr std::array probe_examples{Example{"symbol", "BTCUSDT"}};
  static constexpr std::array tasks{
      Task{.name = "verify", .title = "Verify"},
      Task{.name = "backfill", .title = "Backfill", .doc = "Fills.", .params = kBackfillParams}};
  explicit Source(Host) {}

  void fetch(Call& call, std::size_t dataset, const Values& values) const {
    call.meta("dataset", dataset);
    if (dataset == 1) call.meta("rows", values.maybe<std::int64_t>("rows"));
  }
  void collect(Metrics& metrics) const {
    metrics.gauge("used", "What is used.", 7, {{"kind", "a"}});
    throw std::runtime_error("no more");
  }
  void probe(Call&, Findings& findings) const { findings.fail("clock", "late", "set it"); }
  std::uint64_t watch(Call&, std::size_t dataset, const Values& values, Changed changed) const {
    if (dataset == 0 && values.text("symbol") != "BTCUSDT") {
      throw Error(BOURSE_UNPROCESSABLE, "not_watched", "This market is not watched.");
    }
    changed();
    changed();
    return 42;
  }
  void unwatch(std::uint64_t token) const { unwatched = token; }
  void perform(Call& call, std::size_t task, const Values& values, Progress& progress) const {
    progress(1, 2, "half");
    call.meta("task", task);
    if (task == 1) call.meta("symbol", values.text("symbol"));
  }
  void list_datasets(Call&, Datasets& out) const {
    const std::string name = "read" + std::string("ings");
    out.add(name, "One row a reading.")
        .param(Param("rows", BOURSE_TYPE_I64, "Rows.").with_default("100"))
        .column(Field("time", BOURSE_TYPE_TIME).labelled(name.c_str()));
  }
  mutable std::uint64_t unwatched = 0;
};

struct Throws {
  static constexpr About about{
      .id = "throws", .title = "Throws", .media_type = "text/x", .suffix = "x"};
  Throws() = default;
  ~Throws() noexcept(false) { throw std::runtime_error("in a destructor"); }
  void render(Call& call, const Values&, ReportView) const {
    call.header("X-A", "b");
    call.write("bytes");
  }
};

constexpr PluginInfo kInfo{.name = "fixture.face",
                           .version = "1.2.3",
                           .vendor = "Somebody",
                           .license = "MIT",
                           .url = "https://example.org",
                           .init =
                               [](Host host, Call& call) {
                                 host.log(BOURSE_LEVEL_INFO, "starts");
                                 call.poll();
                                 if (init_refuses) {
                                   throw Error(BOURSE_UNAVAILABLE, "no_disk", "There is no disk.");
                                 }
                               },
                           .deinit =
                               [] {
                                 deinit_called = true;
                                 throw std::runtime_error("nobody hears this");
                               }};

}  // namespace

BOURSE_PLUGIN_WITH(kInfo, Asks, Source, Throws)

namespace {

class Face : public testing::Test {
 protected:
  FakeHost host;
  const bourse_plugin* const plugin = bourse_plugin_v1(host.wire());

  const bourse_component& component(std::size_t i) const { return *plugin->components[i]; }
  void* make(std::size_t i) {
    void* self = nullptr;
    const bourse_value three = value(3);
    EXPECT_EQ(component(i).create(host.wire(), host.call(), &three, &self), BOURSE_OK);
    return self;
  }
  bourse_status run(std::string_view what) {
    void* const self = make(0);
    const bourse_value text = value(what);
    const bourse_status status = component(0).run(self, host.call(), &text);
    component(0).destroy(self);
    return status;
  }
  template <class Table>
  const Table* offers(std::size_t i, const char* id, void* self) {
    return static_cast<const Table*>(component(i).extension(self, id));
  }
};

TEST_F(Face, SaysWhoMadeItAndForWhichHosts) {
  EXPECT_EQ(plugin->abi_minor, std::uint32_t{BOURSE_TARGET_MINOR});
  EXPECT_STREQ(plugin->name, "fixture.face");
  EXPECT_STREQ(plugin->version, "1.2.3");
  EXPECT_STREQ(plugin->vendor, "Somebody");
  EXPECT_STREQ(plugin->license, "MIT");
  EXPECT_STREQ(plugin->url, "https://example.org");
  EXPECT_EQ(plugin->n_components, 3U);
  EXPECT_EQ(component(0).flags, 0U) << "PURE is a promise, and nobody made it";
  // What BOURSE_MANIFEST, which C plugins use, makes of the same, to the last byte.
  constexpr char kWanted[] = "abi=" BOURSE_TEXT_OF(BOURSE_ABI_MAJOR) "\0minor=" BOURSE_TEXT_OF(
      BOURSE_TARGET_MINOR) "\0name=" "fixture.face" "\0version=" "1.2.3" "\0";
  EXPECT_EQ(std::string_view(bourse_manifest.data(), bourse_manifest.size()),
            std::string_view(kWanted, sizeof kWanted));
}

TEST_F(Face, InitMaySayWhyItRefusesAndDeinitMayThrow) {
  EXPECT_EQ(plugin->init(host.wire(), host.call()), BOURSE_OK);
  EXPECT_EQ(host.logs, (Texts{"20 - starts"}));
  init_refuses = true;
  EXPECT_EQ(plugin->init(host.wire(), host.call()), BOURSE_UNAVAILABLE);
  init_refuses = false;
  EXPECT_EQ(host.code + ": " + host.message, "no_disk: There is no disk.");
  plugin->deinit();
  EXPECT_TRUE(deinit_called);
}

TEST_F(Face, AConstructorTakesTheHostAndLogsWithoutACall) {
  void* const self = make(0);
  EXPECT_EQ(host.logs, (Texts{"20 - made n=3 host=\"9.9.9\""}));
  component(0).destroy(self);
}

TEST_F(Face, ALineOfTheLogHasFields) {
  EXPECT_EQ(run("log"), BOURSE_OK);
  EXPECT_EQ(host.logs.back(), "30 call slow rows=5 symbol=\"S\" big=18446744073709551615e-0")
      << "a line of the log never fails, it says the number as a decimal";
}

TEST_F(Face, PagesAreGivenBackOneByOne) {
  const bourse_report reports[4] = {};
  for (const bourse_report& report : reports) host.answers.push_back({&report, nullptr});
  EXPECT_EQ(run("pages"), BOURSE_OK);
  EXPECT_EQ(host.queries, (Texts{"candles page=0", "candles page=1", "candles page=2", "candles"}));
  EXPECT_EQ(host.released, (std::vector<const bourse_report*>{&reports[0], &reports[1], &reports[2],
                                                              &reports[3]}));
}

TEST_F(Face, AHostWithoutOptionalFunctionsIsEnough) {
  host.functions().release = nullptr;
  host.functions().fresh_until = nullptr;
  host.functions().extension = nullptr;
  host.functions().log = nullptr;
  const bourse_report reports[4] = {};
  for (const bourse_report& report : reports) host.answers.push_back({&report, nullptr});
  EXPECT_EQ(run("pages"), BOURSE_OK);
  EXPECT_EQ(run("time"), BOURSE_OK);
  EXPECT_EQ(run("who"), BOURSE_OK);
  EXPECT_EQ(host.meta, (Texts{"id=\"\"", "language=\"\""}));
}

TEST_F(Face, TellsTheTimeOfTheCallAndHowLongItIsTrue) {
  host.time = 1'000;
  EXPECT_EQ(run("time"), BOURSE_OK);
  EXPECT_EQ(host.scalars, (Texts{"now=@1000", "left=5000000000"}));
  EXPECT_EQ(host.fresh_until, 1'000'001'000);
}

TEST_F(Face, AnErrorArrivesWhole) {
  EXPECT_EQ(run("fail"), BOURSE_TOO_MANY);
  EXPECT_EQ(host.code + "|" + host.message + "|" + host.parameter, "busy|It is busy.|what");
  EXPECT_EQ(host.retry_after, 7'000'000'000);
}

TEST_F(Face, AnAnswerSaysWhyThereIsNone) {
  const bourse_report report{};
  const bourse_failure failure{sizeof failure,   BOURSE_TOO_MANY, borrow("busy"),
                               borrow("Later."), borrow("limit"), 9};
  host.answers = {{&report, nullptr}, {nullptr, &failure}};
  EXPECT_EQ(run("answers"), BOURSE_OK) << "a query that failed is looked at, and does not throw";
  EXPECT_EQ(host.notes, (Texts{"20 ok: ||0", "20 busy: Later.|limit|9"}));
}

TEST_F(Face, NothingThrownLeavesThePlugin) {
  EXPECT_EQ(run("throw"), BOURSE_INTERNAL);
  EXPECT_EQ(host.code + ": " + host.message, "plugin_exception: by accident");
  EXPECT_EQ(run("throw 5"), BOURSE_INTERNAL);
  EXPECT_EQ(run("overflow"), BOURSE_UNPROCESSABLE);
  EXPECT_EQ(host.code, "decimal_overflow");
  void* const self = make(2);
  const bourse_report report{};
  EXPECT_EQ(component(2).render(self, host.call(), nullptr, &report), BOURSE_OK);
  EXPECT_EQ(host.headers, (Texts{"X-A: b"}));
  EXPECT_EQ(host.written, "bytes");
  component(2).destroy(self);
  EXPECT_EQ(host.logs.back(), "40 - a destructor threw component=\"throws\"");
}

TEST_F(Face, AnAnalysisReadsNoMoreThanItSays) {
  const bourse_component& asks = component(0);
  ASSERT_EQ(asks.n_datasets, 3U);
  const bourse_dataset& candles = *asks.datasets[0];
  EXPECT_STREQ(candles.name, "candles");
  EXPECT_EQ(candles.flags, 0U);
  ASSERT_EQ(candles.n_fields, 2U);
  EXPECT_STREQ(candles.fields[0]->name, "open_time");
  EXPECT_EQ(candles.fields[0]->flags, 0U);
  EXPECT_STREQ(candles.fields[1]->name, "close");
  EXPECT_EQ(candles.fields[1]->type, BOURSE_TYPE_DECIMAL);
  EXPECT_EQ(candles.fields[1]->flags, std::uint32_t{BOURSE_FIELD_OPTIONAL});
  EXPECT_EQ(candles.n_params, bourse_candles.n_params);
  EXPECT_EQ(asks.datasets[1]->flags, std::uint32_t{BOURSE_DATASET_OPTIONAL});
  EXPECT_STREQ(asks.datasets[2]->name, "trades");
  EXPECT_EQ(asks.extension, nullptr);
}

// ---- extensions, one by one ---------------------------------------------------------------------

TEST_F(Face, OffersMetrics) {
  void* const self = make(1);
  const auto* const metrics = offers<bourse_metrics>(1, BOURSE_METRICS_ID, self);
  ASSERT_NE(metrics, nullptr);
  std::string said;
  metrics->collect(self, &said, [](void* sink, const bourse_metric* metric) {
    *static_cast<std::string*>(sink) += FakeHost::text(metric->name) + "{" +
                                        FakeHost::text(metric->labels[0].name) + "=" +
                                        FakeHost::text(metric->labels[0].value) + "} " +
                                        std::to_string(static_cast<int>(metric->value));
  });
  EXPECT_EQ(said, "used{kind=a} 7");
  component(1).destroy(self);
}

TEST_F(Face, OffersProbe) {
  void* const self = make(1);
  const auto* const probe = offers<bourse_probe>(1, BOURSE_PROBE_ID, self);
  ASSERT_NE(probe, nullptr);
  ASSERT_EQ(probe->n_examples, 1U);
  EXPECT_EQ(FakeHost::text(probe->examples[0].value), "\"BTCUSDT\"");
  std::string said;
  EXPECT_EQ(probe->probe(self, host.call(), &said,
                         [](void* sink, const bourse_finding* finding) {
                           *static_cast<std::string*>(sink) =
                               std::to_string(finding->verdict) + FakeHost::text(finding->advice);
                         }),
            BOURSE_OK);
  EXPECT_EQ(said, "2set it");
  component(1).destroy(self);
}

TEST_F(Face, OffersWatch) {
  void* const self = make(1);
  const auto* const watch = offers<bourse_watch>(1, BOURSE_WATCH_ID, self);
  ASSERT_NE(watch, nullptr);
  std::vector<bourse_value> params(bourse_candles.n_params);
  params[0] = value("BTCUSDT");
  int changes = 0;
  std::uint64_t token = 0;
  const auto changed = [](void* sink) { ++*static_cast<int*>(sink); };
  EXPECT_EQ(watch->watch(self, host.call(), 0, params.data(), &changes, changed, &token),
            BOURSE_OK);
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(token, 42U);
  params[0] = value("ETHUSDT");
  EXPECT_EQ(watch->watch(self, host.call(), 0, params.data(), &changes, changed, &token),
            BOURSE_UNPROCESSABLE);
  EXPECT_EQ(host.code, "not_watched");
  watch->unwatch(self, 42);
  EXPECT_EQ(detail::Instance<Source>::at(self).self.unwatched, 42U);
  component(1).destroy(self);
}

TEST_F(Face, OffersTasks) {
  void* const self = make(1);
  const auto* const tasks = offers<bourse_tasks>(1, BOURSE_TASKS_ID, self);
  ASSERT_NE(tasks, nullptr);
  ASSERT_EQ(tasks->n_tasks, 2U);
  EXPECT_EQ(tasks->tasks[0]->n_params, 0U);
  EXPECT_STREQ(tasks->tasks[1]->name, "backfill");
  ASSERT_EQ(tasks->tasks[1]->n_params, 1U);
  EXPECT_STREQ(tasks->tasks[1]->params[0]->name, "symbol");
  const bourse_value symbol = value("BTCUSDT");
  std::string said;
  const auto progress = [](void* sink, const bourse_progress* p) {
    *static_cast<std::string*>(sink) =
        std::to_string(p->done) + "/" + std::to_string(p->total) + " " + FakeHost::text(p->text);
  };
  EXPECT_EQ(tasks->perform(self, host.call(), 1, &symbol, &said, progress), BOURSE_OK);
  EXPECT_EQ(said, "1/2 half");
  EXPECT_EQ(host.meta, (Texts{"task=1", "symbol=\"BTCUSDT\""}));
  EXPECT_EQ(tasks->perform(self, host.call(), 2, &symbol, &said, progress), BOURSE_INTERNAL);
  EXPECT_EQ(host.code, "no_such_task");
  component(1).destroy(self);
}

TEST_F(Face, OffersDatasetsOfAConfiguration) {
  void* const self = make(1);
  const auto* const datasets = offers<bourse_datasets>(1, BOURSE_DATASETS_ID, self);
  ASSERT_NE(datasets, nullptr);
  std::size_t n = 0;
  const bourse_dataset* const* listed = nullptr;
  ASSERT_EQ(datasets->list(self, host.call(), &n, &listed), BOURSE_OK);
  ASSERT_EQ(n, 1U);
  EXPECT_STREQ(listed[0]->name, "readings");
  EXPECT_STREQ(listed[0]->fields[0]->label, "readings") << "owned: the text it came from is gone";
  const bourse_value rows = value(5);
  EXPECT_EQ(component(1).fetch(self, host.call(), 1, &rows), BOURSE_OK);
  EXPECT_EQ(host.meta, (Texts{"dataset=1", "rows=5"}));
  EXPECT_EQ(component(1).fetch(self, host.call(), 2, &rows), BOURSE_INTERNAL);
  EXPECT_EQ(host.code, "no_such_dataset");
  component(1).destroy(self);
}

TEST_F(Face, AnUnknownExtensionIsNull) {
  void* const self = make(1);
  EXPECT_EQ(component(1).extension(self, "bourse.metrics/2"), nullptr);
  EXPECT_EQ(component(1).extension(self, nullptr), nullptr);
  component(1).destroy(self);
}

TEST_F(Face, ReadsWhoAsksWhereTheHostTells) {
  EXPECT_FALSE(Request(Host(host.wire())));
  static constexpr bourse_request request{sizeof request, 0,
                                          [](bourse_call*) {
                                            return bourse_str{"r1", 2};
                                          },
                                          nullptr,
                                          [](bourse_call*) {
                                            return bourse_str{"de", 2};
                                          }};
  host.extensions[BOURSE_REQUEST_ID] = &request;
  EXPECT_EQ(run("who"), BOURSE_OK);
  EXPECT_EQ(host.meta, (Texts{"id=\"r1\"", "language=\"de\""}));
  EXPECT_EQ(Request(Host(host.wire())).trace(Call(host.wire(), host.call())), "");
}

std::string store;
std::vector<std::string> asked_of_store;
constexpr bourse_shared kShared{
    sizeof(bourse_shared),
    0,
    [](const bourse_host*, bourse_str key, std::int64_t window, std::uint64_t amount,
       std::uint64_t limit, std::uint64_t* used) -> bourse_status {
      asked_of_store.push_back("count " + FakeHost::text(key) + " " + std::to_string(window));
      *used = amount;
      return amount > limit ? BOURSE_TOO_MANY : BOURSE_OK;
    },
    [](const bourse_host*, bourse_str key, std::int64_t, std::uint64_t* token) -> bourse_status {
      asked_of_store.push_back("lease " + FakeHost::text(key) + " " + std::to_string(*token));
      if (FakeHost::text(key) == "taken") return BOURSE_TOO_MANY;
      *token = 8;
      return BOURSE_OK;
    },
    [](const bourse_host*, bourse_str key, std::uint64_t token) {
      asked_of_store.push_back("unlease " + FakeHost::text(key) + " " + std::to_string(token));
    },
    [](const bourse_host*, bourse_str, bourse_str given, std::int64_t) -> bourse_status {
      store = FakeHost::text(given);
      return BOURSE_OK;
    },
    [](const bourse_host*, bourse_str, void* sink,
       void (*take)(void*, bourse_str)) -> bourse_status {
      if (store.empty()) return BOURSE_NOT_FOUND;
      take(sink, borrow(store));
      return BOURSE_OK;
    }};

TEST_F(Face, SharesWhereTheHostDoes) {
  using namespace std::chrono_literals;
  const Shared none((Host(host.wire())));
  EXPECT_FALSE(none);
  EXPECT_EQ(none.count("k", 1min, 1, 2).status, BOURSE_UNAVAILABLE);
  EXPECT_FALSE(none.lease("k", 1s).held());
  EXPECT_EQ(none.put("k", "v", 1s), BOURSE_UNAVAILABLE);
  EXPECT_EQ(none.get("k"), std::nullopt);

  host.extensions[BOURSE_SHARED_ID] = &kShared;
  const Shared shared((Host(host.wire())));
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared.count("k", 1min, 1, 2).used, 1U);
  EXPECT_EQ(shared.count("k", 1min, 3, 2).status, BOURSE_TOO_MANY);
  {
    Shared::Lease lease = shared.lease("mine", 1s);
    EXPECT_TRUE(lease.held());
    const Shared::Lease moved = std::move(lease);
    EXPECT_EQ(shared.lease("taken", 1s).status(), BOURSE_TOO_MANY);
  }
  EXPECT_EQ(asked_of_store, (Texts{"count k 60000000000", "count k 60000000000", "lease mine 0",
                                   "lease taken 0", "unlease mine 8"}));
  EXPECT_EQ(shared.get("k"), std::nullopt);
  EXPECT_EQ(shared.put("k", "v", 1s), BOURSE_OK);
  EXPECT_EQ(shared.get("k"), "v");
}

}  // namespace
