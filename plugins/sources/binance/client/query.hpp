// SPDX-License-Identifier: MIT
//
// Query: the part of a request behind the '?', as the very bytes that are signed and sent.
//
//   Query query;
//   query.add("symbol", "BTCUSDT").add("limit", 1000);
//   query.text();                                        // symbol=BTCUSDT&limit=1000
//
// Names and values are percent-encoded once, here: A-Z a-z 0-9 - . _ ~ stay, every other byte of
// the UTF-8 becomes %XX in upper case (RFC 3986; the exchange demands it before signing). Pairs
// keep the order they came in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bourse::binance {

void append_percent_encoded(std::string& out, std::string_view bytes);

class Query {
 public:
  Query& add(std::string_view name, std::string_view value);
  Query& add(std::string_view name, const char* value) {
    return add(name, std::string_view(value));
  }
  Query& add(std::string_view name, std::int64_t value);
  Query& add_flag(std::string_view name, bool value) { return add(name, value ? "true" : "false"); }
  /// A JSON array of strings without blanks: ["BTCUSDT","ETHUSDT"].
  Query& add_list(std::string_view name, std::span<const std::string> values);

  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  void begin(std::string_view name);

  std::string text_;
};

}  // namespace bourse::binance
