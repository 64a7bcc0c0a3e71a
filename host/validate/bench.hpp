// SPDX-License-Identifier: MIT
//
// A component that is examined, on a bench: an instance of it, data for what it asks, and calls
// into it that can be made again and again, each time with something else going wrong. Every call
// goes the server's own way, from its checked arguments to the judgement of what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/calls/job.hpp"
#include "host/calls/sources.hpp"
#include "host/plugins/load.hpp"
#include "host/validate/findings.hpp"
#include "host/validate/generated.hpp"
#include "host/validate/stage.hpp"
#include "host/validate/subject.hpp"

namespace bourse::host::validate {

/// One call that can be made.
struct Act {
  std::string item;                  ///< what is told of it: "name="EUR""
  const Dataset* dataset = nullptr;  ///< of a source
  Arguments arguments = {};
  ReportPtr report = {};  ///< of a serializer: what it renders
};

/// What came of a call.
struct Played {
  std::optional<Failure> failure = {};  ///< nothing: it succeeded
  ReportPtr report = {};                ///< of an analysis or a source that did
  std::string bytes = {};               ///< of a serializer that did, if they were asked for
  std::vector<std::pair<std::string, std::string>> headers = {};
  Observed observed = {};

  [[nodiscard]] bool ok() const noexcept { return !failure; }
  /// All of what it made, to be compared.
  [[nodiscard]] std::string product() const;
  /// "503 upstream_unavailable: ..." or "a report".
  [[nodiscard]] std::string told() const;
};

/// A value for each parameter: those of `given`, defaults, and where one is required an example,
/// which its bounds, its choices or its description ("such as EUR") lead to. `item`: of what is not
/// a default.
[[nodiscard]] NamedTexts example_texts(std::span<const Parameter> parameters,
                                       const NamedTexts& given = {});

class Bench {
 public:
  /// Loads the plugin and makes an instance. Null, and the rule is skipped, where that fails.
  static std::unique_ptr<Bench> make(Subject& subject);

  [[nodiscard]] const Component& component() const noexcept { return *component_; }
  [[nodiscard]] bool is_pure() const noexcept;
  [[nodiscard]] bool is_serial() const noexcept;
  /// Does it wait for somebody else's machine? Then it is asked as little as possible.
  [[nodiscard]] bool is_blocking() const noexcept;

  /// Calls with the arguments that nobody gives: one of an analysis, one of each dataset of a
  /// source, one of a serializer with an ordinary report.
  [[nodiscard]] const std::vector<Act>& acts() const noexcept { return acts_; }
  /// Those of them that succeed when nothing goes wrong; the rule is skipped when there are none.
  /// Each is made once for that.
  [[nodiscard]] const std::vector<Act>& good_acts();

  /// Parameters of an act, and the same act with these texts instead; a failure: the server would
  /// not let them pass.
  [[nodiscard]] std::span<const Parameter> parameters(const Act& act) const;
  [[nodiscard]] Result<Act> with(const Act& act, const NamedTexts& texts,
                                 const std::string& item) const;
  [[nodiscard]] NamedTexts texts(const Act& act) const;

  /// Makes the call. [several threads at once, where the component allows it]
  Played play(const Act& act, const Script& script = {}, Outlet* outlet = nullptr) const;

  /// The calls that follow are made into another instance. False, with a finding: there is none.
  bool renew();
  /// Makes and ends another instance, as the one that plays was made.
  Played create_another(const Script& script) const;

  /// Does it ask for data?
  [[nodiscard]] bool asks() const noexcept { return below_ != nullptr; }
  /// Where its data comes from, if it asks and nobody gave a source; else null.
  [[nodiscard]] GeneratedSource* generated() const noexcept { return generated_.get(); }
  /// What the folders that were given hold.
  [[nodiscard]] const Catalog& others() const noexcept { return *others_.catalog; }
  [[nodiscard]] Subject& subject() const noexcept { return subject_; }
  [[nodiscard]] std::int64_t now() const noexcept { return now_; }

 private:
  Bench(Subject& subject, std::shared_ptr<const Component> component, Arguments settings);
  Result<void> find_data();
  Result<std::shared_ptr<Instance>> create(Stage& stage) const;
  void find_acts();
  [[nodiscard]] NamedTexts offered_examples() const;
  Played run(const Act& act, const Script& script) const;
  Played fetch(const Act& act, const Script& script) const;
  Played render(const Act& act, const Script& script, Outlet* outlet) const;

  Subject& subject_;
  std::shared_ptr<const Component> component_;  ///< as the plugin declares it
  std::shared_ptr<const Component> staged_;     ///< as it is called here
  Arguments settings_;
  std::int64_t now_;
  Loaded others_;
  std::unique_ptr<GeneratedSource> generated_;
  std::shared_ptr<Source> below_;  ///< what it asks; null: nothing
  std::shared_ptr<const Sources> sources_;
  std::shared_ptr<Instance> instance_;
  std::vector<Act> acts_;
  std::optional<std::vector<Act>> good_;
};

}  // namespace bourse::host::validate
