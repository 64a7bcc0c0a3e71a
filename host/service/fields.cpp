// SPDX-License-Identifier: MIT
#include "host/service/fields.hpp"

#include <string_view>
#include <utility>

namespace bourse::host {

Attached attached_to(const AnswerFields* fields, const Request& request) {
  if (fields == nullptr) return {};
  return fields->of(fields->is_by_origin() ? request.only("Origin") : std::string_view());
}

void attach(const AnswerFields* fields, const Request& request, const Responder& responder) {
  if (fields != nullptr) responder.attach(attached_to(fields, request));
}

Response options_response(const AnswerFields* fields, const Request& request) {
  Response response{.status = 204, .headers = {{"Allow", kAllowedMethods}}};
  const std::string_view origin = request.only("Origin");
  const bool asks = !origin.empty() && !request.only("Access-Control-Request-Method").empty();
  if (fields == nullptr || !fields->is_for_origins() || !asks) return response;
  for (auto& header : fields->preflight(origin)) response.headers.push_back(std::move(header));
  return response;
}

}  // namespace bourse::host
