// SPDX-License-Identifier: MIT
//
// Texts, times and places as a workbook holds them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/text.hpp"
#include "bourse/value.hpp"

namespace bourse::xlsx {

/// Of one cell, in UTF-16 units: Excel calls a file with a longer one damaged.
inline constexpr std::size_t kTextUnitsMax = 32'767;

/// A text inside an element. Markup is escaped; what XML cannot hold, and what Excel would take for
/// such an escape, is `_xHHHH_` (ST_Xstring of ISO/IEC 29500); a byte that is no UTF-8 is U+FFFD.
/// True: it was longer than a cell and is cut, never within a character.
bool append_text(BlockBuffer& out, std::string_view text);

/// The same for names and attributes, which are never long.
std::string escaped(std::string_view text);

/// Excel offers to run what starts so when somebody edits the cell.
[[nodiscard]] bool looks_like_a_formula(std::string_view text) noexcept;

/// "A" for 0, "AA" for 26.
[[nodiscard]] std::string column_letters(std::size_t column);

/// Days since 1899-12-30, to the nearest millisecond, which is the last that Excel shows. Nothing
/// before 1900-03-01: Excel counts a 29 February 1900 that never was.
[[nodiscard]] std::optional<double> serial_of(Time time) noexcept;

}  // namespace bourse::xlsx
