// SPDX-License-Identifier: MIT
//
// The pages of the admin listener, asked for without a network.
#include "host/service/admin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/service/listings.hpp"
#include "tests/host/observe/captured_errors.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

class AdminPages : public testing::Test {
 public:
  static std::shared_ptr<TestSink> begin(Handler& handler, const std::string& target,
                                         const std::string& method = "GET") {
    auto sink = std::make_shared<TestSink>();
    Request request;
    request.method = method;
    request.target = target;
    request.id = "id";
    request.received = std::chrono::steady_clock::now();
    handler.handle(std::move(request), Responder(sink));
    return sink;
  }
  static Response ask(Handler& handler, const std::string& target,
                      const std::string& method = "GET") {
    const auto sink = begin(handler, target, method);
    const Response* const response = sink->wait();
    EXPECT_NE(response, nullptr);
    return response == nullptr ? Response{} : *response;
  }
  static bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
  }

 protected:
  Service service{good_generation(R"(
sources: {feed: {use: watched-feed}, other: {use: steady}}
defaults: {source: feed}
routes:
  - {path: "/echo/{symbol}", run: echo, formats: [plain, data]}
  - {path: /diary, run: diary, format: plain, access: {tokens: ["${TOKEN}"]}}
)"),
                  Workers::Options{.computing = 1, .threads = 2, .queue = 10}};
  Admin admin{service, [] {
                Stats stats;
                stats.connections_open = 12;
                return stats;
              }};

  std::string metrics() { return body_of(ask(admin, "/metrics")); }
};

TEST_F(AdminPages, CountsAnswersByRouteAndStatus) {
  ask(service, "/echo/a");
  ask(service, "/echo/b");
  ask(service, "/nowhere");
  ask(service, "/diary");
  const std::string text = metrics();
  for (const char* const labels :
       {R"(route="/echo/{symbol}",analysis="echo",format="plain",status="200")",
        R"(route="",analysis="",format="",status="404")",
        R"(route="/diary",analysis="",format="",status="401")"}) {
    const auto times = std::string(labels).find("echo") == std::string::npos ? " 1" : " 2";
    EXPECT_TRUE(has_line(text, "bourse_requests_total{" + std::string(labels) + "}" + times))
        << labels << text;
  }
  EXPECT_EQ(text.find(R"(format="data")"), std::string::npos) << "nobody asked for it";
  EXPECT_TRUE(has_line(text, R"(bourse_request_seconds_count{route="/echo/{symbol}"} 2)"));
  EXPECT_TRUE(
      has_line(text, R"(bourse_request_seconds_bucket{route="/echo/{symbol}",le="+Inf"} 2)"));
  EXPECT_TRUE(has_line(text, "bourse_connections 12"));
}

TEST_F(AdminPages, TellsWhatRunsHere) {
  const std::string text = metrics();
  const auto at = text.find("\nbourse_build_info{");
  ASSERT_NE(at, std::string::npos) << text;
  const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  EXPECT_THAT(line, ::testing::HasSubstr("version=\"" BOURSE_VERSION "\""));
  EXPECT_THAT(line, ::testing::ContainsRegex(R"x(commit="([0-9a-f]{12}(-dirty)?|unknown)")x"));
  EXPECT_THAT(line, ::testing::ContainsRegex(R"x(abi="[0-9]+\.[0-9]+")x"));
  EXPECT_THAT(line, ::testing::ContainsRegex(R"x(compiler="(g|clang)\+\+ [0-9]+\.)x"));
  EXPECT_THAT(line, ::testing::EndsWith("} 1"));
}

TEST_F(AdminPages, ShowsHowSourcesWereOfUse) {
  const std::string before = metrics();
  EXPECT_TRUE(has_line(before, R"(bourse_source_fetch_seconds_count{source="feed"} 0)")) << before;
  EXPECT_EQ(before.find("bourse_source_up{"), std::string::npos) << "nobody has asked one";
}

TEST(Admin, CountsWhatTheQueueHadNoRoomFor) {
  Control control;
  Service service{good_generation("routes:\n  - {path: /wait, run: wait, format: plain}\n"),
                  Workers::Options{.computing = 1, .threads = 1, .queue = 1}};
  Admin admin{service, [] { return Stats{}; }};
  const std::string target = "/wait?control=" + std::to_string(control.address());
  const auto running = AdminPages::begin(service, target);
  ASSERT_TRUE(control.entered.wait());
  const auto queued = AdminPages::begin(service, target + "&listens=false");
  EXPECT_TRUE(AdminPages::has_line(body_of(AdminPages::ask(admin, "/metrics")),
                                   "bourse_calls_refused_total 0"));
  EXPECT_EQ(AdminPages::ask(service, target + "&style=long").status, 503);
  const std::string text = body_of(AdminPages::ask(admin, "/metrics"));
  EXPECT_TRUE(AdminPages::has_line(text, "bourse_calls_refused_total 1")) << text;
  EXPECT_TRUE(AdminPages::has_line(text, "bourse_calls_queued 1"));
  control.release.open();
  EXPECT_TRUE(service.drain(kHardLimit));
}

TEST_F(AdminPages, ShowsTheFiguresOfSourcesThatKeepTheRules) {
  const std::string text = metrics();
  EXPECT_TRUE(has_line(text, "# TYPE bourse_watched_feed_calls_total counter")) << text;
  EXPECT_TRUE(has_line(
      text, R"(bourse_watched_feed_calls_total{source="feed",plugin="fixture.pipeline"} 3)"))
      << text;
  EXPECT_TRUE(has_line(
      text,
      R"(bourse_watched_feed_weight{source="feed",plugin="fixture.pipeline",window="1m"} 7.5)"))
      << text;
  EXPECT_EQ(text.find("watched_feed_calls{"), std::string::npos) << "a counter without _total";
  EXPECT_EQ(text.find("Bad-Name"), std::string::npos);
  EXPECT_EQ(text.find("watched_feed_label"), std::string::npos) << "two labels of one name";
}

std::string reticent_between_others(const Control& control) {
  return "sources: {a: {use: watched-feed}, b: {use: reticent-feed, config: {control: " +
         std::to_string(control.address()) +
         "}}, c: {use: watched-feed}, d: {use: steady}}\ndefaults: {source: a}\n"
         "routes:\n  - {path: /echo, run: echo, format: plain}\n";
}

TEST(Admin, ItIsNotReadyBeforeThePublicListenerIsThere) {
  Service service{good_generation("routes:\n  - {path: /echo, run: echo, format: plain}\n"), {}};
  std::atomic<bool> listens{false};
  Admin admin{service, [&] { return listens ? std::optional(Stats{}) : std::nullopt; }};
  EXPECT_EQ(AdminPages::ask(admin, "/livez").status, 200);
  EXPECT_EQ(AdminPages::ask(admin, "/readyz").status, 503);
  EXPECT_TRUE(AdminPages::has_line(body_of(AdminPages::ask(admin, "/metrics")), "bourse_ready 0"));
  listens = true;
  EXPECT_EQ(AdminPages::ask(admin, "/readyz").status, 200);
}

TEST(Admin, ASourceThatDoesNotTellItsFiguresIsLeftOutAndDelaysNoOtherPage) {
  Control control;
  Service service{good_generation(reticent_between_others(control)), {}};
  Admin admin{service, [] { return Stats{}; }, std::chrono::seconds(2)};
  const auto scrape = AdminPages::begin(admin, "/metrics");
  ASSERT_TRUE(control.entered.wait());
  EXPECT_EQ(AdminPages::ask(admin, "/livez").status, 200);
  EXPECT_EQ(AdminPages::ask(admin, "/readyz").status, 200);
  EXPECT_FALSE(scrape->is_answered()) << "it still has time";
  ASSERT_NE(scrape->wait(), nullptr);
  EXPECT_EQ(control.inside, 1) << "the plugin is still at it";
  const std::string text = body_of(*scrape->wait());
  EXPECT_TRUE(AdminPages::has_line(text, R"(bourse_metrics_collected{source="a"} 1)")) << text;
  EXPECT_TRUE(AdminPages::has_line(text, R"(bourse_metrics_collected{source="b"} 0)"));
  EXPECT_TRUE(AdminPages::has_line(text, R"(bourse_metrics_collected{source="c"} 0)"))
      << "after the one that does not answer nobody is asked";
  EXPECT_EQ(text.find(R"(collected{source="d"})"), std::string::npos) << "it has no figures";
  EXPECT_NE(text.find("bourse_watched_feed_calls_total{"), std::string::npos);
  control.release.open();
  EXPECT_TRUE(admin.drain(kHardLimit));
  EXPECT_TRUE(AdminPages::has_line(body_of(AdminPages::ask(admin, "/metrics")),
                                   R"(bourse_metrics_collected{source="c"} 1)"));
}

TEST(Admin, AsksOneSourceAtATimeHoweverManyWantFigures) {
  Control control;
  Service service{good_generation(reticent_between_others(control)), {}};
  Admin admin{service, [] { return Stats{}; }, std::chrono::milliseconds(1)};
  for (int i = 0; i < 20 || !control.entered.is_open(); ++i) {  // 20: more than may wait
    EXPECT_EQ(AdminPages::ask(admin, "/metrics").status, 200);
  }
  EXPECT_EQ(control.calls, 1);
  EXPECT_FALSE(admin.drain(std::chrono::milliseconds(1)));
  control.release.open();
  EXPECT_TRUE(admin.drain(kHardLimit));
  EXPECT_EQ(control.calls, 1) << "whose answer is out is not asked for any more";
}

TEST_F(AdminPages, CountsTheFiguresThatBreakARuleAndWarnsOnce) {
  CapturedErrors errors;
  for (const char* const count : {"3", "6"}) {
    const std::string text = metrics();
    EXPECT_TRUE(
        has_line(text, std::string(R"(bourse_metrics_dropped_total{source="feed"} )") + count))
        << text;
  }
  const std::string log = errors.take();
  const std::string line =
      "metrics_dropped source=feed figures=3 first=\"\\\"calls\\\": the names of counters end in "
      "_total, and no others\"\n";
  const std::size_t at = log.find(line);
  ASSERT_NE(at, std::string::npos) << log;
  EXPECT_EQ(log.find("metrics_dropped", at + 1), std::string::npos) << log;
}

TEST(Admin, APluginsFigureCannotTakeTheNameOfOneOfTheHosts) {
  Service service{good_generation("sources: {sly: {use: request}}\n"
                                  "routes:\n  - {path: /echo, run: echo, format: plain}\n"),
                  {}};
  Admin admin{service, [] { return Stats{}; }};
  const std::string text = body_of(AdminPages::ask(admin, "/metrics"));
  EXPECT_EQ(text.find("request_seconds_bucket{source"), std::string::npos) << text;
  EXPECT_TRUE(AdminPages::has_line(text, R"(bourse_metrics_dropped_total{source="sly"} 1)"));
  EXPECT_TRUE(AdminPages::has_line(
      text, R"(bourse_request_seconds_open{source="sly",plugin="fixture.pipeline"} 2)"));
}

TEST_F(AdminPages, ReadinessEndsWhenTheServerIsToldToStop) {
  EXPECT_EQ(ask(admin, "/readyz").status, 200);
  EXPECT_TRUE(has_line(metrics(), "bourse_ready 1"));
  service.set_unready();
  EXPECT_EQ(ask(admin, "/readyz").status, 503);
  EXPECT_EQ(ask(admin, "/livez").status, 200);
  EXPECT_TRUE(has_line(metrics(), "bourse_ready 0"));
}

TEST_F(AdminPages, ListsRoutesAndPluginsWithoutSecrets) {
  const std::string routes = body_of(ask(admin, "/routes"));
  EXPECT_NE(routes.find(R"("path":"/diary")"), std::string::npos) << routes;
  EXPECT_NE(routes.find(R"("needs_token":true)"), std::string::npos);
  EXPECT_EQ(routes.find("a-token"), std::string::npos);
  const std::string plugins = body_of(ask(admin, "/plugins"));
  EXPECT_NE(plugins.find(R"("name":"fixture.pipeline","version":"1.0.0")"), std::string::npos);
}

TEST_F(AdminPages, OtherPagesAndMethodsAreProblems) {
  EXPECT_EQ(ask(admin, "/").status, 404);
  EXPECT_NE(body_of(ask(admin, "/")).find("/metrics"), std::string::npos) << "says what there is";
  const Response posted = ask(admin, "/metrics", "POST");
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(header_of(posted, "Allow"), "GET, HEAD");
}

TEST_F(AdminPages, EveryPageIsReadByGetAndHeadAndTakesAQuery) {
  for (const std::string page : {"/livez", "/readyz", "/metrics", "/routes", "/plugins"}) {
    EXPECT_EQ(ask(admin, page).status, 200) << page;
    EXPECT_EQ(ask(admin, page, "HEAD").status, 200) << page;
    EXPECT_EQ(ask(admin, page + "?x=1").status, 200) << page;
    EXPECT_EQ(ask(admin, page + "/").status, 404) << page;
    EXPECT_EQ(ask(admin, page, "DELETE").status, 405) << page;
    EXPECT_NE(body_of(ask(admin, "/nothing")).find('"' + page + '"'), std::string::npos) << page;
  }
}

TEST(Admin, ShowsWhatLiesUnderTheSourceOfARoute) {
  Service service{
      good_generation("sources: {twice: {use: layer, over: feed}, feed: {use: steady}}\n"
                      "routes:\n"
                      "  - {path: /two, run: two, format: plain, source: twice}\n"
                      "  - {path: /one, run: two, format: plain, source: feed}\n"),
      {}};
  Admin admin{service, [] { return Stats{}; }};
  const std::string routes = body_of(AdminPages::ask(admin, "/routes"));
  EXPECT_NE(routes.find(R"("source":"twice","over":["feed"])"), std::string::npos) << routes;
  EXPECT_NE(routes.find(R"("source":"feed","deadline_seconds")"), std::string::npos) << routes;
  const std::string plugins = body_of(AdminPages::ask(admin, "/plugins"));
  EXPECT_NE(plugins.find(R"("id":"layer","title":"Layer","layer":true)"), std::string::npos)
      << plugins;
}

TEST(PluginsJson, TellsWhereAPluginComesFromAndWhatWasLeftOutOfIt) {
  auto component = std::make_shared<Component>();
  component->kind = BOURSE_KIND_ANALYSIS;
  component->id = "zscore";
  component->title = "Z score";
  component->notes = {"parameter depth (type 12)"};
  auto plugin = std::make_shared<Plugin>();
  plugin->name = "acme.trend";
  plugin->version = "1.2.3";
  plugin->vendor = "Acme";
  plugin->license = "MIT";
  plugin->url = "https://acme.example";
  plugin->abi_minor = 3;
  plugin->file = "/p/trend.so";
  plugin->sha256 = "ab";
  plugin->notes = {"component x (kind 4)"};
  plugin->components = {component};
  Catalog catalog;
  ASSERT_TRUE(catalog.add(plugin).ok());
  EXPECT_EQ(plugins_json(catalog),
            R"j([{"name":"acme.trend","version":"1.2.3","abi":"1.3","file":"/p/trend.so",)j"
            R"j("sha256":"ab","vendor":"Acme","license":"MIT","url":"https://acme.example",)j"
            R"j("left_out":["component x (kind 4)"],"components":[{"kind":"analysis",)j"
            R"j("id":"zscore","title":"Z score","left_out":["parameter depth (type 12)"]}]}])j"
            "\n");
}

TEST(Traffic, PutsTimesIntoTheirBuckets) {
  Traffic traffic;
  using std::chrono::microseconds;
  const Traffic::Counter x = traffic.of("/x", {"a", "b"}, {"f", "g"});
  x.count({0, 0}, 200, microseconds(1000), 10);  // a bound belongs to its own bucket
  x.count({1, 0}, 503, microseconds(1001), 20);
  x.count({0, 1}, 200, microseconds(9'000'000), 0);
  x.count_refused(401, microseconds(1), 0);
  traffic.of_no_route().count_refused(404, microseconds(-5), 0);
  Exposition figures;
  traffic.expose(figures);
  const std::string text = figures.text();
  for (const char* const line :
       {R"(bourse_request_seconds_bucket{route="/x",le="0.001"} 2)",
        R"(bourse_request_seconds_bucket{route="/x",le="0.0025"} 3)",
        R"(bourse_request_seconds_bucket{route="/x",le="5"} 3)",
        R"(bourse_request_seconds_bucket{route="/x",le="+Inf"} 4)",
        R"(bourse_requests_total{route="/x",analysis="b",format="f",status="503"} 1)",
        R"(bourse_requests_total{route="/x",analysis="a",format="g",status="200"} 1)",
        R"(bourse_requests_total{route="/x",analysis="",format="",status="401"} 1)",
        R"(bourse_body_bytes_total{route="/x"} 30)",
        R"(bourse_requests_total{route="",analysis="",format="",status="404"} 1)",
        R"(bourse_request_seconds_sum{route=""} 0)"}) {
    EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line << text;
  }
}

TEST(StatusCounts, HasAPlaceForEachOfThoseThatCameFirst) {
  StatusCounts counts;
  for (int status = 400; status < 600; ++status) counts.count(status);
  counts.count(400);
  counts.count(599);
  const auto all = counts.all();
  EXPECT_EQ(all.size(), StatusCounts::kStatusesMax + 1);
  EXPECT_EQ(all.at(400), 2U);
  EXPECT_EQ(all.at(0), 200 - StatusCounts::kStatusesMax + 1);
}

TEST(StatusCounts, LosesNothingWhenManyCountAtOnce) {
  StatusCounts counts;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&counts] {
      for (int i = 0; i < 20'000; ++i) counts.count(400 + i % 40);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (const auto& [status, times] : counts.all()) {
    EXPECT_EQ(status == 0 ? times % 2'000 : times, status == 0 ? 0U : 2'000U) << status;
    sum += times;
  }
  EXPECT_EQ(sum, 80'000U);
}

TEST(Traffic, KnowsARouteByItsTemplateWhereverItStands) {
  Traffic traffic;
  using std::chrono::microseconds;
  const std::vector<std::string> one = {"run"};
  traffic.of("/a", one, one).count({}, 200, microseconds(1), 1);
  traffic.of("/b", one, one).count({}, 200, microseconds(1), 1);
  traffic.of("/b", one, one).count({}, 200, microseconds(1), 1);
  const Traffic::Counter early = traffic.of("/a", {"new", "run"}, {"more", "run"});
  for (int i = 0; i < 100; ++i) (void)traffic.of("/later/" + std::to_string(i), one, one);
  early.count({1, 1}, 200, microseconds(1), 1);  // taken by the generation before
  Exposition figures;
  traffic.expose(figures);
  const std::string text = figures.text();
  for (const char* const line :
       {R"(bourse_requests_total{route="/a",analysis="run",format="run",status="200"} 2)",
        R"(bourse_requests_total{route="/b",analysis="run",format="run",status="200"} 2)",
        R"(bourse_request_seconds_count{route="/later/7"} 0)"}) {
    EXPECT_NE(text.find(std::string("\n") + line + "\n"), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace bourse::host::test
