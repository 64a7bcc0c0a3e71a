// SPDX-License-Identifier: MIT
//
// The charts of a report, read into numbers and sorted into panels and panes.
//
// A panel is what shares an x axis: charts of one table over one column, standing or lying. A pane
// is what also shares the y axes: charts that name the same pane. A heat map is a panel of its own.
//
// Reading is bounded (Limits): what is left out is counted, and the pane says so. So it does of
// what a chart asks for and no picture shows well (Pane::not_drawn).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "plugins/serializers/charting/theme.hpp"
#include "plugins/serializers/charting/ticks.hpp"

namespace bourse::charting {

struct Limits {
  std::size_t points = 4'000'000;  ///< of all series of a report together
  std::size_t series = 24;         ///< of a pane
  std::size_t panes = 64;          ///< of a report
  std::size_t categories = 4096;   ///< of an axis
};

/// Called between parts of long work, none of which takes longer than a chart's or a shape's: is it
/// still wanted? What it throws ends the work. May be empty.
using Between = std::function<void()>;

enum class Mark : std::uint8_t { kBand, kArea, kStepArea, kBars, kCandles, kLine, kDots };

/// Numbers along x; NaN where there is none. x never falls, and is never NaN.
struct Series {
  Mark mark = Mark::kLine;
  std::string label;
  std::vector<std::string> fields;  ///< of y; of candles open, high, low, close; of bands both ends
  Ink ink;
  std::vector<double> x;
  std::vector<double> y;           ///< of candles: close; of bands: upper
  std::vector<double> low;         ///< of candles and bands
  std::vector<double> open, high;  ///< of candles
  int decimals = -1;         ///< that the values are given with; -1: not known, they are reals
  bool whole = false;        ///< counts, ranks: integers by their type
  std::size_t axis = 0;      ///< of the pane
  std::vector<double> base;  ///< of what is stacked: where it begins; y is where it ends
  int stack = -1;            ///< of Pane::stacks; -1: it stands for itself
  /// Of bars that are coloured as rising and falling: what each row moved from, and to. Empty: they
  /// have their own colour.
  std::vector<double> from, to;
  /// Over time, from where on two neighbours are not joined: something is missing there.
  double gap_from = std::numeric_limits<double>::infinity();
  bool adds_up = false;  ///< rows that share a mark are summed: what was traded in both
  // Of dots, each empty where it says nothing.
  std::vector<double> sizes, colors;
  std::vector<std::string> texts;

  /// What a row is worth: of what is stacked, its own part.
  [[nodiscard]] double value(std::size_t row) const noexcept {
    return base.empty() ? y[row] : y[row] - base[row];
  }
  [[nodiscard]] std::size_t size() const noexcept { return x.size(); }
  /// Coloured as rising and falling, by role and not by the signs of its values.
  [[nodiscard]] bool is_directed() const noexcept { return !to.empty(); }
  /// Of rows [first, end): up, down, or its own colour where there is no direction.
  [[nodiscard]] Ink direction_ink(std::size_t first, std::size_t end) const noexcept;
  [[nodiscard]] bool repeats_x() const noexcept;
};

struct HeatMap {
  std::vector<std::string> columns, rows;
  std::vector<double> values;  ///< row after row; NaN: none
  std::string label;
  int decimals = -1;
  bool by_likeness = false;  ///< many things by themselves: similar ones stand side by side
};

/// A line at a value of y.
struct Level {
  double y = 0;
  std::string label;  ///< may be empty
};

/// A line at an x.
struct Guide {
  double x = 0;
  std::string label;  ///< may be empty
  std::string text;   ///< the x, in words
};

/// Of y.
struct Axis {
  std::string unit;  ///< of the first series' values; empty: none
  std::vector<Level> levels;
  std::optional<Span> range;
  bool logarithmic = false;  ///< then no value of its series is 0 or below
};

/// What the sizes or the colours of dots stand for.
struct Measure {
  std::string label;
  Span span;
  int decimals = -1;
};

struct Pane {
  std::string name;  ///< the report's, or the first chart's
  std::string
      title;  ///< of its first chart that is not of bars, as these stand behind; or the first
  std::vector<Series> series;
  std::array<Axis, 2> axes;  ///< the second on the other side; used only beside the first
  std::vector<Guide> guides;
  std::optional<Measure> size, color;
  std::vector<std::vector<double>> stacks;  ///< of each: how much of it there is at every row
  std::optional<HeatMap> heat;              ///< then there are no series
  std::size_t series_left_out = 0;
  std::vector<std::string> not_drawn;  ///< what was asked for, and why not: "stacking of lines"

  [[nodiscard]] bool has(Mark mark) const noexcept;
  [[nodiscard]] bool has(Mark mark, std::size_t axis) const noexcept;
  [[nodiscard]] bool uses(std::size_t axis) const noexcept;
  /// Only integers stand on it.
  [[nodiscard]] bool whole(std::size_t axis) const noexcept;
  void leave_out(std::string what);  ///< once
};

enum class AxisKind : std::uint8_t { kTime, kNumber, kCategory };

struct Panel {
  AxisKind axis = AxisKind::kNumber;
  std::string table, field;             ///< of x
  std::string x_label;                  ///< its label and unit, for number axes
  bool whole = false;                   ///< x is an integer by its type
  std::int64_t origin = 0;              ///< time: x counts ns from here
  std::vector<std::string> categories;  ///< category: x counts these
  std::optional<Span> x;                ///< of all data; empty: there are none
  bool horizontal = false;              ///< bars that lie; category
  double step = 0;  ///< median distance between bars or candles along x; 0: there are none, or one
  std::vector<Pane> panes;
};

/// The time that x stands for in a panel of a time axis; the first or last of all beyond them.
std::int64_t time_at(const Panel& panel, double x) noexcept;

struct Model {
  std::vector<Panel> panels;
  std::size_t charts_left_out = 0;
};

/// REQUIRES: a report as the host hands it to a serializer, that is, with charts that name existing
/// tables and fields. A chart that does not is left out. `between`: before each chart.
Model read_model(const bourse_report& report, const Limits& limits = {},
                 const Between& between = {});

}  // namespace bourse::charting
