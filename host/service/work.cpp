// SPDX-License-Identifier: MIT
//
// Requests with work to do: asked of the shelf and the workers, of one source and then of a spare
// one, made anew while an old answer is given.
#include "host/service/work.hpp"

#include <exception>
#include <functional>
#include <optional>
#include <utility>

#include "host/answers/twins.hpp"
#include "host/base/failures.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

/// The outcome of an answer that is kept nowhere.
constexpr std::string_view kComputed = "computed";

Failure not_known_failure() {
  return Failure{.status = BOURSE_DEADLINE,
                 .code = "only_if_cached",
                 .message =
                     "Nothing fresh is known, and the request wanted no work done for it "
                     "(Cache-Control: only-if-cached)."};
}

std::shared_ptr<const Rendition> rendition_of(Rendered rendered) {
  return std::make_shared<const Rendition>(
      Rendition::Parts{.bytes = std::move(rendered.bytes),
                       .media_type = std::move(rendered.media_type),
                       .headers = std::move(rendered.headers),
                       .as_of = rendered.as_of});
}

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

void Service::Work::serve(Rendered rendered) {
  respond(*rendition_of(std::move(rendered)), nullptr, {.kept = false}, kComputed);
}

void Service::Work::refuse_to_work() {
  const Failure why = not_known_failure();
  finish(failed(why), why.status, {.outcome = name_of(Way::kRefused), .failure = &why});
}

// Touches no ticket: the thread that began to watch may not have it yet.
void Service::Work::late() noexcept {
  try {
    if (const Look old_one = resort(); old_one.kept) {
      Response old = response_of(
          planned_, conditions_, *old_one.kept->rendition, &old_one.kept->life, answers_.now(),
          serving_->named(provenance_of(old_one, Way::kForError, request_.received)),
          problem_context());
      const int status = old.status;
      const Failure why = deadline_failure();
      (void)answer(std::move(old), status, {.outcome = name_of(Way::kForError), .despite = &why});
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
  const bool keeps = question.planned.may_keep && !is_known_long(*question.rendering);
  keeps ? ask(work) : start(work);
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

Flights::Submit Service::submit() {
  return [this](std::function<void()> task) {
    const bool taken = workers_.submit(std::move(task));
    if (!taken) ++refused_;
    return taken;
  };
}

Result<KeptPtr> Service::report_of(const Question& question, const Demand& demand,
                                   std::chrono::nanoseconds fresh, const Context& context) {
  return answers_.know({.key = *question.report,
                        .tolerance = {.fresh = fresh},
                        .demand = demand,
                        .context = context},
                       &workers_, [&](const Context& of_report) -> Result<Made> {
                         auto answer = analyse(question.planned.job, of_report, &workers_);
                         if (!answer) return std::move(answer).failure();
                         return Made{.report = std::move(answer->report),
                                     .fresh_until = answer->fresh_until,
                                     .truth = question.bounded(answer->truth)};
                       });
}

/// It holds what it needs itself: it may go on when the request that began it was answered.
Maker Service::maker(std::shared_ptr<const Serving> serving, QuestionPtr question, Demand demand,
                     std::chrono::nanoseconds fresh, std::weak_ptr<Work> leader) {
  return [this, serving = std::move(serving), question = std::move(question), demand, fresh,
          leader = std::move(leader)](const Context& context) -> Result<Made> {
    const Job& job = question->planned.job;
    if (const auto first = leader.lock()) first->begin();
    const auto known = report_of(*question, demand, fresh, context);
    if (!known) return known.failure();
    const Kept& kept = **known;
    kept.mark->feeds(context.mark);
    KeepBound bound(keep_bytes_max_);
    auto rendered = render(job, *kept.report, as_old_as(kept.life), context, &workers_, &bound);
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
  work->works(answers_.ask(work->asked(*tried, context),
                           maker(work->serving(), tried->question(), work->demand(),
                                 tried->question()->tolerance.fresh, work),
                           submit(), tried->look(), [this, work, tried](const Answers::Told& told) {
                             complete(work, tried, told);
                           }));
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
  const auto tried = work.now();
  auto makes = [place, make = maker(work.serving(), tried->question(), work.demand(),
                                    tried->question()->tolerance.fresh,
                                    {})](const Context& context) { return make(context); };
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

void Service::complete(const std::shared_ptr<Work>& work, const std::shared_ptr<Try>& tried,
                       const Answers::Told& told) {
  try {
    if (told.answer) {
      work->serve(**told.answer, told.way, tried->look(), told.why ? &*told.why : nullptr);
      // Who joined is the second one already.
      if (told.way != Way::kJoined) return;
      return make_twin_for(*tried->question(), work->conditions(), work->method(), *told.answer);
    }
    const bool too_much = is_late(told.answer) && work->asks_too_much();
    const Failure why = too_much ? too_much_work_failure() : told.answer.failure();
    const bool has_time = work->context().poll() == BOURSE_OK;
    if (is_too_long_to_keep(why)) {
      remember_long(*tried->question()->rendering);
      return start(work);
    }
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
  if (old.kept) return work.serve(*old.kept, Way::kForError, old, &why);
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
    const auto outlet = way_out(work, context);
    auto rendered = perform_long(work, *tried->question(), context, outlet);
    effort->end();
    if (end_long(outlet, rendered)) return;
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
