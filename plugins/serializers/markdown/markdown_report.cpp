// SPDX-License-Identifier: MIT
#include "plugins/serializers/markdown/markdown_report.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "bourse/render.hpp"
#include "bourse/words.hpp"
#include "plugins/serializers/charting/columns.hpp"
#include "plugins/serializers/charting/format.hpp"
#include "plugins/serializers/charting/text.hpp"

namespace bourse::markdown {
namespace {

constexpr std::size_t kTextBytesMax = 2048;
/// Between the parts of what GitHub would take for a name, a number of an issue or an address: no
/// width and no break (U+2060), so it reads as it was.
constexpr std::string_view kJoiner = "\xE2\x81\xA0";

bool is_number(bourse_type type) {
  return type == BOURSE_TYPE_I64 || type == BOURSE_TYPE_F64 || type == BOURSE_TYPE_DECIMAL;
}
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

class Writer {
 public:
  Writer(ReportView report, const Options& options, BlockBuffer& out)
      : report_(report), options_(options), out_(out) {}

  void write() {
    out_.append("# ");
    append_text(out_, report_.title().empty() ? report_.component() : report_.title());
    out_.append("\n");
    if (report_.as_of().ns != 0) {
      out_.append("\nAs of ");
      append_text(out_, charting::value_text(value(report_.as_of())));
      out_.append(".\n");
    }
    notes();
    if (!options_.picture.empty() && !report_.charts().empty()) picture();
    figures();
    for (std::size_t i = 0; i < report_.tables(); ++i) table(report_.table(i));
    out_.flush();
  }

 private:
  void note(std::int32_t level, std::string_view text) {
    out_.append("\n> **");
    out_.append(level_name(level));
    out_.append("** ");
    append_text(out_, text);
    out_.append("\n");
  }
  void notes() {
    const NotFinite not_finite(report_);
    for (const bourse_note* n : report_.notes()) note(n->level, view(n->text));
    if (const auto text = not_finite.text()) note(NotFinite::kLevel, *text);
  }
  void picture() {
    out_.append("\n![");
    append_text(out_, report_.title());
    out_.append("](<");
    out_.append(options_.picture);  // legal by the parameter: no blanks, no < and >
    out_.append(">)\n");
  }
  void figures() {
    if (report_.scalars().empty()) return;
    out_.append("\n| Figure | Value |\n|---|--:|\n");
    for (const bourse_scalar* scalar : report_.scalars()) {
      const bourse_field& field = *scalar->field;
      const std::string unit(charting::unit_beside(field));
      out_.append("| ");
      append_text(out_, charting::label_of(field));
      out_.append(" | ");
      append_text(out_, charting::value_text(scalar->value, field));
      if (!unit.empty() && scalar->value.type != BOURSE_TYPE_NULL) {
        out_.append(" ");
        append_text(out_, unit);
      }
      out_.append(" |\n");
    }
  }
  void table(TableView table) {
    out_.append("\n## ");
    append_text(out_, table.label().empty() ? table.name() : table.label());
    out_.append("\n");
    if (table.rows() == 0) return out_.append("\nNo rows.\n");
    const std::size_t rows = std::min(table.rows(), options_.rows_max);
    out_.append("\n|");
    std::vector<std::vector<std::string>> columns;
    for (std::size_t i = 0; i < table.columns(); ++i) {
      out_.append(" ");
      append_text(out_, charting::field_title(table.field(i)));
      out_.append(" |");
      columns.push_back(charting::column_texts(table, i, rows));
    }
    out_.append("\n|");
    for (std::size_t i = 0; i < table.columns(); ++i) {
      out_.append(is_number(table.field(i).type) ? "--:|" : "---|");
    }
    out_.append("\n");
    for (std::size_t row = 0; row < rows; ++row) {
      out_.append("|");
      for (const auto& cells : columns) {
        out_.append(" ");
        append_text(out_, cells[row]);
        out_.append(" |");
      }
      out_.append("\n");
    }
    if (rows < table.rows()) {
      out_.append("\nAnd ");
      append_text(out_, counted(table.rows() - rows, "more row"));
      out_.append(".\n");
    }
  }

  ReportView report_;
  const Options& options_;
  BlockBuffer& out_;
};

}  // namespace

void append_text(BlockBuffer& out, std::string_view given) {
  const std::string text = charting::clean_text(given, kTextBytesMax);
  constexpr std::string_view kMarks = "\\`*_{}[]<>()#|~&!$";
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool follows_word = i > 0 && is_word(text[i - 1]);
    const bool before_word = i + 1 < text.size() && is_word(text[i + 1]);
    if (kMarks.find(c) != std::string_view::npos) out.put('\\');
    // At the start of a text: a list, a quotation or a line. Elsewhere they are what they are.
    if (i == 0 && (c == '-' || c == '+' || c == '=' || c == ':')) out.put('\\');
    out.put(c);
    const bool is_name = c == '@' && before_word;
    const bool is_issue = c == '#' && before_word;
    const bool is_address = c == ':' && text.compare(i, 3, "://") == 0;
    const bool is_www = c == '.' && i >= 3 && before_word && text.compare(i - 3, 3, "www") == 0;
    const bool is_list = c == '.' && follows_word && i + 1 < text.size() && text[i + 1] == ' ' &&
                         text.find_first_not_of("0123456789") == i;
    if (is_name || is_issue || is_address || is_www || is_list) out.append(kJoiner);
  }
}

void write_report(ReportView report, const Options& options, BlockBuffer& out) {
  Writer(report, options, out).write();
}

}  // namespace bourse::markdown
