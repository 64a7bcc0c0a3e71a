// SPDX-License-Identifier: MIT
//
// The tasks of a configuration, each with the source that offers it.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/calls/sources.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/plugins/tasks.hpp"
#include "host/routing/arguments.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {

struct ScheduledTask {
  std::string name;                ///< the operator's; no two of a generation have the same
  std::shared_ptr<Source> source;  ///< never null
  const Task* task = nullptr;      ///< one of source->tasks()
  /// As texts, because those that are relative to the time of a run (-30d) are read for each.
  NamedTexts params = {};
  std::optional<std::chrono::nanoseconds> every = {};
  bool at_start = false;
  std::chrono::nanoseconds jitter = {};
};

/// Would a run of one be a run of the other? When they run does not matter.
[[nodiscard]] bool is_same_work(const ScheduledTask& a, const ScheduledTask& b);

/// What a source does not offer, or not so, is an error at its place; a source that could not be
/// made has been told, and is told no second time.
[[nodiscard]] std::vector<ScheduledTask> build_tasks(std::span<const TaskConfig> tasks,
                                                     SourceBuilder& sources,
                                                     Diagnostics& diagnostics);

}  // namespace bourse::host
