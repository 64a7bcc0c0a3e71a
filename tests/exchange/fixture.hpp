// SPDX-License-Identifier: MIT
//
// What the tests of the fake exchange share: a standing exchange, requests over bare sockets,
// signing, and the shape of an answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/exchange/exchange.hpp"
#include "tests/host/http/client.hpp"

namespace bourse::fake_exchange::test {

using host::test::Answer;
using host::test::Client;

inline constexpr std::chrono::seconds kNoon{1'735'732'800};  ///< 2025-01-01T12:00:00Z
inline constexpr std::int64_t kNoonMs = 1'735'732'800'000;

/// Stands at noon, synthetic market 42.
struct Standing {
  Standing() : Standing(ExchangeOptions{}) {}
  explicit Standing(ExchangeOptions options) : exchange(at_noon(std::move(options))) {}
  Exchange exchange;

 private:
  static ExchangeOptions at_noon(ExchangeOptions options) {
    options.now = kNoon;
    return options;
  }
};

struct Ask {
  std::string method = "GET", target = {}, body = {};
  Headers headers = {};
};
[[nodiscard]] std::string wire(const Ask& ask);
/// Over a connection of its own. Fails the test and answers status 0 when nothing comes.
Answer ask(const Exchange& exchange, const Ask& ask);
Answer get(const Exchange& exchange, const std::string& target, const Headers& headers = {});
Answer post(const Exchange& exchange, const std::string& target);
/// The status and body in one text: `400 {"code":-1121,...}`.
[[nodiscard]] std::string told(const Answer& answer);

/// In hexadecimal.
[[nodiscard]] std::string hmac(std::string_view secret, std::string_view payload);
/// A GET with the example key and `timestamp` (ms; 0: the exchange's), signed.
Answer signed_get(const Exchange& exchange, const std::string& path, std::string parameters = "",
                  std::int64_t timestamp = kNoonMs);
Answer signed_post(const Exchange& exchange, const std::string& path, const std::string& query,
                   const std::string& body);
[[nodiscard]] Headers key_header(const std::string& key = kExampleKey);

/// Names, order and types of everything in a JSON text, without the values: strings are "text", or
/// "d8" for a decimal with 8 places; integers "i", or "ms" and "us" for 13 and 16 digits. Repeated
/// items of one shape are written once. The words of *Type and interval members are kept.
[[nodiscard]] std::string shape(std::string_view json);
/// Texts, numbers and booleans found at a path such as "0.price" or "*.symbol", as text.
[[nodiscard]] std::vector<std::string> values(std::string_view json, std::string_view path);
[[nodiscard]] std::string value(std::string_view json, std::string_view path);

/// Gunzips; nullopt when the bytes are damaged.
[[nodiscard]] std::optional<std::string> gunzipped(std::string_view bytes);

}  // namespace bourse::fake_exchange::test
