// SPDX-License-Identifier: MIT
#include "host/config/quantity.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace bourse::host {
namespace {

using namespace std::chrono_literals;

TEST(Duration, IsAWholeNumberWithAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* text : {"", "5", "s", "5 s", " 5s", "5s ", "-5s", "+5s", "1.5s", "1h30m", "5S",
                           "5sec", "0x5s", "5d", "5us"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, TooLongForTheTypeIsTheLongest) {
  EXPECT_EQ(parse_duration("2562048h"), std::chrono::nanoseconds::max());  // 2^63 ns = 2562047.8 h
  EXPECT_EQ(parse_duration("2562047h"), 2562047h);
  EXPECT_EQ(parse_duration("99999999999999999999999h"), std::chrono::nanoseconds::max());
}

TEST(Duration, IsPrintedInTheLargestWholeUnit) {
  EXPECT_EQ(print_duration(250ms), "250ms");
  EXPECT_EQ(print_duration(1500ms), "1500ms");
  EXPECT_EQ(print_duration(90s), "90s");
  EXPECT_EQ(print_duration(120s), "2m");
  EXPECT_EQ(print_duration(2h), "2h");
  EXPECT_EQ(print_duration(0s), "0s");
  EXPECT_EQ(print_duration(7ns), "7ns");
}

TEST(Size, IsAWholeNumberOfBytesOrWithABinaryUnit) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("1MiB"), 1048576u);
  EXPECT_EQ(parse_size("2GiB"), 2147483648u);
  EXPECT_EQ(parse_size("0"), 0u);
  for (const char* text : {"", "KiB", "1KB", "1kib", "1 KiB", "-1", "+1", "1.5MiB", "1e6", "1K"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Size, TooLargeForTheTypeIsTheLargest) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(parse_size("18446744073709551615"), kLargest);
  EXPECT_EQ(parse_size("18446744073709551616"), kLargest);
  EXPECT_EQ(parse_size("17179869184GiB"), kLargest);  // 2^34 GiB = 2^64 bytes
  EXPECT_EQ(parse_size("17179869183GiB"), 17179869183u * 1073741824u);
}

TEST(Size, IsPrintedInTheLargestWholeUnit) {
  EXPECT_EQ(print_size(65536), "64KiB");
  EXPECT_EQ(print_size(1048576), "1MiB");
  EXPECT_EQ(print_size(1048577), "1048577 bytes");
  EXPECT_EQ(print_size(0), "0 bytes");
}

}  // namespace
}  // namespace bourse::host
