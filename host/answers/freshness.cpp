// SPDX-License-Identifier: MIT
#include "host/answers/freshness.hpp"

#include <algorithm>
#include <utility>

namespace bourse::host {
namespace {

using std::chrono::nanoseconds;

/// A difference that does not wrap: times come from plugins, and may be any number.
nanoseconds difference(std::int64_t later, std::int64_t earlier) noexcept {
  std::int64_t result = 0;
  if (!__builtin_sub_overflow(later, earlier, &result)) return nanoseconds(result);
  return later > earlier ? kEndless : nanoseconds::min();
}

nanoseconds minus(nanoseconds a, nanoseconds b) noexcept {
  return a == kEndless ? kEndless : difference(a.count(), b.count());
}

/// From when it was computed to the end of its truth.
nanoseconds truth(const Life& life) noexcept {
  if (life.mark && life.mark->is_changed()) return nanoseconds(0);
  if (life.true_until == kTrueForTheMoment) return nanoseconds(0);
  const nanoseconds of_wall =
      life.true_until == kTrueForEver ? kEndless : difference(life.true_until, life.computed.wall);
  const nanoseconds of_boot =
      life.boot_until == kTrueForEver ? kEndless : difference(life.boot_until, life.computed.boot);
  return std::max(nanoseconds(0), std::min(of_wall, of_boot));
}

}  // namespace

Life life_of(const Truth& truth, Instant began, std::shared_ptr<const ChangeMark> mark) noexcept {
  Life life{.computed = began,
            .true_until = truth.until,
            .boot_until = truth.until_boot,
            .mark = std::move(mark)};
  if (truth.until != kTrueForEver && truth.until != kTrueForTheMoment) {
    std::int64_t end = 0;
    const nanoseconds lasts = difference(truth.until, began.wall);
    if (!__builtin_add_overflow(began.boot, lasts.count(), &end)) {
      life.boot_until = std::min(life.boot_until, end);
    }
  }
  if (truth.right_at < began.boot) {
    life.computed.wall -= began.boot - truth.right_at;
    life.computed.boot = truth.right_at;
  }
  return life;
}

Truth as_old_as(const Life& life) noexcept {
  return {.until = life.true_until, .until_boot = life.boot_until, .right_at = life.computed.boot};
}

Truth truth_of(const Life& life, Instant now) noexcept {
  Truth truth = as_old_as(life);
  if (left(life, {}, now) > nanoseconds(0)) truth.right_at = kTrueForEver;
  return truth;
}

nanoseconds age(const Life& life, Instant now) noexcept {
  return std::max(nanoseconds(0), difference(now.boot, life.computed.boot));
}

nanoseconds lifetime(const Life& life, const Tolerance& tolerance) noexcept {
  return std::max(truth(life), tolerance.fresh);
}

nanoseconds left(const Life& life, const Tolerance& tolerance, Instant now) noexcept {
  const nanoseconds elapsed = age(life, now);
  nanoseconds of_truth = minus(truth(life), elapsed);
  if (of_truth > nanoseconds(0) && of_truth != kEndless) {
    of_truth = std::min(of_truth, difference(life.true_until, now.wall));
  }
  return std::max(of_truth, minus(tolerance.fresh, elapsed));
}

Standing standing(const Life& life, const Tolerance& tolerance, Instant now) noexcept {
  if (life.mark && life.mark->is_ended()) return Standing::kDead;
  const nanoseconds of_it = left(life, tolerance, now);
  if (of_it > nanoseconds(0)) return Standing::kFresh;
  if (of_it > -tolerance.stale) return Standing::kStale;
  return of_it > -tolerance.if_error ? Standing::kForError : Standing::kDead;
}

bool satisfies(const Life& life, const Tolerance& tolerance, const Demand& demand, Instant now,
               bool& by_floor) noexcept {
  const nanoseconds elapsed = age(life, now);
  const bool young = !demand.age_max || elapsed <= *demand.age_max;
  const bool lasting = !demand.left_min || left(life, tolerance, now) >= *demand.left_min;
  by_floor = !(young && lasting) && elapsed <= kAgeFloor;
  return (young && lasting) || by_floor;
}

}  // namespace bourse::host
