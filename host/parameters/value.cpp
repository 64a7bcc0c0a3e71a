// SPDX-License-Identifier: MIT
#include "host/parameters/value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <numeric>
#include <utility>

#include "host/base/ascii.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::host {
namespace {

__extension__ typedef unsigned __int128 Unsigned128;

template <class Number>
std::string print(Number number) {
  std::array<char, 64> buffer;  // the longest double in shortest form has 24 characters
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  assert(error == std::errc{});
  return std::string(buffer.data(), end);
}

std::string print_digits(Unsigned128 number) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

// Plain notation without trailing zeros: 0.50 and 0.5 are one value, so they have one spelling. A
// scale outside the contract's -38..38 (a plugin's mistake) is written as an exponent.
std::string print_decimal(bourse_i128 coefficient, std::int32_t scale) {
  constexpr std::int32_t kScaleMax = 38;
  const bool negative = coefficient.hi < 0;
  Unsigned128 magnitude =
      (Unsigned128{static_cast<std::uint64_t>(coefficient.hi)} << 64) | coefficient.lo;
  if (negative) magnitude = ~magnitude + 1;
  if (magnitude == 0) return "0";
  std::string text = print_digits(magnitude);
  const std::string sign = negative ? "-" : "";
  if (scale < -kScaleMax || scale > kScaleMax) {
    return sign + text + "e" + std::to_string(-std::int64_t{scale});
  }
  if (scale <= 0) return sign + text + std::string(static_cast<std::size_t>(-scale), '0');
  const auto places = static_cast<std::size_t>(scale);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  text.insert(text.size() - places, ".");
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return sign + text;
}

using Spelling = std::string (Value::*)() const;

std::string print_list(const std::vector<Value>& items, Spelling spelling) {
  std::string joined;
  for (const Value& item : items) {
    if (&item != items.data()) joined += ',';
    for (const char c : (item.*spelling)()) {
      if (c == ',' || c == '\\') joined += '\\';
      joined += c;
    }
  }
  return joined;
}

std::vector<bourse_value> view_all(const std::vector<Value>& values) {
  std::vector<bourse_value> views;
  views.reserve(values.size());
  for (const Value& value : values) views.push_back(value.view());
  return views;
}

}  // namespace

// The views of the copy must borrow from the copied items, not from the other object's.
Value::Value(const Value& other)
    : type_(other.type_),
      scale_(other.scale_),
      bits_(other.bits_),
      text_(other.text_),
      items_(other.items_),
      views_(view_all(items_)) {}

Value& Value::operator=(const Value& other) {
  if (this != &other) *this = Value(other);
  return *this;
}

Value Value::boolean(bool value) {
  Value made = integer(value ? 1 : 0);
  made.type_ = BOURSE_TYPE_BOOL;
  return made;
}

Value Value::integer(std::int64_t value) {
  Value made;
  made.type_ = BOURSE_TYPE_I64;
  made.bits_.lo = static_cast<std::uint64_t>(value);
  return made;
}

Value Value::real(double value) {
  Value made;
  made.type_ = BOURSE_TYPE_F64;
  made.bits_.lo = std::bit_cast<std::uint64_t>(value);
  return made;
}

Value Value::decimal(bourse_i128 coefficient, std::int32_t scale) {
  Value made;
  made.type_ = BOURSE_TYPE_DECIMAL;
  made.bits_ = coefficient;
  made.scale_ = scale;
  return made;
}

Value Value::time(std::int64_t ns, std::optional<std::int64_t> before_now) {
  Value made = integer(ns);
  made.type_ = BOURSE_TYPE_TIME;
  if (before_now) made.text_ = "now-" + print(*before_now / 1'000'000'000) + 's';
  return made;
}

Value Value::text(std::string value) {
  Value made;
  made.type_ = BOURSE_TYPE_TEXT;
  made.text_ = std::move(value);
  return made;
}

Value Value::list(std::vector<Value> items) {
  Value made;
  made.type_ = BOURSE_TYPE_LIST;
  made.items_ = std::move(items);
  for (Value& item : made.items_) {
    if (item.type_ == BOURSE_TYPE_LIST) item = Value();
  }
  made.views_ = view_all(made.items_);
  return made;
}

Value Value::copy(const bourse_value& from) {
  switch (from.type) {
    case BOURSE_TYPE_BOOL:
      return boolean(from.as.i64 != 0);
    case BOURSE_TYPE_I64:
      return integer(from.as.i64);
    case BOURSE_TYPE_F64:
      return real(from.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return decimal(from.as.dec, from.scale);
    case BOURSE_TYPE_TIME:
      return time(from.as.i64);
    case BOURSE_TYPE_TEXT:
      return text(from.as.text.len == 0 || from.as.text.ptr == nullptr
                      ? std::string()
                      : std::string(from.as.text.ptr, from.as.text.len));
    case BOURSE_TYPE_LIST:
      break;
    default:
      return {};
  }
  const std::size_t count = from.as.list.ptr == nullptr ? 0 : from.as.list.len;
  std::vector<Value> items;
  items.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const bourse_value& item = from.as.list.ptr[i];
    items.push_back(item.type == BOURSE_TYPE_LIST ? Value() : copy(item));
  }
  return list(std::move(items));
}

bourse_value Value::view() const {
  bourse_value seen = {};
  seen.type = type_;
  switch (type_) {
    case BOURSE_TYPE_BOOL:
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      seen.as.i64 = static_cast<std::int64_t>(bits_.lo);
      break;
    case BOURSE_TYPE_F64:
      seen.as.f64 = std::bit_cast<double>(bits_.lo);
      break;
    case BOURSE_TYPE_DECIMAL:
      seen.scale = scale_;
      seen.as.dec = bits_;
      break;
    case BOURSE_TYPE_TEXT:
      seen.as.text = {.ptr = text_.data(), .len = text_.size()};
      break;
    case BOURSE_TYPE_LIST:
      seen.as.list = {.ptr = views_.data(), .len = views_.size()};
      break;
    default:
      break;
  }
  return seen;
}

std::string Value::canonical() const {
  const auto number = static_cast<std::int64_t>(bits_.lo);
  switch (type_) {
    case BOURSE_TYPE_BOOL:
      return number != 0 ? "true" : "false";
    case BOURSE_TYPE_I64:
      return print(number);
    case BOURSE_TYPE_F64:
      return print(std::bit_cast<double>(bits_.lo));
    case BOURSE_TYPE_DECIMAL:
      return print_decimal(bits_, scale_);
    case BOURSE_TYPE_TIME:
      return print_time(number);
    case BOURSE_TYPE_TEXT:
      return text_;
    case BOURSE_TYPE_LIST:
      return print_list(items_, &Value::canonical);
    default:
      return {};
  }
}

std::string Value::asked() const {
  if (type_ == BOURSE_TYPE_TIME && !text_.empty()) return text_;
  return type_ == BOURSE_TYPE_LIST ? print_list(items_, &Value::asked) : canonical();
}

bool Value::is_relative() const noexcept {
  if (type_ == BOURSE_TYPE_TIME) return !text_.empty();
  return std::any_of(items_.begin(), items_.end(),
                     [](const Value& item) { return item.is_relative(); });
}

Arguments::Arguments(std::vector<std::string> names, std::vector<Value> values)
    : names_(std::move(names)), values_(std::move(values)), views_(view_all(values_)) {
  assert(names_.size() == values_.size());
}

Arguments::Arguments(const Arguments& other) : Arguments(other.names_, other.values_) {}

Arguments& Arguments::operator=(const Arguments& other) {
  if (this != &other) *this = Arguments(other);
  return *this;
}

const bourse_value* Arguments::data() const noexcept {
  static constexpr bourse_value kNothing = {};  // a plugin without parameters may still look
  return views_.empty() ? &kNothing : views_.data();
}

std::string Arguments::canonical() const { return joined(&Value::canonical); }

std::string Arguments::asked() const { return joined(&Value::asked); }

bool Arguments::is_relative() const noexcept {
  return std::any_of(values_.begin(), values_.end(),
                     [](const Value& value) { return value.is_relative(); });
}

std::string Arguments::joined(std::string (Value::*spelling)() const) const {
  std::vector<std::size_t> order(values_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [this](std::size_t a, std::size_t b) { return names_[a] < names_[b]; });
  std::string joined;
  for (const std::size_t i : order) {
    if (values_[i].is_null()) continue;
    if (!joined.empty()) joined += '&';
    joined += names_[i] + '=' + percent_encoded((values_[i].*spelling)(), "-._~");
  }
  return joined;
}

}  // namespace bourse::host
