// SPDX-License-Identifier: MIT
#include "host/routing/route_rules.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/config/narrowing.hpp"
#include "host/routing/dataset_rules.hpp"
#include "host/routing/leniency.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

std::string_view part_names(std::uint32_t parts) {
  if ((parts & BOURSE_PART_TABLES) != 0) return "tables";
  if ((parts & BOURSE_PART_CHARTS) != 0) return "charts";
  return "values";
}

/// Whether a part of a rule is legal alone, whatever the plugin's own default.
bool fits(const Parameter& declared, const Narrowing& part) {
  Parameter free = declared;
  free.def.reset();
  return narrow(free, part).ok();
}

/// Which choice narrow() refuses, or all of them.
Mark place_of_choice(const Parameter& declared, const std::vector<LocatedText>& choices) {
  for (const LocatedText& choice : choices) {
    if (!fits(declared, {.choices = std::vector{choice.value}})) return choice.mark;
  }
  return choices.front().mark;
}

/// What narrow() refuses of a rule: its parts are tried one after the other, as it looks at them.
Mark place_of_wrong(const Parameter& declared, const ParamRule& rule) {
  const Narrowing by = to_narrowing(rule);
  if (rule.fixed) return rule.fixed->mark;
  if (rule.min && !fits(declared, {.min = by.min})) return rule.min->mark;
  if (rule.max && !fits(declared, {.max = by.max})) return rule.max->mark;
  if (rule.max && !fits(declared, {.min = by.min, .max = by.max})) return rule.max->mark;
  if (rule.choices && !fits(declared, {.choices = by.choices})) {
    return place_of_choice(declared, *rule.choices);
  }
  if (rule.def) return rule.def->mark;
  // The plugin's default is left outside: by the first part that does so alone.
  if (rule.min && !narrow(declared, {.min = by.min})) return rule.min->mark;
  if (rule.max && !narrow(declared, {.max = by.max})) return rule.max->mark;
  if (rule.choices && !rule.choices->empty()) return rule.choices->front().mark;
  return rule.name.mark;
}

/// A rule must not hold what the plugin calls secret.
void check_secret(const ParamRule& rule, Diagnostics& diagnostics) {
  for (const auto& values : {rule.fixed, rule.def}) {
    if (!values) continue;
    for (const LocatedText& item : values->items) {
      if (!item.from_environment && !item.value.empty()) report_secret(item.mark, diagnostics);
    }
  }
}

/// `max: 5` of a text is often meant for what the text says.
void warn_of_bytes(const Parameter& declared, const ParamRule& rule, Diagnostics& diagnostics) {
  if (declared.type != BOURSE_TYPE_TEXT) return;
  const bool of_few = !declared.choices.empty();
  const auto warn = [&](const std::optional<LocatedText>& bound, std::string_view which,
                        bool declares_one) {
    if (!bound || (declares_one && !of_few)) return;
    diagnostics.warning(bound->mark, "bound_of_text",
                        in_quotes(which) + " of " + in_quotes(declared.name) +
                            " counts bytes, because it is a text",
                        of_few ? "choose with `choices`, of: " + joined(declared.choices)
                               : "leave it out unless the length is meant");
  };
  warn(rule.min, "min", declared.min.has_value());
  warn(rule.max, "max", declared.max.has_value());
}

void narrow_one(std::vector<Parameter>& list, const ParamRule& rule, bool& found,
                Diagnostics& diagnostics) {
  for (Parameter& parameter : list) {
    if (parameter.name != rule.name.value) continue;
    found = true;
    if (parameter.secret) check_secret(rule, diagnostics);
    auto narrowed = narrow(parameter, to_narrowing(rule));
    if (narrowed) {
      warn_of_bytes(parameter, rule, diagnostics);
      parameter = *std::move(narrowed);
    } else {
      diagnostics.error(place_of_wrong(parameter, rule), narrowed.failure().code,
                        narrowed.failure().message);
    }
  }
}

/// Where the route names an analysis.
Mark place_of_analysis(const RouteConfig& from, std::string_view name) {
  if (const auto* const one = std::get_if<LocatedText>(&from.run)) return one->mark;
  for (const LocatedText& id : std::get<RunFromPath>(from.run).allow) {
    if (id.value == name) return id.mark;
  }
  return from.mark;
}

/// Where the route names a format, by its id or its full name.
Mark place_of_format(const RouteConfig& from, const Component& format) {
  for (const LocatedText& id : from.formats) {
    if (id.value == format.id || id.value == format.full_name()) return id.mark;
  }
  return from.mark;
}

Mark place_of_variable(const RouteConfig& from, std::string_view name) {
  for (const LocatedText& variable : from.variables) {
    if (variable.value == name) return variable.mark;
  }
  return from.path.mark;
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
    if (found || rule.inherited) continue;
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
        diagnostics.error(place_of_variable(from, variable), "unknown_parameter",
                          "{" + variable + "} is no parameter of " + analysis.name,
                          hint_for(variable, names, "it has: "));
      } else if (parameter->secret) {
        diagnostics.error(place_of_variable(from, variable), "secret_in_path",
                          "{" + variable + "} of " + analysis.name +
                              " is secret, and every log on the way keeps paths",
                          "take it out of the path: a request says it as ?" + variable + "=");
      }
    }
  }
}

namespace {

void check_source(const RouteAnalysis& analysis, const Source& source, const Route& route,
                  const RouteConfig& from, Diagnostics& diagnostics) {
  for (const Dataset& wanted : analysis.instance->component().datasets) {
    for (DatasetProblem& problem : check_dataset(
             wanted, source.find_dataset(wanted.name),
             {.analysis = analysis.name, .source = source.name()}, route.access.is_public())) {
      diagnostics.error(place_of_analysis(from, analysis.name), std::move(problem.code),
                        std::move(problem.message), std::move(problem.hint));
    }
  }
}

}  // namespace

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
      diagnostics.error(place_of_analysis(from, analysis.name), "no_source",
                        analysis.name + " needs a source", "set `source:` here or in defaults");
      continue;
    }
    check_source(analysis, *route.source, route, from, diagnostics);
    for (const auto& spare : route.spares) {
      check_source(analysis, *spare, route, from, diagnostics);
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
        diagnostics.error(place_of_format(from, route.formats[i].serializer->component()),
                          "nothing_to_show",
                          route.offers[i].id + " shows " + std::string(part_names(shown)) +
                              ", but " + analysis.name + " has none");
      }
    }
  }
}

namespace {

/// Calls `use` with each parameter of the route and the name of who has it.
template <class Use>
void each_parameter(const Route& route, Use use) {
  for (const RouteAnalysis& analysis : route.analyses) {
    for (const Parameter& parameter : analysis.parameters) use(parameter, analysis.name);
  }
  for (std::size_t i = 0; i < route.formats.size(); ++i) {
    for (const Parameter& parameter : route.formats[i].parameters) {
      use(parameter, route.offers[i].id);
    }
  }
}

bool is_text(const Parameter& parameter) {
  return parameter.type == BOURSE_TYPE_TEXT ||
         (parameter.type == BOURSE_TYPE_LIST && parameter.item == BOURSE_TYPE_TEXT);
}

void check_case(const CaseConfig& rule, const Parameter& parameter, const std::string& of,
                Diagnostics& diagnostics) {
  if (!is_text(parameter)) {
    diagnostics.error(rule.mark, "bad_value",
                      "the parameter " + in_quotes(parameter.name) + " of " + of +
                          " is no text, so its letters have no case",
                      "leave it out of \"case\"");
    return;
  }
  for (const std::string& choice : parameter.choices) {
    const std::string read = in_case(choice, rule.letters);
    if (read == choice) continue;
    diagnostics.error(rule.mark, "bad_value",
                      "the parameter " + in_quotes(parameter.name) + " of " + of + " may be " +
                          in_quotes(choice) + ", which would be read as " + in_quotes(read),
                      "leave it out of \"case\"");
    return;
  }
}

}  // namespace

void check_leniency(const Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const IgnoreConfig& ignored : route.ignored) {
    std::set<std::string_view> told;
    const auto check = [&](std::string_view name, const std::string& of) {
      if (!ignored.matches(name) || !told.insert(name).second) return;
      diagnostics.error(ignored.mark, "parameter_clash",
                        in_quotes(ignored.text) + " would ignore the parameter " + in_quotes(name) +
                            of + " on the route " + in_quotes(route.path),
                        "leave it out of \"ignore\", or give this route an \"ignore\" of its own");
    };
    check("format", "");
    each_parameter(route, [&](const Parameter& parameter, const std::string& of) {
      check(parameter.name, " of " + of);
    });
  }
  for (const CaseConfig& rule : route.cases) {
    bool found = false;
    std::vector<std::string> names;
    each_parameter(route, [&](const Parameter& parameter, const std::string& of) {
      if (parameter.name == rule.parameter) {
        if (!found) check_case(rule, parameter, of, diagnostics);
        found = true;
      } else if (is_text(parameter)) {
        names.push_back(parameter.name);
      }
    });
    if (found || !from.clients.letter_case) continue;
    diagnostics.error(rule.mark, "unknown_parameter",
                      "nothing on this route has a parameter " + in_quotes(rule.parameter),
                      hint_for(rule.parameter, names, "there are: "));
  }
}

void check_clashes(const Route& route, const RouteConfig& from, Diagnostics& diagnostics) {
  for (const RouteAnalysis& analysis : route.analyses) {
    std::set<std::string_view> names{"format"};
    for (const Parameter& p : analysis.parameters) {
      if (!names.insert(p.name).second) {
        diagnostics.error(place_of_analysis(from, analysis.name), "parameter_clash",
                          analysis.name + " has a parameter " + in_quotes(p.name) +
                              ", a name that the host keeps for itself");
      }
    }
    for (std::size_t i = 0; i < route.formats.size(); ++i) {
      for (const Parameter& p : route.formats[i].parameters) {
        if (names.contains(p.name)) {
          diagnostics.error(place_of_format(from, route.formats[i].serializer->component()),
                            "parameter_clash",
                            analysis.name + " and format " + route.offers[i].id +
                                " both have a parameter " + in_quotes(p.name));
        }
      }
    }
  }
}

void check_cache(const RouteConfig& from, const AccessConfig* access, Diagnostics& diagnostics) {
  // That of the route itself has been looked at, with no word of plugins.
  if (access == nullptr || from.access || !from.cache || from.cache->off) return;
  diagnostics.error(from.cache->mark, "conflicting_keys",
                    "a route with \"access\", which this one has from \"defaults\", keeps no "
                    "answers, so there is nothing to tolerate",
                    "remove \"cache\" here, or add \"access: public\" if everybody may use it");
}

}  // namespace bourse::host
