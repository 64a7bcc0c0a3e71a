// SPDX-License-Identifier: MIT
//
// A component at work: what create made, until destroy. One for each source of the
// configuration, one of each other component that is used.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/component.hpp"
#include "host/plugins/extensions.hpp"
#include "host/plugins/foreign_call.hpp"
#include "host/plugins/tasks.hpp"

namespace bourse::host {

/// Calls into the plugin, from any thread. Each call returns what the plugin's status means:
///   BOURSE_OK   the result is ok
///   400 to 599  a failure with that status, code "plugin_failed", Origin::kSilent: what the plugin
///               recorded by host->fail, if it did, tells more and is the one to show
///   another     number is no status: BOURSE_INTERNAL, "bad_status"
///   it threw    BOURSE_INTERNAL, "plugin_threw"; see guard.hpp for what cannot be caught
/// A BOURSE_COMPONENT_SERIAL component is called by one thread at a time. Who waits for a turn
/// gives up when host->poll says that the call is cancelled or late: BOURSE_CANCELLED or
/// BOURSE_DEADLINE, code "no_turn", Origin::kCutOff. A call that poll knows no end of waits at most
/// a minute: BOURSE_UNAVAILABLE. Before it waits it calls `pause`, and what that returns is
/// destroyed on the same thread after the wait.
class Instance {
 public:
  using Pause = std::function<std::shared_ptr<void>()>;

  /// Calls create, if the component has one. `config` holds a value for each of component->config,
  /// in that order. Other instances of the plugin may be at work meanwhile. [make]
  /// REQUIRES: component->host is set.
  static Result<std::shared_ptr<Instance>> create(std::shared_ptr<const Component> component,
                                                  bourse_call* call, const Arguments& config);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  /// Calls destroy, if the component has one and create succeeded, on the thread that lets go last;
  /// then lets go of the library, whose deinit may follow. [make]
  ~Instance();

  [[nodiscard]] const Component& component() const noexcept { return *component_; }
  /// No other instance of this process has it, before or after.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// "acme.trend/trend", made once.
  [[nodiscard]] const std::string& full_name() const noexcept { return full_name_; }

  /// REQUIRES: the component is an analysis. `params`: one value for each of component().params.
  Result<void> run(bourse_call* call, const bourse_value* params, const Pause& pause = {});
  /// REQUIRES: the component is a source, `dataset` is one of component().datasets, `params` has
  /// one value for each of that dataset's.
  Result<void> fetch(bourse_call* call, const Dataset& dataset, const bourse_value* params,
                     const Pause& pause = {});
  /// REQUIRES: the component is a serializer. `params`: as for run.
  Result<void> render(bourse_call* call, const bourse_value* params, const bourse_report& report,
                      const Pause& pause = {});
  /// The plugin's interface of that name, or null. Takes no turn. [any]
  const void* extension(const char* id) noexcept;

  // -- bourse/ext/: nothing where the component does not offer it --------------------------------

  [[nodiscard]] bool has_metrics() noexcept;
  /// Its figures now, without those that break a rule. Nothing when the component is
  /// BOURSE_COMPONENT_SERIAL and had no turn until `turn_until`. [any]
  std::optional<Collection> metrics(std::chrono::steady_clock::time_point turn_until);
  ProbeOffer probe_offer();
  /// Has it look at itself. `found` is called for each thing it tells, on this thread. Fails when
  /// probing itself broke off, as run does. [call]
  Result<void> probe(bourse_call* call, const std::function<void(Finding)>& found);
  /// Can it be asked to tell when answers change?
  [[nodiscard]] bool has_watch() noexcept;
  /// From now on `changed(sink)` is called, on any thread, also before this returns, when the
  /// answer to this question may have become another one. Gives the token for unwatch, which is
  /// called before `sink` goes and before this does. REQUIRES: as for fetch, and has_watch().
  /// [call]
  Result<std::uint64_t> watch(bourse_call* call, const Dataset& dataset, const bourse_value* params,
                              void* sink, void (*changed)(void* sink));
  /// After it no call comes, and none is running. [any]
  void unwatch(std::uint64_t token) noexcept;
  /// Has a serializer write the JSON Schema of what it renders; a null value in `params` stands for
  /// any. False: it offers none. REQUIRES: as for render; `shape` may be null. [call]
  Result<bool> schema(bourse_call* call, const bourse_value* params, const bourse_report* shape);

  /// The tasks that it offers; asks the plugin. [any]
  TaskOffers tasks();
  /// Does the work of one of them. `told` is called on this thread, for each time that the plugin
  /// tells how far it is. Fails as run does. REQUIRES: `task` is one of tasks(), `params` has one
  /// value for each of its parameters. [call]
  Result<void> perform(bourse_call* call, const Task& task, const bourse_value* params,
                       const std::function<void(const TaskProgress&)>& told,
                       const Pause& pause = {});

 private:
  class Turn;
  explicit Instance(std::shared_ptr<const Component> component);
  bool take_turn(std::chrono::steady_clock::time_point until);
  Result<void> await_turn(bourse_call* call, const Pause& pause);
  template <class Call>
  auto enter(const char* verb, Call&& body, CallWeight weight = CallWeight::kUsual) const noexcept {
    return call_foreign(foreigner_, full_name_, verb, weight, std::forward<Call>(body));
  }
  template <class Call>
  Result<void> invoke(const char* verb, bourse_call* call, const Pause& pause, Call&& body);

  std::shared_ptr<const Component> component_;  // first: it holds the library that self_ is of
  const std::uint64_t number_;
  std::string full_name_;
  Foreigner& foreigner_;
  void* self_ = nullptr;
  bool created_ = false;
  std::mutex mutex_;  // guards busy_; not held while the plugin works
  std::condition_variable free_;
  bool busy_ = false;
};

}  // namespace bourse::host
