// SPDX-License-Identifier: MIT
#include "host/http/problem.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "host/http/status.hpp"

namespace bourse::host {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Length of the well-formed UTF-8 sequence that `text` starts with, 0 if there is none: the table
// of RFC 3629, section 4, so no overlong forms, no surrogates, nothing past U+10FFFF.
std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail = [&](std::size_t i) { return at(i) >= 0x80 && at(i) <= 0xBF; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return at(1) >= low && at(1) <= high && tail(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return at(1) >= low && at(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

std::string well_formed(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    result += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& json, std::string_view text) {
  const std::string clean = well_formed(text);
  json.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size()));
}

void write_member(Writer& json, const char* name, std::string_view text) {
  json.Key(name);
  write_text(json, text);
}

void write_optional(Writer& json, const char* name, std::string_view text) {
  if (!text.empty()) write_member(json, name, text);
}

std::int64_t whole_seconds(std::chrono::nanoseconds wait) {
  return std::chrono::ceil<std::chrono::seconds>(wait).count();
}

void write_problem(Writer& json, const Failure& failure, const ProblemContext& context) {
  const int status = http_status(failure.status);
  json.StartObject();
  write_member(json, "type",
               failure.code.empty() ? "about:blank" : "urn:bourse:problem:" + failure.code);
  write_member(json, "title", reason_phrase(status));
  json.Key("status");
  json.Int(status);
  write_optional(json, "detail", failure.message);
  write_optional(json, "code", failure.code);
  write_optional(json, "instance", context.instance);
  write_optional(json, "request_id", context.request_id);
  write_optional(json, "parameter", failure.parameter);
  if (!failure.offer.empty()) {
    json.Key("offer");
    json.StartArray();
    for (const std::string& choice : failure.offer) write_text(json, choice);
    json.EndArray();
  }
  if (failure.retry_after.count() > 0) {
    json.Key("retry_after");
    json.Int64(whole_seconds(failure.retry_after));
  }
  json.EndObject();
}

}  // namespace

Response problem_response(const Failure& failure, const ProblemContext& context) {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  write_problem(json, failure, context);
  Response response;
  response.status = http_status(failure.status);
  response.headers.emplace_back("Content-Type", "application/problem+json");
  response.headers.emplace_back("Cache-Control", "no-store");
  if (failure.retry_after.count() > 0) {
    response.headers.emplace_back("Retry-After",
                                  std::to_string(whole_seconds(failure.retry_after)));
  }
  response.body = std::make_shared<const std::string>(buffer.GetString(), buffer.GetSize());
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
