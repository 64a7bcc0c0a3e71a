// SPDX-License-Identifier: MIT
#include "host/cli/serve.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "host/cli/reloader.hpp"
#include "host/cli/signals.hpp"
#include "host/cli/watch.hpp"
#include "host/http/server.hpp"
#include "host/observe/log.hpp"
#include "host/plugins/ending.hpp"
#include "host/service/admin.hpp"
#include "host/service/generations.hpp"
#include "host/service/reloads.hpp"
#include "host/service/service.hpp"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/// How long the log's reader has for the last lines.
constexpr auto kLastLines = std::chrono::seconds(1);
/// How long a reload may go on that has begun.
constexpr auto kLastReload = std::chrono::seconds(1);
/// How long calls may go on that no client waits for any more.
constexpr auto kLastCalls = std::chrono::seconds(1);

/// How long plugins have to let go: destroy of all instances, deinit of all plugins.
constexpr auto kLastEnds = std::chrono::seconds(2);

std::string listen_text(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.address.find(':') != std::string::npos;
  return (is_v6 ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
         std::to_string(endpoint.port);
}

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

ServerOptions admin_options(const Endpoint& endpoint) {
  ServerOptions options;
  options.listen = listen_text(endpoint);
  options.limits.connections_max = 32;
  options.limits.body_bytes_max = 0;
  return options;
}

ServerOptions server_options(const ServerConfig& config, const std::string& listen) {
  const auto ms = [](const LocatedDuration& d) { return duration_cast<milliseconds>(d.value); };
  ServerOptions options;
  options.listen = listen.empty() ? listen_text(config.listen.value) : listen;
  options.io_threads =
      config.io_threads.value != 0 ? config.io_threads.value : std::clamp(processors() / 4, 1U, 8U);
  options.limits.connections_max = config.max_connections.value;
  options.limits.header_bytes_max = config.max_header.value;
  options.limits.body_bytes_max = config.max_body.value;
  options.limits.header_timeout = ms(config.header_timeout);
  options.limits.body_timeout = ms(config.body_timeout);
  options.limits.idle_timeout = ms(config.idle_timeout);
  options.limits.write_timeout = ms(config.write_timeout);
  return options;
}

Workers::Options worker_options(const ServerConfig& config) {
  const unsigned computing = config.workers.value != 0 ? config.workers.value : processors();
  return {.computing = computing,
          .threads = computing + config.waiting_threads.value,
          .queue = config.queue.value};
}

/// Each step relies on the one before it. False: requests were cut off.
bool shut_down(Server& server, Service& service, const ShutdownConfig& config) {
  service.set_unready();
  log_event(BOURSE_LEVEL_INFO, "stopping");
  std::this_thread::sleep_for(config.delay.value);
  server.stop_accepting();
  const bool drained = server.drain(duration_cast<milliseconds>(config.grace.value));
  if (!drained) {
    log_event(BOURSE_LEVEL_WARN, "requests_cut_off",
              {{"in_flight", std::to_string(server.stats().requests_in_flight)}});
  }
  server.stop();
  return drained;
}

/// Does `let_go` on a thread of its own: a destroy or a deinit may never return. The libraries stay
/// loaded, because a plugin's own thread may be left.
void end_plugins(std::function<void()> let_go) {
  keep_libraries_loaded();
  std::promise<void> done;
  auto ended = done.get_future();
  std::thread([let_go = std::move(let_go), done = std::move(done)]() mutable {
    let_go();
    done.set_value();
  }).detach();
  if (ended.wait_for(kLastEnds) == std::future_status::ready) return;
  const auto calls = Ending::all();
  log_event(BOURSE_LEVEL_WARN, "plugin_does_not_end",
            {{"call", calls.empty() ? "" : calls.front()},
             {"message", "it has not returned; the process ends without it"}});
}

/// Runs nothing more, neither of the host nor of a plugin whose thread may be left.
[[noreturn]] void leave(int code) {
  log_event(BOURSE_LEVEL_INFO, "stopped");
  (void)flush_log(kLastLines);
#ifdef __SANITIZE_ADDRESS__
  __lsan_do_leak_check();
#endif
  ::_exit(code);
}

std::unique_ptr<Watch> start_watch(const Reloader& reloader,
                                   const std::function<void(const char*)>& ask) {
  auto watch = std::make_unique<Watch>(
      [&reloader] { return reloader.inputs(); },
      [ask](const std::filesystem::path& what) {
        log_event(BOURSE_LEVEL_INFO, "file_changed", {{"file", what.string()}});
        ask("--watch");
      });
  log_event(BOURSE_LEVEL_INFO, "watching",
            {{"files", std::to_string(reloader.inputs().files().size())},
             {"plugin_folders", std::to_string(reloader.inputs().folders().size())}});
  return watch;
}

}  // namespace

int serve(const ServeOptions& options) {
  Signals signals;
  SetupOptions with_log = options.setup;
  with_log.configured = [](const Config& config) {
    start_log(level_of(config.log.level.value),
              config.log.format.value == LogFormat::kJson ? LineFormat::kJson : LineFormat::kText);
  };
  KeptPlugins kept;
  auto setup = set_up(with_log, {.plugins = &kept});
  if (!setup) {
    (void)stop_log();
    return kFailed;
  }
  const Config& config = setup->config;
  const std::size_t routes = setup->generation->routes().size();
  const std::size_t plugins = std::exchange(setup->loaded, {}).catalog->plugins().size();
  Generations generations;
  Service service(generations.admit(std::move(setup->generation)), worker_options(config.server),
                  {.bytes_max = config.server.cache_memory.value});
  std::atomic<const Server*> front{nullptr};
  Admin admin(service, [&front]() -> std::optional<Stats> {
    const Server* const server = front.load();
    return server == nullptr ? std::nullopt : std::optional(server->stats());
  });
  Reloader reloader(options.setup, *setup, !options.listen.empty(), kept, service, generations);
  Reloads reloads([&reloader] { return reloader.reload(); });
  const auto ask = [&reloads](const char* who) {
    if (reloads.ask([](const ReloadVerdict&) {})) return;
    log_event(BOURSE_LEVEL_WARN, "no_reload",
              {{"asked_by", who}, {"message", "too many wait for one already"}});
  };
  const auto let_go = [&] {
    service.end();
    (void)generations.drain(std::chrono::hours(1));
    kept.clear();
  };
  // Before the public one, which no client shall reach and then lose because this one fails.
  std::unique_ptr<Server> admin_server;
  const auto cannot_listen = [&](const std::string& why) {
    if (admin_server) admin_server->stop();
    if (reloads.drain(kLastReload) && admin.drain(kLastCalls)) end_plugins(let_go);
    (void)stop_log();
    std::fprintf(stderr, "error: %s\n", why.c_str());
    ::_exit(kFailed);
  };
  if (config.server.admin) {
    admin.take_reloads({.reloads = reloads,
                        .served = [&reloader] { return reloader.served(); },
                        .alive = [&generations] { return generations.alive(); },
                        .listed = config.server.admin->value.address});
    auto started = Server::start(admin_options(config.server.admin->value), admin);
    if (!started) cannot_listen("the admin listener: " + started.failure().message);
    admin_server = *std::move(started);
    log_event(BOURSE_LEVEL_INFO, "admin_listening",
              {{"port", std::to_string(admin_server->port())}});
  }
  auto server = Server::start(server_options(config.server, options.listen), service);
  if (!server) cannot_listen(server.failure().message);
  front = server->get();
  // What was asked while the server started may have come after the file was read.
  signals.on_hangup([ask] { ask("SIGHUP"); });
  log_event(BOURSE_LEVEL_INFO, "listening",
            {{"port", std::to_string((*server)->port())},
             {"version", BOURSE_VERSION},
             {"routes", std::to_string(routes)},
             {"plugins", std::to_string(plugins)}});
  std::unique_ptr<Watch> watch;
  if (options.watch) watch = start_watch(reloader, ask);
  signals.await_stop();
  watch.reset();
  (void)reloads.drain(std::chrono::nanoseconds(0));  // no more are taken
  const bool clean = shut_down(**server, service, reloader.shutdown());
  const bool reloaded = reloads.drain(kLastReload);
  if (admin_server) admin_server->stop();
  // A plugin that never returns would keep its thread from ending; its clients have been told.
  if (!reloaded) {
    log_event(BOURSE_LEVEL_WARN, "reload_does_not_end",
              {{"message", "a file or a plugin keeps it; the process ends without it"}});
  } else if (service.drain(kLastCalls) && admin.drain(kLastCalls)) {
    end_plugins(let_go);
  } else {
    log_event(BOURSE_LEVEL_WARN, "calls_do_not_end",
              {{"message", "calls into plugins have not returned; the process ends without them"}});
  }
  leave(clean ? kDone : kFailed);
}

}  // namespace bourse::host
