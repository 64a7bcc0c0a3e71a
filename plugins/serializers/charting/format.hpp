// SPDX-License-Identifier: MIT
//
// What a field's `format` means to people: "date", "duration", "percent" and "hex". Others are for
// other readers, and change nothing here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bourse/bourse.h"

namespace bourse::charting {

/// A value in the words of its field's format: "2024-12-31" of a time that is a date, "1 h 23 min"
/// of a number that is a duration in ns, us, ms, s, min or h (to its two largest units), "0x1f4" of
/// an integer that is hexadecimal. Nothing for other values, formats and units: then the value is
/// shown as its type says.
std::optional<std::string> formatted(const bourse_value& value, const bourse_field& field);

/// The unit that stands beside values: none beside words that hold it, "%" of a percentage whose
/// field names none, else the field's. Such a number is the percentage itself: 12.5 is 12.5 %.
std::string_view unit_beside(const bourse_field& field);
/// The same for an axis, whose numbers are never words.
std::string_view unit_on_axis(const bourse_field& field);

}  // namespace bourse::charting
