// SPDX-License-Identifier: MIT
//
// report.hpp - reports, read and written in C++.
//
// Reading: ReportView and TableView are typed, checked faces of bourse_report and bourse_table, for
// an analysis that asked a source and for a serializer. They borrow: valid as long as what they
// view. Writing: Field describes a column or scalar, TableBuilder gathers whole columns, Chart says
// what to show. They are handed to a Call (plugin.hpp), which copies them into the report.
//
// A wrong use (no such column, other type) throws Error with BOURSE_INTERNAL: it is the plugin's
// own mistake, and the client sees a 500 that names it, never a crash.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"

namespace bourse {

/// Fails the call: the client sees `status`, the stable `code` and the sentence `message`.
class Error : public std::exception {
 public:
  Error(bourse_status status, std::string code, std::string message)
      : status_(status), code_(std::move(code)), message_(std::move(message)) {}

  /// Names the request parameter that is to blame.
  Error&& blame(std::string parameter) && {
    parameter_ = std::move(parameter);
    return std::move(*this);
  }
  /// Tells the client when a new try makes sense.
  Error&& retry_after(std::chrono::nanoseconds wait) && {
    retry_after_ = wait;
    return std::move(*this);
  }

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] bourse_status status() const noexcept { return status_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& parameter() const noexcept { return parameter_; }
  [[nodiscard]] std::chrono::nanoseconds retry_after() const noexcept { return retry_after_; }

 private:
  bourse_status status_;
  std::string code_;
  std::string message_;
  std::string parameter_;
  std::chrono::nanoseconds retry_after_{0};
};

/// Time in ns since 1970-01-01 UTC, a type of its own so that it is not mistaken for a count.
struct Time {
  std::int64_t ns = 0;
  friend constexpr auto operator<=>(Time, Time) = default;
};

inline std::string_view view(bourse_str text) noexcept {
  return text.len == 0 ? std::string_view() : std::string_view(text.ptr, text.len);
}
constexpr bourse_str borrow(std::string_view text) noexcept { return {text.data(), text.size()}; }
inline std::string_view view(const char* text) noexcept {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

/// bit i of a validity bitmap; a null bitmap means that every row has a value.
constexpr bool is_valid(const std::uint8_t* bitmap, std::size_t row) noexcept {
  return bitmap == nullptr || ((bitmap[row / 8] >> (row % 8)) & 1U) != 0;
}

// ---- values -------------------------------------------------------------------------------------

constexpr bourse_value null_value() noexcept { return bourse_value{}; }
inline bourse_value value(bool flag) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_BOOL;
  v.as.i64 = flag ? 1 : 0;
  return v;
}
inline bourse_value value(std::int64_t integer) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_I64;
  v.as.i64 = integer;
  return v;
}
/// NaN becomes null: a statistic that cannot be computed is absent, it is not a number.
inline bourse_value value(double real) noexcept {
  bourse_value v{};
  if (std::isnan(real)) return v;
  v.type = BOURSE_TYPE_F64;
  v.as.f64 = real;
  return v;
}
inline bourse_value value(const Decimal& decimal) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_DECIMAL;
  v.scale = decimal.scale();
  v.as.dec = decimal.wire();
  return v;
}
inline bourse_value value(Time time) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_TIME;
  v.as.i64 = time.ns;
  return v;
}
/// Borrows the text.
inline bourse_value value(std::string_view text) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_TEXT;
  v.as.text = borrow(text);
  return v;
}
inline bourse_value value(const char* text) noexcept { return value(std::string_view(text)); }
template <class T>
bourse_value value(const std::optional<T>& maybe) noexcept {
  return maybe ? value(*maybe) : null_value();
}

// ---- descriptions -------------------------------------------------------------------------------

/// bourse_field with names for its parts: Field("rsi", BOURSE_TYPE_F64).labelled("RSI").in("%").
/// Texts are borrowed: string literals, or what lives until the call that takes the field returns.
struct Field : bourse_field {
  constexpr Field(const char* id, bourse_type of_type) noexcept
      : bourse_field{sizeof(bourse_field), of_type, 0, 0, id, nullptr, nullptr, nullptr} {}
  constexpr Field(const bourse_field& other) noexcept : bourse_field(other) {
    size = sizeof(bourse_field);
  }
  [[nodiscard]] constexpr Field labelled(const char* text) const noexcept {
    Field copy = *this;
    copy.label = text;
    return copy;
  }
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
  [[nodiscard]] constexpr Field scaled(std::int32_t decimals) const noexcept {
    Field copy = *this;
    copy.scale = decimals;
    return copy;
  }
};

/// What to show, by role: Chart(BOURSE_CHART_LINE, "rsi", "RSI").of("series").pane("rsi")
///   .channel(BOURSE_ROLE_X, "open_time").channel(BOURSE_ROLE_Y, "rsi", "RSI
///   14").level(30).level(70).range(0, 100)
/// Owns its texts.
class Chart {
 public:
  Chart(bourse_chart_kind kind, std::string name, std::string title)
      : kind_(kind), name_(std::move(name)), title_(std::move(title)) {}

  Chart&& of(std::string table) && {
    table_ = std::move(table);
    return std::move(*this);
  }
  Chart&& pane(std::string name) && {
    pane_ = std::move(name);
    return std::move(*this);
  }
  Chart&& channel(bourse_role role, std::string field, std::string label = {}) && {
    channels_.push_back({role, std::move(field), std::move(label)});
    return std::move(*this);
  }
  Chart&& level(double y) && {
    levels_.push_back(y);
    return std::move(*this);
  }
  Chart&& range(double low, double high) && {
    range_ = {low, high};
    return std::move(*this);
  }

  /// Calls use(const bourse_chart&); what it points to lives until `use` returns.
  template <class Use>
  auto with_wire(Use&& use) const {
    std::vector<bourse_channel> channels;
    std::vector<const bourse_channel*> pointers;
    channels.reserve(channels_.size());
    for (const Channel& c : channels_) {
      channels.push_back({sizeof(bourse_channel), c.role, c.field.c_str(),
                          c.label.empty() ? nullptr : c.label.c_str()});
      pointers.push_back(&channels.back());
    }
    bourse_chart wire{};
    wire.size = sizeof wire;
    wire.kind = kind_;
    wire.name = name_.c_str();
    wire.title = title_.c_str();
    wire.table = table_.c_str();
    wire.pane = pane_.empty() ? nullptr : pane_.c_str();
    wire.n_channels = pointers.size();
    wire.channels = pointers.data();
    wire.n_levels = levels_.size();
    wire.levels = levels_.data();
    wire.range = range_.empty() ? nullptr : range_.data();
    return use(std::as_const(wire));
  }

 private:
  struct Channel {
    bourse_role role;
    std::string field, label;
  };
  bourse_chart_kind kind_;
  std::string name_, title_, table_, pane_;
  std::vector<Channel> channels_;
  std::vector<double> levels_, range_;
};

// ---- reading ------------------------------------------------------------------------------------

/// A decimal column: coefficients that share one scale. Borrows.
class DecimalColumn {
 public:
  DecimalColumn(const bourse_i128* data, std::size_t rows, std::int32_t scale,
                const std::uint8_t* valid, std::size_t first = 0)
      : data_(data), rows_(rows), scale_(scale), valid_(valid), first_(first) {}

  [[nodiscard]] std::size_t size() const noexcept { return rows_; }
  [[nodiscard]] std::int32_t scale() const noexcept { return scale_; }
  [[nodiscard]] bool has(std::size_t row) const noexcept { return is_valid(valid_, first_ + row); }
  /// REQUIRES: has(row).
  [[nodiscard]] Decimal operator[](std::size_t row) const {
    const auto decimal = Decimal::from_wire(data_[first_ + row], scale_);
    if (!decimal)
      throw Error(BOURSE_INTERNAL, "bad_decimal", "a decimal of the column is out of range");
    return *decimal;
  }
  /// The rows from `first` on.
  [[nodiscard]] DecimalColumn from(std::size_t first) const noexcept {
    return {data_, rows_ - first, scale_, valid_, first_ + first};
  }
  /// Correctly rounded; NaN where there is no value.
  [[nodiscard]] std::vector<double> to_doubles() const {
    std::vector<double> out(rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
      out[row] = has(row) ? (*this)[row].to_double() : std::nan("");
    }
    return out;
  }
  [[nodiscard]] const bourse_i128* data() const noexcept { return data_ + first_; }

 private:
  const bourse_i128* data_;
  std::size_t rows_;
  std::int32_t scale_;
  const std::uint8_t* valid_;
  std::size_t first_;
};

/// One table of a report. Borrows.
class TableView {
 public:
  explicit TableView(const bourse_table& table) noexcept : table_(&table) {}

  [[nodiscard]] const bourse_table& wire() const noexcept { return *table_; }

  [[nodiscard]] std::size_t rows() const noexcept {
    return static_cast<std::size_t>(table_->n_rows);
  }
  [[nodiscard]] std::size_t columns() const noexcept { return table_->n_fields; }
  [[nodiscard]] std::string_view name() const noexcept { return view(table_->name); }
  [[nodiscard]] std::string_view label() const noexcept { return view(table_->label); }
  [[nodiscard]] const bourse_field& field(std::size_t column) const noexcept {
    return *table_->fields[column];
  }
  [[nodiscard]] const bourse_array& array(std::size_t column) const noexcept {
    return table_->columns[column];
  }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < columns(); ++i) {
      if (view(field(i).name) == name) return i;
    }
    return std::nullopt;
  }
  /// One cell, whatever its type; BOURSE_TYPE_NULL where the row is null. Texts are borrowed.
  [[nodiscard]] bourse_value cell(std::size_t column, std::size_t row) const noexcept {
    return cell_of(field(column), array(column), row);
  }
  /// The same, for who looks up field and array once for all rows.
  [[nodiscard]] static bourse_value cell_of(const bourse_field& field, const bourse_array& array,
                                            std::size_t row) noexcept {
    bourse_value v{};
    if (!is_valid(array.valid, row)) return v;
    v.type = field.type;
    switch (field.type) {
      case BOURSE_TYPE_BOOL:
        v.as.i64 = static_cast<const std::uint8_t*>(array.data)[row] != 0 ? 1 : 0;
        break;
      case BOURSE_TYPE_I64:
      case BOURSE_TYPE_TIME:
        v.as.i64 = static_cast<const std::int64_t*>(array.data)[row];
        break;
      case BOURSE_TYPE_F64:
        v.as.f64 = static_cast<const double*>(array.data)[row];
        break;
      case BOURSE_TYPE_DECIMAL:
        v.scale = field.scale;
        v.as.dec = static_cast<const bourse_i128*>(array.data)[row];
        break;
      case BOURSE_TYPE_TEXT:
        v.as.text = static_cast<const bourse_str*>(array.data)[row];
        break;
      default:
        v.type = BOURSE_TYPE_NULL;
    }
    return v;
  }
  /// False where the row is null.
  [[nodiscard]] bool has(std::string_view name, std::size_t row) const {
    return is_valid(array(index(name)).valid, row);
  }

  /// The values of a column; a null row holds anything.
  [[nodiscard]] std::span<const std::int64_t> integers(std::string_view name) const {
    return column<std::int64_t>(name, BOURSE_TYPE_I64);
  }
  [[nodiscard]] std::span<const std::int64_t> times(std::string_view name) const {
    return column<std::int64_t>(name, BOURSE_TYPE_TIME);
  }
  [[nodiscard]] std::span<const double> reals(std::string_view name) const {
    return column<double>(name, BOURSE_TYPE_F64);
  }
  [[nodiscard]] std::span<const std::uint8_t> booleans(std::string_view name) const {
    return column<std::uint8_t>(name, BOURSE_TYPE_BOOL);
  }
  [[nodiscard]] std::span<const bourse_str> texts(std::string_view name) const {
    return column<bourse_str>(name, BOURSE_TYPE_TEXT);
  }
  [[nodiscard]] DecimalColumn decimals(std::string_view name) const {
    const auto data = column<bourse_i128>(name, BOURSE_TYPE_DECIMAL);
    const std::size_t i = index(name);
    return {data.data(), data.size(), field(i).scale, array(i).valid};
  }

 private:
  [[nodiscard]] std::size_t index(std::string_view name) const {
    if (const auto found = find(name)) return *found;
    throw Error(BOURSE_INTERNAL, "no_such_column",
                "table " + std::string(this->name()) + " has no column " + std::string(name));
  }
  template <class T>
  std::span<const T> column(std::string_view name, bourse_type type) const {
    const std::size_t i = index(name);
    if (field(i).type != type) {
      throw Error(BOURSE_INTERNAL, "wrong_column_type",
                  "column " + std::string(name) + " has another type than was asked for");
    }
    return {static_cast<const T*>(array(i).data), rows()};
  }
  const bourse_table* table_;
};

/// A finished report. Borrows.
class ReportView {
 public:
  explicit ReportView(const bourse_report& report) noexcept : report_(&report) {}

  [[nodiscard]] const bourse_report& wire() const noexcept { return *report_; }
  [[nodiscard]] std::string_view title() const noexcept { return view(report_->title); }
  /// "plugin/component" that made it.
  [[nodiscard]] std::string_view component() const noexcept { return view(report_->component); }
  /// 0: unknown.
  [[nodiscard]] Time as_of() const noexcept { return Time{report_->as_of}; }
  [[nodiscard]] std::size_t tables() const noexcept { return report_->n_tables; }
  [[nodiscard]] TableView table(std::size_t i) const noexcept {
    return TableView(*report_->tables[i]);
  }
  [[nodiscard]] std::span<const bourse_note* const> notes() const noexcept {
    return {report_->notes, report_->n_notes};
  }
  [[nodiscard]] std::span<const bourse_meta* const> meta() const noexcept {
    return {report_->meta, report_->n_meta};
  }
  [[nodiscard]] std::span<const bourse_scalar* const> scalars() const noexcept {
    return {report_->scalars, report_->n_scalars};
  }
  [[nodiscard]] std::span<const bourse_chart* const> charts() const noexcept {
    return {report_->charts, report_->n_charts};
  }
  [[nodiscard]] std::optional<bourse_value> meta(std::string_view key) const noexcept {
    for (std::size_t i = 0; i < report_->n_meta; ++i) {
      if (view(report_->meta[i]->key) == key) return report_->meta[i]->value;
    }
    return std::nullopt;
  }

 private:
  const bourse_report* report_;
};

// ---- writing ------------------------------------------------------------------------------------

/// A table, column by column, each whole. Values are borrowed until the builder has been handed to
/// Call::add, except what is said to be copied; all columns must have the same number of rows.
class TableBuilder {
 public:
  TableBuilder(std::string name, std::string label)
      : name_(std::move(name)), label_(std::move(label)) {}

  /// NaN becomes null.
  TableBuilder& column(const Field& field, std::span<const double> values) {
    std::uint8_t* bitmap = nullptr;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (!std::isnan(values[row])) continue;
      if (bitmap == nullptr) bitmap = all_valid(values.size());
      clear(bitmap, row);
    }
    return push(field, BOURSE_TYPE_F64, values.data(), bitmap, values.size());
  }
  TableBuilder& column(const Field& field, std::span<const Time> values) {
    static_assert(sizeof(Time) == sizeof(std::int64_t));
    return push(field, BOURSE_TYPE_TIME, values.data(), nullptr, values.size());
  }
  /// Of an integer or time field.
  TableBuilder& column(const Field& field, std::span<const std::int64_t> values) {
    return push(field, field.type == BOURSE_TYPE_TIME ? BOURSE_TYPE_TIME : BOURSE_TYPE_I64,
                values.data(), nullptr, values.size());
  }
  TableBuilder& column(const Field& field, std::span<const std::uint8_t> values) {
    return push(field, BOURSE_TYPE_BOOL, values.data(), nullptr, values.size());
  }
  TableBuilder& column(const Field& field, std::span<const bourse_str> values) {
    return push(field, BOURSE_TYPE_TEXT, values.data(), nullptr, values.size());
  }
  /// The views are copied, the characters are borrowed.
  template <class Text>
  requires std::convertible_to<const Text&, std::string_view> TableBuilder& column(
      const Field& field, const std::vector<Text>& values) {
    auto& texts = texts_.emplace_back();
    texts.reserve(values.size());
    for (const Text& text : values) texts.push_back(borrow(std::string_view(text)));
    return column(field, std::span<const bourse_str>(texts));
  }
  /// Takes the scale of the data.
  TableBuilder& column(const Field& field, const DecimalColumn& values) {
    std::uint8_t* bitmap = nullptr;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (values.has(row)) continue;
      if (bitmap == nullptr) bitmap = all_valid(values.size());
      clear(bitmap, row);
    }
    return push(field.scaled(values.scale()), BOURSE_TYPE_DECIMAL, values.data(), bitmap,
                values.size());
  }
  /// Copies. All values are brought to the largest scale among them (at least the field's),
  /// exactly.
  TableBuilder& column(const Field& field, const std::vector<std::optional<Decimal>>& values) {
    std::int32_t scale = field.scale;
    for (const auto& v : values) {
      if (v) scale = std::max(scale, static_cast<std::int32_t>(v->scale()));
    }
    auto& data = decimals_.emplace_back(values.size());
    std::uint8_t* bitmap = nullptr;
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (values[row]) {
        data[row] = values[row]->rescaled(scale, Rounding::kDown).wire();
      } else {
        if (bitmap == nullptr) bitmap = all_valid(values.size());
        clear(bitmap, row);
      }
    }
    return push(field.scaled(scale), BOURSE_TYPE_DECIMAL, data.data(), bitmap, values.size());
  }
  /// Copies: for any type that value() knows, wrapped in optional; empty is null.
  TableBuilder& column(const Field& field, const std::vector<std::optional<std::int64_t>>& values) {
    auto& data = integers_.emplace_back(values.size());
    std::uint8_t* bitmap = all_valid(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (values[row]) {
        data[row] = *values[row];
      } else {
        clear(bitmap, row);
      }
    }
    return push(field, field.type == BOURSE_TYPE_TIME ? BOURSE_TYPE_TIME : BOURSE_TYPE_I64,
                data.data(), bitmap, values.size());
  }
  /// Copies the views, borrows the characters; empty optional is null.
  TableBuilder& column(const Field& field,
                       const std::vector<std::optional<std::string_view>>& values) {
    auto& texts = texts_.emplace_back(values.size());
    std::uint8_t* bitmap = all_valid(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      if (values[row]) {
        texts[row] = borrow(*values[row]);
      } else {
        texts[row] = bourse_str{"", 0};
        clear(bitmap, row);
      }
    }
    return push(field, BOURSE_TYPE_TEXT, texts.data(), bitmap, values.size());
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  [[nodiscard]] std::span<const Field> fields() const noexcept { return fields_; }
  [[nodiscard]] std::span<const bourse_array> arrays() const noexcept { return arrays_; }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

 private:
  TableBuilder& push(const Field& field, bourse_type type, const void* data,
                     const std::uint8_t* valid, std::size_t rows) {
    if (field.type != type) {
      throw Error(BOURSE_INTERNAL, "wrong_column_type",
                  "column " + std::string(view(field.name)) + " was given values of another type");
    }
    if (!fields_.empty() && rows != rows_) {
      throw Error(BOURSE_INTERNAL, "uneven_columns",
                  "column " + std::string(view(field.name)) + " of table " + name_ +
                      " has another number of rows than the columns before it");
    }
    rows_ = rows;
    fields_.push_back(field);
    arrays_.push_back({data, valid});
    return *this;
  }
  std::uint8_t* all_valid(std::size_t rows) {
    return bitmaps_.emplace_back((rows + 7) / 8, std::uint8_t{0xFF}).data();
  }
  static void clear(std::uint8_t* bitmap, std::size_t row) noexcept {
    bitmap[row / 8] = static_cast<std::uint8_t>(bitmap[row / 8] & ~(1U << (row % 8)));
  }

  std::string name_, label_;
  std::vector<Field> fields_;
  std::vector<bourse_array> arrays_;
  std::size_t rows_ = 0;
  // Storage of what was copied; deques, so that growth moves nothing.
  std::deque<std::vector<std::uint8_t>> bitmaps_;
  std::deque<std::vector<bourse_str>> texts_;
  std::deque<std::vector<bourse_i128>> decimals_;
  std::deque<std::vector<std::int64_t>> integers_;
};

}  // namespace bourse
