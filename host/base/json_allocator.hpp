// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace bourse::host {

/// For RapidJSON, whose own allocator returns null where there is no memory, and whose writers and
/// readers then write there.
struct JsonAllocator {
  static constexpr bool kNeedFree = true;

  [[nodiscard]] void* Malloc(std::size_t bytes) { return Realloc(nullptr, 0, bytes); }
  [[nodiscard]] void* Realloc(void* block, std::size_t, std::size_t bytes) {
    if (bytes == 0) {
      Free(block);
      return nullptr;
    }
    void* const changed = std::realloc(block, bytes);
    if (changed == nullptr) throw std::bad_alloc();
    return changed;
  }
  static void Free(void* block) noexcept { std::free(block); }
};

}  // namespace bourse::host
