// SPDX-License-Identifier: MIT
//
// A Failure as clients see it: application/problem+json, RFC 9457.
//
//   {"type": "urn:bourse:problem:unknown_name", "title": "Not Found", "status": 404,
//    "detail": "no name foo; see /api/v1/names", "code": "unknown_name",
//    "instance": "/api/v1/...", "request_id": "5f0c...", "parameter": "name",
//    "offer": ["food"], "retry_after": 3}
//
// type is "about:blank" without a code, and the registered one of a 429 that names the limits that
// were exceeded ("violated-policies"); code, instance, request_id, parameter, offer and
// retry_after appear when they say something. retry_after is in whole seconds, rounded up and then
// spread (spread_seconds), and is sent as Retry-After as well. Bytes that are not UTF-8 become
// U+FFFD.
//
// Who comes with a browser (prefers_html() in accept.hpp) is given the same as a page:
// problem_page.hpp. Both end with a line end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "host/base/failure.hpp"
#include "host/http/message.hpp"

namespace bourse::host {

struct ProblemContext {
  std::string_view request_id = {};
  std::string_view instance = {};  ///< the request's target
  /// Whether a page is preferred; nothing: it is a document whatever Accept says. What depends on
  /// Accept says so by Vary.
  std::optional<bool> as_page = {};
  /// Of a 429: the limit that was exceeded, by the name that RateLimit-Policy gives it.
  std::string_view violated_policy = {};
};

[[nodiscard]] Response problem_response(const Failure& failure, const ProblemContext& context);

/// Those who were refused together must not come back together: never earlier than after `seconds`,
/// and up to a fourth of that later, at least one second and at most 30. The same for the same
/// request; each has an id of its own.
[[nodiscard]] std::int64_t spread_seconds(std::int64_t seconds,
                                          std::string_view request_id) noexcept;

/// What a client is told when nothing answered its request.
[[nodiscard]] Failure unanswered_failure();

}  // namespace bourse::host
