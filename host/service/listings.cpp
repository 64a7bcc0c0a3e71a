// SPDX-License-Identifier: MIT
#include "host/service/listings.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <chrono>
#include <string_view>
#include <vector>

#include "host/base/json_allocator.hpp"
#include "host/parameters/value.hpp"
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

std::string instant(std::int64_t ns) { return Value::time(ns).canonical(); }

void seconds_member(Writer& json, const char* name, std::chrono::nanoseconds time) {
  json.Key(name);
  json.Double(std::chrono::duration<double>(time).count());
}

const char* state_of(const Schedule::Row& row) {
  if (!row.runs) return "waiting";
  return row.is_cancelled ? "cancelling" : "running";
}

void run_members(Writer& json, const Schedule::Row& row) {
  member(json, "began", instant(row.began));
  seconds_member(json, "seconds", row.running);
  if (row.state.has_told) {
    json.Key("done");
    json.Uint64(row.state.progress.done);
    json.Key("total");
    json.Uint64(row.state.progress.total);
    optional_member(json, "text", row.state.progress.text);
  }
  if (row.state.asks.empty()) return;
  member(json, "waits_for", row.state.asks);
  seconds_member(json, "waits_seconds", row.state.asking);
}

void write_past(Writer& json, const Schedule::Past& past) {
  json.StartObject();
  member(json, "began", instant(past.began));
  seconds_member(json, "seconds", past.took);
  member(json, "outcome", name_of(past.end));
  optional_member(json, "code", past.code);
  optional_member(json, "message", past.message);
  json.EndObject();
}

void write_row(Writer& json, const Schedule::Row& row) {
  json.StartObject();
  member(json, "name", row.name);
  member(json, "source", row.source);
  member(json, "task", row.task);
  member(json, "state", state_of(row));
  if (row.due) member(json, "due", instant(*row.due));
  if (row.runs) run_members(json, row);
  if (row.last) {
    json.Key("last");
    write_past(json, *row.last);
  }
  json.Key("runs");
  json.StartObject();
  for (std::size_t end = 0; end < Schedule::kEnds; ++end) {
    const std::string_view name = name_of(static_cast<TaskEnd>(end));
    json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
    json.Uint64(row.tally.runs[end]);
  }
  json.EndObject();
  json.Key("skipped");
  json.Uint64(row.tally.skipped);
  json.EndObject();
}

std::string in_seconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

/// "fill (market backfill): running for 12 s, 63 %, step 3; last: done in 40 s; due ...".
std::string line_of(const Schedule::Row& row) {
  std::string line = row.name + " (" + row.source + " " + row.task + "): " + state_of(row);
  if (row.runs) line += " for " + in_seconds(row.running);
  const TaskProgress& progress = row.state.progress;
  if (row.state.has_told && progress.total > 0) {
    const double percent = 100.0 * static_cast<double>(progress.done);
    line += ", " + std::to_string(static_cast<int>(percent / static_cast<double>(progress.total))) +
            " %";
  }
  if (!progress.text.empty()) line += ", " + progress.text;
  if (!row.state.asks.empty()) {
    line += ", asks " + row.state.asks + " since " + in_seconds(row.state.asking);
  }
  if (row.last) {
    line += "; last at " + instant(row.last->began) + ": " + std::string(name_of(row.last->end)) +
            " in " + in_seconds(row.last->took);
    if (!row.last->message.empty()) line += " (" + row.last->message + ")";
  }
  if (row.due) line += "; due " + instant(*row.due);
  return line + "\n";
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

std::string schedule_json(std::span<const Schedule::Row> rows) { return array_of(rows, write_row); }

std::string schedule_text(std::span<const Schedule::Row> rows) {
  std::string text;
  for (const Schedule::Row& row : rows) text += line_of(row);
  return text;
}

}  // namespace bourse::host
