// SPDX-License-Identifier: MIT
//
// What is told of a reload, over HTTP and in the log.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "host/config/diagnostic.hpp"
#include "host/routing/changes.hpp"
#include "host/service/reloads.hpp"

namespace bourse::host {

/// 200: the new generation serves. `needs_restart`: keys whose new value this process cannot take.
/// Logged as "reloaded", and a line for each warning.
[[nodiscard]] ReloadVerdict reload_taken(const Served& served, const Changes& changes,
                                         std::span<const std::string> needs_restart,
                                         const Diagnostics& diagnostics);
/// 422: the file, or what it names, is wrong; all errors, in the words of `bourse check`. Logged as
/// "reload_refused", and a line for each error.
[[nodiscard]] ReloadVerdict reload_refused(const Diagnostics& diagnostics);
/// Another status, for what is wrong with the server and not with the file. Logged.
[[nodiscard]] ReloadVerdict reload_failed(const Failure& failure);

}  // namespace bourse::host
