// SPDX-License-Identifier: MIT
//
// How long an answer is true: until a time, and as long as nobody says that it changed.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <vector>

namespace bourse::host {

/// Two values of "true until", beside times in ns since 1970. For the moment: those who asked at
/// the same time may share the answer, nobody else.
inline constexpr std::int64_t kTrueForEver = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kTrueForTheMoment = std::numeric_limits<std::int64_t>::min();

/// Whether a question was told to have another answer now. One for each time that it is answered,
/// from when the work begins: so an answer that was computed across a change is marked before it is
/// there. What is made of an answer is marked with it. [any thread]
class ChangeMark {
 public:
  ChangeMark() = default;
  ChangeMark(const ChangeMark&) = delete;
  ChangeMark& operator=(const ChangeMark&) = delete;

  /// One load, without a lock: for every use of an answer.
  [[nodiscard]] bool is_changed() const noexcept {
    return changed_.load(std::memory_order_acquire);
  }
  /// Marks this, and all that was made of it. Nothing takes it back.
  void change();
  /// `made_of_it` changes when this does: at once, if this has changed already. Null is nobody.
  void feeds(const std::shared_ptr<ChangeMark>& made_of_it);

 private:
  std::atomic<bool> changed_{false};
  std::mutex mutex_;  ///< of fed_
  /// Those that are gone are swept out whenever it has doubled: what is true for years feeds many.
  std::vector<std::weak_ptr<ChangeMark>> fed_;
  std::size_t sweep_at_ = 16;
};

}  // namespace bourse::host
