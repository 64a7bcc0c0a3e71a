// SPDX-License-Identifier: MIT
//
// threads: many calls at once on one instance.
#include <array>
#include <atomic>
#include <mutex>
#include <thread>

#include "host/validate/judge.hpp"
#include "host/validate/printed.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::size_t kThreads = 16;

/// What one thread saw that it should not have.
class Differences {
 public:
  void add(std::string place, std::string seen) {
    const std::lock_guard lock(mutex_);
    if (seen_.empty()) {
      place_ = std::move(place);
      seen_ = std::move(seen);
    }
    ++count_;
  }
  void tell(const Findings& findings) const {
    if (count_ == 0) return;
    findings.fail(
        place_,
        seen_ + (count_ == 1 ? "" : "; so did " + std::to_string(count_ - 1) + " other calls"));
  }

 private:
  std::mutex mutex_;
  std::string place_, seen_;
  std::size_t count_ = 0;
};

void compare(const Bench& bench, const Act& act, const Played& alone, const Played& together,
             Differences& differences) {
  if (together.ok() != alone.ok()) {
    differences.add(act.item, "alone it gives " + alone.told() + ", and among " +
                                  std::to_string(kThreads) + " at once " + together.told());
    return;
  }
  if (!bench.is_pure()) return;
  const std::string difference = first_difference(alone.product(), together.product());
  if (!difference.empty()) {
    differences.add(act.item, "alone and among " + std::to_string(kThreads) +
                                  " at once it answers differently: " + difference);
  }
}

void many_at_once(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  if (bench->is_serial()) return findings.skip("it is SERIAL: the host takes turns");
  const auto& acts = bench->good_acts();
  if (acts.empty()) return;
  std::vector<Played> alone;
  for (const Act& act : acts) alone.push_back(bench->play(act));
  findings.item(std::to_string(kThreads) + " calls at once");
  const Effort effort(subject);
  const std::size_t rounds = bench->is_blocking() ? 1 : 200;
  Differences differences;
  std::atomic<std::size_t> waiting{kThreads};
  const auto work = [&](std::size_t thread) {
    --waiting;
    while (waiting != 0) std::this_thread::yield();  // so that they begin together
    for (std::size_t i = 0; i < rounds && (i == 0 || effort.has_time()); ++i) {
      const std::size_t which = (thread + i) % acts.size();
      compare(*bench, acts[which], alone[which], bench->play(acts[which]), differences);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  }
  differences.tell(findings);
}

constexpr std::array kRules = {
    Rule{"threads.together", "Sixteen calls at once on one instance answer as one alone does.",
         "keep what belongs to a call in the call, guard what the instance shares by a mutex, or "
         "declare BOURSE_COMPONENT_SERIAL",
         kToComponents, many_at_once, "report.same"},
};

}  // namespace

Rules thread_rules() { return kRules; }

}  // namespace bourse::host::validate
