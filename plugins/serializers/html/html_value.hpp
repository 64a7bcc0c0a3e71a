// SPDX-License-Identifier: MIT
//
// Values for reading: digits in groups, numbers with the decimals their column needs, times without
// what is always zero. Nothing is lost on the way: of money and counts only zeros are left out that
// change nothing, and what is shown shorter or in other words carries its exact form in a <data> or
// <time> element.
#pragma once

#include <cstddef>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/report.hpp"
#include "bourse/text.hpp"

namespace bourse::html {

/// How the values of one column (or one single value) are shown.
struct Style {
  int decimals = 0;  ///< of reals and decimals
  /// Characters of "2024-12-31T23:59:59" that are shown: 10, 16, 19, or kWithFraction.
  std::size_t time = 10;
  /// Not below others, so that zeros at the end of a real say nothing.
  bool alone = false;
  static constexpr std::size_t kWithFraction = 30;

  /// What suits a column, judged by the first `rows` rows, which must be all that are shown.
  /// Decimals and reals have as many decimals as one of them needs, reals not more than give the
  /// largest about six significant digits; times end where all of them are zero.
  static Style of(const bourse_field& field, const bourse_array& array, std::size_t rows);
  static Style of(const bourse_value& value);
  /// Of a single value of that field.
  static Style of(const bourse_value& value, const bourse_field& field);
};

/// False for null, NaN and infinities: they are shown as missing.
bool is_shown(const bourse_value& value) noexcept;

/// "-96,407.90" with its last zeros dimmed, "12,345", "0.3" in <data>, "2024-12-31 23:59" in
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
