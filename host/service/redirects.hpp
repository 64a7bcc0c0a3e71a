// SPDX-License-Identifier: MIT
//
// Answers that no analysis gives: what leads elsewhere, and what is always the same.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "host/http/message.hpp"
#include "host/routing/plan.hpp"

namespace bourse::host {

/// Where a permanent redirect says nothing else: browsers keep it for ever then (3.6 of the facts).
inline constexpr std::chrono::seconds kRedirectAge{3600};

[[nodiscard]] Response redirect_response(int status, std::string location,
                                         std::chrono::seconds max_age);

/// Of a route's fixed answer: the way elsewhere, with the query; or the bytes, a 304, or 412
/// without a body; nothing: there is nothing at that path. REQUIRES: the route has one.
[[nodiscard]] std::optional<Response> fixed_response(const Reached& reached,
                                                     const Request& request);

/// To the path without a slash behind it, where the route says so; nothing: it is answered.
[[nodiscard]] std::optional<Response> redirect_of(const Reached& reached, const Request& request);

}  // namespace bourse::host
