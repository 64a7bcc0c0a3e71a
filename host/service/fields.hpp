// SPDX-License-Identifier: MIT
//
// What goes with an answer because of where its request came from: see AnswerFields.
#pragma once

#include "host/http/message.hpp"
#include "host/routing/answer_fields.hpp"

namespace bourse::host {

/// What OPTIONS says that every path takes.
inline constexpr const char* kAllowedMethods = "GET, HEAD, OPTIONS";

/// `fields` may be null: then nothing is attached.
[[nodiscard]] Attached attached_to(const AnswerFields* fields, const Request& request);
/// For whatever will be answered.
void attach(const AnswerFields* fields, const Request& request, const Responder& responder);

/// The answer to OPTIONS, also to a browser that asks for a page of another origin what that page
/// may send. It asks without a token, so it is answered whatever `access` says.
[[nodiscard]] Response options_response(const AnswerFields* fields, const Request& request);

}  // namespace bourse::host
