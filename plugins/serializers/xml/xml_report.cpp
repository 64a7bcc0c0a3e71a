// SPDX-License-Identifier: MIT
//
// libxml2 writes the frame: everything but rows, which are nearly all of the bytes and are appended
// by our own functions. Its own writing of a cell costs a stack of states, an allocation and two
// passes over the text; tests/bench/markup_bench.cpp measures both ways.
#include "plugins/serializers/xml/xml_report.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "bourse/render.hpp"
#include "plugins/serializers/xml/xml_frame.hpp"
#include "plugins/serializers/xml/xml_replaced.hpp"
#include "plugins/serializers/xml/xml_text.hpp"

namespace bourse::xml {
namespace {

constexpr const char* kInstanceNamespace = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::string_view kRowIndent = "\n      ";
constexpr std::string_view kTableIndent = "\n    ";

struct Column {
  const bourse_field* field;
  const bourse_array* array;
  std::string start, end;  ///< tags
};

std::vector<Column> columns_of(TableView table) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const std::string name = element_name(view(table.field(i).name));
    columns.push_back({&table.field(i), &table.array(i), "<" + name + ">", "</" + name + ">"});
  }
  return columns;
}

/// A char* that append_plain() can write through: the room is reserved once for a whole cell.
struct Cursor {
  char* at;
  void append(const char* text, std::size_t bytes) {
    std::memcpy(at, text, bytes);
    at += bytes;
  }
};

constexpr std::size_t kPlainMax =
    std::max({kIntegerTextMax, kRealTextMax, kDecimalTextMax, kTimeTextMax});

void append_cell(BlockBuffer& out, const Column& column, std::size_t row) {
  const bourse_value v = TableView::cell_of(*column.field, *column.array, row);
  if (!has_content(v)) return;
  if (v.type == BOURSE_TYPE_TEXT) {
    out.append(column.start);
    append_text(out, view(v.as.text));
    return out.append(column.end);
  }
  // A name has at most 128 bytes, so this always fits in a block.
  Cursor cursor{out.room(column.start.size() + kPlainMax + column.end.size())};
  cursor.append(column.start.data(), column.start.size());
  append_plain(cursor, v);
  cursor.append(column.end.data(), column.end.size());
  out.wrote(cursor.at);
}

class Document {
 public:
  Document(BlockBuffer& out, Options options)
      : out_(out), pretty_(options.pretty), frame_(out, options.pretty) {}

  void write(ReportView report) {
    frame_.start("report");
    frame_.attribute("xmlns", kNamespace);
    frame_.attribute("xmlns:xsi", kInstanceNamespace);
    frame_.attribute("component", report.component());
    if (report.as_of().ns != 0) {
      frame_.attribute("as_of", plain(bourse::value(report.as_of())));
    }
    element("title", [&] { frame_.text(report.title()); });
    element("meta", [&] {
      for (const bourse_meta* m : report.meta()) meta(*m);
    });
    element("notes", [&] { notes(report); });
    element("values", [&] {
      for (const bourse_scalar* s : report.scalars()) scalar(*s);
    });
    element("tables", [&] {
      for (std::size_t i = 0; i < report.tables(); ++i) {
        table(report.table(i), report.wire().tables[i]->label);
      }
    });
    element("charts", [&] {
      for (const bourse_chart* c : report.charts()) chart(*c);
    });
    frame_.end();
  }

 private:
  template <class Body>
  void element(const char* name, const Body& body) {
    frame_.start(name);
    body();
    frame_.end();
  }
  static std::string plain(const bourse_value& v) {
    std::string out;
    append_plain(out, v);
    return out;
  }

  void content(const bourse_value& v) {
    if (!has_content(v)) return frame_.attribute("xsi:nil", "true");
    frame_.text(v.type == BOURSE_TYPE_TEXT ? view(v.as.text) : std::string_view(plain(v)));
  }

  void meta(const bourse_meta& m) {
    element("entry", [&] {
      frame_.attribute("key", view(m.key));
      frame_.attribute("type", type_name(m.value.type));
      content(m.value);
    });
  }
  void notes(ReportView report) {
    for (const bourse_note* n : report.notes()) note(n->level, view(n->code), view(n->text));
    const NotFinite not_finite(report);
    if (const auto text = not_finite.text()) note(NotFinite::kLevel, NotFinite::kCode, *text);
    if (const auto text = Replaced(report).text()) note(Replaced::kLevel, Replaced::kCode, *text);
  }
  void note(std::int32_t level, std::string_view code, std::string_view text) {
    element("note", [&] {
      frame_.attribute("level", level_name(level));
      frame_.attribute("code", code);
      frame_.text(text);
    });
  }
  void describe(const bourse_field& f) {
    frame_.attribute("name", f.name);
    frame_.attribute("type", type_name(f.type));
    frame_.attribute("label", f.label);
    frame_.attribute("unit", f.unit);
    if (!view(f.format).empty()) frame_.attribute("format", f.format);
  }
  void scalar(const bourse_scalar& s) {
    element("value", [&] {
      describe(*s.field);
      content(s.value);
    });
  }

  void table(TableView t, const char* label) {
    frame_.start("table");
    frame_.attribute("name", t.name());
    frame_.attribute("label", label);
    frame_.attribute("rows", std::to_string(t.rows()));
    element("fields", [&] {
      for (std::size_t i = 0; i < t.columns(); ++i) {
        element("field", [&] { describe(t.field(i)); });
      }
    });
    frame_.open();
    rows(t);
    frame_.end();
  }
  void rows(TableView t) {
    const std::vector<Column> columns = columns_of(t);
    for (std::size_t row = 0; row < t.rows(); ++row) {
      if (pretty_) out_.append(row == 0 ? kRowIndent.substr(1) : kRowIndent);
      out_.append("<row>");
      for (const Column& column : columns) append_cell(out_, column, row);
      out_.append("</row>");
    }
    if (pretty_) out_.append(t.rows() == 0 ? kTableIndent.substr(1) : kTableIndent);
  }

  void chart(const bourse_chart& c) {
    element("chart", [&] {
      frame_.attribute("kind", chart_kind_name(c.kind));
      frame_.attribute("name", c.name);
      frame_.attribute("title", c.title);
      frame_.attribute("table", c.table);
      frame_.attribute("pane", c.pane);
      look(c);
      for (std::size_t i = 0; i < c.n_channels; ++i) channel(*c.channels[i]);
      for (std::size_t i = 0; i < c.n_levels; ++i) {
        element("level", [&] {
          if (c.level_labels != nullptr) frame_.attribute("label", c.level_labels[i]);
          frame_.text(plain(bourse::value(c.levels[i])));
        });
      }
      for (std::size_t i = 0; i < c.n_guides; ++i) guide(c, i);
      if (c.range != nullptr) range(c.range[0], c.range[1]);
    });
  }
  /// What most charts do not have: only where it is there.
  void look(const bourse_chart& c) {
    if (c.axis != 0) frame_.attribute("axis", std::to_string(c.axis));
    if ((c.flags & BOURSE_DRAW_LOGARITHMIC) != 0) frame_.attribute("logarithmic", "true");
    if ((c.flags & BOURSE_DRAW_STACKED) != 0) frame_.attribute("stacked", "true");
    if ((c.flags & BOURSE_DRAW_HORIZONTAL) != 0) frame_.attribute("horizontal", "true");
  }
  void guide(const bourse_chart& c, std::size_t i) {
    element("guide", [&] {
      frame_.attribute("type", type_name(c.guides[i].type));
      if (c.guide_labels != nullptr) frame_.attribute("label", c.guide_labels[i]);
      const bourse_value& v = c.guides[i];
      frame_.text(v.type == BOURSE_TYPE_TEXT ? view(v.as.text) : std::string_view(plain(v)));
    });
  }
  void channel(const bourse_channel& c) {
    element("channel", [&] {
      frame_.attribute("role", role_name(c.role));
      frame_.attribute("field", c.field);
      frame_.attribute("label", c.label);
    });
  }
  void range(double low, double high) {
    element("range", [&] {
      frame_.attribute("low", plain(bourse::value(low)));
      frame_.attribute("high", plain(bourse::value(high)));
    });
  }

  BlockBuffer& out_;
  bool pretty_;
  Frame frame_;
};

}  // namespace

void write_report(ReportView report, Options options, BlockBuffer& out) {
  Document(out, options).write(report);
  if (!options.pretty) out.put('\n');  // indented, the last element ends its line itself
  out.flush();
}

}  // namespace bourse::xml
