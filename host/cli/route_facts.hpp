// SPDX-License-Identifier: MIT
//
// What a route takes, as a person is shown it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"
#include "host/routing/route.hpp"

namespace bourse::host {

/// A parameter of a route: of one or more of its analyses and formats, which have the same rule.
struct RouteParameter {
  const Parameter* parameter = nullptr;  ///< of the route
  std::string_view where;                ///< "path", "query" or "fixed"
  std::vector<std::string> of = {};      ///< names of analyses and formats
  /// A part of its rule came out of the environment: nothing of it may be shown.
  bool hidden = false;
};

/// The route's lines, or null (a page of the host).
[[nodiscard]] const RouteConfig* lines_of(const Config& config, const Route& route);
/// What those lines say of a parameter, or null.
[[nodiscard]] const ParamRule* rule_of(const RouteConfig* lines, std::string_view parameter);
/// Whether a text of the rule came out of the environment.
[[nodiscard]] bool is_hidden(const ParamRule* rule);

/// Names of the tokens that open it: "2 tokens: grafana, one without a name". Empty: it is for
/// everybody.
[[nodiscard]] std::string tokens_text(const AccessConfig* access);

/// In the order of the path, then of the declarations. Borrows from the route.
[[nodiscard]] std::vector<RouteParameter> parameters_of(const Route& route,
                                                        const RouteConfig* lines);

/// "a whole number from 1 to 500, default 200", or that it is hidden.
[[nodiscard]] std::string rule_text(const RouteParameter& parameter);

}  // namespace bourse::host
