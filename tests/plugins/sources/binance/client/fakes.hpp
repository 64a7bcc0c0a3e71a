// SPDX-License-Identifier: MIT
//
// A world for tests: time that passes when someone sleeps, dice with known results, an exchange
// made of a function.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/environment.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "plugins/sources/binance/client/transport.hpp"

namespace bourse::binance {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// 2025-07-20 08:26:40 UTC: 40 s into a minute.
inline constexpr std::int64_t kStartMs = 1'753'000'000'000;

/// Sleeping is instant; what was planned for the time in between happens then. One thread.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Time wall() const override {
    return Time{kStartMs * kNsPerMs + (now_ - Instant{}).count() + wall_shift.count()};
  }
  void sleep_until(Instant instant) override {
    while (!planned_.empty() && planned_.begin()->first <= instant) {
      auto event = planned_.extract(planned_.begin());
      now_ = std::max(now_, event.key());
      event.mapped()();
    }
    if (instant > now_) slept += instant - now_;
    now_ = std::max(now_, instant);
  }
  void advance(nanoseconds time) { sleep_until(now_ + time); }
  void plan(Instant at, std::function<void()> what) { planned_.emplace(at, std::move(what)); }
  [[nodiscard]] std::int64_t wall_ms() const { return to_ms(wall()); }

  nanoseconds wall_shift{0};
  nanoseconds slept{0};

 private:
  Instant now_{};
  std::multimap<Instant, std::function<void()>> planned_;
};

class FakeRandom final : public Random {
 public:
  double unit() override { return value; }
  double value = 0.5;
};

/// Repeatable dice for simulations.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::int64_t between(std::int64_t low, std::int64_t high) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return low +
           static_cast<std::int64_t>((state_ >> 33U) % static_cast<std::uint64_t>(high - low + 1));
  }

 private:
  std::uint64_t state_;
};

inline HttpResponse answer(int status, std::string body,
                           std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

/// Every request goes to `reply`; what was sent is kept.
class FakeTransport final : public Transport {
 public:
  struct Sent {
    std::string method, target, api_key;
    bool fresh;
    Instant at;
  };

  explicit FakeTransport(std::shared_ptr<FakeClock> clock) : clock_(std::move(clock)) {}
  Result<HttpResponse> send(const HttpRequest& request, const Call& call) override {
    clock_->advance(wait);
    const auto target = target_now(request);
    if (!target) return target.error();
    sent.push_back({std::string(request.method), std::string(*target),
                    request.api_key == nullptr ? "" : std::string(request.api_key->reveal()),
                    request.fresh_connection, clock_->now()});
    clock_->advance(latency);
    static_cast<void>(call);
    return reply(sent.back());
  }
  /// How many requests went to that path.
  [[nodiscard]] std::size_t count(const std::string& path) const {
    std::size_t found = 0;
    for (const Sent& one : sent) {
      found += one.target.substr(0, one.target.find('?')) == path ? 1U : 0U;
    }
    return found;
  }

  std::function<Result<HttpResponse>(const Sent&)> reply;
  nanoseconds wait{0};  ///< for a connection
  nanoseconds latency = milliseconds(40);
  std::vector<Sent> sent;

 private:
  std::shared_ptr<FakeClock> clock_;
};

}  // namespace bourse::binance
