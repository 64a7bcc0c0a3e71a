// SPDX-License-Identifier: MIT
#include "host/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/config/sections.hpp"
#include "tests/host/config/fixture.hpp"
#include "tests/host/support/temp_folder.hpp"

namespace bourse::host::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class GoodConfig : public testing::Test {
 protected:
  void SetUp() override {
    loaded_ = parse(slurp(golden_folder() / "good_full.yaml"));
    ASSERT_TRUE(loaded_.config.has_value()) << loaded_.diagnostics.render();
  }
  const Config& config() const { return *loaded_.config; }
  /// What stands in the file where the mark points.
  std::string source(const Mark& mark) const {
    const std::string_view line = loaded_.diagnostics.file(mark.file).line(mark.line);
    return std::string(line.substr(mark.column - 1, mark.length));  // these lines are ASCII
  }

  LoadedConfig loaded_;
};

TEST_F(GoodConfig, KnowsTheServer) {
  const ServerConfig& server = config().server;
  EXPECT_EQ(server.listen.value.at(0).host, "127.0.0.1");
  EXPECT_EQ(server.listen.value.at(0).port, 9000);
  EXPECT_EQ(server.io_threads.value, 2u);
  EXPECT_EQ(server.workers.value, 4u);
  EXPECT_EQ(server.waiting_threads.value, 16u);
  EXPECT_EQ(server.queue.value, 128u);
  EXPECT_EQ(server.max_connections.value, 500u);
  EXPECT_EQ(server.max_connections_per_client.value, 100u);
  EXPECT_EQ(server.memory.value, 2048u * 1024 * 1024);
  EXPECT_EQ(server.max_header.value, 8192u);
  EXPECT_EQ(server.max_body.value, 2u * 1024 * 1024);
  EXPECT_EQ(server.max_response.value, 1024u * 1024 * 1024);
  EXPECT_EQ(server.header_timeout.value, 250ms);
  EXPECT_EQ(server.body_timeout.value, 5s);
  EXPECT_EQ(server.idle_timeout.value, 10min);
  EXPECT_EQ(server.write_timeout.value, 1h);
  EXPECT_EQ(server.shutdown.delay.value, 2s);
  EXPECT_EQ(server.shutdown.grace.value, 20s);
  EXPECT_EQ(config().log.level.value, LogLevel::kDebug);
  EXPECT_EQ(config().log.format.value, LogFormat::kJson);
}

TEST_F(GoodConfig, KnowsItsTasks) {
  ASSERT_EQ(config().tasks.size(), 3u);
  const TaskConfig& fill = config().tasks[0];
  EXPECT_EQ(fill.name.value, "fill");
  EXPECT_EQ(fill.source.value, "live");
  EXPECT_EQ(fill.task.value, "backfill");
  ASSERT_EQ(fill.params.size(), 2u);
  EXPECT_EQ(fill.params[0].value.items.at(0).value, "-30d");
  EXPECT_TRUE(fill.params[1].value.is_list);
  ASSERT_TRUE(fill.every);
  EXPECT_EQ(fill.every->value, 1h);
  EXPECT_TRUE(fill.at_start);
  EXPECT_EQ(fill.jitter.value, 1min);
  EXPECT_EQ(config().tasks[1].jitter.value, 6s) << "a tenth of every";
  EXPECT_FALSE(config().tasks[1].at_start);
  EXPECT_FALSE(config().tasks[2].every);
  EXPECT_EQ(config().tasks[2].jitter.value, 0s);
}

TEST_F(GoodConfig, FindsPluginsFromItsOwnFolder) {
  std::vector<std::string> folders;
  for (const auto& path : config().plugins.path) folders.push_back(path.value.string());
  EXPECT_THAT(folders, ElementsAre("/etc/bourse/plugins", "/opt/bourse/plugins", "/etc/more"));
  ASSERT_EQ(config().plugins.pins.size(), 1u);
  EXPECT_EQ(config().plugins.pins[0].file.value, "alpha.so");
  EXPECT_EQ(config().plugins.pins[0].sha256.value,
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}

TEST(Names, OfComponentsAreAsLongAsTheContractHasThem) {
  const std::string id(64, 'a'), plugin(128, 'p');
  EXPECT_TRUE(is_component(id));
  EXPECT_TRUE(is_component(plugin + "/" + id));
  EXPECT_FALSE(is_component(id + "a"));
  EXPECT_FALSE(is_component(plugin + "/" + id + "a"));
  EXPECT_FALSE(is_component(plugin + "p/" + id));
}

TEST_F(GoodConfig, KnowsTheSettingsOfAnalysesAndFormats) {
  const std::vector<ComponentConfig>& components = config().plugins.config;
  ASSERT_EQ(components.size(), 2u);
  EXPECT_EQ(components[0].name.value, "acme.trend/zscore");
  ASSERT_EQ(components[0].config.size(), 3u);
  EXPECT_EQ(components[0].config[0].name.value, "window");
  EXPECT_EQ(components[0].config[0].value.joined(), "20");
  EXPECT_EQ(components[0].config[1].value.joined(), "a,b");
  EXPECT_TRUE(components[0].config[1].value.is_list);
  EXPECT_TRUE(components[0].config[2].value.from_environment());
  EXPECT_EQ(components[1].name.value, "technical");
  EXPECT_TRUE(components[1].config.empty());
}

TEST_F(GoodConfig, KnowsWhichSourceLiesOverWhich) {
  ASSERT_EQ(config().sources.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_FALSE(config().sources[i].over.has_value());
  EXPECT_EQ(config().sources[3].over->value, "live");
  EXPECT_EQ(config().sources[4].over->value, "slow");
  EXPECT_EQ(source(config().sources[4].over->mark), "slow");
}

TEST_F(GoodConfig, KnowsTheSources) {
  ASSERT_EQ(config().sources.size(), 5u);
  const SourceConfig& live = config().sources[0];
  EXPECT_EQ(live.name.value, "live");
  EXPECT_EQ(live.use.value, "acme.feed/stream");
  ASSERT_EQ(live.config.size(), 3u);
  EXPECT_EQ(live.config[0].name.value, "key");
  EXPECT_EQ(live.config[0].value.joined(), kSecret);
  EXPECT_TRUE(live.config[0].value.from_environment());
  EXPECT_TRUE(live.config[1].value.is_list);
  EXPECT_EQ(live.config[1].value.joined(), "a.example,b.example");
  EXPECT_EQ(live.config[2].value.joined(), "$5");
  const SourceConfig& made_up = config().sources[1];
  EXPECT_EQ(made_up.config[0].value.joined(), "42");
  EXPECT_EQ(made_up.config[1].value.joined(), "no note: yes");
  EXPECT_FALSE(made_up.config[1].value.from_environment());
  EXPECT_EQ(config().sources[2].name.value, "again");
  EXPECT_EQ(config().sources[2].use.value, "synthetic");
  EXPECT_EQ(config().find_source("made-up"), &made_up);
  EXPECT_EQ(config().find_source("nobody"), nullptr);
  EXPECT_EQ(config().defaults.source->value, "live");
  EXPECT_EQ(config().defaults.deadline.value, 3s);
}

TEST_F(GoodConfig, KnowsTheRoutes) {
  ASSERT_EQ(config().routes.size(), 3u);
  const RouteConfig& trend = config().routes[0];
  EXPECT_EQ(trend.path.value.shape(), "/api/v1/{}/trend");
  EXPECT_EQ(std::get<LocatedText>(trend.run).value, "trend");
  EXPECT_TRUE(trend.negotiated);
  ASSERT_EQ(trend.formats.size(), 3u);
  EXPECT_EQ(trend.formats[2].value, "png");
  EXPECT_EQ(trend.source->value, "made-up");
  EXPECT_EQ(trend.deadline->value, 500ms);
  EXPECT_EQ(trend.title->value, "Grüße aus dem Norden, no more");
  const RouteConfig& charts = config().routes[1];
  const auto& choice = std::get<RunFromPath>(charts.run);
  EXPECT_EQ(choice.from.value, "what");
  EXPECT_EQ(choice.allow[1].value, "trend");
  ASSERT_EQ(choice.alias.size(), 1u);
  EXPECT_EQ(choice.alias[0].name.value, "market");
  EXPECT_EQ(choice.alias[0].component.value, "market-view");
  EXPECT_FALSE(charts.negotiated);
  EXPECT_EQ(charts.formats[0].value, "png");
  EXPECT_FALSE(charts.source.has_value());
  EXPECT_TRUE(config().routes[2].path.value.segments.empty());
}

TEST_F(GoodConfig, KnowsTheParameters) {
  const std::vector<ParamRule>& params = config().routes[0].params;
  ASSERT_EQ(params.size(), 6u);
  EXPECT_EQ(params[0].name.value, "limit");
  EXPECT_FALSE(params[0].fixed.has_value());
  EXPECT_EQ(params[0].def->joined(), "200");
  EXPECT_EQ(params[0].min->value, "10");
  EXPECT_EQ(params[0].max->value, "500");
  EXPECT_EQ(params[1].fixed->joined(), "1h");
  EXPECT_FALSE(params[1].fixed->is_list);
  EXPECT_EQ(params[2].fixed->joined(), "A,B");
  EXPECT_TRUE(params[2].fixed->is_list);
  EXPECT_EQ((*params[3].choices)[1].value, "sell");
  EXPECT_EQ(params[4].fixed->joined(), "no");  // YAML 1.1 would make this a boolean
}

TEST_F(GoodConfig, SaysWhatIsToleratedOfAnswersAndHowMuchIsKept) {
  EXPECT_EQ(config().server.cache_memory.value, 16u << 20u);
  ASSERT_TRUE(config().defaults.cache.has_value());
  EXPECT_FALSE(config().defaults.cache->off);
  EXPECT_EQ(config().defaults.cache->fresh.value, 5s);
  EXPECT_EQ(config().defaults.cache->stale.value, 30s);
  EXPECT_EQ(config().defaults.cache->if_error.value, 10min);
  ASSERT_TRUE(config().routes[0].cache.has_value());
  EXPECT_TRUE(config().routes[0].cache->off);
  ASSERT_TRUE(config().routes[1].cache.has_value());
  EXPECT_EQ(config().routes[1].cache->stale.value, 1h);
  EXPECT_EQ(config().routes[1].cache->fresh.value, 0s) << "a route's says all, not a part";
  EXPECT_FALSE(config().routes[2].cache.has_value());
  EXPECT_EQ(source(config().defaults.cache->if_error.mark), "10m");
}

TEST_F(GoodConfig, EveryLeafKnowsItsPlace) {
  EXPECT_EQ(source(config().server.listen.mark), "\"127.0.0.1:9000\"");
  EXPECT_EQ(source(config().server.max_body.mark), "2MiB");
  EXPECT_EQ(source(config().server.shutdown.grace.mark), "20s");
  EXPECT_EQ(source(config().log.level.mark), "debug");
  EXPECT_EQ(source(config().plugins.path[2].mark), "../more");
  EXPECT_EQ(source(config().plugins.pins[0].file.mark), "\"alpha.so\"");
  EXPECT_EQ(source(config().plugins.config[0].name.mark), "acme.trend/zscore");
  EXPECT_EQ(source(config().plugins.config[0].config[0].value.mark), "20");
  EXPECT_EQ(source(config().sources[0].name.mark), "live");
  EXPECT_EQ(source(config().sources[0].config[0].name.mark), "key");
  EXPECT_EQ(source(config().sources[0].config[0].value.items[0].mark), "\"${TOKEN}\"");
  EXPECT_EQ(source(config().sources[2].name.mark), "again");
  EXPECT_EQ(source(config().sources[2].use.mark), "synthetic");
  EXPECT_EQ(source(config().routes[0].path.mark), "\"/api/v1/{symbol}/trend\"");
  EXPECT_EQ(source(config().routes[0].formats[1].mark), "csv");
  EXPECT_EQ(source(config().routes[0].params[0].max->mark), "500");
  EXPECT_EQ(source(config().routes[1].path.mark), "/charts/{what}");
  EXPECT_EQ(source(std::get<RunFromPath>(config().routes[1].run).alias[0].component.mark),
            "market-view");
  EXPECT_EQ(source(config().routes[2].mark), "{");
}

TEST(LoadConfig, FillsInDefaultsThatNobodyWrote) {
  const LoadedConfig loaded = parse(slurp(golden_folder() / "good_minimal.yaml"));
  ASSERT_TRUE(loaded.config.has_value()) << loaded.diagnostics.render();
  const Config& config = *loaded.config;
  EXPECT_EQ(config.server.listen.value.at(0).host, "0.0.0.0");
  EXPECT_EQ(config.server.listen.value.at(0).port, 8080);
  EXPECT_EQ(config.server.listen.mark.line, 0u);
  EXPECT_EQ(config.server.max_header.value, 16u * 1024);
  EXPECT_EQ(config.server.shutdown.delay.value, 0s);
  EXPECT_EQ(config.server.shutdown.grace.value, 10s);
  EXPECT_EQ(config.defaults.deadline.value, 5s);
  EXPECT_FALSE(config.defaults.source.has_value());
  EXPECT_FALSE(config.defaults.cache.has_value());
  EXPECT_EQ(config.server.cache_memory.value, 64u << 20u);
  EXPECT_TRUE(config.sources.empty());
  EXPECT_EQ(config.log.level.value, LogLevel::kInfo);
}

TEST(LoadConfig, TheTwoListenersAreNotOne) {
  const auto codes = [](const std::string& server) {
    const auto read = parse_config(
        "a.yaml", "bourse: 1\nserver: {" + server + "}\nroutes: [{path: /x, run: a, format: b}]\n",
        "", test_environment);
    return read.config ? "" : read.diagnostics.all().front().code;
  };
  for (const char* const same :
       {"listen: \"127.0.0.1:9090\", admin: \"127.0.0.1:9090\"", "admin: \"127.0.0.1:8080\"",
        "listen: \"127.0.0.1:80\", admin: \"0.0.0.0:80\"",
        "listen: \"127.0.0.1:80\", admin: \"[::]:80\"", "listen: \"[::]:80\", admin: \"[::1]:80\"",
        "listen: \"unix:/a\", admin: \"unix:/a\"", "listen: \"unix:/a\", admin: {unix: /a}",
        "listen: [\"unix:/a\", {unix: /a, mode: 0600}]",
        "listen: \"systemd:a\", admin: \"systemd:a\"",
        "listen: [\"unix:/a\", \"127.0.0.1:80\"], admin: [\"unix:/b\", \"0.0.0.0:80\"]",
        "listen: [\"127.0.0.1:80\", \"[::]:80\"]"}) {
    EXPECT_EQ(codes(same), "duplicate_value") << same;
  }
  for (const char* const two :
       {"listen: \"127.0.0.1:0\", admin: \"127.0.0.1:0\"", "admin: \"127.0.0.1:8081\"",
        "listen: \"0.0.0.0:80\", admin: \"[::1]:80\"",
        "listen: \"127.0.0.1:80\", admin: \"127.0.0.2:80\"",
        "listen: [\"127.0.0.1:80\", \"[::1]:80\"], admin: [\"unix:/a\", \"systemd:a\"]"}) {
    EXPECT_EQ(codes(two), "") << two;
  }
}

TEST(LoadConfig, ReadsListenersOfAllKinds) {
  const LoadedConfig loaded = parse(R"(bourse: 1
server:
  listen:
    - "[::]:8080"
    - unix:/run/a.sock
    - {unix: /run/b.sock, mode: 0600, owner: bourse, group: 33}
    - systemd:bourse.socket
  admin: {unix: "/run/${PORT}.sock", mode: "777"}
routes: [{path: /x, run: x, format: x}]
)");
  ASSERT_TRUE(loaded.config) << loaded.diagnostics.render();
  const Listeners& listen = loaded.config->server.listen.value;
  ASSERT_EQ(listen.size(), 4u);
  EXPECT_TRUE(listen[0].ipv6);
  EXPECT_EQ(listen[1].path, "/run/a.sock");
  EXPECT_EQ(listen[1].file, SocketFile{});
  EXPECT_EQ(listen[2].path, "/run/b.sock");
  EXPECT_EQ(listen[2].file, (SocketFile{.mode = 0600, .owner = "bourse", .group = "33"}));
  EXPECT_EQ(listen[3].passed, "bourse.socket");
  const Listeners& admin = loaded.config->server.admin->value;
  ASSERT_EQ(admin.size(), 1u);
  EXPECT_EQ(admin[0].path, "/run/9000.sock");
  EXPECT_EQ(admin[0].file.mode, 0777u);
}

TEST(LoadConfig, WhoWantsSourcesOnlyNeedsNothingElseToBeRight) {
  const std::string text = R"(
bourse: 1
server: {listen: "${NOT_SET}"}
log: {level: loud}
sources: {market: {use: synthetic, config: {seed: 1}}}
defaults: {source: market}
routes: [{path: /x, run: a, format: b, access: {tokens: ["${NOT_SET}"]}}]
)";
  EXPECT_FALSE(parse_config("a.yaml", text, "", test_environment).config);
  const auto read = parse_config("a.yaml", text, "", test_environment, ConfigPart::kSources);
  ASSERT_TRUE(read.config) << read.diagnostics.render();
  EXPECT_NE(read.config->find_source("market"), nullptr);
  EXPECT_TRUE(read.config->routes.empty());
  const auto bad =
      parse_config("a.yaml", "bourse: 1\nsources: {a: {use: x, config: {k: \"${NOT_SET}\"}}}\n", "",
                   test_environment, ConfigPart::kSources);
  EXPECT_FALSE(bad.config) << "what sources need must be there";
}

TEST(LoadConfig, LaterStagesAddTheirFindings) {
  LoadedConfig loaded = parse(slurp(golden_folder() / "good_minimal.yaml"));
  ASSERT_TRUE(loaded.config.has_value());
  const auto& run = std::get<LocatedText>(loaded.config->routes[0].run);
  loaded.diagnostics.error(run.mark, "unknown_component", "no plugin offers \"greeting\"");
  EXPECT_EQ(loaded.diagnostics.render(),
            "test.yaml:3:25: error[unknown_component]: no plugin offers \"greeting\"\n"
            "     3 |   - {path: /hello, run: greeting, format: json}\n"
            "       |                         ^^^^^^^^\n\n1 error\n");
}

TEST(LoadConfig, ReadsAddressesOfBothKinds) {
  const auto listen = [](const std::string& text) {
    const LoadedConfig loaded = parse("bourse: 1\nserver: {listen: \"" + text +
                                      "\"}\nroutes: [{path: /x, run: x, format: x}]\n");
    if (!loaded.config) return std::string("refused");
    const ListenAddress& address = loaded.config->server.listen.value.at(0);
    return address.host + " " + std::to_string(address.port);
  };
  EXPECT_EQ(listen("0.0.0.0:0"), "0.0.0.0 0");
  EXPECT_EQ(listen("[::1]:65535"), "::1 65535");
  EXPECT_EQ(listen("localhost:80"), "127.0.0.1 80");
  EXPECT_EQ(listen("127.0.0.1:${PORT}"), "127.0.0.1 9000");
  for (const char* text : {"", ":", ":80", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1",
                           "1.2.3.4:8x", "1.2.3:80", "256.1.1.1:80", "::1:80", "[1.2.3.4]:80",
                           "[]:80", "[:80", "host:80", "1.2.3.4:80 "}) {
    EXPECT_EQ(listen(text), "refused") << text;
  }
}

TEST(LoadConfig, WindowsLineEndsAndByteOrderMarksAreHarmless) {
  const LoadedConfig loaded = parse(
      "\xEF\xBB\xBF"
      "bourse: 1\r\nroutes:\r\n  - {path: /x, run: x, format: x, zzz: 1}\r\n");
  EXPECT_EQ(loaded.diagnostics.render(),
            "test.yaml:3:35: error[unknown_key]: unknown key \"zzz\" in a route\n"
            "     3 |   - {path: /x, run: x, format: x, zzz: 1}\n"
            "       |                                   ^^^\n"
            "  help: known keys: path, run, format, formats, source, deadline, cache, live, title, "
            "log, access, limits, cors, headers, ignore, trailing-slash, case, redirect, text, "
            "file, folder, params\n\n"
            "1 error\n");
}

TEST(LoadConfig, RefusesAFileThatIsTooLarge) {
  const std::string padding(kConfigBytesMax, '#');
  const LoadedConfig loaded = parse("bourse: 1\n" + padding);
  EXPECT_FALSE(loaded.config.has_value());
  EXPECT_EQ(loaded.diagnostics.render(),
            "test.yaml: error[too_large]: the file is larger than 1MiB\n\n1 error\n");
}

TEST(LoadConfig, HintsShowNothingOfTheEnvironment) {
  // The alias is one letter off what the variable holds: a suggestion would give it away.
  const LoadedConfig loaded = parse(
      "bourse: 1\nroutes:\n  - {path: \"/{v}\", run: {from: v, allow: [\"${SECRET}\"], "
      "alias: {x: hunter1}}, format: x}\n");
  EXPECT_THAT(loaded.diagnostics.render(), HasSubstr("not in \"allow\""));
  EXPECT_THAT(loaded.diagnostics.render(), Not(HasSubstr(kSecret)));
}

class ConfigFile : public testing::Test {
 protected:
  const TempFolder temp_;
  const std::filesystem::path folder_ = temp_.path();
};

TEST_F(ConfigFile, IsReadFromDiskAndResolvesPathsBesideItself) {
  const auto file = folder_ / "bourse.yaml";
  std::ofstream(file) << "bourse: 1\nplugins: {path: [plugins]}\n"
                         "routes: [{path: /x, run: x, format: x}]\n";
  const LoadedConfig loaded = load_config(file, test_environment);
  ASSERT_TRUE(loaded.config.has_value()) << loaded.diagnostics.render();
  EXPECT_EQ(loaded.config->plugins.path[0].value, folder_ / "plugins");
}

TEST_F(ConfigFile, ThatIsMissingOrAFolderIsAnErrorNotACrash) {
  const auto missing = folder_ / "missing.yaml";
  EXPECT_EQ(load_config(missing, test_environment).diagnostics.render(),
            missing.string() +
                ": error[unreadable_file]: the file cannot be read: No such file or directory\n\n"
                "1 error\n");
  EXPECT_THAT(load_config(folder_, test_environment).diagnostics.render(),
              HasSubstr("it is a folder"));
}

TEST_F(ConfigFile, LargerThanTheLimitIsNotReadWhole) {
  const auto file = folder_ / "large.yaml";
  std::ofstream(file) << std::string(3 * kConfigBytesMax, '\n');
  EXPECT_THAT(load_config(file, test_environment).diagnostics.render(), HasSubstr("too_large"));
}

// ---- groups -------------------------------------------------------------------------------------

std::vector<std::string> names_of(const std::vector<ParamRule>& rules) {
  std::vector<std::string> names;
  for (const ParamRule& rule : rules) names.push_back(rule.name.value);
  return names;
}

const ParamRule& rule_for(const RouteConfig& route, std::string_view name) {
  for (const ParamRule& rule : route.params) {
    if (rule.name.value == name) return rule;
  }
  ADD_FAILURE() << "there is no rule for " << name;
  return route.params.front();
}

TEST(Groups, GiveTheirRoutesAPrefixAndWhatTheyDoNotSay) {
  const LoadedConfig loaded = parse(slurp(golden_folder() / "good_groups.yaml"));
  ASSERT_TRUE(loaded.config) << loaded.diagnostics.render();
  const auto& routes = loaded.config->routes;
  ASSERT_EQ(routes.size(), 5u);
  const std::vector<std::string> paths = {routes[0].path.value.text, routes[1].path.value.text,
                                          routes[2].path.value.text, routes[3].path.value.text,
                                          routes[4].path.value.text};
  EXPECT_EQ(paths,
            (std::vector<std::string>{"/api/v1", "/api/v1/prices", "/api/v1/{interval}/trend",
                                      "/api/v1/charts/{name}", "/api/v1/charts/all"}));
  // The nearer one counts, of format and formats whichever it is.
  EXPECT_FALSE(routes[0].negotiated);
  EXPECT_TRUE(routes[1].negotiated) << "the defaults say so";
  EXPECT_FALSE(routes[3].negotiated);
  EXPECT_EQ(routes[3].formats.at(0).value, "png");
  EXPECT_EQ(routes[1].deadline->value, std::chrono::seconds(2));
  EXPECT_EQ(routes[2].deadline->value, std::chrono::seconds(1));
  EXPECT_FALSE(routes[1].source) << "that of the defaults is no route's own";
  EXPECT_EQ(routes[2].source->value, "spare");
  EXPECT_EQ(std::get<LocatedText>(routes[3].run).value, "trend");
  EXPECT_EQ(std::get<LocatedText>(routes[4].run).value, "all");
}

TEST(Groups, AddParametersOneByOne) {
  const LoadedConfig loaded = parse(slurp(golden_folder() / "good_groups.yaml"));
  ASSERT_TRUE(loaded.config) << loaded.diagnostics.render();
  const auto& routes = loaded.config->routes;
  const ParamRule& own = rule_for(routes[1], "limit");
  EXPECT_EQ(own.max->value, "100");
  EXPECT_FALSE(own.inherited);
  EXPECT_TRUE(rule_for(routes[1], "interval").inherited);
  EXPECT_EQ(rule_for(routes[0], "limit").max->value, "500");
  EXPECT_EQ(names_of(routes[2].params), std::vector<std::string>{"limit"}) << "the path says it";
  EXPECT_EQ(names_of(routes[3].params),
            (std::vector<std::string>{"limit", "interval", "width", "height"}));
}

// ---- included files -----------------------------------------------------------------------------

class Include : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }
  LoadedConfig load(const ConfigTouch& touch = {}) {
    return load_config(folder_ / "bourse.yaml", test_environment, ConfigPart::kAll, touch);
  }
  // What is told, without the folder.
  std::string told(const LoadedConfig& loaded) {
    std::string text = loaded.diagnostics.render();
    const std::string start = folder_.string() + "/";
    for (std::size_t at = text.find(start); at != text.npos; at = text.find(start)) {
      text.erase(at, start.size());
    }
    return text;
  }

  const TempFolder temp_;
  const std::filesystem::path folder_ = temp_.path();
};

TEST_F(Include, AddsWhatTheFilesSay) {
  put("bourse.yaml",
      "bourse: 1\ninclude: [sources.yaml, \"routes/*.yaml\"]\n"
      "server: {queue: 7}\nplugins: {path: [mine]}\ndefaults: {source: market}\n"
      "routes: [{path: /a, run: x, format: y}]\n");
  put("sources.yaml",
      "sources: {market: {use: one}}\nserver: {workers: 3}\ndefaults: {deadline: 2s}\n");
  put("routes/b.yaml", "bourse: 1\nroutes: [{path: /b, run: x, format: y}]\n");
  put("routes/a.yaml",
      "include: deep/more.yaml\nroutes: [{path: /c, run: x, format: y}]\n"
      "plugins: {path: [theirs], pins: {}}\n");
  put("routes/deep/more.yaml", "groups: [{prefix: /g, routes: [{path: /d, run: x, format: y}]}]\n");
  put("routes/.hidden.yaml", "no: yaml: at: all\n");
  std::vector<std::string> touched;
  const LoadedConfig loaded = load(
      {.file = [&](const auto& file) { touched.push_back(file.filename().string()); },
       .folder = [&](const auto& folder,
                     const auto& pattern) { touched.push_back((folder / pattern).filename()); }});
  ASSERT_TRUE(loaded.config) << told(loaded);
  const Config& config = *loaded.config;
  EXPECT_EQ(config.server.queue.value, 7u);
  EXPECT_EQ(config.server.workers.value, 3u);
  EXPECT_EQ(config.defaults.deadline.value, std::chrono::seconds(2));
  ASSERT_EQ(config.routes.size(), 4u);
  EXPECT_EQ(config.routes[0].path.value.text, "/a");
  EXPECT_EQ(config.routes[1].path.value.text, "/c");
  EXPECT_EQ(config.routes[2].path.value.text, "/b");
  EXPECT_EQ(config.routes[3].path.value.text, "/g/d");
  ASSERT_EQ(config.plugins.path.size(), 2u);
  EXPECT_EQ(config.plugins.path[0].value, folder_ / "mine");
  EXPECT_EQ(config.plugins.path[1].value, folder_ / "routes/theirs") << "from its own file";
  EXPECT_EQ(touched,
            (std::vector<std::string>{"*.yaml", "sources.yaml", "a.yaml", "more.yaml", "b.yaml"}));
}

TEST_F(Include, TellsInWhichFileAMistakeIs) {
  put("bourse.yaml",
      "bourse: 1\ninclude: [one.yaml, two.yaml]\nsources: {market: {use: one}}\n"
      "routes: [{path: /a, run: x, format: y, source: market}]\n");
  put("one.yaml", "log: {level: loud}\nsources: {market: {use: two}}\nlog2: 1\n");
  put("two.yaml", "log: {level: warn}\nroutes: [{path: /a, run: x, format: y, source: market}]\n");
  const std::string text = told(load());
  EXPECT_NE(text.find("one.yaml:1:14: error[bad_value]"), text.npos) << text;
  EXPECT_NE(text.find("one.yaml:2:11: error[duplicate_key]: the key \"market\" is in two files"),
            text.npos)
      << text;
  EXPECT_NE(text.find("the first is at bourse.yaml:3:11"), text.npos) << text;
  EXPECT_NE(text.find("one.yaml:3:1: error[unknown_key]"), text.npos) << text;
  EXPECT_NE(text.find("two.yaml:1:7: error[duplicate_key]"), text.npos) << text;
  EXPECT_NE(text.find("two.yaml:2:17: error[duplicate_route]"), text.npos) << text;
  EXPECT_NE(text.find("the first is at bourse.yaml:4:17"), text.npos) << text;
}

TEST_F(Include, PathsAreFromTheFolderOfTheirOwnFile) {
  put("bourse.yaml",
      "bourse: 1\ninclude: sub/sources.yaml\n"
      "sources: {top: {use: x, config: {folder: recordings, block_file: none, title: a/b}}}\n"
      "routes: [{path: /a, run: x, format: y, source: top}]\n");
  put("sub/sources.yaml",
      "sources: {low: {use: x, config: {key_file: ../keys/one, folder: /var/data, other_file: "
      "a.b}}}\n");
  const LoadedConfig loaded = load();
  ASSERT_TRUE(loaded.config) << told(loaded);
  const auto value = [&](std::string_view source, std::size_t index) {
    return loaded.config->find_source(source)->config.at(index).value.items.at(0).value;
  };
  EXPECT_EQ(value("top", 0), (folder_ / "recordings").string());
  EXPECT_EQ(value("top", 1), "none");
  EXPECT_EQ(value("top", 2), "a/b");
  EXPECT_EQ(value("low", 0), (folder_ / "keys/one").string());
  EXPECT_EQ(value("low", 1), "/var/data");
  EXPECT_EQ(value("low", 2), (folder_ / "sub/a.b").string());
}

TEST_F(Include, IsBounded) {
  const std::string rest = "\nroutes: [{path: /a, run: x, format: y}]\n";
  put("bourse.yaml",
      "bourse: 1\ninclude: [a.yaml, absent.yaml, sub, a.yaml, \"${SECRET}.yaml\", "
      "gone/*.yaml, list.yaml, broken.yaml]" +
          rest);
  put("a.yaml", "include: sub/../bourse.yaml\n");
  put("sub/x.yaml", "");
  put("list.yaml", "- 1\n");
  put("broken.yaml", "log: {level: info\n");
  const std::string text = told(load());
  for (const char* const wanted :
       {"a.yaml:1:10: error[circular_include]: the file \"bourse.yaml\" includes itself",
        "bourse.yaml:2:19: error[unreadable_file]", "bourse.yaml:2:32: error[unreadable_file]",
        "bourse.yaml:2:37: error[duplicate_value]", "bourse.yaml:2:45: error[bad_value]",
        "bourse.yaml:2:63: error[unreadable_file]", "list.yaml:1:1: error[wrong_type]",
        "broken.yaml:1:6: error[syntax]: the \"{\" is not closed"}) {
    EXPECT_NE(text.find(wanted), text.npos) << wanted << '\n' << text;
  }
  EXPECT_EQ(text.find(kSecret), text.npos);
  for (int i = 0; i < 12; ++i) {
    put("deep" + std::to_string(i) + ".yaml", "include: deep" + std::to_string(i + 1) + ".yaml\n");
  }
  put("bourse.yaml", "bourse: 1\ninclude: deep0.yaml" + rest);
  EXPECT_NE(told(load()).find("deep7.yaml:1:10: error[too_large]"), std::string::npos)
      << told(load());
}

}  // namespace
}  // namespace bourse::host::test
