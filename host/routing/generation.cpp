// SPDX-License-Identifier: MIT
#include "host/routing/generation.hpp"

#include <optional>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/route_builder.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

void warn_of_plugins(const Loaded& loaded, Diagnostics& diagnostics) {
  for (const Refusal& refusal : loaded.refusals) {
    diagnostics.warning(Mark{}, refusal.why.code, "plugin refused: " + refusal.why.message);
  }
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
  warn_of_plugins(loaded, diagnostics);
  check_component_configs(config.plugins, loaded, diagnostics);
  const Makings* const made = before == nullptr ? nullptr : &before->made();
  SourceBuilder sources(config, loaded, diagnostics, made);
  for (const SourceConfig& source : config.sources) (void)sources.get(source.name.value);
  Instances instances(config.plugins, diagnostics, made);
  RouteBuilder builder({.defaults = config.defaults,
                        .loaded = loaded,
                        .instances = instances,
                        .sources = sources,
                        .diagnostics = diagnostics});
  Generation::Parts parts;
  for (const RouteConfig& from : config.routes) {
    std::optional<Route> route = builder.build(from);
    if (!route) continue;
    if (!parts.router.add(route->path, parts.routes.size())) {
      diagnostics.error(from.path.mark, "duplicate_route",
                        "another route matches the same paths as " + in_quotes(route->path));
    }
    parts.routes.push_back(*std::move(route));
  }
  if (diagnostics.errors() > 0) return nullptr;
  parts.catalog = loaded.catalog;
  parts.sources = sources.made();
  parts.made = {.sources = sources.made_of(), .instances = instances.made()};
  parts.response_bytes_max = config.server.max_response.value;
  parts.cache_name = config.server.cache_status.value;
  parts.trusted_proxies = config.server.trusted_proxies;
  return std::make_shared<const Generation>(std::move(parts));
}

}  // namespace bourse::host
