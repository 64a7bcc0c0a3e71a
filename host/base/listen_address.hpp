// SPDX-License-Identifier: MIT
//
// Where a server listens, as an operator writes it:
//
//   127.0.0.1:8080, 0.0.0.0:80, [::1]:8080   TCP; port 0: the system picks one
//   [::]:8080                                IPv6 and IPv4 at once
//   localhost:8080                           127.0.0.1; other names are refused: which of their
//                                            addresses would be meant is a guess
//   unix:/run/bourse/bourse.sock             a unix socket, by its absolute path
//   systemd:bourse.socket                    the listening sockets that whoever started the process
//                                            passed to it under this name (sd_listen_fds(3))
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace bourse::host {

/// Who may connect to a unix socket: the rights of its file.
struct SocketFile {
  std::uint32_t mode = 0660;
  std::string owner = {};  ///< a name or a number; empty: whoever runs the server
  std::string group = {};
  bool operator==(const SocketFile&) const = default;
};

struct ListenAddress {
  std::string host = {};  ///< numeric; IPv6 without brackets. Empty: one of the two below
  bool ipv6 = false;
  std::uint16_t port = 0;
  std::string path = {};    ///< of a unix socket
  SocketFile file = {};     ///< of a unix socket
  std::string passed = {};  ///< the name of sockets that were passed

  [[nodiscard]] std::string text() const;  ///< "[::1]:8080", "unix:/run/b.sock", "systemd:web"
  bool operator==(const ListenAddress&) const = default;
};

/// Failure: a sentence that says what is wrong and what to write.
[[nodiscard]] Result<ListenAddress> parse_listen_address(std::string_view text);

/// Whether only one of them can be listened on. Port 0 is never the same port.
[[nodiscard]] bool are_one(const ListenAddress& a, const ListenAddress& b);

/// Why listening failed, as a sentence with a remedy. `error`: an errno.
[[nodiscard]] Failure listen_failure(const ListenAddress& address, int error);

}  // namespace bourse::host
