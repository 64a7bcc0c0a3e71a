// SPDX-License-Identifier: MIT
#include "host/cli/source.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/routing/instances.hpp"
#include "host/routing/lookup.hpp"
#include "host/routing/source_builder.hpp"

namespace bourse::host {
namespace {

std::string list_of(Catalog::Components components) {
  return components.empty() ? "none" : joined(ids_of(components));
}

Result<NamedTexts> read_settings(const std::vector<std::string>& settings) {
  NamedTexts texts;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      return usage("--set takes NAME=VALUE, not " + in_quotes(setting));
    }
    texts.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return texts;
}

/// What is wrong stands in the file, and has been printed with its place.
Failure printed(LoadedConfig& read, const std::string& what) {
  std::fputs(read.diagnostics.render().c_str(), stderr);
  return Failure{.status = BOURSE_UNPROCESSABLE,
                 .code = "bad_configuration",
                 .message = what + " could not be made; what is wrong stands above"};
}

/// One of the configuration, with --set instead of what the file says.
Result<MadeSource> make_named(const std::string& name, NamedTexts settings, const Loaded& loaded,
                              LoadedConfig& read) {
  const Config* const config = config_of(read);
  if (config == nullptr || config->find_source(name) == nullptr) {
    std::vector<std::string> names;
    if (config != nullptr) {
      for (const SourceConfig& source : config->sources) names.push_back(source.name.value);
    }
    const auto near = suggest(name, names);
    return usage("the configuration has no source " + in_quotes(name) +
                 (near ? "; did you mean " + *near + "?" : std::string()));
  }
  SourceBuilder builder(*config, loaded, read.diagnostics);
  if (!settings.empty()) builder.replace_settings(name, std::move(settings));
  auto source = builder.get(name);
  if (!source) return printed(read, "source " + in_quotes(name));
  return MadeSource{std::move(source), builder.made()};
}

/// A component as it comes, without settings.
Result<std::shared_ptr<Source>> make_plain(const std::shared_ptr<const Component>& component) {
  auto instance = make_instance(component, {});
  if (!instance) return std::move(instance).failure();
  return std::make_shared<Source>(component->id, *std::move(instance));
}

/// What --over names: a source of the configuration, else a component as it comes.
Result<MadeSource> make_under(const std::string& name, const Loaded& loaded, LoadedConfig& read) {
  const Config* const config = config_of(read);
  if (config != nullptr && config->find_source(name) != nullptr) {
    return make_named(name, {}, loaded, read);
  }
  const auto component = loaded.catalog->find_source(name);
  if (!component) return usage("--over: " + unknown("source", name, loaded.catalog->sources()));
  if (is_layer(*component)) {
    return usage("--over " + name +
                 ": it is a layer itself; a tower of layers is written into a configuration");
  }
  auto source = make_plain(component);
  if (!source) return std::move(source).failure();
  auto all = std::make_shared<Sources>();
  all->emplace((*source)->name(), *source);
  return MadeSource{*std::move(source), std::move(all)};
}

Result<void> check_over(const SourceOptions& options, const Component& component) {
  if (is_layer(component) == !options.over.empty()) return {};
  if (options.over.empty()) {
    return usage(options.use +
                 " is a layer: name the source under it by --over, one of the configuration or a "
                 "component");
  }
  return usage(options.use +
               " is no layer: it would never ask the source under it; leave --over out");
}

/// --use, --set and --over.
Result<MadeSource> make_on_the_spot(const SourceOptions& options, const NamedTexts& settings,
                                    const Loaded& loaded, LoadedConfig& read) {
  const auto component = loaded.catalog->find_source(options.use);
  if (!component) return usage(unknown("source", options.use, loaded.catalog->sources()));
  if (auto fits = check_over(options, *component); !fits) return std::move(fits).failure();
  MadeSource under;
  if (!options.over.empty()) {
    auto made = make_under(options.over, loaded, read);
    if (!made) return std::move(made).failure();
    under = *std::move(made);
  }
  auto instance = make_instance(component, settings);
  if (!instance) return std::move(instance).failure();
  auto source = std::make_shared<Source>("command-line", *std::move(instance), under.source);
  auto all = under.all ? std::make_shared<Sources>(*under.all) : std::make_shared<Sources>();
  all->insert_or_assign(source->name(), source);
  return MadeSource{std::move(source), std::move(all)};
}

}  // namespace

Failure usage(std::string message) {
  return Failure{.status = BOURSE_BAD_PARAM, .code = kUsageCode, .message = std::move(message)};
}

std::string unknown(std::string_view kind, const std::string& id, Catalog::Components components) {
  const std::vector<std::string> ids = ids_of(components);
  std::string message = "there is no " + std::string(kind) + " " + in_quotes(id);
  if (const auto near = suggest(id, ids)) return message + "; did you mean " + *near + "?";
  return message + "; loaded are: " + list_of(components);
}

std::string title_of(const Source& source) {
  std::string title = source.name() + " (" + source.component().full_name() + " " +
                      source.component().version + ")";
  return source.under() ? title + " over " + title_of(*source.under()) : title;
}

void print_parameters(std::span<const Parameter> parameters) {
  for (const Parameter& p : parameters) {
    std::string name = p.name;
    std::replace(name.begin(), name.end(), '_', '-');
    print("  --" + padded(name, 20) + " " + printable(p.doc, 400));
    print("    " + padded("", 20) + " " + printable(describe(p), 400));
  }
}

Result<NamedTexts> read_words(const std::vector<std::string>& words) {
  NamedTexts texts;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--") || words[i].size() < 3) {
      return usage(in_quotes(words[i]) + " is no option; parameters are given as --NAME VALUE");
    }
    std::string name = words[i].substr(2);
    std::string text;
    if (const std::size_t equals = name.find('='); equals != std::string::npos) {
      text = name.substr(equals + 1);
      name.resize(equals);
    } else if (i + 1 < words.size()) {
      text = words[++i];
    } else {
      return usage("--" + name + " needs a value");
    }
    std::replace(name.begin(), name.end(), '-', '_');
    texts.emplace_back(std::move(name), std::move(text));
  }
  return texts;
}

Failure with_own_names(Failure failure, const std::vector<std::string>& own_names) {
  if (failure.message.find("Did you mean") != std::string::npos) return failure;
  std::string given = failure.parameter;
  std::replace(given.begin(), given.end(), '_', '-');
  if (const auto near = suggest(given, own_names)) {
    failure.message += " Did you mean --" + *near + "?";
  }
  return failure;
}

std::optional<LoadedConfig> read_config(const SetupOptions& setup, const SourceOptions& options) {
  const bool wanted = !setup.config.empty() || options.use.empty() || !options.over.empty();
  const auto file = wanted ? find_config(setup.config) : std::nullopt;
  if (!file) return LoadedConfig{};
  LoadedConfig read = load_config(*file, process_environment(), ConfigPart::kSources);
  if (read.config) return read;
  std::fputs(read.diagnostics.render().c_str(), stderr);
  return std::nullopt;
}

const Config* config_of(const LoadedConfig& read) { return read.config ? &*read.config : nullptr; }

bool says_source(const SourceOptions& options, const Config* config) {
  return !options.use.empty() || !options.source.empty() ||
         (config != nullptr && config->defaults.source);
}

Result<MadeSource> make_source(const SourceOptions& options, const Loaded& loaded,
                               LoadedConfig& read) {
  auto settings = read_settings(options.settings);
  if (!settings) return std::move(settings).failure();
  if (!options.use.empty()) return make_on_the_spot(options, *settings, loaded, read);
  const Config* const config = config_of(read);
  if (!says_source(options, config)) {
    return usage("no source: name one by --use (loaded are: " + list_of(loaded.catalog->sources()) +
                 "), or a configuration by --config");
  }
  const std::string name = options.source.empty() ? config->defaults.source->value : options.source;
  return make_named(name, *std::move(settings), loaded, read);
}

std::vector<std::shared_ptr<Source>> make_all(const Loaded& loaded, LoadedConfig& read) {
  std::vector<std::shared_ptr<Source>> sources;
  const Config* const config = config_of(read);
  if (config == nullptr) return sources;
  SourceBuilder builder(*config, loaded, read.diagnostics);
  for (const SourceConfig& source : config->sources) {
    if (auto made = builder.get(source.name.value)) sources.push_back(std::move(made));
  }
  std::fputs(read.diagnostics.render().c_str(), stderr);
  return sources;
}

Result<std::shared_ptr<Instance>> make_configured(const std::shared_ptr<const Component>& component,
                                                  LoadedConfig& read) {
  const Config* const config = config_of(read);
  const ComponentConfig* const configured =
      config == nullptr ? nullptr : config_for(config->plugins, *component);
  if (configured == nullptr) return make_instance(component, {});
  Instances instances(config->plugins, read.diagnostics);
  auto instance = instances.get(component, configured->name.mark);
  if (!instance) return printed(read, component->full_name());
  return instance;
}

}  // namespace bourse::host
