// SPDX-License-Identifier: MIT
#include "host/cli/interrupt.hpp"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

#include "host/plugins/foreign_call.hpp"

namespace bourse::host {

struct Interrupt::State {
  std::mutex mutex;
  std::function<void()> first;
  std::function<void()> last;
  std::atomic<int> heard{0};

  void hear(int number) {
    const std::lock_guard lock(mutex);
    const int before = heard.exchange(number);
    if (before == 0 && first) return first();
    if (last) last();
    ::_exit(128 + number);  // no destructor: one of them may be what hangs
  }
};

Interrupt::Interrupt() : state_(std::make_shared<State>()) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  adopt_signal_mask();
  std::thread([state = state_, signals] {
    while (true) {
      int number = 0;
      if (sigwait(&signals, &number) == 0) state->hear(number);
    }
  }).detach();
}

void Interrupt::handle(std::function<void()> first, std::function<void()> last) {
  const std::lock_guard lock(state_->mutex);
  state_->first = std::move(first);
  state_->last = std::move(last);
}

int Interrupt::heard() const noexcept { return state_->heard.load(); }

void Interrupt::let_go() { handle({}, {}); }

}  // namespace bourse::host
