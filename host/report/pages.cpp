// SPDX-License-Identifier: MIT
#include "host/report/pages.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <limits>
#include <new>

namespace bourse::host {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kSmallPage = std::size_t{4} << 10;

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t to) noexcept {
  return (bytes + to - 1) / to * to;
}

void* map_anywhere(std::size_t bytes, int protection) {
  void* const block =
      ::mmap(nullptr, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (block == MAP_FAILED) throw std::bad_alloc();
  return block;
}

bool is_aligned(const void* block) noexcept {
  return reinterpret_cast<std::uintptr_t>(block) % kHugePage == 0;
}

/// Address space of `bytes` bytes that begins at a huge page. Newer kernels place it so; for others
/// a larger piece is taken and cut.
void* map_aligned(std::size_t bytes, int protection) {
  void* const block = map_anywhere(bytes, protection);
  if (is_aligned(block)) return block;
  ::munmap(block, bytes);
  auto* const larger = static_cast<char*>(map_anywhere(bytes + kHugePage, protection));
  const std::size_t before =
      (kHugePage - reinterpret_cast<std::uintptr_t>(larger) % kHugePage) % kHugePage;
  if (before != 0) ::munmap(larger, before);
  if (before != kHugePage) ::munmap(larger + before + bytes, kHugePage - before);
  return larger + before;
}

}  // namespace

std::size_t whole_pages(std::size_t bytes) noexcept {
  // What is too much to be rounded is too much to be had: mmap says so.
  if (bytes > std::numeric_limits<std::size_t>::max() - kHugePage) return bytes;
  return rounded_up(bytes, kHugePage);
}

void* map_pages(std::size_t bytes) {
  void* const block = map_aligned(bytes, PROT_READ | PROT_WRITE);
  ::madvise(block, bytes, MADV_HUGEPAGE);  // a wish: without it the pages are small ones
  return block;
}

// To an aligned place of our own choice: page tables can then be moved whole, and huge pages stay
// so.
void* remap_pages(void* block, std::size_t bytes, std::size_t bytes_new) {
  void* const place = map_aligned(bytes_new, PROT_NONE);
  void* const moved = ::mremap(block, bytes, bytes_new, MREMAP_MAYMOVE | MREMAP_FIXED, place);
  if (moved == MAP_FAILED) {
    ::munmap(place, bytes_new);
    throw std::bad_alloc();
  }
  return moved;
}

std::size_t trim_pages(void* block, std::size_t bytes, std::size_t used) noexcept {
  const std::size_t kept = rounded_up(used, kSmallPage);
  if (kept < bytes) ::munmap(static_cast<char*>(block) + kept, bytes - kept);
  return kept < bytes ? kept : bytes;
}

void unmap_pages(void* block, std::size_t bytes) noexcept { ::munmap(block, bytes); }

}  // namespace bourse::host
