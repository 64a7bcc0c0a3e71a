// SPDX-License-Identifier: MIT
#include "host/cli/diff.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/reloader.hpp"
#include "host/cli/route_facts.hpp"
#include "host/config/keys.hpp"
#include "host/config/quantity.hpp"
#include "host/routing/changes.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

using Names = std::vector<std::string>;

/// What a side of the comparison shows of a route: by what it is called.
std::map<std::string, std::string> facts_of(const Route& route, const RouteConfig* lines) {
  std::map<std::string, std::string> facts;
  Names names;
  for (const RouteAnalysis& analysis : route.analyses) names.push_back(analysis.name);
  if (route.fixed) names.push_back(route.fixed->description());
  facts[route.fixed ? "answer" : "run"] = joined(names);
  names.clear();
  for (const FormatOffer& offer : route.offers) names.push_back(offer.id);
  facts["formats"] = joined(names);
  facts["title"] = route.title;
  facts["source"] = route.source ? tower_text(*route.source) : "none";
  facts["deadline"] = print_duration(route.deadline);
  facts["access"] = route.access.is_public() ? "everybody" : "tokens";
  facts["cache"] = !route.cache ? "off"
                                : "fresh " + print_duration(route.cache->fresh) + ", stale " +
                                      print_duration(route.cache->stale) + ", if-error " +
                                      print_duration(route.cache->if_error);
  facts["live"] = route.live.off ? "off" : "every " + print_duration(route.live.every);
  for (const RouteParameter& parameter : parameters_of(route, lines)) {
    facts["parameter " + parameter.parameter->name + " of " + joined(parameter.of)] =
        rule_text(parameter);
  }
  return facts;
}

const Route* route_at(const Generation& generation, std::string_view path) {
  const auto routes = generation.routes();
  const auto found =
      std::find_if(routes.begin(), routes.end(), [&](const Route& r) { return r.path == path; });
  return found == routes.end() ? nullptr : &*found;
}

/// "deadline: 5s -> 10s": one for each thing that is another one now.
Names changes_of(const std::string& path, const Setup& before, const Setup& after) {
  const Route* const was = route_at(*before.generation, path);
  const Route* const is = route_at(*after.generation, path);
  Names changes;
  if (was == nullptr || is == nullptr) return changes;
  const auto old_facts = facts_of(*was, lines_of(before.config, *was));
  auto new_facts = facts_of(*is, lines_of(after.config, *is));
  for (const auto& [name, text] : old_facts) {
    const auto found = new_facts.find(name);
    if (found == new_facts.end()) {
      changes.push_back(name + ": " + text + " -> none");
    } else {
      if (found->second != text) changes.push_back(name + ": " + text + " -> " + found->second);
      new_facts.erase(found);
    }
  }
  for (const auto& [name, text] : new_facts) changes.push_back(name + ": none -> " + text);
  if (changes.empty()) changes.emplace_back("its lines mean something else");  // a token, say
  return changes;
}

struct Difference {
  Changes changes;
  std::map<std::string, Names> of_routes = {};  ///< of those that changed
  Names keys = {};                              ///< paths of keys, also of those below
  Names needs_restart = {};

  [[nodiscard]] bool any() const { return changes.any() || !keys.empty(); }
};

Difference compare(const Setup& before, const Setup& after) {
  Difference found{.changes = changes_between(*before.generation, *after.generation)};
  for (const std::string& path : found.changes.routes.changed) {
    found.of_routes.emplace(path, changes_of(path, before, after));
  }
  for (const Key& key : all_keys()) {
    if (key.value == nullptr || key.value(before.config) == key.value(after.config)) continue;
    found.keys.emplace_back(key.path);
    if (key.taken == KeyTaken::kRestart) found.needs_restart.emplace_back(key.path);
  }
  return found;
}

void print_all(const char* sign, const Names& names) {
  for (const std::string& name : names)
    print(std::string("  ") + sign + " " + printable(name, 400));
}

void print_changes(const char* title, const ChangesOf& changes,
                   const std::map<std::string, Names>& details = {}) {
  if (!changes.any()) return;
  print(std::string(title) + " (" + std::to_string(changes.kept) + " stay as they are)");
  print_all("+", changes.added);
  print_all("-", changes.removed);
  for (const std::string& name : changes.changed) {
    print("  ~ " + printable(name, 400));
    const auto found = details.find(name);
    if (found == details.end()) continue;
    for (const std::string& detail : found->second) print("      " + printable(detail, 600));
  }
}

void print_lines(const Difference& found) {
  if (!found.any()) return print("nothing would change");
  print_changes("routes", found.changes.routes, found.of_routes);
  print_changes("sources", found.changes.sources);
  print_changes("components", found.changes.components);
  print_changes("plugins", found.changes.plugins);
  if (!found.keys.empty()) print("keys");
  print_all("~", found.keys);
  if (!found.needs_restart.empty()) print("needs a restart: " + joined(found.needs_restart));
}

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Writer& json, std::string_view text) {
  const std::string clean = repair_utf8(text);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void put(Writer& json, const char* name, const Names& names) {
  json.Key(name);
  json.StartArray();
  for (const std::string& item : names) put(json, item);
  json.EndArray();
}

void put(Writer& json, const char* name, const ChangesOf& changes) {
  json.Key(name);
  json.StartObject();
  put(json, "added", changes.added);
  put(json, "removed", changes.removed);
  put(json, "changed", changes.changed);
  json.Key("kept");
  json.Uint64(changes.kept);
  json.EndObject();
}

void print_json(const Difference& found) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.SetIndent(' ', 2);
  json.StartObject();
  json.Key("same");
  json.Bool(!found.any());
  put(json, "routes", found.changes.routes);
  put(json, "sources", found.changes.sources);
  put(json, "components", found.changes.components);
  put(json, "plugins", found.changes.plugins);
  json.Key("route_changes");
  json.StartObject();
  for (const auto& [path, changes] : found.of_routes) put(json, path.c_str(), changes);
  json.EndObject();
  put(json, "keys", found.keys);
  put(json, "needs_restart", found.needs_restart);
  json.EndObject();
  print({buffer.GetString(), buffer.GetSize()});
}

}  // namespace

int diff(const DiffOptions& options) {
  if (is_standard_input(options.before) && is_standard_input(options.after)) {
    std::fputs("error: standard input is one configuration; name a file for the other\n", stderr);
    return kUsage;
  }
  // As a reload does it: what would be made in the same way is the same instance.
  KeptPlugins kept;
  SetupOptions side = options.setup;
  side.config = options.before;
  const Attempt before = attempt(side, {.plugins = &kept});
  side.config = options.after;
  const Generation* const made = before.setup ? before.setup->generation.get() : nullptr;
  const Attempt after = attempt(side, {.plugins = &kept, .before = made, .reads_pipes = true});
  if (!before.setup) std::fputs(before.diagnostics.render().c_str(), stderr);
  if (!after.setup) std::fputs(after.diagnostics.render().c_str(), stderr);
  if (!before.setup || !after.setup) return kFailed;
  const Difference found = compare(*before.setup, *after.setup);
  (options.json ? print_json : print_lines)(found);
  return found.any() ? kDiffers : kDone;
}

}  // namespace bourse::host
