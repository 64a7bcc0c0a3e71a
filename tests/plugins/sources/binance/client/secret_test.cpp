// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/secret.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>
#include <utility>

namespace bourse::binance {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST(Secret, CannotBePrintedOrCopied) {
  static_assert(!Printable<Secret>, "a secret must not have an operator<<");
  static_assert(Printable<std::string>, "the check above works");
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  static_assert(std::is_nothrow_move_constructible_v<Secret>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
}

TEST(Secret, IsWhereItWasMovedTo) {
  Secret a(std::string_view("hidden"));
  Secret b = std::move(a);
  EXPECT_EQ(b.reveal(), "hidden");
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): that is the claim
  Secret c(std::string_view("older"));
  c = std::move(b);
  EXPECT_EQ(c.reveal(), "hidden");
  EXPECT_TRUE(b.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, WipesTheStringItIsTakenFrom) {
  std::string text = "a secret longer than a short string";
  const char* const bytes = text.data();
  const std::size_t size = text.size();
  const Secret secret = Secret::take(text);
  EXPECT_EQ(secret.reveal(), "a secret longer than a short string");
  EXPECT_TRUE(text.empty());
  ASSERT_GE(text.capacity(), size);
  ASSERT_EQ(text.data(), bytes);  // the buffer is still the string's: it may be looked at
  for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(bytes[i], '\0') << i;
}

}  // namespace
}  // namespace bourse::binance
