// SPDX-License-Identifier: MIT
//
// An exchange made of functions, on any number of threads, with a clock that tests move.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugins/sources/binance/client/exchange.hpp"
#include "plugins/sources/binance/client/time_text.hpp"
#include "plugins/sources/binance/client/transport.hpp"

namespace bourse::binance {

/// 2025-07-20 08:26:40 UTC.
inline constexpr std::int64_t kStubStartMs = 1'753'000'000'000;

class StubClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    if (on_now) on_now();
    return Instant(passed());
  }
  [[nodiscard]] Time wall() const override {
    return Time{kStubStartMs * kNsPerMs + passed().count() + wall_error.load()};
  }
  /// Instant: time passes for those who sleep.
  void sleep_until(Instant instant) override {
    const auto until = instant.time_since_epoch().count();
    auto seen = passed_.load();
    while (seen < until && !passed_.compare_exchange_weak(seen, until)) {
    }
  }
  void advance(std::chrono::nanoseconds time) { passed_ += time.count(); }

  std::function<void()> on_now;              ///< on every thread; set it before there are others
  std::atomic<std::int64_t> wall_error = 0;  ///< ns; this machine's time of day is wrong by it

 private:
  [[nodiscard]] std::chrono::nanoseconds passed() const {
    return std::chrono::nanoseconds(passed_.load());
  }
  std::atomic<std::int64_t> passed_ = 3'600'000'000'000;
};

class StubTransport final : public Transport {
 public:
  /// Path to what answers it; the argument is all behind the question mark, decoded by nobody.
  using Reply = std::function<Result<HttpResponse>(const std::string& query)>;

  Result<HttpResponse> send(const HttpRequest& request, const Call& call) override {
    const auto now = target_now(request);
    if (!now) return now.error();
    const std::string target(*now);
    const std::size_t mark = target.find('?');
    const std::string path = target.substr(0, mark);
    Reply reply;
    {
      std::unique_lock lock(mutex_);
      sent_.push_back(target);
      arrived_.notify_all();
      while (held_ && !(call.stopped && call.stopped())) {
        arrived_.wait_for(lock, std::chrono::milliseconds(2));
      }
      const auto found = replies_.find(path);
      if (found != replies_.end()) reply = found->second;
    }
    if (call.stopped && call.stopped()) {
      Error error{.kind = ErrorKind::kNetwork, .message = "Stopped."};
      error.stopped = true;
      return error;
    }
    if (!reply) return HttpResponse{.status = 404, .headers = {}, .body = "{}"};
    return reply(mark == std::string::npos ? std::string() : target.substr(mark + 1));
  }

  [[nodiscard]] State state() const override { return connections; }
  State connections = {};  ///< what state() says

  void on(const std::string& path, Reply reply) {
    const std::lock_guard lock(mutex_);
    replies_[path] = std::move(reply);
  }
  void on(const std::string& path, std::string body) {
    on(path, [body](const std::string&) -> Result<HttpResponse> {
      return HttpResponse{.status = 200, .headers = {}, .body = body};
    });
  }
  [[nodiscard]] Reply reply_of(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return replies_.at(path);
  }
  /// Requests arrive, answers do not, until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    arrived_.notify_all();
  }
  /// Until so many requests to that path have arrived.
  void wait_for(const std::string& path, std::size_t count) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return count_locked(path) >= count; });
  }
  [[nodiscard]] std::size_t count(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return count_locked(path);
  }
  [[nodiscard]] std::vector<std::string> sent() const {
    const std::lock_guard lock(mutex_);
    return sent_;
  }

 private:
  [[nodiscard]] std::size_t count_locked(const std::string& path) const {
    std::size_t found = 0;
    for (const std::string& target : sent_) {
      found += target.substr(0, target.find('?')) == path ? 1U : 0U;
    }
    return found;
  }

  mutable std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::string, Reply> replies_;
  std::vector<std::string> sent_;
  bool held_ = false;
};

/// The value of a parameter of a query; "" when it is not there.
inline std::string parameter(const std::string& query, const std::string& name) {
  const std::string text = "&" + query;
  const std::size_t at = text.find("&" + name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 2;
  return text.substr(begin, text.find('&', begin) - begin);
}

inline HttpResponse answered(int status, std::string body,
                             std::vector<std::pair<std::string, std::string>> headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

/// Clock, transport and the client's exchange on top of them.
struct StubExchange {
  explicit StubExchange(ExchangeOptions options = {.site = Site::kData}) {
    transport->on("/api/v3/time", [clock = clock](const std::string&) -> Result<HttpResponse> {
      const std::int64_t ms = to_ms(clock->wall()) - clock->wall_error.load() / kNsPerMs;
      return answered(200, "{\"serverTime\":" + std::to_string(ms) + "}");
    });
    transport->on("/api/v3/ping", "{}");
    auto opened = Exchange::open(std::move(options),
                                 {.clock = clock, .random = nullptr, .transport = transport});
    exchange = opened ? *opened : nullptr;
  }
  [[nodiscard]] std::int64_t server_ms() const { return to_ms(clock->wall()); }
  /// A call with plenty of time.
  [[nodiscard]] Call call() const {
    return {.deadline = clock->now() + std::chrono::minutes(5), .stopped = {}};
  }

  std::shared_ptr<StubClock> clock = std::make_shared<StubClock>();
  std::shared_ptr<StubTransport> transport = std::make_shared<StubTransport>();
  std::shared_ptr<Exchange> exchange;
};

}  // namespace bourse::binance
