// SPDX-License-Identifier: MIT
//
// bourse new: a complete small project for a plugin, which builds, passes its test and answers.
#pragma once

#include <filesystem>
#include <string>

namespace bourse::host {

struct NewOptions {
  std::string name;
  std::string kind = "analysis";
  std::string lang = "cpp";
  std::filesystem::path into;  ///< empty: a folder of that name, here
  std::filesystem::path sdk;   ///< where the SDK is installed; empty: as the program, else /usr
};

/// "analysis", "source", "serializer" or "layer"; else a sentence. Empty: it is one.
[[nodiscard]] std::string kind_mistake(const std::string& kind);
/// "cpp", "c" or "rust".
[[nodiscard]] std::string lang_mistake(const std::string& lang);
/// [a-z][a-z0-9_]*, at most 63 letters: it becomes an id, a file, a path and part of types.
[[nodiscard]] std::string name_mistake(const std::string& name);

/// Writes the project; the exit code. Nothing is written over: a folder that is not empty is
/// refused.
int make_project(const NewOptions& options);

}  // namespace bourse::host
