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

#include "bourse/bourse.h"
#include "bourse/detail/list.hpp"
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
  Chart& channel(bourse_role role, std::string_view field, std::string_view label = {}) {
    const std::size_t at = kept(field);
    channels_.push({role, at, kept_label(label)});
    return *this;
  }
  /// A line at this y.
  Chart& level(double y, std::string_view label = {}) {
    const std::size_t at = kept_label(label);
    levels_.push(y);
    level_labels_.push(at);
    levels_labelled_ = levels_labelled_ || at != kNone;
    return *this;
  }
  /// A line at this x, which is of the type of the column x.
  template <class T>
  Chart& guide(const T& x, std::string_view label = {}) {
    return add_guide(value(x), label);
  }
  /// y, or the colours of a heat map, span at least these.
  Chart& range(double low, double high) {
    range_[0] = low;
    range_[1] = high;
    ranges_ = true;
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
    detail::List<bourse_channel> channels;
    detail::List<const bourse_channel*> pointers;
    detail::List<bourse_value> guides;
    detail::List<const char*> level_labels, guide_labels;
    bool guides_labelled = false;
    channels.reserve(channels_.size());  // pointers point into it
    for (const Channel& c : channels_) {
      pointers.push(&channels.push(
          {sizeof(bourse_channel), c.role, texts_.c_str() + c.field, label_at(c.label)}));
    }
    for (const std::size_t label : level_labels_) level_labels.push(label_at(label));
    for (const Guide& guide : guides_) {
      bourse_value& at = guides.push(guide.at);
      if (at.type == BOURSE_TYPE_TEXT) at.as.text.ptr = texts_.c_str() + guide.text;
      guide_labels.push(label_at(guide.label));
      guides_labelled = guides_labelled || guide.label != kNone;
    }
    bourse_chart wire{};
    wire.size = sizeof wire;
    wire.flags = flags_;
    wire.kind = kind_;
    wire.axis = axis_;
    wire.name = name_.c_str();
    wire.title = title_.c_str();
    wire.table = table_.c_str();
    wire.pane = pane_.empty() ? nullptr : pane_.c_str();
    wire.n_channels = pointers.size();
    wire.channels = pointers.begin();
    wire.n_levels = levels_.size();
    wire.levels = levels_.begin();
    wire.level_labels = levels_labelled_ ? level_labels.begin() : nullptr;
    wire.n_guides = guides.size();
    wire.guides = guides.begin();
    wire.guide_labels = guides_labelled ? guide_labels.begin() : nullptr;
    wire.range = ranges_ ? range_ : nullptr;
    return use(std::as_const(wire));
  }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  /// Texts lie one after the other in texts_, each with a NUL at its end: this is where.
  struct Channel {
    bourse_role role;
    std::size_t field, label;
  };
  struct Guide {
    bourse_value at;
    std::size_t text, label;
  };
  std::size_t kept(std::string_view text) {
    const std::size_t at = texts_.size();
    texts_ += text;
    texts_ += '\0';
    return at;
  }
  std::size_t kept_label(std::string_view text) { return text.empty() ? kNone : kept(text); }
  [[nodiscard]] const char* label_at(std::size_t at) const {
    return at == kNone ? nullptr : texts_.c_str() + at;
  }
  Chart& add_guide(const bourse_value& x, std::string_view label) {
    const std::size_t text = x.type == BOURSE_TYPE_TEXT ? kept(view(x.as.text)) : kNone;
    guides_.push({x, text, kept_label(label)});
    return *this;
  }
  Chart& flagged(std::uint32_t flag) {
    flags_ |= flag;
    return *this;
  }
  bourse_chart_kind kind_;
  std::int32_t axis_ = 0;
  std::uint32_t flags_ = 0;
  std::string name_, title_, table_, pane_, texts_;
  detail::List<Channel> channels_;
  detail::List<double> levels_;
  detail::List<std::size_t> level_labels_;
  detail::List<Guide> guides_;
  double range_[2] = {};
  bool ranges_ = false, levels_labelled_ = false;
};

}  // namespace bourse::inline sdk_0_1
