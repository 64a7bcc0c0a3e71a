// SPDX-License-Identifier: MIT
//
// Asks a running server how it is, for probes of containers and scripts: no other client is needed.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/result.hpp"

namespace bourse::host {

struct HealthOptions {
  std::string url = {};  ///< empty: /health of the server that the configuration tells of
  std::filesystem::path config = {};  ///< empty: see find_config
  std::uint16_t port = 0;             ///< of 127.0.0.1, without a configuration; 0: not given
  double timeout_seconds = 3.0;       ///< for everything together
};

/// Where to ask, and what.
struct HealthTarget {
  std::string host;  ///< an IPv4 or IPv6 address, without brackets
  std::uint16_t port = 0;
  std::string path;         ///< begins with "/"
  std::string socket = {};  ///< of a unix socket, instead of host and port

  [[nodiscard]] std::string url() const;
};

/// "http://127.0.0.1:8080/health": an address or "localhost", a port (default 80), a path (default
/// /health). Names are refused: whoever resolves them has no time limit. "unix:/run/bourse.sock":
/// /health through that unix socket.
[[nodiscard]] Result<HealthTarget> parse_health_url(std::string_view url);

/// Sends one GET and returns the status of the answer. Fails when there is none within `timeout`,
/// or when it does not speak HTTP/1. Reads no more than the first line.
[[nodiscard]] Result<int> ask_health(const HealthTarget& target, std::chrono::milliseconds timeout);

/// kDone when the answer is 200; else kFailed, and standard error says why. kUsage for a URL that
/// makes no sense.
int health(const HealthOptions& options);

}  // namespace bourse::host
