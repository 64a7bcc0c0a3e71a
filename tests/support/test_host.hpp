// SPDX-License-Identifier: MIT
//
// A small host for testing one plugin: loads the built library, checks parameters as the real host
// does, and gathers what the component says. Queries are answered by a source plugin or by canned
// reports.
#pragma once

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

/// One component of a built plugin, created with a configuration.
class Component {
 public:
  /// `file`: "technical.so" in the build tree's plugin folder, or an absolute path. Aborts the test
  /// when it does not load.
  Component(const std::string& file, const std::string& id, const Texts& config = {});
  ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  /// How a query of the analysis under test is answered: dataset, its arguments by name.
  using Ask = std::function<host::Result<ReportPtr>(
      std::string_view dataset, const std::map<std::string, host::Value>& args)>;

  /// An analysis, with these parameters; queries go to `ask`.
  host::Result<ReportPtr> run(const Texts& params, const Ask& ask) const;
  /// A source. Fails as the real host would for parameters that the dataset does not declare.
  host::Result<ReportPtr> fetch(std::string_view dataset, const Texts& params) const;
  host::Result<ReportPtr> fetch(std::string_view dataset,
                                const std::map<std::string, host::Value>& args) const;
  /// A serializer: the bytes it wrote; headers go to `headers` when given.
  host::Result<std::string> render(const bourse_report& report, const Texts& params = {},
                                   Texts* headers = nullptr) const;
  /// Ask for run() that forwards to a source component.
  static Ask from(const Component& source);

  [[nodiscard]] const bourse_component& wire() const noexcept { return *component_; }

 private:
  void* library_ = nullptr;
  const bourse_component* component_ = nullptr;
  void* self_ = nullptr;
  std::string plugin_;
};

/// A report made by hand: build(call) as an analysis would.
ReportPtr make_report(const std::function<void(const Call&)>& build);

/// Texts of a column, as printed: decimals in full, times as ns, null as "null", NaN as "nan".
std::vector<std::string> column_texts(const bourse_report& report, std::string_view table,
                                      std::string_view column);
/// A scalar's value as printed in the same way; nullopt when there is no such scalar.
std::optional<std::string> scalar_text(const bourse_report& report, std::string_view name);
std::optional<double> scalar_real(const bourse_report& report, std::string_view name);
std::vector<std::string> note_codes(const bourse_report& report);

}  // namespace bourse::test
