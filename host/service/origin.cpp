// SPDX-License-Identifier: MIT
#include "host/service/origin.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "host/base/utf8.hpp"
#include "host/http/text.hpp"

namespace bourse::host {
namespace {

/// "[::1]:9090" is "::1", "localhost:9090" is "localhost".
std::string host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    return end == authority.npos ? std::string() : std::string(authority.substr(1, end - 1));
  }
  return std::string(authority.substr(0, authority.find(':')));
}

using AddressBytes = std::array<unsigned char, 16>;

/// An IPv4 one as IPv6 maps it.
std::optional<AddressBytes> address_of(const std::string& host) {
  AddressBytes bytes{};
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (::inet_pton(AF_INET, host.c_str(), bytes.data() + 12) == 1) return bytes;
  return std::nullopt;
}

bool is_loopback(const AddressBytes& address) {
  static constexpr AddressBytes kOne{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static constexpr AddressBytes kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127};
  return address == kOne || std::equal(address.begin(), address.begin() + 13, kMapped.begin());
}

/// Of a name only "localhost", which no resolver of a browser can be made to answer for: any other
/// may mean this machine to a page that was loaded from somewhere else under that name.
bool is_here(const std::string& host, std::span<const std::string> listed) {
  if (equal_ignoring_case(host, "localhost")) return true;
  const auto address = address_of(host);
  if (!address) return false;
  if (is_loopback(*address)) return true;
  return std::any_of(listed.begin(), listed.end(), [&](const std::string& one) {
    const auto ours = address_of(one);
    return ours && (one == "0.0.0.0" || *ours == AddressBytes{} || *address == *ours);
  });
}

Failure failure(std::string message) {
  return {.status = 403, .code = "foreign_request", .message = std::move(message)};
}

}  // namespace

std::optional<Failure> foreign(const Request& request, std::span<const std::string> listed) {
  const std::string authority = request.header("Host");
  const std::string host = host_of(authority);
  if (!request.peer.is_unix() && !is_here(host, listed)) {
    return failure("The Host " + in_quotes(authority) +
                   " is neither a loopback address nor one that is listened on.");
  }
  const std::string origin = request.header("Origin");
  if (!origin.empty() && !equal_ignoring_case(origin, "http://" + authority)) {
    return failure("The request comes from a page of " + in_quotes(origin) + ".");
  }
  const std::string site = request.header("Sec-Fetch-Site");
  if (!site.empty() && site != "none" && site != "same-origin") {
    return failure("The request comes from a page of another site (Sec-Fetch-Site).");
  }
  return std::nullopt;
}

}  // namespace bourse::host
