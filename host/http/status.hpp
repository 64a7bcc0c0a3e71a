// SPDX-License-Identifier: MIT
//
// The one place where HTTP statuses are chosen and named.
#pragma once

#include <string_view>

#include "bourse/bourse.h"

namespace bourse::host {

/// The HTTP status that a client sees for a failed call: the number itself where it is an error of
/// HTTP (400 to 599), with two exceptions: BOURSE_CANCELLED (499, not a status of HTTP) is 503, and
/// what is no error at all (BOURSE_OK, a number out of range) is 500, for it is our mistake.
[[nodiscard]] int http_status(bourse_status status) noexcept;

/// "Not Found"; for a status without a name of its own that of its class: "Client Error". Never
/// empty. For the status line and for the title of a problem.
[[nodiscard]] std::string_view reason_phrase(int http_status) noexcept;

/// Whether an answer of this status has a body at all (1xx, 204 and 304 have none).
[[nodiscard]] constexpr bool status_has_body(int http_status) noexcept {
  return http_status >= 200 && http_status != 204 && http_status != 304;
}

}  // namespace bourse::host
