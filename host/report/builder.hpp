// SPDX-License-Identifier: MIT
//
// Builds a report out of what a plugin says, and survives whatever it says.
//
// Every method copies what it is given, or refuses it: BOURSE_INTERNAL (BOURSE_UNPROCESSABLE where
// the report would be too large, which is no mistake), and the call has failed for good with the
// first of them as its reason. Text that is not UTF-8 is repaired (U+FFFD), because
// it may come from an upstream rather than from the plugin. Calls may come from several threads.
//
// What a plugin of a newer contract says is no mistake: a kind, role, type or "bourse." key that
// this host does not know is left out with what cannot be without it, unknown flags are cleared, a
// level in between counts as the one below. One note says what was left out: "not_shown".
//
// What cannot be survived: a pointer that is not readable for the length it claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "bourse/bourse.h"
#include "host/base/result.hpp"
#include "host/report/keeper.hpp"
#include "host/report/left_out.hpp"
#include "host/report/report.hpp"

namespace bourse::host {

/// Beyond these a report is refused, and the refusal names the number: those of the contract, but
/// for tests.
struct ReportLimits {
  std::size_t bytes = BOURSE_MAX_REPORT_BYTES;  ///< of values, texts and descriptions together
  std::size_t tables = BOURSE_MAX_TABLES;
  std::size_t fields = BOURSE_MAX_FIELDS;  ///< of one table
  std::size_t scalars = BOURSE_MAX_SCALARS;
  std::size_t notes = BOURSE_MAX_NOTES;
  std::size_t charts = BOURSE_MAX_CHARTS;
  std::size_t meta = BOURSE_MAX_META;
};

class ReportBuilder {
 public:
  /// `component` ("plugin/component") and `title` are the report's until meta "bourse.title" says
  /// otherwise.
  ReportBuilder(std::string_view component, std::string_view title, ReportLimits limits = {});

  bourse_status meta(const bourse_meta* meta);
  bourse_status note(const bourse_note* note);
  bourse_status scalar(const bourse_scalar* scalar);
  /// With its first rows. `number` is what rows() calls it by; may be null.
  bourse_status table(const bourse_table* table, std::uint32_t* number);
  bourse_status rows(const bourse_rows* rows);
  bourse_status chart(const bourse_chart* chart);

  /// What was said last may be in the report by half (memory ran out): it is refused, and finish()
  /// fails with out_of_memory_failure() unless there was a mistake before.
  void give_up() noexcept;

  /// Ends the building: the report, or the first mistake. `as_of_default` is used when the plugin
  /// did not say, not even 0 for unknown. REQUIRES: not finished before.
  Result<std::shared_ptr<const Report>> finish(std::int64_t as_of_default);

 private:
  [[nodiscard]] bool is_over() const noexcept { return mistake_ || gave_up_; }
  bourse_status refuse(std::string_view code, std::string message);
  bourse_status refuse(std::string_view code, const std::string& where, Failure why);
  bourse_status full_or_ok(const std::string& where);

  bourse_status known_meta(std::string_view key, const bourse_value& value);
  void add_note(std::int32_t level, bourse_str code, bourse_str text);
  bool is_taken(const std::string& scalar, std::string& why) const;
  Result<std::unique_ptr<Table>> make_table(const bourse_table& table, std::string_view name);
  Result<void> add_field(Table& table, const bourse_field* declared);
  bool append(Table& table, std::size_t n_rows, const bourse_array* columns,
              std::optional<Failure>& why);
  void finish_tables();
  void count();

  std::mutex mutex_;
  ReportLimits limits_;
  std::shared_ptr<Report> report_;
  Keeper keeper_;
  LeftOut left_out_;
  std::unordered_set<std::string> scalar_names_;
  std::unordered_set<std::string> scalar_prefixes_;  ///< of their names, up to each dot
  std::optional<Failure> mistake_;
  bool gave_up_ = false;
  bool as_of_said_ = false;  ///< also if what was said is 0, unknown
};

}  // namespace bourse::host
