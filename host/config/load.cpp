// SPDX-License-Identifier: MIT
#include "host/config/load.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "host/base/utf8.hpp"
#include "host/config/document.hpp"
#include "host/config/quantity.hpp"
#include "host/config/reader.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

constexpr std::uint32_t kVersion = 1;

struct FileText {
  std::string text = {};
  std::string complaint = {};  // empty: read
};

FileText read_file(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return {.complaint = "it is a folder"};
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return {.complaint = errno != 0 ? std::strerror(errno) : "it cannot be opened"};
  FileText read;
  read.text.resize(kConfigBytesMax + 1);  // one more than is legal shows that there is more
  stream.read(read.text.data(), static_cast<std::streamsize>(read.text.size()));
  if (stream.bad()) return {.complaint = "reading it failed"};
  read.text.resize(static_cast<std::size_t>(stream.gcount()));
  return read;
}

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

Config read_config(Reader& reader, const Node& root, const std::filesystem::path& folder,
                   ConfigPart part) {
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
  if (log != nullptr) read_log(reader, *log, folder, config.log);
  if (const Node* const node = map.find("plugins")) {
    const std::size_t before = reader.errors();
    read_plugins(reader, *node, folder, config.plugins);
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
  const RouteNodes nodes{
      .routes = map.find("routes"), .groups = map.find("groups"), .defaults = map.find("defaults")};
  if (nodes.routes == nullptr && nodes.groups == nullptr && !map.is_misspelt("groups")) {
    (void)map.require("routes", "list what shall be served");
  }
  read_routes(reader, nodes, names, config.routes);
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

LoadedConfig parse_config(std::string name, std::string text, const std::filesystem::path& folder,
                          const Environment& environment, ConfigPart part) {
  LoadedConfig loaded;
  if (text.size() > kConfigBytesMax) {
    const std::uint32_t index = loaded.diagnostics.add_file({std::move(name), {}});
    loaded.diagnostics.error({.file = index}, "too_large",
                             "the file is larger than " + print_size(kConfigBytesMax));
    return loaded;
  }
  const std::uint32_t index = loaded.diagnostics.add_file({std::move(name), std::move(text)});
  // A copy, because files in `diagnostics` may move when later ones are added.
  const SourceFile file = loaded.diagnostics.file(index);
  const NodePtr root = parse_document(file, index, loaded.diagnostics);
  if (!root) return loaded;
  Reader reader(index, loaded.diagnostics, environment);
  Config config = read_config(reader, *root, folder, part);
  (loaded.diagnostics.errors() == 0 ? loaded.config : loaded.readable) = std::move(config);
  return loaded;
}

LoadedConfig load_config(const std::filesystem::path& file, const Environment& environment,
                         ConfigPart part) {
  FileText read = read_file(file);
  if (read.complaint.empty()) {
    return parse_config(file.string(), std::move(read.text), file.parent_path(), environment, part);
  }
  LoadedConfig loaded;
  const std::uint32_t index = loaded.diagnostics.add_file({file.string(), {}});
  loaded.diagnostics.error({.file = index}, "unreadable_file",
                           "the file cannot be read: " + read.complaint);
  return loaded;
}

}  // namespace bourse::host
