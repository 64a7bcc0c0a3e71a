// SPDX-License-Identifier: MIT
#include "host/routing/generation.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/call.hpp"
#include "host/config/narrowing.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host {
namespace {

std::vector<std::string> ids_of(Catalog::Components components) {
  std::vector<std::string> ids;
  for (const auto& component : components) ids.push_back(component->id);
  return ids;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

/// What to do about a name that is not known: "did you mean", or what there is.
std::string hint_for(std::string_view given, const std::vector<std::string>& known,
                     const std::string& there_are) {
  if (known.empty()) return "it has none";
  if (const auto near = suggest(given, known)) return "did you mean " + in_quotes(*near) + "?";
  return there_are + joined(known);
}

void add_names(std::vector<std::string>& names, std::span<const Parameter> list) {
  for (const Parameter& p : list) {
    if (std::find(names.begin(), names.end(), p.name) == names.end()) names.push_back(p.name);
  }
}

const Parameter* find_parameter(std::span<const Parameter> list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Parameter& p) { return p.name == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string_view part_names(std::uint32_t parts) {
  if ((parts & BOURSE_PART_TABLES) != 0) return "tables";
  if ((parts & BOURSE_PART_CHARTS) != 0) return "charts";
  return "values";
}

}  // namespace

Result<std::shared_ptr<Instance>> make_instance(std::shared_ptr<const Component> component,
                                                const NamedTexts& settings) {
  const std::span<const Parameter> declared = component->config;
  if (auto known = check_names(settings, std::span(&declared, 1), {}); !known) {
    return std::move(known).failure();
  }
  auto arguments = read_arguments(declared, settings);
  if (!arguments) return std::move(arguments).failure();
  const Context context{.request_id = "", .route = "start"};
  const std::string name = component->full_name();
  bourse_call call(context, name);
  auto made = Instance::create(std::move(component), plugin_host(), &call, *arguments);
  if (!made) return *call.outcome(std::move(made).failure());
  return made;
}

/// Walks the configuration once; adds every problem it meets and goes on.
class GenerationBuilder {
 public:
  GenerationBuilder(const Config& config, const Loaded& loaded, Diagnostics& diagnostics)
      : config_(config), loaded_(loaded), diagnostics_(diagnostics) {}

  std::shared_ptr<const Generation> build();

 private:
  using Components = Catalog::Components;
  std::shared_ptr<const Component> find(const LocatedText& wanted, Components among,
                                        std::string_view kind);
  std::shared_ptr<Instance> instance_of(const std::shared_ptr<const Component>& component,
                                        const Mark& mark);
  void build_sources();
  void build_route(const RouteConfig& from);
  void add_analysis(Route& route, const LocatedText& id, std::string name);
  void add_formats(Route& route, const RouteConfig& from);
  void narrow_parameters(Route& route, const RouteConfig& from);
  void narrow_one(std::vector<Parameter>& list, const ParamRule& rule, bool& found);
  void check_path(const Route& route, const RouteConfig& from);
  void check_datasets(const Route& route, const RouteConfig& from);
  void check_parts(const Route& route, const RouteConfig& from);
  void check_clashes(const Route& route, const RouteConfig& from);
  std::shared_ptr<Source> source_of(const RouteConfig& from);
  void report_refusals();

  const Config& config_;
  const Loaded& loaded_;
  Diagnostics& diagnostics_;
  std::shared_ptr<Sources> sources_ = std::make_shared<Sources>();
  std::map<const Component*, std::shared_ptr<Instance>> instances_;
  std::vector<Route> routes_;
  Router router_;
};

std::shared_ptr<const Component> GenerationBuilder::find(const LocatedText& wanted,
                                                         Components among, std::string_view kind) {
  const auto found = std::find_if(among.begin(), among.end(), [&](const auto& component) {
    return component->id == wanted.value || component->full_name() == wanted.value;
  });
  if (found != among.end()) return *found;
  const std::vector<std::string> ids = ids_of(among);
  const auto near = suggest(wanted.value, ids);
  std::string hint = near          ? "did you mean " + in_quotes(*near) + "?"
                     : ids.empty() ? "no " + std::string(kind) + " is loaded: check plugins.path"
                                   : "loaded are: " + joined(ids);
  if (!loaded_.refusals.empty()) {
    hint += "; refused was: " + loaded_.refusals.front().why.message;
    if (loaded_.refusals.size() > 1) {
      hint += " (and " + std::to_string(loaded_.refusals.size() - 1) + " more)";
    }
  }
  diagnostics_.error(wanted.mark, "unknown_component",
                     "there is no " + std::string(kind) + " " + in_quotes(wanted.value), hint);
  return nullptr;
}

std::shared_ptr<Instance> GenerationBuilder::instance_of(
    const std::shared_ptr<const Component>& component, const Mark& mark) {
  auto& instance = instances_[component.get()];
  if (instance) return instance;
  auto made = make_instance(component, {});
  if (!made) {
    diagnostics_.error(mark, made.failure().code,
                       component->full_name() + " could not be started: " + made.failure().message);
    return nullptr;
  }
  return instance = *std::move(made);
}

void GenerationBuilder::build_sources() {
  for (const SourceConfig& from : config_.sources) {
    const auto component = find(from.use, loaded_.catalog->sources(), "source");
    if (!component) continue;
    bool good = true;
    NamedTexts settings;
    for (const Setting& setting : from.config) {
      const Parameter* const parameter = find_parameter(component->config, setting.name.value);
      if (parameter == nullptr) {
        std::vector<std::string> names;
        add_names(names, component->config);
        diagnostics_.error(setting.name.mark, "unknown_setting",
                           component->id + " has no setting " + in_quotes(setting.name.value),
                           hint_for(setting.name.value, names, "it has: "));
        good = false;
        continue;
      }
      std::vector<std::string_view> texts;
      for (const LocatedText& item : setting.value.items) texts.emplace_back(item.value);
      if (auto value = read_value(*parameter, texts); !value) {
        // What came out of the environment may be a secret, and the failure quotes it.
        const bool hidden = setting.value.from_environment() || parameter->secret;
        diagnostics_.error(setting.value.mark, value.failure().code,
                           hidden ? parameter->name + ": must be " + describe(*parameter)
                                  : value.failure().message);
        good = false;
        continue;
      }
      for (const LocatedText& item : setting.value.items) {
        settings.emplace_back(setting.name.value, item.value);
      }
    }
    if (!good) continue;
    auto instance = make_instance(component, settings);
    if (!instance) {
      diagnostics_.error(from.name.mark, instance.failure().code,
                         "source " + in_quotes(from.name.value) +
                             " could not be started: " + instance.failure().message);
      continue;
    }
    sources_->emplace(from.name.value,
                      std::make_shared<Source>(from.name.value, *std::move(instance)));
  }
}

std::shared_ptr<Source> GenerationBuilder::source_of(const RouteConfig& from) {
  const auto& name = from.source ? from.source : config_.defaults.source;
  if (!name) return nullptr;
  const auto found = sources_->find(name->value);
  return found == sources_->end() ? nullptr : found->second;
}

void GenerationBuilder::add_analysis(Route& route, const LocatedText& id, std::string name) {
  const auto component = find(id, loaded_.catalog->analyses(), "analysis");
  if (!component) return;
  auto instance = instance_of(component, id.mark);
  if (!instance) return;
  route.names.emplace(name, route.analyses.size());
  route.analyses.push_back({std::move(name), std::move(instance), component->params});
}

void GenerationBuilder::add_formats(Route& route, const RouteConfig& from) {
  for (const LocatedText& id : from.formats) {
    const auto component = find(id, loaded_.catalog->serializers(), "format");
    if (!component) continue;
    auto instance = instance_of(component, id.mark);
    if (!instance) continue;
    const bool taken = std::any_of(route.offers.begin(), route.offers.end(), [&](const auto& o) {
      return o.id == component->id || o.suffix == component->suffix;
    });
    if (taken) {
      diagnostics_.error(
          id.mark, "repeated_format",
          "another format of this route has the same id or suffix as " + in_quotes(component->id));
      continue;
    }
    route.offers.push_back({component->id, component->suffix, component->media_type});
    route.formats.push_back({std::move(instance), component->params});
  }
}

void GenerationBuilder::narrow_one(std::vector<Parameter>& list, const ParamRule& rule,
                                   bool& found) {
  for (Parameter& parameter : list) {
    if (parameter.name != rule.name.value) continue;
    found = true;
    auto narrowed = narrow(parameter, to_narrowing(rule));
    if (narrowed) {
      parameter = *std::move(narrowed);
    } else {
      diagnostics_.error(rule.fixed ? rule.fixed->mark : rule.name.mark, narrowed.failure().code,
                         narrowed.failure().message);
    }
  }
}

void GenerationBuilder::narrow_parameters(Route& route, const RouteConfig& from) {
  for (const ParamRule& rule : from.params) {
    bool found = false;
    for (RouteAnalysis& analysis : route.analyses) narrow_one(analysis.parameters, rule, found);
    for (RouteFormat& format : route.formats) narrow_one(format.parameters, rule, found);
    if (found) continue;
    std::vector<std::string> names;
    for (const RouteAnalysis& a : route.analyses) add_names(names, a.parameters);
    for (const RouteFormat& f : route.formats) add_names(names, f.parameters);
    diagnostics_.error(rule.name.mark, "unknown_parameter",
                       "nothing on this route has a parameter " + in_quotes(rule.name.value),
                       hint_for(rule.name.value, names, "there are: "));
  }
}

void GenerationBuilder::check_path(const Route& route, const RouteConfig& from) {
  for (const std::string& variable : from.path.value.variables()) {
    if (variable == route.selector) continue;
    for (const RouteAnalysis& analysis : route.analyses) {
      const Parameter* const parameter = find_parameter(analysis.parameters, variable);
      if (parameter == nullptr) {
        std::vector<std::string> names;
        add_names(names, analysis.parameters);
        diagnostics_.error(from.path.mark, "unknown_parameter",
                           "{" + variable + "} is no parameter of " + analysis.name,
                           hint_for(variable, names, "it has: "));
      } else if (parameter->secret) {
        diagnostics_.error(from.path.mark, "secret_in_path",
                           "{" + variable + "} of " + analysis.name +
                               " is secret, and every log on the way keeps paths",
                           "take it out of the path: a request says it as ?" + variable + "=");
      }
    }
  }
}

void GenerationBuilder::check_datasets(const Route& route, const RouteConfig& from) {
  const auto& name = from.source ? from.source : config_.defaults.source;
  // A source that could not be started has been reported already.
  if (name && !route.source) return;
  for (const RouteAnalysis& analysis : route.analyses) {
    for (const Dataset& wanted : analysis.instance->component().datasets) {
      if (!route.source) {
        diagnostics_.error(from.mark, "no_source", analysis.name + " needs a source",
                           "set `source:` here or in defaults");
        break;
      }
      const Component& source = route.source->component();
      const auto offered = std::find_if(source.datasets.begin(), source.datasets.end(),
                                        [&](const Dataset& d) { return d.name == wanted.name; });
      if (offered == source.datasets.end()) {
        diagnostics_.error(from.mark, "dataset_not_offered",
                           analysis.name + " needs " + in_quotes(wanted.name) + ", which source " +
                               in_quotes(route.source->name()) + " does not deliver");
        continue;
      }
      if ((wanted.is_private || offered->is_private) && route.access.is_public()) {
        diagnostics_.error(from.mark, "private_without_access",
                           analysis.name + " shows " + in_quotes(wanted.name) +
                               ", which is private, and everybody may use this route",
                           "add `access: {tokens: [\"${ACCESS_TOKEN}\"]}` to it");
      }
      for (const Field& field : wanted.fields) {
        const bool delivered = std::any_of(
            offered->fields.begin(), offered->fields.end(),
            [&](const Field& f) { return f.name == field.name && f.type == field.type; });
        if (!delivered) {
          diagnostics_.error(from.mark, "dataset_differs",
                             analysis.name + " reads column " + in_quotes(field.name) + " of " +
                                 in_quotes(wanted.name) + ", which source " +
                                 in_quotes(route.source->name()) +
                                 " delivers not, or of another type");
        }
      }
    }
  }
}

void GenerationBuilder::check_parts(const Route& route, const RouteConfig& from) {
  for (const RouteAnalysis& analysis : route.analyses) {
    for (std::size_t i = 0; i < route.formats.size(); ++i) {
      const std::uint32_t emitted = analysis.instance->component().parts;
      const std::uint32_t shown = route.formats[i].serializer->component().parts;
      if (emitted != 0 && shown != 0 &&
          (emitted & shown & ~std::uint32_t{BOURSE_PART_NOTES}) == 0) {
        diagnostics_.error(from.mark, "nothing_to_show",
                           route.offers[i].id + " shows " + std::string(part_names(shown)) +
                               ", but " + analysis.name + " has none");
      }
    }
  }
}

void GenerationBuilder::check_clashes(const Route& route, const RouteConfig& from) {
  for (const RouteAnalysis& analysis : route.analyses) {
    std::set<std::string_view> names{"format"};
    for (const Parameter& p : analysis.parameters) {
      if (!names.insert(p.name).second) {
        diagnostics_.error(from.mark, "parameter_clash",
                           analysis.name + " has a parameter " + in_quotes(p.name) +
                               ", a name that the host keeps for itself");
      }
    }
    for (std::size_t i = 0; i < route.formats.size(); ++i) {
      for (const Parameter& p : route.formats[i].parameters) {
        if (names.contains(p.name)) {
          diagnostics_.error(from.mark, "parameter_clash",
                             analysis.name + " and format " + route.offers[i].id +
                                 " both have a parameter " + in_quotes(p.name));
        }
      }
    }
  }
}

void GenerationBuilder::build_route(const RouteConfig& from) {
  Route route;
  route.path = from.path.value.text;
  route.negotiated = from.negotiated;
  route.source = source_of(from);
  route.deadline = from.deadline ? from.deadline->value : config_.defaults.deadline.value;
  if (from.access) {
    std::vector<std::string> tokens;
    for (const LocatedText& token : from.access->tokens) tokens.push_back(token.value);
    route.access = AccessList(tokens);
  }
  if (const auto* const one = std::get_if<LocatedText>(&from.run)) {
    add_analysis(route, *one, one->value);
  } else {
    const auto& choice = std::get<RunFromPath>(from.run);
    route.selector = choice.from.value;
    for (const LocatedText& id : choice.allow) add_analysis(route, id, id.value);
    for (const Alias& alias : choice.alias) {
      const auto target = route.names.find(alias.component.value);
      if (target != route.names.end()) route.names.emplace(alias.name.value, target->second);
    }
  }
  add_formats(route, from);
  if (route.analyses.empty() || route.formats.empty()) return;
  route.title = from.title ? from.title->value : route.analyses.front().instance->component().title;
  narrow_parameters(route, from);
  check_path(route, from);
  check_datasets(route, from);
  check_parts(route, from);
  check_clashes(route, from);
  if (!router_.add(route.path, routes_.size())) {
    diagnostics_.error(from.path.mark, "duplicate_route",
                       "another route matches the same paths as " + in_quotes(route.path));
  }
  routes_.push_back(std::move(route));
}

void GenerationBuilder::report_refusals() {
  for (const Refusal& refusal : loaded_.refusals) {
    diagnostics_.warning(Mark{}, refusal.why.code, "plugin refused: " + refusal.why.message);
  }
}

std::shared_ptr<const Generation> GenerationBuilder::build() {
  report_refusals();
  build_sources();
  for (const RouteConfig& route : config_.routes) build_route(route);
  if (diagnostics_.errors() > 0) return nullptr;
  auto generation = std::make_shared<Generation>();
  generation->catalog_ = loaded_.catalog;
  generation->sources_ = std::move(sources_);
  generation->routes_ = std::move(routes_);
  generation->router_ = std::move(router_);
  generation->response_bytes_max_ = config_.server.max_response.value;
  return generation;
}

std::shared_ptr<const Generation> build_generation(const Config& config, const Loaded& loaded,
                                                   Diagnostics& diagnostics) {
  return GenerationBuilder(config, loaded, diagnostics).build();
}

}  // namespace bourse::host
