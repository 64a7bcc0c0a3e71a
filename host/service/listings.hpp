// SPDX-License-Identifier: MIT
//
// What is served, what is loaded and what is done, as JSON: the pages /routes, /plugins and /tasks.
// Nothing secret is in any.
#pragma once

#include <span>
#include <string>

#include "host/plugins/catalog.hpp"
#include "host/routing/generation.hpp"
#include "host/service/schedule.hpp"

namespace bourse::host {

/// [{"path", "title", "analyses": [...], "formats": [...], "fixed", "source", "over": [...],
///   "deadline_seconds", "needs_token"}]; `source` and what it lies `over`, from above downwards,
/// where there is one;
/// `fixed` says what answers instead of an analysis.
[[nodiscard]] std::string routes_json(const Generation& generation);

/// [{"name", "version", "abi": "1.0", "file", "sha256", "vendor", "license", "url", "built_with",
///   "left_out": [...], "components": [{"kind", "id", "title", "layer", "left_out": [...]}]}];
/// texts that the plugin does not give and empty lists are not there.
[[nodiscard]] std::string plugins_json(const Catalog& catalog);

/// [{"name", "source", "task", "state": "running"|"cancelling"|"waiting", "due", "began",
/// "seconds",
///   "done", "total", "text", "waits_for", "waits_seconds", "last": {"began", "seconds", "outcome",
///   "code", "message"}, "runs": {"done": 1, ...}, "skipped"}]; times as ISO 8601, `due` of what
/// comes by itself, from `began` to `waits_seconds` of what runs, `last` of what has run.
[[nodiscard]] std::string schedule_json(std::span<const Schedule::Row> rows);
/// The same for people: a line for each.
[[nodiscard]] std::string schedule_text(std::span<const Schedule::Row> rows);

}  // namespace bourse::host
