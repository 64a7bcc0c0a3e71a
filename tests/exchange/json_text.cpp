// SPDX-License-Identifier: MIT
#include "tests/exchange/json_text.hpp"

#include <utility>

namespace bourse::fake_exchange {

void JsonText::separate() {
  if (out_.empty()) return;
  const char last = out_.back();
  if (last != '{' && last != '[' && last != ':') out_ += ',';
}

JsonText& JsonText::object() {
  separate();
  out_ += '{';
  return *this;
}

JsonText& JsonText::end_object() {
  if (unknown_fields_) key("fieldOfTomorrow").raw(R"({"a":[1,null,{"b":"c"}],"d":1e3})");
  out_ += '}';
  return *this;
}

JsonText& JsonText::array() {
  separate();
  out_ += '[';
  return *this;
}

JsonText& JsonText::end_array() {
  out_ += ']';
  return *this;
}

JsonText& JsonText::end_record() {
  if (unknown_fields_) raw(R"(["itemOfTomorrow"])");
  return end_array();
}

JsonText& JsonText::key(std::string_view name) {
  text(name);
  out_ += ':';
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  constexpr char kHex[] = "0123456789abcdef";
  separate();
  out_ += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out_ += "\\u00";
      out_ += kHex[c >> 4];
      out_ += kHex[c & 15];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
  return *this;
}

JsonText& JsonText::number(std::int64_t value) { return raw(std::to_string(value)); }

JsonText& JsonText::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonText& JsonText::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace bourse::fake_exchange
