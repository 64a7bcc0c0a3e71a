// SPDX-License-Identifier: MIT
#include "host/cli/reloader.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "host/base/clock.hpp"
#include "host/config/keys.hpp"
#include "host/observe/log.hpp"
#include "host/service/verdicts.hpp"

namespace bourse::host {
namespace {

/// Each holds what its requests need. More than these are there only when requests, or a plugin's
/// destroy, do not end.
constexpr std::size_t kGenerationsMax = 8;

/// The keys that a process reads once, by their paths, and their values; always the same keys.
RestartValues restart_values(const Config& config) {
  RestartValues values;
  for (const Key& key : all_keys()) {
    if (key.taken == KeyTaken::kRestart) values.emplace_back(key.path, key.value(config));
  }
  return values;
}

Failure held_failure() {
  return {.status = BOURSE_UNAVAILABLE,
          .code = "generations_held",
          .message = "Requests of " + std::to_string(kGenerationsMax) +
                     " generations, or plugins that let go of them, have not ended yet.",
          .retry_after = std::chrono::seconds(5)};
}

}  // namespace

std::int32_t level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return BOURSE_LEVEL_DEBUG;
    case LogLevel::kInfo:
      return BOURSE_LEVEL_INFO;
    case LogLevel::kWarn:
      return BOURSE_LEVEL_WARN;
    default:
      return BOURSE_LEVEL_ERROR;
  }
}

Reloader::Reloader(SetupOptions options, const Setup& started, bool fixed_listen, KeptPlugins& kept,
                   Service& service, Generations& generations)
    : options_(std::move(options)),
      started_(restart_values(started.config)),
      fixed_listen_(fixed_listen),
      kept_(kept),
      service_(service),
      generations_(generations),
      served_{.generation = 1, .sha256 = started.sha256, .since = wall_clock() / 1'000'000'000},
      shutdown_(started.config.server.shutdown),
      inputs_(started.inputs) {}

Served Reloader::served() const {
  const std::lock_guard lock(mutex_);
  return served_;
}

ShutdownConfig Reloader::shutdown() const {
  const std::lock_guard lock(mutex_);
  return shutdown_;
}

Inputs Reloader::inputs() const {
  const std::lock_guard lock(mutex_);
  return inputs_;
}

std::vector<std::string> Reloader::what_needs_restart(const Config& config) const {
  const RestartValues now = restart_values(config);
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (now[i].first == "server.listen" && fixed_listen_) continue;
    if (now[i].second != started_[i].second) keys.emplace_back(now[i].first);
  }
  return keys;
}

// All that can fail comes before the switch, which is one store.
ReloadVerdict Reloader::try_reload() {
  log_event(BOURSE_LEVEL_INFO, "reloading");
  if (generations_.alive() >= kGenerationsMax) return reload_failed(held_failure());
  const auto before = service_.generation();
  Attempt made = attempt(options_, {.plugins = &kept_, .before = before.get()});
  {
    const std::lock_guard lock(mutex_);
    inputs_ = std::move(made.inputs);
  }
  if (!made.setup) return reload_refused(made.diagnostics);
  const Config& config = made.setup->config;
  const Changes changes = changes_between(*before, *made.setup->generation);
  const auto needs_restart = what_needs_restart(config);
  service_.serve(generations_.admit(std::move(made.setup->generation)));
  set_log_level(level_of(config.log.level.value));
  {
    const std::lock_guard lock(mutex_);
    shutdown_ = config.server.shutdown;
    ++served_.generation;
    served_.sha256 = std::move(made.setup->sha256);
    served_.since = wall_clock() / 1'000'000'000;
  }
  return reload_taken(served(), changes, needs_restart, made.diagnostics);
}

ReloadVerdict Reloader::reload() noexcept {
  try {
    return try_reload();
  } catch (const std::exception& e) {  // memory
    return reload_failed({.status = BOURSE_INTERNAL, .code = "reload_failed", .message = e.what()});
  }
}

}  // namespace bourse::host
