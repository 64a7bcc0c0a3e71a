// SPDX-License-Identifier: MIT
//
// What a component offers through bourse/ext/tasks.h, checked and copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/ext/tasks.h"
#include "host/parameters/parameter.hpp"

namespace bourse::host {

/// Of one component.
inline constexpr std::size_t kTasksMax = 64;
inline constexpr std::size_t kProgressTextCharactersMax = 200;

/// Long work that can be asked for.
struct Task {
  std::string name;  ///< [a-z][a-z0-9-]*
  std::string title = {};
  std::string doc = {};
  std::vector<Parameter> params = {};
  std::vector<bool> params_left_out = {};  ///< as Component::params_left_out
  std::size_t index = 0;  ///< what perform calls it: its place among those that were declared
};

struct TaskOffers {
  std::vector<Task> tasks = {};         ///< no two of one name
  std::vector<std::string> notes = {};  ///< what was left out, and why; sentences for people
};

/// How far a task has come.
struct TaskProgress {
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< in the same unit, never less than `done`; 0: unknown
  std::string text = {};    ///< one line, fit for a terminal
};

/// A copy of what `extension` returned, as far as both sides know it; nothing for null, and for
/// what cannot be taken or has no perform.
[[nodiscard]] std::optional<bourse_tasks> check_tasks(const void* offered);

/// One task that breaks a rule costs none of the others: it is left out, with a note. A task with a
/// REQUIRED parameter of a type that this host does not know goes with it.
[[nodiscard]] TaskOffers offers_of(const bourse_tasks& tasks);

/// What is told over the time of one run, made to keep the promises of bourse_progress: `done` does
/// not shrink, a total that is less than it counts as unknown, the text is one line. Nothing: it
/// cannot be read.
class ProgressCheck {
 public:
  [[nodiscard]] std::optional<TaskProgress> take(const bourse_progress* said);

 private:
  std::uint64_t done_ = 0;
};

}  // namespace bourse::host
