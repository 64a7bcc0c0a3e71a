// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/marks.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "plugins/serializers/charting/decimate.hpp"
#include "plugins/serializers/charting/heat_scale.hpp"

namespace bourse::charting {
namespace {

constexpr double kLineWidth = 1.5;

class Drawing {
 public:
  Drawing(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane)
      : canvas_(canvas), panel_(panel), pane_(pane), pixel_(canvas.device_pixel()) {}

  void draw() {
    std::size_t lanes = 1;
    const auto lane = bar_lanes(*pane_.pane, lanes);
    for (const Mark mark : {Mark::kBand, Mark::kArea, Mark::kStepArea, Mark::kBars, Mark::kCandles,
                            Mark::kLine, Mark::kDots}) {
      const auto& all = pane_.pane->series;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].mark != mark) continue;
        canvas_.between();
        y_ = &pane_.y(all[i]);
        zero_ = y_->zero();
        draw(all[i], lane[i], lanes);
      }
    }
  }

 private:
  void draw(const Series& series, std::size_t lane, std::size_t lanes) {
    switch (series.mark) {
      case Mark::kBand:
        return draw_band(series);
      case Mark::kArea:
        if (series.stack >= 0) return draw_stacked(series);
        return draw_area(series, runs(series), 0.16);
      case Mark::kStepArea:
        return draw_area(series, steps(series), 0.22);
      case Mark::kBars:
        return draw_bars(series, lane, lanes);
      case Mark::kCandles:
        return draw_candles(series);
      case Mark::kLine:
        return draw_line(series, runs(series));
      case Mark::kDots:
        return draw_dots(series);
    }
  }

  [[nodiscard]] Point at(double x, double y) const { return {panel_.x(x), (*y_)(y)}; }

  // ---- lines and areas

  using Lines = std::vector<std::vector<Point>>;

  static bool after_gap(const Series& series, std::size_t row) {
    return row > 0 && series.x[row] - series.x[row - 1] > series.gap_from;
  }

  /// Stretches without a missing row or value, thinned to what can be seen.
  [[nodiscard]] Lines runs(const Series& series) const {
    Lines out;
    std::vector<Point> run;
    const auto end_run = [&] {
      if (!run.empty()) out.push_back(thin_line(std::move(run), pixel_));
      run.clear();
    };
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (after_gap(series, i)) end_run();
      if (std::isnan(series.y[i])) {
        end_run();
      } else {
        run.push_back(at(series.x[i], series.y[i]));
      }
    }
    end_run();
    return out;
  }

  /// As runs, with the lower of two neighbours holding between them: what is on offer at a price is
  /// on offer up to the next one that changes it.
  [[nodiscard]] Lines steps(const Series& series) const {
    Lines out;
    std::vector<Point> run;
    const auto end_run = [&] {
      if (!run.empty()) out.push_back(thin_line(std::move(run), pixel_));
      run.clear();
    };
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (std::isnan(series.y[i])) {
        end_run();
        continue;
      }
      const Point next = at(series.x[i], series.y[i]);
      if (!run.empty()) {
        const double lower = std::max(run.back().y, next.y);  // pixels grow downwards
        run.push_back({run.back().x, lower});
        run.push_back({next.x, lower});
      }
      run.push_back(next);
    }
    end_run();
    return out;
  }

  void draw_line(const Series& series, Lines lines) {
    std::vector<Point> alone;
    for (const auto& line : lines) {
      if (line.size() == 1) alone.push_back(line.front());
    }
    std::erase_if(lines, [](const auto& line) { return line.size() < 2; });
    if (!lines.empty()) canvas_.add(Strokes{series.ink, kLineWidth, false, std::move(lines)});
    if (!alone.empty()) canvas_.add(Dots{series.ink, 2, thin_dots(alone, 2)});
  }

  void draw_area(const Series& series, Lines lines, double opacity) {
    Areas areas{series.ink, {}};
    areas.ink.opacity = opacity;
    const double base = canvas_.snap(zero_);
    for (const auto& line : lines) {
      if (line.size() < 2) continue;
      auto& ring = areas.rings.emplace_back(line);
      ring.push_back({line.back().x, base});
      ring.push_back({line.front().x, base});
    }
    if (!areas.rings.empty()) canvas_.add(std::move(areas));
    draw_line(series, std::move(lines));
  }

  /// Between its base and its end, both of which have a value at every x.
  void draw_stacked(const Series& series) {
    std::vector<Point> top, bottom;
    for (std::size_t i = 0; i < series.size(); ++i) {
      top.push_back(at(series.x[i], series.y[i]));
      bottom.push_back(at(series.x[i], series.base[i]));
    }
    top = thin_line(std::move(top), pixel_);
    bottom = thin_line(std::move(bottom), pixel_);
    if (top.size() > 1) {
      Areas area{series.ink, {top}};
      area.ink.opacity = 0.45;
      area.rings[0].insert(area.rings[0].end(), bottom.rbegin(), bottom.rend());
      canvas_.add(std::move(area));
    }
    Lines line;
    line.push_back(std::move(top));
    draw_line(series, std::move(line));
  }

  void draw_band(const Series& series) {
    Lines upper, lower;
    std::vector<Point> high, low;
    const auto end_run = [&] {
      if (high.size() > 1) {
        upper.push_back(thin_line(std::move(high), pixel_));
        lower.push_back(thin_line(std::move(low), pixel_));
      }
      high.clear();
      low.clear();
    };
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (after_gap(series, i)) end_run();
      if (std::isnan(series.y[i]) || std::isnan(series.low[i])) {
        end_run();
        continue;
      }
      high.push_back(at(series.x[i], series.y[i]));
      low.push_back(at(series.x[i], series.low[i]));
    }
    end_run();
    if (upper.empty()) return;
    Areas areas{series.ink, upper};
    areas.ink.opacity = 0.09;
    for (std::size_t i = 0; i < lower.size(); ++i) {
      areas.rings[i].insert(areas.rings[i].end(), lower[i].rbegin(), lower[i].rend());
    }
    canvas_.add(std::move(areas));
    upper.insert(upper.end(), std::make_move_iterator(lower.begin()),
                 std::make_move_iterator(lower.end()));
    Ink edge = series.ink;
    edge.opacity = 0.7;
    canvas_.add(Strokes{edge, 1, false, std::move(upper)});
  }

  /// A dot of a size, a colour, or both.
  struct Look {
    double radius = 2.5;
    std::size_t ink = 0;  ///< a step of the colours, or kHeatSteps: it has no value
    friend bool operator<(const Look& a, const Look& b) {
      return a.radius != b.radius ? a.radius > b.radius : a.ink < b.ink;
    }
  };
  [[nodiscard]] Look look_of(const Series& series, std::size_t row) const {
    Look look;
    if (!series.sizes.empty()) look.radius = radius_of(*pane_.pane, series.sizes[row]);
    if (!series.colors.empty()) look.ink = color_step(*pane_.pane, series.colors[row]);
    return look;
  }
  /// The largest first, so that they hide no other; with a rim, for the middle colours are pale.
  void draw_looks(const Series& series) {
    std::map<Look, std::vector<Point>> looks;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (std::isnan(series.y[i])) continue;
      looks[look_of(series, i)].push_back(at(series.x[i], series.y[i]));
    }
    for (auto& [look, points] : looks) {
      points = thin_dots(points, look.radius / 2);
      if (series.colors.empty()) {
        canvas_.add(Dots{{series.ink.role, series.ink.index, 0.6}, look.radius, points});
        continue;
      }
      canvas_.add(Dots{{Role::kMuted}, look.radius + canvas_.hair(), points});
      const bool none = look.ink >= kHeatSteps;
      const Ink ink =
          none ? Ink{Role::kBackground} : Ink{Role::kHeat, static_cast<std::uint8_t>(look.ink)};
      canvas_.add(Dots{ink, look.radius, points});
    }
  }

  void draw_dots(const Series& series) {
    if (!series.sizes.empty() || !series.colors.empty()) return draw_looks(series);
    std::vector<Point> points;
    for (std::size_t i = 0; i < series.size(); ++i) {
      if (!std::isnan(series.y[i])) points.push_back(at(series.x[i], series.y[i]));
    }
    if (points.empty()) return;
    constexpr std::size_t kRoundMax = 2000;  // more are a cloud, in which none is round
    if (points.size() <= kRoundMax) {
      canvas_.add(Dots{series.ink, 2.5, std::move(points)});
      return;
    }
    const double cell = canvas_.snap(2 + pixel_ / 2);
    Boxes cloud{series.ink, {}};
    for (const Point p : thin_dots(points, cell)) {
      cloud.rects.push_back(
          {std::floor(p.x / cell) * cell, std::floor(p.y / cell) * cell, cell, cell});
    }
    canvas_.add(std::move(cloud));
  }

  // ---- bars and candles

  /// Rows that share one mark: [first, end), and where it stands.
  struct Run {
    std::size_t first, end;
    double middle;
  };

  [[nodiscard]] std::vector<Run> share(const Series& series, double distance) const {
    return panel_.slots.shared ? share_slots(series) : share_neighbours(series, distance);
  }

  /// Of one slot each.
  [[nodiscard]] std::vector<Run> share_slots(const Series& series) const {
    const Slots& slots = panel_.slots;
    const auto slot = [&](std::size_t i) { return slots.slot_of(series.x[i]); };
    std::vector<Run> out;
    for (std::size_t i = 0; i < series.size();) {
      const std::size_t first = i;
      while (i < series.size() && slot(i) == slot(first)) ++i;
      out.push_back({first, i, panel_.x(slots.first + (slot(first) + 0.5) * slots.length)});
    }
    return out;
  }

  /// Each row for itself, but for those that would stand closer than `distance` pixels.
  [[nodiscard]] std::vector<Run> share_neighbours(const Series& series, double distance) const {
    std::vector<Run> out;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const double x = panel_.x(series.x[i]);
      if (!out.empty() && x - out.back().middle < distance - 1e-6 * distance) {
        out.back().end = i + 1;
      } else {
        out.push_back({i, i + 1, x});
      }
    }
    return out;
  }

  /// Of one mark: at least one device pixel, and leaving one to the next mark. An odd number of
  /// them where that gives the wick a middle one.
  [[nodiscard]] double mark_width(std::size_t lanes, double width_max) const {
    const double slot = panel_.slots.length / panel_.x.span.length() *
                        (panel_.x.to - panel_.x.from) / pixel_;  // device pixels
    const double share = 0.76 * slot / static_cast<double>(lanes);
    double width = std::floor(std::clamp(share, 1.0, width_max / pixel_));
    if (lanes == 1 && width > 2 && std::fmod(width, 2) == 0) width -= 1;
    return width * pixel_;
  }

  void draw_bars(const Series& series, std::size_t lane, std::size_t lanes) {
    const bool stacked = series.stack >= 0;
    const double width_max = panel_.panel->axis == AxisKind::kCategory ? kBarMax : kCandleMax;
    Boxes own{series.ink, {}}, up{{Role::kUp}, {}}, down{{Role::kDown}, {}};
    own.ink.opacity = up.ink.opacity = down.ink.opacity =
        pane_.pane->series.size() > 1 && lanes == 1 && !stacked ? 0.75 : 0.9;
    const double width = mark_width(lanes, width_max);
    const double all = width * static_cast<double>(lanes);
    for (const Run& run : share(series, all + pixel_)) {
      const std::size_t row = stacked ? fullest(series, run) : farthest(series, run);
      const bool adds_up = series.adds_up && panel_.slots.shared;
      const double value = adds_up ? sum_of(series, run) : series.y[row];
      if (std::isnan(value)) continue;
      const Role role = adds_up ? series.direction_ink(run.first, run.end).role
                                : series.direction_ink(row, row + 1).role;
      const double left = canvas_.snap(run.middle - all / 2) + width * static_cast<double>(lane);
      if (stacked) {
        add_part(own, left, width, (*y_)(series.base[row]), (*y_)(value));
      } else {
        add_bar(role == Role::kUp     ? up
                : role == Role::kDown ? down
                                      : own,
                left, width, (*y_)(value));
      }
    }
    for (Boxes* boxes : {&own, &up, &down}) {
      if (!boxes->rects.empty()) canvas_.add(std::move(*boxes));
    }
  }

  static double sum_of(const Series& series, const Run& run) {
    double sum = std::nan("");
    for (std::size_t i = run.first; i < run.end; ++i) {
      if (!std::isnan(series.y[i])) sum = std::isnan(sum) ? series.y[i] : sum + series.y[i];
    }
    return sum;
  }
  /// The row that reaches farthest from zero.
  static std::size_t farthest(const Series& series, const Run& run) {
    std::size_t out = run.first;
    for (std::size_t i = run.first; i < run.end; ++i) {
      const bool farther = std::fabs(series.y[i]) > std::fabs(series.y[out]);
      if (std::isnan(series.y[out]) || farther) out = i;
    }
    return out;
  }
  /// The row in which the whole stack is largest: the same for all of its series.
  [[nodiscard]] std::size_t fullest(const Series& series, const Run& run) const {
    const auto& whole = pane_.pane->stacks[static_cast<std::size_t>(series.stack)];
    const auto first = whole.begin();
    const auto largest = std::max_element(first + static_cast<std::ptrdiff_t>(run.first),
                                          first + static_cast<std::ptrdiff_t>(run.end));
    return static_cast<std::size_t>(largest - first);
  }

  /// Of a stack: what is too small for a device pixel is not seen.
  void add_part(Boxes& boxes, double left, double width, double from, double to) const {
    const double a = canvas_.snap(from), b = canvas_.snap(to);
    if (a != b) boxes.rects.push_back({left, std::min(a, b), width, std::fabs(a - b)});
  }

  /// From the zero line; what is not zero is at least one device pixel high.
  void add_bar(Boxes& boxes, double left, double width, double y) const {
    const double base = canvas_.snap(zero_);
    double end = canvas_.snap(y);
    if (end == base) {
      const bool down = y > zero_ && base + pixel_ <= pane_.plot.bottom();
      end = down ? base + pixel_ : base - pixel_;
    }
    boxes.rects.push_back({left, std::min(base, end), width, std::fabs(end - base)});
  }

  struct Candle {
    double middle = 0, open = 0, high = 0, low = 0, close = 0;
    bool empty = true;

    void add(const Series& s, std::size_t i) {
      if (!std::isfinite(s.open[i] + s.high[i] + s.low[i] + s.y[i])) return;
      const double top = std::max({s.open[i], s.high[i], s.low[i], s.y[i]});
      const double bottom = std::min({s.open[i], s.high[i], s.low[i], s.y[i]});
      if (empty) open = s.open[i];
      high = empty ? top : std::max(high, top);
      low = empty ? bottom : std::min(low, bottom);
      close = s.y[i];
      empty = false;
    }
  };

  /// Rows that share a mark are one candle: first open, highest, lowest, last close.
  [[nodiscard]] std::vector<Candle> candles(const Series& series, double width) const {
    std::vector<Candle> out;
    for (const Run& run : share(series, width + pixel_)) {
      Candle candle;
      candle.middle = run.middle;
      for (std::size_t i = run.first; i < run.end; ++i) candle.add(series, i);
      if (!candle.empty) out.push_back(candle);
    }
    return out;
  }

  void draw_candles(const Series& series) {
    Boxes rising{{Role::kUp}, {}}, hollow{{Role::kBackground}, {}}, falling{{Role::kDown}, {}};
    const double width = mark_width(1, kCandleMax);
    for (const Candle& candle : candles(series, width)) {
      const bool up = candle.close >= candle.open;
      Boxes& boxes = up ? rising : falling;
      const double left = canvas_.snap(candle.middle - width / 2);
      const double top = canvas_.snap((*y_)(std::max(candle.open, candle.close)));
      double bottom = canvas_.snap((*y_)(std::min(candle.open, candle.close)));
      bottom = std::max(bottom, top + pixel_);
      const Rect body{left, top, width, bottom - top};
      boxes.rects.push_back(body);
      add_wicks(boxes, body, candle);
      const Rect inside = body.inset(canvas_.hair());
      if (up && !inside.empty()) hollow.rects.push_back(inside);
    }
    for (Boxes* boxes : {&rising, &falling, &hollow}) {
      if (!boxes->rects.empty()) canvas_.add(std::move(*boxes));
    }
  }

  /// Above and below the body.
  void add_wicks(Boxes& boxes, Rect body, const Candle& candle) const {
    const double width = std::min(canvas_.hair(), body.width);
    const double x = canvas_.snap(body.center().x - width / 2);
    const double high = canvas_.snap((*y_)(candle.high)), low = canvas_.snap((*y_)(candle.low));
    if (high < body.y) boxes.rects.push_back({x, high, width, body.y - high});
    if (low > body.bottom()) boxes.rects.push_back({x, body.bottom(), width, low - body.bottom()});
  }

  static constexpr double kCandleMax = 23, kBarMax = 72;

  Canvas& canvas_;
  const PanelPlan& panel_;
  const PanePlan& pane_;
  const double pixel_;
  const Scale* y_ = nullptr;  ///< of the series that is being drawn
  double zero_ = 0;
};

}  // namespace

double radius_of(const Pane& pane, double size) {
  constexpr double kSmallest = 2, kLargest = 12, kStep = 0.5;
  if (!pane.size || std::isnan(size) || size <= 0) return kSmallest;
  const double most = std::max(pane.size->span.high, 0.0);
  const double share = most > 0 ? std::sqrt(std::min(size / most, 1.0)) : 0;
  return std::max(kSmallest, std::round(kLargest * share / kStep) * kStep);
}

std::size_t color_step(const Pane& pane, double value) {
  if (!pane.color || std::isnan(value)) return kHeatSteps;
  return heat_step(value, settle(heat_span(pane.color->span)));
}

void draw_marks(Canvas& canvas, const PanelPlan& panel, const PanePlan& pane) {
  Drawing(canvas, panel, pane).draw();
}

}  // namespace bourse::charting
