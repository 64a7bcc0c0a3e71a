// SPDX-License-Identifier: MIT
//
// Components by the names that a configuration gives them, and what to say where there is none.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.hpp"
#include "host/config/diagnostic.hpp"
#include "host/parameters/parameter.hpp"
#include "host/plugins/load.hpp"

namespace bourse::host {

/// The component that `wanted` names, by its id or as "plugin/id"; null when there is none, which
/// is then an error at its place, unless one that was told already is its cause: no component of
/// that kind is loaded, or a plugin was refused and that is an error. `kind`: "source", for the
/// message.
std::shared_ptr<const Component> find_component(const LocatedText& wanted,
                                                Catalog::Components among, std::string_view kind,
                                                const Loaded& loaded, Diagnostics& diagnostics);

/// The error for a secret that is no part of the environment. `mark`: where it stands.
void report_secret(const Mark& mark, Diagnostics& diagnostics);

/// "; refused was: ...", for the hint on what is missing; empty when no plugin was refused.
[[nodiscard]] std::string refused_text(const Loaded& loaded);

/// "analysis", "source" or "serializer".
[[nodiscard]] std::string_view kind_name(bourse_kind kind) noexcept;
/// A source that lies over another one.
[[nodiscard]] bool is_layer(const Component& component) noexcept;

[[nodiscard]] std::vector<std::string> ids_of(Catalog::Components components);
/// "a, b, c".
[[nodiscard]] std::string joined(std::span<const std::string> names);
/// What to do about a name that is not known: "did you mean", or `there_are` and the known ones.
[[nodiscard]] std::string hint_for(std::string_view given, const std::vector<std::string>& known,
                                   const std::string& there_are);

/// Adds the names that are not in `names` yet.
void add_names(std::vector<std::string>& names, std::span<const Parameter> list);
/// The parameter of that name, or null.
[[nodiscard]] const Parameter* find_parameter(std::span<const Parameter> list,
                                              std::string_view name);

}  // namespace bourse::host
