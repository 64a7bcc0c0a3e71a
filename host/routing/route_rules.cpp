// SPDX-License-Identifier: MIT
#include "host/routing/route_rules.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/config/narrowing.hpp"
#include "host/routing/dataset_rules.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

std::string_view part_names(std::uint32_t parts) {
  if ((parts & BOURSE_PART_TABLES) != 0) return "tables";
  if ((parts & BOURSE_PART_CHARTS) != 0) return "charts";
  return "values";
}

void narrow_one(std::vector<Parameter>& list, const ParamRule& rule, bool& found,
                Diagnostics& diagnostics) {
  for (Parameter& parameter : list) {
    if (parameter.name != rule.name.value) continue;
    found = true;
    auto narrowed = narrow(parameter, to_narrowing(rule));
    if (narrowed) {
      parameter = *std::move(narrowed);
    } else {
      diagnostics.error(rule.fixed ? rule.fixed->mark : rule.name.mark, narrowed.failure().code,
                        narrowed.failure().message);
    }
  }
}

}  // namespace

void narrow_parameters(Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const ParamRule& rule : from.params) {
    bool found = false;
    for (RouteAnalysis& analysis : route.analyses) {
      narrow_one(analysis.parameters, rule, found, diagnostics);
    }
    for (RouteFormat& format : route.formats) {
      narrow_one(format.parameters, rule, found, diagnostics);
    }
    if (found) continue;
    std::vector<std::string> names;
    for (const RouteAnalysis& a : route.analyses) add_names(names, a.parameters);
    for (const RouteFormat& f : route.formats) add_names(names, f.parameters);
    diagnostics.error(rule.name.mark, "unknown_parameter",
                      "nothing on this route has a parameter " + in_quotes(rule.name.value),
                      hint_for(rule.name.value, names, "there are: "));
  }
}

void check_path(const Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const std::string& variable : from.path.value.variables()) {
    if (variable == route.selector) continue;
    for (const RouteAnalysis& analysis : route.analyses) {
      const Parameter* const parameter = find_parameter(analysis.parameters, variable);
      if (parameter == nullptr) {
        std::vector<std::string> names;
        add_names(names, analysis.parameters);
        diagnostics.error(from.path.mark, "unknown_parameter",
                          "{" + variable + "} is no parameter of " + analysis.name,
                          hint_for(variable, names, "it has: "));
      } else if (parameter->secret) {
        diagnostics.error(from.path.mark, "secret_in_path",
                          "{" + variable + "} of " + analysis.name +
                              " is secret, and every log on the way keeps paths",
                          "take it out of the path: a request says it as ?" + variable + "=");
      }
    }
  }
}

void check_datasets(const Route& route, const RouteConfig& from, const LocatedText* source_name,
                    Diagnostics& diagnostics) {
  // A source that could not be started has been reported already.
  if (source_name != nullptr && !route.source) return;
  for (const RouteAnalysis& analysis : route.analyses) {
    const auto& datasets = analysis.instance->component().datasets;
    if (!route.source) {
      const bool needs_one = std::any_of(datasets.begin(), datasets.end(),
                                         [](const Dataset& d) { return !d.optional; });
      if (!needs_one) continue;
      diagnostics.error(from.mark, "no_source", analysis.name + " needs a source",
                        "set `source:` here or in defaults");
      continue;
    }
    for (const Dataset& wanted : datasets) {
      for (DatasetProblem& problem :
           check_dataset(wanted, route.source->find_dataset(wanted.name),
                         {.analysis = analysis.name, .source = route.source->name()},
                         route.access.is_public())) {
        diagnostics.error(from.mark, std::move(problem.code), std::move(problem.message),
                          std::move(problem.hint));
      }
    }
  }
}

void check_parts(const Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const RouteAnalysis& analysis : route.analyses) {
    for (std::size_t i = 0; i < route.formats.size(); ++i) {
      const std::uint32_t emitted = analysis.instance->component().parts;
      const std::uint32_t shown = route.formats[i].serializer->component().parts;
      if (emitted != 0 && shown != 0 &&
          (emitted & shown & ~std::uint32_t{BOURSE_PART_NOTES}) == 0) {
        diagnostics.error(from.mark, "nothing_to_show",
                          route.offers[i].id + " shows " + std::string(part_names(shown)) +
                              ", but " + analysis.name + " has none");
      }
    }
  }
}

void check_clashes(const Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const RouteAnalysis& analysis : route.analyses) {
    std::set<std::string_view> names{"format"};
    for (const Parameter& p : analysis.parameters) {
      if (!names.insert(p.name).second) {
        diagnostics.error(from.mark, "parameter_clash",
                          analysis.name + " has a parameter " + in_quotes(p.name) +
                              ", a name that the host keeps for itself");
      }
    }
    for (std::size_t i = 0; i < route.formats.size(); ++i) {
      for (const Parameter& p : route.formats[i].parameters) {
        if (names.contains(p.name)) {
          diagnostics.error(from.mark, "parameter_clash",
                            analysis.name + " and format " + route.offers[i].id +
                                " both have a parameter " + in_quotes(p.name));
        }
      }
    }
  }
}

}  // namespace bourse::host
