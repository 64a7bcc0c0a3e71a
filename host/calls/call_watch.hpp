// SPDX-License-Identifier: MIT
//
// The calls into plugins that are under way on threads of a pool, and what becomes of those that do
// not return.
//
//   overdue   past the deadline of all for whom it is done, and past the grace: its thread gets a
//             substitute, if one is left (Workers::lose)
//   stuck     an overdue call that is in the plugin's own code, not in the host on its behalf: it
//   is
//             told (call_stuck, and call_returned when it comes back) and counted for its component
//
// A component whose calls are stuck is refused more of them, so that it cannot take all the
// threads that others need: 503 "component_stuck".
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/base/failure.hpp"
#include "host/calls/context.hpp"
#include "host/calls/workers.hpp"
#include "host/plugins/instance.hpp"

namespace bourse::host {

/// Of one pool. [any thread]
class CallWatch {
 public:
  struct Options {
    unsigned computing = 2;     ///< as Workers::Options
    unsigned threads = 64;      ///< likewise
    unsigned substitutes = 32;  ///< likewise
  };
  /// How long a call may go on past its deadline: one that listens comes to its end meanwhile.
  static constexpr std::chrono::seconds kGrace{1};

  explicit CallWatch(const Options& options);
  ~CallWatch();
  CallWatch(const CallWatch&) = delete;
  CallWatch& operator=(const CallWatch&) = delete;

  /// One instance's calls; those of all that one component made are together in figures().
  struct Component;
  struct Entry;

  /// The deadline of what is done for this party has come nearer: its calls are looked at by then.
  void hurry(const Party& party);

  struct OfComponent {
    std::string name;           ///< "plugin/component"
    std::size_t stuck = 0;      ///< now
    std::uint64_t total = 0;    ///< since the start
    std::uint64_t refused = 0;  ///< calls, since the start
  };
  /// Of those that ever had a stuck call, by name.
  [[nodiscard]] std::vector<OfComponent> figures() const;

 private:
  friend class WatchedCall;
  friend class AskingScope;
  using Time = std::chrono::steady_clock::time_point;

  /// Null: `why` says why the call is refused.
  Entry* enter(Workers::Seat& seat, const Instance& instance, const char* verb,
               const Context& context, std::optional<Failure>& why);
  void leave(Entry& entry) noexcept;
  void begin_asking(Entry& entry) noexcept;
  void end_asking(Entry& entry) noexcept;

  [[nodiscard]] std::optional<Failure> refusal(const Component& component,
                                               const Instance& instance) const;
  void arm(Entry& entry, Time due) noexcept;
  void disarm(Entry& entry) noexcept;
  void loop();
  void look_at(Entry& entry, Time now);
  void call_stuck(Entry& entry);
  /// `substitute`: null is not told.
  static void log_call(const char* event, const Entry& entry, const OfComponent& told,
                       const char* substitute) noexcept;
  /// A substitute has become free: for the one that waits longest.
  void replace_held();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Entry> entries_;
  std::set<std::pair<Time, Entry*>> due_;
  std::map<std::uint64_t, Component> components_;  ///< by Instance::number(): those with calls
  std::map<std::string, OfComponent> told_;
  Time looks_at_ = Time::max();
  bool stopping_ = false;
  std::thread thread_;  ///< begins with the first call that has a deadline
};

/// Around a call into a plugin. Nothing on threads that are not of `workers`, which may be null.
class WatchedCall {
 public:
  /// `verb`: "run", "fetch", "render"; a literal. `instance` and `context` outlive this.
  WatchedCall(Workers* workers, const Instance& instance, const char* verb, const Context& context);
  ~WatchedCall();
  WatchedCall(const WatchedCall&) = delete;
  WatchedCall& operator=(const WatchedCall&) = delete;

  /// Why the call must not be made; nothing when it may.
  [[nodiscard]] const std::optional<Failure>& refused() const noexcept { return refused_; }

 private:
  friend class AskingScope;
  CallWatch* watch_ = nullptr;
  CallWatch::Entry* entry_ = nullptr;
  WatchedCall* outer_ = nullptr;  ///< of this thread
  std::optional<Failure> refused_;
};

/// In the host on behalf of this thread's call, which asks something: that this takes its time is
/// not the fault of who asks.
class AskingScope {
 public:
  AskingScope();
  ~AskingScope();
  AskingScope(const AskingScope&) = delete;
  AskingScope& operator=(const AskingScope&) = delete;

 private:
  WatchedCall* const call_;
};

}  // namespace bourse::host
