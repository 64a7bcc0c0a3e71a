// SPDX-License-Identifier: MIT
#include "host/cli/task_meter.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr seconds kSampleEvery{1};
/// A source that answers sooner is not waited for.
constexpr seconds kWaitShown{2};

double seconds_of(nanoseconds time) { return std::chrono::duration<double>(time).count(); }

/// With so many digits behind the point, cut rather than rounded: 99.96 % is not 100.
std::string fixed(double number, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

std::string percent_text(double percent) { return fixed(std::floor(percent * 10) / 10, 1) + " %"; }

std::string pace_text(const TaskMeter::Reading& reading, const TaskProgress& progress) {
  if (progress.total == 0)
    return fixed(*reading.per_second, *reading.per_second < 10 ? 1 : 0) + "/s";
  const double per_minute = *reading.per_second * 6000 / static_cast<double>(progress.total);
  return fixed(per_minute, per_minute < 10 ? 1 : 0) + " %/min";
}

}  // namespace

void TaskMeter::note(Time now, const TaskProgress& progress) {
  last_ = progress;
  if (!samples_.empty() && now - samples_.back().first < kSampleEvery) return;
  samples_.emplace_back(now, progress.done);
  // One that is older stays, so that the window is whole.
  while (samples_.size() > 2 && now - samples_[1].first >= kWindow) samples_.pop_front();
}

TaskMeter::Reading TaskMeter::read(Time now) const {
  Reading reading;
  if (last_.total > 0) {
    reading.percent = static_cast<double>(last_.done) * 100 / static_cast<double>(last_.total);
  }
  if (samples_.empty() || now - samples_.front().first < kLeast) return reading;
  // One that tells nothing for longer than the window has no pace.
  const auto from = std::find_if(samples_.rbegin(), samples_.rend(),
                                 [&](const auto& sample) { return now - sample.first >= kWindow; });
  const auto& first = from == samples_.rend() ? samples_.front() : *from;
  reading.per_second =
      static_cast<double>(last_.done - first.second) / seconds_of(now - first.first);
  if (last_.total == 0 || *reading.per_second <= 0) return reading;
  const double left = static_cast<double>(last_.total - last_.done) / *reading.per_second;
  constexpr double kYears = 100.0 * 365 * 86400;
  if (left < kYears) reading.left = nanoseconds(static_cast<std::int64_t>(left * 1e9));
  return reading;
}

std::string rough_time(nanoseconds time) {
  const std::int64_t s = std::chrono::round<seconds>(time).count();
  const auto two = [](std::int64_t large, const char* unit, std::int64_t small, const char* of) {
    return std::to_string(large) + unit + (small == 0 ? "" : " " + std::to_string(small) + of);
  };
  if (s < 90) return std::to_string(s) + " s";
  if (s < 90 * 60) return std::to_string((s + 30) / 60) + " min";
  const std::int64_t minutes = (s + 30) / 60;
  if (minutes < 48 * 60) return two(minutes / 60, " h", minutes % 60, " min");
  const std::int64_t hours = (minutes + 30) / 60;
  return two(hours / 24, " d", hours % 24, " h");
}

std::string progress_text(const TaskRun::State& state, const TaskMeter::Reading& reading) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (state.has_told) {
    add(reading.percent ? percent_text(*reading.percent)
                        : std::to_string(state.progress.done) + " done");
  }
  if (reading.per_second) add(pace_text(reading, state.progress));
  if (reading.left) add(rough_time(*reading.left) + " left");
  if (!state.progress.text.empty()) add(state.progress.text);
  if (!state.asks.empty() && state.asking >= kWaitShown) {
    add("waits for " + state.asks + " " + rough_time(state.asking));
  }
  return text.empty() ? "has begun" : text;
}

}  // namespace bourse::host
