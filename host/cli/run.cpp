// SPDX-License-Identifier: MIT
#include "host/cli/run.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "host/base/suggest.hpp"
#include "host/base/utf8.hpp"
#include "host/pipeline/arguments.hpp"
#include "host/pipeline/job.hpp"

namespace bourse::host {
namespace {

constexpr auto kDeadline = std::chrono::minutes(2);
constexpr const char* kUsageCode = "usage";

int fail(const std::string& message, int code = kFailed) {
  std::fprintf(stderr, "error: %s\n", message.c_str());
  return code;
}

Failure usage(std::string message) {
  return Failure{.status = BOURSE_BAD_PARAM, .code = kUsageCode, .message = std::move(message)};
}

std::string ids_of(Catalog::Components components) {
  std::string out;
  for (const auto& component : components) out += (out.empty() ? "" : ", ") + component->id;
  return out.empty() ? "none" : out;
}

std::string unknown(std::string_view kind, const std::string& id, Catalog::Components components) {
  std::vector<std::string> ids;
  for (const auto& component : components) ids.push_back(component->id);
  std::string message = "there is no " + std::string(kind) + " " + in_quotes(id);
  if (const auto near = suggest(id, ids)) return message + "; did you mean " + *near + "?";
  return message + "; loaded are: " + ids_of(components);
}

/// "--name value" and "--name=value" as names and texts; '-' in a name is '_'.
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

Result<SourceChoice> choose_source(const RunOptions& options, const Loaded& loaded,
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

Result<std::shared_ptr<Source>> make_source(const RunOptions& options, const Loaded& loaded,
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

void print_parameters(const Component& component) {
  for (const Parameter& p : component.params) {
    std::string name = p.name;
    std::replace(name.begin(), name.end(), '_', '-');
    std::printf("  --%-20s %s\n", name.c_str(), printable(p.doc, 400).c_str());
    std::printf("    %-20s %s\n", "", printable(describe(p), 400).c_str());
  }
}

int print_help(const Component& analysis, const Component& serializer) {
  std::printf("%s: %s\n%s\n\nParameters\n", analysis.id.c_str(),
              printable(analysis.title, 200).c_str(), printable(analysis.doc, 4000).c_str());
  print_parameters(analysis);
  if (!serializer.params.empty()) {
    std::printf("\nParameters of --format %s\n", serializer.id.c_str());
    print_parameters(serializer);
  }
  return kDone;
}

Result<Rendered> report_of(const RunOptions& options, const Loaded& loaded, const Config* config,
                           const std::shared_ptr<const Component>& analysis,
                           const std::shared_ptr<const Component>& serializer) {
  auto texts = read_words(options.arguments);
  if (!texts) return std::move(texts).failure();
  const std::array<std::span<const Parameter>, 2> declared{analysis->params, serializer->params};
  if (auto known = check_names(*texts, declared, {}); !known) return std::move(known).failure();
  auto analysis_arguments = read_arguments(analysis->params, *texts);
  if (!analysis_arguments) return std::move(analysis_arguments).failure();
  auto format_arguments = read_arguments(serializer->params, *texts);
  if (!format_arguments) return std::move(format_arguments).failure();
  auto analysis_instance = make_instance(analysis, {});
  if (!analysis_instance) return std::move(analysis_instance).failure();
  auto serializer_instance = make_instance(serializer, {});
  if (!serializer_instance) return std::move(serializer_instance).failure();

  Job job;
  auto sources = std::make_shared<Sources>();
  if (!analysis->datasets.empty()) {
    auto source = make_source(options, loaded, config);
    if (!source) return std::move(source).failure();
    job.source = *std::move(source);
    sources->emplace(job.source->name(), job.source);
  }
  job.analysis = *std::move(analysis_instance);
  job.analysis_arguments = *std::move(analysis_arguments);
  job.serializer = *std::move(serializer_instance);
  job.serializer_arguments = *std::move(format_arguments);
  job.sources = std::move(sources);
  job.response_bytes_max = std::size_t{1} << 30;
  Context context;
  context.request_id = "run";
  context.route = "run";
  context.deadline = std::chrono::steady_clock::now() + kDeadline;
  return perform(job, context, nullptr);
}

/// Nothing is wrong with having no configuration here; with having a broken one there is.
bool read_config(const RunOptions& options, std::optional<Config>& config) {
  const bool wanted = !options.setup.config.empty() || options.use.empty();
  const auto file = wanted ? find_config(options.setup.config) : std::nullopt;
  if (!file) return true;
  LoadedConfig read = load_config(*file, process_environment());
  std::fputs(read.diagnostics.render().c_str(), stderr);
  config = std::move(read.config);
  return config.has_value();
}

}  // namespace

int run_report(const RunOptions& options) {
  std::optional<Config> config;
  if (!read_config(options, config)) return kFailed;
  const Config* const configured = config ? &*config : nullptr;
  const Loaded loaded = load_configured_plugins(options.setup, configured);
  for (const Refusal& refusal : loaded.refusals) {
    std::fprintf(stderr, "warning: plugin refused: %s\n",
                 printable(refusal.why.message, 2000).c_str());
  }
  const Catalog& catalog = *loaded.catalog;
  const auto analysis = catalog.find_analysis(options.analysis);
  if (!analysis) return fail(unknown("analysis", options.analysis, catalog.analyses()), kUsage);
  if (catalog.serializers().empty()) return fail("no serializer is loaded: check --plugins");
  const auto serializer = options.format.empty() ? catalog.serializers().front()
                                                 : catalog.find_serializer(options.format);
  if (!serializer) return fail(unknown("format", options.format, catalog.serializers()), kUsage);
  if (options.help) return print_help(*analysis, *serializer);

  const auto rendered = report_of(options, loaded, configured, analysis, serializer);
  if (!rendered) {
    const Failure& why = rendered.failure();
    if (why.code == kUsageCode) return fail(why.message, kUsage);
    return fail(why.message + " [" + why.code + "]");
  }
  const std::string& bytes = rendered->bytes;
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() ||
      std::fflush(stdout) != 0) {
    if (errno == EPIPE) return kFailed;  // `| head` has seen enough
    return fail(std::string("standard output could not be written: ") + std::strerror(errno));
  }
  return kDone;
}

}  // namespace bourse::host
