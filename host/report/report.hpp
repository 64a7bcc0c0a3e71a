// SPDX-License-Identifier: MIT
//
// A finished report: immutable, owns all its bytes, shared by whoever reads it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "bourse/bourse.h"

namespace bourse::host {

/// What bourse_report points to lives here. Made by ReportBuilder only; then only read, from any
/// thread.
class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  [[nodiscard]] const bourse_report& wire() const noexcept { return wire_; }

 private:
  friend class ReportBuilder;

  /// One growing column: values packed as bourse_array says, and a bitmap once a null was seen.
  struct Column {
    std::vector<std::byte> data;
    std::vector<std::uint8_t> valid;  ///< empty: every row has a value
  };
  struct Table {
    bourse_table wire{};
    std::vector<const bourse_field*> fields;
    std::vector<Column> columns;
    std::vector<bourse_array> arrays;
    std::uint64_t rows = 0;
  };

  std::pmr::monotonic_buffer_resource arena_;  ///< texts, fields, charts
  std::deque<Table> tables_;
  std::deque<bourse_meta> meta_;
  std::deque<bourse_note> notes_;
  std::deque<bourse_scalar> scalars_;
  std::vector<const bourse_meta*> meta_pointers_;
  std::vector<const bourse_note*> note_pointers_;
  std::vector<const bourse_scalar*> scalar_pointers_;
  std::vector<const bourse_table*> table_pointers_;
  std::vector<const bourse_chart*> chart_pointers_;
  bourse_report wire_{};
};

}  // namespace bourse::host
