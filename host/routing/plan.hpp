// SPDX-License-Identifier: MIT
//
// From a request to a job: route, parameters, format. Pure: no I/O, no waiting; runs on I/O
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/clock.hpp"
#include "host/base/result.hpp"
#include "host/calls/job.hpp"
#include "host/routing/generation.hpp"
#include "host/routing/target.hpp"

namespace bourse::host {

/// What of a request decides about the answer.
struct Wish {
  std::string_view target;              ///< raw, origin form; borrowed
  std::string accept = {};              ///< header Accept
  std::string_view authorization = {};  ///< header Authorization; borrowed
  std::int64_t now = wall_clock();      ///< the time of the request: of its Context as well
};

struct Planned {
  Job job;
  const Route* route = nullptr;  ///< of the generation
  std::size_t analysis = 0;      ///< index in route->analyses
  std::size_t format = 0;        ///< index in route->formats
  bool by_accept = false;        ///< the header Accept decided, or would have
  bool may_keep = false;         ///< its route keeps answers, and no secret was given
  bool has_ignored = false;      ///< the query holds what the route ignores: others differ in it
  std::vector<std::shared_ptr<Source>> spares = {};  ///< instead of job.source, in this order
  /// Until when the same words ask the same: the end of the second that its relative times were
  /// read in, ns since 1970. Nothing: it has none.
  std::optional<std::int64_t> same_until = {};
  std::string_view token_name = {};  ///< of the token that was sent; of the generation
  std::string_view token_key = {};   ///< likewise, see AccessList::Pass
  std::string alternates;  ///< value of the Link header, relative to the request; empty when there
                           ///< is one format
  /// What the request asks for in its query, as a query: without secrets and what its route
  /// ignores, and with the format where the header Accept decided. For links of the serializer.
  std::string query;
  std::string shown_target;  ///< the target without the values of secrets, for logs
};

/// What is at the path of a target. Its match borrows from its target: it is moved, not copied.
struct Reached {
  Reached() = default;
  Reached(Reached&&) noexcept = default;
  Reached& operator=(Reached&&) noexcept = default;
  Reached(const Reached&) = delete;
  Reached& operator=(const Reached&) = delete;

  Target target;                 ///< a suffix that names a format is cut off its path
  const Route* route = nullptr;  ///< of the generation; null: nothing is there
  Router::Match match;
  std::optional<std::string> suffix;
};

/// Where its route stands without the slash behind the path, query included and relative to the
/// request: what a redirect leads to. REQUIRES: there is a route, and that slash.
[[nodiscard]] std::string without_slash_behind(const Reached& reached, std::string_view raw);

/// Fails with bad_target.
Result<Reached> reach(const Generation& generation, std::string_view raw);

/// A request's target as it may be shown: secrets of any route as ***. One that cannot be read is
/// shown without its query where there are secrets.
[[nodiscard]] std::string shown_target(const Generation& generation, std::string_view raw);

/// Nothing is served there: 404, with what is near.
[[nodiscard]] Failure no_route(const Generation& generation, std::string_view raw);

/// Why nothing is served at its path: nothing is there, or the slash behind it is one too many.
/// Nothing: something is.
[[nodiscard]] std::optional<Failure> refusal_of(const Generation& generation,
                                                const Reached& reached, std::string_view raw);

/// REQUIRES: `reached` is what is at `wish.target` in this generation. It is used up.
/// Failures are what the client is told: no_route (404), token_missing and
/// token_refused (401), unknown_analysis (404, with the known ones), the parameter's failure,
/// not_acceptable (406), format_conflict.
Result<Planned> plan(const std::shared_ptr<const Generation>& generation, Reached& reached,
                     Wish wish);
/// Both in one. `matched`, if given, is set to the route that the path leads to, also when the
/// request is refused after that.
Result<Planned> plan(const std::shared_ptr<const Generation>& generation, Wish wish,
                     const Route** matched = nullptr);

}  // namespace bourse::host
