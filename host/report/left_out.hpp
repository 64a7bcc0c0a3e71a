// SPDX-License-Identifier: MIT
//
// What a report does not show, although a plugin said it: told in one note, never in silence.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bourse::host {

/// Collects what was left out while a report was built. Remembers the first of each kind, and how
/// many there were.
class LeftOut {
 public:
  /// Something of a newer contract: "chart depth (kind 99)".
  void unknown(std::string what);
  /// A text for people that is longer than it may be: "the label of field price".
  void too_long(const std::string& what, std::size_t bytes_max);

  [[nodiscard]] bool empty() const noexcept { return unknown_.count == 0 && too_long_.count == 0; }
  /// The note's text: a sentence for each of the two kinds that there was.
  [[nodiscard]] std::string text() const;

 private:
  struct Items {
    std::vector<std::string> first;
    std::size_t count = 0;
    void add(std::string what);
    [[nodiscard]] std::string joined() const;
  };
  Items unknown_, too_long_;
};

}  // namespace bourse::host
