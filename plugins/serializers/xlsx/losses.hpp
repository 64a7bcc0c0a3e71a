// SPDX-License-Identifier: MIT
//
// What a workbook cannot hold as it was, so that it says so itself.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bourse::xlsx {

enum class Loss : std::size_t {
  kDigits,     ///< more than the 15 that Excel computes with: written as text
  kTextCut,    ///< longer than a cell
  kFineTime,   ///< rounded to milliseconds
  kEarlyTime,  ///< before Excel's calendar: written as text
};
inline constexpr std::size_t kLosses = 4;
using LossCounts = std::array<std::size_t, kLosses>;

class Losses {
 public:
  struct Note {
    std::string_view code;
    std::string text;
  };
  /// `place` as in "column price of table series".
  void add(const std::string& place, const LossCounts& counts);
  /// One for each kind that there was, in the order above.
  [[nodiscard]] std::vector<Note> notes() const;

 private:
  struct Kind {
    std::size_t total = 0, n_places = 0;
    std::string places;
  };
  std::array<Kind, kLosses> kinds_;
};

}  // namespace bourse::xlsx
