// SPDX-License-Identifier: MIT
//
// A form for each route, so that it can be asked without knowing its address, and without a script:
// the fields go to docs/open/ID, which sends the browser on to the address that they make.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/api/operations.hpp"

namespace bourse::host {

/// Copies what it needs of the operation. Immutable; any thread.
class RouteForm {
 public:
  explicit RouteForm(const Operation& operation);

  /// `base`: what leads from the page to "/": "", or "../".
  [[nodiscard]] std::string html(std::string_view base) const;

  /// "/a/EURUSD?limit=10", percent-encoded. Fields that are empty, that say what is the default
  /// anyway, that the chosen format does not take, or that the form does not have, are left out.
  /// Nothing: a part of the path is missing.
  [[nodiscard]] std::optional<std::string> target(
      std::span<const std::pair<std::string, std::string>> fields) const;

 private:
  struct Field {
    OperationParameter of;
    Parameter parameter;  ///< a copy: of.parameter is not used
  };
  [[nodiscard]] const std::string* format_of(
      std::span<const std::pair<std::string, std::string>> fields) const;

  std::string id_, path_;
  std::vector<Field> fields_;
  std::vector<std::string> formats_;  ///< that may be chosen by name; the first is the default
};

/// "/a/{x}" with what the source gives for x, and what else must be there; empty: something of it
/// is not known, or the route needs a token.
[[nodiscard]] std::string example_target(const Operation& operation);

}  // namespace bourse::host
