// SPDX-License-Identifier: MIT
#include "host/report/charts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "host/base/names.hpp"
#include "host/base/take.hpp"
#include "host/report/fields.hpp"

namespace bourse::host {
namespace {

Failure too_many(const char* what, std::size_t n, std::size_t n_max) {
  return mistake("it has " + std::to_string(n) + " " + what + ", at most " + std::to_string(n_max) +
                 " are taken");
}

/// The roles that a kind of chart cannot do without.
std::span<const bourse_role> needed_roles(bourse_chart_kind kind) {
  static constexpr std::array<bourse_role, 5> kOhlc = {
      BOURSE_ROLE_X, BOURSE_ROLE_OPEN, BOURSE_ROLE_HIGH, BOURSE_ROLE_LOW, BOURSE_ROLE_CLOSE};
  static constexpr std::array<bourse_role, 3> kHeat = {BOURSE_ROLE_X, BOURSE_ROLE_Y,
                                                       BOURSE_ROLE_HEAT};
  static constexpr std::array<bourse_role, 1> kX = {BOURSE_ROLE_X};
  if (kind == BOURSE_CHART_CANDLE) return kOhlc;
  if (kind == BOURSE_CHART_HEATMAP) return kHeat;
  return kX;
}

/// Categories, groups and what stands beside a mark are words as well as numbers.
bool may_be_text(bourse_role role, bourse_chart_kind kind) {
  return role == BOURSE_ROLE_X || role == BOURSE_ROLE_GROUP || role == BOURSE_ROLE_LABEL ||
         (role == BOURSE_ROLE_Y && kind == BOURSE_CHART_HEATMAP);
}

}  // namespace

Result<const bourse_chart*> ChartCopy::copy(const bourse_chart& chart, std::string_view name) {
  name_ = name;
  for (const auto step :
       {&ChartCopy::is_drawable, &ChartCopy::find_table, &ChartCopy::copy_channels}) {
    const auto goes_on = (this->*step)(chart);
    if (!goes_on) return goes_on.failure();
    if (!*goes_on) return static_cast<const bourse_chart*>(nullptr);
  }
  copy_ = keeper_.make<bourse_chart>();
  copy_->size = sizeof(bourse_chart);
  copy_->flags = chart.flags;
  copy_->kind = chart.kind;
  copy_->axis = chart.axis;
  copy_->name = keeper_.name(name).ptr;
  copy_->table = table_->wire.name;
  copy_->title = line(chart.title, BOURSE_MAX_LINE_BYTES, "title");
  copy_->pane = line(chart.pane, BOURSE_MAX_NAME_BYTES, "pane");
  copy_->n_channels = channels_.size();
  auto* const channels = keeper_.make<const bourse_channel*>(channels_.size());
  std::copy(channels_.begin(), channels_.end(), channels);
  copy_->channels = channels;
  for (const auto step :
       {&ChartCopy::copy_levels, &ChartCopy::copy_guides, &ChartCopy::copy_range}) {
    if (auto done = (this->*step)(chart); !done) return std::move(done).failure();
  }
  return static_cast<const bourse_chart*>(copy_);
}

bool ChartCopy::leave_out(const std::string& why) {
  left_out_.unknown("chart " + name_ + " (" + why + ")");
  return false;
}

const char* ChartCopy::line(const char* text, std::size_t bytes_max, const char* what) {
  return keeper_.line(text, bytes_max, left_out_,
                      [&] { return "the " + std::string(what) + " of chart " + name_; });
}

Result<bool> ChartCopy::is_drawable(const bourse_chart& chart) {
  if (chart.kind < BOURSE_CHART_LINE) {
    return mistake("kind " + std::to_string(chart.kind) +
                   " is none; set BOURSE_CHART_LINE or another");
  }
  if (chart.axis < 0) {
    return mistake("axis " + std::to_string(chart.axis) + " is none; 0 is the first, 1 the second");
  }
  if (chart.kind > BOURSE_CHART_HEATMAP) return leave_out("kind " + std::to_string(chart.kind));
  if (chart.axis > 1) return leave_out("axis " + std::to_string(chart.axis));
  return true;
}

Result<bool> ChartCopy::find_table(const bourse_chart& chart) {
  const auto name = text_within(chart.table, BOURSE_MAX_NAME_BYTES);
  const auto table = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const auto& t) { return name && *name == t->wire.name; });
  if (table == tables_.end())
    return mistake("its table is not in the report (add the table first)");
  table_ = table->get();
  if (table_->fields.empty()) return leave_out("table " + std::string(*name));
  return true;
}

Result<bool> ChartCopy::copy_channels(const bourse_chart& chart) {
  if (chart.n_channels > BOURSE_MAX_CHANNELS) {
    return too_many("channels", chart.n_channels, BOURSE_MAX_CHANNELS);
  }
  if (chart.n_channels == 0 || chart.channels == nullptr) return mistake("it has no channels");
  for (std::size_t i = 0; i < chart.n_channels; ++i) {
    const auto channel = take(foreign_item(chart.channels, i), {});
    const std::string where = "channel " + std::to_string(i + 1) + ": ";
    if (!channel) return mistake(where + channel.failure().message);
    if (const auto done = copy_channel(*channel, chart.kind); !done) {
      return mistake(where + done.failure().message);
    }
  }
  return is_complete(chart.kind);
}

Result<void> ChartCopy::copy_channel(const bourse_channel& channel, bourse_chart_kind kind) {
  if (channel.role < BOURSE_ROLE_X) {
    return mistake("role " + std::to_string(channel.role) +
                   " is none; set BOURSE_ROLE_X or another");
  }
  const auto name = text_within(channel.field, BOURSE_MAX_NAME_BYTES);
  const auto declared = [&](const bourse_field* field) { return name && *name == field->name; };
  const auto field = std::find_if(table_->fields.begin(), table_->fields.end(), declared);
  if (channel.role > BOURSE_ROLE_LABEL) {
    lost_.push_back("role " + std::to_string(channel.role));
    return {};
  }
  if (field == table_->fields.end()) {
    const auto& unknown = table_->unknown;
    if (!name || std::find(unknown.begin(), unknown.end(), *name) == unknown.end()) {
      return mistake("it names a field that table " + std::string(table_->wire.name) +
                     " does not have");
    }
    lost_.push_back("column " + std::string(*name));
    return {};
  }
  if ((*field)->type == BOURSE_TYPE_TEXT && !may_be_text(channel.role, kind)) {
    return mistake("field " + std::string((*field)->name) + " is text, but role " +
                   std::to_string(channel.role) + " needs numbers");
  }
  auto* const copy = keeper_.make<bourse_channel>();
  *copy = {sizeof(bourse_channel), channel.role, (*field)->name,
           line(channel.label, BOURSE_MAX_LINE_BYTES, "label of a channel")};
  channels_.push_back(copy);
  channel_fields_.push_back(*field);
  return {};
}

const bourse_field* ChartCopy::field_of(bourse_role role) const {
  for (std::size_t i = 0; i < channels_.size(); ++i) {
    if (channels_[i]->role == role) return channel_fields_[i];
  }
  return nullptr;
}

Result<bool> ChartCopy::is_complete(bourse_chart_kind kind) {
  const auto has = [&](bourse_role role) { return field_of(role) != nullptr; };
  const auto needed = needed_roles(kind);
  const bool complete = std::all_of(needed.begin(), needed.end(), has) &&
                        (needed.size() > 1 || has(BOURSE_ROLE_Y) ||
                         (has(BOURSE_ROLE_LOWER) && has(BOURSE_ROLE_UPPER)));
  if (complete) {
    for (const std::string& lost : lost_) left_out_.unknown(lost + " in chart " + name_);
    return true;
  }
  if (lost_.empty()) return mistake("a channel that its kind needs is missing");
  return leave_out(lost_.front());
}

const char* const* ChartCopy::copy_labels(const char* const* labels, std::size_t n,
                                          const char* what) {
  if (labels == nullptr || n == 0) return nullptr;
  auto* const copies = keeper_.make<const char*>(n);
  for (std::size_t i = 0; i < n; ++i) {
    copies[i] = line(foreign_item(labels, i), BOURSE_MAX_LINE_BYTES, what);
  }
  return copies;
}

Result<void> ChartCopy::copy_levels(const bourse_chart& chart) {
  const std::size_t n = chart.n_levels;
  if (n > BOURSE_MAX_GUIDES) return too_many("levels", n, BOURSE_MAX_GUIDES);
  if (n == 0) return {};
  if (chart.levels == nullptr) return mistake("it counts levels, but they are null");
  auto* const levels = keeper_.make<double>(n);
  for (std::size_t i = 0; i < n; ++i) {
    levels[i] = foreign_item(chart.levels, i);
    if (!std::isfinite(levels[i]))
      return mistake("level " + std::to_string(i + 1) + " is not finite");
  }
  copy_->n_levels = n;
  copy_->levels = levels;
  copy_->level_labels = copy_labels(chart.level_labels, n, "label of a level");
  return {};
}

Result<void> ChartCopy::copy_guides(const bourse_chart& chart) {
  const std::size_t n = chart.n_guides;
  if (n > BOURSE_MAX_GUIDES) return too_many("guides", n, BOURSE_MAX_GUIDES);
  if (n == 0) return {};
  if (chart.guides == nullptr) return mistake("it counts guides, but they are null");
  const bourse_field& x = *field_of(BOURSE_ROLE_X);  // complete: every kind needs one
  auto* const guides = keeper_.make<bourse_value>(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto given = foreign_item(chart.guides, i);
    const std::string where = "guide " + std::to_string(i + 1);
    if (given.type != x.type) {
      return mistake(where + " has another type than its x, field " + x.name);
    }
    if (given.type == BOURSE_TYPE_F64 && !std::isfinite(given.as.f64)) {
      return mistake(where + " is not finite");
    }
    auto copy = keeper_.value(given);
    if (!copy) {
      copy.failure().message.insert(0, where + ": ");
      return std::move(copy).failure();
    }
    guides[i] = *copy;
  }
  copy_->n_guides = n;
  copy_->guides = guides;
  copy_->guide_labels = copy_labels(chart.guide_labels, n, "label of a guide");
  return {};
}

Result<void> ChartCopy::copy_range(const bourse_chart& chart) {
  if (chart.range == nullptr) return {};
  auto* const range = keeper_.make<double>(2);
  for (std::size_t i = 0; i < 2; ++i) range[i] = foreign_item(chart.range, i);
  if (!std::isfinite(range[0]) || !std::isfinite(range[1]) || range[0] >= range[1]) {
    return mistake("its range must be two finite numbers, the lower first");
  }
  copy_->range = range;
  return {};
}

}  // namespace bourse::host
