// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/sdk/versions/say.hpp"

// A plugin may be linked of parts that were built with two versions of the SDK.
TEST(Versions, TwoInOnePluginDoNotMix) {
  EXPECT_EQ(said_by_this_version().find("is no decimal number at all"), std::string::npos);
  EXPECT_NE(said_by_this_version().find("is not a decimal number"), std::string::npos);
  EXPECT_NE(said_by_the_other_version().find("is no decimal number at all"), std::string::npos);
}
