// SPDX-License-Identifier: MIT
#include "host/routing/answer_fields.hpp"

#include <chrono>

#include "host/http/response_writer.hpp"

namespace bourse::host {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Scripts are told a few harmless headers without being allowed to, and these are not among them.
constexpr const char* kExposed =
    "ETag, Age, Cache-Status, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Link, "
    "Content-Disposition";
// What the server reads of a request, beside what scripts may always send. "*" would not be
// Authorization.
constexpr const char* kRead =
    "Authorization, Cache-Control, If-Match, If-None-Match, X-Request-Id, traceparent, tracestate";

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

std::string exposed(const ClientsConfig& clients) {
  std::string names = kExposed;
  if (clients.headers) {
    for (const HeaderConfig& header : *clients.headers) names += ", " + header.name;
  }
  // Those that formats give; where there are credentials it is only a name.
  return clients.cors->credentials ? names : names + ", *";
}

std::shared_ptr<const std::string> lines_of(Headers headers, const std::string& origin,
                                            const ClientsConfig& clients) {
  headers.emplace_back("Access-Control-Allow-Origin", origin);
  if (clients.cors->credentials) headers.emplace_back("Access-Control-Allow-Credentials", "true");
  headers.emplace_back("Access-Control-Expose-Headers", exposed(clients));
  return std::make_shared<const std::string>(header_lines(headers));
}

}  // namespace

std::shared_ptr<const AnswerFields> AnswerFields::make(const ClientsConfig& clients) {
  const bool has_cors = clients.cors && !clients.cors->off;
  const bool has_headers = clients.headers && !clients.headers->empty();
  if (!has_cors && !has_headers) return nullptr;
  Headers headers;
  if (has_headers) {
    for (const HeaderConfig& header : *clients.headers) {
      headers.emplace_back(header.name, header.value);
    }
  }
  const std::shared_ptr<AnswerFields> fields(new AnswerFields);
  if (has_headers) fields->lines_ = std::make_shared<const std::string>(header_lines(headers));
  if (!has_cors) return fields;
  fields->is_for_all_ = clients.cors->any;
  if (clients.cors->any) fields->lines_ = lines_of(headers, "*", clients);
  for (const std::string& origin : clients.cors->origins) {
    fields->lines_by_origin_.emplace(origin, lines_of(headers, origin, clients));
  }
  fields->allowed_headers_ = clients.cors->headers ? joined(*clients.cors->headers) : kRead;
  fields->max_age_ = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(clients.cors->max_age).count());
  return fields;
}

Attached AnswerFields::of(std::string_view origin) const {
  const auto found = lines_by_origin_.find(origin);
  return {.lines = found == lines_by_origin_.end() ? lines_ : found->second,
          .by_origin = is_by_origin()};
}

Headers AnswerFields::preflight(std::string_view origin) const {
  Headers headers = {
      {"Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}};
  if (!is_for_all_ && !lines_by_origin_.contains(origin)) return headers;
  headers.emplace_back("Access-Control-Allow-Methods", "GET, HEAD");
  headers.emplace_back("Access-Control-Allow-Headers", allowed_headers_);
  headers.emplace_back("Access-Control-Max-Age", max_age_);
  return headers;
}

}  // namespace bourse::host
