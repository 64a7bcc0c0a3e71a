// SPDX-License-Identifier: MIT
#include "tests/exchange/loopback.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bourse::fake_exchange {

Address loopback_address(const std::string& text, std::uint16_t port) {
  Address out;
  auto* const four = reinterpret_cast<sockaddr_in*>(&out.bytes);
  auto* const six = reinterpret_cast<sockaddr_in6*>(&out.bytes);
  if (::inet_pton(AF_INET, text.c_str(), &four->sin_addr) == 1 &&
      ntohl(four->sin_addr.s_addr) >> 24 == 127) {
    four->sin_family = AF_INET;
    four->sin_port = htons(port);
    out.size = sizeof *four;
    return out;
  }
  if (::inet_pton(AF_INET6, text.c_str(), &six->sin6_addr) == 1 &&
      IN6_IS_ADDR_LOOPBACK(&six->sin6_addr) != 0) {
    six->sin6_family = AF_INET6;
    six->sin6_port = htons(port);
    out.size = sizeof *six;
    out.family = AF_INET6;
    return out;
  }
  throw std::invalid_argument("the fake exchange serves this machine only: \"" + text +
                              "\" is not an address of 127.0.0.0/8 or ::1");
}

host::Descriptor bound(const Address& at) {
  host::Descriptor out(::socket(at.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  check_call(out.number(), "socket");
  const int one = 1;
  ::setsockopt(out.number(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  check_call(::bind(out.number(), reinterpret_cast<const sockaddr*>(&at.bytes), at.size), "bind");
  return out;
}

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* const bytes =
      address.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr)
          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  ::inet_ntop(address.ss_family, bytes, text.data(), text.size());
  return text.data();
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

void check_call(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace bourse::fake_exchange
