// SPDX-License-Identifier: MIT
#include "host/service/quotas.hpp"

#include <cmath>

#include "host/http/problem.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

/// Enough for who mistypes, and for a few who share an address; nothing for who tries them all.
constexpr RateRule kGuessRule{.count = 30, .window = std::chrono::minutes(1), .burst = 30};

Buckets::Rate rate_of(const RateRule& rule) {
  return {.per_second = rule.count / static_cast<double>(rule.window.count()),
          .burst = static_cast<double>(rule.burst)};
}

/// Routes that share the limits of the defaults are counted together.
std::string_view scope_of(const Route& route) {
  return route.own_limits ? std::string_view(route.path) : std::string_view();
}

/// What is counted together has one key; no part of it can look like another.
std::string key(char kind, std::string_view scope, std::string_view who) {
  std::string text(1, kind);
  text.append(std::to_string(scope.size())).append(1, ':').append(scope).append(who);
  return text;
}

std::int64_t whole_seconds(nanoseconds time) {
  return std::chrono::ceil<std::chrono::seconds>(time).count();
}

void add_member(std::string& list, std::string_view name, std::string_view parameters) {
  if (!list.empty()) list += ", ";
  ((list += '"') += name) += '"';
  list += parameters;
}

}  // namespace

Admission& Admission::operator=(Admission&& other) noexcept {
  if (this == &other) return *this;
  leave();
  quotas_ = std::exchange(other.quotas_, nullptr);
  violated_ = other.violated_;
  policy_ = std::move(other.policy_);
  state_ = std::move(other.state_);
  open_cost_ = other.open_cost_;
  client_ = std::exchange(other.client_, {});
  route_ = std::exchange(other.route_, nullptr);
  return *this;
}

void Admission::add_fields(Response& response) const {
  if (policy_.empty()) return;
  response.headers.emplace_back("RateLimit-Policy", policy_);
  response.headers.emplace_back("RateLimit", state_);
}

void Admission::leave() noexcept {
  if (client_.key != 0 && quotas_ != nullptr) quotas_->buckets_.leave(std::exchange(client_, {}));
  if (route_ != nullptr) std::exchange(route_, nullptr)->fetch_sub(1);
}

Failure Quotas::limited(Policy policy, const RateRule& rule, const Buckets::State& state,
                        Admission& admission) {
  const auto which = static_cast<std::size_t>(policy);
  limited_[which].fetch_add(1, std::memory_order_relaxed);
  admission.violated_ = kNames[which];
  static constexpr std::array<std::string_view, kPolicies> kWho = {
      "This client asks", "This token is used", "This route is asked",
      "This client guesses tokens"};
  return Failure{.status = 429,
                 .code = policy == Policy::kGuesses ? "too_many_guesses" : "rate_limited",
                 .message = std::string(kWho[which]) + " more often than " +
                            std::to_string(rule.count) + " times in " +
                            std::to_string(rule.window.count()) +
                            " s. Wait as long as Retry-After says.",
                 .retry_after = std::max<nanoseconds>(state.until_next, nanoseconds(1))};
}

std::string Quotas::key_of(Policy policy, std::string_view scope, std::string_view route,
                           const Asker& asker) {
  switch (policy) {
    case Policy::kClient:
      return key('c', scope, asker.client.bytes());
    case Policy::kToken:
      return key('t', scope, asker.token_key);
    case Policy::kRoute:
      return key('r', route, {});
    case Policy::kGuesses:
      break;
  }
  return key('g', "", asker.client.bytes());
}

// All or none: who is refused by one has spent nothing of the others.
std::optional<Failure> Quotas::take(const LimitRules& rules, std::string_view scope,
                                    std::string_view route, const Asker& asker, double cost,
                                    Time now, Admission& admission) {
  struct Asked {
    Policy policy;
    const std::optional<RateRule>& rule;
    std::string key;
  };
  std::array<Asked, 3> asked = {{{Policy::kClient, rules.client, {}},
                                 {Policy::kToken, rules.token, {}},
                                 {Policy::kRoute, rules.route, {}}}};
  admission.quotas_ = this;
  admission.policy_.clear();
  admission.state_.clear();
  std::optional<Failure> refused;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    auto& [policy, rule, name] = asked[i];
    if (!rule || (policy == Policy::kToken && asker.token_key.empty())) continue;
    const bool of_all = policy == Policy::kRoute;
    name = key_of(policy, scope, route, asker);
    const auto state = buckets_.take(name, rate_of(*rule), refused ? 0 : cost, now);
    if (!state.taken) refused = limited(policy, *rule, state, admission);
    // How much others leave of a route is told to nobody, unless it is why he is refused.
    if (of_all && state.taken) continue;
    // What is told to those who are refused together does not bring them back together.
    const std::int64_t time =
        state.taken ? whole_seconds(state.until_full)
                    : spread_seconds(std::max<std::int64_t>(1, whole_seconds(state.until_next)),
                                     asker.request_id);
    const auto name_of = kNames[static_cast<std::size_t>(policy)];
    add_member(admission.policy_, name_of,
               ";q=" + std::to_string(rule->count) + ";w=" + std::to_string(rule->window.count()));
    add_member(admission.state_, name_of,
               ";r=" + std::to_string(static_cast<std::int64_t>(std::floor(state.left + 1e-6))) +
                   ";t=" + std::to_string(time));
    if (!state.taken) {
      for (std::size_t before = 0; before < i; ++before) {
        if (!asked[before].key.empty()) buckets_.give_back(asked[before].key, cost);
      }
    }
  }
  return refused;
}

std::optional<Failure> Quotas::admit(const Route& route, const Asker& asker, Time now,
                                     Admission& admission) {
  if (!route.limits) return std::nullopt;
  const LimitRules& rules = *route.limits;
  const double cost = rules.hit_percent / 100.0;
  admission.open_cost_ = 1 - cost;
  return take(rules, scope_of(route), route.path, asker, cost, now, admission);
}

std::optional<Failure> Quotas::admit_work(const Route& route, const Asker& asker, Time now,
                                          Admission& admission) {
  if (!route.limits) return std::nullopt;
  double taken = 1 - admission.open_cost_;
  std::optional<Failure> refused;
  if (admission.open_cost_ > 0) {
    refused = take(*route.limits, scope_of(route), route.path, asker, admission.open_cost_, now,
                   admission);
    if (!refused) taken = 1;
  }
  if (!refused) refused = find_place(route, asker, now, admission);
  // Else who tries again and again spends what comes back, and waits for ever.
  if (refused) give_back(route, asker, taken);
  return refused;
}

void Quotas::give_back(const Route& route, const Asker& asker, double cost) {
  const LimitRules& rules = *route.limits;
  const std::string_view scope = scope_of(route);
  const auto give = [&](Policy policy, const std::optional<RateRule>& rule) {
    if (rule) buckets_.give_back(key_of(policy, scope, route.path, asker), cost);
  };
  give(Policy::kClient, rules.client);
  if (!asker.token_key.empty()) give(Policy::kToken, rules.token);
  give(Policy::kRoute, rules.route);
}

std::optional<Failure> Quotas::find_place(const Route& route, const Asker& asker, Time now,
                                          Admission& admission) {
  const LimitRules& rules = *route.limits;
  if (rules.client_concurrency > 0 &&
      !buckets_.enter(key('i', scope_of(route), asker.client.bytes()), rules.client_concurrency,
                      now, admission.client_)) {
    crowded_clients_.fetch_add(1, std::memory_order_relaxed);
    return Failure{.status = 429,
                   .code = "too_many_at_once",
                   .message = "This client has " + std::to_string(rules.client_concurrency) +
                              " requests that are not answered yet. Wait for one.",
                   .retry_after = std::chrono::seconds(1)};
  }
  if (rules.concurrency == 0) return std::nullopt;
  std::atomic<std::uint32_t>& now_inside = inside(route.path);
  if (now_inside.fetch_add(1) >= rules.concurrency) {
    now_inside.fetch_sub(1);
    admission.leave();
    crowded_routes_.fetch_add(1, std::memory_order_relaxed);
    return Failure{.status = BOURSE_UNAVAILABLE,
                   .code = "route_busy",
                   .message = "As many requests for this route are being answered as may be: " +
                              std::to_string(rules.concurrency) + ". Try again.",
                   .retry_after = std::chrono::seconds(1)};
  }
  admission.route_ = &now_inside;
  return std::nullopt;
}

std::optional<Failure> Quotas::admit_stray(const LimitRules* defaults, const Route* route,
                                           const Asker& asker, Time now, Admission& admission) {
  const LimitRules* rules = defaults;
  if (route != nullptr) rules = route->limits ? &*route->limits : nullptr;
  if (rules == nullptr || !rules->client) return std::nullopt;
  const LimitRules of_client{.client = rules->client};
  return take(of_client, route != nullptr ? scope_of(*route) : "", "", asker, 1, now, admission);
}

void Quotas::guessed(const Asker& asker, Time now) {
  (void)buckets_.take(key_of(Policy::kGuesses, "", "", asker), rate_of(kGuessRule), 1, now);
}

std::optional<Failure> Quotas::guesses_too_much(const Asker& asker, Time now,
                                                Admission& admission) {
  const auto name = key_of(Policy::kGuesses, "", "", asker);
  const auto state = buckets_.take(name, rate_of(kGuessRule), 1, now);
  if (!state.taken) return limited(Policy::kGuesses, kGuessRule, state, admission);
  buckets_.give_back(name, 1);
  return std::nullopt;
}

std::atomic<std::uint32_t>& Quotas::inside(const std::string& route) {
  const std::lock_guard lock(mutex_);
  return inside_[route];  // a map's elements stay where they are
}

void Quotas::expose(Exposition& figures) const {
  using enum MetricKind;
  const MetricFamily limited{"bourse_rate_limited_total",
                             "Requests answered 429 because of a rate, by what was exceeded.",
                             kCounter};
  for (std::size_t i = 0; i < kPolicies; ++i) {
    figures.add(limited, {{"policy", std::string(kNames[i])}},
                static_cast<double>(limited_[i].load(std::memory_order_relaxed)));
  }
  const MetricFamily crowded{"bourse_concurrency_limited_total",
                             "Requests refused because too many were being answered: of one client "
                             "(429), or of a route (503).",
                             kCounter};
  figures.add(crowded, {{"of", "client"}}, static_cast<double>(crowded_clients_.load()));
  figures.add(crowded, {{"of", "route"}}, static_cast<double>(crowded_routes_.load()));
  figures.add({"bourse_limit_buckets", "Clients, tokens and routes that limits know now.", kGauge},
              {}, static_cast<double>(buckets_.size()));
}

}  // namespace bourse::host
