// SPDX-License-Identifier: MIT
#include "plugins/analyses/account/markets.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace bourse::account {

void Markets::add(std::string_view symbol, std::string_view base, std::string_view quote,
                  std::string_view status) {
  if (base == quote) return;
  steps_[std::string(base)].push_back(
      {std::string(symbol), std::string(quote), false, std::string(status)});
  steps_[std::string(quote)].push_back(
      {std::string(symbol), std::string(base), true, std::string(status)});
}

void Markets::remove(const std::set<std::string, std::less<>>& symbols) {
  if (symbols.empty()) return;
  for (auto& [asset, steps] : steps_) {
    std::erase_if(steps, [&](const Step& step) { return symbols.contains(step.symbol); });
  }
}

std::size_t Markets::markets_of(const std::string& asset) const {
  const auto found = steps_.find(asset);
  return found == steps_.end() ? 0 : found->second.size();
}

bool Markets::is_before(const Step& a, const Step& b) const {
  const std::size_t of_a = markets_of(a.to), of_b = markets_of(b.to);
  if (of_a != of_b) return of_a > of_b;
  return std::tie(a.to, a.inverse, a.symbol) < std::tie(b.to, b.inverse, b.symbol);
}

Routes Markets::routes_to(const std::string& quote, bool only_trading) const {
  Routes routes{{quote, {}}};
  for (std::size_t length = 1; length <= kStepsMax; ++length) {
    Routes longer;  // apart, so that a round sees only routes that are one shorter
    for (const auto& [asset, steps] : steps_) {
      if (routes.contains(asset)) continue;
      const Step* best = nullptr;
      for (const Step& step : steps) {
        if ((only_trading && !step.trading()) || !routes.contains(step.to)) continue;
        if (best == nullptr || is_before(step, *best)) best = &step;
      }
      if (best == nullptr) continue;
      Route route{*best};
      const Route& rest = routes.find(best->to)->second;
      route.insert(route.end(), rest.begin(), rest.end());
      longer.emplace(asset, std::move(route));
    }
    routes.merge(longer);
  }
  return routes;
}

Routes Markets::routes_to(const std::string& quote) const {
  Routes routes = routes_to(quote, true);
  routes.merge(routes_to(quote, false));  // keeps what is there
  return routes;
}

std::string text_of(const Route& route) {
  std::string text;
  for (const Step& step : route) text += (text.empty() ? "" : " ") + step.symbol;
  return text;
}

}  // namespace bourse::account
