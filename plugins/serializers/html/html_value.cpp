// SPDX-License-Identifier: MIT
#include "plugins/serializers/html/html_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/html/html_text.hpp"

namespace bourse::html {
namespace {

constexpr int kSignificantDigits = 6;
constexpr int kDecimalsMin = 2, kRealDecimalsMax = 10;
constexpr double kScientificFrom = 1e15;

/// A number in plain digits, in pieces.
struct Digits {
  std::string_view sign, whole, fraction;  ///< fraction with its point, or empty

  static Digits of(std::string_view text) {
    Digits d;
    if (text.starts_with('-')) d.sign = text.substr(0, 1);
    text.remove_prefix(d.sign.size());
    const std::size_t point = std::min(text.find('.'), text.size());
    d.whole = text.substr(0, point);
    d.fraction = text.substr(point);
    return d;
  }
  /// Without the zeros at its end, and without a point that nothing follows.
  [[nodiscard]] std::string_view fraction_kept() const {
    const std::size_t last = fraction.find_last_not_of('0');
    return last == std::string_view::npos || last == 0 ? std::string_view()
                                                       : fraction.substr(0, last + 1);
  }
  /// Without those that are zeros at the end.
  [[nodiscard]] int decimals() const {
    return fraction_kept().empty() ? 0 : static_cast<int>(fraction_kept().size()) - 1;
  }
  [[nodiscard]] bool is_zero() const {
    return whole.find_first_not_of('0') == std::string_view::npos && fraction_kept().empty();
  }
};

void append_grouped(BlockBuffer& out, std::string_view digits) {
  constexpr std::size_t kGroup = 3;
  std::size_t left = digits.size();
  char* at = out.room(digits.size() + digits.size() / kGroup);
  for (const char digit : digits) {
    *at++ = digit;
    if (--left != 0 && left % kGroup == 0) *at++ = ',';
  }
  out.wrote(at);
}

/// All digits but zeros past `decimals`; other zeros at the end are dimmed.
/// REQUIRES: those past `decimals` are zeros.
void append_exact(BlockBuffer& out, std::string_view text, int decimals) {
  const Digits d = Digits::of(text);
  out.append(d.sign);
  append_grouped(out, d.whole);
  const std::string_view kept = d.fraction_kept();
  const std::string_view shown =
      decimals == 0 ? "" : d.fraction.substr(0, static_cast<std::size_t>(decimals) + 1);
  out.append(kept);
  if (kept.size() == shown.size()) return;
  out.append("<span class=\"z\">");
  out.append(shown.substr(kept.size()));
  out.append("</span>");
}

std::string_view exact_text(std::array<char, kRealTextMax>& room, double value) {
  const char* const end = write_real(room.data(), value);
  return {room.data(), end};
}

/// Decimals that the shortest exact form has; many when it has an exponent.
int decimals_in(std::string_view exact) {
  if (exact.find('e') != std::string_view::npos) return kRealDecimalsMax;
  return Digits::of(exact).decimals();
}

int decimals_of(double value) {
  std::array<char, kRealTextMax> room;
  return decimals_in(exact_text(room, value));
}

/// Six significant digits of `most`, the largest magnitude.
int decimals_for(double most) {
  if (!(most > 0)) return kDecimalsMin;
  const int digits_before = static_cast<int>(std::floor(std::log10(most))) + 1;
  return std::clamp(kSignificantDigits - digits_before, kDecimalsMin, kRealDecimalsMax);
}

/// Where the decimals shown would leave fewer than two digits of it, or there are too many before
/// the point.
bool needs_exponent(double value, int decimals, int decimals_needed) {
  static constexpr std::array<double, kRealDecimalsMax + 1> kLeast = {
      1e0, 1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};
  const double magnitude = std::fabs(value);
  if (magnitude >= kScientificFrom) return true;
  return magnitude != 0 && decimals_needed > decimals &&
         magnitude < kLeast[static_cast<std::size_t>(decimals)];
}

void append_fixed(BlockBuffer& out, double value, Style style) {
  std::array<char, 64> room;  // below 1e15: at most 16 digits before the point
  const char* const end = std::to_chars(room.data(), room.data() + room.size(), value,
                                        std::chars_format::fixed, style.decimals)
                              .ptr;
  const Digits d = Digits::of({room.data(), end});
  if (!d.is_zero()) out.append(d.sign);  // "-0.00" says nothing
  append_grouped(out, d.whole);
  out.append(style.alone ? d.fraction_kept() : d.fraction);
}

void append_scientific(BlockBuffer& out, double value) {
  std::array<char, 32> room;
  const char* const end =
      std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::scientific, 3)
          .ptr;
  out.append({room.data(), end});
}

void append_shown_real(BlockBuffer& out, double value, Style style) {
  std::array<char, kRealTextMax> room;
  const std::string_view exact = exact_text(room, value);
  const int needed = decimals_in(exact);
  const bool exponent = needs_exponent(value, style.decimals, needed);
  const bool shortened = exponent || needed > style.decimals || (value == 0 && std::signbit(value));
  if (shortened) {
    out.append("<data value=\"");
    out.append(exact);
    out.append("\">");
  }
  if (exponent) {
    append_scientific(out, value);
  } else {
    append_fixed(out, value, style);
  }
  if (shortened) out.append("</data>");
}

void append_shown_time(BlockBuffer& out, Time time, std::size_t shown) {
  std::array<char, kTimeTextMax> room;
  const char* const end = write_time(room.data(), time);
  std::string_view text(room.data(), end);
  out.append("<time datetime=\"");
  out.append(text);
  out.append("\">");
  text.remove_suffix(1);  // Z: the head of the column says UTC
  out.append(text.substr(0, 10));
  if (shown > 10) {
    out.put(' ');
    out.append(text.substr(11, shown - 11));
  }
  out.append("</time>");
}

/// Characters of a time that are not always zero.
std::size_t characters_of(std::int64_t ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (ns % kSecond != 0) return Style::kWithFraction;
  if (ns % (60 * kSecond) != 0) return 19;
  return ns % (86'400 * kSecond) != 0 ? 16 : 10;
}

/// Looks at the values of a column, one after another.
class Survey {
 public:
  void add(const bourse_value& v) {
    if (v.type == BOURSE_TYPE_TIME) time_ = std::max(time_, characters_of(v.as.i64));
    if (v.type == BOURSE_TYPE_DECIMAL) add_decimal(v);
    if (v.type == BOURSE_TYPE_F64 && std::isfinite(v.as.f64)) add_real(v.as.f64);
  }
  [[nodiscard]] Style style() const {
    if (scale_ > 0) return {std::max(needed_, std::min(scale_, kDecimalsMin)), time_, false};
    return {std::min(decimals_for(most_), needed_), time_, false};
  }

 private:
  void add_decimal(const bourse_value& v) {
    scale_ = v.scale;
    if (needed_ >= scale_) return;
    std::array<char, kDecimalTextMax> room;
    const char* const end = write_decimal(room.data(), v.as.dec, v.scale);
    needed_ = std::max(needed_, Digits::of({room.data(), end}).decimals());
  }
  void add_real(double value) {
    most_ = std::max(most_, std::fabs(value));
    if (needed_ < kRealDecimalsMax) needed_ = std::max(needed_, decimals_of(value));
  }

  double most_ = 0;
  int needed_ = 0;
  int scale_ = 0;
  std::size_t time_ = 10;
};

constexpr std::size_t kDate = 10;

bool is_date(const bourse_field& field) {
  return field.type == BOURSE_TYPE_TIME && view(field.format) == "date";
}

}  // namespace

Style Style::of(const bourse_field& field, const bourse_array& array, std::size_t rows) {
  Survey survey;
  for (std::size_t row = 0; row < rows; ++row) survey.add(TableView::cell_of(field, array, row));
  Style style = survey.style();
  if (is_date(field)) style.time = kDate;
  return style;
}

Style Style::of(const bourse_value& value, const bourse_field& field) {
  Style style = of(value);
  if (is_date(field)) style.time = kDate;
  return style;
}

Style Style::of(const bourse_value& value) {
  Survey survey;
  survey.add(value);
  Style style = survey.style();
  style.alone = true;
  return style;
}

bool is_shown(const bourse_value& value) noexcept {
  return value.type != BOURSE_TYPE_NULL &&
         (value.type != BOURSE_TYPE_F64 || std::isfinite(value.as.f64));
}

void append_value(BlockBuffer& out, const bourse_value& value, Style style) {
  std::array<char, std::max(kDecimalTextMax, kIntegerTextMax)> room;
  const auto exact = [&](const char* end, int decimals) {
    append_exact(out, {room.data(), end}, decimals);
  };
  switch (value.type) {
    case BOURSE_TYPE_BOOL:
      return out.append(value.as.i64 != 0 ? "yes" : "no");
    case BOURSE_TYPE_I64:
      return exact(write_integer(room.data(), value.as.i64), 0);
    case BOURSE_TYPE_F64:
      return append_shown_real(out, value.as.f64, style);
    case BOURSE_TYPE_DECIMAL:
      return exact(write_decimal(room.data(), value.as.dec, value.scale), style.decimals);
    case BOURSE_TYPE_TIME:
      return append_shown_time(out, Time{value.as.i64}, style.time);
    case BOURSE_TYPE_TEXT:
      return append_isolated(out, view(value.as.text));
    default:
      return;
  }
}

void append_value(BlockBuffer& out, const bourse_value& value, const bourse_field& field,
                  Style style) {
  const bool may_differ = field.format != nullptr && value.type != BOURSE_TYPE_TIME;
  const auto words = may_differ ? charting::formatted(value, field) : std::nullopt;
  if (!words) return append_value(out, value, style);
  out.append("<data value=\"");
  if (value.type == BOURSE_TYPE_I64) append_integer(out, value.as.i64);
  if (value.type == BOURSE_TYPE_F64) append_real(out, value.as.f64);
  if (value.type == BOURSE_TYPE_DECIMAL) append_decimal(out, value.as.dec, value.scale);
  out.append("\">");
  append_text(out, *words);
  out.append("</data>");
}

std::string_view unit_of(const bourse_field& field) {
  const bool clock = field.type == BOURSE_TYPE_TIME && !is_date(field);
  return clock && view(field.unit).empty() ? "UTC" : charting::unit_beside(field);
}

void append_count(BlockBuffer& out, std::size_t count) {
  std::array<char, kIntegerTextMax> room;
  const char* const end = write_integer(room.data(), static_cast<std::int64_t>(count));
  append_exact(out, {room.data(), end}, 0);
}

}  // namespace bourse::html
