// SPDX-License-Identifier: MIT
#include "host/cli/validate.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/cli/output.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"
#include "host/plugins/file.hpp"
#include "host/validate/report.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kJobsMax = 64;
constexpr std::uintmax_t kExclusionBytesMax = 65536;

int wrong_use(const std::string& message) {
  std::fprintf(stderr, "error: %s\n", printable(message, 4000).c_str());
  return kUsage;
}

Result<std::vector<validate::Exclusion>> exclusions_of(const ValidateOptions& options) {
  std::error_code error;
  const fs::path file = options.exclude_file.empty() ? validate::exclusions_beside(options.file)
                                                     : options.exclude_file;
  if (options.exclude_file.empty() && !fs::exists(file, error)) {
    return std::vector<validate::Exclusion>();
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !fs::is_regular_file(file, error) ||
      fs::file_size(file, error) > kExclusionBytesMax) {
    return usage(shown(file) + ": cannot be read as a file of exclusions");
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  return validate::read_exclusions(text, shown(file));
}

Result<NamedTexts> settings_of(const std::vector<std::string>& words) {
  NamedTexts settings;
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return usage("--set takes NAME=VALUE or COMPONENT.NAME=VALUE, not " + in_quotes(word));
    }
    settings.emplace_back(word.substr(0, equals), word.substr(equals + 1));
  }
  return settings;
}

// One at a time in this process, and side by side in others.
std::size_t jobs_of(const ValidateOptions& options) {
  const std::size_t wanted =
      options.jobs != 0 ? options.jobs : std::max(1U, std::thread::hardware_concurrency());
  return std::min(wanted, kJobsMax);
}

Result<validate::Task> task_of(const ValidateOptions& options) {
  std::error_code error;
  if (options.file.empty()) return usage("name the plugin: bourse validate FILE.so");
  if (!fs::is_regular_file(options.file, error)) {
    return usage(shown(options.file) + (error ? ": cannot be read (" + error.message() + ")"
                                              : std::string(": is no file")));
  }
  validate::Task task;
  auto rules = validate::select(options.only, options.except);
  if (!rules) return std::move(rules).failure();
  task.rules = *std::move(rules);
  auto exclusions = exclusions_of(options);
  if (!exclusions) return std::move(exclusions).failure();
  task.exclusions = *std::move(exclusions);
  auto settings = settings_of(options.settings);
  if (!settings) return std::move(settings).failure();
  task.request.settings = *std::move(settings);
  for (const fs::path& folder : options.plugins) {
    if (!fs::is_directory(folder, error)) return usage(shown(folder) + ": is no folder");
  }
  if (!options.use.empty() && options.plugins.empty()) {
    return usage("--use names a source of a folder: name that by --plugins");
  }
  task.request.plugins = options.plugins;
  task.request.use = options.use;
  task.request.file = options.file;
  task.request.base = options.base;
  task.request.seed = options.seed;
  task.request.is_long = options.is_long;
  task.request.in_place = options.in_process;
  task.request.limit = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(options.limit_seconds));
  task.components = options.component;
  task.jobs = jobs_of(options);
  task.in_process = options.in_process;
  return task;
}

int list_rules(const ValidateOptions& options) {
  const auto rules = validate::select(options.only, options.except);
  if (!rules) return wrong_use(rules.failure().message);
  write_bytes(options.format == "json" ? validate::rules_as_json(*rules)
                                       : validate::rules_as_text(*rules));
  return kDone;
}

}  // namespace

int validate_file(const ValidateOptions& options) {
  if (options.list) return list_rules(options);
  const auto task = task_of(options);
  if (!task) return wrong_use(task.failure().message);
  const auto verdict = validate::validate_plugin(*task);
  if (!verdict) return wrong_use(verdict.failure().message);
  const validate::Report report{
      .task = *task, .verdict = *verdict, .strict = options.strict, .is_verbose = options.verbose};
  const std::string text = options.format == "json"    ? validate::as_json(report)
                           : options.format == "junit" ? validate::as_junit(report)
                                                       : validate::as_text(report);
  const bool good = verdict->is_good(options.strict);
  if (options.output.empty()) {
    write_bytes(text);
  } else if (const int code = write_report(text, "text/plain", options.output.string());
             code != kDone) {
    return code;
  }
  return good ? kDone : kFailed;
}

}  // namespace bourse::host
