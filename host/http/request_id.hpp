// SPDX-License-Identifier: MIT
//
// Request ids: what a client sent as X-Request-Id when it is harmless, otherwise one of ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bourse::host {

/// [A-Za-z0-9._-], 1 to 64 of them: safe in a log, a header and JSON as it is.
[[nodiscard]] bool is_request_id(std::string_view text) noexcept;

/// Makes ids of 15 hex digits (so that a std::string holds one without allocating): a random start,
/// then counting. Several generators of one server share a start and take turns by `lane`, so no
/// two of them ever make the same id.
class RequestIds {
 public:
  /// REQUIRES: lane < lanes.
  RequestIds(std::uint64_t start, unsigned lane, unsigned lanes) noexcept
      : next_(start + lane), step_(lanes) {}

  [[nodiscard]] std::string next();

  /// From the system's random numbers.
  [[nodiscard]] static std::uint64_t random_start();

 private:
  std::uint64_t next_;
  std::uint64_t step_;
};

}  // namespace bourse::host
