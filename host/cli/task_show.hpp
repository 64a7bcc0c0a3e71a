// SPDX-License-Identifier: MIT
//
// How far a task is, on standard error, while it goes on:
//
//   a terminal   one line that is drawn anew five times a second and gone at the end
//   else         a line each ten seconds: a log with thousands of them is as bad as one with none
//   JSON         an object on a line of its own, one a second at most
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/failure.hpp"
#include "host/calls/task.hpp"
#include "host/cli/task_meter.hpp"

namespace bourse::host {

enum class ProgressForm : std::uint8_t { kDrawn, kPlain, kJson };

/// kDrawn where standard error is a terminal that can be drawn on (TERM is neither empty nor
/// "dumb"), else kPlain.
[[nodiscard]] ProgressForm form_of_terminal();

/// [any thread]
class TaskShow {
 public:
  using Time = std::chrono::steady_clock::time_point;
  /// Gets what is to be written, whole lines or a drawing.
  using Write = std::function<void(std::string_view)>;

  static constexpr std::chrono::milliseconds kDrawEvery{200};
  static constexpr std::chrono::seconds kPlainEvery{10};
  static constexpr std::chrono::seconds kJsonEvery{1};

  /// `source` and `task` stand in front of each line. `columns`: those of the terminal; a drawing
  /// never takes more than one line of it.
  TaskShow(ProgressForm form, std::string source, std::string task, Time began, Write write,
           std::size_t columns = 80);

  /// Shows it, if it is time to.
  void look(Time now, const TaskRun::State& state);
  /// A sentence for people, in between; of JSON, an object with that event and sentence.
  void say(std::string_view event, std::string_view sentence);
  /// A failure, likewise.
  void say(std::string_view event, const Failure& why);
  /// The last line: of JSON with what it was at. `resume`: the command that goes on; may be empty.
  void end(Time now, const TaskRun::State& state, TaskEnd how, std::string_view sentence,
           std::string_view resume);
  [[nodiscard]] ProgressForm form() const noexcept { return form_; }

 private:
  using Members = std::vector<std::pair<std::string_view, std::string_view>>;
  void erase();
  void put(const std::string& line);
  [[nodiscard]] std::string head() const { return source_ + " " + task_ + ": "; }
  [[nodiscard]] std::string json(std::string_view event, const Members& members,
                                 const TaskRun::State* state, Time now) const;

  const ProgressForm form_;
  const std::string source_;
  const std::string task_;
  const Time began_;
  const Write write_;
  const std::size_t columns_;
  std::mutex mutex_;  ///< of what follows, and of what is written
  TaskMeter meter_;
  std::optional<Time> shown_at_;
  bool drawn_ = false;  ///< a drawing is on the terminal
};

}  // namespace bourse::host
