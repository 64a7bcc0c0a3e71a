// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/query.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace bourse::binance {
namespace {

constexpr std::string_view kHex = "0123456789ABCDEF";

// A table, as this runs for every byte of every request.
constexpr std::array<bool, 256> make_unreserved() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-._~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> kUnreserved = make_unreserved();

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void append_percent_encoded(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (kUnreserved[byte]) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
}

void Query::begin(std::string_view name) {
  if (!text_.empty()) text_ += '&';
  append_percent_encoded(text_, name);
  text_ += '=';
}

Query& Query::add(std::string_view name, std::string_view value) {
  begin(name);
  append_percent_encoded(text_, value);
  return *this;
}

Query& Query::add(std::string_view name, std::int64_t value) {
  begin(name);
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text_.append(digits.data(), end);
  return *this;
}

Query& Query::add_list(std::string_view name, std::span<const std::string> values) {
  std::string list = "[";
  for (const std::string& value : values) {
    if (list.size() > 1) list += ',';
    append_json_string(list, value);
  }
  list += ']';
  return add(name, std::string_view(list));
}

}  // namespace bourse::binance
