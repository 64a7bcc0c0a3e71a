// SPDX-License-Identifier: MIT
#include "tests/exchange/silent_address.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "tests/exchange/loopback.hpp"

namespace bourse::fake_exchange {
namespace {

constexpr int kSilenceMs = 100;

host::Descriptor connecting(const Address& to) {
  host::Descriptor out(::socket(to.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  check_call(out.number(), "socket");
  if (::connect(out.number(), reinterpret_cast<const sockaddr*>(&to.bytes), to.size) != 0 &&
      errno != EINPROGRESS) {
    check_call(-1, "connect");
  }
  return out;
}

bool is_answered(const host::Descriptor& client) {
  pollfd watched{client.number(), POLLOUT, 0};
  return ::poll(&watched, 1, kSilenceMs) > 0;
}

}  // namespace

SilentAddress::SilentAddress(const std::string& address, std::uint16_t port) {
  Address at = loopback_address(address, port);
  listener_ = bound(at);
  check_call(::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&at.bytes), &at.size),
             "getsockname");
  port_ = port_of(at.bytes);
  // Nobody accepts, and the queue of those who wait holds one: Linux then drops what else knocks.
  check_call(::listen(listener_.number(), 0), "listen");
  only_client_ = connecting(at);
  if (!is_answered(only_client_) || is_answered(connecting(at))) {
    throw std::runtime_error("this system does not let the address " + address + " be silent");
  }
}

}  // namespace bourse::fake_exchange
