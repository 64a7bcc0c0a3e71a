// SPDX-License-Identifier: MIT
//
// AnswerBudget: what all answers that are being received, unpacked and read may take together. Each
// answer has a bound of its own; a dozen of them at once would be a dozen times that.
//
// Bytes are those of the buffers, room that is not used yet and both copies while one grows
// included. Nobody waits for room: of two that are half done, neither could go on. Who gets none
// gives up what it has, and tries again later. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "plugins/sources/binance/client/error.hpp"

namespace bourse::binance {

class AnswerBudget {
 public:
  explicit AnswerBudget(std::size_t bytes_max) noexcept : bytes_max_(bytes_max) {}

  /// False: there is no room, and nothing was taken.
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    std::size_t held = held_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - std::min(held, bytes_max_)) {
        refusals_.fetch_add(1, std::memory_order_relaxed);
        return false;
      }
    } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t bytes) noexcept { held_.fetch_sub(bytes, std::memory_order_relaxed); }

  [[nodiscard]] std::size_t held() const noexcept { return held_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bytes_max() const noexcept { return bytes_max_; }
  /// How often there was no room.
  [[nodiscard]] std::int64_t refusals() const noexcept {
    return refusals_.load(std::memory_order_relaxed);
  }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> held_ = 0;
  std::atomic<std::int64_t> refusals_ = 0;
};

/// One answer's part of a budget, given back in the end. One thread at a time.
class AnswerShare {
 public:
  /// `budget` may be null: then there is always room.
  explicit AnswerShare(std::shared_ptr<AnswerBudget> budget) noexcept
      : budget_(std::move(budget)) {}
  ~AnswerShare() {
    if (budget_ != nullptr) budget_->give_back(bytes_);
  }
  AnswerShare(const AnswerShare&) = delete;
  AnswerShare& operator=(const AnswerShare&) = delete;

  /// False: there is no room for so much, and it stays as it was. Less is always possible.
  [[nodiscard]] bool become(std::size_t bytes) noexcept {
    if (budget_ != nullptr && bytes > bytes_ && !budget_->take(bytes - bytes_)) {
      refused_ = bytes;
      return false;
    }
    if (budget_ != nullptr && bytes < bytes_) budget_->give_back(bytes_ - bytes);
    bytes_ = bytes;
    return true;
  }
  /// Whether it would not have had room alone either.
  [[nodiscard]] bool never_fits() const noexcept {
    return budget_ != nullptr && refused_ > budget_->bytes_max();
  }
  [[nodiscard]] std::size_t bytes_max() const noexcept {
    return budget_ == nullptr ? SIZE_MAX : budget_->bytes_max();
  }

 private:
  std::shared_ptr<AnswerBudget> budget_;
  std::size_t bytes_ = 0;
  std::size_t refused_ = 0;  ///< what it last had no room for
};

/// Says that it got no room, beside others or at all, and which setting that is. Kind kNetwork.
Error no_room_for_answer(const AnswerShare& share);

/// How large a buffer of so many bytes becomes: twice as large, but at once as large as it may be
/// where that is near. Else nearly all would be copied, and be there twice, for the little that is
/// left. REQUIRES: bytes < bytes_max.
[[nodiscard]] constexpr std::size_t grown(std::size_t bytes, std::size_t bytes_max) noexcept {
  return bytes > bytes_max / 8 * 3 ? bytes_max : 2 * bytes;
}

/// Gives `text` a capacity of `bytes` at least. `besides` is what the share covers apart from it.
/// False: there is no room, and the text is as it was. Throws std::bad_alloc.
[[nodiscard]] inline bool make_room(std::string& text, std::size_t bytes, std::size_t besides,
                                    AnswerShare& share) {
  if (bytes <= text.capacity()) return true;
  if (!share.become(besides + text.capacity() + bytes)) return false;  // both, while it is copied
  std::string larger;  // text.reserve() would double it
  larger.reserve(bytes);
  larger.assign(text);
  text = std::move(larger);
  return share.become(besides + text.capacity());
}

}  // namespace bourse::binance
