// SPDX-License-Identifier: MIT
#include "host/plugins/tasks.hpp"

#include <algorithm>
#include <utility>

#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/declared.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

/// What is shown of a text is cut; what is read of it is bounded before.
constexpr std::size_t kProgressTextBytesMax = 4096;

Result<Task> check_task(const bourse_task* declared, Notes& notes) {
  const auto copy = take(declared, kBad);
  if (!copy) return copy.failure();
  Task task;
  if (auto wrong = take_name(copy->name, is_component_id, "[a-z][a-z0-9-]*", task.name)) {
    return *wrong;
  }
  const std::string where = "'" + task.name + "'";
  if (auto wrong = take_text(copy->title, Text::kLine, "title", task.title)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_text(copy->doc, Text::kProse, "doc", task.doc)) {
    return within(where, *wrong);
  }
  auto params = check_parameters(copy->params, copy->n_params, "parameter",
                                 " of task " + in_quotes(task.name), notes);
  if (!params) return within(where, std::move(params).failure());
  if (!params->missed.empty()) return within(where, bad(params->missed));
  if (task.title.empty()) task.title = task.name;
  task.params = std::move(params->known);
  task.params_left_out = std::move(params->left_out);
  return task;
}

}  // namespace

std::optional<bourse_tasks> check_tasks(const void* offered) {
  if (offered == nullptr) return std::nullopt;
  const auto copy = take(static_cast<const bourse_tasks*>(offered), "bad_tasks");
  if (!copy || copy->perform == nullptr) return std::nullopt;
  return *copy;
}

TaskOffers offers_of(const bourse_tasks& tasks) {
  TaskOffers offers;
  const auto leave_out = [&](const std::string& what, const Failure& why) {
    offers.notes.push_back("left out " + what + ": " + why.message);
  };
  const auto declared = array_of(tasks.tasks, tasks.n_tasks, kTasksMax, "tasks");
  if (!declared) {
    leave_out("all tasks", declared.failure());
    return offers;
  }
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const std::string what = "task " + std::to_string(i + 1);
    auto task = check_task((*declared)[i], offers.notes);
    if (!task) {
      leave_out(what, task.failure());
      continue;
    }
    const bool taken = std::any_of(offers.tasks.begin(), offers.tasks.end(),
                                   [&](const Task& other) { return other.name == task->name; });
    if (taken) {
      leave_out(what, bad("the name '" + task->name + "' is taken; rename one"));
      continue;
    }
    task->index = i;
    offers.tasks.push_back(*std::move(task));
  }
  return offers;
}

std::optional<TaskProgress> ProgressCheck::take(const bourse_progress* said) {
  const auto copy = host::take(said, "bad_progress");
  if (!copy) return std::nullopt;
  done_ = std::max(done_, copy->done);
  TaskProgress progress{.done = done_, .total = copy->total < done_ ? 0 : copy->total};
  if (copy->text.ptr != nullptr && copy->text.len > 0) {
    const std::string_view text(copy->text.ptr, std::min(copy->text.len, kProgressTextBytesMax));
    progress.text = printable(text, kProgressTextCharactersMax);
  }
  return progress;
}

}  // namespace bourse::host
