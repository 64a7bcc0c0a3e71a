// SPDX-License-Identifier: MIT
//
// What a client is told with an answer: whether it is another one than the client has, how old it
// is, how long it is good, and how it was come by. RFC 9110, 9111, 9211, 5861.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "host/answers/answers.hpp"
#include "host/http/accept_encoding.hpp"
#include "host/http/cache_control.hpp"
#include "host/http/message.hpp"
#include "host/routing/plan.hpp"

namespace bourse::host {

/// What of a request's header an answer depends on, beside what its plan depends on.
struct Conditions {
  std::string if_match = {};
  std::string if_none_match = {};
  CacheWish wish = {};
  std::optional<std::string> accept_encoding = {};

  bool operator==(const Conditions&) const = default;
};
[[nodiscard]] Conditions conditions_of(const Request& request);
[[nodiscard]] Demand demand_of(const CacheWish& wish);
[[nodiscard]] Tolerance tolerance_of(const Route& route);

/// How the answer that is sent was come by, and when it was asked for.
struct Provenance {
  Way way = Way::kMade;
  bool kept = true;              ///< false: the route keeps no answers, or a secret was given
  bool was_fresh = false;        ///< kRenewed: of a fresh one, because the request wanted it newer
  std::string_view detail = {};  ///< for Cache-Status
  std::string_view name = "bourse";  ///< of this cache there; empty: it is not sent
  std::chrono::nanoseconds since_asked{0};
};

/// The ways of writing an answer of this type that the request takes, what it likes best first:
/// indices in kByPreference (host/answers/twins.hpp), or as the bytes are.
[[nodiscard]] CodingRanking writing_for(const Conditions& conditions, std::string_view media_type);
/// The twin that the request likes best, though it may not be there yet; nothing: it likes the
/// bytes as they are, or takes nothing.
[[nodiscard]] std::optional<Coding> wanted_twin(const Conditions& conditions,
                                                std::string_view media_type);

/// The 200 of an answer that is sent while it is written: without a version, and kept by nobody.
[[nodiscard]] Response long_response(
    const Planned& planned, const std::vector<std::pair<std::string, std::string>>& headers);
/// 200 with the shared bytes, 304, 406 or 412. `life`: null where the route keeps no answers.
[[nodiscard]] Response answer_response(const Planned& planned, const Conditions& conditions,
                                       const Rendition& rendition, const Life* life, Instant now,
                                       const Provenance& provenance);

}  // namespace bourse::host
