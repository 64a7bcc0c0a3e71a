// SPDX-License-Identifier: MIT
//
// A configuration and its loaded plugins, wired together: everything that answering a request
// needs, immutable, behind one shared pointer. A request keeps the generation it began with.
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/calls/sources.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/made.hpp"
#include "host/routing/route.hpp"
#include "host/routing/router.hpp"
#include "host/routing/tasks.hpp"

namespace bourse::host {

class Generation {
 public:
  struct Parts {
    std::shared_ptr<const Catalog> catalog = {};
    std::shared_ptr<const Sources> sources = {};
    std::vector<Route> routes = {};
    std::vector<ScheduledTask> tasks = {};
    Router router = {};  ///< gives indices of `routes`
    std::size_t response_bytes_max = 0;
    Makings made = {};                                ///< for the generation after it
    std::string cache_name = "bourse";                ///< in Cache-Status; empty: that is not sent
    std::shared_ptr<const AnswerFields> fields = {};  ///< with what no route answers; may be null
    TrustedProxies trusted_proxies = {};
    AccessLog access_log = {};  ///< of requests that no route matches
    ServerTiming server_timing = ServerTiming::kAccess;
    ApiConfig api = {};
    LiveLimits live = {};
    std::optional<LimitRules> default_limits = {};
  };
  explicit Generation(Parts parts);

  [[nodiscard]] std::span<const Route> routes() const noexcept { return parts_.routes; }
  [[nodiscard]] std::span<const ScheduledTask> tasks() const noexcept { return parts_.tasks; }
  [[nodiscard]] const Router& router() const noexcept { return parts_.router; }
  [[nodiscard]] const std::shared_ptr<const Sources>& sources() const noexcept {
    return parts_.sources;
  }
  [[nodiscard]] const Catalog& catalog() const noexcept { return *parts_.catalog; }
  [[nodiscard]] std::size_t response_bytes_max() const noexcept {
    return parts_.response_bytes_max;
  }
  [[nodiscard]] const Makings& made() const noexcept { return parts_.made; }
  /// What goes with the answers of that route; of what is none, where it is null.
  [[nodiscard]] const AnswerFields* fields(const Route* route) const noexcept {
    return (route == nullptr ? parts_.fields : route->fields).get();
  }
  [[nodiscard]] const std::string& cache_name() const noexcept { return parts_.cache_name; }
  [[nodiscard]] const AccessLog& access_log() const noexcept { return parts_.access_log; }
  [[nodiscard]] ServerTiming server_timing() const noexcept { return parts_.server_timing; }
  [[nodiscard]] const TrustedProxies& trusted_proxies() const noexcept {
    return parts_.trusted_proxies;
  }
  [[nodiscard]] const ApiConfig& api() const noexcept { return parts_.api; }
  [[nodiscard]] const LiveLimits& live() const noexcept { return parts_.live; }
  /// For requests that no route matches; null: none.
  [[nodiscard]] const LimitRules* default_limits() const noexcept {
    return parts_.default_limits ? &*parts_.default_limits : nullptr;
  }
  /// Is it the name of a parameter that some route takes and nobody may be shown?
  [[nodiscard]] bool has_secret(std::string_view name) const { return secrets_.contains(name); }
  [[nodiscard]] bool has_secrets() const noexcept { return !secrets_.empty(); }

 private:
  const Parts parts_;
  const std::set<std::string, std::less<>> secrets_;
};

/// Wires a configuration to what was loaded. Everything that does not fit is an error in
/// `diagnostics` at its place in the file, and then the result is null. A refused plugin is a
/// warning unless a route or source needs what is missing, and so is what was left out of a plugin
/// because this host does not know it. Of a configuration that is only readable
/// (LoadedConfig::readable, with its errors in `diagnostics`) the result is null, too, and what
/// could not be read is told no second time.
///
/// `before`: the generation that this one is to replace, or null. Instances that would be made in
/// the same way are taken over from it, with all that they have in memory.
std::shared_ptr<const Generation> build_generation(const Config& config, const Loaded& loaded,
                                                   Diagnostics& diagnostics,
                                                   const Generation* before = nullptr);

}  // namespace bourse::host
