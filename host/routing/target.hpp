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

/// All but letters, digits and -._~,: as %XX: stands for itself in a path and in a query.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// "/a%20b/c", of decoded segments; "/" of none.
[[nodiscard]] std::string path_text(const std::vector<std::string>& segments);

/// From where a request was, a relative reference (RFC 3986, 4.2) to `segment` as the last one of
/// its path: so it leads there too where something in front has taken a prefix off the path.
/// `slash_behind`: the request's path had one.
[[nodiscard]] std::string reference_to(std::string_view segment, bool slash_behind);

/// The query of a raw target, with its "?", as it may stand in a header: what is no character of a
/// URL is escaped. Empty: there is none.
[[nodiscard]] std::string query_text(std::string_view raw);

/// Percent-decoding; in the query '+' is a blank. Refuses (BOURSE_BAD_PARAM, "bad_target") broken
/// percent sequences, NUL and other controls, text that is not UTF-8, "." and ".." as segments,
/// empty segments but a last one, and more than 64 segments or 256 query pairs.
Result<Target> parse_target(std::string_view raw);

}  // namespace bourse::host
