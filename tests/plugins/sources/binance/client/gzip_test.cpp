// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/gzip.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <utility>

#include "tests/plugins/sources/binance/client/gzip_text.hpp"

namespace bourse::binance {
namespace {

using testing::HasSubstr;

constexpr std::size_t kMax = 1 << 20;

/// Where there is always room.
Result<std::string> unpacked(std::string body, std::size_t bytes_max) {
  AnswerShare share(nullptr);
  return unpacked(std::move(body), bytes_max, share);
}

TEST(Gzip, UnpacksWhatIsPackedAndLeavesTheRestAlone) {
  const std::string text(300'000, 'x');
  EXPECT_EQ(*unpacked(gzipped(text), kMax), text);
  EXPECT_EQ(*unpacked(gzipped(""), kMax), "");
  for (const std::string plain : {"", "\x1f", "{}", "[1,2]"})
    EXPECT_EQ(*unpacked(plain, kMax), plain);
}

// RFC 1952, section 2.2: a file is a series of members.
TEST(Gzip, TakesSeveralMembersForOneText) {
  EXPECT_EQ(*unpacked(gzipped("[1,") + gzipped("2]"), kMax), "[1,2]");
}

// Each took half of all that was unpacked before to make room for, which makes hours of a million.
TEST(Gzip, EmptyMembersCostNothing) {
  const std::string text(40'000'000, 'x');
  std::string packed = gzipped(text);
  const std::string empty = gzipped("");
  for (int i = 0; i < 100'000; ++i) packed += empty;
  const auto start = std::chrono::steady_clock::now();
  const auto result = unpacked(std::move(packed), std::size_t{64} << 20U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(*result, text);
}

TEST(Gzip, StopsUnpackingAtTheLimit) {
  const std::string bomb = gzipped(std::string(50'000'000, '\0'));
  ASSERT_LT(bomb.size(), 60'000u);
  const auto result = unpacked(bomb, kMax);
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message, HasSubstr("too long"));
  EXPECT_TRUE(unpacked(gzipped(std::string(1000, 'x')), 1000).ok());
  EXPECT_FALSE(unpacked(gzipped(std::string(1001, 'x')), 1000).ok());
  // Many small members, none of which is a bomb by itself.
  std::string members;
  for (int i = 0; i < 100; ++i) members += gzipped(std::string(20'000, 'x'));
  EXPECT_FALSE(unpacked(members, kMax).ok());
}

TEST(Gzip, TakesNoMoreThanItsShare) {
  constexpr std::size_t kMegabyte = 1 << 20;
  const std::string packed = gzipped(std::string(3 * kMegabyte, 'x'));
  const auto budget = std::make_shared<AnswerBudget>(4 * kMegabyte);
  {
    AnswerShare share(budget);
    ASSERT_TRUE(share.become(packed.size()));
    ASSERT_TRUE(unpacked(packed, 64 * kMegabyte, share).ok());
    EXPECT_GE(budget->held(), 3 * kMegabyte) << "what it covers is still there";
    AnswerShare other(budget);
    const auto result = unpacked(packed, 64 * kMegabyte, other);
    ASSERT_FALSE(result.ok());
    EXPECT_TRUE(result.error().no_room);
    EXPECT_FALSE(result.error().permanent) << "the other one may be done by then";
    EXPECT_THAT(result.error().message, HasSubstr("than they may take together: 4 MB."));
  }
  EXPECT_EQ(budget->held(), 0U);
  EXPECT_EQ(budget->refusals(), 1);
  AnswerShare share(budget);
  const auto bomb = unpacked(gzipped(std::string(5 * kMegabyte, 'x')), 64 * kMegabyte, share);
  ASSERT_FALSE(bomb.ok());
  EXPECT_TRUE(bomb.error().no_room && bomb.error().permanent) << "not even alone";
  // Too long is too long, whatever room there is.
  EXPECT_FALSE(unpacked(packed, kMegabyte, share).error().no_room);
}

// RFC 1952, section 2.3.1: the last four bytes say how long the member was.
TEST(Gzip, DoesNotBelieveALengthThatLies) {
  const std::string text(300'000, 'x');
  for (const char stated : {'\1', '\x7f', '\xff'}) {
    // Ten bytes of head, an empty stored block, the check sum of nothing, and the lie.
    const std::string empty("\x1f\x8b\x08\0\0\0\0\0\0\x03\x01\0\0\xff\xff\0\0\0\0", 19);
    EXPECT_FALSE(unpacked(gzipped(text) + empty + std::string(4, stated), kMax).ok());
  }
  EXPECT_EQ(*unpacked(gzipped(text) + gzipped("") + gzipped("!"), kMax), text + "!");
}

TEST(Gzip, NoticesEveryCutAndEveryDamagedByte) {
  const std::string text = R"([{"symbol":"BTCUSDT","price":"65000.00000000"}])";
  const std::string packed = gzipped(text);
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_FALSE(unpacked(packed.substr(0, size), kMax).ok()) << size;
  }
  for (std::size_t at = 10; at < packed.size(); ++at) {  // behind the header, which says little
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    const auto result = unpacked(damaged, kMax);
    EXPECT_TRUE(!result.ok() || *result == text) << at;
  }
  EXPECT_FALSE(unpacked("\x1f\x8b{\"falsely labelled\":1}", kMax).ok());
}

}  // namespace
}  // namespace bourse::binance
