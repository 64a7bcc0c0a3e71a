// SPDX-License-Identifier: MIT
//
// returns.hpp - what an analysis' reports hold, told beforehand:
//
//   static constexpr auto returns =
//       bourse::Returns()
//           .scalar(kTotal, kTrading)
//           .table("prices", "Prices", bourse::Field("symbol", BOURSE_TYPE_TEXT), kSpread);
//
// The host describes its answers with it (OpenAPI) and looks, when it logs at level debug, whether
// reports keep to it. A scalar or column that is not in every report is a Field::optional(). Units,
// labels and scales may differ from what a report says: names and types are what counts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bourse/bourse.h"
#include "bourse/field.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {

template <std::size_t N, std::size_t M, std::size_t... I, std::size_t... J>
constexpr std::array<Field, N + M> joined(const std::array<Field, N>& a,
                                          const std::array<Field, M>& b, std::index_sequence<I...>,
                                          std::index_sequence<J...>) {
  return {{a[I]..., b[J]...}};
}
template <std::size_t N, std::size_t M>
constexpr std::array<Field, N + M> joined(const std::array<Field, N>& a,
                                          const std::array<Field, M>& b) {
  return joined(a, b, std::make_index_sequence<N>(), std::make_index_sequence<M>());
}
constexpr bool equal(const char* a, const char* b) {
  return std::string_view(a) == std::string_view(b);
}

/// A table that Returns tells; its columns are those of Returns::columns_ from `first` on.
struct ReturnedTable {
  const char* name;
  const char* label;
  std::uint32_t flags;
  std::size_t first, count;
};

template <class T>
struct ReturnsOf;

}  // namespace detail

/// Numbers of scalars, of columns of all tables, of tables.
template <std::size_t kScalars = 0, std::size_t kColumns = 0, std::size_t kTables = 0>
class Returns {
 public:
  constexpr Returns() noexcept requires(kScalars + kColumns + kTables == 0)
      : scalars_{}, columns_{}, tables_{} {}

  /// Single values, in the order of the report: Call::scalar.
  template <class... Fields>
  [[nodiscard]] constexpr auto scalar(const Fields&... fields) const {
    const std::array<Field, sizeof...(Fields)> more{{Field(fields)...}};
    return Returns<kScalars + sizeof...(Fields), kColumns, kTables>(detail::joined(scalars_, more),
                                                                    columns_, tables_);
  }
  /// A table with these columns; more of them by columns().
  template <class... Fields>
  [[nodiscard]] constexpr auto table(const char* name, const char* label,
                                     const Fields&... fields) const {
    std::array<detail::ReturnedTable, kTables + 1> tables{};
    for (std::size_t i = 0; i < kTables; ++i) tables[i] = tables_[i];
    tables[kTables] = {name, label, 0, kColumns, 0};
    return Returns<kScalars, kColumns, kTables + 1>(scalars_, columns_, tables).columns(fields...);
  }
  /// More columns of the table told last.
  template <class... Fields>
  [[nodiscard]] constexpr auto columns(const Fields&... fields) const {
    return columns(std::array<Field, sizeof...(Fields)>{{Field(fields)...}});
  }
  template <std::size_t kMore>
  [[nodiscard]] constexpr auto columns(const std::array<Field, kMore>& more) const {
    static_assert(kTables > 0,
                  "returns: columns belong to a table: .table(name, label, ...) first");
    auto tables = tables_;
    if constexpr (kTables > 0) tables[kTables - 1].count += kMore;
    return Returns<kScalars, kColumns + kMore, kTables>(scalars_, detail::joined(columns_, more),
                                                        tables);
  }
  /// The table told last is not in every report.
  [[nodiscard]] constexpr Returns optional() const { return flagged(BOURSE_TABLE_OPTIONAL); }
  /// It may have more columns than these, by parameters or data.
  [[nodiscard]] constexpr Returns open() const { return flagged(BOURSE_TABLE_OPEN); }

 private:
  template <std::size_t, std::size_t, std::size_t>
  friend class Returns;
  template <class T>
  friend struct detail::ReturnsOf;

  constexpr Returns(const std::array<Field, kScalars>& scalars,
                    const std::array<Field, kColumns>& columns,
                    const std::array<detail::ReturnedTable, kTables>& tables) noexcept
      : scalars_(scalars), columns_(columns), tables_(tables) {}

  [[nodiscard]] constexpr Returns flagged(std::uint32_t flag) const {
    static_assert(kTables > 0, "returns: optional and open are a table's: .table(...) first");
    Returns copy = *this;
    if constexpr (kTables > 0) copy.tables_[kTables - 1].flags |= flag;
    return copy;
  }

  std::array<Field, kScalars> scalars_;
  std::array<Field, kColumns> columns_;
  std::array<detail::ReturnedTable, kTables> tables_;
};

namespace detail {

template <class T>
concept TellsReturns = requires {
  T::returns;
};

/// What is not a Returns tells nothing; Rules has the words for it.
template <class R>
inline constexpr bool kIsReturns = false;
template <std::size_t S, std::size_t C, std::size_t N>
inline constexpr bool kIsReturns<Returns<S, C, N>> = true;

/// T::returns as bourse_component wants it.
template <class T>
struct ReturnsOf {
  static constexpr const auto& kTold = T::returns;
  template <class Item, std::size_t N>
  static constexpr auto pointers(const std::array<Item, N>& items) {
    using Wire = std::conditional_t<std::is_same_v<Item, Field>, bourse_field, Item>;
    std::array<const Wire*, N> out{};
    for (std::size_t i = 0; i < N; ++i) out[i] = &items[i];
    return out;
  }
  static constexpr auto kScalars = pointers(kTold.scalars_);
  static constexpr auto kColumns = pointers(kTold.columns_);
  static constexpr auto kTables = [] {
    std::array<bourse_table, kTold.tables_.size()> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const ReturnedTable& told = kTold.tables_[i];
      out[i] = {sizeof(bourse_table),         told.flags, told.name, told.label, told.count,
                kColumns.data() + told.first, 0,          nullptr};
    }
    return out;
  }();
  static constexpr auto kTablePointers = pointers(kTables);

  /// Two of `count` fields from `first` on have one name.
  template <std::size_t N>
  static constexpr bool repeats(const std::array<Field, N>& fields, std::size_t first,
                                std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
      for (std::size_t j = first; j < i; ++j) {
        if (equal(fields[i].name, fields[j].name)) return true;
      }
    }
    return false;
  }
  static constexpr bool repeats() {
    if (repeats(kTold.scalars_, 0, kTold.scalars_.size())) return true;
    for (std::size_t i = 0; i < kTold.tables_.size(); ++i) {
      const ReturnedTable& table = kTold.tables_[i];
      if (repeats(kTold.columns_, table.first, table.count)) return true;
      for (std::size_t j = 0; j < i; ++j) {
        if (equal(table.name, kTold.tables_[j].name)) return true;
      }
    }
    return false;
  }
  static constexpr bool has_empty_table() {
    for (const ReturnedTable& table : kTold.tables_) {
      if (table.count == 0 && (table.flags & BOURSE_TABLE_OPEN) == 0) return true;
    }
    return false;
  }
  static constexpr bool says_nothing() {
    return kTold.scalars_.size() == 0 && kTold.tables_.size() == 0;
  }
};

}  // namespace detail

}  // namespace bourse::inline sdk_0_1
