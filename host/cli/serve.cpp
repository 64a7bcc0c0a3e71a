// SPDX-License-Identifier: MIT
#include "host/cli/serve.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "host/cli/pulse.hpp"
#include "host/cli/reloader.hpp"
#include "host/cli/signals.hpp"
#include "host/cli/tidy.hpp"
#include "host/cli/watch.hpp"
#include "host/http/server.hpp"
#include "host/observe/log.hpp"
#include "host/observe/service_manager.hpp"
#include "host/plugins/ending.hpp"
#include "host/service/admin.hpp"
#include "host/service/generations.hpp"
#include "host/service/reloads.hpp"
#include "host/service/schedule.hpp"
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

unsigned processors() { return std::max(1U, std::thread::hardware_concurrency()); }

ServerOptions admin_options(const Listeners& listen) {
  ServerOptions options;
  options.listen = listen;
  options.limits.connections_max = 32;
  options.limits.body_bytes_max = 0;
  options.limits.memory_max = std::size_t{32} << 20u;
  return options;
}

ServerOptions server_options(const ServerConfig& config, const Listeners& listen) {
  const auto ms = [](const LocatedDuration& d) { return duration_cast<milliseconds>(d.value); };
  ServerOptions options;
  options.listen = listen;
  options.io_threads =
      config.io_threads.value != 0 ? config.io_threads.value : std::clamp(processors() / 4, 1U, 8U);
  options.limits.connections_max = config.max_connections.value;
  options.limits.connections_per_peer_max = config.max_connections_per_client.value != 0
                                                ? config.max_connections_per_client.value
                                                : std::max(16U, config.max_connections.value / 4);
  options.limits.memory_max = config.memory.value;
  options.limits.unsent_bytes_per_connection_max =
      std::max(options.limits.unsent_bytes_per_connection_max,
               static_cast<std::size_t>(config.max_response.value + config.max_header.value));
  options.probe_target = Service::kProbe;
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
          .queue = config.queue.value,
          .substitutes = config.substitutes.value};
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
              {{"in_flight", server.stats().requests_in_flight}});
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
            {{"files", reloader.inputs().files().size()},
             {"plugin_folders", reloader.inputs().folders().size()}});
  return watch;
}

Result<Listeners> listeners(const ServerConfig& config, const std::string& instead) {
  if (instead.empty()) return config.listen.value;
  auto address = parse_listen_address(instead);
  if (!address) return std::move(address).failure();
  return Listeners{*std::move(address)};
}

/// Connections to a socket that was passed and that nobody takes would wait for ever.
std::string unwanted_sockets(const PassedSockets& passed, Listeners listen,
                             const ServerConfig& config) {
  if (config.admin) {
    const Listeners& admin = config.admin->value;
    listen.insert(listen.end(), admin.begin(), admin.end());
  }
  std::string names;
  for (const auto& name : passed.unwanted(listen)) names += (names.empty() ? "" : ", ") + name;
  if (names.empty()) return names;
  return "sockets were passed to the server that it shall not listen on: " + names +
         "; write \"systemd:NAME\" in \"listen\" or \"admin\", or take them out of the socket unit";
}

/// The first port of TCP, if there is one, and all of where it listens.
std::vector<LogField> place_of(const Server& server) {
  std::vector<LogField> fields;
  if (server.port() != 0) fields.push_back({"port", server.port()});
  std::string texts;
  for (const auto& text : server.where()) texts += (texts.empty() ? "" : ",") + text;
  fields.push_back({"on", texts});
  return fields;
}

/// How long the end may take, from the signal on.
std::chrono::nanoseconds end_limit(const ShutdownConfig& config) {
  constexpr auto kRest = std::chrono::seconds(5);  // joining threads, writing the last lines
  return config.delay.value + config.grace.value + 3 * kLastCalls + kLastEnds + kLastLines + kRest;
}

int cannot_listen(const std::string& why) {
  (void)stop_log();
  std::fprintf(stderr, "error: %s\n", why.c_str());
  return kFailed;
}

/// What serves, from where it listens to the end of the process.
class Serving {
 public:
  Serving(const ServeOptions& options, Setup setup, KeptPlugins& kept, ServiceManager& manager)
      : watches_(options.watch),
        manager_(manager),
        setup_(std::move(setup)),
        plugins_(std::exchange(setup_.loaded, {}).catalog->plugins().size()),
        kept_(kept),
        service_(generations_.admit(std::move(setup_.generation)),
                 worker_options(setup_.config.server),
                 {.bytes_max = setup_.config.server.cache_memory.value}),
        admin_(service_, [this] { return stats(); }),
        reloader_(options.setup, setup_, !options.listen.empty(), kept, service_, generations_),
        reloads_([this] { return reload(); }) {}

  /// The admin listener first: no client shall reach the public one and then lose it because the
  /// other fails. Nothing, or why it cannot listen.
  std::optional<std::string> listen(const Listeners& where, PassedSockets& passed) {
    const ServerConfig& config = setup_.config.server;
    if (config.admin) {
      admin_.take_schedule(schedule_);
      admin_.take_reloads({.reloads = reloads_,
                           .served = [this] { return reloader_.served(); },
                           .alive = [this] { return generations_.alive(); },
                           .listed = hosts_of(config.admin->value)});
      auto started = Server::start(admin_options(config.admin->value), admin_, passed);
      if (!started) return "the admin listener: " + started.failure().message;
      admin_server_ = *std::move(started);
      log_event(BOURSE_LEVEL_INFO, "admin_listening", place_of(*admin_server_));
    }
    ServerOptions options = server_options(config, where);
    options.is_shared = [this](const Address& peer) {
      return service_.generation()->trusted_proxies().trust(peer);
    };
    auto started = Server::start(options, service_, passed);
    if (!started) return started.failure().message;
    server_ = *std::move(started);
    front_ = server_.get();
    std::vector<LogField> facts = place_of(*server_);
    place_ = facts.back().value;
    facts.push_back({"version", BOURSE_VERSION});
    facts.push_back({"routes", service_.generation()->routes().size()});
    facts.push_back({"plugins", plugins_});
    log_event(BOURSE_LEVEL_INFO, "listening", facts);
    schedule_.take(service_.generation()->tasks());
    return std::nullopt;
  }

  void serve(Signals& signals) {
    const Tidy tidy;
    Pulse pulse(*server_, admin_server_.get(), service_);
    manager_.watch([&pulse] { return pulse.stuck(); });
    manager_.ready(status());
    // What was asked while the server started may have come after the file was read.
    signals.on_hangup([this] { ask("SIGHUP"); });
    std::unique_ptr<Watch> watch;
    if (watches_) watch = start_watch(reloader_, [this](const char* who) { ask(who); });
    signals.await_stop();
    const auto limit = end_limit(reloader_.shutdown());
    manager_.stopping(duration_cast<std::chrono::microseconds>(limit));
    manager_.end_watch();
    watch.reset();
    (void)reloads_.drain(std::chrono::nanoseconds(0));  // no more are taken
    schedule_.stop();  // so tasks have as long as requests to come to their end
  }

  /// After serve().
  [[noreturn]] void end() {
    const bool clean = shut_down(*server_, service_, reloader_.shutdown());
    const bool reloaded = reloads_.drain(kLastReload);
    if (admin_server_) admin_server_->stop();
    // A plugin that never returns would keep its thread from ending; its clients have been told.
    if (!reloaded) {
      log_event(BOURSE_LEVEL_WARN, "reload_does_not_end",
                {{"message", "a file or a plugin keeps it; the process ends without it"}});
    } else if (service_.drain(kLastCalls) && admin_.drain(kLastCalls) &&
               schedule_.drain(kLastCalls)) {
      end_plugins([this] { let_go(); });
    } else {
      log_event(
          BOURSE_LEVEL_WARN, "calls_do_not_end",
          {{"message", "calls into plugins have not returned; the process ends without them"}});
    }
    leave(clean ? kDone : kFailed);
  }

  /// After listen() failed.
  [[noreturn]] void end_unserved(const std::string& why) {
    if (admin_server_) admin_server_->stop();
    if (reloads_.drain(kLastReload) && admin_.drain(kLastCalls)) end_plugins([this] { let_go(); });
    ::_exit(cannot_listen(why));
  }

 private:
  /// Where a browser may say that it found the listener; see foreign().
  static std::vector<std::string> hosts_of(const Listeners& listeners) {
    std::vector<std::string> hosts;
    for (const ListenAddress& address : listeners) {
      if (!address.host.empty()) hosts.push_back(address.host);
    }
    return hosts;
  }

  [[nodiscard]] std::optional<Stats> stats() const {
    const Server* const server = front_.load();
    return server == nullptr ? std::nullopt : std::optional(server->stats());
  }
  [[nodiscard]] std::string status() const {
    return std::to_string(service_.generation()->routes().size()) + " routes on " + place_;
  }
  ReloadVerdict reload() {
    manager_.reloading();
    ReloadVerdict verdict = reloader_.reload();
    if (verdict.taken) schedule_.take(service_.generation()->tasks());
    manager_.ready(status());
    return verdict;
  }
  void ask(const char* who) {
    if (reloads_.ask([](const ReloadVerdict&) {})) return;
    log_event(BOURSE_LEVEL_WARN, "no_reload",
              {{"asked_by", who}, {"message", "too many wait for one already"}});
  }
  void let_go() {
    service_.end();
    (void)generations_.drain(std::chrono::hours(1));
    kept_.clear();
  }

  const bool watches_;
  ServiceManager& manager_;
  Setup setup_;  ///< of the start: its generation goes to the service
  const std::size_t plugins_;
  KeptPlugins& kept_;
  Generations generations_;
  Service service_;
  Schedule schedule_;
  std::atomic<const Server*> front_{nullptr};
  Admin admin_;
  Reloader reloader_;
  Reloads reloads_;
  std::unique_ptr<Server> admin_server_;
  std::unique_ptr<Server> server_;
  std::string place_;  ///< where the public one listens, as text; does not change after listen()
};

}  // namespace

int serve(const ServeOptions& options) {
  auto passed = PassedSockets::take();
  if (!passed) return cannot_listen(passed.failure().message);
  ServiceManager manager;
  Signals signals;
  signals.on_reopen(reopen_log);
  SetupOptions with_log = options.setup;
  with_log.configured = [](const Config& config) {
    const LineFormat format =
        config.log.format.value == LogFormat::kJson ? LineFormat::kJson : LineFormat::kText;
    const auto started = start_log(level_of(config.log.level.value), format, config.log.file.value);
    if (started) return;
    std::fprintf(stderr, "error: %s\n", started.failure().message.c_str());
    ::_exit(kFailed);  // nothing has begun yet
  };
  KeptPlugins kept;
  auto setup = set_up(with_log, {.plugins = &kept});
  if (!setup) {
    (void)stop_log();
    return kFailed;
  }
  const ServerConfig& config = setup->config.server;
  const auto listen = listeners(config, options.listen);
  if (!listen) return cannot_listen(listen.failure().message);
  if (const auto unwanted = unwanted_sockets(*passed, *listen, config); !unwanted.empty()) {
    return cannot_listen(unwanted);
  }
  Serving serving(options, *std::move(setup), kept, manager);
  if (const auto why = serving.listen(*listen, *passed)) serving.end_unserved(*why);
  serving.serve(signals);
  serving.end();
}

void try_to_listen(const ServerConfig& config, Diagnostics& diagnostics) {
  const auto add = [&](const Mark& mark, const std::string& whose, const ServerOptions& options) {
    for (const Failure& why : Server::try_to_start(options)) {
      const bool too_many =
          why.code == "bad_server_option" && config.max_connections.mark.line != 0;
      diagnostics.error(too_many ? config.max_connections.mark : mark, why.code,
                        whose + why.message);
    }
  };
  if (config.admin)
    add(config.admin->mark, "the admin listener: ", admin_options(config.admin->value));
  add(config.listen.mark, "", server_options(config, config.listen.value));
}

}  // namespace bourse::host
