// SPDX-License-Identifier: MIT
#include "host/cli/task_show.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cstdlib>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

using ShowWriter = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kSentenceCharactersMax = 8000;

double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

void add_text(ShowWriter& json, std::string_view name, std::string_view text) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void add_number(ShowWriter& json, const char* name, double number) {
  json.Key(name);
  json.Double(number);
}

void add_state(ShowWriter& json, const TaskRun::State& state, const TaskMeter::Reading& reading) {
  if (state.has_told) {
    json.Key("done");
    json.Uint64(state.progress.done);
    json.Key("total");
    json.Uint64(state.progress.total);
    add_text(json, "text", state.progress.text);
  }
  if (reading.percent) add_number(json, "percent", *reading.percent);
  if (reading.per_second) add_number(json, "per_second", *reading.per_second);
  if (reading.left) add_number(json, "seconds_left", in_seconds(*reading.left));
  if (state.asks.empty()) return;
  add_text(json, "waits_for", state.asks);
  add_number(json, "waits_seconds", in_seconds(state.asking));
}

/// As many of the first characters as fit; one that is wider than a column counts as one, so a
/// column is kept free for each.
std::string cut(std::string_view text, std::size_t columns) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const Utf8Step step = utf8_step(text);
    used += step.bytes > 2 ? 2 : 1;
    if (used > columns) break;
    out += text.substr(0, step.bytes);
    text.remove_prefix(step.bytes);
  }
  return out;
}

}  // namespace

ProgressForm form_of_terminal() {
  const char* const term = std::getenv("TERM");
  const std::string_view name = term == nullptr ? "" : term;
  const bool drawable = ::isatty(STDERR_FILENO) == 1 && !name.empty() && name != "dumb";
  return drawable ? ProgressForm::kDrawn : ProgressForm::kPlain;
}

TaskShow::TaskShow(ProgressForm form, std::string source, std::string task, Time began, Write write,
                   std::size_t columns)
    : form_(form),
      source_(std::move(source)),
      task_(std::move(task)),
      began_(began),
      write_(std::move(write)),
      columns_(columns) {}

std::string TaskShow::json(std::string_view event, const Members& members,
                           const TaskRun::State* state, Time now) const {
  rapidjson::StringBuffer buffer;
  ShowWriter json(buffer);
  json.StartObject();
  add_text(json, "event", event);
  add_text(json, "source", source_);
  add_text(json, "task", task_);
  if (state != nullptr) {
    add_number(json, "seconds", in_seconds(now - began_));
    add_state(json, *state, meter_.read(now));
  }
  for (const auto& [name, text] : members) {
    if (!text.empty()) add_text(json, name, repair_utf8(text));
  }
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void TaskShow::erase() {
  if (std::exchange(drawn_, false)) write_("\r\x1b[K");
}

void TaskShow::put(const std::string& line) {
  erase();
  write_(line + "\n");
}

void TaskShow::look(Time now, const TaskRun::State& state) {
  const std::lock_guard lock(mutex_);
  if (state.has_told) meter_.note(now, state.progress);
  if (form_ == ProgressForm::kPlain) {
    if (now - shown_at_.value_or(began_) < kPlainEvery) return;
    put(head() + progress_text(state, meter_.read(now)));
  } else if (form_ == ProgressForm::kJson) {
    if (!state.has_told || (shown_at_ && now - *shown_at_ < kJsonEvery)) return;
    put(json("progress", {}, &state, now));
  } else {
    if (shown_at_ && now - *shown_at_ < kDrawEvery) return;
    // The last column stays free: some terminals go to the next line when it is written.
    const std::string line = head() + progress_text(state, meter_.read(now));
    write_("\r" + cut(line, columns_ > 1 ? columns_ - 1 : 1) + "\x1b[K");
    drawn_ = true;
  }
  shown_at_ = now;
}

void TaskShow::say(std::string_view event, std::string_view sentence) {
  const std::lock_guard lock(mutex_);
  put(form_ == ProgressForm::kJson ? json(event, {{"message", sentence}}, nullptr, {})
                                   : std::string(sentence));
}

void TaskShow::say(std::string_view event, const Failure& why) {
  const std::lock_guard lock(mutex_);
  put(form_ == ProgressForm::kJson
          ? json(event, {{"code", why.code}, {"message", why.message}}, nullptr, {})
          : "error: " + printable(why.message, kSentenceCharactersMax) + " [" + why.code + "]");
}

void TaskShow::end(Time now, const TaskRun::State& state, TaskEnd how, std::string_view sentence,
                   std::string_view resume) {
  const std::lock_guard lock(mutex_);
  if (state.has_told) meter_.note(now, state.progress);
  if (form_ == ProgressForm::kJson) {
    return put(json(name_of(how), {{"message", sentence}, {"resume", resume}}, &state, now));
  }
  put(head() + std::string(sentence));
  if (!resume.empty()) put("to go on: " + std::string(resume));
}

}  // namespace bourse::host
