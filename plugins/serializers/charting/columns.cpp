// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/columns.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/text.hpp"
#include "plugins/serializers/charting/time_ticks.hpp"

namespace bourse::charting {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kCellBytesMax = 256;
constexpr double kFarthest = 1e299;

/// Nearest double; NaN for a coefficient that no report may hold.
double to_double(bourse_i128 coefficient, std::int32_t scale) {
  const auto decimal = Decimal::from_wire(coefficient, scale);
  return decimal ? decimal->to_double() : kNone;
}

template <class T, class Convert>
void convert(const bourse_array& array, std::vector<double>& out, const Convert& to_real) {
  const auto* const data = static_cast<const T*>(array.data);
  for (std::size_t row = 0; row < out.size(); ++row) {
    if (!is_valid(array.valid, row)) continue;
    const double value = to_real(data[row]);
    if (std::isfinite(value)) out[row] = std::clamp(value, -kFarthest, kFarthest);
  }
}

/// The decimals left when the zeros at the end are gone.
int decimals_of(bourse_i128 coefficient, std::int32_t scale) {
  const auto decimal = Decimal::from_wire(coefficient, scale);
  if (!decimal || decimal->is_zero()) return 0;
  std::string digits = decimal->text();
  const std::size_t point = digits.find('.');
  if (point == std::string::npos) return 0;
  return static_cast<int>(digits.find_last_not_of('0') - point);
}

/// Thousands separators for decimal text, zeros at the end dropped.
std::string grouped(std::string digits) {
  const bool negative = !digits.empty() && digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (const std::size_t point = digits.find('.'); point != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.back() == '.') digits.pop_back();
  }
  std::size_t at = std::min(digits.find('.'), digits.size());
  for (; at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return negative ? "\xE2\x88\x92" + digits : digits;
}

bourse_value cell(TableView table, std::size_t column, std::size_t row) {
  const bourse_array& array = table.array(column);
  bourse_value v{};
  if (!is_valid(array.valid, row)) return v;
  v.type = table.field(column).type;
  v.scale = table.field(column).scale;
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      v.as.i64 = static_cast<const std::uint8_t*>(array.data)[row];
      break;
    case BOURSE_TYPE_F64:
      v.as.f64 = static_cast<const double*>(array.data)[row];
      break;
    case BOURSE_TYPE_DECIMAL:
      v.as.dec = static_cast<const bourse_i128*>(array.data)[row];
      break;
    case BOURSE_TYPE_TEXT:
      v.as.text = static_cast<const bourse_str*>(array.data)[row];
      break;
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      v.as.i64 = static_cast<const std::int64_t*>(array.data)[row];
      break;
    default:
      v.type = BOURSE_TYPE_NULL;
  }
  return v;
}

std::string titled(const bourse_field& field, std::string_view unit_given) {
  std::string title = clean_text(view(field.label), kCellBytesMax);
  if (title.empty()) title = clean_text(view(field.name), kCellBytesMax);
  const std::string unit = clean_text(unit_given, 32);
  return unit.empty() ? title : title + ", " + unit;
}

}  // namespace

std::vector<double> read_numbers(TableView table, std::size_t column, std::size_t rows_max) {
  std::vector<double> out(std::min(table.rows(), rows_max), kNone);
  const bourse_array& array = table.array(column);
  const bourse_field& field = table.field(column);
  switch (field.type) {
    case BOURSE_TYPE_BOOL:
      convert<std::uint8_t>(array, out, [](std::uint8_t v) { return v != 0 ? 1.0 : 0.0; });
      break;
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_TIME:
      convert<std::int64_t>(array, out, [](std::int64_t v) { return static_cast<double>(v); });
      break;
    case BOURSE_TYPE_F64:
      convert<double>(array, out, [](double v) { return v; });
      break;
    case BOURSE_TYPE_DECIMAL:
      convert<bourse_i128>(array, out, [&](bourse_i128 v) { return to_double(v, field.scale); });
      break;
    default:
      break;
  }
  return out;
}

double to_number(const bourse_value& v) {
  double out = kNone;
  if (v.type == BOURSE_TYPE_F64) out = v.as.f64;
  if (v.type == BOURSE_TYPE_DECIMAL) out = to_double(v.as.dec, v.scale);
  if (v.type == BOURSE_TYPE_BOOL || v.type == BOURSE_TYPE_I64 || v.type == BOURSE_TYPE_TIME) {
    out = static_cast<double>(v.as.i64);
  }
  return std::isfinite(out) ? std::clamp(out, -kFarthest, kFarthest) : kNone;
}

int decimals_used(TableView table, std::size_t column) {
  constexpr std::size_t kRowsRead = 500;
  const bourse_field& field = table.field(column);
  if (field.type == BOURSE_TYPE_I64) return 0;
  if (field.type != BOURSE_TYPE_DECIMAL) return -1;
  const bourse_array& array = table.array(column);
  const auto* const data = static_cast<const bourse_i128*>(array.data);
  int most = 0;
  for (std::size_t row = table.rows() - std::min(table.rows(), kRowsRead); row < table.rows();
       ++row) {
    if (most >= field.scale) break;
    if (is_valid(array.valid, row)) most = std::max(most, decimals_of(data[row], field.scale));
  }
  return most;
}

std::string value_text(const bourse_value& v) {
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      return v.as.i64 != 0 ? "yes" : "no";
    case BOURSE_TYPE_I64:
      return grouped(std::to_string(v.as.i64));
    case BOURSE_TYPE_F64:
      return format_significant(v.as.f64);
    case BOURSE_TYPE_DECIMAL: {
      const auto decimal = Decimal::from_wire(v.as.dec, v.scale);
      return decimal ? grouped(decimal->text()) : "\xE2\x80\x93";
    }
    case BOURSE_TYPE_TIME:
      return format_time(v.as.i64);
    case BOURSE_TYPE_TEXT:
      return clean_text(view(v.as.text), kCellBytesMax);
    default:
      return "\xE2\x80\x93";
  }
}

std::string value_text(const bourse_value& value, const bourse_field& field) {
  auto text = formatted(value, field);
  return text ? std::move(*text) : value_text(value);
}

std::string cell_text(TableView table, std::size_t column, std::size_t row) {
  return value_text(cell(table, column, row), table.field(column));
}

std::vector<std::string> column_texts(TableView table, std::size_t column, std::size_t rows) {
  std::vector<std::string> out;
  double largest = 0;
  std::vector<double> values;
  const bool plain = view(table.field(column).format) != "duration";
  if (table.field(column).type == BOURSE_TYPE_F64 && plain) {
    values = read_numbers(table, column, rows);
  }
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (!std::isnan(values[row])) largest = std::max(largest, std::fabs(values[row]));
  }
  const bool alike = largest >= 1e-4 && largest < 1e12;
  const int digits = alike ? static_cast<int>(std::floor(std::log10(largest))) + 1 : 0;
  for (std::size_t row = 0; row < rows; ++row) {
    out.push_back(alike ? format_number(values[row], {.decimals = std::clamp(6 - digits, 0, 8)})
                        : cell_text(table, column, row));
  }
  return out;
}

std::string label_of(const bourse_field& field) {
  std::string label = clean_text(view(field.label), 256);
  if (!label.empty()) return label;
  label = clean_text(view(field.name), 256);
  label.erase(0, label.rfind('.') + 1);
  std::replace(label.begin(), label.end(), '_', ' ');
  return label;
}

std::string field_title(const bourse_field& field) { return titled(field, unit_beside(field)); }

std::string axis_title(const bourse_field& field) { return titled(field, unit_on_axis(field)); }

}  // namespace bourse::charting
