// SPDX-License-Identifier: MIT
#include "host/routing/redirect_rules.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/routing/plan.hpp"

namespace bourse::host {
namespace {

/// Clients give up before: browsers after twenty (fetch.spec.whatwg.org), curl after fifty.
constexpr std::size_t kStepsMax = 50;

bool is_redirect(const Route& route) {
  return route.fixed && std::holds_alternative<Redirect>(route.fixed->answer);
}

/// A path that the route answers. No literal segment has braces, so "{name}" as a value is nobody
/// else's path: what holds for it holds for every value that is none.
std::string some_path_of(const Route& route) {
  return path_text(parse_target(route.path)->segments);
}

struct Step {
  const Route* route = nullptr;
  std::string to;  ///< a path of this server
};

/// Nothing: the path is answered, refused, or leads to another host.
std::optional<Step> step_from(const Generation& generation, const std::string& path) {
  const auto reached = reach(generation, path);
  if (!reached || reached->route == nullptr) return std::nullopt;
  const Route& route = *reached->route;
  if (!is_redirect(route) || !std::get<Redirect>(route.fixed->answer).authority.empty()) {
    return std::nullopt;
  }
  auto hit = route.fixed->at(reached->match, reached->target, path);
  return Step{&route, hit->location.substr(0, hit->location.find('?'))};
}

/// The steps of the loop into which a path leads; none: it leads out.
std::vector<Step> loop_from(const Generation& generation, std::string path) {
  std::vector<std::string> been = {std::move(path)};  // where each step begins
  std::vector<Step> steps;
  while (steps.size() < kStepsMax) {
    auto step = step_from(generation, been.back());
    if (!step) return {};
    const auto before = std::find(been.begin(), been.end(), step->to) - been.begin();
    been.push_back(step->to);
    steps.push_back(*std::move(step));
    if (before < std::ssize(steps)) return {steps.begin() + before, steps.end()};
  }
  return {};
}

std::string decoded(const std::string& path) {
  const auto target = parse_target(path);
  std::string text;
  for (const std::string& segment : target->segments) text += '/' + segment;
  return printable(text.empty() ? "/" : text, 200);
}

std::string way_of(std::span<const Step> loop) {
  std::string way = decoded(loop.back().to);
  for (const Step& step : loop) way += " -> " + decoded(step.to);
  return way;
}

}  // namespace

void check_redirects(const Generation& generation, std::span<const RouteConfig* const> built,
                     Diagnostics& diagnostics) {
  std::set<const Route*> told;
  const auto routes = generation.routes();
  for (const Route& route : routes) {
    if (!is_redirect(route)) continue;
    const std::vector<Step> loop = loop_from(generation, some_path_of(route));
    if (loop.empty() || told.contains(loop.front().route)) continue;
    for (const Step& step : loop) told.insert(step.route);
    const RouteConfig& from = *built[static_cast<std::size_t>(loop.front().route - routes.data())];
    diagnostics.error(from.fixed->mark, "redirect_loop",
                      "\"redirect\" leads in a circle: " + way_of(loop),
                      "let one of them lead to a path that answers");
  }
}

}  // namespace bourse::host
