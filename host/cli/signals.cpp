// SPDX-License-Identifier: MIT
#include "host/cli/signals.hpp"

#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "host/observe/log.hpp"
#include "host/plugins/foreign_call.hpp"

namespace bourse::host {
namespace {

constexpr auto kLastWords = std::chrono::milliseconds(100);

const char* name_of(int number) {
  switch (number) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGQUIT:
      return "SIGQUIT";
    case SIGHUP:
      return "SIGHUP";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      return "SIGUSR2";
  }
}

/// No destructor, no handler of exit: one of them may be what hangs.
[[noreturn]] void end_at_once(int number) {
  log_event(BOURSE_LEVEL_WARN, "ended_at_once",
            {{"signal", name_of(number)}, {"message", "the second signal: nothing is waited for"}});
  (void)flush_log(kLastWords);
  ::_exit(1);
}

void ignore(int number, const char* why) {
  log_event(BOURSE_LEVEL_WARN, "signal_ignored", {{"signal", name_of(number)}, {"message", why}});
}

}  // namespace

struct Signals::State {
  std::mutex mutex;
  std::condition_variable changed;
  bool told_to_stop = false;
  std::function<void()> hung_up;
  bool waits = false;  ///< a SIGHUP came before anybody could be told
  std::atomic<bool (*)()> reopen{nullptr};

  void hear(int number) {
    if (number == SIGUSR1) {
      const auto open = reopen.load();
      if (open != nullptr && open()) return;
      return ignore(number, "it opens the log file anew, and there is none: see log.file");
    }
    if (number == SIGUSR2) return ignore(number, "it means nothing to this server");
    std::unique_lock lock(mutex);
    if (number != SIGHUP) {
      if (std::exchange(told_to_stop, true)) end_at_once(number);
      return changed.notify_all();
    }
    if (told_to_stop) {
      lock.unlock();
      return ignore(number, "the server is shutting down");
    }
    const auto call = hung_up;
    if (!call) waits = true;
    lock.unlock();
    if (call) call();
  }
};

Signals::Signals() : state_(std::make_shared<State>()) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2}) {
    sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  adopt_signal_mask();
  std::thread([state = state_, signals] {
    while (true) {
      int number = 0;
      if (sigwait(&signals, &number) == 0) state->hear(number);
    }
  }).detach();
}

void Signals::on_hangup(std::function<void()> hung_up) {
  std::unique_lock lock(state_->mutex);
  state_->hung_up = hung_up;
  const bool came = std::exchange(state_->waits, false);
  lock.unlock();
  if (came) hung_up();
}

void Signals::on_reopen(bool (*reopen)()) { state_->reopen.store(reopen); }

bool Signals::await_stop(std::chrono::nanoseconds limit) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, limit, [&] { return state_->told_to_stop; });
}

void Signals::await_stop() {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait(lock, [&] { return state_->told_to_stop; });
}

}  // namespace bourse::host
