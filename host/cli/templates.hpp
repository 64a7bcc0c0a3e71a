// SPDX-License-Identifier: MIT
//
// The files of sdk/templates, inside the program: they are there wherever it runs.
#pragma once

#include <span>
#include <string_view>

namespace bourse::host {

struct Template {
  std::string_view name;  ///< "cpp/analysis.cpp", below sdk/templates
  std::string_view text;  ///< with markers: @NAME@
};

[[nodiscard]] std::span<const Template> templates() noexcept;

}  // namespace bourse::host
