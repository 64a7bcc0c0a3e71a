// SPDX-License-Identifier: MIT
#include "host/cli/run.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "host/base/own_streams.hpp"
#include "host/base/utf8.hpp"
#include "host/calls/job.hpp"
#include "host/cli/output.hpp"
#include "host/cli/source.hpp"
#include "host/routing/arguments.hpp"

namespace bourse::host {
namespace {

constexpr auto kDeadline = std::chrono::minutes(2);
constexpr unsigned kFetchingThreads = 16;
constexpr std::size_t kMessageCharactersMax = 8000;

int fail(const std::string& message, int code = kFailed) {
  std::fprintf(stderr, "error: %s\n", printable(message, kMessageCharactersMax).c_str());
  return code;
}

int print_help(const Component& analysis, const Component& serializer) {
  std::fprintf(own_output(), "%s: %s\n%s\n\nParameters\n", analysis.id.c_str(),
               printable(analysis.title, 200).c_str(), printable(analysis.doc, 4000).c_str());
  print_parameters(analysis.params);
  if (!serializer.params.empty()) {
    std::fprintf(own_output(), "\nParameters of --format %s\n", serializer.id.c_str());
    print_parameters(serializer.params);
  }
  return kDone;
}

/// One that can do without any source gets one where one is named.
bool needs_source(const Component& analysis, const RunOptions& options, const Config* config) {
  const auto& datasets = analysis.datasets;
  const bool must = std::any_of(datasets.begin(), datasets.end(),
                                [](const Dataset& dataset) { return !dataset.optional; });
  return must || says_source(options.from, config);
}

bool is_text(const Component& serializer) {
  return std::string_view(serializer.media_type).starts_with("text/plain");
}

/// REQUIRES: there is a serializer.
std::shared_ptr<const Component> format_for(const RunOptions& options, const Catalog& catalog) {
  const auto first = [&](const auto& fits) -> std::shared_ptr<const Component> {
    for (const auto& each : catalog.serializers()) {
      if (fits(*each)) return each;
    }
    return nullptr;
  };
  std::string suffix = std::filesystem::path(options.output).extension().string();
  suffix.erase(0, 1);
  if (!suffix.empty()) {
    const auto named = first([&](const Component& each) { return each.suffix == suffix; });
    if (named) return named;
  }
  if (options.output.empty() && output_is_terminal()) {
    if (const auto text = first(is_text)) return text;
  }
  const auto json =
      first([](const Component& each) { return each.media_type == "application/json"; });
  return json ? json : catalog.serializers().front();
}

/// What a format of plain text asks of a terminal, as far as it was not said: `width`, `color`.
void add_terminal(const Component& analysis, const Component& serializer, NamedTexts& texts) {
  const auto add = [&](const char* name, bourse_type type, const std::string& value) {
    const auto is_said = [&](const auto& text) { return text.first == name; };
    const auto is_named = [&](const Parameter& p) { return p.name == name && p.type == type; };
    const auto has = [&](const Component& c) {
      return std::any_of(c.params.begin(), c.params.end(), is_named);
    };
    if (has(serializer) && !has(analysis) && std::none_of(texts.begin(), texts.end(), is_said)) {
      texts.emplace_back(name, value);
    }
  };
  add("width", BOURSE_TYPE_I64,
      std::to_string(std::clamp<std::size_t>(terminal_columns(fileno(own_output())), 40, 1000)));
  const char* const no_color = std::getenv("NO_COLOR");  // no-color.org
  if (no_color == nullptr || *no_color == '\0') add("color", BOURSE_TYPE_BOOL, "true");
}

Result<Rendered> report_of(const RunOptions& options, const Loaded& loaded, LoadedConfig& read,
                           const std::shared_ptr<const Component>& analysis,
                           const std::shared_ptr<const Component>& serializer) {
  auto texts = read_words(options.arguments);
  if (!texts) return std::move(texts).failure();
  const std::array<std::span<const Parameter>, 2> declared{analysis->params, serializer->params};
  if (auto known = check_names(*texts, declared, {}); !known) {
    return with_own_names(std::move(known).failure(), options.own_names);
  }
  if (options.output.empty() && output_is_terminal() && is_text(*serializer)) {
    add_terminal(*analysis, *serializer, *texts);
  }
  Context context;
  auto analysis_arguments = read_arguments(analysis->params, *texts, context.now);
  if (!analysis_arguments) return std::move(analysis_arguments).failure();
  auto format_arguments = read_arguments(serializer->params, *texts, context.now);
  if (!format_arguments) return std::move(format_arguments).failure();
  auto analysis_instance = make_configured(analysis, read);
  if (!analysis_instance) return std::move(analysis_instance).failure();
  auto serializer_instance = make_configured(serializer, read);
  if (!serializer_instance) return std::move(serializer_instance).failure();

  Job job;
  job.sources = std::make_shared<const Sources>();
  if (needs_source(*analysis, options, config_of(read))) {
    auto made = make_source(options.from, loaded, read);
    if (!made) return std::move(made).failure();
    job.source = made->source;
    job.sources = made->all;
  }
  job.analysis = *std::move(analysis_instance);
  job.analysis_arguments = *std::move(analysis_arguments);
  job.serializer = *std::move(serializer_instance);
  job.serializer_arguments = *std::move(format_arguments);
  job.response_bytes_max = std::size_t{1} << 30;
  job.logs_mistakes = false;  // the failure is said once, as the last line
  context.request_id = "run";
  context.route = "run";
  context.deadline = std::chrono::steady_clock::now() + kDeadline;
  context.authorized = true;  // who can run this can read the keys
  // The report is made on this thread; the others fetch beside it.
  Workers workers({.computing = 1, .threads = kFetchingThreads, .queue = kFetchingThreads});
  return perform(job, context, &workers);
}

}  // namespace

int run_report(const RunOptions& options) {
  auto read = read_config(options.setup, options.from);
  if (!read) return kFailed;
  const Loaded loaded = load_configured_plugins(options.setup, config_of(*read));
  warn_of_refusals(loaded);
  const Catalog& catalog = *loaded.catalog;
  const auto analysis = catalog.find_analysis(options.analysis);
  if (!analysis) return fail(unknown("analysis", options.analysis, catalog.analyses()), kUsage);
  if (catalog.serializers().empty()) return fail("no serializer is loaded: check --plugins");
  const auto serializer = options.format.empty() ? format_for(options, catalog)
                                                 : catalog.find_serializer(options.format);
  if (!serializer) return fail(unknown("format", options.format, catalog.serializers()), kUsage);
  if (options.help) return print_help(*analysis, *serializer);

  const auto rendered = report_of(options, loaded, *read, analysis, serializer);
  if (!rendered) {
    const Failure& why = rendered.failure();
    if (why.code == kUsageCode) return fail(why.message, kUsage);
    return fail(why.message + " [" + why.code + "]");
  }
  return write_report(rendered->bytes, rendered->media_type, options.output);
}

}  // namespace bourse::host
