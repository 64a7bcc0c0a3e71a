// SPDX-License-Identifier: MIT
//
// What all calls made for one request share: until when it makes sense, and for whom.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "bourse/bourse.h"
#include "host/http/message.hpp"

namespace bourse::host {

struct Context {
  std::string request_id;
  std::string route;  ///< its path template, or the command
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  /// Tells whether the client is still there; null when there is none that could leave.
  std::shared_ptr<const Responder::Sink> client = {};
  /// May see private datasets: it gave a token of its route, or sits at the command line.
  bool authorized = false;

  /// OK, CANCELLED or DEADLINE.
  [[nodiscard]] bourse_status poll() const noexcept;
  /// Never negative; a large number when there is no deadline.
  [[nodiscard]] std::chrono::nanoseconds left() const noexcept;
};

}  // namespace bourse::host
