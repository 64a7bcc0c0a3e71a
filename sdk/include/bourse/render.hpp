// SPDX-License-Identifier: MIT
//
// render.hpp - what all serializers say in the same words: the names of types, levels, kinds and
// roles, and the note on numbers that are not finite.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/report.hpp"

namespace bourse {

/// "boolean", "integer", "real", "decimal", "time", "text", "list", "null".
constexpr std::string_view type_name(bourse_type type) noexcept {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "boolean";
    case BOURSE_TYPE_I64:
      return "integer";
    case BOURSE_TYPE_F64:
      return "real";
    case BOURSE_TYPE_DECIMAL:
      return "decimal";
    case BOURSE_TYPE_TIME:
      return "time";
    case BOURSE_TYPE_TEXT:
      return "text";
    case BOURSE_TYPE_LIST:
      return "list";
    default:
      return "null";
  }
}

/// "debug", "info", "warning", "error"; a level in between counts as the one below.
constexpr std::string_view level_name(std::int32_t level) noexcept {
  if (level >= BOURSE_LEVEL_ERROR) return "error";
  if (level >= BOURSE_LEVEL_WARN) return "warning";
  return level >= BOURSE_LEVEL_INFO ? "info" : "debug";
}

constexpr std::string_view chart_kind_name(bourse_chart_kind kind) noexcept {
  switch (kind) {
    case BOURSE_CHART_LINE:
      return "line";
    case BOURSE_CHART_AREA:
      return "area";
    case BOURSE_CHART_BAR:
      return "bar";
    case BOURSE_CHART_SCATTER:
      return "scatter";
    case BOURSE_CHART_CANDLE:
      return "candle";
    case BOURSE_CHART_HISTOGRAM:
      return "histogram";
    case BOURSE_CHART_HEATMAP:
      return "heatmap";
    default:
      return "unknown";
  }
}

constexpr std::string_view role_name(bourse_role role) noexcept {
  switch (role) {
    case BOURSE_ROLE_X:
      return "x";
    case BOURSE_ROLE_Y:
      return "y";
    case BOURSE_ROLE_OPEN:
      return "open";
    case BOURSE_ROLE_HIGH:
      return "high";
    case BOURSE_ROLE_LOW:
      return "low";
    case BOURSE_ROLE_CLOSE:
      return "close";
    case BOURSE_ROLE_GROUP:
      return "group";
    case BOURSE_ROLE_HEAT:
      return "heat";
    case BOURSE_ROLE_LOWER:
      return "lower";
    case BOURSE_ROLE_UPPER:
      return "upper";
    default:
      return "unknown";
  }
}

/// Counts reals that are NaN or infinite, which no format can show as numbers: they are shown as
/// missing, and the note says so. Add what will be shown, then ask for the text of the note.
class NotFinite {
 public:
  static constexpr std::string_view kCode = "not_finite";
  static constexpr std::int32_t kLevel = BOURSE_LEVEL_WARN;

  void add(TableView table) {
    for (std::size_t column = 0; column < table.columns(); ++column) {
      if (table.field(column).type != BOURSE_TYPE_F64) continue;
      const std::size_t found = count(table.array(column), table.rows());
      if (found == 0) continue;
      name("column " + std::string(view(table.field(column).name)) + " of table " +
               std::string(table.name()),
           found);
    }
  }
  void add(const bourse_scalar& scalar) { add("value", view(scalar.field->name), scalar.value); }
  void add(const bourse_meta& meta) { add("meta", view(meta.key), meta.value); }

  /// "3 numbers are not finite and are shown as missing: column rsi of table series (3)"; nothing
  /// when all are finite.
  [[nodiscard]] std::optional<std::string> text() const {
    if (total_ == 0) return std::nullopt;
    std::string out =
        total_ == 1 ? "1 number is not finite and is shown as missing: "
                    : std::to_string(total_) + " numbers are not finite and are shown as missing: ";
    out += places_;
    if (n_places_ > kPlacesShown) {
      out += " and " + std::to_string(n_places_ - kPlacesShown) + " more places";
    }
    return out;
  }

 private:
  static constexpr std::size_t kPlacesShown = 10;

  static std::size_t count(const bourse_array& array, std::size_t rows) noexcept {
    const auto* const values = static_cast<const double*>(array.data);
    std::size_t found = 0;
    for (std::size_t row = 0; row < rows; ++row) found += std::isfinite(values[row]) ? 0 : 1;
    if (found == 0 || array.valid == nullptr) return found;
    found = 0;  // what stands under a null does not count
    for (std::size_t row = 0; row < rows; ++row) {
      found += !std::isfinite(values[row]) && is_valid(array.valid, row) ? 1 : 0;
    }
    return found;
  }
  void add(std::string_view what, std::string_view which, const bourse_value& v) {
    if (v.type != BOURSE_TYPE_F64 || std::isfinite(v.as.f64)) return;
    name(std::string(what) + " " + std::string(which), 1);
  }
  void name(const std::string& place, std::size_t found) {
    total_ += found;
    if (++n_places_ > kPlacesShown) return;
    if (n_places_ > 1) places_ += ", ";
    places_ += place + " (" + std::to_string(found) + ")";
  }

  std::size_t total_ = 0;
  std::size_t n_places_ = 0;
  std::string places_;
};

}  // namespace bourse
