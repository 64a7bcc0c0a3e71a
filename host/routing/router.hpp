// SPDX-License-Identifier: MIT
//
// From a path to a route. Built once, then immutable and read by all threads without a lock.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::host {

class Router {
 public:
  struct Match {
    std::size_t route = 0;
    bool beyond = false;  ///< it was added by add_below()
    std::vector<std::pair<std::string_view, std::string_view>> parameters;  ///< name, value
  };

  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Adds "/a/{b}/c" as route number `route`. False: a template of the same shape is there already.
  /// REQUIRES: a template as the configuration accepts it.
  bool add(std::string_view path_template, std::size_t route);

  /// Adds these segments as they are, not as a template. False: something is there already.
  bool add_literal(std::span<const std::string> segments, std::size_t route);
  /// Adds all that lies below "/a/b", and that itself: found where nothing else matches. REQUIRES:
  /// a path without parameters, added once.
  void add_below(std::string_view path, std::size_t route);

  /// The route for these segments. Where several match, a literal beats a parameter in the leftmost
  /// segment in which they differ. Borrows from the router and from `segments`.
  [[nodiscard]] std::optional<Match> find(std::span<const std::string> segments) const;

 private:
  struct Node;
  Node& literal_at(std::span<const std::string> segments);
  static bool walk(const Node& node, std::span<const std::string> segments,
                   std::vector<std::string_view>& values, Match& match);
  std::unique_ptr<Node> root_;
  std::map<std::size_t, std::vector<std::string>> names_;  ///< of each route's parameters, in order
};

/// "/a/{b}" -> {"a", "{b}"}.
[[nodiscard]] std::vector<std::string_view> split_path(std::string_view path);

}  // namespace bourse::host
