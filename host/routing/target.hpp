// SPDX-License-Identifier: MIT
//
// The target of a request, "/a%20b/c?x=1&x=2", taken apart and decoded once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.hpp"

namespace bourse::host {

struct Target {
  std::vector<std::string> segments;                       ///< decoded: {"a b", "c"}; empty for "/"
  bool has_slash_behind = false;                           ///< "/a/"; never of "/"
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
};

/// Percent-decoding; in the query '+' is a blank. Refuses (BOURSE_BAD_PARAM, "bad_target") broken
/// percent sequences, NUL and other controls, text that is not UTF-8, "." and ".." as segments,
/// empty segments but a last one, and more than 64 segments or 256 query pairs.
Result<Target> parse_target(std::string_view raw);

}  // namespace bourse::host
