// SPDX-License-Identifier: MIT
#include "host/cli/explain.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <utility>

#include "bourse/words.hpp"
#include "host/api/pages.hpp"
#include "host/base/codes.hpp"
#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/route_facts.hpp"
#include "host/config/access.hpp"
#include "host/config/quantity.hpp"
#include "host/http/accept.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/plan.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kTitle = 10;        ///< columns of "route     "
constexpr std::size_t kOtherRoutes = 20;  ///< that are told why they are not it

struct Asked {
  std::string method = "GET";
  std::string target = {};
};

/// "GET /a?b", "/a?b", or the URL of a browser.
Asked asked_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  Asked asked;
  if (const std::size_t blank = text.find(' '); blank != std::string::npos && text[0] != '/') {
    asked.method = text.substr(0, blank);
    text.erase(0, text.find_first_not_of(' ', blank));
  }
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    const std::size_t path = text.find('/', scheme + 3);
    text = path == std::string::npos ? "/" : text.substr(path);
  }
  asked.target = text.substr(0, text.find('#'));
  return asked;
}

/// Lines of which the first begins with a title.
class Section {
 public:
  explicit Section(std::string_view title) : title_(title) {}
  void line(const std::string& text) {
    print(padded(std::string(title_), kTitle) + printable(text, 2000));
    title_ = {};
  }

 private:
  std::string_view title_;
};

/// A configuration, wired, and the route that a request reaches.
class Explained {
 public:
  Explained(const Attempt& made, Asked asked, std::string accept)
      : made_(made), asked_(std::move(asked)), accept_(std::move(accept)) {}

  void tell() {
    print(asked_.method + " " + printable(shown_target(generation(), asked_.target), 2000));
    print("");
    if (asked_.method != "GET" && asked_.method != "HEAD") return tell_method();
    if (tells_own_page()) return;
    auto reached = reach(generation(), asked_.target);
    if (!reached) return tell_problem(reached.failure());
    reached_ = *std::move(reached);
    take();
    tell_route();
    if (route_ == nullptr) return tell_no_route();
    tell_access();
    tell_limits();
    if (tells_no_analysis()) return;
    auto planned = plan(made_.setup->generation,
                        {.target = asked_.target, .accept = accept_, .authorization = token_});
    if (!planned) {
      tell_values(nullptr);
      return tell_problem(planned.failure());
    }
    tell_values(&*planned);
    tell_format(*planned);
    tell_cache(*planned);
    tell_answer();
  }

 private:
  [[nodiscard]] const Generation& generation() const { return *made_.setup->generation; }
  [[nodiscard]] std::string place(const Mark& mark) const { return made_.diagnostics.place(mark); }
  /// ", config.yaml:12:5", where anything was written.
  [[nodiscard]] std::string at(const Mark& mark) const {
    return mark.line == 0 ? std::string() : ", " + place(mark);
  }

  void take() {
    route_ = reached_.route;
    if (route_ != nullptr) lines_ = lines_of(made_.setup->config, *route_);
  }

  /// Of what the host answers itself, whatever the routes say.
  bool tells_own_page() {
    const std::string path = asked_.target.substr(0, asked_.target.find('?'));
    const auto tell = [](const std::string& what) {
      Section("route").line("none: a page of the server itself");
      Section("answer").line(what);
      return true;
    };
    if (path == "/health") return tell("200, or 503 while the server ends or cannot answer");
    const bool may_be = path == "/" || path == "/openapi.json" || path.starts_with("/docs");
    if (!may_be) return false;
    const ApiPages pages(generation(), nullptr);
    const Request request{.method = asked_.method,
                          .target = asked_.target,
                          .headers = {{"Accept", accept_}},
                          .body = "",
                          .id = "",
                          .peer = {},
                          .received = {}};
    const auto page = pages.answer(request, ApiPlace::kPublic);
    if (page) return tell(page_text(*page) + " (server: api)");
    if (pages.answer(request, ApiPlace::kAdmin)) {
      Section("route").line("none here: the page is on the admin listener only (server: api)");
    }
    return false;
  }

  [[nodiscard]] static std::string page_text(const Response& page) {
    std::string text = std::to_string(page.status);
    for (const auto& [name, value] : page.headers) {
      if (name == "Content-Type") text += " " + value;
      if (name == "Location") text += " to " + value;
    }
    return text;
  }

  [[nodiscard]] static std::string rate_text(const RateRule& rule) {
    return counted(rule.count, "request") + " in " + print_duration(rule.window) + ", " +
           std::to_string(rule.burst) + " at once";
  }

  void tell_limits() {
    if (!route_->limits) return;
    const LimitRules& rules = *route_->limits;
    Section section("limits");
    const auto tell = [&](const char* whose, const std::optional<RateRule>& rule) {
      if (rule) section.line(std::string(whose) + rate_text(*rule) + "; beyond: 429 rate_limited");
    };
    tell("each client: ", rules.client);
    if (!route_->access.is_public()) tell("each token: ", rules.token);
    tell("all together: ", rules.route);
    const auto tell_at_once = [&](const char* whose, std::uint32_t count, const char* beyond) {
      if (count == 0) return;
      section.line(std::string(whose) + std::to_string(count) +
                   " at the same time; beyond: " + beyond);
    };
    tell_at_once("each client: ", rules.client_concurrency, "429 too_many_at_once");
    tell_at_once("all together: ", rules.concurrency, "503 route_busy");
    if (rules.hit_percent != 100) {
      section.line("an answer that is kept costs " + std::to_string(rules.hit_percent) +
                   " % of a request");
    }
    section.line(route_->own_limits ? "counted for this route alone"
                                    : "of `defaults`: clients and tokens are counted over all such "
                                      "routes");
  }

  /// "market over exchange, else spare".
  [[nodiscard]] std::string sources_text() const {
    if (!route_->source) return {};
    std::string text = ", source " + tower_text(*route_->source);
    for (const auto& spare : route_->spares) {
      text += ", where it fails " + tower_text(*spare);
    }
    return text;
  }

  void tell_method() {
    Section section("answer");
    if (asked_.method == "OPTIONS")
      return section.line("204 with the header Allow: GET, HEAD, OPTIONS");
    tell_problem({.status = 405,
                  .code = "method_not_allowed",
                  .message = "Reports are read with GET or HEAD."});
  }

  /// Of what leads elsewhere, or is always the same.
  bool tells_no_analysis() {
    if (reached_.target.has_slash_behind && route_->trailing_slash == TrailingSlash::kRedirect) {
      Section("answer").line("301 to " + without_slash_behind(reached_, asked_.target) +
                             " (trailing-slash: redirect)");
      return true;
    }
    if (!route_->fixed) return false;
    auto why_not = refusal_of(generation(), reached_, asked_.target);
    const auto hit = route_->fixed->at(reached_.match, reached_.target, asked_.target);
    if (!hit && !why_not) why_not = no_route(generation(), asked_.target);
    if (why_not) {
      tell_problem(*why_not);
      return true;
    }
    Section section("answer");
    if (hit->content == nullptr) {
      section.line(std::to_string(hit->status) + " to " + hit->location);
      return true;
    }
    section.line("200 " + hit->content->media_type + ", " +
                 counted(hit->content->bytes->size(), "byte") + ", or 304 to who has " +
                 hit->content->etag);
    return true;
  }

  void tell_route() {
    Section section("route");
    if (route_ == nullptr) {
      section.line("none of " + std::to_string(generation().routes().size()));
    } else {
      section.line(route_->path + (lines_ != nullptr ? "   " + place(lines_->path.mark) : ""));
      const RouteAnalysis* const analysis = route_->fixed ? nullptr : chosen_analysis();
      if (route_->fixed) {
        section.line("no analysis: " + route_->fixed->description());
      } else {
        section.line("runs " + (analysis == nullptr ? "nothing" : analysis->instance->full_name()) +
                     (route_->selector.empty() ? "" : ", which {" + route_->selector + "} names") +
                     sources_text() + ", deadline " + print_duration(route_->deadline));
      }
    }
    std::vector<const Route*> others;
    for (const Route& other : generation().routes()) {
      if (&other != route_ && is_near(other)) others.push_back(&other);
    }
    std::stable_sort(others.begin(), others.end(), [this](const Route* x, const Route* y) {
      return segments_alike(*x) > segments_alike(*y);
    });
    if (others.size() > kOtherRoutes) others.resize(kOtherRoutes);
    for (const Route* const other : others) {
      section.line("not " + other->path + ": " + why_not(*other));
    }
  }

  [[nodiscard]] std::size_t segments_alike(const Route& other) const {
    const auto segments = split_path(other.path);
    std::size_t alike = 0;
    for (std::size_t i = 0; i < std::min(segments.size(), reached_.target.segments.size()); ++i) {
      if (segments[i].starts_with('{') || segments[i] == reached_.target.segments[i]) ++alike;
    }
    return alike;
  }

  /// The analysis that a variable of the path names, or the only one; null: none of that name.
  [[nodiscard]] const RouteAnalysis* chosen_analysis() const {
    if (route_->analyses.empty()) return nullptr;
    if (route_->selector.empty()) return &route_->analyses.front();
    for (const auto& [name, value] : reached_.match.parameters) {
      if (name != route_->selector) continue;
      const auto found = route_->names.find(value);
      return found == route_->names.end() ? nullptr : &route_->analyses[found->second];
    }
    return &route_->analyses.front();
  }

  /// Whether somebody could have thought that it is this one: it has as many segments, or begins
  /// alike, or there are few anyway.
  [[nodiscard]] bool is_near(const Route& other) const {
    if (generation().routes().size() <= kOtherRoutes / 2) return true;
    const auto segments = split_path(other.path);
    return segments.size() == reached_.target.segments.size() && !segments.empty() &&
           (segments.front().starts_with('{') ||
            segments.front() == reached_.target.segments.front());
  }

  [[nodiscard]] std::string why_not(const Route& other) const {
    const auto segments = split_path(other.path);
    for (std::size_t i = 0; i < std::min(segments.size(), reached_.target.segments.size()); ++i) {
      if (segments[i].starts_with('{') || segments[i] == reached_.target.segments[i]) continue;
      return "it wants " + in_quotes(segments[i]) + " where the path has " +
             in_quotes(reached_.target.segments[i]);
    }
    if (segments.size() != reached_.target.segments.size()) {
      return "it has " + counted(segments.size(), "segment") + ", the path " +
             std::to_string(reached_.target.segments.size());
    }
    return "it matches too, but has a variable where the other says the word";
  }

  void tell_access() {
    Section section("access");
    if (route_->access.is_public()) return section.line("everybody");
    const AccessConfig* const said =
        lines_ == nullptr ? nullptr : access_for(*lines_, made_.setup->config.defaults);
    if (said != nullptr) token_ = "Bearer " + said->tokens.front().token.value;
    section.line("who sends one of " + tokens_text(said) + (said != nullptr ? at(said->mark) : "") +
                 "; others are answered 401 token_missing or token_refused");
    section.line("what follows is for who may");
  }

  /// Of a request that is refused, as far as it could be read: without values.
  void tell_values(const Planned* planned) {
    const RouteAnalysis* const analysis = chosen_analysis();
    if (analysis == nullptr) return;
    Section section("values");
    std::size_t width = 0;
    const auto widen = [&width](const std::vector<Parameter>& parameters) {
      for (const Parameter& p : parameters) width = std::max(width, p.name.size());
    };
    widen(analysis->parameters);
    if (planned != nullptr) widen(route_->formats[planned->format].parameters);
    const auto tell = [&](const std::vector<Parameter>& parameters, const Arguments* arguments) {
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        section.line(padded(parameters[i].name, width + 2) +
                     value_text(parameters[i], arguments == nullptr ? nullptr : &(*arguments)[i]));
      }
    };
    tell(analysis->parameters, planned == nullptr ? nullptr : &planned->job.analysis_arguments);
    if (planned == nullptr) return;
    tell(route_->formats[planned->format].parameters, &planned->job.serializer_arguments);
  }

  /// "200   default of the route, config.yaml:9:20". `value` null: only what was given.
  [[nodiscard]] std::string value_text(const Parameter& p, const Value* value) const {
    const ParamRule* const rule = rule_of(lines_, p.name);
    const std::string given = given_text(p.name);
    std::string text = value != nullptr                     ? value->canonical()
                       : given.empty() && p.def.has_value() ? *p.def
                                                            : given;
    if (p.secret || is_hidden(rule)) text = "(hidden)";
    const std::string origin = origin_of(p, rule);
    if (value != nullptr ? value->is_null() : origin.empty())
      return "-" + std::string(origin.empty() ? "" : "   " + origin);
    return (text.empty() ? "(empty)" : text) + "   " + origin;
  }

  [[nodiscard]] std::string given_text(std::string_view name) const {
    for (const auto& [key, text] : reached_.match.parameters) {
      if (key == name) return std::string(text);
    }
    std::string all;
    for (const auto& [key, text] : reached_.target.query) {
      if (key == name) all += (all.empty() ? "" : ",") + text;
    }
    return all;
  }

  [[nodiscard]] std::string origin_of(const Parameter& p, const ParamRule* rule) const {
    const auto names = [&](const auto& pair) { return pair.first == p.name; };
    if (p.fixed) return "fixed by the route" + (rule != nullptr ? at(rule->name.mark) : "");
    if (std::any_of(reached_.match.parameters.begin(), reached_.match.parameters.end(), names))
      return "of the path";
    if (std::any_of(reached_.target.query.begin(), reached_.target.query.end(), names))
      return "of the query";
    if (rule != nullptr && rule->def) return "default of the route" + at(rule->def->mark);
    return p.def ? "default of the plugin" : "";
  }

  void tell_format(const Planned& planned) {
    Section section("format");
    const FormatOffer& offer = route_->offers[planned.format];
    section.line(offer.id + " (" + offer.media_type + "): " + why_format());
    if (!planned.by_accept || accept_.empty()) return;
    for (const FormatOffer& each : route_->offers) {
      const int quality = accept_quality(accept_, each.media_type);
      section.line(padded(each.id, 8) + (quality < 0
                                             ? "Accept cannot be read, and counts for none"
                                             : "wanted " + std::to_string(quality) + " of 1000"));
    }
  }

  [[nodiscard]] std::string why_format() const {
    if (route_->offers.size() == 1) return "the route has no other";
    if (reached_.suffix) return "the suffix ." + *reached_.suffix + " of the path";
    const bool by_query = std::any_of(reached_.target.query.begin(), reached_.target.query.end(),
                                      [](const auto& pair) { return pair.first == "format"; });
    if (by_query) return "?format= of the query";
    if (accept_.empty()) return "the route's first; no suffix, no ?format=, no Accept (--accept)";
    return "by Accept: " + accept_;
  }

  void tell_cache(const Planned& planned) {
    Section section("cache");
    if (!route_->cache) {
      return section.line(route_->access.is_public() ? "kept by nobody: the route says `off`"
                                                     : "kept by nobody: the route has `access`");
    }
    if (!planned.may_keep) return section.line("kept by nobody: the request says a secret");
    section.line("kept as long as it is true");
    const auto beyond = [&](const char* what, std::chrono::nanoseconds time) {
      if (time.count() != 0) section.line(print_duration(time) + " " + what);
    };
    beyond("longer counts as fresh", route_->cache->fresh);
    beyond("longer it is shown while a new one is made", route_->cache->stale);
    beyond("longer it is shown when making a new one fails", route_->cache->if_error);
    if (planned.same_until)
      section.line("a time relative to now: the same words ask the same for a second");
  }

  void tell_answer() {
    Section section("answer");
    const bool asks = route_->source != nullptr;
    section.line(std::string("200, when the analysis") +
                 (asks ? " and its source do what they shall" : " does what it shall"));
  }

  void tell_no_route() { tell_problem(no_route(generation(), asked_.target)); }

  void tell_problem(const Failure& failure) {
    Section section("answer");
    section.line(std::to_string(failure.status) + " " + failure.code + ": " + failure.message);
    if (const std::string where = blamed(failure); !where.empty()) section.line(where);
    if (!failure.offer.empty()) section.line("there are: " + joined(failure.offer));
    if (const Code* const row = find_code(failure.code)) section.line(std::string(row->remedy));
  }

  /// Where the configuration says what refuses the request.
  [[nodiscard]] std::string blamed(const Failure& failure) const {
    if (lines_ == nullptr) return {};
    if (failure.code == "not_acceptable" || failure.code == "format_conflict") {
      return "the formats stand in " + place(lines_->formats.front().mark);
    }
    if (failure.code == "unknown_analysis") {
      const auto* const choice = std::get_if<RunFromPath>(&lines_->run);
      return choice == nullptr ? std::string() : "the names stand in " + place(choice->from.mark);
    }
    const ParamRule* const rule = rule_of(lines_, failure.parameter);
    if (rule != nullptr) return "the route says of it: " + place(rule->name.mark);
    const RouteAnalysis* const analysis = chosen_analysis();
    const bool known =
        analysis != nullptr && find_parameter(analysis->parameters, failure.parameter) != nullptr;
    return known ? "the rule is the plugin's own (" + analysis->instance->full_name() + ")" : "";
  }

  const Attempt& made_;
  const Asked asked_;
  const std::string accept_;
  Reached reached_ = {};
  const Route* route_ = nullptr;
  const RouteConfig* lines_ = nullptr;
  std::string token_ = {};
};

int unknown_code(const std::string& word) {
  std::vector<std::string_view> known;
  for (const Code& code : all_codes()) known.push_back(code.code);
  const auto near = suggest(word, known);
  std::fprintf(
      stderr, "error: %s is no code of the server%s\n", in_quotes(word).c_str(),
      near ? ("; did you mean " + *near + "?").c_str()
           : "; plugins have codes of their own, which their documentation tells. A request "
             "is written like 'GET /path?query'");
  return kFailed;
}

}  // namespace

bool explain_code(const std::string& word) {
  const Code* const row = find_code(word);
  if (row == nullptr) return false;
  print(std::string(row->code) + ": " + std::string(row->meaning));
  print("Usual cause: " + std::string(row->cause));
  print("What to do: " + std::string(row->remedy));
  return true;
}

int explain(const ExplainOptions& options) {
  if (options.words.size() == 1 && options.words.front().find('/') == std::string::npos) {
    // As it stands in brackets behind "error", or in an URN.
    std::string word = options.words.front();
    word.erase(0, word.rfind(':') + 1);
    return explain_code(word) ? kDone : unknown_code(word);
  }
  Asked asked = asked_of(options.words);
  if (!asked.target.starts_with('/')) {
    std::fprintf(stderr, "error: a request is written like 'GET /path?query', not %s\n",
                 in_quotes(asked.target).c_str());
    return kUsage;
  }
  const Attempt made = attempt(options.setup);
  if (!made.setup) {
    std::fputs(made.diagnostics.render().c_str(), stderr);
    return kFailed;
  }
  Explained(made, std::move(asked), options.accept).tell();
  return kDone;
}

}  // namespace bourse::host
