// SPDX-License-Identifier: MIT
#include "host/plugins/descriptors.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/plugins/text.hpp"

namespace bourse::host {
namespace {

constexpr std::size_t kComponentsMax = 256;
constexpr std::size_t kParametersMax = 128;
constexpr std::size_t kDatasetsMax = 64;
constexpr std::size_t kFieldsMax = 1024;
constexpr std::uint32_t kStructBytesMax = 4096;

constexpr std::uint32_t kKnownFlags =
    BOURSE_COMPONENT_PURE | BOURSE_COMPONENT_SERIAL | BOURSE_COMPONENT_BLOCKING;
constexpr std::uint32_t kKnownParts =
    BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_CHARTS | BOURSE_PART_NOTES;

Failure bad(std::string message) {
  return {.status = BOURSE_INTERNAL, .code = "bad_descriptor", .message = std::move(message)};
}

Failure within(const std::string& where, Failure failure) {
  failure.message.insert(0, where + ": ");
  return failure;
}

// The struct as this host knows it; what the plugin's does not reach is zero. `least` is where the
// fields end without which the struct says nothing. Sizes are multiples of 8, because these structs
// hold pointers: so no field is ever read by half.
template <class Struct>
Result<Struct> copy_struct(const Struct* declared, std::size_t least, const char* what) {
  if (declared == nullptr) return bad(std::string(what) + " is a null pointer");
  if (reinterpret_cast<std::uintptr_t>(declared) % alignof(Struct) != 0) {
    return bad(std::string(what) + " is a misaligned pointer");
  }
  std::uint32_t size = 0;
  std::memcpy(&size, declared, sizeof size);
  if (size < least || size > kStructBytesMax || size % alignof(Struct) != 0) {
    return bad(std::string(what) + " has size " + std::to_string(size) + "; set it to sizeof, " +
               std::to_string(sizeof(Struct)) + " in this host");
  }
  Struct copy = {};
  size = std::min<std::uint32_t>(size, sizeof copy);
  std::memcpy(&copy, declared, size);
  copy.size = sizeof copy;
  return copy;
}

template <class Item>
Result<std::span<const Item* const>> array_of(const Item* const* items, std::size_t count,
                                              std::size_t count_max, const char* what) {
  if (count > count_max) {
    return bad("declares " + std::to_string(count) + " " + what + ", at most " +
               std::to_string(count_max) + " are taken");
  }
  if (count > 0 && items == nullptr) {
    return bad("declares " + std::to_string(count) + " " + what + " in a null array");
  }
  if (reinterpret_cast<std::uintptr_t>(items) % alignof(const Item*) != 0) {
    return bad(std::string("its array of ") + what + " is a misaligned pointer");
  }
  return std::span(items, count);
}

enum class Text { kLine, kProse };

// Copies `text` into `to`; null is empty. Nothing returned means that it went well.
std::optional<Failure> take_text(const char* text, Text kind, const char* what, std::string& to) {
  const bool line = kind == Text::kLine;
  const auto bytes_max = line ? kLineBytesMax : kProseBytesMax;
  const auto bounded = bounded_text(text, bytes_max);
  if (!bounded) {
    return bad(std::string("its ") + what + " is longer than " + std::to_string(bytes_max) +
               " bytes, or has no end");
  }
  if (line ? !is_line(*bounded) : !is_prose(*bounded)) {
    return bad(std::string("its ") + what + " is not UTF-8 text" +
               (line ? " on one line" : " without control characters") + ": " +
               in_quotes(*bounded));
  }
  to = *bounded;
  return std::nullopt;
}

// Names that break their rule; `rule` is shown to the author.
std::optional<Failure> take_name(const char* text, bool (*legal)(std::string_view) noexcept,
                                 const char* rule, std::string& to) {
  const auto bounded = bounded_text(text, kLineBytesMax);
  if (!bounded || !legal(*bounded)) {
    return bad(bounded ? in_quotes(*bounded) + " is not a legal name, " + rule
                       : std::string("its name is endless, and should be ") + rule);
  }
  to = *bounded;
  return std::nullopt;
}

Result<std::vector<Parameter>> check_parameters(const bourse_param* const* params, std::size_t n,
                                                const char* what) {
  const auto declared = array_of(params, n, kParametersMax, what);
  if (!declared) return declared.failure();
  std::vector<Parameter> checked;
  std::set<std::string, std::less<>> names;
  for (const auto* param : *declared) {
    const auto where = std::string(what) + " " + std::to_string(checked.size() + 1);
    const auto copy =
        copy_struct(param, offsetof(bourse_param, name) + sizeof(param->name), "this bourse_param");
    if (!copy) return within(where, copy.failure());
    auto parameter = check_parameter(*copy);
    if (!parameter) return within(where, std::move(parameter).failure());
    if (!names.insert(parameter->name).second) {
      return within(where, bad("the name '" + parameter->name + "' is taken; rename one"));
    }
    checked.push_back(std::move(*parameter));
  }
  return checked;
}

Result<std::vector<Field>> check_fields(const bourse_dataset& dataset) {
  const auto declared = array_of(dataset.fields, dataset.n_fields, kFieldsMax, "fields");
  if (!declared) return declared.failure();
  std::vector<Field> checked;
  std::set<std::string, std::less<>> names;
  for (const auto* field : *declared) {
    const auto where = "field " + std::to_string(checked.size() + 1);
    auto copy = check_field(field, FieldName::kColumn);
    if (!copy) return within(where, std::move(copy).failure());
    if (!names.insert(copy->name).second) {
      return within(where, bad("the name '" + copy->name + "' is taken; rename one"));
    }
    checked.push_back(std::move(*copy));
  }
  return checked;
}

Result<Dataset> check_dataset(const bourse_dataset* declared) {
  const auto copy = copy_struct(declared, offsetof(bourse_dataset, name) + sizeof(declared->name),
                                "this bourse_dataset");
  if (!copy) return copy.failure();
  Dataset dataset;
  if (auto wrong = take_name(copy->name, is_snake_name, "[a-z][a-z0-9_]*", dataset.name)) {
    return *wrong;
  }
  const auto where = "'" + dataset.name + "'";
  if (auto wrong = take_text(copy->doc, Text::kProse, "doc", dataset.doc)) {
    return within(where, *wrong);
  }
  dataset.is_private = (copy->flags & BOURSE_DATASET_PRIVATE) != 0;
  auto params = check_parameters(copy->params, copy->n_params, "parameters");
  if (!params) return within(where, std::move(params).failure());
  auto fields = check_fields(*copy);
  if (!fields) return within(where, std::move(fields).failure());
  dataset.params = std::move(*params);
  dataset.fields = std::move(*fields);
  return dataset;
}

Result<std::vector<Dataset>> check_datasets(const bourse_component& component) {
  const auto declared =
      array_of(component.datasets, component.n_datasets, kDatasetsMax, "datasets");
  if (!declared) return declared.failure();
  if (component.kind == BOURSE_KIND_SOURCE && declared->empty()) {
    return bad("a source that delivers no dataset; declare what fetch can be asked for");
  }
  std::vector<Dataset> checked;
  std::set<std::string, std::less<>> names;
  for (const auto* item : *declared) {
    const auto where = "dataset " + std::to_string(checked.size() + 1);
    auto dataset = check_dataset(item);
    if (!dataset) return within(where, std::move(dataset).failure());
    if (component.kind == BOURSE_KIND_SOURCE && dataset->fields.empty()) {
      return within(where, bad("'" + dataset->name + "' has no fields; declare its columns"));
    }
    if (!names.insert(dataset->name).second) {
      return within(where, bad("the name '" + dataset->name + "' is taken; rename one"));
    }
    checked.push_back(std::move(*dataset));
  }
  return checked;
}

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
                 " is unknown to this host; set BOURSE_KIND_ANALYSIS, BOURSE_KIND_SOURCE or "
                 "BOURSE_KIND_SERIALIZER");
  }
  if (component.kind != BOURSE_KIND_SOURCE && (component.parts & kKnownParts) == 0) {
    return bad(
        "has no parts; say what it emits or shows, BOURSE_PART_SCALARS | BOURSE_PART_TABLES and so "
        "on");
  }
  return std::nullopt;
}

std::optional<Failure> take_format(const bourse_component& declared, Component& component) {
  if (declared.kind != BOURSE_KIND_SERIALIZER) return std::nullopt;
  const auto media_type = bounded_text(declared.media_type, kLineBytesMax);
  if (!media_type || !is_media_type(*media_type)) {
    return bad("its media_type " + in_quotes(media_type.value_or("(no end)")) +
               " is not one, such as \"text/csv; charset=utf-8\"");
  }
  const auto suffix = bounded_text(declared.suffix, kLineBytesMax);
  if (!suffix || !is_suffix(*suffix)) {
    return bad("its suffix " + in_quotes(suffix.value_or("(no end)")) + " is not [a-z0-9]+");
  }
  component.media_type = *media_type;
  component.suffix = *suffix;
  return std::nullopt;
}

std::optional<Failure> take_lists(const bourse_component& declared, Component& component) {
  auto params = check_parameters(declared.params, declared.n_params, "parameters");
  if (!params) return std::move(params).failure();
  auto config = check_parameters(declared.config, declared.n_config, "config parameters");
  if (!config) return std::move(config).failure();
  auto datasets = check_datasets(declared);
  if (!datasets) return std::move(datasets).failure();
  component.params = std::move(*params);
  component.config = std::move(*config);
  component.datasets = std::move(*datasets);
  return std::nullopt;
}

Result<Component> check_component(const bourse_component* pointer) {
  const auto declared = copy_struct(pointer, offsetof(bourse_component, id) + sizeof(pointer->id),
                                    "this bourse_component");
  if (!declared) return declared.failure();
  Component component;
  if (auto wrong = take_name(declared->id, is_component_id, "[a-z][a-z0-9-]*", component.id)) {
    return *wrong;
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
  if (auto wrong = take_lists(*declared, component)) return within(where, *wrong);
  component.kind = declared->kind;
  component.flags = declared->flags & kKnownFlags;
  component.parts = declared->parts & kKnownParts;
  component.create = declared->create;
  component.destroy = declared->destroy;
  component.run = declared->run;
  component.fetch = declared->fetch;
  component.render = declared->render;
  component.extension = declared->extension;
  return component;
}

std::optional<Failure> take_components(const bourse_plugin& plugin, Declaration& declaration) {
  const auto declared =
      array_of(plugin.components, plugin.n_components, kComponentsMax, "components");
  if (!declared) return declared.failure();
  if (declared->empty()) return bad("declares no components; a plugin offers at least one");
  std::set<std::string, std::less<>> ids;
  for (const auto* item : *declared) {
    const auto where = "component " + std::to_string(declaration.components.size() + 1);
    auto component = check_component(item);
    if (!component) return within(where, std::move(component).failure());
    if (!ids.insert(component->id).second) {
      return within(where, bad("the id '" + component->id + "' is taken; rename one"));
    }
    declaration.components.push_back(std::move(*component));
  }
  return std::nullopt;
}

std::optional<Failure> check_against(const Manifest& manifest, const bourse_plugin& plugin) {
  if (plugin.abi_minor > BOURSE_ABI_MINOR) {
    return Failure{.status = BOURSE_INTERNAL,
                   .code = "needs_newer_host",
                   .message = "needs ABI " + std::to_string(BOURSE_ABI_MAJOR) + "." +
                              std::to_string(plugin.abi_minor) + ", this host has " +
                              std::to_string(BOURSE_ABI_MAJOR) + "." +
                              std::to_string(BOURSE_ABI_MINOR) + "; use a newer host"};
  }
  const auto name = bounded_text(plugin.name, kPluginNameBytesMax).value_or("(no end)");
  const auto version = bounded_text(plugin.version, kPluginNameBytesMax).value_or("(no end)");
  if (name == manifest.name && version == manifest.version) return std::nullopt;
  return Failure{.status = BOURSE_INTERNAL,
                 .code = "manifest_mismatch",
                 .message = "calls itself " + in_quotes(name) + " " + in_quotes(version) +
                            ", but its manifest says " + in_quotes(manifest.name) + " " +
                            in_quotes(manifest.version) + "; write the same into both"};
}

}  // namespace

Result<Field> check_field(const bourse_field* declared, FieldName rule) {
  const auto copy = copy_struct(declared, offsetof(bourse_field, name) + sizeof(declared->name),
                                "this bourse_field");
  if (!copy) return copy.failure();
  Field field{.name = {}, .type = copy->type, .scale = copy->scale, .flags = copy->flags};
  const bool column = rule == FieldName::kColumn;
  if (auto wrong =
          take_name(copy->name, column ? is_snake_name : is_field_path,
                    column ? "[a-z][a-z0-9_]*" : "[a-z][a-z0-9_]* joined by dots", field.name)) {
    return *wrong;
  }
  const auto where = "'" + field.name + "'";
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
  return field;
}

Result<Declaration> check_plugin(const bourse_plugin* pointer, const Manifest& manifest) {
  const auto declared =
      copy_struct(pointer, offsetof(bourse_plugin, components) + sizeof(pointer->components),
                  "its bourse_plugin");
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
