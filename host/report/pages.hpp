// SPDX-License-Identifier: MIT
//
// Large blocks of memory, straight from the system, in huge pages where it has them.
//
// Fresh memory costs a page fault for every page, and on virtual machines that is most of what a
// large report costs: 49 MB took 154 ms in pages of 4 KiB, and 6 ms in pages of 2 MiB.
#pragma once

#include <cstddef>

namespace bourse::host {

/// From here on a block is worth pages of its own.
inline constexpr std::size_t kLargeBytes = std::size_t{1} << 20;

/// `bytes` as whole huge pages: what map_pages() and remap_pages() take.
[[nodiscard]] std::size_t whole_pages(std::size_t bytes) noexcept;

/// Zeroed memory that begins at a huge page; none of it is there before it is touched. REQUIRES:
/// bytes == whole_pages(bytes), not 0. Throws std::bad_alloc.
[[nodiscard]] void* map_pages(std::size_t bytes);

/// The block with its content, longer: its pages are moved, not copied. Throws std::bad_alloc, and
/// the block is what it was. REQUIRES: both sizes as map_pages().
[[nodiscard]] void* remap_pages(void* block, std::size_t bytes, std::size_t bytes_new);

/// Gives back what lies behind the first `used` bytes of the block, as far as it is whole small
/// pages, and returns what remains. REQUIRES: used is not 0.
[[nodiscard]] std::size_t trim_pages(void* block, std::size_t bytes, std::size_t used) noexcept;

void unmap_pages(void* block, std::size_t bytes) noexcept;

}  // namespace bourse::host
