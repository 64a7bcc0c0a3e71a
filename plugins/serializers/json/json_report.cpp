// SPDX-License-Identifier: MIT
//
// RapidJSON writes the structure: keys, commas, indentation. Values, and rows as a whole, are
// appended to the same buffer by our own functions: rows are nearly all of the bytes, their keys
// need no escaping a second time, and numbers must look the same in every format.
#include "plugins/serializers/json/json_report.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "bourse/render.hpp"
#include "plugins/serializers/json/json_rows.hpp"
#include "plugins/serializers/json/json_text.hpp"

namespace bourse::json {
namespace {

/// RapidJSON's own allocator returns null where there is no memory, and what asked it writes there.
struct Allocator : rapidjson::CrtAllocator {
  void* Malloc(std::size_t bytes) { return checked(CrtAllocator::Malloc(bytes), bytes); }
  void* Realloc(void* block, std::size_t was, std::size_t bytes) {
    return checked(CrtAllocator::Realloc(block, was, bytes), bytes);
  }

 private:
  static void* checked(void* block, std::size_t bytes) {
    if (block == nullptr && bytes > 0) throw std::bad_alloc();
    return block;
  }
};

/// RapidJSON's idea of an output stream.
class Stream {
 public:
  using Ch = char;
  explicit Stream(BlockBuffer& out) : out_(&out) {}
  void Put(char c) { out_->put(c); }
  void Flush() {}  // called once the root has ended; the newline is still to come

 private:
  BlockBuffer* out_;
};

void append_column(BlockBuffer& out, const Column& column, std::size_t rows) {
  out.put('[');
  for (std::size_t row = 0; row < rows; ++row) {
    if (row != 0) out.put(',');
    append_value(out, column.cell(row));
  }
  out.put(']');
}

/// Scalars as a tree: "a.b" and "a.c" become members of one object, which stands where the first of
/// them stood.
struct Node {
  std::string_view name;
  const bourse_value* value = nullptr;  ///< null: an object
  std::vector<std::size_t> children;    ///< indexes of nodes
};

/// The first node is the root. The host makes sure that no scalar is the prefix of another.
std::vector<Node> tree_of(std::span<const bourse_scalar* const> scalars) {
  std::vector<Node> nodes(1);
  std::unordered_map<std::string_view, std::size_t> by_path;
  for (const bourse_scalar* scalar : scalars) {
    const std::string_view path = view(scalar->field->name);
    std::size_t parent = 0;
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find('.', begin), path.size());
      const auto [known, is_new] = by_path.try_emplace(path.substr(0, end), nodes.size());
      const std::size_t node = known->second;
      if (is_new) {
        nodes[parent].children.push_back(node);
        nodes.push_back({path.substr(begin, end - begin), nullptr, {}});
      }
      parent = node;
      begin = end + 1;
    }
    nodes[parent].value = &scalar->value;
  }
  return nodes;
}

/// One document. Writer: rapidjson::Writer or PrettyWriter.
template <class Writer>
class Document {
 public:
  Document(Writer& writer, BlockBuffer& out, Layout layout)
      : writer_(writer), out_(out), layout_(layout) {}

  void write(ReportView report) {
    writer_.StartObject();
    member("title", report.title());
    member("component", report.component());
    key("as_of");
    value(report.as_of().ns == 0 ? null_value() : bourse::value(report.as_of()));
    key("meta");
    object([&] {
      for (const bourse_meta* meta : report.meta()) {
        key(view(meta->key));
        value(meta->value);
      }
    });
    notes(report);
    scalars(report);
    tables(report);
    charts(report);
    writer_.EndObject();
  }

 private:
  void key(std::string_view name) {
    writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  }
  /// Tells the writer that a value follows, so that it sets comma, colon and indentation.
  void announce() { writer_.RawValue("", 0, rapidjson::kStringType); }
  void value(const bourse_value& v) {
    announce();
    append_value(out_, v);
  }
  void member(std::string_view name, std::string_view text) {
    key(name);
    value(bourse::value(text));
  }
  /// What was not given is null.
  void member(std::string_view name, const char* text) {
    key(name);
    value(text == nullptr ? null_value() : bourse::value(text));
  }
  template <class Body>
  void object(const Body& body) {
    writer_.StartObject();
    body();
    writer_.EndObject();
  }
  template <class Body>
  void array(std::string_view name, const Body& body) {
    key(name);
    writer_.StartArray();
    body();
    writer_.EndArray();
  }

  void note(std::int32_t level, std::string_view code, std::string_view text) {
    object([&] {
      member("level", level_name(level));
      member("code", code);
      member("text", text);
    });
  }
  void notes(ReportView report) {
    const NotFinite not_finite(report);
    array("notes", [&] {
      for (const bourse_note* n : report.notes()) note(n->level, view(n->code), view(n->text));
      if (const auto text = not_finite.text()) note(NotFinite::kLevel, NotFinite::kCode, *text);
    });
  }

  void scalars(ReportView report) {
    const std::vector<Node> nodes = tree_of(report.scalars());
    key("values");
    object([&] { members(nodes, nodes.front()); });
    array("fields", [&] {
      for (const bourse_scalar* scalar : report.scalars()) field(*scalar->field);
    });
  }
  void members(const std::vector<Node>& nodes, const Node& parent) {
    for (const std::size_t child : parent.children) {
      const Node& node = nodes[child];
      key(node.name);
      if (node.value != nullptr) {
        value(*node.value);
      } else {
        object([&] { members(nodes, node); });
      }
    }
  }
  void field(const bourse_field& f) {
    object([&] {
      member("name", f.name);
      member("type", type_name(f.type));
      member("label", f.label);
      member("unit", f.unit);
      if (!view(f.format).empty()) member("format", f.format);
    });
  }

  void tables(ReportView report) {
    key("tables");
    object([&] {
      for (std::size_t i = 0; i < report.tables(); ++i) {
        key(report.table(i).name());
        object([&] { table(report.table(i), report.wire().tables[i]->label); });
      }
    });
  }
  void table(TableView t, const char* label) {
    member("label", label);
    array("fields", [&] {
      for (std::size_t i = 0; i < t.columns(); ++i) field(t.field(i));
    });
    const std::vector<Column> columns = columns_of(t, layout_ == Layout::kObjects);
    if (layout_ == Layout::kColumns) {
      key("columns");
      object([&] {
        for (const Column& column : columns) {
          key(column.field->name);
          announce();
          append_column(out_, column, t.rows());
        }
      });
      return;
    }
    array("rows", [&] {
      for (std::size_t row = 0; row < t.rows(); ++row) {
        announce();
        append_row(out_, columns, layout_ == Layout::kObjects, row);
      }
    });
  }

  void charts(ReportView report) {
    array("charts", [&] {
      for (const bourse_chart* c : report.charts()) object([&] { chart(*c); });
    });
  }
  void chart(const bourse_chart& c) {
    member("kind", chart_kind_name(c.kind));
    member("name", c.name);
    member("title", c.title);
    member("table", c.table);
    member("pane", c.pane);
    array("channels", [&] {
      for (std::size_t i = 0; i < c.n_channels; ++i) {
        object([&] {
          member("role", role_name(c.channels[i]->role));
          member("field", c.channels[i]->field);
          member("label", c.channels[i]->label);
        });
      }
    });
    array("levels", [&] {
      for (std::size_t i = 0; i < c.n_levels; ++i) value(bourse::value(c.levels[i]));
    });
    range(c.range);
    look(c);
    guides(c);
  }
  void range(const double* range) {
    if (range == nullptr) {
      key("range");
      return value(null_value());
    }
    array("range", [&] {
      value(bourse::value(range[0]));
      value(bourse::value(range[1]));
    });
  }
  /// What most charts do not have: only where it is there.
  void look(const bourse_chart& c) {
    if (c.axis != 0) {
      key("axis");
      value(bourse::value(std::int64_t{c.axis}));
    }
    for (const auto& [flag, name] : {std::pair{BOURSE_DRAW_LOGARITHMIC, "logarithmic"},
                                     {BOURSE_DRAW_STACKED, "stacked"},
                                     {BOURSE_DRAW_HORIZONTAL, "horizontal"}}) {
      if ((c.flags & flag) == 0) continue;
      key(name);
      value(bourse::value(true));
    }
  }
  void guides(const bourse_chart& c) {
    if (c.level_labels != nullptr && c.n_levels > 0) {
      array("level_labels", [&] {
        for (std::size_t i = 0; i < c.n_levels; ++i) {
          const char* const label = c.level_labels[i];
          value(label == nullptr ? null_value() : bourse::value(label));
        }
      });
    }
    if (c.n_guides == 0) return;
    array("guides", [&] {
      for (std::size_t i = 0; i < c.n_guides; ++i) {
        object([&] {
          key("at");
          value(c.guides[i]);
          member("label", c.guide_labels == nullptr ? nullptr : c.guide_labels[i]);
        });
      }
    });
  }

  Writer& writer_;
  BlockBuffer& out_;
  Layout layout_;
};

}  // namespace

void write_report(ReportView report, Options options, BlockBuffer& out) {
  Stream stream(out);
  if (options.pretty) {
    rapidjson::PrettyWriter<Stream, rapidjson::UTF8<>, rapidjson::UTF8<>, Allocator> writer(stream);
    writer.SetIndent(' ', 2);
    Document(writer, out, options.layout).write(report);
  } else {
    rapidjson::Writer<Stream, rapidjson::UTF8<>, rapidjson::UTF8<>, Allocator> writer(stream);
    Document(writer, out, options.layout).write(report);
  }
  out.put('\n');
  out.flush();
}

}  // namespace bourse::json
