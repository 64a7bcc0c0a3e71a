// SPDX-License-Identifier: MIT
//
// How long an answer is true: until a time, and as long as nobody says that it changed.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

namespace bourse::host {

class Input;

/// Two values of "true until", beside times in ns since 1970. For the moment: those who asked at
/// the same time may share the answer, nobody else.
inline constexpr std::int64_t kTrueForEver = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kTrueForTheMoment = std::numeric_limits<std::int64_t>::min();

/// How long something is true. A clock on a wall may be set: what an answer is made of was true for
/// so long by that clock as it went then, so its end is carried on a clock that nobody sets as well
/// (CLOCK_BOOTTIME). Whoever keeps answers fills that in.
struct Truth {
  std::int64_t until = kTrueForTheMoment;  ///< ns since 1970
  std::int64_t until_boot = kTrueForEver;  ///< ns since the machine started; no later than that
  /// ns since the machine started: the last time at which it was known to be right; kTrueForEver:
  /// it still is, or is being found out.
  std::int64_t right_at = kTrueForEver;

  /// Of what is made of both.
  [[nodiscard]] Truth with(const Truth& other) const noexcept {
    return {.until = std::min(until, other.until),
            .until_boot = std::min(until_boot, other.until_boot),
            .right_at = std::min(right_at, other.right_at)};
  }
};

/// Whether a question was told to have another answer now. One for each time that it is answered,
/// from when the work begins: so an answer that was computed across a change is marked before it is
/// there. What is made of an answer is marked with it. [any thread]
class ChangeMark : public std::enable_shared_from_this<ChangeMark> {
 public:
  ChangeMark() = default;
  virtual ~ChangeMark() = default;
  ChangeMark(const ChangeMark&) = delete;
  ChangeMark& operator=(const ChangeMark&) = delete;

  /// One load, without a lock: for every use of an answer.
  [[nodiscard]] bool is_changed() const noexcept {
    return state_.load(std::memory_order_acquire) != State::kTrue;
  }
  /// Who answered it is not the one to ask any more: then what was answered stands for nothing,
  /// however much a route tolerates.
  [[nodiscard]] bool is_ended() const noexcept {
    return state_.load(std::memory_order_acquire) == State::kEnded;
  }
  /// Marks this, and all that was made of it. Nothing takes it back.
  void change() { become(State::kChanged); }
  void end() { become(State::kEnded); }  ///< likewise; a change as well
  /// `made_of_it` becomes what this becomes: at once, if this has changed already. It keeps this
  /// alive, so that a change finds its way though nobody keeps the answer in between. Null is
  /// nobody. REQUIRES: this is owned by a shared_ptr.
  void feeds(const std::shared_ptr<ChangeMark>& made_of_it);

  /// Of the answer of a source: what was asked. Before anything is made of it.
  void set_input(std::shared_ptr<const Input> input);
  /// The questions to sources that this is made of, itself included, whatever is between: each
  /// once, in no order.
  [[nodiscard]] std::vector<std::shared_ptr<const Input>> inputs() const;

 protected:
  /// It has changed, or ended: called once for each. No lock is held.
  virtual void on_change() noexcept {}

 private:
  enum class State : std::uint8_t { kTrue, kChanged, kEnded };  ///< it only goes on
  void become(State state);

  std::atomic<State> state_{State::kTrue};
  mutable std::mutex mutex_;  ///< of the rest
  std::shared_ptr<const Input> input_;
  std::vector<std::shared_ptr<ChangeMark>> made_of_;
  /// Those that are gone are swept out whenever it has doubled: what is true for years feeds many.
  std::vector<std::weak_ptr<ChangeMark>> fed_;
  std::size_t sweep_at_ = 16;
};

}  // namespace bourse::host
