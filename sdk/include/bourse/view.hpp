// SPDX-License-Identifier: MIT
//
// view.hpp - reports, read. ReportView, TableView and DecimalColumn are typed, checked faces of
// what stands in bourse.h, for an analysis that asked a source and for a serializer. They borrow:
// valid as long as what they view.
//
// A wrong use (no such column, other type) throws Error with BOURSE_INTERNAL: it is the plugin's
// own mistake, and the client sees a 500 that names it, never a crash.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/detail/sentence.hpp"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

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
      out[row] = has(row) ? (*this)[row].to_double() : detail::kNan;
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

  [[nodiscard]] std::size_t rows() const noexcept { return table_->n_rows; }
  [[nodiscard]] std::size_t columns() const noexcept { return table_->n_fields; }
  [[nodiscard]] std::string_view name() const noexcept { return view(table_->name); }
  [[nodiscard]] std::string_view label() const noexcept { return view(table_->label); }
  [[nodiscard]] const bourse_field& field(std::size_t column) const noexcept {
    return *table_->fields[column];
  }
  [[nodiscard]] const bourse_array& array(std::size_t column) const noexcept {
    return table_->columns[column];
  }
  /// Nothing: there is no such column. Sources may leave out those that are OPTIONAL.
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
    return {static_cast<const std::int64_t*>(column(name, BOURSE_TYPE_I64)), rows()};
  }
  [[nodiscard]] std::span<const std::int64_t> times(std::string_view name) const {
    return {static_cast<const std::int64_t*>(column(name, BOURSE_TYPE_TIME)), rows()};
  }
  [[nodiscard]] std::span<const double> reals(std::string_view name) const {
    return {static_cast<const double*>(column(name, BOURSE_TYPE_F64)), rows()};
  }
  [[nodiscard]] std::span<const std::uint8_t> booleans(std::string_view name) const {
    return {static_cast<const std::uint8_t*>(column(name, BOURSE_TYPE_BOOL)), rows()};
  }
  [[nodiscard]] std::span<const bourse_str> texts(std::string_view name) const {
    return {static_cast<const bourse_str*>(column(name, BOURSE_TYPE_TEXT)), rows()};
  }
  [[nodiscard]] DecimalColumn decimals(std::string_view name) const {
    const std::size_t i = typed(name, BOURSE_TYPE_DECIMAL);
    return {static_cast<const bourse_i128*>(array(i).data), rows(), field(i).scale, array(i).valid};
  }

 private:
  [[nodiscard]] std::size_t index(std::string_view name) const {
    for (std::size_t i = 0; i < columns(); ++i) {
      if (view(field(i).name) == name) return i;
    }
    detail::Sentence what;
    what << "table " << this->name() << " has no column " << name;
    throw Error(BOURSE_INTERNAL, "no_such_column", what.text());
  }
  [[nodiscard]] std::size_t typed(std::string_view name, bourse_type type) const {
    const std::size_t i = index(name);
    if (field(i).type == type) return i;
    detail::Sentence what;
    what << "column " << name << " has another type than was asked for";
    throw Error(BOURSE_INTERNAL, "wrong_column_type", what.text());
  }
  [[nodiscard]] const void* column(std::string_view name, bourse_type type) const {
    return array(typed(name, type)).data;
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

}  // namespace bourse::inline sdk_0_1
