// SPDX-License-Identifier: MIT
//
// A plugin under examination, as one run of a rule sees it: its file, the plugin loaded with
// whatever host the rule likes to be, and instances of its components.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.hpp"
#include "host/calls/call.hpp"
#include "host/plugins/descriptors.hpp"
#include "host/plugins/instance.hpp"
#include "host/routing/arguments.hpp"
#include "host/validate/findings.hpp"
#include "host/validate/host_table.hpp"
#include "host/validate/random.hpp"

namespace bourse::host::validate {

/// What is asked of one run.
struct Request {
  std::filesystem::path file = {};
  std::string component = {};  ///< "analysis/zscore", of a rule of components; see kind_and_id()
  /// "path" for each component that has it, or "history.path" for one.
  NamedTexts settings = {};
  /// Folders of formats that are to show its reports, and of the source `use`.
  std::vector<std::filesystem::path> plugins = {};
  std::string use = {};  ///< what it asks, instead of a source of generated data
  std::uint64_t seed = 1;
  bool is_long = false;   ///< takes the time that the work takes; else it is kept short
  std::string base = {};  ///< a name of host/validate/bases.hpp, or empty
  bool in_place = false;  ///< loaded from its own path, where debuggers see it
  std::chrono::nanoseconds limit = std::chrono::seconds(45);
};

/// "analysis/zscore".
[[nodiscard]] std::string kind_and_id(const Component& component);

/// One thread, but for what the instances themselves allow.
class Subject {
 public:
  /// `findings`: told of each step as an item; lives longer.
  Subject(Request request, const Findings& findings);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  /// Unloads. REQUIRES: no instance is left.
  ~Subject();

  [[nodiscard]] const Request& request() const noexcept { return request_; }
  [[nodiscard]] const Findings& findings() const noexcept { return findings_; }
  [[nodiscard]] const std::filesystem::path& file() const noexcept { return request_.file; }
  /// All of the file. Empty, with a finding, when it cannot be read.
  const std::string& bytes();
  /// The same numbers for each run of one rule, component and seed.
  [[nodiscard]] Random& random() noexcept { return random_; }
  /// Whoever repeats something ends by then, at the latest: half of the limit. Where it comes
  /// first the finding is a note of how often it was done.
  [[nodiscard]] std::chrono::steady_clock::time_point end_of_work() const noexcept {
    return end_of_work_;
  }

  // -- loaded ------------------------------------------------------------------------------------

  /// Loads the library, calls its entry and init, and checks what it declares, as the server does;
  /// a host of these functions and of that shape is what it meets. False: it could not, and that is
  /// a reason to skip the rule (that it loads is a rule of its own).
  bool load(const HostFunctions& host = plugin_host(), HostShape shape = {});
  /// The same in steps, for rules that look at what happens between.
  Result<void> prepare();  ///< checks the file and makes the copy that is loaded
  Result<void> open();     ///< dlopen: constructors run
  Result<void> enter(const HostFunctions& host = plugin_host(), HostShape shape = {});
  Result<void> start();  ///< init
  void end();            ///< deinit, if start() succeeded. REQUIRES: no instance is left
  void close();          ///< dlclose
  /// From now on nothing is ended or unloaded: code of it still runs.
  void keep_loaded() noexcept;
  /// Is it mapped though close() was called? No error: it may have reasons.
  [[nodiscard]] bool stays_mapped() const;

  /// Of the plugin; from enter() on.
  [[nodiscard]] const Declaration& declaration() const noexcept { return *declaration_; }
  /// What the plugin itself returned: nothing about it is checked.
  [[nodiscard]] const bourse_plugin* declared() const noexcept { return declared_; }
  [[nodiscard]] const std::vector<std::shared_ptr<const Component>>& components() const noexcept {
    return components_;
  }
  /// The one that this run is about. REQUIRES: loaded, a rule of components.
  [[nodiscard]] const std::shared_ptr<const Component>& component() const noexcept {
    return component_;
  }
  /// The table that the plugin was given. A rule may put other functions into it when no call is
  /// running.
  [[nodiscard]] bourse_host* host() const noexcept { return table_->get(); }

  // -- instances ---------------------------------------------------------------------------------

  /// Those of the given settings (--set) that this component has, by their own names.
  [[nodiscard]] NamedTexts texts_for(const Component& component) const;
  /// The settings as they were given, the defaults of all others. Nothing, and the rule is
  /// skipped, where a required one is missing.
  std::optional<Arguments> settings(const Component& component) const;
  /// Calls create. A failure says what the component said by fail.
  Result<std::shared_ptr<Instance>> create(const std::shared_ptr<const Component>& component,
                                           const Arguments& settings) const;
  /// An instance of component() with settings(); null, and the rule is skipped, where there are
  /// none or it refuses them.
  std::shared_ptr<Instance> create() const;

 private:
  Result<void> read();
  Result<void> describe();

  struct Loaded;
  Request request_;
  const Findings& findings_;
  Random random_;
  std::chrono::steady_clock::time_point end_of_work_;
  std::string bytes_;
  std::unique_ptr<Loaded> loaded_;
  HostFunctions functions_ = {};
  std::unique_ptr<HostTable> table_;
  const bourse_plugin* declared_ = nullptr;
  std::optional<Declaration> declaration_;
  std::vector<std::shared_ptr<const Component>> components_;
  std::shared_ptr<const Component> component_;
  bool is_started_ = false;
};

}  // namespace bourse::host::validate
