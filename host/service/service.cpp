// SPDX-License-Identifier: MIT
#include "host/service/service.hpp"

#include <chrono>
#include <exception>
#include <optional>
#include <span>
#include <utility>

#include "host/http/accept.hpp"
#include "host/observe/log.hpp"
#include "host/routing/plan.hpp"
#include "host/service/fields.hpp"
#include "host/service/redirects.hpp"
#include "host/service/work.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

void set_client(Request& request, const TrustedProxies& proxies) {
  if (!proxies.trust(request.peer)) return;
  request.client = proxies.client(request.peer, request.header(proxies.field()));
}

Traffic::Counter counter_for(const Route& route, Traffic& traffic) {
  std::vector<std::string> analyses;
  std::vector<std::string> formats;
  for (const RouteAnalysis& of : route.analyses) analyses.push_back(of.name);
  for (const RouteFormat& of : route.formats) formats.push_back(of.serializer->component().id);
  return traffic.of(route.path, analyses, formats);
}

/// For the refusals of a route's AccessList only: nothing else here is opened by a token. RFC 6750,
/// section 3: who sent no token is told no error code.
std::string challenge(const Failure& failure) {
  std::string bearer = "Bearer realm=\"bourse\"";
  if (failure.code == "token_refused") bearer += ", error=\"invalid_token\"";
  return bearer;
}

void log_plan(const std::string& request_id, const Planned& planned) {
  const Job& job = planned.job;
  log_event(BOURSE_LEVEL_DEBUG, "planned",
            {{"request_id", request_id},
             {"route", planned.route->path},
             {"analysis", job.analysis->full_name()},
             {"format", job.serializer->full_name()},
             {"source", job.source ? job.source->name() : std::string()},
             {"by_accept", planned.by_accept},
             {"keeps", planned.may_keep}});
}

}  // namespace

Service::Service(std::shared_ptr<const Generation> generation, Workers::Options workers,
                 const Answers::Options& cache)
    : health_body_(std::make_shared<const std::string>(
          std::string(R"({"status":"ok","version":")") + BOURSE_VERSION + "\"}\n")),
      refreshes_max_(std::max(1U, workers.threads / 4)),
      long_answers_max_(std::max(1U, workers.threads / 2)),
      keep_bytes_max_(std::max(kHoldBytes, cache.bytes_max / 8)),
      answers_(cache),
      workers_(workers) {
  live_ = std::make_unique<Live>(Live::Options{.runs_max = std::max(1U, workers.threads / 4)},
                                 answers_, workers_);
  serve(std::move(generation));
}

Service::~Service() { stop(); }

void Service::serve(std::shared_ptr<const Generation> generation) {
  auto serving = std::make_shared<Serving>();
  for (const Route& route : generation->routes()) {
    serving->counters.push_back(counter_for(route, traffic_));
  }
  for (const auto& [name, source] : *generation->sources()) source->count_at(fetches_.of(name));
  const auto replaced = serving_.load();
  serving->pages =
      std::make_shared<const ApiPages>(*generation, replaced ? replaced->pages.get() : nullptr);
  serving->generation = std::move(generation);
  serving->log = std::make_unique<RequestLog>(*serving->generation);
  const LiveLimits& limits = serving->generation->live();
  live_->set_limits(limits.streams, limits.streams_per_client);
  const auto before = serving_.exchange(serving);
  if (!before) return;
  live_->end_all(before.get(),
                 {.code = "reloaded", .message = "The server has a new configuration; ask again."});
  // After the switch: what a request of the one before makes from now on is kept for nobody.
  const Sources& now = *serving->generation->sources();
  for (const auto& [name, source] : *before->generation->sources()) {
    const auto found = now.find(name);
    if (found != now.end() && found->second == source) continue;
    source->replaced();
    fetches_.of(name).forget_up();
  }
}

std::string Service::exhausted() const {
  if (!workers_.exhausted()) return {};
  std::string text = "calls that do not return hold all turns, and no substitute is left:";
  for (const CallWatch::OfComponent& of : workers_.calls().figures()) {
    if (of.stuck > 0) text += " " + of.name + " (" + std::to_string(of.stuck) + ")";
  }
  return text;
}

bool Service::drain(std::chrono::nanoseconds limit) { return workers_.drain(limit); }

void Service::stop() {
  live_->stop();
  workers_.stop();
}

void Service::end() {
  stop();
  serving_.store(nullptr);
}

void Service::handle(Request request, Responder responder) noexcept {
  try {
    answer(request, responder);
  } catch (const std::exception& e) {
    // Memory. The Responder answers 500 by itself when it goes.
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", request.id}, {"message", e.what()}});
  }
}

// What the server answers beside the routes; the configuration keeps these paths from them.
const std::array<Page<Service>, 1> Service::kPages = {
    {{.path = Service::kProbe, .method = "GET", .answer = &Service::answer_health}}};

void Service::answer_health(const Request& request, Responder& responder) {
  Response response;
  if (!ready_.load(std::memory_order_relaxed)) {
    return responder.send(problem(
        Failure{.status = BOURSE_UNAVAILABLE,
                .code = "stopping",
                .message = "The server is shutting down."},
        {.request_id = request.id, .instance = request.target, .as_page = wants_page(request)}));
  }
  if (std::string why = exhausted(); !why.empty()) {
    return responder.send(problem(
        Failure{.status = BOURSE_UNAVAILABLE,
                .code = "calls_stuck",
                .message = "Nothing can be answered: " + why + "."},
        {.request_id = request.id, .instance = request.target, .as_page = wants_page(request)}));
  }
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = health_body_;
  responder.send(hardened(std::move(response)));
}

/// Counts and logs what is answered without any work, and sends it. `route`: null where none
/// matches.
void Service::reply(Response response, const Request& request, Responder& responder,
                    const Serving& serving, const Route* route, const Failure* failure) {
  RequestFacts facts{.status = response.status,
                     .bytes = sent_bytes(request, response),
                     .total = since(request.received),
                     .route = route,
                     .failure = failure};
  const std::string trace = trace_of(request);
  facts.trace = trace;
  const Traffic::Counter counter =
      route == nullptr ? traffic_.of_no_route() : serving.counter_of(*route);
  counter.count_refused(facts.status, duration_cast<microseconds>(facts.total), facts.bytes);
  responder.send(std::move(response));
  serving.log->write(request, facts);
}

void Service::answer_page(Response page, const Request& request, Responder& responder,
                          const Serving& serving) {
  if (page.status == 412) {
    return refuse(precondition_failure(), request, responder, serving, nullptr);
  }
  reply(std::move(page), request, responder, serving, nullptr, nullptr);
}

/// Of a request that leads to no plan. `matched`: the route that its path leads to, or null.
void Service::refuse_stray(Failure failure, const Request& request, Responder& responder,
                           const Serving& serving, const Route* matched) {
  const Asker asker{.client = request.client.bucket(), .request_id = request.id};
  Admission admission;
  if (failure.code == "token_refused") {
    if (auto refused = quotas_.guesses_too_much(asker, request.received, admission)) {
      return refuse(*refused, request, responder, serving, matched, admission);
    }
    quotas_.guessed(asker, request.received);
  }
  if (auto refused = quotas_.admit_stray(serving.generation->default_limits(), matched, asker,
                                         request.received, admission)) {
    failure = *std::move(refused);
  }
  refuse(failure, request, responder, serving, matched, admission);
}

void Service::refuse_limited(const Failure& failure, const Question& question,
                             const Request& request, Responder& responder, const Serving& serving,
                             const Admission& admission) {
  const Planned& planned = question.planned;
  Response response = problem(failure, {.request_id = request.id,
                                        .instance = planned.shown_target,
                                        .as_page = wants_page(request),
                                        .violated_policy = admission.violated()});
  admission.add_fields(response);
  const std::string trace = trace_of(request);
  const RequestFacts facts{.status = response.status,
                           .bytes = sent_bytes(request, response),
                           .total = since(request.received),
                           .route = planned.route,
                           .analysis = planned.job.analysis->component().id,
                           .format = planned.route->offers[planned.format].id,
                           .failure = &failure,
                           .trace = trace};
  serving.counter_of(*planned.route)
      .count(asked_of(planned), facts.status, duration_cast<microseconds>(facts.total),
             facts.bytes);
  responder.send(std::move(response));
  serving.log->write(request, facts);
}

void Service::refuse(const Failure& failure, const Request& request, Responder& responder,
                     const Serving& serving, const Route* route, const Admission& admission) {
  const Generation& generation = *serving.generation;
  const std::string shown = shown_target(generation, request.target);
  Response response = problem(failure, {.request_id = request.id,
                                        .instance = shown,
                                        .as_page = wants_page(request),
                                        .violated_policy = admission.violated()});
  admission.add_fields(response);
  if (failure.status == 405) response.headers.emplace_back("Allow", kAllowedMethods);
  if (failure.status == 401) response.headers.emplace_back("WWW-Authenticate", challenge(failure));
  reply(std::move(response), request, responder, serving, route, &failure);
}

void Service::refused(Request& request, const Failure& why) noexcept {
  try {
    refusals_.count(why.code);
    const auto serving = serving_.load();
    set_client(request, serving->generation->trusted_proxies());
    const std::string trace = trace_of(request);
    serving->log->write(request, {.status = static_cast<int>(why.status),
                                  .total = since(request.received),
                                  .failure = &why,
                                  .trace = trace});
  } catch (const std::exception&) {
    // Memory: the line is lost, the client is told all the same.
  }
}

Attached Service::attached_to_refusal(const Request& request) noexcept {
  try {
    const auto serving = serving_.load();
    if (serving) return attached_to(serving->generation->fields(nullptr), request);
  } catch (const std::exception&) {
    // Memory: it is refused without them.
  }
  return {};
}

void Service::answer(Request& request, Responder& responder) {
  auto serving = serving_.load();
  const Generation& generation = *serving->generation;
  set_client(request, generation.trusted_proxies());
  const std::span<const Page<Service>> pages(kPages);
  if (const auto* const page = find_page(pages, request.target, request.method)) {
    attach(generation.fields(nullptr), request, responder);
    return (this->*page->answer)(request, responder);
  }
  if (!is_reading(request)) {
    const auto reached = reach(generation, request.target);
    const Route* const route = reached ? reached->route : nullptr;
    const AnswerFields* const fields = generation.fields(route);
    attach(fields, request, responder);
    if (request.method == "OPTIONS") {
      return reply(hardened(options_response(fields, request)), request, responder, *serving, route,
                   nullptr);
    }
    return refuse(Failure{.status = 405,
                          .code = "method_not_allowed",
                          .message = "Reports are read with GET or HEAD."},
                  request, responder, *serving, route);
  }
  const std::string accept = request.header("Accept");
  if (prefers_events(accept)) return answer_events(request, responder, serving);
  if (auto question = serving->remembered.find(request.target, accept)) {
    attach(generation.fields(question->planned.route), request, responder);
    return answer(std::move(question), request, responder, std::move(serving));
  }
  auto reached = reach(generation, request.target);
  const Route* const route = reached ? reached->route : nullptr;
  attach(generation.fields(route), request, responder);
  if (auto page = serving->pages->answer(request, ApiPlace::kPublic)) {
    return answer_page(*std::move(page), request, responder, *serving);
  }
  if (!reached) return refuse_stray(reached.failure(), request, responder, *serving, nullptr);
  if (auto elsewhere = redirect_of(*reached, request)) {
    return reply(hardened(*std::move(elsewhere)), request, responder, *serving, route, nullptr);
  }
  if (reached->route != nullptr && reached->route->fixed) {
    return answer_fixed(*reached, request, responder, *serving);
  }
  const std::string authorization = request.header("Authorization");
  auto planned = plan(serving->generation, *reached,
                      {.target = request.target,
                       .accept = accept,
                       .authorization = authorization,
                       .now = nanoseconds_of(request.arrived)});
  if (!planned) {
    return refuse_stray(std::move(planned).failure(), request, responder, *serving, route);
  }
  if (log_enabled(BOURSE_LEVEL_DEBUG)) log_plan(request.id, *planned);
  auto question = std::make_shared<const Question>(*std::move(planned));
  // What is asked again while its answer is kept is not planned again.
  const bool is_one_of_many = question->planned.has_ignored;
  if (question->rendering && !is_one_of_many && answers_.keeps(*question->rendering)) {
    serving->remembered.add(request.target, accept, question);
  }
  answer(std::move(question), request, responder, std::move(serving));
}

void Service::answer(QuestionPtr question, Request& request, Responder& responder,
                     std::shared_ptr<const Serving> serving) {
  const Planned& planned = question->planned;
  request.token = planned.token_name;
  Admission admission;
  const auto refused = [&](const Failure& why) {
    refuse_limited(why, *question, request, responder, *serving, admission);
  };
  Asker asker{.token_key = planned.token_key, .request_id = request.id};
  if (planned.route->limits || !planned.token_key.empty()) asker.client = request.client.bucket();
  if (!planned.token_key.empty()) {
    auto why = quotas_.guesses_too_much(asker, request.received, admission);
    if (why) return refused(*why);
  }
  if (auto why = quotas_.admit(*planned.route, asker, request.received, admission)) {
    return refused(*why);
  }
  Conditions conditions = conditions_of(request);
  Look look;
  if (question->rendering) {
    look = answers_.look(*question->rendering, question->tolerance, demand_of(conditions.wish),
                         &serving->counter_of(*question->planned.route).tally());
    const bool has_other_way = look.way == Way::kForError && question->spare;
    if (look.serves && !look.refresh && !has_other_way) {
      return serve_kept(*question, conditions, look, request, responder, *serving, admission);
    }
  }
  if (!look.serves && look.way != Way::kRefused) {
    if (auto why = quotas_.admit_work(*planned.route, asker, request.received, admission)) {
      return refused(*why);
    }
  }
  const auto work = std::make_shared<Work>(request, std::move(responder), std::move(serving),
                                           first_try(std::move(question), std::move(look)),
                                           std::move(conditions), std::move(admission), answers_);
  if (work->now()->look().way == Way::kRefused) return work->refuse_to_work();
  proceed(work);
}

void Service::answer_fixed(const Reached& reached, Request& request, Responder& responder,
                           const Serving& serving) {
  const Route& route = *reached.route;
  if (auto why = refusal_of(*serving.generation, reached, request.target)) {
    return refuse_stray(*std::move(why), request, responder, serving, &route);
  }
  const auto pass = route.access.admit(request.header("Authorization"));
  if (!pass) return refuse_stray(pass.failure(), request, responder, serving, &route);
  request.token = pass->name;
  const Asker asker{
      .client = request.client.bucket(), .token_key = pass->key, .request_id = request.id};
  Admission admission;
  std::optional<Failure> why;
  if (!pass->key.empty()) why = quotas_.guesses_too_much(asker, request.received, admission);
  // It costs what an answer costs that is kept already.
  if (!why) why = quotas_.admit(route, asker, request.received, admission);
  if (why) return refuse(*why, request, responder, serving, &route, admission);
  auto response = fixed_response(reached, request);
  if (!response) {
    return refuse(no_route(*serving.generation, request.target), request, responder, serving,
                  &route, admission);
  }
  if (response->status == 412) {
    return refuse(precondition_failure(), request, responder, serving, &route, admission);
  }
  admission.add_fields(*response);
  reply(hardened(*std::move(response)), request, responder, serving, &route, nullptr);
}

/// On this thread, without anything that only a request with work to do needs.
void Service::serve_kept(const Question& question, const Conditions& conditions, const Look& look,
                         const Request& request, Responder& responder, const Serving& serving,
                         const Admission& admission) {
  const Planned& planned = question.planned;
  const bool may_be_ready = look.way == Way::kHit;
  const Aspect aspect = aspect_of(look, question.tolerance, look.at);
  std::optional<Response> ready;
  if (may_be_ready) ready = question.ready.find(conditions, look.kept, aspect);
  const bool is_new = !ready;
  if (is_new) {
    ready = response_of(planned, conditions, *look.kept->rendition, &look.kept->life, look.at,
                        serving.named(provenance_of(look, look.way, request.received)),
                        {.request_id = request.id,
                         .instance = planned.shown_target,
                         .as_page = wants_page(request)});
    // What HEAD is given makes no twin, so it is not what GET finds.
    if (may_be_ready && request.method == "GET") {
      question.ready.add(conditions, look.kept, aspect, *ready);
    }
  }
  Response response = *std::move(ready);
  admission.add_fields(response);  // behind what is given to others as well
  const std::string trace = trace_of(request);
  const RequestFacts facts{.status = response.status,
                           .bytes = sent_bytes(request, response),
                           .total = since(request.received),
                           .route = planned.route,
                           .analysis = planned.job.analysis->component().id,
                           .format = planned.route->offers[planned.format].id,
                           .outcome = name_of(look.way),
                           .trace = trace};
  serving.counter_of(*planned.route)
      .count(asked_of(planned), facts.status, duration_cast<microseconds>(facts.total),
             facts.bytes);
  add_timing(response, serving.generation->server_timing(), facts);
  responder.send(std::move(response));
  serving.log->write(request, facts);
  if (is_new) make_twin_for(question, conditions, request.method, look.kept);
}

}  // namespace bourse::host
