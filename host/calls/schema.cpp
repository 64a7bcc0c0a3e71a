// SPDX-License-Identifier: MIT
#include "host/calls/schema.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include "host/calls/call.hpp"
#include "host/calls/output.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kSchemaBytesMax = 1 << 20;
constexpr std::chrono::seconds kPatience{2};

/// A report without values, of what an analysis declares. Borrows from the declaration.
class ShapeReport {
 public:
  ShapeReport(const Component& analysis, const Returned& declared)
      : component_(analysis.full_name()) {
    for (const Field& field : declared.scalars) {
      scalars_.push_back({sizeof(bourse_scalar), 0, wire(field), bourse_value{}});
      scalar_pointers_.push_back(&scalars_.back());
    }
    for (const ReturnedTable& table : declared.tables) add(table);
    report_.size = sizeof report_;
    report_.flags = declared.open ? static_cast<std::uint32_t>(BOURSE_SCHEMA_OPEN) : 0U;
    report_.title = {analysis.title.data(), analysis.title.size()};
    report_.component = {component_.data(), component_.size()};
    report_.n_scalars = scalar_pointers_.size();
    report_.scalars = scalar_pointers_.data();
    report_.n_tables = table_pointers_.size();
    report_.tables = table_pointers_.data();
  }
  ShapeReport(const ShapeReport&) = delete;
  ShapeReport& operator=(const ShapeReport&) = delete;
  [[nodiscard]] const bourse_report& report() const noexcept { return report_; }

 private:
  static const char* text(const std::string& text) noexcept {
    return text.empty() ? nullptr : text.c_str();
  }
  const bourse_field* wire(const Field& field) {
    fields_.push_back({sizeof(bourse_field),
                       field.optional ? static_cast<std::uint32_t>(BOURSE_FIELD_OPTIONAL) : 0U,
                       field.type, field.scale, field.name.c_str(), text(field.label),
                       text(field.unit), text(field.doc), text(field.format)});
    return &fields_.back();
  }
  void add(const ReturnedTable& table) {
    std::vector<const bourse_field*>& fields = fields_of_.emplace_back();
    for (const Field& field : table.fields) fields.push_back(wire(field));
    bourse_table& made = tables_.emplace_back();
    made.size = sizeof made;
    made.flags = (table.optional ? static_cast<std::uint32_t>(BOURSE_TABLE_OPTIONAL) : 0U) |
                 (table.open ? static_cast<std::uint32_t>(BOURSE_TABLE_OPEN) : 0U);
    made.name = table.name.c_str();
    made.label = text(table.label);
    made.n_fields = fields.size();
    made.fields = fields.data();
    // No row is read, but there is a column for each field.
    made.columns = columns_of_.emplace_back(fields.size(), bourse_array{}).data();
    table_pointers_.push_back(&made);
  }

  std::string component_;
  std::deque<bourse_field> fields_;
  std::deque<bourse_scalar> scalars_;
  std::deque<bourse_table> tables_;
  std::deque<std::vector<const bourse_field*>> fields_of_;
  std::deque<std::vector<bourse_array>> columns_of_;
  std::vector<const bourse_scalar*> scalar_pointers_;
  std::vector<const bourse_table*> table_pointers_;
  bourse_report report_ = {};
};

Arguments fixed_of(const std::vector<Parameter>& parameters) {
  std::vector<std::string> names;
  std::vector<Value> values;
  for (const Parameter& parameter : parameters) {
    names.push_back(parameter.name);
    Value& value = values.emplace_back();
    if (!parameter.fixed || !parameter.def) continue;
    Parameter open = parameter;  // as a request would give it
    open.fixed = false;
    const std::string_view texts[] = {*parameter.def};
    if (auto read = read_value(open, texts)) value = *std::move(read);
  }
  return {std::move(names), std::move(values)};
}

}  // namespace

Result<std::string> schema_of(Instance& serializer, const std::vector<Parameter>& parameters,
                              const Component& analysis) {
  Context context;
  context.route = "description of the routes";
  context.deadline = std::chrono::steady_clock::now() + kPatience;
  std::optional<ShapeReport> shape;
  if (analysis.returned) shape.emplace(analysis, *analysis.returned);
  const Arguments arguments = fixed_of(parameters);
  Output output(kSchemaBytesMax);
  bourse_call call(context, serializer.full_name());
  call.output = &output;
  auto done = serializer.schema(&call, arguments.data(), shape ? &shape->report() : nullptr);
  const bool offers = done && *done;
  Result<void> ended;
  if (!done) ended = std::move(done).failure();
  if (auto why = call.outcome(std::move(ended), output.failure())) return *std::move(why);
  return offers ? std::move(output).take() : std::string();
}

}  // namespace bourse::host
