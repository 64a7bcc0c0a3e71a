// SPDX-License-Identifier: MIT
//
// A loopback port that nobody listens on, and that the system gives to nobody else meanwhile.
// Whoever sets SO_REUSEADDR, as the fake exchange does, can listen on it, end, and do so again.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

#include "host/http/descriptor.hpp"

namespace bourse::fake_exchange::test {

class ReservedPort {
 public:
  ReservedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int one = 1;
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(socket_.number(), where, size), 0);
    EXPECT_EQ(::getsockname(socket_.number(), where, &size), 0);
    number_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t number() const noexcept { return number_; }

 private:
  host::Descriptor socket_;
  std::uint16_t number_ = 0;
};

}  // namespace bourse::fake_exchange::test
