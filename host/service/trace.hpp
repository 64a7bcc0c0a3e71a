// SPDX-License-Identifier: MIT
//
// W3C Trace Context: which trace a request belongs to.
#pragma once

#include <string>

#include "host/http/message.hpp"

namespace bourse::host {

/// The request's traceparent, if it came once and is_traceparent() holds, as far as its version is
/// known; else empty.
[[nodiscard]] std::string trace_of(const Request& request);
/// The beginning of a new trace: random ids, not sampled.
[[nodiscard]] std::string new_trace();

}  // namespace bourse::host
