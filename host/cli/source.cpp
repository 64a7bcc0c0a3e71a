// SPDX-License-Identifier: MIT
#include "host/cli/source.hpp"

#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"

namespace bourse::host {
namespace {

std::string ids_of(Catalog::Components components) {
  std::string out;
  for (const auto& component : components) out += (out.empty() ? "" : ", ") + component->id;
  return out.empty() ? "none" : out;
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

/// Which source to make, and with which settings.
struct SourceChoice {
  std::string name;
  std::string use;
  NamedTexts settings;  ///< of --set, then what the configuration says of the others
  std::set<std::string, std::less<>> hidden = {};  ///< whose value came out of the environment
};

Result<SourceChoice> choose_source(const SourceOptions& options, const Loaded& loaded,
                                   const Config* config) {
  auto settings = read_settings(options.settings);
  if (!settings) return std::move(settings).failure();
  if (!options.use.empty()) {
    return SourceChoice{"command-line", options.use, *std::move(settings), {}};
  }
  std::string wanted = options.source;
  if (wanted.empty() && config != nullptr && config->defaults.source) {
    wanted = config->defaults.source->value;
  }
  if (wanted.empty()) {
    return usage("no source: name one by --use (loaded are: " + ids_of(loaded.catalog->sources()) +
                 "), or a configuration by --config");
  }
  const SourceConfig* const from = config == nullptr ? nullptr : config->find_source(wanted);
  if (from == nullptr) return usage("the configuration has no source " + in_quotes(wanted));
  SourceChoice choice{from->name.value, from->use.value, *std::move(settings), {}};
  const std::size_t n_given = choice.settings.size();
  for (const Setting& setting : from->config) {
    const bool replaced = std::any_of(
        choice.settings.begin(), choice.settings.begin() + static_cast<std::ptrdiff_t>(n_given),
        [&](const auto& given) { return given.first == setting.name.value; });
    if (replaced) continue;
    if (setting.value.from_environment()) choice.hidden.insert(setting.name.value);
    for (const LocatedText& item : setting.value.items) {
      choice.settings.emplace_back(setting.name.value, item.value);
    }
  }
  return choice;
}

}  // namespace

Failure usage(std::string message) {
  return Failure{.status = BOURSE_BAD_PARAM, .code = kUsageCode, .message = std::move(message)};
}

std::string unknown(std::string_view kind, const std::string& id, Catalog::Components components) {
  std::vector<std::string> ids;
  for (const auto& component : components) ids.push_back(component->id);
  std::string message = "there is no " + std::string(kind) + " " + in_quotes(id);
  if (const auto near = suggest(id, ids)) return message + "; did you mean " + *near + "?";
  return message + "; loaded are: " + ids_of(components);
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

bool read_config(const SetupOptions& setup, const SourceOptions& options,
                 std::optional<Config>& config) {
  const bool wanted = !setup.config.empty() || options.use.empty();
  const auto file = wanted ? find_config(setup.config) : std::nullopt;
  if (!file) return true;
  LoadedConfig read = load_config(*file, process_environment(), ConfigPart::kSources);
  std::fputs(read.diagnostics.render().c_str(), stderr);
  config = std::move(read.config);
  return config.has_value();
}

Result<std::shared_ptr<Source>> make_source(const SourceOptions& options, const Loaded& loaded,
                                            const Config* config) {
  auto choice = choose_source(options, loaded, config);
  if (!choice) return std::move(choice).failure();
  auto component = loaded.catalog->find_source(choice->use);
  if (!component) return usage(unknown("source", choice->use, loaded.catalog->sources()));
  auto instance = make_instance(component, choice->settings);
  if (!instance) {
    Failure why = std::move(instance).failure();
    if (choice->hidden.contains(why.parameter)) {
      why.message = "setting \"" + why.parameter + "\", which the environment gives, is not legal";
    }
    return why;
  }
  return std::make_shared<Source>(choice->name, *std::move(instance));
}

}  // namespace bourse::host
