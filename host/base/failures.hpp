// SPDX-License-Identifier: MIT
//
// Failures that arise in several places and are one: each says the same wherever it arose.
#pragma once

#include "host/base/failure.hpp"

namespace bourse::host {

/// The time that the route allows is over: 504 "deadline_exceeded".
[[nodiscard]] Failure deadline_failure();
/// The processor worked for it alone for half of that time or more: 422 "too_much_work".
[[nodiscard]] Failure too_much_work_failure();
/// The client went away: 499 "cancelled".
[[nodiscard]] Failure cancelled_failure();
/// Memory ran out while a report or an answer was made: 503 "out_of_memory".
[[nodiscard]] Failure out_of_memory_failure() noexcept;  ///< in fewer words where these need memory

}  // namespace bourse::host
