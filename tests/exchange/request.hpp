// SPDX-License-Identifier: MIT
//
// A request as it came over the wire, and its parameters. Query and body are kept raw: signatures
// are checked over the bytes that were received, never over something put together again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::fake_exchange {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = {}, target = {};  ///< as sent: "/api/v3/time?a=b"
  int minor_version = 1;                 ///< of HTTP/1
  Headers headers = {};
  std::string body = {};
  std::string client = {};        ///< address without port
  std::uint16_t client_port = 0;  ///< tells the connections of an address apart

  [[nodiscard]] std::string_view path() const;
  [[nodiscard]] std::string_view query() const;
  /// Value of the first such header; the name in any case.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
/// "%5B" and "+" as in a form. nullopt for a broken escape.
[[nodiscard]] std::optional<std::string> percent_decoded(std::string_view text);
/// Raw text without the first `signature=...` and one `&` next to it; every other byte as sent.
[[nodiscard]] std::string without_signature(std::string_view raw);

/// Parameters of query and body; where both have one, the query wins. Throws ApiError on what the
/// exchange refuses. What nobody asked for is an error too: check_all_read().
class Parameters {
 public:
  Parameters(std::string_view query, std::string_view body);

  /// Nothing: not sent. Sent but empty: -1105.
  [[nodiscard]] std::optional<std::string> find(std::string_view name);
  /// -1102 when not sent or empty.
  [[nodiscard]] std::string required(std::string_view name);
  /// Digits only, else -1100; -1108 beyond 64 bits.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name);
  /// "true" or "false", any case, else -1100.
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise);
  /// A time in ms or us, told apart by size, as us.
  [[nodiscard]] std::optional<std::int64_t> time_us(std::string_view name);
  /// Without checks, for the weight of a request that may yet turn out to be wrong.
  [[nodiscard]] std::string_view peek(std::string_view name) const;
  /// -1104 when something was sent that no one read.
  void check_all_read() const;

 private:
  struct One {
    std::string name, value;
    bool in_body = false, read = false;
  };
  void add(std::string_view raw, bool in_body);

  std::vector<One> all_;
};

/// '["BTCUSDT","BNBUSDT"]': -1100 for characters outside of the legal range, -1135 for what is no
/// list of strings, -1151 for a repeated name.
[[nodiscard]] std::vector<std::string> parse_names(std::string_view parameter,
                                                   std::string_view text);
/// -1100 for what can be no symbol's name.
void check_symbol_text(std::string_view symbol);

}  // namespace bourse::fake_exchange
