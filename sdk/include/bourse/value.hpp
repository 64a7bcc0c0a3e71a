// SPDX-License-Identifier: MIT
//
// value.hpp - what crosses bourse.h as a value, and how a call fails.
//
// CrossesAsValue names the types: bool; every integer of up to 64 bits; float and double; Decimal;
// Time; text (std::string, std::string_view, const char*); bourse_value; nullptr and std::nullopt;
// and a std::optional of these. Scalars, meta, arguments of queries, fields of the log and the
// cells of columns take exactly these. What would lose something does not compile: long double,
// characters, pointers to something else.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/detail/sentence.hpp"

namespace bourse::inline sdk_0_1 {

// ---- time ---------------------------------------------------------------------------------------

namespace detail {
/// std::chrono::duration, told by its shape: <chrono> is half of a compilation and not needed here.
template <class D>
concept ChronoDuration = requires(const D& d) {
  d.count();
  D::period::num;
  D::period::den;
  typename D::rep;
};

/// Towards zero; what does not fit is the nearest that does.
template <ChronoDuration D>
constexpr std::int64_t nanoseconds(const D& duration) noexcept {
  constexpr auto kNumerator = static_cast<Int128>(D::period::num) * 1'000'000'000;
  constexpr auto kDenominator = static_cast<Int128>(D::period::den);
  if constexpr (std::is_floating_point_v<typename D::rep>) {
    const auto ns = static_cast<double>(duration.count()) * static_cast<double>(kNumerator) /
                    static_cast<double>(kDenominator);
    if (!(ns > -0x1p63)) return INT64_MIN;
    return ns < 0x1p63 ? static_cast<std::int64_t>(ns) : INT64_MAX;
  } else {
    const Int128 ns = static_cast<Int128>(duration.count()) * kNumerator / kDenominator;
    if (ns < INT64_MIN) return INT64_MIN;
    return ns > INT64_MAX ? INT64_MAX : static_cast<std::int64_t>(ns);
  }
}
}  // namespace detail

/// A length of time in ns. Made of any std::chrono::duration, and compared with one.
struct Duration {
  std::int64_t ns = 0;

  constexpr Duration() noexcept = default;
  constexpr explicit Duration(std::int64_t nanoseconds) noexcept : ns(nanoseconds) {}
  template <detail::ChronoDuration D>
  constexpr Duration(const D& duration) noexcept : ns(detail::nanoseconds(duration)) {}

  [[nodiscard]] constexpr std::int64_t count() const noexcept { return ns; }
  friend constexpr auto operator<=>(Duration, Duration) = default;
};

/// Time in ns since 1970-01-01 UTC, a type of its own so that it is not mistaken for a count.
struct Time {
  std::int64_t ns = 0;
  friend constexpr auto operator<=>(Time, Time) = default;
  /// Stops at the ends of what a Time holds: 1677-09-21 and 2262-04-11.
  friend constexpr Time operator+(Time time, Duration length) noexcept {
    std::int64_t sum = 0;
    if (!__builtin_add_overflow(time.ns, length.ns, &sum)) return {sum};
    return {length.ns < 0 ? INT64_MIN : INT64_MAX};
  }
};
/// The first and the last that a parameter and an argument of a query can have: the whole years
/// 1678 to 2261.
inline constexpr Time kFirstTime{-9'214'560'000 * 1'000'000'000};
inline constexpr Time kLastTime{9'214'646'399 * 1'000'000'000 + 999'999'999};

// ---- text ---------------------------------------------------------------------------------------

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

// ---- failing ------------------------------------------------------------------------------------

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
  /// Tells the client when a new try makes sense: retry_after(std::chrono::seconds(5)).
  Error&& retry_after(Duration wait) && {
    retry_after_ = wait;
    return std::move(*this);
  }

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] bourse_status status() const noexcept { return status_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& parameter() const noexcept { return parameter_; }
  [[nodiscard]] Duration retry_after() const noexcept { return retry_after_; }

 private:
  bourse_status status_;
  std::string code_;
  std::string message_;
  std::string parameter_;
  Duration retry_after_;
};

namespace detail {
/// Unwinds to the boundary with a status whose reason the host already knows.
struct Stop {
  bourse_status status;
};
inline void ok(bourse_status status) {
  if (status != BOURSE_OK) throw Stop{status};
}

/// For static_assert in a branch that no right use reaches.
template <class...>
inline constexpr bool kNever = false;

constexpr bool is_nan(double real) noexcept { return __builtin_isnan(real); }
inline constexpr double kNan = __builtin_nan("");

/// As the author wrote it.
constexpr std::string_view constant_name(bourse_type type) noexcept {
  constexpr std::string_view kNames[] = {
      "BOURSE_TYPE_NULL",    "BOURSE_TYPE_BOOL", "BOURSE_TYPE_I64",  "BOURSE_TYPE_F64",
      "BOURSE_TYPE_DECIMAL", "BOURSE_TYPE_TIME", "BOURSE_TYPE_TEXT", "BOURSE_TYPE_LIST"};
  return type < 0 || type > BOURSE_TYPE_LIST ? "an unknown type" : kNames[type];
}
/// `what` is "column" or "scalar".
[[noreturn, gnu::cold]] inline void wrong_type(std::string_view what, const char* name,
                                               bourse_type declared, bourse_type given) {
  Sentence text, code;
  text << what << " " << view(name) << " is declared as " << constant_name(declared)
       << " and was given " << constant_name(given);
  code << "wrong_" << what << "_type";
  throw Error(BOURSE_INTERNAL, code.text(), text.text());
}
}  // namespace detail

// ---- values -------------------------------------------------------------------------------------

namespace detail {

enum class Crossing {
  kNot,
  kNull,
  kBool,
  kSigned,
  kUnsigned64,
  kReal,
  kDecimal,
  kTime,
  kText,
  kWire,
  kOptional
};

template <class T>
inline constexpr bool kIsCharacter =
    std::same_as<T, char> || std::same_as<T, wchar_t> || std::same_as<T, char8_t> ||
    std::same_as<T, char16_t> || std::same_as<T, char32_t>;
/// What the elements of a std::vector<bool> are. A template of the vector, so that it is looked at
/// for types that nothing else fits, and not compiled into every plugin.
template <class T, class Bits>
inline constexpr bool kIsBit =
    std::same_as<T, typename Bits::reference> || std::same_as<T, typename Bits::const_reference>;

template <class T>
struct OptionalOf {};
template <class T>
struct OptionalOf<std::optional<T>> {
  using Inner = std::remove_cv_t<T>;
};

/// How a T without reference and const crosses.
template <class T>
consteval Crossing crossing() {
  if constexpr (std::same_as<T, std::nullptr_t> || std::same_as<T, std::nullopt_t>) {
    return Crossing::kNull;
  } else if constexpr (std::same_as<T, bool>) {
    return Crossing::kBool;
  } else if constexpr (std::is_integral_v<T>) {
    if (kIsCharacter<T> || sizeof(T) > sizeof(std::int64_t)) return Crossing::kNot;
    const bool fits = std::is_signed_v<T> || sizeof(T) < sizeof(std::int64_t);
    return fits ? Crossing::kSigned : Crossing::kUnsigned64;
  } else if constexpr (std::same_as<T, double> || std::same_as<T, float>) {
    return Crossing::kReal;
  } else if constexpr (std::same_as<T, Decimal>) {
    return Crossing::kDecimal;
  } else if constexpr (std::same_as<T, Time>) {
    return Crossing::kTime;
  } else if constexpr (std::same_as<T, bourse_value>) {
    return Crossing::kWire;
  } else if constexpr (requires { typename OptionalOf<T>::Inner; }) {
    constexpr Crossing kInner = crossing<typename OptionalOf<T>::Inner>();
    return kInner == Crossing::kNot ? Crossing::kNot : Crossing::kOptional;
  } else if constexpr (std::same_as<T, bourse_str> ||
                       std::is_convertible_v<const T&, std::string_view>) {
    return Crossing::kText;
  } else if constexpr (std::is_class_v<T>) {
    return kIsBit<T, std::vector<bool>> ? Crossing::kBool : Crossing::kNot;
  } else {
    return Crossing::kNot;
  }
}

inline constexpr bourse_type kTypeAtRunTime = -1;

/// What a T is on the wire: BOURSE_TYPE_NULL for null, kTypeAtRunTime for a bourse_value.
template <class T>
consteval bourse_type wire_type() {
  constexpr Crossing kCrossing = crossing<T>();
  if constexpr (kCrossing == Crossing::kOptional) {
    return wire_type<typename OptionalOf<T>::Inner>();
  } else {
    switch (kCrossing) {
      case Crossing::kBool:
        return BOURSE_TYPE_BOOL;
      case Crossing::kSigned:
      case Crossing::kUnsigned64:
        return BOURSE_TYPE_I64;
      case Crossing::kReal:
        return BOURSE_TYPE_F64;
      case Crossing::kDecimal:
        return BOURSE_TYPE_DECIMAL;
      case Crossing::kTime:
        return BOURSE_TYPE_TIME;
      case Crossing::kText:
        return BOURSE_TYPE_TEXT;
      case Crossing::kWire:
        return kTypeAtRunTime;
      default:
        return BOURSE_TYPE_NULL;
    }
  }
}

[[noreturn, gnu::cold]] inline void integer_too_large(std::uint64_t integer) {
  Sentence what;
  what << std::size_t{integer}
       << " is above 9223372036854775807, the largest integer that crosses: send it as a Decimal";
  throw Error(BOURSE_INTERNAL, "integer_too_large", what.text());
}

constexpr bourse_value integer_value(bourse_type type, std::int64_t integer) noexcept {
  bourse_value v{};
  v.type = type;
  v.as.i64 = integer;
  return v;
}
constexpr bourse_value real_value(double real) noexcept {
  bourse_value v{};
  if (is_nan(real)) return v;
  v.type = BOURSE_TYPE_F64;
  v.as.f64 = real;
  return v;
}
constexpr bourse_value decimal_value(Decimal decimal) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_DECIMAL;
  v.scale = decimal.scale();
  v.as.dec = decimal.wire();
  return v;
}
constexpr bourse_value text_value(bourse_str text) noexcept {
  bourse_value v{};
  v.type = BOURSE_TYPE_TEXT;
  v.as.text = text;
  return v;
}

}  // namespace detail

/// Crosses as a value: see the top of this file.
template <class T>
concept CrossesAsValue = detail::crossing<std::remove_cvref_t<T>>()
!= detail::Crossing::kNot;

constexpr bourse_value null_value() noexcept { return bourse_value{}; }

/// The value on the wire. Text is borrowed. NaN becomes null: a statistic that cannot be computed
/// is absent, it is not a number; so do an empty optional and a null `const char*`. An unsigned
/// integer above 2^63 - 1 throws Error `integer_too_large`.
template <class T>
constexpr bourse_value value(const T& v) {
  using detail::Crossing;
  constexpr Crossing kCrossing = detail::crossing<T>();
  if constexpr (kCrossing == Crossing::kNot) {
    static_assert(
        detail::kNever<T>,
        "this does not cross as a value: give a bool, an integer of up to 64 bits, a float "
        "or double, a Decimal, a Time, a text, a bourse_value, or a std::optional of one");
    return null_value();
  } else if constexpr (kCrossing == Crossing::kNull) {
    return null_value();
  } else if constexpr (kCrossing == Crossing::kBool) {
    return detail::integer_value(BOURSE_TYPE_BOOL, static_cast<bool>(v) ? 1 : 0);
  } else if constexpr (kCrossing == Crossing::kSigned) {
    return detail::integer_value(BOURSE_TYPE_I64, static_cast<std::int64_t>(v));
  } else if constexpr (kCrossing == Crossing::kUnsigned64) {
    if (v > static_cast<T>(INT64_MAX)) detail::integer_too_large(v);
    return detail::integer_value(BOURSE_TYPE_I64, static_cast<std::int64_t>(v));
  } else if constexpr (kCrossing == Crossing::kReal) {
    return detail::real_value(static_cast<double>(v));
  } else if constexpr (kCrossing == Crossing::kDecimal) {
    return detail::decimal_value(v);
  } else if constexpr (kCrossing == Crossing::kTime) {
    return detail::integer_value(BOURSE_TYPE_TIME, v.ns);
  } else if constexpr (kCrossing == Crossing::kWire) {
    return v;
  } else if constexpr (kCrossing == Crossing::kOptional) {
    return v ? value(*v) : null_value();
  } else if constexpr (std::same_as<T, bourse_str>) {
    return detail::text_value(v);
  } else {
    if constexpr (std::is_pointer_v<T>) {
      if (v == nullptr) return null_value();
    }
    return detail::text_value(borrow(std::string_view(v)));
  }
}

namespace detail {
/// As value(), but never throws: an integer that is too large becomes a decimal.
template <class T>
bourse_value logged(const T& v) noexcept {
  if constexpr (crossing<T>() == Crossing::kUnsigned64) {
    if (v > static_cast<T>(INT64_MAX)) {
      return decimal_value(Decimal::make(static_cast<Int128>(v), 0).value_or(Decimal()));
    }
  } else if constexpr (crossing<T>() == Crossing::kOptional) {
    return v ? logged(*v) : null_value();
  }
  return value(v);
}
}  // namespace detail

/// A field of a line in the log: log(BOURSE_LEVEL_INFO, "refilled", {{"rows", 5}, {"symbol", s}}).
/// Borrows, until log returns.
struct LogField : bourse_arg {
  template <class T>
  LogField(std::string_view id, const T& v) noexcept : bourse_arg{borrow(id), detail::logged(v)} {}
};

}  // namespace bourse::inline sdk_0_1
