// SPDX-License-Identifier: MIT
#include "plugins/serializers/xml/xml_replaced.hpp"

#include "plugins/serializers/xml/xml_text.hpp"

namespace bourse::xml {
namespace {

constexpr std::size_t kPlacesShown = 10;

std::string named(std::string_view what, std::string_view which) {
  return std::string(what) + " " + std::string(which);
}

std::size_t count(const bourse_value& v) {
  return v.type == BOURSE_TYPE_TEXT ? count_illegal(view(v.as.text)) : 0;
}

std::size_t count_cells(TableView table, std::size_t column) {
  if (table.field(column).type != BOURSE_TYPE_TEXT) return 0;
  std::size_t found = 0;
  for (std::size_t row = 0; row < table.rows(); ++row) found += count(table.cell(column, row));
  return found;
}

}  // namespace

Replaced::Replaced(ReportView report) { add(report); }

void Replaced::add(ReportView report) {
  add(report.title(), "the title");
  for (const bourse_meta* m : report.meta()) name(count(m->value), named("meta", view(m->key)));
  for (const bourse_note* n : report.notes()) add(view(n->text), named("note", view(n->code)));
  for (const bourse_scalar* s : report.scalars()) {
    const std::string place = named("value", view(s->field->name));
    add(*s->field, place);
    name(count(s->value), place);
  }
  for (std::size_t i = 0; i < report.tables(); ++i) add(report.table(i));
  for (const bourse_chart* c : report.charts()) add(*c);
}

void Replaced::add(TableView table) {
  add(table.label(), named("the label of table", table.name()));
  for (std::size_t column = 0; column < table.columns(); ++column) {
    const bourse_field& field = table.field(column);
    const std::string place =
        named("column", view(field.name)) + " of table " + std::string(table.name());
    add(field, place);
    name(count_cells(table, column), place);
  }
}

void Replaced::add(const bourse_chart& chart) {
  const std::string place = named("chart", view(chart.name));
  for (const char* text : {chart.name, chart.title, chart.pane}) add(view(text), place);
  for (std::size_t i = 0; i < chart.n_channels; ++i) add(view(chart.channels[i]->label), place);
  for (std::size_t i = 0; chart.level_labels != nullptr && i < chart.n_levels; ++i) {
    add(view(chart.level_labels[i]), place);
  }
  for (std::size_t i = 0; i < chart.n_guides; ++i) {
    name(count(chart.guides[i]), place);
    if (chart.guide_labels != nullptr) add(view(chart.guide_labels[i]), place);
  }
}

void Replaced::add(const bourse_field& field, const std::string& place) {
  const std::size_t found = count_illegal(view(field.label)) + count_illegal(view(field.unit)) +
                            count_illegal(view(field.format));
  name(found, "label or unit of " + place);
}

void Replaced::add(std::string_view text, const std::string& place) {
  name(count_illegal(text), place);
}

void Replaced::name(std::size_t found, const std::string& place) {
  if (found == 0) return;
  total_ += found;
  if (++n_places_ > kPlacesShown) return;
  if (n_places_ > 1) places_ += ", ";
  places_ += legal(place).value_or(place) + " (" + std::to_string(found) + ")";
}

std::optional<std::string> Replaced::text() const {
  if (total_ == 0) return std::nullopt;
  std::string out = total_ == 1 ? "1 character that XML cannot hold is shown as U+FFFD: "
                                : std::to_string(total_) +
                                      " characters that XML cannot hold are shown as U+FFFD: ";
  out += places_;
  if (n_places_ > kPlacesShown) {
    out += " and " + std::to_string(n_places_ - kPlacesShown) + " more places";
  }
  return out;
}

}  // namespace bourse::xml
