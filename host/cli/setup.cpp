// SPDX-License-Identifier: MIT
#include "host/cli/setup.hpp"

#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "host/base/utf8.hpp"
#include "host/calls/call.hpp"
#include "host/plugins/digest.hpp"

namespace bourse::host {

namespace fs = std::filesystem;

bool is_standard_input(const fs::path& file) { return file == "-"; }

std::optional<fs::path> find_config(const fs::path& given) {
  if (!given.empty()) return given;
  if (const char* const named = std::getenv("BOURSE_CONFIG"); named != nullptr && *named != '\0') {
    return fs::path(named);
  }
  std::error_code ignored;
  if (fs::exists("/etc/bourse/bourse.yaml", ignored)) return fs::path("/etc/bourse/bourse.yaml");
  return std::nullopt;
}

std::vector<fs::path> default_plugin_folders() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return {};
  const fs::path beside = program.parent_path().parent_path();
  if (fs::is_directory(beside / "plugins", error)) return {beside / "plugins"};
  std::vector<fs::path> folders = {beside / "lib" / "bourse" / "plugins"};
  // What an administrator adds to a program of the distribution or of an image.
  const fs::path local = beside / "local" / "lib" / "bourse" / "plugins";
  if (fs::is_directory(local, error)) folders.push_back(local);
  return folders;
}

std::vector<fs::path> plugin_folders(const SetupOptions& options, const Config* config) {
  if (!options.plugins.empty()) return options.plugins;
  if (config == nullptr || config->plugins.path.empty()) return default_plugin_folders();
  std::vector<fs::path> folders;
  for (const auto& folder : config->plugins.path) folders.push_back(folder.value);
  return folders;
}

void warn_of_refusals(const Loaded& loaded) {
  for (const Refusal& refusal : loaded.refusals) {
    std::fprintf(stderr, "warning: plugin refused: %s\n",
                 printable(refusal.why.message, 2000).c_str());
  }
}

Loaded load_configured_plugins(const SetupOptions& options, const Config* config,
                               KeptPlugins* kept) {
  LoadRequest request;
  request.kept = kept;
  request.host = &plugin_host();
  request.folders = plugin_folders(options, config);
  if (config != nullptr) {
    request.in_place = config->plugins.in_place.value == InPlace::kTrue;
    for (const PluginPin& pin : config->plugins.pins) {
      request.pins.emplace(pin.file.value, "sha256:" + pin.sha256.value);
    }
  }
  if (!options.tries_plugins) return load_plugins(request);
  const auto limit = std::chrono::duration<double>(options.trial_seconds);
  const auto bad = try_plugins(request.folders, request.pins,
                               std::chrono::duration_cast<std::chrono::nanoseconds>(limit));
  request.known_bad = &bad;
  return load_plugins(request);
}

namespace {

/// The one of this process; remembers the files of secrets.
Environment remembering_environment(Inputs& inputs) {
  return [&inputs, read = process_environment()](const std::string& name) {
    auto value = read(name);
    if (value && !value->empty() && name.ends_with("_FILE")) inputs.add_file(*value);
    return value;
  };
}

void add_folders(Inputs& inputs, const SetupOptions& options, const Config& config) {
  for (const fs::path& folder : plugin_folders(options, &config)) inputs.add_folder(folder, "*.so");
}

bool is_stream(const fs::path& file) {
  if (is_standard_input(file)) return true;
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  return fs::is_fifo(status) || fs::is_socket(status) || fs::is_character_file(status);
}

/// One byte more than is legal shows that there is more.
LoadedConfig read_standard_input(const Environment& environment, const ConfigTouch& touch) {
  std::string text(kConfigBytesMax + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), stdin));
  if (std::ferror(stdin) == 0) {
    return parse_config("-", std::move(text), fs::current_path(), environment, ConfigPart::kAll,
                        touch);
  }
  LoadedConfig read;
  const auto index = read.diagnostics.add_file({"-", {}});
  read.diagnostics.error({.file = index}, "unreadable_file", "standard input cannot be read");
  return read;
}

LoadedConfig read_whole(const fs::path& file, Inputs& inputs) {
  const Environment environment = remembering_environment(inputs);
  const ConfigTouch touch{
      .file = [&](const fs::path& included) { inputs.add_file(included); },
      .folder = [&](const fs::path& folder,
                    const std::string& pattern) { inputs.add_folder(folder, pattern); }};
  return is_standard_input(file) ? read_standard_input(environment, touch)
                                 : load_config(file, environment, ConfigPart::kAll, touch);
}

/// Of the file, or of all files one after the other, in the order in which they were read.
std::string sha256_of(const Diagnostics& read) {
  std::string whole;
  for (std::uint32_t i = 0; i < read.file_count(); ++i) whole += read.file(i).text();
  return sha256_hex(whole);
}

}  // namespace

Attempt attempt(const SetupOptions& options, const Reuse& reuse) {
  Attempt made;
  const auto file = find_config(options.config);
  if (!file) {
    made.diagnostics.error(Mark{}, "no_configuration", "there is no configuration",
                           "name a file, or set BOURSE_CONFIG, or make /etc/bourse/bourse.yaml");
    return made;
  }
  if (!is_standard_input(*file)) made.inputs.add_file(*file);
  if (reuse.before != nullptr && !reuse.reads_pipes && is_stream(*file)) {
    const auto index = made.diagnostics.add_file({file->string(), {}});
    made.diagnostics.error({.file = index}, "unreadable_file",
                           "the configuration came from a pipe, which is read once",
                           "start the server with a file");
    return made;
  }
  LoadedConfig read = read_whole(*file, made.inputs);
  if (read.config) {
    Setup& setup = made.setup.emplace();
    setup.config = *std::move(read.config);
    made.server = setup.config.server;
    if (options.configured != nullptr) options.configured(setup.config);
    add_folders(made.inputs, options, setup.config);
    setup.sha256 = sha256_of(read.diagnostics);
    setup.loaded = load_configured_plugins(options, &setup.config, reuse.plugins);
    setup.generation = build_generation(setup.config, setup.loaded, read.diagnostics, reuse.before);
    setup.inputs = made.inputs;
    if (!setup.generation) made.setup.reset();
  } else if (read.readable && !read.readable->plugins.spoilt) {
    // What only plugins can tell, as far as the file could be read: all errors at once. Never with
    // plugins that the file may mean otherwise, by a path or a pin that was not understood.
    add_folders(made.inputs, options, *read.readable);
    const Loaded loaded = load_configured_plugins(options, &*read.readable, reuse.plugins);
    (void)build_generation(*read.readable, loaded, read.diagnostics, reuse.before);
  }
  made.diagnostics = std::move(read.diagnostics);
  return made;
}

std::optional<Setup> set_up(const SetupOptions& options, const Reuse& reuse) {
  if (!find_config(options.config)) {
    std::fputs(
        "error: no configuration: name a file, or set BOURSE_CONFIG, or make "
        "/etc/bourse/bourse.yaml\n",
        stderr);
    return std::nullopt;
  }
  Attempt made = attempt(options, reuse);
  std::fputs(made.diagnostics.render().c_str(), stderr);
  return std::move(made.setup);
}

}  // namespace bourse::host
