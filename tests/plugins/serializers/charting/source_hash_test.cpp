// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/source_hash.hpp"

#include <gtest/gtest.h>

namespace bourse::charting {
namespace {

TEST(SourceHash, HashesAreThoseOfTheStandardsExamples) {
  // The digests of NIST's example values for SHA-256 (e3b0c442..., ba7816bf...), in base64.
  EXPECT_EQ(source_hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
  EXPECT_EQ(source_hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

}  // namespace
}  // namespace bourse::charting
