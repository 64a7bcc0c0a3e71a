// SPDX-License-Identifier: MIT
//
// A configuration file, version 1, as plain structs. What this file alone can know has been checked
// (types, ranges, names that must exist in it); what needs the plugins (ids, parameters, formats)
// has not: later stages check it, and blame the place with the Mark that each leaf carries.
//
//   bourse: 1
//   server: {listen: LISTENER or [LISTENERS], admin: the same, io-threads, workers,
//            waiting-threads, substitutes, queue, max-connections, max-connections-per-client,
//            memory, max-header, max-body, max-response, header-timeout, body-timeout,
//            idle-timeout, write-timeout, shutdown: {delay, grace}, server-timing, api,
//            cache: {memory: 64MiB, status: NAME | off}, live: {streams, streams-per-client},
//            trusted-proxies: {from: [NETWORKS], header: x-forwarded-for | forwarded}}
//   log: {level: debug|info|warn|error, format: text|json, file: FILE, access: ...}; see log.hpp
//   plugins: {path: [folders], pins: {"file.so": "sha256:<64 hex digits>"},
//             config: {PLUGIN/ID: {KEY: value or [values]}}}          # of analyses and formats
//   sources: {NAME: {use: COMPONENT, over: NAME, config: {KEY: value or [values]}}}
//   defaults: {source: NAME or [NAMES], deadline: 5s,
//              cache: {fresh: 5s, stale: 30s, if-error: 10m} | off,
//              live: {every: 1s} | off,
//              cors, headers, ignore, trailing-slash, case, access,
//              limits: {client: 100/1m | {rate, burst, concurrency}, token, route,
//                       concurrency: 20, hits: 10%} | off}
//   routes:
//     - path: "/api/{variable}" | [paths]                             # each is a route
//       redirect | text | file                                        # instead of run; fixed.hpp
//       run: COMPONENT | {from: variable, allow: [COMPONENTS], alias: {public-name: COMPONENT}}
//       format: COMPONENT | formats: [COMPONENTS]                     # exactly one of the two
//       source, deadline, cache, live, title, log
//       access: {tokens: ["${NAME}", {name: WHO, token: "${NAME}"}]} | public
//       limits                                                        # as in defaults
//       cors, headers, ignore, trailing-slash, case                   # clients.hpp
//       params: {NAME: value | [values] | {default, min, max, choices}}
//   tasks: {NAME: {source: NAME, task: NAME, params: {NAME: value or [values]}, every: 1h,
//                  at-start: true | false, jitter: 30s}}
//   groups:
//     - prefix: /api/v1                     # before the paths of its routes
//       run, format, formats, source, deadline, cache, access, params: for all of them
//       routes: [as above]
//       groups: [as this]
//
// A LISTENER is "0.0.0.0:8080", "unix:/PATH", "systemd:NAME", or {unix: /PATH, mode: 0660, owner:
// NAME, group: NAME}; see listen_address.hpp.
//
// A COMPONENT is an id ("technical") or, when two plugins have it, "plugin/id". Every value may
// hold
// ${NAME} or ${NAME:-default}, which read the environment; "$$" is a dollar sign.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/base/client_address.hpp"
#include "host/base/limit_rules.hpp"
#include "host/base/listen_address.hpp"
#include "host/config/api.hpp"
#include "host/config/clients.hpp"
#include "host/config/diagnostic.hpp"
#include "host/config/fixed.hpp"
#include "host/config/live.hpp"
#include "host/config/log.hpp"
#include "host/config/path_template.hpp"

namespace bourse::host {

/// A value and where it was written. A default that nobody wrote has a mark with line 0.
template <class T>
struct Located {
  T value = {};
  Mark mark = {};
  /// A part of it came out of the environment: no message, log or page may show it.
  bool from_environment = false;
};

using LocatedText = Located<std::string>;
using LocatedCount = Located<std::uint32_t>;
using LocatedSize = Located<std::uint64_t>;  ///< bytes
using LocatedDuration = Located<std::chrono::nanoseconds>;

/// One text or a list of texts; which one was written is kept, because a list of one is no scalar.
struct Values {
  std::vector<LocatedText> items = {};
  bool is_list = false;
  Mark mark = {};

  /// Items with commas between; no item of a list holds a comma.
  [[nodiscard]] std::string joined() const;
  [[nodiscard]] bool from_environment() const;
};

using Listeners = std::vector<ListenAddress>;  ///< never empty, no two of them are_one

struct ShutdownConfig {
  LocatedDuration delay{std::chrono::seconds(0)};   ///< "not ready" before new calls are refused
  LocatedDuration grace{std::chrono::seconds(10)};  ///< for calls that run
};

struct ServerConfig {
  Located<Listeners> listen{{{.host = "0.0.0.0", .port = 8080}}};
  std::optional<Located<Listeners>> admin = {};  ///< nothing: no admin listener
  LocatedCount io_threads = {};                  ///< 0: as the machine suggests
  LocatedCount workers = {};                     ///< computing threads; 0: as the machine suggests
  LocatedCount waiting_threads{32};
  LocatedCount substitutes{32};  ///< for threads whose calls do not return
  LocatedCount queue{256};       ///< calls that wait for a thread
  LocatedCount max_connections{10'000};
  LocatedCount max_connections_per_client = {};  ///< 0: a quarter of max_connections, at least 16
  LocatedSize max_header{16u << 10u};
  LocatedSize max_body{16u << 10u};  ///< nothing reads one
  LocatedSize max_response{64u << 20u};
  LocatedSize memory{256u << 20u};  ///< held for clients: of requests, and of answers unsent
  LocatedDuration header_timeout{std::chrono::seconds(10)};
  LocatedDuration body_timeout{std::chrono::seconds(30)};
  LocatedDuration idle_timeout{std::chrono::seconds(60)};
  LocatedDuration write_timeout{std::chrono::seconds(30)};
  ShutdownConfig shutdown = {};
  LocatedSize cache_memory{64u << 20u};         ///< of all answers that are kept; 0 keeps none
  LocatedText cache_status{.value = "bourse"};  ///< the name in Cache-Status; "": it is not sent
  TrustedProxies trusted_proxies = {};
  Located<ServerTiming> server_timing{ServerTiming::kAccess};
  ApiConfig api = {};
  LiveLimits live = {};
};

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kText, kJson };

struct LogConfig {
  Located<LogLevel> level{LogLevel::kInfo};
  Located<LogFormat> format{LogFormat::kText};
  LocatedText file = {};  ///< joined with the folder of the configuration file; "": standard error
  AccessLog access = {};
};

struct PluginPin {
  LocatedText file = {};    ///< name without folder
  LocatedText sha256 = {};  ///< 64 hexadecimal digits, lower case
};

struct Setting {
  LocatedText name = {};
  Values value = {};
};

/// The settings of an analysis or a format, of which there is one instance.
struct ComponentConfig {
  LocatedText name = {};  ///< "plugin/id"; whether it is there, only the plugins tell
  std::vector<Setting> config = {};
};

// Below, `spoilt`: an error was found in it, so parts of it may be missing; see
// LoadedConfig::readable.

/// Whether the files of plugins are loaded themselves, rather than copies of them.
enum class InPlace { kFalse, kTrue };

struct PluginsConfig {
  /// Folders, already joined with the folder of the configuration file.
  std::vector<Located<std::filesystem::path>> path = {};
  std::vector<PluginPin> pins = {};
  Located<InPlace> in_place{InPlace::kFalse};
  std::vector<ComponentConfig> config = {};
  bool spoilt = false;
};

struct SourceConfig {
  LocatedText name = {};
  LocatedText use = {};  ///< component
  /// The source under this one: the name of another one of `sources`, and no circle.
  std::optional<LocatedText> over = {};
  std::vector<Setting> config = {};
  bool spoilt = false;
};

/// What a route tolerates of an answer beyond its truth.
struct CacheConfig {
  Mark mark = {};
  bool off = false;  ///< nothing is kept; then nothing of the below
  LocatedDuration fresh{std::chrono::seconds(0)};
  LocatedDuration stale{std::chrono::seconds(0)};
  LocatedDuration if_error{std::chrono::seconds(0)};
};

/// Somebody who may use a route.
struct TokenConfig {
  LocatedText name = {};  ///< for the log; empty: it has none
  LocatedText token = {};
};

/// Who may use a route; access.hpp. Everybody, if there are no tokens.
struct AccessConfig {
  Mark mark = {};
  std::vector<TokenConfig> tokens = {};  ///< no name and no token twice, each is_access_token
};

struct DefaultsConfig {
  std::optional<LocatedText> source = {};  ///< the name of one of `sources`
  std::vector<LocatedText> spares = {};    ///< asked in this order where `source` fails
  LocatedDuration deadline{std::chrono::seconds(5)};
  bool spoilt = false;
  std::optional<CacheConfig> cache = {};
  ClientsConfig clients = {};
  std::optional<AccessConfig> access = {};
  std::optional<LimitRules> limits = {};
  std::optional<LiveRule> live = {};
};

struct Alias {
  LocatedText name = {};
  LocatedText component = {};  ///< one of RunFromPath::allow
};

/// The component is what a variable of the path says, if it is one of these.
struct RunFromPath {
  LocatedText from = {};  ///< a variable of the route's path
  std::vector<LocatedText> allow = {};
  std::vector<Alias> alias = {};
};

struct ParamRule {
  LocatedText name = {};
  std::optional<Values> fixed = {};  ///< then nothing of the below
  std::optional<Values> def = {};
  std::optional<LocatedText> min = {};
  std::optional<LocatedText> max = {};
  std::optional<std::vector<LocatedText>> choices = {};
  bool inherited = false;  ///< a group said it: what no analysis and no format takes is no mistake
};

struct RouteConfig {
  Mark mark = {};
  Located<PathTemplate> path = {};
  std::vector<LocatedText> variables = {};          ///< of the path, where each stands
  std::variant<LocatedText, RunFromPath> run = {};  ///< a component, or the choice of one
  /// What answers instead of an analysis; then there are no formats, source, cache and params.
  std::optional<FixedConfig> fixed = {};
  std::vector<LocatedText> formats = {};   ///< never empty, unless `fixed`
  bool negotiated = false;                 ///< written as `formats`
  std::optional<LocatedText> source = {};  ///< the name of one of `sources`
  std::vector<LocatedText> spares = {};    ///< asked in this order where `source` fails
  std::optional<LocatedDuration> deadline = {};
  std::optional<CacheConfig> cache = {};  ///< instead of the defaults', as a whole
  std::optional<LiveRule> live = {};      ///< likewise
  std::optional<LocatedText> title = {};
  std::optional<AccessLog> log = {};        ///< instead of LogConfig::access, as a whole
  std::optional<AccessConfig> access = {};  ///< nothing: as the defaults
  std::optional<LimitRules> limits = {};    ///< instead of the defaults', as a whole
  std::vector<ParamRule> params = {};
  ClientsConfig clients = {};  ///< what it does not say itself, the defaults do
  bool spoilt = false;
};

/// Work of a source that a server does by itself.
struct TaskConfig {
  LocatedText name = {};    ///< the operator's, for the log and the figures
  LocatedText source = {};  ///< the name of one of `sources`
  LocatedText task = {};    ///< whether the source offers it, only its plugin tells
  std::vector<Setting> params = {};
  std::optional<LocatedDuration> every = {};  ///< nothing: only at the start
  bool at_start = false;
  /// Each run but the one at the start begins so much later at most; not more than `every`.
  LocatedDuration jitter = {};
  bool spoilt = false;
};

struct Config {
  ServerConfig server = {};
  LogConfig log = {};
  PluginsConfig plugins = {};
  std::vector<SourceConfig> sources = {};  ///< in the order of the file, whatever is over what
  DefaultsConfig defaults = {};
  std::vector<RouteConfig> routes = {};  ///< never empty, if they were looked at
  std::vector<TaskConfig> tasks = {};

  /// The source of that name, or null.
  [[nodiscard]] const SourceConfig* find_source(std::string_view name) const;
};

}  // namespace bourse::host
