// SPDX-License-Identifier: MIT
#include "host/live/live.hpp"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <random>

#include "host/observe/log.hpp"

namespace bourse::host {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Whoever is refused, or makes room for another one, waits so long.
constexpr milliseconds kRefusedRetry{30'000};

std::uint64_t random_start() { return std::random_device()() * std::uint64_t{0x1'0000'0001}; }

}  // namespace

/// Fed by an answer: whatever changes it has the room answered anew.
class Room::Ear : public ChangeMark {
 public:
  Ear(Live& live, std::weak_ptr<Room> room) : live_(live), room_(std::move(room)) {}

 private:
  void on_change() noexcept override {
    if (const auto room = room_.lock()) live_.changed(*room);
  }

  Live& live_;  ///< outlives all rooms
  const std::weak_ptr<Room> room_;
};

Live::Live(const Options& options, Answers& answers, Workers& workers)
    : answers_(answers),
      workers_(workers),
      chances_(random_start()),
      watches_([this](WatchedInputPtr watch) { told(std::move(watch)); }),
      options_(options) {}

Live::~Live() { stop(); }

// splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
milliseconds Live::chance(milliseconds most) {
  std::uint64_t z = chances_.fetch_add(0x9E3779B97F4A7C15U, std::memory_order_relaxed);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  z ^= z >> 31U;
  return milliseconds(
      static_cast<std::int64_t>(z % (static_cast<std::uint64_t>(most.count()) + 1)));
}

// ---- rooms and streams --------------------------------------------------------------------------

RoomPtr Live::room(std::string_view key, const void* owner,
                   const std::function<std::shared_ptr<LiveQuestion>()>& make) {
  std::string name(reinterpret_cast<const char*>(&owner), sizeof owner);
  name += key;
  const std::lock_guard lock(mutex_);
  RoomPtr& slot = rooms_[name];
  // Whoever asks for it has not joined it yet.
  if (slot) {
    slot->empty_since_ = steady_clock::now();
    return slot;
  }
  try {
    slot = std::make_shared<Room>(name, owner, make());
    slot->empty_since_ = steady_clock::now();
    if (!stopping_) {
      schedule(*slot);
      if (!thread_.joinable()) thread_ = std::thread([this] { loop(); });
    }
  } catch (...) {
    if (slot) unschedule(*slot);
    rooms_.erase(name);
    throw;
  }
  wake_.notify_one();
  return slot;
}

std::shared_ptr<BodyStream> Live::open(std::vector<LiveStream::Seat> seats,
                                       LiveStream::Options options) {
  const Address client = options.client.bucket();
  const Room* const first = seats.empty() ? nullptr : seats.front().room.get();
  options.client = client;
  auto stream = std::make_shared<LiveStream>(*this, std::move(seats), std::move(options));
  const char* refusal = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& mine = of_client_[client];
    if (stopping_) refusal = "The server is stopping.";
    if (streams_ >= options_.streams_max) {
      refusal = "There are as many event streams as the server allows (server.live.streams).";
    }
    if (mine.size() >= options_.streams_per_client_max && refusal == nullptr) {
      const auto oldest = std::find_if(mine.begin(), mine.end(), [&](const LiveStream* other) {
        return other->asks_only(first) && !other->is_ending();
      });
      if (oldest != mine.end()) {
        (*oldest)->end({.code = "replaced",
                        .message = "A newer stream of this address asks the same.",
                        .retry = kRefusedRetry},
                       steady_clock::time_point::min());
      } else {
        refusal =
            "There are as many event streams from this address as one may have "
            "(server.live.streams-per-client).";
      }
    }
    if (refusal == nullptr) {
      places_.emplace(stream.get(), mine.insert(mine.end(), stream.get()));
      ++streams_;
      ++opened_;
    } else {
      if (mine.empty()) of_client_.erase(client);
      ++refused_;
    }
  }
  if (refusal == nullptr) return stream;
  return std::make_shared<LiveStream>(
      *this, Farewell{.code = "too_many_streams", .message = refusal, .retry = kRefusedRetry});
}

void Live::closed(const LiveStream& stream, const std::vector<LiveStream::Seat>& seats) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find(&stream); place != places_.end()) {
    const auto mine = of_client_.find(stream.client());
    mine->second.erase(place->second);
    if (mine->second.empty()) of_client_.erase(mine);
    places_.erase(place);
    --streams_;
  }
  if (stopping_) return;
  for (const LiveStream::Seat& seat : seats) {
    if (seat.room->listeners() > 0) continue;
    seat.room->empty_since_ = steady_clock::now();
    schedule(*seat.room);  // its thread wakes for the end of it by then at the latest
  }
  wake_.notify_one();
}

void Live::set_limits(std::size_t streams_max, std::size_t streams_per_client_max) {
  const std::lock_guard lock(mutex_);
  options_.streams_max = streams_max;
  options_.streams_per_client_max = streams_per_client_max;
}

void Live::end_all(const void* owner, const Farewell& why) {
  const std::lock_guard lock(mutex_);
  const auto now = steady_clock::now();
  for (const auto& [stream, place] : places_) {
    if (!(*place)->is_of(owner)) continue;
    Farewell mine = why;
    mine.retry = kRetry + chance(kComeBack);
    (*place)->end(std::move(mine), now + chance(kEndSpread));
  }
}

void Live::stop() noexcept {
  std::thread ended;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ended = std::move(thread_);
  }
  wake_.notify_all();
  if (ended.joinable()) ended.join();
  std::unordered_map<std::string, RoomPtr> rooms;
  std::vector<WatchedInputPtr> watches;
  {
    const std::lock_guard lock(mutex_);
    rooms.swap(rooms_);
    watches.swap(told_);
    due_.clear();
  }
}

Live::Figures Live::figures() const {
  Figures figures{.watches = watches_.size(),
                  .runs = runs_.load(),
                  .failures = failures_.load(),
                  .changes = changes_.load(),
                  .pieces = pieces_.load()};
  const std::lock_guard lock(mutex_);
  figures.streams = streams_;
  figures.questions = rooms_.size();
  figures.opened = opened_;
  figures.refused = refused_;
  return figures;
}

// ---- what changes, and when it is looked at -----------------------------------------------------

void Live::told(WatchedInputPtr watch) {
  {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(watch));
  }
  wake_.notify_one();
}

void Live::changed(Room& room) noexcept {
  {
    const std::lock_guard lock(mutex_);
    room.pace_.changed();
    if (stopping_) return;
    schedule(room);
  }
  wake_.notify_one();
}

void Live::unschedule(Room& room) noexcept {
  if (!room.scheduled_) return;
  due_.erase({*room.scheduled_, &room});
  room.scheduled_.reset();
}

// At the latest when it may be empty for long enough.
void Live::schedule(Room& room) {
  unschedule(room);
  if (room.pace_.is_running()) return;
  const auto end =
      room.empty_since_ == Pace::kNever ? Pace::kNever : room.empty_since_ + options_.linger;
  const Time at = std::min(room.pace_.due(), end);
  if (at == Pace::kNever) return;
  due_.emplace(at, &room);
  room.scheduled_ = at;
}

/// Those to be answered, marked as running; in `left`, those that nobody watches any more.
std::vector<RoomPtr> Live::take_due(Time now, std::vector<RoomPtr>& left) {
  std::vector<RoomPtr> rooms;
  while (!due_.empty() && due_.begin()->first <= now) {
    Room& room = *due_.begin()->second;
    if (room.listeners() > 0) room.empty_since_ = Pace::kNever;
    const bool is_over =
        room.empty_since_ != Pace::kNever && now >= room.empty_since_ + options_.linger;
    if (is_over) {
      unschedule(room);
      const auto found = rooms_.find(room.key());
      left.push_back(std::move(found->second));
      rooms_.erase(found);
      continue;
    }
    if (room.pace_.due() > now) {  // it was about its end
      schedule(room);
      continue;
    }
    if (running_ >= options_.runs_max) break;
    unschedule(room);
    room.pace_.began(now);
    ++running_;
    rooms.push_back(room.shared_from_this());
  }
  return rooms;
}

void Live::loop() {
  (void)::pthread_setname_np(::pthread_self(), "bourse-live");
  Lock lock(mutex_);
  while (!stopping_) {
    std::vector<WatchedInputPtr> told = std::exchange(told_, {});
    std::vector<RoomPtr> left;
    const std::vector<RoomPtr> rooms = take_due(steady_clock::now(), left);
    if (!told.empty() || !rooms.empty() || !left.empty()) {
      lock.unlock();
      for (const WatchedInputPtr& watch : told) {
        // Before it is told: what changes from here on is another change.
        watch->rearm();
        try {
          answers_.changed(watch->key());
        } catch (const std::exception& e) {
          log_event(BOURSE_LEVEL_ERROR, "live_failed", {{"message", e.what()}});
        }
      }
      told.clear();
      left.clear();
      for (const RoomPtr& room : rooms) begin(room);
      lock.lock();
      continue;
    }
    if (due_.empty() || running_ >= options_.runs_max) {
      wake_.wait(lock);
    } else {
      const Time until = due_.begin()->first;
      wake_.wait_until(lock, until);
    }
  }
}

// ---- answering ----------------------------------------------------------------------------------

void Live::begin(const RoomPtr& room) noexcept {
  runs_.fetch_add(1, std::memory_order_relaxed);
  try {
    room->question().answer([this, room](const LiveAnswer& answer) { land(room, answer); });
  } catch (const std::exception& e) {
    land(room, {.problem = R"({"status":500,"title":"Internal Server Error"})", .cause = e.what()});
  }
}

void Live::land(const RoomPtr& room, const LiveAnswer& answer) noexcept {
  try {
    if (answer.rendition) listen(room, answer);
    if (ToldPtr next = room->next(answer)) {
      changes_.fetch_add(1, std::memory_order_relaxed);
      room->tell(std::move(next));
    }
  } catch (const std::exception& e) {
    log_event(BOURSE_LEVEL_ERROR, "live_failed", {{"message", e.what()}});
  }
  if (!answer.rendition) failures_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    --running_;
    const auto now = steady_clock::now();
    answer.rendition ? room->pace_.succeeded(now, answer.lasts) : room->pace_.failed(now);
    if (!stopping_) schedule(*room);
  }
  wake_.notify_one();
}

// What it was made of before is let go of when what it is made of now is watched. A failure changes
// nothing here: it may have read less than it would.
void Live::listen(const RoomPtr& room, const LiveAnswer& answer) {
  if (!answer.mark) return;
  auto ear = std::make_shared<Room::Ear>(*this, room);
  answer.mark->feeds(ear);
  std::vector<WatchedInputPtr> fresh;
  std::vector<WatchedInputPtr> held = watches_.hold(answer.mark->inputs(), fresh);
  for (WatchedInputPtr& watch_of : fresh) watch(room, std::move(watch_of));
  room->ear_ = std::move(ear);
  room->watches_.swap(held);
}

// What was fetched before it is watched may have changed in between, so it is fetched once more.
void Live::watch(const RoomPtr& room, WatchedInputPtr fresh) {
  const bool taken = workers_.submit([this, room, fresh] {
    if (fresh->begin(room->question().context(), &workers_)) answers_.changed(fresh->key());
  });
  if (taken) return;
  // No thread for it: it is as if it could not be watched, until somebody begins anew.
  log_event(BOURSE_LEVEL_WARN, "not_watched",
            {{"dataset", fresh->input().dataset()}, {"reason", "no thread was free"}});
}

}  // namespace bourse::host
