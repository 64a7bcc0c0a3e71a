// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace bourse::xlsx {

/// Names of sheets as Excel demands them: 1 to 31 characters, none of []:*?/\ or controls, no
/// apostrophe at the ends, different without regard to case, and not "History", which is its own.
class SheetNames {
 public:
  /// The name itself where it may be one, else one that is like it.
  std::string add(std::string_view wanted);
  /// The same for a further part of a sheet: "series (2)".
  std::string add_part(std::string_view wanted, std::size_t part);

 private:
  std::string take(std::string_view wanted, const std::string& suffix);
  std::set<std::string> taken_ = {"history"};
};

}  // namespace bourse::xlsx
