// SPDX-License-Identifier: MIT
//
// From an answer to bytes on the wire, right or wrong as a fault demands. Pure: a Delivery says
// what a connection shall do, and the connection does just that.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tests/exchange/faults.hpp"
#include "tests/exchange/request.hpp"

namespace bourse::fake_exchange {

struct Response {
  int status = 200;
  Headers headers = {};  ///< without those of framing (Content-Length, ...)
  std::string body = {};
};

struct Delivery {
  /// kUpgrade: whoever handled the request speaks on by itself (Handler::speak()).
  enum class End { kStayOpen, kClose, kReset, kHang, kUpgrade };

  std::chrono::milliseconds delay{0};  ///< before the first byte, real time
  std::string bytes;
  std::int64_t blanks = 0;             ///< so many blanks follow, not held in memory
  std::size_t piece = 0;               ///< send so many bytes at a time; 0: all at once
  std::chrono::milliseconds pause{0};  ///< before each further piece
  End end = End::kStayOpen;
};

/// `compress`: gzip where the client accepts it and it is worth it.
[[nodiscard]] Delivery deliver(Response response, const Request& request,
                               const std::optional<Fault>& fault, bool compress);

/// With a header of gzip, as RFC 1952 has it. `blanks` are appended before compression.
[[nodiscard]] std::string gzipped(std::string_view bytes, std::int64_t blanks = 0);
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace bourse::fake_exchange
