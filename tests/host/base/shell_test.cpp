// SPDX-License-Identifier: MIT
#include "host/base/shell.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <string>

namespace bourse::host {
namespace {

TEST(Shell, WordsThatNeedNoQuotesHaveNone) {
  EXPECT_EQ(in_shell("acme.trend/zscore"), "acme.trend/zscore");
  EXPECT_EQ(in_shell("--set=fee=0.1%,5:00@x+y"), "--set=fee=0.1%,5:00@x+y");
}

/// The judge is the shell itself.
TEST(Shell, WhateverAWordHoldsAShellReadsItBack) {
  for (const std::string word : {"", " ", "a b", "it's", "''", "$HOME", "`id`", "\\", "\"", "a\nb",
                                 "*", "~", "~root", "#no", "a;b", "!x", "(", "ü", "-n"}) {
    std::FILE* const shell = ::popen(("printf '%s|' " + in_shell(word)).c_str(), "r");
    ASSERT_NE(shell, nullptr);
    std::array<char, 100> read{};
    const std::size_t size = std::fread(read.data(), 1, read.size(), shell);
    EXPECT_EQ(::pclose(shell), 0);
    EXPECT_EQ(std::string(read.data(), size), word + "|");
  }
}

}  // namespace
}  // namespace bourse::host
