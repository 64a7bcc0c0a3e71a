// SPDX-License-Identifier: MIT
//
// One answer at a time for each question: who asks what is being answered already waits for that.
// The work belongs to the flight and not to who began it: it goes on while anybody waits, until the
// latest deadline of those who do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "host/answers/kept.hpp"
#include "host/answers/key.hpp"
#include "host/base/effort.hpp"
#include "host/base/result.hpp"
#include "host/calls/context.hpp"
#include "host/calls/workers.hpp"

namespace bourse::host {

class Flight;

class Flights {
 public:
  using Outcome = Result<KeptPtr>;
  /// Makes the answer. The context is the flight's: poll tells whether anybody still waits, and
  /// `mark` is the one of this answer.
  using Work = std::function<Outcome(const Context&)>;
  /// `joined`: another one had begun.
  using Done = std::function<void(const Outcome&, bool joined)>;
  /// Has a thread run it; false: there is none for it.
  using Submit = std::function<bool(std::function<void()>)>;
  /// How an outcome came about.
  struct Ride {
    bool joined = false;  ///< the work was begun, or to be begun, by another one
  };

  Flights();
  ~Flights();
  Flights(const Flights&) = delete;
  Flights& operator=(const Flights&) = delete;

  /// Waits for the answer, or makes it on this thread: also where another one began the flight and
  /// no thread has got to it, so that those who wait can never be waited for. A waiting thread
  /// gives up its turn in `workers` (which may be null). An outcome that says nothing of the
  /// question, but that its flight was cancelled or late, is not taken from another one's flight
  /// while this call has time: another flight begins. A question that needs its own answer is
  /// refused: 500 "circular_question".
  Outcome fly(const QuestionKey& key, const Context& context, Workers* workers, const Work& work,
              bool may_keep = true, Ride* ride = nullptr);
  /// Returns at once; `done` is called once, on the thread that lands the flight, or on this one
  /// when no thread is to be had (503 "overloaded" for each who waits). `work` owns what it needs.
  /// Returns the processor time that the flight takes.
  std::shared_ptr<const Effort> board(const QuestionKey& key, const Context& context, Work work,
                                      const Submit& submit, Done done, bool may_keep = true);
  /// The question has another answer now: who asks from here on does not join what is under way.
  void changed(const QuestionKey& key);

  [[nodiscard]] std::size_t in_the_air() const;
  [[nodiscard]] std::uint64_t joined() const noexcept { return joined_.load(); }

 private:
  friend class Flight;
  struct Hash {
    std::size_t operator()(const QuestionKey& key) const noexcept { return key.hash(); }
  };
  using FlightPtr = std::shared_ptr<Flight>;
  class WaitEnd;
  struct Seat;

  Seat take_seat(const QuestionKey& key, const Context& context, const Work& work, const Done& done,
                 bool may_keep, bool claimed);
  /// False: `asked` waits for `asking` already. Null asks for itself.
  bool begin_to_wait(const Flight* asking, const Flight& asked);
  void end_to_wait(const Flight* asking, const Flight& asked) noexcept;
  void run(const FlightPtr& flight) noexcept;
  void land(const FlightPtr& flight, Outcome outcome) noexcept;

  mutable std::mutex mutex_;  ///< of table_
  std::unordered_map<QuestionKey, FlightPtr, Hash> table_;
  std::mutex waits_;  ///< of who waits for whom (Flight::waits_on); taken after mutex_
  std::atomic<std::uint64_t> joined_{0};
};

/// Said of the call that led, not of the answer. A plugin's own words are about the answer.
[[nodiscard]] bool is_over(const Flights::Outcome& outcome) noexcept;
[[nodiscard]] Failure overloaded_failure();

/// Whether somebody else than who began this flight may want its answer kept. REQUIRES: `context`
/// is what a Work of Flights was given.
[[nodiscard]] bool may_keep(const Context& context) noexcept;

}  // namespace bourse::host
