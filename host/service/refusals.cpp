// SPDX-License-Identifier: MIT
#include "host/service/refusals.hpp"

#include <algorithm>
#include <string>

namespace bourse::host {

void Refusals::count(std::string_view code) noexcept {
  const auto found = std::find(kReasons.begin(), kReasons.end() - 1, code);
  counts_[static_cast<std::size_t>(found - kReasons.begin())].fetch_add(1,
                                                                        std::memory_order_relaxed);
}

void Refusals::expose(Exposition& figures) const {
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    figures.add({"bourse_requests_refused_total",
                 "Requests that were no HTTP, too large or too slow, and connections turned away.",
                 MetricKind::kCounter},
                {{"reason", std::string(kReasons[i])}},
                static_cast<double>(counts_[i].load(std::memory_order_relaxed)));
  }
}

}  // namespace bourse::host
