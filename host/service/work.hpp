// SPDX-License-Identifier: MIT
//
// What a request is while others work for it. Of service.cpp and work.cpp alone.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "host/base/effort.hpp"
#include "host/service/responses.hpp"
#include "host/service/service.hpp"
#include "host/service/trace.hpp"

namespace bourse::host {

/// A worker that listens to its deadline has this long to say what went wrong in its own words.
inline constexpr std::chrono::milliseconds kDeadlineGrace{250};

/// For answers that are to be kept: what is longer than that fails, with a failure for which
/// is_too_long_to_keep() holds.
class KeepBound final : public Outlet {
 public:
  explicit KeepBound(std::size_t bytes) : bytes_(bytes) {}
  [[nodiscard]] std::size_t hold() const noexcept override { return bytes_; }
  Result<void> take(std::string bytes, const Output& output) override;

 private:
  std::size_t bytes_;
};
[[nodiscard]] bool is_too_long_to_keep(const Failure& failure) noexcept;

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
  [[nodiscard]] bool is_late() const noexcept {
    return std::chrono::steady_clock::now() >= deadline_;
  }

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
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
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

  /// Of what the shelf had, or a flight brought. `why`: there is no new answer, where that is
  /// known.
  void serve(const Kept& kept, Way way, const Look& look, const Failure* why = nullptr) {
    respond(*kept.rendition, &kept.life, provenance_of(look, way, request_.received), name_of(way),
            why);
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
  void serve(Rendered rendered);
  /// It is sent while it is written: the client has its header now. False: it was answered already.
  bool begin_long(const std::vector<std::pair<std::string, std::string>>& headers,
                  std::shared_ptr<BodyStream> body);
  /// `why`: it broke off; null: the client has all of it. REQUIRES: begin_long().
  void end_long(std::uint64_t bytes, const Failure* why);
  /// Nothing was tried.
  void refuse_to_work();
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
               std::string_view outcome, const Failure* why = nullptr) {
    Response response = response_of(planned_, conditions_, rendition, life, answers_.now(),
                                    serving_->named(provenance), problem_context());
    const int status = response.status;
    finish(std::move(response), status, {.outcome = outcome, .despite = why});
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
    facts.bytes = sent_bytes(request_, response);
    describe(facts);
    // Before it is sent: who reads the figures after the answer finds it counted.
    serving_->counter_of(route).count(
        asked_of(planned_), status,
        std::chrono::duration_cast<std::chrono::microseconds>(facts.total), facts.bytes);
    add_timing(response, serving_->generation->server_timing(), facts);
    pending_.send(std::move(response));
    serving_->log->write(request_, facts);
    return true;
  }
  /// What every line of this request says.
  void describe(RequestFacts& facts) const {
    const Route& route = *planned_.route;
    facts.total = since(request_.received);
    facts.route = &route;
    facts.analysis = planned_.job.analysis->component().id;
    facts.format = route.offers[planned_.format].id;
    facts.stages = context_.stages.get();
    facts.queued = std::chrono::nanoseconds(queued_ns_.load(std::memory_order_relaxed));
    facts.trace = context_.trace;
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

  void watch(Deadlines& deadlines, std::chrono::steady_clock::time_point until,
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

}  // namespace bourse::host
