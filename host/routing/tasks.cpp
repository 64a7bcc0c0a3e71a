// SPDX-License-Identifier: MIT
#include "host/routing/tasks.hpp"

#include <algorithm>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

std::string hint_for_task(const Source& source, const std::string& name) {
  for (auto under = source.under(); under; under = under->under()) {
    if (under->find_task(name) != nullptr) {
      return "source " + in_quotes(under->name()) +
             " under it has; write \"source: " + under->name() + "\"";
    }
  }
  std::vector<std::string> names;
  for (const Task& task : source.tasks().tasks) names.push_back(task.name);
  if (!names.empty()) return hint_for(name, names, "it offers: ");
  const auto& notes = source.tasks().notes;
  return notes.empty() ? "it offers none" : "it offers none that can be used: " + notes.front();
}

void check_required(const Task& task, const TaskConfig& from, Diagnostics& diagnostics) {
  for (const Parameter& parameter : task.params) {
    const bool given =
        std::any_of(from.params.begin(), from.params.end(),
                    [&](const Setting& setting) { return setting.name.value == parameter.name; });
    if (!parameter.required || given) continue;
    diagnostics.error(
        from.task.mark, "missing_parameter",
        "task " + in_quotes(task.name) + " needs the parameter " + in_quotes(parameter.name),
        "give it: \"params: {" + parameter.name + ": ...}\"; it is " + describe(parameter));
  }
}

void warn_of_serial(const Source& source, const TaskConfig& from, Diagnostics& diagnostics) {
  if ((source.component().flags & BOURSE_COMPONENT_SERIAL) == 0) return;
  diagnostics.warning(from.task.mark, "serial_task",
                      source.component().full_name() +
                          " does one thing at a time: while this task runs, source " +
                          in_quotes(source.name()) + " answers nothing",
                      "run it at quiet hours, or ask the author of the plugin");
}

/// Nothing: it was refused.
std::optional<ScheduledTask> build_task(const TaskConfig& from, std::shared_ptr<Source> source,
                                        Diagnostics& diagnostics) {
  const Task* const task = source->find_task(from.task.value);
  if (task == nullptr) {
    diagnostics.error(
        from.task.mark, "unknown_task",
        "source " + in_quotes(source->name()) + " has no task " + in_quotes(from.task.value),
        hint_for_task(*source, from.task.value));
    return std::nullopt;
  }
  const std::size_t before = diagnostics.errors();
  const std::string whose = "task " + task->name;
  auto params = check_settings(SettingsRule{.whose = whose,
                                            .declared = task->params,
                                            .what = "parameter",
                                            .code = "unknown_parameter"},
                               from.params, diagnostics);
  check_required(*task, from, diagnostics);
  warn_of_serial(*source, from, diagnostics);
  if (!params || diagnostics.errors() != before) return std::nullopt;
  ScheduledTask made{.name = from.name.value,
                     .source = std::move(source),
                     .task = task,
                     .params = *std::move(params),
                     .at_start = from.at_start,
                     .jitter = from.jitter.value};
  if (from.every) made.every = from.every->value;
  return made;
}

}  // namespace

bool is_same_work(const ScheduledTask& a, const ScheduledTask& b) {
  return a.source == b.source && a.task->name == b.task->name && a.params == b.params;
}

std::vector<ScheduledTask> build_tasks(std::span<const TaskConfig> tasks, SourceBuilder& sources,
                                       Diagnostics& diagnostics) {
  std::vector<ScheduledTask> built;
  for (const TaskConfig& from : tasks) {
    if (from.source.value.empty() || from.task.value.empty()) continue;
    auto source = sources.get(from.source.value);
    if (!source) continue;
    if (auto task = build_task(from, std::move(source), diagnostics)) {
      built.push_back(*std::move(task));
    }
  }
  return built;
}

}  // namespace bourse::host
