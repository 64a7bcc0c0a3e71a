// SPDX-License-Identifier: MIT
//
// Texts of single values, for parameter.cpp and read.cpp. Nothing here knows a parameter's bounds.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "host/parameters/parameter.hpp"

namespace bourse::host {

enum class Reading {
  kOk,
  kMalformed,  ///< not of this type
  kTooLarge,   ///< of this type, but the machine's type cannot hold it
};

struct ParsedValue {
  Value value = {};
  Reading reading = Reading::kMalformed;
};

/// Reads one text as a BOURSE_TYPE_BOOL .. BOURSE_TYPE_TEXT, whole: nothing may be left over.
/// Without a `now`, as for a bound, a time that is relative to it is malformed.
[[nodiscard]] ParsedValue parse_single(bourse_type type, std::string_view text,
                                       std::optional<std::int64_t> now = std::nullopt);

/// Without the blanks (spaces, tabs) around it.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;

/// "A, B" as its items, trimmed; the empty text has none. At most `items_max` + 1 are split off.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text,
                                                       std::size_t items_max);

/// Whether values of this type have an order that `min` and `max` speak of.
[[nodiscard]] bool is_ordered(bourse_type type) noexcept;
/// The type in which `min` and `max` of a parameter of this type are written: a TEXT's and a LIST's
/// are of its length.
[[nodiscard]] bourse_type bound_type(bourse_type type) noexcept;

/// REQUIRES: both of one ordered type; no NaN.
[[nodiscard]] std::weak_ordering compare(const Value& a, const Value& b);

/// The length that `min` and `max` speak of, with the limits of those that declare none.
struct LengthBounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
/// REQUIRES: a TEXT or LIST whose bounds were checked.
[[nodiscard]] LengthBounds length_bounds(const Parameter& parameter);

/// Reads one default, fixed value or choice: as read_value() does, but looks at no `fixed` and no
/// `required`, and an empty text is an empty LIST.
Result<Value> read_text(const Parameter& parameter, std::string_view text, std::int64_t now);

/// A choice as a value of the parameter's type (LIST: of its items), within its bounds.
Result<Value> read_choice(const Parameter& parameter, std::string_view text, std::int64_t now);

/// The rule without default: "a whole number from 1 to 1000".
[[nodiscard]] std::string expectation(const Parameter& parameter);

}  // namespace bourse::host
