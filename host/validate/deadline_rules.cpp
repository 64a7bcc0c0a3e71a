// SPDX-License-Identifier: MIT
//
// deadline: a call that nobody waits for any more ends soon, and leaves nothing behind.
#include <algorithm>
#include <array>
#include <chrono>

#include "host/validate/judge.hpp"
#include "host/validate/printed.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kSoon{100};
/// So late is not slow, but deaf: no machine is busy enough for it.
constexpr milliseconds kDeaf{3000};
constexpr std::size_t kUsesMax = 16;
constexpr std::size_t kMomentsMax = 8;

std::string status_word(bourse_status status) {
  return status == BOURSE_DEADLINE ? "DEADLINE" : "CANCELLED";
}

/// How it took the stop.
void judge_stopped(const Findings& findings, const std::string& place, const Stop& stop,
                   const Played& played) {
  if (const auto late = played.observed.after_stop; late && *late > kSoon) {
    const std::string seen = "it ended " +
                             std::to_string(duration_cast<milliseconds>(*late).count()) +
                             " ms after the stop";
    if (*late > kDeaf) {
      findings.fail(place, seen);
    } else {
      findings.warn(place, seen);
    }
  }
  const auto returned = played.observed.returned;
  if (!played.observed.after_stop) return;  // it was done before
  if (!returned) {
    findings.fail(place, "it threw after the stop: " + played.told());
    return;
  }
  if (*returned == BOURSE_OK || *returned == BOURSE_CANCELLED || *returned == BOURSE_DEADLINE) {
    return;
  }
  findings.fail(place,
                "it returned " + std::to_string(*returned) + " after the host had said " +
                    status_word(stop.status),
                "return the status that poll, query or write gave");
}

/// Every use of the host in turn, and moments between them.
std::vector<Stop> stops_of(const Played& undisturbed, Random& random, std::size_t factor) {
  std::vector<Stop> stops;
  std::size_t i = 0;
  const auto status = [&] { return ++i % 2 == 0 ? BOURSE_DEADLINE : BOURSE_CANCELLED; };
  for (const std::size_t use : spread(undisturbed.observed.all_uses, kUsesMax * factor)) {
    stops.push_back({.status = status(), .at_use = use + 1});
  }
  const auto whole =
      static_cast<std::uint64_t>(std::max<std::int64_t>(1, undisturbed.observed.computing.count()));
  for (std::size_t m = 0; m < kMomentsMax * factor; ++m) {
    stops.push_back(
        {.status = status(), .after = nanoseconds(static_cast<std::int64_t>(random.below(whole)))});
  }
  return stops;
}

std::string place_of(const Act& act, const Stop& stop) {
  const std::string word = status_word(stop.status);
  if (stop.at_use == std::size_t{0}) return act.item + ": " + word + " before it begins";
  if (stop.at_use) {
    return act.item + ": " + word + " at use " + std::to_string(*stop.at_use) + " of the host";
  }
  return act.item + ": " + word + " after " +
         std::to_string(duration_cast<std::chrono::microseconds>(*stop.after).count()) + " us";
}

void try_stop(const Bench& bench, const Act& act, const Stop& stop) {
  const Findings& findings = bench.subject().findings();
  const std::string place = place_of(act, stop);
  findings.item(place);
  judge_stopped(findings, place, stop, bench.play(act, {.stop = stop}));
}

/// Much to compute: the stop is to come in the middle of it.
void give_much(const Bench& bench) {
  if (GeneratedSource* const data = bench.generated()) data->shape({.rows = 5000});
}

void stop_before(Subject& subject, const Findings&) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  give_much(*bench);
  for (const Act& act : bench->good_acts()) {
    for (const bourse_status status : {BOURSE_CANCELLED, BOURSE_DEADLINE}) {
      try_stop(*bench, act, {.status = status, .at_use = 0});
    }
  }
}

void stop_within(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  give_much(*bench);
  const Effort effort(subject);
  std::size_t done = 0;
  std::size_t all = 0;
  for (const Act& act : bench->good_acts()) {
    findings.item(act.item);
    const Played undisturbed = bench->play(act);
    const std::size_t factor = subject.request().is_long ? 20 : 1;
    const auto stops = stops_of(undisturbed, subject.random(), factor);
    all += stops.size();
    std::size_t of_act = 0;
    for (const Stop& stop : stops) {
      const bool enough = bench->is_blocking() && of_act >= kBlockingCallsMax;
      if (of_act > 0 && (enough || !effort.has_time())) break;
      try_stop(*bench, act, stop);
      ++of_act;
    }
    done += of_act;
  }
  effort.tell(subject, done, all);
}

/// Calls that were stopped, and then one that was not.
void go_on_after(Subject& subject, const Findings& findings) {
  const auto bench = Bench::make(subject);
  if (!bench) return;
  for (const Act& act : bench->good_acts()) {
    findings.item(act.item);
    const Played before = bench->play(act);
    for (const std::size_t use : spread(before.observed.all_uses, bench->is_blocking() ? 3 : 10)) {
      findings.item(act.item + ": CANCELLED at use " + std::to_string(use + 1) + " of the host");
      (void)bench->play(act, {.stop = Stop{.status = BOURSE_CANCELLED, .at_use = use + 1}});
    }
    findings.item(act.item + ", after calls that were stopped");
    const Played after = bench->play(act);
    if (!after.ok()) {
      findings.fail(act.item, "after calls that were stopped it gives " + after.told());
    } else if (bench->is_pure()) {
      const std::string difference = first_difference(before.product(), after.product());
      if (!difference.empty()) {
        findings.fail(
            act.item,
            "before and after calls that were stopped it answers differently: " + difference);
      }
    }
  }
}

constexpr std::array kRules = {
    Rule{"deadline.before", "A call that is over before it begins ends within 100 ms.",
         "look at poll before long work, and return what poll, query and write give", kToComponents,
         stop_before, "report.same"},
    Rule{"deadline.within", "A call ends within 100 ms of the stop, whenever that comes.",
         "look at poll every few thousand rows and before every wait, and return the status that "
         "poll, query or write gives",
         kToComponents, stop_within, "deadline.before"},
    Rule{"deadline.afterwards",
         "After calls that were stopped the next one is answered as the first one was.",
         "undo on every way out what a call has begun: locks, marks, half-filled caches",
         kToComponents, go_on_after, "deadline.within"},
};

}  // namespace

Rules deadline_rules() { return kRules; }

}  // namespace bourse::host::validate
