// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/workbook.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/render.hpp"
#include "plugins/serializers/xlsx/losses.hpp"
#include "plugins/serializers/xlsx/sheet.hpp"
#include "plugins/serializers/xlsx/sheet_names.hpp"
#include "plugins/serializers/xlsx/xlsx_text.hpp"
#include "plugins/serializers/xlsx/zip.hpp"

namespace bourse::xlsx {
namespace {

constexpr std::string_view kReportSheet = "Report";
constexpr std::string_view kXml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::string_view kRelationships =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view kPackage = "http://schemas.openxmlformats.org/package/2006/";
constexpr std::string_view kContent =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.";

struct Part {
  std::string name;
  std::size_t table, first, rows;
};

std::vector<Part> parts_of(ReportView report, SheetNames& names) {
  std::vector<Part> parts;
  for (std::size_t table = 0; table < report.tables(); ++table) {
    const std::size_t rows = report.table(table).rows();
    std::size_t first = 0, number = 1;
    do {
      const std::size_t part = std::min(rows - first, kRowsMax);
      parts.push_back({names.add_part(report.table(table).name(), number++), table, first, part});
      first += part;
    } while (first < rows);
  }
  return parts;
}

class Workbook {
 public:
  Workbook(ReportView report, BlockBuffer& out)
      : report_(report),
        out_(out),
        zip_(out),
        report_sheet_(names_.add(kReportSheet)),
        parts_(parts_of(report, names_)) {}

  void write() {
    entry("[Content_Types].xml", content_types());
    entry("_rels/.rels", package_relationships());
    entry("docProps/core.xml", properties());
    entry("xl/workbook.xml", workbook());
    entry("xl/_rels/workbook.xml.rels", workbook_relationships());
    entry("xl/styles.xml", styles_xml());
    write_tables();
    sheet(parts_.size(), [&](BlockBuffer& xml) { append_report(xml); });
    zip_.finish();
    out_.flush();
  }

 private:
  void entry(const char* name, const std::string& xml) {
    zip_.start(name);
    zip_.write(xml);
    zip_.end();
  }
  template <class Append>
  void sheet(std::size_t index, const Append& append) {
    zip_.start("xl/worksheets/sheet" + std::to_string(index + 1) + ".xml");
    BlockBuffer xml([this](std::string_view block) { zip_.write(block); });
    append(xml);
    xml.flush();
    zip_.end();
  }
  void write_tables() {
    std::vector<LossCounts> lost;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const Part& part = parts_[i];
      const TableView table = report_.table(part.table);
      if (part.first == 0) lost.assign(table.columns(), {});
      sheet(i, [&](BlockBuffer& xml) { append_sheet(xml, table, part.first, part.rows, lost); });
      if (part.first + part.rows < table.rows()) continue;
      for (std::size_t column = 0; column < lost.size(); ++column) {
        losses_.add("column " + std::string(view(table.field(column).name)) + " of table " +
                        std::string(table.name()),
                    lost[column]);
      }
    }
  }

  // ---- what holds the sheets together -----------------------------------------------------------
  [[nodiscard]] std::size_t sheets() const noexcept { return parts_.size() + 1; }

  [[nodiscard]] std::string content_types() const {
    std::string xml(kXml);
    xml += "<Types xmlns=\"" + std::string(kPackage) + "content-types\">";
    xml +=
        "<Default Extension=\"rels\" "
        "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        "<Override PartName=\"/docProps/core.xml\" "
        "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>";
    const auto part = [&](const std::string& name, std::string_view type) {
      xml.append("<Override PartName=\"/xl/").append(name).append("\" ContentType=\"");
      xml.append(kContent).append(type).append("+xml\"/>");
    };
    part("workbook.xml", "sheet.main");
    part("styles.xml", "styles");
    for (std::size_t i = 1; i <= sheets(); ++i) {
      part("worksheets/sheet" + std::to_string(i) + ".xml", "worksheet");
    }
    return xml + "</Types>";
  }
  static std::string relationship(std::size_t id, std::string_view type, std::string_view target) {
    std::string xml = "<Relationship Id=\"rId" + std::to_string(id) + "\" Type=\"";
    return xml.append(type).append("\" Target=\"").append(target).append("\"/>");
  }
  static std::string relationships_start() {
    return std::string(kXml) + "<Relationships xmlns=\"" + std::string(kPackage) +
           "relationships\">";
  }
  static std::string package_relationships() {
    return relationships_start() +
           relationship(1, std::string(kRelationships) + "/officeDocument", "xl/workbook.xml") +
           relationship(2, std::string(kPackage) + "relationships/metadata/core-properties",
                        "docProps/core.xml") +
           "</Relationships>";
  }
  [[nodiscard]] std::string workbook_relationships() const {
    const std::string type(kRelationships);
    std::string xml = relationships_start();
    for (std::size_t i = 1; i <= sheets(); ++i) {
      xml += relationship(i, type + "/worksheet", "worksheets/sheet" + std::to_string(i) + ".xml");
    }
    return xml + relationship(sheets() + 1, type + "/styles", "styles.xml") + "</Relationships>";
  }
  /// Dated as the report is, so that the same report gives the same bytes.
  [[nodiscard]] std::string properties() const {
    std::string xml(kXml);
    xml += "<cp:coreProperties xmlns:cp=\"" + std::string(kPackage) + "metadata/core-properties\"";
    xml +=
        " xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
        "xmlns:dcterms=\"http://purl.org/dc/terms/\" "
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
    xml += "<dc:title>" + escaped(report_.title()) + "</dc:title>";
    if (report_.as_of().ns != 0) {
      xml += "<dcterms:created xsi:type=\"dcterms:W3CDTF\">";
      append_time(xml, Time{report_.as_of().ns / 1'000'000'000 * 1'000'000'000});
      xml += "</dcterms:created>";
    }
    return xml + "</cp:coreProperties>";
  }
  [[nodiscard]] std::string workbook() const {
    std::string xml(kXml), filters, titles;
    xml +=
        "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
        "xmlns:r=\"" +
        std::string(kRelationships) +
        "\"><bookViews><workbookView activeTab=\"0\"/></bookViews><sheets>";
    for (std::size_t i = 0; i < sheets(); ++i) {
      const std::string& name = i < parts_.size() ? parts_[i].name : report_sheet_;
      xml += "<sheet name=\"" + escaped(name) + "\" sheetId=\"" + std::to_string(i + 1) +
             "\" r:id=\"rId" + std::to_string(i + 1) + "\"/>";
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      const TableView table = report_.table(parts_[i].table);
      if (table.columns() == 0) continue;
      const std::string at = "\" localSheetId=\"" + std::to_string(i) + "\"";
      const std::string sheet = "'" + escaped(parts_[i].name) + "'!";
      filters += "<definedName name=\"_xlnm._FilterDatabase" + at + " hidden=\"1\">" + sheet +
                 filtered_range(table, parts_[i].rows, true) + "</definedName>";
      titles += "<definedName name=\"_xlnm.Print_Titles" + at + ">" + sheet + "$1:$1</definedName>";
    }
    xml += "</sheets>";
    if (!filters.empty()) xml += "<definedNames>" + filters + titles + "</definedNames>";
    return xml + "</workbook>";
  }

  // ---- the sheet about the report ---------------------------------------------------------------
  struct Shown {
    bourse_value value;
    unsigned style = kPlain;
  };
  void row(BlockBuffer& xml, const std::vector<Shown>& cells, LossCounts& lost) {
    const std::string number = std::to_string(++rows_);
    xml.append("<row r=\"" + number + "\">");
    for (std::size_t i = 0; i < cells.size(); ++i) {
      append_cell(xml, "<c r=\"" + column_letters(i) + number + "\"", cells[i].style,
                  cells[i].value, lost);
    }
    xml.append("</row>");
  }
  void row(BlockBuffer& xml, const std::vector<Shown>& cells) {
    LossCounts lost{};
    row(xml, cells, lost);
  }
  void head(BlockBuffer& xml, std::initializer_list<const char*> words) {
    if (rows_ != 0) ++rows_;  // an empty one between two lists
    std::vector<Shown> cells;
    for (const char* word : words) cells.push_back({value(word), kHead});
    row(xml, cells);
  }
  static unsigned style_of_value(const bourse_value& v) noexcept {
    bourse_field field{};
    field.type = v.type;
    field.scale = v.scale;
    if (v.type == BOURSE_TYPE_TIME && v.as.i64 % 1'000'000'000 != 0) return kMilliseconds;
    return style_of(field);
  }

  void append_report(BlockBuffer& xml) {
    xml.append(kSheetStart);
    xml.append(
        "<sheetViews><sheetView workbookViewId=\"0\"/></sheetViews><cols>"
        "<col min=\"1\" max=\"1\" width=\"32\" customWidth=\"1\"/>"
        "<col min=\"2\" max=\"2\" width=\"26\" customWidth=\"1\"/>"
        "<col min=\"3\" max=\"4\" width=\"24\" customWidth=\"1\"/></cols><sheetData>");
    append_about(xml);
    append_scalars(xml);
    append_contents(xml);
    append_notes(xml);
    xml.append("</sheetData></worksheet>");
  }
  void append_about(BlockBuffer& xml) {
    if (!report_.title().empty()) row(xml, {{value(report_.title()), kTitle}});
    if (!report_.component().empty()) row(xml, {{value("Made by")}, {value(report_.component())}});
    if (report_.as_of().ns != 0) {
      const bourse_value at = value(report_.as_of());
      LossCounts lost{};
      row(xml, {{value("As of (UTC)")}, {at, style_of_value(at)}}, lost);
      losses_.add("as of", lost);
    }
    if (report_.meta().empty()) return;
    head(xml, {"Given", "Value"});
    for (const bourse_meta* meta : report_.meta()) {
      LossCounts lost{};
      row(xml, {{value(view(meta->key))}, {meta->value, style_of_value(meta->value)}}, lost);
      losses_.add("meta " + std::string(view(meta->key)), lost);
    }
  }
  void append_scalars(BlockBuffer& xml) {
    if (report_.scalars().empty()) return;
    head(xml, {"Key figure", "Value", "Unit", "Field"});
    for (const bourse_scalar* scalar : report_.scalars()) {
      const bourse_field& field = *scalar->field;
      LossCounts lost{};
      unsigned style = style_of_value(scalar->value);
      if (scalar->value.type == BOURSE_TYPE_TIME && view(field.format) == "date") style = kDate;
      row(xml,
          {{value(view(field.label).empty() ? view(field.name) : view(field.label))},
           {scalar->value, style},
           {view(field.unit).empty() ? null_value() : value(view(field.unit))},
           {value(view(field.name))}},
          lost);
      losses_.add("value " + std::string(view(field.name)), lost);
    }
  }
  void append_contents(BlockBuffer& xml) {
    if (parts_.empty()) return;
    head(xml, {"Sheet", "Table", "Rows"});
    for (const Part& part : parts_) {
      const std::string_view label = report_.table(part.table).label();
      row(xml, {{value(part.name)},
                {label.empty() ? null_value() : value(label)},
                {value(static_cast<std::int64_t>(part.rows)), kScale0}});
    }
  }
  void append_notes(BlockBuffer& xml) {
    LossCounts lost{};
    NotFinite not_finite;
    for (std::size_t i = 0; i < report_.tables(); ++i) not_finite.add(report_.table(i));
    for (const bourse_scalar* scalar : report_.scalars()) not_finite.add(*scalar);
    for (const bourse_meta* meta : report_.meta()) not_finite.add(*meta);
    const auto missing = not_finite.text();
    const auto lost_notes = losses_.notes();
    if (report_.notes().empty() && !missing && lost_notes.empty()) return;
    head(xml, {"Note", "Level", "Text"});  // last what runs over into empty cells
    const auto note = [&](std::string_view text, std::string_view code, std::string_view level) {
      row(xml, {{value(code)}, {value(level)}, {value(text)}}, lost);
    };
    for (const bourse_note* n : report_.notes()) {
      note(view(n->text), view(n->code), level_name(n->level));
    }
    if (missing) note(*missing, NotFinite::kCode, level_name(NotFinite::kLevel));
    for (const Losses::Note& n : lost_notes) note(n.text, n.code, level_name(BOURSE_LEVEL_INFO));
    Losses of_notes;  // a note itself may be longer than a cell
    of_notes.add("notes", lost);
    for (const Losses::Note& n : of_notes.notes()) {
      note(n.text, n.code, level_name(BOURSE_LEVEL_INFO));
    }
  }

  ReportView report_;
  BlockBuffer& out_;
  Zip zip_;
  SheetNames names_;
  std::string report_sheet_;
  std::vector<Part> parts_;
  Losses losses_;
  std::size_t rows_ = 0;
};

}  // namespace

void write_workbook(ReportView report, BlockBuffer& out) { Workbook(report, out).write(); }

}  // namespace bourse::xlsx
