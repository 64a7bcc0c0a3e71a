// SPDX-License-Identifier: MIT
#include "host/routing/plan.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "host/base/ascii.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/time_text.hpp"
#include "host/routing/arguments.hpp"
#include "host/routing/leniency.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kSuggestedFromMax = 100;

/// Whether the template says the last segment as it is.
bool ends_in_literal(const Router::Match& match, std::span<const std::string> segments) {
  if (match.beyond) return false;
  return match.parameters.empty() ||
         match.parameters.back().second.data() != segments.back().data();
}

/// The route for the path without ".suffix", if it offers that; then the suffix is cut off the
/// last segment, which is not changed otherwise.
bool find_by_suffix(const Generation& generation, Reached& reached) {
  std::string& last = reached.target.segments.back();
  const std::size_t dot = last.rfind('.');
  if (dot == std::string::npos || dot == 0 || dot + 1 == last.size()) return false;
  std::string suffix = last.substr(dot + 1);
  last.resize(dot);
  if (auto match = generation.router().find(reached.target.segments)) {
    const Route& route = generation.routes()[match->route];
    const bool offered = std::any_of(route.offers.begin(), route.offers.end(),
                                     [&](const auto& o) { return o.suffix == suffix; });
    if (route.negotiated && offered) {
      reached.route = &route;
      reached.match = *std::move(match);
      reached.suffix = std::move(suffix);
      return true;
    }
  }
  last += '.' + suffix;
  return false;
}

/// "/a/b.csv" is what a template says literally, else "/a/b" as csv where that route offers csv;
/// else the dot is part of a parameter's value.
void find_route(const Generation& generation, Reached& reached) {
  const std::vector<std::string>& segments = reached.target.segments;
  const auto take = [&](std::optional<Router::Match> match) {
    if (!match) return;
    reached.route = &generation.routes()[match->route];
    reached.match = *std::move(match);
  };
  auto match = generation.router().find(segments);
  if (segments.empty() || segments.back().find('.') == std::string::npos) {
    return take(std::move(match));
  }
  if (match && ends_in_literal(*match, segments)) return take(std::move(match));
  if (find_by_suffix(generation, reached)) return;
  take(generation.router().find(segments));  // the first match borrowed from what changed
}

Failure no_route_failure(const Generation& generation, std::string_view path) {
  // Whoever asks for what is not there shall not cost more than who asks for what is.
  const auto routes = generation.routes();
  std::vector<std::string_view> paths;
  for (const Route& route : routes.first(std::min(routes.size(), kSuggestedFromMax))) {
    paths.emplace_back(route.path);
  }
  Failure failure{.status = BOURSE_NOT_FOUND,
                  .code = "no_route",
                  .message = "Nothing is served at " + in_quotes(path) + "."};
  if (const auto near = suggest(path.substr(0, 64), paths)) {
    failure.message += " Did you mean " + *near + "?";
  }
  failure.offer.assign(paths.begin(),
                       paths.begin() + std::min<std::ptrdiff_t>(20, std::ssize(paths)));
  return failure;
}

Result<const RouteAnalysis*> pick_analysis(const Route& route, const Router::Match& match) {
  if (route.selector.empty()) return &route.analyses.front();
  for (const auto& [name, value] : match.parameters) {
    if (name != route.selector) continue;
    const auto found = route.names.find(value);
    if (found != route.names.end()) return &route.analyses[found->second];
    Failure failure{.status = BOURSE_NOT_FOUND,
                    .code = "unknown_analysis",
                    .message = "There is no analysis " + in_quotes(value) + " here.",
                    .parameter = route.selector};
    for (const auto& [known, index] : route.names) failure.offer.push_back(known);
    if (const auto near = suggest(value, failure.offer)) {
      failure.message += " Did you mean " + *near + "?";
    }
    return failure;
  }
  return &route.analyses.front();
}

/// Takes `format` out of the texts.
Result<std::optional<std::string>> take_format(NamedTexts& texts) {
  std::optional<std::string> format;
  for (auto it = texts.begin(); it != texts.end();) {
    if (it->first != "format") {
      ++it;
      continue;
    }
    if (format) {
      return Failure{.status = BOURSE_BAD_PARAM,
                     .code = "repeated_parameter",
                     .message = "format was given more than once.",
                     .parameter = "format"};
    }
    format = std::move(it->second);
    it = texts.erase(it);
  }
  return format;
}

/// What the query says that the path has said already is a contradiction, even if they agree.
Result<void> merge_path(NamedTexts& texts, const Route& route, const Router::Match& match) {
  for (const auto& [name, value] : match.parameters) {
    if (name == route.selector) continue;
    const bool repeated =
        std::any_of(texts.begin(), texts.end(),
                    [&, wanted = name](const auto& t) { return t.first == wanted; });
    if (repeated) {
      return Failure{
          .status = BOURSE_BAD_PARAM,
          .code = "repeated_parameter",
          .message = std::string(name) + " is in the path already; take it out of the query.",
          .parameter = std::string(name)};
    }
  }
  for (const auto& [name, value] : match.parameters) {
    if (name != route.selector) texts.emplace_back(name, value);
  }
  return {};
}

/// The same report in the other formats (RFC 8288), relative to the request. The query keeps what
/// every format understands.
std::string alternates_of(const RouteAnalysis& analysis, std::size_t chosen, const Reached& reached,
                          const NamedTexts& query) {
  const Route& route = *reached.route;
  if (route.formats.size() < 2) return {};
  std::string path;
  if (reached.suffix) {
    path = reference_to(reached.target.segments.back(), reached.target.has_slash_behind);
  }
  std::string common;
  for (const auto& [name, text] : query) {
    const bool is_analysis = std::any_of(
        analysis.parameters.begin(), analysis.parameters.end(),
        [&, wanted = name](const Parameter& p) { return p.name == wanted && !p.secret; });
    if (is_analysis) common += '&' + percent_encoded(name) + '=' + percent_encoded(text);
  }
  std::string out;
  for (std::size_t i = 0; i < route.offers.size(); ++i) {
    if (i == chosen) continue;
    if (!out.empty()) out += ", ";
    out += '<' + path + "?format=" + route.offers[i].id + common + ">; rel=\"alternate\"; type=\"" +
           route.offers[i].media_type.substr(0, route.offers[i].media_type.find(';')) + '"';
  }
  return out.size() <= 4096 ? out : std::string();
}

/// Of Planned::query. `format`: empty where the path names it.
std::string query_of(const std::array<std::span<const Parameter>, 2>& declared,
                     std::string_view format, const NamedTexts& texts) {
  std::string out;
  if (!format.empty()) out.append("format=").append(format);
  for (const auto& [name, text] : texts) {
    const auto is_shown = [&, wanted = std::string_view(name)](std::span<const Parameter> some) {
      return std::any_of(some.begin(), some.end(),
                         [&](const Parameter& p) { return p.name == wanted && !p.secret; });
    };
    if (!std::any_of(declared.begin(), declared.end(), is_shown)) continue;
    if (!out.empty()) out += '&';
    out += percent_encoded(name) + '=' + percent_encoded(text);
  }
  return out;
}

std::string shown_target_of(const Generation& generation, const std::vector<std::string>& segments,
                            const NamedTexts& texts) {
  std::string out = path_text(segments);
  char separator = '?';
  for (const auto& [name, text] : texts) {
    const bool secret = generation.has_secret(name);
    out += separator + percent_encoded(name) + '=' + (secret ? "***" : percent_encoded(text));
    separator = '&';
  }
  return out;
}

bool gives_secret(std::span<const Parameter> declared, const Arguments& given) {
  for (std::size_t i = 0; i < declared.size(); ++i) {
    if (declared[i].secret && !given[i].is_null()) return true;
  }
  return false;
}

/// In the words of no_route(): only a browser's user or a library thinks that it is the same.
Failure no_slash_behind(const Reached& reached, std::string_view raw) {
  std::string path = path_text(reached.target.segments);
  if (reached.suffix) path += '.' + percent_encoded(*reached.suffix);
  return {.status = BOURSE_NOT_FOUND,
          .code = "no_route",
          .message = "Nothing is served at " + in_quotes(raw.substr(0, raw.find('?'))) +
                     ". Did you mean " + printable(path) + "?",
          .offer = {path}};
}

}  // namespace

std::string shown_target(const Generation& generation, std::string_view raw) {
  if (!generation.has_secrets()) return std::string(raw);
  const auto target = parse_target(raw);
  if (!target) return std::string(raw.substr(0, raw.find('?')));
  return shown_target_of(generation, target->segments, target->query);
}

std::string without_slash_behind(const Reached& reached, std::string_view raw) {
  std::string last = reached.target.segments.back();
  if (reached.suffix) last += '.' + *reached.suffix;
  return reference_to(last, true) + query_text(raw);
}

Result<Reached> reach(const Generation& generation, std::string_view raw) {
  auto target = parse_target(raw);
  if (!target) return std::move(target).failure();
  Reached reached;
  reached.target = *std::move(target);
  find_route(generation, reached);
  return reached;
}

Failure no_route(const Generation& generation, std::string_view raw) {
  return no_route_failure(generation, raw.substr(0, raw.find('?')));
}

std::optional<Failure> refusal_of(const Generation& generation, const Reached& reached,
                                  std::string_view raw) {
  if (reached.route == nullptr) return no_route(generation, raw);
  if (reached.target.has_slash_behind && reached.route->trailing_slash == TrailingSlash::kRefuse) {
    return no_slash_behind(reached, raw);
  }
  return std::nullopt;
}

Result<Planned> plan(const std::shared_ptr<const Generation>& generation, Wish wish,
                     const Route** matched) {
  auto reached = reach(*generation, wish.target);
  if (!reached) return std::move(reached).failure();
  if (matched != nullptr) *matched = reached->route;
  return plan(generation, *reached, std::move(wish));
}

Result<Planned> plan(const std::shared_ptr<const Generation>& generation, Reached& reached,
                     Wish wish) {
  if (auto refused = refusal_of(*generation, reached, wish.target)) return *std::move(refused);
  Target& target = reached.target;
  const Route& route = *reached.route;
  if (route.fixed) {  // whoever serves has looked
    return Failure{.status = BOURSE_NOT_FOUND,
                   .code = "no_analysis",
                   .message = "No analysis answers at " + in_quotes(route.path) + ": " +
                              route.fixed->description() + "."};
  }
  // First of all: who may not pass learns nothing of parameters and formats.
  const auto pass = route.access.admit(wish.authorization);
  if (!pass) return pass.failure();
  const auto analysis = pick_analysis(route, reached.match);
  if (!analysis) return analysis.failure();

  NamedTexts texts = std::move(target.query);
  auto wanted = take_format(texts);
  if (!wanted) return std::move(wanted).failure();
  const auto format = choose_format(
      route.offers, {.suffix = reached.suffix, .query = *wanted, .accept = std::move(wish.accept)});
  if (!format) return format.failure();
  const std::span<const Parameter> analysis_parameters = (*analysis)->parameters;
  const std::span<const Parameter> format_parameters = route.formats[*format].parameters;
  const std::array declared{analysis_parameters, format_parameters};
  // Before it is left out of it: what was asked is shown as it was asked.
  std::string shown = shown_target_of(*generation, target.segments, texts);
  const bool has_ignored = leave_out_ignored(route, texts);
  static constexpr std::array<std::string_view, 1> kHostParameters{"format"};
  if (auto known = check_names(texts, declared, kHostParameters); !known) {
    return std::move(known).failure();
  }
  Planned planned;
  planned.has_ignored = has_ignored;
  planned.alternates = alternates_of(**analysis, *format, reached, texts);
  const bool is_open = route.formats.size() > 1 && !reached.suffix;  // not said by the path
  planned.query = query_of(declared, is_open ? route.offers[*format].id : "", texts);
  planned.shown_target = std::move(shown);
  if (auto merged = merge_path(texts, route, reached.match); !merged) {
    return std::move(merged).failure();
  }
  spell_in_case(route, texts);
  auto analysis_arguments = read_arguments(analysis_parameters, texts, wish.now);
  if (!analysis_arguments) return std::move(analysis_arguments).failure();
  auto format_arguments = read_arguments(format_parameters, texts, wish.now);
  if (!format_arguments) return std::move(format_arguments).failure();
  planned.by_accept = is_open && !*wanted;
  planned.may_keep = route.cache.has_value() &&
                     !gives_secret(analysis_parameters, *analysis_arguments) &&
                     !gives_secret(format_parameters, *format_arguments);
  if (analysis_arguments->is_relative() || format_arguments->is_relative()) {
    planned.same_until = second_of(wish.now) + 1'000'000'000;
  }
  planned.route = &route;
  planned.analysis = static_cast<std::size_t>(*analysis - route.analyses.data());
  planned.spares = route.spares;
  planned.token_name = pass->name;
  planned.token_key = pass->key;
  planned.format = *format;
  planned.job = Job{.analysis = (*analysis)->instance,
                    .analysis_arguments = *std::move(analysis_arguments),
                    .serializer = route.formats[*format].serializer,
                    .serializer_arguments = *std::move(format_arguments),
                    .source = route.source,
                    .has_spare = !route.spares.empty(),
                    .sources = generation->sources(),
                    .response_bytes_max = generation->response_bytes_max()};
  return planned;
}

}  // namespace bourse::host
