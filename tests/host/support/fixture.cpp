// SPDX-License-Identifier: MIT
#include "tests/host/support/fixture.hpp"

#include "host/calls/call.hpp"
#include "host/http/text.hpp"

namespace bourse::host::test {

const Loaded& fixture() {
  static const Loaded kLoaded = [] {
    LoadRequest request;
    request.folders = {BOURSE_FIXTURES};
    request.host = &plugin_host();
    Loaded loaded = load_plugins(request);
    for (const Refusal& refusal : loaded.refusals) ADD_FAILURE() << refusal.why.message;
    return loaded;
  }();
  return kLoaded;
}

const Loaded& tasks_fixture() {
  static const Loaded kLoaded = [] {
    LoadRequest request;
    request.folders = {BOURSE_TASKS_FIXTURE};
    request.host = &plugin_host();
    Loaded loaded = load_plugins(request);
    for (const Refusal& refusal : loaded.refusals) ADD_FAILURE() << refusal.why.message;
    return loaded;
  }();
  return kLoaded;
}

std::optional<std::string> test_environment(const std::string& name) {
  if (name == "SECRET") return "hunter2";
  if (name == "NOTHING") return "";
  if (name == "NUMBER") return "7777777";
  if (name == "TOKEN") return "a-token-of-the-tests";
  return std::nullopt;
}

Built build(const std::string& yaml, const Loaded& loaded, const Generation* before) {
  Built built;
  LoadedConfig read = parse_config("test.yaml", "bourse: 1\n" + yaml, "/etc", test_environment);
  EXPECT_TRUE(read.config.has_value()) << "not for this stage:\n" << read.diagnostics.render();
  if (!read.config) return built;
  built.generation = build_generation(*read.config, loaded, read.diagnostics, before);
  built.diagnostics = read.diagnostics.render();
  for (const Diagnostic& diagnostic : read.diagnostics.all()) {
    if (diagnostic.severity == Severity::kError) built.codes.push_back(diagnostic.code);
  }
  EXPECT_EQ(built.generation == nullptr, !built.codes.empty());
  return built;
}

std::shared_ptr<const Generation> good_generation(const std::string& yaml,
                                                  const Generation* before) {
  Built built = build(yaml, fixture(), before);
  EXPECT_NE(built.generation, nullptr) << built.diagnostics;
  return built.generation;
}

std::string with_feed(const std::string& use, const std::string& settings,
                      const std::string& routes) {
  return "sources: {feed: {use: " + use + ", config: {" + settings +
         "}}}\ndefaults: {source: feed}\nroutes:\n" + routes;
}

void TestSink::send(Response response) {
  if (attached_.by_origin) add_vary(response, "Origin");
  if (++answers_ == 1) response_ = std::move(response);
  answered_.open();
}

std::string header_of(const Response& response, std::string_view name) {
  std::string out;
  const auto add = [&](std::string_view field, std::string_view value) {
    if (equal_ignoring_case(field, name)) out.append(out.empty() ? "" : "|").append(value);
  };
  for (const auto& [field, value] : response.headers) add(field, value);
  std::string_view lines = response.lines ? std::string_view(*response.lines) : "";
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    const std::size_t colon = line.find(": ");
    add(line.substr(0, colon), line.substr(colon + 2));
    lines.remove_prefix(line.size() + 2);
  }
  return out;
}

std::string body_of(const Response& response) { return response.body ? *response.body : ""; }

}  // namespace bourse::host::test
