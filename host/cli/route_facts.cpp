// SPDX-License-Identifier: MIT
#include "host/cli/route_facts.hpp"

#include <algorithm>

#include "bourse/words.hpp"
#include "host/cli/output.hpp"
#include "host/config/path_template.hpp"

namespace bourse::host {

const RouteConfig* lines_of(const Config& config, const Route& route) {
  const auto found =
      std::find_if(config.routes.begin(), config.routes.end(),
                   [&](const RouteConfig& lines) { return lines.path.value.text == route.path; });
  return found == config.routes.end() ? nullptr : &*found;
}

const ParamRule* rule_of(const RouteConfig* lines, std::string_view parameter) {
  if (lines == nullptr) return nullptr;
  const auto found =
      std::find_if(lines->params.begin(), lines->params.end(),
                   [&](const ParamRule& rule) { return rule.name.value == parameter; });
  return found == lines->params.end() ? nullptr : &*found;
}

bool is_hidden(const ParamRule* rule) {
  if (rule == nullptr) return false;
  const auto of_environment = [](const auto& text) { return text && text->from_environment; };
  if (rule->fixed && rule->fixed->from_environment()) return true;
  if (rule->def && rule->def->from_environment()) return true;
  if (of_environment(rule->min) || of_environment(rule->max)) return true;
  return rule->choices && std::any_of(rule->choices->begin(), rule->choices->end(),
                                      [](const LocatedText& c) { return c.from_environment; });
}

std::string tokens_text(const AccessConfig* access) {
  if (access == nullptr) return {};
  std::string names;
  std::size_t unnamed = 0;
  for (const TokenConfig& token : access->tokens) {
    if (token.name.value.empty()) {
      ++unnamed;
    } else {
      names += (names.empty() ? ": " : ", ") + token.name.value;
    }
  }
  if (!names.empty() && unnamed > 0) {
    names +=
        ", " + (unnamed == 1 ? std::string("one") : std::to_string(unnamed)) + " without a name";
  }
  return counted(access->tokens.size(), "token") + names;
}

std::vector<RouteParameter> parameters_of(const Route& route, const RouteConfig* lines) {
  const std::vector<std::string> in_path = parse_path_template(route.path).path.variables();
  std::vector<RouteParameter> all;
  const auto add = [&](const Parameter& parameter, const std::string& owner) {
    const auto same = std::find_if(all.begin(), all.end(), [&](const RouteParameter& other) {
      return other.parameter->name == parameter.name &&
             describe(*other.parameter) == describe(parameter);
    });
    if (same != all.end()) {
      same->of.push_back(owner);
      return;
    }
    const bool path = std::find(in_path.begin(), in_path.end(), parameter.name) != in_path.end();
    all.push_back({.parameter = &parameter,
                   .where = parameter.fixed ? "fixed"
                            : path          ? "path"
                                            : "query",
                   .of = {owner},
                   .hidden = is_hidden(rule_of(lines, parameter.name))});
  };
  for (const RouteAnalysis& analysis : route.analyses) {
    for (const Parameter& parameter : analysis.parameters) add(parameter, analysis.name);
  }
  for (std::size_t i = 0; i < route.formats.size(); ++i) {
    for (const Parameter& parameter : route.formats[i].parameters) {
      add(parameter, route.offers[i].id);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return (a.where == "path") > (b.where == "path");
  });
  return all;
}

std::string rule_text(const RouteParameter& parameter) {
  return parameter.hidden ? "hidden: of the environment" : describe(*parameter.parameter);
}

}  // namespace bourse::host
