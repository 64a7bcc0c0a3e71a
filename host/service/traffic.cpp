// SPDX-License-Identifier: MIT
#include "host/service/traffic.hpp"

#include <algorithm>
#include <sstream>

namespace bourse::host {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

std::string bound_text(double seconds) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << seconds;
  return text.str();
}

}  // namespace

Traffic::Counter Traffic::of(const std::string& path_template) {
  const std::lock_guard lock(mutex_);
  return Counter(cells_[path_template]);  // a map's elements stay where they are
}

void Traffic::Counter::count(int status, std::chrono::microseconds elapsed,
                             std::size_t bytes) const noexcept {
  const auto kind =
      static_cast<std::size_t>(status == kClientClosed ? 5 : std::clamp(status / 100, 1, 5) - 1);
  cell_->by_class[kind].fetch_add(1, kRelaxed);
  const auto us = std::max<std::int64_t>(0, elapsed.count());
  const double seconds = static_cast<double>(us) * 1e-6;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  cell_->by_time[static_cast<std::size_t>(bucket)].fetch_add(1, kRelaxed);
  cell_->microseconds.fetch_add(static_cast<std::uint64_t>(us), kRelaxed);
  if (bytes > 0) cell_->body_bytes.fetch_add(bytes, kRelaxed);
}

void Traffic::expose(Exposition& figures, const std::string& route, const Cell& cell) {
  const MetricFamily requests{"bourse_requests_total",
                              "Requests answered, by route and class of status; route \"\" is for "
                              "those refused before their route began.",
                              MetricKind::kCounter};
  const MetricFamily seconds{"bourse_request_seconds",
                             "From the last byte of a request to its answer.",
                             MetricKind::kHistogram};
  static constexpr std::array kClasses = {"1xx", "2xx", "3xx", "4xx", "5xx", "client_closed"};
  for (std::size_t kind = 1; kind < kClasses.size(); ++kind) {
    figures.add(requests, {{"route", route}, {"status", kClasses[kind]}},
                static_cast<double>(cell.by_class[kind].load(kRelaxed)));
  }
  figures.add({"bourse_body_bytes_total", "Bytes of bodies that answers had, by route.",
               MetricKind::kCounter},
              {{"route", route}}, static_cast<double>(cell.body_bytes.load(kRelaxed)));
  expose_ways(figures, route, cell.tally);
  std::uint64_t below = 0;
  for (std::size_t bucket = 0; bucket < cell.by_time.size(); ++bucket) {
    below += cell.by_time[bucket].load(kRelaxed);
    const std::string bound = bucket < kBounds.size() ? bound_text(kBounds[bucket]) : "+Inf";
    figures.add(seconds, {{"route", route}, {"le", bound}}, static_cast<double>(below), "_bucket");
  }
  figures.add(seconds, {{"route", route}},
              static_cast<double>(cell.microseconds.load(kRelaxed)) * 1e-6, "_sum");
  figures.add(seconds, {{"route", route}}, static_cast<double>(below), "_count");
}

// A route has at most one for each kind and way, and only those that there were: most routes know
// four or five.
void Traffic::expose_ways(Exposition& figures, const std::string& route, const Tally& tally) {
  for (std::size_t kind = 0; kind < kQuestionKinds; ++kind) {
    for (std::size_t way = 0; way < kWays; ++way) {
      const auto times = tally.of(static_cast<QuestionKind>(kind), static_cast<Way>(way));
      if (times == 0) continue;
      figures.add({"bourse_route_cache_answers_total",
                   "Answers given for a route, and what they were made of, by how they were come "
                   "by; those that there were.",
                   MetricKind::kCounter},
                  {{"route", route}, {"kind", kKindNames[kind]}, {"way", kWayNames[way]}},
                  static_cast<double>(times));
    }
  }
}

void Traffic::expose(Exposition& figures) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [route, cell] : cells_) expose(figures, route, cell);
}

}  // namespace bourse::host
