// SPDX-License-Identifier: MIT
//
// table.hpp - tables, written: whole columns by TableBuilder, rows as they come by Rows.
//
//   call.add(TableBuilder("series", "Series")
//                .column(Field("open_time", BOURSE_TYPE_TIME), candles.times("open_time"))
//                .column(Field("close", BOURSE_TYPE_F64), candles.decimals("close").to_doubles()));
//
//   auto rows = call.begin("levels", "Levels", FieldOf<std::string_view>("side"),
//                          FieldOf<Decimal>("price").scaled(8));
//   for (const Level& level : levels) rows.add(level.side, level.price);
//
// A column is any range of what CrossesAsValue (value.hpp), and of std::optional of it, or a
// DecimalColumn. What is handed over as a temporary is owned; all else is borrowed until the table
// has been handed to the call, and copied where the wire needs another form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/detail/list.hpp"
#include "bourse/field.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"

namespace bourse::inline sdk_0_1 {

class Call;

namespace detail {

/// Owns objects of any type until it ends; where they are, they stay.
class Keeper {
 public:
  Keeper() = default;
  Keeper(Keeper&& other) noexcept : newest_(std::exchange(other.newest_, nullptr)) {}
  Keeper& operator=(Keeper&& other) noexcept {
    std::swap(newest_, other.newest_);
    return *this;
  }
  ~Keeper() {
    while (newest_ != nullptr) {
      Kept* const older = newest_->older;
      newest_->destroy(newest_);
      newest_ = older;
    }
  }
  template <class T>
  T& keep(T object) {
    auto* const kept = new KeptOf<T>(std::move(object));
    hold(kept, [](Kept* old) noexcept { delete static_cast<KeptOf<T>*>(old); });
    return kept->object;
  }
  /// Zeroed memory, for what needs no destructor.
  template <class T>
  T* cells(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignof(Kept));
    return static_cast<T*>(zeroed(count, sizeof(T)));
  }

 private:
  struct alignas(std::max_align_t) Kept {
    Kept* older;
    void (*destroy)(Kept*) noexcept;
  };
  template <class T>
  struct KeptOf : Kept {
    explicit KeptOf(T&& given) : Kept{}, object(std::move(given)) {}
    T object;
  };
  void hold(Kept* kept, void (*destroy)(Kept*) noexcept) noexcept {
    kept->older = newest_;
    kept->destroy = destroy;
    newest_ = kept;
  }
  void* zeroed(std::size_t count, std::size_t size) {
    if (count > (SIZE_MAX - sizeof(Kept)) / size) throw std::bad_alloc();
    auto* const kept = ::new (::operator new(sizeof(Kept) + count * size)) Kept;
    hold(kept, [](Kept* old) noexcept { ::operator delete(old); });
    return __builtin_memset(kept + 1, 0, count * size);
  }
  Kept* newest_ = nullptr;
};

/// Which rows have a value. Made when the first row without one is met.
class Validity {
 public:
  Validity(std::size_t rows, Keeper& keeper) : rows_(rows), keeper_(&keeper) {}
  void clear(std::size_t row) {
    if (bits_ == nullptr) {
      bits_ = keeper_->cells<std::uint8_t>((rows_ + 7) / 8);
      __builtin_memset(bits_, 0xFF, (rows_ + 7) / 8);
    }
    bits_[row / 8] = static_cast<std::uint8_t>(bits_[row / 8] & ~(1U << (row % 8)));
  }
  [[nodiscard]] const std::uint8_t* bits() const noexcept { return bits_; }

 private:
  std::size_t rows_;
  Keeper* keeper_;
  std::uint8_t* bits_ = nullptr;
};

/// A column as it goes over the wire.
struct Packed {
  bourse_type type;
  std::int32_t scale;  ///< of decimals
  bourse_array array;
  std::size_t rows;
};

template <class V>
concept Range = requires(const V& values) {
  std::begin(values);
  std::end(values);
  std::size(values);
};
template <class V>
concept Contiguous = Range<V> && requires(const V& values) {
  std::data(values);
};
template <Range V>
using Element = std::remove_cvref_t<decltype(*std::begin(std::declval<const V&>()))>;

template <class T>
inline constexpr bool kIsSpan = false;
template <class T, std::size_t N>
inline constexpr bool kIsSpan<std::span<T, N>> = true;

/// Whether the elements lie in memory as the wire wants them.
template <class E>
inline constexpr bool kIsWire = std::same_as<E, double> || std::same_as<E, Time> ||
                                std::same_as<E, bool> || std::same_as<E, bourse_str> ||
                                (crossing<E>() == Crossing::kSigned &&
                                 sizeof(E) == sizeof(std::int64_t));
static_assert(sizeof(Time) == sizeof(std::int64_t) && sizeof(bool) == sizeof(std::uint8_t));

/// The type on the wire of a column of E, given as `field`. int64_t may count a time, and uint8_t
/// may be a flag, because that is how a report holds them.
template <class E>
constexpr bourse_type column_type(const bourse_field& field) noexcept {
  constexpr bourse_type kType = wire_type<E>();
  using Plain = typename std::conditional_t<crossing<E>() == Crossing::kOptional, OptionalOf<E>,
                                            OptionalOf<std::optional<E>>>::Inner;
  if (kType == kTypeAtRunTime || kType == BOURSE_TYPE_NULL) return field.type;
  if (kType == BOURSE_TYPE_I64 && field.type == BOURSE_TYPE_TIME && sizeof(Plain) == 8) {
    return BOURSE_TYPE_TIME;
  }
  if (std::same_as<Plain, std::uint8_t> && field.type == BOURSE_TYPE_BOOL) return BOURSE_TYPE_BOOL;
  return kType;
}

[[noreturn, gnu::cold]] inline void wrong_scale(const bourse_value& v, std::int32_t scale,
                                                const bourse_field& field) {
  const auto decimal = Decimal::from_wire(v.as.dec, v.scale);
  Sentence what;
  what << "column " << view(field.name) << " cannot hold ";
  if (decimal) {
    what << decimal->text();
  } else {
    what << "a decimal out of range";
  }
  what << " with " << scale << " decimals: declare the field scaled() to what it needs";
  throw Error(BOURSE_INTERNAL, "decimal_scale", what.text());
}
/// The coefficient at this scale, exactly: a report never shows a rounded price by accident.
inline bourse_i128 at_scale(const bourse_value& v, std::int32_t scale, const bourse_field& field) {
  if (v.scale == scale) return v.as.dec;
  const auto decimal = Decimal::from_wire(v.as.dec, v.scale);
  if (!decimal || scale < Decimal::kScaleMin || scale > Decimal::kScaleMax) {
    wrong_scale(v, scale, field);
  }
  Int128 coefficient = decimal->coefficient();
  constexpr auto kMost = static_cast<Int128>(power_of_ten(Decimal::kDigitsMax - 1));
  for (std::int32_t at = v.scale; at != scale && coefficient != 0; at += at < scale ? 1 : -1) {
    const bool fits =
        at < scale ? -kMost < coefficient && coefficient < kMost : coefficient % 10 == 0;
    if (!fits) wrong_scale(v, scale, field);
    coefficient = at < scale ? coefficient * 10 : coefficient / 10;
  }
  const auto bits = static_cast<Uint128>(coefficient);
  return {static_cast<std::uint64_t>(bits), static_cast<std::int64_t>(bits >> 64)};
}

inline void put(std::uint8_t& cell, const bourse_value& v) noexcept { cell = v.as.i64 != 0; }
inline void put(std::int64_t& cell, const bourse_value& v) noexcept { cell = v.as.i64; }
inline void put(double& cell, const bourse_value& v) noexcept { cell = v.as.f64; }
inline void put(bourse_str& cell, const bourse_value& v) noexcept { cell = v.as.text; }
inline void put(bourse_i128& cell, const bourse_value& v) noexcept { cell = v.as.dec; }

/// Copies the cells into a column of Wire. REQUIRES: Wire is that of `type`.
template <class Wire, class V>
Packed copy_cells(const bourse_field& field, bourse_type type, std::int32_t scale, const V& values,
                  Keeper& keeper) {
  const std::size_t rows = std::size(values);
  Wire* const cells = keeper.cells<Wire>(rows);
  Validity validity(rows, keeper);
  std::size_t row = 0;
  for (auto&& element : values) {
    bourse_value v = value(element);
    if (v.type == BOURSE_TYPE_NULL) {
      validity.clear(row);
    } else {
      if (wire_type<Element<V>>() == kTypeAtRunTime && v.type != type) {
        wrong_type("column", field.name, type, v.type);
      }
      if constexpr (std::same_as<Wire, bourse_i128>) v.as.dec = at_scale(v, scale, field);
      put(cells[row], v);
    }
    ++row;
  }
  return {type, scale, {cells, validity.bits()}, rows};
}

/// The largest scale among the values, at least that of the field.
template <class V>
std::int32_t common_scale(const bourse_field& field, const V& values) {
  std::int32_t scale = field.scale;
  for (auto&& element : values) {
    const bourse_value v = value(element);
    if (v.type == BOURSE_TYPE_DECIMAL && v.scale > scale) scale = v.scale;
  }
  return scale;
}

/// copy_cells for the type that E has, or a bourse_value is declared to have.
template <class V>
Packed pack_cells(const bourse_field& field, bourse_type type, std::int32_t scale, const V& values,
                  Keeper& keeper) {
  constexpr bourse_type kType = wire_type<Element<V>>();
  constexpr bool kAny = kType == kTypeAtRunTime || kType == BOURSE_TYPE_NULL;
  if constexpr (kType == BOURSE_TYPE_F64) {
    return copy_cells<double>(field, type, 0, values, keeper);
  } else if constexpr (kType == BOURSE_TYPE_DECIMAL) {
    return copy_cells<bourse_i128>(field, type, scale, values, keeper);
  } else if constexpr (kType == BOURSE_TYPE_TEXT) {
    return copy_cells<bourse_str>(field, type, 0, values, keeper);
  } else if constexpr (kType == BOURSE_TYPE_TIME) {
    return copy_cells<std::int64_t>(field, type, 0, values, keeper);
  } else {
    if (type == BOURSE_TYPE_BOOL) return copy_cells<std::uint8_t>(field, type, 0, values, keeper);
    if constexpr (kAny) {
      if (type == BOURSE_TYPE_F64) return copy_cells<double>(field, type, 0, values, keeper);
      if (type == BOURSE_TYPE_TEXT) return copy_cells<bourse_str>(field, type, 0, values, keeper);
      if (type == BOURSE_TYPE_DECIMAL) {
        return copy_cells<bourse_i128>(field, type, scale, values, keeper);
      }
    }
    return copy_cells<std::int64_t>(field, type, 0, values, keeper);
  }
}

/// REQUIRES: the values outlive the packed column. A decimal's scale is the field's when it is
/// `fixed`, because the table has been begun, else what the values need.
template <class V>
Packed pack_kept(const bourse_field& field, const V& values, bool fixed, Keeper& keeper) {
  using E = Element<V>;
  const bourse_type type = column_type<E>(field);
  if constexpr (Contiguous<V> && kIsWire<E>) {
    const std::size_t rows = std::size(values);
    Validity validity(rows, keeper);
    if constexpr (std::same_as<E, double>) {
      const double* const reals = std::data(values);
      for (std::size_t row = 0; row < rows; ++row) {
        if (is_nan(reals[row])) validity.clear(row);
      }
    }
    return {type, 0, {std::data(values), validity.bits()}, rows};
  } else if constexpr (Contiguous<V> && std::same_as<E, std::uint8_t>) {
    if (type == BOURSE_TYPE_BOOL) return {type, 0, {std::data(values), nullptr}, std::size(values)};
    return pack_cells(field, type, 0, values, keeper);
  } else {
    constexpr bool kScaled =
        wire_type<E>() == BOURSE_TYPE_DECIMAL || wire_type<E>() == kTypeAtRunTime;
    std::int32_t scale = field.scale;
    if constexpr (kScaled) {
      if (!fixed) scale = common_scale(field, values);
    }
    return pack_cells(field, type, scale, values, keeper);
  }
}

inline Packed pack_kept(const bourse_field& field, const DecimalColumn& values, bool fixed,
                        Keeper& keeper) {
  const std::size_t rows = values.size();
  Validity validity(rows, keeper);
  for (std::size_t row = 0; row < rows; ++row) {
    if (!values.has(row)) validity.clear(row);
  }
  if (!fixed || values.scale() == field.scale) {
    return {BOURSE_TYPE_DECIMAL, values.scale(), {values.data(), validity.bits()}, rows};
  }
  auto* const cells = keeper.cells<bourse_i128>(rows);
  for (std::size_t row = 0; row < rows; ++row) {
    if (values.has(row)) cells[row] = at_scale(value(values[row]), field.scale, field);
  }
  return {BOURSE_TYPE_DECIMAL, field.scale, {cells, validity.bits()}, rows};
}

template <class V>
Packed pack(const bourse_field& field, V&& values, bool fixed, Keeper& keeper) {
  using Plain = std::remove_cvref_t<V>;
  if constexpr (std::same_as<Plain, DecimalColumn>) {
    return pack_kept(field, values, fixed, keeper);
  } else if constexpr (!Range<Plain>) {
    static_assert(kNever<V>, "a column is a range of values, such as a std::vector or a std::span");
    return {};
  } else if constexpr (!CrossesAsValue<Element<Plain>>) {
    static_assert(kNever<V>,
                  "a column does not hold such elements: give bools, integers of up to 64 bits, "
                  "floats or doubles, Decimals, Times, texts, or std::optionals of one of these");
    return {};
  } else if constexpr (std::is_lvalue_reference_v<V> || kIsSpan<Plain> || std::is_array_v<Plain>) {
    return pack_kept(field, values, fixed, keeper);
  } else {
    return pack_kept(field, keeper.keep(Plain(std::forward<V>(values))), fixed, keeper);
  }
}

template <class V>
struct CellOf {
  using Type = std::nullptr_t;
};
template <Range V>
struct CellOf<V> {
  using Type = Element<V>;
};
template <>
struct CellOf<DecimalColumn> {
  using Type = Decimal;
};
/// False for what is no column either: pack() has the better words for that.
template <class T, class V>
inline constexpr bool kColumnFits = [] {
  using E = typename CellOf<std::remove_cvref_t<V>>::Type;
  if constexpr (!CrossesAsValue<E>) return true;
  if constexpr (wire_type<T>() == BOURSE_TYPE_TIME && std::same_as<E, std::int64_t>) return true;
  return kFits<T, E>;
}();

}  // namespace detail

/// A table, column by column, each whole; all have the same number of rows.
class TableBuilder {
 public:
  TableBuilder(std::string name, std::string label)
      : name_(std::move(name)), label_(std::move(label)) {}

  /// Borrows an lvalue or a span until the builder has been handed to Call::add, owns a temporary.
  /// NaN and empty optionals become null. Decimals are brought to the largest scale among them (at
  /// least the field's), exactly; a DecimalColumn keeps its own. Throws Error `wrong_column_type`
  /// when the field is declared otherwise, `uneven_columns` when the columns differ in length.
  template <class V>
  TableBuilder& column(const Field& field, V&& values) {
    return push(field, detail::pack(field, std::forward<V>(values), false, keeper_));
  }
  template <class T, class V>
  TableBuilder& column(const FieldOf<T>& field, V&& values) {
    if constexpr (!detail::kColumnFits<T, V>) {
      static_assert(detail::kNever<V>, "the values have another type than their FieldOf says");
      return *this;
    } else {
      return column(static_cast<const Field&>(field), std::forward<V>(values));
    }
  }
  template <class T>
  TableBuilder& column(const Field& field, std::initializer_list<T> values) {
    return column(field, std::vector<T>(values));
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  [[nodiscard]] std::span<const Field> fields() const noexcept {
    return {fields_.begin(), fields_.size()};
  }
  [[nodiscard]] std::span<const bourse_array> arrays() const noexcept {
    return {arrays_.begin(), arrays_.size()};
  }
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

 private:
  friend class Call;
  TableBuilder& push(const Field& field, const detail::Packed& packed) {
    if (field.type != packed.type) {
      detail::wrong_type("column", field.name, field.type, packed.type);
    }
    if (fields_.size() != 0 && packed.rows != rows_) {
      detail::Sentence what;
      what << "column " << view(field.name) << " of table " << name_ << " has " << packed.rows
           << " rows, the columns before it " << rows_;
      throw Error(BOURSE_INTERNAL, "uneven_columns", what.text());
    }
    rows_ = packed.rows;
    fields_.push(field);
    if (packed.type == BOURSE_TYPE_DECIMAL) fields_.end()[-1].scale = packed.scale;
    arrays_.push(packed.array);
    return *this;
  }

  std::string name_, label_;
  detail::List<Field> fields_;
  detail::List<bourse_array> arrays_;
  std::size_t rows_ = 0;
  detail::Keeper keeper_;
};

// ---- rows ---------------------------------------------------------------------------------------

namespace detail {

inline constexpr std::size_t kBlockRows = 1024;
/// A block is handed on early when its texts are longer than this together.
inline constexpr std::size_t kBlockTextBytes = std::size_t{256} << 10;

template <bourse_type>
struct WireOf {
  using Type = std::int64_t;
};
template <>
struct WireOf<BOURSE_TYPE_BOOL> {
  using Type = std::uint8_t;
};
template <>
struct WireOf<BOURSE_TYPE_F64> {
  using Type = double;
};
template <>
struct WireOf<BOURSE_TYPE_DECIMAL> {
  using Type = bourse_i128;
};
template <>
struct WireOf<BOURSE_TYPE_TEXT> {
  using Type = bourse_str;
};

/// The cells of one column that have not been handed on yet. Memory is taken once.
template <bourse_type kType>
class Cells {
 public:
  explicit Cells(const Field& field)
      : field_(field),
        cells_(keeper_.cells<Wire>(kBlockRows)),
        valid_(keeper_.cells<std::uint8_t>(kBlockRows / 8)) {}

  [[nodiscard]] const Field& field() const noexcept { return field_; }
  /// Of the texts that wait.
  [[nodiscard]] std::size_t text_bytes() const noexcept { return texts_.size(); }

  template <class V>
  void set(std::size_t row, const V& given) {
    bourse_value v = value(given);
    const bool there = v.type != BOURSE_TYPE_NULL;
    mark(row, there);
    if (!there) return;
    if (wire_type<V>() == kTypeAtRunTime && v.type != kType) {
      wrong_type("column", field_.name, kType, v.type);
    }
    if constexpr (kType == BOURSE_TYPE_DECIMAL) v.as.dec = at_scale(v, field_.scale, field_);
    if constexpr (kType == BOURSE_TYPE_TEXT) {
      texts_.resize(row_begin(row));
      texts_.append(view(v.as.text));  // where it lies is known when no more are appended
    }
    put(cells_[row], v);
  }
  bourse_array array(std::size_t rows) {
    if constexpr (kType == BOURSE_TYPE_TEXT) {
      const char* at = texts_.data();
      for (std::size_t row = 0; row < rows; ++row) {
        if (!is_valid(valid_, row)) cells_[row].len = 0;
        cells_[row].ptr = at;
        at += cells_[row].len;
      }
    }
    return {cells_, has_null_ ? valid_ : nullptr};
  }
  void clear() noexcept {
    texts_.clear();
    has_null_ = false;
    last_row_ = kBlockRows;
  }

 private:
  /// Where the row's text begins: it may be set again, if a later cell of it was refused.
  [[nodiscard]] std::size_t row_begin(std::size_t row) noexcept {
    if (row != last_row_) last_begin_ = texts_.size();
    last_row_ = row;
    return last_begin_;
  }
  void mark(std::size_t row, bool there) noexcept {
    const auto bit = static_cast<std::uint8_t>(1U << (row % 8));
    std::uint8_t& byte = valid_[row / 8];
    byte = static_cast<std::uint8_t>(there ? byte | bit : byte & ~bit);
    has_null_ = has_null_ || !there;
  }

  using Wire = typename WireOf<kType>::Type;
  Field field_;
  Keeper keeper_;
  Wire* cells_;
  std::uint8_t* valid_;
  std::string texts_;
  std::size_t last_row_ = kBlockRows, last_begin_ = 0;
  bool has_null_ = false;
};

template <std::size_t I, bourse_type kType>
struct Place : Cells<kType> {
  using Cells<kType>::Cells;
};
template <class Sequence, class... T>
struct Places;
template <std::size_t... I, class... T>
struct Places<std::index_sequence<I...>, T...> : Place<I, FieldOf<T>::kType>... {
  explicit Places(const FieldOf<T>&... fields) : Place<I, FieldOf<T>::kType>(fields)... {}

  /// Calls use(cells) for each column in turn.
  template <class Use>
  void each(Use&& use) {
    (use(static_cast<Place<I, FieldOf<T>::kType>&>(*this)), ...);
  }
  template <class... V>
  void set(std::size_t row, const V&... values) {
    (static_cast<Place<I, FieldOf<T>::kType>&>(*this).set(row, values), ...);
  }
  template <class... V>
  void pack_all(Packed* packed, Keeper& keeper, V&&... columns) {
    ((packed[I] = pack(static_cast<Place<I, FieldOf<T>::kType>&>(*this).field(),
                       std::forward<V>(columns), true, keeper)),
     ...);
  }
};

/// A table of the call's report that has been begun.
struct OpenTable {
  const bourse_host* host;
  bourse_call* call;
  std::uint32_t number;

  void append(std::size_t rows, std::size_t n, const bourse_array* columns) const {
    const bourse_rows wire{sizeof(bourse_rows), number, rows, n, columns};
    ok(host->rows(call, &wire));
  }
};

inline OpenTable begin_table(const bourse_host* host, bourse_call* call, const std::string& name,
                             const std::string& label, std::size_t n_fields,
                             const bourse_field* const* fields, std::size_t rows,
                             const bourse_array* columns) {
  bourse_table wire{};
  wire.size = sizeof wire;
  wire.name = name.c_str();
  wire.label = label.c_str();
  wire.n_fields = n_fields;
  wire.fields = fields;
  wire.n_rows = rows;
  wire.columns = columns;
  OpenTable table{host, call, 0};
  ok(host->table(call, &wire, &table.number));
  return table;
}

}  // namespace detail

/// A table that grows row by row, or block by block; Call::begin makes it. As many as you like may
/// be open at once. Rows wait in a block that is taken from memory once and handed on when it is
/// full: adding one allocates nothing. What waits when it ends is handed on then, unless an
/// exception is on its way; a failure of that is the call's. One thread at a time, and not after
/// the call.
template <class... T>
class Rows {
  static_assert(sizeof...(T) > 0, "a table has at least one column");

 public:
  Rows(const bourse_host* host, bourse_call* call, const std::string& name,
       const std::string& label, const FieldOf<T>&... fields)
      : places_(fields...), exceptions_(std::uncaught_exceptions()) {
    const bourse_field* const pointers[] = {&fields...};
    const bourse_array none[sizeof...(T)] = {};
    table_ = detail::begin_table(host, call, name, label, sizeof...(T), pointers, 0, none);
  }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows() {
    if (std::uncaught_exceptions() != exceptions_) return;
    try {
      flush();
    } catch (...) {  // the host has recorded why, and the call has failed
    }
  }

  /// One row: a value for each column, in order. Texts are copied. Decimals are brought to the
  /// field's scale, exactly, or it throws Error `decimal_scale`.
  template <class... V>
  void add(const V&... values) {
    if constexpr (sizeof...(V) != sizeof...(T)) {
      static_assert(detail::kNever<V...>, "a row has one value for each column");
    } else if constexpr (!(CrossesAsValue<V> && ...)) {
      (static_cast<void>(value(values)), ...);  // says what is wrong
    } else if constexpr (!(detail::kFits<T, V> && ...)) {
      static_assert(detail::kNever<V...>, "a value of the row has another type than its column");
    } else {
      places_.set(waiting_, values...);
      std::size_t text_bytes = 0;
      places_.each([&](const auto& cells) { text_bytes += cells.text_bytes(); });
      if (++waiting_ == detail::kBlockRows || text_bytes > detail::kBlockTextBytes) flush();
    }
  }
  /// Many rows: a range for each column, in order, as TableBuilder::column takes them.
  template <class... V>
  void append(V&&... columns) {
    if constexpr (sizeof...(V) != sizeof...(T)) {
      static_assert(detail::kNever<V...>, "a block has one range for each column");
    } else if constexpr (!(detail::kColumnFits<T, V> && ...)) {
      static_assert(detail::kNever<V...>, "a range of the block has another type than its column");
    } else {
      flush();
      detail::Keeper keeper;
      detail::Packed packed[sizeof...(T)];
      places_.pack_all(packed, keeper, std::forward<V>(columns)...);
      bourse_array arrays[sizeof...(T)];
      for (std::size_t i = 0; i < sizeof...(T); ++i) {
        arrays[i] = packed[i].array;
        if (packed[i].rows != packed[0].rows) {
          detail::Sentence what;
          what << "the columns of a block have " << packed[0].rows << " and " << packed[i].rows
               << " rows";
          throw Error(BOURSE_INTERNAL, "uneven_columns", what.text());
        }
      }
      table_.append(packed[0].rows, sizeof...(T), arrays);
    }
  }
  /// Hands on what waits.
  void flush() {
    if (waiting_ == 0) return;
    bourse_array arrays[sizeof...(T)];
    std::size_t i = 0;
    places_.each([&](auto& cells) { arrays[i++] = cells.array(waiting_); });
    const std::size_t rows = std::exchange(waiting_, 0);
    table_.append(rows, sizeof...(T), arrays);
    places_.each([](auto& cells) { cells.clear(); });
  }

 private:
  detail::Places<std::index_sequence_for<T...>, T...> places_;
  detail::OpenTable table_{};
  std::size_t waiting_ = 0;
  int exceptions_;
};

}  // namespace bourse::inline sdk_0_1
