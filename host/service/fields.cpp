// SPDX-License-Identifier: MIT
#include "host/service/fields.hpp"

#include <string_view>
#include <utility>

#include "host/http/text.hpp"

namespace bourse::host {
namespace {

/// Of a header that is there once; else nothing.
std::string_view only_value(const Request& request, std::string_view name) noexcept {
  std::string_view found;
  unsigned times = 0;
  for (const auto& [field, value] : request.headers) {
    if (!equal_ignoring_case(field, name)) continue;
    found = value;
    ++times;
  }
  return times == 1 ? found : std::string_view();
}

}  // namespace

Attached attached_to(const AnswerFields* fields, const Request& request) {
  if (fields == nullptr) return {};
  return fields->of(fields->is_by_origin() ? only_value(request, "Origin") : std::string_view());
}

void attach(const AnswerFields* fields, const Request& request, const Responder& responder) {
  if (fields != nullptr) responder.attach(attached_to(fields, request));
}

Response options_response(const AnswerFields* fields, const Request& request) {
  Response response{.status = 204, .headers = {{"Allow", kAllowedMethods}}};
  const std::string_view origin = only_value(request, "Origin");
  const bool asks =
      !origin.empty() && !only_value(request, "Access-Control-Request-Method").empty();
  if (fields == nullptr || !fields->is_for_origins() || !asks) return response;
  for (auto& header : fields->preflight(origin)) response.headers.push_back(std::move(header));
  return response;
}

}  // namespace bourse::host
