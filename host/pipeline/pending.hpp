// SPDX-License-Identifier: MIT
//
// Requests whose answer is being made, and the clock that answers for those who are late.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "host/http/message.hpp"

namespace bourse::host {

/// A Responder that several may try to use; the first one answers. [any thread]
class Pending {
 public:
  explicit Pending(Responder responder) : responder_(std::move(responder)) {}
  /// False: it has been answered already, and the client never sees this.
  bool answer(Response response);
  [[nodiscard]] bool answered() const noexcept { return answered_.load(); }
  [[nodiscard]] std::shared_ptr<const Responder::Sink> watch() const { return responder_.watch(); }

 private:
  Responder responder_;
  std::atomic<bool> answered_{false};
};

/// Calls late() for every Pending that is unanswered at its time: a plugin that does not listen to
/// poll may go on for ever, its client shall not wait for ever.
class Deadlines {
 public:
  Deadlines();
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  using Late = std::function<Response()>;
  void watch(std::chrono::steady_clock::time_point when, const std::shared_ptr<Pending>& pending,
             Late late);

 private:
  struct Entry {
    std::weak_ptr<Pending> pending;
    Late late;
  };
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, Entry> entries_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::host
