// SPDX-License-Identifier: MIT
//
// A small host for testing one plugin: loads the built library, checks parameters as the real host
// does, and gathers what the component says. Queries are answered by a source plugin or by canned
// reports.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bourse/bourse.h"
#include "bourse/plugin.hpp"
#include "host/base/result.hpp"
#include "host/parameters/value.hpp"
#include "host/report/builder.hpp"

namespace bourse::test {

using Texts =
    std::vector<std::pair<std::string, std::string>>;  ///< name, value as in a query string
using ReportPtr = std::shared_ptr<const host::Report>;

/// The time of every call unless a test sets another: 2026-11-21T08:30:00.25Z. Never the machine's.
inline constexpr Time kNow{1'795'249'800'250'000'000};

/// What a component logged, through the host table of its plugin.
struct LogLine {
  std::int32_t level = 0;
  std::string message;
  std::map<std::string, std::string> fields;  ///< as the host's canonical texts
  bool in_call = false;                       ///< logged about a call
};

/// What one call said besides its report.
struct Said {
  std::optional<Time> fresh_until;  ///< the last that it said
  std::size_t queries = 0;          ///< how many it asked
  std::size_t released = 0;         ///< how many answers it gave back
  std::vector<LogLine> log;         ///< of make_report; a component's is Component::log
};

/// What a task said of how far it has come.
struct Step {
  std::uint64_t done = 0, total = 0;
  std::string text;
};

class Library;  // a plugin's file, loaded once for all of its components

/// One component of a built plugin, created with a configuration. Its calls may come from several
/// threads.
class Component {
 public:
  /// `file`: "technical.so" in the build tree's plugin folder, or an absolute path. Aborts the test
  /// when it does not load; throws std::runtime_error when the configuration is refused.
  Component(const std::string& file, const std::string& id, const Texts& config = {});
  ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  /// How a query of the component under test is answered: dataset, its arguments by name.
  using Ask = std::function<host::Result<ReportPtr>(
      std::string_view dataset, const std::map<std::string, host::Value>& args)>;

  /// The time of the calls that follow.
  void set_now(Time now) noexcept { now_ = now; }

  /// An analysis, with these parameters; queries go to `ask`.
  host::Result<ReportPtr> run(const Texts& params, const Ask& ask, Said* said = nullptr) const;
  /// A source; what it asks goes to `under`, and so does, of a layer, a dataset that it does not
  /// declare. Fails as the real host would for parameters that the dataset does not declare, and
  /// for a query that names a source.
  host::Result<ReportPtr> fetch(std::string_view dataset, const Texts& params,
                                const Ask& under = {}, Said* said = nullptr) const;
  host::Result<ReportPtr> fetch(std::string_view dataset,
                                const std::map<std::string, host::Value>& args,
                                const Ask& under = {}, Said* said = nullptr) const;
  /// A source that offers bourse/ext/watch.h: what it says to a watch, and its token.
  host::Result<std::uint64_t> watch(std::string_view dataset, const Texts& params, void* sink,
                                    void (*changed)(void* sink)) const;
  void unwatch(std::uint64_t token) const;
  /// A component that offers bourse/ext/tasks.h: the report of a task of it. What it asks goes to
  /// `under`; `progress`: each that it said.
  host::Result<ReportPtr> perform(std::string_view task, const Texts& params, const Ask& under = {},
                                  std::vector<Step>* progress = nullptr) const;
  /// A serializer: the bytes it wrote; headers go to `headers` when given.
  host::Result<std::string> render(const bourse_report& report, const Texts& params = {},
                                   Texts* headers = nullptr) const;
  /// Ask for run() and fetch() that forwards to a source component, which lies over `under`.
  static Ask from(const Component& source, Ask under = {});

  [[nodiscard]] const bourse_component& wire() const noexcept { return *component_; }
  /// What its plugin has logged since it was loaded.
  [[nodiscard]] std::vector<LogLine> log() const;

 private:
  std::shared_ptr<Library> library_;  // the last to go
  const bourse_component* component_ = nullptr;
  void* self_ = nullptr;
  Time now_ = kNow;
};

/// A report made by hand: build(call) as an analysis would, at kNow.
ReportPtr make_report(const std::function<void(const Call&)>& build, Said* said = nullptr);

/// Ask that answers as `ask` does, but whose tables lack these columns: a source that leaves out
/// what it may.
Component::Ask without_columns(Component::Ask ask, std::vector<std::string> columns);
/// Ask that answers as `ask` does, but not for one dataset: 422 dataset_not_offered, as the host
/// says for what a source does not declare.
Component::Ask without_dataset(Component::Ask ask, std::string missing);

/// Texts of a column, as printed: decimals in full, times as ns, null as "null", NaN as "nan".
std::vector<std::string> column_texts(const bourse_report& report, std::string_view table,
                                      std::string_view column);
/// A scalar's value as printed in the same way; nullopt when there is no such scalar.
std::optional<std::string> scalar_text(const bourse_report& report, std::string_view name);
std::optional<double> scalar_real(const bourse_report& report, std::string_view name);
std::vector<std::string> note_codes(const bourse_report& report);

}  // namespace bourse::test
