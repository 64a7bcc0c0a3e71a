// SPDX-License-Identifier: MIT
#include "host/service/traffic.hpp"

namespace bourse::host {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

}  // namespace

// A place that has a status keeps it; most requests find theirs in the first.
void StatusCounts::count(int status) noexcept {
  for (Place& place : places_) {
    int there = place.status.load(kRelaxed);
    if (there == 0 && place.status.compare_exchange_strong(there, status, kRelaxed)) there = status;
    if (there != status) continue;
    place.times.fetch_add(1,
                          std::memory_order_release);  // all() must not see it without its status
    return;
  }
  others_.fetch_add(1, kRelaxed);
}

std::map<int, std::uint64_t> StatusCounts::all() const {
  std::map<int, std::uint64_t> found;
  for (const Place& place : places_) {
    const auto times = place.times.load(std::memory_order_acquire);
    if (times > 0) found.emplace(place.status.load(kRelaxed), times);
  }
  if (const auto others = others_.load(kRelaxed); others > 0) found.emplace(0, others);
  return found;
}

Traffic::Counter Traffic::of(const std::string& path_template,
                             const std::vector<std::string>& analyses,
                             const std::vector<std::string>& formats) {
  const std::lock_guard lock(mutex_);
  Counter counter;
  Cell& cell = cells_[path_template];  // a map's elements stay where they are
  counter.cell_ = &cell;
  counter.refused_ = &cell.statuses[{}];
  counter.formats_ = formats.size();
  for (const std::string& analysis : analyses) {
    for (const std::string& format : formats) {
      counter.asked_.push_back(&cell.statuses[{analysis, format}]);
    }
  }
  return counter;
}

void Traffic::Counter::count(Asked asked, int status, std::chrono::microseconds elapsed,
                             std::size_t bytes) const noexcept {
  asked_[asked.analysis * formats_ + asked.format]->count(status);
  cell_->times.count(elapsed);
  if (bytes > 0) cell_->body_bytes.fetch_add(bytes, kRelaxed);
}

void Traffic::Counter::count_refused(int status, std::chrono::microseconds elapsed,
                                     std::size_t bytes) const noexcept {
  refused_->count(status);
  cell_->times.count(elapsed);
  if (bytes > 0) cell_->body_bytes.fetch_add(bytes, kRelaxed);
}

Tally& Traffic::Counter::tally() const noexcept { return cell_->tally; }

void Traffic::expose(Exposition& figures, const std::string& route, const Cell& cell) {
  const MetricFamily requests{
      "bourse_requests_total",
      "Requests answered; those combinations that there were. Route \"\": no "
      "route matched; analysis \"\": refused before that was known; status "
      "499: the client left before its answer was there.",
      MetricKind::kCounter};
  figures.declare(requests);
  for (const auto& [pair, statuses] : cell.statuses) {
    for (const auto& [status, times] : statuses.all()) {
      figures.add(requests,
                  {{"route", route},
                   {"analysis", pair.first},
                   {"format", pair.second},
                   {"status", status == 0 ? "other" : std::to_string(status)}},
                  static_cast<double>(times));
    }
  }
  figures.add({"bourse_body_bytes_total", "Bytes of bodies that answers had, by route.",
               MetricKind::kCounter},
              {{"route", route}}, static_cast<double>(cell.body_bytes.load(kRelaxed)));
  expose_ways(figures, route, cell.tally);
  cell.times.expose(figures,
                    {"bourse_request_seconds", "From the last byte of a request to its answer.",
                     MetricKind::kHistogram},
                    {{"route", route}});
}

// A route has at most one for each kind and way, and only those that there were: most routes know
// four or five.
void Traffic::expose_ways(Exposition& figures, const std::string& route, const Tally& tally) {
  const MetricFamily ways{"bourse_route_cache_answers_total",
                          "Answers given for a route, and what they were made of, by how they were "
                          "come by; those that there were.",
                          MetricKind::kCounter};
  figures.declare(ways);
  for (std::size_t kind = 0; kind < kQuestionKinds; ++kind) {
    for (std::size_t way = 0; way < kWays; ++way) {
      const auto times = tally.of(static_cast<QuestionKind>(kind), static_cast<Way>(way));
      if (times == 0) continue;
      figures.add(ways, {{"route", route}, {"kind", kKindNames[kind]}, {"way", kWayNames[way]}},
                  static_cast<double>(times));
    }
  }
}

void Traffic::expose(Exposition& figures) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [route, cell] : cells_) expose(figures, route, cell);
}

}  // namespace bourse::host
