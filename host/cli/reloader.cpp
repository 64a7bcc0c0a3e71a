// SPDX-License-Identifier: MIT
#include "host/cli/reloader.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "host/base/clock.hpp"
#include "host/observe/log.hpp"
#include "host/service/verdicts.hpp"

namespace bourse::host {
namespace {

/// Each holds what its requests need. More than these are there only when requests, or a plugin's
/// destroy, do not end.
constexpr std::size_t kGenerationsMax = 8;

/// The keys that a process reads once, and whose value is another one now.
std::vector<std::string> what_needs_restart(const ServerConfig& was, const ServerConfig& is,
                                            bool fixed_listen) {
  std::vector<std::string> keys;
  const auto compare = [&](const char* key, const auto& a, const auto& b) {
    if (!(a.value == b.value)) keys.emplace_back(key);
  };
  if (!fixed_listen) compare("server.listen", was.listen, is.listen);
  if (was.admin.has_value() != is.admin.has_value() ||
      (was.admin && !(was.admin->value == is.admin->value))) {
    keys.emplace_back("server.admin");
  }
  compare("server.io-threads", was.io_threads, is.io_threads);
  compare("server.workers", was.workers, is.workers);
  compare("server.waiting-threads", was.waiting_threads, is.waiting_threads);
  compare("server.queue", was.queue, is.queue);
  compare("server.max-connections", was.max_connections, is.max_connections);
  compare("server.max-header", was.max_header, is.max_header);
  compare("server.max-body", was.max_body, is.max_body);
  compare("server.header-timeout", was.header_timeout, is.header_timeout);
  compare("server.body-timeout", was.body_timeout, is.body_timeout);
  compare("server.idle-timeout", was.idle_timeout, is.idle_timeout);
  compare("server.write-timeout", was.write_timeout, is.write_timeout);
  compare("server.cache.memory", was.cache_memory, is.cache_memory);
  return keys;
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
      server_(started.config.server),
      log_format_(started.config.log.format.value),
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
  auto needs_restart = what_needs_restart(server_, config.server, fixed_listen_);
  if (config.log.format.value != log_format_) needs_restart.emplace_back("log.format");
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
