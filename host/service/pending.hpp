// SPDX-License-Identifier: MIT
//
// Requests whose answer is being made, and the clock that answers for those who are late.
#pragma once

#include <atomic>
#include <chrono>
#include <compare>
#include <condition_variable>
#include <cstdint>
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
  /// The two halves of answer(), for who has something to do in between.
  [[nodiscard]] bool claim() noexcept { return !answered_.exchange(true); }
  void send(Response response) { responder_.send(std::move(response)); }  ///< REQUIRES: claim()
  [[nodiscard]] bool answered() const noexcept { return answered_.load(); }

 private:
  Responder responder_;
  std::atomic<bool> answered_{false};
};

/// Something that must be done by a certain time.
class Watched {
 public:
  virtual ~Watched() = default;
  /// It is late. Must return at once. Called once, on the thread of Deadlines.
  virtual void late() noexcept = 0;
};

/// Calls late() for everything that is still watched at its time: a plugin that does not listen to
/// poll may go on for ever, its client shall not wait for ever. What is done in time is to be
/// forgotten, so that only what is under way takes memory. [any thread]
class Deadlines {
 public:
  Deadlines();
  ~Deadlines();  ///< nobody is late any more
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  /// Names one watch. The default one names none.
  struct Ticket {
    std::chrono::steady_clock::time_point when = {};
    std::uint64_t number = 0;
    friend auto operator<=>(const Ticket&, const Ticket&) = default;
  };

  [[nodiscard]] Ticket watch(std::chrono::steady_clock::time_point when,
                             std::weak_ptr<Watched> watched);
  /// No late() begins after it; one may be running. Nothing happens if it was called or forgotten.
  void forget(const Ticket& ticket) noexcept;
  [[nodiscard]] std::size_t size() const;

 private:
  void loop();

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Ticket, std::weak_ptr<Watched>> entries_;
  std::uint64_t last_number_ = 0;
  /// When the thread looks again by itself: only what is earlier has to wake it.
  std::chrono::steady_clock::time_point looks_at_ = std::chrono::steady_clock::time_point::max();
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::host
