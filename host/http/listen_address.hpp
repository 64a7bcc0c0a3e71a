// SPDX-License-Identifier: MIT
//
// "host:port" as an operator writes it: "127.0.0.1:8080", "0.0.0.0:80", "[::1]:8080", "[::]:8080"
// (IPv6 and IPv4 at once), "localhost:8080" (127.0.0.1). Other names are refused: which of their
// addresses would be meant is a guess.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace bourse::host {

struct ListenAddress {
  std::string host;  ///< numeric; IPv6 without brackets
  bool ipv6 = false;
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;  ///< "[::1]:8080"
};

[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

/// Why listening failed, as a sentence with a remedy. `reason`: the system's words or a library's
/// that contain them.
[[nodiscard]] Failure listen_failure(const ListenAddress& address, std::string_view reason);

}  // namespace bourse::host
