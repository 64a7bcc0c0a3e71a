// SPDX-License-Identifier: MIT
#include "host/calls/task.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "host/base/failures.hpp"
#include "host/calls/call_watch.hpp"
#include "host/report/builder.hpp"

namespace bourse::host {
namespace {

bool has_note(const bourse_report& report, std::string_view code) {
  return std::any_of(report.notes, report.notes + report.n_notes, [&](const bourse_note* note) {
    return std::string_view(note->code.ptr, note->code.len) == code;
  });
}

bool is_limit(const Failure& why) {
  return why.status == BOURSE_TOO_MANY ||
         (why.status == BOURSE_UNAVAILABLE && why.retry_after.count() > 0 &&
          why.code != "component_stuck");
}

}  // namespace

std::string_view name_of(TaskEnd end) noexcept {
  switch (end) {
    case TaskEnd::kSuccess:
      return "done";
    case TaskEnd::kFindings:
      return "findings";
    case TaskEnd::kLimited:
      return "limited";
    case TaskEnd::kCancelled:
      return "cancelled";
    default:
      return "failed";
  }
}

TaskEnd end_of(const Result<ReportPtr>& outcome, bool is_cancelled) {
  if (!outcome) {
    if (is_cancelled && outcome.failure().status == BOURSE_CANCELLED) return TaskEnd::kCancelled;
    return is_limit(outcome.failure()) ? TaskEnd::kLimited : TaskEnd::kFailure;
  }
  const bourse_report& report = (*outcome)->wire();
  if (has_note(report, kUnfinishedNote)) return TaskEnd::kLimited;
  return has_note(report, kFindingsNote) ? TaskEnd::kFindings : TaskEnd::kSuccess;
}

TaskRun::State TaskRun::state() const {
  const std::lock_guard lock(mutex_);
  State state = state_;
  if (!state.asks.empty()) state.asking = std::chrono::steady_clock::now() - asking_since_;
  return state;
}

bourse_status TaskRun::poll() const noexcept {
  return cancelled_.load() ? BOURSE_CANCELLED : BOURSE_OK;
}

std::chrono::steady_clock::time_point TaskRun::deadline() const noexcept {
  return deadline_.load();
}

void TaskRun::cancel() {
  if (cancelled_.exchange(true)) return;
  deadline_.store(std::chrono::steady_clock::now() + kEnding);
  // Under the lock: watched_by(nullptr) waits for it before the watch may go.
  const std::lock_guard lock(mutex_);
  if (watch_ != nullptr) watch_->hurry(*this);
}

void TaskRun::told(const TaskProgress& progress) {
  const std::lock_guard lock(mutex_);
  state_.progress = progress;
  state_.has_told = true;
}

void TaskRun::begin_asking(const std::string& source) {
  const std::lock_guard lock(mutex_);
  state_.asks = source;
  asking_since_ = std::chrono::steady_clock::now();
}

void TaskRun::end_asking() {
  const std::lock_guard lock(mutex_);
  state_.asks.clear();
}

void TaskRun::watched_by(CallWatch* watch) {
  const std::lock_guard lock(mutex_);
  watch_ = watch;
}

/// What a task asks through: the source under it, and the run is told that it waits for that one.
class AskedBelow : public QueryDoor {
 public:
  AskedBelow(TaskRun& run, const TaskJob& job, Workers* workers)
      : run_(run), job_(job), below_(*job.source, workers) {}

  std::vector<Result<Answer>> query(const Context& context,
                                    std::span<const bourse_query> queries) override {
    const auto& under = job_.source->under();
    run_.begin_asking(under ? under->name() : job_.source->name());
    if (job_.changed) job_.changed();
    auto answers = below_.query(context, queries);
    run_.end_asking();
    if (job_.changed) job_.changed();
    return answers;
  }
  [[nodiscard]] bool takes_names() const noexcept override { return below_.takes_names(); }

 private:
  TaskRun& run_;
  const TaskJob& job_;
  LayerDoor below_;
};

namespace {

/// For as long as the run may be cancelled.
class WatchedRun {
 public:
  WatchedRun(const std::function<void(CallWatch*)>& watched_by, Workers* workers)
      : watched_by_(watched_by) {
    watched_by_(workers == nullptr ? nullptr : &workers->calls());
  }
  ~WatchedRun() { watched_by_(nullptr); }
  WatchedRun(const WatchedRun&) = delete;
  WatchedRun& operator=(const WatchedRun&) = delete;

 private:
  const std::function<void(CallWatch*)> watched_by_;
};

}  // namespace

Result<ReportPtr> perform_task(const std::shared_ptr<TaskRun>& run, const TaskJob& job,
                               Workers* workers) {
  try {
    const std::string name = job.source->component().full_name();
    Context context{.request_id = job.id, .route = "task"};
    context.authorized = true;  // who configures or begins a task can read the keys
    context.party = run;
    const WatchedRun watched([&](CallWatch* watch) { run->watched_by(watch); }, workers);
    ReportBuilder builder(name, job.task->title);
    AskedBelow door(*run, job, workers);
    bourse_call call(context, name);
    call.report = &builder;
    call.door = &door;
    auto done = job.source->perform(
        call, *job.task, job.arguments,
        [&](const TaskProgress& progress) {
          run->told(progress);
          if (job.changed) job.changed();
        },
        workers);
    auto report = builder.finish(call.newest);
    const std::optional<Failure> spoilt =
        report ? std::nullopt : std::optional(std::move(report).failure());
    if (auto why = call.outcome(std::move(done), spoilt)) {
      // The words of cancelled_failure() are of a client; here there is none.
      if (run->is_cancelled() && why->status == BOURSE_CANCELLED &&
          why->origin != Origin::kPlugin) {
        why->code = "cancelled";
        why->message = "The task was cancelled; what it had done by then is kept.";
      }
      return *std::move(why);
    }
    return *std::move(report);
  } catch (const std::exception&) {
    return out_of_memory_failure();
  }
}

}  // namespace bourse::host
