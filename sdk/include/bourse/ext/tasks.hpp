// SPDX-License-Identifier: MIT
//
// tasks.hpp - tasks.h in C++. A component has it that has both of
//   static constexpr std::array tasks{
//       bourse::Task{.name = "backfill", .title = "Backfill", .params = kBackfillParams}};
//   void perform(bourse::Call& call, std::size_t task, const bourse::Values& values,
//                bourse::Progress& progress) const;
// perform does the work, polls the call, and builds a report of what was done, as run does.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bourse/declare.hpp"
#include "bourse/detail/component.hpp"
#include "bourse/ext/tasks.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

/// What can be asked for. Texts must be literals; `params` of a static constexpr array.
struct Task {
  const char* name;   ///< [a-z][a-z0-9-]*: "backfill"
  const char* title;  ///< for people
  const char* doc = nullptr;
  std::span<const Param> params = {};
};

/// Takes how far the work has come, at most some times a second.
class Progress {
 public:
  using Emit = void (*)(void* sink, const bourse_progress*);
  Progress(void* sink, Emit emit) noexcept : sink_(sink), emit_(emit) {}

  /// In any one unit; total 0: unknown. `done` never shrinks. `text`: where it is, for people.
  void operator()(std::uint64_t done, std::uint64_t total, std::string_view text) const {
    const bourse_progress progress{sizeof(bourse_progress), 0, done, total, borrow(text)};
    emit_(sink_, &progress);
  }

 private:
  void* sink_;
  Emit emit_;
};

namespace detail {
template <class T>
struct Extension<TasksTag, T> {
  static constexpr std::string_view kId = BOURSE_TASKS_ID;
  static constexpr std::size_t kTasks = std::size(T::tasks);
  static constexpr std::size_t params_before(std::size_t task) {
    std::size_t n = 0;
    for (std::size_t i = 0; i < task; ++i) n += T::tasks[i].params.size();
    return n;
  }
  /// Of all tasks, one after the other.
  static constexpr auto kParams = [] {
    std::array<const bourse_param*, params_before(kTasks) + 1> out{};
    std::size_t n = 0;
    for (const Task& task : T::tasks) {
      for (const Param& param : task.params) out[n++] = &param;
    }
    return out;
  }();
  static constexpr auto kDescribed = [] {
    std::array<bourse_task, kTasks> out{};
    for (std::size_t i = 0; i < kTasks; ++i) {
      const Task& task = T::tasks[i];
      out[i] = {sizeof(bourse_task),
                0,
                task.name,
                task.title,
                task.doc,
                task.params.size(),
                kParams.data() + params_before(i)};
    }
    return out;
  }();
  static constexpr auto kPointers = [] {
    std::array<const bourse_task*, kTasks> out{};
    for (std::size_t i = 0; i < kTasks; ++i) out[i] = &kDescribed[i];
    return out;
  }();

  static bourse_status perform(void* self, bourse_call* wire, std::size_t task,
                               const bourse_value* params, void* sink,
                               Progress::Emit emit) noexcept {
    return guard_call<T>(self, wire, [&](const Instance<T>& instance, Call& call) {
      if (task >= kTasks)
        throw Error(BOURSE_INTERNAL, "no_such_task", "the host asked for a task that there is not");
      Progress progress(sink, emit);
      instance.self.perform(call, task, Values(T::tasks[task].params, params), progress);
    });
  }
  static constexpr bourse_tasks kTable{sizeof(bourse_tasks), 0, kTasks, kPointers.data(), perform};
};
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
