// SPDX-License-Identifier: MIT
#include "plugins/serializers/json/json_schema.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bourse::json {
namespace {

/// What every report has alike. As in docs/reference/report.schema.json; a test compares the two.
constexpr std::string_view kDefinitions = R"({
"note":{"type":"object","additionalProperties":false,"required":["level","code","text"],
  "properties":{"level":{"type":"string","enum":["debug","info","warning","error"]},
    "code":{"type":"string","description":"Stable, for programs."},
    "text":{"type":"string","description":"For people."}}},
"field":{"type":"object","additionalProperties":false,"required":["name","type","label","unit"],
  "properties":{"name":{"type":"string"},
    "type":{"type":"string","enum":["boolean","integer","real","decimal","time","text"]},
    "label":{"type":["string","null"]},"unit":{"type":["string","null"]},
    "format":{"type":"string","description":"Meaning beyond the type: date, duration, percent, hex, ..."}}},
"value":{"type":["boolean","number","string","null"],
  "description":"Decimals are strings of digits, and so are integers past 2^53 - 1; times are RFC 3339; null: no value."},
"chart":{"type":"object","additionalProperties":false,
  "description":"What to show, by role; how is the reader's choice.",
  "required":["kind","name","title","table","pane","channels","levels","range"],
  "properties":{
    "kind":{"type":"string","enum":["line","area","bar","scatter","candle","histogram","heatmap"]},
    "name":{"type":"string"},"title":{"type":["string","null"]},
    "table":{"type":"string","description":"The table whose fields the channels name."},
    "pane":{"type":["string","null"],"description":"Charts of one pane share both axes."},
    "channels":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,
      "required":["role","field","label"],"properties":{
        "role":{"type":"string","enum":["x","y","open","high","low","close","group","heat","lower",
          "upper","size","color","label"]},
        "field":{"type":"string"},"label":{"type":["string","null"]}}}},
    "levels":{"type":"array","items":{"type":"number"}},
    "range":{"type":["array","null"],"minItems":2,"maxItems":2,"items":{"type":"number"}},
    "axis":{"type":"integer","const":1},"logarithmic":{"type":"boolean","const":true},
    "stacked":{"type":"boolean","const":true},"horizontal":{"type":"boolean","const":true},
    "level_labels":{"type":"array","items":{"type":["string","null"]}},
    "guides":{"type":"array","minItems":1,"items":{"type":"object","additionalProperties":false,
      "required":["at","label"],"properties":{"at":{"$ref":"#/$defs/value"},
        "label":{"type":["string","null"]}}}}}}
})";

constexpr std::string_view kTime =
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$";

bool is_optional(const bourse_field& field) { return (field.flags & BOURSE_FIELD_OPTIONAL) != 0; }

class Schema {
 public:
  Schema(const Shape& shape, std::optional<Layout> layout)
      : shape_(shape), layout_(layout), json_(buffer_) {}

  std::string_view write() {
    json_.StartObject();
    if (layout_ == Layout::kRecords) {
      records();
    } else if (layout_) {
      document();
    } else {
      key("anyOf");
      json_.StartArray();
      object([this] { document(); });
      object([this] { records(); });
      json_.EndArray();
    }
    key("$defs");
    json_.RawValue(kDefinitions.data(), kDefinitions.size(), rapidjson::kObjectType);
    json_.EndObject();
    return {buffer_.GetString(), buffer_.GetSize()};
  }

 private:
  template <class Members>
  void object(const Members& members) {
    json_.StartObject();
    members();
    json_.EndObject();
  }
  /// The members of the schema of the whole document.
  void document() {
    type("object");
    no_more(true);
    required(
        {"title", "component", "as_of", "meta", "notes", "values", "fields", "tables", "charts"});
    key("properties");
    json_.StartObject();
    key("title");
    plain("string");
    key("component");
    plain("string", "What made the report: plugin, slash, component.");
    key("as_of");
    as_of();
    key("meta");
    meta();
    key("notes");
    array_of("note");
    key("values");
    shape_ ? values() : any_object();
    key("fields");
    array_of("field");
    key("tables");
    shape_ ? tables() : any_object();
    key("charts");
    array_of("chart");
    json_.EndObject();
  }
  /// Of layout=records: which table is the client's choice.
  void records() {
    type("array");
    member("description", "layout=records: the rows of one table.");
    key("items");
    const bourse_report& report = shape_.report().wire();
    if (!shape_ || shape_.is_open() || report.n_tables == 0) return any_object();
    object([&] {
      key("anyOf");
      json_.StartArray();
      for (std::size_t i = 0; i < report.n_tables; ++i) row_object(*report.tables[i]);
      if (report.n_scalars > 0) single_value();
      json_.EndArray();
    });
  }
  void single_value() {
    object([this] {
      type("object");
      no_more(true);
      required({"name", "value", "unit"});
      key("properties");
      object([this] {
        key("name");
        plain("string");
        key("value");
        object([this] { reference("value"); });
        key("unit");
        object([this] { type_or_null({"string"}); });
      });
    });
  }

  void key(std::string_view name) {
    json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  void text(std::string_view value) {
    json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }
  void member(const char* name, std::string_view value) {
    key(name);
    text(value);
  }
  void optional_member(const char* name, const char* value) {
    if (!view(value).empty()) member(name, view(value));
  }
  void type(const char* name) { member("type", name); }
  void type_or_null(std::initializer_list<const char*> names) {
    key("type");
    json_.StartArray();
    for (const char* name : names) text(name);
    text("null");
    json_.EndArray();
  }
  void no_more(bool closed) {
    if (!closed) return;
    key("additionalProperties");
    json_.Bool(false);
  }
  void required(const std::vector<std::string_view>& names) {
    if (names.empty()) return;
    key("required");
    json_.StartArray();
    for (const std::string_view name : names) text(name);
    json_.EndArray();
  }
  void plain(const char* of_type, const char* description = nullptr) {
    json_.StartObject();
    type(of_type);
    optional_member("description", description);
    json_.EndObject();
  }
  void reference(std::string_view name) { member("$ref", "#/$defs/" + std::string(name)); }
  void any_object() { plain("object"); }
  void array_of(std::string_view definition) {
    json_.StartObject();
    type("array");
    key("items");
    json_.StartObject();
    reference(definition);
    json_.EndObject();
    json_.EndObject();
  }
  void as_of() {
    json_.StartObject();
    type_or_null({"string"});
    member("pattern", kTime);
    member("description", "Time of the newest input; null when unknown.");
    json_.EndObject();
  }
  void meta() {
    json_.StartObject();
    type("object");
    member("description", "The parameters used, and other facts about the report.");
    key("additionalProperties");
    json_.StartObject();
    reference("value");
    json_.EndObject();
    json_.EndObject();
  }

  /// One value of a field, as append_value writes it.
  void value_of(const bourse_field& field) {
    json_.StartObject();
    switch (field.type) {
      case BOURSE_TYPE_BOOL:
        type_or_null({"boolean"});
        break;
      case BOURSE_TYPE_I64:
        type_or_null({"integer", "string"});
        member("pattern", "^-?[0-9]+$");
        break;
      case BOURSE_TYPE_F64:
        type_or_null({"number"});
        break;
      case BOURSE_TYPE_DECIMAL:
        type_or_null({"string"});
        member("pattern", "^-?[0-9]+(\\.[0-9]+)?$");
        break;
      case BOURSE_TYPE_TIME:
        type_or_null({"string"});
        member("pattern", kTime);
        break;
      default:
        type_or_null({"string"});
    }
    optional_member("title", field.label);
    std::string description(view(field.doc));
    if (!view(field.unit).empty()) {
      description += (description.empty() ? "" : "; ") + std::string("unit: ");
      description += view(field.unit);
    }
    optional_member("description", description.c_str());
    json_.EndObject();
  }

  struct Leaf {
    std::string_view path;  ///< what is left of the name
    const bourse_field* field;
  };
  void values() {
    std::vector<Leaf> leaves;
    const auto scalars = shape_.report().scalars();
    for (const bourse_scalar* scalar : scalars) {
      leaves.push_back({view(scalar->field->name), scalar->field});
    }
    nested(leaves);
  }
  /// Those that share a first part stand together where the first of them does.
  void nested(const std::vector<Leaf>& leaves) {
    std::vector<std::pair<std::string_view, std::vector<Leaf>>> parts;
    std::vector<std::string_view> needed;
    for (const Leaf& leaf : leaves) {
      const std::size_t dot = leaf.path.find('.');
      const std::string_view first = leaf.path.substr(0, dot);
      auto part = std::find_if(parts.begin(), parts.end(),
                               [first](const auto& p) { return p.first == first; });
      if (part == parts.end()) part = parts.insert(parts.end(), {first, {}});
      part->second.push_back(
          {dot == std::string_view::npos ? "" : leaf.path.substr(dot + 1), leaf.field});
      const bool is_new = std::find(needed.begin(), needed.end(), first) == needed.end();
      if (!is_optional(*leaf.field) && is_new) needed.push_back(first);
    }
    json_.StartObject();
    type("object");
    no_more(!shape_.is_open());
    required(needed);
    key("properties");
    json_.StartObject();
    for (const auto& [name, below] : parts) {
      key(name);
      below.front().path.empty() ? value_of(*below.front().field) : nested(below);
    }
    json_.EndObject();
    json_.EndObject();
  }

  void tables() {
    const bourse_report& report = shape_.report().wire();
    const std::span<const bourse_table* const> all(report.tables, report.n_tables);
    std::vector<std::string_view> needed;
    for (const bourse_table* table : all) {
      if ((table->flags & BOURSE_TABLE_OPTIONAL) == 0) needed.push_back(view(table->name));
    }
    json_.StartObject();
    type("object");
    no_more(!shape_.is_open());
    required(needed);
    key("properties");
    json_.StartObject();
    for (const bourse_table* table : all) {
      key(view(table->name));
      table_of(*table);
    }
    json_.EndObject();
    json_.EndObject();
  }
  void table_of(const bourse_table& table) {
    json_.StartObject();
    type("object");
    no_more(true);
    optional_member("title", table.label);
    std::vector<std::string_view> needed = {"label", "fields"};
    if (layout_) needed.push_back(layout_ == Layout::kColumns ? "columns" : "rows");
    required(needed);
    key("properties");
    json_.StartObject();
    key("label");
    json_.StartObject();
    type_or_null({"string"});
    json_.EndObject();
    key("fields");
    array_of("field");
    if (!layout_ || layout_ != Layout::kColumns) {
      key("rows");
      rows(table);
    }
    if (!layout_ || layout_ == Layout::kColumns) {
      key("columns");
      columns(table);
    }
    json_.EndObject();
    json_.EndObject();
  }
  void rows(const bourse_table& table) {
    json_.StartObject();
    type("array");
    key("items");
    if (layout_) {
      layout_ == Layout::kObjects ? row_object(table) : row_array();
    } else {
      json_.StartObject();
      key("anyOf");
      json_.StartArray();
      row_object(table);
      row_array();
      json_.EndArray();
      json_.EndObject();
    }
    json_.EndObject();
  }
  void row_array() {
    json_.StartObject();
    type("array");
    member("description", "layout=arrays: in the order of the fields.");
    key("items");
    json_.StartObject();
    reference("value");
    json_.EndObject();
    json_.EndObject();
  }
  void row_object(const bourse_table& table) {
    fields(table, [this](const bourse_field& field) { value_of(field); });
  }
  void columns(const bourse_table& table) {
    fields(table, [this](const bourse_field& field) {
      json_.StartObject();
      type("array");
      key("items");
      value_of(field);
      json_.EndObject();
    });
  }
  template <class One>
  void fields(const bourse_table& table, One one) {
    const std::span<const bourse_field* const> all(table.fields, table.n_fields);
    std::vector<std::string_view> needed;
    for (const bourse_field* field : all) {
      if (!is_optional(*field)) needed.push_back(view(field->name));
    }
    json_.StartObject();
    type("object");
    no_more((table.flags & BOURSE_TABLE_OPEN) == 0);
    required(needed);
    key("properties");
    json_.StartObject();
    for (const bourse_field* field : all) {
      key(view(field->name));
      one(*field);
    }
    json_.EndObject();
    json_.EndObject();
  }

  const Shape& shape_;
  const std::optional<Layout> layout_;
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> json_;
};

}  // namespace

void write_schema(const Shape& shape, std::optional<Layout> layout, BlockBuffer& out) {
  out.append(Schema(shape, layout).write());
  out.flush();
}

}  // namespace bourse::json
