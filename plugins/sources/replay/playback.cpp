// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/playback.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <utility>

#include "bourse/decimal.hpp"

namespace bourse::replay {
namespace {

constexpr std::int64_t kThousandthsMax = 1'000'000'000;
constexpr int kThousand = 1000;
constexpr std::int64_t kLatest = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::optional<std::int64_t> parse_speed(std::string_view text) noexcept {
  if (text.ends_with('x')) text.remove_suffix(1);
  const auto speed = Decimal::parse(text);
  if (!speed || speed->scale() > 3) return std::nullopt;
  const auto thousandths = checked_multiply(*speed, Decimal::of(kThousand));
  if (!thousandths) return std::nullopt;
  const auto whole = checked_rescale(*thousandths, 0, Rounding::kDown);
  if (!whole || whole->coefficient() < 1 || whole->coefficient() > kThousandthsMax) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(whole->coefficient());
}

Playback::Playback(std::vector<std::int64_t> steps, std::int64_t thousandths, bool repeat,
                   Time started)
    : steps_(std::move(steps)), thousandths_(thousandths), started_(started) {
  assert(!steps_.empty() && thousandths_ > 0);
  if (!repeat || steps_.size() < 2) return;
  round_ = steps_.back() - steps_.front() + (steps_.back() - steps_[steps_.size() - 2]);
}

Playback::Moment Playback::at(Time time_of_day) const {
  const Int128 passed = Int128{std::max(time_of_day.ns, started_.ns)} - started_.ns;
  const Int128 played = passed * thousandths_ / kThousand;
  const Int128 rounds = round_ > 0 ? played / round_ : 0;
  const Int128 in_round =
      std::min(played - rounds * round_, Int128{steps_.back()} - steps_.front() + Int128{round_});
  const auto next = std::ranges::upper_bound(
      steps_, static_cast<std::int64_t>(std::min(in_round + steps_.front(), Int128{kLatest})));
  const auto index = static_cast<std::int64_t>(next - steps_.begin()) - 1;
  Moment moment{
      .time = Time{*(next - 1)},
      .number = static_cast<std::int64_t>(rounds * static_cast<Int128>(steps_.size()) + index),
      .until = {}};
  const bool is_last = next == steps_.end();
  if (is_last && round_ == 0) return moment;
  // Rounded up, so that the step has been reached by then.
  const Int128 until_played =
      rounds * round_ + (is_last ? Int128{round_} : Int128{*next} - steps_.front());
  const Int128 until = started_.ns + (until_played * kThousand + thousandths_ - 1) / thousandths_;
  moment.until = Time{static_cast<std::int64_t>(std::min(until, Int128{kLatest}))};
  return moment;
}

}  // namespace bourse::replay
