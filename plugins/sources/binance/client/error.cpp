// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/error.hpp"

#include <array>
#include <cstddef>

#include "bourse/text.hpp"
#include "bourse/words.hpp"
#include "plugins/sources/binance/client/time_text.hpp"

namespace bourse::binance {

std::string_view name_of(ErrorKind kind) noexcept {
  static constexpr std::array<std::string_view, kErrorKinds> kNames = {
      "authentication", "rate_limit", "banned",          "firewall", "geo_block",
      "validation",     "server",     "unknown_outcome", "network",  "protocol"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string out;
  while (!text.empty() && out.size() < bytes_max) {
    const std::size_t length = utf8_length(text);
    if (length + out.size() > bytes_max) break;
    if (length == 0) {
      out += '?';
    } else if (length == 1 && (static_cast<unsigned char>(text[0]) < 0x20 || text[0] == 0x7F)) {
      out += ' ';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

Error invalid(std::string message, std::string advice) {
  return {
      .kind = ErrorKind::kValidation, .message = std::move(message), .advice = std::move(advice)};
}

std::string Error::text() const {
  std::string out{name_of(kind)};
  out.append(": ").append(message);
  if (!advice.empty()) out.append(" ").append(advice);
  std::string facts;
  const auto fact = [&](std::string_view name, std::string_view value) {
    facts.append(facts.empty() ? "" : ", ").append(name).append(" ").append(value);
  };
  if (http_status != 0) fact("HTTP", std::to_string(http_status));
  if (code != 0) {
    std::string number = std::to_string(code);
    if (!code_name.empty()) number.append(" ").append(code_name);
    fact("code", number);
  }
  if (until) fact("until", time_text(whole_second(*until)));
  if (!request_id.empty()) fact("request", request_id);
  if (attempts > 1) fact("attempts", std::to_string(attempts));
  if (!body_start.empty()) fact("body:", body_start);
  if (!facts.empty()) out.append(" (").append(facts).append(")");
  return out;
}

}  // namespace bourse::binance
