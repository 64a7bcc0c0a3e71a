// SPDX-License-Identifier: MIT
//
// A finished report: immutable, owns all its bytes, shared by whoever reads it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "bourse/bourse.h"
#include "host/report/arena.hpp"
#include "host/report/columns.hpp"

namespace bourse::host {

/// What bourse_report points to lives here. Made by ReportBuilder only; then only read, from any
/// thread.
class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  [[nodiscard]] const bourse_report& wire() const noexcept { return wire_; }
  /// The memory that it takes: texts, columns and bookkeeping.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  friend class ReportBuilder;

  Arena arena_;  ///< texts, and the structs that the pointers below lead to
  std::vector<std::unique_ptr<Table>> tables_;
  std::vector<bourse_meta*> meta_;
  std::vector<const bourse_note*> notes_;
  std::vector<const bourse_scalar*> scalars_;
  std::vector<const bourse_table*> shown_tables_;
  std::vector<const bourse_chart*> charts_;
  bourse_report wire_{};
  std::size_t bytes_ = 0;
};

}  // namespace bourse::host
