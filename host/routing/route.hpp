// SPDX-License-Identifier: MIT
//
// What answers a path: an analysis or several, formats, a source. Made by RouteBuilder, then
// immutable.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/access.hpp"
#include "host/base/limit_rules.hpp"
#include "host/calls/sources.hpp"
#include "host/config/live.hpp"
#include "host/config/log.hpp"
#include "host/parameters/parameter.hpp"
#include "host/plugins/instance.hpp"
#include "host/routing/answer_fields.hpp"
#include "host/routing/fixed.hpp"
#include "host/routing/format.hpp"

namespace bourse::host {

/// One analysis that a route can run, with its parameters as the route narrows them.
struct RouteAnalysis {
  std::string name;  ///< as a path says it
  std::shared_ptr<Instance> instance;
  std::vector<Parameter> parameters;
};

struct RouteFormat {
  std::shared_ptr<Instance> serializer;
  std::vector<Parameter> parameters;
};

/// What a route tolerates of an answer that is not true any more.
struct CacheRule {
  std::chrono::nanoseconds fresh{};
  std::chrono::nanoseconds stale{};
  std::chrono::nanoseconds if_error{};
};

struct Route {
  std::string path;  ///< the template
  std::string title;
  std::string selector;  ///< the path variable that picks the analysis; empty: there is one
  /// Answers instead of an analysis; then there are no analyses, formats and offers, and no source.
  std::shared_ptr<const FixedAnswer> fixed = {};
  std::vector<RouteAnalysis> analyses;  ///< never empty else; in the order of `allow`
  std::map<std::string, std::size_t, std::less<>> names;  ///< selector's values, aliases included
  std::vector<RouteFormat> formats;                       ///< never empty else
  std::vector<FormatOffer> offers;                        ///< one for each format
  bool negotiated = false;
  std::shared_ptr<Source> source;               ///< may be null
  std::vector<std::shared_ptr<Source>> spares;  ///< asked in this order where it fails
  std::chrono::nanoseconds deadline{};
  AccessList access;
  std::optional<LimitRules> limits;  ///< nothing: it has none
  bool own_limits = false;           ///< what is spent of them is spent of no other route's
  std::string spelling;  ///< two that are equal were written with the same meaning; a SHA-256
  std::vector<IgnoreConfig> ignored = {};  ///< parameters of requests that are left out
  TrailingSlash trailing_slash = TrailingSlash::kRefuse;
  std::vector<CaseConfig> cases = {};
  std::shared_ptr<const AnswerFields> fields = {};  ///< null: nothing goes with its answers
  std::optional<CacheRule> cache = CacheRule{};     ///< nothing: its answers are not kept
  LiveRule live = {};
  AccessLog log = {};  ///< which of its requests have a line
};

}  // namespace bourse::host
