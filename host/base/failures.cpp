// SPDX-License-Identifier: MIT
#include "host/base/failures.hpp"

namespace bourse::host {

Failure deadline_failure() {
  return {.status = BOURSE_DEADLINE,
          .code = "deadline_exceeded",
          .message =
              "The answer took longer than this route allows. Ask for less, or try again later."};
}

Failure cancelled_failure() {
  return {.status = BOURSE_CANCELLED, .code = "cancelled", .message = "The client went away."};
}

Failure out_of_memory_failure() {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "out_of_memory",
          .message =
              "The server has not enough memory for this answer. Ask for less, or try again "
              "later."};
}

}  // namespace bourse::host
