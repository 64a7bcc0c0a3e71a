// SPDX-License-Identifier: MIT
#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "plugins/serializers/charting/panel.hpp"
#include "plugins/serializers/charting/svg.hpp"

namespace bourse::charting {
namespace {

std::string_view word_of(Mark mark) {
  switch (mark) {
    case Mark::kCandles:
      return "candles";
    case Mark::kBars:
      return "bars";
    case Mark::kBand:
      return "band";
    case Mark::kDots:
      return "dots";
    default:
      return "line";
  }
}

class Json {
 public:
  void raw(std::string_view text) { out_ += text; }
  void text(std::string_view value) {
    out_ += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') out_ += '\\';
      out_ += c;
    }
    out_ += '"';
  }
  void number(double value) {
    std::array<char, 40> room;
    const auto end = std::to_chars(room.data(), room.data() + room.size(), value).ptr;
    out_.append(room.data(), end);
  }
  void member(std::string_view name, double value) {
    out_ += ",\"" + std::string(name) + "\":";
    number(value);
  }
  void span(std::string_view name, double a, double b) {
    out_ += ",\"" + std::string(name) + "\":[";
    number(a);
    out_ += ',';
    number(b);
    out_ += ']';
  }
  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

void write_series(Json& json, const Series& series) {
  json.raw("{\"mark\":\"" + std::string(word_of(series.mark)) + "\",\"label\":");
  json.text(series.label);
  json.raw(",\"ink\":\"" + ink_class(series.ink) + "\",\"fields\":[");
  for (std::size_t i = 0; i < series.fields.size(); ++i) {
    if (i > 0) json.raw(",");
    json.text(series.fields[i]);
  }
  json.raw("]");
  if (series.adds_up) json.raw(",\"sums\":true");
  if (series.is_directed() && !series.adds_up) json.raw(",\"signed\":true");
  json.raw("}");
}

void write_pane(Json& json, const Pane& pane, const PaneInfo& info) {
  json.raw("{\"title\":");
  json.text(pane.title);
  const Rect plot = info.plot;
  json.span("x", plot.x, plot.right());
  json.span("y", plot.y, plot.bottom());
  if (pane.axes[0].range) json.span("range", pane.axes[0].range->low, pane.axes[0].range->high);
  json.raw(",\"levels\":[");
  for (std::size_t i = 0; i < pane.axes[0].levels.size(); ++i) {
    if (i > 0) json.raw(",");
    json.number(pane.axes[0].levels[i].y);
  }
  json.raw("],\"series\":[");
  for (std::size_t i = 0; i < pane.series.size(); ++i) {
    if (i > 0) json.raw(",");
    write_series(json, pane.series[i]);
  }
  json.raw("]}");
}

/// What is drawn from one row each, on one axis of ordinary numbers.
bool can_answer(const Panel& panel) {
  for (const Pane& pane : panel.panes) {
    if (pane.uses(1) || pane.axes[0].logarithmic || !pane.guides.empty()) return false;
    for (const Series& series : pane.series) {
      if (series.fields.empty() || series.stack >= 0) return false;
    }
  }
  return panel.axis == AxisKind::kTime && panel.x;
}

}  // namespace

std::string answers_of(const Panel& panel, const std::vector<PaneInfo>& panes) {
  if (panes.empty() || panes.size() > panel.panes.size() || !can_answer(panel)) return {};
  constexpr double kMillisecond = 1e6;
  const double origin = static_cast<double>(panel.origin) / kMillisecond;
  Json json;
  json.raw("{\"table\":");
  json.text(panel.table);
  json.raw(",\"field\":");
  json.text(panel.field);
  json.member("from", origin + panes[0].x_low / kMillisecond);
  json.member("to", origin + panes[0].x_high / kMillisecond);
  json.raw(",\"panes\":[");
  for (std::size_t i = 0; i < panes.size(); ++i) {
    if (i > 0) json.raw(",");
    write_pane(json, panel.panes[i], panes[i]);
  }
  json.raw("]}");
  return std::move(json).take();
}

}  // namespace bourse::charting
