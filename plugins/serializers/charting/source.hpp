// SPDX-License-Identifier: MIT
//
// One chart of a report with the columns it names: found, sorted, split into groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/report.hpp"
#include "plugins/serializers/charting/model.hpp"

namespace bourse::charting {

/// A column in a role.
struct Channel {
  std::size_t column;
  std::string label;  ///< the channel's, else the field's, else its name
};

/// A chart whose table and x have been found. Borrows the report.
class Source {
 public:
  static std::optional<Source> find(const bourse_report& report, const bourse_chart& chart);

  [[nodiscard]] std::vector<Channel> all(bourse_role role) const;
  [[nodiscard]] std::optional<Channel> first(bourse_role role) const;
  [[nodiscard]] std::size_t x() const noexcept { return x_; }
  [[nodiscard]] AxisKind axis() const noexcept;
  [[nodiscard]] std::string title() const;  ///< or the name
  [[nodiscard]] std::string pane() const;   ///< empty: a pane of its own
  [[nodiscard]] bool asks(std::uint32_t flag) const noexcept { return (chart_->flags & flag) != 0; }
  /// Which of the pane's y axes.
  [[nodiscard]] std::size_t side() const noexcept { return chart_->axis == 1 ? 1 : 0; }
  [[nodiscard]] bourse_chart_kind kind() const noexcept { return chart_->kind; }
  [[nodiscard]] const bourse_chart& wire() const noexcept { return *chart_; }
  [[nodiscard]] const TableView& table() const noexcept { return table_; }

 private:
  Source(const bourse_chart& chart, TableView table) : chart_(&chart), table_(table) {}

  const bourse_chart* chart_;
  TableView table_;
  std::size_t x_ = 0;
};

/// Names in the order in which they appear, each with its place. Bounded.
class Names {
 public:
  explicit Names(std::size_t most, std::vector<std::string> known = {});
  /// nullopt once there are too many.
  std::optional<std::size_t> place(const std::string& name);
  [[nodiscard]] std::vector<std::string> take() && { return std::move(list_); }
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }

 private:
  std::size_t most_;
  std::vector<std::string> list_;
  std::map<std::string, std::size_t> places_;
};

/// Some rows of a table, sorted by x; those without an x are left out.
struct Rows {
  std::string label;  ///< the group's; empty: there are no groups
  std::vector<std::size_t> row;
  std::vector<double> x;

  [[nodiscard]] std::vector<double> pick(const std::vector<double>& column) const;
};

/// One entry for each value of the chart's group channel, in order of appearance, and none past
/// `most`; all rows as one without such a channel. `x`: of every row of the table.
std::vector<Rows> split_rows(const Source& source, const std::vector<double>& x, std::size_t most);

}  // namespace bourse::charting
