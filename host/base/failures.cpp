// SPDX-License-Identifier: MIT
#include "host/base/failures.hpp"

#include <new>

namespace bourse::host {

Failure deadline_failure() {
  return {.status = BOURSE_DEADLINE,
          .code = "deadline_exceeded",
          .message =
              "The answer took longer than this route allows. Ask for less, or try again later."};
}

Failure too_much_work_failure() {
  return {.status = BOURSE_UNPROCESSABLE,
          .code = "too_much_work",
          .message =
              "The answer takes more work than this route allows. Ask for less: fewer rows, a "
              "shorter time, a smaller picture."};
}

Failure cancelled_failure() {
  return {.status = BOURSE_CANCELLED, .code = "cancelled", .message = "The client went away."};
}

Failure out_of_memory_failure() noexcept {
  // Texts of up to 15 bytes are not allocated.
  Failure failure{
      .status = BOURSE_UNAVAILABLE, .code = "out_of_memory", .message = "No memory left."};
  try {
    failure.message =
        "The server has not enough memory for this answer. Ask for less, or try again later.";
  } catch (const std::bad_alloc&) {
    // Then these words have to do.
  }
  return failure;
}

}  // namespace bourse::host
