// SPDX-License-Identifier: MIT
//
// What the front refused before it was a request, counted by the code of the problem. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "host/observe/exposition.hpp"

namespace bourse::host {

class Refusals {
 public:
  void count(std::string_view code) noexcept;
  /// All reasons, also those that nothing was refused for.
  void expose(Exposition& figures) const;

 private:
  static constexpr std::array<std::string_view, 14> kReasons = {"bad_request",
                                                                "request_timeout",
                                                                "body_too_large",
                                                                "target_too_long",
                                                                "expectation_failed",
                                                                "header_too_large",
                                                                "method_not_implemented",
                                                                "unsupported_transfer_encoding",
                                                                "version_not_supported",
                                                                "too_many_connections",
                                                                "too_many_connections_of_one",
                                                                "overloaded",
                                                                "stopping",
                                                                "other"};
  std::array<std::atomic<std::uint64_t>, kReasons.size()> counts_{};
};

}  // namespace bourse::host
