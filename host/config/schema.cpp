// SPDX-License-Identifier: MIT
#include "host/config/schema.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "host/config/keys.hpp"
#include "host/config/quantity.hpp"

namespace bourse::host {
namespace {

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void write_key(Writer& json, std::string_view key) {
  json.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void write_text(Writer& json, std::string_view text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write_member(Writer& json, std::string_view key, std::string_view text) {
  write_key(json, key);
  write_text(json, text);
}

void write_pattern(Writer& json, std::string_view pattern) {
  json.StartObject();
  write_member(json, "type", "string");
  write_member(json, "pattern", pattern);
  json.EndObject();
}

// A text that asks for the environment may become anything.
std::string or_environment(std::string_view pattern) { return std::string(pattern) + "|\\$\\{"; }

void write_reference(Writer& json, std::string_view shape) {
  json.StartObject();
  write_member(json, "$ref", "#/$defs/" + std::string(shape));
  json.EndObject();
}

void write_integer(Writer& json, std::uint64_t min, std::uint64_t max) {
  json.StartObject();
  write_member(json, "type", "integer");
  json.Key("minimum");
  json.Uint64(min);
  json.Key("maximum");
  json.Uint64(max);
  json.EndObject();
}

// YAML reads 5 and true as other things than texts; the reader takes them as they are written.
void write_scalar(Writer& json) {
  json.StartObject();
  json.Key("type");
  json.StartArray();
  for (const char* const type : {"string", "number", "boolean"}) json.String(type);
  json.EndArray();
  json.EndObject();
}

// The members of a schema, into its object.
void write_list_members(Writer& json, auto write_item) {
  write_member(json, "type", "array");
  json.Key("items");
  write_item();
}

void write_list_of(Writer& json, auto write_item) {
  json.StartObject();
  write_list_members(json, write_item);
  json.EndObject();
}

void write_settings(Writer& json) {
  json.StartObject();
  write_member(json, "type", "object");
  json.Key("additionalProperties");
  json.StartObject();
  json.Key("anyOf");
  json.StartArray();
  write_scalar(json);
  write_list_of(json, [&] { write_scalar(json); });
  json.EndArray();
  json.EndObject();
  json.EndObject();
}

void write_choices(Writer& json, const Key& key) {
  json.StartObject();
  json.Key("enum");
  json.StartArray();
  for (const std::string& choice : key.choice_list()) write_text(json, choice);
  json.EndArray();
  json.EndObject();
}

// The alternatives for one single value, into an array.
void write_single(Writer& json, const Key& key) {
  switch (key.type) {
    case KeyType::kNone:
      return;
    case KeyType::kVersion:
      write_integer(json, 1, 1);
      return write_pattern(json, or_environment("^1$"));
    case KeyType::kText:
      return write_scalar(json);
    case KeyType::kChoice:
      write_choices(json, key);
      return write_pattern(json, "\\$\\{");
    case KeyType::kCount:
      write_integer(json, key.min, key.max);
      return write_pattern(json, or_environment("^[0-9]+$"));
    case KeyType::kSize:
      write_integer(json, key.min, key.max);
      return write_pattern(json, or_environment("^[0-9]+(KiB|MiB|GiB)?$"));
    case KeyType::kDuration:
      return write_pattern(json, or_environment("^[0-9]+(ms|s|m|h)$"));
    case KeyType::kListener:
    case KeyType::kFile:
      return write_pattern(json, "^.+$");
    case KeyType::kMode:
      json.StartObject();
      write_member(json, "type", "integer");
      json.EndObject();
      return write_pattern(json, or_environment("^0?[0-7]{3}$"));
    case KeyType::kDigest:
      return write_pattern(json, or_environment("^sha256:[0-9A-Fa-f]{64}$"));
    case KeyType::kSource:
      return write_pattern(json, or_environment("^[a-z][a-z0-9_-]{0,63}$"));
    case KeyType::kComponent:
      return write_pattern(json,
                           or_environment("^([a-z][a-z0-9_.-]{0,63}/)?[a-z][a-z0-9-]{0,63}$"));
    case KeyType::kParameter:
      return write_pattern(json, or_environment("^[a-z][a-z0-9_]{0,63}$"));
    case KeyType::kPath:
    case KeyType::kPrefix:
      return write_pattern(json, or_environment("^/"));
    case KeyType::kSettings:
      return write_settings(json);
  }
}

void write_one(Writer& json, const Key& key, bool or_list);

void write_one_members(Writer& json, const Key& key, bool or_list) {
  json.Key("anyOf");
  json.StartArray();
  write_single(json, key);
  if (!key.shape.empty()) write_reference(json, key.shape);
  if (or_list) write_list_of(json, [&] { write_one(json, key, false); });
  json.EndArray();
}

void write_one(Writer& json, const Key& key, bool or_list) {
  json.StartObject();
  write_one_members(json, key, or_list);
  json.EndObject();
}

void write_free_keys(Writer& json) {
  json.Key("patternProperties");
  json.StartObject();
  write_key(json, "^" + std::string(kFreeKeyPrefix));
  json.Bool(true);
  json.EndObject();
}

void write_value_members(Writer& json, const Key& key) {
  switch (key.form) {
    case KeyForm::kOne:
      return write_one_members(json, key, false);
    case KeyForm::kOneOrList:
      return write_one_members(json, key, true);
    case KeyForm::kList:
      return write_list_members(json, [&] { write_one(json, key, false); });
    case KeyForm::kMap:
    case KeyForm::kMapOfOneOrList:
      write_member(json, "type", "object");
      if (!key.shape.empty()) write_free_keys(json);
      json.Key("additionalProperties");
      write_one(json, key, key.form == KeyForm::kMapOfOneOrList);
  }
}

std::string sentence(const Key& key) {
  std::string text(key.doc);
  if (!key.fallback.empty()) text += " Default: " + std::string(key.fallback) + ".";
  if (!key.example.empty()) text += " Example: " + std::string(key.example);
  return text;
}

void write_shape(Writer& json, std::string_view shape) {
  write_member(json, "type", "object");
  json.Key("properties");
  json.StartObject();
  std::vector<std::string_view> required;
  for (const std::string_view name : keys_of(shape)) {
    const Key& key = key_of(shape, name);
    // What is required of a route stays so when a group or the defaults may say it for the route.
    if (key.required && key.parent() == shape && key.inherited == KeyInherited::kNo) {
      required.push_back(name);
    }
    write_key(json, name);
    json.StartObject();
    write_member(json, "description", sentence(key));
    write_value_members(json, key);
    json.EndObject();
  }
  json.EndObject();
  write_free_keys(json);
  json.Key("additionalProperties");
  json.Bool(false);
  if (required.empty()) return;
  json.Key("required");
  json.StartArray();
  for (const std::string_view name : required) write_text(json, name);
  json.EndArray();
}

/// All shapes but that of the file, in the order in which the table names them.
std::vector<std::string_view> shapes() {
  std::vector<std::string_view> list;
  for (const Key& key : all_keys()) {
    if (key.shape.empty() || std::find(list.begin(), list.end(), key.shape) != list.end()) continue;
    list.push_back(key.shape);
  }
  return list;
}

// ---- the reference ------------------------------------------------------------------------------

std::string single_text(const Key& key) {
  switch (key.type) {
    case KeyType::kNone:
      return {};
    case KeyType::kText:
      return "text";
    case KeyType::kVersion:
      return "1";
    case KeyType::kChoice: {
      std::string text;
      for (const std::string& choice : key.choice_list()) {
        text += (text.empty() ? "`" : ", `") + choice + '`';
      }
      return text;
    }
    case KeyType::kCount:
      return std::to_string(key.min) + " to " + std::to_string(key.max);
    case KeyType::kSize:
      return print_size(key.min) + " to " + print_size(key.max);
    case KeyType::kDuration:
      return print_duration(key.min_duration()) + " to " + print_duration(key.max_duration());
    case KeyType::kListener:
      return "listener";
    case KeyType::kMode:
      return "octal digits";
    case KeyType::kFile:
      return "file or folder";
    case KeyType::kDigest:
      return "`sha256:` and 64 digits";
    case KeyType::kSource:
      return "name of a source";
    case KeyType::kComponent:
      return "component";
    case KeyType::kParameter:
      return "name of a parameter";
    case KeyType::kPath:
      return "path";
    case KeyType::kPrefix:
      return "beginning of paths";
    case KeyType::kSettings:
      return "settings";
  }
  return {};
}

std::string value_text(const Key& key) {
  std::string one = single_text(key);
  if (!key.shape.empty()) {
    one += (one.empty() ? "" : " or ") + std::string("[") + std::string(key.shape) + "](#keys-" +
           [](std::string shape) {
             std::erase(shape, '.');
             return shape;
           }(std::string(key.shape)) +
           ")";
  }
  switch (key.form) {
    case KeyForm::kOne:
      return one;
    case KeyForm::kList:
      return "list of " + one;
    case KeyForm::kOneOrList:
      return one + ", or a list";
    case KeyForm::kMap:
      return "name: " + one;
    case KeyForm::kMapOfOneOrList:
      return "name: " + one + ", or a list";
  }
  return one;
}

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string marks_of(const Key& key) {
  if (key.inherited == KeyInherited::kFromGroup) return " §";
  return key.inherited == KeyInherited::kFromGroupAndDefaults ? " § ‡" : "";
}

std::string table_of(std::string_view shape) {
  std::string text = "| key | value | default | meaning | example |\n|---|---|---|---|---|\n";
  for (const std::string_view name : keys_of(shape)) {
    const Key& key = key_of(shape, name);
    if (key.parent() != shape) continue;  // told where it belongs
    const std::string quoted_default = key.fallback.empty() ? (key.required ? "required" : "")
                                                            : '`' + std::string(key.fallback) + '`';
    text += "| `" + std::string(name) + '`' + (key.taken == KeyTaken::kRestart ? " †" : "") +
            marks_of(key) + " | " + cell(value_text(key)) + " | " + quoted_default + " | " +
            cell(key.doc) + " | " + (key.example.empty() ? "" : '`' + cell(key.example) + '`') +
            " |\n";
  }
  return text;
}

}  // namespace

std::string config_schema() {
  rapidjson::StringBuffer buffer;
  Writer json(buffer);
  json.SetIndent(' ', 1);
  json.StartObject();
  write_member(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
  write_member(json, "title", "Configuration of Bourse, version 1");
  write_shape(json, "");
  json.Key("$defs");
  json.StartObject();
  for (const std::string_view shape : shapes()) {
    write_key(json, shape);
    json.StartObject();
    write_shape(json, shape);
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize()) + '\n';
}

std::string config_reference() {
  std::string text =
      "† is read when the server starts: a reload says that it needs a restart. § may stand in "
      "groups, too, and ‡ in `defaults`, for routes that do not say it. Keys that begin with `x-` "
      "mean nothing and may stand anywhere, for "
      "anchors.\n\n### Keys\n\n" +
      table_of("");
  for (const std::string_view shape : shapes()) {
    text += "\n### Keys: " + std::string(shape) + "\n\n";
    if (shape == "defaults") {
      text += "Those of [route](#keys-route) with a ‡.\n";
      continue;
    }
    if (shape == "group") text += "Besides those of [route](#keys-route) with a §:\n\n";
    text += table_of(shape);
  }
  return text;
}

}  // namespace bourse::host
