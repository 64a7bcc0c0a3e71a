// SPDX-License-Identifier: MIT
//
// Builds a report out of what a plugin says, and survives whatever it says.
//
// Every method copies what it is given, or refuses it: BOURSE_INTERNAL, and the call has failed for
// good with the first mistake as its reason. Text that is not UTF-8 is repaired (U+FFFD), because
// it may come from an upstream rather than from the plugin. Calls may come from several threads.
//
// What cannot be survived: a pointer that is not readable for the length it claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/report/report.hpp"

namespace bourse::host {

/// Beyond these a report is refused; generous for people, finite for a runaway plugin.
struct ReportLimits {
  std::size_t bytes = std::size_t{512} << 20;  ///< of all values and texts together
  std::size_t tables = 64;
  std::size_t fields = 1024;  ///< of one table
  std::size_t scalars = 4096;
  std::size_t notes = 1000;
  std::size_t charts = 64;
  std::size_t meta = 256;
  std::size_t name_bytes = 128;
};

class ReportBuilder {
 public:
  /// `component` ("plugin/component") and `title` are the report's until meta("title") says
  /// otherwise.
  ReportBuilder(std::string_view component, std::string_view title, ReportLimits limits = {});

  bourse_status meta(bourse_str key, const bourse_value& value);
  bourse_status note(std::int32_t level, bourse_str code, bourse_str text);
  bourse_status scalar(const bourse_field* field, const bourse_value& value);
  bourse_status table(const char* name, const char* label, const bourse_field* const* fields,
                      std::size_t n_fields, std::uint32_t* table);
  bourse_status rows(std::uint32_t table, std::size_t n_rows, const bourse_array* columns);
  bourse_status chart(const bourse_chart* chart);

  /// What was said last may be in the report by half (memory ran out): it is refused, and finish()
  /// fails with BOURSE_UNAVAILABLE unless there was a mistake before.
  void give_up() noexcept;

  /// Ends the building: the report, or the first mistake. `as_of_default` is used when the plugin
  /// did not say. REQUIRES: not finished before.
  Result<std::shared_ptr<const Report>> finish(std::int64_t as_of_default);

 private:
  [[nodiscard]] bool is_over() const noexcept { return mistake_ || gave_up_; }
  bourse_status refuse(std::string_view code, std::string message);
  bool charge(std::size_t bytes);
  std::optional<bourse_str> copy_text(bourse_str text);
  const char* copy_name(std::string_view text);
  const bourse_field* copy_field(const bourse_field* field, bool dotted, std::string& why);
  std::optional<bourse_value> copy_value(const bourse_value& value, std::string& why);
  bool append(Report::Column& column, bourse_type type, std::uint64_t rows_before,
              std::size_t n_rows, const bourse_array& from, std::string& why);
  bool append_texts(Report::Column& column, std::size_t n_rows, const bourse_array& from,
                    std::string& why);
  bool append_decimals(Report::Column& column, std::size_t n_rows, const bourse_array& from,
                       std::string& why);
  const bourse_chart* copy_chart(const bourse_chart& chart, std::string& why);
  template <class T>
  T* make(std::size_t n = 1);

  std::mutex mutex_;
  ReportLimits limits_;
  std::size_t bytes_ = 0;
  std::unique_ptr<Report> report_;
  std::unordered_set<std::string> scalar_names_;  ///< names and all their dotted prefixes
  std::unordered_set<std::string> scalar_prefixes_;
  std::optional<Failure> mistake_;
  bool gave_up_ = false;
};

}  // namespace bourse::host
