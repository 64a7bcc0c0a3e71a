// SPDX-License-Identifier: MIT
#include "host/cli/facts_json.hpp"

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <optional>
#include <string_view>
#include <vector>

#include "bourse/render.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/route_facts.hpp"
#include "host/config/access.hpp"
#include "host/service/listings.hpp"

namespace bourse::host {
namespace {

using Tree = rapidjson::Value;
using Memory = rapidjson::Document::AllocatorType;

Tree text_of(std::string_view text, Memory& memory) {
  const std::string clean = repair_utf8(text);
  return {clean.data(), static_cast<rapidjson::SizeType>(clean.size()), memory};
}

void add(Tree& object, const char* name, Tree value, Memory& memory) {
  object.AddMember(rapidjson::StringRef(name), value, memory);
}

void add_text(Tree& object, const char* name, std::string_view text, Memory& memory) {
  add(object, name, text_of(text, memory), memory);
}

void add_if(Tree& object, const char* name, std::string_view text, Memory& memory) {
  if (!text.empty()) add_text(object, name, text, memory);
}

void add_given(Tree& object, const char* name, const std::optional<std::string>& text,
               Memory& memory) {
  if (text) add_text(object, name, *text, memory);
}

Tree texts_of(const std::vector<std::string>& list, Memory& memory) {
  Tree texts(rapidjson::kArrayType);
  for (const std::string& item : list) texts.PushBack(text_of(item, memory), memory);
  return texts;
}

/// What is the same of a parameter wherever it stands.
void add_rule(Tree& json, const Parameter& p, bool hidden, Memory& memory) {
  add_text(json, "type", type_name(p.type), memory);
  if (p.type == BOURSE_TYPE_LIST) add_text(json, "items", type_name(p.item), memory);
  if (p.optional) add(json, "optional", Tree(true), memory);
  add(json, "secret", Tree(p.secret), memory);
  if (hidden || p.secret) {
    add(json, "hidden", Tree(true), memory);
  } else {
    add_given(json, p.fixed ? "value" : "default", p.def, memory);
    add_given(json, "min", p.min, memory);
    add_given(json, "max", p.max, memory);
    if (!p.choices.empty()) add(json, "choices", texts_of(p.choices, memory), memory);
  }
  add_if(json, "unit", p.unit, memory);
  add_if(json, "label", p.label, memory);
  add_if(json, "doc", p.doc, memory);
}

Tree json_of(const RouteParameter& of_route, Memory& memory) {
  const Parameter& p = *of_route.parameter;
  Tree json(rapidjson::kObjectType);
  add_text(json, "name", p.name, memory);
  add_text(json, "in", of_route.where, memory);
  add(json, "of", texts_of(of_route.of, memory), memory);
  add(json, "required", Tree(p.required || of_route.where == "path"), memory);
  add_rule(json, p, of_route.hidden, memory);
  return json;
}

Tree json_of(const std::vector<Parameter>& parameters, Memory& memory) {
  Tree list(rapidjson::kArrayType);
  for (const Parameter& p : parameters) {
    Tree json(rapidjson::kObjectType);
    add_text(json, "name", p.name, memory);
    add(json, "required", Tree(p.required), memory);
    add_rule(json, p, false, memory);
    list.PushBack(json, memory);
  }
  return list;
}

Tree json_of(const std::vector<Field>& fields, Memory& memory) {
  Tree list(rapidjson::kArrayType);
  for (const Field& field : fields) {
    Tree json(rapidjson::kObjectType);
    add_text(json, "name", field.name, memory);
    add_text(json, "type", type_name(field.type), memory);
    add(json, "optional", Tree(field.optional), memory);
    add_if(json, "unit", field.unit, memory);
    add_if(json, "label", field.label, memory);
    add_if(json, "doc", field.doc, memory);
    list.PushBack(json, memory);
  }
  return list;
}

Tree json_of(const std::vector<Dataset>& datasets, Memory& memory) {
  Tree list(rapidjson::kArrayType);
  for (const Dataset& dataset : datasets) {
    Tree json(rapidjson::kObjectType);
    add_text(json, "name", dataset.name, memory);
    add(json, "optional", Tree(dataset.optional), memory);
    add(json, "private", Tree(dataset.is_private), memory);
    add_if(json, "doc", dataset.doc, memory);
    add(json, "parameters", json_of(dataset.params, memory), memory);
    add(json, "fields", json_of(dataset.fields, memory), memory);
    list.PushBack(json, memory);
  }
  return list;
}

void add_facts(Tree& json, const Component& component, Memory& memory) {
  add_if(json, "doc", component.doc, memory);
  add_if(json, "media_type", component.media_type, memory);
  add_if(json, "suffix", component.suffix, memory);
  add(json, "parameters", json_of(component.params, memory), memory);
  add(json, "settings", json_of(component.config, memory), memory);
  add(json, "datasets", json_of(component.datasets, memory), memory);
}

std::string text_of(const rapidjson::Document& document) {
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string route_table_json(const Config& config, const Generation& generation) {
  rapidjson::Document document;
  document.Parse(routes_json(generation).c_str());
  Memory& memory = document.GetAllocator();
  for (rapidjson::SizeType i = 0; i < document.Size(); ++i) {
    const Route& route = generation.routes()[i];
    const RouteConfig* const lines = lines_of(config, route);
    Tree parameters(rapidjson::kArrayType);
    for (const RouteParameter& parameter : parameters_of(route, lines)) {
      parameters.PushBack(json_of(parameter, memory), memory);
    }
    add(document[i], "parameters", std::move(parameters), memory);
    const AccessConfig* const access =
        lines != nullptr ? access_for(*lines, config.defaults) : nullptr;
    const std::size_t tokens = access != nullptr ? access->tokens.size() : 0;
    add(document[i], "tokens", Tree(static_cast<std::uint64_t>(tokens)), memory);
    Tree names(rapidjson::kArrayType);
    for (std::size_t j = 0; j < tokens; ++j) {
      const std::string& name = access->tokens[j].name.value;
      if (name.empty()) continue;
      names.PushBack(Tree(name.c_str(), static_cast<rapidjson::SizeType>(name.size()), memory),
                     memory);
    }
    add(document[i], "token_names", std::move(names), memory);
  }
  return text_of(document);
}

std::string plugins_and_refusals_json(const Loaded& loaded) {
  rapidjson::Document document(rapidjson::kObjectType);
  Memory& memory = document.GetAllocator();
  rapidjson::Document listed(&memory);
  listed.Parse(plugins_json(*loaded.catalog).c_str());
  const auto& plugins = loaded.catalog->plugins();
  for (rapidjson::SizeType i = 0; i < listed.Size(); ++i) {
    Tree& components = listed[i]["components"];
    for (rapidjson::SizeType j = 0; j < components.Size(); ++j) {
      add_facts(components[j], *plugins[i]->components[j], memory);
    }
  }
  Tree refused(rapidjson::kArrayType);
  for (const Refusal& refusal : loaded.refusals) {
    Tree json(rapidjson::kObjectType);
    add_text(json, "file", refusal.file.string(), memory);
    add_text(json, "code", refusal.why.code, memory);
    add_text(json, "message", refusal.why.message, memory);
    refused.PushBack(json, memory);
  }
  add(document, "plugins", std::move(static_cast<Tree&>(listed)), memory);
  add(document, "refused", std::move(refused), memory);
  return text_of(document);
}

}  // namespace bourse::host
