// SPDX-License-Identifier: MIT
//
// A plugin is a guest in somebody else's process: what all of it shares stays as it was, from the
// first constructor to the last destructor.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <string>

#include "host/base/utf8.hpp"
#include "host/observe/log.hpp"
#include "host/validate/exercise.hpp"
#include "host/validate/process_state.hpp"
#include "host/validate/rule.hpp"

namespace bourse::host::validate {
namespace {

/// Says what has been done since the last time.
using Look = std::function<void(const std::string& step)>;

/// What a component does is looked at before it returns to the host, which may put right what it
/// finds. One component at a time, in one run.
struct Watched {
  std::shared_ptr<const Component> component;
  const Look* look = nullptr;

  void saw(const char* verb) const { (*look)(verb + (" of " + kind_and_id(*component))); }
};
Watched& watched() {
  static Watched now;
  return now;
}

bourse_status watched_create(const bourse_host* host, bourse_call* call, const bourse_value* config,
                             void** self) {
  const auto status = watched().component->create(host, call, config, self);
  watched().saw("create");
  return status;
}
void watched_destroy(void* self) {
  watched().component->destroy(self);
  watched().saw("destroy");
}
bourse_status watched_run(void* self, bourse_call* call, const bourse_value* params) {
  const auto status = watched().component->run(self, call, params);
  watched().saw("run");
  return status;
}
bourse_status watched_fetch(void* self, bourse_call* call, std::size_t dataset,
                            const bourse_value* params) {
  const auto status = watched().component->fetch(self, call, dataset, params);
  watched().saw("fetch");
  return status;
}
bourse_status watched_render(void* self, bourse_call* call, const bourse_value* params,
                             const bourse_report* report) {
  const auto status = watched().component->render(self, call, params, report);
  watched().saw("render");
  return status;
}

std::shared_ptr<const Component> watching(const std::shared_ptr<const Component>& component,
                                          const Look& look) {
  watched() = {component, &look};
  Component copy = *component;
  if (copy.create != nullptr) copy.create = watched_create;
  if (copy.destroy != nullptr) copy.destroy = watched_destroy;
  if (copy.run != nullptr) copy.run = watched_run;
  if (copy.fetch != nullptr) copy.fetch = watched_fetch;
  if (copy.render != nullptr) copy.render = watched_render;
  return std::make_shared<const Component>(std::move(copy));
}

void use_watched(Subject& subject, const std::shared_ptr<const Component>& component,
                 const Look& look) {
  const std::string name = kind_and_id(*component);
  const auto settings =
      read_arguments(component->config, subject.texts_for(*component), wall_clock());
  if (!settings) return;
  subject.findings().item("create of " + name);
  auto created = subject.create(watching(component, look), *settings);
  if (!created) return;
  subject.findings().item("a call of " + name);
  (void)call_once(*created);
  subject.findings().item("destroy of " + name);
  *created = nullptr;
}

/// Loads, creates, calls, destroys and unloads all, and looks after each step.
void walk(Subject& subject, const Look& look) {
  auto done = subject.open();
  if (done) look("loading the library");
  if (done) done = subject.enter();
  if (done) look("bourse_plugin_v1");
  if (done) done = subject.start();
  if (!done) {
    return subject.findings().skip("the plugin cannot be loaded (descriptions.loads says why)");
  }
  look("init");
  for (const auto& component : subject.components()) use_watched(subject, component, look);
  watched() = {};
  subject.end();
  look("deinit");
  subject.close();
  look("unloading the library");
}

// ---- what it prints -----------------------------------------------------------------------------

/// Standard output and standard error lead into memory as long as this lives.
class Muffled {
 public:
  Muffled() {
    std::fflush(nullptr);
    for (std::size_t i = 0; i < kBoth.size(); ++i) {
      saved_[i] = fcntl(kBoth[i], F_DUPFD_CLOEXEC, 100);
      memory_[i] = memfd_create("bourse-printed", MFD_CLOEXEC);
      dup2(memory_[i], kBoth[i]);
    }
  }
  Muffled(const Muffled&) = delete;
  Muffled& operator=(const Muffled&) = delete;
  ~Muffled() {
    std::fflush(nullptr);
    for (std::size_t i = 0; i < kBoth.size(); ++i) {
      dup2(saved_[i], kBoth[i]);
      close(saved_[i]);
      close(memory_[i]);
    }
  }

  /// What was written to the first (0) or second of the two since this was last asked.
  std::string take(std::size_t i) {
    std::fflush(nullptr);
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t n = 0; text.size() < bytes.size() &&
                        (n = pread(memory_[i], bytes.data(), bytes.size(), offset_[i])) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(n));
      offset_[i] += n;
    }
    return text;
  }

 private:
  static constexpr std::array<int, 2> kBoth = {STDOUT_FILENO, STDERR_FILENO};
  std::array<int, 2> saved_{};
  std::array<int, 2> memory_{};
  std::array<off_t, 2> offset_{};
};

void check_output(Subject& subject, const Findings& findings) {
  struct Quiet {  // what the plugin logs is the host's to write
    Quiet() {
      set_line_writer([](const std::string&) {});
    }
    ~Quiet() { set_line_writer({}); }
  } const quiet;
  Muffled muffled;
  walk(subject, [&](const std::string& step) {
    constexpr std::array<const char*, 2> kNames = {"standard output", "standard error"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      const std::string text = muffled.take(i);
      if (text.empty()) continue;
      findings.fail(step, std::string("it writes to ") + kNames[i] + ": " + in_quotes(text, 200));
    }
  });
}

// ---- what it changes ----------------------------------------------------------------------------

void check_aspect(Subject& subject, const Findings& findings, Aspect aspect) {
  if (!subject.prepare()) {
    return findings.skip("the plugin cannot be loaded (descriptions.loads says why)");
  }
  ProcessState before = ProcessState::now(aspect);
  walk(subject, [&](const std::string& step) {
    ProcessState now = ProcessState::now(aspect);
    for (const auto& [what, how] : before.changes(now)) findings.fail(step, what + ": " + how);
    before = std::move(now);
  });
}

template <Aspect aspect>
void check_state(Subject& subject, const Findings& findings) {
  check_aspect(subject, findings, aspect);
}

// Loading may leave fast-math behind: that is a rule of the file.
void check_floating_point(Subject& subject, const Findings& findings) {
  ControlWords before = ControlWords::now();
  walk(subject, [&](const std::string& step) {
    const ControlWords now = ControlWords::now();
    if (now == before) return;
    if (step != "loading the library") findings.fail(step, before.difference(now));
    before.restore();
  });
}

// Created and alive it may hold descriptors; those of others it may not close, and when all is
// ended none may be left (lifecycle.leaves-nothing).
void check_descriptors(Subject& subject, const Findings& findings) {
  if (!subject.prepare()) {
    return findings.skip("the plugin cannot be loaded (descriptions.loads says why)");
  }
  const auto before = descriptors_now();
  walk(subject, [&](const std::string& step) {
    const auto now = descriptors_now();
    for (const auto& [number, leads_to] : before) {
      const auto found = now.find(number);
      if (found != now.end() && found->second == leads_to) continue;
      findings.fail(
          step, "descriptor " + std::to_string(number) + " of the host (" + leads_to + ") " +
                    (found == now.end() ? std::string("is closed") : "leads to " + found->second));
    }
  });
}

constexpr const char* kAfter = "lifecycle.threads-end";
constexpr const char* kRestore = "bring it back before the call returns, or do without it";

constexpr std::array kRules = {
    Rule{.id = "manners.output",
         .asks = "It writes nothing to standard output and standard error.",
         .remedy = "use host->log; what commands write to standard output is a report",
         .applies = kToPlugin,
         .check = check_output,
         .after = kAfter},
    Rule{.id = "manners.descriptors",
         .asks = "It closes no descriptor that it did not open.",
         .remedy = "close each descriptor once, and set it to -1",
         .applies = kToPlugin,
         .check = check_descriptors,
         .after = kAfter},
    Rule{.id = "manners.signals",
         .asks = "Handlers of signals and the thread's mask stay as they are.",
         .remedy = "signals belong to the program; a library that installs handlers has a switch "
                   "for it",
         .applies = kToPlugin,
         .check = check_state<Aspect::kSignals>,
         .after = kAfter},
    Rule{.id = "manners.floating-point",
         .asks = "After each call, rounding and denormals are as they were before.",
         .remedy = kRestore,
         .applies = kToPlugin,
         .check = check_floating_point,
         .after = kAfter},
    Rule{.id = "manners.locale",
         .asks = "The locale of the process and of the thread stays as it is.",
         .remedy = "use newlocale and the _l functions, or what ignores locales (charconv)",
         .applies = kToPlugin,
         .check = check_state<Aspect::kLocale>,
         .after = kAfter},
    Rule{.id = "manners.environment",
         .asks = "It changes no variable of the environment.",
         .remedy = "setenv is unsafe where there are threads: keep the value in the instance",
         .applies = kToPlugin,
         .check = check_state<Aspect::kEnvironment>,
         .after = kAfter},
    Rule{.id = "manners.folder",
         .asks = "The working folder and the umask stay as they are.",
         .remedy = "use whole paths, openat and fchmod",
         .applies = kToPlugin,
         .check = check_state<Aspect::kFolder>,
         .after = kAfter},
    Rule{.id = "manners.limits",
         .asks = "The limits and the priority of the process stay as they are.",
         .remedy = "they are the operator's: say in the documentation what is needed",
         .applies = kToPlugin,
         .check = check_state<Aspect::kLimits>,
         .after = kAfter},
};

}  // namespace

Rules manners_rules() { return kRules; }

}  // namespace bourse::host::validate
