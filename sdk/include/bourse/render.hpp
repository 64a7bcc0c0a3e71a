// SPDX-License-Identifier: MIT
//
// render.hpp - what all serializers do alike: a report reduced to what this header knows, units for
// people, the names of types, levels, kinds and roles, the note on numbers that are not finite.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/report.hpp"

namespace bourse::inline sdk_0_1 {

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
    case BOURSE_ROLE_SIZE:
      return "size";
    case BOURSE_ROLE_COLOR:
      return "color";
    case BOURSE_ROLE_LABEL:
      return "label";
    default:
      return "unknown";
  }
}

/// A unit for people: a name in braces becomes the text of the report's meta of that name, else the
/// bare name. "{quote}" is "USDT" in a report whose meta `quote` says so, else "quote".
inline std::string shown_unit(std::string_view unit, ReportView report) {
  std::string out;
  while (!unit.empty()) {
    const std::size_t open = unit.find('{');
    const std::size_t close = unit.find('}', std::min(open, unit.size()));
    if (close == std::string_view::npos) break;
    const std::string_view name = unit.substr(open + 1, close - open - 1);
    out.append(unit.substr(0, open));
    const auto said = report.meta(name);
    const bool is_text = said && said->type == BOURSE_TYPE_TEXT && said->as.text.len > 0;
    out.append(is_text ? view(said->as.text) : name);
    unit.remove_prefix(close + 1);
  }
  return out.append(unit);
}

/// A report reduced to what this header knows, so that a serializer is not misled by a host that
/// knows more: start with `const Known known(report)` and write known.report().
///
/// Every struct is as long as in this header, whatever size it was given: what its own size does
/// not reach is zero. Columns, values, charts, channels and guides with a number that has no name
/// here are left out, and so is a chart that cannot be drawn rightly without what it has lost;
/// levels of notes count as the one below, flags without a name are 0. One more note, `not_shown`,
/// says what was left out. Units are as shown_unit() says.
///
/// Borrows rows and texts of the report; takes time and memory by the number of columns, not rows.
class Known {
 public:
  static constexpr std::string_view kCode = "not_shown";
  static constexpr std::int32_t kLevel = BOURSE_LEVEL_INFO;

  explicit Known(ReportView report) : report_(known_part(&report.wire())) {
    const bourse_report from = report_;
    report_.flags = 0;
    for (std::size_t i = 0; i < from.n_meta; ++i) add_meta(known_part(from.meta[i]));
    meta_.show(report_.n_meta, report_.meta);
    for (std::size_t i = 0; i < from.n_scalars; ++i) add_scalar(known_part(from.scalars[i]));
    scalars_.show(report_.n_scalars, report_.scalars);
    for (std::size_t i = 0; i < from.n_tables; ++i) add_table(known_part(from.tables[i]));
    tables_.show(report_.n_tables, report_.tables);
    for (std::size_t i = 0; i < from.n_charts; ++i) add_chart(known_part(from.charts[i]));
    charts_.show(report_.n_charts, report_.charts);
    for (std::size_t i = 0; i < from.n_notes; ++i) add_note(known_part(from.notes[i]));
    if (n_left_out_ > 0) {
      finish_text();
      notes_.add({sizeof(bourse_note), kLevel, borrow(kCode), borrow(left_out_)});
    }
    notes_.show(report_.n_notes, report_.notes);
  }
  Known(const Known&) = delete;
  Known& operator=(const Known&) = delete;

  /// Lives as long as this.
  [[nodiscard]] ReportView report() const noexcept { return ReportView(report_); }

 private:
  static constexpr std::size_t kPlacesShown = 10;
  static constexpr std::uint32_t kChartFlags =
      BOURSE_DRAW_LOGARITHMIC | BOURSE_DRAW_STACKED | BOURSE_DRAW_HORIZONTAL;

  /// What stands behind pointers in the report; a deque, so that growth moves nothing.
  template <class T>
  struct Kept {
    std::deque<T> items;
    std::vector<const T*> pointers;
    const T* add(const T& item) {
      pointers.push_back(&items.emplace_back(item));
      return pointers.back();
    }
    void show(std::size_t& count, const T* const*& array) const noexcept {
      count = pointers.size();
      array = pointers.data();
    }
  };

  /// The struct as this header has it: beyond what its size reaches, zero.
  template <class T>
  static T known_part(const T* from) noexcept {
    T out{};
    if (from == nullptr) return out;
    const std::size_t bytes = std::min<std::size_t>(from->size, sizeof(T));
    std::memcpy(static_cast<void*>(&out), from, bytes / alignof(T) * alignof(T));
    out.size = sizeof(T);
    return out;
  }
  static constexpr bool is_column(bourse_type type) noexcept {
    return type >= BOURSE_TYPE_BOOL && type <= BOURSE_TYPE_TEXT;
  }
  static constexpr bool is_value(bourse_type type) noexcept {
    return type == BOURSE_TYPE_NULL || is_column(type);
  }
  static std::string number(const char* what, std::int32_t n) {
    return std::string(" (") + what + " " + std::to_string(n) + ")";
  }
  void leave_out(const std::string& place) {
    if (++n_left_out_ > kPlacesShown) return;
    if (n_left_out_ > 1) left_out_ += ", ";
    left_out_ += place;
  }
  void finish_text() {
    left_out_.insert(0, "Left out, because this format does not know it: ");
    if (n_left_out_ > kPlacesShown) {
      left_out_ += " and " + std::to_string(n_left_out_ - kPlacesShown) + " more";
    }
    left_out_ += ".";
  }

  void add_meta(bourse_meta meta) {
    meta.flags = 0;
    if (is_value(meta.value.type)) {
      meta_.add(meta);
    } else {
      leave_out("meta " + std::string(view(meta.key)) + number("type", meta.value.type));
    }
  }
  void add_note(bourse_note note) {
    note.level = note.level >= BOURSE_LEVEL_ERROR  ? BOURSE_LEVEL_ERROR
                 : note.level >= BOURSE_LEVEL_WARN ? BOURSE_LEVEL_WARN
                 : note.level >= BOURSE_LEVEL_INFO ? BOURSE_LEVEL_INFO
                                                   : BOURSE_LEVEL_DEBUG;
    notes_.add(note);
  }
  const bourse_field* add_field(bourse_field field) {
    field.flags &= BOURSE_FIELD_OPTIONAL;
    if (view(field.unit).find('{') != std::string_view::npos) field.unit = unit_of(field.unit);
    return &fields_.emplace_back(field);
  }
  const char* unit_of(const char* unit) {
    const auto [known, is_new] = units_.try_emplace(std::string(unit));
    if (is_new) known->second = shown_unit(unit, ReportView(report_));
    return known->second.c_str();
  }
  void add_scalar(bourse_scalar scalar) {
    const bourse_field field = known_part(scalar.field);
    if (field.name == nullptr) return leave_out("a value without a name");
    const bourse_type type = is_column(field.type) ? scalar.value.type : field.type;
    if (!is_value(type))
      return leave_out("value " + std::string(field.name) + number("type", type));
    scalar.flags = 0;
    scalar.field = add_field(field);
    scalars_.add(scalar);
  }

  void add_table(bourse_table table) {
    if (table.name == nullptr) return leave_out("a table without a name");
    const std::string of_table = " of table " + std::string(table.name);
    auto& fields = table_fields_.emplace_back();
    auto& arrays = table_arrays_.emplace_back();
    for (std::size_t i = 0; i < table.n_fields && table.columns != nullptr; ++i) {
      const bourse_field field = known_part(table.fields[i]);
      if (field.name != nullptr && is_column(field.type)) {
        fields.push_back(add_field(field));
        arrays.push_back(table.columns[i]);
      } else {
        leave_out("column " + std::string(view(field.name)) + of_table +
                  number("type", field.type));
      }
    }
    if (fields.empty() && table.n_fields > 0) {
      return leave_out("table " + std::string(table.name) + ", of which no column is left");
    }
    table.flags = 0;
    table.n_fields = fields.size();
    table.fields = fields.data();
    table.columns = arrays.data();
    tables_.add(table);
  }

  [[nodiscard]] const bourse_table* find_table(const char* name) const noexcept {
    for (const bourse_table& table : tables_.items) {
      if (view(table.name) == view(name)) return &table;
    }
    return nullptr;
  }
  void add_chart(bourse_chart chart) {
    if (chart.name == nullptr) return leave_out("a chart without a name");
    const std::string name = "chart " + std::string(chart.name);
    if (chart.kind < BOURSE_CHART_LINE || chart.kind > BOURSE_CHART_HEATMAP) {
      return leave_out(name + number("kind", chart.kind));
    }
    if (chart.axis != 0 && chart.axis != 1) return leave_out(name + number("axis", chart.axis));
    const bourse_table* const table = find_table(chart.table);
    if (table == nullptr) return leave_out(name + " of table " + std::string(view(chart.table)));
    if (!take_channels(chart, *table, name)) {
      return leave_out(name + ", which cannot be drawn without");
    }
    chart.flags &= kChartFlags;
    if (chart.levels == nullptr) chart.n_levels = 0;
    take_guides(chart, name);
    charts_.add(chart);
  }
  /// False when the chart cannot be drawn, or would show something else, without what it has lost.
  bool take_channels(bourse_chart& chart, const bourse_table& table, const std::string& name) {
    auto& pointers = chart_channels_.emplace_back();
    bool lost = false, sound = true;
    for (std::size_t i = 0; i < chart.n_channels; ++i) {
      const bourse_channel channel = known_part(chart.channels[i]);
      const bool known = channel.role >= BOURSE_ROLE_X && channel.role <= BOURSE_ROLE_LABEL;
      if (known && TableView(table).find(view(channel.field))) {
        pointers.push_back(&channels_.emplace_back(channel));
        continue;
      }
      leave_out("channel " + std::string(view(channel.field)) + " of " + name +
                (known ? std::string() : number("role", channel.role)));
      lost = true;
      sound =
          sound && (!known || channel.role == BOURSE_ROLE_Y || channel.role >= BOURSE_ROLE_SIZE);
    }
    chart.n_channels = pointers.size();
    chart.channels = pointers.data();
    return !lost || (sound && is_complete(chart));
  }
  static bool is_complete(const bourse_chart& chart) noexcept {
    const auto has = [&](bourse_role role) {
      return std::any_of(chart.channels, chart.channels + chart.n_channels,
                         [&](const bourse_channel* c) { return c->role == role; });
    };
    if (!has(BOURSE_ROLE_X)) return false;
    if (chart.kind == BOURSE_CHART_CANDLE) {
      return has(BOURSE_ROLE_OPEN) && has(BOURSE_ROLE_HIGH) && has(BOURSE_ROLE_LOW) &&
             has(BOURSE_ROLE_CLOSE);
    }
    if (chart.kind == BOURSE_CHART_HEATMAP) return has(BOURSE_ROLE_Y) && has(BOURSE_ROLE_HEAT);
    return has(BOURSE_ROLE_Y) || (has(BOURSE_ROLE_LOWER) && has(BOURSE_ROLE_UPPER));
  }
  void take_guides(bourse_chart& chart, const std::string& name) {
    auto& guides = guides_.emplace_back();
    auto& labels = guide_labels_.emplace_back();
    for (std::size_t i = 0; i < chart.n_guides && chart.guides != nullptr; ++i) {
      if (!is_column(chart.guides[i].type)) {
        leave_out("a guide of " + name + number("type", chart.guides[i].type));
        continue;
      }
      guides.push_back(chart.guides[i]);
      labels.push_back(chart.guide_labels == nullptr ? nullptr : chart.guide_labels[i]);
    }
    chart.n_guides = guides.size();
    chart.guides = guides.data();
    chart.guide_labels = labels.data();
  }

  bourse_report report_;
  Kept<bourse_meta> meta_;
  Kept<bourse_note> notes_;
  Kept<bourse_scalar> scalars_;
  Kept<bourse_table> tables_;
  Kept<bourse_chart> charts_;
  std::deque<bourse_field> fields_;
  std::deque<bourse_channel> channels_;
  std::deque<std::vector<const bourse_field*>> table_fields_;
  std::deque<std::vector<bourse_array>> table_arrays_;
  std::deque<std::vector<const bourse_channel*>> chart_channels_;
  std::deque<std::vector<bourse_value>> guides_;
  std::deque<std::vector<const char*>> guide_labels_;
  std::unordered_map<std::string, std::string> units_;
  std::string left_out_;
  std::size_t n_left_out_ = 0;
};

/// Counts reals that are NaN or infinite, which no format can show as numbers: they are shown as
/// missing, and the note says so. Add what will be shown, then ask for the text of the note.
class NotFinite {
 public:
  static constexpr std::string_view kCode = "not_finite";
  static constexpr std::int32_t kLevel = BOURSE_LEVEL_WARN;

  NotFinite() = default;
  /// Of all of a report.
  explicit NotFinite(ReportView report) {
    for (const bourse_meta* meta : report.meta()) add(*meta);
    for (const bourse_scalar* scalar : report.scalars()) add(*scalar);
    for (std::size_t i = 0; i < report.tables(); ++i) add(report.table(i));
  }

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

}  // namespace bourse::inline sdk_0_1
