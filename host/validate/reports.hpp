// SPDX-License-Identifier: MIT
//
// Reports for serializers: everything that a report may hold, nothing, and very much. Made by the
// server's own builder, so each of them is one that an analysis could have made.
#pragma once

#include <cstddef>

#include "host/calls/call.hpp"

namespace bourse::host::validate {

/// Meta, notes and scalars of each type and level, values at the ends of each type and nulls;
/// tables of all types, of no rows, of 100 columns, and with a text of 1 MiB; charts of each kind,
/// with panes, axes, levels, guides and ranges; texts with markup, controls, and marks that turn
/// the direction of reading. `with_long_text` false: no text of 1 MiB.
[[nodiscard]] ReportPtr everything(bool with_long_text = true);
/// One that says nothing but its title.
[[nodiscard]] ReportPtr nothing();
/// A few scalars, a table and a chart of ordinary data.
[[nodiscard]] ReportPtr ordinary();
/// One table: a time, a decimal, a real, an integer and a text.
[[nodiscard]] ReportPtr many_rows(std::size_t rows);

}  // namespace bourse::host::validate
