// SPDX-License-Identifier: MIT
//
// One route of the configuration, wired to the components and the source that it names.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/route.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {

/// Borrows what it is given; one thread.
class RouteBuilder {
 public:
  struct Parts {
    const DefaultsConfig& defaults;
    const AccessLog& log;
    const Loaded& loaded;
    Instances& instances;
    SourceBuilder& sources;
    Diagnostics& diagnostics;
  };
  explicit RouteBuilder(const Parts& parts) : parts_(parts) {}

  /// Nothing when no analysis or no format of it is there. Everything that does not fit is an error
  /// in the diagnostics, whatever is returned.
  std::optional<Route> build(const RouteConfig& from);

 private:
  std::optional<Route> with_fixed(Route route, const RouteConfig& from, const AccessConfig* access,
                                  const ClientsConfig& clients);
  void add_analyses(Route& route, const RouteConfig& from);
  void add_analysis(Route& route, const LocatedText& id);
  void add_formats(Route& route, const RouteConfig& from);

  Parts parts_;
};

}  // namespace bourse::host
