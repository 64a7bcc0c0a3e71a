// SPDX-License-Identifier: MIT
//
// text.hpp - numbers and times as text, and a buffer that hands text on block by block: what a
// serializer is made of.
//
//   bourse::BlockBuffer out([&](std::string_view block) { call.poll(); call.write(block); });
//   append_time(out, Time{ns});      // 2024-12-31T23:59:59.250Z
//   append_real(out, 0.1);           // 0.1
//   out.append("\r\n");
//   out.flush();
//
// The same value always gives the same bytes, whatever the locale. Each kind of value has
// write_x(char*, value), which returns the end of what it wrote and needs room for kXTextMax bytes,
// and append_x(buffer, value) for a std::string, a BlockBuffer, or anything else with
// append(const char*, std::size_t).
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "bourse/bourse.h"
#include "bourse/decimal.hpp"
#include "bourse/detail/utf8.hpp"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

// ---- the buffer ---------------------------------------------------------------------------------

/// Collects text in one block of memory and hands it to a sink whenever the block is full. What the
/// sink throws passes through. Not flushed by the destructor: a call that failed halfway has no end
/// to write.
class BlockBuffer {
 public:
  static constexpr std::size_t kBytes = std::size_t{64} << 10;

  /// `sink(std::string_view block)` borrows the block until it returns. It is kept by value.
  template <class Sink>
  requires std::invocable<Sink&, std::string_view> &&
      (!std::same_as<std::remove_cvref_t<Sink>, BlockBuffer>)explicit BlockBuffer(Sink sink)
      : sink_(new KeptSink<Sink>(std::move(sink))), next_(sink_->block) {}
  BlockBuffer(const BlockBuffer&) = delete;
  BlockBuffer& operator=(const BlockBuffer&) = delete;
  ~BlockBuffer() { delete sink_; }

  /// Where `bytes` bytes may be written; tell the end of what was to wrote(). Valid until the next
  /// call of any method. REQUIRES: bytes <= kBytes.
  [[nodiscard]] char* room(std::size_t bytes) {
    if (left() < bytes) flush();
    return next_;
  }
  void wrote(char* end) noexcept { next_ = end; }

  void put(char byte) {
    char* const at = room(1);
    *at = byte;
    wrote(at + 1);
  }
  /// Text of any length.
  void append(std::string_view text) {
    while (text.size() > left()) {
      const std::size_t part = left();
      copy(text.substr(0, part));
      text.remove_prefix(part);
      flush();
    }
    copy(text);
  }
  void append(const char* text, std::size_t bytes) { append(std::string_view(text, bytes)); }

  /// Hands on what is there, if anything.
  void flush() {
    const std::string_view text(sink_->block, static_cast<std::size_t>(next_ - sink_->block));
    next_ = sink_->block;
    if (!text.empty()) sink_->take(text);
  }

 private:
  /// The block and who takes it, one piece of memory.
  struct AnySink {
    virtual ~AnySink() = default;
    virtual void take(std::string_view text) = 0;
    char block[kBytes];
  };
  template <class Sink>
  struct KeptSink final : AnySink {
    explicit KeptSink(Sink&& given) : sink(std::move(given)) {}
    void take(std::string_view text) override { sink(text); }
    Sink sink;
  };

  [[nodiscard]] std::size_t left() const noexcept {
    return static_cast<std::size_t>(sink_->block + kBytes - next_);
  }
  void copy(std::string_view text) noexcept {
    if (text.empty()) return;
    std::memcpy(next_, text.data(), text.size());
    next_ += text.size();
  }

  AnySink* sink_;  ///< owned
  char* next_;
};

template <class Buffer>
concept TextBuffer = requires(Buffer& out, const char* text, std::size_t bytes) {
  out.append(text, bytes);
};

namespace detail {

inline constexpr auto kPowers64 = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (auto& p : powers) {
    p = power;
    power *= 10;  // wraps around after the last one, unused
  }
  return powers;
}();

/// 1 for 0.
constexpr int digit_count(std::uint64_t value) noexcept {
  const int bits = 64 - std::countl_zero(value | 1);
  const int guess = (bits * 1233) >> 12;  // log10(2) = 1233 / 4096: too large by at most one
  return guess + (value >= kPowers64[static_cast<std::size_t>(guess)] || value == 0 ? 1 : 0);
}

inline char* write_pair(char* first, std::uint64_t below_100) noexcept {
  std::memcpy(first, kDigitPairs.data() + 2 * below_100, 2);
  return first + 2;
}

/// REQUIRES: value < 1000.
inline char* write_three(char* first, std::uint64_t value) noexcept {
  *first = static_cast<char>('0' + value / 100);
  return write_pair(first + 1, value % 100);
}

inline char* write_unsigned(char* first, std::uint64_t value) noexcept {
  char* const end = first + digit_count(value);
  write_backwards(value, end);
  return end;
}

/// magnitude x 10^-scale. REQUIRES: 0 < scale.
inline char* write_scaled(char* first, std::uint64_t magnitude, int scale) noexcept {
  const int digits = digit_count(magnitude);
  char* const end = first + (digits > scale ? digits : scale + 1) + 1;
  char* at = end;
  for (; scale >= 2; scale -= 2) {
    at -= 2;
    write_pair(at, magnitude % 100);
    magnitude /= 100;
  }
  if (scale == 1) {
    *--at = static_cast<char>('0' + magnitude % 10);
    magnitude /= 10;
  }
  *--at = '.';
  write_backwards(magnitude, at);
  return end;
}

/// From "1.25e+01" to "12.5" and from "2.5e-03" to "0.0025", in place: to_chars without an exponent
/// takes a third longer. Returns the end. REQUIRES: no sign, an exponent of -4 to 15, no integer.
inline char* without_exponent(char* digits, char* end) noexcept {
  const int exponent = 10 * (end[-2] - '0') + (end[-1] - '0');
  const bool below_one = end[-3] == '-';
  end -= 4;
  if (!below_one) {
    for (int i = 0; i < exponent; ++i) digits[1 + i] = digits[2 + i];
    digits[1 + exponent] = '.';
    return end;
  }
  char* const after_lead = digits + exponent + 2;
  const auto rest = static_cast<std::size_t>(end - digits > 2 ? end - digits - 2 : 0);
  std::memmove(after_lead, digits + 2, rest);
  after_lead[-1] = digits[0];
  digits[0] = '0';
  digits[1] = '.';
  for (char* zero = digits + 2; zero != after_lead - 1; ++zero) *zero = '0';
  return after_lead + rest;
}

template <std::size_t Max, TextBuffer Buffer, class Write>
void append_with(Buffer& out, const Write& write) {
  if constexpr (std::same_as<Buffer, BlockBuffer>) {
    out.wrote(write(out.room(Max)));
  } else {
    std::array<char, Max> text;
    out.append(text.data(), static_cast<std::size_t>(write(text.data()) - text.data()));
  }
}

}  // namespace detail

// ---- numbers ------------------------------------------------------------------------------------

inline constexpr std::size_t kIntegerTextMax = 20;
inline constexpr std::size_t kRealTextMax = 24;
inline constexpr std::size_t kDecimalTextMax = Decimal::kTextMax;

inline char* write_integer(char* first, std::int64_t value) noexcept {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *first++ = '-';
    magnitude = 0 - magnitude;
  }
  return detail::write_unsigned(first, magnitude);
}

/// The fewest digits that read back as the same double, spelled as Python's repr() does: always
/// with a point or an exponent, so that 5.0 stays a real; the exponent from 1e+16 up and below
/// 0.0001. Legal JSON, except "nan", "inf" and "-inf".
inline char* write_real(char* first, double value) noexcept {
  constexpr double kExponentBelow = 1e-4, kExponentFrom = 1e16;
  const double magnitude = __builtin_fabs(value);
  if (magnitude < kExponentFrom) {
    const auto integer = static_cast<std::int64_t>(value);
    // All digits of an integer this small are needed, and this takes a fifth of the time.
    if (static_cast<double>(integer) == value) {
      if (integer == 0 && __builtin_signbit(value)) *first++ = '-';
      first = write_integer(first, integer);
      *first++ = '.';
      *first++ = '0';
      return first;
    }
  }
  char* const room = first + kRealTextMax;
  if (!__builtin_isfinite(value)) return std::to_chars(first, room, value).ptr;
  char* const end = std::to_chars(first, room, value, std::chars_format::scientific).ptr;
  if (magnitude < kExponentBelow || magnitude >= kExponentFrom) return end;
  return detail::without_exponent(first + (value < 0 ? 1 : 0), end);
}

/// As Decimal::to_chars, for a coefficient as it stands in a report. Throws Error(BOURSE_INTERNAL)
/// for what a report cannot hold.
inline char* write_decimal(char* first, bourse_i128 coefficient, std::int32_t scale) {
  const auto low = static_cast<std::int64_t>(coefficient.lo);
  const bool fits_64_bits = coefficient.hi == (low < 0 ? -1 : 0);
  if (fits_64_bits && scale >= 0 && scale <= Decimal::kScaleMax) {
    if (scale == 0) return write_integer(first, low);
    if (low >= 0) return detail::write_scaled(first, coefficient.lo, scale);
    *first++ = '-';
    return detail::write_scaled(first, 0 - coefficient.lo, scale);
  }
  const auto decimal = Decimal::from_wire(coefficient, scale);
  if (!decimal) throw Error(BOURSE_INTERNAL, "bad_decimal", "a decimal of the report is too large");
  return decimal->to_chars(first);
}

template <TextBuffer Buffer>
void append_integer(Buffer& out, std::int64_t value) {
  detail::append_with<kIntegerTextMax>(out, [&](char* at) { return write_integer(at, value); });
}
template <TextBuffer Buffer>
void append_real(Buffer& out, double value) {
  detail::append_with<kRealTextMax>(out, [&](char* at) { return write_real(at, value); });
}
template <TextBuffer Buffer>
void append_decimal(Buffer& out, bourse_i128 coefficient, std::int32_t scale) {
  detail::append_with<kDecimalTextMax>(
      out, [&](char* at) { return write_decimal(at, coefficient, scale); });
}
template <TextBuffer Buffer>
void append_decimal(Buffer& out, Decimal value) {
  append_decimal(out, value.wire(), value.scale());
}

// ---- time ---------------------------------------------------------------------------------------

inline constexpr std::size_t kTimeTextMax = 30;

/// RFC 3339 in UTC with 0, 3, 6 or 9 decimals of a second, as many as the value needs:
/// 2024-12-31T23:59:59.250Z. Every Time can be written: 1677-09-21 to 2262-04-11.
inline char* write_time(char* first, Time time) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000, kDay = 86'400 * kSecond;
  std::int64_t of_day = time.ns % kDay;
  std::int64_t days = time.ns / kDay;
  if (of_day < 0) {  // the day that has begun, not the nearer one to 1970
    of_day += kDay;
    --days;
  }
  // Days since 0000-03-01, in years that end with February (Hinnant, "chrono-compatible low-level
  // date algorithms"). All positive here.
  const auto day = static_cast<std::uint32_t>(days + 719'468);
  const std::uint32_t era = day / 146'097, day_of_era = day % 146'097;
  const std::uint32_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::uint32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::uint32_t shifted_month = (5 * day_of_year + 2) / 153;
  const std::uint32_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::uint32_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

  first = detail::write_pair(first, year / 100);
  first = detail::write_pair(first, year % 100);
  *first++ = '-';
  first = detail::write_pair(first, month);
  *first++ = '-';
  first = detail::write_pair(first, day_of_year - (153 * shifted_month + 2) / 5 + 1);
  *first++ = 'T';
  const auto seconds = static_cast<std::uint32_t>(of_day / kSecond);
  first = detail::write_pair(first, seconds / 3600);
  *first++ = ':';
  first = detail::write_pair(first, seconds / 60 % 60);
  *first++ = ':';
  first = detail::write_pair(first, seconds % 60);
  if (auto rest = static_cast<std::uint32_t>(of_day % kSecond); rest != 0) {
    *first++ = '.';
    first = detail::write_three(first, rest / 1'000'000);
    rest %= 1'000'000;
    if (rest != 0) first = detail::write_three(first, rest / 1'000);
    rest %= 1'000;
    if (rest != 0) first = detail::write_three(first, rest);
  }
  *first++ = 'Z';
  return first;
}

template <TextBuffer Buffer>
void append_time(Buffer& out, Time time) {
  detail::append_with<kTimeTextMax>(out, [&](char* at) { return write_time(at, time); });
}

// ---- any value
// ------------------------------------------------------------------------------------

/// One cell or scalar: true or false, a number as above, a time, a text as it is; nothing for null,
/// and for a type that this header does not know.
template <TextBuffer Buffer>
void append_value(Buffer& out, const bourse_value& value) {
  switch (value.type) {
    case BOURSE_TYPE_BOOL: {
      const std::string_view word = value.as.i64 != 0 ? "true" : "false";
      return static_cast<void>(out.append(word.data(), word.size()));
    }
    case BOURSE_TYPE_I64:
      return append_integer(out, value.as.i64);
    case BOURSE_TYPE_F64:
      return append_real(out, value.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return append_decimal(out, value.as.dec, value.scale);
    case BOURSE_TYPE_TIME:
      return append_time(out, Time{value.as.i64});
    case BOURSE_TYPE_TEXT:
      if (value.as.text.len != 0) out.append(value.as.text.ptr, value.as.text.len);
      return;
    default:
      return;
  }
}

}  // namespace bourse::inline sdk_0_1
