// SPDX-License-Identifier: MIT
//
// The paths of routes: "/api/v1/{name}/csv".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host {

struct PathSegment {
  bool variable = false;
  std::string text;  ///< a variable's name, without braces
};

struct PathTemplate {
  std::string text;
  std::vector<PathSegment> segments;  ///< none: "/"

  [[nodiscard]] bool has_variable(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> variables() const;
  /// "/api/{}/csv": equal for templates that match the same paths.
  [[nodiscard]] std::string shape() const;
};

/// What is wrong with a stretch of a template's text.
struct PathProblem {
  std::string message;
  std::string hint;
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

struct ParsedPath {
  PathTemplate path = {};
  std::vector<PathProblem> problems = {};  ///< none: `path` is good
};

/// A template starts with "/"; each segment is literal, of the characters that stand in a URL
/// without escapes, or "{name}" with a name of a-z, 0-9 and _ used once. No segment is empty, "."
/// or "..". At most 1024 bytes and 32 segments.
[[nodiscard]] ParsedPath parse_path_template(std::string_view text);

}  // namespace bourse::host
