// SPDX-License-Identifier: MIT
//
// The table of keys against the reader, and what is generated of it against the files in docs/.
#include "host/config/keys.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "host/config/schema.hpp"
#include "tests/host/config/fixture.hpp"

namespace bourse::host::test {
namespace {

std::optional<std::string> keys_environment(const std::string& name) {
  if (name == "ACCESS_TOKEN") return "0123456789abcdef0123456789abcdef";
  return std::nullopt;
}

// Where a shape stands, with "@" for one of its keys.
std::string around(std::string_view shape) {
  static const std::map<std::string_view, std::string> kAround = {
      {"", "@"},
      {"server", "server: {admin: \"127.0.0.1:9\", @}"},
      {"server.api", "server: {admin: \"127.0.0.1:9\", api: {@}}"},
      {"server.cache", "server: {cache: {@}}"},
      {"server.shutdown", "server: {shutdown: {@}}"},
      {"server.trusted-proxies",
       "server: {trusted-proxies: {from: [10.0.0.1], header: forwarded, @}}"},
      {"listener", "server: {listen: {unix: /run/a.sock, @}}"},
      {"log", "log: {@}"},
      {"access-log", "log: {access: {@}}"},
      {"plugins", "plugins: {@}"},
      {"source", "sources: {market: {use: one}, tested: {use: two, @}}"},
      {"task",
       "sources: {market: {use: one}}\ntasks: {fill: {source: market, task: it, every: 8784h, @}}"},
      {"route", "sources: {market: {use: one}}\nroutes: [{path: /a, run: b, format: c, @}]"},
      {"group", "groups: [{routes: [{path: /a, run: b, format: c}], @}]"},
      {"run",
       "routes: [{path: \"/{analysis}\", format: c, run: {from: analysis, "
       "allow: [technical], @}}]"},
      {"access", "routes: [{path: /a, run: b, format: c, access: {@}}]"},
      {"token",
       "routes: [{path: /a, run: b, format: c, access: {tokens: [{name: a, token: "
       "\"${ACCESS_TOKEN}\", @}]}}]"},
      {"limits", "routes: [{path: /a, run: b, format: c, limits: {route: 5/1s, @}}]"},
      {"client-limit",
       "routes: [{path: /a, run: b, format: c, limits: {client: {rate: 9/1s, @}}}]"},
      {"limit", "routes: [{path: /a, run: b, format: c, limits: {token: {rate: 9/1s, @}}}]"},
      {"cache", "routes: [{path: /a, run: b, format: c, cache: {@}}]"},
      {"live", "routes: [{path: /a, run: b, format: c, live: {@}}]"},
      {"server.live", "server: {live: {@}}"},
      {"redirect", "routes: [{path: \"/{name}\", redirect: {to: /x, @}}]"},
      {"text", "routes: [{path: /a, text: {body: b, @}}]"},
      {"file", "routes: [{path: /a, file: {path: b, @}}]"},
      {"folder", "routes: [{path: /a, folder: {path: b, @}}]"},
      {"cors", "routes: [{path: /a, run: b, format: c, cors: {origins: [\"http://a\"], @}}]"},
      {"param", "routes: [{path: /a, run: b, format: c, params: {limit: {@}}}]"}};
  const auto found = kAround.find(shape);
  if (found != kAround.end()) return found->second;
  ADD_FAILURE() << "say where " << shape << " stands, in around()";
  return "@";
}

// A whole file in which the key has that value, instead of another one that stands there.
LoadedConfig with(const Key& key, std::string_view value) {
  const std::string name(key.name());
  std::string text = around(key.parent());
  const std::string said = name + ": " + std::string(value);
  text.replace(text.find('@'), 1, said);
  for (const std::string other : {"path: /a",
                                  "run: b",
                                  "format: c",
                                  "use: two",
                                  "unix: /run/a.sock",
                                  "from: analysis",
                                  "rate: 9/1s",
                                  "route: 5/1s",
                                  "name: a",
                                  "token: \"${ACCESS_TOKEN}\"",
                                  "from: [10.0.0.1]",
                                  "admin: \"127.0.0.1:9\"",
                                  "header: forwarded",
                                  "origins: [\"http://a\"]",
                                  "allow: [technical]",
                                  "to: /x",
                                  "body: b",
                                  "path: b",
                                  "source: market",
                                  "task: it",
                                  "every: 8784h"}) {
    // These answer instead of an analysis.
    const bool is_fixed = key.parent() == "route" && (name == "redirect" || name == "text" ||
                                                      name == "file" || name == "folder");
    if (is_fixed && (other == "run: b" || other == "format: c")) {
      text.erase(text.find(other + ", "), other.size() + 2);
    } else if (name == "redirect" && other == "path: /a" && is_fixed) {
      text.replace(text.find(other), other.size(), "path: \"/{name}\"");
    }
    const bool same =
        other.starts_with(name + ": ") || (name == "formats" && other.starts_with("format: "));
    // A route has a path, and so has a file in it.
    if (name == "path" && (key.parent() == "route") != (other == "path: /a")) continue;
    const std::size_t at = text.find(other + ", ");
    if (same && at != text.npos) text.erase(at, other.size() + 2);
  }
  if (key.path == "tasks") text += "\nsources: {market: {use: one}}";
  if (key.path != "bourse") text = "bourse: 1\n" + text;
  if (text.find("routes:") == text.npos) text += "\nroutes: [{path: /a, run: b, format: c}]";
  return parse_config(std::string(key.path), text, std::filesystem::temp_directory_path(),
                      keys_environment);
}

TEST(Keys, EveryExampleIsGood) {
  for (const Key& key : all_keys()) {
    if (key.example.empty()) {
      EXPECT_TRUE(key.type == KeyType::kNone) << key.path << " has no example";
      continue;
    }
    const LoadedConfig loaded = with(key, key.example);
    EXPECT_TRUE(loaded.config) << loaded.diagnostics.render();
  }
}

TEST(Keys, EveryDefaultIsWhatTheStructsSay) {
  std::size_t compared = 0;
  for (const Key& key : all_keys()) {
    if (key.fallback.empty() || key.value == nullptr) continue;
    const LoadedConfig loaded = with(key, "\"" + std::string(key.fallback) + "\"");
    ASSERT_TRUE(loaded.config) << loaded.diagnostics.render();
    EXPECT_EQ(key.value(*loaded.config), key.value(Config())) << key.path;
    ++compared;
  }
  EXPECT_GT(compared, 15u);
}

TEST(Keys, EveryExampleThatIsNoDefaultChangesTheValue) {
  for (const Key& key : all_keys()) {
    if (key.value == nullptr || key.example == key.fallback) continue;
    const LoadedConfig loaded = with(key, key.example);
    ASSERT_TRUE(loaded.config) << loaded.diagnostics.render();
    EXPECT_NE(key.value(*loaded.config), key.value(Config())) << key.path;
  }
}

TEST(Keys, WhatNeedsARestartCanBeCompared) {
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(key.taken == KeyTaken::kReload || key.value != nullptr) << key.path;
  }
}

TEST(Keys, RangesAreThoseOfTheReader) {
  std::size_t tried = 0;
  for (const Key& key : all_keys()) {
    const auto written = [&](std::uint64_t number) {
      // A duration of the table has no smaller unit than a millisecond.
      return key.type == KeyType::kDuration ? std::to_string(number / 1'000'000) + "ms"
                                            : std::to_string(number);
    };
    const bool has_range =
        key.type == KeyType::kCount || key.type == KeyType::kSize || key.type == KeyType::kDuration;
    if (!has_range) continue;
    const std::uint64_t step = key.type == KeyType::kDuration ? 1'000'000 : 1;
    EXPECT_LT(key.min, key.max) << key.path;
    EXPECT_TRUE(with(key, written(key.min)).config) << key.path;
    EXPECT_TRUE(with(key, written(key.max)).config) << key.path;
    EXPECT_FALSE(with(key, written(key.max + step)).config) << key.path;
    EXPECT_TRUE(key.min == 0 || !with(key, written(key.min - step)).config) << key.path;
    ++tried;
  }
  EXPECT_GT(tried, 15u);
}

TEST(Keys, EachIsThereOnceAndItsMapIsKnown) {
  std::set<std::string_view> paths;
  std::set<std::string_view> shapes = {""};
  for (const Key& key : all_keys()) shapes.insert(key.shape);
  for (const Key& key : all_keys()) {
    EXPECT_TRUE(paths.insert(key.path).second) << key.path;
    EXPECT_TRUE(shapes.contains(key.parent())) << key.path;
    EXPECT_TRUE(key.doc.ends_with('.')) << key.path;
    EXPECT_EQ(&key_of(key.parent(), key.name()), &key);
  }
}

TEST(Keys, AnUnknownOneIsRefusedInEveryMap) {
  std::set<std::string_view> shapes;
  for (const Key& key : all_keys()) shapes.insert(key.parent());
  for (const std::string_view shape : shapes) {
    std::string text = around(shape);
    text.replace(text.find('@'), 1, "qqqqqqqqqq: 1");
    const auto told = parse(text).diagnostics.render();
    EXPECT_NE(told.find("error[unknown_key]: unknown key \"qqqqqqqqqq\""), told.npos) << told;
  }
}

TEST(Keys, FreeOnesMayStandInEveryMap) {
  std::set<std::string_view> shapes;
  for (const Key& key : all_keys()) shapes.insert(key.parent());
  for (const std::string_view shape : shapes) {
    std::string text = around(shape);
    text.replace(text.find('@'), 1, "x-anything: {a: [1]}");
    const auto told = parse(text).diagnostics.render();
    EXPECT_EQ(told.find("\"x-anything\""), told.npos) << told;
  }
}

// ---- what is generated --------------------------------------------------------------------------

constexpr std::string_view kBegin = "<!-- keys: generated -->\n";
constexpr std::string_view kEnd = "<!-- keys: end -->\n";

std::filesystem::path reference_folder() {
  return std::filesystem::path(BOURSE_SOURCE_DIR) / "docs/reference";
}

// With BOURSE_WRITE set, the files are written instead of compared.
void expect_file(const std::filesystem::path& file, const std::string& text) {
  if (std::getenv("BOURSE_WRITE") != nullptr) std::ofstream(file) << text;
  EXPECT_EQ(slurp(file), text)
      << "the table of keys has changed: run this test with BOURSE_WRITE=1";
}

TEST(Keys, AreWhatTheSchemaSays) {
  expect_file(reference_folder() / "bourse.schema.json", config_schema());
}

TEST(Keys, AreWhatTheReferenceSays) {
  const std::filesystem::path file = reference_folder() / "configuration.md";
  const std::string page = slurp(file);
  const std::size_t begin = page.find(kBegin);
  const std::size_t end = page.find(kEnd);
  ASSERT_TRUE(begin != page.npos && end != page.npos && begin < end);
  expect_file(file, page.substr(0, begin + kBegin.size()) + config_reference() + page.substr(end));
}

}  // namespace
}  // namespace bourse::host::test
