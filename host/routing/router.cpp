// SPDX-License-Identifier: MIT
#include "host/routing/router.hpp"

#include <functional>

namespace bourse::host {

struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::optional<std::size_t> route;
  std::optional<std::size_t> below;  ///< of all that nothing else matches from here on
};

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

std::vector<std::string_view> split_path(std::string_view path) {
  std::vector<std::string_view> segments;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return segments;
}

bool Router::add(std::string_view path_template, std::size_t route) {
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const std::string_view segment : split_path(path_template)) {
    const bool is_parameter = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    std::unique_ptr<Node>* next = nullptr;
    if (is_parameter) {
      names.emplace_back(segment.substr(1, segment.size() - 2));
      next = &node->parameter;
    } else {
      next = &node->literals[std::string(segment)];
    }
    if (!*next) *next = std::make_unique<Node>();
    node = next->get();
  }
  if (node->route) return false;
  node->route = route;
  names_[route] = std::move(names);
  return true;
}

Router::Node& Router::literal_at(std::span<const std::string> segments) {
  Node* node = root_.get();
  for (const std::string& segment : segments) {
    std::unique_ptr<Node>& next = node->literals[segment];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  return *node;
}

bool Router::add_literal(std::span<const std::string> segments, std::size_t route) {
  Node& node = literal_at(segments);
  if (node.route) return false;
  node.route = route;
  names_[route];
  return true;
}

void Router::add_below(std::string_view path, std::size_t route) {
  std::vector<std::string> segments;
  for (const std::string_view segment : split_path(path)) segments.emplace_back(segment);
  literal_at(segments).below = route;
  names_[route];
}

// Backtracks, because "/a/{x}/c" must be found for /a/b/c even if "/a/b/d" is there. The depth is
// that of the deepest template, so a long path costs nothing.
bool Router::walk(const Node& node, std::span<const std::string> segments,
                  std::vector<std::string_view>& values, Match& match) {
  if (segments.empty() && node.route) {
    match.route = *node.route;
    return true;
  }
  if (!segments.empty()) {
    const auto literal = node.literals.find(std::string_view(segments.front()));
    if (literal != node.literals.end() &&
        walk(*literal->second, segments.subspan(1), values, match)) {
      return true;
    }
    if (node.parameter) {
      values.emplace_back(segments.front());
      if (walk(*node.parameter, segments.subspan(1), values, match)) return true;
      values.pop_back();
    }
  }
  if (!node.below) return false;
  match.route = *node.below;
  match.beyond = true;
  return true;
}

std::optional<Router::Match> Router::find(std::span<const std::string> segments) const {
  Match match;
  std::vector<std::string_view> values;
  if (!walk(*root_, segments, values, match)) return std::nullopt;
  const std::vector<std::string>& names = names_.at(match.route);
  for (std::size_t i = 0; i < values.size(); ++i) {
    match.parameters.emplace_back(names[i], values[i]);
  }
  return match;
}

}  // namespace bourse::host
