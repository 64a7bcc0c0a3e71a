// SPDX-License-Identifier: MIT
//
// The XML of one sheet: cells one by one, row after row, and a whole table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/report.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/xlsx/losses.hpp"

namespace bourse::xlsx {

/// Index of a style in styles_xml(). From kScale0 on numbers with 0, 1, 2, ... decimals.
enum Style : unsigned {
  kPlain,
  kHead,
  kSeconds,
  kMilliseconds,
  kDate,
  kQuoted,  ///< Excel shows the text with an apostrophe while somebody edits it, and runs nothing
  kTitle,
  kScale0
};
inline constexpr unsigned kScaleMax = 30;  // the most decimals that Excel shows

std::string styles_xml();

/// How values of a field look where they are numbers.
[[nodiscard]] unsigned style_of(const bourse_field& field) noexcept;

/// One value as a cell. Missing and not finite: nothing, where the place of the next cell is known
/// from its own reference. `before` is `<c r="B7"`.
void append_cell(BlockBuffer& xml, std::string_view before, unsigned style, const bourse_value& v,
                 LossCounts& lost);

/// A table's rows `first` to `first + rows` below a head of labels and units that stays in sight
/// and has filters. Counts for each column what was lost.
void append_sheet(BlockBuffer& xml, TableView table, std::size_t first, std::size_t rows,
                  std::vector<LossCounts>& lost);

/// "A1:I100001", of the head and the rows.
[[nodiscard]] std::string filtered_range(TableView table, std::size_t rows, bool absolute);

/// The label or else the name, with its unit: "Price (USDT)".
[[nodiscard]] std::string head_of(const bourse_field& field);

inline constexpr std::string_view kSheetStart =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">";

}  // namespace bourse::xlsx
