// SPDX-License-Identifier: MIT
#include "host/service/origin.hpp"

#include <arpa/inet.h>

#include <array>
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

/// What the resolver of a browser cannot be made to take for a name.
bool is_loopback(const std::string& host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return bytes[0] == 127;
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return false;
  std::array<unsigned char, 16> one{};
  one[15] = 1;
  return bytes == one;
}

Failure failure(std::string message) {
  return {.status = 403, .code = "foreign_request", .message = std::move(message)};
}

}  // namespace

std::optional<Failure> foreign(const Request& request, const std::string& listed) {
  const std::string authority = request.header("Host");
  const std::string host = host_of(authority);
  if (!is_loopback(host) && host != listed) {
    return failure("The Host " + in_quotes(authority) +
                   " is neither a loopback address nor the one that is listened on.");
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
