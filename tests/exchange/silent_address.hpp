// SPDX-License-Identifier: MIT
//
// An address that never answers, as a broken IPv6 route is: whoever connects is neither accepted
// nor refused. With an Exchange on the same port of another address of this machine, a name that
// has both is one whose first address is dead.
//
//   Exchange exchange;                                            // 127.0.0.1
//   const SilentAddress silent("127.0.0.2", exchange.port());
#pragma once

#include <cstdint>
#include <string>

#include "host/http/descriptor.hpp"

namespace bourse::fake_exchange {

class SilentAddress {
 public:
  /// Of 127.0.0.0/8, or ::1, else std::invalid_argument. Port 0: one that is free. Throws
  /// std::system_error when the address cannot be had, std::runtime_error when this system answers
  /// for it all the same. Silent when this returns, until the end.
  explicit SilentAddress(const std::string& address, std::uint16_t port = 0);

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

 private:
  host::Descriptor listener_, only_client_;
  std::uint16_t port_ = 0;
};

}  // namespace bourse::fake_exchange
