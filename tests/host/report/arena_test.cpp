// SPDX-License-Identifier: MIT
#include "host/report/arena.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace bourse::host {
namespace {

TEST(Arena, NeedsNoChunkForLittle) {
  Arena arena;
  std::memset(arena.characters(1000), 'x', 1000);
  EXPECT_EQ(arena.held(), 0U);
}

TEST(Arena, PiecesStayApartWhateverTheirSizes) {
  Arena arena;
  std::vector<std::pair<char*, std::size_t>> pieces;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::size_t size = i % 100 == 99 ? 3 * i * i : i;  // some fill chunks of their own
    pieces.emplace_back(arena.characters(size), size);
    std::memset(pieces.back().first, static_cast<int>(i % 251), size);
    bytes += size;
  }
  arena.fit();
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (std::size_t at = 0; at < pieces[i].second; at += 61) {
      ASSERT_EQ(static_cast<unsigned char>(pieces[i].first[at]), i % 251) << i;
    }
  }
  EXPECT_GT(arena.held() + 1024, bytes);
}

TEST(Arena, ObjectsAreZeroAndAligned) {
  Arena arena;
  for (int i = 0; i < 500; ++i) {
    *arena.characters(1) = 'x';
    const auto* const numbers = arena.make<std::uint64_t>(3);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(numbers) % alignof(std::uint64_t), 0U);
    ASSERT_EQ(numbers[0] | numbers[1] | numbers[2], 0U);
  }
}

}  // namespace
}  // namespace bourse::host
