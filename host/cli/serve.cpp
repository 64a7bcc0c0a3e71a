// SPDX-License-Identifier: MIT
#include "host/cli/serve.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "host/http/server.hpp"
#include "host/observe/log.hpp"
#include "host/service/admin.hpp"
#include "host/service/service.hpp"

namespace bourse::host {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

/// How long calls may go on that no client waits for any more.
constexpr auto kLastCalls = std::chrono::seconds(1);

/// Signals that the main thread waits for. Blocked before any thread is made, so no other sees
/// them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

/// The next SIGTERM or SIGINT, or 0 when none comes within `limit`.
int await_stop(const sigset_t& signals, nanoseconds limit) {
  const auto end = steady_clock::now() + limit;
  while (true) {
    const auto left = std::max(nanoseconds(end - steady_clock::now()), nanoseconds(0));
    const auto seconds = duration_cast<std::chrono::seconds>(left);
    const timespec wait{seconds.count(), (left - seconds).count()};
    const int number = sigtimedwait(&signals, nullptr, &wait);
    if (number == SIGTERM || number == SIGINT) return number;
    if (number == SIGHUP) {
      log_event(
          BOURSE_LEVEL_WARN, "signal_ignored",
          {{"signal", "SIGHUP"}, {"message", "a running server does not reload: restart it"}});
    }
    if (number < 0 && steady_clock::now() >= end) return 0;
  }
}

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
bool shut_down(Server& server, Service& service, const ShutdownConfig& config,
               const sigset_t& signals) {
  service.set_unready();
  log_event(BOURSE_LEVEL_INFO, "stopping");
  if (await_stop(signals, config.delay.value) != 0) return false;
  server.stop_accepting();
  const auto end = steady_clock::now() + config.grace.value;
  bool drained = server.drain(milliseconds(0));
  while (!drained && steady_clock::now() < end && await_stop(signals, nanoseconds(0)) == 0) {
    drained = server.drain(milliseconds(100));
  }
  if (!drained) {
    log_event(BOURSE_LEVEL_WARN, "requests_cut_off",
              {{"in_flight", std::to_string(server.stats().requests_in_flight)}});
  }
  server.stop();
  return drained;
}

int cannot_listen(const std::string& why) {
  stop_log();
  std::fprintf(stderr, "error: %s\n", why.c_str());
  return kFailed;
}

}  // namespace

int serve(const ServeOptions& options) {
  const sigset_t signals = block_signals();
  SetupOptions with_log = options.setup;
  with_log.configured = [](const Config& config) {
    start_log(level_of(config.log.level.value),
              config.log.format.value == LogFormat::kJson ? LineFormat::kJson : LineFormat::kText);
  };
  auto setup = set_up(with_log);
  if (!setup) {
    stop_log();
    return kFailed;
  }
  const Config& config = setup->config;
  const std::size_t routes = setup->generation->routes().size();
  Service service(std::move(setup->generation), worker_options(config.server),
                  {.bytes_max = config.server.cache_memory.value});
  std::atomic<const Server*> front{nullptr};
  Admin admin(service, [&front]() -> std::optional<Stats> {
    const Server* const server = front.load();
    return server == nullptr ? std::nullopt : std::optional(server->stats());
  });
  // Before the public one, which no client shall reach and then lose because this one fails.
  std::unique_ptr<Server> admin_server;
  if (config.server.admin) {
    auto started = Server::start(admin_options(config.server.admin->value), admin);
    if (!started) return cannot_listen("the admin listener: " + started.failure().message);
    admin_server = *std::move(started);
    log_event(BOURSE_LEVEL_INFO, "admin_listening",
              {{"port", std::to_string(admin_server->port())}});
  }
  auto server = Server::start(server_options(config.server, options.listen), service);
  if (!server) return cannot_listen(server.failure().message);
  front = server->get();
  log_event(BOURSE_LEVEL_INFO, "listening",
            {{"port", std::to_string((*server)->port())},
             {"version", BOURSE_VERSION},
             {"routes", std::to_string(routes)},
             {"plugins", std::to_string(setup->loaded.catalog->plugins().size())}});
  while (await_stop(signals, std::chrono::hours(24)) == 0) {
  }
  const bool clean = shut_down(**server, service, config.server.shutdown, signals);
  if (admin_server) admin_server->stop();
  // A plugin that never returns would keep its thread from ending; its clients have been told.
  const bool idle = service.drain(kLastCalls) && admin.drain(kLastCalls);
  log_event(BOURSE_LEVEL_INFO, "stopped");
  stop_log();
  if (!clean || !idle) std::_Exit(clean ? kDone : kFailed);
  service.stop();
  return kDone;
}

}  // namespace bourse::host
