// SPDX-License-Identifier: MIT
#include "host/calls/fetches.hpp"

#include <exception>
#include <optional>

#include "host/http/status.hpp"

namespace bourse::host {
namespace {

constexpr int kServerErrors = 500;  // and above

/// What an ended question says of the source; nothing, where a client's leaving ended it.
std::optional<bool> was_of_use(const Failure* failure) noexcept {
  if (failure == nullptr) return true;
  if (failure->status == BOURSE_CANCELLED) return std::nullopt;
  // One that says that there is no such market has answered.
  return http_status(failure->status) < kServerErrors;
}

}  // namespace

void FetchesOf::count(std::chrono::microseconds elapsed, const Failure* failure) noexcept {
  times_.count(elapsed);
  if (const auto use = was_of_use(failure)) {
    up_.store(*use ? Up::kYes : Up::kNo, std::memory_order_relaxed);
  }
  if (failure == nullptr) return;
  try {
    const std::lock_guard lock(mutex_);
    const bool has_place = errors_.size() < kCodesMax || errors_.contains(failure->code);
    ++errors_[has_place ? failure->code : "other"];
  } catch (const std::exception&) {
    // Memory: the figure is one too low.
  }
}

FetchesOf& Fetches::of(const std::string& source) {
  const std::lock_guard lock(mutex_);
  return sources_[source];
}

void Fetches::expose(Exposition& figures, const std::set<std::string>& served) const {
  using Up = FetchesOf::Up;
  const MetricFamily up{"bourse_source_up",
                        "0 if the source failed when it was last asked; one that nobody has asked "
                        "yet is not shown.",
                        MetricKind::kGauge};
  const MetricFamily errors{"bourse_source_errors_total",
                            "What the source was asked and did not deliver, by the code of the "
                            "error.",
                            MetricKind::kCounter};
  const MetricFamily seconds{"bourse_source_fetch_seconds",
                             "From asking the source to its data, or to its error.",
                             MetricKind::kHistogram};
  for (const MetricFamily* const family : {&up, &errors, &seconds}) figures.declare(*family);
  const std::lock_guard lock(mutex_);
  for (const auto& [name, of] : sources_) {
    const Up is_up = of.up_.load(std::memory_order_relaxed);
    if (is_up != Up::kUnknown && served.contains(name)) {
      figures.add(up, {{"source", name}}, is_up == Up::kYes ? 1 : 0);
    }
    of.times_.expose(figures, seconds, {{"source", name}});
    const std::lock_guard errors_lock(of.mutex_);
    for (const auto& [code, times] : of.errors_) {
      figures.add(errors, {{"source", name}, {"code", code}}, static_cast<double>(times));
    }
  }
}

}  // namespace bourse::host
