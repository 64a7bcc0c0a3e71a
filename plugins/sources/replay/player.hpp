// SPDX-License-Identifier: MIT
//
// Player: a recording that moves, as if it happened now. What is asked is answered from the newest
// step that anybody has been shown, so that nobody sees the time go back; watches are told at each
// step. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <shared_mutex>
#include <string>

#include "bourse/call.hpp"
#include "bourse/pulse.hpp"
#include "plugins/sources/replay/playback.hpp"
#include "plugins/sources/replay/source.hpp"

namespace bourse::replay {

struct PlayOptions {
  std::int64_t thousandths = 1000;  ///< of the pace of time
  std::optional<Time> from = {};    ///< without it: where the recording begins
  bool repeat = false;
};

class Player {
 public:
  /// It starts at `now`, a time of day, which is also what watches go by. Throws Error when nothing
  /// recorded is after `from`.
  Player(const std::string& folder, const PlayOptions& options, Host host,
         Pulse::Now now = Pulse::time_of_day);

  /// What shows while `call` is answered, and until when it is true; held until it goes.
  struct Shown {
    std::shared_lock<std::shared_mutex> lock;
    const Source& source;
    std::optional<Time> until;  ///< nullopt: for ever
  };
  [[nodiscard]] Shown at(Time time_of_day);

  std::uint64_t watch(Changed changed) { return pulse_.watch(changed, next()); }
  void unwatch(std::uint64_t token) { pulse_.unwatch(token); }

  /// A note, when the recording has come to its end.
  void say_end(const Call& call, const Shown& shown) const;

 private:
  [[nodiscard]] Pulse::Next next() const;

  Source source_;
  Playback playback_;
  std::shared_mutex mutex_;
  Playback::Moment shown_;
  Time shown_at_;  ///< the time of day that was asked about
  Pulse pulse_;
};

}  // namespace bourse::replay
