// SPDX-License-Identifier: MIT
#include "tests/exchange/stream_control.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include <algorithm>
#include <array>
#include <utility>

#include "tests/exchange/json_text.hpp"

namespace bourse::fake_exchange {
namespace {

using Method = StreamCommand::Method;
using JsonValue = rapidjson::Value;

constexpr std::size_t kIdLettersMax = 36;
constexpr std::array<std::pair<std::string_view, Method>, 5> kMethods = {
    {{"SUBSCRIBE", Method::kSubscribe},
     {"UNSUBSCRIBE", Method::kUnsubscribe},
     {"LIST_SUBSCRIPTIONS", Method::kList},
     {"SET_PROPERTY", Method::kSetProperty},
     {"GET_PROPERTY", Method::kGetProperty}}};

std::string_view text_of(const JsonValue& value) {
  return {value.GetString(), value.GetStringLength()};
}

/// Throws StreamError: caught in read_stream_message().
[[noreturn]] void invalid(const std::string& why) {
  throw StreamError{.code = 2, .text = "Invalid request: " + why};
}

/// As JSON.
std::string id_of(const JsonValue& message) {
  const auto found = message.FindMember("id");
  if (found == message.MemberEnd() || found->value.IsNull()) return "null";
  const JsonValue& id = found->value;
  if (id.IsInt64()) return std::to_string(id.GetInt64());
  if (!id.IsString()) invalid("request ID must be an integer, a string or null");
  const std::string_view text = text_of(id);
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return ('0' <= c && c <= '9') || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '-' ||
           c == '_';
  });
  if (text.empty() || text.size() > kIdLettersMax || !plain) {
    invalid("request ID must be an alphanumeric string of up to 36 characters");
  }
  return JsonText().text(text).take();
}

Method method_of(const JsonValue& message) {
  const auto found = message.FindMember("method");
  if (found == message.MemberEnd()) invalid("missing field `method`");
  if (!found->value.IsString()) invalid("method must be a string");
  for (const auto& [name, method] : kMethods) {
    if (name == text_of(found->value)) return method;
  }
  invalid("unknown variant `" + std::string(text_of(found->value)) +
          "`, expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, "
          "`GET_PROPERTY`");
}

std::vector<std::string> names_of(const JsonValue& params) {
  std::vector<std::string> out;
  for (const JsonValue& name : params.GetArray()) {
    if (!name.IsString()) invalid("params must be an array of strings");
    out.emplace_back(text_of(name));
  }
  if (out.empty()) invalid("params must name a stream");
  return out;
}

void check_property(const JsonValue& params, std::size_t count) {
  if (params.Size() > count) invalid("too many parameters");
  if (params.Size() < count) invalid("too few parameters");
  if (!params[0].IsString()) invalid("property name must be a string");
  if (text_of(params[0]) != "combined") throw StreamError{.code = 0, .text = "Unknown property"};
}

void read_params(const JsonValue& message, StreamCommand& out) {
  const auto found = message.FindMember("params");
  const bool sent = found != message.MemberEnd();
  if (out.method == Method::kList) {
    if (sent && !(found->value.IsArray() && found->value.Empty())) invalid("too many parameters");
    return;
  }
  if (!sent) invalid("missing field `params`");
  const JsonValue& params = found->value;
  if (!params.IsArray()) invalid("params must be an array");
  switch (out.method) {
    case Method::kSetProperty:
      check_property(params, 2);
      if (!params[1].IsBool()) {
        throw StreamError{.code = 1, .text = "Invalid value type: expected Boolean"};
      }
      out.combined = params[1].GetBool();
      break;
    case Method::kGetProperty:
      check_property(params, 1);
      break;
    default:
      out.names = names_of(params);
  }
}

void check_members(const JsonValue& message) {
  for (const auto& member : message.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (name != "method" && name != "params" && name != "id") {
      invalid("unknown field `" + std::string(name) + "`");
    }
  }
}

}  // namespace

StreamMessage read_stream_message(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (document.HasParseError()) {
    const std::string why = rapidjson::GetParseError_En(document.GetParseError());
    return {std::nullopt,
            {.code = 3,
             .text = "Invalid JSON: " + why + " At offset " +
                     std::to_string(document.GetErrorOffset())}};
  }
  std::string id = "null";
  try {
    if (!document.IsObject()) invalid("expected an object");
    id = id_of(document);
    StreamCommand command;
    command.method = method_of(document);
    check_members(document);
    read_params(document, command);
    command.id = id;
    return {std::move(command)};
  } catch (StreamError& error) {
    error.id = id;
    return {std::nullopt, std::move(error)};
  }
}

std::string stream_answer(std::string_view result, std::string_view id) {
  return JsonText().object().key("result").raw(result).key("id").raw(id).end_object().take();
}

std::string stream_answer(const StreamError& error, bool wrapped) {
  JsonText json;
  json.object();
  if (wrapped) json.key("error").object();
  json.member("code", error.code).member("msg", error.text);
  if (wrapped) json.end_object();
  return json.key("id").raw(error.id).end_object().take();
}

}  // namespace bourse::fake_exchange
