// SPDX-License-Identifier: MIT
#include "host/parameters/parse.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string>

#include "bourse/decimal.hpp"
#include "host/base/utf8.hpp"
#include "host/parameters/time_text.hpp"

namespace bourse::host {
namespace {

// No number that means something needs more; spares the parsers hostile kilobytes.
constexpr std::size_t kNumberBytesMax = 512;

ParsedValue good(Value value) { return {.value = std::move(value), .reading = Reading::kOk}; }

ParsedValue parse_bool(std::string_view text) {
  if (text == "true" || text == "1") return good(Value::boolean(true));
  if (text == "false" || text == "0") return good(Value::boolean(false));
  return {};
}

template <class Number>
Reading read_number(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [parsed_end, error] = std::from_chars(text.data(), end, number);
  if (parsed_end != end) return Reading::kMalformed;
  if (error == std::errc::result_out_of_range) return Reading::kTooLarge;
  return error == std::errc{} ? Reading::kOk : Reading::kMalformed;
}

ParsedValue parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const Reading reading = read_number(text, number);
  return {.value = Value::integer(number), .reading = reading};
}

ParsedValue parse_real(std::string_view text) {
  double number = 0.0;
  const Reading reading = read_number(text, number);
  if (reading == Reading::kOk && !std::isfinite(number)) return {};  // "inf", "nan"
  if (number == 0.0) number = 0.0;                                   // -0 equals 0: one spelling
  return {.value = Value::real(number), .reading = reading};
}

ParsedValue parse_decimal(std::string_view text) {
  const std::optional<Decimal> number = Decimal::parse(text);
  if (number) return good(Value::decimal(number->wire(), number->scale()));
  // Digits with at most one point inside and a sign in front are a decimal, only a too long one.
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  const bool shaped = !digits.empty() && digits.find_first_not_of("0123456789.") == digits.npos &&
                      std::count(digits.begin(), digits.end(), '.') <= 1 && digits.front() != '.' &&
                      digits.back() != '.';
  return {.value = {}, .reading = shaped ? Reading::kTooLarge : Reading::kMalformed};
}

ParsedValue parse_moment(std::string_view text, std::optional<std::int64_t> now) {
  const TimeText time = parse_time(text, now);
  if (time.ns) return good(Value::time(*time.ns, time.before_now));
  return {.value = {}, .reading = time.out_of_range ? Reading::kTooLarge : Reading::kMalformed};
}

Decimal decimal_of(const Value& value) {
  const bourse_value seen = value.view();
  return Decimal::from_wire(seen.as.dec, seen.scale).value_or(Decimal());
}

}  // namespace

ParsedValue parse_single(bourse_type type, std::string_view text, std::optional<std::int64_t> now) {
  if (type == BOURSE_TYPE_TEXT) {
    if (!is_utf8(text) || has_control(text)) return {};
    return good(Value::text(std::string(text)));
  }
  if (text.empty() || text.size() > kNumberBytesMax) return {};
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return parse_bool(text);
    case BOURSE_TYPE_I64:
      return parse_integer(text);
    case BOURSE_TYPE_F64:
      return parse_real(text);
    case BOURSE_TYPE_DECIMAL:
      return parse_decimal(text);
    case BOURSE_TYPE_TIME:
      return parse_moment(text, now);
    default:
      return {};
  }
}

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) + 1 - first);
}

std::vector<std::string_view> split_list(std::string_view text, std::size_t items_max) {
  std::vector<std::string_view> items;
  while (!text.empty() && items.size() <= items_max) {
    const std::size_t comma = text.find(',');
    items.push_back(trimmed(text.substr(0, comma)));
    if (comma == text.npos) return items;
    text.remove_prefix(comma + 1);
    if (text.empty()) items.push_back(text);  // "A," ends with an empty item
  }
  return items;
}

bool is_ordered(bourse_type type) noexcept {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL ||
         type == BOURSE_TYPE_TIME;
}

bourse_type bound_type(bourse_type type) noexcept {
  return is_ordered(type) ? type : BOURSE_TYPE_I64;
}

std::weak_ordering compare(const Value& a, const Value& b) {
  assert(a.type() == b.type() && is_ordered(a.type()));
  if (a.type() == BOURSE_TYPE_DECIMAL) return decimal_of(a) <=> decimal_of(b);
  if (a.type() != BOURSE_TYPE_F64) return a.view().as.i64 <=> b.view().as.i64;
  const double x = a.view().as.f64;
  const double y = b.view().as.f64;
  if (x == y) return std::weak_ordering::equivalent;
  return x < y ? std::weak_ordering::less : std::weak_ordering::greater;
}

LengthBounds length_bounds(const Parameter& parameter) {
  LengthBounds bounds{.max = parameter.type == BOURSE_TYPE_TEXT ? kTextBytesMax : kListItemsMax};
  if (parameter.min) bounds.min = parse_single(BOURSE_TYPE_I64, *parameter.min).value.view().as.i64;
  if (parameter.max) bounds.max = parse_single(BOURSE_TYPE_I64, *parameter.max).value.view().as.i64;
  return bounds;
}

}  // namespace bourse::host
