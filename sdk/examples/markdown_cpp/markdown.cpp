// SPDX-License-Identifier: MIT
//
// A serializer: a report as Markdown, with tables as GitHub reads them. It shows no charts.
#include <string>
#include <string_view>

#include "bourse/plugin.hpp"
#include "bourse/text.hpp"

namespace {

using bourse::BlockBuffer;

/// What would end a cell or begin something else is escaped.
BlockBuffer& escape(BlockBuffer& out, std::string_view text) {
  for (const char c : text) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out.put('\\');
    out.put(c == '\n' || c == '\r' ? ' ' : c);
  }
  return out;
}
BlockBuffer& show(BlockBuffer& out, const bourse_value& value) {
  if (value.type == BOURSE_TYPE_TEXT) return escape(out, bourse::view(value.as.text));
  append_value(out, value);
  return out;
}
std::string_view label(const bourse_field& field) { return field.label ? field.label : field.name; }

struct Markdown {
  static constexpr bourse::About about{
      .id = "markdown",
      .title = "Markdown",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/markdown; charset=utf-8",
      .suffix = "md"};

  void render(bourse::Call& call, const bourse::Values&, bourse::ReportView report) const {
    BlockBuffer out([&call](std::string_view block) { call.write(block); });
    out.append("# ");
    escape(out, report.title()).append("\n");
    for (const bourse_scalar* scalar : report.scalars()) {
      out.append("\n- ");
      escape(out, label(*scalar->field)).append(": ");
      show(out, scalar->value);
    }
    for (std::size_t t = 0; t < report.tables(); ++t) {
      const bourse::TableView table = report.table(t);
      out.append("\n\n");
      for (std::size_t c = 0; c < table.columns(); ++c) escape(out, label(table.field(c))).put('|');
      out.append("\n");
      for (std::size_t c = 0; c < table.columns(); ++c) out.append("--|");
      for (std::size_t row = 0; row < table.rows(); ++row) {
        out.append("\n");
        for (std::size_t c = 0; c < table.columns(); ++c) show(out, table.cell(c, row)).put('|');
      }
    }
    for (const bourse_note* note : report.notes()) {
      out.append("\n\n> ");
      escape(out, bourse::view(note->text));
    }
    out.append("\n");
    out.flush();
  }
};
}  // namespace

BOURSE_PLUGIN("example.markdown", "1.0.0", Markdown)
