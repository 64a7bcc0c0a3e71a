// SPDX-License-Identifier: MIT
//
// What the tests of the configuration share: an environment of their own, and texts from golden/.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "host/config/load.hpp"

namespace bourse::host::test {

/// Stands in variables below and must never be seen in a message.
inline constexpr char kSecret[] = "hunter2";

inline std::optional<std::string> test_environment(const std::string& name) {
  static const std::map<std::string, std::string> kVariables = {{"SECRET", kSecret},
                                                                {"TOKEN", kSecret},
                                                                {"LOWER", "hunter"},
                                                                {"EMPTY", ""},
                                                                {"A_TOKEN", "hunter2-hunter2-A"},
                                                                {"B_TOKEN", "hunter2-hunter2-B"},
                                                                {"MULTILINE", "hunter2\n"},
                                                                {"PORT", "9000"},
                                                                {"RECURSIVE", "${SECRET}"}};
  const auto found = kVariables.find(name);
  if (found == kVariables.end()) return std::nullopt;
  return found->second;
}

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(BOURSE_SOURCE_DIR) / "tests/host/config/golden";
}

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream) << file;
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

inline LoadedConfig parse(std::string text) {
  return parse_config("test.yaml", std::move(text), "/etc/bourse", test_environment);
}

}  // namespace bourse::host::test
