// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/streams/envelope.hpp"

#include <charconv>
#include <utility>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/streams/members.hpp"

namespace bourse::binance {
namespace {

constexpr std::size_t kReasonBytesMax = 200;
constexpr std::string_view kShutdown = "serverShutdown";

/// All strings of a document, whatever else is in it.
class Strings final : public JsonVisitor {
 public:
  bool begin_object() override { return true; }
  bool end_object() override { return true; }
  bool begin_array() override { return true; }
  bool end_array() override { return true; }
  bool key(std::string_view /*name*/) override { return true; }
  bool value(const Scalar& scalar) override {
    if (scalar.kind == Scalar::Kind::kString) found.emplace_back(scalar.text);
    return true;
  }
  std::vector<std::string> found;
};

std::optional<std::vector<std::string>> strings_in(std::string_view json) {
  std::string text(json);
  Strings strings;
  if (!parse_json(text, strings, "streams")) return std::nullopt;
  return std::move(strings.found);
}

/// Of a JSON string, with quotes; "" where it is something else.
std::string text_of(std::string_view json) {
  if (json.size() < 2 || json.front() != '"' || json.back() != '"') return {};
  const std::string_view inside = json.substr(1, json.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return std::string(inside);
  auto strings = strings_in("[" + std::string(json) + "]");
  return strings && strings->size() == 1 ? std::move(strings->front()) : std::string();
}

std::int64_t number_of(std::string_view json) {
  std::int64_t number = 0;
  std::from_chars(json.data(), json.data() + json.size(), number);
  return number;
}

bool is_shutdown(std::string_view stream, std::string_view event) {
  return event == kShutdown || (stream.starts_with('!') && stream.substr(1) == kShutdown);
}

struct Parts {
  std::optional<std::string_view> stream, data, result, error, code, message, id, event;
};

std::optional<Parts> parts_of(std::string_view message) {
  Parts parts;
  const bool whole = for_each_member(message, [&](std::string_view name, std::string_view value) {
    if (name == "stream") parts.stream = value;
    if (name == "data") parts.data = value;
    if (name == "result") parts.result = value;
    if (name == "error") parts.error = value;
    if (name == "code") parts.code = value;
    if (name == "msg") parts.message = value;
    if (name == "id") parts.id = value;
    if (name == "e") parts.event = value;
  });
  if (!whole) return std::nullopt;
  return parts;
}

Envelope unreadable(std::string reason) {
  Envelope envelope;
  envelope.reason = std::move(reason);
  return envelope;
}

Envelope refused(const Parts& parts) {
  Envelope envelope;
  envelope.kind = Envelope::Kind::kRefused;
  std::string_view message = parts.message.value_or(std::string_view());
  if (parts.error) {
    for_each_member(*parts.error, [&](std::string_view name, std::string_view value) {
      if (name == "msg") message = value;
    });
  }
  envelope.reason = printable(text_of(message), kReasonBytesMax);
  if (envelope.reason.empty()) envelope.reason = "no reason was given";
  return envelope;
}

}  // namespace

Envelope open_envelope(std::string_view message) {
  const auto parts = parts_of(message);
  if (!parts) return unreadable("it is not one JSON object");
  Envelope envelope;
  const std::string stream = text_of(parts->stream.value_or(std::string_view()));
  if (is_shutdown(stream, text_of(parts->event.value_or(std::string_view())))) {
    envelope.kind = Envelope::Kind::kShutdown;
    return envelope;
  }
  if (parts->data && !stream.empty()) {
    envelope.kind = Envelope::Kind::kData;
    envelope.stream = stream;
    envelope.data = *parts->data;
    return envelope;
  }
  const std::int64_t id = parts->id ? number_of(*parts->id) : 0;
  if (parts->error || parts->code) {
    envelope = refused(*parts);
    envelope.id = id;
    return envelope;
  }
  if (!parts->result) return unreadable("it is neither data nor an answer");
  envelope.kind = Envelope::Kind::kDone;
  envelope.id = id;
  if (parts->result->starts_with('[')) {
    envelope.list = strings_in(*parts->result);
    if (!envelope.list) return unreadable("a list of streams in it cannot be read");
  }
  return envelope;
}

}  // namespace bourse::binance
