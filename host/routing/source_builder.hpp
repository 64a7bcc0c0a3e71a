// SPDX-License-Identifier: MIT
//
// The sources of a configuration, each made after the one under it, whatever their order in the
// file.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/calls/sources.hpp"
#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/plugins/load.hpp"
#include "host/routing/arguments.hpp"
#include "host/routing/made.hpp"

namespace bourse::host {

/// Makes sources when they are asked for, with all that is under them. What is wrong with one is an
/// error in `diagnostics`, once; that those above it cannot be made follows and is not told.
/// Borrows what it is given; one thread.
class SourceBuilder {
 public:
  /// REQUIRES: no circle among `over` (the reader of the configuration refuses them).
  /// `before`: where a source is taken over from that would be made in the same way, or null.
  SourceBuilder(const Config& config, const Loaded& loaded, Diagnostics& diagnostics,
                const Makings* before = nullptr);

  /// The source of that name; null when the configuration has none or it could not be made.
  std::shared_ptr<Source> get(std::string_view name);
  /// Instead of what the file says, for the source of that name: a command line's --set. Before
  /// get().
  void replace_settings(std::string name, NamedTexts settings);
  /// Those that were made, by name.
  [[nodiscard]] std::shared_ptr<const Sources> made() const;
  /// The same, and what they were made of.
  [[nodiscard]] std::map<std::string, SourceMaking, std::less<>> made_of() const;

 private:
  SourceMaking make(const SourceConfig& from);
  /// The one of `before` that is made of the same, or null.
  [[nodiscard]] std::shared_ptr<Source> kept_one(const std::string& name,
                                                 const Component& component,
                                                 const std::string& settings,
                                                 const Source* under) const;
  bool check_layer(const SourceConfig& from, const Component& component);
  /// The settings of the file that nothing replaces, then those that replace.
  std::optional<NamedTexts> settings_for(const SourceConfig& from, const Component& component);

  const Loaded& loaded_;
  Diagnostics& diagnostics_;
  std::map<std::string_view, const SourceConfig*> known_;
  std::map<std::string, NamedTexts, std::less<>> replaced_;
  const Makings* before_;
  std::map<std::string, SourceMaking, std::less<>> made_;  ///< null: it was tried
};

/// "market over exchange": a source, and what is under it.
[[nodiscard]] std::string tower_text(const Source& source);

}  // namespace bourse::host
