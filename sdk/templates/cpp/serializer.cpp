// @NAME@: a report as plain text, a line for each value and each row.
#include <cstdint>
#include <string>
#include <string_view>

#include "bourse/plugin.hpp"
#include "bourse/text.hpp"

namespace {

std::string shown(const bourse_value& value) {
  switch (value.type) {
    case BOURSE_TYPE_BOOL:
      return value.as.i64 != 0 ? "yes" : "no";
    case BOURSE_TYPE_I64:
      return std::to_string(value.as.i64);
    case BOURSE_TYPE_F64:
      return std::to_string(value.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return bourse::Decimal::from_wire(value.as.dec, value.scale).value().text();
    case BOURSE_TYPE_TIME:
      return std::to_string(value.as.i64 / 1'000'000'000) + " s";  // since 1970
    case BOURSE_TYPE_TEXT:
      return std::string(bourse::view(value.as.text));
    default:
      return "-";  // null, and types of later versions
  }
}

struct @TYPE@ {
  static constexpr bourse::About about{
      .id = "@ID@",
      .title = "@NAME@",
      .doc = "A line for each value and each row.",
      .parts = BOURSE_PART_SCALARS | BOURSE_PART_TABLES | BOURSE_PART_NOTES,
      .flags = BOURSE_COMPONENT_PURE,
      .media_type = "text/plain; charset=utf-8",
      .suffix = "txt"};

  void render(bourse::Call& call, const bourse::Values&, bourse::ReportView report) const {
    std::string out(report.title());
    out += "\n";
    for (const bourse_scalar* scalar : report.scalars()) {
      out += std::string(scalar->field->name) + ": " + shown(scalar->value) + "\n";
    }
    for (std::size_t i = 0; i < report.tables(); ++i) write(call, report.table(i), out);
    for (const bourse_note* note : report.notes()) {
      out += "note: " + std::string(bourse::view(note->text)) + "\n";
    }
    call.write(out);
  }

 private:
  static void write(bourse::Call& call, const bourse::TableView& table, std::string& out) {
    for (std::size_t row = 0; row < table.rows(); ++row) {
      out += std::string(table.name()) + ":";
      for (std::size_t column = 0; column < table.columns(); ++column) {
        out += std::string(" ") + table.field(column).name + "=" + shown(table.cell(column, row));
      }
      out += "\n";
      if (out.size() < 32'768) continue;  // in blocks: a report may have a million rows
      call.write(out);
      out.clear();
    }
  }
};

}  // namespace

BOURSE_PLUGIN("@PLUGIN@", "0.1.0", @TYPE@)
