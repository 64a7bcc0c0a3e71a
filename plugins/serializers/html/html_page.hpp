// SPDX-License-Identifier: MIT
//
// A report as one page that needs nothing else: no scripts, no other files.
#pragma once

#include <cstddef>
#include <string_view>

#include "bourse/report.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/html/html_assets.hpp"

namespace bourse::html {

enum class Theme { kAuto, kLight, kDark };

struct Options {
  Theme theme = Theme::kAuto;    ///< kAuto: as the reader's system has it
  std::size_t rows_max = 1'000;  ///< of each table
};

/// Writes the page and flushes. The same report and options give the same bytes.
void write_page(ReportView report, const Assets& assets, Options options, BlockBuffer& out);

}  // namespace bourse::html
