// SPDX-License-Identifier: MIT
//
//   log: {level: info, format: json, file: /var/log/bourse/bourse.log,
//         access: off | info | warn | error | {level: info, sample: 0.1, slow: 1s}}
//   routes: [{log: the same as access}]
#pragma once

#include <chrono>
#include <cstdint>

#include "bourse/bourse.h"

namespace bourse::host {

/// Which requests have a line.
struct AccessLog {
  bool off = false;
  /// The least: 2xx and 3xx are BOURSE_LEVEL_INFO, 4xx BOURSE_LEVEL_WARN, 5xx BOURSE_LEVEL_ERROR.
  std::int32_t level = BOURSE_LEVEL_INFO;
  /// The share of those that went well and fast that has one; in (0, 1].
  double sample = 1;
  std::chrono::nanoseconds slow = std::chrono::seconds(1);  ///< from here on each has one

  bool operator==(const AccessLog&) const = default;
};

/// Who is told how long the parts of an answer took.
enum class ServerTiming : std::uint8_t { kOff, kAccess, kOn };

}  // namespace bourse::host
