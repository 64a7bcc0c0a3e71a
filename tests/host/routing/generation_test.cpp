// SPDX-License-Identifier: MIT
//
// What does not fit together is told with its place, all at once. Texts are compared whole: they
// are what an operator reads.
#include "host/routing/generation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "host/calls/call.hpp"
#include "host/routing/source_builder.hpp"
#include "tests/host/support/fixture.hpp"

namespace bourse::host::test {
namespace {

using Codes = std::vector<std::string>;

constexpr const char* kFeed = "sources: {feed: {use: steady}}\ndefaults: {source: feed}\n";

TEST(Generation, OfAGoodConfigurationHasItsRoutes) {
  const auto generation = good_generation(R"(
sources: {feed: {use: steady, config: {rate: 7, key: "${SECRET}"}}, other: {use: prompt}}
defaults: {source: feed, deadline: 3s}
routes:
  - {path: /two, run: two, formats: [plain, data], title: Two of them}
  - {path: /other, run: two, format: plain, source: other, deadline: 1s}
  - {path: "/{which}", run: {from: which, allow: [echo, fails], alias: {say: echo}}, format: data}
)");
  ASSERT_NE(generation, nullptr);
  ASSERT_EQ(generation->routes().size(), 3U);
  const Route& two = generation->routes()[0];
  EXPECT_EQ(two.path, "/two");
  EXPECT_EQ(two.title, "Two of them");
  EXPECT_TRUE(two.negotiated);
  EXPECT_EQ(two.deadline, std::chrono::seconds(3));
  ASSERT_NE(two.source, nullptr);
  EXPECT_EQ(two.source->name(), "feed");
  ASSERT_EQ(two.offers.size(), 2U);
  EXPECT_EQ(two.offers[0].media_type, "text/plain; charset=utf-8");
  const Route& other = generation->routes()[1];
  EXPECT_EQ(other.source->name(), "other");
  EXPECT_EQ(other.deadline, std::chrono::seconds(1));
  EXPECT_EQ(other.title, "Two") << "of the analysis";
  EXPECT_FALSE(other.negotiated);
  const Route& picked = generation->routes()[2];
  EXPECT_EQ(picked.selector, "which");
  EXPECT_EQ(picked.names.at("say"), picked.names.at("echo"));
  EXPECT_EQ(generation->sources()->size(), 2U);
}

TEST(Generation, OneInstanceServesAllRoutesOfAComponent) {
  const auto generation = good_generation(R"(
routes:
  - {path: /a, run: echo, format: plain}
  - {path: /b, run: fixture.pipeline/echo, format: plain}
)");
  EXPECT_EQ(generation->routes()[0].analyses[0].instance,
            generation->routes()[1].analyses[0].instance);
  EXPECT_EQ(generation->routes()[0].formats[0].serializer,
            generation->routes()[1].formats[0].serializer);
}

TEST(Generation, SettingsOfAnAnalysisReachTheOneInstanceThatAllItsRoutesShare) {
  const auto generation = good_generation(R"(
plugins: {config: {fixture.pipeline/tuned: {window: 20, key: "${SECRET}"}}}
routes:
  - {path: /a, run: tuned, format: plain}
  - {path: /b, run: fixture.pipeline/tuned, format: plain}
)");
  EXPECT_EQ(generation->routes()[0].analyses[0].instance,
            generation->routes()[1].analyses[0].instance);
  const auto planned = plan(generation, {.target = "/a"});
  ASSERT_TRUE(planned.ok());
  const auto answer = analyse(planned->job, Context{}, nullptr);
  ASSERT_TRUE(answer.ok()) << answer.failure().message;
  EXPECT_EQ(answer->report->wire().scalars[0]->value.as.i64, 20);
}

TEST(Generation, WithoutSettingsAnAnalysisHasItsDefaults) {
  const auto generation = good_generation("routes: [{path: /a, run: tuned, format: plain}]\n");
  const auto planned = plan(generation, {.target = "/a"});
  const auto answer = analyse(planned->job, Context{}, nullptr);
  ASSERT_TRUE(answer.ok()) << answer.failure().message;
  EXPECT_EQ(answer->report->wire().scalars[0]->value.as.i64, 5);
}

TEST(Generation, MakesSourcesFromTheGroundWhateverTheirOrderInTheFile) {
  const auto generation = good_generation(R"(
sources:
  top: {use: layer, over: middle, config: {times: 3}}
  middle: {over: ground, use: layer, config: {times: 2}}
  ground: {use: steady}
routes: [{path: /a, run: two, format: plain, source: top}]
)");
  EXPECT_EQ(generation->sources()->size(), 3U);
  const Source& top = *generation->sources()->at("top");
  EXPECT_EQ(top.under(), generation->sources()->at("middle"));
  EXPECT_EQ(top.under()->under(), generation->sources()->at("ground"));
  EXPECT_EQ(tower_text(top), "top over middle over ground");
  const auto planned = plan(generation, {.target = "/a"});
  ASSERT_TRUE(planned.ok());
  const auto answer = analyse(planned->job, Context{}, nullptr);
  ASSERT_TRUE(answer.ok()) << answer.failure().message;
  EXPECT_EQ(answer->report->wire().scalars[0]->value.as.i64, 18)
      << "3 rows of the ground, twice, three times";
}

TEST(Generation, ADatasetThatALayerPassesOnIsThere) {
  good_generation(
      "sources: {top: {use: layer, over: ground}, ground: {use: watched-feed}}\n"
      "routes: [{path: /a, run: diary, format: plain, source: top, access: {tokens: "
      "[\"${TOKEN}\"]}}]\n");
  const Built open = build(
      "sources: {top: {use: layer, over: ground}, ground: {use: watched-feed}}\n"
      "routes: [{path: /a, run: diary, format: plain, source: top}]\n");
  EXPECT_EQ(open.codes, Codes{"private_without_access"}) << "private below is private above";
}

TEST(Generation, EachSourceHasAnInstanceOfItsOwn) {
  Control control;
  const std::string address = std::to_string(control.address());
  const auto generation =
      good_generation("sources: {a: {use: steady, config: {control: " + address +
                      "}}, b: {use: steady, config: {control: " + address +
                      "}}}\nroutes: [{path: /a, run: echo, format: plain}]\n");
  EXPECT_EQ(control.instances, 2);
}

/// Checks the codes of the errors and the whole text.
void expect_told(const std::string& yaml, const Codes& codes, const std::string& text) {
  const Built built = build(yaml);
  EXPECT_EQ(built.generation, nullptr);
  EXPECT_EQ(built.codes, codes);
  EXPECT_EQ(built.diagnostics, text.substr(text.front() == '\n' ? 1 : 0));
}

TEST(Generation, TellsAComponentThatIsNotThere) {
  expect_told("routes:\n  - {path: /a, run: ecko, format: plian}\n",
              {"unknown_component", "unknown_component"}, R"(
test.yaml:3:21: error[unknown_component]: there is no analysis "ecko"
     3 |   - {path: /a, run: ecko, format: plian}
       |                     ^^^^
  help: did you mean "echo"?

test.yaml:3:35: error[unknown_component]: there is no format "plian"
     3 |   - {path: /a, run: ecko, format: plian}
       |                                   ^^^^^
  help: did you mean "plain"?

2 errors
)");
}

TEST(Generation, NamesWhatIsLoadedWhenNothingIsNear) {
  const Built built =
      build("sources: {feed: {use: zzzzzz}}\nroutes: [{path: /a, run: echo, format: plain}]\n");
  EXPECT_EQ(built.codes, Codes{"unknown_component"});
  EXPECT_NE(built.diagnostics.find("there is no source \"zzzzzz\""), std::string::npos);
  EXPECT_NE(built.diagnostics.find("help: loaded are: layer, odd, prompt, request, reticent-feed, "
                                   "sparse, steady, telling, thin, watched-feed\n"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, AComponentOfAnotherKindIsNotMeant) {
  EXPECT_EQ(build("routes: [{path: /a, run: plain, format: echo}]\n").codes,
            (Codes{"unknown_component", "unknown_component"}));
}

TEST(Generation, AFolderThatCannotBeSearchedIsTheOneErrorForAllThatMayBeInIt) {
  Loaded half = fixture();
  half.refusals.push_back(
      {"/etc/lost", {.code = "no_folder", .message = "/etc/lost: is not there"}});
  const std::string routes = R"(
sources: {feed: {use: elsewhere}}
routes: [{path: /a, run: absent, format: plain}, {path: /b, run: ecco, format: unheard}]
)";
  const Built built = build("plugins: {path: [lost]}" + routes, half);
  EXPECT_EQ(built.codes, (Codes{"no_folder", "unknown_component"}));
  EXPECT_NE(built.diagnostics.find("test.yaml:2:18: error[no_folder]: plugin refused: /etc/lost"),
            std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("did you mean \"echo\"?"), std::string::npos)
      << "a slip is one, whatever is missing: " << built.diagnostics;
  // Nothing is missing: a warning, at the same place.
  const Built good =
      build("plugins: {path: [lost]}\nroutes: [{path: /a, run: echo, format: plain}]\n", half);
  EXPECT_NE(good.generation, nullptr);
  EXPECT_NE(good.diagnostics.find("test.yaml:2:18: warning[no_folder]"), std::string::npos)
      << good.diagnostics;
}

TEST(Generation, APinIsToldAtItsPlace) {
  const std::string digest(64, 'a');
  Loaded loaded = fixture();
  loaded.refusals.push_back({"/p/a.so", {.code = "pin_mismatch", .message = "/p/a.so: another"}});
  loaded.refusals.push_back(
      {"b.so", {.code = "pinned_file_missing", .message = "b.so: not there"}});
  const Built built =
      build("plugins: {pins: {a.so: \"sha256:" + digest + "\", b.so: \"sha256:" + digest +
                "\"}}\nroutes: [{path: /a, run: echo, format: plain}]\n",
            loaded);
  EXPECT_NE(built.diagnostics.find("test.yaml:2:24: warning[pin_mismatch]"), std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("test.yaml:2:99: warning[pinned_file_missing]"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsOfRefusedPluginsWhereSomethingIsMissing) {
  Loaded nothing;
  nothing.catalog = std::make_shared<const Catalog>();
  nothing.refusals.push_back({"/p/a.so",
                              {.status = BOURSE_INTERNAL,
                               .code = "world_writable",
                               .message = "/p/a.so: anybody may change it"}});
  nothing.refusals.push_back({"/p/b.so", {.code = "no_entry", .message = "/p/b.so: no entry"}});
  const Built built = build("routes: [{path: /a, run: echo, format: plain}]\n", nothing);
  EXPECT_EQ(built.codes, Codes{"nothing_loaded"}) << "one cause, one error";
  EXPECT_NE(built.diagnostics.find("`bourse plugins` shows what is in them; refused was: "
                                   "/p/a.so: anybody may change it (and 1 more)\n"),
            std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("warning[no_entry]: plugin refused: /p/b.so: no entry"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, ARefusedPluginThatNobodyNeedsIsAWarning) {
  Loaded loaded;
  loaded.catalog = fixture().catalog;
  loaded.refusals.push_back({"/p/a.so", {.code = "no_entry", .message = "/p/a.so: no entry"}});
  const Built built = build("routes: [{path: /a, run: echo, format: plain}]\n", loaded);
  EXPECT_NE(built.generation, nullptr);
  EXPECT_NE(built.diagnostics.find("warning[no_entry]"), std::string::npos);
}

TEST(Generation, WhatWasLeftOutOfANewerPluginIsAWarning) {
  auto component = std::make_shared<Component>();
  component->kind = BOURSE_KIND_ANALYSIS;
  component->id = "zscore";
  component->plugin = "acme.newer";
  component->notes = {"its parameter depth is of type 12, which this host does not know"};
  auto plugin = std::make_shared<Plugin>();
  plugin->name = "acme.newer";
  plugin->notes = {"its component 2 is of kind 9, which this host does not know"};
  plugin->components = {component};
  auto catalog = std::make_shared<Catalog>(*fixture().catalog);
  ASSERT_TRUE(catalog->add(plugin).ok());
  Loaded loaded;
  loaded.catalog = catalog;
  const Built built = build("routes: [{path: /a, run: echo, format: plain}]\n", loaded);
  EXPECT_NE(built.generation, nullptr);
  for (const char* const told :
       {"warning[plugin_left_out]: acme.newer: its component 2 is of kind 9",
        "warning[plugin_left_out]: acme.newer/zscore: its parameter depth is of type 12"}) {
    EXPECT_NE(built.diagnostics.find(told), std::string::npos) << built.diagnostics;
  }
}

TEST(Generation, TellsASettingThatIsNotThere) {
  expect_told(
      "sources: {feed: {use: steady, config: {raet: 5, zzzzzz: 1}}}\n"
      "defaults: {source: feed}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n",
      {"unknown_setting", "unknown_setting"}, R"(
test.yaml:2:40: error[unknown_setting]: steady has no setting "raet"
     2 | sources: {feed: {use: steady, config: {raet: 5, zzzzzz: 1}}}
       |                                        ^^^^
  help: did you mean "rate"?

test.yaml:2:49: error[unknown_setting]: steady has no setting "zzzzzz"
     2 | sources: {feed: {use: steady, config: {raet: 5, zzzzzz: 1}}}
       |                                                 ^^^^^^
  help: it has: control, waits, listens, rate, key, refuse

2 errors
)");
  const Built none = build(
      "sources: {feed: {use: odd, config: {rate: 5}}}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n");
  EXPECT_NE(none.diagnostics.find("help: it has none\n"), std::string::npos) << none.diagnostics;
}

TEST(Generation, TellsASettingOfAWrongValue) {
  expect_told(
      "sources: {feed: {use: steady, config: {rate: 11}}}\n"
      "defaults: {source: feed}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n",
      {"parameter_out_of_range"}, R"(
test.yaml:2:46: error[parameter_out_of_range]: parameter "rate": expected a whole number from 1 to 10, got "11"; it is above 10
     2 | sources: {feed: {use: steady, config: {rate: 11}}}
       |                                              ^^

1 error
)");
}

TEST(Generation, ShowsNoValueOfTheEnvironment) {
  const std::string routes = "routes: [{path: /a, run: echo, format: plain}]\n";
  for (const std::string& yaml :
       {"sources: {feed: {use: steady, config: {rate: \"${NUMBER}\"}}}\n" + routes,
        "sources: {feed: {use: steady, config: {rate: \"${SECRET}\"}}}\n" + routes,
        "sources: {feed: {use: steady, config: {waits: [\"${SECRET}\", x]}}}\n" + routes,
        std::string(
            "routes: [{path: /a, run: echo, format: plain, params: {limit: \"${SECRET}\"}}]"),
        std::string("routes: [{path: /a, run: echo, format: plain, params: {limit: {default: "
                    "\"${NUMBER}\"}}}]"),
        std::string("routes: [{path: /a, run: echo, format: plain, params: {limit: {min: "
                    "\"${SECRET}\"}}}]"),
        std::string("routes: [{path: /a, run: echo, format: plain, params: {limit: {max: "
                    "\"${NUMBER}\"}}}]"),
        std::string("routes: [{path: /a, run: echo, format: plain, params: {side: {choices: "
                    "[\"${SECRET}\"]}}}]")}) {
    const Built built = build(yaml);
    EXPECT_EQ(built.codes.size(), 1U) << yaml << built.diagnostics;
    EXPECT_EQ(built.diagnostics.find("hunter2"), std::string::npos) << built.diagnostics;
    EXPECT_EQ(built.diagnostics.find("7777777"), std::string::npos) << built.diagnostics;
  }
}

TEST(Generation, ShowsNoSecretSetting) {
  const Built built =
      build("sources: {feed: {use: steady, config: {key: \"" + std::string(300, 'h') +
            "\"}}}\nroutes: [{path: /a, run: echo, format: plain}]\n");
  EXPECT_EQ(built.codes, Codes{"parameter_out_of_range"});
  const auto message = built.diagnostics.substr(0, built.diagnostics.find('\n'));
  EXPECT_EQ(message.find("hhh"), std::string::npos) << message;
}

TEST(Generation, TellsASourceThatDoesNotStart) {
  expect_told(
      "sources: {feed: {use: steady, config: {refuse: true}}, thin: {use: thin}}\n"
      "defaults: {source: [feed, thin]}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n",
      {"no_start", "missing_parameter"}, R"(
test.yaml:2:11: error[no_start]: source "feed" could not be started: It will not.
     2 | sources: {feed: {use: steady, config: {refuse: true}}, thin: {use: thin}}
       |           ^^^^

test.yaml:2:68: error[missing_parameter]: source "thin" could not be started: parameter "must": missing; give text of at most 256 bytes
     2 | sources: {feed: {use: steady, config: {refuse: true}}, thin: {use: thin}}
       |                                                                    ^^^^

2 errors
)");
}

TEST(Generation, ASourceThatDoesNotStartIsToldOnce) {
  EXPECT_EQ(build("sources: {feed: {use: steady, config: {refuse: true}}}\n"
                  "routes: [{path: /a, run: two, format: plain, source: feed}]\n")
                .codes,
            Codes{"no_start"})
      << "that its route has no source follows from it";
}

TEST(Generation, TellsALayerThatLiesOverNothing) {
  expect_told(
      "sources: {feed: {use: steady}, top: {use: layer}}\n"
      "defaults: {source: [feed, top]}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n",
      {"layer_without_over"}, R"(
test.yaml:2:43: error[layer_without_over]: layer is a layer: it asks the source under it, and "top" has none
     2 | sources: {feed: {use: steady}, top: {use: layer}}
       |                                           ^^^^^
  help: add `over: NAME`; there are: feed

1 error
)");
  EXPECT_NE(build("sources: {top: {use: layer}}\nroutes: [{path: /a, run: echo, format: plain}]\n")
                .diagnostics.find("help: configure another source and name it: `over: NAME`\n"),
            std::string::npos);
}

TEST(Generation, TellsASourceThatIsNoLayerAndLiesOverOne) {
  const Built built = build(
      "sources: {feed: {use: steady}, top: {use: prompt, over: feed}}\n"
      "routes: [{path: /a, run: echo, format: plain}]\n");
  EXPECT_EQ(built.codes, Codes{"not_a_layer"});
  EXPECT_NE(built.diagnostics.find(
                "test.yaml:2:57: error[not_a_layer]: prompt is no layer: it would never ask the "
                "source under it\n"),
            std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("help: take `over` out, or use a layer: layer"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, WhatLiesOverASourceThatDoesNotStartIsNotTold) {
  const Built built = build(
      "sources: {top: {use: layer, over: feed}, feed: {use: steady, config: {refuse: true}}}\n"
      "routes: [{path: /a, run: two, format: plain, source: top}]\n");
  EXPECT_EQ(built.codes, Codes{"no_start"}) << built.diagnostics;
}

TEST(Generation, TellsSettingsOfAComponentThatIsNotThere) {
  expect_told(
      R"(plugins:
  config:
    fixture.pipeline/tunde: {window: 5}
    tuned: {window: 5}
    steady: {rate: 5}
    zzzzzz/zzz: {}
routes: [{path: /a, run: echo, format: plain}]
)",
      {"unknown_component", "unknown_component", "settings_of_a_source", "unknown_component"},
      R"(
test.yaml:4:5: error[unknown_component]: there is no analysis and no format "fixture.pipeline/tunde"
     4 |     fixture.pipeline/tunde: {window: 5}
       |     ^^^^^^^^^^^^^^^^^^^^^^
  help: did you mean "fixture.pipeline/tuned"?

test.yaml:5:5: error[unknown_component]: there is no analysis and no format "tuned"
     5 |     tuned: {window: 5}
       |     ^^^^^
  help: write the full name: "fixture.pipeline/tuned"

test.yaml:6:5: error[settings_of_a_source]: "steady" is a source, and each source has its own settings
     6 |     steady: {rate: 5}
       |     ^^^^^^
  help: write them into `config` of the source, under `sources`

test.yaml:7:5: error[unknown_component]: there is no analysis and no format "zzzzzz/zzz"
     7 |     zzzzzz/zzz: {}
       |     ^^^^^^^^^^
  help: `bourse plugins` lists them

4 errors
)");
}

TEST(Generation, ChecksTheSettingsOfAnAnalysisAsThoseOfASource) {
  const std::string routes = "routes: [{path: /a, run: echo, format: plain}]\n";
  const auto with = [&](const std::string& settings) {
    return build("plugins: {config: {fixture.pipeline/tuned: " + settings + "}}\n" + routes);
  };
  EXPECT_EQ(with("{window: 20}").codes, Codes{});
  EXPECT_EQ(with("{window: 101}").codes, Codes{"parameter_out_of_range"})
      << "though no route runs it";
  const Built unknown = with("{windw: 20}");
  EXPECT_EQ(unknown.codes, Codes{"unknown_setting"});
  EXPECT_NE(unknown.diagnostics.find("help: did you mean \"window\"?"), std::string::npos);
  for (const std::string settings :
       {"{window: \"${NUMBER}\"}", "{window: \"${SECRET}\"}", "{refuse: \"${SECRET}\"}"}) {
    const Built hidden = with(settings);
    EXPECT_EQ(hidden.codes.size(), 1U) << settings;
    EXPECT_EQ(hidden.diagnostics.find("7777777"), std::string::npos) << hidden.diagnostics;
    EXPECT_EQ(hidden.diagnostics.find("hunter2"), std::string::npos) << hidden.diagnostics;
  }
  const Built secret = with("{key: \"" + std::string(300, 'h') + "\"}");
  EXPECT_EQ(secret.codes, Codes{"parameter_out_of_range"});
  EXPECT_EQ(secret.diagnostics.substr(0, secret.diagnostics.find('\n')).find("hhh"),
            std::string::npos);
}

TEST(Generation, TellsAnAnalysisThatDoesNotStartOnceWhereItsSettingsStand) {
  const Built built = build(
      "plugins: {config: {fixture.pipeline/tuned: {refuse: true}}}\n"
      "routes:\n  - {path: /a, run: tuned, format: plain}\n"
      "  - {path: /b, run: tuned, format: plain}\n");
  EXPECT_EQ(built.codes, Codes{"no_start"});
  EXPECT_NE(built.diagnostics.find("test.yaml:2:20: error[no_start]: fixture.pipeline/tuned could "
                                   "not be started: It will not."),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, WhatAnAnalysisDeclaresOptionalMayBeMissing) {
  good_generation(
      "sources: {feed: {use: steady}}\n"
      "routes: [{path: /a, run: optional, format: plain, source: feed}]\n");
}

TEST(Generation, TellsAColumnThatTheSourceMayLeaveOut) {
  const Built built = build(
      "sources: {feed: {use: sparse}}\n"
      "routes: [{path: /a, run: two, format: plain, source: feed}]\n");
  EXPECT_EQ(built.codes, Codes{"dataset_differs"});
  EXPECT_NE(
      built.diagnostics.find("two reads column \"n\" of \"series\", which source \"feed\" may "
                             "leave out: it declares it optional\n"),
      std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsAParameterThatNothingHas) {
  expect_told(
      "routes:\n  - {path: /a, run: echo, format: plain, params: {limt: 5, stile: long, zzzzzz: "
      "1}}\n",
      {"unknown_parameter", "unknown_parameter", "unknown_parameter"}, R"(
test.yaml:3:51: error[unknown_parameter]: nothing on this route has a parameter "limt"
     3 |   - {path: /a, run: echo, format: plain, params: {limt: 5, stile: long, zzzzzz: 1}}
       |                                                   ^^^^
  help: did you mean "limit"?

test.yaml:3:60: error[unknown_parameter]: nothing on this route has a parameter "stile"
     3 |   - {path: /a, run: echo, format: plain, params: {limt: 5, stile: long, zzzzzz: 1}}
       |                                                            ^^^^^
  help: did you mean "style"?

test.yaml:3:73: error[unknown_parameter]: nothing on this route has a parameter "zzzzzz"
     3 |   - {path: /a, run: echo, format: plain, params: {limt: 5, stile: long, zzzzzz: 1}}
       |                                                                         ^^^^^^
  help: there are: symbol, limit, names, side, key, style

3 errors
)");
  const Built none = build("routes: [{path: /a, run: throws, format: data, params: {x: 1}}]\n");
  EXPECT_NE(none.diagnostics.find("help: it has none\n"), std::string::npos) << none.diagnostics;
}

TEST(Generation, TellsARuleThatIsWiderThanThePlugins) {
  expect_told(
      "routes:\n  - {path: /a, run: echo, format: plain, params: {limit: {max: 2000}, side: "
      "hold}}\n",
      {"not_narrower", "not_narrower"}, R"(
test.yaml:3:64: error[not_narrower]: parameter "limit": the route's max "2000" is wider than the plugin's own 1000; a route can only narrow
     3 |   - {path: /a, run: echo, format: plain, params: {limit: {max: 2000}, side: hold}}
       |                                                                ^^^^

test.yaml:3:77: error[not_narrower]: parameter "side": the route's value is not legal: parameter "side": expected one of buy, sell, got "hold"
     3 |   - {path: /a, run: echo, format: plain, params: {limit: {max: 2000}, side: hold}}
       |                                                                             ^^^^

2 errors
)");
}

TEST(Generation, BlamesThePartOfARuleThatIsWrong) {
  const std::string before = "routes: [{path: /a, run: echo, format: plain, params: {";
  for (std::string rule :
       {"limit: {min: 5, max: ^2000}", "limit: {min: ^0, max: 100}",
        "limit: {min: 900, max: ^800, default: 850}", "limit: {default: ^20, max: 10}",
        "limit: {max: 10, default: ^20}", "side: {choices: [buy, ^hold, sell]}", "limit: {max: ^2}",
        "limit: {min: 200, default: 300, max: ^5000}", "limit: {default: ^many}"}) {
    const std::size_t at = rule.find('^');
    rule.erase(at, 1);
    const Built built = build(before + rule + "}}]\n");
    const std::string place = "test.yaml:2:" + std::to_string(before.size() + at + 1);
    EXPECT_NE(built.diagnostics.find(place + ": error[not_narrower]"), std::string::npos)
        << rule << '\n'
        << built.diagnostics;
  }
}

TEST(Generation, ASecretMustComeOutOfTheEnvironment) {
  const Built built = build(R"(
sources: {feed: {use: steady, config: {key: "hunter3"}}}
routes:
  - {path: /a, run: echo, format: plain, params: {key: "${UNSET:-hunter3}"}}
  - {path: /b, run: echo, format: plain, params: {key: {default: hunter3}}}
  - {path: /c, run: echo, format: plain, params: {key: "${SECRET}"}}
)");
  EXPECT_EQ(built.codes, (Codes{"secret_in_file", "secret_in_file", "secret_in_file"}));
  for (const char* const place : {"3:45", "5:56", "6:66"}) {
    EXPECT_NE(built.diagnostics.find("test.yaml:" + std::string(place) + ": error[secret_in_file]"),
              std::string::npos)
        << place << '\n'
        << built.diagnostics;
  }
  EXPECT_EQ(built.diagnostics.find("hunter3"), std::string::npos) << built.diagnostics;
}

TEST(Generation, ABoundOfATextIsTold) {
  const Built built = build(R"(
routes: [{path: /a, run: echo, format: plain, params: {side: {max: 5}, symbol: {max: 9}}}]
)");
  ASSERT_NE(built.generation, nullptr) << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("test.yaml:3:68: warning[bound_of_text]: \"max\" of \"side\" "
                                   "counts bytes, because it is a text"),
            std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("choose with `choices`, of: buy, sell"), std::string::npos);
}

TEST(Generation, WhatAGroupSaysOfAParameterCountsWhereThereIsOne) {
  const std::string group = R"(
groups:
  - params: {limit: {max: 5, default: 5}, style: long}
    routes: [{path: /a, run: echo, format: plain}, {path: /b, run: fails, format: plain}]
)";
  const Built built = build(group);
  ASSERT_NE(built.generation, nullptr) << built.diagnostics;
  const auto& echo = built.generation->routes()[0].analyses[0].parameters;
  const auto limit =
      std::find_if(echo.begin(), echo.end(), [](const Parameter& p) { return p.name == "limit"; });
  ASSERT_NE(limit, echo.end());
  EXPECT_EQ(limit->max, "5");
  const Built wrong = build(R"(
groups:
  - params: {limit: {max: 5, default: 5}, lmit: 7}
    routes: [{path: /a, run: echo, format: plain}, {path: /b, run: fails, format: plain}]
)");
  EXPECT_EQ(wrong.codes, Codes{"unknown_parameter"});
  EXPECT_NE(wrong.diagnostics.find("test.yaml:4:43: error[unknown_parameter]"), std::string::npos)
      << wrong.diagnostics;
}

TEST(Generation, TellsAPathVariableThatIsNoParameter) {
  expect_told("routes:\n  - {path: \"/a/{symbl}/{zzzzzz}\", run: echo, format: plain}\n",
              {"unknown_parameter", "unknown_parameter"}, R"(
test.yaml:3:16: error[unknown_parameter]: {symbl} is no parameter of echo
     3 |   - {path: "/a/{symbl}/{zzzzzz}", run: echo, format: plain}
       |                ^^^^^^^
  help: did you mean "symbol"?

test.yaml:3:24: error[unknown_parameter]: {zzzzzz} is no parameter of echo
     3 |   - {path: "/a/{symbl}/{zzzzzz}", run: echo, format: plain}
       |                        ^^^^^^^^
  help: it has: symbol, limit, names, side, key

2 errors
)");
  const Built picked = build(
      "routes: [{path: \"/{which}/{symbol}\", run: {from: which, allow: [echo, fails]}, format: "
      "plain}]\n");
  EXPECT_EQ(picked.codes, Codes{"unknown_parameter"}) << "fails has none";
  EXPECT_NE(picked.diagnostics.find("{symbol} is no parameter of fails"), std::string::npos);
}

TEST(Generation, TellsASecretThatAPathWouldTell) {
  expect_told("routes:\n  - {path: \"/a/{key}\", run: echo, format: plain}\n", {"secret_in_path"},
              R"(
test.yaml:3:16: error[secret_in_path]: {key} of echo is secret, and every log on the way keeps paths
     3 |   - {path: "/a/{key}", run: echo, format: plain}
       |                ^^^^^
  help: take it out of the path: a request says it as ?key=

1 error
)");
}

/// "line code" of all that is wrong, in the file and with the plugins.
std::vector<std::string> all_wrong(const std::string& yaml) {
  LoadedConfig read = parse_config("test.yaml", yaml, "/etc", test_environment);
  EXPECT_FALSE(read.config);
  EXPECT_TRUE(read.readable);
  if (read.readable) {
    EXPECT_EQ(build_generation(*read.readable, fixture(), read.diagnostics), nullptr);
  }
  std::vector<std::string> out;
  for (const Diagnostic& one : read.diagnostics.all()) {
    if (one.severity != Severity::kError) continue;
    out.push_back(std::to_string(one.mark.line) + " " + one.code);
  }
  std::sort(out.begin(), out.end());
  return out;
}

TEST(Generation, TellsWhatThePluginsKnowOfAFileThatIsWrongElsewhere) {
  EXPECT_EQ(
      all_wrong(R"(bourse: 1
server: {queue: 0}
sources:
  feed: {use: prompt, config: {rate: 99}}
  bad: {use: promt, confg: {}}
  other: {use: prompt}
routes:
  - {path: /a, run: two, fromat: plain, source: other}
  - {path: /b, run: twoo, formats: [plain], deadline: soon, source: other}
  - {path: /c, run: two, format: pain, source: other}
  - {path: /d, run: two, format: plain, params: {nome: 1}, source: other}
)"),
      (std::vector<std::string>{"10 unknown_component", "11 unknown_parameter", "2 out_of_range",
                                "4 parameter_out_of_range", "5 unknown_component", "5 unknown_key",
                                "8 unknown_key", "9 bad_value", "9 unknown_component"}));
}

TEST(Generation, TellsNothingThatFollowsFromWhatCouldNotBeRead) {
  // A source that is there but wrong, a layer over a name that is none, defaults that say which
  // source, a circle, a path twice: whatever hangs on them is not told as if it were missing.
  EXPECT_EQ(
      all_wrong(R"(bourse: 1
sources:
  feed: {use: [prompt]}
  high: {use: layer, over: fed}
  up: {use: layer, over: down}
  down: {use: layer, over: up}
defaults: {source: fead}
routes:
  - {path: /a, run: two, format: plain, source: feed}
  - {path: /b, run: two, format: plain, source: high}
  - {path: /c, run: two, format: plain}
  - {path: /c, run: two, format: plain, source: up}
  - {path: "/d/{x", run: two, format: plain, source: down}
)"),
      (std::vector<std::string>{"12 duplicate_route", "13 bad_path", "3 wrong_type",
                                "4 unknown_source", "5 circular_sources", "7 unknown_source"}));
}

TEST(Generation, OfAFileThatSaysItsPluginsWrongIsNotLookedFor) {
  for (const char* wrong : {"bourse: 2\n", "bourse: 1\nplugin: {path: [/x]}\n",
                            "bourse: 1\nplugins: {pins: {a.so: wrong}}\n", "- bourse: 1\n"}) {
    const auto read = parse_config("test.yaml", wrong, "/etc", test_environment);
    ASSERT_TRUE(read.readable) << wrong;
    EXPECT_TRUE(read.readable->plugins.spoilt) << wrong;
  }
  const auto none = parse_config("test.yaml", "{", "/etc", test_environment);
  EXPECT_FALSE(none.readable) << "it is no YAML";
  const auto good =
      parse_config("test.yaml", "bourse: 1\nlog: {level: loud}\n", "/etc", test_environment);
  ASSERT_TRUE(good.readable);
  EXPECT_FALSE(good.readable->plugins.spoilt);
}

TEST(Generation, TellsADatasetThatTheSourceDoesNotDeliver) {
  const Built built = build(
      "sources: {feed: {use: thin, config: {must: x}}}\ndefaults: {source: feed}\n"
      "routes:\n  - {path: /a, run: two, format: plain}\n");
  EXPECT_EQ(built.codes, Codes{"dataset_not_offered"});
  EXPECT_NE(built.diagnostics.find("two needs \"series\", which source \"feed\" does not deliver"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsAColumnOfAnotherType) {
  const Built built = build(
      "sources: {feed: {use: odd}}\n"
      "routes:\n  - {path: /a, run: two, format: plain, source: feed}\n");
  EXPECT_EQ(built.codes, Codes{"dataset_differs"});
  EXPECT_NE(built.diagnostics.find("two reads column \"n\" of \"series\", which source \"feed\" "
                                   "delivers as numbers, not as whole numbers"),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsAnAnalysisWithoutASource) {
  const Built built = build("routes:\n  - {path: /a, run: two, format: plain}\n");
  EXPECT_EQ(built.codes, Codes{"no_source"});
  EXPECT_NE(built.diagnostics.find("error[no_source]: two needs a source"), std::string::npos);
  EXPECT_NE(built.diagnostics.find("help: set `source:` here or in defaults"), std::string::npos);
}

TEST(Generation, TellsAFormatThatHasNothingToShow) {
  const Built built = build("routes:\n  - {path: /a, run: echo, formats: [plain, picture]}\n");
  EXPECT_EQ(built.codes, Codes{"nothing_to_show"}) << "plain has";
  EXPECT_NE(built.diagnostics.find("picture shows charts, but echo has none"), std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsParametersOfOneName) {
  const Built built = build("routes:\n  - {path: /a, run: clash, formats: [plain, data]}\n");
  EXPECT_EQ(built.codes, (Codes{"parameter_clash", "parameter_clash"}));
  EXPECT_NE(built.diagnostics.find(
                "clash has a parameter \"format\", a name that the host keeps for itself"),
            std::string::npos)
      << built.diagnostics;
  EXPECT_NE(built.diagnostics.find("clash and format plain both have a parameter \"style\""),
            std::string::npos)
      << built.diagnostics;
}

TEST(Generation, TellsFormatsThatNobodyCouldTellApart) {
  expect_told("routes:\n  - {path: /a, run: echo, formats: [plain, data, twin]}\n",
              {"repeated_format"}, R"(
test.yaml:3:50: error[repeated_format]: another format of this route has the same id or suffix as "twin"
     3 |   - {path: /a, run: echo, formats: [plain, data, twin]}
       |                                                  ^^^^

1 error
)");
}

TEST(Generation, TellsEverythingAtOnce) {
  const Built built = build(std::string(kFeed) + R"(
routes:
  - {path: /a, run: nobody, format: plain}
  - {path: "/{x}", run: two, format: plain}
  - {path: /c, run: echo, formats: [plain, twin], params: {limit: 0}}
)");
  EXPECT_EQ(built.codes,
            (Codes{"unknown_component", "unknown_parameter", "repeated_format", "not_narrower"}));
}

TEST(Generation, LivesOnWhenConfigurationAndCatalogAreGone) {
  std::shared_ptr<const Generation> generation;
  {
    LoadRequest request;
    request.folders = {BOURSE_FIXTURES};
    request.host = &plugin_host();
    const Loaded loaded = load_plugins(request);
    generation = build("routes: [{path: /a, run: echo, format: plain}]\n", loaded).generation;
  }
  ASSERT_NE(generation, nullptr);
  const auto planned = plan(generation, {.target = "/a?limit=3"});
  ASSERT_TRUE(planned.ok());
  const auto report = analyse(planned->job, Context{}, nullptr);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->report->wire().scalars[1]->value.as.i64, 3);
}

TEST(Generation, AReportOutlivesThePluginThatMadeIt) {
  ReportPtr report;
  {
    LoadRequest request;
    request.folders = {BOURSE_FIXTURES};
    request.host = &plugin_host();
    const Loaded loaded = load_plugins(request);
    auto generation = build("routes: [{path: /a, run: echo, format: plain}]\n", loaded).generation;
    ASSERT_NE(generation, nullptr);
    const auto planned = plan(generation, {.target = "/a?symbol=kept"});
    report = analyse(planned->job, Context{}, nullptr)->report;
  }
  const bourse_report& wire = report->wire();
  const auto text = [](bourse_str said) { return std::string(said.ptr, said.len); };
  EXPECT_EQ(text(wire.component), "fixture.pipeline/echo");
  EXPECT_EQ(text(wire.title), "Echo");
  EXPECT_STREQ(wire.scalars[0]->field->name, "symbol");
  EXPECT_EQ(std::string(wire.scalars[0]->value.as.text.ptr, wire.scalars[0]->value.as.text.len),
            "kept");
}

}  // namespace
}  // namespace bourse::host::test
