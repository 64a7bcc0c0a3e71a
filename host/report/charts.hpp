// SPDX-License-Identifier: MIT
//
// Charts: what to show of a table. One that is kept can be drawn: serializers do not check again.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/report/columns.hpp"
#include "host/report/keeper.hpp"

namespace bourse::host {

using Tables = std::vector<std::unique_ptr<Table>>;

/// Checks one chart and copies it, in the order of its parts: kind, table, channels, what is drawn
/// besides. Lives for one call.
class ChartCopy {
 public:
  ChartCopy(const Tables& tables, Keeper& keeper, LeftOut& left_out) noexcept
      : tables_(tables), keeper_(keeper), left_out_(left_out) {}

  /// The copy of a chart that take() gave and whose name is legal; null when it was left out,
  /// because it is nothing without a part that this host does not know. Fails with a sentence and,
  /// but for a full report, without a code.
  [[nodiscard]] Result<const bourse_chart*> copy(const bourse_chart& chart, std::string_view name);

 private:
  [[nodiscard]] bool leave_out(const std::string& why);
  [[nodiscard]] Result<bool> is_drawable(const bourse_chart& chart);
  [[nodiscard]] Result<bool> find_table(const bourse_chart& chart);
  [[nodiscard]] Result<bool> copy_channels(const bourse_chart& chart);
  [[nodiscard]] Result<void> copy_channel(const bourse_channel& channel, bourse_chart_kind kind);
  [[nodiscard]] Result<bool> is_complete(bourse_chart_kind kind);
  [[nodiscard]] Result<void> copy_levels(const bourse_chart& chart);
  [[nodiscard]] Result<void> copy_guides(const bourse_chart& chart);
  [[nodiscard]] Result<void> copy_range(const bourse_chart& chart);
  [[nodiscard]] const char* const* copy_labels(const char* const* labels, std::size_t n,
                                               const char* what);
  [[nodiscard]] const char* line(const char* text, std::size_t bytes_max, const char* what);
  [[nodiscard]] const bourse_field* field_of(bourse_role role) const;

  const Tables& tables_;
  Keeper& keeper_;
  LeftOut& left_out_;
  std::string name_;
  const Table* table_ = nullptr;
  bourse_chart* copy_ = nullptr;
  std::vector<bourse_channel*> channels_;
  std::vector<const bourse_field*> channel_fields_;  ///< as channels_
  std::vector<std::string> lost_;                    ///< "role 14", "column depth"
};

}  // namespace bourse::host
