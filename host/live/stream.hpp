// SPDX-License-Identifier: MIT
//
// What one client is sent while it watches: the newest of each of its questions, never a queue. A
// reader that is slow skips to the newest.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/address.hpp"
#include "host/http/message.hpp"
#include "host/live/room.hpp"

namespace bourse::host {

/// Why a stream ends, and when who had it should come back.
struct Farewell {
  std::string code;
  std::string message;
  std::chrono::milliseconds retry{2000};
};

/// A comment at least this often, so that whoever is between believes in the connection.
inline constexpr std::chrono::seconds kBeatEvery{15};
/// What a client is told at the beginning of each stream: when to come back after it has ended.
inline constexpr std::chrono::milliseconds kRetry{2000};

/// Streams that end together end within this time, and come back this much later than kRetry at
/// most, so that not all come back at once.
inline constexpr std::chrono::milliseconds kEndSpread{3000};
inline constexpr std::chrono::milliseconds kComeBack{8000};

class LiveStream final : public BodyStream {
 public:
  /// One question of this client.
  struct Seat {
    RoomPtr room = {};
    std::string href = {};   ///< as the client called it
    std::string known = {};  ///< the entity tag that it has already; empty: none
    std::uint64_t number = 0;
    std::uint64_t failure = 0;
  };
  struct Options {
    /// Of several questions: each event names its own and none has an id, answers are told of and
    /// never sent whole, and a beat is an event that scripts see.
    bool is_shared = false;
    Address client = {};
    std::string prelude = {};  ///< events that come before all others
    /// The client has left, or was left; on any thread.
    std::function<void(std::uint64_t bytes)> on_end = {};
  };
  /// Joins the rooms. `live` outlives it.
  LiveStream(Live& live, std::vector<Seat> seats, Options options);
  /// One that only says why there is none.
  LiveStream(Live& live, Farewell why);
  ~LiveStream() override;

  void open(std::weak_ptr<BodyWaker> waker) override;
  [[nodiscard]] Piece next(std::chrono::steady_clock::time_point now) override;
  void stopping() noexcept override;
  [[nodiscard]] bool tells_newest() const noexcept override { return true; }

  /// There may be something to tell. [any thread]
  void poke() noexcept;
  /// It ends at that time, give or take a second. Only the first call counts. [any thread]
  void end(Farewell why, std::chrono::steady_clock::time_point at) noexcept;

  [[nodiscard]] const Address& client() const noexcept { return options_.client; }
  /// Does it ask this question, and no other?
  [[nodiscard]] bool asks_only(const Room* room) const noexcept {
    return seats_.size() == 1 && seats_.front().room.get() == room;
  }
  [[nodiscard]] bool is_of(const void* owner) const noexcept {
    return !seats_.empty() && seats_.front().room->owner() == owner;
  }
  [[nodiscard]] bool is_ending() const noexcept { return ends_.load(std::memory_order_acquire); }

 private:
  void append_news(Seat& seat, const Told& told, std::string& text, BytesPtr& whole);

  Live& live_;
  std::vector<Seat> seats_;
  const Options options_;

  // The I/O thread's.
  bool greeted_ = false;
  std::chrono::steady_clock::time_point beat_at_;
  std::uint64_t bytes_ = 0;

  std::atomic<bool> ends_{false};
  std::mutex mutex_;  ///< of the rest
  std::weak_ptr<BodyWaker> waker_;
  Farewell farewell_;
  std::chrono::steady_clock::time_point end_at_ = std::chrono::steady_clock::time_point::max();
};

}  // namespace bourse::host
