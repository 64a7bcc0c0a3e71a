// SPDX-License-Identifier: MIT
//
// field.hpp - descriptions of columns and scalars.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "bourse/bourse.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

/// bourse_field with names for its parts: Field("rsi", BOURSE_TYPE_F64).labelled("RSI").in("%").
/// Texts are borrowed: string literals, or what lives until the call that takes the field returns.
struct Field : bourse_field {
  constexpr Field(const char* id, bourse_type of_type) noexcept
      : bourse_field{sizeof(bourse_field), 0, of_type, 0, id, nullptr, nullptr, nullptr, nullptr} {}
  /// Copies what is there: the struct of an older host or plugin may be shorter than today's.
  constexpr Field(const bourse_field& other) noexcept : bourse_field{} {
    size = sizeof(bourse_field);
    if (BOURSE_REACHES(&other, flags)) flags = other.flags;
    if (BOURSE_REACHES(&other, type)) type = other.type;
    if (BOURSE_REACHES(&other, scale)) scale = other.scale;
    if (BOURSE_REACHES(&other, name)) name = other.name;
    if (BOURSE_REACHES(&other, label)) label = other.label;
    if (BOURSE_REACHES(&other, unit)) unit = other.unit;
    if (BOURSE_REACHES(&other, doc)) doc = other.doc;
    if (BOURSE_REACHES(&other, format)) format = other.format;
  }
  [[nodiscard]] constexpr Field labelled(const char* text) const noexcept {
    Field copy = *this;
    copy.label = text;
    return copy;
  }
  /// "%", "s", "USDT"; "{quote}": what the report's meta `quote` says.
  [[nodiscard]] constexpr Field in(const char* unit_text) const noexcept {
    Field copy = *this;
    copy.unit = unit_text;
    return copy;
  }
  [[nodiscard]] constexpr Field described(const char* text) const noexcept {
    Field copy = *this;
    copy.doc = text;
    return copy;
  }
  /// Meaning beyond the type: "date", "duration", "percent", "hex".
  [[nodiscard]] constexpr Field formatted(const char* meaning) const noexcept {
    Field copy = *this;
    copy.format = meaning;
    return copy;
  }
  [[nodiscard]] constexpr Field scaled(std::int32_t decimals) const noexcept {
    Field copy = *this;
    copy.scale = decimals;
    return copy;
  }
  /// Of a dataset: a source may leave it out, an analysis goes on without it. Of what an analysis
  /// returns: it is not in every report.
  [[nodiscard]] constexpr Field optional() const noexcept {
    Field copy = *this;
    copy.flags |= BOURSE_FIELD_OPTIONAL;
    return copy;
  }
  /// The opposite: a column that a source may leave out, and that an analysis always shows.
  [[nodiscard]] constexpr Field always() const noexcept {
    Field copy = *this;
    copy.flags &= ~static_cast<std::uint32_t>(BOURSE_FIELD_OPTIONAL);
    return copy;
  }
};

/// A Field whose values have the C++ type T, so that a wrong one does not compile:
///   FieldOf<double>("rsi").in("%")      FieldOf<Decimal>("close").scaled(2)
/// T is bool, std::int64_t (or another integer), double, Decimal, Time or std::string_view (or
/// another text). Every column or scalar can be null.
template <class T>
struct FieldOf : Field {
  static constexpr bourse_type kType = detail::wire_type<T>();
  static_assert(kType >= BOURSE_TYPE_BOOL && kType <= BOURSE_TYPE_TEXT,
                "a field holds bools, integers, reals, Decimals, Times or texts");

  constexpr explicit FieldOf(const char* id) noexcept : Field(id, kType) {}
  [[nodiscard]] constexpr FieldOf labelled(const char* text) const noexcept {
    return FieldOf(Field::labelled(text));
  }
  [[nodiscard]] constexpr FieldOf in(const char* unit_text) const noexcept {
    return FieldOf(Field::in(unit_text));
  }
  [[nodiscard]] constexpr FieldOf described(const char* text) const noexcept {
    return FieldOf(Field::described(text));
  }
  [[nodiscard]] constexpr FieldOf formatted(const char* meaning) const noexcept {
    return FieldOf(Field::formatted(meaning));
  }
  [[nodiscard]] constexpr FieldOf scaled(std::int32_t decimals) const noexcept {
    static_assert(kType == BOURSE_TYPE_DECIMAL, "only decimals have a scale");
    return FieldOf(Field::scaled(decimals));
  }
  [[nodiscard]] constexpr FieldOf optional() const noexcept { return FieldOf(Field::optional()); }

 private:
  constexpr explicit FieldOf(const Field& field) noexcept : Field(field) {}
};

namespace detail {
/// Whether a V may stand where T was declared. A bourse_value is looked at when it comes.
template <class T, class V>
inline constexpr bool kFits = wire_type<V>() == wire_type<T>() || wire_type<V>() == kTypeAtRunTime
                              || crossing<V>() == Crossing::kNull;
}  // namespace detail

}  // namespace bourse::inline sdk_0_1
