// SPDX-License-Identifier: MIT
//
// The configured sources, and how their data is fetched: checked against what was declared, equal
// fetches joined, several side by side.
#pragma once

#include <chrono>
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
#include "host/calls/workers.hpp"
#include "host/parameters/value.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

/// One source of the configuration. [any thread]
class Source {
 public:
  Source(std::string name, std::shared_ptr<Instance> instance);
  ~Source();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const Component& component() const noexcept { return instance_->component(); }

  /// Answers one query. Arguments are checked against the dataset's declaration and completed; the
  /// report is checked against its columns. Equal fetches that run at the same time are one; a
  /// waiting thread gives up its turn in `workers` (which may be null).
  Result<ReportPtr> fetch(const Context& context, const bourse_query& query, Workers* workers);

  /// What the component offers of bourse/extensions.h.
  [[nodiscard]] bool has_metrics() const noexcept { return has_metrics_; }
  /// May take as long as the plugin likes. Nothing when it is BOURSE_COMPONENT_SERIAL and had no
  /// turn until `turn_until`.
  [[nodiscard]] std::optional<Collection> metrics(
      std::chrono::steady_clock::time_point turn_until) const {
    return instance_->metrics(turn_until);
  }
  [[nodiscard]] ProbeOffer probe_offer() const { return instance_->probe_offer(); }
  /// Fails when probing itself broke off.
  Result<void> probe(const Context& context, const std::function<void(Finding)>& found) const;

 private:
  struct Flight;
  Result<ReportPtr> fly(const Context& context, std::size_t dataset, const Arguments& arguments,
                        Workers* workers);
  Result<ReportPtr> join(const Context& context, Flight& flight, Workers* workers);
  void land(const std::string& key, const std::shared_ptr<Flight>& flight,
            Result<ReportPtr> outcome);

  std::string name_;
  std::shared_ptr<Instance> instance_;
  bool has_metrics_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Flight>> flights_;
};

using Sources = std::map<std::string, std::shared_ptr<Source>, std::less<>>;

/// What an analysis asks through: finds the source and runs queries side by side. `fallback`
/// answers queries that name no source; it may be null. All are borrowed.
class SourceDoor : public QueryDoor {
 public:
  SourceDoor(const Sources& sources, Source* fallback, Workers* workers)
      : sources_(sources), fallback_(fallback), workers_(workers) {}
  std::vector<Result<ReportPtr>> query(const Context& context,
                                       std::span<const bourse_query* const> queries) override;

 private:
  Result<ReportPtr> answer(const Context& context, const bourse_query& query);

  const Sources& sources_;
  Source* fallback_;
  Workers* workers_;
};

}  // namespace bourse::host
