// SPDX-License-Identifier: MIT
#include "plugins/serializers/xlsx/sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "plugins/serializers/xlsx/xlsx_text.hpp"

namespace bourse::xlsx {
namespace {

constexpr std::int64_t kExactMax = 999'999'999'999'999;  // 15 digits
constexpr std::int64_t kMillisecond = 1'000'000, kSecond = 1'000'000'000;

/// Digits of a number written out, without zeros at either end.
bool has_15_digits(std::string_view number) noexcept {
  std::size_t digits = 0, zeros = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') continue;
    if (c == '0') {
      zeros += digits == 0 ? 0 : 1;
    } else {
      digits += zeros + 1;
      zeros = 0;
    }
  }
  return digits <= 15;
}

bool is_short(bourse_i128 v) noexcept {
  const auto low = static_cast<std::int64_t>(v.lo);
  return (v.hi == 0 && low >= 0 && low <= kExactMax) ||
         (v.hi == -1 && low < 0 && low >= -kExactMax);
}

void count(LossCounts& lost, Loss loss) { ++lost[static_cast<std::size_t>(loss)]; }

class Cell {
 public:
  Cell(BlockBuffer& xml, std::string_view before, unsigned style, LossCounts& lost)
      : xml_(xml), before_(before), style_(style), lost_(lost) {}

  void boolean(bool is) { open(" t=\"b\"><v>").append(is ? "1</v></c>" : "0</v></c>"); }
  void integer(std::int64_t v) {
    std::array<char, kIntegerTextMax> text;
    number({text.data(), static_cast<std::size_t>(write_integer(text.data(), v) - text.data())},
           v >= -kExactMax && v <= kExactMax);
  }
  void decimal(bourse_i128 v, std::int32_t scale) {
    std::array<char, kDecimalTextMax> text;
    char* const end = write_decimal(text.data(), v, scale);
    number({text.data(), static_cast<std::size_t>(end - text.data())}, is_short(v));
  }
  void real(double v) {
    if (!std::isfinite(v)) return;
    open("><v>");
    append_real(xml_, v);
    xml_.append("</v></c>");
  }
  void time(Time v) {
    const auto serial = serial_of(v);
    if (!serial) {
      count(lost_, Loss::kEarlyTime);
      style_ = kPlain;
      open(kText);
      append_time(xml_, v);
      return xml_.append(kTextEnd);
    }
    if (v.ns % kMillisecond != 0) count(lost_, Loss::kFineTime);
    open("><v>");
    append_real(xml_, *serial);
    xml_.append("</v></c>");
  }
  void text(std::string_view v) {
    if (looks_like_a_formula(v) && style_ == kPlain) style_ = kQuoted;
    open(kText);
    if (append_text(xml_, v)) count(lost_, Loss::kTextCut);
    xml_.append(kTextEnd);
  }

 private:
  static constexpr std::string_view kText = " t=\"inlineStr\"><is><t xml:space=\"preserve\">";
  static constexpr std::string_view kTextEnd = "</t></is></c>";

  BlockBuffer& open(std::string_view rest) {
    xml_.append(before_);
    if (style_ != kPlain) {
      xml_.append(" s=\"");
      append_integer(xml_, style_);
      xml_.put('"');
    }
    xml_.append(rest);
    return xml_;
  }
  void number(std::string_view digits, bool surely_exact) {
    if (surely_exact || has_15_digits(digits)) {
      open("><v>").append(digits);
      return xml_.append("</v></c>");
    }
    count(lost_, Loss::kDigits);
    style_ = kPlain;
    open(kText).append(digits);
    xml_.append(kTextEnd);
  }

  BlockBuffer& xml_;
  std::string_view before_;
  unsigned style_;
  LossCounts& lost_;
};

/// As fine as the rows of the column need.
unsigned style_of_times(const bourse_field& field, const bourse_array& array, std::size_t rows) {
  const unsigned style = style_of(field);
  if (style == kDate) return style;
  const auto* const times = static_cast<const std::int64_t*>(array.data);
  for (std::size_t row = 0; row < rows; ++row) {
    if (times[row] % kSecond != 0 && is_valid(array.valid, row)) return kMilliseconds;
  }
  return kSeconds;
}

struct Column {
  const bourse_field* field;
  const bourse_array* array;
  unsigned style;
  std::string before;  ///< <c r="B
};

std::vector<Column> columns_of(TableView table) {
  std::vector<Column> columns;
  for (std::size_t i = 0; i < table.columns(); ++i) {
    const bourse_field& field = table.field(i);
    const unsigned style = field.type == BOURSE_TYPE_TIME
                               ? style_of_times(field, table.array(i), table.rows())
                               : style_of(field);
    columns.push_back({&field, &table.array(i), style, "<c r=\"" + column_letters(i)});
  }
  return columns;
}

/// In characters: the head with room for its button, or what values of the type take.
std::size_t width_of(const Column& column) {
  const std::size_t values = column.style == kMilliseconds            ? 24
                             : column.field->type == BOURSE_TYPE_TIME ? 20
                             : column.field->type == BOURSE_TYPE_BOOL ? 8
                                                                      : 14;
  return std::clamp<std::size_t>(head_of(*column.field).size() + 4, values, 40);
}

void append_columns(BlockBuffer& xml, const std::vector<Column>& columns) {
  if (columns.empty()) return;
  xml.append("<cols>");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    xml.append("<col min=\"" + number + "\" max=\"" + number + "\" width=\"" +
               std::to_string(width_of(columns[i])) + "\" customWidth=\"1\"/>");
  }
  xml.append("</cols>");
}

void append_head(BlockBuffer& xml, const std::vector<Column>& columns) {
  LossCounts none{};
  xml.append("<row r=\"1\">");
  for (const Column& column : columns) {
    append_cell(xml, column.before + "1\"", kHead, value(head_of(*column.field)), none);
  }
  xml.append("</row>");
}

void append_row(BlockBuffer& xml, const std::vector<Column>& columns, std::size_t row,
                std::string_view number, std::vector<LossCounts>& lost) {
  xml.append("<row r=\"");
  xml.append(number);
  xml.append("\">");
  std::array<char, 32> before;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const Column& column = columns[i];
    char* end = std::copy(column.before.begin(), column.before.end(), before.data());
    end = std::copy(number.begin(), number.end(), end);
    *end++ = '"';
    append_cell(xml, {before.data(), static_cast<std::size_t>(end - before.data())}, column.style,
                TableView::cell_of(*column.field, *column.array, row), lost[i]);
  }
  xml.append("</row>");
}

}  // namespace

std::string styles_xml() {
  std::string formats, styles;
  const auto format = [&](unsigned id, const std::string& code) {
    formats += "<numFmt numFmtId=\"" + std::to_string(id) + "\" formatCode=\"" + code + "\"/>";
  };
  const auto style = [&](unsigned id, std::string_view font, std::string_view rest = "/>") {
    styles += "<xf numFmtId=\"" + std::to_string(id) + "\" fontId=\"" + std::string(font) +
              "\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"";
    styles += rest;
  };
  constexpr unsigned kFirst = 164;  // below are Excel's own
  format(kFirst, "yyyy\\-mm\\-dd\\ hh:mm:ss");
  format(kFirst + 1, "yyyy\\-mm\\-dd\\ hh:mm:ss.000");
  format(kFirst + 2, "yyyy\\-mm\\-dd");
  style(0, "0");
  style(0, "1");
  for (unsigned i = 0; i < 3; ++i) style(kFirst + i, "0");
  style(0, "0", " quotePrefix=\"1\"/>");
  style(0, "2");
  for (unsigned scale = 0; scale <= kScaleMax; ++scale) {
    format(kFirst + 3 + scale, scale == 0 ? "0" : "0." + std::string(scale, '0'));
    style(kFirst + 3 + scale, "0");
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
         "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">"
         "<numFmts count=\"" +
         std::to_string(3 + kScaleMax + 1) + "\">" + formats +
         "</numFmts><fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
         "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>"
         "<font><b/><sz val=\"14\"/><name val=\"Calibri\"/></font></fonts>"
         "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>"
         "<fill><patternFill patternType=\"gray125\"/></fill></fills>"
         "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
         "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
         "</cellStyleXfs><cellXfs count=\"" +
         std::to_string(kScale0 + kScaleMax + 1) + "\">" + styles +
         "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/>"
         "</cellStyles></styleSheet>";
}

unsigned style_of(const bourse_field& field) noexcept {
  switch (field.type) {
    case BOURSE_TYPE_I64:
      return kScale0;
    case BOURSE_TYPE_DECIMAL:
      return kScale0 + static_cast<unsigned>(
                           std::clamp<std::int32_t>(field.scale, 0, std::int32_t{kScaleMax}));
    case BOURSE_TYPE_TIME:
      return view(field.format) == "date" ? kDate : kSeconds;
    default:
      return kPlain;
  }
}

std::string head_of(const bourse_field& field) {
  std::string head(view(field.label).empty() ? view(field.name) : view(field.label));
  std::string_view unit = view(field.unit);
  if (unit.empty() && view(field.format) == "percent") unit = "%";
  if (!unit.empty()) head.append(" (").append(unit).append(")");
  return head;
}

void append_cell(BlockBuffer& xml, std::string_view before, unsigned style, const bourse_value& v,
                 LossCounts& lost) {
  Cell cell(xml, before, style, lost);
  switch (v.type) {
    case BOURSE_TYPE_BOOL:
      return cell.boolean(v.as.i64 != 0);
    case BOURSE_TYPE_I64:
      return cell.integer(v.as.i64);
    case BOURSE_TYPE_F64:
      return cell.real(v.as.f64);
    case BOURSE_TYPE_DECIMAL:
      return cell.decimal(v.as.dec, v.scale);
    case BOURSE_TYPE_TIME:
      return cell.time(Time{v.as.i64});
    case BOURSE_TYPE_TEXT:
      return cell.text(view(v.as.text));
    default:
      return;
  }
}

std::string filtered_range(TableView table, std::size_t rows, bool absolute) {
  const std::string mark = absolute ? "$" : "";
  return mark + "A" + mark + "1:" + mark + column_letters(table.columns() - 1) + mark +
         std::to_string(rows + 1);
}

void append_sheet(BlockBuffer& xml, TableView table, std::size_t first, std::size_t rows,
                  std::vector<LossCounts>& lost) {
  const std::vector<Column> columns = columns_of(table);
  xml.append(kSheetStart);
  if (columns.empty()) return xml.append("<sheetData/></worksheet>");
  xml.append(
      "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
      "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>");
  append_columns(xml, columns);
  xml.append("<sheetData>");
  append_head(xml, columns);
  std::array<char, kIntegerTextMax> number;
  for (std::size_t row = 0; row < rows; ++row) {
    char* const end = write_integer(number.data(), static_cast<std::int64_t>(row + 2));
    append_row(xml, columns, first + row,
               {number.data(), static_cast<std::size_t>(end - number.data())}, lost);
  }
  xml.append("</sheetData><autoFilter ref=\"" + filtered_range(table, rows, false) +
             "\"/></worksheet>");
}

}  // namespace bourse::xlsx
