// SPDX-License-Identifier: MIT
//
// The tasks that a server does by itself: when each is due, what runs, and how the last runs ended.
// They run on threads of their own, not on those that answer requests.
//
//   due, and the one before still runs   it is not begun again: skipped, told and counted
//   a reload changes what is done        the run is cancelled, the new one counts from then on
//   a reload changes when                the run goes on
//   the server stops                     runs are cancelled, nothing is begun
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/base/result.hpp"
#include "host/calls/call_watch.hpp"
#include "host/calls/task.hpp"
#include "host/calls/workers.hpp"
#include "host/routing/tasks.hpp"

namespace bourse::host {

/// The first time of the beat `slot`, `slot` + `every`, ... after `now`. What was missed, as when a
/// machine slept, is not made up for.
[[nodiscard]] std::chrono::steady_clock::time_point next_slot(
    std::chrono::steady_clock::time_point slot, std::chrono::nanoseconds every,
    std::chrono::steady_clock::time_point now) noexcept;

/// [any thread]
class Schedule {
 public:
  static constexpr std::size_t kEnds = 5;  ///< of TaskEnd

  /// A run that has ended.
  struct Past {
    std::int64_t began = 0;  ///< ns since 1970
    std::chrono::nanoseconds took = {};
    TaskEnd end = TaskEnd::kSuccess;
    std::string code = {};     ///< of its failure
    std::string message = {};  ///< likewise
  };
  /// What is counted of a name, since the start of the process.
  struct Tally {
    std::array<std::uint64_t, kEnds> runs{};  ///< by TaskEnd
    std::uint64_t skipped = 0;
    std::chrono::nanoseconds took = {};  ///< all runs together
    std::int64_t succeeded = 0;          ///< ns since 1970: the last one that was done ended
  };
  struct Row {
    std::string name;
    std::string source;
    std::string task;
    bool runs = false;
    bool is_cancelled = false;              ///< of the run
    TaskRun::State state = {};              ///< likewise
    std::int64_t began = 0;                 ///< likewise, ns since 1970
    std::chrono::nanoseconds running = {};  ///< likewise
    std::optional<std::int64_t> due = {};   ///< ns since 1970; nothing: by hand only
    std::optional<Past> last = {};
    Tally tally = {};
  };

  Schedule();
  /// Waits for runs, however long: see stop() and drain().
  ~Schedule();
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  /// From now on it is these. Those that are new, or do something else than before, are done at
  /// once if they are to be done at the start.
  void take(std::span<const ScheduledTask> tasks);
  /// Begins one now, whatever its time. Failures: "no_task", "task_runs", "shutting_down".
  Result<void> begin(std::string_view name);
  /// Cancels its run. Failures: "no_task", "no_run".
  Result<void> cancel(std::string_view name);
  /// Cancels all and begins none any more. The sources are let go of.
  void stop();
  /// After stop(): waits until none runs. False: after `limit` one did.
  [[nodiscard]] bool drain(std::chrono::nanoseconds limit) { return workers_.drain(limit); }

  /// In the order of the configuration.
  [[nodiscard]] std::vector<Row> rows() const;
  /// Of all names that ever ran.
  [[nodiscard]] std::map<std::string, Tally> tallies() const;
  [[nodiscard]] const CallWatch& calls() const noexcept { return workers_.calls(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Running;
  struct Entry;

  void loop();
  [[nodiscard]] Time look(Time now);
  void set_due(Entry& entry, Time now);
  void start(Entry& entry);
  void skip(Entry& entry);
  void work(const std::shared_ptr<Running>& running);
  void ended(const Running& running, const Result<ReportPtr>& outcome);
  [[nodiscard]] Entry* find(std::string_view name);

  mutable std::mutex mutex_;  ///< of what follows
  std::condition_variable changed_;
  std::vector<Entry> entries_;
  std::map<std::string, Tally> tallies_;
  std::uint64_t runs_ = 0;  ///< begun so far; for ids in the log
  bool stopping_ = false;
  Workers workers_;     ///< its threads use what stands above
  std::thread thread_;  ///< likewise; begins with the first task
};

}  // namespace bourse::host
