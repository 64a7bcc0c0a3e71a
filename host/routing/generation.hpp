// SPDX-License-Identifier: MIT
//
// A configuration and its loaded plugins, wired together: everything that answering a request
// needs, immutable, behind one shared pointer. A request keeps the generation it began with.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/access.hpp"
#include "host/calls/sources.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/parameters/parameter.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/format.hpp"
#include "host/routing/router.hpp"

namespace bourse::host {

/// One analysis that a route can run, with its parameters as the route narrows them.
struct RouteAnalysis {
  std::string name;  ///< as a path says it
  std::shared_ptr<Instance> instance;
  std::vector<Parameter> parameters;
};

struct RouteFormat {
  std::shared_ptr<Instance> serializer;
  std::vector<Parameter> parameters;
};

struct Route {
  std::string path;  ///< the template
  std::string title;
  std::string selector;  ///< the path variable that picks the analysis; empty: there is one
  std::vector<RouteAnalysis> analyses;                    ///< never empty; in the order of `allow`
  std::map<std::string, std::size_t, std::less<>> names;  ///< selector's values, aliases included
  std::vector<RouteFormat> formats;                       ///< never empty
  std::vector<FormatOffer> offers;                        ///< one for each format
  bool negotiated = false;
  std::shared_ptr<Source> source;  ///< may be null
  std::chrono::nanoseconds deadline{};
  AccessList access;
};

class Generation {
 public:
  [[nodiscard]] std::span<const Route> routes() const noexcept { return routes_; }
  [[nodiscard]] const Router& router() const noexcept { return router_; }
  [[nodiscard]] const std::shared_ptr<const Sources>& sources() const noexcept { return sources_; }
  [[nodiscard]] const Catalog& catalog() const noexcept { return *catalog_; }
  [[nodiscard]] std::size_t response_bytes_max() const noexcept { return response_bytes_max_; }

 private:
  friend class GenerationBuilder;
  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<const Sources> sources_;
  std::vector<Route> routes_;
  Router router_;
  std::size_t response_bytes_max_ = 0;
};

/// Wires a configuration to what was loaded. Everything that does not fit is an error in
/// `diagnostics` at its place in the file, and then the result is null. A refused plugin is a
/// warning unless a route or source needs what is missing.
std::shared_ptr<const Generation> build_generation(const Config& config, const Loaded& loaded,
                                                   Diagnostics& diagnostics);

/// An instance with the settings of a configuration (or a command line) for a component.
Result<std::shared_ptr<Instance>> make_instance(
    std::shared_ptr<const Component> component,
    const std::vector<std::pair<std::string, std::string>>& settings);

}  // namespace bourse::host
