// SPDX-License-Identifier: MIT
#include "host/report/arena.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "host/report/pages.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kChunkBytesMin = std::size_t{4} << 10;

}  // namespace

struct alignas(std::max_align_t) Arena::Chunk {
  Chunk* before;
  std::size_t bytes;  ///< of all of it; large ones are pages
};

Arena::~Arena() {
  while (newest_ != nullptr) {
    Chunk* const chunk = std::exchange(newest_, newest_->before);
    if (chunk->bytes >= kLargeBytes) {
      unmap_pages(chunk, chunk->bytes);
    } else {
      std::free(chunk);
    }
  }
}

Arena::Chunk* Arena::add_chunk(std::size_t bytes) {
  void* const memory = bytes >= kLargeBytes ? map_pages(bytes) : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  newest_ = ::new (memory) Chunk{newest_, bytes};
  held_ += bytes;
  return newest_;
}

char* Arena::from_a_new_chunk(std::size_t n) {
  // As much again as there is, so that few chunks hold much; what fills most of one has its own.
  std::size_t bytes = std::clamp(held_, kChunkBytesMin, kLargeBytes);
  if (bytes == kLargeBytes) bytes = whole_pages(bytes);
  const bool own = n > bytes / 4;
  if (own) {
    bytes = sizeof(Chunk) + n;
    if (bytes >= kLargeBytes) bytes = whole_pages(bytes);
  }
  Chunk* const chunk = add_chunk(bytes);
  char* const piece = reinterpret_cast<char*>(chunk + 1);
  if (!own) {
    current_ = chunk;
    at_ = piece + n;
    end_ = reinterpret_cast<char*>(chunk) + bytes;
  }
  return piece;
}

void Arena::fit() noexcept {
  if (current_ == nullptr || current_->bytes < kLargeBytes) return;
  const auto used = static_cast<std::size_t>(at_ - reinterpret_cast<char*>(current_));
  const std::size_t before = current_->bytes;
  current_->bytes = trim_pages(current_, before, std::max(used, kLargeBytes));
  held_ -= before - current_->bytes;
  end_ = at_;
}

void* Arena::room(std::size_t bytes, std::size_t alignment) {
  const std::size_t past = reinterpret_cast<std::uintptr_t>(at_) % alignment;
  const std::size_t skip = past == 0 ? 0 : alignment - past;
  if (skip + bytes <= static_cast<std::size_t>(end_ - at_)) {
    char* const piece = at_ + skip;
    at_ = piece + bytes;
    return piece;
  }
  return from_a_new_chunk(bytes);  // chunks begin aligned for everything
}

}  // namespace bourse::host
