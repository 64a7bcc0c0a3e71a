// SPDX-License-Identifier: MIT
//
// A report as one page that needs nothing else: no scripts, no other files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bourse/report.hpp"
#include "bourse/text.hpp"
#include "plugins/serializers/html/html_assets.hpp"
#include "plugins/serializers/html/html_table.hpp"

namespace bourse::html {

enum class Theme { kAuto, kLight, kDark };

struct Options {
  Theme theme = Theme::kAuto;  ///< kAuto: as the reader's system has it
  TableOptions tables = {};
};

/// The same report and options give the same bytes.
class Page {
 public:
  Page(ReportView report, const Assets& assets, Options options);

  /// Its Content-Security-Policy.
  [[nodiscard]] std::string policy() const;
  /// Writes the page and flushes.
  void write(BlockBuffer& out) const;

 private:
  ReportView report_;
  const Assets& assets_;
  Options options_;
  std::vector<Table> tables_;
  std::string widths_;  ///< style of this page's tables
};

}  // namespace bourse::html
