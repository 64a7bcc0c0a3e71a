// SPDX-License-Identifier: MIT
//
// Values that the host owns: bourse_value without the borrowing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"

namespace bourse::host {

/// A bourse_value that owns its text and its list items. A value type: copied, compared by
/// canonical text. Lists do not nest.
class Value {
 public:
  Value() = default;  ///< null
  Value(Value&&) noexcept = default;
  Value& operator=(Value&&) noexcept = default;
  Value(const Value& other);
  Value& operator=(const Value& other);
  ~Value() = default;
  static Value boolean(bool value);
  static Value integer(std::int64_t value);
  static Value real(double value);
  static Value decimal(bourse_i128 coefficient, std::int32_t scale);
  /// `before_now`: it was said as a time so many ns before the one of the request.
  static Value time(std::int64_t ns, std::optional<std::int64_t> before_now = std::nullopt);
  static Value text(std::string value);
  static Value list(std::vector<Value> items);
  /// Deep copy of what a plugin passed. Unknown types, and lists inside lists, become null.
  static Value copy(const bourse_value& from);

  [[nodiscard]] bourse_type type() const noexcept { return type_; }
  /// Whether the same words say another value later: a time relative to that of the request, or a
  /// list with one.
  [[nodiscard]] bool is_relative() const noexcept;
  [[nodiscard]] bool is_null() const noexcept { return type_ == BOURSE_TYPE_NULL; }
  /// Borrows from this object; valid until it changes, moves or dies.
  [[nodiscard]] bourse_value view() const;
  /// One spelling per value, locale independent: "100", "0.5" (also for the decimal 0.50), "true",
  /// "2024-12-31T00:00:00Z", "some text", "A,B" (commas and backslashes inside items get a
  /// backslash), "" for null.
  [[nodiscard]] std::string canonical() const;
  /// What was asked, in one spelling: the same, but for relative times, which are "now-2592000s"
  /// whenever it was asked.
  [[nodiscard]] std::string asked() const;

 private:
  bourse_type type_ = BOURSE_TYPE_NULL;
  std::int32_t scale_ = 0;
  bourse_i128 bits_ = {};  ///< bool, i64, time and f64 (its bits) in `lo`, or a decimal coefficient
  std::string text_;       ///< of a relative time: how it is said
  std::vector<Value> items_;
  std::vector<bourse_value> views_;  ///< of items_, kept for view()
};

/// Checked values of a declaration, in declared order: what a plugin receives as `params`.
class Arguments {
 public:
  Arguments() = default;
  /// REQUIRES: as many names as values.
  Arguments(std::vector<std::string> names, std::vector<Value> values);
  Arguments(Arguments&&) noexcept = default;
  Arguments& operator=(Arguments&&) noexcept = default;
  Arguments(const Arguments& other);
  Arguments& operator=(const Arguments& other);
  ~Arguments() = default;

  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] const Value& operator[](std::size_t i) const noexcept { return values_[i]; }
  [[nodiscard]] std::string_view name(std::size_t i) const noexcept { return names_[i]; }
  /// Contiguous, never null; lives as long as this object is not changed (moving keeps it).
  [[nodiscard]] const bourse_value* data() const noexcept;
  /// "limit=100&name=some%20text", sorted by name, values percent-encoded, nulls left out: a key
  /// for joining equal calls.
  [[nodiscard]] std::string canonical() const;
  /// The same of what was asked, see Value::asked(): a key for answers that are kept.
  [[nodiscard]] std::string asked() const;
  /// Value::is_relative() of any.
  [[nodiscard]] bool is_relative() const noexcept;

 private:
  [[nodiscard]] std::string joined(std::string (Value::*spelling)() const) const;

  std::vector<std::string> names_;
  std::vector<Value> values_;
  std::vector<bourse_value> views_;
};

}  // namespace bourse::host
