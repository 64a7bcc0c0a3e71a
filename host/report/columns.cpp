// SPDX-License-Identifier: MIT
#include "host/report/columns.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "host/base/take.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kBytesMin = 64;

std::uint32_t width_of(bourse_type type) noexcept {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return sizeof(std::uint8_t);
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      return sizeof(std::int64_t);
    case BOURSE_TYPE_F64:
      return sizeof(double);
    case BOURSE_TYPE_DECIMAL:
      return sizeof(bourse_i128);
    case BOURSE_TYPE_TEXT:
      return sizeof(bourse_str);
    default:
      return 0;
  }
}

constexpr std::size_t bytes_of_bits(std::size_t n) noexcept { return n / 8 + (n % 8 != 0); }

/// The bits of a bitmap's last byte that are rows; what a plugin has beyond them is noise.
constexpr std::uint8_t mask_of_last(std::size_t n) noexcept {
  return n % 8 == 0 ? std::uint8_t{0xFF} : static_cast<std::uint8_t>((1U << (n % 8)) - 1);
}

bool are_all_valid(const std::uint8_t* valid, std::size_t n) noexcept {
  if (valid == nullptr) return true;
  const std::size_t last = bytes_of_bits(n) - 1;
  std::uint8_t all = static_cast<std::uint8_t>(valid[last] | ~mask_of_last(n));
  for (std::size_t i = 0; i < last; ++i) all &= valid[i];
  return all == 0xFF;
}

/// Sets n bits from bit `shift` of `to` on, which are 0 so far: as in `bits`, or all when it is
/// null.
void add_bits(std::uint8_t* to, unsigned shift, std::size_t n, const std::uint8_t* bits) noexcept {
  const std::size_t last = bytes_of_bits(n) - 1;
  const unsigned last_bits = (bits == nullptr ? 0xFFU : bits[last]) & mask_of_last(n);
  if (shift == 0) {
    if (bits != nullptr) {
      std::memcpy(to, bits, last);
    } else {
      std::memset(to, 0xFF, last);
    }
    to[last] = static_cast<std::uint8_t>(last_bits);
    return;
  }
  unsigned carried = to[0];  // the rows before
  for (std::size_t i = 0; i < last; ++i) {
    carried |= (bits == nullptr ? 0xFFU : bits[i]) << shift;
    to[i] = static_cast<std::uint8_t>(carried);
    carried >>= 8;
  }
  carried |= last_bits << shift;
  to[last] = static_cast<std::uint8_t>(carried);
  if (bytes_of_bits(shift + n) > last + 1) to[last + 1] = static_cast<std::uint8_t>(carried >> 8);
}

}  // namespace

// ---- bytes

Bytes::Bytes(Bytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Bytes::~Bytes() {
  if (is_large()) {
    unmap_pages(data_, capacity_);
  } else {
    std::free(data_);
  }
}

void Bytes::make_room(std::size_t n) {
  std::size_t capacity = std::max({size_ + n, 2 * capacity_, kBytesMin});
  void* moved = nullptr;
  if (capacity >= kLargeBytes) {
    capacity = whole_pages(capacity);
    moved = is_large() ? remap_pages(data_, capacity_, capacity) : moved_to_pages(capacity);
  } else {
    moved = std::realloc(data_, capacity);
    if (moved == nullptr) throw std::bad_alloc();
  }
  data_ = static_cast<std::uint8_t*>(moved);
  capacity_ = capacity;
}

void* Bytes::moved_to_pages(std::size_t bytes) {
  void* const pages = map_pages(bytes);
  if (size_ != 0) std::memcpy(pages, data_, size_);
  std::free(data_);
  return pages;
}

void Bytes::fit() noexcept {
  if (size_ == capacity_ || size_ == 0) return;
  if (is_large()) {
    // Never below what is large: the destructor knows by the capacity whose memory it is.
    capacity_ = trim_pages(data_, capacity_, std::max(size_, kLargeBytes));
    return;
  }
  void* const moved = std::realloc(data_, size_);
  if (moved == nullptr) return;  // it stays as large as it is
  data_ = static_cast<std::uint8_t*>(moved);
  capacity_ = size_;
}

// ---- columns

Column::Column(bourse_type type) noexcept : type_(type), width_(width_of(type)) {}

bool Column::append_other(std::size_t rows_before, std::size_t n, const bourse_array& from,
                          Keeper& keeper, std::optional<Failure>& why) {
  if (!is_known()) return true;  // nobody knows how wide its rows are
  if (from.data == nullptr) {
    why = mistake("it has no data");
    return false;
  }
  if (!append_data(n, from, keeper, why)) return false;
  if (from.valid == nullptr && valid_.size() == 0) return true;
  return append_valid(rows_before, n, from.valid, keeper, why);
}

bool Column::append_data(std::size_t n, const bourse_array& from, Keeper& keeper,
                         std::optional<Failure>& why) {
  if (type_ == BOURSE_TYPE_TEXT) return append_texts(n, from, keeper, why);
  if (type_ == BOURSE_TYPE_DECIMAL) return append_decimals(n, from, why);
  if (type_ == BOURSE_TYPE_BOOL) {
    append_booleans(n, from);
  } else {
    std::memcpy(data_.grow(n * width_), from.data, n * width_);
  }
  return true;
}

void Column::append_booleans(std::size_t n, const bourse_array& from) {
  std::uint8_t* const to = data_.grow(n);
  const auto* const booleans = static_cast<const std::uint8_t*>(from.data);
  for (std::size_t row = 0; row < n; ++row) to[row] = booleans[row] != 0 ? 1 : 0;
}

bool Column::append_decimals(std::size_t n, const bourse_array& from, std::optional<Failure>& why) {
  std::uint8_t* const to = data_.grow(n * sizeof(bourse_i128));
  std::memcpy(to, from.data, n * sizeof(bourse_i128));
  const auto* const copies = reinterpret_cast<const bourse_i128*>(to);
  bool all = true;
  for (std::size_t row = 0; row < n; ++row) all = all & is_decimal(copies[row]);
  if (all) return true;
  for (std::size_t row = 0; row < n; ++row) {  // what stands under a null may be anything
    if (has_value(from.valid, row) && !is_decimal(copies[row])) {
      why = mistake("row " + std::to_string(row) + " has more than 38 digits");
      return false;
    }
  }
  return true;
}

bool Column::append_texts(std::size_t n, const bourse_array& from, Keeper& keeper,
                          std::optional<Failure>& why) {
  const auto* const given = static_cast<const bourse_str*>(from.data);
  auto* const to = reinterpret_cast<bourse_str*>(data_.grow(n * sizeof(bourse_str)));
  const std::size_t kept = keeper.texts(n, given, from.valid, last_text_, to);
  if (kept == n) return true;
  why = keeper.why_not(foreign_item(given, kept));
  why->message.insert(0, "row " + std::to_string(kept) + ": ");
  return false;
}

bool Column::append_valid(std::size_t rows_before, std::size_t n, const std::uint8_t* valid,
                          Keeper& keeper, std::optional<Failure>& why) {
  const bool all = are_all_valid(valid, n);
  if (all && valid_.size() == 0) return true;
  const std::size_t bytes_before = valid_.size();
  if (bytes_before == 0 && rows_before != 0) {  // the first null: all before had values
    const std::size_t bytes = bytes_of_bits(rows_before);
    std::memset(valid_.grow(bytes), 0xFF, bytes);
    valid_.data()[bytes - 1] = mask_of_last(rows_before);
  }
  const std::size_t more = bytes_of_bits(rows_before + n) - valid_.size();
  std::memset(valid_.grow(more), 0, more);
  add_bits(valid_.data() + rows_before / 8, rows_before % 8, n, all ? nullptr : valid);
  if (!all) clear_nulls(rows_before, n, valid);
  if (keeper.charge(valid_.size() - bytes_before)) return true;
  why = keeper.too_large();
  return false;
}

// What stands under a null is the plugin's leftovers; the same report must be the same bytes. Texts
// under nulls are empty already.
void Column::clear_nulls(std::size_t rows_before, std::size_t n, const std::uint8_t* valid) {
  if (type_ == BOURSE_TYPE_TEXT) return;
  std::uint8_t* const rows = data_.data() + rows_before * width_;
  for (std::size_t row = 0; row < n; ++row) {
    if (row % 8 == 0 && row + 8 <= n && valid[row / 8] == 0xFF) {
      row += 7;
    } else if (!has_value(valid, row)) {
      std::memset(rows + row * width_, 0, width_);
    }
  }
}

void Column::fit() noexcept {
  data_.fit();
  valid_.fit();
}

// ---- tables

std::string Table::name_of(std::size_t column) const {
  const auto shown =
      std::count_if(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(column),
                    [](const Column& c) { return c.is_known(); });
  return fields[static_cast<std::size_t>(shown)]->name;
}

std::size_t Table::held() const noexcept {
  std::size_t bytes = sizeof(Table) + columns.capacity() * sizeof(Column) +
                      (fields.capacity() + arrays.capacity()) * sizeof(bourse_array);
  for (const Column& column : columns) bytes += column.held();
  return bytes;
}

}  // namespace bourse::host
