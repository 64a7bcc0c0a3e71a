// SPDX-License-Identifier: MIT
//
// What requests are answered with, whoever answers them: an answer of a plan, a problem, and what
// is told beside them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "host/answers/answers.hpp"
#include "host/http/message.hpp"
#include "host/http/problem.hpp"
#include "host/routing/plan.hpp"
#include "host/service/answering.hpp"
#include "host/service/request_log.hpp"
#include "host/service/traffic.hpp"

namespace bourse::host {

[[nodiscard]] std::chrono::nanoseconds since(std::chrono::steady_clock::time_point then);
/// Since 1970.
[[nodiscard]] std::int64_t nanoseconds_of(std::chrono::system_clock::time_point time);
/// As the log and Server-Timing call it.
[[nodiscard]] std::string_view name_of(Way way);
[[nodiscard]] Traffic::Asked asked_of(const Planned& planned) noexcept;

/// As it is sent: what HEAD is given has no body.
[[nodiscard]] std::size_t sent_bytes(const Request& request, const Response& response);
/// For what is told to a client whose route this is. It is about other requests as well, so
/// strangers are told only where the operator wants it; and no answer that is kept has it.
void add_timing(Response& response, ServerTiming timing, const RequestFacts& facts);
/// With what tells browsers to believe its type.
[[nodiscard]] Response hardened(Response response);

/// With the words of an exception that nobody meant for clients left out: there may be paths in
/// them, or a URL with a key. The log has them.
[[nodiscard]] Response problem(const Failure& failure, const ProblemContext& context);
/// Whether its problems are pages.
[[nodiscard]] bool wants_page(const Request& request);
[[nodiscard]] Failure precondition_failure();

[[nodiscard]] Provenance provenance_of(const Look& look, Way way,
                                       std::chrono::steady_clock::time_point received);
/// Complete: where a condition fails, the problem.
[[nodiscard]] Response response_of(const Planned& planned, const Conditions& conditions,
                                   const Rendition& rendition, const Life* life, Instant now,
                                   const Provenance& provenance, const ProblemContext& context);

}  // namespace bourse::host
