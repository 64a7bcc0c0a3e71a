// SPDX-License-Identifier: MIT
//
// One question that is watched: how it is answered, what is known of it, and who listens.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "host/answers/kept.hpp"
#include "host/calls/context.hpp"
#include "host/live/pace.hpp"
#include "host/live/watches.hpp"

namespace bourse::host {

class Live;
class LiveStream;

/// What came of answering a watched question once.
struct LiveAnswer {
  std::shared_ptr<const Rendition> rendition = {};  ///< null: it failed
  std::int64_t as_of = 0;                           ///< ns since 1970; 0: unknown
  /// Of the answer; null: nothing tells when it changes.
  std::shared_ptr<ChangeMark> mark = {};
  /// How long it is true if nothing changes; nothing: without end.
  std::optional<std::chrono::nanoseconds> lasts = {};
  std::string problem = {};  ///< where it failed: what a client would be told, a JSON object
  std::string cause = {};    ///< likewise: the same for failures that are one
};

/// A question that can be answered again and again. [any thread]
class LiveQuestion {
 public:
  virtual ~LiveQuestion() = default;
  /// Answers it with what is true now, and calls `done` once, on this thread or another. Returns at
  /// once. Not called again before `done` was.
  virtual void answer(std::function<void(LiveAnswer)> done) = 0;
  /// For what is done on its behalf, now.
  [[nodiscard]] virtual Context context() const = 0;
  [[nodiscard]] virtual std::chrono::nanoseconds every() const noexcept = 0;
  /// Whether those who listen are sent the answer itself, and not only its version.
  [[nodiscard]] virtual bool is_sent_whole() const noexcept = 0;
};

/// What those who listen are told; immutable, shared by all of them.
struct Told {
  std::uint64_t number = 0;  ///< of answers that differ from the one before; 0: there is none yet
  std::string etag = {};     ///< of the newest one, with its quotation marks
  std::int64_t as_of = 0;
  BytesPtr whole = {};  ///< the event that holds it; null: it is too large, or none of that kind
  std::uint64_t failure = 0;  ///< of problems that differ from the one before
  std::string problem = {};   ///< the newest one, a JSON object
  std::string cause = {};     ///< of it, LiveAnswer::cause
  bool fails = false;         ///< answering it fails now
};
using ToldPtr = std::shared_ptr<const Told>;

/// Answers larger than this are not sent whole, but told of.
inline constexpr std::size_t kWholeBytesMax = std::size_t{256} * 1024;

/// [any thread, unless said otherwise]
class Room : public std::enable_shared_from_this<Room> {
 public:
  Room(std::string key, const void* owner, std::shared_ptr<LiveQuestion> question);
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  [[nodiscard]] const std::string& key() const noexcept { return key_; }
  [[nodiscard]] const void* owner() const noexcept { return owner_; }
  [[nodiscard]] LiveQuestion& question() const noexcept { return *question_; }

  [[nodiscard]] ToldPtr told() const;
  void join(LiveStream& stream);
  void leave(LiveStream& stream) noexcept;

 private:
  friend class Live;
  /// Listens to an answer's mark for this room.
  class Ear;

  /// What `answer` changes of what is told; null: nothing.
  [[nodiscard]] ToldPtr next(const LiveAnswer& answer) const;
  void tell(ToldPtr told);
  [[nodiscard]] std::size_t listeners() const;

  const std::string key_;
  const void* const owner_;
  const std::shared_ptr<LiveQuestion> question_;

  mutable std::mutex mutex_;  ///< of the next two
  ToldPtr told_ = std::make_shared<const Told>();
  std::unordered_set<LiveStream*> listeners_;

  // Of Live: under its lock.
  Pace pace_;
  std::optional<Pace::Time> scheduled_;
  Pace::Time empty_since_ = Pace::kNever;

  // Of whoever lands its answer: one at a time.
  std::shared_ptr<Ear> ear_;
  std::vector<WatchedInputPtr> watches_;
};
using RoomPtr = std::shared_ptr<Room>;

}  // namespace bourse::host
