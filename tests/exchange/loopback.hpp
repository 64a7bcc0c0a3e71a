// SPDX-License-Identifier: MIT
//
// Sockets on this machine's own addresses: a server that pretends to be an exchange is nobody
// else's business.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include "host/http/descriptor.hpp"

namespace bourse::fake_exchange {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;
  int family = AF_INET;
};

/// Of 127.0.0.0/8, or ::1, else std::invalid_argument.
[[nodiscard]] Address loopback_address(const std::string& text, std::uint16_t port);
/// A TCP socket that does not block and shares its address with others that ask for it. Throws
/// std::system_error.
[[nodiscard]] host::Descriptor bound(const Address& at);
[[nodiscard]] std::string address_text(const sockaddr_storage& address);
[[nodiscard]] std::uint16_t port_of(const sockaddr_storage& address);
/// Throws std::system_error for a system call that returned a negative number.
void check_call(int result, const char* what);

}  // namespace bourse::fake_exchange
