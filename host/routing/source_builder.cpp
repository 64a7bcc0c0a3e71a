// SPDX-License-Identifier: MIT
#include "host/routing/source_builder.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "host/base/utf8.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {

std::string tower_text(const Source& source) {
  std::string text = source.name();
  for (auto under = source.under(); under; under = under->under()) text += " over " + under->name();
  return text;
}

SourceBuilder::SourceBuilder(const Config& config, const Loaded& loaded, Diagnostics& diagnostics,
                             const Makings* before)
    : loaded_(loaded), diagnostics_(diagnostics), before_(before) {
  for (const SourceConfig& source : config.sources) known_.emplace(source.name.value, &source);
}

void SourceBuilder::replace_settings(std::string name, NamedTexts settings) {
  replaced_.insert_or_assign(std::move(name), std::move(settings));
}

std::shared_ptr<const Sources> SourceBuilder::made() const {
  auto made = std::make_shared<Sources>();
  for (const auto& [name, of] : made_) {
    if (of.source) made->emplace(name, of.source);
  }
  return made;
}

std::map<std::string, SourceMaking, std::less<>> SourceBuilder::made_of() const {
  auto made = made_;
  std::erase_if(made, [](const auto& entry) { return entry.second.source == nullptr; });
  return made;
}

std::shared_ptr<Source> SourceBuilder::get(std::string_view name) {
  if (const auto made = made_.find(name); made != made_.end()) {
    return made->second.source;
  }
  const auto known = known_.find(name);
  if (known == known_.end()) return nullptr;
  // First as one that cannot be made: no source is looked at twice, not even in a circle.
  made_.emplace(name, SourceMaking{});
  auto made = make(*known->second);
  auto source = made.source;
  made_.insert_or_assign(std::string(name), std::move(made));
  return source;
}

/// A layer needs something under it, and nothing else may have it.
bool SourceBuilder::check_layer(const SourceConfig& from, const Component& component) {
  if (is_layer(component) == from.over.has_value()) return true;
  if (!from.over) {
    std::vector<std::string> names;
    for (const auto& [name, source] : known_) {
      if (source != &from) names.emplace_back(name);
    }
    diagnostics_.error(from.use.mark, "layer_without_over",
                       component.id + " is a layer: it asks the source under it, and " +
                           in_quotes(from.name.value) + " has none",
                       names.empty() ? "configure another source and name it: `over: NAME`"
                                     : "add `over: NAME`; there are: " + joined(names));
    return false;
  }
  std::vector<std::string> layers;
  for (const auto& source : loaded_.catalog->sources()) {
    if (is_layer(*source)) layers.push_back(source->id);
  }
  diagnostics_.error(
      from.over->mark, "not_a_layer",
      component.id + " is no layer: it would never ask the source under it",
      "take `over` out" + (layers.empty() ? std::string() : ", or use a layer: " + joined(layers)));
  return false;
}

std::optional<NamedTexts> SourceBuilder::settings_for(const SourceConfig& from,
                                                      const Component& component) {
  const auto replaced = replaced_.find(from.name.value);
  if (replaced == replaced_.end()) return check_settings(component, from.config, diagnostics_);
  const NamedTexts& given = replaced->second;
  std::vector<Setting> kept;
  for (const Setting& setting : from.config) {
    const bool is_given = std::any_of(given.begin(), given.end(), [&](const auto& named) {
      return named.first == setting.name.value;
    });
    if (!is_given) kept.push_back(setting);
  }
  auto texts = check_settings(component, kept, diagnostics_);
  if (texts) texts->insert(texts->end(), given.begin(), given.end());
  return texts;
}

SourceMaking SourceBuilder::make(const SourceConfig& from) {
  const auto under = from.over ? get(from.over->value) : nullptr;
  if (from.use.value.empty()) return {};  // it could not be read, which has been reported
  const auto component =
      find_component(from.use, loaded_.catalog->sources(), "source", loaded_, diagnostics_);
  if (!component) return {};
  // Whether `over` is not there, or could not be read, is not known of a spoilt one.
  const bool fits = !from.spoilt && check_layer(from, *component);
  const auto settings = settings_for(from, *component);
  if (!fits || !settings || (from.over && !under)) return {};
  std::string mark = settings_mark(*settings);
  if (auto kept = kept_one(from.name.value, *component, mark, under.get())) {
    return {std::move(kept), std::move(mark)};
  }
  auto instance = make_instance(component, *settings);
  if (!instance) {
    const Failure& failure = instance.failure();
    diagnostics_.error(
        place_of_failure(failure, from.config,
                         failure.code == "missing_parameter" ? from.use.mark : from.name.mark),
        failure.code,
        "source " + in_quotes(from.name.value) +
            " could not be started: " + shown_failure(failure, *component, from.config));
    return {};
  }
  return {std::make_shared<Source>(from.name.value, *std::move(instance), under), std::move(mark)};
}

std::shared_ptr<Source> SourceBuilder::kept_one(const std::string& name, const Component& component,
                                                const std::string& settings,
                                                const Source* under) const {
  if (before_ == nullptr) return nullptr;
  const auto found = before_->sources.find(name);
  if (found == before_->sources.end()) return nullptr;
  const SourceMaking& old = found->second;
  const bool same = &old.source->component() == &component && old.source->under().get() == under &&
                    same_settings(old.settings, settings);
  return same ? old.source : nullptr;
}

}  // namespace bourse::host
