// SPDX-License-Identifier: MIT
#include "host/observe/times.hpp"

#include <algorithm>
#include <locale>
#include <sstream>

namespace bourse::host {
namespace {

std::string bound_text(double seconds) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << seconds;
  return text.str();
}

}  // namespace

void Times::count(std::chrono::microseconds elapsed) noexcept {
  const auto us = std::max<std::int64_t>(0, elapsed.count());
  const double seconds = static_cast<double>(us) * 1e-6;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  by_time_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  microseconds_.fetch_add(static_cast<std::uint64_t>(us), std::memory_order_relaxed);
}

void Times::expose(Exposition& figures, const MetricFamily& family,
                   const Exposition::Labels& labels) const {
  Exposition::Labels with_bound = labels;
  with_bound.emplace_back("le", "");
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < by_time_.size(); ++bucket) {
    below += by_time_[bucket].load(std::memory_order_relaxed);
    with_bound.back().second = bucket < kBounds.size() ? bound_text(kBounds[bucket]) : "+Inf";
    figures.add(family, with_bound, static_cast<double>(below), "_bucket");
  }
  const auto us = microseconds_.load(std::memory_order_relaxed);
  figures.add(family, labels, static_cast<double>(us) / 1e6, "_sum");
  figures.add(family, labels, static_cast<double>(below), "_count");
}

}  // namespace bourse::host
