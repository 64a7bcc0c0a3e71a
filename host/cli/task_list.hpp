// SPDX-License-Identifier: MIT
//
// Which tasks there are, for people and for programs.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "host/calls/sources.hpp"

namespace bourse::host {

/// Each source with the names and titles of its tasks.
void print_tasks(std::span<const std::shared_ptr<Source>> sources);
/// The names of those that have any, one a line; of one source the names of its tasks.
void print_names(std::span<const std::shared_ptr<Source>> sources);
void print_names_of(const Source& source);
/// The tasks of one source with their parameters.
void print_tasks_of(const Source& source);
/// [{"source", "component", "over": [...], "tasks": [{"name", "title", "doc", "params": [{"name",
/// "doc", "rule", "required"}]}]}]; texts that are not given are not there.
[[nodiscard]] std::string tasks_json(std::span<const std::shared_ptr<Source>> sources);

/// What to say where a source has no task of that name.
[[nodiscard]] std::string no_task_text(const Source& source, const std::string& name);

}  // namespace bourse::host
