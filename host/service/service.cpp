// SPDX-License-Identifier: MIT
#include "host/service/service.hpp"

#include <atomic>
#include <chrono>
#include <exception>
#include <span>
#include <utility>

#include "host/base/failures.hpp"
#include "host/http/problem.hpp"
#include "host/http/status.hpp"
#include "host/observe/log.hpp"
#include "host/routing/plan.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

/// A worker that listens to its deadline has this long to say what went wrong in its own words.
constexpr auto kDeadlineGrace = std::chrono::milliseconds(250);
constexpr const char* kNoSniff = "nosniff";
constexpr const char* kAllowed = "GET, HEAD, OPTIONS";

microseconds since(steady_clock::time_point then) {
  return duration_cast<microseconds>(steady_clock::now() - then);
}

std::int64_t nanoseconds_of(std::chrono::system_clock::time_point time) {
  return duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void log_request(const std::string& id, const std::string& method, const std::string& target,
                 const std::string& route, int status, std::size_t bytes,
                 steady_clock::time_point received) {
  if (!log_enabled(BOURSE_LEVEL_INFO)) return;
  log_event(BOURSE_LEVEL_INFO, "request",
            {{"request_id", id},
             {"method", method},
             {"target", target},
             {"route", route},
             {"status", std::to_string(status)},
             {"bytes", std::to_string(bytes)},
             {"microseconds", std::to_string(since(received).count())}});
}

std::size_t size_of(const Response& response) { return response.body ? response.body->size() : 0; }

Response hardened(Response response) {
  response.headers.emplace_back("X-Content-Type-Options", kNoSniff);
  return response;
}

Response problem(const Failure& failure, std::string_view request_id, std::string_view instance) {
  return hardened(problem_response(failure, {.request_id = request_id, .instance = instance}));
}

Failure overloaded() {
  return Failure{.status = BOURSE_UNAVAILABLE,
                 .code = "overloaded",
                 .message = "The server has more requests than it can answer now. Try again.",
                 .retry_after = std::chrono::seconds(1)};
}

/// For the refusals of a route's AccessList only: nothing else here is opened by a token. RFC 6750,
/// section 3: who sent no token is told no error code.
std::string challenge(const Failure& failure) {
  std::string bearer = "Bearer realm=\"bourse\"";
  if (failure.code == "token_refused") bearer += ", error=\"invalid_token\"";
  return bearer;
}

Response success(Rendered rendered, const Planned& planned) {
  Response response;
  response.headers.emplace_back("Content-Type", rendered.media_type);
  // What needs a token is for one person: no cache on the way may keep it.
  const bool is_public = planned.route->access.is_public();
  response.headers.emplace_back("Cache-Control", is_public ? "no-cache" : "no-store");
  if (planned.route->negotiated) response.headers.emplace_back("Vary", "Accept");
  if (!planned.alternates.empty()) response.headers.emplace_back("Link", planned.alternates);
  for (auto& header : rendered.headers) response.headers.push_back(std::move(header));
  response.body = std::make_shared<const std::string>(std::move(rendered.bytes));
  return hardened(std::move(response));
}

}  // namespace

/// One request on its way through the workers. Keeps the generation that it was planned with.
class Service::Work : public Watched {
 public:
  Work(Request& request, Responder responder, std::shared_ptr<const Serving> serving,
       Planned planned)
      : serving_(std::move(serving)),
        planned_(std::move(planned)),
        method_(std::move(request.method)),
        received_(request.received),
        context_{.request_id = std::move(request.id),
                 .route = planned_.route->path,
                 .deadline = request.received + planned_.route->deadline,
                 .client = responder.watch(),
                 .authorized = !planned_.route->access.is_public(),
                 .trace = request.header("traceparent"),
                 .language = request.header("Accept-Language"),
                 .now = nanoseconds_of(request.arrived)},
        pending_(std::move(responder)) {}

  [[nodiscard]] const Context& context() const noexcept { return context_; }
  [[nodiscard]] const Planned& planned() const noexcept { return planned_; }

  void watch(Deadlines& deadlines, const std::shared_ptr<Work>& self) {
    deadlines_ = &deadlines;
    ticket_ = deadlines.watch(context_.deadline + kDeadlineGrace, self);
  }
  /// Sends the response unless the clock did before, and logs it.
  void finish(Response response) {
    const int status = response.status;
    finish(std::move(response), status);
  }
  void fail(const Failure& failure) {
    Response response = failed(failure);
    // What a client that left would have been told says nothing of how the server is.
    const bool left = failure.status == BOURSE_CANCELLED && context_.poll() == BOURSE_CANCELLED;
    const int status = left ? Traffic::kClientClosed : response.status;
    finish(std::move(response), status);
  }
  /// From now on a plugin is to blame when the answer is late.
  void begin() noexcept { begun_ = true; }
  void late() noexcept override;

 private:
  void finish(Response response, int status) {
    if (deadlines_ != nullptr) deadlines_->forget(ticket_);
    answer(std::move(response), status);
  }
  /// True: it was this one that the client sees. `status`: as what it is counted.
  bool answer(Response response, int status) {
    const std::size_t bytes = size_of(response);
    if (!pending_.claim()) return false;
    // Before it is sent: who reads the figures after the answer finds it counted.
    serving_->counters[route_index()].count(status, since(received_));
    pending_.send(std::move(response));
    log_request(context_.request_id, method_, planned_.shown_target, context_.route, status, bytes,
                received_);
    return true;
  }
  [[nodiscard]] std::size_t route_index() const {
    return static_cast<std::size_t>(planned_.route - serving_->generation->routes().data());
  }
  [[nodiscard]] Response failed(const Failure& failure) const {
    return problem(failure, context_.request_id, planned_.shown_target);
  }

  std::shared_ptr<const Serving> serving_;
  Planned planned_;
  std::string method_;
  steady_clock::time_point received_;
  Context context_;
  Pending pending_;
  std::atomic<bool> begun_{false};
  Deadlines* deadlines_ = nullptr;  ///< outlives all work: the workers end before it
  Deadlines::Ticket ticket_;
};

// Touches no ticket: the thread that began to watch may not have it yet.
void Service::Work::late() noexcept {
  try {
    if (!answer(failed(deadline_failure()), BOURSE_DEADLINE)) return;
    log_event(BOURSE_LEVEL_WARN, begun_ ? "deadline_ignored" : "deadline_in_queue",
              {{"request_id", context_.request_id},
               {"route", context_.route},
               {"target", planned_.shown_target}});
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", context_.request_id}, {"message", e.what()}});
  }
}

Service::Service(std::shared_ptr<const Generation> generation, Workers::Options workers)
    : health_body_(std::make_shared<const std::string>(
          std::string(R"({"status":"ok","version":")") + BOURSE_VERSION + "\"}\n")),
      workers_(workers) {
  serve(std::move(generation));
}

Service::~Service() { stop(); }

void Service::serve(std::shared_ptr<const Generation> generation) {
  auto serving = std::make_shared<Serving>();
  for (const Route& route : generation->routes()) {
    serving->counters.push_back(traffic_.of(route.path));
  }
  serving->generation = std::move(generation);
  serving_.store(std::move(serving));
}

bool Service::drain(std::chrono::nanoseconds limit) { return workers_.drain(limit); }

void Service::stop() { workers_.stop(); }

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
    {{.path = "/health", .method = "GET", .answer = &Service::answer_health}}};

void Service::answer_health(const Request& request, Responder& responder) {
  Response response;
  if (!ready_.load(std::memory_order_relaxed)) {
    return responder.send(problem(Failure{.status = BOURSE_UNAVAILABLE,
                                          .code = "stopping",
                                          .message = "The server is shutting down."},
                                  request.id, request.target));
  }
  response.headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}};
  response.body = health_body_;
  responder.send(std::move(response));
}

void Service::refuse(const Failure& failure, const Request& request, Responder& responder) {
  Response response =
      problem(failure, request.id, shown_target(*serving_.load()->generation, request.target));
  if (failure.status == 405) response.headers.emplace_back("Allow", kAllowed);
  if (failure.status == 401) response.headers.emplace_back("WWW-Authenticate", challenge(failure));
  log_request(request.id, request.method, request.target.substr(0, request.target.find('?')), "",
              response.status, size_of(response), request.received);
  traffic_.of_no_route().count(response.status, since(request.received));
  responder.send(std::move(response));
}

void Service::answer(Request& request, Responder& responder) {
  const std::span<const Page<Service>> pages(kPages);
  if (const auto* const page = find_page(pages, request.target, request.method)) {
    return (this->*page->answer)(request, responder);
  }
  if (request.method == "OPTIONS") {
    Response response;
    response.status = 204;
    response.headers.emplace_back("Allow", kAllowed);
    return responder.send(std::move(response));
  }
  if (!is_reading(request)) {
    return refuse(Failure{.status = 405,
                          .code = "method_not_allowed",
                          .message = "Reports are read with GET or HEAD."},
                  request, responder);
  }
  auto serving = serving_.load();
  const std::string authorization = request.header("Authorization");
  auto planned = plan(serving->generation, {.target = request.target,
                                            .accept = request.header("Accept"),
                                            .authorization = authorization,
                                            .now = nanoseconds_of(request.arrived)});
  if (!planned) return refuse(planned.failure(), request, responder);
  start(std::make_shared<Work>(request, std::move(responder), std::move(serving),
                               *std::move(planned)));
}

void Service::start(std::shared_ptr<Work> work) {
  work->watch(deadlines_, work);
  if (!workers_.submit([work, workers = &workers_] { run(*work, workers); })) {
    ++refused_;
    work->fail(overloaded());
  }
}

void Service::run(Work& work, Workers* workers) {
  try {
    // What waited in the queue beyond its deadline, or whose client left, is not begun.
    work.begin();
    const bourse_status before = work.context().poll();
    if (before == BOURSE_DEADLINE) {
      work.fail(deadline_failure());
    } else if (before == BOURSE_CANCELLED) {
      work.fail(cancelled_failure());
    } else if (auto rendered = perform(work.planned().job, work.context(), workers)) {
      work.finish(success(*std::move(rendered), work.planned()));
    } else {
      work.fail(rendered.failure());
    }
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "request_failed",
              {{"request_id", work.context().request_id}, {"message", e.what()}});
  }
}

}  // namespace bourse::host
