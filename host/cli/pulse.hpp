// SPDX-License-Identifier: MIT
//
// Whether a server is alive: its threads go round, and what waits for a worker gets one.
#pragma once

#include <cstdint>
#include <string>

#include "host/http/server.hpp"
#include "host/service/service.hpp"

namespace bourse::host {

class Pulse {
 public:
  /// Borrows all of them; `admin` may be null.
  Pulse(Server& server, Server* admin, const Service& service)
      : server_(server), admin_(admin), service_(service) {}

  /// What has not moved since the call before, in words; empty: everything has. Between two calls
  /// there must be more time than a call of a plugin may take, or one that takes it is called
  /// stuck. One thread calls it, not after a server was stopped.
  [[nodiscard]] std::string stuck();

 private:
  Server& server_;
  Server* const admin_;
  const Service& service_;
  bool waited_ = false;      ///< at the call before there were requests in the queue...
  std::uint64_t steps_ = 0;  ///< ...and so many steps had been made
};

}  // namespace bourse::host
