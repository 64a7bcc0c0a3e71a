// SPDX-License-Identifier: MIT
//
// From settings to instances: of the configuration's `config` maps, checked the same way whether
// they are a source's, an analysis's or a format's.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "host/base/result.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/plugins/instance.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/arguments.hpp"
#include "host/routing/made.hpp"

namespace bourse::host {

/// An instance with these settings, checked again against what the component declares. [make]
Result<std::shared_ptr<Instance>> make_instance(std::shared_ptr<const Component> component,
                                                const NamedTexts& settings);

/// The settings of a `config` map as make_instance takes them; nothing when one is unknown or not
/// legal, or is secret and stands in the file itself, which is then an error at its place. No
/// message shows a value of the environment, nor one
/// that the component calls secret.
std::optional<NamedTexts> check_settings(const Component& component,
                                         std::span<const Setting> settings,
                                         Diagnostics& diagnostics);

/// The same for what is no component's own: `what` "parameter" of `whose` "task fill".
struct SettingsRule {
  std::string_view whose;
  std::span<const Parameter> declared;
  std::string_view what = "setting";
  const char* code = "unknown_setting";  ///< of a name that is not declared
};
std::optional<NamedTexts> check_settings(const SettingsRule& rule,
                                         std::span<const Setting> settings,
                                         Diagnostics& diagnostics);

/// Where to blame a configuration for an instance that could not be made: the setting that the
/// failure names, or the only one whose value it quotes, or else `otherwise`.
[[nodiscard]] Mark place_of_failure(const Failure& failure, std::span<const Setting> settings,
                                    const Mark& otherwise);
/// Its message, without what came out of the environment or is secret in `component`.
[[nodiscard]] std::string shown_failure(const Failure& failure, const Component& component,
                                        std::span<const Setting> settings);

/// What `plugins: {config: ...}` says of this component, or null.
[[nodiscard]] const ComponentConfig* config_for(const PluginsConfig& plugins,
                                                const Component& component);

/// Checks all of `plugins: {config: ...}`, whether a route needs it or not: a name that is no
/// loaded analysis or format is an error, and so is a setting that does not fit.
void check_component_configs(const PluginsConfig& plugins, const Loaded& loaded,
                             Diagnostics& diagnostics);

/// The analyses and formats of one generation: one instance of each, with the settings that the
/// configuration has for it, taken over from `before` (or null) where that has the same. Borrows
/// all; one thread.
class Instances {
 public:
  Instances(const PluginsConfig& plugins, Diagnostics& diagnostics, const Makings* before = nullptr)
      : plugins_(plugins), diagnostics_(diagnostics), before_(before) {}

  /// Null when it could not be made; the first time that is an error, where its settings stand, or
  /// at `mark` when it has none.
  std::shared_ptr<Instance> get(const std::shared_ptr<const Component>& component,
                                const Mark& mark);
  /// Those that were made or taken over.
  [[nodiscard]] std::map<const Component*, InstanceMaking> made() const;

 private:
  InstanceMaking make(const std::shared_ptr<const Component>& component, const Mark& mark);

  const PluginsConfig& plugins_;
  Diagnostics& diagnostics_;
  const Makings* before_;
  std::map<const Component*, InstanceMaking> made_;  ///< null: it was tried
};

}  // namespace bourse::host
