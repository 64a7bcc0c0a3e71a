// SPDX-License-Identifier: MIT
#include "host/report/fields.hpp"

#include <string_view>

#include "bourse/decimal.hpp"
#include "host/base/names.hpp"
#include "host/base/take.hpp"

namespace bourse::host {
namespace {}  // namespace

Result<bourse_field> check_field(const bourse_field* declared, FieldName rule) {
  auto field = take(declared, {});
  if (!field) return field;
  const bool dotted = rule == FieldName::kScalar;
  const auto name = text_within(field->name, BOURSE_MAX_NAME_BYTES);
  if (!name || !(dotted ? is_name_path(*name) : is_name(*name))) {
    return mistake("a field's name is [a-z][a-z0-9_]*, at most " +
                   std::to_string(BOURSE_MAX_NAME_BYTES) + " bytes" +
                   (dotted ? ", with dots between parts" : ""));
  }
  if (is_of_tomorrow(field->type)) return field;
  const std::string what = "field " + std::string(*name);
  if (field->type < BOURSE_TYPE_BOOL || field->type > BOURSE_TYPE_TEXT) {
    return mistake(what + ": type " + std::to_string(field->type) +
                   " is not one that a report can hold");
  }
  if (field->scale < Decimal::kScaleMin || field->scale > Decimal::kScaleMax) {
    return mistake(what + ": a scale is from -38 to 38");
  }
  return field;
}

const bourse_field* keep_field(const bourse_field& checked, Keeper& keeper, LeftOut& left_out) {
  auto* const copy = keeper.make<bourse_field>();
  copy->size = sizeof(bourse_field);
  copy->flags = checked.flags;
  copy->type = checked.type;
  copy->scale = checked.type == BOURSE_TYPE_DECIMAL ? checked.scale : 0;
  copy->name = keeper.name(checked.name).ptr;
  const auto line = [&](const char* text, std::size_t bytes_max, const char* what) {
    return keeper.line(text, bytes_max, left_out,
                       [&] { return "the " + std::string(what) + " of field " + copy->name; });
  };
  copy->label = line(checked.label, BOURSE_MAX_LINE_BYTES, "label");
  copy->unit = line(checked.unit, BOURSE_MAX_LINE_BYTES, "unit");
  copy->doc = line(checked.doc, BOURSE_MAX_DOC_BYTES, "doc");
  copy->format = line(checked.format, BOURSE_MAX_NAME_BYTES, "format");
  return copy;
}

}  // namespace bourse::host
