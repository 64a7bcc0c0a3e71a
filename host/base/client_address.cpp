// SPDX-License-Identifier: MIT
#include "host/base/client_address.hpp"

#include <algorithm>
#include <optional>

namespace bourse::host {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Is the quotation mark at `at` one that a backslash makes a character like any other?
bool is_escaped(std::string_view text, std::size_t at) {
  std::size_t backslashes = 0;
  while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
  return backslashes % 2 == 1;
}

/// Takes the last part off, behind the last `separator` that stands in no quoted string. Quotation
/// marks are paired from the right: one that a client left open on the left must not swallow what
/// a proxy wrote behind it.
std::string_view take_last(std::string_view& list, char separator) {
  bool quoted = false;
  std::size_t at = list.size();
  while (at > 0) {
    const char c = list[--at];
    if (c == '"' && !(quoted && is_escaped(list, at))) {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      const std::string_view last = list.substr(at + 1);
      list = list.substr(0, at);
      return trimmed(last);
    }
  }
  return trimmed(std::exchange(list, {}));
}

bool is_port(std::string_view text) {
  // RFC 7239 allows obfuscated ports too: "_" and then letters.
  const bool hidden = text.starts_with('_');
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [hidden](char c) {
           if (c >= '0' && c <= '9') return true;
           if (!hidden) return false;
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
                  c == '-';
         });
}

/// "1.2.3.4", "1.2.3.4:80", "::1", "[::1]", "[::1]:80". nginx writes "unix:" for a unix socket.
std::optional<Address> parse_node(std::string_view text) {
  if (text == "unix:") return Address::unix_peer();
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return std::nullopt;
    const std::string_view after = text.substr(end + 1);
    if (!after.empty() && (after[0] != ':' || !is_port(after.substr(1)))) return std::nullopt;
    const auto address = text.find(':') < end ? Address::parse(text.substr(1, end - 1))
                                              : std::nullopt;  // no IPv4 in brackets
    return address;
  }
  if (std::count(text.begin(), text.end(), ':') == 1) {
    const std::size_t colon = text.find(':');
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return Address::parse(text);
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != kMarks.npos;
  });
}

bool is_for(std::string_view name) {
  return name.size() == 3 && (name[0] | 0x20) == 'f' && (name[1] | 0x20) == 'o' &&
         (name[2] | 0x20) == 'r';
}

/// What a value says: a token, or a quoted string without its marks and backslashes. Servers write
/// addresses with a port without the marks that the colon asks for; they are understood.
std::optional<std::string> value_of(std::string_view text) {
  if (!text.starts_with('"')) {
    if (text.empty() || text.find_first_of("\" \t\\") != text.npos) return std::nullopt;
    return std::string(text);
  }
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1 == text.size() ? std::optional(value) : std::nullopt;
    if (text[i] == '\\' && ++i == text.size()) return std::nullopt;
    value += text[i];
  }
  return std::nullopt;
}

/// The address that one element of Forwarded says it is for.
std::optional<Address> parse_element(std::string_view element) {
  std::optional<std::string> who;
  while (!element.empty()) {
    const std::string_view pair = take_last(element, ';');
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    if (equals == pair.npos || !is_token(pair.substr(0, equals))) return std::nullopt;
    auto value = value_of(pair.substr(equals + 1));
    if (!value) return std::nullopt;
    if (!is_for(pair.substr(0, equals))) continue;
    if (who) return std::nullopt;  // twice: which of them?
    who = std::move(value);
  }
  // RFC 7239, section 6: an IPv6 address stands in brackets; one without is understood.
  return who ? parse_node(*who) : std::nullopt;
}

}  // namespace

bool TrustedProxies::trust(const Address& peer) const noexcept {
  return std::any_of(from_.begin(), from_.end(),
                     [&](const Network& network) { return network.holds(peer); });
}

std::string_view TrustedProxies::field() const noexcept {
  return field_ == ForwardedField::kForwarded ? "Forwarded" : "X-Forwarded-For";
}

Address TrustedProxies::client(const Address& peer, std::string_view values) const {
  Address known = peer;
  while (!values.empty() && trust(known)) {
    const bool quotes = field_ == ForwardedField::kForwarded;
    std::string_view member;
    if (quotes) {
      member = take_last(values, ',');
    } else {
      const std::size_t comma = values.rfind(',');
      member = trimmed(comma == values.npos ? values : values.substr(comma + 1));
      values = comma == values.npos ? std::string_view() : values.substr(0, comma);
    }
    if (member.empty()) continue;  // RFC 9110, 5.6.1.2: empty elements of lists are nothing
    const auto address = quotes ? parse_element(member) : parse_node(member);
    if (!address) break;
    known = *address;
  }
  return known;
}

}  // namespace bourse::host
