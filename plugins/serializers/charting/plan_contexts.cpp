// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "plugins/serializers/charting/plan.hpp"

namespace bourse::charting {
namespace {

/// Labels [first, end) that belong to one context.
struct Stretch {
  std::size_t first, end;
  std::string context;
  bool below = true;  ///< said in the second line; else in its first label
};

std::vector<Stretch> stretches_of(const std::vector<AxisLabel>& labels) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i].context.empty() && !out.empty()) {
      out.back().end = i + 1;
    } else {
      out.push_back({i, i + 1, labels[i].context});
    }
  }
  return out;
}

class Contexts {
 public:
  Contexts(PanelPlan& plan, const Style& style) : plan_(plan), style_(style) {}

  void place() {
    std::vector<AxisLabel> labels = plan_.labels;
    while (!labels.empty() && !try_place(labels)) {
    }
    if (labels.empty()) plan_.labels.clear();
  }

 private:
  /// False: a stretch found no room, and `labels` are those without it.
  bool try_place(std::vector<AxisLabel>& labels) {
    plan_.labels = labels;
    plan_.contexts.clear();
    is_long_.clear();
    std::vector<Stretch> stretches = stretches_of(plan_.labels);
    std::erase_if(stretches, [](const Stretch& s) { return s.context.empty(); });  // years
    if (stretches.empty()) return true;
    if (has_line_below(plan_, style_, 2)) {
      choose(stretches);
    } else {
      for (Stretch& stretch : stretches) stretch.below = false;
    }
    for (const Stretch& stretch : stretches) {
      if (stretch.below) {
        plan_.contexts.push_back({start_of(stretch.first), stretch.context, {}});
        continue;
      }
      AxisLabel& label = plan_.labels[stretch.first];
      label.text = joined_text(label.text, stretch.context);
      is_long_.push_back(stretch.first);
    }
    const Stretch* const without_room = is_long_.empty() ? nullptr : make_room(stretches);
    if (without_room == nullptr) return true;
    drop(labels, *without_room);
    return false;
  }

  /// Its year goes to the next one.
  static void drop(std::vector<AxisLabel>& labels, const Stretch& stretch) {
    if (stretch.end < labels.size()) {
      std::string& next = labels[stretch.end].context;
      if (year_of(next).empty()) next += year_of(labels[stretch.first].context);
    }
    labels.erase(labels.begin() + static_cast<std::ptrdiff_t>(stretch.first),
                 labels.begin() + static_cast<std::ptrdiff_t>(stretch.end));
  }

  [[nodiscard]] double width_of(const std::string& text) const {
    return text_width(text, style_.font);
  }
  [[nodiscard]] double start_of(std::size_t label) const {
    return plan_.labels[label].at - width_of(plan_.labels[label].text) / 2;
  }

  /// Which of them the second line holds: the short stretches give way.
  void choose(std::vector<Stretch>& stretches) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < stretches.size(); ++i) {
      while (!kept.empty() && !fits_before(stretches[kept.back()], stretches[i])) {
        Stretch& gone = stretches[kept.back()];
        const std::string year = year_of(gone.context);
        if (year_of(stretches[i].context).empty() && !year.empty()) {
          stretches[i].context += year;
          gone.context.resize(gone.context.size() - year.size());
        }
        gone.below = false;
        kept.pop_back();
      }
      kept.push_back(i);
      if (start_of(stretches[i].first) + width_of(stretches[i].context) > plan_.frame.right()) {
        stretches[i].below = false;
        kept.pop_back();
      }
    }
  }
  [[nodiscard]] bool fits_before(const Stretch& a, const Stretch& b) const {
    return start_of(a.first) + width_of(a.context) + style_.gap <= start_of(b.first);
  }

  /// Labels that say what they belong to push others of their stretch away. Gives the last stretch
  /// that has no room for its first label, if there is one.
  const Stretch* make_room(const std::vector<Stretch>& stretches) {
    std::vector<bool> gone(plan_.labels.size(), false);
    const double gap = style_.font.size * 0.6;
    for (const std::size_t i : is_long_) {
      AxisLabel& label = plan_.labels[i];
      const double half = width_of(label.text) / 2;
      const double low = plan_.frame.x + half, high = plan_.frame.right() - half;
      label.moved = std::clamp(label.at, low, std::max(low, high)) - label.at;
    }
    const auto left = [&](std::size_t i) { return start_of(i) + plan_.labels[i].moved; };
    const auto right = [&](std::size_t i) { return left(i) + width_of(plan_.labels[i].text); };
    double free_to = plan_.frame.right() + 0.01;
    for (auto stretch = stretches.rbegin(); stretch != stretches.rend(); ++stretch) {
      const std::size_t first = stretch->first;
      if (right(first) > free_to || left(first) < plan_.frame.x - 0.01) return &*stretch;
      double free_from = right(first) + gap;
      for (std::size_t i = first + 1; i < stretch->end; ++i) {
        gone[i] = left(i) < free_from || right(i) > free_to;
        if (!gone[i]) free_from = right(i) + gap;
      }
      free_to = left(first) - gap;
    }
    std::size_t i = 0;
    std::erase_if(plan_.labels, [&](const AxisLabel&) { return gone[i++]; });
    return nullptr;
  }

  PanelPlan& plan_;
  const Style& style_;
  std::vector<std::size_t> is_long_;
};

}  // namespace

void plan_contexts(PanelPlan& plan, const Style& style) { Contexts(plan, style).place(); }

}  // namespace bourse::charting
