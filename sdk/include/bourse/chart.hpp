// SPDX-License-Identifier: MIT
//
// chart.hpp - what to show of a report's tables; a serializer decides how.
//
//   Chart(BOURSE_CHART_LINE, "rsi", "RSI").of("series").pane("rsi")
//       .channel(BOURSE_ROLE_X, "open_time").channel(BOURSE_ROLE_Y, "rsi", "RSI 14")
//       .level(30).level(70, "overbought").range(0, 100)
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/value.hpp"

namespace bourse::inline sdk_0_1 {

/// Owns its texts. Handed to Call::add after the table that it draws.
class Chart {
 public:
  Chart(bourse_chart_kind kind, std::string name, std::string title)
      : kind_(kind), name_(std::move(name)), title_(std::move(title)) {}

  /// The table, of the same report, whose columns the channels name.
  Chart& of(std::string table) {
    table_ = std::move(table);
    return *this;
  }
  /// Charts of one pane share its axes.
  Chart& pane(std::string name) {
    pane_ = std::move(name);
    return *this;
  }
  Chart& channel(bourse_role role, std::string field, std::string label = {}) {
    channels_.push_back({role, std::move(field), std::move(label)});
    return *this;
  }
  /// A line at this y.
  Chart& level(double y, std::string label = {}) {
    levels_.push_back(y);
    level_labels_.push_back(std::move(label));
    return *this;
  }
  /// A line at this x, which is of the type of the column x.
  template <class T>
  Chart& guide(const T& x, std::string label = {}) {
    const bourse_value at = value(x);
    guides_.push_back({at, std::string(text_of(at)), std::move(label)});
    return *this;
  }
  /// y, or the colours of a heat map, span at least these.
  Chart& range(double low, double high) {
    range_ = {low, high};
    return *this;
  }
  Chart& logarithmic() { return flagged(BOURSE_DRAW_LOGARITHMIC); }
  Chart& stacked() { return flagged(BOURSE_DRAW_STACKED); }
  Chart& horizontal() { return flagged(BOURSE_DRAW_HORIZONTAL); }
  /// y is counted on a second axis, on the other side of the pane.
  Chart& on_second_axis() {
    axis_ = 1;
    return *this;
  }

  /// Calls use(const bourse_chart&); what it points to lives until `use` returns.
  template <class Use>
  auto with_wire(Use&& use) const {
    const std::vector<bourse_channel> channels = wire_channels();
    const std::vector<bourse_value> guides = wire_guides();
    std::vector<const bourse_channel*> pointers;
    for (const bourse_channel& channel : channels) pointers.push_back(&channel);
    std::vector<const char*> level_labels, guide_labels;
    for (const std::string& label : level_labels_) level_labels.push_back(or_null(label));
    for (const Guide& guide : guides_) guide_labels.push_back(or_null(guide.label));
    bourse_chart wire{};
    wire.size = sizeof wire;
    wire.flags = flags_;
    wire.kind = kind_;
    wire.axis = axis_;
    wire.name = name_.c_str();
    wire.title = title_.c_str();
    wire.table = table_.c_str();
    wire.pane = or_null(pane_);
    wire.n_channels = pointers.size();
    wire.channels = pointers.data();
    wire.n_levels = levels_.size();
    wire.levels = levels_.data();
    wire.level_labels = labelled(level_labels) ? level_labels.data() : nullptr;
    wire.n_guides = guides.size();
    wire.guides = guides.data();
    wire.guide_labels = labelled(guide_labels) ? guide_labels.data() : nullptr;
    wire.range = range_.empty() ? nullptr : range_.data();
    return use(std::as_const(wire));
  }

 private:
  struct Channel {
    bourse_role role;
    std::string field, label;
  };
  struct Guide {
    bourse_value at;
    std::string text, label;
  };
  static std::string_view text_of(const bourse_value& v) {
    return v.type == BOURSE_TYPE_TEXT ? view(v.as.text) : std::string_view();
  }
  static const char* or_null(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
  }
  static bool labelled(const std::vector<const char*>& labels) {
    for (const char* label : labels) {
      if (label != nullptr) return true;
    }
    return false;
  }
  Chart& flagged(std::uint32_t flag) {
    flags_ |= flag;
    return *this;
  }
  [[nodiscard]] std::vector<bourse_channel> wire_channels() const {
    std::vector<bourse_channel> wire;
    for (const Channel& c : channels_) {
      wire.push_back({sizeof(bourse_channel), c.role, c.field.c_str(), or_null(c.label)});
    }
    return wire;
  }
  [[nodiscard]] std::vector<bourse_value> wire_guides() const {
    std::vector<bourse_value> wire;
    for (const Guide& guide : guides_) {
      wire.push_back(guide.at);
      if (guide.at.type == BOURSE_TYPE_TEXT) wire.back().as.text = borrow(guide.text);
    }
    return wire;
  }

  bourse_chart_kind kind_;
  std::int32_t axis_ = 0;
  std::uint32_t flags_ = 0;
  std::string name_, title_, table_, pane_;
  std::vector<Channel> channels_;
  std::vector<double> levels_, range_;
  std::vector<std::string> level_labels_;
  std::vector<Guide> guides_;
};

}  // namespace bourse::inline sdk_0_1
