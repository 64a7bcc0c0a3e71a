// SPDX-License-Identifier: MIT
#include "host/validate/validator.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "host/base/shell.hpp"

namespace bourse::host::validate {
namespace {

using std::chrono::steady_clock;

Request request_for(const Task& task, const Run& run) {
  Request request = task.request;
  request.component = run.component;
  return request;
}

void perform_here(Run& run, const Request& request, Survey* survey) {
  std::mutex mutex;
  std::string lines;
  std::string item;  // the last one only: what is said each round must not look like a leak
  const auto began = steady_clock::now();
  perform(*run.rule, request, [&](std::string_view line) {
    const std::lock_guard lock(mutex);
    if (line.starts_with("item\t")) {
      item = line;
    } else {
      (lines += line) += '\n';
    }
  });
  (lines += item) += '\n';
  run.took = steady_clock::now() - began;
  take_said(run, lines);
  if (survey != nullptr) *survey = read_survey(lines);
}

bool stops_others(const Run& run) {
  return run.outcome == Outcome::kCrashed || run.outcome == Outcome::kFailed;
}

/// Runs that wait for others, and who does them.
class Schedule {
 public:
  Schedule(const Task& task, std::vector<Run>& runs)
      : task_(task), runs_(runs), states_(runs.size()), is_stopped_(runs.size()) {
    for (std::size_t i = 0; i < runs.size(); ++i) {
      // What is excused was decided by the plan, and the first rule came before it.
      if (!runs[i].reason.empty() || runs[i].rule->id == kFirstRule) states_[i] = State::kDone;
    }
  }

  void run(std::size_t jobs) {
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min(jobs, runs_.size()); ++i) {
      threads.emplace_back([this] { work(); });
    }
    work();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  enum class State : std::uint8_t { kWaiting, kRunning, kDone };

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      const auto next = take_next();
      if (next) {
        lock.unlock();
        const Request request = request_for(task_, runs_[*next]);
        task_.in_process ? perform_here(runs_[*next], request, nullptr)
                         : perform_in_child(runs_[*next], request);
        lock.lock();
        states_[*next] = State::kDone;
        changed_.notify_all();
      } else if (all_taken()) {
        return;
      } else {
        changed_.wait(lock);
      }
    }
  }

  [[nodiscard]] bool all_taken() const {
    return std::find(states_.begin(), states_.end(), State::kWaiting) == states_.end();
  }

  // Under the lock.
  std::optional<std::size_t> take_next() {
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      if (states_[i] != State::kWaiting || waits(i)) continue;
      if (const Run* const stopper = stopper_of(i)) {
        runs_[i].reason = stopper->title() + " did not pass";
        states_[i] = State::kDone;
        is_stopped_[i] = true;
        i = static_cast<std::size_t>(-1);  // others may have waited for this one
        continue;
      }
      states_[i] = State::kRunning;
      return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool comes_before(std::size_t before, std::size_t i) const {
    const Run& run = runs_[i];
    const Run& other = runs_[before];
    return run.rule->after != nullptr && other.rule->id == std::string_view(run.rule->after) &&
           (other.component.empty() || run.component.empty() || other.component == run.component);
  }
  [[nodiscard]] bool waits(std::size_t i) const {
    for (std::size_t before = 0; before < runs_.size(); ++before) {
      if (comes_before(before, i) && states_[before] != State::kDone) return true;
    }
    return false;
  }
  // Null where the rule stands alone, or the one before it is not among the chosen ones.
  [[nodiscard]] const Run* stopper_of(std::size_t i) const {
    for (std::size_t before = 0; before < runs_.size(); ++before) {
      if (comes_before(before, i) && (stops_others(runs_[before]) || is_stopped_[before])) {
        return &runs_[before];
      }
    }
    return nullptr;
  }

  const Task& task_;
  std::vector<Run>& runs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<State> states_;
  std::vector<bool> is_stopped_;
};

class Plan {
 public:
  Plan(const Task& task, const Survey& survey, const Run& first)
      : task_(task), survey_(survey), first_(first) {}

  std::vector<Run> make() {
    for (const Rule* const rule : task_.rules) {
      if ((rule->applies & (kToFile | kToPlugin)) != 0) add(*rule, "");
      for (const Survey::Offered& offered : survey_.components) {
        if ((rule->applies & offered.kind) != 0 && fits(task_.components, offered.name)) {
          add(*rule, offered.name);
        }
      }
    }
    return std::move(runs_);
  }

 private:
  void add(const Rule& rule, const std::string& component) {
    if (rule.id == kFirstRule) {
      runs_.push_back(first_);
      return;
    }
    Run run{.rule = &rule, .component = component};
    if (const auto* excuse = excusing(task_.exclusions, rule, component)) {
      run.reason = "excluded: " + excuse->reason;
    } else if (survey_.plugin.empty() && (rule.applies & kToFile) == 0) {
      run.reason = std::string(kFirstRule) + " did not pass";
    }
    runs_.push_back(std::move(run));
  }

  const Task& task_;
  const Survey& survey_;
  const Run& first_;
  std::vector<Run> runs_;
};

}  // namespace

std::size_t Verdict::count(Outcome outcome) const noexcept {
  return static_cast<std::size_t>(std::count_if(
      runs.begin(), runs.end(), [&](const Run& run) { return run.outcome == outcome; }));
}

bool Verdict::is_good(bool strict) const noexcept {
  return !survey.plugin.empty() && count(Outcome::kFailed) == 0 && count(Outcome::kCrashed) == 0 &&
         !(strict && count(Outcome::kWarning) != 0);
}

namespace {

// Nobody may have asked for it, but where nothing can be loaded one of the two says why.
void add_reason(const Task& task, const Run& first, std::vector<Run>& runs) {
  const auto is_chosen = [&](const Rule* rule) {
    return std::find(task.rules.begin(), task.rules.end(), rule) != task.rules.end();
  };
  if (!is_chosen(first.rule)) runs.insert(runs.begin(), first);
  const Rule* const tables = find_rule("file.tables");
  if (!is_chosen(tables)) runs.insert(runs.begin(), Run{.rule = tables});
}

}  // namespace

Result<Verdict> validate_plugin(const Task& task) {
  const auto began = steady_clock::now();
  Verdict verdict;
  Run first{.rule = find_rule(kFirstRule)};
  const Request request = request_for(task, first);
  task.in_process ? perform_here(first, request, &verdict.survey)
                  : perform_in_child(first, request, &verdict.survey);
  if (stops_others(first)) verdict.survey = {};
  verdict.runs = Plan(task, verdict.survey, first).make();
  if (verdict.survey.plugin.empty()) add_reason(task, first, verdict.runs);
  if (verdict.runs.empty()) {
    return Failure{.status = BOURSE_BAD_PARAM,
                   .code = "usage",
                   .message =
                       "none of these rules is for anything that the plugin offers, so that "
                       "nothing would be tried"};
  }
  Schedule(task, verdict.runs).run(task.in_process ? 1 : task.jobs);
  verdict.took = steady_clock::now() - began;
  return verdict;
}

std::string command_to_repeat(const Task& task, const Survey& survey, const Run& run) {
  std::string command = "bourse validate " + in_shell(task.request.file.string()) +
                        " --in-process --only " + run.rule->id;
  if (!run.component.empty()) command += " --component " + in_shell(run.component);
  command += " --seed " + std::to_string(task.request.seed);
  if (task.request.is_long) command += " --long";
  if (!task.request.base.empty()) command += " --base " + task.request.base;
  for (const auto& [name, text] : task.request.settings) {
    const std::string own = name.substr(name.find('.') + 1);
    const bool is_secret =
        std::find(survey.secrets.begin(), survey.secrets.end(), own) != survey.secrets.end();
    command += " --set " + in_shell(name + "=" + (is_secret ? "***" : text));
  }
  for (const auto& folder : task.request.plugins) {
    command += " --plugins " + in_shell(folder.string());
  }
  if (!task.request.use.empty()) command += " --use " + in_shell(task.request.use);
  return command;
}

}  // namespace bourse::host::validate
