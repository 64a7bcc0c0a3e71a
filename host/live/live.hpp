// SPDX-License-Identifier: MIT
//
// Answers that are told when they change: the questions that somebody watches, what they are made
// of, and one thread that has them answered anew in time.
//
//   source tells -> WatchedInput -> Answers::changed -> marks of all that was made of it -> Room
//   Room is due (Pace) -> its question is answered on the workers -> another version? -> its
//   streams
//
// A question is answered once a change for any number of clients, and equal bytes are told to
// nobody. At most some of them are answered at once, so that requests go first.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "host/answers/answers.hpp"
#include "host/calls/workers.hpp"
#include "host/live/room.hpp"
#include "host/live/stream.hpp"
#include "host/live/watches.hpp"

namespace bourse::host {

class Live {
 public:
  struct Options {
    std::size_t streams_max = 5000;
    std::size_t streams_per_client_max = 100;
    unsigned runs_max = 1;  ///< questions that are answered at once
    /// A question that nobody watches any more goes on so long: a page that is loaded again leaves
    /// and comes back.
    std::chrono::milliseconds linger{10'000};
  };
  /// All three outlive it. Its thread begins with the first room.
  Live(const Options& options, Answers& answers, Workers& workers);
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  /// The room of this question, which `make` makes if there is none. `owner`: whose question it is;
  /// rooms of two owners are two.
  [[nodiscard]] RoomPtr room(std::string_view key, const void* owner,
                             const std::function<std::shared_ptr<LiveQuestion>()>& make);
  /// Never null: where there is no room for it, it says so and ends. When one client has as many as
  /// it may, its oldest one with the same question ends for it.
  [[nodiscard]] std::shared_ptr<BodyStream> open(std::vector<LiveStream::Seat> seats,
                                                 LiveStream::Options options);
  /// New limits, for who comes from now on.
  void set_limits(std::size_t streams_max, std::size_t streams_per_client_max);
  /// The streams of this owner end within some seconds, so that they do not come back at once.
  void end_all(const void* owner, const Farewell& why);
  /// Nothing is answered any more, nothing watched. Before the workers stop.
  void stop() noexcept;

  struct Figures {
    std::size_t streams = 0;
    std::size_t questions = 0;
    std::size_t watches = 0;
    std::uint64_t opened = 0;
    std::uint64_t refused = 0;  ///< streams for which there was no room
    std::uint64_t runs = 0;
    std::uint64_t failures = 0;  ///< of these
    std::uint64_t changes = 0;   ///< of runs, those that told something
    std::uint64_t pieces = 0;    ///< written to clients, beats too
  };
  [[nodiscard]] Figures figures() const;

  // For streams and rooms.

  /// From zero to `most`, at random.
  [[nodiscard]] std::chrono::milliseconds chance(std::chrono::milliseconds most);
  void closed(const LiveStream& stream, const std::vector<LiveStream::Seat>& seats) noexcept;
  void count_piece() noexcept { pieces_.fetch_add(1, std::memory_order_relaxed); }
  void changed(Room& room) noexcept;

 private:
  using Time = Pace::Time;
  using Lock = std::unique_lock<std::mutex>;

  void loop();
  void schedule(Room& room);
  void unschedule(Room& room) noexcept;
  [[nodiscard]] std::vector<RoomPtr> take_due(Time now, std::vector<RoomPtr>& left);
  void begin(const RoomPtr& room) noexcept;
  void land(const RoomPtr& room, const LiveAnswer& answer) noexcept;
  void listen(const RoomPtr& room, const LiveAnswer& answer);
  void watch(const RoomPtr& room, WatchedInputPtr fresh);
  void told(WatchedInputPtr watch);

  Answers& answers_;
  Workers& workers_;
  std::atomic<std::uint64_t> runs_{0};
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> changes_{0};
  std::atomic<std::uint64_t> pieces_{0};
  std::atomic<std::uint64_t> chances_;
  Watches watches_;  ///< before the rooms, which hold some

  mutable std::mutex mutex_;  ///< of the rest
  std::condition_variable wake_;
  Options options_;
  std::unordered_map<std::string, RoomPtr> rooms_;
  std::set<std::pair<Time, Room*>> due_;
  std::vector<WatchedInputPtr> told_;
  unsigned running_ = 0;
  std::size_t streams_ = 0;
  std::uint64_t opened_ = 0;
  std::uint64_t refused_ = 0;
  /// The oldest first.
  std::map<Address, std::list<LiveStream*>> of_client_;
  std::unordered_map<const LiveStream*, std::list<LiveStream*>::iterator> places_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace bourse::host
