// SPDX-License-Identifier: MIT
#include "host/api/schemas.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "host/base/json_allocator.hpp"

namespace bourse::host {
namespace {

using JsonBuffer = rapidjson::GenericStringBuffer<rapidjson::UTF8<>, JsonAllocator>;
using JsonWriter =
    rapidjson::Writer<JsonBuffer, rapidjson::UTF8<>, rapidjson::UTF8<>, JsonAllocator>;

constexpr std::string_view kOwn = "#/$defs/";
constexpr std::string_view kShared = "#/components/schemas/";

void text(JsonWriter& json, std::string_view value) {
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}
void raw(JsonWriter& json, std::string_view value, rapidjson::Type type = rapidjson::kObjectType) {
  json.RawValue(value.data(), value.size(), type);
}

std::string_view view_of(const rapidjson::Value& string) {
  return {string.GetString(), string.GetStringLength()};
}
std::string text_of(const rapidjson::Value& value) {
  JsonBuffer buffer;
  JsonWriter json(buffer);
  value.Accept(json);
  return {buffer.GetString(), buffer.GetSize()};
}

/// The characters that OpenAPI wants in the name of a component.
bool is_component_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

constexpr int kDepthMax = 100;

/// Changes what refers to "#/$defs/NAME" into "#/components/schemas/PREFIX.NAME". False: something
/// refers to anything but one of `definitions`, or it nests too deep to be meant. "$ref" is a
/// keyword everywhere: schemas of ours have no member of that name.
class Redirection {
 public:
  Redirection(std::string prefix, const rapidjson::Value* definitions,
              rapidjson::Document::AllocatorType& memory)
      : prefix_(std::move(prefix)), definitions_(definitions), memory_(memory) {}

  bool apply(rapidjson::Value& value, int depth = 0) {
    if (depth > kDepthMax) return false;
    if (value.IsArray()) {
      return std::all_of(value.Begin(), value.End(),
                         [&](auto& item) { return apply(item, depth + 1); });
    }
    if (!value.IsObject()) return true;
    for (auto& member : value.GetObject()) {
      const bool refers = view_of(member.name) == "$ref" && member.value.IsString();
      if (!(refers ? point(member.value) : apply(member.value, depth + 1))) return false;
    }
    return true;
  }

 private:
  bool point(rapidjson::Value& to) {
    std::string_view name = view_of(to);
    if (!name.starts_with(kOwn) || definitions_ == nullptr) return false;
    name.remove_prefix(kOwn.size());
    const bool known =
        std::any_of(definitions_->MemberBegin(), definitions_->MemberEnd(),
                    [name](const auto& member) { return view_of(member.name) == name; });
    if (!known) return false;
    const std::string now = std::string(kShared) + prefix_ + '.' + std::string(name);
    to.SetString(now.c_str(), static_cast<rapidjson::SizeType>(now.size()), memory_);
    return true;
  }

  const std::string prefix_;
  const rapidjson::Value* const definitions_;  ///< an object, or null
  rapidjson::Document::AllocatorType& memory_;
};

std::string numbered(const std::string& name, int number) {
  return number == 1 ? name : name + '_' + std::to_string(number);
}

// ---- parameters

const char* schema_type(bourse_type type) {
  switch (type) {
    case BOURSE_TYPE_BOOL:
      return "boolean";
    case BOURSE_TYPE_I64:
      return "integer";
    case BOURSE_TYPE_F64:
    case BOURSE_TYPE_DECIMAL:
      return "number";
    default:
      return "string";
  }
}

/// One value as JSON; what cannot be read stands as a text.
void one(JsonWriter& json, bourse_type type, const std::string& value) {
  if (type != BOURSE_TYPE_TEXT && type != BOURSE_TYPE_TIME) {
    Parameter plain{.name = "value", .type = type};
    const std::array<std::string_view, 1> texts{value};
    if (const auto read = read_value(plain, texts)) {
      return raw(json, read->canonical(), rapidjson::kNumberType);
    }
  }
  text(json, value);
}

/// A value of the parameter, of a list all of its items.
void value_of(JsonWriter& json, const Parameter& parameter, const std::string& value) {
  if (parameter.type != BOURSE_TYPE_LIST) return one(json, parameter.type, value);
  json.StartArray();
  for (std::size_t at = 0; at <= value.size() && !value.empty();) {
    const std::size_t comma = std::min(value.find(',', at), value.size());
    std::size_t first = at;
    std::size_t last = comma;
    while (first < last && value[first] == ' ') ++first;
    while (last > first && value[last - 1] == ' ') --last;
    one(json, parameter.item, value.substr(first, last - first));
    at = comma + 1;
  }
  json.EndArray();
}

void number(JsonWriter& json, const char* name, bourse_type type,
            const std::optional<std::string>& value) {
  if (!value) return;
  json.Key(name);
  one(json, type, *value);
}

/// Bounds of a text are in bytes, and those of a schema in characters, of which there are no more
/// and at least a fourth.
void length(JsonWriter& json, const char* name, std::int64_t value) {
  json.Key(name);
  json.Int64(value);
}
std::optional<std::int64_t> whole(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  const Parameter plain{.name = "value", .type = BOURSE_TYPE_I64};
  const std::array<std::string_view, 1> texts{*text};
  const auto read = read_value(plain, texts);
  if (!read) return std::nullopt;
  return read->view().as.i64;
}

void choices(JsonWriter& json, const Parameter& parameter, bourse_type type) {
  if (parameter.choices.empty() || parameter.hidden) return;
  json.Key("enum");
  json.StartArray();
  for (const std::string& choice : parameter.choices) one(json, type, choice);
  json.EndArray();
}

void one_schema(JsonWriter& json, const Parameter& parameter, bourse_type type) {
  json.Key("type");
  json.String(schema_type(type));
  if (type == BOURSE_TYPE_I64) {
    json.Key("format");
    json.String("int64");
  }
  choices(json, parameter, type);
}

void bounds(JsonWriter& json, const Parameter& parameter) {
  switch (parameter.type) {
    case BOURSE_TYPE_I64:
    case BOURSE_TYPE_F64:
    case BOURSE_TYPE_DECIMAL:
      number(json, "minimum", parameter.type, parameter.min);
      number(json, "maximum", parameter.type, parameter.max);
      break;
    case BOURSE_TYPE_TEXT:
      if (!parameter.choices.empty()) break;
      if (const auto least = whole(parameter.min)) length(json, "minLength", (*least + 3) / 4);
      length(json, "maxLength", whole(parameter.max).value_or(kTextBytesMax));
      break;
    case BOURSE_TYPE_LIST:
      length(json, "minItems", whole(parameter.min).value_or(1));
      length(json, "maxItems", whole(parameter.max).value_or(kListItemsMax));
      break;
    default:
      break;
  }
}

bool shows_default(const OperationParameter& of) {
  const Parameter& parameter = *of.parameter;
  return parameter.def && !parameter.secret && !parameter.hidden && !of.in_path;
}

}  // namespace

std::string Schemas::add(const std::string& wanted, std::string text) {
  for (int i = 1;; ++i) {
    std::string name = numbered(wanted, i);
    const auto [known, is_new] = all_.try_emplace(name, text);
    if (is_new || known->second == text) return name;
  }
}

std::optional<std::string> Schemas::add_foreign(const std::string& wanted,
                                                const std::string& prefix,
                                                const std::string& text) {
  for (int i = 1;; ++i) {
    const std::string tried = numbered(prefix, i);
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                   rapidjson::kParseFullPrecisionFlag>(text.data(), text.size());
    if (document.HasParseError() || !document.IsObject()) return std::nullopt;
    const auto defs = document.FindMember("$defs");
    const bool has_defs = defs != document.MemberEnd();
    if (has_defs && !defs->value.IsObject()) return std::nullopt;
    Redirection redirection(tried, has_defs ? &defs->value : nullptr, document.GetAllocator());
    if (!redirection.apply(document)) return std::nullopt;
    std::map<std::string, std::string> definitions;
    if (has_defs) {
      for (const auto& definition : defs->value.GetObject()) {
        const std::string name(view_of(definition.name));
        if (!is_component_name(name) || !definition.value.IsObject()) return std::nullopt;
        definitions.emplace(tried + '.' + name, text_of(definition.value));
      }
      document.RemoveMember(defs);
    }
    const bool taken = std::any_of(definitions.begin(), definitions.end(), [this](const auto& d) {
      const auto known = all_.find(d.first);
      return known != all_.end() && known->second != d.second;
    });
    if (taken) continue;
    all_.merge(definitions);
    return add(wanted, text_of(document));
  }
}

std::string parameter_schema(const OperationParameter& of) {
  const Parameter& parameter = *of.parameter;
  JsonBuffer buffer;
  JsonWriter json(buffer);
  json.StartObject();
  if (parameter.type == BOURSE_TYPE_LIST) {
    json.Key("type");
    json.String("array");
    json.Key("items");
    json.StartObject();
    one_schema(json, parameter, parameter.item);
    json.EndObject();
  } else {
    one_schema(json, parameter, parameter.type);
  }
  if (!parameter.hidden) bounds(json, parameter);
  if (parameter.secret) {
    json.Key("format");
    json.String("password");
  }
  if (shows_default(of) && of.formats.empty()) {
    json.Key("default");
    value_of(json, parameter, *parameter.def);
  }
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string parameter_example(const OperationParameter& of) {
  if (of.example.empty() || of.parameter->hidden) return {};
  JsonBuffer buffer;
  JsonWriter json(buffer);
  value_of(json, *of.parameter, of.example);
  return {buffer.GetString(), buffer.GetSize()};
}

std::string parameter_words(const OperationParameter& of) {
  const Parameter& parameter = *of.parameter;
  std::string words = parameter.doc;
  const auto add = [&words](const std::string& sentence) {
    words += (words.empty() ? "" : " ") + sentence;
  };
  if (!of.formats.empty()) {
    std::string formats;
    for (const std::string& id : of.formats) formats += (formats.empty() ? "" : ", ") + id;
    add((of.formats.size() == 1 ? "Of the format " : "Of the formats ") + formats + " only.");
  }
  if (!parameter.hidden) {
    std::string rule = describe(parameter);
    if (!rule.empty() && rule.front() >= 'a' && rule.front() <= 'z') {
      rule.front() = static_cast<char>(rule.front() - 'a' + 'A');
    }
    add(rule + '.');
  }
  return words;
}

}  // namespace bourse::host
