// SPDX-License-Identifier: MIT
#include "host/service/service.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <utility>

#include "host/answers/twins.hpp"
#include "host/base/failures.hpp"
#include "host/http/accept.hpp"
#include "host/http/problem.hpp"
#include "host/http/status.hpp"
#include "host/observe/log.hpp"
#include "host/routing/plan.hpp"
#include "host/service/answering.hpp"
#include "host/service/fields.hpp"
#include "host/service/redirects.hpp"
#include "host/service/trace.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// A worker that listens to its deadline has this long to say what went wrong in its own words.
constexpr auto kDeadlineGrace = std::chrono::milliseconds(250);
constexpr const char* kNoSniff = "nosniff";
/// The outcome of an answer that is kept nowhere.
constexpr std::string_view kComputed = "computed";

std::chrono::nanoseconds since(steady_clock::time_point then) { return steady_clock::now() - then; }

std::string_view name_of(Way way) { return kWayNames[static_cast<std::size_t>(way)]; }

std::int64_t nanoseconds_of(std::chrono::system_clock::time_point time) {
  return duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void set_client(Request& request, const TrustedProxies& proxies) {
  if (!proxies.trust(request.peer)) return;
  request.client = proxies.client(request.peer, request.header(proxies.field()));
}

Traffic::Asked asked_of(const Planned& planned) noexcept {
  return {.analysis = planned.analysis, .format = planned.format};
}

Traffic::Counter counter_for(const Route& route, Traffic& traffic) {
  std::vector<std::string> analyses;
  std::vector<std::string> formats;
  for (const RouteAnalysis& of : route.analyses) analyses.push_back(of.name);
  for (const RouteFormat& of : route.formats) formats.push_back(of.serializer->component().id);
  return traffic.of(route.path, analyses, formats);
}

std::size_t size_of(const Response& response) { return response.body ? response.body->size() : 0; }

/// As it is sent: what HEAD is given has no body.
std::size_t sent_bytes(const Request& request, const Response& response) {
  return request.method == "HEAD" ? 0 : size_of(response);
}

/// For what is told to a client whose route this is. It is about other requests as well, so
/// strangers are told only where the operator wants it; and no answer that is kept has it.
void add_timing(Response& response, ServerTiming timing, const RequestFacts& facts) {
  if (timing == ServerTiming::kOff) return;
  const bool is_public = facts.route == nullptr || facts.route->access.is_public();
  if (timing == ServerTiming::kAccess && is_public) return;
  response.headers.emplace_back("Server-Timing", server_timing(facts));
  if (is_public) response.headers.emplace_back("Timing-Allow-Origin", "*");
}

Response hardened(Response response) {
  response.headers.emplace_back("X-Content-Type-Options", kNoSniff);
  return response;
}

/// Its words are those of an exception that nobody meant for clients: there may be paths in them,
/// or a URL with a key. The log has them.
bool is_accident(const Failure& failure) {
  return failure.code == "plugin_exception" || failure.code == "plugin_threw";
}

/// With what problem_response() says of itself: nosniff.
Response problem(const Failure& failure, const ProblemContext& context) {
  if (!is_accident(failure)) return problem_response(failure, context);
  Failure shown = failure;
  shown.message = "A plugin failed in a way that it had not foreseen; the log says more.";
  return problem_response(shown, context);
}

bool wants_page(const Request& request) { return prefers_html(request.header("Accept")); }

/// For the refusals of a route's AccessList only: nothing else here is opened by a token. RFC 6750,
/// section 3: who sent no token is told no error code.
std::string challenge(const Failure& failure) {
  std::string bearer = "Bearer realm=\"bourse\"";
  if (failure.code == "token_refused") bearer += ", error=\"invalid_token\"";
  return bearer;
}

Failure precondition_failure() {
  return Failure{.status = 412,
                 .code = "precondition_failed",
                 .message = "The answer is another one than If-Match names."};
}

Failure encoding_failure() {
  return Failure{.status = 406,
                 .code = "encoding_not_acceptable",
                 .message =
                     "Accept-Encoding refuses the bytes as they are, and all else that there "
                     "is for this format.",
                 .offer = {"identity"}};
}

Failure not_known_failure() {
  return Failure{.status = BOURSE_DEADLINE,
                 .code = "only_if_cached",
                 .message =
                     "Nothing fresh is known, and the request wanted no work done for it "
                     "(Cache-Control: only-if-cached)."};
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

std::shared_ptr<const Rendition> rendition_of(Rendered rendered) {
  return std::make_shared<const Rendition>(
      Rendition::Parts{.bytes = std::move(rendered.bytes),
                       .media_type = std::move(rendered.media_type),
                       .headers = std::move(rendered.headers)});
}

Provenance provenance_of(const Look& look, Way way, steady_clock::time_point received) {
  const char* const detail = way == Way::kForError ? "error"
                             : !look.serves        ? ""
                             : look.by_floor       ? "floor"
                             : look.despite        ? "backoff"
                                                   : "";
  return {.way = way,
          .was_fresh = look.standing == Standing::kFresh,
          .detail = detail,
          .since_asked = since(received)};
}

/// Complete: where a condition fails, the problem.
Response response_of(const Planned& planned, const Conditions& conditions,
                     const Rendition& rendition, const Life* life, Instant now,
                     const Provenance& provenance, const ProblemContext& context) {
  Response response = answer_response(planned, conditions, rendition, life, now, provenance);
  if (response.status == 412) {
    return problem(precondition_failure(), context);
  }
  if (response.status == 406) return problem(encoding_failure(), context);
  return hardened(std::move(response));
}

}  // namespace

/// One source that is asked for the answer to a request. Where there is a spare one it has half of
/// the time that is left, whether it listens or not.
class Service::Try : public Watched {
 public:
  Try(Service& service, QuestionPtr question, Look look)
      : question_(std::move(question)), look_(std::move(look)), service_(service) {}
  ~Try() override {
    if (is_watched_) service_.deadlines_.forget(ticket_);
  }
  Try(const Try&) = delete;
  Try& operator=(const Try&) = delete;

  [[nodiscard]] const QuestionPtr& question() const noexcept { return question_; }
  [[nodiscard]] const Look& look() const noexcept { return look_; }
  [[nodiscard]] bool has_spare() const noexcept { return question_->spare != nullptr; }
  [[nodiscard]] Source& source() const noexcept { return *question_->planned.job.source; }
  /// That of the request, but for when it ends.
  [[nodiscard]] Context context(const Context& of_request);
  /// What came of a failure of this try is for the caller to see to: true, once.
  [[nodiscard]] bool end() noexcept { return !ended_.exchange(true); }
  [[nodiscard]] bool is_late() const noexcept { return steady_clock::now() >= deadline_; }

  void watch(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& self) {
    if (std::exchange(is_watched_, true)) return;
    work_ = work;
    ticket_ = service_.deadlines_.watch(deadline_ + kDeadlineGrace, self);
  }
  void late() noexcept override;

 private:
  const QuestionPtr question_;
  const Look look_;
  Service& service_;
  steady_clock::time_point deadline_ = steady_clock::time_point::max();
  std::atomic<bool> ended_{false};
  std::weak_ptr<Work> work_;
  Deadlines::Ticket ticket_;
  bool is_watched_ = false;
};

/// One request on its way through the workers. Keeps the generation that it was planned with.
class Service::Work : public Watched {
 public:
  Work(Request& request, Responder responder, std::shared_ptr<const Serving> serving,
       const std::shared_ptr<Try>& first, Conditions conditions, Admission admission,
       Answers& answers)
      : serving_(std::move(serving)),
        first_(first),
        planned_(first_->question()->planned),
        conditions_(std::move(conditions)),
        demand_(demand_of(conditions_.wish)),
        now_(first),
        answers_(answers),
        admission_(std::move(admission)),
        as_page_(wants_page(request)),
        request_(std::move(request)),
        context_{.request_id = request_.id,
                 .route = planned_.route->path,
                 .deadline = request_.received + planned_.route->deadline,
                 .client = responder.watch(),
                 .authorized = !planned_.route->access.is_public(),
                 .trace = trace_of(request_),
                 .language = request_.header("Accept-Language"),
                 .now = nanoseconds_of(request_.arrived),
                 .stages = std::make_shared<Stages>()},
        pending_(std::move(responder)) {
    if (context_.trace.empty()) context_.trace = new_trace();
    if (!planned_.may_keep) return;
    context_.known = &answers;
    context_.tally = &serving_->counter_of(*planned_.route).tally();
  }

  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] const Planned& planned() const noexcept { return planned_; }

  void watch(Deadlines& deadlines, const std::shared_ptr<Work>& self) {
    deadlines_ = &deadlines;
    ticket_ = deadlines.watch(context_.deadline + kDeadlineGrace, self);
  }
  [[nodiscard]] const std::shared_ptr<const Serving>& serving() const noexcept { return serving_; }
  /// The source that is asked now.
  [[nodiscard]] std::shared_ptr<Try> now() const noexcept { return now_.load(); }
  void set_now(std::shared_ptr<Try> next) noexcept { now_.store(std::move(next)); }
  [[nodiscard]] const Demand& demand() const noexcept { return demand_; }
  [[nodiscard]] const Conditions& conditions() const noexcept { return conditions_; }
  [[nodiscard]] const std::string& method() const noexcept { return request_.method; }
  [[nodiscard]] Answers::Asked asked(const Try& now, const Context& context) const noexcept {
    return {.key = *now.question()->rendering,
            .tolerance = now.question()->tolerance,
            .demand = demand_,
            .context = context,
            .may_resort = !now.has_spare()};
  }
  /// What another one's flight ended with for its own reasons is asked again, but not for ever.
  [[nodiscard]] bool asks_again() noexcept { return ++tries_ < kTriesMax; }

  /// Of what the shelf had, or a flight brought.
  void serve(const Kept& kept, Way way, const Look& look) {
    respond(*kept.rendition, &kept.life, provenance_of(look, way, request_.received), name_of(way));
  }
  /// Of a try that found something: the old answer that stands where no source has a new one.
  [[nodiscard]] Look resort() const noexcept {
    for (const auto& tried : {first_, now()}) {
      const Look& look = tried->look();
      if (look.kept && standing(look.kept->life, tried->question()->tolerance, answers_.now()) !=
                           Standing::kDead) {
        return look;
      }
    }
    return {};
  }
  /// Of what is kept nowhere.
  void serve(Rendered rendered) {
    respond(*rendition_of(std::move(rendered)), nullptr, {.kept = false}, kComputed);
  }
  /// Nothing was tried: as little a fault of this server as a request that cannot be read.
  void refuse_to_work() {
    const Failure why = not_known_failure();
    finish(failed(why), BOURSE_BAD_PARAM, {.outcome = name_of(Way::kRefused), .failure = &why});
  }
  void fail(const Failure& failure) {
    Response response = failed(failure);
    // What a client that left would have been told says nothing of how the server is.
    const bool left = failure.status == BOURSE_CANCELLED && context_.poll() == BOURSE_CANCELLED;
    const int status = left ? Traffic::kClientClosed : response.status;
    finish(std::move(response), status, {.failure = &failure});
  }
  [[nodiscard]] bool is_watched() const noexcept { return deadlines_ != nullptr; }
  /// From now on a plugin is to blame when the answer is late.
  void begin() noexcept {
    queued_ns_.store(since(request_.received).count(), std::memory_order_relaxed);
    begun_ = true;
  }
  void works(std::shared_ptr<const Effort> effort) noexcept { effort_.store(std::move(effort)); }
  /// Of an answer that is late: it is the question alone that is to blame, if the processor did
  /// little else but work for it. Who is late because others were served is not to blame, nor who
  /// waited for a source.
  [[nodiscard]] bool asks_too_much() const noexcept {
    const auto effort = effort_.load();
    return effort && effort->spent() >= planned_.route->deadline / 2;
  }
  void late() noexcept override;

 private:
  static constexpr int kTriesMax = 3;

  void respond(const Rendition& rendition, const Life* life, const Provenance& provenance,
               std::string_view outcome) {
    Response response = response_of(planned_, conditions_, rendition, life, answers_.now(),
                                    serving_->named(provenance), problem_context());
    const int status = response.status;
    finish(std::move(response), status, {.outcome = outcome});
  }
  void finish(Response response, int status, const RequestFacts& facts) {
    if (deadlines_ != nullptr) deadlines_->forget(ticket_);
    (void)answer(std::move(response), status, facts);
  }
  /// True: it was this one that the client sees. `status`: as what it is counted; of `facts`, what
  /// only the caller knows.
  bool answer(Response response, int status, RequestFacts facts) {
    if (!pending_.claim()) return false;
    admission_.add_fields(response);
    admission_.leave();
    const Route& route = *planned_.route;
    facts.client_left = status == Traffic::kClientClosed;
    facts.status = facts.client_left ? status : response.status;
    facts.counted = status;
    facts.bytes = sent_bytes(request_, response);
    facts.total = since(request_.received);
    facts.route = &route;
    facts.analysis = planned_.job.analysis->component().id;
    facts.format = route.offers[planned_.format].id;
    facts.stages = context_.stages.get();
    facts.queued = std::chrono::nanoseconds(queued_ns_.load(std::memory_order_relaxed));
    facts.trace = context_.trace;
    // Before it is sent: who reads the figures after the answer finds it counted.
    serving_->counter_of(route).count(asked_of(planned_), status,
                                      duration_cast<microseconds>(facts.total), facts.bytes);
    add_timing(response, serving_->generation->server_timing(), facts);
    pending_.send(std::move(response));
    serving_->log->write(request_, facts);
    return true;
  }
  [[nodiscard]] ProblemContext problem_context() const noexcept {
    return {
        .request_id = context_.request_id, .instance = planned_.shown_target, .as_page = as_page_};
  }
  [[nodiscard]] Response failed(const Failure& failure) const {
    return problem(failure, problem_context());
  }

  std::shared_ptr<const Serving> serving_;
  const std::shared_ptr<Try> first_;
  const Planned& planned_;  ///< of the first; all have it but for their source
  const Conditions conditions_;
  const Demand demand_;
  std::atomic<std::shared_ptr<Try>> now_;
  Answers& answers_;
  Admission admission_;  ///< of who answers
  int tries_ = 0;
  const bool as_page_;
  const Request request_;
  Context context_;
  Pending pending_;
  std::atomic<bool> begun_{false};
  std::atomic<std::int64_t> queued_ns_{0};  ///< until it was begun
  std::atomic<std::shared_ptr<const Effort>> effort_;
  Deadlines* deadlines_ = nullptr;  ///< outlives all work: the workers end before it
  Deadlines::Ticket ticket_;
};

/// One of the refreshes that may be under way. One that does not end has it no longer than its
/// deadline: others may refresh, and the same question is asked again.
class Service::RefreshPlace : public Watched {
 public:
  RefreshPlace(std::atomic<unsigned>& refreshes, std::shared_ptr<Backoff> backoff)
      : refreshes_(refreshes), backoff_(std::move(backoff)) {}
  ~RefreshPlace() override {
    if (deadlines_ != nullptr) deadlines_->forget(ticket_);
    if (!given_back_.exchange(true)) --refreshes_;
  }
  RefreshPlace(const RefreshPlace&) = delete;
  RefreshPlace& operator=(const RefreshPlace&) = delete;

  void watch(Deadlines& deadlines, steady_clock::time_point until,
             const std::shared_ptr<RefreshPlace>& self) {
    ticket_ = deadlines.watch(until, self);
    deadlines_ = &deadlines;
  }
  void late() noexcept override {
    if (given_back_.exchange(true)) return;
    --refreshes_;
    backoff_->withdraw();
  }

 private:
  std::atomic<unsigned>& refreshes_;
  const std::shared_ptr<Backoff> backoff_;
  std::atomic<bool> given_back_{false};
  Deadlines* deadlines_ = nullptr;
  Deadlines::Ticket ticket_;
};

// Touches no ticket: the thread that began to watch may not have it yet.
void Service::Work::late() noexcept {
  try {
    if (const Look old_one = resort(); old_one.kept) {
      Response old = response_of(
          planned_, conditions_, *old_one.kept->rendition, &old_one.kept->life, answers_.now(),
          serving_->named(provenance_of(old_one, Way::kForError, request_.received)),
          problem_context());
      const int status = old.status;
      (void)answer(std::move(old), status, {.outcome = name_of(Way::kForError)});
      return;
    }
    const Failure why = asks_too_much() ? too_much_work_failure() : deadline_failure();
    if (!answer(failed(why), why.status, {.failure = &why}) || why.status != BOURSE_DEADLINE)
      return;
    log_event(BOURSE_LEVEL_WARN, begun_ ? "deadline_ignored" : "deadline_in_queue",
              {{"request_id", context_.request_id},
               {"route", context_.route},
               {"target", planned_.shown_target}});
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", context_.request_id}, {"message", e.what()}});
  }
}

Context Service::Try::context(const Context& of_request) {
  Context context = of_request;
  if (deadline_ == steady_clock::time_point::max()) {
    deadline_ = context.deadline;
    if (has_spare()) deadline_ -= (deadline_ - steady_clock::now()) / 2;
  }
  context.deadline = deadline_;
  return context;
}

void Service::Try::late() noexcept {
  try {
    const auto work = work_.lock();
    if (work && work->context().poll() == BOURSE_OK) service_.go_on(work, *this);
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed", {{"message", e.what()}});
  }
}

Service::Service(std::shared_ptr<const Generation> generation, Workers::Options workers,
                 const Answers::Options& cache)
    : health_body_(std::make_shared<const std::string>(
          std::string(R"({"status":"ok","version":")") + BOURSE_VERSION + "\"}\n")),
      refreshes_max_(std::max(1U, workers.threads / 4)),
      answers_(cache),
      workers_(workers) {
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
  const auto before = serving_.exchange(serving);
  if (!before) return;
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

void Service::stop() { workers_.stop(); }

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

void Service::refused(const Request& request, const Failure& why) noexcept {
  try {
    refusals_.count(why.code);
    const auto serving = serving_.load();
    Request asked = request;
    set_client(asked, serving->generation->trusted_proxies());
    const std::string trace = trace_of(asked);
    serving->log->write(asked, {.status = static_cast<int>(why.status),
                                .total = since(asked.received),
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

std::shared_ptr<Service::Try> Service::first_try(QuestionPtr question, Look look) {
  return std::make_shared<Try>(*this, std::move(question), std::move(look));
}

/// Gives what is known of this try's source, or asks it, or another one that is of more use.
void Service::proceed(const std::shared_ptr<Work>& work) {
  const auto tried = work->now();
  const Look& look = tried->look();
  const Question& question = *tried->question();
  if (look.serves && (look.way != Way::kForError || !tried->has_spare())) {
    work->serve(*look.kept, look.way, look);
    make_twin_for(question, work->conditions(), work->method(), look.kept);
    if (look.refresh) refresh(*work);
    return;
  }
  if (tried->has_spare() &&
      (look.serves || tried->source().breaker().pass_over(system_clock().now()))) {
    return go_on(work, *tried);
  }
  if (question.planned.may_keep) return ask(work);
  start(work);
}

/// With the next source, unless somebody has seen to it.
void Service::go_on(const std::shared_ptr<Work>& work, Try& from) {
  if (!from.end()) return;
  const QuestionPtr& next = from.question()->spare;
  Look look;
  if (next->rendering) {
    look = answers_.look(*next->rendering, next->tolerance, work->demand(), work->context().tally);
  }
  work->set_now(first_try(next, std::move(look)));
  proceed(work);
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

Flights::Submit Service::submit() {
  return [this](std::function<void()> task) {
    const bool taken = workers_.submit(std::move(task));
    if (!taken) ++refused_;
    return taken;
  };
}

/// It holds what it needs itself: it may go on when the request that began it was answered.
Maker Service::maker(const Work& work, std::weak_ptr<Work> leader) {
  return [this, serving = work.serving(), question = work.now()->question(), demand = work.demand(),
          leader = std::move(leader)](const Context& context) -> Result<Made> {
    const Job& job = question->planned.job;
    if (const auto first = leader.lock()) first->begin();
    const auto known = answers_.know({.key = *question->report,
                                      .tolerance = {.fresh = question->tolerance.fresh},
                                      .demand = demand,
                                      .context = context},
                                     &workers_, [&](const Context& of_report) -> Result<Made> {
                                       auto answer = analyse(job, of_report, &workers_);
                                       if (!answer) return std::move(answer).failure();
                                       return Made{.report = std::move(answer->report),
                                                   .fresh_until = answer->fresh_until,
                                                   .truth = question->bounded(answer->truth)};
                                     });
    if (!known) return known.failure();
    const Kept& kept = **known;
    kept.mark->feeds(context.mark);
    auto rendered = render(job, *kept.report, as_old_as(kept.life), context, &workers_);
    if (!rendered) return std::move(rendered).failure();
    const Truth truth = question->bounded(rendered->truth);
    return Made{.rendition = rendition_of(*std::move(rendered)), .truth = truth};
  };
}

void Service::ask(const std::shared_ptr<Work>& work) {
  if (!work->is_watched()) work->watch(deadlines_, work);
  const auto tried = work->now();
  const Context context = tried->context(work->context());
  if (tried->has_spare()) tried->watch(work, tried);
  work->works(answers_.ask(
      work->asked(*tried, context), maker(*work, work), submit(), tried->look(),
      [this, work, tried](const Answers::Told& told) { complete(work, tried, told); }));
}

// All that changes at the full minute is stale at once: those who wait for an answer go first, and
// the old answers stand until their turn.
void Service::refresh(const Work& work) {
  if (refreshes_.fetch_add(1) >= refreshes_max_) {
    --refreshes_;
    return work.now()->look().kept->backoff->withdraw();  // the next who is given it tries again
  }
  Context nobody = work.context();
  nobody.client = nullptr;
  // It lives as long as the work: until that has landed, or at once where there was no work to do.
  const auto place = std::make_shared<RefreshPlace>(refreshes_, work.now()->look().kept->backoff);
  place->watch(deadlines_, nobody.deadline + CallWatch::kGrace, place);
  auto makes = [place, make = maker(work, {})](const Context& context) { return make(context); };
  const auto tried = work.now();
  answers_.refresh(work.asked(*tried, nobody), std::move(makes), submit(), tried->look());
}

/// Once for each rendering, on a worker, while the bytes go out as they are; and not before a
/// second one is given it: an answer that nobody asks for again would pay for nothing.
void Service::make_twin_for(const Question& question, const Conditions& conditions,
                            std::string_view method, const KeptPtr& kept) {
  if (method != "GET" || !conditions.accept_encoding) return;
  const auto coding = wanted_twin(conditions, kept->rendition->media_type());
  const bool lasts = lifetime(kept->life, question.tolerance) > std::chrono::nanoseconds(0);
  if (!coding || !lasts || !kept->rendition->claim_twin(*coding)) return;
  const bool taken = workers_.submit([this, key = *question.rendering, kept, coding = *coding] {
    try {
      BytesPtr twin = make_twin(*kept->rendition->bytes(), coding);
      if (twin && !answers_.grow(key, kept, twin)) twin = nullptr;
      kept->rendition->set_twin(coding, std::move(twin));
    } catch (const std::exception&) {
      kept->rendition->withdraw_twin(coding);  // memory: the next one tries again
    }
  });
  if (!taken) kept->rendition->withdraw_twin(*coding);
}

namespace {

/// In the host's own words: what a plugin says of a deadline is another one's.
template <class T>
bool is_late(const Result<T>& outcome) {
  return !outcome.ok() && outcome.failure().status == BOURSE_DEADLINE &&
         outcome.failure().code == deadline_failure().code;
}

/// Another source may do what this one could not. That no thread was to be had says nothing of it.
bool is_worth_a_spare(const Failure& why) {
  return is_of_source(why) && why.code != "overloaded" && why.code != "out_of_memory";
}

}  // namespace

void Service::complete(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& tried,
                       const Answers::Told& told) {
  try {
    if (told.answer) {
      work->serve(**told.answer, told.way, tried->look());
      // Who joined is the second one already.
      if (told.way != Way::kJoined) return;
      return make_twin_for(*tried->question(), work->conditions(), work->method(), *told.answer);
    }
    const bool too_much = is_late(told.answer) && work->asks_too_much();
    const Failure why = too_much ? too_much_work_failure() : told.answer.failure();
    const bool has_time = work->context().poll() == BOURSE_OK;
    if (is_over(told.answer) && has_time && !tried->is_late() && work->asks_again()) {
      return ask(work);
    }
    if (tried->has_spare() && has_time && is_worth_a_spare(why)) return go_on(work, *tried);
    if (tried->end()) resign(*work, why);
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", work->context().request_id}, {"message", e.what()}});
  }
}

/// No source has a new answer. One of another source, that was passed over, may be good enough.
void Service::resign(Work& work, const Failure& why) {
  const Look old = is_for_error(why) ? work.resort() : Look{};
  if (old.kept) return work.serve(*old.kept, Way::kForError, old);
  work.fail(why);
}

void Service::start(const std::shared_ptr<Work>& work) {
  if (!work->is_watched()) work->watch(deadlines_, work);
  const auto tried = work->now();
  if (!workers_.submit([this, work, tried] { run(work, tried); })) {
    ++refused_;
    work->fail(overloaded_failure());
  }
}

void Service::run(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& tried) {
  try {
    // What waited in the queue beyond its deadline, or whose client left, is not begun.
    work->begin();
    const bourse_status before = work->context().poll();
    if (before == BOURSE_DEADLINE) return work->fail(deadline_failure());
    if (before == BOURSE_CANCELLED) return work->fail(cancelled_failure());
    const Context context = tried->context(work->context());
    if (tried->has_spare()) tried->watch(work, tried);
    const auto effort = std::make_shared<Effort>();
    work->works(effort);
    effort->begin();
    auto rendered = perform(tried->question()->planned.job, context, &workers_);
    effort->end();
    if (rendered) return work->serve(*std::move(rendered));
    const bool too_much = is_late(rendered) && work->asks_too_much();
    const Failure why = too_much ? too_much_work_failure() : rendered.failure();
    if (tried->has_spare() && work->context().poll() == BOURSE_OK && is_worth_a_spare(why)) {
      return go_on(work, *tried);
    }
    if (tried->end()) work->fail(why);
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", work->context().request_id}, {"message", e.what()}});
  }
}

}  // namespace bourse::host
