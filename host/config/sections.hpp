// SPDX-License-Identifier: MIT
//
// The sections of a configuration file, each read from its node into its struct.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/config/reader.hpp"

namespace bourse::host {

void read_server(Reader& reader, const Node& node, ServerConfig& server);
void read_log(Reader& reader, const Node& node, LogConfig& log);
void read_plugins(Reader& reader, const Node& node, PluginsConfig& plugins);

/// Names of sources that may be referred to; nothing when the section is not known well enough to
/// call a name unknown.
using SourceNames = std::optional<std::vector<std::string>>;

void read_sources(Reader& reader, const Node& node, const SourceNames& names,
                  std::vector<SourceConfig>& sources);

void read_tasks(Reader& reader, const Node& node, const SourceNames& sources,
                std::vector<TaskConfig>& tasks);

void read_defaults(Reader& reader, const Node& node, const SourceNames& sources,
                   DefaultsConfig& defaults);

/// Where routes stand, and what they inherit; each may be null.
struct RouteNodes {
  const Node* routes = nullptr;
  const Node* groups = nullptr;
  const Node* defaults = nullptr;
};
/// The routes of the file, then those of its groups, in their order.
void read_routes(Reader& reader, const RouteNodes& nodes, const SourceNames& sources,
                 std::vector<RouteConfig>& routes);

/// The name of a source that exists. `what`: the key, "\"source\"".
std::optional<LocatedText> read_source_name(Reader& reader, const Node& node,
                                            const std::string& what, const SourceNames& sources);
/// One name, or those that are asked in this order: the first, and the others.
void read_source_order(Reader& reader, const Node& node, const SourceNames& sources,
                       std::optional<LocatedText>& first, std::vector<LocatedText>& spares);
std::optional<LocatedDuration> read_deadline(Reader& reader, const Node& node);

/// `off`, or what is tolerated.
std::optional<CacheConfig> read_cache(Reader& reader, const Node& node);

/// `off`, or how often.
std::optional<LiveRule> read_live(Reader& reader, const Node& node);
void read_live_limits(Reader& reader, const Node& node, LiveLimits& limits);

/// Of all requests, or of one route. `what`: the key, "\"access\"".
std::optional<AccessLog> read_access_log(Reader& reader, const Node& node, const std::string& what);

/// A map of settings, each a text or a list of texts. `what` names it in messages. Of a setting
/// called "folder", "file", "..._folder" or "..._file" a relative path becomes an absolute one,
/// from the folder of the file in which it stands; a file's value without "/" and "." is a word.
void read_settings(Reader& reader, const Node& node, const std::string& what,
                   std::vector<Setting>& settings);

/// a-z first, then a-z, 0-9 and the characters of `marks`; not empty, no longer than `bytes_max`.
bool is_word(std::string_view text, std::string_view marks, std::size_t bytes_max);
/// "technical" or "plugin.name/technical".
bool is_component(std::string_view text);
inline constexpr char kComponentRule[] =
    "an id of a-z, then a-z, 0-9 and -, such as \"trend\" or \"plugin/trend\"";
/// [a-z][a-z0-9_]*, at most 64 bytes.
bool is_parameter_name(std::string_view text);
inline constexpr char kParameterNameRule[] = "a name of a-z, then a-z, 0-9 and _, at most 64 bytes";

}  // namespace bourse::host
