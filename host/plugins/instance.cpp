// SPDX-License-Identifier: MIT
#include "host/plugins/instance.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/plugins/ending.hpp"
#include "host/plugins/guard.hpp"

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// Nobody wakes a waiter when its client goes away: it looks this often.
constexpr std::chrono::milliseconds kPollInterval{20};
constexpr std::chrono::minutes kTurnWaitMax{1};
constexpr std::size_t kMetricsMax = 1000;

std::uint64_t next_number() noexcept {
  static std::atomic<std::uint64_t> numbers{0};
  return ++numbers;
}

constexpr bool is_failure(bourse_status status) { return status >= 400 && status <= 599; }

// Only a failure costs words.
Result<void> judge(const char* verb, const std::string& of, const Result<bourse_status>& outcome) {
  if (outcome && *outcome == BOURSE_OK) return {};
  const std::string who = std::string(verb) + " of " + of;
  if (!outcome) {
    auto thrown = outcome.failure();
    thrown.message.insert(0, who + " ");
    return thrown;
  }
  const auto number = std::to_string(*outcome);
  if (is_failure(*outcome)) {
    return Failure{.status = *outcome,
                   .code = "plugin_failed",
                   .message = who + " failed with status " + number + " and did not say why",
                   .origin = Origin::kSilent};
  }
  return Failure{
      .status = BOURSE_INTERNAL,
      .code = "bad_status",
      .message = who + " returned " + number + ", which is neither 0 nor a status from 400 to 599"};
}

// The values as the plugin counts them: null where a parameter was left out.
class Places {
 public:
  Places(const bourse_value* known, const std::vector<bool>& left_out) : values_(known) {
    if (left_out.empty()) return;
    all_.reserve(left_out.size());
    for (const bool missing : left_out) all_.push_back(missing ? bourse_value{} : *known++);
    values_ = all_.data();
  }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  [[nodiscard]] const bourse_value* values() const noexcept { return values_; }

 private:
  const bourse_value* values_;
  std::vector<bourse_value> all_;
};

/// Takes what collect tells.
struct Collector {
  Collection collection = {};
  std::set<std::string> series = {};

  void take(Result<Metric> metric) {
    if (!metric) return drop(metric.failure().message);
    if (collection.metrics.size() >= kMetricsMax) {
      return drop("there are more than " + std::to_string(kMetricsMax));
    }
    // No text of a checked metric has a line feed in it.
    std::set<std::string> labels;
    for (const auto& [name, value] : metric->labels) labels.insert(name + '\n' + value);
    std::string key = metric->name;
    for (const std::string& label : labels) (key += '\n') += label;
    if (!series.insert(std::move(key)).second) {
      return drop(in_quotes(metric->name) + ": it is told twice with the same labels");
    }
    collection.metrics.push_back(*std::move(metric));
  }
  void drop(std::string why) {
    if (collection.dropped++ == 0) collection.why = std::move(why);
  }
};

}  // namespace

// Gives the turn back, whatever way the call ends.
class Instance::Turn {
 public:
  explicit Turn(Instance& instance) : instance_(instance) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    {
      const std::lock_guard lock(instance_.mutex_);
      instance_.busy_ = false;
    }
    instance_.free_.notify_one();
  }

 private:
  Instance& instance_;
};

Instance::Instance(std::shared_ptr<const Component> component)
    : component_(std::move(component)),
      number_(next_number()),
      full_name_(component_->full_name()),
      foreigner_(foreigner(full_name_)) {}

Result<std::shared_ptr<Instance>> Instance::create(std::shared_ptr<const Component> component,
                                                   bourse_call* call, const Arguments& config) {
  assert(component != nullptr && component->host != nullptr &&
         config.size() == component->config.size());
  std::shared_ptr<Instance> instance(new Instance(std::move(component)));
  const auto& it = *instance->component_;
  if (it.create != nullptr) {
    void* self = nullptr;
    const Places places(config.data(), it.config_left_out);
    const auto make = [&] { return it.create(it.host, call, places.values(), &self); };
    auto created =
        judge("create", instance->full_name_, instance->enter("create", make, CallWeight::kRare));
    if (!created) return std::move(created).failure();
    instance->self_ = self;
  }
  instance->created_ = true;
  return instance;
}

Instance::~Instance() {
  if (created_ && component_->create != nullptr && component_->destroy != nullptr) {
    const Ending ending("destroy of " + full_name_);
    (void)enter(
        "destroy", [this] { component_->destroy(self_); }, CallWeight::kRare);
  }
}

bool Instance::take_turn(steady_clock::time_point until) {
  std::unique_lock lock(mutex_);
  if (!free_.wait_until(lock, until, [this] { return !busy_; })) return false;
  busy_ = true;
  return true;
}

Result<void> Instance::await_turn(bourse_call* call, const Pause& pause) {
  const auto give_up = steady_clock::now() + kTurnWaitMax;
  std::shared_ptr<void> paused;  // ends after the lock: it may wait in turn
  bool has_paused = !pause;
  std::unique_lock lock(mutex_);
  while (busy_) {
    if (!has_paused) {
      lock.unlock();
      paused = pause();
      has_paused = true;
      lock.lock();
      continue;
    }
    auto wait = nanoseconds(kPollInterval);
    if (call != nullptr && component_->host->poll != nullptr) {
      std::int64_t ns_left = wait.count();
      lock.unlock();  // poll is the host's own, but what it does is not our business
      const auto status = component_->host->poll(call, &ns_left);
      lock.lock();
      if (status != BOURSE_OK) {
        return Failure{
            .status = status,
            .code = "no_turn",
            .message = full_name_ + " takes one call at a time, and this one ended while it waited",
            .origin = Origin::kCutOff};
      }
      wait = std::clamp(nanoseconds(ns_left), nanoseconds(1), wait);
    }
    if (steady_clock::now() >= give_up) {
      return Failure{.status = BOURSE_UNAVAILABLE,
                     .code = "no_turn",
                     .message = full_name_ +
                                " takes one call at a time and has been busy for a minute; try "
                                "again later"};
    }
    free_.wait_for(lock, wait, [this] { return !busy_; });
  }
  busy_ = true;
  return {};
}

template <class Call>
Result<void> Instance::invoke(const char* verb, bourse_call* call, const Pause& pause,
                              Call&& body) {
  if ((component_->flags & BOURSE_COMPONENT_SERIAL) == 0) {
    return judge(verb, full_name_, enter(verb, body));
  }
  if (auto turn = await_turn(call, pause); !turn) return turn;
  const Turn turn(*this);
  return judge(verb, full_name_, enter(verb, body));
}

Result<void> Instance::run(bourse_call* call, const bourse_value* params, const Pause& pause) {
  assert(component_->kind == BOURSE_KIND_ANALYSIS);
  const Places places(params, component_->params_left_out);
  return invoke("run", call, pause, [&] { return component_->run(self_, call, places.values()); });
}

Result<void> Instance::fetch(bourse_call* call, const Dataset& dataset, const bourse_value* params,
                             const Pause& pause) {
  assert(component_->kind == BOURSE_KIND_SOURCE);
  const Places places(params, dataset.params_left_out);
  return invoke("fetch", call, pause,
                [&] { return component_->fetch(self_, call, dataset.index, places.values()); });
}

Result<void> Instance::render(bourse_call* call, const bourse_value* params,
                              const bourse_report& report, const Pause& pause) {
  assert(component_->kind == BOURSE_KIND_SERIALIZER);
  const Places places(params, component_->params_left_out);
  return invoke("render", call, pause,
                [&] { return component_->render(self_, call, places.values(), &report); });
}

const void* Instance::extension(const char* id) noexcept {
  if (component_->extension == nullptr) return nullptr;
  const auto found = enter("extension", [&] { return component_->extension(self_, id); });
  return found ? *found : nullptr;
}

bool Instance::has_metrics() noexcept {
  const auto offered = check_metrics(extension(BOURSE_METRICS_ID));
  return offered && offered->collect != nullptr;
}

std::optional<Collection> Instance::metrics(steady_clock::time_point turn_until) {
  Collector collector;
  const auto offered = check_metrics(extension(BOURSE_METRICS_ID));
  if (!offered || offered->collect == nullptr) return Collection{};
  // An exception of the host must not cross the plugin: what does not fit is left out.
  const auto emit = [](void* sink, const bourse_metric* said) {
    (void)guarded([&] { static_cast<Collector*>(sink)->take(check_metric(said)); });
  };
  std::optional<Turn> turn;
  if ((component_->flags & BOURSE_COMPONENT_SERIAL) != 0) {
    if (!take_turn(turn_until)) return std::nullopt;
    turn.emplace(*this);
  }
  (void)enter("collect", [&] { offered->collect(self_, &collector, emit); });
  return std::move(collector.collection);
}

ProbeOffer Instance::probe_offer() {
  const auto offered = check_probe(extension(BOURSE_PROBE_ID));
  return offered ? offer_of(*offered) : ProbeOffer{};
}

Result<void> Instance::probe(bourse_call* call, const std::function<void(Finding)>& found) {
  const auto offered = check_probe(extension(BOURSE_PROBE_ID));
  if (!offered || offered->probe == nullptr) return {};
  struct Sink {
    const std::function<void(Finding)>& take;
    Result<void> taken = {};
  } sink{found};
  const auto emit = [](void* to, const bourse_finding* said) {
    auto& into = *static_cast<Sink*>(to);
    if (into.taken) into.taken = guarded([&] { into.take(check_finding(said)); });
  };
  auto done = invoke("probe", call, {}, [&] { return offered->probe(self_, call, &sink, emit); });
  return done ? sink.taken : done;
}

bool Instance::has_watch() noexcept {
  const auto offered = check_watch(extension(BOURSE_WATCH_ID));
  return offered && offered->watch != nullptr && offered->unwatch != nullptr;
}

Result<std::uint64_t> Instance::watch(bourse_call* call, const Dataset& dataset,
                                      const bourse_value* params, void* sink,
                                      void (*changed)(void* sink)) {
  assert(component_->kind == BOURSE_KIND_SOURCE);
  const auto offered = check_watch(extension(BOURSE_WATCH_ID));
  const Places places(params, dataset.params_left_out);
  std::uint64_t token = 0;
  auto done = invoke("watch", call, {}, [&] {
    return offered->watch(self_, call, dataset.index, places.values(), sink, changed, &token);
  });
  if (!done) return std::move(done).failure();
  return token;
}

void Instance::unwatch(std::uint64_t token) noexcept {
  const auto offered = check_watch(extension(BOURSE_WATCH_ID));
  if (!offered || offered->unwatch == nullptr) return;
  (void)enter("unwatch", [&] { offered->unwatch(self_, token); });
}

Result<bool> Instance::schema(bourse_call* call, const bourse_value* params,
                              const bourse_report* shape) {
  assert(component_->kind == BOURSE_KIND_SERIALIZER);
  const auto offered = check_schema(extension(BOURSE_SCHEMA_ID));
  if (!offered || offered->schema == nullptr) return false;
  const Places places(params, component_->params_left_out);
  auto done = invoke("schema", call, {},
                     [&] { return offered->schema(self_, call, places.values(), shape); });
  if (!done) return std::move(done).failure();
  return true;
}

TaskOffers Instance::tasks() {
  const auto offered = check_tasks(extension(BOURSE_TASKS_ID));
  return offered ? offers_of(*offered) : TaskOffers{};
}

Result<void> Instance::perform(bourse_call* call, const Task& task, const bourse_value* params,
                               const std::function<void(const TaskProgress&)>& told,
                               const Pause& pause) {
  const auto offered = check_tasks(extension(BOURSE_TASKS_ID));
  if (!offered || task.index >= offered->n_tasks) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "no_such_task",
                   .message = full_name_ + " does not offer the task " + in_quotes(task.name) +
                              " any more; its author must keep what it offers"};
  }
  struct Sink {
    const std::function<void(const TaskProgress&)>& told;
    std::mutex mutex = {};  // it should be called on this thread alone, but who knows
    ProgressCheck check = {};
  } sink{told};
  // What cannot be read or shown is not told: an exception of the host must not cross the plugin.
  const auto emit = [](void* to, const bourse_progress* said) {
    auto& into = *static_cast<Sink*>(to);
    (void)guarded([&] {
      const std::lock_guard lock(into.mutex);
      if (const auto progress = into.check.take(said)) into.told(*progress);
    });
  };
  const Places places(params, task.params_left_out);
  return invoke("perform", call, pause, [&] {
    return offered->perform(self_, call, task.index, places.values(), &sink, emit);
  });
}

}  // namespace bourse::host
