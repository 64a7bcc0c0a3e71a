// SPDX-License-Identifier: MIT
//
// What the instances of a generation were made of, so that the next one takes over those that it
// would make in the same way: of the same plugin file, with the same settings, over the same
// source.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "host/calls/sources.hpp"
#include "host/plugins/instance.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host {

struct SourceMaking {
  std::shared_ptr<Source> source;
  std::string settings;  ///< settings_mark() of them
};

struct InstanceMaking {
  std::shared_ptr<Instance> instance;
  std::string settings;
};

struct Makings {
  std::map<std::string, SourceMaking, std::less<>> sources = {};
  /// Analyses and formats. A file that did not change has the same components in the next
  /// generation, see LoadRequest::kept.
  std::map<const Component*, InstanceMaking> instances = {};
};

/// A SHA-256 that two sets of settings have in common only when they are equal, and the files that
/// they name, such as that of a key, hold the same; secrets are among them, and this shows none.
/// Empty when it cannot be made: then it is equal to no other.
[[nodiscard]] std::string settings_mark(NamedTexts settings);
[[nodiscard]] inline bool same_settings(const std::string& a, const std::string& b) {
  return !a.empty() && a == b;
}

}  // namespace bourse::host
