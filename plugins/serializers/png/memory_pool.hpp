// SPDX-License-Identifier: MIT
//
// Memory for pixels that is used again by the next figure. Bounded: at most four pieces of at most
// 16 MiB are kept, whatever was drawn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace bourse::png {

/// Any thread.
class MemoryPool {
 public:
  /// What was given back last, or nothing.
  std::vector<std::uint8_t> take() {
    const std::lock_guard lock(mutex_);
    if (kept_.empty()) return {};
    std::vector<std::uint8_t> memory = std::move(kept_.back());
    kept_.pop_back();
    return memory;
  }

  void give(std::vector<std::uint8_t> memory) {
    if (memory.capacity() > kBytesMax) return;
    const std::lock_guard lock(mutex_);
    if (kept_.size() < kPiecesMax) kept_.push_back(std::move(memory));
  }

 private:
  static constexpr std::size_t kPiecesMax = 4;
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20;

  std::mutex mutex_;
  std::vector<std::vector<std::uint8_t>> kept_;
};

}  // namespace bourse::png
