// SPDX-License-Identifier: MIT
//
// What the table of keys says, for editors and for people.
#pragma once

#include <string>

namespace bourse::host {

/// A JSON Schema (draft 2020-12) of configuration files: keys, kinds of values, ranges, choices,
/// with the sentences that editors show. It holds what a schema can: names that must exist,
/// environment and plugins are `bourse check`'s.
[[nodiscard]] std::string config_schema();

/// Tables of all keys in Markdown, one a shape.
[[nodiscard]] std::string config_reference();

}  // namespace bourse::host
