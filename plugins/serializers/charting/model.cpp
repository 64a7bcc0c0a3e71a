// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/model.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

#include "bourse/detail/wide.hpp"
#include "bourse/words.hpp"
#include "plugins/serializers/charting/cluster.hpp"
#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/source.hpp"
#include "plugins/serializers/charting/stacking.hpp"
#include "plugins/serializers/charting/text.hpp"

namespace bourse::charting {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// ---- axes ---------------------------------------------------------------------------------------

std::int64_t earliest(const Source& source) {
  const bourse_array& array = source.table().array(source.x());
  const auto* const times = static_cast<const std::int64_t*>(array.data);
  std::optional<std::int64_t> out;
  for (std::size_t row = 0; row < source.table().rows(); ++row) {
    if (is_valid(array.valid, row) && (!out || times[row] < *out)) out = times[row];
  }
  return out.value_or(0);
}

std::vector<double> read_times(const Panel& panel, const Source& source) {
  std::vector<double> x(source.table().rows(), kNone);
  const bourse_array& array = source.table().array(source.x());
  const auto* const times = static_cast<const std::int64_t*>(array.data);
  for (std::size_t row = 0; row < x.size(); ++row) {
    if (!is_valid(array.valid, row)) continue;
    x[row] = static_cast<double>(static_cast<std::uint64_t>(times[row]) -
                                 static_cast<std::uint64_t>(panel.origin));
  }
  return x;
}

std::vector<double> read_places(Panel& panel, const Source& source, std::size_t most) {
  std::vector<double> x(source.table().rows(), kNone);
  const bourse_array& array = source.table().array(source.x());
  Names names(most, std::move(panel.categories));
  for (std::size_t row = 0; row < x.size(); ++row) {
    if (!is_valid(array.valid, row)) continue;
    const auto place = names.place(cell_text(source.table(), source.x(), row));
    if (place) x[row] = static_cast<double>(*place);
  }
  panel.categories = std::move(names).take();
  return x;
}

double median_distance(const std::vector<double>& x) {
  std::vector<double> distances;
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (x[i] > x[i - 1]) distances.push_back(x[i] - x[i - 1]);
  }
  if (distances.empty()) return 0;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return std::isfinite(*middle) ? *middle : 0;
}

bool has_width(const Series& series) {
  return series.mark == Mark::kCandles || series.mark == Mark::kBars;
}

/// Of the first series of candles or bars that has one, else of all of them together, else a part
/// of the axis.
double step_of(const Panel& panel) {
  if (panel.axis == AxisKind::kCategory) return 1;
  std::vector<double> all;
  for (const Pane& pane : panel.panes) {
    for (const Series& series : pane.series) {
      if (!has_width(series)) continue;
      if (const double step = median_distance(series.x); step > 0) return step;
      all.insert(all.end(), series.x.begin(), series.x.end());
    }
  }
  std::sort(all.begin(), all.end());
  if (const double step = median_distance(all); step > 0 || all.empty()) return step;
  constexpr double kPart = 0.1;
  return kPart * (panel.x->high - panel.x->low);
}

std::optional<Span> x_of(const Panel& panel) {
  std::optional<Span> out;
  for (const Pane& pane : panel.panes) {
    for (const Series& series : pane.series) {
      if (series.x.empty()) continue;
      const Span own{series.x.front(), series.x.back()};
      out = out ? Span{std::min(out->low, own.low), std::max(out->high, own.high)} : own;
    }
  }
  return out;
}

// ---- what series look like ----------------------------------------------------------------------

bool is_bars(bourse_chart_kind kind) {
  return kind == BOURSE_CHART_BAR || kind == BOURSE_CHART_HISTOGRAM;
}

bool only_bars(const Pane& pane) {
  return !pane.series.empty() && std::all_of(pane.series.begin(), pane.series.end(),
                                             [](const Series& s) { return s.mark == Mark::kBars; });
}

bool lies(const Source& source) {
  return source.asks(BOURSE_DRAW_HORIZONTAL) && is_bars(source.kind());
}

Mark mark_of(const Panel& panel, const Source& source) {
  switch (source.kind()) {
    case BOURSE_CHART_AREA:
      if (source.asks(BOURSE_DRAW_STACKED)) return Mark::kArea;
      // Sides of an order book: what holds at a price holds up to the next one.
      return panel.axis == AxisKind::kNumber && source.first(BOURSE_ROLE_GROUP) ? Mark::kStepArea
                                                                                : Mark::kArea;
    case BOURSE_CHART_BAR:
    case BOURSE_CHART_HISTOGRAM:
      return Mark::kBars;
    case BOURSE_CHART_SCATTER:
      return Mark::kDots;
    default:
      return Mark::kLine;
  }
}

/// Of the values that the chart shows.
std::string unit_of(const Source& source) {
  for (const bourse_role role : {BOURSE_ROLE_Y, BOURSE_ROLE_CLOSE, BOURSE_ROLE_UPPER}) {
    const auto channel = source.first(role);
    if (!channel) continue;
    return clean_text(unit_on_axis(source.table().field(channel->column)), 32);
  }
  return {};
}

/// The sides of a market have fixed colours; others get theirs when all series are known.
Ink ink_of(std::string_view group) {
  for (const std::string_view name : {"bid", "bids", "buy", "Bid", "Bids", "Buy"}) {
    if (group == name) return {Role::kUp};
  }
  for (const std::string_view name : {"ask", "asks", "sell", "Ask", "Asks", "Sell"}) {
    if (group == name) return {Role::kDown};
  }
  return {Role::kSeries};
}

/// The palette's colours in turn, over all panes that share an x: one colour is one series. Which
/// one depends on the charts that there are, never on their values. The first band of a pane is
/// grey, for it lies behind what it belongs to; so are bars of rising and falling where they did
/// neither.
void color_series(Panel& panel) {
  constexpr std::uint8_t kQuiet = kSeriesColors - 1;
  std::size_t used = 0;
  for (Pane& pane : panel.panes) {
    bool has_band = false;
    for (Series& series : pane.series) {
      if (series.ink.role != Role::kSeries) continue;
      const bool is_quiet = series.is_directed() || (series.mark == Mark::kBand && !has_band);
      has_band = has_band || series.mark == Mark::kBand;
      series.ink.index = is_quiet ? kQuiet : static_cast<std::uint8_t>(used++ % kQuiet);
    }
  }
}

/// Lines break where rows are missing, as candles do: between neighbours much farther from each
/// other than is usual. Where nothing is usual, none are missing.
void find_gaps(Panel& panel) {
  constexpr double kMissing = 1.5, kUsual = 0.75;
  if (panel.axis != AxisKind::kTime) return;
  for (Pane& pane : panel.panes) {
    for (Series& series : pane.series) {
      double least = std::numeric_limits<double>::infinity(), most = 0;
      for (std::size_t i = 1; i < series.size(); ++i) {
        const double distance = series.x[i] - series.x[i - 1];
        if (distance > 0) least = std::min(least, distance), most = std::max(most, distance);
      }
      if (most <= kMissing * least) continue;  // nearly always, and much faster than a median
      const double step = median_distance(series.x);
      std::size_t all = 0, usual = 0;
      for (std::size_t i = 1; i < series.size(); ++i) {
        const double distance = series.x[i] - series.x[i - 1];
        all += distance > 0 ? 1 : 0;
        usual += distance > 0.5 * step && distance <= kMissing * step ? 1 : 0;
      }
      if (static_cast<double>(usual) >= kUsual * static_cast<double>(all)) {
        series.gap_from = kMissing * step;
      }
    }
  }
}

/// Bars that stand beside candles, as volume does, are coloured as these: rising or falling.
void follow_candles(Panel& panel) {
  const Series* candles = nullptr;
  for (const Pane& pane : panel.panes) {
    for (const Series& series : pane.series) {
      if (series.mark == Mark::kCandles && candles == nullptr) candles = &series;
    }
  }
  if (candles == nullptr) return;
  for (Pane& pane : panel.panes) {
    const auto bars = std::count_if(pane.series.begin(), pane.series.end(),
                                    [](const Series& s) { return s.mark == Mark::kBars; });
    for (Series& series : pane.series) {
      if (bars != 1 || series.mark != Mark::kBars || series.is_directed()) continue;
      if (series.ink.role != Role::kSeries) continue;
      series.from.assign(series.size(), kNone);
      series.to.assign(series.size(), kNone);
      series.adds_up = true;
      std::size_t at = 0;
      for (std::size_t i = 0; i < series.size(); ++i) {
        while (at < candles->size() && candles->x[at] < series.x[i]) ++at;
        if (at == candles->size() || candles->x[at] > series.x[i]) continue;
        series.from[i] = candles->open[at];
        series.to[i] = candles->y[at];
      }
    }
  }
}

// ---- building -----------------------------------------------------------------------------------

class Builder {
 public:
  Builder(const bourse_report& report, const Limits& limits, const Between& between)
      : report_(report), limits_(limits), between_(between), points_left_(limits.points) {}

  Model build() && {
    for (std::size_t i = 0; i < report_.n_charts; ++i) {
      if (between_) between_();
      const auto source = Source::find(report_, *report_.charts[i]);
      if (!source || !add(*source)) ++model_.charts_left_out;
    }
    for (Panel& panel : model_.panels) {
      follow_candles(panel);
      find_gaps(panel);
      color_series(panel);
      for (Pane& pane : panel.panes) finish_axes(pane);
      panel.x = x_of(panel);
      panel.step = step_of(panel);
      place_guides(panel);
    }
    return std::move(model_);
  }

 private:
  bool add(const Source& source) {
    const bool heat = source.kind() == BOURSE_CHART_HEATMAP;
    Panel* panel = heat ? nullptr : find_panel(source);
    Pane* pane = panel == nullptr ? nullptr : find_pane(*panel, source);
    if (pane == nullptr) {
      if (panes_ == limits_.panes) return false;
      ++panes_;
      if (panel == nullptr) panel = &new_panel(source);
      pane = &panel->panes.emplace_back();
      pane->name = source.pane();
      if (pane->name.empty()) pane->name = std::string(view(source.wire().name));
      pane->title = source.title();
    } else if (only_bars(*pane) && !is_bars(source.kind())) {
      pane->title = source.title();
    }
    Axis& axis = pane->axes[source.side()];
    if (axis.unit.empty()) axis.unit = unit_of(source);
    add_levels(axis, source.wire());
    add_guides(*panel, *pane, source);
    say_what_is_ignored(*pane, source);
    if (heat) {
      add_heat(*pane, source);
    } else {
      add_series(*panel, *pane, source);
    }
    return true;
  }

  Panel* find_panel(const Source& source) {
    const std::string_view field = view(source.table().field(source.x()).name);
    for (Panel& panel : model_.panels) {
      const bool heat = panel.panes.front().heat.has_value();
      if (heat || panel.horizontal != lies(source)) continue;
      if (panel.table != source.table().name() || panel.field != field) continue;
      // Bars that lie are a panel for themselves: rows under each other leave no room for more.
      if (!panel.horizontal || find_pane(panel, source) != nullptr) return &panel;
    }
    return nullptr;
  }

  static Pane* find_pane(Panel& panel, const Source& source) {
    const std::string name = source.pane();
    if (name.empty()) return nullptr;
    for (Pane& pane : panel.panes) {
      if (pane.name == name) return &pane;
    }
    return nullptr;
  }

  Panel& new_panel(const Source& source) {
    Panel& panel = model_.panels.emplace_back();
    const bourse_field& field = source.table().field(source.x());
    panel.horizontal = lies(source);
    panel.axis = panel.horizontal ? AxisKind::kCategory : source.axis();
    panel.table = std::string(source.table().name());
    panel.field = std::string(view(field.name));
    panel.x_label = axis_title(field);
    panel.whole = field.type == BOURSE_TYPE_I64;
    if (panel.axis == AxisKind::kTime) panel.origin = earliest(source);
    return panel;
  }

  static void add_levels(Axis& axis, const bourse_chart& chart) {
    for (std::size_t i = 0; i < chart.n_levels; ++i) {
      const char* const label = chart.level_labels == nullptr ? nullptr : chart.level_labels[i];
      axis.levels.push_back({chart.levels[i], clean_text(view(label), kGuideBytesMax)});
    }
    if ((chart.flags & BOURSE_DRAW_LOGARITHMIC) != 0) axis.logarithmic = true;
    if (chart.range == nullptr) return;
    Span range{chart.range[0], chart.range[1]};
    if (axis.range) {
      range = {std::min(axis.range->low, range.low), std::max(axis.range->high, range.high)};
    }
    axis.range = range;
  }

  /// Where the panel's x is; place_guides() looks at them once all of x is known.
  static void add_guides(const Panel& panel, Pane& pane, const Source& source) {
    const bourse_chart& chart = source.wire();
    const bourse_field& field = source.table().field(source.x());
    for (std::size_t i = 0; i < chart.n_guides; ++i) {
      Guide guide;
      const char* const label = chart.guide_labels == nullptr ? nullptr : chart.guide_labels[i];
      guide.label = clean_text(view(label), kGuideBytesMax);
      guide.text = value_text(chart.guides[i], field);
      guide.x = panel.axis == AxisKind::kCategory ? kNone : guide_x(panel, chart.guides[i]);
      pane.guides.push_back(std::move(guide));
    }
  }
  static double guide_x(const Panel& panel, const bourse_value& at) {
    if (at.type == BOURSE_TYPE_TIME && panel.axis == AxisKind::kTime) {
      using detail::Int128;
      return static_cast<double>(static_cast<Int128>(at.as.i64) - panel.origin);
    }
    if (panel.axis == AxisKind::kTime) return kNone;
    return to_number(at);
  }

  /// Drops guides that are far from all data: they would leave no room for these.
  static void place_guides(Panel& panel) {
    constexpr double kBeyond = 0.25;  // of the length of x
    const auto x = panel.x;
    for (Pane& pane : panel.panes) {
      std::size_t lost = 0;
      for (Guide& guide : pane.guides) {
        if (panel.axis == AxisKind::kCategory) guide.x = category_of(panel, guide.text);
        const double room = x ? kBeyond * x->length() : 0;
        const bool near = x && guide.x >= x->low - room && guide.x <= x->high + room;
        if (!near) guide.x = kNone, ++lost;
        if (near && panel.axis != AxisKind::kCategory) {
          panel.x = {std::min(panel.x->low, guide.x), std::max(panel.x->high, guide.x)};
        }
      }
      std::erase_if(pane.guides, [](const Guide& guide) { return std::isnan(guide.x); });
      if (lost > 0) pane.leave_out(counted(lost, "line") + " beside the data");
    }
  }
  static double category_of(const Panel& panel, const std::string& text) {
    const auto& names = panel.categories;
    const auto found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? kNone : static_cast<double>(found - names.begin());
  }

  /// What a chart asks for and its kind has no place for.
  static void say_what_is_ignored(Pane& pane, const Source& source) {
    const bourse_chart_kind kind = source.kind();
    const bool bars = is_bars(kind), heat = kind == BOURSE_CHART_HEATMAP;
    if (source.asks(BOURSE_DRAW_HORIZONTAL) && !bars) pane.leave_out("lying: only bars lie");
    if (source.asks(BOURSE_DRAW_STACKED) && !bars && kind != BOURSE_CHART_AREA) {
      pane.leave_out("stacking: only bars and areas are stacked");
    }
    if (heat && (source.asks(BOURSE_DRAW_LOGARITHMIC) || source.wire().axis != 0 ||
                 source.wire().n_levels > 0 || source.wire().n_guides > 0)) {
      pane.leave_out("lines and axes of numbers: a heat map has none");
    }
    for (const auto& [role, what] : {std::pair{BOURSE_ROLE_SIZE, "sizes"},
                                     {BOURSE_ROLE_COLOR, "colours"},
                                     {BOURSE_ROLE_LABEL, "labels"}}) {
      const bool has_place = kind == BOURSE_CHART_SCATTER || (bars && role == BOURSE_ROLE_COLOR);
      if (has_place || !source.first(role)) continue;
      pane.leave_out(std::string(what) + " of marks: only points have them");
    }
  }

  /// A second axis without a first one is the only one. A logarithmic one is for values above 0.
  static void finish_axes(Pane& pane) {
    if (pane.heat) return;
    if (!pane.uses(0) && pane.uses(1)) {
      std::swap(pane.axes[0], pane.axes[1]);
      for (Series& series : pane.series) series.axis = 0;
    }
    for (std::size_t side = 0; side < pane.axes.size(); ++side) {
      Axis& axis = pane.axes[side];
      if (!axis.logarithmic) continue;
      const bool from_zero =
          std::any_of(pane.series.begin(), pane.series.end(), [&](const Series& s) {
            return s.axis == side && (s.mark == Mark::kBars || s.stack >= 0);
          });
      if (from_zero) {
        axis.logarithmic = false;
        pane.leave_out("logarithmic axis: bars and stacks begin at zero");
      } else {
        drop_below_zero(pane, side);
      }
    }
  }
  static void drop_below_zero(Pane& pane, std::size_t side) {
    std::size_t lost = 0;
    for (Series& series : pane.series) {
      if (series.axis != side) continue;
      for (auto* values : {&series.y, &series.low, &series.open, &series.high}) {
        for (double& v : *values) {
          if (v > 0 || std::isnan(v)) continue;
          v = kNone;
          ++lost;
        }
      }
    }
    if (lost > 0) pane.leave_out(counted(lost, "value") + " at or below 0 on a logarithmic axis");
    Axis& axis = pane.axes[side];
    const std::size_t levels = std::erase_if(axis.levels, [](const Level& l) { return l.y <= 0; });
    if (levels > 0) pane.leave_out(counted(levels, "line") + " at or below 0");
  }

  std::vector<double> read_x(Panel& panel, const Source& source) const {
    switch (panel.axis) {
      case AxisKind::kTime:
        return read_times(panel, source);
      case AxisKind::kCategory:
        return read_places(panel, source, limits_.categories);
      default:
        return read_numbers(source.table(), source.x());
    }
  }

  void add_series(Panel& panel, Pane& pane, const Source& source) {
    if (source.table().rows() > points_left_) {
      ++pane.series_left_out;
      return;
    }
    const std::vector<double> x = read_x(panel, source);
    // One more than can be shown: it will be counted as left out.
    const std::vector<Rows> groups = split_rows(source, x, limits_.series + 1);
    const std::size_t first = pane.series.size();
    if (source.kind() == BOURSE_CHART_CANDLE) {
      for (const Rows& rows : groups) add_candles(pane, source, rows);
    } else {
      add_bands(pane, source, groups);
      add_lines(panel, pane, source, groups);
    }
    for (std::size_t i = first; i < pane.series.size(); ++i) pane.series[i].axis = source.side();
    if (source.asks(BOURSE_DRAW_STACKED)) stack(pane, first, points_left_);
  }

  /// A new series of these rows with `values` numbers each, or null when there is no room.
  Series* take(Pane& pane, Mark mark, const Rows& rows, std::size_t values) {
    const std::size_t points = rows.x.size() * (values + 1);
    if (pane.series.size() >= limits_.series || points > points_left_) {
      ++pane.series_left_out;
      return nullptr;
    }
    points_left_ -= points;
    Series& series = pane.series.emplace_back();
    series.mark = mark;
    series.x = rows.x;
    return &series;
  }

  static std::string name_of(const Source& source, const Channel& channel) {
    return std::string(view(source.table().field(channel.column).name));
  }

  void add_candles(Pane& pane, const Source& source, const Rows& rows) {
    Series* const series = take(pane, Mark::kCandles, rows, 4);
    if (series == nullptr) return;
    const auto column = [&](bourse_role role) {
      const auto channel = source.first(role);
      if (!channel) return std::vector<double>(rows.x.size(), kNone);
      series->decimals = std::max(series->decimals, decimals_used(source.table(), channel->column));
      return rows.pick(read_numbers(source.table(), channel->column));
    };
    series->label = rows.label.empty() ? source.title() : rows.label;
    series->open = column(BOURSE_ROLE_OPEN);
    series->high = column(BOURSE_ROLE_HIGH);
    series->low = column(BOURSE_ROLE_LOW);
    series->y = column(BOURSE_ROLE_CLOSE);
    series->ink = {Role::kUp};
    for (const bourse_role role :
         {BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE}) {
      const auto channel = source.first(role);
      if (channel) series->fields.push_back(name_of(source, *channel));
    }
  }

  void add_bands(Pane& pane, const Source& source, const std::vector<Rows>& groups) {
    const auto lower = source.all(BOURSE_ROLE_LOWER), upper = source.all(BOURSE_ROLE_UPPER);
    for (std::size_t i = 0; i < std::min(lower.size(), upper.size()); ++i) {
      const auto low = read_numbers(source.table(), lower[i].column);
      const auto high = read_numbers(source.table(), upper[i].column);
      for (const Rows& rows : groups) {
        Series* const series = take(pane, Mark::kBand, rows, 2);
        if (series == nullptr) continue;
        series->low = rows.pick(low);
        if (rows.label.empty()) {
          series->fields = {name_of(source, lower[i]), name_of(source, upper[i])};
        }
        series->y = rows.pick(high);
        series->label = rows.label.empty() ? source.title() : rows.label;
        series->ink = ink_of(rows.label);
      }
    }
  }

  void add_lines(const Panel& panel, Pane& pane, const Source& source,
                 const std::vector<Rows>& groups) {
    const auto channels = source.all(BOURSE_ROLE_Y);
    const bool one = channels.size() == 1 && groups.size() == 1;
    for (const Channel& channel : channels) {
      const auto values = read_numbers(source.table(), channel.column);
      const int decimals = decimals_used(source.table(), channel.column);
      for (const Rows& rows : groups) {
        Series* const series = take(pane, mark_of(panel, source), rows, 1);
        if (series == nullptr) continue;
        series->y = rows.pick(values);
        series->decimals = decimals;
        if (rows.label.empty()) series->fields = {name_of(source, channel)};
        series->whole = source.table().field(channel.column).type == BOURSE_TYPE_I64;
        series->label = rows.label.empty()     ? channel.label
                        : channels.size() == 1 ? rows.label
                                               : rows.label + ", " + channel.label;
        series->ink = ink_of(rows.label);
        if (series->mark == Mark::kDots) add_looks(pane, *series, source, rows);
        if (series->mark == Mark::kBars && one) add_direction(*series, source, rows);
      }
    }
  }

  /// Bars are coloured by the sign of what their chart names: rising from zero, or falling.
  void add_direction(Series& series, const Source& source, const Rows& rows) {
    const auto channel = source.first(BOURSE_ROLE_COLOR);
    if (!channel || 2 * rows.x.size() > points_left_) return;
    points_left_ -= 2 * rows.x.size();
    series.from.assign(rows.x.size(), 0);
    series.to = rows.pick(read_numbers(source.table(), channel->column));
  }

  /// Size, colour and label of dots.
  void add_looks(Pane& pane, Series& series, const Source& source, const Rows& rows) {
    const auto read = [&](bourse_role role, std::optional<Measure>& measure,
                          std::vector<double>& to) {
      const auto channel = source.first(role);
      if (!channel || rows.x.size() > points_left_) return;
      points_left_ -= rows.x.size();
      to = rows.pick(read_numbers(source.table(), channel->column));
      extend(measure, to);
      if (!measure || !measure->label.empty()) return;
      measure->label = channel->label;
      measure->decimals = decimals_used(source.table(), channel->column);
    };
    read(BOURSE_ROLE_COLOR, pane.color, series.colors);
    if (source.first(BOURSE_ROLE_SIZE) && rows.x.size() > kSizesMax) {
      pane.leave_out("sizes of more than " + std::to_string(kSizesMax) + " points");
    } else {
      read(BOURSE_ROLE_SIZE, pane.size, series.sizes);
    }
    const auto label = source.first(BOURSE_ROLE_LABEL);
    if (!label) return;
    if (rows.x.size() > kTextsMax) {
      return pane.leave_out("labels of more than " + std::to_string(kTextsMax) + " points");
    }
    for (const std::size_t row : rows.row) {
      series.texts.push_back(cell_text(source.table(), label->column, row));
    }
  }
  static void extend(std::optional<Measure>& measure, const std::vector<double>& values) {
    for (const double v : values) {
      if (std::isnan(v)) continue;
      if (!measure) measure = {{}, {v, v}, -1};
      measure->span = {std::min(measure->span.low, v), std::max(measure->span.high, v)};
    }
  }

  void add_heat(Pane& pane, const Source& source) {
    HeatMap& heat = pane.heat.emplace();
    const TableView& table = source.table();
    const auto down = source.first(BOURSE_ROLE_Y), values = source.first(BOURSE_ROLE_HEAT);
    if (!down || !values || table.rows() > points_left_) {
      ++pane.series_left_out;
      return;
    }
    points_left_ -= table.rows();
    heat.label = values->label;
    heat.decimals = decimals_used(table, values->column);
    const auto cells = read_numbers(table, values->column);
    Names columns(kHeatSideMax), rows(kHeatSideMax);
    std::vector<std::pair<std::optional<std::size_t>, std::optional<std::size_t>>> places;
    for (std::size_t row = 0; row < cells.size(); ++row) {
      places.emplace_back(columns.place(cell_text(table, source.x(), row)),
                          rows.place(cell_text(table, down->column, row)));
    }
    heat.values.assign(columns.size() * rows.size(), kNone);
    for (std::size_t row = 0; row < cells.size(); ++row) {
      const auto [x, y] = places[row];
      if (x && y) heat.values[*y * columns.size() + *x] = cells[row];
    }
    heat.columns = std::move(columns).take();
    heat.rows = std::move(rows).take();
    put_in_order(heat);
  }

  /// Things by themselves, and more of them than are taken in at a glance.
  static void put_in_order(HeatMap& heat) {
    constexpr std::size_t kAtAGlance = 12;
    const std::size_t n = heat.rows.size();
    if (n <= kAtAGlance || n > kClusteredMax || heat.rows != heat.columns) return;
    const auto& values = heat.values;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double a = values[i * n + j], b = values[j * n + i];
        if (a != b && !(std::isnan(a) || std::isnan(b))) return;  // not a likeness
      }
    }
    std::vector<double> mirrored = values;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        if (std::isnan(mirrored[i * n + j])) mirrored[i * n + j] = values[j * n + i];
      }
    }
    const std::vector<std::size_t> order = cluster_order(mirrored, n);
    HeatMap sorted = heat;
    for (std::size_t i = 0; i < n; ++i) {
      sorted.rows[i] = sorted.columns[i] = heat.rows[order[i]];
      for (std::size_t j = 0; j < n; ++j) {
        sorted.values[i * n + j] = values[order[i] * n + order[j]];
      }
    }
    sorted.by_likeness = true;
    heat = std::move(sorted);
  }

  static constexpr std::size_t kHeatSideMax = 512;
  static constexpr std::size_t kSizesMax = 2000, kTextsMax = 500;
  static constexpr std::size_t kGuideBytesMax = 256;

  const bourse_report& report_;
  const Limits limits_;
  const Between& between_;
  std::size_t points_left_;
  std::size_t panes_ = 0;
  Model model_;
};

}  // namespace

Ink Series::direction_ink(std::size_t first, std::size_t end) const noexcept {
  double begun = kNone, ended = kNone;
  for (std::size_t i = first; i < end && i < to.size(); ++i) {
    if (std::isnan(from[i]) || std::isnan(to[i])) continue;
    if (std::isnan(begun)) begun = from[i];
    ended = to[i];
  }
  if (std::isnan(ended)) return ink;
  return {ended < begun ? Role::kDown : Role::kUp};
}

bool Series::repeats_x() const noexcept {
  return std::adjacent_find(x.begin(), x.end()) != x.end();
}

bool Pane::has(Mark mark) const noexcept {
  return std::any_of(series.begin(), series.end(),
                     [mark](const Series& s) { return s.mark == mark; });
}

bool Pane::has(Mark mark, std::size_t axis) const noexcept {
  return std::any_of(series.begin(), series.end(),
                     [&](const Series& s) { return s.mark == mark && s.axis == axis; });
}

bool Pane::uses(std::size_t axis) const noexcept {
  return std::any_of(series.begin(), series.end(),
                     [axis](const Series& s) { return s.axis == axis; });
}

bool Pane::whole(std::size_t axis) const noexcept {
  return uses(axis) && std::all_of(series.begin(), series.end(),
                                   [axis](const Series& s) { return s.axis != axis || s.whole; });
}

void Pane::leave_out(std::string what) {
  if (std::find(not_drawn.begin(), not_drawn.end(), what) != not_drawn.end()) return;
  not_drawn.push_back(std::move(what));
}

std::int64_t time_at(const Panel& panel, double x) noexcept {
  using detail::Int128;
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  if (!(std::fabs(x) < 4e19)) return x < 0 ? kFirst : kLast;
  const Int128 at = static_cast<Int128>(panel.origin) + static_cast<Int128>(x);
  return static_cast<std::int64_t>(std::clamp<Int128>(at, kFirst, kLast));
}

Model read_model(const bourse_report& report, const Limits& limits, const Between& between) {
  return Builder(report, limits, between).build();
}

}  // namespace bourse::charting
