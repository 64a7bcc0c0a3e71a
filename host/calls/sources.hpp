// SPDX-License-Identifier: MIT
//
// The configured sources, and how their data is fetched: checked against what was declared, equal
// fetches joined, several side by side.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "host/base/result.hpp"
#include "host/calls/call.hpp"
#include "host/calls/context.hpp"
#include "host/calls/fetches.hpp"
#include "host/calls/source_breaker.hpp"
#include "host/calls/source_health.hpp"
#include "host/calls/truth.hpp"
#include "host/calls/workers.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

/// One source of the configuration: an instance, and perhaps another source under it. What a layer
/// does not declare is answered by the one below as if the layer were not there. [any thread]
class Source {
 public:
  /// `under`: what the instance asks, and what answers for it; null when it stands on nothing.
  Source(std::string name, std::shared_ptr<Instance> instance,
         std::shared_ptr<Source> under = nullptr);
  ~Source();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Instance::number() of what answers.
  [[nodiscard]] std::uint64_t number() const noexcept { return instance_->number(); }
  [[nodiscard]] const Component& component() const noexcept { return instance_->component(); }
  [[nodiscard]] const std::shared_ptr<Source>& under() const noexcept { return under_; }
  /// All that can be asked: the component's own datasets, then those of the sources below that it
  /// does not declare. They live as long as this object.
  [[nodiscard]] const std::vector<const Dataset*>& datasets() const noexcept { return datasets_; }
  /// Null: it cannot be asked.
  [[nodiscard]] const Dataset* find_dataset(std::string_view name) const noexcept;
  /// Does answering mean waiting, here or below?
  [[nodiscard]] bool waits() const noexcept { return waits_; }

  /// Answers one query. Arguments are checked against the dataset's declaration and completed; the
  /// report is checked against its columns. Equal fetches that run at the same time are one; a
  /// waiting thread gives up its turn in `workers` (which may be null).
  /// `asking`: the component that asks, or null. What it declares as optional and this source does
  /// not know is not sent; a column that it declares and does not call optional is there, or the
  /// query fails.
  Result<Answer> fetch(const Context& context, const bourse_query& query, Workers* workers,
                       const Component* asking = nullptr);

  /// Whether it is of use now. A layer's own: what it asks has another.
  [[nodiscard]] SourceBreaker& breaker() const noexcept { return breaker_; }

  /// This call asks it by its name: what it makes is not true any more once the name means another
  /// source. What asks the source of its route is known by that source's number instead.
  void named_by(const Context& context) const { named_->feeds(context.mark); }
  /// The configuration has another source of this name from now on, or none.
  void replaced() const { named_->end(); }

  /// From now on what it is asked is counted there; until this is called it is not. `fetches` lives
  /// longer than all calls.
  void count_at(FetchesOf& fetches) noexcept { fetches_.store(&fetches); }

  /// The tasks of the component itself; those of the source below are asked of that one. They live
  /// as long as this object.
  [[nodiscard]] const TaskOffers& tasks() const noexcept { return tasks_; }
  /// Null: it offers none of that name.
  [[nodiscard]] const Task* find_task(std::string_view name) const noexcept;
  /// Does a task; see perform_task(), which gives the call what it needs. REQUIRES: `task` is one
  /// of tasks(), with an argument for each of its parameters.
  Result<void> perform(bourse_call& call, const Task& task, const Arguments& arguments,
                       const std::function<void(const TaskProgress&)>& told,
                       Workers* workers) const;

  /// What the component offers of bourse/ext/metrics.h; the source below tells its own.
  [[nodiscard]] bool has_metrics() const noexcept { return has_metrics_; }
  /// May take as long as the plugin likes. Nothing when it is BOURSE_COMPONENT_SERIAL and had no
  /// turn until `turn_until`, or when earlier calls on these workers do not return.
  [[nodiscard]] std::optional<Collection> metrics(std::chrono::steady_clock::time_point turn_until,
                                                  const Context& context, Workers* workers) const;
  /// With the examples of the source below that the component itself does not give.
  [[nodiscard]] ProbeOffer probe_offer() const;
  /// What is below is looked at first; its findings are named "NAME: ...". Fails when probing
  /// itself broke off.
  Result<void> probe(const Context& context, const std::function<void(Finding)>& found) const;

 private:
  struct Flight;
  [[nodiscard]] const Dataset* own_dataset(std::string_view name) const noexcept;
  [[nodiscard]] std::string who() const;
  Result<Answer> deliver(const Context& context, const Dataset& dataset, const Arguments& arguments,
                         Workers* workers);
  Result<Answer> fly(const Context& context, const Dataset& dataset, const Arguments& arguments,
                     Workers* workers);
  Result<Answer> ask(const Context& context, const Dataset& dataset, const Arguments& arguments,
                     Workers* workers);
  void tell(const Context& context, const Dataset& dataset, const Result<Answer>& outcome,
            std::chrono::nanoseconds took);
  /// fly(), and what came of it is told to breaker().
  Result<Answer> try_out(const Context& context, const Dataset& dataset, const Arguments& arguments,
                         Workers* workers);
  Result<Answer> join(const Context& context, Flight& flight, Workers* workers);
  void land(const std::string& key, const std::shared_ptr<Flight>& flight,
            Result<Answer> outcome) noexcept;

  std::string name_;
  std::shared_ptr<Source> under_;  // before the instance: its destroy comes first
  std::shared_ptr<Instance> instance_;
  bool has_metrics_;
  TaskOffers tasks_;
  bool waits_;
  std::vector<const Dataset*> datasets_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
  std::atomic<FetchesOf*> fetches_{nullptr};
  SourceHealth health_;
  mutable SourceBreaker breaker_;
  const std::shared_ptr<ChangeMark> named_ = std::make_shared<ChangeMark>();
};

using Sources = std::map<std::string, std::shared_ptr<Source>, std::less<>>;

/// What an analysis asks through: finds the source and runs queries side by side. `fallback`
/// answers queries that name no source; it may be null. All are borrowed.
class SourceDoor : public QueryDoor {
 public:
  SourceDoor(const Sources& sources, Source* fallback, const Component& asking, Workers* workers)
      : sources_(sources), fallback_(fallback), asking_(asking), workers_(workers) {}
  std::vector<Result<Answer>> query(const Context& context,
                                    std::span<const bourse_query> queries) override;
  [[nodiscard]] bool takes_names() const noexcept override { return true; }

 private:
  [[nodiscard]] Source* source_for(const bourse_query& query) const;
  Result<Answer> answer(const Context& context, const bourse_query& query);

  const Sources& sources_;
  Source* fallback_;
  const Component& asking_;
  Workers* workers_;
};

/// What a source asks through: the one under it, and no other. All are borrowed.
class LayerDoor : public QueryDoor {
 public:
  LayerDoor(const Source& layer, Workers* workers) : layer_(layer), workers_(workers) {}
  std::vector<Result<Answer>> query(const Context& context,
                                    std::span<const bourse_query> queries) override;
  [[nodiscard]] bool takes_names() const noexcept override { return false; }

 private:
  const Source& layer_;
  Workers* workers_;
};

}  // namespace bourse::host
