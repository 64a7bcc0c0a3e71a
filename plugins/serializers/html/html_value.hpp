// SPDX-License-Identifier: MIT
//
// Values for reading: digits in groups, numbers with the decimals their column needs, times without
// what is always zero. Money and counts are exact: only zeros are left out that change nothing.
// Statistics are shorter, and single ones carry their exact form in a <data> element; columns have
// all digits where the page is asked for them.
#pragma once

#include <cstddef>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::html {

struct RowRange {
  std::size_t first = 0, count = 0;
};

/// How the values of one column (or one single value) are shown.
struct Style {
  int decimals = 0;  ///< of reals and decimals
  /// Characters of "2024-12-31T23:59:59" that are shown: 10, 16, 19, or kWithFraction.
  std::size_t time = 10;
  /// Not below others, so that zeros at the end of a real say nothing.
  bool alone = false;
  bool all = false;       ///< reals with all their digits
  std::size_t width = 0;  ///< characters of the longest number
  static constexpr std::size_t kWithFraction = 30;

  /// What suits a column, judged by the rows that are shown. Decimals have as many decimals as one
  /// of them needs; reals as many as give the largest the digits that people need: of shares in %
  /// three, of plain numbers four, of amounts five; times end where all of them are zero.
  static Style of(const bourse_field& field, const bourse_array& array, RowRange rows,
                  bool all = false);
  static Style of(const bourse_value& value);
  /// Of a single value of that field.
  static Style of(const bourse_value& value, const bourse_field& field);
};

/// False for null, NaN and infinities: they are shown as missing.
bool is_shown(const bourse_value& value) noexcept;

/// "−96,407.90" (the minus is U+2212), "12,345", "0.3" in <data>, "2024-12-31 23:59" in
/// <time>, "yes", a text. REQUIRES: is_shown(value).
void append_value(BlockBuffer& out, const bourse_value& value, Style style);

/// The same of a field, as its format asks: a duration in words or hexadecimal digits, in <data>
/// with the exact number; a date in <time>.
void append_value(BlockBuffer& out, const bourse_value& value, const bourse_field& field,
                  Style style);

/// "USDT", "%", "UTC" of times; empty: none, or the words of the values hold it.
std::string_view unit_of(const bourse_field& field);

/// "1,000", for sentences.
void append_count(BlockBuffer& out, std::size_t count);

}  // namespace bourse::html
