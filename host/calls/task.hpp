// SPDX-License-Identifier: MIT
//
// Long work that a source offers, done once: from the call into the component to its report.
//
// Nobody waits for it as a client waits for an answer, so it has no deadline: it ends when it is
// done, fails, or is cancelled. What it asks is asked of the source under it, anew: nothing of it
// is kept, and nothing that is kept is given to it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/base/result.hpp"
#include "host/calls/call.hpp"
#include "host/calls/context.hpp"
#include "host/calls/sources.hpp"
#include "host/calls/workers.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/tasks.hpp"

namespace bourse::host {

/// Notes by which a report says more than that it is there.
inline constexpr std::string_view kFindingsNote = "findings";  ///< it found something to look at
inline constexpr std::string_view kUnfinishedNote =
    "unfinished";  ///< a limit stopped it: run again

/// How a run ended.
enum class TaskEnd : std::uint8_t {
  kSuccess,
  kFindings,   ///< done, and its report has a note `findings`
  kLimited,    ///< stopped by a limit: run again, and it goes on from there
  kCancelled,  ///< somebody ended it; what it had done by then is kept
  kFailure
};
/// "done", "findings", "limited", "cancelled", "failed".
[[nodiscard]] std::string_view name_of(TaskEnd end) noexcept;

/// By its report's notes; of a failure by its status: 429 (BOURSE_TOO_MANY), or 503 with a time
/// after which to try again, is a limit. 499 (BOURSE_CANCELLED) of a run that nobody cancelled is a
/// failure like others.
[[nodiscard]] TaskEnd end_of(const Result<ReportPtr>& outcome, bool is_cancelled);

/// One run, as those who did not begin it see it. [any thread]
class TaskRun : public Party {
 public:
  /// After cancel(): how long it has to come to its end before its call counts as one that does
  /// not return.
  static constexpr std::chrono::seconds kEnding{10};

  /// What it is at.
  struct State {
    TaskProgress progress = {};
    bool has_told = false;                 ///< is there any progress yet?
    std::string asks = {};                 ///< the source under it, while that is being asked
    std::chrono::nanoseconds asking = {};  ///< since when
  };
  [[nodiscard]] State state() const;

  /// It is to end soon. Does nothing the second time.
  void cancel();
  [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_.load(); }

  [[nodiscard]] bourse_status poll() const noexcept override;
  [[nodiscard]] std::chrono::steady_clock::time_point deadline() const noexcept override;

 private:
  friend class AskedBelow;
  friend Result<ReportPtr> perform_task(const std::shared_ptr<TaskRun>& run, const struct TaskJob&,
                                        Workers*);
  void told(const TaskProgress& progress);
  void begin_asking(const std::string& source);
  void end_asking();
  void watched_by(CallWatch* watch);

  std::atomic<bool> cancelled_{false};
  std::atomic<std::chrono::steady_clock::time_point> deadline_{
      std::chrono::steady_clock::time_point::max()};
  mutable std::mutex mutex_;  ///< of what follows
  State state_;
  std::chrono::steady_clock::time_point asking_since_;
  CallWatch* watch_ = nullptr;
};

struct TaskJob {
  std::shared_ptr<Source> source;  ///< never null
  const Task* task = nullptr;      ///< one of source->tasks()
  Arguments arguments;             ///< one for each of its parameters
  std::string id = "task";         ///< for logs, as a request's id
  /// Called on the thread that does the work, each time that state() has changed; may be empty.
  std::function<void()> changed = {};
};

/// Does the work on this thread, which should be one of `workers` (null: then a call that does not
/// return is not told), and returns its report. A cancelled run that returns a report was done
/// before it heard of it.
[[nodiscard]] Result<ReportPtr> perform_task(const std::shared_ptr<TaskRun>& run,
                                             const TaskJob& job, Workers* workers);

}  // namespace bourse::host
