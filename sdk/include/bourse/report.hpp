// SPDX-License-Identifier: MIT
//
// report.hpp - reports, read and written in C++. Four files that may be included one by one:
//   value.hpp   what crosses as a value, Time, Error
//   view.hpp    reading: ReportView, TableView, DecimalColumn
//   table.hpp   writing: Field and FieldOf (field.hpp), TableBuilder for whole columns, Rows for
//               rows as they come
//   chart.hpp   what to show
#pragma once

#include "bourse/chart.hpp"
#include "bourse/field.hpp"
#include "bourse/table.hpp"
#include "bourse/value.hpp"
#include "bourse/view.hpp"
