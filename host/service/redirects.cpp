// SPDX-License-Identifier: MIT
#include "host/service/redirects.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "host/http/conditional.hpp"

namespace bourse::host {

Response redirect_response(int status, std::string location, std::chrono::seconds max_age) {
  return {.status = status,
          .headers = {
              {"Location", std::move(location)},
              {"Cache-Control", max_age.count() > 0 ? "max-age=" + std::to_string(max_age.count())
                                                    : std::string("no-cache")}}};
}

std::optional<Response> fixed_response(const Reached& reached, const Request& request) {
  const Route& route = *reached.route;
  const FixedAnswer& fixed = *route.fixed;
  auto hit = fixed.at(reached.match, reached.target, request.target);
  if (!hit) return std::nullopt;
  const bool is_redirect = std::holds_alternative<Redirect>(fixed.answer);
  if (hit->content == nullptr) {
    return redirect_response(hit->status, std::move(hit->location),
                             is_redirect ? fixed.max_age : kRedirectAge);
  }
  const Content& content = *hit->content;
  const Condition condition =
      evaluate(request.header("If-Match"), request.header("If-None-Match"), content.etag);
  if (condition == Condition::kFailed) return Response{.status = 412};
  const std::string age = std::to_string(fixed.max_age.count());
  Response response{
      .headers = {{"ETag", content.etag},
                  {"Cache-Control", !route.access.is_public()   ? "private, no-store"
                                    : fixed.max_age.count() > 0 ? "public, max-age=" + age
                                                                : std::string("no-cache")}}};
  if (condition == Condition::kNotModified) {
    response.status = 304;
    return response;
  }
  response.headers.emplace_back("Content-Type", content.media_type);
  response.body = content.bytes;
  return response;
}

std::optional<Response> redirect_of(const Reached& reached, const Request& request) {
  const bool leads = reached.target.has_slash_behind && reached.route != nullptr &&
                     reached.route->trailing_slash == TrailingSlash::kRedirect;
  if (!leads) return std::nullopt;
  return redirect_response(301, without_slash_behind(reached, request.target), kRedirectAge);
}

}  // namespace bourse::host
