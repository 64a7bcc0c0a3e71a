// SPDX-License-Identifier: MIT
//
// When a watched question is answered anew. Plain computation; not thread-safe.
//
//   the first change after a quiet time    at once
//   more of them                           one run in each `every`, and one after the last of them
//   at once is also behind the first run   so that what changes at each full second is told then,
//                                          whenever somebody began to watch
//   a change while it is being answered    one more run: nobody knows whether it was seen
//   nothing told                           when what was answered is true no more
//   a failure                              again after 1, 2, 4 .. 30 s, or `every` if that is
//   longer
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace bourse::host {

class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time kNever = Time::max();

  /// It is due from the beginning.
  explicit Pace(std::chrono::nanoseconds every) noexcept : every_(every) {}

  /// From when on it is to be answered; kNever: not before something changes, or while it is being
  /// answered.
  [[nodiscard]] Time due() const noexcept;

  void changed() noexcept { is_dirty_ = true; }
  void began(Time now) noexcept;
  /// `lasts`: how long the answer is true, unless something changes; nothing: without end.
  void succeeded(Time now, std::optional<std::chrono::nanoseconds> lasts) noexcept;
  void failed(Time now) noexcept;

  [[nodiscard]] bool is_running() const noexcept { return is_running_; }
  /// In a row.
  [[nodiscard]] std::uint32_t failures() const noexcept { return failures_; }

 private:
  std::chrono::nanoseconds every_;
  bool is_dirty_ = true;
  bool is_running_ = false;
  std::uint32_t failures_ = 0;
  Time not_before_ = Time::min();  ///< after a failure
  /// When the runs that there were would have been, at one in each `every` (the generic cell rate
  /// algorithm, ITU-T I.371, with one run of tolerance).
  Time paced_ = Time::min();
  Time true_until_ = kNever;
};

}  // namespace bourse::host
