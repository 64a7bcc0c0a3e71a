// SPDX-License-Identifier: MIT
//
// testing/values.hpp - values and columns that a test owns: what it gives to a component and what
// it compares. Part of bourse/testing.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/read.hpp"
#include "bourse/text.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1::testing {

/// The test asked for what is not there (no such table, no such dataset): a mistake of the test,
/// or what it is there to find. The sentence says what there is instead.
class Mistake : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

class Cell;
using Cells = std::vector<Cell>;

/// One value, owned. Made of anything that CrossesAsValue, nullptr is null. Equal are values of one
/// type: decimals by value ("1.50" is "1.5"), a NaN is null.
class Cell {
 public:
  Cell() = default;
  template <class T>
  requires(CrossesAsValue<T> && !std::is_same_v<std::remove_cvref_t<T>, Cell>) Cell(const T& v)
      : Cell(copied(value(v))) {}
  /// A copy of what a plugin passed, items of a list included.
  [[nodiscard]] static Cell copied(const bourse_value& v) {
    Cell cell;
    cell.bits_ = v;
    cell.bits_.as = {};
    if (v.type == BOURSE_TYPE_TEXT) {
      cell.text_ = view(v.as.text);
    } else if (v.type == BOURSE_TYPE_LIST) {
      for (std::size_t i = 0; i < v.as.list.len; ++i) {
        cell.items_.push_back(copied(v.as.list.ptr[i]));
      }
    } else {
      cell.bits_.as = v.as;
    }
    return cell;
  }
  [[nodiscard]] static Cell list(Cells items) {
    Cell cell;
    cell.bits_.type = BOURSE_TYPE_LIST;
    cell.items_ = std::move(items);
    return cell;
  }

  [[nodiscard]] bourse_type type() const noexcept { return bits_.type; }
  [[nodiscard]] bool is_null() const noexcept { return bits_.type == BOURSE_TYPE_NULL; }
  /// Of another type than asked for: throws Mistake.
  [[nodiscard]] bool boolean() const { return of(BOURSE_TYPE_BOOL).as.i64 != 0; }
  [[nodiscard]] std::int64_t integer() const { return of(BOURSE_TYPE_I64).as.i64; }
  [[nodiscard]] double real() const { return of(BOURSE_TYPE_F64).as.f64; }
  [[nodiscard]] Time time() const { return Time{of(BOURSE_TYPE_TIME).as.i64}; }
  [[nodiscard]] Decimal decimal() const {
    const bourse_value& v = of(BOURSE_TYPE_DECIMAL);
    const auto decimal = Decimal::from_wire(v.as.dec, v.scale);
    if (!decimal) throw Mistake("the decimal is out of the contract's range");
    return *decimal;
  }
  [[nodiscard]] const std::string& text() const {
    static_cast<void>(of(BOURSE_TYPE_TEXT));
    return text_;
  }
  [[nodiscard]] const Cells& items() const {
    static_cast<void>(of(BOURSE_TYPE_LIST));
    return items_;
  }

  /// As JSON and CSV show it: 5, 0.5, 1.50, true, 2024-12-31T23:59:59.250Z, the text itself, A,B
  /// and null.
  [[nodiscard]] std::string shown() const {
    if (is_null()) return "null";
    if (bits_.type > BOURSE_TYPE_LIST) return "a value of type " + std::to_string(bits_.type);
    if (bits_.type == BOURSE_TYPE_TEXT) return text_;
    std::string out;
    append_value(out, bits_);
    for (const Cell& item : items_) out += (out.empty() ? "" : ",") + item.shown();
    return out;
  }
  friend bool operator==(const Cell& a, const Cell& b) {
    if (a.type() != b.type()) return false;
    switch (a.type()) {
      case BOURSE_TYPE_DECIMAL:
        return a.decimal() == b.decimal();
      case BOURSE_TYPE_F64:
        return a.bits_.as.f64 == b.bits_.as.f64;
      case BOURSE_TYPE_TEXT:
        return a.text_ == b.text_;
      case BOURSE_TYPE_LIST:
        return a.items_ == b.items_;
      default:
        return a.bits_.as.i64 == b.bits_.as.i64;
    }
  }
  /// For test frameworks: 1.50 (BOURSE_TYPE_DECIMAL).
  template <class Stream>
  friend auto operator<<(Stream& out, const Cell& cell) -> decltype(out << std::string()) {
    return out << cell.shown() + " (" + std::string(detail::constant_name(cell.type())) + ")";
  }

  /// As it crosses; borrows from this, which must not change. `room` holds a list's items.
  [[nodiscard]] bourse_value wire(std::vector<bourse_value>& room) const {
    bourse_value v = bits_;
    if (v.type == BOURSE_TYPE_TEXT) v.as.text = borrow(text_);
    if (v.type == BOURSE_TYPE_LIST) {
      room.clear();
      std::vector<bourse_value> none;
      for (const Cell& item : items_) room.push_back(item.wire(none));
      v.as.list = {room.data(), room.size()};
    }
    return v;
  }
  /// The same value as another type, where nothing is lost: integers as times (ns), decimals and
  /// reals; decimals as reals and, whole ones, as integers; texts as what they read as. Null stays
  /// null. Throws Mistake.
  [[nodiscard]] Cell as(bourse_type type) const;

 private:
  [[nodiscard]] const bourse_value& of(bourse_type type) const {
    if (bits_.type == type) return bits_;
    throw Mistake("asked as " + std::string(detail::constant_name(type)) + ", but it is " +
                  shown() + ", " + std::string(detail::constant_name(bits_.type)));
  }
  bourse_value bits_{};  ///< without text and items
  std::string text_;
  Cells items_;
};

// ---- texts into values --------------------------------------------------------------------------

namespace inside {

inline Cell cell_of_text(bourse_type type, std::string_view text) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      if (text == "true" || text == "false") return Cell(text == "true");
      break;
    case BOURSE_TYPE_I64:
      if (const auto integer = read_integer(text)) return Cell(*integer);
      break;
    case BOURSE_TYPE_F64:
      if (const auto real = read_real(text)) return Cell(*real);
      break;
    case BOURSE_TYPE_DECIMAL:
      if (const auto decimal = Decimal::parse(text)) return Cell(*decimal);
      break;
    case BOURSE_TYPE_TIME:
      if (const auto time = read_time(text)) return Cell(*time);
      if (const auto ns = read_integer(text)) return Cell(Time{*ns});
      break;
    case BOURSE_TYPE_TEXT:
      return Cell(text);
    default:
      break;
  }
  throw Mistake("\"" + std::string(text) + "\" is no " + std::string(detail::constant_name(type)));
}

inline Cells cells_of_texts(bourse_type type, std::initializer_list<const char*> texts) {
  Cells cells;
  for (const char* text : texts) {
    cells.push_back(text == nullptr ? Cell() : cell_of_text(type, text));
  }
  return cells;
}

}  // namespace inside

/// decimals({"1.50", nullptr}): the scale is that of the text; nullptr is null.
inline Cells decimals(std::initializer_list<const char*> texts) {
  return inside::cells_of_texts(BOURSE_TYPE_DECIMAL, texts);
}
/// times({"2024-12-31", "2024-12-31T23:59:59.5Z"}); also whole ns since 1970.
inline Cells times(std::initializer_list<const char*> texts) {
  return inside::cells_of_texts(BOURSE_TYPE_TIME, texts);
}

inline Cell Cell::as(bourse_type type) const {
  if (is_null() || bits_.type == type) return *this;
  const bool whole = bits_.type == BOURSE_TYPE_I64;
  if (whole && type == BOURSE_TYPE_TIME) return Cell(Time{bits_.as.i64});
  if (whole && type == BOURSE_TYPE_DECIMAL) return Cell(Decimal::of(bits_.as.i64));
  if (whole && type == BOURSE_TYPE_F64) return Cell(static_cast<double>(bits_.as.i64));
  if (bits_.type == BOURSE_TYPE_DECIMAL && type == BOURSE_TYPE_F64) {
    return Cell(decimal().to_double());
  }
  if (bits_.type == BOURSE_TYPE_DECIMAL && type == BOURSE_TYPE_I64) {
    const Decimal integer = decimal().rescaled(0, Rounding::kDown);
    if (integer == decimal()) return inside::cell_of_text(type, integer.text());
  }
  if (bits_.type == BOURSE_TYPE_TEXT) return inside::cell_of_text(type, text_);
  if (type == BOURSE_TYPE_TEXT) return Cell(shown());
  throw Mistake(shown() + " is " + std::string(detail::constant_name(bits_.type)) +
                " and cannot be given as " + std::string(detail::constant_name(type)));
}

// ---- columns ------------------------------------------------------------------------------------

/// What stands in a bourse_field, owned.
struct Description {
  std::string name;
  bourse_type type = BOURSE_TYPE_NULL;
  std::int32_t scale = 0;  ///< of decimals
  std::uint32_t flags = 0;
  std::string label, unit, doc, format;

  Description() = default;
  explicit Description(std::string id) : name(std::move(id)) {}
  explicit Description(const bourse_field& field)
      : name(view(field.name)),
        type(field.type),
        scale(field.scale),
        flags(field.flags),
        label(BOURSE_REACHES(&field, label) ? view(field.label) : ""),
        unit(BOURSE_REACHES(&field, unit) ? view(field.unit) : ""),
        doc(BOURSE_REACHES(&field, doc) ? view(field.doc) : ""),
        format(BOURSE_REACHES(&field, format) ? view(field.format) : "") {}
};

/// A column by name: {"open_time", times({"2024-12-31"})}, {"close", decimals({"1.5", nullptr})},
/// {"count", {1, 2}}, {"rate", std::vector<double>{0.5}}, or {bourse_candles_close, {...}}, where
/// what it is declared as says the type. Else the type is that of the first value that is not null.
struct Column : Description {
  Cells cells;

  Column() = default;
  Column(std::string id, Cells values) : Description(std::move(id)), cells(std::move(values)) {
    settle();
  }
  Column(const bourse_field& field, Cells values) : Description(field), cells(std::move(values)) {
    settle();
  }
  /// Any range of what CrossesAsValue, or of std::optional of it.
  template <class Range>
  requires requires(const Range& range) {
    { *std::begin(range) } -> CrossesAsValue;
    std::end(range);
  } &&(!CrossesAsValue<Range>)Column(std::string id, const Range& values)
      : Column(std::move(id), copied(values)) {
  }
  template <class Range>
  requires requires(const Range& range) {
    { *std::begin(range) } -> CrossesAsValue;
    std::end(range);
  } &&(!CrossesAsValue<Range>)Column(const bourse_field& field, const Range& values)
      : Column(field, copied(values)) {
  }
  Column(std::string id, const DecimalColumn& values) : Column(std::move(id), copied(values)) {}

  /// As another type, or another scale of decimals: see Cell::as.
  [[nodiscard]] Column as(bourse_type other) const {
    Column column = *this;
    column.type = other;
    column.settle();
    return column;
  }
  void append(const Cells& more) {
    const std::size_t before = cells.size();
    cells.insert(cells.end(), more.begin(), more.end());
    settle(before);
  }

 private:
  template <class Range>
  static Cells copied(const Range& values) {
    Cells cells;
    for (auto&& v : values) cells.push_back(Cell::copied(value(v)));
    return cells;
  }
  static Cells copied(const DecimalColumn& values) {
    Cells cells;
    for (std::size_t row = 0; row < values.size(); ++row) {
      cells.push_back(values.has(row) ? Cell(values[row]) : Cell());
    }
    return cells;
  }
  /// One type, and of decimals one scale, for all cells; those before `first` have it.
  void settle(std::size_t first = 0) {
    for (std::size_t row = first; row < cells.size() && type == BOURSE_TYPE_NULL; ++row) {
      type = cells[row].type();
    }
    const std::int32_t before = scale;
    for (std::size_t row = first; row < cells.size(); ++row) {
      try {
        cells[row] = cells[row].as(type);
      } catch (const Mistake& why) {
        throw Mistake("column " + name + ": " + why.what());
      }
      if (cells[row].type() == BOURSE_TYPE_DECIMAL && cells[row].decimal().scale() > scale) {
        scale = cells[row].decimal().scale();
      }
    }
    if (type != BOURSE_TYPE_DECIMAL) return;
    for (std::size_t row = scale == before ? first : 0; row < cells.size(); ++row) {
      if (cells[row].is_null()) continue;
      cells[row] = Cell(cells[row].decimal().rescaled(scale, Rounding::kDown));
    }
  }
};

namespace inside {

/// A column as it crosses: borrows its texts from the column, which must not change.
class WireColumn {
 public:
  explicit WireColumn(const Column& column) {
    field_.size = sizeof field_;
    field_.flags = column.flags;
    field_.type = column.type == BOURSE_TYPE_NULL ? BOURSE_TYPE_TEXT : column.type;
    field_.scale = column.type == BOURSE_TYPE_DECIMAL ? column.scale : 0;
    field_.name = column.name.c_str();
    field_.label = or_null(column.label);
    field_.unit = or_null(column.unit);
    field_.doc = or_null(column.doc);
    field_.format = or_null(column.format);
    valid_.assign((column.cells.size() + 7) / 8, 0);
    fill_any(column);
  }
  [[nodiscard]] const bourse_field& field() const noexcept { return field_; }
  [[nodiscard]] bourse_array array() const noexcept {
    return {data_.data(), has_nulls_ ? valid_.data() : nullptr};
  }

 private:
  static const char* or_null(const std::string& text) noexcept {
    return text.empty() ? nullptr : text.c_str();
  }
  void fill_any(const Column& column) {
    switch (field_.type) {
      case BOURSE_TYPE_BOOL:
        return fill<std::uint8_t>(column, [](const bourse_value& v) {
          return static_cast<std::uint8_t>(v.as.i64 != 0 ? 1 : 0);
        });
      case BOURSE_TYPE_F64:
        return fill<double>(column, [](const bourse_value& v) { return v.as.f64; });
      case BOURSE_TYPE_DECIMAL:
        return fill<bourse_i128>(column, [](const bourse_value& v) { return v.as.dec; });
      case BOURSE_TYPE_TEXT:
        return fill<bourse_str>(column, [](const bourse_value& v) { return v.as.text; });
      default:
        return fill<std::int64_t>(column, [](const bourse_value& v) { return v.as.i64; });
    }
  }
  template <class Wire, class Get>
  void fill(const Column& column, Get get) {
    data_.assign(sizeof(Wire) * (column.cells.size() + 1), 0);
    std::vector<bourse_value> none;
    for (std::size_t row = 0; row < column.cells.size(); ++row) {
      if (column.cells[row].is_null()) {
        has_nulls_ = true;
        continue;
      }
      valid_[row / 8] = static_cast<std::uint8_t>(valid_[row / 8] | 1U << (row % 8));
      const Wire cell = get(column.cells[row].wire(none));
      std::memcpy(data_.data() + row * sizeof(Wire), &cell, sizeof cell);
    }
  }
  bourse_field field_{};
  std::vector<char> data_;  // of operator new: aligned for anything
  std::vector<std::uint8_t> valid_;
  bool has_nulls_ = false;
};

}  // namespace inside
}  // namespace bourse::inline sdk_0_1::testing
