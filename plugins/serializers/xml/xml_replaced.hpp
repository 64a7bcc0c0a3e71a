// SPDX-License-Identifier: MIT
//
// What a reader of the XML must know about texts that XML cannot hold as they are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bourse/bourse.h"
#include "bourse/report.hpp"

namespace bourse::xml {

/// The note "replaced_characters" on all texts of a report.
class Replaced {
 public:
  static constexpr std::string_view kCode = "replaced_characters";
  static constexpr std::int32_t kLevel = BOURSE_LEVEL_WARN;

  explicit Replaced(ReportView report);

  /// "3 characters that XML cannot hold are shown as U+FFFD: column words of table texts (3)";
  /// nothing when there are none.
  [[nodiscard]] std::optional<std::string> text() const;

 private:
  void add(ReportView report);
  void add(TableView table);
  void add(const bourse_chart& chart);
  void add(const bourse_field& field, const std::string& place);
  void add(std::string_view text, const std::string& place);
  void name(std::size_t found, const std::string& place);

  std::size_t total_ = 0;
  std::size_t n_places_ = 0;
  std::string places_;
};

}  // namespace bourse::xml
