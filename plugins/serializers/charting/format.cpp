// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/format.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "bourse/report.hpp"
#include "plugins/serializers/charting/numbers.hpp"
#include "plugins/serializers/charting/time_ticks.hpp"

namespace bourse::charting {
namespace {

struct Unit {
  std::string_view name, shown;
  double ns;
};
/// From the largest to the smallest.
constexpr std::array<Unit, 8> kUnits = {{{"d", "d", 86'400e9},
                                         {"h", "h", 3'600e9},
                                         {"min", "min", 60e9},
                                         {"s", "s", 1e9},
                                         {"ms", "ms", 1e6},
                                         {"us", "\xC2\xB5s", 1e3},
                                         {"\xC2\xB5s", "\xC2\xB5s", 1e3},
                                         {"ns", "ns", 1}}};
constexpr std::size_t kSeconds = 3;  ///< units before it are shown in twos, whole

const Unit* unit_named(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}

std::optional<double> real_of(const bourse_value& v) {
  if (v.type == BOURSE_TYPE_I64) return static_cast<double>(v.as.i64);
  if (v.type == BOURSE_TYPE_F64 && std::isfinite(v.as.f64)) return v.as.f64;
  if (v.type != BOURSE_TYPE_DECIMAL) return std::nullopt;
  const auto decimal = Decimal::from_wire(v.as.dec, v.scale);
  return decimal ? std::optional(decimal->to_double()) : std::nullopt;
}

std::string part(double count, std::string_view unit) {
  return format_number(count, {}) + " " + std::string(unit);
}

/// "1 h 23 min", "45.25 s", "3.2 ms": below a minute one number, above whole ones.
std::string duration_text(double ns) {
  const double magnitude = std::fabs(ns);
  std::string out = ns < 0 ? "\xE2\x88\x92" : "";
  for (std::size_t i = 0; i < kSeconds; ++i) {
    const Unit &large = kUnits[i], &small = kUnits[i + 1];
    const double smalls = std::round(magnitude / small.ns);  // first: 59 min 59.9 s is an hour
    const double each = large.ns / small.ns;
    if (smalls < each) continue;
    out += part(std::floor(smalls / each), large.shown);
    const double rest = std::fmod(smalls, each);
    return rest == 0 ? out : out + " " + part(rest, small.shown);
  }
  std::size_t unit = kSeconds;
  while (unit + 1 < kUnits.size() && magnitude < kUnits[unit].ns) ++unit;
  if (magnitude == 0) unit = kSeconds;
  return out + format_significant(magnitude / kUnits[unit].ns) + " " +
         std::string(kUnits[unit].shown);
}

std::optional<std::string> duration(const bourse_value& value, const bourse_field& field) {
  constexpr double kLongest = 1e15 * 86'400e9;  // beyond, digits of days say nothing
  const Unit* const unit = unit_named(view(field.unit));
  const auto count = real_of(value);
  if (unit == nullptr || !count || std::fabs(*count) * unit->ns >= kLongest) return std::nullopt;
  return duration_text(*count * unit->ns);
}

std::string hexadecimal(std::int64_t value) {
  std::array<char, 20> room;
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = value < 0 ? ~bits + 1 : bits;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), magnitude, 16).ptr;
  return (value < 0 ? "-0x" : "0x") + std::string(room.data(), end);
}

}  // namespace

std::optional<std::string> formatted(const bourse_value& value, const bourse_field& field) {
  constexpr std::size_t kDate = 10;  // of "2024-12-31 23:00 UTC"
  if (field.format == nullptr) return std::nullopt;
  const std::string_view format = view(field.format);
  if (format == "date" && value.type == BOURSE_TYPE_TIME) {
    return format_time(value.as.i64).substr(0, kDate);
  }
  if (format == "hex" && value.type == BOURSE_TYPE_I64) return hexadecimal(value.as.i64);
  if (format == "duration") return duration(value, field);
  return std::nullopt;
}

std::string_view unit_beside(const bourse_field& field) {
  const bool in_words = view(field.format) == "duration" && is_number(field.type) &&
                        unit_named(view(field.unit)) != nullptr;
  return in_words ? std::string_view() : unit_on_axis(field);
}

std::string_view unit_on_axis(const bourse_field& field) {
  const bool percent = view(field.format) == "percent" && is_number(field.type);
  return percent && view(field.unit).empty() ? "%" : view(field.unit);
}

}  // namespace bourse::charting
