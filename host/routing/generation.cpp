// SPDX-License-Identifier: MIT
#include "host/routing/generation.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

#include "host/base/utf8.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/redirect_rules.hpp"
#include "host/routing/route_builder.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

/// Where the configuration names what was refused: a folder, or a pin.
Mark place_of(const Refusal& refusal, const PluginsConfig& plugins) {
  const std::string name = refusal.file.filename().string();
  if (refusal.why.code == "pin_mismatch" || refusal.why.code == "pinned_file_missing") {
    for (const PluginPin& pin : plugins.pins) {
      if (pin.file.value != name) continue;
      return refusal.why.code == "pin_mismatch" ? pin.sha256.mark : pin.file.mark;
    }
  }
  for (const auto& folder : plugins.path) {
    std::error_code error;
    const auto canonical = std::filesystem::weakly_canonical(folder.value, error);
    if (refusal.file == folder.value || refusal.file.parent_path() == canonical) return folder.mark;
  }
  return {};
}

bool is_folder(const Refusal& refusal, const PluginsConfig& plugins) {
  return std::any_of(plugins.path.begin(), plugins.path.end(),
                     [&](const auto& folder) { return folder.value == refusal.file; });
}

bool is_there(const LocatedText& wanted, Catalog::Components among) {
  return wanted.value.empty() || std::any_of(among.begin(), among.end(), [&](const auto& one) {
           return one->id == wanted.value || one->full_name() == wanted.value;
         });
}

/// Whether the configuration names a component that is not loaded.
bool lacks_something(const Config& config, const Catalog& catalog) {
  const auto lacks = [](const LocatedText& wanted, Catalog::Components among) {
    return !is_there(wanted, among);
  };
  for (const SourceConfig& source : config.sources) {
    if (lacks(source.use, catalog.sources())) return true;
  }
  for (const RouteConfig& route : config.routes) {
    if (route.fixed) continue;
    for (const LocatedText& format : route.formats) {
      if (lacks(format, catalog.serializers())) return true;
    }
    if (const auto* const one = std::get_if<LocatedText>(&route.run)) {
      if (lacks(*one, catalog.analyses())) return true;
      continue;
    }
    for (const LocatedText& id : std::get<RunFromPath>(route.run).allow) {
      if (lacks(id, catalog.analyses())) return true;
    }
  }
  return false;
}

/// What was refused is a warning as long as nothing is missing, and an error, once, when a folder
/// was, in which what is missing may be.
void tell_of_refusals(const Config& config, const Loaded& loaded, Diagnostics& diagnostics) {
  const bool lacks = lacks_something(config, *loaded.catalog);
  for (const Refusal& refusal : loaded.refusals) {
    const bool is_cause = lacks && is_folder(refusal, config.plugins);
    diagnostics.add({is_cause ? Severity::kError : Severity::kWarning,
                     place_of(refusal, config.plugins), refusal.why.code,
                     "plugin refused: " + refusal.why.message, ""});
  }
}

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view segment : split_path(path)) segments.emplace_back(segment);
  return segments;
}

bool takes(const Route& route, std::string_view name) {
  return std::any_of(
             route.analyses.begin(), route.analyses.end(),
             [&](const auto& one) { return find_parameter(one.parameters, name) != nullptr; }) ||
         std::any_of(route.formats.begin(), route.formats.end(), [&](const auto& one) {
           return find_parameter(one.parameters, name) != nullptr;
         });
}

/// What routes inherit of `params`, each by its place, and whether any of them takes it.
class InheritedRules {
 public:
  /// `route`: what became of it, or null.
  void add(const RouteConfig& from, const Route* route) {
    for (const ParamRule& rule : from.params) {
      if (!rule.inherited) continue;
      const Mark& mark = rule.name.mark;
      auto& known = rules_[{mark.file, mark.line, mark.column}];
      known.name = &rule.name;
      known.taken |= route == nullptr || takes(*route, rule.name.value);
    }
  }
  void check(Diagnostics& diagnostics) const {
    for (const auto& [place, rule] : rules_) {
      if (rule.taken) continue;
      diagnostics.error(
          rule.name->mark, "unknown_parameter",
          "nothing on any of these routes has a parameter " + in_quotes(rule.name->value),
          "`bourse plugins` lists the parameters of analyses and formats");
    }
  }

 private:
  struct Rule {
    const LocatedText* name = nullptr;
    bool taken = false;
  };
  std::map<std::array<std::uint32_t, 3>, Rule> rules_;
};

/// "/p.json" beside "/p" with formats: it takes what the suffix of "/p" would have meant.
void warn_of_shadows(std::span<const RouteConfig> configured, std::span<const Route> routes,
                     Diagnostics& diagnostics) {
  std::map<std::string_view, Mark> places;
  for (const RouteConfig& from : configured) places.emplace(from.path.value.text, from.path.mark);
  for (const Route& route : routes) {
    if (!route.negotiated) continue;
    for (const auto& offer : route.offers) {
      const std::string path = route.path + '.' + offer.suffix;
      const auto other = places.find(path);
      if (other == places.end()) continue;
      diagnostics.warning(other->second, "shadowed_suffix",
                          in_quotes(path) + " is also " + in_quotes(route.path) +
                              " in the format " + in_quotes(offer.id) +
                              ", and this route takes its place",
                          "give this route another path, or take the format out of " +
                              diagnostics.place(places.at(route.path)));
    }
  }
}

struct FolderRoute {
  const RouteConfig* from = nullptr;
  std::size_t route = 0;
};

/// Each file is a path of its own, after all routes: what a route says itself is that route's.
void add_files(const FolderRoute& folder, Generation::Parts& parts, Diagnostics& diagnostics) {
  const Route& route = parts.routes[folder.route];
  const std::vector<std::string> above = segments_of(route.path);
  for (const auto& [name, content] : std::get<Folder>(route.fixed->answer).files) {
    std::vector<std::string> segments = above;
    for (std::string& segment : segments_of(name)) segments.push_back(std::move(segment));
    if (!parts.router.add_literal(segments, folder.route)) {
      diagnostics.warning(folder.from->fixed->mark, "shadowed_file",
                          "the file " + in_quotes(name, 200) +
                              " of this folder is not served: another route has its path",
                          "rename the file, or give the folder or that route another path");
    }
    if (segments.back() != kIndexFile) continue;
    segments.pop_back();
    (void)parts.router.add_literal(segments, folder.route);  // else another has the folder's page
  }
  parts.router.add_below(route.path, folder.route);
}

void warn_of_plugins(const Loaded& loaded, Diagnostics& diagnostics) {
  for (const auto& plugin : loaded.catalog->plugins()) {
    for (const std::string& note : plugin->notes) {
      diagnostics.warning(Mark{}, "plugin_left_out", plugin->name + ": " + note);
    }
    for (const auto& component : plugin->components) {
      for (const std::string& note : component->notes) {
        diagnostics.warning(Mark{}, "plugin_left_out", component->full_name() + ": " + note);
      }
    }
  }
}

std::set<std::string, std::less<>> secrets_of(std::span<const Route> routes) {
  std::set<std::string, std::less<>> names;
  const auto add = [&](std::span<const Parameter> parameters) {
    for (const Parameter& parameter : parameters) {
      if (parameter.secret) names.insert(parameter.name);
    }
  };
  for (const Route& route : routes) {
    for (const RouteAnalysis& analysis : route.analyses) add(analysis.parameters);
    for (const RouteFormat& format : route.formats) add(format.parameters);
  }
  return names;
}

}  // namespace

Generation::Generation(Parts parts)
    : parts_(std::move(parts)), secrets_(secrets_of(parts_.routes)) {}

std::shared_ptr<const Generation> build_generation(const Config& config, const Loaded& loaded,
                                                   Diagnostics& diagnostics,
                                                   const Generation* before) {
  tell_of_refusals(config, loaded, diagnostics);
  warn_of_plugins(loaded, diagnostics);
  check_component_configs(config.plugins, loaded, diagnostics);
  const Makings* const made = before == nullptr ? nullptr : &before->made();
  SourceBuilder sources(config, loaded, diagnostics, made);
  for (const SourceConfig& source : config.sources) (void)sources.get(source.name.value);
  Instances instances(config.plugins, diagnostics, made);
  RouteBuilder builder({.defaults = config.defaults,
                        .log = config.log.access,
                        .loaded = loaded,
                        .instances = instances,
                        .sources = sources,
                        .diagnostics = diagnostics});
  Generation::Parts parts;
  InheritedRules inherited;
  std::vector<FolderRoute> folders;
  std::vector<const RouteConfig*> built;  // of each of parts.routes
  for (const RouteConfig& from : config.routes) {
    std::optional<Route> route = builder.build(from);
    inherited.add(from, route ? &*route : nullptr);
    if (!route) continue;
    const bool is_folder = route->fixed && std::holds_alternative<Folder>(route->fixed->answer);
    if (is_folder) folders.push_back({.from = &from, .route = parts.routes.size()});
    if (!is_folder && !parts.router.add(route->path, parts.routes.size())) {
      diagnostics.error(from.path.mark, "duplicate_route",
                        "another route matches the same paths as " + in_quotes(route->path));
    }
    parts.routes.push_back(*std::move(route));
    built.push_back(&from);
  }
  for (const FolderRoute& folder : folders) add_files(folder, parts, diagnostics);
  parts.tasks = build_tasks(config.tasks, sources, diagnostics);
  inherited.check(diagnostics);
  warn_of_shadows(config.routes, parts.routes, diagnostics);
  parts.catalog = loaded.catalog;
  parts.sources = sources.made();
  parts.made = {.sources = sources.made_of(), .instances = instances.made()};
  parts.response_bytes_max = config.server.max_response.value;
  parts.fields = AnswerFields::make(config.defaults.clients);
  parts.default_limits = config.defaults.limits;
  parts.cache_name = config.server.cache_status.value;
  parts.trusted_proxies = config.server.trusted_proxies;
  parts.access_log = config.log.access;
  parts.server_timing = config.server.server_timing.value;
  parts.api = config.server.api;
  parts.live = config.server.live;
  auto generation = std::make_shared<const Generation>(std::move(parts));
  check_redirects(*generation, built, diagnostics);
  return diagnostics.errors() > 0 ? nullptr : generation;
}

}  // namespace bourse::host
