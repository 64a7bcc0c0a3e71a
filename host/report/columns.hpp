// SPDX-License-Identifier: MIT
//
// Columns that grow block by block, or row by row, and lie as bourse_array says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/failure.hpp"
#include "host/report/keeper.hpp"
#include "host/report/pages.hpp"

namespace bourse::host {

/// Bytes that grow at their end without being cleared first. Few come from malloc, many are pages
/// of their own, which move without being copied.
class Bytes {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept;
  Bytes& operator=(Bytes&&) = delete;
  ~Bytes();

  /// Makes it `n` bytes longer and gives the first of them, not initialised. Throws bad_alloc.
  [[nodiscard]] std::uint8_t* grow(std::size_t n) {
    if (n > capacity_ - size_) [[unlikely]] {
      make_room(n);
    }
    std::uint8_t* const piece = data_ + size_;
    size_ += n;
    return piece;
  }
  /// Gives back what was kept for growing.
  void fit() noexcept;

  [[nodiscard]] std::uint8_t* data() noexcept { return data_; }
  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  [[nodiscard]] bool is_large() const noexcept { return capacity_ >= kLargeBytes; }
  void make_room(std::size_t n);
  void* moved_to_pages(std::size_t bytes);

  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

class Column {
 public:
  /// Of a type that reports hold, or of one that this host does not know: that has no rows.
  explicit Column(bourse_type type) noexcept;

  [[nodiscard]] bool is_known() const noexcept { return width_ != 0; }
  [[nodiscard]] bourse_type type() const noexcept { return type_; }
  /// Bytes of a row, without texts and bitmap.
  [[nodiscard]] std::size_t width() const noexcept { return width_; }

  /// Adds `n` rows to the `rows_before` that it has; n is not 0. The data's bytes must have been
  /// charged; texts and bitmaps are charged here. False: `why` has a sentence and, but for a full
  /// report, no code; the column is of no use then. What is of an unknown type is not looked at.
  [[nodiscard]] bool append(std::size_t rows_before, std::size_t n, const bourse_array& from,
                            Keeper& keeper, std::optional<Failure>& why) {
    const bool plain = width_ == sizeof(std::int64_t) && from.valid == nullptr &&
                       valid_.size() == 0 && from.data != nullptr;
    if (!plain) return append_other(rows_before, n, from, keeper, why);
    if (n == 1) {  // who adds row by row comes here a million times
      std::memcpy(data_.grow(sizeof(std::int64_t)), from.data, sizeof(std::int64_t));
    } else {
      std::memcpy(data_.grow(n * sizeof(std::int64_t)), from.data, n * sizeof(std::int64_t));
    }
    return true;
  }

  /// Ends the growing.
  void fit() noexcept;
  [[nodiscard]] bourse_array wire() const noexcept {
    return {data_.data(), valid_.size() == 0 ? nullptr : valid_.data()};
  }
  [[nodiscard]] std::size_t held() const noexcept { return data_.capacity() + valid_.capacity(); }

 private:
  bool append_other(std::size_t rows_before, std::size_t n, const bourse_array& from,
                    Keeper& keeper, std::optional<Failure>& why);
  bool append_data(std::size_t n, const bourse_array& from, Keeper& keeper,
                   std::optional<Failure>& why);
  bool append_texts(std::size_t n, const bourse_array& from, Keeper& keeper,
                    std::optional<Failure>& why);
  bool append_decimals(std::size_t n, const bourse_array& from, std::optional<Failure>& why);
  void append_booleans(std::size_t n, const bourse_array& from);
  bool append_valid(std::size_t rows_before, std::size_t n, const std::uint8_t* valid,
                    Keeper& keeper, std::optional<Failure>& why);
  void clear_nulls(std::size_t rows_before, std::size_t n, const std::uint8_t* valid);

  bourse_type type_;
  std::uint32_t width_;
  Bytes data_;
  Bytes valid_;  ///< empty until a null was seen; bits past the last row are 0
  bourse_str last_text_{"", 0};
};

/// A table as it grows.
struct Table {
  bourse_table wire{};
  std::vector<Column> columns;  ///< as declared, with those that are left out: rows have them all
  std::vector<const bourse_field*> fields;  ///< those that are shown
  std::vector<std::string_view> unknown;    ///< names of those that are left out
  std::vector<bourse_array> arrays;
  std::size_t rows = 0;
  std::size_t row_bytes = 0;  ///< of the columns that are shown

  /// The name of a column of a known type, by its declared place.
  [[nodiscard]] std::string name_of(std::size_t column) const;
  /// What the table takes beside the texts.
  [[nodiscard]] std::size_t held() const noexcept;
};

}  // namespace bourse::host
