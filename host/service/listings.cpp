// SPDX-License-Identifier: MIT
#include "host/service/listings.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "host/base/json_allocator.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

using ListBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using Writer = rapidjson::Writer<ListBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

void text(Writer& json, std::string_view value) {
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void member(Writer& json, const char* name, std::string_view value) {
  json.Key(name);
  text(json, value);
}

void optional_member(Writer& json, const char* name, std::string_view value) {
  if (!value.empty()) member(json, name, value);
}

/// `list` holds anything of which `text_of` makes a text.
template <class List, class TextOf>
void texts(Writer& json, const char* name, const List& list, TextOf text_of) {
  json.Key(name);
  json.StartArray();
  for (const auto& item : list) text(json, text_of(item));
  json.EndArray();
}

void left_out(Writer& json, const std::vector<std::string>& notes) {
  if (notes.empty()) return;
  texts(json, "left_out", notes, [](const std::string& note) { return std::string_view(note); });
}

void source_members(Writer& json, const Source& source) {
  member(json, "source", source.name());
  if (!source.under()) return;
  json.Key("over");
  json.StartArray();
  for (auto under = source.under(); under; under = under->under()) text(json, under->name());
  json.EndArray();
}

void write_route(Writer& json, const Route& route) {
  json.StartObject();
  member(json, "path", route.path);
  member(json, "title", route.title);
  texts(json, "analyses", route.analyses,
        [](const RouteAnalysis& analysis) { return std::string_view(analysis.name); });
  texts(json, "formats", route.offers,
        [](const FormatOffer& offer) { return std::string_view(offer.id); });
  if (route.fixed) member(json, "fixed", route.fixed->description());
  if (route.source) source_members(json, *route.source);
  if (!route.spares.empty()) {
    texts(json, "spares", route.spares,
          [](const auto& spare) { return std::string_view(spare->name()); });
  }
  json.Key("deadline_seconds");
  json.Double(std::chrono::duration<double>(route.deadline).count());
  json.Key("needs_token");
  json.Bool(!route.access.is_public());
  json.EndObject();
}

void write_component(Writer& json, const Component& component) {
  json.StartObject();
  member(json, "kind", kind_name(component.kind));
  member(json, "id", component.id);
  member(json, "title", component.title);
  if (is_layer(component)) {
    json.Key("layer");
    json.Bool(true);
  }
  left_out(json, component.notes);
  json.EndObject();
}

void write_plugin(Writer& json, const Plugin& plugin) {
  json.StartObject();
  member(json, "name", plugin.name);
  member(json, "version", plugin.version);
  member(json, "abi", std::to_string(BOURSE_ABI_MAJOR) + "." + std::to_string(plugin.abi_minor));
  member(json, "file", plugin.file.string());
  member(json, "sha256", plugin.sha256);
  optional_member(json, "vendor", plugin.vendor);
  optional_member(json, "license", plugin.license);
  optional_member(json, "url", plugin.url);
  optional_member(json, "built_with", plugin.built_with);
  left_out(json, plugin.notes);
  json.Key("components");
  json.StartArray();
  for (const auto& component : plugin.components) write_component(json, *component);
  json.EndArray();
  json.EndObject();
}

/// `items`, each written by `write`, as one array on a line of its own.
template <class Items, class Write>
std::string array_of(const Items& items, Write write) {
  ListBuffer buffer;
  Writer json(buffer);
  json.StartArray();
  for (const auto& item : items) write(json, item);
  json.EndArray();
  return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace

std::string routes_json(const Generation& generation) {
  return array_of(generation.routes(), write_route);
}

std::string plugins_json(const Catalog& catalog) {
  return array_of(catalog.plugins(),
                  [](Writer& json, const auto& plugin) { write_plugin(json, *plugin); });
}

}  // namespace bourse::host
