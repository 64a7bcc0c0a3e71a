// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/config/access.hpp"
#include "host/config/fixed.hpp"
#include "host/config/limits.hpp"
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

/// A node that routes inherit from, and whether it is that of the defaults.
struct Ancestor {
  const Node* node = nullptr;
  bool is_defaults = false;
};

/// Innermost first; that of the defaults is last.
using Ancestors = std::vector<Ancestor>;

/// DefaultsConfig has these: they reach a route when it is wired, and are not its own before.
bool is_default_of_its_own(std::string_view key) {
  constexpr std::array<std::string_view, 11> kKeys = {
      "source", "deadline", "cache",  "live",           "access", "limits",
      "cors",   "headers",  "ignore", "trailing-slash", "case"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

bool passes_on(const Ancestor& ancestor, std::string_view key) {
  const KeyInherited inherited = key_of("route", key).inherited;
  if (!ancestor.is_defaults) return inherited != KeyInherited::kNo;
  return inherited == KeyInherited::kFromGroupAndDefaults && !is_default_of_its_own(key);
}

/// The keys of a route: its own, then those of the groups around it, then the defaults'.
class RouteKeys {
 public:
  RouteKeys(Reader& reader, const Node& node, const Ancestors& ancestors)
      : map_(reader, node, "a route", "route"), ancestors_(ancestors) {}

  [[nodiscard]] const Node* find(std::string_view key) const {
    const auto level = level_of(key);
    return level ? at(*level, key) : nullptr;
  }
  [[nodiscard]] const Node* own(std::string_view key) const { return map_.find(key); }
  const Node* require(std::string_view key, const std::string& hint) {
    const Node* const found = find(key);
    return found != nullptr ? found : map_.require(key, hint);
  }
  /// 0: the route's own; then the ancestors in their order. Nothing: the key is nowhere.
  [[nodiscard]] std::optional<std::size_t> level_of(std::string_view key) const {
    for (std::size_t level = 0; level <= ancestors_.size(); ++level) {
      if (at(level, key) != nullptr) return level;
    }
    return std::nullopt;
  }
  [[nodiscard]] std::size_t levels() const { return ancestors_.size() + 1; }
  [[nodiscard]] const Node* at(std::size_t level, std::string_view key) const {
    if (level == 0) return map_.find(key);
    const Ancestor& ancestor = ancestors_[level - 1];
    return passes_on(ancestor, key) ? find_in(*ancestor.node, key) : nullptr;
  }
  [[nodiscard]] Mark key_mark(std::string_view key) const { return map_.key_mark(key); }
  [[nodiscard]] bool is_misspelt(std::string_view key) const { return map_.is_misspelt(key); }
  [[nodiscard]] const Mark& mark() const { return map_.mark(); }

 private:
  static const Node* find_in(const Node& map, std::string_view key) {
    for (const Node::Entry& entry : map.entries) {
      if (entry.key == key) return entry.value.get();
    }
    return nullptr;
  }

  MapReader map_;
  const Ancestors& ancestors_;
};

/// What stands around a route.
struct Around {
  const SourceNames& sources;
  Ancestors ancestors = {};
  std::string prefix = {};
  bool prefix_known = true;       ///< false: it is wrong, which has been reported
  bool from_environment = false;  ///< a part of the prefix is
};

class RouteReader {
 public:
  /// `path`: the one of the route's that it is read for; null: it has none.
  RouteReader(Reader& reader, const Node& node, const Around& around, const Node* path)
      : reader_(reader),
        path_(path),
        around_(around),
        sources_(around.sources),
        map_(reader, node, around.ancestors) {
    route_.mark = node.mark;
  }

  RouteConfig read() && {
    if (path_ != nullptr) {
      read_path(*path_);
    } else {
      (void)map_.require("path", "such as path: \"/api/{name}\"");
    }
    if (read_fixed_answer()) return std::move(route_);
    if (const Node* const run = map_.require("run", "name the analysis that answers")) {
      read_run(*run);
    }
    read_formats();
    if (const Node* const source = map_.find("source")) {
      read_source_order(reader_, *source, sources_, route_.source, route_.spares);
    }
    if (const Node* const deadline = map_.find("deadline")) {
      route_.deadline = read_deadline(reader_, *deadline);
    }
    if (const Node* const cache = map_.find("cache")) route_.cache = read_cache(reader_, *cache);
    if (const Node* const live = map_.find("live")) route_.live = read_live(reader_, *live);
    read_common();
    read_all_params();
    check_cache();
    return std::move(route_);
  }

 private:
  void read_common() {
    if (const Node* const title = map_.find("title")) {
      route_.title = reader_.text(*title, "\"title\"");
    }
    if (const Node* const log = map_.find("log")) {
      route_.log = read_access_log(reader_, *log, "\"log\"");
    }
    if (const Node* const access = map_.find("access")) {
      route_.access = read_access(reader_, *access);
    }
    if (const Node* const limits = map_.find("limits")) {
      route_.limits = read_limits(reader_, *limits);
    }
    read_clients(
        reader_, [this](std::string_view key) { return map_.find(key); }, route_.clients);
  }

  /// False: an analysis answers.
  bool read_fixed_answer() {
    // Those of a group and of the defaults are for the routes that have an analysis.
    constexpr std::array<std::string_view, 10> kOfAnalyses = {
        "run",   "format", "formats", "source", "deadline",
        "cache", "live",   "params",  "ignore", "case"};
    const auto* const key =
        std::find_if(kFixedKeys.begin(), kFixedKeys.end(),
                     [&](std::string_view answer) { return map_.own(answer) != nullptr; });
    if (key == kFixedKeys.end()) return false;
    const auto refuse = [&](std::string_view other) {
      if (other == *key || map_.own(other) == nullptr) return;
      reader_.error(
          map_.key_mark(other), "conflicting_keys",
          "the route has " + in_quotes(*key) + ", so " + in_quotes(other) + " says nothing",
          "remove one of the two");
    };
    std::for_each(kFixedKeys.begin(), kFixedKeys.end(), refuse);
    std::for_each(kOfAnalyses.begin(), kOfAnalyses.end(), refuse);
    if (*key == "folder") refuse("trailing-slash");
    route_.fixed = read_fixed(reader_, *key, *map_.own(*key), route_.path.value);
    read_common();
    route_.clients.ignore.reset();
    route_.clients.letter_case.reset();
    return true;
  }

  void read_path(const Node& node) {
    const std::optional<LocatedText> text = reader_.text(node, "\"path\"");
    if (!text) return;
    ParsedPath parsed = parse_path_template(text->value);
    report_path(node, *text, parsed);
    if (!parsed.problems.empty() || !around_.prefix_known) return;
    if (!around_.prefix.empty()) {
      parsed = parse_path_template(around_.prefix + (text->value == "/" ? "" : text->value));
      report_joined_path(node, *text, parsed);
      if (!parsed.problems.empty()) return;
    }
    const auto& segments = parsed.path.segments;
    if (!segments.empty() && !segments[0].variable && segments[0].text == kReservedSegment) {
      reader_.error(
          node.mark, "reserved_path",
          "the path " +
              (text->from_environment || around_.from_environment ? Reader::shown(node, *text)
                                                                  : in_quotes(parsed.path.text)) +
              " lies in \"/health\", where the "
              "server answers itself",
          "choose another path");
      return;
    }
    path_known_ = true;
    if (!text->from_environment) warn_of_literals(node, *text);
    for (const std::string& name : parsed.path.variables()) {
      const std::size_t at =
          text->from_environment ? std::string::npos : text->value.find('{' + name + '}');
      route_.variables.push_back({.value = name,
                                  .mark = at == std::string::npos || text->value != node.text
                                              ? node.mark
                                              : reader_.part(node, at, name.size() + 2)});
    }
    route_.path = {.value = std::move(parsed.path),
                   .mark = text->mark,
                   .from_environment = text->from_environment || around_.from_environment};
  }

  // What other products take for a variable or for anything.
  void warn_of_literals(const Node& node, const LocatedText& text) {
    const std::string& path = text.value;
    for (std::size_t at = 1; at < path.size();) {
      const std::size_t end = std::min(path.find('/', at), path.size());
      const std::string segment = path.substr(at, end - at);
      const bool literal = path == node.text;
      const Mark place = literal ? reader_.part(node, at, segment.size()) : node.mark;
      if (segment.size() > 1 && segment[0] == ':' && is_parameter_name(segment.substr(1))) {
        reader_.warning(place, "literal_colon",
                        in_quotes(segment) + " stands for itself in a path: it is no variable",
                        "a variable is written \"/{" + segment.substr(1) + "}\"");
      } else if (segment[0] == '*') {
        reader_.warning(
            place, "literal_asterisk",
            in_quotes(segment) + " stands for itself in a path: it matches nothing else",
            "a segment that may be anything is a variable: {name}");
      }
      at = end + 1;
    }
  }

  void report_path(const Node& node, const LocatedText& text, const ParsedPath& parsed) {
    for (const PathProblem& problem : parsed.problems) {
      // With ${NAME} in it, offsets are not those of the file, and the texts may be secret.
      const bool literal = text.value == node.text;
      const std::string said =
          text.from_environment ? "is not a path after the environment is read" : problem.message;
      reader_.error(literal ? reader_.part(node, problem.offset, problem.bytes) : node.mark,
                    "bad_path", "the path " + Reader::shown(node, text) + " " + said,
                    text.from_environment ? "" : problem.hint);
    }
  }

  // Both parts are good, so what is wrong is wrong with the whole.
  void report_joined_path(const Node& node, const LocatedText& text, const ParsedPath& parsed) {
    for (const PathProblem& problem : parsed.problems) {
      reader_.error(node.mark, "bad_path",
                    "the path " + Reader::shown(node, text) + ", with the prefix of its group, " +
                        problem.message,
                    problem.hint);
    }
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

  // Of the two keys the innermost counts, whichever it is.
  void read_formats() {
    const Node* one = nullptr;
    const Node* many = nullptr;
    for (std::size_t level = 0; level < map_.levels() && one == nullptr && many == nullptr;
         ++level) {
      one = map_.at(level, "format");
      many = map_.at(level, "formats");
    }
    if (one != nullptr && many != nullptr) {
      const bool own = map_.own("formats") == many;
      reader_.error(own ? map_.key_mark("formats") : many->mark, "conflicting_keys",
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

  // What needs a token is for one person, and neither kept nor shared. "off" says no more than
  // that.
  void check_cache() {
    if (!route_.access || route_.access->tokens.empty() || map_.own("cache") == nullptr) return;
    if (!route_.cache || route_.cache->off) return;
    reader_.error(route_.cache->mark, "conflicting_keys",
                  "a route with \"access\" keeps no answers, so there is nothing to tolerate",
                  "remove \"cache\" here; that of \"defaults\" does not count for such a route");
  }

  // Parameter by parameter: what an inner one says of one counts, as a whole.
  void read_all_params() {
    for (std::size_t level = map_.levels(); level-- > 0;) {
      const Node* const node = map_.at(level, "params");
      if (node == nullptr) continue;
      std::vector<ParamRule> outer = std::exchange(route_.params, {});
      read_params(*node, level > 0);
      std::erase_if(outer, [&](const ParamRule& rule) {
        return std::any_of(route_.params.begin(), route_.params.end(), [&](const ParamRule& inner) {
          return inner.name.value == rule.name.value;
        });
      });
      route_.params.insert(route_.params.begin(), std::make_move_iterator(outer.begin()),
                           std::make_move_iterator(outer.end()));
    }
  }

  void read_params(const Node& node, bool inherited) {
    if (!reader_.expect(node, Node::Kind::kMap, "\"params\"")) return;
    for (const Node::Entry& entry : node.entries) {
      if (entry.key.starts_with(kFreeKeyPrefix)) continue;
      if (!is_parameter_name(entry.key)) {
        reader_.error(entry.mark, "bad_key",
                      in_quotes(entry.key) + " is not " + std::string(kParameterNameRule));
      }
      ParamRule rule{.name = {.value = entry.key, .mark = entry.mark}};
      rule.inherited = inherited;
      if (entry.value->kind == Node::Kind::kMap) {
        read_rule(*entry.value, rule);
      } else {
        rule.fixed = reader_.values(*entry.value, "the parameter " + in_quotes(entry.key));
      }
      if (!is_idle(rule)) route_.params.push_back(std::move(rule));
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

  // What the path gives is always given, so a value for it says nothing: a mistake in the route
  // itself, and nothing to speak of in what it inherits.
  bool is_idle(const ParamRule& rule) {
    if (!path_known_ || !route_.path.value.has_variable(rule.name.value)) return false;
    if (!rule.fixed && !rule.def) return false;
    if (rule.inherited) return true;
    reader_.error(rule.name.mark, "conflicting_keys",
                  "the parameter " + in_quotes(rule.name.value) +
                      " is a variable of the path, and " +
                      (rule.fixed ? "fixed" : "has a default") + " here",
                  "remove it here, or from the path; min, max and choices may stay");
    return false;
  }

  Reader& reader_;
  const Node* path_;
  const Around& around_;
  const SourceNames& sources_;
  RouteKeys map_;
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

/// A route of several paths is as many routes: they have all but that in common, and what is kept
/// of their answers, too. A null where there is none.
std::vector<const Node*> paths_of(Reader& reader, const Node& route) {
  constexpr std::size_t kPathsMax = 64;
  const auto path = std::find_if(route.entries.begin(), route.entries.end(),
                                 [](const Node::Entry& entry) { return entry.key == "path"; });
  if (path == route.entries.end()) return {nullptr};
  const Node& node = *path->value;
  if (node.kind != Node::Kind::kSequence) return {&node};
  if (node.items.empty() || node.items.size() > kPathsMax) {
    reader.error(node.mark, "bad_value", "\"path\" must name from 1 to 64 paths");
    return {};
  }
  std::vector<const Node*> paths;
  for (const NodePtr& item : node.items) paths.push_back(item.get());
  return paths;
}

void read_route_list(Reader& reader, const Node& node, const Around& around,
                     std::vector<RouteConfig>& routes) {
  if (!reader.expect(node, Node::Kind::kSequence, "\"routes\"")) return;
  if (node.items.empty()) {
    reader.error(node.mark, "bad_value", "\"routes\" is an empty list: nothing would be served");
  }
  for (const NodePtr& item : node.items) {
    if (!reader.expect(*item, Node::Kind::kMap, "a route")) continue;
    for (const Node* const path : paths_of(reader, *item)) {
      const std::size_t before = reader.faults();
      routes.push_back(RouteReader(reader, *item, around, path).read());
      routes.back().spoilt = reader.faults() != before;
    }
  }
}

void read_groups(Reader& reader, const Node& node, const Around& around,
                 std::vector<RouteConfig>& routes);

/// "/api/v1": a path without a variable that is there twice, and not "/".
void read_prefix(Reader& reader, const Node& node, Around& around) {
  around.prefix_known = false;
  const std::optional<LocatedText> text = reader.text(node, "\"prefix\"");
  if (!text) return;
  const ParsedPath parsed = parse_path_template(text->value);
  const bool root = text->value == "/";
  if (!root && parsed.problems.empty()) {
    around.prefix += text->value;
    around.from_environment |= text->from_environment;
    around.prefix_known = true;
    return;
  }
  const bool literal = !root && text->value == node.text;
  const PathProblem problem =
      root ? PathProblem{.message = "says nothing", .hint = "leave it out"} : parsed.problems[0];
  reader.error(literal ? reader.part(node, problem.offset, problem.bytes) : node.mark, "bad_path",
               "the prefix " + Reader::shown(node, *text) + " " +
                   (text->from_environment ? "is not a path after the environment is read"
                                           : problem.message),
               text->from_environment ? "" : problem.hint);
}

void read_group(Reader& reader, const Node& node, const Around& outer,
                std::vector<RouteConfig>& routes) {
  if (!reader.expect(node, Node::Kind::kMap, "a group")) return;
  const MapReader map(reader, node, "a group", "group");
  Around around = outer;
  around.ancestors.insert(around.ancestors.begin(), {.node = &node});
  if (const Node* const prefix = map.find("prefix")) read_prefix(reader, *prefix, around);
  const Node* const list = map.find("routes");
  const Node* const groups = map.find("groups");
  if (list == nullptr && groups == nullptr && !map.is_misspelt("routes")) {
    reader.error(node.mark, "missing_key", "a group has no \"routes\" and no \"groups\"",
                 "list what it is a group of");
  }
  if (list != nullptr) read_route_list(reader, *list, around, routes);
  if (groups != nullptr) read_groups(reader, *groups, around, routes);
}

void read_groups(Reader& reader, const Node& node, const Around& around,
                 std::vector<RouteConfig>& routes) {
  if (!reader.expect(node, Node::Kind::kSequence, "\"groups\"")) return;
  if (node.items.empty()) reader.error(node.mark, "bad_value", "\"groups\" is an empty list");
  for (const NodePtr& item : node.items) read_group(reader, *item, around, routes);
}

}  // namespace

void read_routes(Reader& reader, const RouteNodes& nodes, const SourceNames& sources,
                 std::vector<RouteConfig>& routes) {
  Around around{.sources = sources};
  if (nodes.defaults != nullptr && nodes.defaults->kind == Node::Kind::kMap) {
    around.ancestors.push_back({.node = nodes.defaults, .is_defaults = true});
  }
  if (nodes.routes != nullptr) read_route_list(reader, *nodes.routes, around, routes);
  if (nodes.groups != nullptr) read_groups(reader, *nodes.groups, around, routes);
  report_duplicates(reader, routes);
}

}  // namespace bourse::host
