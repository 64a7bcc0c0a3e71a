// SPDX-License-Identifier: MIT
//
// Every golden/NAME.yaml holds mistakes of one kind; golden/NAME.txt is what an operator shall
// read, byte for byte. The texts were checked by eye against the YAML files, not only recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "host/base/utf8.hpp"
#include "tests/host/config/fixture.hpp"

namespace bourse::host::test {
namespace {

std::vector<std::string> golden_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, MistakesAreToldExactlyLikeThis) {
  const std::string file = GetParam() + ".yaml";
  const LoadedConfig loaded =
      parse_config(file, slurp(golden_folder() / file), "/etc/bourse", test_environment);
  const std::string told = loaded.diagnostics.render();
  const auto expected = golden_folder() / (GetParam() + ".txt");
  // For who changes a message, and reads what becomes of it.
  if (std::getenv("BOURSE_WRITE") != nullptr) std::ofstream(expected) << told;
  EXPECT_EQ(told, slurp(expected));
  EXPECT_EQ(loaded.config.has_value(), loaded.diagnostics.errors() == 0);
  EXPECT_EQ(told.find(kSecret), std::string::npos) << "a value of the environment was shown";
  EXPECT_TRUE(is_utf8(told));
}

INSTANTIATE_TEST_SUITE_P(Config, Golden, testing::ValuesIn(golden_names()),
                         [](const auto& one) { return one.param; });

TEST(GoldenFolder, IsFound) { EXPECT_GE(golden_names().size(), 25u); }

}  // namespace
}  // namespace bourse::host::test
