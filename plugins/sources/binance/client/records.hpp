// SPDX-License-Identifier: MIT
//
// RecordsVisitor: flat JSON objects into rows, one or an array of them, as a table of columns says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/json.hpp"
#include "plugins/sources/binance/client/models.hpp"

namespace bourse::binance {

template <class Row>
struct Column {
  std::string_view key;
  /// False when the value is of another kind.
  bool (*set)(Row& row, const Scalar& scalar);
  /// Whether a row without it is no row.
  bool required = true;
};

/// Setters for Column, by member.
template <auto Member, class Row>
bool set_amount(Row& row, const Scalar& scalar) {  ///< not negative
  return to_decimal(scalar, row.*Member) && (row.*Member).sign() >= 0;
}
template <auto Member, class Row>
bool set_integer(Row& row, const Scalar& scalar) {
  return to_integer(scalar, row.*Member);
}
template <auto Member, class Row>
bool set_time(Row& row, const Scalar& scalar) {
  return to_time(scalar, row.*Member);
}
template <auto Member, class Row>
bool set_bool(Row& row, const Scalar& scalar) {
  return to_bool(scalar, row.*Member);
}
template <auto Member, class Row>
bool set_symbol(Row& row, const Scalar& scalar) {
  return to_symbol(scalar, row.*Member);
}
/// For members that are std::optional: null is as good as missing.
template <auto Member, class Row, auto Convert>
bool set_optional(Row& row, const Scalar& scalar) {
  return scalar.kind == Scalar::Kind::kNull || Convert(scalar, (row.*Member).emplace());
}
inline bool read_amount(const Scalar& scalar, Decimal& out) {  ///< not negative
  return to_decimal(scalar, out) && out.sign() >= 0;
}

/// A row that was refused: which of the document (from 1), and why.
template <class Row>
struct RefusedRow {
  Row row;
  std::size_t number;
  std::string reason;
};

/// Every column that is required must be there, in all rows but kRejectedMax; members without a
/// column are skipped.
/// `check` returns what is wrong with a complete row, or "".
template <class Row>
class RecordsVisitor final : public JsonVisitor {
 public:
  RecordsVisitor(std::span<const Column<Row>> columns, std::string (*check)(const Row& row))
      : columns_(columns), check_(check) {}

  [[nodiscard]] bool is_array() const noexcept { return array_; }
  std::vector<Row>& rows() noexcept { return rows_; }
  std::vector<RefusedRow<Row>>& refused() noexcept { return refused_; }

  bool begin_object() override { return in_row_ ? skip() : begin_row(""); }
  bool end_object() override { return end(); }
  bool begin_array() override {
    if (in_row_) return skip();
    if (array_) return begin_row("it is no object");
    array_ = true;
    return true;
  }
  bool end_array() override { return end(); }
  bool key(std::string_view name) override {
    if (skipped_ > 0) return true;
    // Members come in the same order in every row: the next one is nearly always the right one.
    for (std::size_t tries = 0; tries < columns_.size(); ++tries) {
      const std::size_t candidate = (next_ + tries) % columns_.size();
      if (columns_[candidate].key == name) {
        column_ = candidate;
        next_ = candidate + 1;
        return true;
      }
    }
    column_ = kNone;
    return true;
  }
  bool value(const Scalar& scalar) override {
    if (skipped_ > 0) return true;
    if (!in_row_ && !array_) return fail("expected an object");
    if (!in_row_) return begin_row("it is no object") && end();
    if (column_ == kNone) return true;
    if (columns_[column_].set(row_, scalar)) {
      seen_ |= std::uint64_t{1} << column_;
    } else if (reason_.empty()) {
      reason_ = std::string(columns_[column_].key) +
                " is not what it should be: " + printable(scalar.text, 40);
    }
    return true;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  bool begin_row(const char* reason) {
    in_row_ = true;
    row_ = Row{};
    reason_ = reason;
    seen_ = 0;
    column_ = kNone;
    ++count_;
    return true;
  }
  bool end() {
    if (skipped_ > 0) return --skipped_, true;
    if (!in_row_) return true;  // of the array itself
    in_row_ = false;
    return finish();
  }
  bool skip() {
    if (skipped_ == 0 && column_ != kNone && reason_.empty()) {
      reason_ = std::string(columns_[column_].key) + " is not a plain value";
    }
    ++skipped_;
    return true;
  }
  bool finish() {
    for (std::size_t i = 0; i < columns_.size() && reason_.empty(); ++i) {
      if (columns_[i].required && (seen_ >> i & 1U) == 0)
        reason_ = std::string(columns_[i].key) + " is missing";
    }
    if (reason_.empty()) reason_ = check_(row_);
    if (reason_.empty()) {
      rows_.push_back(std::move(row_));
      return true;
    }
    if (refused_.size() == kRejectedMax) {
      const auto& first = refused_.front();
      return fail("more than " + std::to_string(kRejectedMax) +
                  " rows are senseless, such as row " + std::to_string(first.number) + ": " +
                  first.reason);
    }
    refused_.push_back({std::move(row_), count_, std::move(reason_)});
    return true;
  }

  std::span<const Column<Row>> columns_;
  std::string (*check_)(const Row& row);
  std::vector<Row> rows_;
  std::vector<RefusedRow<Row>> refused_;
  Row row_{};
  std::string reason_;
  std::uint64_t seen_ = 0;
  std::size_t column_ = kNone, next_ = 0, count_ = 0;
  int skipped_ = 0;
  bool array_ = false, in_row_ = false;
};

}  // namespace bourse::binance
