// SPDX-License-Identifier: MIT
//
// The fake host, held against a plugin that is linked into this test, and its parameters against
// those of the real host.
#include "bourse/testing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "bourse/ext/datasets.hpp"
#include "bourse/ext/tasks.hpp"
#include "bourse/ext/watch.hpp"
#include "bourse/market.h"
#include "bourse/plugin.hpp"
#include "bourse/reads.hpp"
#include "host/parameters/parameter.hpp"

namespace {

using bourse::Call;
using bourse::Decimal;
using bourse::Error;
using bourse::Field;
using bourse::Param;
using bourse::Query;
using bourse::Time;
using bourse::Values;
using namespace bourse::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// ---- the plugin that is tested ------------------------------------------------------------------

std::vector<std::string> lived;  // what was begun and ended, in order
const char* refuses = nullptr;   // init does, with this

struct Mean {
  static constexpr bourse::About about{
      .id = "mean",
      .title = "Mean",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES};
  static constexpr std::array params{
      Param("symbol", BOURSE_TYPE_TEXT, "Market.").required().bounds("1", "40"),
      Param("limit", BOURSE_TYPE_I64, "Rows.").with_default("3").bounds("1", "1000"),
      Param("wrong", BOURSE_TYPE_TEXT, "What to do wrong.")};
  static constexpr std::array config{Param("times", BOURSE_TYPE_F64, "Factor.").with_default("1")};
  static constexpr std::array datasets{&bourse::reads<"candles", "open_time", "close">,
                                       &bourse::reads_if<"prices", "price">};
  static constexpr auto returns =
      bourse::Returns()
          .scalar(Field("mean", BOURSE_TYPE_F64))
          .table("series", "Series", Field("open_time", BOURSE_TYPE_TIME),
                 Field("close", BOURSE_TYPE_DECIMAL).scaled(8));

  explicit Mean(const Values& values) : times(values.real("times")) {
    if (times == 0)
      throw Error(BOURSE_BAD_PARAM, "no_factor", "times must not be 0.").blame("times");
    lived.emplace_back("made");
  }
  double times;

  void run(Call& call, const Values& values) const {
    const std::string_view wrong =
        values.given("wrong") ? values.text("wrong") : std::string_view("nothing");
    const auto page = call.page(Query(wrong == "dataset" ? "trades" : "candles")
                                    .with("symbol", values.text("symbol"))
                                    .with(wrong == "argument" ? "limits" : "limit",
                                          wrong == "range" ? 0 : values.integer("limit")));
    call.notes_of(page);
    const bourse::TableView rows = page.table(0);
    const auto closes = rows.decimals("close");
    double sum = 0;
    std::size_t n = 0;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      call.poll();
      if (closes.has(row)) sum += closes[row].to_double(), ++n;
    }
    if (n == 0)
      throw Error(BOURSE_UNPROCESSABLE, "no_closes", "No row has a close.").blame("limit");
    call.title("Mean of " + std::string(values.text("symbol")));
    call.scalar(Field("mean", BOURSE_TYPE_F64), times * sum / static_cast<double>(n));
    if (wrong == "undeclared") call.scalar(Field("extra", BOURSE_TYPE_I64), 1);
    auto out = call.begin("series", "Series", bourse::FieldOf<Time>("open_time"),
                          bourse::FieldOf<Decimal>("close").scaled(8));
    std::vector<Time> times_of(rows.rows());
    for (std::size_t row = 0; row < rows.rows(); ++row)
      times_of[row] = {rows.times("open_time")[row]};
    out.append(times_of, closes);
    bourse::Chart line(BOURSE_CHART_LINE, "closes", "Closes");
    line.of(wrong == "chart" ? "nothing" : "series")
        .channel(BOURSE_ROLE_X, "open_time")
        .channel(BOURSE_ROLE_Y, "close")
        .level(sum / static_cast<double>(n), "mean");
    call.add(line);
    call.meta("clock", call.now());
    call.fresh_until(call.now() + bourse::Duration(5));
    call.log(BOURSE_LEVEL_INFO, "counted", {{"rows", rows.rows()}});
  }
};

struct Feed {
  static constexpr bourse::About about{.id = "feed", .title = "Feed", .parts = BOURSE_PART_TABLES};
  static constexpr std::array tasks{bourse::Task{.name = "count", .title = "Count"}};
  static constexpr std::array datasets{&bourse_prices};
  mutable bourse::Changed told{nullptr, nullptr};
  mutable bool watched = false;

  void fetch(Call& call, std::size_t, const Values& values) const {
    const auto below = call.ask(Query("prices").with("symbols", values.texts("symbols")));
    call.add(bourse::TableBuilder("prices", "Prices")
                 .column(Field(bourse_prices_symbol), below.table(0).texts("symbol"))
                 .column(Field(bourse_prices_price), below.table(0).decimals("price")));
  }
  std::uint64_t watch(Call&, std::size_t, const Values& values, bourse::Changed changed) const {
    if (values.texts("symbols").front() == "NEVER") {
      throw Error(BOURSE_UNPROCESSABLE, "not_watched", "This one does not change.");
    }
    changed();  // before it returns, as it may
    told = changed;
    watched = true;
    return 7;
  }
  void unwatch(std::uint64_t token) const { watched = token != 7; }
  void perform(Call& call, std::size_t, const Values&, const bourse::Progress& progress) const {
    progress(1, 2, "half");
    call.scalar(Field("counted", BOURSE_TYPE_I64), 2);
  }
};

struct Words {
  static constexpr bourse::About about{.id = "words",
                                       .title = "Words",
                                       .parts = BOURSE_PART_TABLES,
                                       .media_type = "text/plain",
                                       .suffix = "txt"};
  static constexpr std::array params{
      Param("head", BOURSE_TYPE_BOOL, "With names.").with_default("true")};
  void render(Call& call, const Values& values, bourse::ReportView report) const {
    call.header("X-Rows", std::to_string(report.table(0).rows()));
    const bourse::TableView table = report.table(0);
    for (std::size_t c = 0; values.boolean("head") && c < table.columns(); ++c) {
      call.write(std::string(table.field(c).name) + " ");
    }
    for (std::size_t row = 0; row < table.rows(); ++row) {
      for (std::size_t c = 0; c < table.columns(); ++c) {
        call.write(Cell::copied(table.cell(c, row)).shown() + " ");
      }
    }
    for (const bourse_chart* chart : report.charts()) call.write(std::string(chart->name) + " ");
    for (const bourse_scalar* scalar : report.scalars()) call.write(scalar->field->name);
  }
};

constexpr bourse::PluginInfo kInfo{.name = "fixture.testing",
                                   .version = "1.0.0",
                                   .init =
                                       [](bourse::Host host, Call& call) {
                                         lived.emplace_back("begun");
                                         host.log(BOURSE_LEVEL_INFO, "here", {});
                                         if (refuses != nullptr)
                                           throw Error(BOURSE_UNAVAILABLE, "no_clock", refuses);
                                         static_cast<void>(call.now());
                                       },
                                   .deinit = [] { lived.emplace_back("ended"); }};

}  // namespace

BOURSE_PLUGIN_WITH(kInfo, Mean, Feed, Words)

namespace {

class Testing : public ::testing::Test {
 protected:
  Testing() {
    lived.clear();
    refuses = nullptr;
    host.answer("candles", {{"open_time",
                             times({"2026-11-21", "2026-11-21T01:00:00Z", "1795312800000000000"})},
                            {"close", decimals({"1.5", nullptr, "2.25"})}});
  }
  Result run(const Texts& more = {}) {
    Texts texts = {{"symbol", "BTCUSDT"}};
    texts.insert(texts.end(), more.begin(), more.end());
    return plugin().component("mean").run(texts);
  }
  Plugin& plugin() {
    if (!plugin_) plugin_.emplace(host, bourse_plugin_v1);
    return *plugin_;
  }
  Host host;

 private:
  std::optional<Plugin> plugin_;
};

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Refused& refused) {
    return std::to_string(refused.failure.status) + " " + refused.failure.code;
  }
  return "not refused";
}
std::string mistake_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Mistake& mistake) {
    return mistake.what();
  }
  return "no mistake";
}

// ---- reports ------------------------------------------------------------------------------------

TEST_F(Testing, AReportComesOutAsItWasBuilt) {
  const Result result = run();
  ASSERT_TRUE(result.ok()) << result.failure.text();
  EXPECT_EQ(result.report().title, "Mean of BTCUSDT");
  EXPECT_EQ(result.scalar("mean"), 1.875);  // (1.5 + 2.25) / 2
  EXPECT_EQ(result.table("series")["close"], decimals({"1.5", nullptr, "2.25"}));
  EXPECT_THAT(result.table("series").shown("close"),
              ElementsAre("1.50000000", "null", "2.25000000"));
  EXPECT_THAT(result.table("series").shown("open_time"),
              ElementsAre("2026-11-21T00:00:00Z", "2026-11-21T01:00:00Z", "2026-11-22T02:00:00Z"));
  EXPECT_EQ(result.table("series").reals("close")[2], 2.25);
  EXPECT_TRUE(std::isnan(result.table("series").reals("close")[1]));
  EXPECT_THAT(result.table("series").blocks, ElementsAre(3));
  EXPECT_EQ(result.table("series").column("close").scale, 8);
  EXPECT_EQ(result.chart("closes").field(BOURSE_ROLE_Y), "close");
  EXPECT_EQ(result.chart("closes").levels.at(0).at, 1.875);
  EXPECT_EQ(result.chart("closes").levels.at(0).label, "mean");
  EXPECT_EQ(result.report().meta("clock").shown(), "2026-11-21T08:30:00.250Z");
  EXPECT_EQ(result.fresh_until, Time{1'795'249'800'250'000'005});
  EXPECT_EQ(result.released, 1U);
  EXPECT_EQ(result.polls, 3U);
  EXPECT_THAT(result.differences, IsEmpty());
  ASSERT_THAT(result.log, SizeIs(1));
  EXPECT_EQ(result.log[0].message, "counted");
  EXPECT_EQ(result.log[0].fields.at("rows"), 3);
  EXPECT_TRUE(result.log[0].in_call);
  EXPECT_THAT(result.report().text(), HasSubstr(" 2026-11-21T01:00:00Z null\n"));
}

TEST_F(Testing, WhatWasAskedIsKept) {
  const Result result = run({{"limit", "5"}});
  ASSERT_THAT(result.asked, SizeIs(1));
  EXPECT_EQ(result.asked[0].text(), "candles limit=5 symbol=BTCUSDT");
  EXPECT_EQ(result.asked[0]["limit"], 5);
  EXPECT_THAT(mistake_of([&] { (void)result.asked[0]["start"]; }),
              HasSubstr("there is no argument start; there are limit, symbol"));
}

TEST_F(Testing, TheAnswersMayDependOnTheQuestion) {
  host.answer("candles", [](const Asked& asked) -> Answer {
    if (asked["symbol"] == "NOPE") return Failure{BOURSE_NOT_FOUND, "unknown_symbol", "None such."};
    return Report()
        .with_table({"candles", "", {{"open_time", times({"2026-11-21"})}, {"close", {5}}}})
        .with_note("partial", "Only one.")
        .with_as_of(Time{9});
  });
  const Result result = run();
  EXPECT_EQ(result.table("series")["close"], decimals({"5"})) << "an integer as what is declared";
  EXPECT_EQ(result.note("partial").text, "Only one.");
  EXPECT_THAT(result.note_codes(), ElementsAre("partial"));
  EXPECT_EQ(result.report().as_of, Time{9}) << "the newest of its answers";
  const Result failed = plugin().component("mean").run({{"symbol", "NOPE"}});
  EXPECT_EQ(failed.failure.text(), "404 unknown_symbol: None such.");
  EXPECT_THAT(mistake_of([&] { (void)failed.table("series"); }),
              HasSubstr("the call failed: 404 unknown_symbol"));
}

TEST_F(Testing, TablesInBlocksAreOneTable) {
  Table candles{"candles", "", {{"open_time", times({"2026-11-21"})}, {"close", decimals({"1"})}}};
  candles.more({{"open_time", times({"2026-11-22"})}, {"close", decimals({"2.125"})}});
  host.answer("candles", Report().with_table(candles));
  EXPECT_THAT(run().table("series").shown("close"), ElementsAre("1.00000000", "2.12500000"));
  EXPECT_THAT(mistake_of([&] {
                candles.more({{"close", decimals({"1"})}});
              }),
              HasSubstr("other columns"));
}

TEST_F(Testing, AFailureOfTheComponentIsInTheResult) {
  host.answer("candles", {{"open_time", times({"2026-11-21"})}, {"close", decimals({nullptr})}});
  const Result result = run();
  EXPECT_EQ(result.status(), BOURSE_UNPROCESSABLE);
  EXPECT_EQ(result.failure.code, "no_closes");
  EXPECT_EQ(result.failure.parameter, "limit");
  EXPECT_EQ(result.failure.text(), "422 no_closes: No row has a close. (parameter \"limit\")");
}

// ---- what a server would not let pass -----------------------------------------------------------

TEST_F(Testing, WrongUsesFailAsInAServer) {
  EXPECT_THAT(run({{"wrong", "dataset"}}).failure.text(),
              HasSubstr("500 plugin_misuse: the analysis does not declare the dataset trades"));
  EXPECT_THAT(run({{"wrong", "argument"}}).failure.text(),
              HasSubstr("500 plugin_misuse: candles has no parameter limits"));
  EXPECT_THAT(run({{"wrong", "range"}}).failure.text(), HasSubstr("is below 1"));
  EXPECT_THAT(run({{"wrong", "chart"}}).failure.text(),
              HasSubstr("chart closes: no table nothing was made"));
  const Result more = run({{"wrong", "undeclared"}});
  EXPECT_TRUE(more.ok());
  EXPECT_THAT(more.differences, ElementsAre("scalar extra is not declared"));
}

TEST_F(Testing, AColumnThatTheAnalysisNeedsMustBeThere) {
  host.answer("candles", {{"open_time", times({"2026-11-21"})}});
  EXPECT_THAT(run().failure.text(),
              HasSubstr("422 dataset_differs: the analysis needs column close"));
}

TEST_F(Testing, WhatTheTestGotWrongReachesTheTest) {
  Host bare;
  Plugin plugin(bare, bourse_plugin_v1);
  const Component mean = plugin.component("mean");
  EXPECT_THAT(mistake_of([&] {
                (void)mean.run({{"symbol", "A"}});
              }),
              HasSubstr("asks for \"candles limit=3 symbol=A\", and the test has no answer"));
  bare.answer("candles", Report());
  EXPECT_THAT(mistake_of([&] { (void)mean.run({{"symbol", "A"}}); }), HasSubstr("has 0 tables"));
  bare.answer("candles", {{"open_time", {"soon"}}, {"close", {1}}});
  EXPECT_THAT(mistake_of([&] {
                (void)mean.run({{"symbol", "A"}});
              }),
              HasSubstr("column open_time: \"soon\" is no BOURSE_TYPE_TIME"));
  EXPECT_THAT(mistake_of([&] { (void)plugin.component("median"); }),
              HasSubstr("there is no component median; there are mean, feed, words"));
  EXPECT_THAT(mistake_of([&] { (void)mean.fetch("prices"); }), HasSubstr("is no source"));
  EXPECT_THAT(mistake_of([&] { bare.fail("row", 1); }), HasSubstr("rows"));
  EXPECT_THAT(mistake_of([&] { bare.without("poll"); }), HasSubstr("a host without poll is none"));
  EXPECT_THAT(mistake_of([&] { Plugin none(bare, "/nowhere/none.so"); }), HasSubstr("none.so"));
}

// ---- making it hard -----------------------------------------------------------------------------

TEST_F(Testing, TheDeadlinePassesAtTheNthPoll) {
  host.end_at_poll(2);
  const Result late = run();
  EXPECT_EQ(late.status(), BOURSE_DEADLINE);
  EXPECT_EQ(late.polls, 2U) << "it went on after it was told to stop";
  host.end_at_poll(1, BOURSE_CANCELLED);
  EXPECT_EQ(run().status(), BOURSE_CANCELLED);
  host.end_at_poll(0);
  EXPECT_TRUE(run().ok());
}

TEST_F(Testing, AnyFunctionOfTheHostFailsAtTheNthUse) {
  for (const char* function :
       {"query", "meta", "scalar", "table", "rows", "chart", "fresh_until"}) {
    host.fail(function, 1);
    const Result result = run();
    EXPECT_EQ(result.status(), BOURSE_UNAVAILABLE) << function;
    EXPECT_EQ(result.failure.code, "test_fault") << function;
    host.fail(function, 0);
  }
  host.fail("meta", 2);  // the title is the first
  EXPECT_FALSE(run().ok());
  host.fail("meta", 3);
  EXPECT_TRUE(run().ok());
}

TEST_F(Testing, AnOlderHostHasFewerFunctions) {
  host.without("release").without("fresh_until").without("log").without("extension");
  const Result result = run();
  EXPECT_TRUE(result.ok()) << result.failure.text();
  EXPECT_EQ(result.released, 0U);
  EXPECT_EQ(result.fresh_until, std::nullopt);
  EXPECT_THAT(host.log(), IsEmpty());
}

TEST_F(Testing, ManyCallsAtOnceHaveEachTheirOwnReport) {
  const Component mean = plugin().component("mean");
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) good += mean.run({{"symbol", "A"}}).scalar("mean") == 1.875;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
  EXPECT_THAT(host.log(), SizeIs(161)) << "each call's, and init's";
}

// ---- the other kinds ----------------------------------------------------------------------------

TEST_F(Testing, ASourceIsFetchedAndWatched) {
  host.answer("prices", {{"symbol", {"A", "B"}}, {"price", decimals({"1.5", "2"})}});
  const Component feed = plugin().component("feed");
  const Result result = feed.fetch("prices", {{"symbols", "A,B"}});
  ASSERT_TRUE(result.ok()) << result.failure.text();
  EXPECT_EQ(result.table("prices")["price"], decimals({"1.5", "2"}));
  EXPECT_EQ(result.table("prices")["symbol"], (Cells{"A", "B"}));
  EXPECT_EQ(result.asked.at(0)["symbols"], Cell::list({"A", "B"}));
  EXPECT_THAT(result.differences, IsEmpty());
  {
    const auto watch = feed.watch("prices", {{"symbols", "A"}});
    EXPECT_EQ(watch.changes(), 1U);
  }
  EXPECT_EQ(code_of([&] {
              (void)feed.watch("prices", {{"symbols", "NEVER"}});
            }),
            "422 not_watched");
  const Result counted = feed.perform("count");
  EXPECT_EQ(counted.scalar("counted"), 2);
  ASSERT_THAT(counted.steps, SizeIs(1));
  EXPECT_EQ(counted.steps[0].text, "half");
  EXPECT_THAT(mistake_of([&] { (void)feed.perform("counts"); }), HasSubstr("no task counts"));
  EXPECT_THAT(mistake_of([&] { (void)feed.fetch("candles"); }),
              HasSubstr("there is no dataset of feed candles; there are prices"));
}

TEST_F(Testing, ASerializerGetsAReportMadeByHand) {
  const Component words = plugin().component("words");
  const Report report = Report()
                            .with_table({"t", "T", {{"n", {1, nullptr}}, {"s", {"a", "b"}}}})
                            .with_scalar("total", Decimal::of(3))
                            .with_chart(bourse::Chart(BOURSE_CHART_BAR, "bars", "Bars")
                                            .of("t")
                                            .channel(BOURSE_ROLE_X, "s")
                                            .channel(BOURSE_ROLE_Y, "n"));
  const Result result = words.render(report);
  EXPECT_EQ(result.bytes, "n s 1 a null b bars total");
  EXPECT_EQ(result.headers, (Texts{{"X-Rows", "2"}}));
  EXPECT_EQ(words.render(report, {{"head", "0"}}).bytes, "1 a null b bars total");
  host.fail("write", 2, BOURSE_CANCELLED);
  EXPECT_EQ(words.render(report).status(), BOURSE_CANCELLED);
  host.fail("write", 0);
  EXPECT_THAT(mistake_of([] {
                Report().with_table({"t", "", {{"a", {1}}, {"b", {1, 2}}}});
              }),
              HasSubstr("column b has 2 rows"));
  // What a component said can be rendered as it is.
  EXPECT_THAT(words.render(run().report()).bytes,
              HasSubstr("open_time close 2026-11-21T00:00:00Z"));
}

// ---- its life -----------------------------------------------------------------------------------

TEST_F(Testing, LivesAsInAServer) {
  {
    Plugin once(host, bourse_plugin_v1);
    const Component mean = once.component("mean", {{"times", "2"}});
    EXPECT_EQ(mean.run({{"symbol", "A"}}).scalar("mean"), 3.75);
  }
  EXPECT_THAT(lived, ElementsAre("begun", "made", "ended"));
  EXPECT_EQ(host.log().front().message, "here");
  EXPECT_FALSE(host.log().front().in_call);
}

TEST_F(Testing, RefusalsAreThrown) {
  EXPECT_EQ(code_of([&] { (void)plugin().component("mean", {{"times", "0"}}); }), "400 no_factor");
  EXPECT_EQ(code_of([&] {
              (void)plugin().component("mean", {{"times", "x"}});
            }),
            "400 bad_parameter");
  EXPECT_EQ(code_of([&] {
              (void)plugin().component("mean", {{"time", "1"}});
            }),
            "400 unknown_parameter");
  refuses = "The clock is wrong.";
  EXPECT_EQ(code_of([&] { Plugin never(host, bourse_plugin_v1); }), "503 no_clock");
  EXPECT_EQ(code_of([&] {
              Plugin never(host, [](const bourse_host* h) -> const bourse_plugin* {
                h->log(h, nullptr, BOURSE_LEVEL_ERROR, bourse::borrow("Not on Mondays."), nullptr,
                       0);
                return nullptr;
              });
            }),
            "500 refuses_to_load");
}

// ---- values -------------------------------------------------------------------------------------

TEST(TestingValues, AreEqualByTypeAndValue) {
  EXPECT_EQ(decimals({"1.50"}), decimals({"1.5"}));
  EXPECT_NE(Cell(1), Cell(1.0));
  EXPECT_NE(Cell("1"), Cell(1));
  EXPECT_EQ(Cell(std::nan("")), Cell(nullptr));
  EXPECT_EQ(Cell(true).shown(), "true");
  EXPECT_EQ(Cell(0.1).shown(), "0.1");
  EXPECT_EQ(Cell::list({1, "a"}).shown(), "1,a");
  EXPECT_EQ(::testing::PrintToString(Cell(5)), "5 (BOURSE_TYPE_I64)");
  EXPECT_THAT(mistake_of([] { (void)Cell("x").real(); }),
              HasSubstr("asked as BOURSE_TYPE_F64, but it is x, BOURSE_TYPE_TEXT"));
  EXPECT_THAT(mistake_of([] { (void)decimals({"1,5"}); }), HasSubstr("is no BOURSE_TYPE_DECIMAL"));
  EXPECT_EQ(Column("d", decimals({"1", "1.25"})).scale, 2);
  EXPECT_EQ(Column("d", decimals({"2", "-3"})).as(BOURSE_TYPE_I64).cells, (Cells{2, -3}));
  EXPECT_THAT(mistake_of([] { (void)Column("d", decimals({"2.5"})).as(BOURSE_TYPE_I64); }),
              HasSubstr("column d: 2.5"));
  EXPECT_EQ(Column("v", std::vector<std::optional<double>>{1.5, std::nullopt}).cells,
            (Cells{1.5, nullptr}));
}

std::string written(const std::string& text) {
  const std::string file = ::testing::TempDir() + "testing_" +
                           ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".csv";
  std::FILE* const out = std::fopen(file.c_str(), "wb");
  std::fwrite(text.data(), 1, text.size(), out);
  std::fclose(out);
  return file;
}

TEST(TestingCsv, ReadsColumnsOfTheTypesThatAllTheirCellsHave) {
  const auto columns =
      csv(written("open_time,close,n,closed,rate,name,code,none\r\n"
                  "2026-11-21T00:00:00Z,1.50,1,true,1e-05,\"a, \"\"b\"\"\",007,\r\n"
                  "2026-11-21T01:00:00Z,,2,false,0.5,c,8,\r\n"));
  ASSERT_THAT(columns, SizeIs(8));
  const Table table{"t", "", columns};
  EXPECT_EQ(table["open_time"], times({"2026-11-21", "2026-11-21T01:00:00Z"}));
  EXPECT_EQ(table["close"], decimals({"1.50", nullptr}));
  EXPECT_EQ(table["n"], (Cells{1, 2}));
  EXPECT_EQ(table["closed"], (Cells{true, false}));
  EXPECT_EQ(table["rate"], (Cells{1e-5, 0.5}));
  EXPECT_EQ(table["name"], (Cells{"a, \"b\"", "c"}));
  EXPECT_EQ(table["code"], (Cells{"007", "8"}));
  EXPECT_EQ(table["none"], (Cells{nullptr, nullptr}));
}

TEST(TestingCsv, ADatasetSaysWhatItsColumnsAre) {
  const std::string file = written("open_time,close\n1795219200000000000,5\n");
  const Table table{"t", "", csv(file, &bourse_candles)};
  EXPECT_EQ(table["open_time"], times({"2026-11-21"}));  // 1795219200 s, by `date -u -d`
  EXPECT_EQ(table["close"], decimals({"5"}));
  EXPECT_THAT(mistake_of([] { csv(written("a,b\n1\n")); }),
              HasSubstr("row 2: 1 cells, but 2 names"));
  EXPECT_THAT(mistake_of([] { csv(written("a\n\"x\n")); }), HasSubstr("is not closed"));
  EXPECT_THAT(mistake_of([] { csv(written("a\n\"x\"y\n")); }), HasSubstr("quotation mark"));
  EXPECT_THAT(mistake_of([] { csv("/nowhere.csv"); }), HasSubstr("cannot read /nowhere.csv"));
}

// ---- parameters: the real host is the reference -------------------------------------------------

struct Rule {
  bourse_param param;
  std::vector<std::string> texts;
};

/// "400 code", or the value.
std::string by_the_host(const bourse_param& param, const std::vector<std::string>& texts,
                        Time now) {
  const auto checked = bourse::host::check_parameter(param);
  if (!checked) return "the declaration is wrong: " + checked.failure().message;
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  const auto read = bourse::host::read_value(*checked, views, now.ns);
  if (!read) return std::to_string(read.failure().status) + " " + read.failure().code;
  const Cell cell = Cell::copied(read->view());
  return cell.shown() + " of type " + std::to_string(cell.type());
}
std::string by_the_fake(const bourse_param& param, const std::vector<std::string>& texts,
                        Time now) {
  const bourse_param* const declared[] = {&param};
  Texts given;
  for (const std::string& text : texts) given.emplace_back(param.name, text);
  try {
    const Cell cell = inside::read_parameters(declared, 1, given, now).front();
    return cell.shown() + " of type " + std::to_string(cell.type());
  } catch (const Refused& why) {
    return std::to_string(why.failure.status) + " " + why.failure.code;
  }
}

TEST(TestingParameters, AreReadAsTheHostReadsThem) {
  static constexpr const char* kChoices[] = {"5", "10", nullptr};
  static constexpr const char* kWords[] = {"a", "b", nullptr};
  const std::vector<bourse_param> declared = {
      Param("p", BOURSE_TYPE_BOOL, ""),
      Param("p", BOURSE_TYPE_BOOL, "").with_default("true"),
      Param("p", BOURSE_TYPE_I64, ""),
      Param("p", BOURSE_TYPE_I64, "").required(),
      Param("p", BOURSE_TYPE_I64, "").bounds("-5", "100").with_default("7"),
      Param("p", BOURSE_TYPE_I64, "").one_of(kChoices),
      Param("p", BOURSE_TYPE_F64, ""),
      Param("p", BOURSE_TYPE_F64, "").bounds("0.1", "1e3"),
      Param("p", BOURSE_TYPE_DECIMAL, ""),
      Param("p", BOURSE_TYPE_DECIMAL, "").bounds("-1.5", "10"),
      Param("p", BOURSE_TYPE_TIME, ""),
      Param("p", BOURSE_TYPE_TIME, "").bounds("2024-01-01", nullptr).with_default("now"),
      Param("p", BOURSE_TYPE_TEXT, ""),
      Param("p", BOURSE_TYPE_TEXT, "").bounds("2", "4"),
      Param("p", BOURSE_TYPE_TEXT, "").one_of(kWords),
      Param("p", BOURSE_TYPE_TEXT, "").secret(),
      Param("p", BOURSE_TYPE_LIST, "").list_of(BOURSE_TYPE_TEXT),
      Param("p", BOURSE_TYPE_LIST, "").list_of(BOURSE_TYPE_TEXT).bounds("2", "3").one_of(kWords),
      Param("p", BOURSE_TYPE_LIST, "").list_of(BOURSE_TYPE_I64).with_default("1, 2"),
      Param("p", BOURSE_TYPE_LIST, "").list_of(BOURSE_TYPE_TIME),
  };
  std::vector<std::vector<std::string>> texts = {{},
                                                 {"a", "b"},
                                                 {"1", "2", "3", "4"},
                                                 {"a,b", "a"},
                                                 {""},
                                                 {std::string(257, 'x')},
                                                 {std::string(600, '1')}};
  for (const char* text : {"true",
                           "false",
                           "1",
                           "0",
                           "True",
                           "yes",
                           "5",
                           "05",
                           "10",
                           "-5",
                           "-6",
                           "100",
                           "101",
                           "+1",
                           " 1",
                           "1 ",
                           "1,5",
                           "1, 5",
                           "a,",
                           ",a",
                           "a,,b",
                           "a, b",
                           "0x10",
                           "1e400",
                           "-1e400",
                           "1e-400",
                           "4.9e-324",
                           "nan",
                           "inf",
                           "-inf",
                           "1.",
                           ".5",
                           "1e",
                           "1e+",
                           "1e5",
                           "1E-3",
                           "-",
                           ".",
                           "-.",
                           "0.1",
                           "1e3",
                           "1000.1",
                           "-1.5",
                           "-1.50",
                           "-1.51",
                           "10.0",
                           "10.0000000001",
                           "0.0001",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "99999999999999999999999999999999999999",
                           "999999999999999999999999999999999999999",
                           "0.000000000000000000000000000000000000001",
                           "2024-12-31",
                           "2024-02-30",
                           "2024-02-29",
                           "2023-02-29",
                           "1900-02-29",
                           "2000-02-29",
                           "2024-12-31T23:59:59Z",
                           "2024-12-31t23:59:59.123456789z",
                           "2024-12-31T23:59:59.1234567891Z",
                           "2024-12-31T23:59:60Z",
                           "2024-12-31T24:00:00Z",
                           "2024-12-31T23:59:59+02:00",
                           "2024-12-31T23:59:59-23:59",
                           "2024-12-31T23:59:59+24:00",
                           "2024-12-31T23:59:59",
                           "2024-12-31T23:59:59.Z",
                           "2024-13-01",
                           "2024-00-10",
                           "1678-01-01",
                           "1677-12-31",
                           "2261-12-31",
                           "2262-01-01",
                           "1735603200000",
                           "-1",
                           "now",
                           "-90m",
                           "-12h",
                           "-30d",
                           "-2w",
                           "-2x",
                           "-w",
                           "-99999999999999999999w",
                           "-9999999999w",
                           "now ",
                           "Now",
                           "a",
                           "b",
                           "c",
                           "ab",
                           "abcd",
                           "abcde",
                           "\xc3\xa4",
                           "\xff",
                           "a\nb",
                           "a\xe2\x80\xae"
                           "b",
                           "a\xef\xbb\xbf"}) {
    texts.push_back({text});
  }
  std::size_t taken = 0, refused = 0;
  const Time now{1'795'249'800'250'000'000};
  for (const bourse_param& param : declared) {
    for (const auto& each : texts) {
      const std::string host = by_the_host(param, each, now);
      EXPECT_EQ(by_the_fake(param, each, now), host)
          << "type " << param.type << ", given " << ::testing::PrintToString(each);
      (host.rfind("400 ", 0) == 0 ? refused : taken) += 1;
    }
  }
  EXPECT_GT(taken, 300U);
  EXPECT_GT(refused, 1000U);
}

}  // namespace
