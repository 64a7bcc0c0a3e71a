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

/// The item that is wrong, or the whole when that is.
Mark place_of_wrong(const Parameter& parameter, const Values& values) {
  if (!values.is_list || parameter.type != BOURSE_TYPE_LIST) return values.mark;
  Parameter one = parameter;
  one.min.reset();  // how many there are is no item's fault
  one.max.reset();
  for (const LocatedText& item : values.items) {
    const std::string_view text = item.value;
    if (!read_value(one, std::span(&text, 1))) return item.mark;
  }
  return values.mark;
}

/// A secret in the file is an error; nothing is no secret.
bool is_out_of_environment(const Values& values, Diagnostics& diagnostics) {
  bool good = true;
  for (const LocatedText& item : values.items) {
    if (item.from_environment || item.value.empty()) continue;
    report_secret(item.mark, diagnostics);
    good = false;
  }
  return good;
}

/// One setting; false when it was refused.
bool check_setting(const SettingsRule& rule, const Setting& setting, Diagnostics& diagnostics) {
  const Parameter* const parameter = find_parameter(rule.declared, setting.name.value);
  if (parameter == nullptr) {
    std::vector<std::string> names;
    add_names(names, rule.declared);
    diagnostics.error(setting.name.mark, rule.code,
                      std::string(rule.whose) + " has no " + std::string(rule.what) + " " +
                          in_quotes(setting.name.value),
                      hint_for(setting.name.value, names, "it has: "));
    return false;
  }
  std::vector<std::string_view> texts;
  for (const LocatedText& item : setting.value.items) texts.emplace_back(item.value);
  const auto value = read_value(*parameter, texts);
  if (value) return !parameter->secret || is_out_of_environment(setting.value, diagnostics);
  // What came out of the environment may be a secret, and the failure quotes it.
  const bool hidden = setting.value.from_environment() || parameter->secret;
  diagnostics.error(
      place_of_wrong(*parameter, setting.value), value.failure().code,
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

Mark place_of_failure(const Failure& failure, std::span<const Setting> settings,
                      const Mark& otherwise) {
  constexpr std::size_t kTellingBytes = 3;  // a shorter value stands in many a sentence by chance
  for (const Setting& setting : settings) {
    if (setting.name.value == failure.parameter) return setting.value.mark;
  }
  const Setting* blamed = nullptr;
  for (const Setting& setting : settings) {
    for (const LocatedText& item : setting.value.items) {
      if (item.value.size() < kTellingBytes ||
          failure.message.find(item.value) == std::string::npos)
        continue;
      if (blamed != nullptr && blamed != &setting) return otherwise;
      blamed = &setting;
    }
  }
  return blamed == nullptr ? otherwise : blamed->value.mark;
}

std::string shown_failure(const Failure& failure, const Component& component,
                          std::span<const Setting> settings) {
  std::string shown = failure.message;
  for (const Setting& setting : settings) {
    const Parameter* const parameter = find_parameter(component.config, setting.name.value);
    const bool secret = parameter != nullptr && parameter->secret;
    for (const LocatedText& item : setting.value.items) {
      if (item.value.empty() || !(secret || item.from_environment)) continue;
      for (std::size_t at = shown.find(item.value); at != shown.npos;
           at = shown.find(item.value, at + 3)) {
        shown.replace(at, item.value.size(), "***");
      }
    }
  }
  return shown;
}

std::optional<NamedTexts> check_settings(const Component& component,
                                         std::span<const Setting> settings,
                                         Diagnostics& diagnostics) {
  return check_settings(SettingsRule{.whose = component.id, .declared = component.config}, settings,
                        diagnostics);
}

std::optional<NamedTexts> check_settings(const SettingsRule& rule,
                                         std::span<const Setting> settings,
                                         Diagnostics& diagnostics) {
  bool good = true;
  NamedTexts texts;
  for (const Setting& setting : settings) {
    good = check_setting(rule, setting, diagnostics) && good;
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
  const Mark place = configured == nullptr ? mark
                                           : place_of_failure(made.failure(), configured->config,
                                                              configured->name.mark);
  diagnostics_.error(
      place, made.failure().code,
      name + " could not be started: " +
          shown_failure(made.failure(), *component,
                        configured == nullptr ? std::span<const Setting>() : configured->config),
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
