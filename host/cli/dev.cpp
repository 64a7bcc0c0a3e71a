// SPDX-License-Identifier: MIT
#include "host/cli/dev.hpp"

#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "host/base/own_streams.hpp"
#include "host/base/utf8.hpp"
#include "host/cli/dev_page.hpp"
#include "host/cli/dev_project.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/output.hpp"
#include "host/cli/process.hpp"
#include "host/cli/setup.hpp"
#include "host/cli/source.hpp"

namespace bourse::host {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{300};
constexpr std::chrono::milliseconds kPatience{5'000};
constexpr std::chrono::minutes kBuildMax{30};
constexpr std::chrono::minutes kValidationMax{10};
constexpr std::chrono::seconds kReloadMax{30};
constexpr std::size_t kRoutesMax = std::size_t{8} << 20;

int complain(const Failure& why) {
  std::fprintf(stderr, "error: %s\n", printable(why.message, 8000).c_str());
  return why.code == kUsageCode ? kUsage : kFailed;
}

/// Where the server listens: nobody else can enter it.
class SocketFolder {
 public:
  SocketFolder() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    std::string name = std::string(runtime != nullptr && *runtime == '/' ? runtime : "/tmp") +
                       "/bourse-dev-XXXXXX";
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~SocketFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  SocketFolder(const SocketFolder&) = delete;
  SocketFolder& operator=(const SocketFolder&) = delete;

  [[nodiscard]] bool exists() const noexcept { return !path_.empty(); }
  [[nodiscard]] std::string socket() const { return path_ + "/serve.sock"; }

 private:
  std::string path_;
};

/// How a program ended.
struct Ran {
  int code = -1;
  bool is_interrupted = false;
  std::string failure = {};  ///< it could not be started
};

/// Builds, validates and serves, round by round.
class Workshop {
 public:
  Workshop(const DevOptions& options, DevProject project, std::string socket, DevState& state,
           const std::atomic<bool>& stops)
      : options_(options),
        project_(std::move(project)),
        socket_(std::move(socket)),
        state_(state),
        stops_(stops) {}
  ~Workshop() {
    if (server_) server_->stop(kPatience);
  }
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;

  void run() {
    DevProject::Snapshot known;
    while (!stops_) {
      DevProject::Snapshot now = settled(project_.snapshot());
      if (now == known) {
        std::this_thread::sleep_for(kLook);
        continue;
      }
      known = std::move(now);  // what is written while it is built is a change
      round();
    }
  }

 private:
  /// A change that has come to rest: editors write in several steps.
  DevProject::Snapshot settled(DevProject::Snapshot first) const {
    for (;;) {
      std::this_thread::sleep_for(kLook / 3);
      DevProject::Snapshot next = project_.snapshot();
      if (next == first || stops_) return next;
      first = std::move(next);
    }
  }

  void round() {
    state_.begin();
    say("building");
    const auto began = steady_clock::now();
    for (const BuildStep& step : project_.steps()) {
      state_.add_output("$ " + step.text() + "\n");
      const Ran ran = run_program(step.words, kBuildMax,
                                  [this](std::string_view text) { state_.add_output(text); });
      if (ran.code != 0) return fail(step.text() + ended(ran), "");
    }
    std::string routes;
    std::string complaints;
    const Ran listed = run_program(self({"routes", project_.config().string(), "--json"}),
                                   kReloadMax, [&](std::string_view text) {
                                     if (routes.size() < kRoutesMax) routes += text;
                                   });
    if (listed.code != 0) {
      state_.add_output(routes);
      return fail(project_.config().filename().string() + " cannot be served", "");
    }
    routes.erase(0, std::min(routes.find('['), routes.size()));  // warnings stand before it
    const std::string findings = validate();
    if (!serve()) return fail("the server did not take it; see what it says", findings);
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f s",
                  std::chrono::duration<double>(steady_clock::now() - began).count());
    finish(DevState::Phase::kGood,
           found_ ? "served, with findings, after " + std::string(seconds)
                  : "served after " + std::string(seconds),
           findings, std::move(routes));
  }
  void finish(DevState::Phase phase, std::string headline, std::string findings,
              std::string routes) {
    if (stops_) return;
    say(headline);
    state_.end(phase, std::move(headline), std::move(findings), std::move(routes));
  }
  void fail(std::string headline, std::string findings) {
    finish(DevState::Phase::kBroken, std::move(headline), std::move(findings), "");
  }
  static void say(const std::string& line) {
    print(printable(line, 1000));
    std::fflush(own_output());
  }
  static std::string ended(const Ran& ran) {
    if (!ran.failure.empty()) return ": " + ran.failure;
    if (ran.is_interrupted) return " did not end";
    return " failed (exit code " + std::to_string(ran.code) + ")";
  }

  /// This program, with the plugins that it was told.
  [[nodiscard]] std::vector<std::string> self(std::vector<std::string> words) const {
    words.insert(words.begin(), "/proc/self/exe");
    std::error_code error;
    const fs::path program = fs::read_symlink(words.front(), error);
    if (!error) words.front() = program.string();
    for (const fs::path& folder : options_.plugins) {
      words.insert(words.end(), {"--plugins", folder.string()});
    }
    return words;
  }

  Ran run_program(const std::vector<std::string>& words, std::chrono::nanoseconds limit,
                  Process::Output output) {
    Process process;
    const auto started = process.start(words, project_.folder().string(), std::move(output));
    if (!started) return {.failure = started.failure().message};
    const auto end = steady_clock::now() + limit;
    while (!process.wait_until(steady_clock::now() + kLook)) {
      if (!stops_ && steady_clock::now() < end) continue;
      process.stop(kPatience);
      return {.is_interrupted = true};
    }
    return {.code = process.exit_code()};
  }

  /// What `bourse validate` says of what was built; "" when all is well.
  std::string validate() {
    found_ = false;
    if (!options_.validate) return {};
    const auto read = load_config(project_.config(), process_environment(), ConfigPart::kSources);
    SetupOptions setup;
    setup.plugins = options_.plugins;
    std::string all;
    for (const fs::path& file :
         project_.built(plugin_folders(setup, read.config ? &*read.config : nullptr))) {
      std::string said;
      const std::vector<std::string> words = self({"validate", file.string()});
      const Ran ran = run_program({words.begin(), words.begin() + 3}, kValidationMax,
                                  [&](std::string_view text) { said += text; });
      found_ = found_ || ran.code != 0;
      all += said;
    }
    return all;
  }

  /// Starts the server, or has it take what is new. False: it serves what it served before, or
  /// nothing.
  bool serve() {
    if (server_ && server_->is_running()) return reload();
    server_ = std::make_unique<Process>();
    heard_.clear();
    const auto started =
        server_->start(self({"serve", project_.config().string(), "--listen", "unix:" + socket_}),
                       project_.folder().string(), [this](std::string_view text) { hear(text); });
    return started && wait_for({" listening "}, {});
  }
  bool reload() {
    {
      const std::lock_guard lock(mutex_);
      heard_.clear();
    }
    server_->signal(SIGHUP);
    return wait_for({" reloaded ", "\"event\":\"reloaded\""},
                    {" reload_refused", "\"event\":\"reload_refused\""});
  }
  void hear(std::string_view text) {
    state_.add_log(text);
    const std::lock_guard lock(mutex_);
    heard_ += text;
    changed_.notify_all();
  }
  /// For one of these words in what the server says.
  bool wait_for(std::vector<std::string> good, const std::vector<std::string>& bad) {
    good.emplace_back("\"event\":\"listening\"");
    const auto has = [this](const std::vector<std::string>& words) {
      for (const std::string& word : words) {
        if (heard_.find(word) != std::string::npos) return true;
      }
      return false;
    };
    const auto end = steady_clock::now() + kReloadMax;
    std::unique_lock lock(mutex_);
    while (!stops_ && steady_clock::now() < end) {
      if (has(good)) return true;
      if (has(bad)) return false;
      changed_.wait_for(lock, kLook);
      lock.unlock();
      const bool running = server_->is_running();
      lock.lock();
      if (!running) return false;
    }
    return false;
  }

  const DevOptions& options_;
  const DevProject project_;
  const std::string socket_;
  DevState& state_;
  const std::atomic<bool>& stops_;
  bool found_ = false;  ///< validation found something
  std::mutex mutex_;    ///< of heard_
  std::condition_variable changed_;
  std::string heard_;  ///< since the server was asked last
  std::unique_ptr<Process> server_;
};

}  // namespace

int dev(const DevOptions& options) {
  Interrupt interrupt;
  auto project = DevProject::find(options.folder, options.build, options.config);
  if (!project) return complain(project.failure());
  const SocketFolder sockets;
  if (!sockets.exists()) {
    return complain({.status = BOURSE_INTERNAL,
                     .code = "no_folder",
                     .message = "no folder could be made for the server's socket: set "
                                "XDG_RUNTIME_DIR to one that is writable"});
  }
  DevState state;
  const auto page = DevPage::open(options.listen, sockets.socket(), state);
  if (!page) return complain(page.failure());
  print("the page: " + (*page)->url());
  std::atomic<bool> stops = false;
  interrupt.handle([&] { stops = true; }, [] {});
  Workshop(options, *std::move(project), sockets.socket(), state, stops).run();
  interrupt.let_go();
  return kDone;
}

}  // namespace bourse::host
