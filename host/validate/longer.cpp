// SPDX-License-Identifier: MIT
#include "host/validate/longer.hpp"

namespace bourse::host::validate {
namespace {

constexpr std::int32_t kUnknown = 99;  // a number of a minor that is far away
constexpr std::uint32_t kUnknownFlag = 1U << 27U;

}  // namespace

const bourse_table* LongerReport::table(const bourse_table& from, bool unknown) {
  bourse_table* const copy = grow(from);
  std::vector<const bourse_field*> fields;
  for (std::size_t i = 0; i < from.n_fields; ++i) fields.push_back(grow(*from.fields[i]));
  if (unknown) {
    // Nobody knows how wide a value of that type is, so nobody reads it.
    bourse_field* const last = grow(*from.fields[from.n_fields - 1]);
    last->type = kUnknown;
    last->name = "later";
    fields.push_back(last);
    auto columns =
        std::make_shared<std::vector<bourse_array>>(from.columns, from.columns + from.n_fields);
    columns->push_back({nullptr, nullptr});
    copy->columns = columns->data();
    lists_.push_back(columns);
    copy->flags |= kUnknownFlag;
  }
  copy->n_fields = fields.size();
  copy->fields = list(std::move(fields));
  return copy;
}

const bourse_chart* LongerReport::chart(const bourse_chart& from, bool unknown) {
  bourse_chart* const copy = grow(from);
  std::vector<const bourse_channel*> channels;
  for (std::size_t i = 0; i < from.n_channels; ++i) channels.push_back(grow(*from.channels[i]));
  if (unknown) {
    bourse_channel* const last = grow(*from.channels[from.n_channels - 1]);
    last->role = kUnknown;
    channels.push_back(last);
    copy->flags |= kUnknownFlag;
  }
  copy->n_channels = channels.size();
  copy->channels = list(std::move(channels));
  return copy;
}

LongerReport::LongerReport(const bourse_report& report, bool unknown) {
  report_ = grow(report);
  std::vector<const bourse_meta*> meta;
  for (std::size_t i = 0; i < report.n_meta; ++i) meta.push_back(grow(*report.meta[i]));
  std::vector<const bourse_note*> notes;
  for (std::size_t i = 0; i < report.n_notes; ++i) {
    bourse_note* const note = grow(*report.notes[i]);
    if (unknown) note->level = 35;  // between a warning and an error: it counts as a warning
    notes.push_back(note);
  }
  std::vector<const bourse_scalar*> scalars;
  for (std::size_t i = 0; i < report.n_scalars; ++i) {
    bourse_scalar* const scalar = grow(*report.scalars[i]);
    scalar->field = grow(*report.scalars[i]->field);
    scalars.push_back(scalar);
  }
  if (unknown && report.n_scalars > 0) {
    bourse_scalar* const scalar = grow(*report.scalars[0]);
    bourse_field* const field = grow(*report.scalars[0]->field);
    field->type = kUnknown;
    field->name = "later";
    scalar->field = field;
    scalar->value.type = kUnknown;
    scalars.push_back(scalar);
  }
  std::vector<const bourse_table*> tables;
  for (std::size_t i = 0; i < report.n_tables; ++i) {
    tables.push_back(table(*report.tables[i], unknown));
  }
  std::vector<const bourse_chart*> charts;
  for (std::size_t i = 0; i < report.n_charts; ++i) {
    charts.push_back(chart(*report.charts[i], unknown));
  }
  if (unknown && report.n_charts > 0) {
    bourse_chart* const chart = grow(*report.charts[0]);
    chart->kind = kUnknown;
    chart->name = "later";
    charts.push_back(chart);
    report_->flags |= kUnknownFlag;
  }
  report_->n_meta = meta.size();
  report_->meta = list(std::move(meta));
  report_->n_notes = notes.size();
  report_->notes = list(std::move(notes));
  report_->n_scalars = scalars.size();
  report_->scalars = list(std::move(scalars));
  report_->n_tables = tables.size();
  report_->tables = list(std::move(tables));
  report_->n_charts = charts.size();
  report_->charts = list(std::move(charts));
}

}  // namespace bourse::host::validate
