// SPDX-License-Identifier: MIT
#include "host/config/load.hpp"

#include <optional>
#include <set>
#include <string_view>

#include "host/base/utf8.hpp"
#include "host/config/document.hpp"
#include "host/config/include.hpp"
#include "host/config/quantity.hpp"
#include "host/config/reader.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

constexpr std::uint32_t kVersion = 1;

void check_version(Reader& reader, MapReader& map) {
  const Node* const node = map.require("bourse", "write \"bourse: 1\", the version of this format");
  if (node == nullptr) return;
  const std::optional<LocatedText> version = reader.text(*node, "\"bourse\"");
  if (!version || version->value == std::to_string(kVersion)) return;
  reader.error(
      node->mark, "unsupported_version",
      "this program reads version 1 of the configuration, not " + Reader::shown(*node, *version),
      "write \"bourse: 1\"");
}

SourceNames names_of(const Node* sources) {
  std::vector<std::string> names;
  if (sources == nullptr) return names;
  if (sources->kind != Node::Kind::kMap) return std::nullopt;
  for (const Node::Entry& entry : sources->entries) {
    if (!entry.key.starts_with(kFreeKeyPrefix)) names.push_back(entry.key);
  }
  return names;
}

/// REQUIRES: nothing is wrong, so that nothing that would use a source was left out.
void warn_of_unused(Reader& reader, const Config& config) {
  std::set<std::string_view> used;
  const auto use = [&](const std::optional<LocatedText>& name) {
    if (name) used.insert(name->value);
  };
  const auto use_all = [&](const std::vector<LocatedText>& names) {
    for (const LocatedText& name : names) used.insert(name.value);
  };
  use(config.defaults.source);
  use_all(config.defaults.spares);
  for (const SourceConfig& source : config.sources) use(source.over);
  for (const TaskConfig& task : config.tasks) used.insert(task.source.value);
  for (const RouteConfig& route : config.routes) {
    use(route.source);
    use_all(route.spares);
  }
  for (const SourceConfig& source : config.sources) {
    if (used.contains(source.name.value)) continue;
    reader.warning(
        source.name.mark, "unused_source",
        "no route, no task, no default and no other source uses " + in_quotes(source.name.value),
        "it is started all the same; take it out, or name it in a route");
  }
}

Config read_config(Reader& reader, const Node& root, ConfigPart part) {
  const bool all = part == ConfigPart::kAll;
  Config config;
  if (!reader.expect(root, Node::Kind::kMap, "the configuration")) {
    config.plugins.spoilt = true;
    return config;
  }
  MapReader map(reader, root, "the configuration", "");
  const std::size_t none = reader.errors();
  check_version(reader, map);
  config.plugins.spoilt = reader.errors() != none;  // another version may mean something else by it
  const Node* const server = all ? map.find("server") : nullptr;
  if (server != nullptr) read_server(reader, *server, config.server);
  const Node* const log = all ? map.find("log") : nullptr;
  if (log != nullptr) read_log(reader, *log, config.log);
  if (const Node* const node = map.find("plugins")) {
    const std::size_t before = reader.errors();
    read_plugins(reader, *node, config.plugins);
    if (reader.errors() != before) config.plugins.spoilt = true;
  }
  if (map.is_misspelt("plugins")) config.plugins.spoilt = true;
  const Node* const sources = map.find("sources");
  const SourceNames names = map.is_misspelt("sources") ? std::nullopt : names_of(sources);
  if (sources != nullptr) read_sources(reader, *sources, names, config.sources);
  if (const Node* const node = map.find("defaults")) {
    const std::size_t before = reader.errors();
    read_defaults(reader, *node, names, config.defaults);
    config.defaults.spoilt = reader.errors() != before;
  }
  if (map.is_misspelt("defaults")) config.defaults.spoilt = true;
  if (!all) return config;
  if (const Node* const node = map.find("tasks")) read_tasks(reader, *node, names, config.tasks);
  const RouteNodes nodes{
      .routes = map.find("routes"), .groups = map.find("groups"), .defaults = map.find("defaults")};
  if (nodes.routes == nullptr && nodes.groups == nullptr && !map.is_misspelt("groups")) {
    (void)map.require("routes", "list what shall be served");
  }
  read_routes(reader, nodes, names, config.routes);
  if (names && reader.errors() == 0) warn_of_unused(reader, config);
  return config;
}

}  // namespace

std::string Values::joined() const {
  std::string text;
  for (const LocatedText& item : items) {
    if (&item != items.data()) text += ',';
    text += item.value;
  }
  return text;
}

bool Values::from_environment() const {
  for (const LocatedText& item : items) {
    if (item.from_environment) return true;
  }
  return false;
}

const SourceConfig* Config::find_source(std::string_view name) const {
  for (const SourceConfig& source : sources) {
    if (source.name.value == name) return &source;
  }
  return nullptr;
}

namespace {

struct Given {
  std::string name;
  std::string text;
  std::filesystem::path folder;
  std::filesystem::path file;  // empty: it is none
};

LoadedConfig parse(Given given, const Environment& environment, ConfigPart part,
                   const ConfigTouch& touch) {
  LoadedConfig loaded;
  Diagnostics& diagnostics = loaded.diagnostics;
  if (given.text.size() > kConfigBytesMax) {
    const std::uint32_t index = diagnostics.add_file({std::move(given.name), {}});
    diagnostics.error({.file = index}, "too_large",
                      "the file is larger than " + print_size(kConfigBytesMax));
    return loaded;
  }
  const std::uint32_t index = diagnostics.add_file({std::move(given.name), std::move(given.text)});
  // A copy, because files in `diagnostics` may move when later ones are added.
  const SourceFile file = diagnostics.file(index);
  const NodePtr root = parse_document(file, index, diagnostics);
  if (!root) return loaded;
  Folders folders = {std::move(given.folder)};
  Reader reader(diagnostics, environment, folders);
  const NodePtr whole = with_included(
      root, index, given.file,
      {.reader = reader, .diagnostics = diagnostics, .folders = folders, .touch = touch});
  Config config = read_config(reader, *whole, part);
  (diagnostics.errors() == 0 ? loaded.config : loaded.readable) = std::move(config);
  return loaded;
}

}  // namespace

LoadedConfig parse_config(std::string name, std::string text, const std::filesystem::path& folder,
                          const Environment& environment, ConfigPart part,
                          const ConfigTouch& touch) {
  return parse({std::move(name), std::move(text), folder, {}}, environment, part, touch);
}

LoadedConfig load_config(const std::filesystem::path& file, const Environment& environment,
                         ConfigPart part, const ConfigTouch& touch) {
  FileText read = read_file(file);
  if (read.complaint.empty()) {
    return parse({file.string(), std::move(read.text), file.parent_path(), file}, environment, part,
                 touch);
  }
  LoadedConfig loaded;
  const std::uint32_t index = loaded.diagnostics.add_file({file.string(), {}});
  loaded.diagnostics.error({.file = index}, "unreadable_file",
                           "the file cannot be read: " + read.complaint);
  return loaded;
}

}  // namespace bourse::host
