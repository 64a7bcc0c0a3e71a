// SPDX-License-Identifier: MIT
//
// Why something could not be done, when the world is to blame: a request, a file, an upstream or
// a plugin. What a client or operator sees is made of exactly these fields.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bourse/bourse.h"

namespace bourse::host {

/// Where a failure comes from: decides whose words are shown when several have something to say.
enum class Origin : std::uint8_t {
  kHost,    ///< the host found it
  kPlugin,  ///< a plugin told it in words of its own
  kSilent,  ///< a plugin returned a status without a word
  kThrew,   ///< a plugin let an exception out
  kCutOff,  ///< the host ended the call: the client went away, or the time was over
  kMisuse,  ///< a plugin used the host wrongly
  kQuery    ///< the host found it in the arguments of a query
};

struct Failure {
  /// BOURSE_BAD_PARAM and its like; the number is the HTTP status. Never BOURSE_OK.
  bourse_status status = BOURSE_INTERNAL;
  /// Stable, for programs: "unknown_route".
  std::string code;
  /// For people: what, where, what to do.
  std::string message;
  /// The request parameter to blame; empty when none is.
  std::string parameter = {};
  /// How long to wait before trying again; zero when unknown.
  std::chrono::nanoseconds retry_after = {};
  /// What would have been accepted (formats of a 406, names of a 404); empty when not a choice.
  std::vector<std::string> offer = {};
  Origin origin = Origin::kHost;
  /// The name of the source that failed, for the log; empty: none did, or nobody knows.
  std::string source = {};
};

}  // namespace bourse::host
