// SPDX-License-Identifier: MIT
#include "host/config/sections.hpp"

#include <algorithm>
#include <charconv>

#include "bourse/bourse.h"
#include "host/base/ascii.hpp"
#include "host/base/utf8.hpp"
#include "host/config/access.hpp"
#include "host/config/limits.hpp"
#include "host/config/proxies.hpp"

namespace bourse::host {
namespace {

bool is_file_name(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('/') == text.npos;
}

bool is_sha256(std::string_view text) {
  constexpr std::string_view kPrefix = "sha256:";
  return text.starts_with(kPrefix) && text.size() == kPrefix.size() + 64 &&
         std::all_of(text.begin() + kPrefix.size(), text.end(),
                     [](char c) { return hex_value(c) >= 0; });
}

// ---- server -------------------------------------------------------------------------------------

std::optional<ListenAddress> read_address(Reader& reader, const Node& node,
                                          const std::string& what) {
  const std::optional<LocatedText> text = reader.text(node, what);
  if (!text) return std::nullopt;
  if (auto address = parse_listen_address(text->value)) return *std::move(address);
  const std::string shown = ", not " + Reader::shown(node, *text);
  if (text->value.starts_with("unix:")) {
    reader.error(
        node.mark, "bad_value",
        what + " must be \"unix:\" and the absolute path of a file, of at most 107 bytes" + shown,
        "such as \"unix:/run/bourse/bourse.sock\"; abstract sockets are not offered, as "
        "everybody may connect to them");
  } else if (text->value.starts_with("systemd:")) {
    reader.error(node.mark, "bad_value",
                 what + " must be \"systemd:\" and the name of sockets that are passed" + shown,
                 "such as \"systemd:bourse.socket\", the FileDescriptorName= of the socket unit");
  } else {
    reader.error(node.mark, "bad_value", what + " must be an address and a port" + shown,
                 "such as \"0.0.0.0:8080\" for all, \"127.0.0.1:8080\" for this machine only, "
                 "\"[::]:8080\" for IPv6, \"unix:/run/bourse/bourse.sock\" for a unix socket");
  }
  return std::nullopt;
}

/// Three or four octal digits, as chmod(1) takes them.
std::optional<std::uint32_t> parse_mode(std::string_view text) {
  std::uint32_t mode = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, mode, 8);
  if (text.size() < 3 || text.size() > 4 || error != std::errc{} || parsed_end != end) {
    return std::nullopt;
  }
  return mode <= 0777 ? std::optional(mode) : std::nullopt;
}

void read_mode(Reader& reader, const Node& node, SocketFile& file) {
  const auto legal = [](std::string_view text) { return parse_mode(text).has_value(); };
  const auto text = reader.text(node, "\"mode\"", legal, "three or four octal digits up to 0777");
  if (!text) return;
  file.mode = *parse_mode(text->value);
  if ((file.mode & 0222u) != 0) return;
  reader.error(node.mark, "bad_value",
               "\"mode\" gives nobody the right to write, which connecting needs",
               "0660 is for the owner and the group, 0666 for everybody");
}

void read_account(Reader& reader, const Node& node, const std::string& what, std::string& account) {
  const auto legal = [](std::string_view text) {
    return !text.empty() && text.size() <= 64 && text[0] != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c <= '~' && c != ':' && c != '/'; });
  };
  if (auto text = reader.text(node, what, legal, "a name or a number")) account = text->value;
}

/// {unix: /run/bourse/bourse.sock, mode: 0660, owner: bourse, group: www-data}
std::optional<ListenAddress> read_unix_listener(Reader& reader, const Node& node,
                                                const std::string& what) {
  MapReader map(reader, node, what, "listener");
  const Node* const path = map.require("unix", "write the path of the socket");
  SocketFile file;
  if (const Node* const mode = map.find("mode")) read_mode(reader, *mode, file);
  if (const Node* const owner = map.find("owner")) {
    read_account(reader, *owner, "\"owner\"", file.owner);
  }
  if (const Node* const group = map.find("group")) {
    read_account(reader, *group, "\"group\"", file.group);
  }
  if (path == nullptr) return std::nullopt;
  const std::optional<LocatedText> text = reader.text(*path, "\"unix\"");
  if (!text) return std::nullopt;
  if (auto address = parse_listen_address("unix:" + text->value)) {
    address->file = std::move(file);
    return *std::move(address);
  }
  reader.error(path->mark, "bad_value",
               "\"unix\" must be the absolute path of a file, of at most 107 bytes, not " +
                   Reader::shown(*path, *text),
               "such as /run/bourse/bourse.sock");
  return std::nullopt;
}

/// Where each of a list of listeners stands, for what is wrong with two of them.
struct ReadListeners {
  Listeners addresses;
  std::vector<Mark> marks;
};

void read_listener(Reader& reader, const Node& node, const std::string& what,
                   ReadListeners& listeners) {
  auto address = node.kind == Node::Kind::kMap ? read_unix_listener(reader, node, what)
                                               : read_address(reader, node, what);
  if (!address) return;
  for (const ListenAddress& other : listeners.addresses) {
    if (!are_one(other, *address)) continue;
    reader.error(node.mark, "duplicate_value",
                 what + " is where another one of them listens, or a part of it",
                 "leave one of them out");
    return;
  }
  listeners.addresses.push_back(*std::move(address));
  listeners.marks.push_back(node.mark);
}

ReadListeners read_listeners(Reader& reader, const Node& node, const std::string& key) {
  constexpr std::size_t kListenersMax = 64;
  ReadListeners listeners;
  if (node.kind != Node::Kind::kSequence) {
    read_listener(reader, node, in_quotes(key), listeners);
    return listeners;
  }
  if (node.items.empty() || node.items.size() > kListenersMax) {
    reader.error(node.mark, "bad_value", in_quotes(key) + " must name from 1 to 64 listeners",
                 node.items.empty() ? "leave it out for the default" : "");
    return listeners;
  }
  for (const NodePtr& item : node.items) {
    read_listener(reader, *item, "an item of " + in_quotes(key), listeners);
  }
  return listeners;
}

void read_admin(Reader& reader, const Node& node, ServerConfig& server) {
  const ReadListeners admin = read_listeners(reader, node, "admin");
  for (std::size_t i = 0; i < admin.addresses.size(); ++i) {
    for (const ListenAddress& public_one : server.listen.value) {
      if (!are_one(admin.addresses[i], public_one)) continue;
      reader.error(admin.marks[i], "duplicate_value",
                   "\"admin\" is the address and port of \"listen\", which defaults to "
                   "0.0.0.0:8080, or a part of it",
                   "give it a port of its own, such as \"127.0.0.1:9090\"");
    }
  }
  for (std::size_t i = 0; i < admin.addresses.size(); ++i) {
    const std::string& host = admin.addresses[i].host;
    if (host != "0.0.0.0" && host != "::") continue;
    reader.warning(admin.marks[i], "open_admin",
                   "\"admin\" listens for every machine that reaches this one: it shows the "
                   "configuration's routes and figures, and takes POST /reload",
                   "write \"127.0.0.1:" + std::to_string(admin.addresses[i].port) +
                       "\", or the address of a network of your own");
  }
  if (!admin.addresses.empty()) server.admin = {.value = admin.addresses, .mark = node.mark};
}

void read_shutdown(Reader& reader, const Node& node, ShutdownConfig& shutdown) {
  if (!reader.expect(node, Node::Kind::kMap, "\"shutdown\"")) return;
  const MapReader map(reader, node, "\"shutdown\"", "server.shutdown");
  map.read("delay", shutdown.delay);
  map.read("grace", shutdown.grace);
}

void read_shelf(Reader& reader, const Node& node, ServerConfig& server) {
  if (!reader.expect(node, Node::Kind::kMap, "\"cache\" of \"server\"")) return;
  const MapReader map(reader, node, "\"cache\" of \"server\"", "server.cache");
  map.read("memory", server.cache_memory);
  const Node* const status = map.find("status");
  if (status == nullptr) return;
  const auto is_name = [](std::string_view text) { return is_word(text, "-_.", 64); };
  if (auto name = reader.text(*status, "\"status\"", is_name,
                              "a name of a-z 0-9 - _ . that begins with a letter, such as "
                              "\"bourse\", or \"off\"")) {
    server.cache_status = *std::move(name);
    if (server.cache_status.value == "off") server.cache_status.value.clear();
  }
}

// ---- plugins ------------------------------------------------------------------------------------

void read_plugin_path(Reader& reader, const Node& node, PluginsConfig& plugins) {
  const auto not_empty = [](std::string_view text) { return !text.empty(); };
  const auto folders =
      reader.list(node, "\"path\"", "an item of \"path\"", not_empty, "the name of a folder");
  if (!folders) return;
  for (const LocatedText& text : *folders) {
    plugins.path.push_back({.value = reader.absolute(text),
                            .mark = text.mark,
                            .from_environment = text.from_environment});
  }
}

void read_pins(Reader& reader, const Node& node, PluginsConfig& plugins) {
  if (!reader.expect(node, Node::Kind::kMap, "\"pins\"")) return;
  for (const Node::Entry& entry : node.entries) {
    if (!is_file_name(entry.key)) {
      reader.error(entry.mark, "bad_key",
                   in_quotes(entry.key) + " is not the name of a file without its folder");
    }
    std::optional<LocatedText> pin =
        reader.text(*entry.value, "the pin of " + in_quotes(entry.key), is_sha256,
                    "\"sha256:\" and 64 hexadecimal digits");
    if (!pin || !is_file_name(entry.key)) continue;
    pin->value = lower_case(pin->value.substr(std::string_view("sha256:").size()));
    plugins.pins.push_back({.file = {.value = entry.key, .mark = entry.mark}, .sha256 = *pin});
  }
}

void read_component_settings(Reader& reader, const Node& node,
                             std::vector<ComponentConfig>& components) {
  if (!reader.expect(node, Node::Kind::kMap, "\"config\" of \"plugins\"")) return;
  for (const Node::Entry& entry : node.entries) {
    const std::string where = "the settings of " + in_quotes(entry.key);
    if (!is_component(entry.key)) {
      reader.error(entry.mark, "bad_key", in_quotes(entry.key) + " is not the name of a component",
                   "write the plugin and the id of an analysis or a format: \"acme.trend/zscore\"");
    }
    ComponentConfig component{.name = {.value = entry.key, .mark = entry.mark}};
    read_settings(reader, *entry.value, where, component.config);
    components.push_back(std::move(component));
  }
}

}  // namespace

bool is_word(std::string_view text, std::string_view marks, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max && is_lower(text[0]) &&
         std::all_of(text.begin(), text.end(), [marks](char c) {
           return is_lower(c) || is_digit(c) || marks.find(c) != marks.npos;
         });
}

bool is_parameter_name(std::string_view text) { return is_word(text, "_", 64); }

bool is_component(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return is_word(text, "-", BOURSE_MAX_ID_BYTES);
  return is_word(text.substr(0, slash), "-_.", BOURSE_MAX_NAME_BYTES) &&
         is_word(text.substr(slash + 1), "-", BOURSE_MAX_ID_BYTES);
}

/// Of what is held for all and the longest answer, where the first is less: what nobody wrote
/// follows the other one.
void reconcile(Reader& reader, ServerConfig& server) {
  if (server.memory.mark.line == 0) {
    server.memory.value = server.max_response.value;
  } else if (server.max_response.mark.line == 0) {
    server.max_response.value = server.memory.value;
  } else {
    reader.error(server.memory.mark, "bad_value",
                 "\"memory\" is less than \"max-response\": the longest answer could be sent to "
                 "nobody who reads slowly",
                 "make \"memory\" larger, or \"max-response\" smaller");
  }
}

void read_server(Reader& reader, const Node& node, ServerConfig& server) {
  if (!reader.expect(node, Node::Kind::kMap, "\"server\"")) return;
  const MapReader map(reader, node, "\"server\"", "server");
  if (const Node* const listen = map.find("listen")) {
    ReadListeners read = read_listeners(reader, *listen, "listen");
    if (!read.addresses.empty()) server.listen = {std::move(read.addresses), listen->mark};
  }
  if (const Node* const admin = map.find("admin")) read_admin(reader, *admin, server);
  map.read("io-threads", server.io_threads);
  map.read("workers", server.workers);
  map.read("waiting-threads", server.waiting_threads);
  map.read("substitutes", server.substitutes);
  map.read("queue", server.queue);
  map.read("max-connections", server.max_connections);
  map.read("max-connections-per-client", server.max_connections_per_client);
  map.read("memory", server.memory);
  map.read("max-header", server.max_header);
  map.read("max-body", server.max_body);
  map.read("max-response", server.max_response);
  map.read("header-timeout", server.header_timeout);
  map.read("body-timeout", server.body_timeout);
  map.read("idle-timeout", server.idle_timeout);
  map.read("write-timeout", server.write_timeout);
  if (server.memory.value < server.max_response.value) reconcile(reader, server);
  if (const Node* const shutdown = map.find("shutdown")) {
    read_shutdown(reader, *shutdown, server.shutdown);
  }
  if (const Node* const cache = map.find("cache")) read_shelf(reader, *cache, server);
  if (const Node* const live = map.find("live")) read_live_limits(reader, *live, server.live);
  map.read_choice("server-timing", server.server_timing);
  if (const Node* const proxies = map.find("trusted-proxies")) {
    read_trusted_proxies(reader, *proxies, server.trusted_proxies);
  }
  if (const Node* const api = map.find("api")) {
    read_api(reader, *api, server.api);
    check_api(reader, server.api, map.find("admin") != nullptr);
  }
}

void read_plugins(Reader& reader, const Node& node, PluginsConfig& plugins) {
  if (!reader.expect(node, Node::Kind::kMap, "\"plugins\"")) return;
  const MapReader map(reader, node, "\"plugins\"", "plugins");
  if (const Node* const path = map.find("path")) read_plugin_path(reader, *path, plugins);
  if (const Node* const pins = map.find("pins")) read_pins(reader, *pins, plugins);
  map.read_choice("in-place", plugins.in_place);
  if (const Node* const config = map.find("config")) {
    read_component_settings(reader, *config, plugins.config);
  }
}

std::optional<LocatedDuration> read_deadline(Reader& reader, const Node& node) {
  const Key& key = key_of("route", "deadline");
  return reader.duration(node, "\"deadline\"", key.min_duration(), key.max_duration());
}

std::optional<CacheConfig> read_cache(Reader& reader, const Node& node) {
  CacheConfig cache{.mark = node.mark};
  if (node.kind != Node::Kind::kMap) {
    const auto is_off = [](std::string_view text) { return text == "off"; };
    if (!reader.text(node, "\"cache\"", is_off,
                     "\"off\", or a map such as {fresh: 5s, stale: 30s}")) {
      return std::nullopt;
    }
    cache.off = true;
    return cache;
  }
  const MapReader map(reader, node, "\"cache\"", "cache");
  if (node.entries.empty()) {
    reader.error(
        node.mark, "bad_value", "\"cache\" is empty",
        "say what is tolerated, such as {fresh: 5s, stale: 30s, if-error: 10m}, or \"off\"");
    return std::nullopt;
  }
  map.read("fresh", cache.fresh);
  map.read("stale", cache.stale);
  map.read("if-error", cache.if_error);
  if (cache.if_error.mark.line != 0 && cache.if_error.value < cache.stale.value) {
    reader.error(cache.if_error.mark, "bad_value",
                 "\"if-error\" is shorter than \"stale\": as long as an answer may be stale, it "
                 "is given whether there was an error or not",
                 "make it longer than \"stale\", or leave it out");
  }
  return cache;
}

void read_defaults(Reader& reader, const Node& node, const SourceNames& sources,
                   DefaultsConfig& defaults) {
  if (!reader.expect(node, Node::Kind::kMap, "\"defaults\"")) return;
  const MapReader map(reader, node, "\"defaults\"", "defaults");
  if (const Node* const source = map.find("source")) {
    read_source_order(reader, *source, sources, defaults.source, defaults.spares);
  }
  if (const Node* const deadline = map.find("deadline")) {
    if (auto value = read_deadline(reader, *deadline)) defaults.deadline = *value;
  }
  if (const Node* const cache = map.find("cache")) defaults.cache = read_cache(reader, *cache);
  if (const Node* const live = map.find("live")) defaults.live = read_live(reader, *live);
  read_clients(
      reader, [&](std::string_view key) { return map.find(key); }, defaults.clients);
  if (const Node* const access = map.find("access")) {
    defaults.access = read_access(reader, *access);
  }
  if (const Node* const limits = map.find("limits")) defaults.limits = read_limits(reader, *limits);
}

}  // namespace bourse::host
