// SPDX-License-Identifier: MIT
//
// What a generation has that the one before had not, by the names that an operator knows.
#pragma once

#include <string>
#include <vector>

#include "host/routing/generation.hpp"

namespace bourse::host {

/// In order of name.
struct ChangesOf {
  std::vector<std::string> added = {};
  std::vector<std::string> removed = {};
  std::vector<std::string> changed = {};
  std::size_t kept = 0;

  [[nodiscard]] bool any() const noexcept {
    return !added.empty() || !removed.empty() || !changed.empty();
  }
};

struct Changes {
  ChangesOf plugins;     ///< changed: another file
  ChangesOf sources;     ///< changed: another instance, with other answers
  ChangesOf components;  ///< analyses and formats in use; changed: another instance
  ChangesOf routes;      ///< changed: another meaning of its own lines

  [[nodiscard]] bool any() const noexcept {
    return plugins.any() || sources.any() || components.any() || routes.any();
  }
};

[[nodiscard]] Changes changes_between(const Generation& before, const Generation& after);

}  // namespace bourse::host
