// SPDX-License-Identifier: MIT
//
//   server: {live: {streams: 5000, streams-per-client: 100}}
//   defaults, routes: [{live: off | {every: 1s}}]
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace bourse::host {

/// Of a route: who asks it for an event stream is told when its answer changes.
struct LiveRule {
  bool off = false;
  /// A question is answered anew no more often than this, however often what it is made of changes.
  std::chrono::nanoseconds every = std::chrono::seconds(1);

  bool operator==(const LiveRule&) const = default;
};

/// Of a server: the event streams that are open.
struct LiveLimits {
  std::uint32_t streams = 5000;
  std::uint32_t streams_per_client = 100;
};

}  // namespace bourse::host
