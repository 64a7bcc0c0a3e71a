// SPDX-License-Identifier: MIT
#include "plugins/serializers/charting/source.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/text.hpp"

namespace bourse::charting {
namespace {

constexpr std::size_t kLabelBytesMax = 256;

std::string channel_label(const bourse_channel& channel, const bourse_field& field) {
  for (const char* text : {channel.label, field.label, field.name}) {
    std::string label = clean_text(view(text), kLabelBytesMax);
    if (!label.empty()) return label;
  }
  return {};
}

void sort_by_x(Rows& rows, const std::vector<double>& x) {
  std::erase_if(rows.row, [&](std::size_t r) { return std::isnan(x[r]); });
  const auto before = [&](std::size_t a, std::size_t b) { return x[a] < x[b]; };
  if (!std::is_sorted(rows.row.begin(), rows.row.end(), before)) {
    std::stable_sort(rows.row.begin(), rows.row.end(), before);
  }
  rows.x = rows.pick(x);
}

}  // namespace

// ---- Source -------------------------------------------------------------------------------------

std::optional<Source> Source::find(const bourse_report& report, const bourse_chart& chart) {
  for (std::size_t i = 0; i < report.n_tables; ++i) {
    if (view(report.tables[i]->name) != view(chart.table)) continue;
    Source source(chart, TableView(*report.tables[i]));
    const auto x = source.first(BOURSE_ROLE_X);
    if (!x) return std::nullopt;
    source.x_ = x->column;
    return source;
  }
  return std::nullopt;
}

std::vector<Channel> Source::all(bourse_role role) const {
  std::vector<Channel> out;
  for (std::size_t i = 0; i < chart_->n_channels; ++i) {
    const bourse_channel& channel = *chart_->channels[i];
    if (channel.role != role) continue;
    if (const auto column = table_.find(view(channel.field))) {
      out.push_back({*column, channel_label(channel, table_.field(*column))});
    }
  }
  return out;
}

std::optional<Channel> Source::first(bourse_role role) const {
  auto channels = all(role);
  if (channels.empty()) return std::nullopt;
  return std::move(channels.front());
}

AxisKind Source::axis() const noexcept {
  switch (table_.field(x_).type) {
    case BOURSE_TYPE_TIME:
      return AxisKind::kTime;
    case BOURSE_TYPE_TEXT:
    case BOURSE_TYPE_BOOL:
      return AxisKind::kCategory;
    default:
      return AxisKind::kNumber;
  }
}

std::string Source::title() const {
  std::string text = clean_text(view(chart_->title), kLabelBytesMax);
  return text.empty() ? clean_text(view(chart_->name), kLabelBytesMax) : text;
}

std::string Source::pane() const { return clean_text(view(chart_->pane), kLabelBytesMax); }

// ---- names and rows -----------------------------------------------------------------------------

Names::Names(std::size_t most, std::vector<std::string> known)
    : most_(most), list_(std::move(known)) {
  for (std::size_t i = 0; i < list_.size(); ++i) places_.emplace(list_[i], i);
}

std::optional<std::size_t> Names::place(const std::string& name) {
  if (const auto found = places_.find(name); found != places_.end()) return found->second;
  if (list_.size() >= most_) return std::nullopt;
  places_.emplace(name, list_.size());
  list_.push_back(name);
  return list_.size() - 1;
}

std::vector<double> Rows::pick(const std::vector<double>& column) const {
  std::vector<double> out(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) out[i] = column[row[i]];
  return out;
}

std::vector<Rows> split_rows(const Source& source, const std::vector<double>& x, std::size_t most) {
  std::vector<Rows> out;
  const auto group = source.first(BOURSE_ROLE_GROUP);
  if (!group) {
    Rows& all = out.emplace_back();
    all.row.resize(x.size());
    std::iota(all.row.begin(), all.row.end(), std::size_t{0});
  } else {
    Names names(most);
    for (std::size_t row = 0; row < x.size(); ++row) {
      std::string label = cell_text(source.table(), group->column, row);
      const auto place = names.place(label);
      if (!place) continue;
      if (*place == out.size()) out.push_back({std::move(label), {}, {}});
      out[*place].row.push_back(row);
    }
  }
  for (Rows& rows : out) sort_by_x(rows, x);
  return out;
}

}  // namespace bourse::charting
