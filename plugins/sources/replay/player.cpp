// SPDX-License-Identifier: MIT
#include "plugins/sources/replay/player.hpp"

#include <algorithm>
#include <utility>

#include "bourse/words.hpp"

namespace bourse::replay {
namespace {

/// Requests begin at times that differ by less; a larger difference is a clock that was set back.
constexpr std::int64_t kSetBackNs = 60'000'000'000;
/// Watches are told no more often, however fast it is played.
constexpr std::int64_t kBetweenTellsNs = 20'000'000;

std::vector<std::int64_t> steps_from(const Source& source, std::optional<Time> from) {
  std::vector<std::int64_t> steps = source.steps();
  if (steps.empty()) {
    throw Error(BOURSE_UNPROCESSABLE, "bad_recording",
                "nothing recorded has a time: there is nothing to play");
  }
  if (!from) return steps;
  if (from->ns >= steps.back()) {
    throw Error(BOURSE_UNPROCESSABLE, "bad_setting",
                "from: " + time_text(*from) + " is not before the end of the recording, " +
                    time_text(Time{steps.back()}) + "; choose an earlier time")
        .blame("from");
  }
  steps.erase(steps.begin(), std::ranges::upper_bound(steps, from->ns));
  steps.insert(steps.begin(), from->ns);
  return steps;
}

}  // namespace

Player::Player(const std::string& folder, const PlayOptions& options, Host host, Pulse::Now now)
    : source_(folder, host),
      playback_(steps_from(source_, options.from), options.thousandths, options.repeat, now()),
      shown_at_(now()),
      pulse_(std::move(now)) {
  shown_ = playback_.at(shown_at_);
  source_.show(shown_.time);
}

Player::Shown Player::at(Time time_of_day) {
  const Playback::Moment moment = playback_.at(time_of_day);
  std::shared_lock shared(mutex_);
  const auto is_due = [&] {
    return moment.number > shown_.number || time_of_day.ns < shown_at_.ns - kSetBackNs;
  };
  if (is_due()) {
    shared.unlock();
    {
      const std::unique_lock alone(mutex_);
      if (is_due()) {
        source_.show(moment.time);
        shown_ = moment;
        shown_at_ = time_of_day;
      }
    }
    shared.lock();
  }
  return {std::move(shared), source_, shown_.until};
}

Pulse::Next Player::next() const {
  return [this](Time now) -> std::optional<Time> {
    const auto until = playback_.at(now).until;
    if (!until) return std::nullopt;
    return Time{std::max(until->ns, now.ns + kBetweenTellsNs)};
  };
}

void Player::say_end(const Call& call, const Shown& shown) const {
  if (shown.until) return;
  call.note(BOURSE_LEVEL_INFO, "recording_ended",
            "The recording ended at " + time_text(playback_.last()) +
                "; what was known then is shown from now on.");
}

}  // namespace bourse::replay
