// SPDX-License-Identifier: MIT
#include "host/http/problem.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/base/json_allocator.hpp"
#include "host/base/utf8.hpp"
#include "host/http/problem_page.hpp"
#include "host/http/status.hpp"

namespace bourse::host {

namespace {

/// Of the registry of HTTP problem types: draft-ietf-httpapi-ratelimit-headers.
constexpr const char* kQuotaExceeded =
    "https://iana.org/assignments/http-problem-types#quota-exceeded";

using Buffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Writer = rapidjson::Writer<Buffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

void write_text(Writer& json, std::string_view text) {
  const std::string clean = repair_utf8(text);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void write_member(Writer& json, const char* name, std::string_view text) {
  json.Key(name);
  write_text(json, text);
}

void write_optional(Writer& json, const char* name, std::string_view text) {
  if (!text.empty()) write_member(json, name, text);
}

std::int64_t whole_seconds(const Failure& failure, const ProblemContext& context) {
  return spread_seconds(std::chrono::ceil<std::chrono::seconds>(failure.retry_after).count(),
                        context.request_id);
}

void write_list(Writer& json, const char* name, const std::vector<std::string>& texts) {
  if (texts.empty()) return;
  json.Key(name);
  json.StartArray();
  for (const std::string& text : texts) write_text(json, text);
  json.EndArray();
}

std::string type_of(const Failure& failure, const ProblemContext& context) {
  if (!context.violated_policy.empty()) return kQuotaExceeded;
  return failure.code.empty() ? "about:blank" : "urn:bourse:problem:" + failure.code;
}

void write_problem(Writer& json, const Failure& failure, const ProblemContext& context) {
  const int status = http_status(failure.status);
  json.StartObject();
  write_member(json, "type", type_of(failure, context));
  write_member(json, "title", reason_phrase(status));
  json.Key("status");
  json.Int(status);
  write_optional(json, "detail", failure.message);
  write_optional(json, "code", failure.code);
  write_optional(json, "instance", context.instance);
  write_optional(json, "request_id", context.request_id);
  write_optional(json, "parameter", failure.parameter);
  write_list(json, "offer", failure.offer);
  if (!context.violated_policy.empty()) {
    write_list(json, "violated-policies", {std::string(context.violated_policy)});
  }
  if (failure.retry_after.count() > 0) {
    json.Key("retry_after");
    json.Int64(whole_seconds(failure, context));
  }
  json.EndObject();
}

std::string document(const Failure& failure, const ProblemContext& context) {
  Buffer buffer;
  Writer json(buffer);
  write_problem(json, failure, context);
  std::string text(buffer.GetString(), buffer.GetSize());
  return text += '\n';
}

std::string page(const Failure& failure, const ProblemContext& context) {
  const int status = http_status(failure.status);
  const bool waits = failure.retry_after.count() > 0;
  return problem_page(failure, {.status = status,
                                .title = reason_phrase(status),
                                .instance = context.instance,
                                .request_id = context.request_id,
                                .retry_after = waits ? whole_seconds(failure, context) : 0});
}

}  // namespace

std::int64_t spread_seconds(std::int64_t seconds, std::string_view request_id) noexcept {
  if (request_id.empty()) return seconds;
  const auto most = static_cast<std::uint64_t>(std::clamp<std::int64_t>(seconds / 4, 1, 30));
  const auto more =
      static_cast<std::int64_t>(std::hash<std::string_view>{}(request_id) % (most + 1));
  std::int64_t sum = 0;
  return __builtin_add_overflow(seconds, more, &sum) ? seconds : sum;
}

Response problem_response(const Failure& failure, const ProblemContext& context) {
  Response response;
  response.status = http_status(failure.status);
  const bool as_page = context.as_page.value_or(false);
  response.headers.emplace_back("Content-Type",
                                as_page ? "text/html; charset=utf-8" : "application/problem+json");
  response.headers.emplace_back("Cache-Control", "no-store");
  if (context.as_page) response.headers.emplace_back("Vary", "Accept");
  if (as_page) response.headers.emplace_back("Content-Security-Policy", problem_page_policy());
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  if (failure.retry_after.count() > 0) {
    response.headers.emplace_back("Retry-After", std::to_string(whole_seconds(failure, context)));
  }
  response.body = std::make_shared<const std::string>(as_page ? page(failure, context)
                                                              : document(failure, context));
  return response;
}

Failure unanswered_failure() {
  return {.status = BOURSE_INTERNAL,
          .code = "unanswered",
          .message =
              "the server ended the request without an answer; this is a fault of the "
              "server, please report the request id"};
}

}  // namespace bourse::host
