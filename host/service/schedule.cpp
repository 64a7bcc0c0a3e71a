// SPDX-License-Identifier: MIT
#include "host/service/schedule.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <utility>

#include "host/base/failures.hpp"
#include "host/base/utf8.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// That compute at once; those that wait for a source do not count.
constexpr unsigned kComputing = 16;
constexpr unsigned kTaskThreads = 48;
constexpr unsigned kTaskSubstitutes = 8;

nanoseconds up_to(nanoseconds most) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  return nanoseconds(std::uniform_int_distribution<std::int64_t>(0, most.count())(random));
}

Failure refusal(bourse_status status, const char* code, std::string message) {
  return {.status = status, .code = code, .message = std::move(message)};
}

Failure no_task(std::string_view name) {
  return refusal(BOURSE_NOT_FOUND, "no_task",
                 "The configuration has no task " + in_quotes(name) + ".");
}

}  // namespace

steady_clock::time_point next_slot(steady_clock::time_point slot, nanoseconds every,
                                   steady_clock::time_point now) noexcept {
  if (slot > now) return slot;
  return slot + every * ((now - slot) / every + 1);
}

/// A run, and what is needed of its task, which a reload may take away.
struct Schedule::Running {
  ScheduledTask what;
  std::string id;
  std::shared_ptr<TaskRun> run = std::make_shared<TaskRun>();
  steady_clock::time_point began = steady_clock::now();
  std::int64_t began_at = wall_clock();
};

struct Schedule::Entry {
  ScheduledTask what;
  steady_clock::time_point slot = steady_clock::now();  ///< the last one; `every` counts from it
  steady_clock::time_point due = steady_clock::time_point::max();
  std::shared_ptr<Running> running = {};
  std::optional<Past> last = {};
};

Schedule::Schedule()
    : workers_({.computing = kComputing,
                .threads = kTaskThreads,
                .queue = 256,
                .substitutes = kTaskSubstitutes}) {}

Schedule::~Schedule() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Schedule::set_due(Entry& entry, Time now) {
  if (!entry.what.every) {
    entry.due = Time::max();
    return;
  }
  entry.slot = next_slot(entry.slot, *entry.what.every, now);
  entry.due = entry.slot + up_to(entry.what.jitter);
}

void Schedule::take(std::span<const ScheduledTask> tasks) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  const Time now = steady_clock::now();
  std::vector<Entry> taken;
  for (const ScheduledTask& task : tasks) {
    Entry entry{.what = task, .slot = now};
    Entry* const before = find(task.name);
    const bool is_same = before != nullptr && is_same_work(before->what, task);
    if (before != nullptr) entry.last = before->last;
    if (is_same) entry.running = std::exchange(before->running, nullptr);
    if (is_same && before->what.every == task.every && before->what.jitter == task.jitter) {
      entry.slot = before->slot;
      entry.due = before->due;
    } else {
      set_due(entry, now);
    }
    if (!is_same && task.at_start) entry.due = now;
    taken.push_back(std::move(entry));
  }
  for (const Entry& left : entries_) {
    if (left.running) left.running->run->cancel();
  }
  entries_ = std::move(taken);
  if (!entries_.empty() && !thread_.joinable()) thread_ = std::thread([this] { loop(); });
  changed_.notify_all();
}

Schedule::Entry* Schedule::find(std::string_view name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.what.name == name; });
  return found == entries_.end() ? nullptr : &*found;
}

void Schedule::loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    Time next = steady_clock::now() + std::chrono::seconds(1);
    try {
      next = look(steady_clock::now());
    } catch (const std::exception& e) {  // memory, or a thread: again in a second
      log_event(BOURSE_LEVEL_ERROR, "schedule_failed", {{"message", e.what()}});
    }
    if (next == Time::max()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, next);
    }
  }
}

/// Begins what is due. When the next one is.
Schedule::Time Schedule::look(Time now) {
  Time next = Time::max();
  for (Entry& entry : entries_) {
    if (entry.due <= now) {
      set_due(entry, now);
      if (entry.running) {
        skip(entry);
      } else {
        start(entry);
      }
    }
    next = std::min(next, entry.due);
  }
  return next;
}

void Schedule::skip(Entry& entry) {
  ++tallies_[entry.what.name].skipped;
  log_event(BOURSE_LEVEL_WARN, "task_skipped",
            {{"task", entry.what.name},
             {"source", entry.what.source->name()},
             {"work", entry.what.task->name},
             {"seconds", steady_clock::now() - entry.running->began},
             {"message", "the run before it has not ended"}});
}

void Schedule::start(Entry& entry) {
  const auto running = std::make_shared<Running>(
      Running{.what = entry.what, .id = "task-" + std::to_string(++runs_)});
  (void)tallies_[entry.what.name];
  log_event(BOURSE_LEVEL_INFO, "task_started",
            {{"task", entry.what.name},
             {"source", entry.what.source->name()},
             {"work", entry.what.task->name},
             {"request_id", running->id}});
  entry.running = running;
  if (workers_.submit([this, running] { work(running); })) return;
  entry.running = nullptr;
  log_event(BOURSE_LEVEL_WARN, "task_failed",
            {{"task", entry.what.name},
             {"source", entry.what.source->name()},
             {"work", entry.what.task->name},
             {"request_id", running->id},
             {"seconds", nanoseconds(0)},
             {"code", "out_of_memory"},
             {"message", "there is no thread for it; it is begun when it is due again"}});
}

void Schedule::work(const std::shared_ptr<Running>& running) {
  const ScheduledTask& what = running->what;
  auto arguments = read_arguments(what.task->params, what.params, running->began_at);
  Result<ReportPtr> outcome = arguments ? Result<ReportPtr>(ReportPtr())
                                        : Result<ReportPtr>(std::move(arguments).failure());
  if (arguments) {
    const TaskJob job{.source = what.source,
                      .task = what.task,
                      .arguments = *std::move(arguments),
                      .id = running->id};
    outcome = perform_task(running->run, job, &workers_);
  }
  ended(*running, outcome);
}

void Schedule::ended(const Running& running, const Result<ReportPtr>& outcome) {
  Past past{.began = running.began_at,
            .took = steady_clock::now() - running.began,
            .end = end_of(outcome, running.run->is_cancelled())};
  if (!outcome) {
    past.code = outcome.failure().code;
    past.message = printable(outcome.failure().message, 1000);
  }
  if (past.end == TaskEnd::kFailure) {
    log_event(BOURSE_LEVEL_WARN, "task_failed",
              {{"task", running.what.name},
               {"source", running.what.source->name()},
               {"work", running.what.task->name},
               {"request_id", running.id},
               {"seconds", past.took},
               {"code", past.code},
               {"message", past.message}});
  } else {
    log_event(BOURSE_LEVEL_INFO, "task_done",
              {{"task", running.what.name},
               {"source", running.what.source->name()},
               {"work", running.what.task->name},
               {"request_id", running.id},
               {"seconds", past.took},
               {"outcome", std::string(name_of(past.end))},
               {"message", past.message}});
  }
  const std::lock_guard lock(mutex_);
  Tally& tally = tallies_[running.what.name];
  ++tally.runs[static_cast<std::size_t>(past.end)];
  tally.took += past.took;
  if (past.end == TaskEnd::kSuccess || past.end == TaskEnd::kFindings) {
    tally.succeeded = wall_clock();
  }
  Entry* const entry = find(running.what.name);
  if (entry == nullptr) return;
  // A reload may have put another run into its place, or none.
  if (!entry->running || entry->running->id != running.id) return;
  entry->running = nullptr;
  entry->last = std::move(past);
}

Result<void> Schedule::begin(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (stopping_) {
    return refusal(BOURSE_UNAVAILABLE, "shutting_down", "The server stops; no task is begun.");
  }
  Entry* const entry = find(name);
  if (entry == nullptr) return no_task(name);
  if (entry->running) {
    return refusal(409, "task_runs", "Task " + in_quotes(name) + " runs already.");
  }
  start(*entry);
  return {};
}

Result<void> Schedule::cancel(std::string_view name) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(name);
  if (entry == nullptr) return no_task(name);
  if (!entry->running) return refusal(409, "no_run", "Task " + in_quotes(name) + " does not run.");
  entry->running->run->cancel();
  return {};
}

void Schedule::stop() {
  std::vector<Entry> gone;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Entry& entry : entries_) {
      if (entry.running) entry.running->run->cancel();
    }
    gone.swap(entries_);
  }
  changed_.notify_all();
}

std::vector<Schedule::Row> Schedule::rows() const {
  std::vector<Row> rows;
  const std::lock_guard lock(mutex_);
  const Time now = steady_clock::now();
  const std::int64_t wall = wall_clock();
  for (const Entry& entry : entries_) {
    Row row{.name = entry.what.name,
            .source = entry.what.source->name(),
            .task = entry.what.task->name,
            .runs = entry.running != nullptr,
            .last = entry.last};
    if (entry.running) {
      row.is_cancelled = entry.running->run->is_cancelled();
      row.state = entry.running->run->state();
      row.began = entry.running->began_at;
      row.running = now - entry.running->began;
    }
    if (entry.due != Time::max()) row.due = wall + nanoseconds(entry.due - now).count();
    if (const auto found = tallies_.find(entry.what.name); found != tallies_.end()) {
      row.tally = found->second;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::map<std::string, Schedule::Tally> Schedule::tallies() const {
  const std::lock_guard lock(mutex_);
  return tallies_;
}

}  // namespace bourse::host
