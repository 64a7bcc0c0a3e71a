// SPDX-License-Identifier: MIT
#include "host/routing/route_builder.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/config/access.hpp"
#include "host/plugins/digest.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/route_rules.hpp"

namespace bourse::host {
namespace {

AccessList access_of(const AccessConfig* access) {
  if (access == nullptr) return {};
  std::vector<AccessToken> tokens;
  for (const TokenConfig& token : access->tokens) {
    tokens.push_back({token.name.value, token.token.value});
  }
  return AccessList(tokens);
}

std::optional<CacheRule> cache_of(const RouteConfig& from, const DefaultsConfig& defaults) {
  if (access_for(from, defaults) != nullptr) return std::nullopt;
  const auto& said = from.cache ? from.cache : defaults.cache;
  if (!said) return CacheRule{};
  if (said->off) return std::nullopt;
  return CacheRule{
      .fresh = said->fresh.value, .stale = said->stale.value, .if_error = said->if_error.value};
}

/// Texts one after the other, each told from the next by its length.
class Spelling {
 public:
  Spelling& operator<<(std::string_view text) {
    (spelt_ += std::to_string(text.size())) += ':';
    spelt_ += text;
    return *this;
  }
  Spelling& operator<<(const LocatedText& text) { return *this << text.value; }
  Spelling& operator<<(std::chrono::nanoseconds time) {
    return *this << std::to_string(time.count());
  }
  template <class T>
  Spelling& operator<<(const std::optional<T>& maybe) {
    *this << (maybe ? "some" : "none");
    return maybe ? *this << *maybe : *this;
  }
  template <class T>
  Spelling& operator<<(const std::vector<T>& list) {
    *this << std::to_string(list.size());
    for (const T& item : list) *this << item;
    return *this;
  }
  Spelling& operator<<(const Values& values) {
    return *this << (values.is_list ? "list" : "one") << values.items;
  }
  Spelling& operator<<(const Alias& alias) { return *this << alias.name << alias.component; }
  Spelling& operator<<(const RunFromPath& run) {
    return *this << run.from << run.allow << run.alias;
  }
  Spelling& operator<<(const ParamRule& rule) {
    return *this << rule.name << rule.fixed << rule.def << rule.min << rule.max << rule.choices;
  }
  Spelling& operator<<(const TokenConfig& token) { return *this << token.name << token.token; }
  Spelling& operator<<(const AccessConfig& access) { return *this << access.tokens; }
  Spelling& operator<<(const HeaderConfig& header) { return *this << header.name << header.value; }
  Spelling& operator<<(const CorsConfig& cors) {
    return *this << (cors.off   ? "off"
                     : cors.any ? "any"
                                : "some")
                 << cors.origins << cors.headers << cors.max_age
                 << (cors.credentials ? "credentials" : "");
  }
  Spelling& operator<<(const IgnoreConfig& ignored) { return *this << ignored.text; }
  Spelling& operator<<(const CaseConfig& rule) {
    return *this << rule.parameter << (rule.letters == LetterCase::kUpper ? "upper" : "lower");
  }
  Spelling& operator<<(const ClientsConfig& clients) {
    return *this << clients.cors << clients.headers << clients.ignore
                 << (clients.trailing_slash
                         ? std::to_string(static_cast<int>(*clients.trailing_slash))
                         : "")
                 << clients.letter_case;
  }
  Spelling& operator<<(std::uint32_t number) { return *this << std::to_string(number); }
  Spelling& operator<<(const RateRule& rule) {
    return *this << rule.count << rule.window << rule.burst;
  }
  Spelling& operator<<(const LimitRules& rules) {
    return *this << rules.client << rules.token << rules.route << rules.client_concurrency
                 << rules.concurrency << rules.hit_percent;
  }
  Spelling& operator<<(const CacheRule& rule) {
    return *this << rule.fresh << rule.stale << rule.if_error;
  }
  Spelling& operator<<(const AccessLog& log) {
    return *this << (log.off ? "off" : "on") << std::to_string(log.level)
                 << std::to_string(log.sample) << log.slow;
  }
  [[nodiscard]] std::string digest() const { return sha256_hex(spelt_); }

 private:
  std::string spelt_;
};

std::vector<std::string> names_of_sources(const Route& route) {
  std::vector<std::string> names;
  if (route.source) names.push_back(route.source->name());
  for (const auto& spare : route.spares) names.push_back(spare->name());
  return names;
}

std::string spelling_of(const Route& route, const RouteConfig& from, const AccessConfig* access,
                        const ClientsConfig& clients) {
  Spelling spelling;
  spelling << (route.fixed ? route.fixed->spelling() : std::string()) << route.path << route.title
           << (route.negotiated ? "formats" : "format") << names_of_sources(route) << route.deadline
           << route.cache << (route.live.off ? "still" : "live") << route.live.every
           << (route.own_limits ? "own" : "shared") << route.limits << route.log << clients;
  std::visit([&](const auto& run) { spelling << run; }, from.run);
  if (access != nullptr) spelling << *access;
  return (spelling << from.formats << from.params).digest();
}

}  // namespace

void RouteBuilder::add_analysis(Route& route, const LocatedText& id) {
  if (id.value.empty()) return;  // it could not be read, which has been reported
  const auto component = find_component(id, parts_.loaded.catalog->analyses(), "analysis",
                                        parts_.loaded, parts_.diagnostics);
  if (!component) return;
  auto instance = parts_.instances.get(component, id.mark);
  if (!instance) return;
  route.names.emplace(id.value, route.analyses.size());
  route.analyses.push_back({id.value, std::move(instance), component->params});
}

void RouteBuilder::add_analyses(Route& route, const RouteConfig& from) {
  if (const auto* const one = std::get_if<LocatedText>(&from.run)) return add_analysis(route, *one);
  const auto& choice = std::get<RunFromPath>(from.run);
  route.selector = choice.from.value;
  for (const LocatedText& id : choice.allow) add_analysis(route, id);
  for (const Alias& alias : choice.alias) {
    const auto target = route.names.find(alias.component.value);
    if (target != route.names.end()) route.names.emplace(alias.name.value, target->second);
  }
}

void RouteBuilder::add_formats(Route& route, const RouteConfig& from) {
  for (const LocatedText& id : from.formats) {
    const auto component = find_component(id, parts_.loaded.catalog->serializers(), "format",
                                          parts_.loaded, parts_.diagnostics);
    if (!component) continue;
    auto instance = parts_.instances.get(component, id.mark);
    if (!instance) continue;
    const bool taken = std::any_of(route.offers.begin(), route.offers.end(), [&](const auto& o) {
      return o.id == component->id || o.suffix == component->suffix;
    });
    if (taken) {
      parts_.diagnostics.error(
          id.mark, "repeated_format",
          "another format of this route has the same id or suffix as " + in_quotes(component->id));
      continue;
    }
    route.offers.push_back({component->id, component->suffix, component->media_type});
    route.formats.push_back({std::move(instance), component->params});
  }
}

std::optional<Route> RouteBuilder::with_fixed(Route route, const RouteConfig& from,
                                              const AccessConfig* access,
                                              const ClientsConfig& clients) {
  if (from.spoilt) return std::nullopt;
  route.fixed = make_fixed(*from.fixed, from.path.value, parts_.diagnostics);
  if (!route.fixed) return std::nullopt;
  route.source = nullptr;
  route.spares.clear();
  route.cache = std::nullopt;
  route.ignored.clear();
  route.cases.clear();
  // Of a folder it is each file that has one or none.
  if (std::holds_alternative<Folder>(route.fixed->answer)) {
    route.trailing_slash = TrailingSlash::kSame;
  }
  if (from.title) route.title = from.title->value;
  route.spelling = spelling_of(route, from, access, clients);
  return route;
}

std::optional<Route> RouteBuilder::build(const RouteConfig& from) {
  const auto& source = from.source ? from.source : parts_.defaults.source;
  const ClientsConfig clients = from.clients.over(parts_.defaults.clients);
  Route route;
  route.path = from.path.value.text;
  route.negotiated = from.negotiated;
  route.source = source ? parts_.sources.get(source->value) : nullptr;
  const auto& spares = from.source ? from.spares : parts_.defaults.spares;
  for (const LocatedText& name : spares) {
    if (auto spare = parts_.sources.get(name.value)) route.spares.push_back(std::move(spare));
  }
  route.deadline = (from.deadline ? *from.deadline : parts_.defaults.deadline).value;
  const AccessConfig* const access = access_for(from, parts_.defaults);
  route.access = access_of(access);
  route.cache = cache_of(from, parts_.defaults);
  route.live = from.live ? *from.live : parts_.defaults.live.value_or(LiveRule{});
  route.log = from.log.value_or(parts_.log);
  route.fields = AnswerFields::make(clients);
  route.own_limits = from.limits.has_value();
  route.limits = from.limits ? from.limits : parts_.defaults.limits;
  if (route.limits && route.limits->is_off()) route.limits.reset();
  route.ignored = clients.ignore.value_or(std::vector<IgnoreConfig>());
  route.trailing_slash = clients.trailing_slash.value_or(TrailingSlash::kRefuse);
  route.cases = clients.letter_case.value_or(std::vector<CaseConfig>());
  if (from.fixed) return with_fixed(std::move(route), from, access, clients);
  add_analyses(route, from);
  add_formats(route, from);
  if (route.analyses.empty() || route.formats.empty()) return std::nullopt;
  // What could not be read of it would be missed below.
  if (from.spoilt || (!from.source && parts_.defaults.spoilt)) return std::nullopt;
  route.title = from.title ? from.title->value : route.analyses.front().instance->component().title;
  narrow_parameters(route, from, parts_.diagnostics);
  check_path(route, from, parts_.diagnostics);
  check_datasets(route, from, source ? &*source : nullptr, parts_.diagnostics);
  check_parts(route, from, parts_.diagnostics);
  check_clashes(route, from, parts_.diagnostics);
  check_cache(from, access, parts_.diagnostics);
  check_leniency(route, from, parts_.diagnostics);
  route.spelling = spelling_of(route, from, access, clients);
  return route;
}

}  // namespace bourse::host
