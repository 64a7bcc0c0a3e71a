// SPDX-License-Identifier: MIT
#include "plugins/sources/binance/client/environment.hpp"

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

namespace bourse::binance {
namespace {

constexpr auto kBetweenQuestions = std::chrono::milliseconds(50);

class RealClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] Time wall() const override {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return Time{std::chrono::duration_cast<std::chrono::nanoseconds>(since).count()};
  }
  void sleep_until(Instant instant) override { std::this_thread::sleep_until(instant); }
};

class RealRandom final : public Random {
 public:
  double unit() override {
    const std::lock_guard lock(mutex_);
    return std::uniform_real_distribution<double>(0, 1)(engine_);
  }

 private:
  std::mutex mutex_;
  std::minstd_rand engine_{std::random_device{}()};
};

}  // namespace

std::shared_ptr<Clock> real_clock() { return std::make_shared<RealClock>(); }
std::shared_ptr<Random> real_random() { return std::make_shared<RealRandom>(); }

bool wait_until(Clock& clock, Instant instant, const Call& call) {
  while (true) {
    if (call.stopped && call.stopped()) return false;
    const Instant now = clock.now();
    if (now >= instant) return true;
    clock.sleep_until(call.stopped ? std::min(instant, now + kBetweenQuestions) : instant);
  }
}

}  // namespace bourse::binance
