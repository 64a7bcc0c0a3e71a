// SPDX-License-Identifier: MIT
//
// Columns of a report's table as what charts need: doubles, times, texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bourse/report.hpp"

namespace bourse::charting {

/// Of the first rows. NaN where there is no value, or none that is finite; text counts as none.
/// Values beyond 1e299 are brought back to it, where lengths and margins can still be computed.
std::vector<double> read_numbers(TableView table, std::size_t column,
                                 std::size_t rows_max = SIZE_MAX);

/// The same of one value.
double to_number(const bourse_value& value);

/// How many decimals a decimal column's newest values really use ("96407.99000000": 2); -1 for
/// other types.
int decimals_used(TableView table, std::size_t column);

/// The first `rows` cells of a column: reals with equally many decimals.
std::vector<std::string> column_texts(TableView table, std::size_t column, std::size_t rows);

/// One cell for people: "96,407.99", "2024-12-31 23:00 UTC", "yes"; "–" for null. A cell and a
/// value of a field also as its format asks (format.hpp).
std::string cell_text(TableView table, std::size_t column, std::size_t row);
std::string value_text(const bourse_value& value);
std::string value_text(const bourse_value& value, const bourse_field& field);

/// The label; of "summary.average_price" without one: "average price".
std::string label_of(const bourse_field& field);
/// "Label, unit", or the name where there is no label.
std::string field_title(const bourse_field& field);
/// The same for an axis of the field's numbers.
std::string axis_title(const bourse_field& field);

}  // namespace bourse::charting
