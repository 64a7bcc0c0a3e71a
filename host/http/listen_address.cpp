// SPDX-License-Identifier: MIT
#include "host/http/listen_address.hpp"

#include <arpa/inet.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace bourse::host {

namespace {

Failure bad_address(std::string_view text, std::string_view why) {
  return {.status = BOURSE_BAD_PARAM,
          .code = "bad_listen_address",
          .message = "cannot listen on \"" + std::string(text) + "\": " + std::string(why) +
                     "; write an address and a port, such as 127.0.0.1:8080 (this machine only), "
                     "0.0.0.0:8080 or [::]:8080 (all interfaces)"};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc{} || parsed_end != end) return std::nullopt;
  return port;
}

bool is_numeric(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return inet_pton(family, host.c_str(), ignored.data()) == 1;
}

}  // namespace

std::string ListenAddress::text() const {
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad_address(text, "the port is missing");
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return bad_address(text, "an IPv6 address needs brackets");
  }
  const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
  if (!port) return bad_address(text, "the port is not a number from 0 to 65535");
  if (host.empty()) return bad_address(text, "the address before the port is missing");

  if (bracketed) host = host.substr(1, host.size() - 2);
  ListenAddress address{.host = host == "localhost" ? "127.0.0.1" : std::string(host),
                        .ipv6 = bracketed,
                        .port = *port};
  if (!is_numeric(bracketed ? AF_INET6 : AF_INET, address.host)) {
    return bad_address(text, bracketed
                                 ? "what is in brackets is not an IPv6 address"
                                 : "this is not an IPv4 address, and names are not looked up");
  }
  return address;
}

Failure listen_failure(const ListenAddress& address, std::string_view reason) {
  struct Remedy {
    int error;
    std::string sentence;
  };
  const std::array<Remedy, 4> remedies{{
      {EADDRINUSE,
       "another process listens there already; stop it (ss -ltnp shows it) or choose another port"},
      {EACCES,
       "a port below 1024 is privileged; choose one above, or give the program the capability "
       "CAP_NET_BIND_SERVICE"},
      {EADDRNOTAVAIL,
       "no network interface of this machine has this address; 0.0.0.0 listens on all of them"},
      {EAFNOSUPPORT, "this machine has no IPv6; listen on 0.0.0.0"},
  }};
  std::string why = std::string(reason);
  for (const Remedy& remedy : remedies) {
    const std::string words = std::generic_category().message(remedy.error);
    if (reason.find(words) != std::string_view::npos) why = words + ": " + remedy.sentence;
  }
  return {.status = BOURSE_UNAVAILABLE,
          .code = "cannot_listen",
          .message = "cannot listen on " + address.text() + ": " + why};
}

}  // namespace bourse::host
