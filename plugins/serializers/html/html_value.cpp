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

constexpr int kDecimalsMin = 2, kRealDecimalsMax = 10;
constexpr int kDigitsOfSmall = 2;  // of a real that is much smaller than its neighbours
constexpr std::string_view kMinus = "\xE2\x88\x92";  // U+2212, as charts have it
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

/// All digits but those past `decimals`.
/// REQUIRES: those past `decimals` are zeros.
void append_exact(BlockBuffer& out, std::string_view text, int decimals) {
  const Digits d = Digits::of(text);
  if (!d.sign.empty()) out.append(kMinus);
  append_grouped(out, d.whole);
  if (decimals != 0) out.append(d.fraction.substr(0, static_cast<std::size_t>(decimals) + 1));
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

/// Digits before the point; not positive: zeros behind it before the first digit.
int digits_before(double magnitude) {
  return static_cast<int>(std::floor(std::log10(magnitude))) + 1;
}

/// So many of `most`, the largest magnitude.
int decimals_for(double most, int significant) {
  if (!(most > 0)) return kDecimalsMin;
  return std::clamp(significant - digits_before(most), kDecimalsMin, kRealDecimalsMax);
}

/// Those that suit most values of a column, or more for one that they would leave without digits;
/// none: only an exponent can show it.
std::optional<int> decimals_beside(double value, int usual) {
  const double magnitude = std::fabs(value);
  if (magnitude >= kScientificFrom) return std::nullopt;
  if (magnitude == 0) return usual;
  const int least = kDigitsOfSmall - digits_before(magnitude);
  if (least > kRealDecimalsMax) return std::nullopt;
  return std::max(usual, std::min(least, decimals_of(value)));
}

std::string_view fixed_text(std::array<char, 64>& room, double value, int decimals) {
  const char* const end = std::to_chars(room.data(), room.data() + room.size(), value,
                                        std::chars_format::fixed, decimals)
                              .ptr;
  return {room.data(), end};  // below 1e15: at most 16 digits before the point
}

void append_fixed(BlockBuffer& out, double value, int decimals, bool alone) {
  std::array<char, 64> room;
  const Digits d = Digits::of(fixed_text(room, value, decimals));
  if (!d.sign.empty() && !d.is_zero()) out.append(kMinus);  // "-0.00" says nothing
  append_grouped(out, d.whole);
  out.append(alone ? d.fraction_kept() : d.fraction);
}

/// "1.235e-04" with the page's minus.
void append_scientific(BlockBuffer& out, std::string_view text) {
  for (const char c : text) {
    if (c == '-') {
      out.append(kMinus);
    } else {
      out.put(c);
    }
  }
}

void append_short_real(BlockBuffer& out, double value, const Style& style) {
  const auto decimals = decimals_beside(value, style.decimals);
  if (decimals) return append_fixed(out, value, *decimals, style.alone);
  std::array<char, 32> room;
  const char* const end =
      std::to_chars(room.data(), room.data() + room.size(), value, std::chars_format::scientific, 3)
          .ptr;
  append_scientific(out, {room.data(), end});
}

void append_whole_real(BlockBuffer& out, std::string_view exact) {
  if (exact.find('e') != std::string_view::npos) return append_scientific(out, exact);
  append_exact(out, exact, Digits::of(exact).decimals());
}

void append_shown_real(BlockBuffer& out, double value, const Style& style) {
  std::array<char, kRealTextMax> room;
  const std::string_view exact = exact_text(room, value);
  if (style.all) return append_whole_real(out, exact);
  // In columns the exact digits of statistics would be half of the page.
  const bool is_shortened =
      style.alone && (decimals_in(exact) > style.decimals || (value == 0 && std::signbit(value)));
  if (is_shortened) {
    out.append("<data value=\"");
    out.append(exact);
    out.append("\">");
  }
  append_short_real(out, value, style);
  if (is_shortened) out.append("</data>");
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

/// Digits that people need of a real: of a share three, of a plain number four, of an amount five.
int significant_of(const bourse_field* field) {
  if (field == nullptr || unit_of(*field).empty()) return 4;
  return unit_of(*field) == "%" ? 3 : 5;
}

/// With its separators.
std::size_t grouped(std::size_t digits) {
  return digits + (std::max(digits, std::size_t{1}) - 1) / 3;
}

/// Looks at the values of a column, one after another.
class Survey {
 public:
  explicit Survey(const bourse_field* field) : significant_(significant_of(field)) {}

  void add(const bourse_value& v) {
    if (v.type == BOURSE_TYPE_TIME) time_ = std::max(time_, characters_of(v.as.i64));
    if (v.type == BOURSE_TYPE_DECIMAL) add_decimal(v);
    if (v.type == BOURSE_TYPE_I64) {
      std::array<char, kIntegerTextMax> room;
      add_text({room.data(), write_integer(room.data(), v.as.i64)});
    }
    if (v.type == BOURSE_TYPE_F64 && std::isfinite(v.as.f64)) add_real(v.as.f64);
  }
  [[nodiscard]] Style style() const {
    Style style;
    style.time = time_;
    if (scale_ > 0) {
      style.decimals = std::max(needed_, std::min(scale_, kDecimalsMin));
    } else {
      style.decimals = std::min(decimals_for(most_, significant_), needed_);
    }
    const auto before = static_cast<std::size_t>(std::max(1, most_ > 0 ? digits_before(most_) : 1));
    const std::size_t whole = std::max(digits_, std::min(before, std::size_t{16}));
    const auto behind = static_cast<std::size_t>(std::max(style.decimals, small_));
    style.width = grouped(whole) + (is_signed_ ? 1 : 0) + (behind != 0 ? behind + 1 : 0);
    if (is_scientific_) style.width = std::max(style.width, std::size_t{11});
    return style;
  }

 private:
  void add_text(std::string_view text) {
    const Digits d = Digits::of(text);
    is_signed_ |= !d.sign.empty();
    digits_ = std::max(digits_, d.whole.size());
    needed_ = std::max(needed_, d.decimals());
  }
  void add_decimal(const bourse_value& v) {
    scale_ = v.scale;
    std::array<char, kDecimalTextMax> room;
    add_text({room.data(), write_decimal(room.data(), v.as.dec, v.scale)});
  }
  void add_real(double value) {
    const double magnitude = std::fabs(value);
    most_ = std::max(most_, magnitude);
    is_signed_ |= value < 0;
    if (needed_ < kRealDecimalsMax) needed_ = std::max(needed_, decimals_of(value));
    if (magnitude == 0) return;
    const auto decimals = decimals_beside(value, 0);
    is_scientific_ |= !decimals;
    small_ = std::max(small_, decimals.value_or(0));
  }

  int significant_;
  double most_ = 0;
  int needed_ = 0;
  int scale_ = 0;
  std::size_t digits_ = 0;  ///< before the point, of integers and decimals
  int small_ = 0;           ///< decimals that the smallest real needs
  bool is_signed_ = false, is_scientific_ = false;
  std::size_t time_ = 10;
};

constexpr std::size_t kDate = 10;

bool is_date(const bourse_field& field) {
  return field.type == BOURSE_TYPE_TIME && view(field.format) == "date";
}

}  // namespace

Style Style::of(const bourse_field& field, const bourse_array& array, RowRange rows, bool all) {
  Survey survey(&field);
  for (std::size_t row = rows.first; row < rows.first + rows.count; ++row) {
    survey.add(TableView::cell_of(field, array, row));
  }
  Style style = survey.style();
  style.all = all;
  if (is_date(field)) style.time = kDate;
  return style;
}

Style Style::of(const bourse_value& value, const bourse_field& field) {
  Survey survey(&field);
  survey.add(value);
  Style style = survey.style();
  style.alone = true;
  if (is_date(field)) style.time = kDate;
  return style;
}

Style Style::of(const bourse_value& value) {
  Survey survey(nullptr);
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
