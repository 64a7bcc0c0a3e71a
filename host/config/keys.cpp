// SPDX-License-Identifier: MIT
#include "host/config/keys.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <map>
#include <optional>

namespace bourse::host {
namespace {

using enum KeyType;
using enum KeyForm;
using enum KeyTaken;
using enum KeyInherited;

constexpr std::uint64_t kKiB = 1u << 10u;
constexpr std::uint64_t kMiB = 1u << 20u;
constexpr std::uint64_t kGiB = 1u << 30u;
constexpr std::uint64_t kMilliseconds = 1'000'000;
constexpr std::uint64_t kSeconds = 1000 * kMilliseconds;
constexpr std::uint64_t kMinutes = 60 * kSeconds;
constexpr std::uint64_t kHours = 60 * kMinutes;

// ---- values as texts ----------------------------------------------------------------------------

std::string spell(const std::string& text) { return text; }
std::string spell(std::uint64_t number) { return std::to_string(number); }
std::string spell(std::chrono::nanoseconds time) { return std::to_string(time.count()); }
std::string spell(const Listeners& listeners) {
  std::string text;
  for (const ListenAddress& one : listeners) {
    text += one.text() + ' ' + std::to_string(one.file.mode) + ' ' + one.file.owner + ' ' +
            one.file.group + '\n';
  }
  return text;
}
template <class T>
std::string spell(const Located<T>& located) {
  if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<int>(located.value));
  } else {
    return spell(located.value);
  }
}
template <class T>
std::string spell(const std::optional<T>& maybe) {
  return maybe ? spell(*maybe) : "none";
}

template <auto kMember>
std::string server(const Config& config) {
  return spell(config.server.*kMember);
}
template <auto kMember>
std::string shutdown(const Config& config) {
  return spell(config.server.shutdown.*kMember);
}
template <auto kMember>
std::string log(const Config& config) {
  return spell(config.log.*kMember);
}

// ---- the table ----------------------------------------------------------------------------------

constexpr auto kKeys = std::to_array<Key>({
    // ---- the file
    {.path = "bourse",
     .type = kVersion,
     .required = true,
     .doc = "The version of this format.",
     .example = "1"},
    {.path = "include",
     .type = kFile,
     .form = kOneOrList,
     .doc = "More files of this kind, whose parts are added to those of this one; a pattern is all "
            "files whose names it fits. Relative to the folder of the file that says so.",
     .example = "\"routes-*.yaml\""},
    {.path = "server",
     .shape = "server",
     .doc = "Where and how the server listens, and its limits."},
    {.path = "log", .shape = "log", .doc = "What the server says of itself."},
    {.path = "plugins",
     .shape = "plugins",
     .doc = "Where plugins are, which files they must be, and settings of analyses and formats."},
    {.path = "sources",
     .form = kMap,
     .shape = "source",
     .doc = "Where data comes from. The names are yours.",
     .example = "{market: {use: synthetic, config: {seed: 42}}}"},
    {.path = "defaults", .shape = "defaults", .doc = "What routes have that do not say otherwise."},
    {.path = "routes",
     .form = kList,
     .shape = "route",
     .doc = "What is served: each pairs a path with an analysis and its formats. A file has these "
            "or groups, or both."},
    {.path = "groups",
     .form = kList,
     .shape = "group",
     .doc = "Routes with the same beginning of their paths, or with the same keys."},

    // ---- server
    {.path = "server.listen",
     .type = kListener,
     .form = kOneOrList,
     .shape = "listener",
     .fallback = "0.0.0.0:8080",
     .taken = kRestart,
     .doc = "Where requests come in; see Listeners. Port 0: the system picks one.",
     .example = "[\"127.0.0.1:8080\", \"unix:/run/bourse/bourse.sock\"]",
     .value = server<&ServerConfig::listen>},
    {.path = "server.admin",
     .type = kListener,
     .form = kOneOrList,
     .shape = "listener",
     .taken = kRestart,
     .doc = "A listener for those who run the server: /metrics and more. Without it there is none.",
     .example = "\"127.0.0.1:9090\"",
     .value = server<&ServerConfig::admin>},
    {.path = "server.io-threads",
     .type = kCount,
     .min = 1,
     .max = 256,
     .taken = kRestart,
     .doc = "Threads that read and write connections. Without it: processors / 4, from 1 to 8.",
     .example = "1",
     .value = server<&ServerConfig::io_threads>},
    {.path = "server.workers",
     .type = kCount,
     .min = 1,
     .max = 1024,
     .taken = kRestart,
     .doc = "Calls that compute at once. Without it: one a processor.",
     .example = "2",
     .value = server<&ServerConfig::workers>},
    {.path = "server.waiting-threads",
     .type = kCount,
     .min = 1,
     .max = 4096,
     .fallback = "32",
     .taken = kRestart,
     .doc = "More threads, for calls that wait for a source.",
     .example = "64",
     .value = server<&ServerConfig::waiting_threads>},
    {.path = "server.substitutes",
     .type = kCount,
     .min = 0,
     .max = 4096,
     .fallback = "32",
     .taken = kRestart,
     .doc = "Threads in the place of those whose calls into a plugin do not return; see limits.md.",
     .example = "8",
     .value = server<&ServerConfig::substitutes>},
    {.path = "server.queue",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .fallback = "256",
     .taken = kRestart,
     .doc = "Calls that wait for a thread; beyond: 503 with Retry-After.",
     .example = "512",
     .value = server<&ServerConfig::queue>},
    {.path = "server.max-connections",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .fallback = "10000",
     .taken = kRestart,
     .doc = "Connections of all public listeners together; beyond: 503 and closed.",
     .example = "1024",
     .value = server<&ServerConfig::max_connections>},
    {.path = "server.max-connections-per-client",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .taken = kRestart,
     .doc =
         "Connections from one address; beyond: 429 and closed. Without it: max-connections / 4, "
         "at least 16. Not for trusted-proxies and unix sockets.",
     .example = "64",
     .value = server<&ServerConfig::max_connections_per_client>},
    {.path = "server.memory",
     .type = kSize,
     .min = kMiB,
     .max = 1024 * kGiB,
     .fallback = "256MiB",
     .taken = kRestart,
     .doc = "Held for all clients together: requests that are not complete, answers that wait; "
            "beyond: 503. Without it at least max-response.",
     .example = "128MiB",
     .value = server<&ServerConfig::memory>},
    {.path = "server.max-header",
     .type = kSize,
     .min = kKiB,
     .max = kMiB,
     .fallback = "16KiB",
     .taken = kRestart,
     .doc = "The head of a request; beyond: 431.",
     .example = "32KiB",
     .value = server<&ServerConfig::max_header>},
    {.path = "server.max-body",
     .type = kSize,
     .min = kKiB,
     .max = kGiB,
     .fallback = "16KiB",
     .taken = kRestart,
     .doc = "The body of a request, which nothing reads; beyond: 413.",
     .example = "64KiB",
     .value = server<&ServerConfig::max_body>},
    {.path = "server.max-response",
     .type = kSize,
     .min = kKiB,
     .max = 4 * kGiB,
     .fallback = "64MiB",
     .doc = "An answer; beyond: the call fails, 422 response_too_large.",
     .example = "16MiB",
     .value = server<&ServerConfig::max_response>},
    {.path = "server.header-timeout",
     .type = kDuration,
     .min = 100 * kMilliseconds,
     .max = kHours,
     .fallback = "10s",
     .taken = kRestart,
     .doc = "For the head of a request; beyond: 408.",
     .example = "5s",
     .value = server<&ServerConfig::header_timeout>},
    {.path = "server.body-timeout",
     .type = kDuration,
     .min = 100 * kMilliseconds,
     .max = kHours,
     .fallback = "30s",
     .taken = kRestart,
     .doc = "For the body of a request; beyond: 408.",
     .example = "10s",
     .value = server<&ServerConfig::body_timeout>},
    {.path = "server.idle-timeout",
     .type = kDuration,
     .min = 100 * kMilliseconds,
     .max = kHours,
     .fallback = "60s",
     .taken = kRestart,
     .doc = "Between requests; beyond: closed.",
     .example = "75s",
     .value = server<&ServerConfig::idle_timeout>},
    {.path = "server.write-timeout",
     .type = kDuration,
     .min = 100 * kMilliseconds,
     .max = kHours,
     .fallback = "30s",
     .taken = kRestart,
     .doc = "For a reader that does not read; beyond: closed.",
     .example = "10s",
     .value = server<&ServerConfig::write_timeout>},
    {.path = "server.shutdown", .shape = "server.shutdown", .doc = "What happens after SIGTERM."},
    {.path = "server.cache",
     .shape = "server.cache",
     .doc = "Answers that are kept; see caching.md."},
    {.path = "server.live", .shape = "server.live", .doc = "Event streams; see live.md."},
    {.path = "server.server-timing",
     .type = kChoice,
     .choices = "off|access|on",
     .fallback = "access",
     .doc = "Which answers say in Server-Timing how long their parts took: none, those of routes "
            "with access, all.",
     .example = "on"},
    {.path = "server.trusted-proxies",
     .shape = "server.trusted-proxies",
     .doc = "Whose word is taken for who the client is; see The addresses of clients."},
    {.path = "server.api",
     .type = kChoice,
     .shape = "server.api",
     .choices = "public|admin|off",
     .doc = "The pages that describe the routes: /, /docs and /openapi.json; see api.md.",
     .example = "{pages: admin, title: Prices}"},

    {.path = "server.api.pages",
     .type = kChoice,
     .choices = "public|admin|off",
     .fallback = "public",
     .doc = "Which listener has them. A route at one of their paths wins.",
     .example = "admin"},
    {.path = "server.api.title",
     .type = kText,
     .fallback = "Bourse",
     .doc = "What they call the server.",
     .example = "Prices"},
    {.path = "server.api.url",
     .type = kText,
     .doc = "Where clients reach the server. Without it: as they reached the page.",
     .example = "\"https://api.example.org\""},
    {.path = "server.api.docs",
     .type = kText,
     .doc = "The absolute path of a folder with swagger-ui's files, or off: /docs is a plain page "
            "then. Without it: share/bourse/docs beside the program's folder.",
     .example = "/usr/share/bourse/docs"},

    {.path = "server.trusted-proxies.from",
     .type = kText,
     .form = kList,
     .required = true,
     .doc = "Addresses, networks, or unix, of the proxies.",
     .example = "[10.0.0.0/8, unix]"},
    {.path = "server.trusted-proxies.header",
     .type = kChoice,
     .choices = "x-forwarded-for|forwarded",
     .required = true,
     .doc = "The one field that the proxies set; the other one is not looked at.",
     .example = "x-forwarded-for"},

    {.path = "server.cache.memory",
     .type = kSize,
     .min = 0,
     .max = 1024 * kGiB,
     .fallback = "64MiB",
     .taken = kRestart,
     .doc = "All answers that are kept, bookkeeping included; 0 keeps none.",
     .example = "256MiB",
     .value = server<&ServerConfig::cache_memory>},
    {.path = "server.cache.status",
     .type = kText,
     .fallback = "bourse",
     .doc = "The name of this server in Cache-Status, or off.",
     .example = "edge-1",
     .value = server<&ServerConfig::cache_status>},

    {.path = "server.live.streams",
     .type = kCount,
     .min = 0,
     .max = 1'000'000,
     .fallback = "5000",
     .doc = "So many event streams are open at once.",
     .example = "10000"},
    {.path = "server.live.streams-per-client",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .fallback = "100",
     .doc = "Of these, from one address. Beyond it the oldest one with the same question ends.",
     .example = "30"},

    {.path = "server.shutdown.delay",
     .type = kDuration,
     .min = 0,
     .max = 10 * kMinutes,
     .fallback = "0s",
     .doc = "/health says 503 for so long before new requests are refused.",
     .example = "2s",
     .value = shutdown<&ShutdownConfig::delay>},
    {.path = "server.shutdown.grace",
     .type = kDuration,
     .min = 0,
     .max = kHours,
     .fallback = "10s",
     .doc = "Then running requests have so long to end.",
     .example = "30s",
     .value = shutdown<&ShutdownConfig::grace>},

    // ---- a unix socket
    {.path = "listener.unix",
     .type = kText,
     .required = true,
     .doc = "The absolute path of a unix socket, of at most 107 bytes.",
     .example = "/run/bourse/bourse.sock"},
    {.path = "listener.mode",
     .type = kMode,
     .fallback = "0660",
     .doc = "The rights of its file, octal: who may connect.",
     .example = "0666"},
    {.path = "listener.owner",
     .type = kText,
     .doc = "A name or a number. Without it: the server's.",
     .example = "bourse"},
    {.path = "listener.group",
     .type = kText,
     .doc = "A name or a number. Without it: the server's.",
     .example = "www-data"},

    // ---- log
    {.path = "log.level",
     .type = kChoice,
     .choices = "debug|info|warn|error",
     .fallback = "info",
     .doc = "The least that is said.",
     .example = "warn",
     .value = log<&LogConfig::level>},
    {.path = "log.format",
     .type = kChoice,
     .choices = "text|json",
     .fallback = "text",
     .taken = kRestart,
     .doc = "Lines for people or for programs.",
     .example = "json",
     .value = log<&LogConfig::format>},
    {.path = "log.file",
     .type = kFile,
     .taken = kRestart,
     .doc =
         "The file that lines are added to, from the folder of this file; opened anew by SIGUSR1. "
         "Without it: standard error.",
     .example = "/var/log/bourse/bourse.log",
     .value = log<&LogConfig::file>},
    {.path = "log.access",
     .type = kChoice,
     .shape = "access-log",
     .choices = "off|info|warn|error",
     .fallback = "info",
     .doc = "Which requests have a line: all, those answered 4xx or 5xx, those answered 5xx. "
            "log.md.",
     .example = "warn"},

    {.path = "access-log.level",
     .type = kChoice,
     .choices = "info|warn|error",
     .fallback = "info",
     .doc = "All requests, those answered 4xx or 5xx, or those answered 5xx.",
     .example = "info"},
    {.path = "access-log.sample",
     .type = kText,
     .fallback = "1",
     .doc = "The share of those that went well and fast, above 0 and up to 1.",
     .example = "0.1"},
    {.path = "access-log.slow",
     .type = kDuration,
     .min = 1 * kMilliseconds,
     .max = kHours,
     .fallback = "1s",
     .doc = "From here on each has a line, whatever the sample.",
     .example = "250ms"},

    // ---- plugins
    {.path = "plugins.path",
     .type = kFile,
     .form = kList,
     .doc = "Folders of plugins, from the folder of this file. Without it: beside the program.",
     .example = "[plugins]"},
    {.path = "plugins.pins",
     .type = kDigest,
     .form = kMap,
     .doc = "What the files of plugins must be, by their names; `bourse plugins` shows it.",
     .example = "{\"technical.so\": "
                "\"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}"},
    {.path = "plugins.config",
     .type = kSettings,
     .form = kMap,
     .doc = "Settings of analyses and formats, by their full names.",
     .example = "{\"acme.trend/zscore\": {window: 20}}"},

    // ---- a source
    {.path = "source.use",
     .type = kComponent,
     .required = true,
     .doc = "The component that delivers the data.",
     .example = "synthetic"},
    {.path = "source.over",
     .type = kSource,
     .doc = "For a layer: the source under it.",
     .example = "market"},
    {.path = "source.config",
     .type = kSettings,
     .doc = "Its settings; `bourse plugins` shows which there are.",
     .example = "{seed: 42}"},

    // ---- a route
    {.path = "route.path",
     .type = kPath,
     .form = kOneOrList,
     .required = true,
     .doc = "Literal segments and {names} of parameters. Of a list each path is a route.",
     .example = "\"/api/v1/{name}/technical\""},
    {.path = "route.run",
     .type = kComponent,
     .shape = "run",
     .inherited = kFromGroup,
     .doc = "The analysis that answers, or the choice of one. A route has this or one of redirect, "
            "text, file and folder.",
     .example = "technical"},
    {.path = "route.format",
     .type = kComponent,
     .inherited = kFromGroupAndDefaults,
     .doc = "The one format; a route has this or formats.",
     .example = "csv"},
    {.path = "route.formats",
     .type = kComponent,
     .form = kList,
     .inherited = kFromGroupAndDefaults,
     .doc = "Formats that clients choose from; the first is for those who do not.",
     .example = "[json, csv]"},
    {.path = "route.source",
     .type = kSource,
     .form = kOneOrList,
     .inherited = kFromGroupAndDefaults,
     .doc =
         "Where its data comes from. Of a list, the next is asked where one fails; see limits.md.",
     .example = "market"},
    {.path = "route.deadline",
     .type = kDuration,
     .min = kMilliseconds,
     .max = kHours,
     .fallback = "5s",
     .inherited = kFromGroupAndDefaults,
     .doc = "For a request with everything that is done for it; beyond: 504.",
     .example = "2s"},
    {.path = "route.cache",
     .type = kChoice,
     .shape = "cache",
     .choices = "off",
     .inherited = kFromGroupAndDefaults,
     .doc = "What is tolerated of an answer beyond its truth, or off; see caching.md. Without it: "
            "nothing.",
     .example = "{fresh: 5s, stale: 30s, if-error: 10m}"},
    {.path = "route.live",
     .type = kChoice,
     .shape = "live",
     .choices = "off",
     .inherited = kFromGroupAndDefaults,
     .doc = "How often those who watch are told, or off; see live.md. Without it: each second.",
     .example = "{every: 5s}"},
    {.path = "route.title",
     .type = kText,
     .doc = "For people who read lists of routes. Without it: the analysis's own.",
     .example = "Technical analysis"},
    {.path = "route.log",
     .type = kChoice,
     .shape = "access-log",
     .choices = "off|info|warn|error",
     .doc = "Which of its requests have a line, instead of log.access as a whole.",
     .example = "{sample: 0.1}"},
    {.path = "route.access",
     .type = kChoice,
     .shape = "access",
     .choices = "public",
     .inherited = kFromGroupAndDefaults,
     .doc = "Who may use it, or public: everybody. Without it: everybody.",
     .example = "{tokens: [\"${ACCESS_TOKEN}\"]}"},
    {.path = "route.limits",
     .type = kChoice,
     .shape = "limits",
     .choices = "off",
     .inherited = kFromGroupAndDefaults,
     .doc = "How much one may ask, or off; see limits.md. Without it: any number.",
     .example = "{client: 100/1m}"},
    {.path = "route.cors",
     .type = kChoice,
     .shape = "cors",
     .choices = "off",
     .inherited = kFromGroupAndDefaults,
     .doc = "Which pages of other origins may read its answers, or off; see Browsers. Without it: "
            "none.",
     .example = "{origins: [\"https://app.example\"]}"},
    {.path = "route.headers",
     .type = kText,
     .form = kMap,
     .inherited = kFromGroupAndDefaults,
     .doc = "Headers of all its answers, problems included.",
     .example = "{X-Frame-Options: DENY}"},
    {.path = "route.ignore",
     .type = kText,
     .form = kList,
     .inherited = kFromGroupAndDefaults,
     .doc = "Parameters that clients add and nobody reads: names, or beginnings of names with *.",
     .example = "[_, \"utm_*\", fbclid, gclid]"},
    {.path = "route.trailing-slash",
     .type = kChoice,
     .choices = "refuse|redirect|same",
     .fallback = "refuse",
     .inherited = kFromGroupAndDefaults,
     .doc = "What the path is with a slash behind it: nothing, the way to it, or the same.",
     .example = "redirect"},
    {.path = "route.case",
     .type = kChoice,
     .form = kMap,
     .choices = "upper|lower",
     .inherited = kFromGroupAndDefaults,
     .doc = "Parameters whose letters are read as if they were all written so.",
     .example = "{name: upper, names: upper}"},
    {.path = "route.redirect",
     .type = kText,
     .shape = "redirect",
     .doc = "Where it leads: a path of this server, with the names of its own path, or a URL.",
     .example = "\"/new/{name}\""},
    {.path = "route.text",
     .type = kText,
     .shape = "text",
     .doc = "What is sent, as it is.",
     .example = "\"User-agent: *\\nDisallow: /\\n\""},
    {.path = "route.file",
     .type = kFile,
     .shape = "file",
     .doc = "A file of at most 4 MiB, read when the configuration is.",
     .example = "favicon.ico"},
    {.path = "route.folder",
     .type = kFile,
     .shape = "folder",
     .doc = "All files in and below a folder, read when the configuration is: at most 1000, of 4 "
            "MiB each and 32 MiB together.",
     .example = "static"},
    {.path = "route.params",
     .type = kText,
     .form = kMapOfOneOrList,
     .shape = "param",
     .inherited = kFromGroupAndDefaults,
     .doc = "Parameters of the analysis and its formats. A value fixes one, so that requests must "
            "not say it; a map narrows it.",
     .example = "{interval: 1h, limit: {default: 200, max: 500}}"},

    // ---- a group of routes
    {.path = "group.prefix",
     .type = kPrefix,
     .doc = "The beginning of the paths in it, behind that of the group around it.",
     .example = "/api/v1"},
    {.path = "group.routes", .form = kList, .shape = "route", .doc = "Its routes."},
    {.path = "group.groups",
     .form = kList,
     .shape = "group",
     .doc = "Groups in it, which inherit from it."},

    {.path = "run.from",
     .type = kParameter,
     .required = true,
     .doc = "The {name} in the path that chooses.",
     .example = "analysis"},
    {.path = "run.allow",
     .type = kComponent,
     .form = kList,
     .required = true,
     .doc = "What it may choose.",
     .example = "[technical, correlation]"},
    {.path = "run.alias",
     .type = kComponent,
     .form = kMap,
     .doc = "Other names for some of these.",
     .example = "{ta: technical}"},

    {.path = "access.tokens",
     .type = kText,
     .form = kList,
     .shape = "token",
     .required = true,
     .doc = "Requests must bring one of these as `Authorization: Bearer`. Out of the environment "
            "only.",
     .example = "[\"${ACCESS_TOKEN}\"]"},

    {.path = "token.name",
     .type = kText,
     .required = true,
     .doc = "Who it is; the log shows it.",
     .example = "grafana"},
    {.path = "token.token",
     .type = kText,
     .required = true,
     .doc = "Out of the environment only.",
     .example = "\"${ACCESS_TOKEN}\""},

    {.path = "limits.client",
     .type = kText,
     .shape = "client-limit",
     .doc = "Of each client, by its address: a count and a time; beyond: 429.",
     .example = "{rate: 100/1m, burst: 20, concurrency: 4}"},
    {.path = "limits.token",
     .type = kText,
     .shape = "limit",
     .doc = "Of each access token; beyond: 429.",
     .example = "1000/1m"},
    {.path = "limits.route",
     .type = kText,
     .shape = "limit",
     .doc = "Of all clients together, for each route; beyond: 429.",
     .example = "50/1s"},
    {.path = "limits.concurrency",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .doc = "Requests of all clients that are answered at once, for each route; beyond: 503.",
     .example = "20"},
    {.path = "limits.hits",
     .type = kText,
     .fallback = "100%",
     .doc = "What a kept answer costs of a request.",
     .example = "10%"},

    {.path = "client-limit.rate",
     .type = kText,
     .doc = "A count, a slash and a time of whole seconds.",
     .example = "100/1m"},
    {.path = "client-limit.burst",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .doc = "How many may come at once. Without it: as many as the count.",
     .example = "20"},
    {.path = "client-limit.concurrency",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .doc = "Requests of the client that are answered at once; beyond: 429.",
     .example = "4"},

    {.path = "limit.rate",
     .type = kText,
     .required = true,
     .doc = "A count, a slash and a time of whole seconds.",
     .example = "1000/1m"},
    {.path = "limit.burst",
     .type = kCount,
     .min = 1,
     .max = 1'000'000,
     .doc = "How many may come at once. Without it: as many as the count.",
     .example = "100"},

    {.path = "cache.fresh",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "0s",
     .doc = "So old an answer may be as if it were new.",
     .example = "5s"},
    {.path = "cache.stale",
     .type = kDuration,
     .min = 0,
     .max = 7 * 24 * kHours,
     .fallback = "0s",
     .doc = "So old it may be while a new one is made.",
     .example = "30s"},
    {.path = "cache.if-error",
     .type = kDuration,
     .min = 0,
     .max = 7 * 24 * kHours,
     .fallback = "0s",
     .doc = "So old it may be when a new one cannot be made.",
     .example = "10m"},

    {.path = "live.every",
     .type = kDuration,
     .min = 100 * kMilliseconds,
     .max = kHours,
     .fallback = "1s",
     .doc = "A watched question is answered anew no more often than this.",
     .example = "5s"},
    {.path = "redirect.to",
     .type = kText,
     .required = true,
     .doc = "Where it leads.",
     .example = "\"/new/{name}\""},
    {.path = "redirect.status",
     .type = kChoice,
     .choices = "301|302|307|308",
     .fallback = "301",
     .doc = "301 and 308 are for good, 302 and 307 for now.",
     .example = "302"},
    {.path = "redirect.max-age",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "1h",
     .doc = "How long clients may remember it.",
     .example = "10m"},
    {.path = "text.body",
     .type = kText,
     .required = true,
     .doc = "What is sent, as it is.",
     .example = "hello"},
    {.path = "text.media-type",
     .type = kText,
     .fallback = "text/plain; charset=utf-8",
     .doc = "Its Content-Type.",
     .example = "text/html; charset=utf-8"},
    {.path = "text.max-age",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "0s",
     .doc = "How long clients need not ask again. Without it they ask, and are told 304.",
     .example = "1h"},
    {.path = "file.path",
     .type = kFile,
     .required = true,
     .doc = "The file.",
     .example = "static/favicon.ico"},
    {.path = "file.media-type",
     .type = kText,
     .doc = "Its Content-Type. Without it: by the suffix of its name.",
     .example = "image/png"},
    {.path = "file.max-age",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "0s",
     .doc = "How long clients need not ask again. Without it they ask, and are told 304.",
     .example = "1h"},
    {.path = "folder.path",
     .type = kFile,
     .required = true,
     .doc = "The folder.",
     .example = "static"},
    {.path = "folder.max-age",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "0s",
     .doc = "How long clients need not ask again. Without it they ask, and are told 304.",
     .example = "1h"},

    {.path = "cors.origins",
     .type = kText,
     .form = kOneOrList,
     .required = true,
     .doc = "Origins as browsers write them, or \"*\" for all.",
     .example = "[\"https://app.example\", \"http://localhost:3000\"]"},
    {.path = "cors.headers",
     .type = kText,
     .form = kList,
     .doc = "Headers that scripts may send. Without it: those that the server reads.",
     .example = "[Authorization]"},
    {.path = "cors.max-age",
     .type = kDuration,
     .min = 0,
     .max = 24 * kHours,
     .fallback = "2h",
     .doc = "How long browsers may remember that a request is allowed; some do for less.",
     .example = "10m"},
    {.path = "cors.credentials",
     .type = kChoice,
     .choices = "refuse|allow",
     .fallback = "refuse",
     .doc = "Whether cookies and stored passwords may be sent; not with \"*\".",
     .example = "allow"},

    {.path = "param.default",
     .type = kText,
     .form = kOneOrList,
     .doc = "For requests that do not say it.",
     .example = "200"},
    {.path = "param.min",
     .type = kText,
     .doc = "The least. Of a text: bytes; of a list: items.",
     .example = "1"},
    {.path = "param.max",
     .type = kText,
     .doc = "The most. Of a text: bytes; of a list: items.",
     .example = "500"},
    {.path = "param.choices",
     .type = kText,
     .form = kList,
     .doc = "The only values.",
     .example = "[1h, 1d]"},
});

using Names = std::map<std::string_view, std::vector<std::string_view>>;

Names collect_names() {
  Names names;
  for (const Key& key : kKeys) {
    names[key.parent()].push_back(key.name());
    if (key.inherited == kFromGroupAndDefaults) names["defaults"].push_back(key.name());
    if (key.inherited != kNo) names["group"].push_back(key.name());
  }
  return names;
}

const Key* find_key(std::string_view shape, std::string_view name) {
  const auto* const found = std::find_if(kKeys.begin(), kKeys.end(), [&](const Key& key) {
    return key.parent() == shape && key.name() == name;
  });
  return found == kKeys.end() ? nullptr : found;
}

}  // namespace

std::string_view Key::name() const noexcept {
  const std::size_t dot = path.rfind('.');
  return dot == path.npos ? path : path.substr(dot + 1);
}

std::string_view Key::parent() const noexcept {
  const std::size_t dot = path.rfind('.');
  return dot == path.npos ? std::string_view() : path.substr(0, dot);
}

std::vector<std::string> Key::choice_list() const {
  std::vector<std::string> list;
  for (std::size_t at = 0; at < choices.size();) {
    const std::size_t end = std::min(choices.find('|', at), choices.size());
    list.emplace_back(choices.substr(at, end - at));
    at = end + 1;
  }
  return list;
}

std::chrono::nanoseconds Key::min_duration() const noexcept {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(min));
}

std::chrono::nanoseconds Key::max_duration() const noexcept {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(max));
}

std::span<const Key> all_keys() noexcept { return kKeys; }

const Key& key_of(std::string_view shape, std::string_view name) noexcept {
  const Key* key = find_key(shape, name);
  if (key == nullptr) key = find_key("route", name);  // what routes inherit
  assert(key != nullptr);
  return *key;
}

std::span<const std::string_view> keys_of(std::string_view shape) {
  static const Names names = collect_names();
  const auto found = names.find(shape);
  assert(found != names.end());
  return found->second;
}

}  // namespace bourse::host
