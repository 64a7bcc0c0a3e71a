// SPDX-License-Identifier: MIT
//
// testing/report.hpp - reports that a test owns: what a component said, and what a test gives as an
// answer or to a serializer. Part of bourse/testing.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/chart.hpp"
#include "bourse/testing/values.hpp"

namespace bourse::inline sdk_0_1::testing {

namespace inside {
/// "there is no table b; there are a, c"
template <class List, class NameOf>
[[noreturn]] void not_there(std::string_view what, std::string_view name, const List& list,
                            NameOf name_of) {
  std::string there;
  for (const auto& item : list) there += (there.empty() ? "" : ", ") + std::string(name_of(item));
  throw Mistake("there is no " + std::string(what) + " " + std::string(name) +
                (there.empty() ? ", and no other" : "; there are " + there));
}
}  // namespace inside

struct Table {
  std::string name, label;
  std::vector<Column> columns;
  std::vector<std::size_t> blocks = {};  ///< how many rows came each time; of a component's tables

  [[nodiscard]] std::size_t rows() const noexcept {
    return columns.empty() ? 0 : columns.front().cells.size();
  }
  [[nodiscard]] bool has(std::string_view column) const noexcept {
    for (const Column& each : columns) {
      if (each.name == column) return true;
    }
    return false;
  }
  /// Throws Mistake when there is none.
  [[nodiscard]] const Column& column(std::string_view column) const {
    for (const Column& each : columns) {
      if (each.name == column) return each;
    }
    inside::not_there("column", column, columns, [](const Column& c) { return c.name; });
  }
  /// table["close"] == decimals({"1.5", nullptr})
  [[nodiscard]] const Cells& operator[](std::string_view name_of_column) const {
    return column(name_of_column).cells;
  }
  /// As JSON and CSV show them, decimals with all their digits.
  [[nodiscard]] std::vector<std::string> shown(std::string_view name_of_column) const {
    std::vector<std::string> texts;
    for (const Cell& cell : column(name_of_column).cells) texts.push_back(cell.shown());
    return texts;
  }
  /// For tolerances: reals and decimals as doubles, NaN where there is no value.
  [[nodiscard]] std::vector<double> reals(std::string_view name_of_column) const {
    std::vector<double> out;
    for (const Cell& cell : column(name_of_column).cells) {
      out.push_back(cell.is_null() ? detail::kNan : cell.as(BOURSE_TYPE_F64).real());
    }
    return out;
  }
  /// A further block of rows: the same columns in the same order.
  Table& more(const std::vector<Column>& block) {
    if (block.size() != columns.size()) throw Mistake("table " + name + ": other columns");
    for (std::size_t i = 0; i < block.size(); ++i) {
      if (block[i].name != columns[i].name) throw Mistake("table " + name + ": other columns");
      columns[i].append(block[i].cells);
    }
    return *this;
  }
};

struct Note {
  std::int32_t level = BOURSE_LEVEL_WARN;
  std::string code, text;
};
struct Scalar : Description {
  Cell value;
};
struct Channel {
  bourse_role role = 0;
  std::string field, label;
};
/// A line at a y (level) or an x (guide).
struct Line {
  Cell at;
  std::string label;
};
struct ChartSaid {
  bourse_chart_kind kind = 0;
  std::uint32_t flags = 0;
  std::int32_t axis = 0;
  std::string name, title, table, pane;
  std::vector<Channel> channels;
  std::vector<Line> levels, guides;
  std::optional<std::pair<double, double>> range;

  ChartSaid() = default;
  explicit ChartSaid(const bourse_chart& c)
      : kind(c.kind),
        flags(c.flags),
        axis(c.axis),
        name(view(c.name)),
        title(view(c.title)),
        table(view(c.table)),
        pane(view(c.pane)) {
    for (std::size_t i = 0; i < c.n_channels; ++i) {
      const bourse_channel& channel = *c.channels[i];
      channels.push_back(
          {channel.role, std::string(view(channel.field)), std::string(view(channel.label))});
    }
    const auto label = [](const char* const* labels, std::size_t i) {
      return std::string(labels == nullptr ? std::string_view() : view(labels[i]));
    };
    for (std::size_t i = 0; i < c.n_levels; ++i) {
      levels.push_back({Cell(c.levels[i]), label(c.level_labels, i)});
    }
    for (std::size_t i = 0; i < c.n_guides; ++i) {
      guides.push_back({Cell::copied(c.guides[i]), label(c.guide_labels, i)});
    }
    if (c.range != nullptr) range = {c.range[0], c.range[1]};
  }
  /// The column in that role; throws Mistake when there is none.
  [[nodiscard]] const std::string& field(bourse_role role) const {
    for (const Channel& channel : channels) {
      if (channel.role == role) return channel.field;
    }
    throw Mistake("chart " + name + " has no channel of role " + std::to_string(role));
  }
};

/// A report. By hand:
///   Report().with_table({"candles", "", {{"close", decimals({"1.5"})}}})
///       .with_meta("clock", Time{5}).with_note("partial", "The exchange was slow.");
class Report {
 public:
  Report() {}
  std::string title, component;
  Time as_of{};  ///< 0: unknown
  std::vector<std::pair<std::string, Cell>> metas;
  std::vector<Note> notes;
  std::vector<Scalar> scalars;
  std::vector<Table> tables;
  std::vector<ChartSaid> charts;

  Report& with_title(std::string text) {
    title = std::move(text);
    return *this;
  }
  Report& with_as_of(Time time) {
    as_of = time;
    return *this;
  }
  Report& with_meta(std::string key, Cell v) {
    metas.emplace_back(std::move(key), std::move(v));
    return *this;
  }
  Report& with_note(std::string code, std::string text, std::int32_t level = BOURSE_LEVEL_WARN) {
    notes.push_back({level, std::move(code), std::move(text)});
    return *this;
  }
  Report& with_scalar(const bourse_field& field, Cell v) {
    scalars.push_back({Description(field), v.as(field.type)});
    return *this;
  }
  Report& with_scalar(std::string name, Cell v) {
    Description described(std::move(name));
    described.type = v.is_null() ? BOURSE_TYPE_TEXT : v.type();
    if (v.type() == BOURSE_TYPE_DECIMAL) described.scale = v.decimal().scale();
    scalars.push_back({std::move(described), std::move(v)});
    return *this;
  }
  Report& with_table(Table table) {
    for (const Column& column : table.columns) {
      if (column.cells.size() != table.rows()) {
        throw Mistake("table " + table.name + ": column " + column.name + " has " +
                      std::to_string(column.cells.size()) + " rows, the first one " +
                      std::to_string(table.rows()));
      }
    }
    tables.push_back(std::move(table));
    return *this;
  }
  Report& with_chart(const Chart& chart) {
    chart.with_wire([&](const bourse_chart& wire) { charts.push_back(ChartSaid(wire)); });
    return *this;
  }

  /// Each throws Mistake when there is none of that name.
  [[nodiscard]] const Table& table(std::string_view name) const {
    for (const Table& each : tables) {
      if (each.name == name) return each;
    }
    inside::not_there("table", name, tables, [](const Table& t) { return t.name; });
  }
  [[nodiscard]] const Cell& scalar(std::string_view name) const {
    for (const Scalar& each : scalars) {
      if (each.name == name) return each.value;
    }
    inside::not_there("scalar", name, scalars, [](const Scalar& s) { return s.name; });
  }
  [[nodiscard]] const ChartSaid& chart(std::string_view name) const {
    for (const ChartSaid& each : charts) {
      if (each.name == name) return each;
    }
    inside::not_there("chart", name, charts, [](const ChartSaid& c) { return c.name; });
  }
  [[nodiscard]] const Note& note(std::string_view code) const {
    for (const Note& each : notes) {
      if (each.code == code) return each;
    }
    inside::not_there("note", code, notes, [](const Note& n) { return n.code; });
  }
  [[nodiscard]] const Cell& meta(std::string_view key) const {
    for (const auto& each : metas) {
      if (each.first == key) return each.second;
    }
    inside::not_there("meta", key, metas, [](const auto& m) { return m.first; });
  }
  [[nodiscard]] std::vector<std::string> note_codes() const {
    std::vector<std::string> codes;
    for (const Note& each : notes) codes.push_back(each.code);
    return codes;
  }
  /// All of it, for a message or to be compared as a whole: a line for each scalar, note and row.
  [[nodiscard]] std::string text() const {
    std::string out;
    for (const auto& [key, v] : metas) out += "meta " + key + "=" + v.shown() + "\n";
    for (const Scalar& s : scalars) out += s.name + "=" + s.value.shown() + "\n";
    for (const Table& t : tables) {
      out += "table " + t.name;
      for (const Column& c : t.columns) out += " " + c.name;
      out += "\n";
      for (std::size_t row = 0; row < t.rows(); ++row) {
        for (const Column& c : t.columns) out += " " + c.cells[row].shown();
        out += "\n";
      }
    }
    for (const ChartSaid& c : charts) out += "chart " + c.name + " of " + c.table + "\n";
    for (const Note& n : notes) out += "note " + n.code + ": " + n.text + "\n";
    return out;
  }
};

/// A report as it crosses: a copy, which stays where it is.
class WireReport {
 public:
  explicit WireReport(Report report) : report_(std::move(report)) {
    wire_.size = sizeof wire_;
    wire_.title = borrow(report_.title);
    wire_.component = borrow(report_.component);
    wire_.as_of = report_.as_of.ns;
    for (const auto& [key, v] : report_.metas) {
      metas_.push_back({sizeof(bourse_meta), 0, borrow(key), v.wire(none_)});
      all_metas_.push_back(&metas_.back());
    }
    for (const Note& n : report_.notes) {
      notes_.push_back({sizeof(bourse_note), n.level, borrow(n.code), borrow(n.text)});
      all_notes_.push_back(&notes_.back());
    }
    for (const Scalar& s : report_.scalars) {
      Column described;
      static_cast<Description&>(described) = s;
      const bourse_field& field = column(std::move(described)).field();
      scalars_.push_back({sizeof(bourse_scalar), 0, &field, s.value.wire(none_)});
      all_scalars_.push_back(&scalars_.back());
    }
    for (const Table& t : report_.tables) add(t);
    for (const ChartSaid& c : report_.charts) add(c);
    wire_.n_meta = all_metas_.size();
    wire_.meta = all_metas_.data();
    wire_.n_notes = all_notes_.size();
    wire_.notes = all_notes_.data();
    wire_.n_scalars = all_scalars_.size();
    wire_.scalars = all_scalars_.data();
    wire_.n_tables = all_tables_.size();
    wire_.tables = all_tables_.data();
    wire_.n_charts = all_charts_.size();
    wire_.charts = all_charts_.data();
  }
  WireReport(const WireReport&) = delete;
  WireReport& operator=(const WireReport&) = delete;
  [[nodiscard]] const bourse_report& get() const noexcept { return wire_; }

 private:
  struct OneTable {
    std::vector<const bourse_field*> fields;
    std::vector<bourse_array> arrays;
    bourse_table wire{};
  };
  struct OneChart {
    std::vector<bourse_channel> channels;
    std::vector<const bourse_channel*> all;
    std::vector<double> levels;
    std::vector<bourse_value> guides;
    std::vector<const char*> level_labels, guide_labels;
    double range[2] = {};
    bourse_chart wire{};
  };
  static const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  }
  const inside::WireColumn& column(Column of) {
    columns_.push_back(std::move(of));
    return arrays_.emplace_back(columns_.back());
  }
  void add(const Table& table) {
    OneTable& one = tables_.emplace_back();
    for (const Column& each : table.columns) {
      const inside::WireColumn& wire = column(each);
      one.fields.push_back(&wire.field());
      one.arrays.push_back(wire.array());
    }
    one.wire.size = sizeof one.wire;
    one.wire.name = table.name.c_str();
    one.wire.label = or_null(table.label);
    one.wire.n_fields = one.fields.size();
    one.wire.fields = one.fields.data();
    one.wire.n_rows = table.rows();
    one.wire.columns = one.arrays.data();
    all_tables_.push_back(&one.wire);
  }
  void add(const ChartSaid& chart) {
    OneChart& one = charts_.emplace_back();
    for (const Channel& c : chart.channels) {
      one.channels.push_back({sizeof(bourse_channel), c.role, c.field.c_str(), or_null(c.label)});
    }
    for (const bourse_channel& c : one.channels) one.all.push_back(&c);
    for (const Line& line : chart.levels) {
      one.levels.push_back(line.at.as(BOURSE_TYPE_F64).real());
      one.level_labels.push_back(or_null(line.label));
    }
    for (const Line& line : chart.guides) {
      one.guides.push_back(line.at.wire(none_));
      one.guide_labels.push_back(or_null(line.label));
    }
    one.wire.size = sizeof one.wire;
    one.wire.flags = chart.flags;
    one.wire.kind = chart.kind;
    one.wire.axis = chart.axis;
    one.wire.name = chart.name.c_str();
    one.wire.title = chart.title.c_str();
    one.wire.table = chart.table.c_str();
    one.wire.pane = or_null(chart.pane);
    one.wire.n_channels = one.all.size();
    one.wire.channels = one.all.data();
    one.wire.n_levels = one.levels.size();
    one.wire.levels = one.levels.data();
    one.wire.level_labels = one.level_labels.data();
    one.wire.n_guides = one.guides.size();
    one.wire.guides = one.guides.data();
    one.wire.guide_labels = one.guide_labels.data();
    if (chart.range) {
      one.range[0] = chart.range->first;
      one.range[1] = chart.range->second;
      one.wire.range = one.range;
    }
    all_charts_.push_back(&one.wire);
  }

  Report report_;  // first: all below point into it
  std::vector<bourse_value> none_;
  std::deque<Column> columns_;
  std::deque<inside::WireColumn> arrays_;
  std::deque<bourse_meta> metas_;
  std::deque<bourse_note> notes_;
  std::deque<bourse_scalar> scalars_;
  std::deque<OneTable> tables_;
  std::deque<OneChart> charts_;
  std::vector<const bourse_meta*> all_metas_;
  std::vector<const bourse_note*> all_notes_;
  std::vector<const bourse_scalar*> all_scalars_;
  std::vector<const bourse_table*> all_tables_;
  std::vector<const bourse_chart*> all_charts_;
  bourse_report wire_{};
};

}  // namespace bourse::inline sdk_0_1::testing
