// SPDX-License-Identifier: MIT
#include "host/cli/task.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "host/base/shell.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/job.hpp"
#include "host/calls/task.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/output.hpp"
#include "host/cli/report_text.hpp"
#include "host/cli/task_list.hpp"
#include "host/cli/task_show.hpp"
#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::steady_clock;

constexpr unsigned kThreads = 16;  ///< what the task asks side by side is fetched on them
constexpr std::chrono::milliseconds kLook{100};
constexpr std::size_t kReportBytesMax = std::size_t{1} << 30;

struct TaskWords {
  std::string source = {};
  std::string name = {};
  std::vector<std::string> parameters = {};
};

TaskWords split(const TaskOptions& options) {
  TaskWords words{.parameters = options.words};
  const auto take = [&](std::string& into) {
    if (words.parameters.empty() || words.parameters.front().starts_with('-')) return;
    into = words.parameters.front();
    words.parameters.erase(words.parameters.begin());
  };
  if (options.from.use.empty()) take(words.source);
  take(words.name);
  return words;
}

void write_to_terminal(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// Whatever hangs, this must not: nothing is written that nobody takes.
void write_last(const std::string& text) {
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standard_error, 1, 0) == 1 && (standard_error.revents & POLLOUT) != 0) {
    write_to_terminal(text);
  }
}

// ---- the command that goes on ------------------------------------------------------------------

bool has_secret(std::span<const Parameter> parameters, std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const Parameter& p) { return p.secret && p.name == name; });
}

/// What was typed, ready to be typed again, without what is secret.
std::string resume_text(const TaskOptions& options, const Source& source, const Task& task) {
  std::string text;
  bool hides = false;
  for (const std::string& word : options.typed) {
    const std::size_t equals = word.find('=');
    const std::string name = word.starts_with("--") ? word.substr(2, equals - 2) : std::string();
    std::string shown = word;
    if (std::exchange(hides, false) ||
        (equals != word.npos && name.empty() &&
         has_secret(source.component().config, word.substr(0, equals)))) {
      shown = "...";
    } else if (!name.empty() && has_secret(task.params, name)) {
      hides = equals == word.npos;
      if (!hides) shown = word.substr(0, equals + 1) + "...";
    }
    text += (text.empty() ? "" : " ") + in_shell(shown);
  }
  return text;
}

// ---- parameters ---------------------------------------------------------------------------------

/// "--files a b c" is what a shell makes of "--files *": further items of a list.
Result<NamedTexts> read_task_words(const std::vector<std::string>& words, const Task& task) {
  std::vector<std::string> options;
  const Parameter* list = nullptr;
  std::string option;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (list != nullptr && !word.starts_with("--")) {
      options.push_back(option + "=" + word);
      continue;
    }
    options.push_back(word);
    if (!word.starts_with("--") || word.find('=') != word.npos) continue;
    option = word;
    std::string name = word.substr(2);
    std::replace(name.begin(), name.end(), '-', '_');
    const auto found = std::find_if(task.params.begin(), task.params.end(),
                                    [&](const Parameter& p) { return p.name == name; });
    list = found != task.params.end() && found->type == BOURSE_TYPE_LIST ? &*found : nullptr;
    if (i + 1 < words.size()) options.push_back(words[++i]);
  }
  return read_words(options);
}

// ---- one run ------------------------------------------------------------------------------------

/// The report's format, with its parameters; `serializer` null: report_text().
struct TaskFormat {
  std::shared_ptr<Instance> serializer = {};
  Arguments arguments = {};
};

class TaskPerformance {
 public:
  TaskPerformance(const TaskOptions& options, TaskJob job, TaskFormat format, TaskShow& show,
                  Interrupt& interrupt)
      : options_(options),
        job_(std::move(job)),
        format_(std::move(format)),
        show_(show),
        interrupt_(interrupt),
        resume_(resume_text(options, *job_.source, *job_.task)) {}

  int run() {
    set_line_writer([this](const std::string& line) { show_.say("log", line); });
    interrupt_.handle([run = run_] { run->cancel(); }, [last = last_words()] { write_last(last); });
    const auto outcome = await();
    interrupt_.let_go();
    set_line_writer({});
    return finish(outcome);
  }

 private:
  [[nodiscard]] std::string last_words() const {
    if (show_.form() == ProgressForm::kJson) return {};
    const std::string erased = show_.form() == ProgressForm::kDrawn ? "\r\x1b[K" : "";
    return erased + "ended at once\nto go on: " + resume_ + "\n";
  }

  Result<ReportPtr> await() {
    std::mutex mutex;
    std::condition_variable ended;
    std::optional<Result<ReportPtr>> outcome;
    Workers workers({.computing = 1, .threads = kThreads, .queue = kThreads, .substitutes = 1});
    const bool taken = workers.submit([&] {
      auto made = perform_task(run_, job_, &workers);
      const std::lock_guard lock(mutex);
      outcome = std::move(made);
      ended.notify_all();
    });
    if (!taken) {
      return Failure{.status = BOURSE_UNAVAILABLE,
                     .code = "out_of_memory",
                     .message = "There is no thread for the task."};
    }
    bool told = false;
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, kLook, [&] { return outcome.has_value(); })) {
      lock.unlock();
      if (interrupt_.heard() != 0 && !std::exchange(told, true)) {
        show_.say("stopping", "stopping: it finishes what it is at; once more ends it at once");
      }
      show_.look(steady_clock::now(), run_->state());
      lock.lock();
    }
    return *std::move(outcome);
  }

  [[nodiscard]] std::string sentence(TaskEnd how, const Result<ReportPtr>& outcome) const {
    const std::string after = rough_time(steady_clock::now() - began_);
    switch (how) {
      case TaskEnd::kSuccess:
        return "done in " + after;
      case TaskEnd::kFindings:
        return "done in " + after + ", with findings: the report tells them";
      case TaskEnd::kCancelled:
        return "stopped after " + after + "; what was done by then is kept";
      case TaskEnd::kLimited: {
        std::string text = "stopped by a limit after " + after + ": run it again";
        if (outcome) return text;
        const Failure& why = outcome.failure();
        if (why.retry_after.count() > 0) text += " in " + rough_time(why.retry_after);
        return text + "; " + shown_failure_of(why);
      }
      default:
        return "failed after " + after + ": " + shown_failure_of(outcome.failure());
    }
  }
  static std::string shown_failure_of(const Failure& why) {
    return printable(why.message, 8000) + " [" + why.code + "]";
  }

  int finish(const Result<ReportPtr>& outcome) {
    TaskEnd how = end_of(outcome, run_->is_cancelled());
    const int signal = interrupt_.heard();
    const bool unfinished = how != TaskEnd::kSuccess && how != TaskEnd::kFindings;
    const int written = outcome ? write_out(**outcome) : kDone;
    show_.end(steady_clock::now(), run_->state(), how, sentence(how, outcome),
              unfinished && how != TaskEnd::kFailure ? resume_ : "");
    if (unfinished && signal != 0) return 128 + signal;
    if (how == TaskEnd::kLimited) return kAgain;
    if (unfinished || written != kDone) return kFailed;
    return how == TaskEnd::kFindings ? kFound : kDone;
  }

  int write_out(const Report& report) {
    if (!format_.serializer) {
      return write_report(report_text(report.wire()), "text/plain", options_.output);
    }
    Job job;
    job.serializer = format_.serializer;
    job.serializer_arguments = format_.arguments;
    job.sources = std::make_shared<const Sources>();
    job.response_bytes_max = kReportBytesMax;
    job.logs_mistakes = false;
    Context context{.request_id = "task", .route = "task"};
    context.authorized = true;
    const auto rendered = render(job, report, {}, context, nullptr);
    if (rendered) return write_report(rendered->bytes, rendered->media_type, options_.output);
    show_.say("not_written", rendered.failure());
    return kFailed;
  }

  const TaskOptions& options_;
  TaskJob job_;
  TaskFormat format_;
  TaskShow& show_;
  Interrupt& interrupt_;
  const std::string resume_;
  const std::shared_ptr<TaskRun> run_ = std::make_shared<TaskRun>();
  const steady_clock::time_point began_ = steady_clock::now();
};

/// Nothing: as text, by report_text().
Result<std::shared_ptr<const Component>> serializer_for(const TaskOptions& options,
                                                        const Catalog& catalog) {
  if (options.format.empty()) return std::shared_ptr<const Component>();
  auto serializer = catalog.find_serializer(options.format);
  if (serializer || options.format == "text") return serializer;
  return usage(unknown("format", options.format, catalog.serializers()));
}

Result<int> perform_named(const TaskOptions& options, const TaskWords& words, const Loaded& loaded,
                          LoadedConfig& read, TaskShow& show, Interrupt& interrupt) {
  auto made = make_source(options.from, loaded, read);
  if (!made) return std::move(made).failure();
  const Source& source = *made->source;
  if (options.names) {
    print_names_of(source);
    return kDone;
  }
  if (words.name.empty()) {
    if (!words.parameters.empty()) {
      return usage("say which task of " + source.name() + " shall be done; `bourse task " +
                   source.name() + "` lists them");
    }
    const std::shared_ptr<Source> one[] = {made->source};
    if (options.json) print(tasks_json(one));
    if (!options.json) print_tasks_of(source);
    return kDone;
  }
  const Task* const task = source.find_task(words.name);
  if (task == nullptr) return usage(no_task_text(source, words.name));
  auto serializer = serializer_for(options, *loaded.catalog);
  if (!serializer) return std::move(serializer).failure();
  const auto of_format = *serializer ? std::span<const Parameter>((*serializer)->params)
                                     : std::span<const Parameter>();
  auto texts = read_task_words(words.parameters, *task);
  if (!texts) return std::move(texts).failure();
  const std::array<std::span<const Parameter>, 2> declared{task->params, of_format};
  if (auto known = check_names(*texts, declared, {}); !known) {
    return with_own_names(std::move(known).failure(), options.own_names);
  }
  const std::int64_t now = wall_clock();
  auto arguments = read_arguments(task->params, *texts, now);
  if (!arguments) return std::move(arguments).failure();
  TaskFormat format;
  if (*serializer) {
    auto format_arguments = read_arguments(of_format, *texts, now);
    if (!format_arguments) return std::move(format_arguments).failure();
    auto instance = make_configured(*serializer, read);
    if (!instance) return std::move(instance).failure();
    format = {*std::move(instance), *std::move(format_arguments)};
  }
  TaskJob job{.source = made->source, .task = task, .arguments = *std::move(arguments)};
  return TaskPerformance(options, std::move(job), std::move(format), show, interrupt).run();
}

/// A name that is no source may be a task of one.
void name_the_source(Failure& why, const TaskWords& words, const Loaded& loaded,
                     LoadedConfig& read) {
  const Config* const config = config_of(read);
  if (config == nullptr || words.source.empty()) return;
  if (config->find_source(words.source) != nullptr) return;
  for (const auto& source : make_all(loaded, read)) {
    if (source->find_task(words.source) == nullptr) continue;
    why.message += "; source " + source->name() + " has a task of that name: bourse task " +
                   source->name() + " " + words.source;
    return;
  }
}

int list_all(const TaskOptions& options, const Loaded& loaded, LoadedConfig& read) {
  const Config* const config = config_of(read);
  const auto sources = make_all(loaded, read);
  if (options.names) {
    print_names(sources);
  } else if (options.json) {
    print(tasks_json(sources));
  } else {
    print_tasks(sources);
  }
  return config != nullptr && sources.size() == config->sources.size() ? kDone : kFailed;
}

}  // namespace

int task(const TaskOptions& given) {
  Interrupt interrupt;
  TaskOptions options = given;
  const TaskWords words = split(options);
  options.from.source = words.source;
  TaskShow show(options.json ? ProgressForm::kJson : form_of_terminal(),
                words.source.empty() ? options.from.use : words.source, words.name,
                steady_clock::now(), write_to_terminal, terminal_columns(STDERR_FILENO));
  auto read = read_config(options.setup, options.from);
  if (!read) return kFailed;
  const Loaded loaded = load_configured_plugins(options.setup, config_of(*read));
  for (const Refusal& refusal : loaded.refusals) {
    show.say("warning", "warning: plugin refused: " + printable(refusal.why.message, 2000));
  }
  const bool says_which = !words.source.empty() || !options.from.use.empty();
  if (!says_which && config_of(*read) == nullptr) {
    show.say("failed", usage("no configuration: name one by --config, or a source by --use"));
    return kUsage;
  }
  if (!says_which && words.parameters.empty()) return list_all(options, loaded, *read);
  if (!says_which) {
    show.say("failed", usage("say which source and which task; `bourse task` lists them"));
    return kUsage;
  }
  auto done = perform_named(options, words, loaded, *read, show, interrupt);
  if (done) return *done;
  Failure why = std::move(done).failure();
  name_the_source(why, words, loaded, *read);
  show.say("failed", why);
  const bool is_usage = why.code == kUsageCode || why.status == BOURSE_BAD_PARAM;
  return is_usage ? kUsage : kFailed;
}

}  // namespace bourse::host
