// SPDX-License-Identifier: MIT
//
// reads.hpp - what an analysis reads, checked by the compiler against market.h:
//
//   static constexpr std::array datasets{&bourse::reads<"candles", "open_time", "close">,
//                                        &bourse::reads_if<"book_ticker", "bid", "ask">};
//
// It is asked for no more than the columns it names, so that any source will do which has these and
// takes the dataset's arguments. A
// column whose name ends in "?" is optional: the analysis goes on without it (TableView::find tells
// whether it came). reads_if: it goes on without the whole dataset. For datasets that are not in
// market.h: reads_from<my_dataset, "time", "reading">, reads_from_if.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/market.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

namespace detail {

/// A text as a template's argument.
template <std::size_t N>
struct Literal {
  char text[N];
  consteval Literal(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

consteval const bourse_dataset* market_dataset(std::string_view name) {
  for (const bourse_dataset* dataset : bourse_market_datasets) {
    if (dataset->name == name) return dataset;
  }
  return nullptr;
}
constexpr bool is_optional(std::string_view column) { return column.ends_with('?'); }
constexpr const bourse_field* field_of(const bourse_dataset& dataset, std::string_view column) {
  if (is_optional(column)) column.remove_suffix(1);
  for (std::size_t i = 0; i < dataset.n_fields; ++i) {
    if (dataset.fields[i]->name == column) return dataset.fields[i];
  }
  return nullptr;
}
constexpr bourse_field read_field(const bourse_dataset& dataset, std::string_view column) {
  const bourse_field* const found = field_of(dataset, column);
  bourse_field field = found != nullptr ? *found : bourse_field{};
  if (is_optional(column)) field.flags |= BOURSE_FIELD_OPTIONAL;
  return field;
}

template <const bourse_dataset* kDataset, Literal... kColumns>
struct Reads {
  static_assert(sizeof...(kColumns) > 0,
                "reads: name the columns that the analysis reads, after the dataset");
  static_assert(((field_of(*kDataset, kColumns.view()) != nullptr) && ...),
                "reads: the dataset has no column of one of these names");
  static constexpr std::array<bourse_field, sizeof...(kColumns)> kFields = {
      read_field(*kDataset, kColumns.view())...};
  static constexpr auto kPointers = [] {
    std::array<const bourse_field*, sizeof...(kColumns)> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = &kFields[i];
    return out;
  }();
  static constexpr bourse_dataset described(bool optional) {
    bourse_dataset dataset = *kDataset;
    if (optional) dataset.flags |= BOURSE_DATASET_OPTIONAL;
    dataset.n_fields = kPointers.size();
    dataset.fields = kPointers.data();
    return dataset;
  }
};
template <Literal kName, Literal... kColumns>
constexpr bourse_dataset market_reads(bool optional) {
  constexpr const bourse_dataset* kDataset = market_dataset(kName.view());
  if constexpr (kDataset == nullptr) {
    static_assert(
        kDataset != nullptr,
        "reads: market.h has no dataset of this name; of others: reads_from<dataset, ...>");
    return {};
  } else {
    return Reads<kDataset, kColumns...>::described(optional);
  }
}

}  // namespace detail

template <detail::Literal kDataset, detail::Literal... kColumns>
inline constexpr bourse_dataset reads = detail::market_reads<kDataset, kColumns...>(false);
template <detail::Literal kDataset, detail::Literal... kColumns>
inline constexpr bourse_dataset reads_if = detail::market_reads<kDataset, kColumns...>(true);
template <const bourse_dataset& kDataset, detail::Literal... kColumns>
inline constexpr bourse_dataset reads_from =
    detail::Reads<&kDataset, kColumns...>::described(false);
template <const bourse_dataset& kDataset, detail::Literal... kColumns>
inline constexpr bourse_dataset reads_from_if =
    detail::Reads<&kDataset, kColumns...>::described(true);

}  // namespace bourse::inline sdk_0_1
