// SPDX-License-Identifier: MIT
#include "host/calls/returned.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kDifferencesMax = 20;

const char* words_of(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "a boolean";
    case BOURSE_TYPE_I64:
      return "an integer";
    case BOURSE_TYPE_F64:
      return "a real";
    case BOURSE_TYPE_DECIMAL:
      return "a decimal";
    case BOURSE_TYPE_TIME:
      return "a time";
    default:
      return "a text";
  }
}

class Differences {
 public:
  void add(std::string what) {
    if (said_.size() < kDifferencesMax) said_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> said() && { return std::move(said_); }

  /// `what`: "scalar", "column"; `of`: " of table "rows"".
  void compare(const std::vector<Field>& declared, bool open, const char* what,
               const std::string& of, const std::vector<const bourse_field*>& there) {
    for (const Field& field : declared) {
      const auto found = find(there, field.name);
      const std::string name = std::string(what) + " " + in_quotes(field.name) + of;
      if (found == nullptr) {
        if (!field.optional) add(name + " is declared and not there");
      } else if (found->type != field.type) {
        add(name + " is declared as " + words_of(field.type) + " and is " + words_of(found->type));
      }
    }
    if (open) return;
    for (const bourse_field* field : there) {
      const bool known = std::any_of(declared.begin(), declared.end(),
                                     [&](const Field& d) { return d.name == field->name; });
      if (!known) add(std::string(what) + " " + in_quotes(field->name) + of + " is not declared");
    }
  }

 private:
  static const bourse_field* find(const std::vector<const bourse_field*>& there,
                                  std::string_view name) {
    const auto found = std::find_if(there.begin(), there.end(),
                                    [&](const bourse_field* f) { return name == f->name; });
    return found == there.end() ? nullptr : *found;
  }

  std::vector<std::string> said_;
};

const bourse_table* table_of(const bourse_report& report, std::string_view name) {
  for (std::size_t i = 0; i < report.n_tables; ++i) {
    if (name == report.tables[i]->name) return report.tables[i];
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> differences(const bourse_report& report, const Returned& declared) {
  Differences out;
  std::vector<const bourse_field*> scalars;
  for (std::size_t i = 0; i < report.n_scalars; ++i) scalars.push_back(report.scalars[i]->field);
  out.compare(declared.scalars, declared.open, "scalar", "", scalars);
  for (const ReturnedTable& table : declared.tables) {
    const bourse_table* const found = table_of(report, table.name);
    const std::string name = "table " + in_quotes(table.name);
    if (found == nullptr) {
      if (!table.optional) out.add(name + " is declared and not there");
      continue;
    }
    const std::vector<const bourse_field*> columns(found->fields, found->fields + found->n_fields);
    out.compare(table.fields, table.open, "column", " of " + name, columns);
  }
  if (declared.open) return std::move(out).said();
  for (std::size_t i = 0; i < report.n_tables; ++i) {
    const std::string_view name = report.tables[i]->name;
    const bool known = std::any_of(declared.tables.begin(), declared.tables.end(),
                                   [&](const ReturnedTable& d) { return d.name == name; });
    if (!known) out.add("table " + in_quotes(name) + " is not declared");
  }
  return std::move(out).said();
}

}  // namespace bourse::host
