// SPDX-License-Identifier: MIT
#include "host/routing/instances.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/call.hpp"
#include "host/routing/lookup.hpp"

namespace bourse::host {
namespace {

/// One setting; false when it was refused.
bool check_setting(const Component& component, const Setting& setting, Diagnostics& diagnostics) {
  const Parameter* const parameter = find_parameter(component.config, setting.name.value);
  if (parameter == nullptr) {
    std::vector<std::string> names;
    add_names(names, component.config);
    diagnostics.error(setting.name.mark, "unknown_setting",
                      component.id + " has no setting " + in_quotes(setting.name.value),
                      hint_for(setting.name.value, names, "it has: "));
    return false;
  }
  std::vector<std::string_view> texts;
  for (const LocatedText& item : setting.value.items) texts.emplace_back(item.value);
  const auto value = read_value(*parameter, texts);
  if (value) return true;
  // What came out of the environment may be a secret, and the failure quotes it.
  const bool hidden = setting.value.from_environment() || parameter->secret;
  diagnostics.error(
      setting.value.mark, value.failure().code,
      hidden ? parameter->name + ": must be " + describe(*parameter) : value.failure().message);
  return false;
}

std::shared_ptr<const Component> find_configured(std::string_view name, const Catalog& catalog) {
  for (const Catalog::Components list : {catalog.analyses(), catalog.serializers()}) {
    for (const auto& component : list) {
      if (component->full_name() == name) return component;
    }
  }
  return nullptr;
}

bool is_source(std::string_view name, const Catalog& catalog) {
  const auto sources = catalog.sources();
  return std::any_of(sources.begin(), sources.end(), [&](const auto& component) {
    return component->full_name() == name || component->id == name;
  });
}

/// What was meant by a name in `plugins: {config: ...}` that is none.
std::string hint_for_configured(std::string_view name, const Catalog& catalog) {
  std::vector<std::string> full_names;
  for (const Catalog::Components list : {catalog.analyses(), catalog.serializers()}) {
    for (const auto& component : list) {
      if (component->id == name) {
        return "write the full name: " + in_quotes(component->full_name());
      }
      full_names.push_back(component->full_name());
    }
  }
  if (full_names.empty()) return "no analysis and no format is loaded: check plugins.path";
  if (const auto near = suggest(name, full_names)) {
    return "did you mean " + in_quotes(*near) + "?";
  }
  return "`bourse plugins` lists them";
}

}  // namespace

Result<std::shared_ptr<Instance>> make_instance(std::shared_ptr<const Component> component,
                                                const NamedTexts& settings) {
  const std::span<const Parameter> declared = component->config;
  if (auto known = check_names(settings, std::span(&declared, 1), {}); !known) {
    return std::move(known).failure();
  }
  const Context context{.request_id = "", .route = "start"};
  auto arguments = read_arguments(declared, settings, context.now);
  if (!arguments) return std::move(arguments).failure();
  bourse_call call(context, *component);
  auto made = Instance::create(component, &call, *arguments);
  if (!made) return *call.outcome(std::move(made).failure());
  return made;
}

std::optional<NamedTexts> check_settings(const Component& component,
                                         std::span<const Setting> settings,
                                         Diagnostics& diagnostics) {
  bool good = true;
  NamedTexts texts;
  for (const Setting& setting : settings) {
    good = check_setting(component, setting, diagnostics) && good;
    for (const LocatedText& item : setting.value.items) {
      texts.emplace_back(setting.name.value, item.value);
    }
  }
  if (!good) return std::nullopt;
  return texts;
}

const ComponentConfig* config_for(const PluginsConfig& plugins, const Component& component) {
  const auto found =
      std::find_if(plugins.config.begin(), plugins.config.end(),
                   [&](const ComponentConfig& c) { return c.name.value == component.full_name(); });
  return found == plugins.config.end() ? nullptr : &*found;
}

void check_component_configs(const PluginsConfig& plugins, const Loaded& loaded,
                             Diagnostics& diagnostics) {
  const Catalog& catalog = *loaded.catalog;
  for (const ComponentConfig& configured : plugins.config) {
    const std::string& name = configured.name.value;
    if (const auto component = find_configured(name, catalog)) {
      (void)check_settings(*component, configured.config, diagnostics);
    } else if (is_source(name, catalog)) {
      diagnostics.error(configured.name.mark, "settings_of_a_source",
                        in_quotes(name) + " is a source, and each source has its own settings",
                        "write them into `config` of the source, under `sources`");
    } else {
      diagnostics.error(configured.name.mark, "unknown_component",
                        "there is no analysis and no format " + in_quotes(name),
                        hint_for_configured(name, catalog) + refused_text(loaded));
    }
  }
}

InstanceMaking Instances::make(const std::shared_ptr<const Component>& component,
                               const Mark& mark) {
  const ComponentConfig* const configured = config_for(plugins_, *component);
  NamedTexts texts;
  if (configured != nullptr) {
    auto settings = check_settings(*component, configured->config, diagnostics_);
    if (!settings) return {};
    texts = *std::move(settings);
  }
  std::string settings = settings_mark(texts);
  if (before_ != nullptr) {
    const auto found = before_->instances.find(component.get());
    if (found != before_->instances.end() && same_settings(found->second.settings, settings)) {
      return found->second;
    }
  }
  auto made = make_instance(component, texts);
  if (made) return {*std::move(made), std::move(settings)};
  const std::string name = component->full_name();
  diagnostics_.error(configured != nullptr ? configured->name.mark : mark, made.failure().code,
                     name + " could not be started: " + made.failure().message,
                     made.failure().code == "missing_parameter" && configured == nullptr
                         ? "give it settings: plugins: {config: {\"" + name + "\": {...}}}"
                         : "");
  return {};
}

std::shared_ptr<Instance> Instances::get(const std::shared_ptr<const Component>& component,
                                         const Mark& mark) {
  const auto [slot, is_new] = made_.emplace(component.get(), InstanceMaking{});
  if (is_new) slot->second = make(component, mark);
  return slot->second.instance;
}

std::map<const Component*, InstanceMaking> Instances::made() const {
  auto made = made_;
  std::erase_if(made, [](const auto& entry) { return entry.second.instance == nullptr; });
  return made;
}

}  // namespace bourse::host
