// SPDX-License-Identifier: MIT
//
// `bourse watch URL`: an answer on a terminal, each time that it changes.
#pragma once

#include <cstdint>
#include <string>

namespace bourse::host {

struct FollowOptions {
  std::string url;          ///< http:// or https://, of an answer of any server of this kind
  bool json = false;        ///< one JSON object a line for each event
  std::uint64_t count = 0;  ///< end after so many events; 0: never
  double seconds = 0;       ///< end after so many; 0: never
};

/// Prints events as they come, and asks again when the stream ends, until `count` or `seconds`, or
/// a signal. The token of a route that needs one is that of $BOURSE_TOKEN. kFailed, with a sentence
/// on standard error, when the server refuses, or does not answer the first time.
int follow(const FollowOptions& options);

}  // namespace bourse::host
