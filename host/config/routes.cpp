// SPDX-License-Identifier: MIT
#include <map>
#include <set>
#include <span>

#include "host/base/access.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

// The server answers these itself.
constexpr std::string_view kReservedSegment = "health";

std::string did_you_mean(std::string_view given, const std::vector<std::string>& candidates,
                         std::string otherwise) {
  const auto near = suggest(given, std::span<const std::string>(candidates));
  return near ? "did you mean " + in_quotes(*near) + "?" : std::move(otherwise);
}

bool any_text(std::string_view) { return true; }

class RouteReader {
 public:
  RouteReader(Reader& reader, const Node& node, const SourceNames& sources)
      : reader_(reader), sources_(sources), map_(reader, node, "a route", "route") {
    route_.mark = node.mark;
  }

  RouteConfig read() && {
    if (const Node* const path = map_.require("path", "such as path: \"/api/{name}\"")) {
      read_path(*path);
    }
    if (const Node* const run = map_.require("run", "name the analysis that answers")) {
      read_run(*run);
    }
    read_formats();
    if (const Node* const source = map_.find("source")) {
      route_.source = read_source_name(reader_, *source, "\"source\"", sources_);
    }
    if (const Node* const deadline = map_.find("deadline")) {
      route_.deadline = read_deadline(reader_, *deadline);
    }
    if (const Node* const cache = map_.find("cache")) route_.cache = read_cache(reader_, *cache);
    if (const Node* const title = map_.find("title")) {
      route_.title = reader_.text(*title, "\"title\"");
    }
    if (const Node* const access = map_.find("access")) read_access(*access);
    if (const Node* const params = map_.find("params")) read_params(*params);
    check_cache();
    return std::move(route_);
  }

 private:
  void read_path(const Node& node) {
    const std::optional<LocatedText> text = reader_.text(node, "\"path\"");
    if (!text) return;
    ParsedPath parsed = parse_path_template(text->value);
    for (PathProblem& problem : parsed.problems) {
      // With ${NAME} in it, offsets are not those of the file, and the texts may be secret.
      const bool literal = text->value == node.text;
      const std::string said = text->from_environment
                                   ? "is not a path after the environment is read"
                                   : std::move(problem.message);
      reader_.error(literal ? reader_.part(node, problem.offset, problem.bytes) : node.mark,
                    "bad_path", "the path " + Reader::shown(node, *text) + " " + said,
                    text->from_environment ? "" : std::move(problem.hint));
    }
    if (!parsed.problems.empty()) return;
    const auto& segments = parsed.path.segments;
    if (!segments.empty() && !segments[0].variable && segments[0].text == kReservedSegment) {
      reader_.error(node.mark, "reserved_path",
                    "the path " + Reader::shown(node, *text) +
                        " lies in \"/health\", where the "
                        "server answers itself",
                    "choose another path");
      return;
    }
    path_known_ = true;
    route_.path = {.value = std::move(parsed.path),
                   .mark = text->mark,
                   .from_environment = text->from_environment};
  }

  void read_run(const Node& node) {
    if (node.kind == Node::Kind::kMap) return read_choice(node);
    if (auto id = reader_.text(node, "\"run\"", is_component, kComponentRule)) route_.run = *id;
  }

  void read_choice(const Node& node) {
    MapReader map(reader_, node, "\"run\"", "run");
    RunFromPath choice;
    if (const Node* const from = map.require("from", "name a variable of the path")) {
      read_from(*from, choice);
    }
    bool allow_known = false;
    if (const Node* const allow = map.require("allow", "list what the path may choose")) {
      auto ids =
          reader_.list(*allow, "\"allow\"", "an id in \"allow\"", is_component, kComponentRule);
      allow_known = ids.has_value();
      if (ids) choice.allow = *std::move(ids);
    }
    if (const Node* const alias = map.find("alias")) read_aliases(*alias, allow_known, choice);
    route_.run = std::move(choice);
  }

  void read_from(const Node& node, RunFromPath& choice) {
    const auto name = reader_.text(node, "\"from\"", is_parameter_name, kParameterNameRule);
    if (!name) return;
    choice.from = *name;
    if (!path_known_ || route_.path.value.has_variable(name->value)) return;
    const std::string shown = Reader::shown(node, *name);
    const bool nameable = !route_.path.from_environment;
    reader_.error(
        node.mark, "bad_value", "the path has no variable " + shown,
        did_you_mean(name->value,
                     nameable ? route_.path.value.variables() : std::vector<std::string>(),
                     "put a segment between braces into the path"));
  }

  void read_aliases(const Node& node, bool allow_known, RunFromPath& choice) {
    if (!reader_.expect(node, Node::Kind::kMap, "\"alias\"")) return;
    std::set<std::string> allowed;
    std::vector<std::string> nameable;  // hints show nothing of the environment
    for (const LocatedText& id : choice.allow) {
      allowed.insert(id.value);
      if (!id.from_environment) nameable.push_back(id.value);
    }
    for (const Node::Entry& entry : node.entries) {
      if (!is_component(entry.key) || entry.key.find('/') != std::string::npos) {
        reader_.error(entry.mark, "bad_key",
                      "the alias " + in_quotes(entry.key) + " is not a word of a-z, 0-9 and -");
      } else if (allowed.contains(entry.key)) {
        reader_.error(entry.mark, "conflicting_keys",
                      "the alias " + in_quotes(entry.key) + " is also an id in \"allow\"");
      }
      const auto id = reader_.text(*entry.value, "the alias " + in_quotes(entry.key), is_component,
                                   kComponentRule);
      if (!id) continue;
      Alias& alias = choice.alias.emplace_back();
      alias.name.value = entry.key;
      alias.name.mark = entry.mark;
      alias.component = *id;
      if (!allow_known || allowed.contains(id->value)) continue;
      reader_.error(entry.value->mark, "bad_value",
                    "the alias " + in_quotes(entry.key) + " stands for " +
                        Reader::shown(*entry.value, *id) + ", which is not in \"allow\"",
                    did_you_mean(id->value, nameable, "add it to \"allow\""));
    }
  }

  void read_formats() {
    const Node* const one = map_.find("format");
    const Node* const many = map_.find("formats");
    if (one != nullptr && many != nullptr) {
      reader_.error(map_.key_mark("formats"), "conflicting_keys",
                    "a route has either \"format\" or \"formats\"", "remove one of the two");
    } else if (one == nullptr && many == nullptr && !map_.is_misspelt("format") &&
               !map_.is_misspelt("formats")) {
      reader_.error(map_.mark(), "missing_key",
                    "the key \"format\" or \"formats\" is missing in a route",
                    "\"format: json\" fixes one, \"formats: [json, csv]\" lets clients choose");
    }
    if (one != nullptr) {
      if (auto id = reader_.text(*one, "\"format\"", is_component, kComponentRule)) {
        route_.formats = {*std::move(id)};
      }
    }
    if (many == nullptr) return;
    route_.negotiated = true;
    auto ids = reader_.list(*many, "\"formats\"", "a format", is_component, kComponentRule);
    if (ids) route_.formats = *std::move(ids);
  }

  void read_access(const Node& node) {
    if (!reader_.expect(node, Node::Kind::kMap, "\"access\"")) return;
    MapReader map(reader_, node, "\"access\"", "access");
    AccessConfig access{.mark = node.mark};
    const Node* const list = map.require("tokens", "such as tokens: [\"${ACCESS_TOKEN}\"]");
    if (list == nullptr) return;
    auto tokens = reader_.list(*list, "\"tokens\"", "a token", any_text, "text");
    if (!tokens) return;
    for (const LocatedText& token : *tokens) {
      if (!token.from_environment) {
        reader_.error(token.mark, "secret_in_file", "a token stands in the file itself",
                      "put it into the environment and write \"${NAME}\" here");
      } else if (!is_access_token(token.value)) {
        reader_.error(token.mark, "bad_value",
                      "the environment gives something that is no token: it needs 16 to 512 "
                      "characters of A-Z a-z 0-9 - . _ ~ + /, and may end in =",
                      "\"openssl rand -hex 32\" makes a good one");
      }
    }
    access.tokens = *std::move(tokens);
    route_.access = std::move(access);
  }

  // What needs a token is for one person, and neither kept nor shared. "off" says no more than
  // that.
  void check_cache() {
    if (!route_.access || !route_.cache || route_.cache->off) return;
    reader_.error(route_.cache->mark, "conflicting_keys",
                  "a route with \"access\" keeps no answers, so there is nothing to tolerate",
                  "remove \"cache\" here; that of \"defaults\" does not count for such a route");
  }

  void read_params(const Node& node) {
    if (!reader_.expect(node, Node::Kind::kMap, "\"params\"")) return;
    for (const Node::Entry& entry : node.entries) {
      if (!is_parameter_name(entry.key)) {
        reader_.error(entry.mark, "bad_key",
                      in_quotes(entry.key) + " is not " + std::string(kParameterNameRule));
      }
      ParamRule rule{.name = {.value = entry.key, .mark = entry.mark}};
      if (entry.value->kind == Node::Kind::kMap) {
        read_rule(*entry.value, rule);
      } else {
        rule.fixed = reader_.values(*entry.value, "the parameter " + in_quotes(entry.key));
      }
      check_against_path(rule);
      route_.params.push_back(std::move(rule));
    }
  }

  void read_rule(const Node& node, ParamRule& rule) {
    const std::string where = "the rule for " + in_quotes(rule.name.value);
    const MapReader map(reader_, node, where, "param");
    if (node.entries.empty()) {
      reader_.error(node.mark, "bad_value", where + " is empty",
                    "give a value, or one of default, min, max and choices");
    }
    if (const Node* const def = map.find("default")) {
      rule.def = reader_.values(*def, "\"default\"");
    }
    if (const Node* const min = map.find("min")) rule.min = reader_.text(*min, "\"min\"");
    if (const Node* const max = map.find("max")) rule.max = reader_.text(*max, "\"max\"");
    if (const Node* const choices = map.find("choices")) {
      rule.choices = reader_.list(*choices, "\"choices\"", "a choice", any_text, "text");
    }
  }

  // What the path gives is always given, so a value for it says nothing.
  void check_against_path(const ParamRule& rule) {
    if (!path_known_ || !route_.path.value.has_variable(rule.name.value)) return;
    if (!rule.fixed && !rule.def) return;
    reader_.error(rule.name.mark, "conflicting_keys",
                  "the parameter " + in_quotes(rule.name.value) +
                      " is a variable of the path, and " +
                      (rule.fixed ? "fixed" : "has a default") + " here",
                  "remove it here, or from the path; min, max and choices may stay");
  }

  Reader& reader_;
  const SourceNames& sources_;
  MapReader map_;
  RouteConfig route_;
  bool path_known_ = false;
};

// Two templates of one shape match the same paths, whatever their variables are called.
void report_duplicates(Reader& reader, std::vector<RouteConfig>& routes) {
  std::map<std::string, const RouteConfig*> first;
  for (RouteConfig& route : routes) {
    if (route.path.value.text.empty()) continue;  // it was wrong and has been reported
    const auto [other, is_new] = first.emplace(route.path.value.shape(), &route);
    if (is_new) continue;
    route.spoilt = true;
    reader.error(route.path.mark, "duplicate_route", "another route has this path already",
                 "the first is at " + reader.place(other->second->path.mark) +
                     "; routes of one path can share a \"formats\" list");
  }
}

}  // namespace

void read_routes(Reader& reader, const Node& node, const SourceNames& sources,
                 std::vector<RouteConfig>& routes) {
  if (!reader.expect(node, Node::Kind::kSequence, "\"routes\"")) return;
  if (node.items.empty()) {
    reader.error(node.mark, "bad_value", "\"routes\" is an empty list: nothing would be served");
  }
  for (const NodePtr& item : node.items) {
    if (!reader.expect(*item, Node::Kind::kMap, "a route")) continue;
    const std::size_t before = reader.errors();
    routes.push_back(RouteReader(reader, *item, sources).read());
    routes.back().spoilt = reader.errors() != before;
  }
  report_duplicates(reader, routes);
}

}  // namespace bourse::host
