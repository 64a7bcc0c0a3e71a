// SPDX-License-Identifier: MIT
#include "host/cli/task_list.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>
#include <string_view>
#include <vector>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {
namespace {

using ListWriter = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kNameColumns = 14;

void warn_of_left_out(const Source& source) {
  for (const std::string& note : source.tasks().notes) {
    std::fprintf(stderr, "warning: source %s: %s\n", source.name().c_str(),
                 printable(note, 2000).c_str());
  }
}

void write_text(ListWriter& json, const char* name, std::string_view text) {
  if (text.empty()) return;
  json.Key(name);
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_task(ListWriter& json, const Task& task) {
  json.StartObject();
  write_text(json, "name", task.name);
  write_text(json, "title", task.title);
  write_text(json, "doc", task.doc);
  json.Key("params");
  json.StartArray();
  for (const Parameter& parameter : task.params) {
    json.StartObject();
    write_text(json, "name", parameter.name);
    write_text(json, "doc", parameter.doc);
    write_text(json, "rule", describe(parameter));
    json.Key("required");
    json.Bool(parameter.required);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
}

void write_source(ListWriter& json, const Source& source) {
  json.StartObject();
  write_text(json, "source", source.name());
  write_text(json, "component", source.component().full_name());
  if (source.under()) {
    json.Key("over");
    json.StartArray();
    for (auto under = source.under(); under; under = under->under()) {
      json.String(under->name().c_str());
    }
    json.EndArray();
  }
  json.Key("tasks");
  json.StartArray();
  for (const Task& task : source.tasks().tasks) write_task(json, task);
  json.EndArray();
  json.EndObject();
}

}  // namespace

void print_names(std::span<const std::shared_ptr<Source>> sources) {
  for (const auto& source : sources) {
    if (!source->tasks().tasks.empty()) print(source->name());
  }
}

void print_names_of(const Source& source) {
  for (const Task& task : source.tasks().tasks) print(task.name);
}

void print_tasks(std::span<const std::shared_ptr<Source>> sources) {
  for (const auto& source : sources) {
    warn_of_left_out(*source);
    const auto& tasks = source->tasks().tasks;
    print(title_of(*source) + (tasks.empty() ? ": no tasks" : ""));
    for (const Task& task : tasks) {
      print("  " + padded(task.name, kNameColumns) + " " + printable(task.title, 200));
    }
  }
}

void print_tasks_of(const Source& source) {
  warn_of_left_out(source);
  const auto& tasks = source.tasks().tasks;
  print(title_of(source) + (tasks.empty() ? ": no tasks" : ""));
  for (const Task& task : tasks) {
    print("\n" + padded(task.name, kNameColumns) + " " + printable(task.title, 200));
    if (!task.doc.empty()) print(printable(task.doc, 4000));
    print_parameters(task.params);
  }
}

std::string tasks_json(std::span<const std::shared_ptr<Source>> sources) {
  rapidjson::StringBuffer buffer;
  ListWriter json(buffer);
  json.StartArray();
  for (const auto& source : sources) write_source(json, *source);
  json.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string no_task_text(const Source& source, const std::string& name) {
  for (auto under = source.under(); under; under = under->under()) {
    if (under->find_task(name) == nullptr) continue;
    return "source " + source.name() + " has no task " + in_quotes(name) + ", but " +
           under->name() + " under it has";
  }
  std::vector<std::string> names;
  for (const Task& task : source.tasks().tasks) names.push_back(task.name);
  const std::string what = "source " + source.name() + " has no task " + in_quotes(name);
  if (names.empty()) return what + ", and no other";
  if (const auto near = suggest(name, names)) return what + "; did you mean " + *near + "?";
  std::string all;
  for (const std::string& one : names) all += (all.empty() ? "" : ", ") + one;
  return what + "; there are " + all;
}

}  // namespace bourse::host
