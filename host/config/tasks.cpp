// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "host/base/utf8.hpp"
#include "host/config/sections.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kTasksOfAFileMax = 64;
constexpr std::chrono::seconds kJitterUnsaidMax{30};

bool is_task_name(std::string_view text) { return is_word(text, "-_", 64); }
constexpr char kTaskNameRule[] = "a name of a-z, then a-z, 0-9, - and _, at most 64 bytes";

void read_times(Reader& reader, const MapReader& map, const std::string& where, TaskConfig& task) {
  const std::size_t before = reader.errors();
  if (map.find("every") != nullptr) map.read("every", task.every.emplace());
  enum class AtStart { kFalse, kTrue };
  Located<AtStart> at_start;
  map.read_choice("at-start", at_start);
  task.at_start = at_start.value == AtStart::kTrue;
  if (task.every) {
    task.jitter.value = std::min<nanoseconds>(task.every->value / 10, kJitterUnsaidMax);
  }
  map.read("jitter", task.jitter);
  if (reader.errors() != before) return;
  if (!task.every && !task.at_start && !map.is_misspelt("every") && !map.is_misspelt("at-start")) {
    reader.error(map.mark(), "never_runs", where + " would never be done",
                 "say how often, such as \"every: 1h\", or \"at-start: true\"");
  }
  if (task.every && task.jitter.value > task.every->value) {
    reader.error(task.jitter.mark, "out_of_range", "\"jitter\" is longer than \"every\"",
                 "a run would begin after the one that follows it");
  }
}

void read_task(Reader& reader, const Node::Entry& entry, const SourceNames& sources,
               std::vector<TaskConfig>& tasks) {
  const std::size_t before = reader.errors();
  const std::string where = "the task " + in_quotes(entry.key);
  if (!is_task_name(entry.key)) {
    reader.error(entry.mark, "bad_key", in_quotes(entry.key) + " is not " + kTaskNameRule);
  }
  if (!reader.expect(*entry.value, Node::Kind::kMap, where)) return;
  MapReader map(reader, *entry.value, where, "task");
  TaskConfig task{.name = {.value = entry.key, .mark = entry.mark}};
  if (const Node* const source = map.require("source", "name the source whose work it is")) {
    if (auto name = read_source_name(reader, *source, "\"source\"", sources)) task.source = *name;
  }
  if (const Node* const name = map.require("task", "name what it offers; `bourse task` lists it")) {
    if (auto text = reader.text(*name, "\"task\"")) task.task = *text;
  }
  if (const Node* const params = map.find("params")) {
    read_settings(reader, *params, "\"params\"", task.params);
  }
  read_times(reader, map, where, task);
  task.spoilt = reader.errors() != before;
  tasks.push_back(std::move(task));
}

}  // namespace

void read_tasks(Reader& reader, const Node& node, const SourceNames& sources,
                std::vector<TaskConfig>& tasks) {
  if (!reader.expect(node, Node::Kind::kMap, "\"tasks\"")) return;
  for (const Node::Entry& entry : node.entries) {
    if (!entry.key.starts_with(kFreeKeyPrefix)) read_task(reader, entry, sources, tasks);
  }
  if (tasks.size() <= kTasksOfAFileMax) return;
  reader.error(tasks[kTasksOfAFileMax].name.mark, "out_of_range",
               "there are " + std::to_string(tasks.size()) + " tasks; a server does at most " +
                   std::to_string(kTasksOfAFileMax),
               "do more in one, by a list of its parameter");
}

}  // namespace bourse::host
