// SPDX-License-Identifier: MIT
#include "host/plugins/descriptors.hpp"

#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "host/base/names.hpp"
#include "host/base/take.hpp"
#include "host/base/utf8.hpp"
#include "host/plugins/declared.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

constexpr std::uint32_t kKnownParts =
    BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES;

// What a field may be called: a column by one name, a scalar by several that nest.
enum class FieldName { kColumn, kScalar };

bool is_scalar_name(std::string_view text) noexcept { return is_name_path(text); }

// Nothing: of a type that this host does not know.
Result<std::optional<Field>> check_field(const bourse_field* declared, FieldName kind) {
  const auto copy = take(declared, kBad);
  if (!copy) return copy.failure();
  Field field{.name = {},
              .type = copy->type,
              .scale = copy->scale,
              .optional = (copy->flags & BOURSE_FIELD_OPTIONAL) != 0};
  const bool is_column = kind == FieldName::kColumn;
  if (auto wrong =
          take_name(copy->name, is_column ? is_snake_name : is_scalar_name,
                    is_column ? "[a-z][a-z0-9_]*" : "[a-z][a-z0-9_]*, or such names joined by dots",
                    field.name)) {
    return *wrong;
  }
  const auto where = "'" + field.name + "'";
  if (field.type > BOURSE_TYPE_LIST) return std::optional<Field>();
  if (field.type < BOURSE_TYPE_BOOL || field.type > BOURSE_TYPE_TEXT) {
    return within(where, bad("type " + std::to_string(field.type) + " is not that of a field"));
  }
  const auto scale_max = field.type == BOURSE_TYPE_DECIMAL ? 38 : 0;
  if (field.scale < -scale_max || field.scale > scale_max) {
    return within(where, bad("scale " + std::to_string(field.scale) +
                             "; a decimal's is -38 to 38, of other types 0"));
  }
  if (auto wrong = take_text(copy->label, Text::kLine, "label", field.label)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_text(copy->unit, Text::kLine, "unit", field.unit)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_text(copy->doc, Text::kProse, "doc", field.doc)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_text(copy->format, Text::kLine, "format", field.format)) {
    return within(where, *wrong);
  }
  return std::optional(std::move(field));
}

// `what` and `of` name a field that is left out: "column", " of dataset "series"".
Result<std::vector<Field>> check_fields(const bourse_field* const* fields, std::size_t n,
                                        const char* what, const std::string& of, Notes& notes) {
  const FieldName kind = of.empty() ? FieldName::kScalar : FieldName::kColumn;
  const std::size_t count_max = of.empty() ? BOURSE_MAX_SCALARS : BOURSE_MAX_FIELDS;
  const auto declared = array_of(fields, n, count_max, of.empty() ? "scalars" : "fields");
  if (!declared) return declared.failure();
  std::vector<Field> checked;
  Names names;
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const auto where = (of.empty() ? "scalar " : "field ") + std::to_string(i + 1);
    auto field = check_field((*declared)[i], kind);
    if (!field) return within(where, std::move(field).failure());
    if (!*field) {
      const auto copy = take((*declared)[i], kBad);
      notes.push_back(left_out(what, copy->name, of, "type", copy->type));
      continue;
    }
    if (!names.insert((*field)->name).second) {
      return within(where, bad("the name '" + (*field)->name + "' is taken; rename one"));
    }
    checked.push_back(**std::move(field));
  }
  return checked;
}

// A dataset, and why it cannot be used although it is legal: the note on what it lacks, or empty.
struct CheckedDataset {
  Dataset dataset = {};
  std::string missed = {};
};

Result<CheckedDataset> check_dataset(const bourse_dataset* declared, Notes& notes) {
  const auto copy = take(declared, kBad);
  if (!copy) return copy.failure();
  CheckedDataset checked;
  Dataset& dataset = checked.dataset;
  if (auto wrong = take_name(copy->name, is_snake_name, "[a-z][a-z0-9_]*", dataset.name)) {
    return *wrong;
  }
  const auto where = "'" + dataset.name + "'";
  const auto of = " of dataset " + in_quotes(dataset.name);
  if (auto wrong = take_text(copy->doc, Text::kProse, "doc", dataset.doc)) {
    return within(where, *wrong);
  }
  dataset.is_private = (copy->flags & BOURSE_DATASET_PRIVATE) != 0;
  dataset.optional = (copy->flags & BOURSE_DATASET_OPTIONAL) != 0;
  auto params = check_parameters(copy->params, copy->n_params, "parameter", of, notes);
  if (!params) return within(where, std::move(params).failure());
  auto fields = check_fields(copy->fields, copy->n_fields, "column", of, notes);
  if (!fields) return within(where, std::move(fields).failure());
  dataset.params = std::move(params->known);
  dataset.params_left_out = std::move(params->left_out);
  dataset.fields = std::move(*fields);
  checked.missed = std::move(params->missed);
  if (checked.missed.empty() && dataset.fields.empty() && copy->n_fields > 0) {
    checked.missed = "none of the columns" + of + " is known to this host";
  }
  return checked;
}

// A source goes on without a dataset that cannot be used. What an analysis declares is what it
// needs, so it cannot go on without one unless it says so: `missed` tells.
Result<std::vector<Dataset>> check_datasets(const bourse_component& component, Notes& notes,
                                            std::string& missed) {
  const auto declared =
      array_of(component.datasets, component.n_datasets, BOURSE_MAX_DATASETS, "datasets");
  if (!declared) return declared.failure();
  const bool is_source = component.kind == BOURSE_KIND_SOURCE;
  const bool is_layer = is_source && (component.flags & BOURSE_COMPONENT_LAYER) != 0;
  if (is_source && !is_layer && declared->empty()) {
    return bad("a source that delivers no dataset; declare what fetch can be asked for");
  }
  std::vector<Dataset> datasets;
  Names names;
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const auto where = "dataset " + std::to_string(i + 1);
    auto checked = check_dataset((*declared)[i], notes);
    if (!checked) return within(where, std::move(checked).failure());
    Dataset& dataset = checked->dataset;
    if (!names.insert(dataset.name).second) {
      return within(where, bad("the name '" + dataset.name + "' is taken; rename one"));
    }
    if (!checked->missed.empty()) {
      if (!is_source && !dataset.optional) missed = checked->missed;
      notes.push_back("left out dataset " + in_quotes(dataset.name) + ": " + checked->missed);
      continue;
    }
    if (is_source && dataset.fields.empty()) {
      return within(where, bad("'" + dataset.name + "' has no fields; declare its columns"));
    }
    dataset.index = i;
    datasets.push_back(std::move(dataset));
  }
  if (is_source && !is_layer && datasets.empty()) missed = "none of its datasets can be used";
  return datasets;
}

Result<ReturnedTable> check_table(const bourse_table* declared, Notes& notes) {
  const auto copy = take(declared, kBad);
  if (!copy) return copy.failure();
  ReturnedTable table;
  if (auto wrong = take_name(copy->name, is_snake_name, "[a-z][a-z0-9_]*", table.name)) {
    return *wrong;
  }
  const auto where = "'" + table.name + "'";
  if (auto wrong = take_text(copy->label, Text::kLine, "label", table.label)) {
    return within(where, *wrong);
  }
  if (copy->n_rows != 0) {
    return within(where, bad("declares " + std::to_string(copy->n_rows) +
                             " rows; what is declared of a table are its columns"));
  }
  table.optional = (copy->flags & BOURSE_TABLE_OPTIONAL) != 0;
  table.open = (copy->flags & BOURSE_TABLE_OPEN) != 0;
  const auto of = " of table " + in_quotes(table.name);
  auto fields = check_fields(copy->fields, copy->n_fields, "column", of, notes);
  if (!fields) return within(where, std::move(fields).failure());
  table.fields = std::move(*fields);
  if (copy->n_fields == 0 && !table.open) {
    return within(where, bad("has no columns; declare them, or set BOURSE_TABLE_OPEN"));
  }
  return table;
}

Result<std::vector<ReturnedTable>> check_tables(const bourse_component& component, Notes& notes) {
  const auto declared = array_of(component.tables, component.n_tables, BOURSE_MAX_TABLES, "tables");
  if (!declared) return declared.failure();
  std::vector<ReturnedTable> tables;
  Names names;
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const auto where = "table " + std::to_string(i + 1);
    auto table = check_table((*declared)[i], notes);
    if (!table) return within(where, std::move(table).failure());
    if (!names.insert(table->name).second) {
      return within(where, bad("the name '" + table->name + "' is taken; rename one"));
    }
    tables.push_back(std::move(*table));
  }
  return tables;
}

// What an analysis declares of its reports must be among its parts, or a serializer would be
// refused that can show it.
std::optional<Failure> check_declared_parts(const bourse_component& component) {
  const bool scalars = (component.parts & BOURSE_PART_SCALARS) != 0;
  const bool tables = (component.parts & BOURSE_PART_TABLES) != 0;
  if (component.n_scalars > 0 && !scalars) {
    return bad("declares scalars, but its parts lack BOURSE_PART_SCALARS; add it");
  }
  if (component.n_tables > 0 && !tables) {
    return bad("declares tables, but its parts lack BOURSE_PART_TABLES; add it");
  }
  return std::nullopt;
}

// Other kinds return no report, and what they declare of one says nothing.
std::optional<Failure> take_returned(const bourse_component& declared, Component& component) {
  const bool tells = declared.n_scalars > 0 || declared.n_tables > 0;
  if (declared.kind != BOURSE_KIND_ANALYSIS || !tells) return std::nullopt;
  if (auto wrong = check_declared_parts(declared)) return wrong;
  auto scalars = check_fields(declared.scalars, declared.n_scalars, "scalar", "", component.notes);
  if (!scalars) return std::move(scalars).failure();
  auto tables = check_tables(declared, component.notes);
  if (!tables) return std::move(tables).failure();
  component.returned = Returned{.scalars = std::move(*scalars),
                                .tables = std::move(*tables),
                                .open = (declared.flags & BOURSE_COMPONENT_OPEN) != 0};
  return std::nullopt;
}

bool is_unknown_kind(bourse_kind kind) { return kind > BOURSE_KIND_SERIALIZER; }

// The verb of each kind, and what comes with it.
std::optional<Failure> check_kind(const bourse_component& component) {
  switch (component.kind) {
    case BOURSE_KIND_ANALYSIS:
      if (component.run == nullptr) return bad("an analysis without run");
      break;
    case BOURSE_KIND_SOURCE:
      if (component.fetch == nullptr) return bad("a source without fetch");
      break;
    case BOURSE_KIND_SERIALIZER:
      if (component.render == nullptr) return bad("a serializer without render");
      break;
    default:
      return bad("kind " + std::to_string(component.kind) +
                 " is none; set BOURSE_KIND_ANALYSIS, BOURSE_KIND_SOURCE or "
                 "BOURSE_KIND_SERIALIZER");
  }
  if (component.kind != BOURSE_KIND_SOURCE && component.parts == 0) {
    return bad(
        "has no parts; say what it emits or shows, BOURSE_PART_SCALARS | BOURSE_PART_TABLES and so "
        "on");
  }
  return std::nullopt;
}

std::optional<Failure> take_format(const bourse_component& declared, Component& component) {
  if (declared.kind != BOURSE_KIND_SERIALIZER) return std::nullopt;
  const auto media_type = bounded_text(declared.media_type, BOURSE_MAX_LINE_BYTES);
  if (!media_type || !is_media_type(*media_type)) {
    return bad("its media_type " + in_quotes(media_type.value_or("(no end)")) +
               " is not one, such as \"text/csv; charset=utf-8\"");
  }
  const auto suffix = bounded_text(declared.suffix, BOURSE_MAX_LINE_BYTES);
  if (!suffix || !is_suffix(*suffix)) {
    return bad("its suffix " + in_quotes(suffix.value_or("(no end)")) + " is not [a-z0-9]+");
  }
  component.media_type = *media_type;
  component.suffix = *suffix;
  return std::nullopt;
}

// A component, and why it cannot be used although it is legal: a note, or empty.
struct CheckedComponent {
  Component component = {};
  std::string missed = {};
};

std::optional<Failure> take_lists(const bourse_component& declared, CheckedComponent& checked) {
  Component& component = checked.component;
  Notes& notes = component.notes;
  auto params = check_parameters(declared.params, declared.n_params, "parameter", "", notes);
  if (!params) return std::move(params).failure();
  auto config = check_parameters(declared.config, declared.n_config, "setting", "", notes);
  if (!config) return std::move(config).failure();
  auto datasets = check_datasets(declared, notes, checked.missed);
  if (!datasets) return std::move(datasets).failure();
  if (!config->missed.empty()) checked.missed = std::move(config->missed);
  if (!params->missed.empty()) checked.missed = std::move(params->missed);
  component.params = std::move(params->known);
  component.params_left_out = std::move(params->left_out);
  component.config = std::move(config->known);
  component.config_left_out = std::move(config->left_out);
  component.datasets = std::move(*datasets);
  return std::nullopt;
}

void take_verbs(const bourse_component& declared, Component& component) {
  component.create = declared.create;
  component.destroy = declared.destroy;
  component.run = declared.run;
  component.fetch = declared.fetch;
  component.render = declared.render;
  component.extension = declared.extension;
}

Result<CheckedComponent> check_component(const bourse_component* pointer) {
  const auto declared = take(pointer, kBad);
  if (!declared) return declared.failure();
  CheckedComponent checked;
  Component& component = checked.component;
  if (auto wrong = take_name(declared->id, is_component_id, "[a-z][a-z0-9-]*", component.id)) {
    return *wrong;
  }
  if (is_unknown_kind(declared->kind)) {  // what its other fields mean is not ours to say
    checked.missed = "this host does not know its kind " + std::to_string(declared->kind);
    return checked;
  }
  const auto where = "'" + component.id + "'";
  if (auto wrong = check_kind(*declared)) return within(where, *wrong);
  if (auto wrong = take_text(declared->title, Text::kLine, "title", component.title)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_text(declared->doc, Text::kProse, "doc", component.doc)) {
    return within(where, *wrong);
  }
  if (auto wrong = take_format(*declared, component)) return within(where, *wrong);
  if (auto wrong = take_lists(*declared, checked)) return within(where, *wrong);
  if (auto wrong = take_returned(*declared, component)) return within(where, *wrong);
  component.kind = declared->kind;
  component.flags = declared->flags;
  if (component.kind != BOURSE_KIND_SOURCE) {
    component.flags &= ~static_cast<std::uint32_t>(BOURSE_COMPONENT_LAYER);
  }
  if (component.kind != BOURSE_KIND_ANALYSIS) {
    component.flags &= ~static_cast<std::uint32_t>(BOURSE_COMPONENT_OPEN);
  }
  // One that only emits parts which this host does not know emits nothing that can be shown.
  component.parts = declared->parts & kKnownParts;
  if (component.parts == 0 && declared->parts != 0 && component.kind != BOURSE_KIND_SOURCE) {
    checked.missed = "this host knows none of its parts";
  }
  take_verbs(*declared, component);
  return checked;
}

std::optional<Failure> take_components(const bourse_plugin& plugin, Declaration& declaration) {
  const auto declared =
      array_of(plugin.components, plugin.n_components, BOURSE_MAX_COMPONENTS, "components");
  if (!declared) return declared.failure();
  if (declared->empty()) return bad("declares no components; a plugin offers at least one");
  Names ids;
  for (std::size_t i = 0; i < declared->size(); ++i) {
    const auto where = "component " + std::to_string(i + 1);
    auto checked = check_component((*declared)[i]);
    if (!checked) return within(where, std::move(checked).failure());
    Component& component = checked->component;
    if (!ids.insert(component.id).second) {
      return within(where, bad("the id '" + component.id + "' is taken; rename one"));
    }
    if (checked->missed.empty()) {
      declaration.components.push_back(std::move(component));
    } else {
      declaration.notes.push_back("left out component " + in_quotes(component.id) + ": " +
                                  checked->missed);
    }
  }
  if (!declaration.components.empty()) return std::nullopt;
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "needs_newer_host",
                 .message = "offers nothing that this host can use (" + declaration.notes.front() +
                            "); use a newer host"};
}

std::optional<Failure> check_against(const Manifest& manifest, const bourse_plugin& plugin) {
  const auto mismatch = [](const std::string& calls, const std::string& says) {
    return Failure{
        .status = BOURSE_INTERNAL,
        .code = "manifest_mismatch",
        .message = calls + ", but its manifest says " + says + "; write the same into both"};
  };
  const auto name = bounded_text(plugin.name, BOURSE_MAX_NAME_BYTES).value_or("(no end)");
  const auto version = bounded_text(plugin.version, BOURSE_MAX_NAME_BYTES).value_or("(no end)");
  if (name != manifest.name || version != manifest.version) {
    return mismatch("calls itself " + in_quotes(name) + " " + in_quotes(version),
                    in_quotes(manifest.name) + " " + in_quotes(manifest.version));
  }
  // Whether this host is new enough was asked before any of its code ran: of the manifest's number.
  if (plugin.abi_minor != manifest.minor) {
    return mismatch("asks for ABI minor " + std::to_string(plugin.abi_minor),
                    std::to_string(manifest.minor));
  }
  return std::nullopt;
}

}  // namespace

Result<Declaration> check_plugin(const bourse_plugin* pointer, const Manifest& manifest) {
  const auto declared = take(pointer, kBad);
  if (!declared) return declared.failure();
  if (auto wrong = check_against(manifest, *declared)) return *wrong;
  Declaration declaration;
  declaration.name = manifest.name;
  declaration.version = manifest.version;
  declaration.abi_minor = declared->abi_minor;
  const std::pair<const char*, std::string*> texts[] = {
      {declared->vendor, &declaration.vendor},
      {declared->license, &declaration.license},
      {declared->url, &declaration.url},
      {declared->built_with, &declaration.built_with}};
  for (const auto& [text, to] : texts) {
    if (auto wrong = take_text(text, Text::kLine, "vendor, license, url or built_with", *to)) {
      return *wrong;
    }
  }
  if (auto wrong = take_components(*declared, declaration)) return *wrong;
  declaration.init = declared->init;
  declaration.deinit = declared->deinit;
  return declaration;
}

}  // namespace bourse::host
