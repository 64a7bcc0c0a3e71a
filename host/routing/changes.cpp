// SPDX-License-Identifier: MIT
#include "host/routing/changes.hpp"

#include <map>
#include <utility>

namespace bourse::host {
namespace {

/// What something is called, and what it is: two that are equal are the same.
using Named = std::map<std::string, std::string>;

ChangesOf compare(const Named& before, const Named& after) {
  ChangesOf changes;
  for (const auto& [name, what] : before) {
    const auto found = after.find(name);
    if (found == after.end()) {
      changes.removed.push_back(name);
    } else if (found->second != what) {
      changes.changed.push_back(name);
    } else {
      ++changes.kept;
    }
  }
  for (const auto& [name, what] : after) {
    if (!before.contains(name)) changes.added.push_back(name);
  }
  return changes;
}

Named plugins_of(const Generation& generation) {
  Named named;
  for (const auto& plugin : generation.catalog().plugins()) {
    named.emplace(plugin->name, plugin->file.string() + '\n' + plugin->sha256);
  }
  return named;
}

Named sources_of(const Generation& generation) {
  Named named;
  for (const auto& [name, made] : generation.made().sources) {
    named.emplace(name, std::to_string(made.source->number()));
  }
  return named;
}

Named components_of(const Generation& generation) {
  Named named;
  for (const auto& [component, made] : generation.made().instances) {
    named.emplace(made.instance->full_name(), std::to_string(made.instance->number()));
  }
  return named;
}

Named routes_of(const Generation& generation) {
  Named named;
  for (const Route& route : generation.routes()) named.emplace(route.path, route.spelling);
  return named;
}

}  // namespace

Changes changes_between(const Generation& before, const Generation& after) {
  return {.plugins = compare(plugins_of(before), plugins_of(after)),
          .sources = compare(sources_of(before), sources_of(after)),
          .components = compare(components_of(before), components_of(after)),
          .routes = compare(routes_of(before), routes_of(after))};
}

}  // namespace bourse::host
