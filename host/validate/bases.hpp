// SPDX-License-Identifier: MIT
//
// Systems that plugins are built for, and the newest symbol versions that their libraries have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::host::validate {

struct Base {
  const char* name;
  const char* glibc;    ///< of libc.so.6
  const char* glibcxx;  ///< of libstdc++.so.6
  const char* cxxabi;   ///< of libstdc++.so.6
  const char* gcc;      ///< of libgcc_s.so.1

  /// "GLIBC_2.36" for "GLIBC"; nothing for a family that is not told of.
  [[nodiscard]] std::optional<std::string> version_of(std::string_view family) const;
};

/// Null: there is none of that name.
[[nodiscard]] const Base* find_base(std::string_view name) noexcept;
[[nodiscard]] std::vector<std::string> names_of_bases();

}  // namespace bourse::host::validate
