// SPDX-License-Identifier: MIT
//
// Memory that grows and is given back all at once: texts and descriptions of a report.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>

namespace bourse::host {

/// Hands out pieces of chunks; what it handed out stays where it is until the arena goes. A small
/// report needs no chunk: the first bytes are in the arena itself. Not for several threads.
class Arena {
 public:
  Arena() noexcept : at_(first_), end_(first_ + sizeof first_) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// Room for `n` characters, not initialised. Throws std::bad_alloc.
  [[nodiscard]] char* characters(std::size_t n) {
    if (n > static_cast<std::size_t>(end_ - at_)) [[unlikely]] {
      return from_a_new_chunk(n);
    }
    char* const piece = at_;
    at_ += n;
    return piece;
  }

  /// `n` zeroed objects. Throws std::bad_alloc.
  template <class T>
  [[nodiscard]] T* make(std::size_t n = 1) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
    return ::new (room(n * sizeof(T), alignof(T))) T[n]{};
  }

  /// Gives back what is left of a large chunk, when nothing more will be asked for.
  void fit() noexcept;
  /// What its chunks take beside the arena itself.
  [[nodiscard]] std::size_t held() const noexcept { return held_; }

 private:
  struct Chunk;
  Chunk* add_chunk(std::size_t bytes);
  char* from_a_new_chunk(std::size_t n);
  void* room(std::size_t bytes, std::size_t alignment);

  char* at_;
  char* end_;
  Chunk* newest_ = nullptr;
  Chunk* current_ = nullptr;  ///< the one that pieces come from; null: the first bytes
  std::size_t held_ = 0;
  alignas(std::max_align_t) char first_[1024];
};

}  // namespace bourse::host
