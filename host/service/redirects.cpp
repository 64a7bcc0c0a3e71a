// SPDX-License-Identifier: MIT
#include "host/service/redirects.hpp"

#include <utility>

namespace bourse::host {

Response redirect_response(int status, std::string location, std::chrono::seconds max_age) {
  return {.status = status,
          .headers = {
              {"Location", std::move(location)},
              {"Cache-Control", max_age.count() > 0 ? "max-age=" + std::to_string(max_age.count())
                                                    : std::string("no-cache")}}};
}

std::optional<Response> redirect_of(const Reached& reached, const Request& request) {
  const bool leads = reached.target.has_slash_behind && reached.route != nullptr &&
                     reached.route->trailing_slash == TrailingSlash::kRedirect;
  if (!leads) return std::nullopt;
  return redirect_response(301, without_slash_behind(reached, request.target), kRedirectAge);
}

}  // namespace bourse::host
