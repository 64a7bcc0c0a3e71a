// SPDX-License-Identifier: MIT
#include "host/routing/lookup.hpp"

#include <algorithm>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {

void report_secret(const Mark& mark, Diagnostics& diagnostics) {
  diagnostics.error(mark, kSecretInFile, "a secret stands in the file itself",
                    "put it into the environment, or into a file that NAME_FILE names, and write "
                    "\"${NAME}\" here");
}

std::string refused_text(const Loaded& loaded) {
  if (loaded.refusals.empty()) return {};
  std::string text = "; refused was: " + loaded.refusals.front().why.message;
  if (loaded.refusals.size() > 1) {
    text += " (and " + std::to_string(loaded.refusals.size() - 1) + " more)";
  }
  return text;
}

std::string_view kind_name(bourse_kind kind) noexcept {
  if (kind == BOURSE_KIND_ANALYSIS) return "analysis";
  return kind == BOURSE_KIND_SOURCE ? "source" : "serializer";
}

bool is_layer(const Component& component) noexcept {
  return (component.flags & BOURSE_COMPONENT_LAYER) != 0;
}

std::vector<std::string> ids_of(Catalog::Components components) {
  std::vector<std::string> ids;
  for (const auto& component : components) ids.push_back(component->id);
  return ids;
}

std::string joined(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

std::string hint_for(std::string_view given, const std::vector<std::string>& known,
                     const std::string& there_are) {
  if (known.empty()) return "it has none";
  if (const auto near = suggest(given, known)) return "did you mean " + in_quotes(*near) + "?";
  return there_are + joined(known);
}

void add_names(std::vector<std::string>& names, std::span<const Parameter> list) {
  for (const Parameter& p : list) {
    if (std::find(names.begin(), names.end(), p.name) == names.end()) names.push_back(p.name);
  }
}

const Parameter* find_parameter(std::span<const Parameter> list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Parameter& p) { return p.name == name; });
  return found == list.end() ? nullptr : &*found;
}

namespace {

bool has_error(const Diagnostics& diagnostics, std::string_view code) {
  const auto& all = diagnostics.all();
  return std::any_of(all.begin(), all.end(), [&](const Diagnostic& one) {
    return one.severity == Severity::kError && one.code == code;
  });
}

/// What is missing may be in what was refused, and that is an error by now: one cause, one error.
bool is_told(const Loaded& loaded, const Diagnostics& diagnostics) {
  return has_error(diagnostics, "nothing_loaded") ||
         std::any_of(loaded.refusals.begin(), loaded.refusals.end(), [&](const Refusal& refusal) {
           return has_error(diagnostics, refusal.why.code);
         });
}

void report_nothing(const Mark& mark, std::string_view kind, const Loaded& loaded,
                    Diagnostics& diagnostics) {
  const bool none = loaded.catalog->plugins().empty();
  const std::string code = none ? "nothing_loaded" : "no_" + std::string(kind) + "_loaded";
  if (has_error(diagnostics, code)) return;
  diagnostics.error(mark, code,
                    none ? "no plugin is loaded, so nothing can be served"
                         : "no " + std::string(kind) +
                               " is loaded, so none can be had here and "
                               "further down",
                    "name the folders of plugins in plugins.path; `bourse plugins` shows what is "
                    "in them" +
                        refused_text(loaded));
}

}  // namespace

std::shared_ptr<const Component> find_component(const LocatedText& wanted,
                                                Catalog::Components among, std::string_view kind,
                                                const Loaded& loaded, Diagnostics& diagnostics) {
  const auto found = std::find_if(among.begin(), among.end(), [&](const auto& component) {
    return component->id == wanted.value || component->full_name() == wanted.value;
  });
  if (found != among.end()) return *found;
  const std::vector<std::string> ids = ids_of(among);
  const auto near = suggest(wanted.value, ids);
  if (!near && is_told(loaded, diagnostics)) return nullptr;
  if (ids.empty()) {
    report_nothing(wanted.mark, kind, loaded, diagnostics);
    return nullptr;
  }
  const std::string hint =
      (near ? "did you mean " + in_quotes(*near) + "?" : "loaded are: " + joined(ids)) +
      refused_text(loaded);
  diagnostics.error(wanted.mark, "unknown_component",
                    "there is no " + std::string(kind) + " " + in_quotes(wanted.value), hint);
  return nullptr;
}

}  // namespace bourse::host
