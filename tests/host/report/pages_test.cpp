// SPDX-License-Identifier: MIT
#include "host/report/pages.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <new>

namespace bourse::host {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

bool begins_at_a_huge_page(const void* block) {
  return reinterpret_cast<std::uintptr_t>(block) % (2 * kMiB) == 0;
}

TEST(Pages, BeginAtAHugePageAndAreZero) {
  // Several at once, so that not every one can lie right beside another.
  void* blocks[5];
  for (void*& block : blocks) {
    block = map_pages(2 * kMiB);
    EXPECT_TRUE(begins_at_a_huge_page(block));
    EXPECT_EQ(static_cast<const char*>(block)[2 * kMiB - 1], 0);
  }
  for (void* const block : blocks) unmap_pages(block, 2 * kMiB);
}

TEST(Pages, GrowWithTheirContent) {
  auto* block = static_cast<std::uint32_t*>(map_pages(2 * kMiB));
  constexpr std::size_t kNumbers = 2 * kMiB / sizeof(std::uint32_t);
  for (std::size_t i = 0; i < kNumbers; ++i) block[i] = static_cast<std::uint32_t>(i * 7);
  block = static_cast<std::uint32_t*>(remap_pages(block, 2 * kMiB, 6 * kMiB));
  EXPECT_TRUE(begins_at_a_huge_page(block));
  for (std::size_t i = 0; i < kNumbers; ++i) ASSERT_EQ(block[i], i * 7);
  EXPECT_EQ(block[3 * kNumbers - 1], 0U);
  unmap_pages(block, 6 * kMiB);
}

TEST(Pages, ThatAreNotUsedAreGivenBack) {
  auto* const block = static_cast<char*>(map_pages(4 * kMiB));
  block[kMiB] = 'x';
  EXPECT_EQ(trim_pages(block, 4 * kMiB, kMiB + 1), kMiB + 4096);
  EXPECT_EQ(block[kMiB], 'x');
  EXPECT_EQ(trim_pages(block, kMiB + 4096, kMiB + 4096), kMiB + 4096);
  unmap_pages(block, kMiB + 4096);
}

TEST(Pages, AreWhole) {
  EXPECT_EQ(whole_pages(1), 2 * kMiB);
  EXPECT_EQ(whole_pages(2 * kMiB), 2 * kMiB);
  EXPECT_EQ(whole_pages(2 * kMiB + 1), 4 * kMiB);
}

TEST(Pages, MoreThanThereIsIsBadAlloc) {
  const std::size_t most = std::numeric_limits<std::size_t>::max();
  EXPECT_THROW(static_cast<void>(map_pages(whole_pages(most))), std::bad_alloc);
  EXPECT_THROW(static_cast<void>(map_pages(whole_pages(most / 2))), std::bad_alloc);
}

}  // namespace
}  // namespace bourse::host
